"""The search over cars' days: it begins at the program's optimum and only rises; no car of a policy is below it."""

from dataclasses import replace
from itertools import cycle

import highspy
import numpy as np
import pytest

from benchmarks.bound_cases import RandomDispatch, actor, changed
from wattbit.env import AggregatorEnv
from wattbit.silent_highs import SilentHighs
from wattbit_agents.baselines.bound.car_day import PARTS, CarDay
from wattbit_agents.baselines.bound.days import booked_wear, day_sums
from wattbit_agents.baselines.bound.search import CLOSE, bounded, search_of
from wattbit_agents.baselines.lp.convex import square_segments
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
    assert bounded(plant, path, plan.x, plan.dual, plan.objective, splits=0).bound_kjpy == pytest.approx(
        plan.objective, rel=1e-7
    )


def test_a_longer_search_raises_the_bound_and_stays_below_the_plan(two_days):
    _, plant, path = two_days
    oracle = solve_path(plant, path)
    others = 1e-3 * (oracle.plan_jpy - oracle.car_wear_jpy)
    found = [bounded(plant, path, oracle.x, oracle.dual, others, splits) for splits in (0, 2, 6, 40)]
    bounds = [part.bound_kjpy for part in found]
    assert bounds[0] < bounds[1] < bounds[2] < bounds[3] < 1e-3 * oracle.plan_jpy
    # At prices of a plan with wear the cars would cycle harder if it cost nothing.
    assert bounds[0] < unworn(plant, path)[1].objective
    spread = [part.bound_kjpy + part.open_kjpy for part in found]
    assert spread[0] >= spread[1] >= spread[2] >= spread[3]
    assert found[2].open_kjpy < found[0].open_kjpy
    # No box is cut without end for nothing.
    assert found[3].open_kjpy < 0.15 * found[1].open_kjpy


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


def searched(plant, path, rounds):
    """Return a search after some rounds, and all boxes that it met by day; no day ever falls."""
    search, _ = search_of(plant, path, solve_path(plant, path).dual)
    met = [list(nodes) for nodes in search.open]
    for _ in range(rounds):
        before = search.lowest()
        search.split()
        assert (search.lowest() >= before - 1e-9 * np.maximum(1.0, np.abs(before))).all()
        for nodes, known in zip(search.open, met, strict=True):
            known += [node for node in nodes if all(node is not other for other in known)]
    return search, met


def room_of(program, box):
    """Return the limits of a box as its program takes them."""
    low, high = box.drawn_low[0] - program.driven, box.drawn_high[0] - program.driven
    discharged = float(low) if low > 0.0 else -np.inf, float(high)
    return float(box.swing_high[0]), (float(box.soc_low[0]), float(box.soc_high[0])), discharged


def worn_point(program, at, wear):
    """Return the columns that rows of wear look at for some path, each half hour's charging in the cheapest parts."""
    sums, unit = day_sums(program.days, at), program._eta * program._share
    assert program.driven == pytest.approx(sums.drawn[0] - at.discharge.sum(), abs=1e-12)
    point = np.zeros(program._soc + 1)
    width = square_segments(PARTS)[0][:, None] * program._limit
    charge = at.charge[0, program._home]
    below = np.cumsum(width, axis=0) - width
    point[: width.size] = np.clip(charge - below, 0.0, width).ravel() / unit
    point[program._discharge] = at.discharge[0, program._home] * program._eta / program._share
    point[[program._high, program._soc, program.worn]] = sums.swing[0], sums.soc[0], wear
    return point


