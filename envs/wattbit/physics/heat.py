"""Waste heat: how much a site has, what customers take, what a heat pump draws."""


def heat_pump_cop(sink_c: float, source_c: float) -> float:
    """Heat delivered per unit of electricity: half of Lorenz's ideal (assumption); 33 to 65 degC gives 5.3 (D)."""
    return 0.5 * (sink_c + 273.15) / (sink_c - source_c)


def recovered_mw(it_mw: float, capture_share: float) -> float:
    """Heat that can be caught at a site, MW."""
    return capture_share * it_mw


def heat_demand_mw(temperature_c: float, mw_per_k: float, flat_mw: float) -> float:
    """Heat that customers take, MW: greenhouses and homes below 15 degC, ponds all year."""
    return flat_mw + mw_per_k * max(0.0, 15.0 - temperature_c)


def heat_sold_mw(recovered: float, cop: float, demand_mw: float) -> float:
    """Heat delivered, MW: with a heat pump its electricity is delivered too; `cop` of 1 or less: no heat pump."""
    if cop <= 1.0:
        return min(recovered, demand_mw)
    return min(recovered * cop / (cop - 1.0), demand_mw)


def heat_pump_power_mw(sold_mw: float, cop: float) -> float:
    """Electricity of the heat pump, MW."""
    return sold_mw / cop if cop > 1.0 else 0.0
