"""Half hours taken together: nothing is lost, what is single stays as it was, and plans cost nearly the same."""

import numpy as np
import pytest

pytest.importorskip("highspy")

from wattbit.env import AggregatorEnv
from wattbit_agents.baselines.lp.mpc import MPC
from wattbit_agents.baselines.lp.periods import APART_COLUMNS, APART_ROWS, SINGLE, Periods, period_ends, stocks_of
from wattbit_agents.baselines.lp.planners import PLANNERS, MPCOptions, make_planner
from wattbit_agents.baselines.lp.solve import solve

FULL = {"forecast": "full", "assets": "each"}


class Watched(MPC):
    """A planner that shows the program of the half hours."""

    def _solved(self, futures, structure, clock, bases):
        (self.program,), self.structure, self.slot = futures, structure, clock.slot
        return super()._solved(futures, structure, clock, bases)


def watched(scenario, options, week=2, slot=0):
    """Let a planner decide once, at a half hour of the day."""
    env = AggregatorEnv(scenario, **FULL)
    policy = make_planner("watched", env, options=options)
    policy.__class__ = Watched
    observation, _ = env.reset(seed=5, options={"week": week})
    for _ in range(slot):
        observation = env.step(np.zeros(env.action_space.shape, np.float32))[0]
    policy.predict(observation)
    assert policy.fallbacks == {}
    return policy


def test_periods_cover_the_plan_and_keep_to_the_clock():
    assert period_ends(0, 20, 4) == (*range(1, 13), 16, 20)
    assert period_ends(1, 20, 4) == (*range(1, 16), 19, 20)
    for together in (1, 2, 4):
        for slot in range(48):
            for steps in (1, 8, SINGLE, SINGLE + 1, 48, 96):
                ends = np.array(period_ends(slot, steps, together))
                length = np.diff(ends, prepend=0)
                assert ends[-1] == steps
                assert (length[: min(steps, SINGLE)] == 1).all()
                assert (length <= together).all()
                long = length > 1
                assert ((slot + ends - length)[long] % together == 0).all()


@pytest.mark.parametrize("slot", range(4))
def test_half_an_hour_later_a_period_is_the_same_or_has_been_split(slot):
    for together in (2, 4):
        before = {slot + end for end in period_ends(slot, 48, together)}
        later = {slot + 1 + end for end in period_ends(slot + 1, 48, together)}
        # Old bounds stay, but for that of the plan's end, where a period may be finished.
        assert before - {slot + 1, slot + 48} <= later


@pytest.fixture(scope="module", params=["mpc-dual", "mpc-hedged"])
def plan(request):
    return watched("golden-week", PLANNERS[request.param], slot=13)


def test_single_half_hours_are_the_program_itself(plan):
    ends = tuple(range(1, plan.structure.steps + 1))
    made = Periods(plan.structure, ends).program(plan.program)
    assert (made.matrix != plan.program.matrix).nnz == 0
    for name in ("cost", "lower", "upper", "row_lower", "row_upper"):
        np.testing.assert_array_equal(getattr(made, name), getattr(plan.program, name), err_msg=name)
    assert made.constant == plan.program.constant


@pytest.fixture(
    scope="module", params=[("kyushu-spring", 16, 0), ("snow-campus", 2, 30), ("golden-week", 2, 13)], ids=str
)
def other(request):
    """Surplus in some half hours, snow, holidays."""
    scenario, week, slot = request.param
    return watched(scenario, MPCOptions(recourse=True), week, slot)