def test_rows_of_a_box_hold_for_every_path_in_it(two_days):
    _, plant, path = two_days
    search, met = searched(plant, path, 20)
    wear_rows = growth_rows = 0
    for program, nodes, known in zip(search.programs, search.open, met, strict=True):
        if program._share == 0.0:
            continue
        paths = [(day_sums(program.days, node.path), worn_point(program, node.path, node.wear)) for node in known]
        for node in nodes:
            for sums, point in paths:
                inside = all(
                    getattr(node.box, f"{name}_low") <= getattr(sums, name) <= getattr(node.box, f"{name}_high")
                    for name in ("swing", "soc", "growth", "drawn")
                )
                for index, value, lower, upper in node.start.rows if inside else ():
                    assert lower - 1e-7 <= value @ point[index] <= upper + 1e-7
                    wear_rows, growth_rows = wear_rows + np.isinf(upper), growth_rows + np.isfinite(upper)
    assert wear_rows > 500
    assert growth_rows > 100


def test_a_part_of_a_box_begins_where_the_solver_ended_in_it(two_days):
    """Tight rows alone make the same optimum from nothing, and from the basis it is found without a step."""
    _, plant, path = two_days
    search, _ = searched(plant, path, 3)
    steps, swings, rows, again = [], [], 0, 0
    for program, nodes in zip(search.programs, search.open, strict=True):
        for node in nodes:
            room, start = room_of(program, node.box), node.start
            value, point, begin = program.solve(*room, start)
            assert value == pytest.approx(node.value, rel=1e-7, abs=1e-9)
            steps.append(program._highs.getInfo().simplex_iteration_count)
            rows, again = rows + len(start.rows), again + len(begin.rows)
            for index, coefficients, lower, upper in start.rows:
                limit = lower if np.isinf(upper) else upper
                assert coefficients @ point[index] == pytest.approx(limit, rel=1e-7, abs=1e-7)
            sums = day_sums(program.days, program.paths(point))
            assert node.box.drawn_low[0] - 1e-7 <= sums.drawn[0] <= node.box.drawn_high[0] + 1e-7
            if point[program.worn] > 1e-6:
                swings.append((point[program._high] - point[program._low], sums.swing[0]))
            program._highs.clearSolver()
            value, _, _ = program.solve(*room, None, start.rows)
            assert value == pytest.approx(node.value, rel=1e-7, abs=1e-9)
    assert rows > len(steps) / 2
    assert again == rows
    assert np.mean(np.array(steps) == 0) > 0.99
    counted, true = np.transpose(swings)
    assert len(swings) > 100
    np.testing.assert_allclose(counted, true, atol=1e-7)


def test_what_is_bought_on_the_road_moves_the_marks(two_days):
    """Where buying pays and the swing costs a little, no day swings more in its program than its path does."""
    _, plant, path = two_days
    search, _ = search_of(plant, path, solve_path(plant, path).dual)
    found = []
    for program in search.programs:
        costs = [*((column, -1e3) for column in program._road), (program._high, 1e-3), (program._low, -1e-3)]
        for column, cost in costs:
            program._highs.changeColCost(int(column), cost)
        _, point, _ = program.solve(np.inf, (0.0, np.inf), (-np.inf, np.inf))
        at = program.paths(point)
        if at.bought.sum() > 0.1:
            found.append((point[program._high] - point[program._low], day_sums(program.days, at).swing[0]))
    counted, true = np.transpose(found)
    assert len(found) > 20
    assert (counted <= true + 1e-7).all()


def test_a_cell_without_amplitudes_gets_tangents(two_days):
    _, plant, path = two_days
    other = replace(plant, cell="sanyo_nmc111")
    search, _ = search_of(other, path, solve_path(plant, path).dual)
    assert search.law.amplitude is None
    begin = before = search.lowest()
    more = [search.split()]
    while more[-1] and sum(more) < 2 * len(before):
        assert (search.lowest() >= before - 1e-9 * np.maximum(1.0, np.abs(before))).all()
        before = search.lowest()
        more.append(search.split())
    assert more[0]
    assert not more[-1]
    assert before.sum() > begin.sum()
    wear = np.array([min(nodes, key=lambda node: node.value).wear for nodes in search.open])
    assert (search.best - before <= np.maximum(CLOSE * wear, 1e-6 * np.abs(before)) + 1e-9).all()


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
