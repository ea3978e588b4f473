"""Rules: valid actions, one answer for a row alone or in a batch, deadlines kept."""

import gymnasium as gym
import numpy as np
import pytest
from stable_baselines3.common.evaluation import evaluate_policy

from wattbit_agents.baselines import RULES, make_policy
from wattbit_agents.baselines.lp.planners import make_planner
from wattbit_agents.errors import PolicyError
from wattbit_agents.rollout import score_weeks


@pytest.mark.parametrize("name", [name for name in RULES if name != "tuned"])  # frozen per scenario
def test_actions_are_valid_and_a_row_alone_is_decided_as_in_a_batch(name, worlds):
    observation, _ = worlds.reset(seed=3)
    policy, again = make_policy(name, worlds, seed=5), make_policy(name, worlds, seed=5)
    for _ in range(60):
        action, state = policy.predict(observation)
        assert state is None
        assert action.dtype == np.float32
        assert worlds.action_space.contains(action)
        if name != "random":
            np.testing.assert_array_equal(again.predict(observation[2])[0], action[2])
        observation = worlds.step_arrays(action)[0].copy()


def test_random_repeats_with_its_seed(worlds):
    observation, _ = worlds.reset(seed=0)
    first, second, other = (make_policy("random", worlds, seed=s).predict(observation)[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", [name for name in RULES if name != "tuned"])  # frozen per scenario
@pytest.mark.parametrize("env_id", ["Aggregator-v0", "WorkloadShift-v0", "FleetV2G-v0"])
def test_stable_baselines3_scores_every_rule_on_every_environment(name, env_id, toy):
    env = gym.make(f"wattbit:wattbit/{env_id}", scenario=toy, split="train")
    with pytest.warns(UserWarning, match="not wrapped with a ``Monitor``"):
        mean, _ = evaluate_policy(make_policy(name, env), env, n_eval_episodes=1)
    assert np.isfinite(mean)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("tuned", {}),
        ("mpc-dual-8", {"forecast": "full", "assets": "each"}),
        ("mpc-hedged-cars", {"forecast": "full", "assets": "each", "orders": "car"}),
    ],
)
def test_stable_baselines3_scores_tuned_and_planners(name, shown, short):
    env = gym.make("wattbit:wattbit/Aggregator-v0", scenario=short("japan3"), **shown)
    policy = make_planner(name, env) if name.startswith("mpc") else make_policy(name, env)
    with pytest.warns(UserWarning, match="not wrapped with a ``Monitor``"):
        mean, _ = evaluate_policy(policy, env, n_eval_episodes=1)
    idle = gym.make("wattbit:wattbit/Aggregator-v0", scenario=short("japan3"))
    with pytest.warns(UserWarning, match="not wrapped with a ``Monitor``"):
        worst, _ = evaluate_policy(make_policy("random", idle), idle, n_eval_episodes=1)
    assert np.isfinite(mean)
    assert mean > worst


def test_the_named_actions_are_what_the_rule_says(worlds):
    observation, _ = worlds.reset(seed=0)
    siloed = make_policy("siloed", worlds).predict(observation)[0].reshape(4, 3, 8)
    np.testing.assert_array_equal(siloed, np.broadcast_to([0, 0, 1, 1, 1, 0, 0, 0], (4, 3, 8)))
    nothing = make_policy("do-nothing", worlds).predict(observation)[0].reshape(4, 3, 8)
    np.testing.assert_array_equal(nothing, np.broadcast_to([0, 0, 1, 1, 0, 0, 0, 0], (4, 3, 8)))


def test_the_timer_follows_the_clock(worlds):
    policy = make_policy("tou", worlds, charge_level=0.3, discharge_level=0.1)
    observation, _ = worlds.reset(seed=0)
    fleet = []
    for _ in range(48):
        action = policy.predict(observation)[0]
        fleet.append(action.reshape(4, 3, 8)[0, 1, 4])
        observation = worlds.step_arrays(action)[0].copy()
    night = [*range(14), 46, 47]
    np.testing.assert_allclose(np.array(fleet)[night], 0.3, atol=1e-6)
    np.testing.assert_allclose(np.array(fleet)[34:42], -0.1, atol=1e-6)
    assert all(value >= 0.0 for value in fleet[14:34])


def test_price_rules_keep_their_deadlines_and_beat_the_silo(worlds):
    weeks = [0, 150, 300, 450]
    scores = {
        name: score_weeks(make_policy(name, worlds), worlds, weeks, [0]) for name in ("siloed", "tou", "threshold")
    }
    assert scores["threshold"].get("slo_miss_mwh").max() < 5.0
    assert scores["tou"].get("slo_miss_mwh").max() < 5.0
    assert (scores["threshold"].get("cost_jpy") < scores["siloed"].get("cost_jpy")).all()


def test_an_unknown_rule_or_parameter_is_answered_with_the_nearest(worlds):
    with pytest.raises(PolicyError, match=r"unknown policy 'gredy' \(did you mean greedy\?\)"):
        make_policy("gredy", worlds)
    with pytest.raises(PolicyError, match=r"unknown parameter 'charge_lvl' \(did you mean charge_level\?\)"):
        make_policy("tou", worlds, charge_lvl=0.2)
