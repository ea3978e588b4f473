"""Power of a data centre: idle share, weather-dependent overhead, cooling tail and thermal throttle."""


def free_cooling_share(temperature_c: float, free_c: float, full_c: float) -> float:
    """Share of the heat rejected without compressors: all below `free_c`, none above `full_c`."""
    return min(1.0, max(0.0, (full_c - temperature_c) / (full_c - free_c)))


def compressor_share(temperature_c: float, free_c: float, full_c: float) -> float:
    """Share of the heat that compressors reject."""
    return 1.0 - free_cooling_share(temperature_c, free_c, full_c)


def coefficient_of_performance(temperature_c: float, cop_at_20: float) -> float:
    """
    Heat moved per unit of chiller electricity, falling 2 % per degree; below 15 degC condensers are kept warm.

    Assumption.
    """
    return cop_at_20 * (1.0 - 0.02 * (min(45.0, max(15.0, temperature_c)) - 20.0))


def compressor_power_share(temperature_c: float, free_c: float, full_c: float, cop_at_20: float, fans: float) -> float:
    """Electricity of the compressors per unit of IT power; what a snow store can save."""
    share = compressor_share(temperature_c, free_c, full_c)
    return (1.0 + fans) * share / coefficient_of_performance(temperature_c, cop_at_20)


def power_usage_effectiveness(
    temperature_c: float, free_c: float, full_c: float, cop_at_20: float, losses: float, fans: float
) -> float:
    """
    Facility power per unit of IT power, dimensionless.

    Parameters
    ----------
    temperature_c : float
        Outdoor air.
    free_c, full_c : float
        Free cooling alone up to `free_c`, compressors alone from `full_c` on, degC: 15 (V) and 25 (assumption) in an
        air-cooled hall, 30 and 38 with warm-water liquid cooling (assumptions).
    cop_at_20 : float
        Chillers at 20 degC: 5 new, 3 old (assumptions).
    losses, fans : float
        Shares of the IT power: 0.05 and 0.03, old halls 0.06 and 0.04, liquid cooling 0.04 and none (assumptions).

    Notes
    -----
    Free cooling takes 0.06 per unit of heat (assumption).
    """
    heat = 1.0 + fans
    share = free_cooling_share(temperature_c, free_c, full_c)
    cooling = heat * (share * 0.06 + (1.0 - share) / coefficient_of_performance(temperature_c, cop_at_20))
    return 1.0 + losses + fans + cooling


def throttle_share(temperature_c: float) -> float:
    """
    Share of the dynamic capacity that may run: 2 % less per degree above 33 degC outdoors, at least 0.7
    (assumption).
    """
    return min(1.0, max(0.7, 1.0 - 0.02 * (temperature_c - 33.0)))


def site_power_mw(load_mw: float, pue: float, idle_mw: float, tail_per_mw: float) -> float:
    """
    Facility power a + b L + q L^2 in MW.

    Parameters
    ----------
    load_mw : float
        Dynamic IT load L, MW.
    pue : float
        Power usage effectiveness of this half hour: a = pue * idle, b = pue.
    idle_mw : float
        IT power of the idle servers, MW.
    tail_per_mw : float
        Cooling tail q >= 0, 1/MW; keeps the power convex in the load.
    """
    return pue * (idle_mw + load_mw) + tail_per_mw * load_mw * load_mw
