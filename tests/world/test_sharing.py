"""A fleet set-point shared by urgency and by size, against exact water-filling."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit.world.arrays import SHARE_KW_PER_H_KWH
from wattbit.world.batch import Batch
from wattbit.world.fleet import share_fleet

KW = 5.9
CARS = 16


def one_area(scenario, sharing: str) -> s.World:
    """One area whose cars' limits the tests set; each car stands for one."""
    area = {"name": "tokyo", "user_share": 1.0, "cars": CARS}
    config = scenario("japan3", areas=[area], fleet={"sharing": sharing})
    return Batch(config, 1, "evaluation", "test", "float64").world


@pytest.fixture(scope="module")
def world(scenario) -> s.World:
    """The least lax first, at full power."""
    return one_area(scenario, "urgency")


@pytest.fixture(scope="module")
def gentle(scenario) -> s.World:
    """All cars by the size of their batteries."""
    return one_area(scenario, "size")


def share(world: s.World, low, high, laxity, target_kw: float, plugged=None) -> NDArray[np.float64]:
    """Power of every car, kW, when the kernel shares `target_kw`."""
    car = world.vehicle[0, 0]
    car[s.POWER_LOW_KW], car[s.POWER_HIGH_KW], car[s.LAXITY_H] = low, high, laxity
    car[s.PLUGGED_SHARE] = 1.0 if plugged is None else plugged
    world.area[0, 0, s.FLEET_LOW_MW] = 1e-3 * np.sum(car[s.POWER_LOW_KW])
    world.area[0, 0, s.FLEET_HIGH_MW] = 1e-3 * np.sum(car[s.POWER_HIGH_KW])
    share_fleet(world, 0, 0, 0, 1e-3 * target_kw)
    return world.car[0, 0, s.CAR_POWER_KW].copy()


def water_filling(low, high, laxity, target_kw: float, slope) -> NDArray[np.float64]:
    """
    The exact answer: the level at which the sum of the cars' ramps meets the target, found between sorted breakpoints.

    A car that must charge starts from that; when the fleet charges, nobody is taken below its start, when it discharges
    nobody above.
    """
    low, high, laxity = (np.asarray(a, float) for a in (low, high, laxity))
    start = np.minimum(np.maximum(0.0, low), high)
    target = float(np.clip(target_kw, low.sum(), high.sum()))
    floor, ceiling = (start, high) if target > start.sum() else (np.minimum(low, start), start)

    def powers(level: float) -> NDArray[np.float64]:
        return np.clip(start + slope * (level - laxity), floor, ceiling)

    kinks = np.sort(np.concatenate([laxity + (floor - start) / slope, laxity + (ceiling - start) / slope]))
    sums = np.array([powers(level).sum() for level in kinks])
    k = int(np.searchsorted(sums, target))
    if k == 0:
        return powers(kinks[0])
    if k == len(kinks):
        return powers(kinks[-1])
    part = (target - sums[k - 1]) / (sums[k] - sums[k - 1])
    return powers(kinks[k - 1] + part * (kinks[k] - kinks[k - 1]))