@pytest.mark.parametrize("together", [2, 4])
def test_what_is_planned_for_periods_holds_in_half_hours(other, together):
    fine, structure = other.program, other.structure
    ends = period_ends(other.slot, structure.steps, together)
    periods = Periods(structure, ends)
    short = periods.program(fine)
    assert short.matrix.shape == periods.shape
    assert short.matrix.shape[1] < (0.8 if together == 2 else 0.7) * fine.matrix.shape[1]
    found = solve(short)
    point = periods.spread(fine, found.x)
    assert fine.cost @ point + fine.constant == pytest.approx(found.objective, rel=1e-9)
    template, steps = structure.template, structure.steps

    def named(vector, blocks):
        table = vector[: steps * blocks.size].reshape(steps, -1)
        return {name: table[:, part] for name, part in blocks.part.items()}

    columns, lower, upper = (named(v, template.columns) for v in (point, fine.lower, fine.upper))
    activity = fine.matrix @ point
    above, below = (named(v, template.rows) for v in (activity - fine.row_upper, fine.row_lower - activity))
    # The market, calls and departures: every half hour by itself, as the program of half hours has it.
    for name in set(APART_COLUMNS) & set(columns) | {"charge"}:
        assert (columns[name] >= lower[name] - 1e-5).all(), name
        assert (columns[name] <= upper[name] + 1e-5).all(), name
    for name in set(APART_ROWS) & set(above):
        assert above[name].max() < 1e-5, name
        assert below[name].max() < 1e-5, name
    # All else on the sum of a period: energy is conserved, work done, no limit passed.
    begins = np.concatenate([[0], ends[:-1]])
    for name in above:
        assert np.add.reduceat(above[name], begins, axis=0).max() < 1e-4, name
        assert np.add.reduceat(below[name], begins, axis=0).max() < 1e-4, name
    # Stocks within their limits at the end of each period.
    last = np.array(ends) - 1
    for name in ("store", "car", "batch_left", "training_left"):
        assert template.columns.part[name].start in stocks_of(template)[0]
        assert (columns[name][last] >= lower[name][last] - 1e-5).all(), name
        assert (columns[name][last] <= upper[name][last] + 1e-5).all(), name


def test_a_plan_of_periods_costs_nearly_what_one_of_half_hours_costs(other):
    exact = solve(other.program).objective
    gap = [
        solve(Periods(other.structure, period_ends(other.slot, 48, k)).program(other.program)).objective - exact
        for k in (2, 4)
    ]
    # Powers are held, which costs more the longer; that limits are kept on the mean gains less.
    assert 0.0 < gap[0] < gap[1] < 0.1 * abs(exact)


def test_a_departure_may_lack_more_than_it_needs():
    # Within a period a car's energy is taken to fall and rise evenly, below zero if a long trip is on its way.
    policy = watched("golden-week", PLANNERS["mpc-hedged"], slot=13)
    template, steps = policy.structure.template, policy.structure.steps
    rows = policy.program.row_lower[: steps * template.rows.size].reshape(steps, -1)[:, template.rows.part["short"]]
    most = policy.program.upper[: steps * template.columns.size].reshape(steps, -1)[:, template.columns.part["short"]]
    asked = np.isfinite(rows)
    assert asked.any()
    whole = np.broadcast_to(
        template.plant.capacity_kwh * template.plant.weight[:, None], (2, *template.columns.shape["car"])
    )
    assert ((most - np.maximum(0.0, rows))[asked] > np.broadcast_to(whole.ravel(), rows.shape)[asked]).all()


def test_the_end_of_an_episode_is_planned_to_its_last_half_hour():
    env = AggregatorEnv("japan3", **FULL)
    policy = make_planner("x", env, options=MPCOptions(horizon=96))
    observation, _ = env.reset(seed=5, options={"week": 1})
    steps = env.scenario.episode.steps
    memory = None
    for t in range(steps):
        if t < steps - 60:
            action = np.zeros(env.action_space.shape, np.float32)
        else:
            action, memory = policy.predict(observation, memory)
        observation, _, terminated, truncated, _ = env.step(action)
    assert terminated or truncated
    assert policy.fallbacks == {}


@pytest.mark.parametrize("scenario", ["golden-week", "fleet-hijack", "tokyo-outage", "snow-campus"])
def test_there_is_a_plan_in_every_half_hour_of_a_morning(scenario):
    env = AggregatorEnv(scenario, **FULL)
    planners = [make_planner("x", env, options=MPCOptions(horizon=24, together=k, recourse=k == 4)) for k in (2, 4)]
    observation, _ = env.reset(seed=8, options={"week": 2})
    memories = [None, None]
    for t in range(24):
        for k, policy in enumerate(planners):
            action, memories[k] = policy.predict(observation, memories[k])
            assert policy.fallbacks == {}, t
        observation = env.step(action)[0]
