"""The transformer against the worked points of IEC 60076-7."""

from itertools import pairwise

import pytest

from wattbit.physics.feeder import (
    ageing_rate,
    current_distortion,
    harmonic_derating,
    hot_spot_c,
    top_oil_rise_k,
    voltage_distortion,
)


def settled_c(load: float, ambient_c: float) -> float:
    rise = 0.0
    for _ in range(200):
        rise = top_oil_rise_k(rise, load, 0.5)
    return hot_spot_c(ambient_c, rise, load)


@pytest.mark.parametrize(
    ("load", "ambient_c", "hot_c", "rate"),
    [
        # 20 + 55 + 23 = 98 degC: normal ageing
        (1.0, 20.0, 98.0, 1.00),
        # 30 + 55 (8.2 / 6)^0.8 + 23 * 1.2^1.6 = 30 + 70.6 + 30.8 = 131.4 degC: 2^(33.4 / 6) = 47
        (1.2, 30.0, 131.4, 47.0),
    ],
)
def test_worked_points(load, ambient_c, hot_c, rate):
    hot = settled_c(load, ambient_c)
    assert hot == pytest.approx(hot_c, abs=0.05)
    assert ageing_rate(hot) == pytest.approx(rate, rel=0.02)


def test_half_as_much_again_destroys():
    # 30 degC and K = 1.5: 171 degC, more than 4,000 hours an hour.
    assert settled_c(1.5, 30.0) == pytest.approx(171.0, abs=0.5)
    assert ageing_rate(settled_c(1.5, 30.0)) > 4_000.0


def test_oil_warms_with_its_time_constant():
    # After three hours from cold 63 % of the final 55 K.
    rise = 0.0
    for _ in range(6):
        rise = top_oil_rise_k(rise, 1.0, 0.5)
    assert rise == pytest.approx(55.0 * 0.632, abs=0.02)
    # One step of three hours is the same as six of a half.
    assert top_oil_rise_k(0.0, 1.0, 3.0) == pytest.approx(rise)


def test_life_is_convex_in_the_load():
    # Loss of life in one half hour from a given oil temperature.
    rates = [ageing_rate(hot_spot_c(25.0, top_oil_rise_k(40.0, 0.01 * k, 0.5), 0.01 * k)) for k in range(201)]
    steps = [b - a for a, b in pairwise(rates)]
    assert all(b >= a - 1e-12 for a, b in pairwise(steps))


@pytest.mark.parametrize("ambient_c", [-10.0, 30.0])
@pytest.mark.parametrize("rise_k", [0.0, 13.0, 90.0])
def test_life_is_convex_in_the_load_whatever_the_oil_and_the_air(ambient_c, rise_k):
    loads = [0.005 * k for k in range(401)]
    rates = [ageing_rate(hot_spot_c(ambient_c, top_oil_rise_k(rise_k, k, 0.5), k)) for k in loads]
    steps = [b - a for a, b in pairwise(rates)]
    assert all(b >= a - 1e-12 * rates[-1] for a, b in pairwise(steps))


def test_life_has_a_concave_corner_in_the_power_of_the_stands():
    # A converter's distortion stops growing below a tenth of its rating, so its harmonic current, and with it the
    # derating, stops growing above. Homes of 24 kW and stands of 36 kW on 30 kVA, charging:
    def rate(share: float) -> float:
        homes, stands = 24.0, 36.0 * share
        distortion = current_distortion(share) * stands / (homes + stands)
        effective = (homes + stands) / 30.0 / harmonic_derating(distortion, 0.1)
        return ageing_rate(hot_spot_c(30.0, top_oil_rise_k(40.0, effective, 0.5), effective))

    assert rate(0.11) - rate(0.10) < rate(0.10) - rate(0.09)
    # From there on it is convex again.
    steps = [rate(0.01 * k + 0.01) - rate(0.01 * k) for k in range(10, 100)]
    assert steps == sorted(steps)


def test_harmonics():
    assert current_distortion(1.0) == pytest.approx(0.04)
    assert current_distortion(0.5) == pytest.approx(0.08)
    assert current_distortion(0.0) == pytest.approx(0.4)
    # No converters: the background; one whose power is a twentieth of the short-circuit power: 7 * 0.05 * 0.04 = 0.014.
    assert voltage_distortion(0.02, 0.0, 0.04, 1.0) == pytest.approx(0.02)
    assert voltage_distortion(0.0, 0.05, 0.04, 1.0) == pytest.approx(0.014)
    # Six of them with phases of their own: 6^-0.2 = 0.70 of that.
    assert voltage_distortion(0.0, 0.05, 0.04, 6.0) == pytest.approx(0.014 * 0.6988, rel=1e-3)


def test_distorted_current_lowers_the_rating():
    assert harmonic_derating(0.0, 0.1) == pytest.approx(1.0)
    # 10 % of order 7: F = (1 + 0.49) / 1.01 = 1.475; sqrt(1.1 / 1.1475) = 0.979
    assert harmonic_derating(0.1, 0.1) == pytest.approx(0.979, abs=5e-4)
    assert harmonic_derating(0.4, 0.1) < harmonic_derating(0.1, 0.1)
