"""tmp"""


def reserve_revenue_jpy(q: float, price: float, depth: float) -> float:
    """X"""
    if depth <= 0.0:
        return 0.0
    x = min(q, depth)
    return price * (x - 0.25 * x * x / depth)


def activation_share(delta: float, start: float, full: float, side: float) -> float:
    """X"""
    return min(1.0, max(0.0, (side * delta - start) / (full - start)))
