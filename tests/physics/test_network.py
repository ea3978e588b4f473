"""Delays and waiting, against figures that stand in print."""

from itertools import pairwise
from math import factorial, log

import pytest

from wattbit.config import NetworkConfig
from wattbit.physics.network import migration_hours, round_trip_ms, waiting_factor, waiting_p99_factor
from wattbit.scenarios.geography import SITES, distances_km

DEFAULT = NetworkConfig()


@pytest.mark.parametrize(
    ("pair", "km", "apn_ms", "ip_ms"),
    [
        # 2 * (0.005 * 1.3 * 1402 + 0.1) = 18.426; on IP + 2 * 4.85 instead of + 2 * 0.1: 27.926
        (("hokkaido", "kyushu"), 1402, 18.426, 27.926),
        # 2 * (0.005 * 1.3 * 440 + 0.1) = 5.92; IP 15.42
        (("tokyo", "kansai"), 440, 5.92, 15.42),
    ],
    ids=["Tomakomai-Fukuoka", "Inzai-Osaka"],
)
def test_round_trips_of_two_pairs_on_both_paths(pair, km, apn_ms, ip_ms):
    distance = float(distances_km(pair)[0, 1])
    assert distance == km
    assert round_trip_ms(distance, DEFAULT.route_factor, DEFAULT.apn_fixed_ms) == pytest.approx(apn_ms)
    assert round_trip_ms(distance, DEFAULT.route_factor, DEFAULT.ip_fixed_ms) == pytest.approx(ip_ms)


def test_removing_all_processing_leaves_the_propagation():
    assert round_trip_ms(1402.0, 1.3, 0.0) == pytest.approx(18.226)


def test_distances_are_symmetric_and_zero_at_home():
    table = distances_km(tuple(SITES))
    assert (table == table.T).all()
    assert (table.diagonal() == 0.0).all()
    assert (table + 1e9 * (table == 0) > 100.0).all()


@pytest.mark.parametrize(("servers", "utilisation", "printed"), [(4, 0.8, 0.772), (16, 0.95, 0.976)])
def test_waiting_factor_gives_the_printed_values(servers, utilisation, printed):
    assert waiting_factor(utilisation, servers) == pytest.approx(printed, abs=5e-4)


def erlang_c(servers: int, utilisation: float) -> float:
    """Exact share of arrivals that wait in M/M/c."""
    load = servers * utilisation
    busy = load**servers / factorial(servers) / (1.0 - utilisation)
    idle = sum(load**k / factorial(k) for k in range(servers))
    return busy / (busy + idle)


def erlang_c_wait(servers: int, utilisation: float) -> float:
    """Exact mean wait of M/M/c in service times."""
    return erlang_c(servers, utilisation) / (servers * (1.0 - utilisation))


@pytest.mark.parametrize(("servers", "utilisation", "exact"), [(4, 0.8, 0.746), (16, 0.95, 0.975)])
def test_waiting_factor_is_close_to_erlang_c(servers, utilisation, exact):
    assert erlang_c_wait(servers, utilisation) == pytest.approx(exact, abs=5e-4)
    assert waiting_factor(utilisation, servers) == pytest.approx(exact, rel=0.04)


def test_waiting_grows_ever_faster_with_utilisation():
    waits = [waiting_factor(u / 100.0, 16.0) for u in range(40, 99)]
    steps = [b - a for a, b in pairwise(waits)]
    assert all(b > a > 0.0 for a, b in pairwise(steps))


def test_musashino_to_taoyuan():
    # V: about 3,000 km of fibre, about 17 ms one way. Propagation alone is 15 ms; all-in 5.7 us/km is 17.1 ms.
    assert 0.5 * round_trip_ms(3000.0, 1.0, 0.0) == pytest.approx(15.0)
    assert 15.0 < 0.5 * round_trip_ms(3000.0, 1.0, DEFAULT.apn_fixed_ms) < 3000.0 * 0.0057


@pytest.mark.parametrize("fixed_ms", [0.0, 0.1, 4.85])
def test_no_path_beats_light_in_fibre(fixed_ms):
    table = distances_km(tuple(SITES))
    for km in table.ravel():
        assert round_trip_ms(float(km), 1.3, fixed_ms) >= 2.0 * 0.005 * 1.3 * float(km)


def test_the_slowest_hundredth_of_a_queue():
    # One server: P(wait > t) = rho exp(-(1 - rho) t), so the 99 % point is ln(100 rho) / (1 - rho) service times.
    for rho in (0.3, 0.6, 0.9):
        assert waiting_p99_factor(rho, 1.0) == pytest.approx(log(100.0 * rho) / (1.0 - rho), rel=1e-9)
    # Sixteen servers at a fifth of their capacity: hardly anybody waits.
    assert waiting_p99_factor(0.2, 16.0) == 0.0
    values = [waiting_p99_factor(0.01 * k, 16.0) for k in range(1, 100)]
    assert values == sorted(values)


@pytest.mark.parametrize(("servers", "utilisation"), [(4, 0.8), (16, 0.8), (16, 0.95), (64, 0.95)])
def test_the_slowest_hundredth_is_close_to_erlang_c(servers, utilisation):
    exact = log(100.0 * erlang_c(servers, utilisation)) / (servers * (1.0 - utilisation))
    assert waiting_p99_factor(utilisation, float(servers)) == pytest.approx(exact, rel=0.04)


def test_moving_a_70_billion_parameter_job():
    # D: 70e9 x 16 B = 1.12 TB: 90 s at 100 Gb/s, 15 min at 10, 11 s at 800.
    seconds = [3600.0 * migration_hours(1.12, gbps, 0.0, 0.0) for gbps in (100.0, 10.0, 800.0)]
    assert seconds == pytest.approx([89.6, 896.0, 11.2])
    assert migration_hours(1.12, 100.0, 0.1, 0.2) == pytest.approx(0.3 + 89.6 / 3600.0)
    # The default of 3 % more work per MWh moved: a move stops a job for 20 minutes and loses 7.5 minutes of work since
    # the last checkpoint; a job that stays for 14 hours and a half then has lost 3 %.
    stopped = migration_hours(1.12, DEFAULT.apn_gbps, 0.1, 0.2)
    assert (stopped + 0.125) / 14.5 == pytest.approx(DEFAULT.training_lost_share, rel=0.05)
