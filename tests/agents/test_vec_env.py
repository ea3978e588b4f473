"""The batch as Stable-Baselines3 sees it, and the shaped reward."""

import numpy as np
import pytest
from stable_baselines3.common.evaluation import evaluate_policy

from wattbit_agents.baselines import make_policy
from wattbit_agents.learning.shaping import StockPotential
from wattbit_agents.learning.vec_env import WattbitVecEnv
from wattbit_agents.worlds import scoring_worlds, training_worlds


@pytest.fixture
def steady(toy):
    """Actions of a toy batch of three: half of everything, slow charging."""
    return np.tile(np.array([0, 0, 0, 0, 0.1, 0, 0, 0], np.float32), (3, 1))


def test_a_row_that_ends_tells_its_last_observation_and_its_return(toy, steady):
    worlds, twin = (training_worlds("Aggregator-v0", toy, 3) for _ in range(2))
    env = WattbitVecEnv(worlds, seed=5)
    seen = env.reset()
    expected, _ = twin.reset(seed=5)
    np.testing.assert_array_equal(seen, expected)
    total = np.zeros(3)
    for step in range(96):
        observation, reward, done, infos = env.step(steady)
        _, raw, _, truncated, _, final = twin.step_arrays(steady)
        total += raw
        np.testing.assert_allclose(reward, raw, rtol=1e-6)
        assert done.all() == (step == 95)
        assert all(info == {} for info in infos) == (step < 95)
    for i, info in enumerate(infos):
        np.testing.assert_array_equal(info["terminal_observation"], final[i])
        assert info["TimeLimit.truncated"] is bool(truncated[i]) is True
        assert info["episode"]["l"] == 96
        assert info["episode"]["r"] == pytest.approx(total[i])
    assert not np.array_equal(observation[0], infos[0]["terminal_observation"])


def test_evaluation_weeks_are_not_marked_as_truncated(toy, steady):
    env = WattbitVecEnv(scoring_worlds("Aggregator-v0", toy, 3, "train"))
    env.reset()
    for _ in range(96):
        _, _, done, infos = env.step(steady)
    assert done.all()
    assert infos[0]["TimeLimit.truncated"] is False


def test_outcomes_are_means_per_half_hour_and_are_drained(toy, steady):
    worlds, twin = (training_worlds("Aggregator-v0", toy, 3) for _ in range(2))
    env = WattbitVecEnv(worlds, seed=1)
    env.reset()
    twin.reset(seed=1)
    energy = []
    for _ in range(10):
        env.step(steady)
        energy.append(twin.step_arrays(steady)[4][:, worlds.info_names.index("energy_jpy")].copy())
    assert env.drain_outcomes()["energy_jpy"] == pytest.approx(np.mean(energy))
    assert env.drain_outcomes() == {}


def test_shaped_rewards_add_up_to_the_plain_ones_and_the_worth_of_the_stocks(toy, steady):
    worlds, twin = (training_worlds("Aggregator-v0", toy, 3) for _ in range(2))
    potential = StockPotential(twin, 1.0)
    shaped, plain = WattbitVecEnv(worlds, 2, StockPotential(worlds, 1.0)), WattbitVecEnv(twin, 2)
    seen = shaped.reset()
    np.testing.assert_array_equal(seen, plain.reset())
    potential.begin(seen, np.ones(3, np.bool_))
    difference = np.zeros(3)
    for _ in range(96):
        difference += shaped.step(steady)[1]
        _, reward, _, infos = plain.step(steady)
        difference -= reward
    worth = potential.value(np.array([info["terminal_observation"] for info in infos]))
    np.testing.assert_allclose(difference, worth, atol=2e-3)
    assert np.abs(worth).max() > 0.1


def test_charging_is_worth_its_energy_at_the_forecast_price(toy):
    worlds = training_worlds("Aggregator-v0", toy, 2)
    potential = StockPotential(worlds, 1.0)
    before, _ = worlds.reset(seed=0)
    potential.begin(before, np.ones(2, np.bool_))
    assert potential.value(before).tolist() == [0.0, 0.0]
    after = before.copy()
    place = worlds.observation_layout.positions("storage_energy_mwh", "tokyo")
    after[0, place] = 0.0
    layout = worlds.observation_layout
    lost_mwh = layout.get(before, "storage_energy_mwh")[0, 0]
    blocks = layout.get(before, "price_forecast_mean_jpy_per_mwh")[0, 0]
    price = (3 * blocks[0] + 3 * blocks[1] + 6 * blocks[2] + 12 * blocks[3]) / 24
    worth = potential.value(after)
    assert worth[0] == pytest.approx(-lost_mwh * price / toy.reward_scale_jpy, rel=1e-4)
    assert worth[1] == 0.0


def test_a_correction_of_zero_is_the_rule_itself(toy):
    worlds, twin = (training_worlds("Aggregator-v0", toy, 3) for _ in range(2))
    env = WattbitVecEnv(worlds, seed=4, base=make_policy("threshold", worlds))
    env.reset()
    observation, _ = twin.reset(seed=4)
    rule = make_policy("threshold", twin)
    for _ in range(100):
        _, reward, _, _ = env.step(np.zeros((3, 8), np.float32))
        observation, expected, *_ = twin.step_arrays(rule.predict(observation)[0])
        np.testing.assert_allclose(reward, expected, rtol=1e-6)


def test_stable_baselines3_scores_a_rule_on_the_batch(toy):
    env = WattbitVecEnv(scoring_worlds("Aggregator-v0", toy, 3, "train"))
    returns, lengths = evaluate_policy(
        make_policy("siloed", env.worlds), env, n_eval_episodes=3, return_episode_rewards=True, warn=False
    )
    assert lengths == [96, 96, 96]
    assert np.isfinite(returns).all()
