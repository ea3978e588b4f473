"""The search over cars' days: it begins at the program's optimum and only rises; no car of a policy is below it."""

from itertools import cycle

import highspy
import numpy as np
import pytest

from benchmarks.bound_cases import RandomDispatch, actor, changed
from wattbit.env import AggregatorEnv
from wattbit.silent_highs import SilentHighs
from wattbit_agents.baselines.bound.car_day import CarDay
from wattbit_agents.baselines.bound.days import booked_wear
from wattbit_agents.baselines.bound.search import bounded, search_of
from wattbit_agents.baselines.lp.deadlines import solve_in_time
from wattbit_agents.baselines.lp.embed import embed, play
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.oracle import solve_path
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.solve import EQUILIBRATION, NO_SCALING, SolveError
from wattbit_agents.baselines.lp.template import Template

WEEK, SEED = 40, 2


@pytest.fixture(scope="module")
def two_days():
    config = changed("japan3")
    plant, (path,) = record_paths(config, [WEEK], [SEED])
    return config, plant, path


def unworn(plant, path):
    structure = Structure(Template(plant), path.steps)
    return structure, solve_in_time(structure, path, fill(structure, path))


def test_without_wear_the_parts_add_up_to_the_program(two_days):
    _, plant, path = two_days
    structure, plan = unworn(plant, path)
    search, reduced = search_of(plant, path, plan.dual[: structure.wear_row])
    assert search.lowest().sum() == pytest.approx(float(reduced @ plan.x), rel=1e-6)
    assert bounded(plant, path, plan.x, plan.dual, plan.objective, rounds=0).bound_kjpy == pytest.approx(
        plan.objective, rel=1e-7
    )


def test_a_longer_search_raises_the_bound_and_stays_below_the_plan(two_days):
    _, plant, path = two_days
    oracle = solve_path(plant, path)
    others = 1e-3 * (oracle.plan_jpy - oracle.car_wear_jpy)
    found = [bounded(plant, path, oracle.x, oracle.dual, others, rounds) for rounds in (0, 2, 6)]
    bounds = [part.bound_kjpy for part in found]
    assert bounds[0] < bounds[1] < bounds[2] < 1e-3 * oracle.plan_jpy
    # At prices of a plan with wear the cars would cycle harder if it cost nothing.
    assert bounds[0] < unworn(plant, path)[1].objective
    spread = [part.bound_kjpy + part.open_kjpy for part in found]
    assert spread[0] >= spread[1] >= spread[2]
    assert found[2].open_kjpy < found[0].open_kjpy


def test_any_prices_make_a_bound(two_days):
    """Prices that are half of those of the plan, for the cars: what they give up the rest does not."""
    config, plant, path = two_days
    structure, plan = unworn(plant, path)
    search, reduced = search_of(plant, path, 0.5 * plan.dual[: structure.wear_row])
    for _ in range(2):
        search.split()
    assert_no_car_is_below(config, plant, path, structure, search, reduced)


def assert_no_car_is_below(config, plant, path, structure, search, reduced):
    """Hold every car of some trajectories, at the prices of a search, against the optima of its days."""
    days, cars = path.steps // 48, structure.template.areas * structure.template.cars
    lowest = search.lowest().reshape(days, cars).sum(axis=0)
    env = AggregatorEnv(config, precision="float64")
    columns, closest = structure.template.columns, np.inf
    for act in (
        actor("tuned", env, SEED),
        actor("mpc-8", env, SEED),
        RandomDispatch(SEED),
        RandomDispatch(SEED, "drain"),
    ):
        trajectory = play(env.batch, WEEK, SEED, act)
        point = embed(structure, path, trajectory)
        cost = columns.named(reduced * point, path.steps)
        names = [n for n in ("discharge", "car", "road", "car_below", "car_above") if n in columns]
        own = cost["charge"].sum(axis=(0, 1)) + sum(cost[name].sum(axis=0) for name in names)
        total = own.ravel() + booked_wear(plant, trajectory.wear_rise).reshape(days, cars).sum(axis=0)
        slack = (total - lowest) / np.maximum(1.0, np.abs(lowest))
        assert slack.min() >= -1e-9
        closest = min(closest, float(slack.min()))
    assert closest < 1.0


def test_no_car_of_a_trajectory_is_below_its_part_of_the_bound(two_days):
    config, plant, path = two_days
    oracle, structure = solve_path(plant, path), Structure(Template(plant), path.steps)
    search, reduced = search_of(plant, path, oracle.dual[: structure.wear_row])
    for _ in range(4):
        assert search.split()
    assert_no_car_is_below(config, plant, path, structure, search, reduced)


