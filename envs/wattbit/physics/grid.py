"""What a half hour of net load costs: surplus first, then a linear supply curve with a floor."""


def soaked_mw(net_load_mw: float, surplus_mw: float) -> float:
    """
    Part of an area's net load that meets energy which would be curtailed, in MW.

    Exports into a surplus count here too: they only add curtailment, so they earn no more than the floor.
    """
    return min(net_load_mw, surplus_mw) if surplus_mw > 0.0 else 0.0


def marginal_price(residual_mw: float, price: float, slope: float, floor: float) -> float:
    """Price of the next MWh, JPY/MWh, when the zone's residual net load is `residual_mw`."""
    return max(floor, price + slope * residual_mw)


def supply_cost(residual_mw: float, price: float, slope: float, floor: float) -> float:
    """
    Cost of the zone's residual net load, in JPY per hour.

    Integral from 0 to `residual_mw` of ``max(floor, price + slope * u)``: convex, because the curve never falls.
    Negative for exports. Needs ``price >= floor`` and ``slope >= 0``.
    """
    if price + slope * residual_mw >= floor:
        return (price + 0.5 * slope * residual_mw) * residual_mw
    # Exports so large that the curve has met the floor: slope > 0 here, because price >= floor.
    corner_mw = (floor - price) / slope
    return (price + 0.5 * slope * corner_mw) * corner_mw + floor * (residual_mw - corner_mw)


def average_price(residual_mw: float, price: float, slope: float, floor: float) -> float:
    """Unit price at which the members of a zone settle, JPY/MWh; `price` in the limit of 0 MW."""
    if abs(residual_mw) < 1e-3:
        return max(floor, price + 0.5 * slope * residual_mw)
    return supply_cost(residual_mw, price, slope, floor) / residual_mw
