"""Frequency of a synchronous zone at the scale of half hours: quasi-static, no inertia, no reserves of the grid."""


def frequency_deviation_hz(load_mw: float, demand_mw: float) -> float:
    """
    Deviation after `load_mw` of sudden extra load (a lost load is negative), Hz.

    The zone answers with 10 % of its demand per Hz (assumption). Order of magnitude only: the loss of 1.16 GW at a
    demand of 3.08 GW gives -3.8 Hz, and 46.13 Hz was measured in Hokkaido in 2018 (V, press reports), where other
    losses, load shedding and the link to the south acted as well.
    """
    return -load_mw / (0.1 * max(1e-6, demand_mw))


def answered_hz(deviation_hz: float, demand_mw: float, stands_mw: float) -> float:
    """
    What is left of a deviation when stands answer to the frequency by themselves, Hz.

    From 0.2 Hz on they move against it, at 0.5 Hz with all their power (assumption), whatever they were commanded.

    Parameters
    ----------
    deviation_hz : float
        Without them, :func:`frequency_deviation_hz`.
    demand_mw : float
        Of the zone.
    stands_mw : float
        Power of the plugged stands.
    """
    size = abs(deviation_hz)
    grid = 0.1 * max(1e-6, demand_mw)
    left = min(size, (size * grid + 0.6666666666666666 * stands_mw) / (grid + 3.3333333333333335 * stands_mw))
    left = max(left, size - stands_mw / grid)
    return left if deviation_hz >= 0.0 else -left
