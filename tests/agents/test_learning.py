"""Learning is shown, not assumed: on a toy in seconds, and above the best rule on the default scenario (slow)."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from wattbit.config import FleetConfig
from wattbit_agents.baselines import RULES, make_policy
from wattbit_agents.config import TrainConfig
from wattbit_agents.evaluation import evaluate
from wattbit_agents.learning.algos import FIRST_ACTIONS, first_action, make_algorithm, set_first_action
from wattbit_agents.learning.folders import load_policy
from wattbit_agents.learning.vec_env import WattbitVecEnv
from wattbit_agents.rollout import score_weeks
from wattbit_agents.training import train
from wattbit_agents.worlds import scoring_worlds, seasonal_weeks, training_worlds

ROOT = Path(__file__).resolve().parents[2]

TOY = {
    "initial_action": "zero",
    "total_steps": 147_456,
    "device": "cpu",
    "progress_bar": False,
    "evaluation": {"every_steps": 24_576, "n_weeks": 16, "figure_every": 0},
    "ppo": {
        "learning_rate": 2e-3,
        "n_steps": 48,
        "batch_size": 768,
        "n_epochs": 6,
        "gamma": 0.97,
        "gae_lambda": 0.9,
        "net_arch": [64, 64],
        "log_std_init": -1.0,
    },
}


class _Still:
    """The untrained policy: its mean action is 0."""

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        return np.zeros((len(observation), 8), np.float32), state


@pytest.fixture(scope="module")
def scale(toy, tmp_path_factory):
    """Kyushu alone as a file, test worlds, and J of the untrained policy and of the best rule."""
    kyushu = toy.model_copy(
        update={"areas": (toy.areas[0].model_copy(update={"name": "kyushu"}),), "fleet": FleetConfig()}
    )
    path = tmp_path_factory.mktemp("toy") / "kyushu.yaml"
    path.write_text(yaml.safe_dump(kyushu.model_dump(mode="json")))
    worlds = scoring_worlds("Aggregator-v0", kyushu, 52, "test")
    weeks = seasonal_weeks(kyushu, 52, "test")

    def cost(policy):
        return float(score_weeks(policy, worlds, weeks, [0]).get("cost_jpy").mean())

    best_rule = min(cost(make_policy(name, worlds)) for name in RULES if name != "tuned")
    return path, worlds, cost, cost(_Still()), best_rule


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ppo_closes_a_third_of_the_gap_from_untrained_to_the_best_rule(seed, scale, tmp_path):
    path, worlds, cost, untrained, best_rule = scale
    config = TrainConfig.model_validate({**TOY, "scenario": str(path), "seed": seed, "runs_dir": tmp_path})
    result = train(config)
    learnt = cost(load_policy(result.run_dir, worlds, "Aggregator-v0"))
    assert best_rule < untrained
    assert (untrained - learnt) / (untrained - best_rule) >= 0.30


@pytest.mark.parametrize("algo", ["ppo", "sac", "tqc"])
@pytest.mark.parametrize("name", FIRST_ACTIONS)
def test_the_first_action_is_the_one_asked_for(algo, name, toy):
    worlds = training_worlds("Aggregator-v0", toy, 2)
    env = WattbitVecEnv(worlds)
    model = make_algorithm(TrainConfig(algo=algo, n_envs=2, ppo={"n_steps": 8, "batch_size": 16}), env, "cpu")
    wanted = first_action(name, worlds.action_layout, 1)
    set_first_action(model, wanted)
    action, _ = model.predict(env.reset(), deterministic=True)
    np.testing.assert_allclose(action, np.tile(wanted, (2, 1)), atol=0.15)


@pytest.mark.parametrize("algo", ["sac", "tqc"])
def test_off_policy_algorithms_train_and_resume_with_their_buffer(algo, toy, tmp_path):
    path = tmp_path / "toy.yaml"
    path.write_text(yaml.safe_dump(toy.model_dump(mode="json")))
    settings = {"learning_starts": 50, "batch_size": 16, "net_arch": [8], "buffer_size": 1000, "gradient_steps": 1}
    base = {
        "scenario": str(path), "algo": algo, "n_envs": 4, "device": "cpu", "progress_bar": False, "total_steps": 120,
        "runs_dir": tmp_path, "evaluation": {"n_weeks": 1, "figure_every": 0},
        algo: {**settings, "save_replay_buffer": True},
    }  # fmt: skip
    first = train(TrainConfig.model_validate(base))
    assert first.steps == 120
    assert (first.run_dir / "last" / "replay_buffer.pkl").is_file()
    more = train(TrainConfig.model_validate({**base, "total_steps": 200}), resume=first.run_dir)
    assert more.steps == 200
    assert len(more.history) == 1


@pytest.mark.slow
def test_ppo_is_cheaper_than_the_threshold_rule_on_japan3(tmp_path):
    # A few minutes. The interval is paired by week; both policies play the same 104 test weeks.
    content = yaml.safe_load((ROOT / "configs" / "ppo-japan3.yaml").read_text(encoding="utf-8"))
    config = TrainConfig.model_validate({**content, "runs_dir": str(tmp_path), "progress_bar": False})
    run = train(config).run_dir
    result = evaluate(["threshold", str(run)], "japan3", n_weeks=104, reference="threshold")
    difference = result.entry(str(run)).difference
    assert difference.high < 0.0, f"PPO minus threshold: {difference} JPY a week"
