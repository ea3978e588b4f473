"""A network that PPO of Stable-Baselines3 trained for a moment: between chance and sense, in the proof of the bound."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import torch
from stable_baselines3.common.vec_env import VecNormalize

from wattbit.config import ScenarioConfig
from wattbit.vector import AggregatorVectorEnv
from wattbit_agents.config import PPOConfig, TrainConfig
from wattbit_agents.learning.algos import make_algorithm
from wattbit_agents.learning.folders import TrainedPolicy
from wattbit_agents.learning.vec_env import WattbitVecEnv

WORLDS: Final = 16

STEPS: Final = 16_384
"""Half hours of all worlds together."""

SETTINGS: Final = PPOConfig(n_steps=64, batch_size=256, net_arch=(64, 64))


def trained_policy(config: ScenarioConfig) -> TrainedPolicy:
    """Return a policy that was trained on train weeks of a scenario; the same for the same scenario."""
    return _trained(config.model_dump_json())


@lru_cache(maxsize=1)
def _trained(scenario: str) -> TrainedPolicy:
    torch.set_num_threads(1)
    config = ScenarioConfig.model_validate_json(scenario)
    worlds = AggregatorVectorEnv(WORLDS, config, mode="training", split="train", info_level="none")
    env = VecNormalize(WattbitVecEnv(worlds, 0))
    model = make_algorithm(TrainConfig(name="bound", n_envs=WORLDS, ppo=SETTINGS), env, "cpu")
    model.learn(STEPS)
    env.training = False
    return TrainedPolicy(model, env)
