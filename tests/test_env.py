"""The environments as Gymnasium and Stable-Baselines3 see them."""

import copy
import pickle
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from wattbit.action import CONTROLS
from wattbit.env import AggregatorEnv, FleetV2GEnv, WorkloadShiftEnv
from wattbit.errors import ActionError, ScenarioError
from wattbit.registration import IDS
from wattbit.world import state as s


def make(identifier: str = IDS[0], **arguments):
    return gym.make(f"wattbit:{identifier}", **arguments)


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize("identifier", IDS)
def test_gymnasium_checker_has_nothing_to_say(identifier, mode, short):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(make(identifier, mode=mode, scenario=short()).unwrapped, skip_render_check=True)


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize("identifier", IDS)
def test_stable_baselines_checker_has_nothing_to_say(identifier, mode, short):
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        checker.check_env(make(identifier, mode=mode, scenario=short()))


def test_dict_observations_pass_the_gymnasium_checker(short):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(make(scenario=short(), dict_observation=True).unwrapped, skip_render_check=True)


def test_dict_and_vector_observations_hold_the_same_values(short):
    vector, named = AggregatorEnv(short()), AggregatorEnv(short(), dict_observation=True)
    one, _ = vector.reset(seed=3)
    two, _ = named.reset(seed=3)
    assert set(two) == {field.name for field in vector.observation_layout.fields}
    for name, value in two.items():
        physical = vector.observation_layout.get(one, name)
        areas = [area.name for area in vector.scenario.areas]
        if value.ndim == 1:
            np.testing.assert_array_equal(value, one[vector.observation_layout.positions(name)])
        else:
            assert value.shape[0] == len(areas)
            for row, area in zip(value, areas, strict=True):
                np.testing.assert_array_equal(row, one[vector.observation_layout.positions(name, area)])
            assert physical.shape[0] == len(areas)


def test_an_evaluation_week_terminates_after_336_half_hours():
    env = make("wattbit/Aggregator-v0").unwrapped
    env.reset(seed=1, options={"week": 5})
    action = np.zeros(24, np.float32)
    for step in range(336):
        _, _, terminated, truncated, info = env.step(action)
        assert not truncated
        assert terminated == (step == 335)
        assert (info["terminal_jpy"] != 0.0) == terminated
    with pytest.raises(gym.error.ResetNeeded, match="reset"):
        env.step(action)


def test_a_training_episode_is_truncated_without_a_terminal_payment(short):
    env = AggregatorEnv(short(), mode="training")
    env.reset(seed=1)
    for step in range(48):
        _, _, terminated, truncated, info = env.step(env.action_space.sample())
        assert not terminated
        assert truncated == (step == 47)
        assert info["terminal_jpy"] == 0.0


def test_the_terminal_value_pays_for_stores_and_backlog(short):
    env = AggregatorEnv(short(), precision="float64")
    observation, _ = env.reset(seed=2, options={"week": 3})
    start = {name: env.observation_layout.get(observation, name) for name in ("storage_energy_mwh", "fleet_energy_mwh")}
    work = sum(env.observation_layout.get(observation, f"{kind}_backlog_mwh") for kind in ("batch", "training"))
    batch, world = env.batch, env.batch.world
    rng = np.random.default_rng(0)
    terminated = False
    while not terminated:
        observation, _, terminated, _, info = env.step(rng.uniform(-1, 1, 24).astype(np.float32))
    # The mean spot price of the 48 half hours after the last; work at that of the dearest area.
    row = int(world.clock[0, s.ROW])
    price = world.exog[row : row + 48, :, s.SPOT].mean(axis=0)
    area = world.area[0]
    stored = area[:, s.STORAGE_MWH] - start["storage_energy_mwh"]
    driven = (area[:, s.FLEET_MWH] - start["fleet_energy_mwh"]) / 0.92
    waiting = area[:, s.BATCH_MWH] + area[:, s.TRAINING_MWH] - work
    value = 1.2 * (price * area[:, s.PUE]).max() * waiting - price * (stored + driven)
    assert info["terminal_jpy"] == pytest.approx(value.sum(), rel=1e-4)
    assert batch.config.episode.backlog_factor == 1.2


