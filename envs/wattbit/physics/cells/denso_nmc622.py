"""
Wear of the DENSO 50 Ah NMC622-graphite cell (Smith et al. 2021): ``k sqrt(x)`` for both parts, so y is a square.

An EV cell, and the only one here that was fitted at shallow depths. Not valid for lithium plating in the cold or for
calendar life above 60 degC.
"""

from math import sqrt

from wattbit.physics.wear import arrhenius, root_increase


def cell_temperature_k(air_c: float) -> float:
    """Temperature of a parked cell, K: outdoor air, held above 10 degC by a heater (cold end of the tests)."""
    return max(10.0, air_c) + 273.15


def calendar_heat(temperature_k: float) -> float:
    """Arrhenius factor of calendar wear."""
    return arrhenius(temperature_k, 37000.0)


def cycle_heat(temperature_k: float) -> float:
    """Arrhenius factor of the term in depth and rate; above 1 in the cold."""
    return arrhenius(temperature_k, -58000.0)


def depth_heat(temperature_k: float) -> float:
    """Arrhenius factor of the term in depth alone."""
    return arrhenius(temperature_k, -13000.0)


def calendar_rate(soc: float, temperature_k: float, heat: float) -> float:
    """Calendar rate k_cal, 1/sqrt(day); `heat` is :func:`calendar_heat`."""
    hot = 3.32e-5 * max(0.0, temperature_k - 328.15)
    shape = -1.97e-4 + soc * (0.0101 + soc * (-0.0157 + soc * 0.00835)) - 4.06e-6 * soc * temperature_k + hot
    return heat * max(0.0, shape)


def calendar_growth(soc: float, temperature_k: float, heat: float) -> float:
    """Growth of the squared calendar loss, 1/day."""
    rate = calendar_rate(soc, temperature_k, heat)
    return rate * rate


def cycle_rate_c(rate_sum: float, rate_count: float, rate_abs: float, steps: float) -> float:
    """Mean of the charging rates above 0.01 1/h; of all rates where nothing was charged."""
    return rate_sum / rate_count if rate_count > 0.5 else rate_abs / steps


def money_rate_c(rate_square: float, rate_all: float, rate_abs: float, steps: float) -> float:
    """Energy-weighted charging rate: half hours of trickle charging do not lower it."""
    return rate_square / rate_all if rate_all > 1e-9 else rate_abs / steps


def cycle_growth(
    mean_soc: float, mean_k: float, heat: float, cold: float, deep: float, depth: float, c_rate: float
) -> float:
    """
    Growth of the squared cycle loss, 1/EFC.

    Parameters
    ----------
    mean_soc, mean_k : float
        Mean state of charge and temperature of the window.
    heat, cold, deep : float
        :func:`calendar_heat`, :func:`cycle_heat` and :func:`depth_heat` at the mean temperature.
    depth : float
        Swing of the state of charge over the window.
    c_rate : float
        Charging rate, 1/h of nominal capacity.
    """
    fast = max(0.0, 3.24 * cold * sqrt(max(0.0, depth * c_rate)) * (1.0 + 2.1 * mean_soc) - 0.099)
    square = depth * depth
    rate = calendar_rate(mean_soc, mean_k, heat) * 0.985 * (fast + 1.44 * deep * square * square * square)
    return rate * rate


def calendar_loss(y: float) -> float:
    """Calendar loss, share of the nominal capacity."""
    return sqrt(y)


def cycle_loss(y: float) -> float:
    """Cycle loss, share of the nominal capacity."""
    return sqrt(y)


def calendar_loss_increase(before: float, increase: float) -> float:
    """Rise of the calendar loss."""
    return root_increase(before, increase)


def cycle_loss_increase(before: float, increase: float) -> float:
    """Rise of the cycle loss."""
    return root_increase(before, increase)


def cycle_age(loss: float) -> float:
    """Y at a cycle loss."""
    return loss * loss


def cycle_slope(loss: float) -> float:
    """Dq / dy at a cycle loss."""
    return 0.5 / loss
