"""Planners act through the Box from nothing but observations, row by row, and say when they had no plan."""

import logging
from dataclasses import replace

import numpy as np
import pytest

from wattbit.action import decode_action, step_dispatch
from wattbit.env import AggregatorEnv, FleetV2GEnv
from wattbit.vector import AggregatorVectorEnv
from wattbit.world import state as s
from wattbit_agents.baselines import make_policy
from wattbit_agents.baselines.lp.book import planner_book
from wattbit_agents.baselines.lp.encode import box_action
from wattbit_agents.baselines.lp.ends import end_of, stock_price
from wattbit_agents.baselines.lp.outlook import Outlook
from wattbit_agents.baselines.lp.planners import FALLBACK, PLANNERS, MPCOptions, make_planner
from wattbit_agents.baselines.lp.sight import Sight, setting_of
from wattbit_agents.baselines.lp.solve import Solver
from wattbit_agents.errors import PolicyError
from wattbit_agents.evaluation import evaluate

SHORT = MPCOptions(horizon=8, terminal="simulated")
"""Plans that are made in milliseconds."""

FULL = {"forecast": "full", "assets": "each"}


def planner(env, name="mpc-short", **changes):
    return make_planner(name, env, options=replace(SHORT, **changes))


def play(policy, env, steps, weeks=(3, 40, 77), seeds=(4, 5, 6), wreck=None):
    """Actions of a batch, step by step; `wreck` is called after the reset."""
    observation, _ = env.reset(seed=list(seeds), options={"week": list(weeks)})
    if wreck is not None:
        wreck(env)
    actions, state, start = [], None, np.ones(env.num_envs, np.bool_)
    for _ in range(steps):
        action, state = policy.predict(observation, state, start)
        actions.append(action)
        observation = env.step_arrays(action)[0].copy()
        start = np.zeros(env.num_envs, np.bool_)
    return np.array(actions)


@pytest.fixture(scope="module")
def trio():
    return AggregatorVectorEnv(3, "japan3", split="validation", **FULL)


@pytest.fixture(scope="module")
def trio_by_car():
    return AggregatorVectorEnv(3, "japan3", split="validation", orders="car", **FULL)


@pytest.mark.parametrize("name", list(PLANNERS))
def test_every_planner_acts_within_the_box(name, trio, trio_by_car):
    worlds = {"area": trio, "car": trio_by_car}[PLANNERS[name].orders]
    policy = make_planner(name, worlds)
    observation = worlds.reset(seed=1)[0][:1]
    action, state = policy.predict(observation)
    assert action.shape == (1, worlds.single_action_space.shape[0])
    assert action.dtype == np.float32
    assert (np.abs(action) <= 1.0).all()
    assert len(state) == 1
    assert policy.fallbacks == {}


def test_the_box_does_what_is_planned():
    env = AggregatorEnv("japan3", **FULL)
    policy = planner(env, horizon=24)
    weight = env.batch.constants.site[:, s.SITE_WEIGHT] * 1e-3
    plant, off, total = setting_of(env.batch).plant, 0.0, 0.0
    for week, step in np.ndindex(3, 12):
        if step == 0:
            observation, _ = env.reset(seed=2, options={"week": (20, 40, 50)[week]})
            memory = None
        plan, memory = policy.dispatch(observation, memory)
        done = decode_action(env.batch, box_action(plant, Sight(env.observation_layout, observation), plan, "area"))
        np.testing.assert_allclose(done.vehicle_kw.sum(axis=1) * weight, plan.vehicle_kw.sum(axis=1) * weight, atol=0.1)
        np.testing.assert_allclose(done.storage_mw, plan.storage_mw, atol=1e-2)
        for name in ("interactive_mw", "batch_mw", "training_mw"):
            asked, ran = getattr(plan, name), getattr(done, name)
            np.testing.assert_allclose(ran.sum(axis=0), asked.sum(axis=0), atol=10.0, err_msg=name)
        # One control for three latency classes: what only some of them may do is met roughly.
        off += np.abs(done.realtime_mw.sum(axis=(0, 1)) - plan.realtime_mw.sum(axis=(0, 1))).sum()
        total += plan.realtime_mw.sum()
        for name in ("reserve_up_mw", "reserve_down_mw"):
            np.testing.assert_allclose(getattr(done, name), getattr(plan, name), atol=1e-2)
        observation = env.step(policy.predict(observation)[0])[0]
    assert off < 0.2 * total


def test_orders_by_car_do_what_is_planned_for_each():
    env = AggregatorEnv("japan3", orders="car", precision="float64", **FULL)
    policy = planner(env, orders="car")
    plant = setting_of(env.batch).plant
    observation, _ = env.reset(seed=2, options={"week": 20})
    state, spread = None, []
    for _ in range(12):
        see = Sight(env.observation_layout, observation)
        plan, _ = policy.dispatch(observation)
        done = decode_action(env.batch, box_action(plant, see, plan, "car"))
        low, high = see["car_power_min_kw"], see["car_power_max_kw"]
        np.testing.assert_allclose(done.vehicle_kw, np.clip(plan.vehicle_kw, low, high), atol=1e-3)
        spread.append(np.ptp(done.vehicle_kw, axis=1).max())
        action, state = policy.predict(observation, state)
        assert action in env.action_space
        observation = env.step(action)[0]
    assert max(spread) > 1.0  # cars of one area are told different things
    assert policy.fallbacks == {}


