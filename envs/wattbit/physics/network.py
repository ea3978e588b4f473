"""Delay of a path and the cost of crowded sites."""

from math import log, sqrt


def round_trip_ms(distance_km: float, route_factor: float, fixed_one_way_ms: float) -> float:
    """
    Round-trip time of one path, ms.

    Parameters
    ----------
    distance_km : float
        Great-circle distance.
    route_factor : float
        Fibre length over great-circle distance; 1.3 (V).
    fixed_one_way_ms : float
        Everything that is not propagation: processing, hops, access, jitter. Only this part can be engineered away;
        light in fibre takes 5 us/km (V) for ever.
    """
    return 2.0 * (0.005 * route_factor * distance_km + fixed_one_way_ms)


def waiting_factor(utilisation: float, servers: float) -> float:
    """
    Mean wait of a queue in units of the service time (Sakasegawa's approximation of M/M/c).

    Compared with exact Erlang C: c = 4, utilisation 0.8 gives 0.772 against 0.746.
    """
    return utilisation ** (sqrt(2.0 * (servers + 1.0)) - 1.0) / (servers * (1.0 - utilisation))


def waiting_p99_factor(utilisation: float, servers: float) -> float:
    """
    Wait of the slowest hundredth in units of the service time: an exponential tail behind the mean of those who wait.

    Exact for M/M/c but for the chance to wait, which is Sakasegawa's; 0 when fewer than 1 % wait. `utilisation` must be
    below 1.
    """
    waits = utilisation ** (sqrt(2.0 * (servers + 1.0)) - 1.0)
    if waits <= 0.01:
        return 0.0
    return waiting_factor(utilisation, servers) / waits * log(100.0 * waits)


def migration_hours(checkpoint_tb: float, gbps: float, checkpoint_h: float, restart_h: float) -> float:
    """Hours that a training job stands still when it moves: write the checkpoint, send it, start again."""
    return checkpoint_h + 8000.0 * checkpoint_tb / gbps / 3600.0 + restart_h
