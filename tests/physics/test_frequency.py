"""Frequency of a synchronous zone, worked by hand and against the event of 2018."""

import pytest

from wattbit.physics.frequency import answered_hz, frequency_deviation_hz


def test_order_of_magnitude_of_hokkaido_2018():
    # 1.16 GW of generation lost at a demand of 3.08 GW: 1160 / 308 = 3.77 Hz below 50. Measured: 46.13 Hz (V); the law
    # has no inertia, load shedding or link to the south, so within half a hertz is all that may be asked of it.
    low = 50.0 + frequency_deviation_hz(1160.0, 3080.0)
    assert low == pytest.approx(46.234, abs=1e-3)
    assert low == pytest.approx(46.13, abs=0.5)


def test_a_lost_load_raises_the_frequency():
    assert frequency_deviation_hz(-300.0, 3000.0) == pytest.approx(1.0)


def test_a_zone_without_demand_is_finite():
    assert abs(frequency_deviation_hz(0.0, 0.0)) == 0.0


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_stands_that_answer_to_the_frequency(sign):
    # 3,000 MW of demand: 300 MW/Hz. Inside 0.2 Hz nothing answers.
    assert answered_hz(sign * 0.15, 3000.0, 200.0) == pytest.approx(sign * 0.15)
    # 0.4 Hz = 120 MW: at x the zone takes 300 x and the stands 200 (x - 0.2) / 0.3; x = 253.33 / 966.67.
    assert answered_hz(sign * 0.4, 3000.0, 200.0) == pytest.approx(sign * 0.262069, abs=1e-6)
    # 2 Hz = 600 MW: all 200 MW answer, 400 MW are left.
    assert answered_hz(sign * 2.0, 3000.0, 200.0) == pytest.approx(sign * 400.0 / 300.0)
    assert answered_hz(sign * 2.0, 3000.0, 0.0) == pytest.approx(sign * 2.0)


def test_the_answer_never_makes_it_worse_and_never_turns_it_round():
    for step in range(60):
        before = 0.05 * step
        for stands in (0.0, 10.0, 300.0, 3000.0):
            after = answered_hz(before, 3000.0, stands)
            assert 0.0 <= after <= before + 1e-12
            if before > 0.2:
                assert after >= 0.2 - 1e-12
