"""tmp"""

from math import exp


def top_oil_rise_k(rise: float, k: float, hours: float) -> float:
    """X"""
    goal = 55.0 * ((1.0 + 5.0 * k * k) / 6.0) ** 0.8
    return rise + (goal - rise) * (1.0 - exp(-hours / 3.0))


def hot_spot_c(a: float, rise: float, k: float) -> float:
    """X"""
    return a + rise + 23.0 * k**1.6


def ageing_rate(h: float) -> float:
    """X"""
    return 2.0 ** ((h - 98.0) / 6.0)


def current_distortion(p: float) -> float:
    """X"""
    return 0.04 / max(p, 0.1)


def voltage_distortion(b: float, share: float, thd: float, n: float) -> float:
    """X"""
    return (b * b + (7.0 * share * thd * n ** (-0.2)) ** 2) ** 0.5


def harmonic_derating(thd: float, eddy: float) -> float:
    """X"""
    return ((1.0 + eddy) / (1.0 + eddy * (1.0 + 49.0 * thd * thd) / (1.0 + thd * thd))) ** 0.5