def test_the_plan_of_a_box_is_a_path_of_its_car(two_days):
    _, plant, path = two_days
    oracle = solve_path(plant, path)
    search, _ = search_of(plant, path, oracle.dual[: Structure(Template(plant), path.steps).wear_row])
    search.split()
    for i, nodes in enumerate(search.open):
        day = search.programs[i].days
        for node in nodes:
            at = node.path
            end = at.energy + 0.5 * (at.charge - at.discharge) + at.bought - day.after
            moved = at.charge - at.discharge + at.bought - day.before - day.after
            np.testing.assert_allclose(np.diff(end[0]), moved[0, 1:], atol=1e-7)
            assert (at.charge <= day.charge_limit + 1e-9).all()
            assert node.box.soc_low[0] - 1e-7 <= at.energy.mean() / day.health[0] <= node.box.soc_high[0] + 1e-7


def test_a_part_of_a_box_begins_where_the_solver_ended_in_it(two_days):
    """Tight rows alone make the same optimum from nothing, and from the basis it is found without a step."""
    _, plant, path = two_days
    search, _ = search_of(plant, path, solve_path(plant, path).dual)
    for _ in range(3):
        search.split()
    steps, rows, again = [], 0, 0
    for program, nodes in zip(search.programs, search.open, strict=True):
        highs = program._highs
        for node in nodes:
            box, start = node.box, node.start
            low, high = box.drawn_low[0] - program.driven, box.drawn_high[0] - program.driven
            room = float(box.swing_high[0]), (float(box.soc_low[0]), float(box.soc_high[0]))
            drawn = (float(low) if low > 0.0 else -np.inf, float(high))
            value, _, begin = program.solve(*room, drawn, start)
            assert value == pytest.approx(node.value, rel=1e-7, abs=1e-9)
            steps.append(highs.getInfo().simplex_iteration_count)
            rows, again = rows + len(start.rows), again + len(begin.rows)
            highs.clearSolver()
            value, _, _ = program.solve(*room, drawn, None, start.rows)
            assert value == pytest.approx(node.value, rel=1e-7, abs=1e-9)
    assert rows > len(steps) / 2
    assert again == rows
    assert np.mean(np.array(steps) == 0) > 0.99


def test_a_box_in_which_nothing_is_found_stays_whole(two_days, monkeypatch):
    _, plant, path = two_days
    oracle = solve_path(plant, path)
    search, _ = search_of(plant, path, oracle.dual[: Structure(Template(plant), path.steps).wear_row])
    before = search.lowest()
    monkeypatch.setattr(CarDay, "solve", lambda *_: None)
    assert search.split()
    np.testing.assert_array_equal(search.lowest(), before)


def test_a_program_that_the_solver_loses_is_begun_anew(two_days, monkeypatch):
    """HiGHS ends with *unknown* now and then; from nothing it finds what it found on a straight way."""
    _, plant, path = two_days
    dual = solve_path(plant, path).dual
    straight, _ = search_of(plant, path, dual)
    # One program is found at once, the next is lost once, the third twice; each is asked for what it ended with, too.
    lost = cycle((False, False, True, False, False, True, True, False))

    def status(highs):
        return highspy.HighsModelStatus.kUnknown if next(lost) else highspy.Highs.getModelStatus(highs)

    scaled = []

    def option(highs, name, value):
        scaled.append((name, value) == ("simplex_scale_strategy", EQUILIBRATION))
        return highspy.Highs.setOptionValue(highs, name, value)

    monkeypatch.setattr(SilentHighs, "getModelStatus", status, raising=False)
    monkeypatch.setattr(SilentHighs, "setOptionValue", option, raising=False)
    found, _ = search_of(plant, path, dual)
    np.testing.assert_allclose(found.lowest(), straight.lowest(), rtol=1e-9)
    assert {program._highs.getOptionValue("simplex_scale_strategy")[1] for program in found.programs} == {NO_SCALING}
    assert sum(scaled) == len(found.programs) // 3  # of every third, which was lost twice
    monkeypatch.setattr(SilentHighs, "getModelStatus", lambda _: highspy.HighsModelStatus.kUnknown, raising=False)
    with pytest.raises(SolveError):
        search_of(plant, path, dual)


@pytest.mark.parametrize(
    "changes", [{"area": {"cars": 0.0}}, {"fleet": {"pack_jpy_per_kwh": 0.0}}], ids=["no cars", "free wear"]
)
def test_where_no_car_wears_the_bound_is_the_plan(changes):
    plant, (path,) = record_paths(changed("japan3", **changes), [WEEK], [SEED])
    oracle = solve_path(plant, path)
    assert oracle.bound_jpy == pytest.approx(oracle.plan_jpy, rel=1e-7)
    assert oracle.open_jpy == pytest.approx(0.0, abs=1e-3 * abs(oracle.plan_jpy) * 1e-3)
