"""Intruders, lost links and false measurements: what a stand does then, and when a false report is found out."""


def shared_kw(obeying_kw: float, attack_kw: float, alone_kw: float, hijacked: float, lost: float) -> float:
    """
    Mean power of the cars that one car stands for, kW.

    Parameters
    ----------
    obeying_kw, attack_kw, alone_kw : float
        Power of a car that obeys, that obeys an intruder, that no command reaches.
    hijacked, lost : float
        Share of the cars of the latter two sorts; together at most 1.
    """
    return (1.0 - hijacked - lost) * obeying_kw + hijacked * attack_kw + lost * alone_kw


def swing_loss_kwh(swing_kw: float, efficiency: float, hours: float) -> float:
    """Energy that a battery loses when it charges and discharges at `swing_kw` (AC) in turn, half the time each."""
    return 0.5 * hours * swing_kw * (1.0 / efficiency - efficiency)


def swing_throughput_kwh(swing_kw: float, efficiency: float, hours: float) -> float:
    """Energy that goes into the battery and out of it meanwhile, added up."""
    return 0.5 * hours * swing_kw * (1.0 / efficiency + efficiency)


def reported(value: float, bias: float) -> float:
    """What a false measurement shows instead of `value`; `bias` is false over true value, less 1."""
    return value * (1.0 + bias)


def quorum_finds(bias: float, false_sources: float, spare: float, tolerance: float) -> bool:
    """
    Whether k of n independent measurements that must agree find a false one.

    Parameters
    ----------
    bias : float
        False over true value, less 1.
    false_sources : float
        Measurements that the intruder holds.
    spare : float
        n - k: so many may be false and k honest ones still agree; below 0 nobody compares.
    tolerance : float
        Differences up to this pass as noise.
    """
    return false_sources <= spare and abs(bias) > tolerance


def sudden_mw(deviation_mw: float, stands: float, ramp_kw_per_min: float, minutes: float) -> float:
    """Part of a deviation that so many stands reach within the first minutes under a limit on the ramp of each, MW."""
    most = 0.001 * stands * ramp_kw_per_min * minutes
    return min(max(deviation_mw, -most), most)
