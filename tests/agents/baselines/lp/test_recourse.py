"""What departures may need by chance: the law of trips, early departures, and what a plan makes of both."""

from dataclasses import replace
from math import erf, log, sqrt

import numpy as np
import pytest

pytest.importorskip("highspy")

from wattbit.env import AggregatorEnv
from wattbit.world import state as s
from wattbit_agents.baselines.lp.book import planner_book
from wattbit_agents.baselines.lp.fill import ROOMY, fill
from wattbit_agents.baselines.lp.outlook import Outlook
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.recourse import DAY_SIGMA, EARLY_STEPS, SAMPLES, needs_kwh, shortfalls
from wattbit_agents.baselines.lp.sight import Sight, setting_of
from wattbit_agents.baselines.lp.solve import solve
from wattbit_agents.baselines.lp.template import Template


@pytest.fixture(scope="module")
def setting():
    return setting_of(AggregatorEnv("japan3", forecast="full", assets="each").batch)


def kinds_of_one(median: float, sigma: float, plug: float, drive: float = 1.0) -> np.ndarray:
    kind = np.zeros((3, s.N_KIND))
    fields = [s.TRIP_MEDIAN_KWH, s.TRIP_SIGMA, s.TRIP_WEEKEND, s.PLUG_RATE, s.DRIVE_SHARE]
    kind[:, fields] = median, sigma, 1.5, plug, drive
    return kind


def test_needs_follow_the_law_of_trips():
    size = np.array([[1000.0]])
    found = needs_kwh(kinds_of_one(4.0, 0.6, plug=1.0), np.zeros((1, 1), int), size)[:, :, 0, 0]
    assert (np.diff(found, axis=1) <= 0.0).all()
    sigma = sqrt(0.6**2 + DAY_SIGMA**2)
    for day, median in enumerate((4.0, 6.0)):
        for kwh in (2.0, 5.0, 12.0):
            above = 0.5 - 0.5 * erf(log(kwh / median) / sigma / sqrt(2.0))
            assert (found[day] > kwh).mean() == pytest.approx(above, abs=1.0 / SAMPLES)


def test_who_does_not_plug_in_needs_the_day_after_too():
    size = np.array([[1000.0, 10.0]])
    cars = np.zeros((1, 2), int)
    once, twice = (needs_kwh(kinds_of_one(4.0, 0.6, plug), cars, size)[0, :, 0] for plug in (1.0, 0.0))
    assert twice[:, 0].mean() == pytest.approx(2.0 * once[:, 0].mean(), rel=0.02)
    assert once[:, 1].max() == 6.0  # 60 % of the battery
    assert twice[:, 1].max() == 12.0
    rarely = needs_kwh(kinds_of_one(4.0, 0.6, plug=0.0, drive=0.25), cars, size)[0, :, 0, 0]
    assert rarely.mean() == pytest.approx(1.25 * once[:, 0].mean(), rel=0.02)


def test_levels_cost_what_the_trips_cost_on_the_average(setting):
    plant = setting.plant
    needs = setting.habits.needs_kwh
    leaves = np.zeros((12, *plant.capacity_kwh.shape))
    leaves[8] = 0.5
    need = np.zeros_like(leaves)
    need[8] = 7.0
    found = shortfalls(plant, needs, leaves, need, np.zeros(12, bool))
    bought = (found.chance[8] * np.maximum(0.0, found.need_kwh[8] - 7.0)).sum(axis=0)
    np.testing.assert_allclose(bought, 0.5 * np.maximum(0.0, needs[0] - 7.0).mean(axis=0), rtol=1e-12)
    assert bought.min() > 0.0
    # Between one and three hours before plan, and at no other time, some leave early with the need of the plan.
    early = [8 - k for k in EARLY_STEPS]
    np.testing.assert_allclose(found.chance[early].sum(axis=(0, 1)), 0.5 * plant.value(s.EARLY_SHARE))
    np.testing.assert_array_equal(found.need_kwh[early, 0], 7.0)
    others = np.setdiff1d(np.arange(12), [*early, 8])
    assert not found.chance[others].any()


def test_a_plan_with_recourse_charges_for_what_may_be_needed(setting):
    env = AggregatorEnv("japan3", forecast="full", assets="each")
    observation, _ = env.reset(seed=3, options={"week": 12})
    see = Sight(env.observation_layout, observation)
    outlook = Outlook(setting, planner_book(env.scenario, worths=False), recourse=True)
    path = outlook.path(see, 30, outlook.prices(see, see.clock(), None))
    # Energy is worth nothing at the end, so that cars leave with no more than they must or may need.
    template = Template(setting.plant, recourse=True)
    structure = Structure(template, 30, "planned")
    plans = []
    for factor in (0.0, 20.0):  # likely enough to be worth its price
        short = replace(path.cars.short, chance=factor * path.cars.short.chance)
        filled = fill(structure, replace(path, cars=replace(path.cars, short=short)))
        x = solve(filled).x
        block = template.columns.named(x, 30)
        plans.append(block["car"] / setting.plant.weight[:, None] + path.cars.after_kwh)
        paid = 1e6 * setting.plant.value(s.ROAD_PRICE) * 1e-3 * (short.chance * block["short"]).sum()
        road = setting.plant.value(s.ROAD_PRICE) * 1e3 * block["road"].sum()
        assert filled.terms["mobility_jpy"] @ x == pytest.approx(1e-3 * (paid + road))
        missing = np.maximum(0.0, short.need_kwh - plans[-1][:, None]) * setting.plant.weight[:, None]
        np.testing.assert_allclose(block["short"], np.where(short.chance > 0.0, missing, 0.0), atol=1e-6)
    most = template.columns.named(filled.upper, 30)["short"]
    assert (most - block["short"])[short.chance > 0.0].min() > 0.99 * ROOMY  # a limit that nothing reaches
    leaves = path.cars.short.chance[:, 1] > 0.0
    assert leaves.any()
    assert plans[1][leaves].mean() > plans[0][leaves].mean() + 0.2
