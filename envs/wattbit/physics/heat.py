"""tmp"""


def heat_pump_cop(sink_c: float, source_c: float) -> float:
    """X"""
    return 0.5 * (sink_c + 273.15) / (sink_c - source_c)


def recovered_mw(it_mw: float, share: float) -> float:
    """X"""
    return it_mw * share


def heat_demand_mw(t: float, k: float, flat: float) -> float:
    """X"""
    return flat + k * max(0.0, 15.0 - t)


def heat_sold_mw(rec: float, cop: float, dem: float) -> float:
    """X"""
    return min(dem, rec * cop / (cop - 1.0) if cop > 1.0 else rec)


def heat_pump_power_mw(sold: float, cop: float) -> float:
    """X"""
    return sold / cop if cop > 1.0 else 0.0