def test_what_is_offered_is_delivered():
    env = AggregatorEnv("japan3", info_level="full", **FULL)
    policy = planner(env)
    observation, _ = env.reset(seed=2, options={"week": 20})
    state, offered, short = None, 0.0, 0.0
    for _ in range(24):
        action, state = policy.predict(observation, state)
        observation = env.step(action)[0]
        offered += env.batch.ledger[0, :, [s.L_RESERVE_UP_MW, s.L_RESERVE_DOWN_MW]].sum()
        short += env.batch.ledger[0, :, s.L_RESERVE_SHORT_MW].sum()
    assert offered > 1000.0
    assert short < 1e-3 * offered


def test_a_dispatch_is_carried_out_as_it_is():
    env = AggregatorEnv("japan3", **FULL)
    policy = planner(env, horizon=24)
    observation, _ = env.reset(seed=2, options={"week": 20})
    memory = None
    for _ in range(6):
        plan, memory = policy.dispatch(observation, memory)
        calm = replace(plan, reserve_up_mw=None, reserve_down_mw=None)  # calls would change it
        step_dispatch(env.batch, calm)
        done = env.batch.world
        np.testing.assert_allclose(done.car[0, :, s.CAR_POWER_KW], plan.vehicle_kw, atol=1e-3)
        np.testing.assert_allclose(done.flow[0, : s.FLOW_INTERACTIVE], plan.realtime_mw, atol=1e-3)
        np.testing.assert_allclose(done.flow[0, s.FLOW_INTERACTIVE], plan.interactive_mw, atol=1e-2)
        np.testing.assert_allclose(done.flow[0, s.FLOW_BATCH], plan.batch_mw, atol=1e-2)
        np.testing.assert_allclose(done.flow[0, s.FLOW_TRAINING], plan.training_mw, atol=1e-2)
        observation = env._appended.extend(env.batch.observation)[0]


@pytest.mark.parametrize("options", [{}, {"forecast": "persistence"}], ids=["issued", "persistence"])
def test_a_row_is_planned_as_if_it_were_alone(options, trio):
    together = play(planner(trio, **options), trio, 6)
    policy = planner(trio, **options)
    turned = play(policy, trio, 6, weeks=(77, 3, 40), seeds=(6, 4, 5))
    assert together[:, [2, 0, 1]].tobytes() == turned.tobytes()
    alone = AggregatorVectorEnv(1, "japan3", split="validation", **FULL)
    # The same planner has solved other rows before.
    single = play(planner(alone, **options), alone, 6, weeks=(40,), seeds=(5,))
    assert single[:, 0].tobytes() == together[:, 1].tobytes()


def test_without_a_state_the_action_follows_from_the_observation_alone(trio):
    observation, _ = trio.reset(seed=9)
    policy = planner(trio)
    first = policy.predict(observation[0])[0]
    state = policy.predict(observation)[1]
    policy.predict(observation, state)
    assert policy.predict(observation[0])[0].tobytes() == first.tobytes()
    # An episode that begins remembers nothing.
    again = policy.predict(observation, state, np.ones(3, np.bool_))[0]
    assert again[0].tobytes() == first.tobytes()


class Remembering(Solver):
    def run(self):
        self.last = super().run()
        return self.last


@pytest.mark.parametrize("futures", [1, 2])
def test_a_warm_start_finds_plans_that_are_as_good(trio, futures):
    observation, _ = trio.reset(seed=9, options={"week": 30})
    warm, cold = (planner(trio, horizon=24, futures=futures, warm_start=start) for start in (True, False))
    warm.solver, cold.solver = Remembering(), Remembering()
    state = None
    for _ in range(4):
        action, state = warm.predict(observation, state)
        assert all(len(memory.bases) == futures for memory in state)
        fewer = warm.solver.last
        cold.predict(observation, tuple(replace(memory, bases=()) for memory in state))
        observation = trio.step_arrays(action)[0].copy()
    # The last row of both batches is the last program solved.
    other = cold.solver.last
    assert fewer.objective == pytest.approx(other.objective, rel=1e-4)
    assert fewer.iterations < 0.5 * other.iterations


@pytest.mark.parametrize("name", list(PLANNERS))
def test_another_truth_after_now_leaves_every_action_up_to_now_as_it_was(name, changed_after):
    stop, orders = 3, PLANNERS[name].orders
    env, other = (AggregatorVectorEnv(3, "japan3", split="validation", orders=orders, **FULL) for _ in range(2))

    def wreck(env):
        changed_after(env, int(env.batch.world.clock[2, s.ROW]) + stop)

    before = play(make_planner(name, env), env, stop + 2)
    after = play(make_planner(name, other), other, stop + 2, wreck=wreck)
    assert before[:-1].tobytes() == after[:-1].tobytes()
    assert (before[-1, 2] != after[-1, 2]).any()  # half an hour later the latest world's is another