def test_evaluation_plays_the_weeks_in_order_and_wraps(short):
    env = AggregatorEnv(short(), split="test")
    starts = env.batch.world.starts
    assert env.n_weeks == len(starts)
    weekday = (starts // 48 + int(env.batch.world.constant[s.FIRST_WEEKDAY])) % 7
    assert (weekday == 0).all()
    assert (starts % 48 == 0).all()
    env.reset(seed=4)
    for k in range(3):
        assert env.batch.world.clock[0, s.ROW] == starts[k]
        env.reset()
    env.reset(seed=4, options={"week": env.n_weeks - 1})
    assert env.batch.world.clock[0, s.ROW] == starts[-1]
    env.reset()
    assert env.batch.world.clock[0, s.ROW] == starts[0]


def test_training_starts_at_midnights_of_the_train_split_after_three_days(scenario):
    env = AggregatorEnv(scenario(), mode="training")
    rows = []
    for seed in range(12):
        env.reset(seed=seed)
        rows.append(int(env.batch.world.clock[0, s.ROW]))
        assert env.batch.world.clock[0, s.STEP] == 0
    assert all(row % 48 == 0 for row in rows)
    assert all(row - 144 in env.batch.world.starts for row in rows)
    assert len(set(rows)) > 6
    assert env.batch.split == "train"


def test_reset_options_that_do_not_exist_are_refused(short):
    env = AggregatorEnv(short())
    with pytest.raises(ScenarioError, match="unknown option 'day'; there is 'week'"):
        env.reset(options={"day": 3})
    with pytest.raises(ScenarioError, match=rf"week is {env.n_weeks}, must be within 0 and {env.n_weeks - 1}"):
        env.reset(options={"week": env.n_weeks})
    with pytest.raises(ScenarioError, match="week is -1"):
        env.reset(options={"week": -1})


def test_stepping_before_a_reset_is_refused(short):
    env = AggregatorEnv(short())
    with pytest.raises(gym.error.ResetNeeded):
        env.step(np.zeros(24, np.float32))


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("mode", "evalution", "mode is 'evalution' (did you mean 'evaluation'?); must be one of evaluation, training"),
        ("split", "tset", "split is 'tset' (did you mean 'test'?); must be one of train, validation, test"),
        ("info_level", "fill", "info_level is 'fill' (did you mean 'full'?); must be one of none, default, full"),
        ("precision", "float16", "precision is 'float16'"),
        ("render_mode", "human", "render_mode is 'human'"),
    ],
)
def test_wrong_arguments_name_the_nearest_valid_one(argument, value, message):
    with pytest.raises(ScenarioError) as error:
        AggregatorEnv(**{argument: value})
    assert str(error.value).startswith(message)


def test_default_info_is_sixteen_floats_and_fresh(short):
    env = AggregatorEnv(short())
    env.reset(seed=1)
    _, _, _, _, first = env.step(np.zeros(24, np.float32))
    kept = dict(first)
    _, _, _, _, second = env.step(np.ones(24, np.float32))
    assert len(first) == 16
    assert all(type(value) is float for value in first.values())
    assert first == kept != second


def test_observations_are_fresh_objects(short):
    env = AggregatorEnv(short())
    first, _ = env.reset(seed=1)
    kept = first.copy()
    second, *_ = env.step(np.zeros(24, np.float32))
    np.testing.assert_array_equal(first, kept)
    assert not np.shares_memory(first, second)


def test_info_levels(short):
    none, full = (AggregatorEnv(short(), info_level=level) for level in ("none", "full"))
    for env in (none, full):
        env.reset(seed=1)
    assert none.step(np.zeros(24, np.float32))[4] == {}
    info = full.step(np.zeros(24, np.float32))[4]
    assert set(info["ledger"]) == set(s.LEDGER)
    assert all(column.shape == (3,) for column in info["ledger"].values())
    assert info["ledger"]["energy_jpy"].sum() == pytest.approx(info["energy_jpy"])


def test_reward_is_minus_cost_over_reference(short):
    env = AggregatorEnv(short())
    env.reset(seed=1)
    for _ in range(5):
        _, reward, _, _, info = env.step(env.action_space.sample())
        assert type(reward) is float
        assert reward == pytest.approx(-(info["cost_jpy"] - info["reference_jpy"]) / 1e6, rel=1e-9)


