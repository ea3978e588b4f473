"""A stationary battery: power and energy limits, one-way efficiency on both sides."""


def charge_limit_mw(
    energy_mwh: float, energy_max_mwh: float, power_mw: float, efficiency: float, hours: float
) -> float:
    """Largest AC charging power for the step, MW."""
    return min(power_mw, max(0.0, energy_max_mwh - energy_mwh) / (efficiency * hours))


def discharge_limit_mw(
    energy_mwh: float, energy_min_mwh: float, power_mw: float, efficiency: float, hours: float
) -> float:
    """Largest AC discharging power for the step, MW, as a non-negative number."""
    return min(power_mw, max(0.0, energy_mwh - energy_min_mwh) * efficiency / hours)


def energy_gain(power_mw: float, efficiency: float, hours: float) -> float:
    """Energy that reaches the cells (negative: leaves them) at AC power `power_mw`, MWh; also kWh for kW."""
    return hours * (power_mw * efficiency if power_mw > 0.0 else power_mw / efficiency)