@st.composite
def fleets(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    plugged = np.where(rng.random(CARS) < 0.7, np.where(rng.random(CARS) < 0.2, rng.random(CARS), 1.0), 0.0)
    high = KW * plugged * np.where(rng.random(CARS) < 0.3, rng.random(CARS), 1.0)
    low = np.where(rng.random(CARS) < 0.2, rng.random(CARS) * high, -KW * plugged * rng.random(CARS))
    laxity = rng.uniform(-2.0, 40.0, CARS)
    target = draw(st.floats(-0.2, 1.2)) * (high.sum() - low.sum()) + low.sum()
    return low, high, laxity, target, plugged


@settings(max_examples=150)
@given(fleet=fleets(), by_size=st.booleans())
def test_sharing_meets_the_sum_within_the_limits_and_agrees_with_water_filling(world, gentle, fleet, by_size):
    low, high, laxity, target, plugged = fleet
    got = share(gentle if by_size else world, low, high, laxity, target, plugged)
    slope = SHARE_KW_PER_H_KWH * gentle.vehicle[0, 0, s.CAPACITY_KWH] if by_size else np.full(CARS, 2.0 * KW)
    exact = water_filling(low, high, laxity, target, slope)
    reachable = float(np.clip(target, low.sum(), high.sum()))
    assert got.sum() == pytest.approx(reachable, abs=1e-6)
    assert (got >= low - 1e-9).all()
    assert (got <= high + 1e-9).all()
    # The level is bracketed, not solved; the last bracket is shared pro rata.
    assert np.abs(got - exact).max() <= 0.2 * KW
    assert np.abs(got - exact).mean() <= 0.02 * KW


def test_two_cars_share_by_laxity_on_paper(world):
    # All but two cars unplugged. Laxities 3 and 3.25 h, 5.9 kW wanted: the ramps 11.8 (L - 3) and 11.8 (L - 3.25) meet
    # 5.9 together at L = 3.375: 4.425 and 1.475 kW.
    laxity = np.full(CARS, 30.0)
    laxity[:2] = 3.0, 3.25
    high = np.zeros(CARS)
    high[:2] = KW
    plugged = high / KW
    got = share(world, np.zeros(CARS), high, laxity, KW, plugged)
    assert got[:2] == pytest.approx([4.425, 1.475], abs=1e-6)
    assert (got[2:] == 0.0).all()


def test_departure_needs_come_before_the_set_point(world):
    # Three cars must charge 4 kW each; asking for 0, or for a discharge without end, leaves them their 4 kW.
    low = np.full(CARS, -1.0)
    low[:3] = 4.0
    high = np.full(CARS, KW)
    laxity = np.linspace(-0.3, 30.0, CARS)
    idle = share(world, low, high, laxity, 12.0)
    assert idle[:3] == pytest.approx([4.0] * 3)
    assert np.abs(idle[3:]).max() < 1e-9
    lowest = share(world, low, high, laxity, -100.0)
    assert lowest[:3] == pytest.approx([4.0] * 3)
    assert lowest[3:] == pytest.approx([-1.0] * 13)
    # 0 MW in all: the needy three are fed by the others, most of it from the most lax.
    swap = share(world, low, high, laxity, 0.0)
    assert swap.sum() == pytest.approx(0.0, abs=1e-6)
    assert swap[:3] == pytest.approx([4.0] * 3)
    assert (np.diff(swap[3:]) <= 1e-9).all()


def test_equal_cars_get_equal_power(world):
    low, high, laxity = np.full(CARS, -KW), np.full(CARS, KW), np.full(CARS, 7.0)
    for target in (-60.0, -1.0, 0.0, 3.0, 50.0):
        assert share(world, low, high, laxity, target) == pytest.approx(np.full(CARS, target / CARS), abs=1e-9)


def test_the_least_lax_charge_first_and_the_most_lax_discharge_first(world):
    low, high, laxity = np.full(CARS, -KW), np.full(CARS, KW), np.linspace(1.0, 40.0, CARS)
    charge = share(world, low, high, laxity, 20.0)
    assert charge == pytest.approx([KW, KW, KW, 20.0 - 3 * KW] + [0.0] * 12, abs=0.05)
    discharge = share(world, low, high, laxity, -20.0)
    assert discharge == pytest.approx([0.0] * 12 + [-20.0 + 3 * KW, -KW, -KW, -KW], abs=0.05)


def test_by_size_equally_lax_cars_bear_the_same_share_of_their_batteries(gentle):
    size = gentle.vehicle[0, 0, s.CAPACITY_KWH]
    low, high, laxity = np.full(CARS, -KW), np.full(CARS, KW), np.full(CARS, 7.0)
    for target in (-20.0, 3.0, 20.0):
        assert share(gentle, low, high, laxity, target) == pytest.approx(target * size / size.sum(), abs=1e-9)


def test_by_size_a_day_of_laxity_is_the_power_of_a_small_battery(gentle):
    # Two cars of 20 kWh, laxities 3 and 15 h, ramps of 0.25 kW/h: 12 h are 3 kW. 6 kW wanted: 4.5 and 1.5.
    assert gentle.vehicle[0, 0, s.CAPACITY_KWH, :2] == pytest.approx([20.0, 20.0])
    laxity, high = np.full(CARS, 30.0), np.zeros(CARS)
    laxity[:2], high[:2] = (3.0, 15.0), KW
    got = share(gentle, np.zeros(CARS), high, laxity, 6.0, high / KW)
    assert got[:2] == pytest.approx([4.5, 1.5], abs=1e-6)


def test_a_fleet_without_plugged_cars_stays_at_rest(world):
    zero = np.zeros(CARS)
    assert (share(world, zero, zero, np.linspace(0, 9, CARS), 10.0, zero) == 0.0).all()