@pytest.mark.parametrize(("cls", "controls"), [(WorkloadShiftEnv, CONTROLS[:4]), (FleetV2GEnv, CONTROLS[4:])])
def test_partial_environments_are_the_full_one_with_the_rest_held(cls, controls, short):
    part, full = cls(short()), AggregatorEnv(short())
    assert part.action_layout == controls
    assert part.action_space.shape == (3 * len(controls),)
    part.reset(seed=6)
    full.reset(seed=6)
    rng = np.random.default_rng(0)
    held = np.tile(np.array([0, 0, 1, 1, 1, 0, 0, 0], np.float32), (3, 1))
    for _ in range(20):
        action = rng.uniform(-1, 1, (3, len(controls))).astype(np.float32)
        whole = held.copy()
        whole[:, [CONTROLS.index(name) for name in controls]] = action
        one, two = part.step(action.ravel()), full.step(whole.ravel())
        np.testing.assert_array_equal(one[0], two[0])
        assert one[1:] == two[1:]


def test_a_pickle_or_deep_copy_in_mid_episode_goes_on_identically(short):
    env = AggregatorEnv(short())
    env.reset(seed=8)
    rng = np.random.default_rng(0)
    actions = rng.uniform(-1, 1, (48, 24)).astype(np.float32)
    for action in actions[:20]:
        env.step(action)
    others = [pickle.loads(pickle.dumps(env)), copy.deepcopy(env)]
    for action in actions[20:]:
        want = env.step(action)
        for other in others:
            got = other.step(action)
            np.testing.assert_array_equal(got[0], want[0])
            assert got[1:] == want[1:]
    next_start = env.reset()[0]
    for other in others:
        np.testing.assert_array_equal(other.reset()[0], next_start)


def test_env_step_dispatch_and_its_inverse_through_the_public_methods(short):
    env, twin = AggregatorEnv(short(), precision="float64"), AggregatorEnv(short(), precision="float64")
    env.reset(seed=8)
    twin.reset(seed=8)
    rng = np.random.default_rng(0)
    for _ in range(10):
        action = rng.uniform(-1, 1, 24).astype(np.float32)
        dispatch = env.decode_action(action)
        encoded = env.encode_action(dispatch)
        one, two = env.step_dispatch(dispatch), twin.step(encoded)
        assert one[1] == pytest.approx(two[1], rel=1e-4, abs=1e-4)


def test_registration_makes_every_id_by_namespace():
    for identifier in IDS:
        env = make(identifier)
        assert isinstance(env.unwrapped, AggregatorEnv)
        assert env.spec is not None
        assert env.spec.max_episode_steps is None


def test_world_hash_changes_with_the_scenario(scenario):
    base, same = AggregatorEnv("japan3"), AggregatorEnv(scenario("japan3"))
    other = AggregatorEnv(scenario("japan3", market={"slope_scale": 2.0}))
    assert base.world_hash == same.world_hash != other.world_hash


def test_a_world_without_cars_batteries_or_a_centre_runs(short):
    area = {
        "name": "kyushu",
        "user_share": 1.0,
        "cars": 0.0,
        "storage_mw": 0.0,
        "storage_mwh": 0.0,
        "datacentre_mw": 0.0,
    }
    env = AggregatorEnv(short(areas=[area, {"name": "tokyo", "user_share": 0.0}]))
    env.reset(seed=1)
    for _ in range(48):
        observation, reward, _, _, info = env.step(env.action_space.sample())
        assert np.isfinite(observation).all()
        assert env.observation_space.contains(observation)
        assert np.isfinite([reward, *info.values()]).all()


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (np.float32(0.5), r"action has shape \(\), must have shape \(24,\)"),
        (np.zeros(1, np.float32), r"action has shape \(1,\), must have shape \(24,\)"),
        (np.full(24, np.nan, np.float32), "action 0 is nan, must be a finite number"),
        (np.append(np.zeros(23, np.float32), -np.inf), "action 23 is -inf, must be a finite number"),
    ],
)
def test_what_is_no_action_is_refused_and_nothing_happens(short, action, message):
    env = AggregatorEnv(short())
    env.reset(seed=1)
    clock = env.batch.world.clock.copy()
    with pytest.raises(ActionError, match=message):
        env.step(action)
    np.testing.assert_array_equal(env.batch.world.clock, clock)
    env.step(np.full(24, 1e30, np.float32))  # far outside, but a number: held within the Box
