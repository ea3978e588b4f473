"""Sixteen representative cars vary from day to day like four thousand: there is nothing to learn from lumpy cars."""

import numpy as np
import pytest
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit.world.batch import Batch

DAYS = 70
SEEDS = 4  # the same in both fleets: the day's common shocks are then the same, and only the cars differ


def uncontrolled_power_kw(scenario, vehicles: int, seeds: int) -> NDArray[np.float64]:
    """Power per car of a fleet that charges on arrival, shape (day, half hour, seed); the first week settles in."""
    area = {"name": "tokyo", "user_share": 1.0, "cars": 300_000.0, "datacentre_mw": 0.0}
    config = scenario("japan3", areas=[area], fleet={"vehicles": vehicles}, episode={"steps": 48 * DAYS})
    batch = Batch(config, seeds)
    batch.reset(100)
    action = np.tile(np.array([0, 0, 1, 1, 1, 0, 0, 0], np.float32), (seeds, 1))
    power = np.empty((48 * DAYS, seeds))
    for step in range(48 * DAYS):
        batch.step(action)
        power[step] = batch.ledger[:, 0, s.L_FLEET_MW] / 300.0
    return power.reshape(DAYS, 48, seeds)[7:]


def spread_kw(power: NDArray[np.float64]) -> float:
    """Standard deviation over the days at each clock half hour, averaged over the clock and the seeds."""
    return float(power.std(axis=0, ddof=1).mean())


@pytest.fixture(scope="module")
def few(scenario) -> NDArray[np.float64]:
    return uncontrolled_power_kw(scenario, 16, SEEDS)


@pytest.fixture(scope="module")
def many(scenario) -> NDArray[np.float64]:
    # A build of its own: the number of cars is compiled in.
    return uncontrolled_power_kw(scenario, 4096, SEEDS)


def test_the_spread_of_few_cars_is_that_of_many_within_a_fifth(few, many):
    ratio = spread_kw(few) / spread_kw(many)
    assert 0.8 <= ratio <= 1.2, f"{spread_kw(few):.3f} against {spread_kw(many):.3f} kW per car"


def test_few_cars_charge_as_much_as_many_at_the_same_hours(few, many):
    assert few.mean() == pytest.approx(many.mean(), rel=0.03)
    profile_few, profile_many = few.mean(axis=(0, 2)), many.mean(axis=(0, 2))
    np.testing.assert_allclose(profile_few, profile_many, atol=0.1 * profile_many.max())


def test_uncontrolled_charging_peaks_in_the_evening(few):
    # Cars come home around 18:12 on weekdays: the peak lies between 17:00 and 21:00, the trough before dawn.
    profile = few.mean(axis=(0, 2))
    assert 34 <= int(profile.argmax()) <= 42
    assert profile[4:12].max() < 0.25 * profile.max()
