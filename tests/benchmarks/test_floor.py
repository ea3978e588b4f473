"""The world takes nothing from cars below their floors; plans that keep to it, and what plans really wear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("highspy")

from benchmarks.bound_cases import changed
from benchmarks.information import follow
from benchmarks.information.floor import _cars, above_floor, taken_below_mwh
from benchmarks.information.worn import car_wear_jpy
from wattbit.vector import AggregatorVectorEnv
from wattbit.world import state as s
from wattbit_agents.baselines.lp.embed import embed, play
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.solve import solve
from wattbit_agents.baselines.lp.template import Template

WEEK, SEED = 5, 0


@pytest.fixture(scope="module")
def days(scenario):
    """Two days, their structure and program."""
    short = scenario("japan3", episode={"steps": 96})
    plant, (path,) = record_paths(short, [WEEK], [SEED])
    structure = Structure(Template(plant), path.steps)
    return short, structure, path, fill(structure, path)


@pytest.fixture(scope="module")
def played(days):
    """Two days on which all cars are discharged whenever they can be."""
    short, structure, path, _ = days
    env = AggregatorVectorEnv(1, short, "evaluation", "test", "none", "float64")
    fleet = env.action_layout.index("fleet_power")

    def act(batch):
        action = np.zeros(env.single_action_space.shape)
        action.reshape(path.areas, -1)[:, fleet] = -1.0 if int(batch.world.clock[0, s.ROW]) % 4 else 1.0
        batch.step_single(action.astype(np.float32))

    trajectory = play(env.batch, WEEK, SEED, act)
    return trajectory, embed(structure, path, trajectory)


def test_the_world_takes_nothing_below_the_floors(days, played):
    _, structure, path, _ = days
    assert structure.template.columns.named(played[1], path.steps)["discharge"].sum() > 100.0
    assert taken_below_mwh(structure, path, played[1]) < 1e-3


def test_cars_begin_where_the_world_has_them(days, played):
    _, structure, path, _ = days
    here = path.cars.share > 0.0
    begin = _cars(structure, path, played[1])[1]
    np.testing.assert_allclose(begin[here], played[0].energy_kwh[:-1][here], rtol=1e-6)


def test_what_a_departure_needs_is_held_too(days, played):
    _, structure, path, program = days
    cars = path.cars
    ready = replace(path, cars=replace(cars, hold_kwh=np.broadcast_to(cars.ceiling_kwh, cars.hold_kwh.shape)))
    assert taken_below_mwh(structure, ready, played[1]) > 100.0
    columns = structure.template.columns
    closer = above_floor(structure, ready, program, played[1])
    here, begin = cars.share > 0.0, _cars(structure, path, played[1])[1]
    most, usual = (columns.named(p.upper, path.steps)["discharge"] for p in (closer, program))
    assert not most[here & (begin < cars.ceiling_kwh)].any()
    # What is away is left as it was.
    np.testing.assert_array_equal(most[~here], usual[~here])
    least, before = (columns.named(p.lower, path.steps)["car"] for p in (closer, program))
    np.testing.assert_array_equal(least[~here], before[~here])


def test_a_plan_that_is_followed_keeps_above_the_floors(days, monkeypatch):
    _, structure, path, _ = days
    plant = structure.template.plant
    held = follow.guide_of(plant, path)
    monkeypatch.setattr(follow, "above_floor", lambda structure, path, program, plan: program)
    assert held.plan_jpy > follow.guide_of(plant, path).plan_jpy


def test_without_cars_a_plan_wears_what_it_says():
    config = changed("japan3", area={"cars": 0.0})
    plant, (path,) = record_paths(config, [WEEK], [SEED])
    guide = follow.guide_of(plant, path)
    assert guide.plan_terms_jpy["wear_jpy"] > 0.0  # of batteries
    assert guide.worn_jpy == pytest.approx(guide.plan_jpy, rel=1e-9)


def beyond_room_mw(structure, path, point):
    """By how much cars of a plan back reserve beyond twice the energy that they could give in half an hour."""
    plant, plan = structure.template.plant, structure.template.columns.named(point, path.steps)
    spare = np.maximum(0.0, _cars(structure, path, point)[1] - path.cars.hold_kwh) * plant.weight[:, None]
    return (plan["car_below"] - 2.0 * plant.value(s.CAR_EFFICIENCY) * spare).max()


def test_a_plan_that_keeps_cars_on_their_sides_takes_nothing_either(days):
    _, structure, path, program = days
    free = solve(program)
    assert taken_below_mwh(structure, path, free.x) > 1.0
    held = solve(above_floor(structure, path, program, free.x))
    assert held.objective >= free.objective - 1e-6
    assert taken_below_mwh(structure, path, held.x) < 1e-6
    # Cars back reserve with what lies above their floors, and no more.
    assert beyond_room_mw(structure, path, free.x) > 1.0
    assert beyond_room_mw(structure, path, held.x) < 1e-6
    # Bounds of a plan that keeps to the floors are met by it.
    again = above_floor(structure, path, program, held.x)
    assert (again.lower <= held.x + 1e-6).all()
    assert (again.upper >= held.x - 1e-6).all()
    assert (again.matrix @ held.x >= again.row_lower - 1e-6).all()


def test_what_a_plan_wears_is_what_the_world_books_for_it(days, played):
    _, structure, path, _ = days
    trajectory, point = played
    plant = structure.template.plant
    plan = structure.template.columns.named(point, path.steps)
    stores = 0.5 * plant.value(s.STORAGE_WEAR) * (plan["store_in"] + plan["store_out"]).sum()
    booked = trajectory.term_jpy("wear_jpy") - float(stores)
    assert booked > 1e6
    # Health falls a little within the two days.
    assert car_wear_jpy(plant, path, plan) == pytest.approx(booked, rel=1e-3)
