"""Half hours taken together: nothing is lost, what is single stays as it was, and plans cost nearly the same."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("highspy")

from wattbit.env import AggregatorEnv
from wattbit_agents.baselines.lp.mpc import MPC
from wattbit_agents.baselines.lp.periods import EVENT_ROWS, SINGLE, Periods, period_ends, stocks_of
from wattbit_agents.baselines.lp.planners import PLANNERS, MPCOptions, make_planner
from wattbit_agents.baselines.lp.program import Program
from wattbit_agents.baselines.lp.solve import solve

FULL = {"forecast": "full", "assets": "each"}


class Watched(MPC):
    """A planner that shows the program of the half hours and the periods it takes them to."""

    def _shortened(self, program, structure, ends):
        self.program, self.structure, self.ends = program, structure, ends
        return super()._shortened(program, structure, ends)


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
        assert before - {slot, slot + 1, slot + 48} <= later


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


def off_balance(fine: Program, point: np.ndarray, rows: np.ndarray) -> float:
    """Largest miss of rows that are equations."""
    activity = fine.matrix @ point
    return float(np.abs(activity[rows] - fine.row_upper[rows]).max())


@pytest.mark.parametrize("together", [2, 4])
def test_what_is_planned_for_periods_is_conserved_in_half_hours(plan, together):
    fine, structure = plan.program, plan.structure
    periods = Periods(structure, period_ends(13, structure.steps, together))
    short = periods.program(fine)
    assert short.matrix.shape == periods.shape
    assert short.matrix.shape[1] < (0.75 if together == 2 else 0.55) * fine.matrix.shape[1]
    found = solve(short)
    point = periods.spread(fine, found.x)
    assert fine.cost @ point + fine.constant == pytest.approx(found.objective, rel=1e-9)
    # Stocks: from the beginning to the end of each period, to the last kWh; powers: what is drawn is what is used.
    template, steps = structure.template, structure.steps
    n, m = template.columns.size, template.rows.size
    columns, balances = stocks_of(template)
    assert {"store", "car", "batch_left", "training_left"} == {
        name for name in template.columns.part if np.isin(template.columns[name], columns).any()
    }
    ends = np.array(periods.ends) - 1
    gap = (fine.matrix @ point - fine.row_upper)[: steps * m].reshape(steps, m)[:, balances]
    whole = np.add.reduceat(gap, np.concatenate([[0], ends[:-1] + 1]), axis=0)
    assert np.abs(whole).max() < 1e-5
    hours = np.arange(steps)[:, None] * m
    assert off_balance(fine, point, (hours + template.rows["net"]).ravel()) < 1e-5
    assert off_balance(fine, point, (hours + template.rows["meet"]).ravel()) < 1e-5
    # Stocks within their limits at the end of each period, every power at any time but for the mean of its limits.
    table = point[: steps * n].reshape(steps, n)
    lower, upper = (limit[: steps * n].reshape(steps, n) for limit in (fine.lower, fine.upper))
    assert (table[ends][:, columns] >= lower[ends][:, columns] - 1e-5).all()
    assert (table[ends][:, columns] <= upper[ends][:, columns] + 1e-5).all()


def test_a_plan_of_periods_costs_nearly_what_one_of_half_hours_costs(plan):
    exact = solve(plan.program).objective
    for together in (2, 4):
        short = Periods(plan.structure, period_ends(13, 48, together)).program(plan.program)
        # Powers are held, which costs something; limits are only kept on the mean, which gains something.
        assert solve(short).objective == pytest.approx(exact, rel=0.01 * together)


def test_a_zone_that_lasts_for_a_part_of_a_period_is_paid_at_its_own_price():
    policy = watched("japan3", MPCOptions(horizon=24, together=4))
    fine, structure = policy.program, policy.structure
    n, part = structure.template.columns.size, structure.template.columns.part["supply"]
    cost, upper = (table[: 24 * n].reshape(24, n).copy() for table in (fine.cost, fine.upper))
    # In the first period only its second half hour has the zone, in the next all have.
    cost[12:16, part], upper[12:16, part] = (
        np.array([[9.0], [2.0], [9.0], [9.0]]),
        np.array([[0.0], [5.0], [0.0], [0.0]]),
    )
    cost[16:20, part], upper[16:20, part] = np.c_[[1.0, 2.0, 3.0, 6.0]], 5.0
    other = replace(
        fine,
        cost=np.concatenate([cost.ravel(), fine.cost[24 * n :]]),
        upper=np.concatenate([upper.ravel(), fine.upper[24 * n :]]),
    )
    periods = Periods(structure, period_ends(0, 24, 4))
    made = periods.program(other)
    paid, width = (table[: 15 * n].reshape(15, n)[12:14, part] for table in (made.cost, made.upper))
    # A MW of the period is four of that half hour: 1.25 MW of it are all there are.
    np.testing.assert_allclose(paid[0], 4 * 2.0)
    np.testing.assert_allclose(width[0], 1.25)
    np.testing.assert_allclose(paid[1], 12.0)
    np.testing.assert_allclose(width[1], 5.0)


def test_a_call_in_a_part_of_a_period_is_one_of_the_whole_period():
    policy = watched("japan3", MPCOptions(horizon=24, together=4))
    fine, structure = policy.program, policy.structure
    template = structure.template
    row = template.rows.part["missed"].start
    low = np.full((24, template.rows.size), -np.inf)
    low[15, row], low[20:22, row] = 7.0, (1.0, 3.0)
    called = np.concatenate([low.ravel(), fine.row_lower[low.size :]])
    called = np.where(np.isin(np.arange(len(called)) % template.rows.size, [row]), called, fine.row_lower)
    periods = Periods(structure, period_ends(0, 24, 4))
    found = periods.program(replace(fine, row_lower=called)).row_lower
    at = np.arange(len(periods.ends)) * template.rows.size + row
    np.testing.assert_array_equal(found[at[:12]], -np.inf)
    np.testing.assert_array_equal(found[at[12:]], [28.0, -np.inf, 8.0])
    assert set(EVENT_ROWS) >= {"missed"}


@pytest.mark.parametrize("scenario", ["golden-week", "fleet-hijack", "tokyo-outage", "snow-campus"])
def test_there_is_a_plan_at_every_hour_of_a_day(scenario):
    env = AggregatorEnv(scenario, **FULL)
    planners = [make_planner("x", env, options=MPCOptions(horizon=24, together=k, recourse=k == 4)) for k in (2, 4)]
    observation, _ = env.reset(seed=8, options={"week": 2})
    memories = [None, None]
    for t in range(24):
        for k, policy in enumerate(planners):
            action, memories[k] = policy.predict(observation, memories[k])
            assert policy.fallbacks == {}, t
        observation = env.step(action)[0]
