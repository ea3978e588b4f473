r"""
Battery wear of the DENSO 50 Ah NMC622-graphite cell (Smith et al. 2021, J. Electrochem. Soc. 168
100530, constants as coded in NREL's BLAST-Lite).

Capacity loss is :math:`q = \sqrt{y_{cal}} + \sqrt{y_{cyc}}`. The published update
:math:`q \leftarrow k\,((q/k)^2 + dx)^{1/2}` is then plain addition: :math:`y \leftarrow y + k^2 dx`, with x in days or
in equivalent full cycles. The cycle part is a prefix over the open day window: its high-water mark never falls.

Fitted at depths 0.1-1.0, 10-60 degC. Not valid for lithium plating in the cold or for calendar life above 60 degC.
"""

from math import exp, sqrt


def arrhenius(temperature_k: float, activation_j_per_mol: float) -> float:
    """Rate relative to 25 degC, dimensionless."""
    return exp(-(activation_j_per_mol / 8.3144) * (1.0 / temperature_k - 1.0 / 298.15))


def cell_temperature_k(air_c: float) -> float:
    """Temperature of a parked cell, K: outdoor air, held above 10 degC by a heater (cold end of the tests)."""
    return max(10.0, air_c) + 273.15


def calendar_rate(soc: float, temperature_k: float, arrhenius_37k: float) -> float:
    """
    Calendar rate k_cal, 1/sqrt(day), at state of charge `soc`.

    `arrhenius_37k` is ``arrhenius(temperature_k, 37000)``, passed in because all cars of an area share it.
    """
    hot = 3.32e-5 * max(0.0, temperature_k - 328.15)
    shape = -1.97e-4 + soc * (0.0101 + soc * (-0.0157 + soc * 0.00835)) - 4.06e-6 * soc * temperature_k + hot
    return arrhenius_37k * max(0.0, shape)


def cycle_rate(
    calendar: float, mean_soc: float, depth: float, c_rate: float, arrhenius_cold: float, arrhenius_deep: float
) -> float:
    """
    Cycle rate k_cyc, 1/sqrt(EFC).

    Parameters
    ----------
    calendar : float
        :func:`calendar_rate` at the window's mean temperature and mean state of charge.
    mean_soc, depth : float
        Mean and swing of the state of charge over the window.
    c_rate : float
        Charging rate, 1/h of nominal capacity.
    arrhenius_cold, arrhenius_deep : float
        :func:`arrhenius` at the mean temperature with -58000 and -13000 J/mol.
    """
    cold = max(0.0, 3.24 * arrhenius_cold * sqrt(max(0.0, depth * c_rate)) * (1.0 + 2.1 * mean_soc) - 0.099)
    square = depth * depth
    return calendar * 0.985 * (cold + 1.44 * arrhenius_deep * square * square * square)


def loss_increase(before: float, increase: float) -> float:
    """Rise of sqrt(y) when y grows by `increase`, written without the subtraction of two nearly equal numbers."""
    total = sqrt(before + increase) + sqrt(before)
    return increase / total if total > 0.0 else 0.0
