"""
Wear of Nissan Leaf half modules (LMO-graphite) in their second life: for stationary packs only.

``k_cal days^0.464 + 7.58e-5 EFC^1.08``, both relative to the 70 % of the new capacity that the cells start their second
life with. Cycled at 25 degC, full depth and 1C only: neither temperature, depth nor rate is in its cycle wear. Its
exponent is above 1, so old cells wear faster. No reference curve covers this cell; only closed forms check it.
"""

from math import exp, log

from wattbit.physics.wear import power_increase


def cell_temperature_k(air_c: float) -> float:
    """Temperature of a resting cell, K: the air's within 10-45 degC."""
    return min(45.0, max(10.0, air_c)) + 273.15


def calendar_heat(temperature_k: float) -> float:
    """Logarithm of the calendar rate of an empty cell."""
    return log(3.25e8) - 7580.0 / temperature_k


def cycle_heat(temperature_k: float) -> float:
    """Not part of this law."""
    return 0.0


def depth_heat(temperature_k: float) -> float:
    """Not part of this law."""
    return 0.0


def calendar_growth(soc: float, temperature_k: float, heat: float) -> float:
    """Growth of y_calendar, 1/day; `heat` is :func:`calendar_heat`."""
    return exp((heat + 162.0 * soc / temperature_k) / 0.464)


def cycle_rate_c(rate_sum: float, rate_count: float, rate_abs: float, steps: float) -> float:
    """Not part of this law."""
    return 0.0


def money_rate_c(rate_square: float, rate_all: float, rate_abs: float, steps: float) -> float:
    """Not part of this law."""
    return 0.0


def cycle_growth(
    mean_soc: float, mean_k: float, heat: float, cold: float, deep: float, depth: float, c_rate: float
) -> float:
    """Growth of y_cycle, 1/EFC: a constant."""
    return exp(log(7.58e-5) / 1.08)


def calendar_loss(y: float) -> float:
    """Calendar loss, share of the capacity at the start of the second life."""
    return y**0.464


def cycle_loss(y: float) -> float:
    """Cycle loss, share of the capacity at the start of the second life."""
    return y**1.08


def calendar_loss_increase(before: float, increase: float) -> float:
    """Rise of the calendar loss."""
    return power_increase(before, increase, 0.464)


def cycle_loss_increase(before: float, increase: float) -> float:
    """Rise of the cycle loss."""
    return power_increase(before, increase, 1.08)


def cycle_age(loss: float) -> float:
    """Y at a cycle loss."""
    return loss ** (1.0 / 1.08)


def cycle_slope(loss: float) -> float:
    """Dq / dy at a cycle loss."""
    return 1.08 * loss ** (1.0 - 1.0 / 1.08)
