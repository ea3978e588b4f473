"""Prices of wear go by the days of the calendar, and by what has been given back on the first of them."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("highspy")

from wattbit.world import state as s
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.wear_laws import growth_of
from wattbit_agents.baselines.lp.wear_price import PARTS, WIDEST, planned_wear


@pytest.fixture(scope="module")
def two_days(scenario):
    plant, (path,) = record_paths(scenario("japan3", episode={"steps": 96}), [5], [0])
    return plant, path


def test_what_has_been_given_back_has_taken_the_cheapest_parts(two_days):
    plant, path = two_days
    before = planned_wear(plant, path, 2)
    part = WIDEST / (PARTS - 1)
    drawn = np.full_like(plant.capacity_kwh, 1.5 * part) * plant.capacity_kwh  # energy of the cells, not of the line
    after = planned_wear(plant, replace(path, cars=replace(path.cars, drawn_kwh=drawn)), 2)
    np.testing.assert_allclose(after.width[0, ..., 0], 0.0, atol=1e-9)
    np.testing.assert_allclose(after.width[0, ..., 1], 0.5 * before.width[0, ..., 1])
    np.testing.assert_array_equal(after.width[0, ..., 2:], before.width[0, ..., 2:])
    np.testing.assert_array_equal(after.width[1], before.width[1])


@pytest.mark.parametrize(
    ("first", "begins"),
    [(0, (0, 48)), (30, (0, 18, 48))],  # two whole days; the rest of a day, a whole one and a part of the next
)
def test_every_day_has_the_air_of_as_many_hours(two_days, first, begins):
    plant, path = two_days
    prices = planned_wear(plant, replace(path, first_step=first), len(begins))
    air = np.stack([path.temperature_c[t : t + 48].mean(axis=0) for t in begins])
    growth = growth_of(plant.cell, plant.value(s.WEAR_REFERENCE), air)
    last = prices.depth[..., -1] / prices.depth[0, ..., -1]
    np.testing.assert_allclose(last, (growth / growth[0])[:, :, None] * np.ones_like(last))
    assert np.ptp(growth, axis=0).max() > 0.0


def test_a_plan_of_less_than_a_day_has_the_air_of_its_hours(two_days):
    plant, path = two_days
    cars = {k: v[:8] for k, v in vars(path.cars).items() if isinstance(v, np.ndarray) and len(v) == 96}
    short = replace(
        path, first_step=44, price_jpy_per_mwh=path.price_jpy_per_mwh[:8], temperature_c=path.temperature_c[:8],
        cars=replace(path.cars, **cars),
    )  # fmt: skip
    prices = planned_wear(plant, short, 2)
    np.testing.assert_allclose(prices.depth[0], prices.depth[1])
    assert prices.rate.shape[0] == 8
