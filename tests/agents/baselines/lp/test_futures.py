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
    """A planner that shows the programs of its futures."""

    def _plan(self, see, memory, through_box):
        self.path = self._outlook.path(see, 24, self._outlook.prices(see, see.clock(), memory.history))
        self.delta = self._outlook.prices(see, see.clock(), memory.history).delta_jpy_per_mwh[:24]
        return super()._plan(see, memory, through_box)

    def _solved(self, futures, structure, clock, bases):
        self.futures, self.structure = futures, structure
        return super()._solved(futures, structure, clock, bases)


@pytest.fixture(scope="module")
def planner():
    env = AggregatorEnv("japan3", forecast="full", assets="each")
    planner = make_planner("watched", env, options=MPCOptions(horizon=24, futures=2))
    planner.__class__ = Watched
    observation, _ = env.reset(seed=5, options={"week": 40})
    for _ in range(20):
        observation = env.step(np.zeros(env.action_space.shape, np.float32))[0]
    planner.predict(observation)
    assert planner.fallbacks == {}
    return planner


def priced(planner, count=8, clock=CLOCK):
    paths = futures_of(planner.path, planner.delta, clock, count, FLOOR)
    return np.array([path.price_jpy_per_mwh for path in paths])


def test_futures_are_as_expected_on_the_mean_and_further_apart_the_later(planner):
    expected, found = planner.path.price_jpy_per_mwh, priced(planner, 400)
    assert (expected > 5_000.0).all()  # far from the floor
    np.testing.assert_allclose(found.mean(axis=0), expected, rtol=0.02)
    assert (found[:, 0] == expected[0]).all()
    spread = found.std(axis=0)
    assert (spread[1] > 300.0).all()
    assert (spread[12] > 1.2 * spread[1]).all()
    # National: what is off by so much in one area is off by nearly as much in another.
    off = found - expected
    assert np.corrcoef(off[:, 6, 0], off[:, 6, 2])[0, 1] > 0.99


def test_futures_follow_the_half_hour_of_the_week_alone(planner):
    same = priced(planner, clock=replace(CLOCK, month=9, to_go=40))
    np.testing.assert_array_equal(priced(planner), same)
    for other in (replace(CLOCK, slot=18), replace(CLOCK, weekday=3)):
        assert not np.isclose(priced(planner)[:, 5], priced(planner, clock=other)[:, 5]).any()


def test_where_surplus_sets_the_price_it_does_in_every_future(planner):
    price = planner.path.price_jpy_per_mwh.copy()
    price[8:12] = FLOOR
    low = futures_of(replace(planner.path, price_jpy_per_mwh=price), planner.delta, CLOCK, 8, FLOOR)
    for path in low:
        assert (path.price_jpy_per_mwh[8:12] == FLOOR).all()
        assert (path.price_jpy_per_mwh >= FLOOR).all()


def test_programs_of_futures_differ_in_their_costs_alone(planner):
    one, other = planner.futures
    assert (one.matrix != other.matrix).nnz == 0
    assert np.abs(one.cost - other.cost).max() > 0.1
    for name in ("lower", "upper", "row_lower", "row_upper"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    first = slice(planner.structure.template.columns.size)
    np.testing.assert_array_equal(one.cost[first], other.cost[first])


def joint_of(planner, count):
    template = planner.structure.template
    return Joint(planner.futures[0].matrix, template.rows.size, template.columns.size, count)


def test_the_same_future_twice_is_one_future(planner):
    one = planner.futures[0]
    alone, twice = solve(one), solve(joint_of(planner, 2).program([one, one]))
    assert twice.objective == pytest.approx(alone.objective, rel=1e-7)
    assert joint_of(planner, 1).program([one]) is one


def test_a_joint_plan_costs_more_than_foresight_and_no_more_than_a_plan_for_the_expected(planner):
    """Madansky's inequalities: wait and see <= here and now <= the expected's first half hour, held to."""
    joint = joint_of(planner, 2)
    here = solve(joint.program(planner.futures))
    foresight = np.mean([solve(future).objective for future in planner.futures])
    first = slice(planner.structure.template.columns.size)
    mean = replace(planner.futures[0], cost=np.mean([future.cost for future in planner.futures], axis=0))
    held = solve(mean).x[first]
    costs = []
    for future in planner.futures:
        lower, upper = future.lower.copy(), future.upper.copy()
        lower[first], upper[first] = held - 1e-7, held + 1e-7
        costs.append(solve(replace(future, lower=lower, upper=upper)).objective)
    assert foresight + 1.0 < here.objective < np.mean(costs) + 1e-3
    # Every future keeps its own rows in the joint plan, and all begin with the same half hour.
    for places, future in zip(joint.columns, planner.futures, strict=True):
        x = here.x[places]
        assert (future.matrix @ x >= future.row_lower - 1e-5).all()
        assert (future.matrix @ x <= future.row_upper + 1e-5).all()
        np.testing.assert_array_equal(x[first], here.x[joint.columns[0]][first])
