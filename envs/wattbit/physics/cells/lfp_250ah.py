"""
Wear of a 250 Ah prismatic LFP-graphite cell: the chemistry of stationary packs and of many cheaper cars.

``k_cal days^0.526 + k_cyc EFC^0.828``. Cycled at depths 0.8-1.0 only: shallow cycles extrapolate.
"""

from math import exp, log

from wattbit.physics.wear import graphite_potential_v, power_increase


def cell_temperature_k(air_c: float) -> float:
    """Temperature of a parked cell, K: outdoor air within the 10-45 degC of the tests."""
    return min(45.0, max(10.0, air_c)) + 273.15


def calendar_heat(temperature_k: float) -> float:
    """Logarithm of the calendar rate at zero potential of the graphite."""
    return log(8.37e4) - 5210.0 / temperature_k


def cycle_heat(temperature_k: float) -> float:
    """Temperature factor of cycle wear."""
    return exp(2190.0 / temperature_k) + exp(-155000.0 / temperature_k)


def depth_heat(temperature_k: float) -> float:
    """Not part of this law."""
    return 0.0


def calendar_growth(soc: float, temperature_k: float, heat: float) -> float:
    """Growth of y_calendar, 1/day; `heat` is :func:`calendar_heat`."""
    return exp((heat - 3560.0 * graphite_potential_v(soc) / temperature_k) / 0.526)


def cycle_rate_c(rate_sum: float, rate_count: float, rate_abs: float, steps: float) -> float:
    """Mean of all rates over the whole day, half hours to come counted as rest, so that it never falls in a window."""
    return rate_abs / 48.0


def money_rate_c(rate_square: float, rate_all: float, rate_abs: float, steps: float) -> float:
    """The same: a mean over the day depends on its energy only, not on how slowly it flows."""
    return rate_abs / 48.0


def cycle_growth(
    mean_soc: float, mean_k: float, heat: float, cold: float, deep: float, depth: float, c_rate: float
) -> float:
    """Growth of y_cycle, 1/EFC; `cold` is :func:`cycle_heat`."""
    return ((4.38e-8 + 1.55e-8 * depth + 1.68e-7 * c_rate) * cold) ** 1.2077294685990339


def calendar_loss(y: float) -> float:
    """Calendar loss, share of the nominal capacity."""
    return y**0.526


def cycle_loss(y: float) -> float:
    """Cycle loss, share of the nominal capacity."""
    return y**0.828


def calendar_loss_increase(before: float, increase: float) -> float:
    """Rise of the calendar loss."""
    return power_increase(before, increase, 0.526)


def cycle_loss_increase(before: float, increase: float) -> float:
    """Rise of the cycle loss."""
    return power_increase(before, increase, 0.828)


def cycle_age(loss: float) -> float:
    """Y at a cycle loss."""
    return loss ** (1.0 / 0.828)


def cycle_slope(loss: float) -> float:
    """Dq / dy at a cycle loss."""
    return 0.828 * loss ** (1.0 - 1.0 / 0.828)
