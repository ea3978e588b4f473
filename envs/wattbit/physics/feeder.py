"""
A distribution transformer: heat, ageing, harmonics.

IEC 60076-7 with the constants of an ONAN distribution transformer (V): top-oil rise 55 K and hot-spot gradient 23 K at
rated load, loss ratio 5, exponents 0.8 and 1.6, oil time constant 3 h; windings settle within a half hour.
"""

from math import exp, sqrt


def top_oil_rise_k(rise_k: float, load_factor: float, hours: float) -> float:
    """Rise of the oil over the air after `hours` at a load factor, K, from `rise_k`."""
    final = 55.0 * ((1.0 + 5.0 * load_factor * load_factor) / 6.0) ** 0.8
    return rise_k + (final - rise_k) * (1.0 - exp(-hours / 3.0))


def hot_spot_c(ambient_c: float, oil_rise_k: float, load_factor: float) -> float:
    """Temperature of the hottest part of the winding, degC."""
    return ambient_c + oil_rise_k + 23.0 * load_factor**1.6


def ageing_rate(hot_spot: float) -> float:
    """Hours of insulation life used per hour: 1 at 98 degC, doubling every 6 K."""
    return 2.0 ** ((hot_spot - 98.0) / 6.0)


def current_distortion(load_share: float) -> float:
    """Distortion of a converter's current, 4 % at rated power and more at part load (assumption)."""
    return 0.04 / max(load_share, 0.1)


def voltage_distortion(background: float, converter_share: float, current: float, converters: float) -> float:
    """
    Distortion of the voltage behind a transformer.

    Parameters
    ----------
    background : float
        Distortion without the converters (1.5-3 %, assumption).
    converter_share : float
        Converter power over short-circuit power.
    current : float
        :func:`current_distortion`; one equivalent harmonic of order 7 (assumption).
    converters : float
        Their number n: phases differ, so their harmonics add as n^0.8 (assumption 0.7-0.9).
    """
    own = 7.0 * converter_share * current * converters ** (-0.2)
    return sqrt(background * background + own * own)


def harmonic_derating(current: float, eddy_share: float) -> float:
    """
    Load that a transformer may carry with distorted current, over its rating (form of IEEE C57.110, unverified).

    `current` is the distortion of the whole current, `eddy_share` the eddy losses over the copper losses (0.05-0.1).
    """
    square = current * current
    factor = (1.0 + 49.0 * square) / (1.0 + square)
    return sqrt((1.0 + eddy_share) / (1.0 + factor * eddy_share))
