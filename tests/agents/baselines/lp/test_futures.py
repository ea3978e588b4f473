"""Several futures in one plan: their law, and what the value of such a program must lie between."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("highspy")

from wattbit.env import AggregatorEnv
from wattbit_agents.baselines.lp.futures import Joint, futures_of
from wattbit_agents.baselines.lp.mpc import MPC
from wattbit_agents.baselines.lp.planners import MPCOptions, make_planner
from wattbit_agents.baselines.lp.sight import Clock
from wattbit_agents.baselines.lp.solve import solve

CLOCK = Clock(slot=17, weekday=2, month=5, to_go=200)
FLOOR = 10.0


class Watched(MPC):
    """A planner that shows what its futures are made of."""

    def _plan(self, see, memory, through_box):
        self.prices = self._outlook.prices(see, see.clock(), memory.history)
        return super()._plan(see, memory, through_box)

    def _price_calls(self, structure, path, program):
        super()._price_calls(structure, path, program)
        self.paths = [*getattr(self, "paths", []), path]

    def _solved(self, futures, structure, clock, bases):
        self.futures, self.structure = futures, structure
        return super()._solved(futures, structure, clock, bases)


@pytest.fixture(scope="module", params=["dear", "near the floor"])
def planner(request):
    env = AggregatorEnv("japan3", forecast="full", assets="each")
    planner = make_planner("watched", env, options=MPCOptions(horizon=24, futures=2))
    planner.__class__ = Watched
    observation, _ = env.reset(seed=5, options={"week": 40 if request.param == "dear" else 2})
    for _ in range(20):
        observation = env.step(np.zeros(env.action_space.shape, np.float32))[0]
    planner.predict(observation)
    assert planner.fallbacks == {}
    assert (planner.prices.spot_jpy_per_mwh[:24].min() < 2_000.0) == (request.param != "dear")
    return planner


def priced(planner, count=8, clock=CLOCK, steps=24):
    path = planner.paths[0]
    path = replace(path, price_jpy_per_mwh=path.price_jpy_per_mwh[:steps])
    paths = futures_of(path, planner.prices, clock, count, FLOOR)
    return np.array([path.price_jpy_per_mwh for path in paths])


def test_futures_are_as_expected_on_the_mean_and_further_apart_the_later(planner):
    found = priced(planner, 400)
    expected = planner.prices.spot_jpy_per_mwh[:24] + planner.prices.delta_jpy_per_mwh[:24]
    far = expected > 9_000.0  # where the floor cuts nothing off
    assert far.sum() > 10
    np.testing.assert_allclose(found.mean(axis=0)[far], expected[far], rtol=1e-3)
    assert (found >= FLOOR).all()
    assert (found.mean(axis=0) >= np.maximum(FLOOR, expected) - 1e-6).all()  # Jensen
    assert (np.ptp(found[:, 0], axis=0) == 0.0).all()
    spread = found.std(axis=0)
    assert (spread[1] > 300.0).all()
    assert (spread[12] > 1.2 * spread[1])[far[12]].all()
    # National: what is off by so much in one area is off by nearly as much in another.
    both = far[:, 0] & far[:, 1]
    if both.any():
        t = np.flatnonzero(both)[-1]
        assert np.corrcoef(found[:, t, 0], found[:, t, 1])[0, 1] > 0.99


def test_futures_follow_the_half_hour_of_the_week_alone(planner):
    same = priced(planner, clock=replace(CLOCK, month=9, to_go=40))
    np.testing.assert_array_equal(priced(planner), same)
    np.testing.assert_allclose(priced(planner)[:, :7], priced(planner, steps=7), rtol=1e-12)
    for other in (replace(CLOCK, slot=18), replace(CLOCK, weekday=3)):
        moved = priced(planner, clock=other)[:, 5, 1]
        assert not np.isclose(priced(planner)[:, 5, 1], moved)[moved > FLOOR].any()


def test_futures_come_in_pairs(planner):
    with pytest.raises(ValueError, match="count is 3"):
        priced(planner, 3)


def test_programs_of_futures_differ_in_what_follows_the_price_and_not_in_the_first_half_hour(planner):
    one, other = planner.futures
    size = planner.structure.template.columns.size
    np.testing.assert_array_equal(one.matrix.data, other.matrix.data)
    for name in ("row_lower", "row_upper", "lower"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("cost", "upper"):
        np.testing.assert_array_equal(getattr(one, name)[:size], getattr(other, name)[:size])
    assert np.abs(one.cost - other.cost).max() > 0.1
    # Where the floor ends a zone's curve of supply, its segments end with the future's own price.
    columns = planner.structure.template.columns
    hours = [future.upper[: 24 * size].reshape(24, size) for future in planner.futures]
    changed = (hours[0] != hours[1]).any(axis=0)
    assert set(np.flatnonzero(changed)) <= set(range(columns.part["supply"].start, columns.part["supply"].stop))
    assert changed.any()


def test_a_perfect_forecast_has_one_future(scenario):
    env = AggregatorEnv(scenario("japan3", forecast={"tier": "perfect"}), forecast="full", assets="each")
    assert make_planner("sure", env, options=MPCOptions(futures=2)).options.futures == 1


def joint_of(planner, count):
    template = planner.structure.template
    return Joint(planner.futures[0].matrix, template.rows.size, template.columns.size, count)


def test_the_same_future_twice_is_one_future(planner):
    one = planner.futures[0]
    alone, twice = solve(one), solve(joint_of(planner, 2).program([one, one]))
    assert twice.objective == pytest.approx(alone.objective, rel=1e-7)
    assert joint_of(planner, 1).program([one]) is one


def test_a_joint_plan_costs_more_than_foresight_and_less_than_holding_to_one_futures_plan(planner):
    """Madansky's inequalities: wait and see <= here and now <= the first half hour of any one plan, held to."""
    joint = joint_of(planner, 2)
    here = solve(joint.program(planner.futures))
    foresight = np.mean([solve(future).objective for future in planner.futures])
    first = slice(planner.structure.template.columns.size)
    held = solve(planner.futures[0]).x[first]
    costs = []
    for future in planner.futures:
        lower, upper = future.lower.copy(), future.upper.copy()
        lower[first], upper[first] = held - 1e-7, held + 1e-7
        costs.append(solve(replace(future, lower=lower, upper=upper)).objective)
    assert foresight + 0.1 < here.objective < np.mean(costs) - 0.1
    # Every future keeps its own rows in the joint plan, and all begin with the same half hour.
    for places, future in zip(joint.columns, planner.futures, strict=True):
        x = here.x[places]
        assert (future.matrix @ x >= future.row_lower - 1e-5).all()
        assert (future.matrix @ x <= future.row_upper + 1e-5).all()
        np.testing.assert_array_equal(x[first], here.x[joint.columns[0]][first])
