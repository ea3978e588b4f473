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
    """Tmp"""
    share = utilisation ** (sqrt(2.0 * (servers + 1.0)) - 1.0)
    return waiting_factor(utilisation, servers) / share * log(100.0 * share) if share > 0.01 else 0.0
