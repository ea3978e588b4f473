"""
Wear of the Sanyo UR18650E cell, NMC111-graphite (Schmalstieg et al. 2014): the pessimistic set, by far the fastest.

``k_cal days^0.75 + k_cyc sqrt(Ah)``, with 4.3 Ah of throughput in an equivalent full cycle of the 2.15 Ah cell. A small
consumer cell, cycled at 35 degC and 1C only; neither temperature nor rate is in its cycle wear.
"""

from math import exp, log, sqrt

from wattbit.physics.wear import power_increase, root_increase


def open_circuit_v(soc: float) -> float:
    """
    Open-circuit voltage, V.

    A polynomial of degree 7 through the curve of Ecker et al. 2014 (10.1016/j.jpowsour.2013.09.143; 0 and 10 %) and of
    Schmalstieg et al. 2014 (figure 1) as digitised in BLAST-Lite, within 4 mV of it.
    """
    high = 84.022 + soc * (-114.5087 + soc * (73.8579 - 18.6651 * soc))
    return 3.3327 + soc * (1.7434 + soc * (0.1406 + soc * (-25.7607 + soc * high)))


def cell_temperature_k(air_c: float) -> float:
    """Temperature of a parked cell, K: outdoor air within 10-45 degC."""
    return min(45.0, max(10.0, air_c)) + 273.15


def calendar_heat(temperature_k: float) -> float:
    """Logarithm of the Arrhenius factor of calendar wear."""
    return log(1e6) - 6976.0 / temperature_k


def cycle_heat(temperature_k: float) -> float:
    """Not part of this law."""
    return 0.0


def depth_heat(temperature_k: float) -> float:
    """Not part of this law."""
    return 0.0


def calendar_growth(soc: float, temperature_k: float, heat: float) -> float:
    """Growth of y_calendar, 1/day; `heat` is :func:`calendar_heat`."""
    return exp((log(7.543 * open_circuit_v(soc) - 23.75) + heat) / 0.75)


def cycle_rate_c(rate_sum: float, rate_count: float, rate_abs: float, steps: float) -> float:
    """Not part of this law."""
    return 0.0


def money_rate_c(rate_square: float, rate_all: float, rate_abs: float, steps: float) -> float:
    """Not part of this law."""
    return 0.0


def cycle_growth(
    mean_soc: float, mean_k: float, heat: float, cold: float, deep: float, depth: float, c_rate: float
) -> float:
    """
    Growth of the squared cycle loss, 1/EFC.

    The published law has the root mean square of the voltage; the voltage at the mean state of charge stands for it.
    """
    off = open_circuit_v(mean_soc) - 3.667
    rate = 7.348e-3 * off * off + 7.6e-4 + 4.081e-3 * depth
    return 4.3 * rate * rate


def calendar_loss(y: float) -> float:
    """Calendar loss, share of the nominal capacity."""
    return y**0.75


def cycle_loss(y: float) -> float:
    """Cycle loss, share of the nominal capacity."""
    return sqrt(y)


def calendar_loss_increase(before: float, increase: float) -> float:
    """Rise of the calendar loss."""
    return power_increase(before, increase, 0.75)


def cycle_loss_increase(before: float, increase: float) -> float:
    """Rise of the cycle loss."""
    return root_increase(before, increase)


def cycle_age(loss: float) -> float:
    """Y at a cycle loss."""
    return loss * loss


def cycle_slope(loss: float) -> float:
    """Dq / dy at a cycle loss."""
    return 0.5 / loss
