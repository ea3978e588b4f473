"""Stationary battery, worked on paper: 50 MW, 200 MWh, one-way 0.92, 5-95 %."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattbit.physics.storage import charge_limit_mw, discharge_limit_mw, energy_gain


def test_charging_half_an_hour_stores_the_efficient_part():
    # 50 MW * 0.5 h * 0.92 = 23 MWh
    assert energy_gain(50.0, 0.92, 0.5) == pytest.approx(23.0)


def test_discharging_half_an_hour_takes_more_than_it_delivers():
    # 25 MWh delivered take 25 / 0.92 = 27.173913 MWh
    assert energy_gain(-50.0, 0.92, 0.5) == pytest.approx(-27.17391304)


def test_limits_near_the_ends_leave_exactly_the_end():
    # 185 MWh, ceiling 190: 5 MWh / (0.92 * 0.5 h) = 10.869565 MW; 14 MWh, floor 10: 4 * 0.92 / 0.5 = 7.36 MW.
    assert charge_limit_mw(185.0, 190.0, 50.0, 0.92, 0.5) == pytest.approx(10.86956522)
    assert discharge_limit_mw(14.0, 10.0, 50.0, 0.92, 0.5) == pytest.approx(7.36)


@given(energy=st.floats(0, 200))
def test_full_power_never_leaves_the_band(energy):
    up = energy + energy_gain(charge_limit_mw(energy, 190.0, 50.0, 0.92, 0.5), 0.92, 0.5)
    down = energy + energy_gain(-discharge_limit_mw(energy, 10.0, 50.0, 0.92, 0.5), 0.92, 0.5)
    assert up <= max(190.0, energy) + 1e-9
    assert down >= min(10.0, energy) - 1e-9
