"""Every policy sees the issued forecasts and nothing of the truth behind them."""

import gymnasium as gym
import numpy as np
import pytest

from wattbit.appended import PATH_FIELDS
from wattbit.env import AggregatorEnv
from wattbit.series.forecast import PATHS, Bundle
from wattbit.vector import AggregatorVectorEnv
from wattbit.world import state as s
from wattbit_agents.baselines import RULES, make_policy

STOP = 30
"""Half hours before the truth is changed."""


def play(env, name, change=None):
    """Actions of one policy up to and including half hour STOP, and the observation one half hour later."""
    observation, _ = env.reset(seed=4, options={"week": [3, 40, 77]})
    if change is not None:
        change(env)
    policy = make_policy(name, env, seed=2)
    actions = []
    for _ in range(STOP + 1):
        action = policy.predict(observation)[0]
        actions.append(action.copy())
        observation = env.step_arrays(action)[0].copy()
    return np.array(actions), observation


@pytest.mark.parametrize("view", ["blocks", "full"])
@pytest.mark.parametrize("name", list(RULES))
def test_another_truth_after_now_leaves_every_action_up_to_now_as_it_was(name, view, changed_after):
    env = AggregatorVectorEnv(3, "japan3", split="validation", forecast=view)
    env.reset(seed=4, options={"week": [3, 40, 77]})
    # The worlds share one truth: it changes after the row that the latest week has reached.
    start = env.batch.world.clock[2, s.ROW]
    actions, later = play(env, name)
    again, other = play(env, name, lambda env: changed_after(env, int(start) + STOP))
    assert actions.tobytes() == again.tobytes()
    assert not np.array_equal(later[2], other[2])  # the next observation shows the change


def test_no_observation_shows_the_truth_after_now(changed_after):
    actions = np.random.default_rng(0).uniform(-1, 1, (STOP + 1, 3, 24)).astype(np.float32)
    seen = []
    for change in (False, True):
        env = AggregatorVectorEnv(3, "japan3", split="validation", forecast="full", assets="each")
        observation, _ = env.reset(seed=4, options={"week": [3, 40, 77]})
        if change:
            changed_after(env, int(env.batch.world.clock[2, s.ROW]) + STOP)
        seen.append([observation, *(env.step_arrays(action)[0].copy() for action in actions)])
    one, two = np.array(seen)
    np.testing.assert_array_equal(one[:-1], two[:-1])
    assert not np.array_equal(one[-1, 2], two[-1, 2])


def test_planners_read_what_the_full_observation_holds(scenario):
    env = AggregatorEnv(scenario("japan3"), forecast="full", planner_info=True)
    observation, info = env.reset(seed=1, options={"week": 7})
    assert [field.name for field in PATH_FIELDS] == list(PATHS)
    for _ in range(30):
        bundle = info["forecast"]
        assert isinstance(bundle, Bundle)
        paths = bundle.paths()
        for k, name in enumerate(PATHS):
            seen = env.observation_layout.get(observation, name)
            scale = 1e3 if name.endswith("_mw") else 1e4
            np.testing.assert_allclose(seen, np.clip(paths[:, k], -10 * scale, 10 * scale), rtol=1e-5, atol=1e-2)
        means = env.observation_layout.get(observation, "price_forecast_mean_jpy_per_mwh")
        np.testing.assert_allclose(means[:, 4], bundle.price_jpy_per_mwh[0, :, 48:].mean(axis=1), rtol=1e-4)
        bands = env.observation_layout.get(observation, "surplus_forecast_band_mw")
        width = (bundle.surplus_mw[3] - bundle.surplus_mw[1])[:, 24:48].mean(axis=1)
        np.testing.assert_allclose(bands[:, 3], width, rtol=1e-4, atol=0.02)
        observation, _, _, _, info = env.step(np.zeros(24, np.float32))


def test_evaluation_has_one_forecast_for_all_and_training_a_bank(short):
    evaluation = AggregatorVectorEnv(6, short("japan3"), split="train")
    evaluation.reset(seed=0)
    assert evaluation.batch.world.forecast.shape[0] == 1
    assert (evaluation.batch.world.clock[:, s.BANK] == 0).all()
    training = AggregatorVectorEnv(6, short("japan3"), mode="training")
    assert training.batch.world.forecast.shape[0] == 8
    training.reset(seed=0)
    seen = []
    for _ in range(8):
        for _ in range(48):
            training.step_arrays(np.zeros((6, 24), np.float32))
        seen.append(training.batch.world.clock[:, s.BANK].copy())
    assert set(np.ravel(seen)) == set(range(8))
    alone = AggregatorVectorEnv(1, short("japan3"), mode="training")
    alone.reset(seed=4)
    for k in range(8):
        for _ in range(48):
            alone.step_arrays(np.zeros((1, 24), np.float32))
        assert alone.batch.world.clock[0, s.BANK] == seen[k][4]
    # Evaluation on train weeks sees forecasts that training never did.
    for bank in training.batch.world.forecast[:, 1000:1100]:
        assert not np.array_equal(bank, evaluation.batch.world.forecast[0, 1000:1100])


def test_the_tier_and_its_noise_reach_the_world(short):
    def seen(forecast):
        return AggregatorVectorEnv(1, short("japan3", forecast=forecast), split="validation").batch.world.forecast

    default, quiet, point = seen({}), seen({"noise_scale": 0.0}), seen("persistence")
    assert not np.array_equal(default, quiet)
    assert (point[..., 17:22] == 0.0).all()  # no bands
    assert (default[..., 17:22] > 0.0).any()
    assert seen({"tier": "persistence", "seeds": 3}).shape[0] == 1


def test_a_pickled_environment_goes_on_with_the_same_forecasts():
    import pickle

    env = gym.make("wattbit:wattbit/Aggregator-v0", scenario="japan3", mode="training", planner_info=True).unwrapped
    env.reset(seed=5)
    text = pickle.dumps(env)
    assert len(text) < 5e6
    other = pickle.loads(text)
    action = np.zeros(24, np.float32)
    one, two = env.step(action), other.step(action)
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[4]["forecast"].paths(), two[4]["forecast"].paths())
