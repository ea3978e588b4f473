"""Balancing reserve: pay for capability, activation by the system's imbalance."""


def reserve_revenue_jpy(offered_mw: float, price_jpy_per_mw: float, depth_mw: float) -> float:
    """
    Pay for one block of capability, JPY: concave in the offer.

    The price of the last MW falls from `price_jpy_per_mw` to half of it at the depth of the market (assumption).
    """
    if depth_mw <= 0.0:
        return 0.0
    taken = min(offered_mw, depth_mw)
    return price_jpy_per_mw * (taken - 0.25 * taken * taken / depth_mw)


def activation_share(delta_jpy_per_mwh: float, start: float, full: float, side: float) -> float:
    """
    Share of an award that is called, in [0, 1]: linear in the imbalance price less spot, from `start` to `full`.

    `side` is 1 for upward reserve, called when the system is short (delta above 0), -1 for downward.
    """
    return min(1.0, max(0.0, (side * delta_jpy_per_mwh - start) / (full - start)))
