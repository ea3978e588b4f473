"""Laws of intruders, lost links and false measurements, worked by hand."""

import pytest

from wattbit.physics.incident import (
    quorum_finds,
    reported,
    shared_kw,
    sudden_mw,
    swing_loss_kwh,
    swing_throughput_kwh,
)


def test_cars_of_three_sorts_share_a_representative():
    # Half obey at 4 kW, 30 % discharge at 5.9, 20 % charge alone at 1: 2 - 1.77 + 0.2.
    assert shared_kw(4.0, -5.9, 1.0, 0.3, 0.2) == pytest.approx(0.43)
    assert shared_kw(4.0, -5.9, 1.0, 0.0, 0.0) == 4.0


def test_a_swing_loses_energy_both_ways():
    # A quarter of an hour in at 4 kW and 0.92: 0.92 kWh; a quarter out at 4 kW: 1.08696 kWh.
    assert swing_loss_kwh(4.0, 0.92, 0.5) == pytest.approx(1.08696 - 0.92, abs=1e-5)
    assert swing_throughput_kwh(4.0, 0.92, 0.5) == pytest.approx(1.08696 + 0.92, abs=1e-5)


def test_a_report_is_biased_by_its_share():
    assert reported(200.0, -0.3) == pytest.approx(140.0)
    assert reported(200.0, 0.0) == 200.0


@pytest.mark.parametrize(
    ("bias", "false_sources", "spare", "found"),
    [
        (0.2, 1.0, 1.0, True),  # two of three agree against the false one
        (-0.2, 1.0, 1.0, True),
        (0.05, 1.0, 1.0, False),  # within the tolerance
        (0.2, 2.0, 1.0, False),  # the honest one is alone
        (0.2, 1.0, 0.0, False),  # all three would have to agree
        (0.2, 1.0, -1.0, False),  # nobody compares
    ],
)
def test_a_quorum_finds_what_honest_measurements_contradict(bias, false_sources, spare, found):
    assert quorum_finds(bias, false_sources, spare, 0.05) is found


def test_a_ramp_limit_leaves_little_in_the_first_minutes():
    # 10,000 stands at 0.2 kW/min for 5 min: 10 MW, of 80 MW either way.
    assert sudden_mw(80.0, 10_000.0, 0.2, 5.0) == pytest.approx(10.0)
    assert sudden_mw(-80.0, 10_000.0, 0.2, 5.0) == pytest.approx(-10.0)
    assert sudden_mw(6.0, 10_000.0, 0.2, 5.0) == 6.0