def test_the_rule_acts_where_there_is_no_plan_and_that_is_counted(trio, caplog):
    policy = planner(trio, time_limit_s=1e-9)
    observation, _ = trio.reset(seed=3)
    with caplog.at_level(logging.WARNING):
        action, state = policy.predict(observation)
        action, state = policy.predict(observation, state)
    assert action.tobytes() == make_policy(FALLBACK, trio).predict(observation)[0].tobytes()
    assert policy.fallbacks == {"Time limit reached": 6}
    assert len([record for record in caplog.records if FALLBACK in record.getMessage()]) == 1


def test_a_scenario_without_cars_or_markets_is_planned(scenario):
    bare = [
        {"name": "tokyo", "datacentre_mw": 200, "user_share": 1.0, "cars": 0, "storage_mw": 0.0, "storage_mwh": 0.0},
        {"name": "kyushu", "datacentre_mw": 0, "user_share": 0.0, "cars": 1000},
    ]
    config = scenario(
        "japan3", areas=bare, reserve={"enabled": False}, certificates={"enabled": False}, capacity={"enabled": False}
    )
    env = AggregatorVectorEnv(3, config, split="validation", **FULL)
    policy = planner(env)
    actions = play(policy, env, 20)
    assert np.isfinite(actions).all()
    assert policy.fallbacks == {}


def test_the_end_of_an_episode_is_in_the_plan(short):
    config = short("japan3")
    env = AggregatorEnv(config, **FULL)
    policy = planner(env, horizon=24)
    observation, _ = env.reset(seed=1, options={"week": 30})
    outlook = Outlook(setting_of(env.batch), planner_book(config, worths=False))
    state, ended, steps = None, False, 0
    while not ended:
        see = Sight(env.observation_layout, observation)
        clock = see.clock()
        assert clock.to_go == 48 - steps
        assert outlook.steps(clock, 24) == (min(24, 48 - steps), steps >= 24)
        action, state = policy.predict(observation, state)
        observation, _, ended, _, _ = env.step(action)
        steps += 1
    assert steps == 48
    assert policy.fallbacks == {}
    prices = outlook.prices(see, clock, None)
    plant = outlook.plant
    price = stock_price(plant, prices, 1, None)
    end = end_of("none", plant, None, see, clock, 1, True, price, np.ones(3), np.ones(3))
    assert end.green
    area = env.batch.world.area[0]
    # The observation is from before the last half hour.
    assert 0.0 < end.match_load_mwh < area[:, s.MATCH_LOAD_MWH].sum()
    assert 0.0 < end.matched_mwh <= area[:, s.MATCHED_MWH].sum()
    np.testing.assert_array_equal(end.storage_jpy_per_mwh, price)
    assert not end_of("none", plant, None, see, clock, 1, False, price, np.ones(3), np.ones(3)).green


def test_training_worlds_go_on_for_ever():
    env = AggregatorVectorEnv(1, "japan3", mode="training", **FULL)
    outlook = Outlook(setting_of(env.batch), planner_book(env.scenario, worths=False))
    observation, _ = env.reset(seed=1)
    clock = Sight(env.observation_layout, observation[0]).clock()
    assert outlook.steps(replace(clock, to_go=3), 24) == (24, False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"horizon": 50}, "horizon is 50, must be one of 8, 24, 48, 96"),
        ({"orders": "cars"}, "orders is 'cars', must be one of area, car"),
        ({"forecast": "perfect"}, "forecast is 'perfect', must be one of issued, persistence"),
        ({"terminal": "guess"}, "terminal is 'guess', must be one of simulated, dual, none"),
        ({"shrinkage": 1.5}, "shrinkage is 1.5, must be within 0 and 1"),
        ({"time_limit_s": 0.0}, "time_limit_s is 0.0, must be more than 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(PolicyError, match=message.replace("[", "\\[")):
        replace(SHORT, **changes)


def test_planners_that_cannot_see_or_act_are_refused(trio):
    with pytest.raises(PolicyError, match=r"unknown planner 'mpc-duel'.*mpc-dual"):
        make_planner("mpc-duel", trio)
    with pytest.raises(PolicyError, match="needs an environment with assets='each'"):
        make_planner("mpc-dual", AggregatorEnv("japan3", forecast="full"))
    with pytest.raises(PolicyError, match="needs an environment with orders='car'"):
        make_planner("mpc-dual-cars", AggregatorEnv("japan3", **FULL))
    with pytest.raises(PolicyError, match="plans all controls; this environment has fleet_power"):
        make_planner("mpc-dual", FleetV2GEnv("japan3", **FULL))


def test_planners_are_scored_like_every_policy(short):
    found = evaluate(["mpc-dual-8", "threshold"], short("japan3"), n_weeks=2, split="validation")
    assert found.entry("mpc-dual-8").mean("cost_jpy") < found.entry("siloed").mean("cost_jpy")
    assert found.facts["fallbacks"] == {"mpc-dual-8": {}}
