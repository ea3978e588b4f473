"""PPO on the toy: trained through the Box like any policy, told nothing of the chain."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper, VecNormalize
from stable_baselines3.common.vec_env.base_vec_env import VecEnvObs, VecEnvStepReturn

from benchmarks.toy.world import CHAIN, ToyWorlds, toy_scenario
from wattbit_agents.config import PPOConfig, TrainConfig
from wattbit_agents.learning.algos import make_algorithm
from wattbit_agents.learning.folders import TrainedPolicy
from wattbit_agents.learning.shaping import StockPotential
from wattbit_agents.learning.vec_env import WattbitVecEnv

TRAINING_PATHS: Final = 8192
"""Different days that training sees."""

TRAINING_SEED: Final = 2
"""Seed of those days; no other days are drawn from it."""

WORLDS: Final = 64

SETTINGS: Final = PPOConfig(
    learning_rate=1e-3,
    n_steps=48,
    batch_size=1024,
    n_epochs=5,
    gamma=1.0,
    gae_lambda=0.9,
    net_arch=(64, 64),
    log_std_init=-0.5,
)
"""Whole undiscounted days; chosen on other days than those that are scored."""


class NominalReference(VecEnvWrapper):
    """
    Takes off the reward what a nominal trader would have earned with the whole connection at the same prices.

    It buys below the mean price and sells above it, whatever its stocks. No action enters, so differences between
    policies stay what they are (the world's own reward has such a reference too, which is 0 in the toy); what is left
    varies less from day to day.

    Parameters
    ----------
    venv : VecEnv
        Training worlds.
    worlds : ToyWorlds
        The batch in them.
    """

    def __init__(self, venv: VecEnv, worlds: ToyWorlds) -> None:
        super().__init__(venv)
        config = worlds.scenario
        self._layout = worlds.observation_layout
        self._per_price = 0.5 * (config.areas[0].connection_mw or 0.0) / config.reward_scale_jpy
        self._earned = np.zeros(venv.num_envs)

    def _look(self, observation: VecEnvObs) -> None:
        """Keep what the trader earns in the half hour to act on."""
        price = self._layout.get(np.asarray(observation), "spot_price_jpy_per_mwh")[:, 0]
        self._earned = self._per_price * np.abs(price - CHAIN.mean_jpy_per_mwh)

    def reset(self) -> VecEnvObs:
        """Begin an episode in every row."""
        observation = self.venv.reset()
        self._look(observation)
        return observation

    def step_wait(self) -> VecEnvStepReturn:
        """Return what the step brought, with the reward less the reference."""
        observation, reward, done, infos = self.venv.step_wait()
        reward = (reward - self._earned).astype(np.float32)
        self._look(observation)
        return observation, reward, done, infos


def train_ppo(steps: int, seed: int) -> TrainedPolicy:
    """
    Train PPO of Stable-Baselines3 on the toy.

    Parameters
    ----------
    steps : int
        Half hours of all worlds together.
    seed : int
        Seed of networks and exploration.
    """
    torch.set_num_threads(1)
    levels = CHAIN.draw(TRAINING_PATHS, toy_scenario().episode.steps, TRAINING_SEED)
    worlds = ToyWorlds(WORLDS, levels, CHAIN, toy_scenario())
    shaped = WattbitVecEnv(worlds, seed, StockPotential(worlds, 1.0))
    env = VecNormalize(NominalReference(shaped, worlds))
    config = TrainConfig(name="toy", seed=seed, n_envs=WORLDS, ppo=SETTINGS)
    model = make_algorithm(config, env, "cpu")
    model.learn(steps)
    env.training = False
    return TrainedPolicy(model, env)
