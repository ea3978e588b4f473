"""
Wear of the 50 Ah NMC-graphite cell B1: strong in the state of charge at rest, mild in cycling.

``k_cal (days / 1e4)^0.708 + k_cyc (EFC / 1e5)^0.467``. Cycled at depths 0.8-1.0 only: shallow cycles extrapolate.
"""

from math import exp, log, sqrt

from wattbit.physics.wear import graphite_potential_v, power_increase


def cell_temperature_k(air_c: float) -> float:
    """Temperature of a parked cell, K: outdoor air within the 10-45 degC of the tests."""
    return min(45.0, max(10.0, air_c)) + 273.15


def calendar_heat(temperature_k: float) -> float:
    """Factor of the exponent of calendar wear."""
    ratio = temperature_k / 308.15
    return -4.4 / (ratio * ratio * ratio)


def cycle_heat(temperature_k: float) -> float:
    """Growth of y per EFC at full depth and 1C."""
    ratio = temperature_k / 308.15
    return 1e-5 * exp((log(0.844) + 0.458 * 3.0 * log(ratio)) / 0.467)


def depth_heat(temperature_k: float) -> float:
    """Not part of this law."""
    return 0.0


def calendar_growth(soc: float, temperature_k: float, heat: float) -> float:
    """Growth of y_calendar, 1/day; `heat` is :func:`calendar_heat`."""
    potential = (graphite_potential_v(soc) / 0.123) ** 0.3333333333333333
    return 1e-4 * exp((log(36.2) + heat * potential) / 0.708)


def cycle_rate_c(rate_sum: float, rate_count: float, rate_abs: float, steps: float) -> float:
    """Mean of all rates over the whole day, half hours to come counted as rest, so that it never falls in a window."""
    return rate_abs / 48.0


def money_rate_c(rate_square: float, rate_all: float, rate_abs: float, steps: float) -> float:
    """The same: a mean over the day depends on its energy only, not on how slowly it flows."""
    return rate_abs / 48.0


def cycle_growth(
    mean_soc: float, mean_k: float, heat: float, cold: float, deep: float, depth: float, c_rate: float
) -> float:
    """Growth of y_cycle, 1/EFC: ``(d^2 N^3 sqrt(c))^(0.458 / 0.467)``; `cold` is :func:`cycle_heat`."""
    return cold * (depth * depth * sqrt(c_rate)) ** 0.9807280513918629


def calendar_loss(y: float) -> float:
    """Calendar loss, share of the nominal capacity."""
    return y**0.708


def cycle_loss(y: float) -> float:
    """Cycle loss, share of the nominal capacity."""
    return y**0.467


def calendar_loss_increase(before: float, increase: float) -> float:
    """Rise of the calendar loss."""
    return power_increase(before, increase, 0.708)


def cycle_loss_increase(before: float, increase: float) -> float:
    """Rise of the cycle loss."""
    return power_increase(before, increase, 0.467)


def cycle_age(loss: float) -> float:
    """Y at a cycle loss."""
    return loss ** (1.0 / 0.467)


def cycle_slope(loss: float) -> float:
    """Dq / dy at a cycle loss."""
    return 0.467 * loss ** (1.0 - 1.0 / 0.467)
