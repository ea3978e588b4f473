"""The batch as Gymnasium's vector environment."""

import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, VectorEnv

from wattbit.env import AggregatorEnv, FleetV2GEnv, WorkloadShiftEnv
from wattbit.errors import ActionError, ScenarioError
from wattbit.registration import IDS
from wattbit.vector import AggregatorVectorEnv, FleetV2GVectorEnv, WorkloadShiftVectorEnv
from wattbit.world import state as s


def make(identifier: str = IDS[0], n: int = 3, **arguments) -> VectorEnv:
    return gym.make_vec(f"wattbit:{identifier}", num_envs=n, vectorization_mode="vector_entry_point", **arguments)


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize("identifier", IDS)
def test_make_vec_gives_a_batch_that_loops_past_its_episodes(identifier, mode, short):
    env = make(identifier, scenario=short(), mode=mode)
    assert env.num_envs == 3
    assert env.unwrapped.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    env.action_space.seed(0)
    observation, info = env.reset(seed=1)
    assert observation in env.observation_space
    for step in range(100):
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
        assert observation in env.observation_space
        assert reward.shape == terminated.shape == truncated.shape == (3,)
        assert terminated.dtype == truncated.dtype == np.bool_
        over = step % 48 == 47
        assert (terminated == (over and mode == "evaluation")).all()
        assert (truncated == (over and mode == "training")).all()
        assert ("final_obs" in info) == over
        for name in s.INFO:
            assert info[name].shape == (3,)
    env.close()


@pytest.mark.parametrize(
    ("vector", "single", "size"),
    [
        (AggregatorVectorEnv, AggregatorEnv, 24),
        (WorkloadShiftVectorEnv, WorkloadShiftEnv, 12),
        (FleetV2GVectorEnv, FleetV2GEnv, 12),
    ],
)
@pytest.mark.parametrize("mode", ["evaluation", "training"])
def test_rows_are_single_environments_through_ends_and_new_beginnings(vector, single, size, mode, short):
    batch = vector(2, short(), mode=mode)
    alone = [single(short(), mode=mode) for _ in range(2)]
    observation, _ = batch.reset(seed=20)
    for i, env in enumerate(alone):
        np.testing.assert_array_equal(observation[i], env.reset(seed=20 + i)[0])
    rng = np.random.default_rng(0)
    for _ in range(100):
        action = rng.uniform(-1, 1, (2, size)).astype(np.float32)
        observation, reward, terminated, truncated, info = batch.step(action)
        for i, env in enumerate(alone):
            want = env.step(action[i])
            assert (reward[i], terminated[i], truncated[i]) == want[1:4]
            assert {name: info[name][i] for name in s.INFO} == want[4]
            if terminated[i] or truncated[i]:
                assert info["_final_obs"][i]
                np.testing.assert_array_equal(info["final_obs"][i], want[0])
                assert {name: info["final_info"][name][i] for name in s.INFO} == want[4]
                np.testing.assert_array_equal(observation[i], env.reset()[0])
            else:
                np.testing.assert_array_equal(observation[i], want[0])


def test_one_seed_per_row_and_one_week_per_row(short):
    env = AggregatorVectorEnv(3, short())
    observation, _ = env.reset(seed=[5, 9, 5], options={"week": [2, 2, 4]})
    single = AggregatorEnv(short())
    for i, (seed, week) in enumerate(((5, 2), (9, 2), (5, 4))):
        np.testing.assert_array_equal(observation[i], single.reset(seed=seed, options={"week": week})[0])
    everywhere, _ = env.reset(seed=5, options={"week": 1})
    np.testing.assert_array_equal(everywhere[1], single.reset(seed=6, options={"week": 1})[0])


def test_a_reset_without_seed_goes_on_with_the_next_episode(short):
    env = AggregatorVectorEnv(2, short())
    env.reset(seed=5)
    second, _ = env.reset()
    single = AggregatorEnv(short())
    single.reset(seed=5)
    np.testing.assert_array_equal(second[0], single.reset()[0])


def test_wrong_options_are_refused(short):
    env = AggregatorVectorEnv(2, short())
    with pytest.raises(ScenarioError, match="unknown option 'weak'"):
        env.reset(options={"weak": 1})
    with pytest.raises(ScenarioError, match=f"each must be within 0 and {env.n_weeks - 1}"):
        env.reset(options={"week": [0, env.n_weeks]})
    with pytest.raises(ScenarioError, match=r"week is \[-1, -1\], each must be within 0"):
        env.reset(options={"week": -1})
    with pytest.raises(ScenarioError, match="num_envs is 0, must be at least 1"):
        AggregatorVectorEnv(0)
    with pytest.raises(ScenarioError, match="a batch does not render"):
        AggregatorVectorEnv(1, render_mode="rgb_array")
    with pytest.raises(ScenarioError, match="did you mean 'training'"):
        AggregatorVectorEnv(1, mode="trainning")


def test_step_returns_fresh_arrays_and_step_arrays_the_batchs_own(short):
    env = AggregatorVectorEnv(2, short())
    first, _ = env.reset(seed=1)
    kept = first.copy()
    zero = np.zeros((2, 24), np.float32)
    second, reward, *_ = env.step(zero)
    np.testing.assert_array_equal(first, kept)
    kept_second, kept_reward = second.copy(), reward.copy()
    observation, reward_view, terminated, truncated, outcome, final = env.step_arrays(zero)
    np.testing.assert_array_equal(second, kept_second)
    np.testing.assert_array_equal(reward, kept_reward)
    assert np.shares_memory(observation, env.batch.world.observation)
    assert outcome.shape == (2, len(env.info_names))
    assert final.shape == observation.shape
    assert reward_view.shape == terminated.shape == truncated.shape == (2,)


def test_info_levels(short):
    assert AggregatorVectorEnv(2, short(), info_level="none").reset(seed=1)[1] == {}
    _, info = AggregatorVectorEnv(2, short(), info_level="full").reset(seed=1)
    assert info["ledger"]["energy_jpy"].shape == (2, 3)


def test_a_pickle_in_mid_episode_goes_on_identically(short):
    env = AggregatorVectorEnv(2, short())
    env.reset(seed=1)
    rng = np.random.default_rng(0)
    actions = rng.uniform(-1, 1, (70, 2, 24)).astype(np.float32)
    for action in actions[:30]:
        env.step(action)
    other = pickle.loads(pickle.dumps(env))
    for action in actions[30:]:
        one, two = env.step(action), other.step(action)
        np.testing.assert_array_equal(one[0], two[0])
        np.testing.assert_array_equal(one[1], two[1])


def test_a_wrong_number_of_actions_is_an_error(short):
    env = AggregatorVectorEnv(3, short())
    env.reset(seed=1)
    with pytest.raises(ValueError, match=r"broadcast|shape"):
        env.step(np.zeros((2, 24), np.float32))
    wrong = np.zeros((3, 24), np.float32)
    wrong[1, 2] = np.nan
    with pytest.raises(ActionError, match="action 26 is nan, must be a finite number"):
        env.step(wrong)
