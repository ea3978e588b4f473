"""What one car can do in a half hour, worked on paper: 5.9 kW, one-way 0.92."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattbit.physics.storage import energy_gain
from wattbit.physics.vehicle import (
    charge_limit_kw,
    energy_due_kwh,
    hours_to_departure,
    laxity_h,
    lower_limit_kw,
    plugged_share,
    power_at_level,
)


def test_hours_to_departure_before_and_after_leaving():
    assert hours_to_departure(6.0, 7.5, 8.0) == 1.5
    # Planned for 07:30, it is 19:00: the next plan is tomorrow 08:00, 13 hours away.
    assert hours_to_departure(19.0, 7.5, 8.0) == 13.0
    # No trip today, none tomorrow: capped at 48.
    assert hours_to_departure(10.0, 99.0, 99.0) == 48.0


def test_plugged_share_of_the_half_hours_around_a_trip():
    # Leaves at 07:45, returns at 18:10 and plugs in.
    assert plugged_share(7.0, 7.75, 18.0 + 1 / 6, 1.0, 1.0, 0.0) == pytest.approx(1.0)
    assert plugged_share(7.5, 7.75, 18.0 + 1 / 6, 1.0, 1.0, 0.0) == pytest.approx(0.5)
    assert plugged_share(12.0, 7.75, 18.0 + 1 / 6, 1.0, 1.0, 0.0) == 0.0
    assert plugged_share(18.0, 7.75, 18.0 + 1 / 6, 1.0, 1.0, 0.0) == pytest.approx(2.0 / 3.0)
    assert plugged_share(18.0, 7.75, 18.0 + 1 / 6, 1.0, 0.0, 0.0) == 0.0


def test_plugged_share_of_a_stay_within_the_day():
    # Comes at 09:15, leaves at 17:10: on the stand in between, and at no other time of the day.
    come, left = 9.25, 17.0 + 1 / 6
    hours = [0.0, 8.5, 9.0, 9.5, 12.0, 16.5, 17.0, 17.5, 23.5]
    share = [plugged_share(hour, left, come, 1.0, 1.0, 1.0) for hour in hours]
    assert share == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0, 1.0, 1 / 3, 0.0, 0.0])
    assert plugged_share(12.0, left, come, 0.0, 0.0, 1.0) == 0.0  # there, but not plugged in
    assert plugged_share(12.0, 99.0, 99.0, 1.0, 1.0, 1.0) == 0.0  # does not come at all
    # Comes at 09:05 and leaves at 09:20: a quarter of an hour is half of the half hour.
    assert plugged_share(9.0, 9.0 + 1 / 3, 9.0 + 1 / 12, 1.0, 1.0, 1.0) == pytest.approx(0.5)


def test_energy_due_is_what_full_power_can_still_add():
    # 30 kWh at 07:30; at 06:00 the half hour ends with one hour left: 30 - 5.9 * 0.92 = 24.572 kWh.
    assert energy_due_kwh(30.0, 1.5, 5.9, 0.92) == pytest.approx(24.572)
    assert energy_due_kwh(30.0, 0.2, 5.9, 0.92) == 30.0


def test_a_car_that_can_wait_may_discharge_to_its_floor():
    # 20 kWh, floor 18, nothing due: 2 kWh * 0.92 / 0.5 h = 3.68 kW.
    assert lower_limit_kw(20.0, 18.0, 0.0, 5.9, 1.0, 0.92) == pytest.approx(-3.68)


def test_a_car_that_cannot_wait_must_charge():
    # 20 kWh, due 21: 1 kWh / 0.92 / 0.5 h = 2.173913 kW; due 40: full power.
    assert lower_limit_kw(20.0, 18.0, 21.0, 5.9, 1.0, 0.92) == pytest.approx(2.17391304)
    assert lower_limit_kw(20.0, 18.0, 40.0, 5.9, 1.0, 0.92) == pytest.approx(5.9)


def test_half_plugged_means_half_the_power():
    assert charge_limit_kw(20.0, 54.0, 5.9, 0.5, 0.92) == pytest.approx(2.95)
    assert lower_limit_kw(50.0, 18.0, 0.0, 5.9, 0.5, 0.92) == pytest.approx(-2.95)


def test_laxity_is_the_time_that_charging_can_wait():
    # 5.428 kWh missing are one hour at 5.428 kW into the cells; 3 hours to go leave 2.
    assert laxity_h(3.0, 30.0, 30.0 - 5.428, 5.9, 0.92) == pytest.approx(2.0)


@given(
    energy=st.floats(0, 60),
    share=st.floats(0, 1),
    hours=st.floats(0, 48),
)
def test_limits_keep_floor_ceiling_and_promise(energy, share, hours):
    floor, ceiling, need = 18.0, 54.0, 30.0
    due = energy_due_kwh(need, hours, 5.9, 0.92)
    high = charge_limit_kw(energy, ceiling, 5.9, share, 0.92)
    low = min(high, lower_limit_kw(energy, floor, due, 5.9, share, 0.92))
    assert -5.9 * share - 1e-9 <= low <= high <= 5.9 * share + 1e-9
    assert energy + energy_gain(high, 0.92, 0.5) <= max(ceiling, energy) + 1e-9
    # Discharging stops at the floor and at what the departure needs, whichever is higher.
    assert energy + energy_gain(low, 0.92, 0.5) >= min(energy, max(floor, due)) - 1e-9


@given(a=st.floats(-50, 50), b=st.floats(-50, 50), laxity=st.floats(-20, 48))
def test_power_never_falls_with_the_level(a, b, laxity):
    low, high = (power_at_level(level, laxity, 0.0, -5.9, 5.9, 11.8) for level in (min(a, b), max(a, b)))
    assert -5.9 <= low <= high <= 5.9
