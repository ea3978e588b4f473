"""
Speed of PPO from Stable-Baselines3 with our batch of worlds, against the same PPO with worlds that do nothing.

The do-nothing batch has the same widths, episode lengths and infos, so what it reaches is the ceiling that no
environment can pass: policy, gradients and Stable-Baselines3 itself. Frames per CPU second of the process, one torch
thread, japan3, 64 worlds, settings of ``wattbit_agents.config.PPOConfig``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecEnv

from benchmarks.report import Bar, Figure, interleaved_rates, run
from wattbit_agents.config import PPOConfig
from wattbit_agents.learning.vec_env import WattbitVecEnv
from wattbit_agents.worlds import training_worlds

WORLDS: Final = 64
FRAMES_PER_CPU_S: Final = 2000.0
SHARE_OF_CEILING: Final = 0.8


class DoNothingVecEnv(VecEnv):
    """
    Worlds without a world: constant observations and rewards, episodes as long as ours.

    Parameters
    ----------
    like : VecEnv
        Widths are taken from it.
    length : int
        Steps of an episode.
    """

    render_mode = None

    def __init__(self, like: VecEnv, length: int) -> None:
        super().__init__(like.num_envs, like.observation_space, like.action_space)
        width = (like.num_envs, *(like.observation_space.shape or ()))
        self._observation = np.zeros(width, np.float32)
        self._reward = np.zeros(like.num_envs, np.float32)
        self._length = length
        self._step = 0

    def reset(self) -> NDArray[np.float32]:
        """Begin again."""
        self._step = 0
        return self._observation.copy()

    def step_async(self, actions: NDArray[np.floating]) -> None:
        """Take the actions, and drop them."""

    def step_wait(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """Count one step."""
        self._step += 1
        over = self._step % self._length == 0
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if over:
            for row, info in enumerate(infos):
                info["terminal_observation"] = self._observation[row].copy()
                info["TimeLimit.truncated"] = True
        return self._observation.copy(), self._reward.copy(), np.full(self.num_envs, over), infos

    def close(self) -> None:
        """Nothing to close."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Return an attribute of this object, once per row asked for."""
        return [getattr(self, attr_name) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Set an attribute of this object."""
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """Call a method of this object."""
        return [getattr(self, method_name)(*args, **kwargs) for _ in self._get_indices(indices)]

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """No row is wrapped."""
        return [False for _ in self._get_indices(indices)]


def learning(worlds: VecEnv, settings: PPOConfig) -> Callable[[], int]:
    """Return a function that collects one rollout and learns from it."""
    model = PPO(
        "MlpPolicy",
        worlds,
        n_steps=settings.n_steps,
        batch_size=settings.batch_size,
        n_epochs=settings.n_epochs,
        gamma=settings.gamma,
        gae_lambda=settings.gae_lambda,
        policy_kwargs={"net_arch": list(settings.net_arch), "log_std_init": settings.log_std_init},
        device="cpu",
        seed=0,
    )
    frames = settings.n_steps * worlds.num_envs

    def learn() -> int:
        model.learn(frames, reset_num_timesteps=False)
        return frames

    return learn


def measure(options: argparse.Namespace) -> Iterator[Figure]:
    """Measure both batches in turns."""
    torch.set_num_threads(1)
    settings = PPOConfig()
    ours = WattbitVecEnv(training_worlds("Aggregator-v0", options.scenario, options.worlds), seed=0)
    nothing = DoNothingVecEnv(ours, ours.worlds.scenario.episode.steps)
    cases = {"wattbit": learning(ours, settings), "do-nothing": learning(nothing, settings)}
    rates = interleaved_rates(cases, options.seconds, clock=time.process_time)
    shape = f"{options.scenario}, {options.worlds} worlds"
    yield Figure(f"PPO, {shape}", "frames/CPU-s", rates["wattbit"], Bar(">=", FRAMES_PER_CPU_S))
    yield Figure("PPO, do-nothing worlds of the same width", "frames/CPU-s", rates["do-nothing"])
    shares = tuple(a / b for a, b in zip(rates["wattbit"], rates["do-nothing"], strict=True))
    yield Figure("share of the ceiling", "1", shares, Bar(">=", SHARE_OF_CEILING))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only this benchmark has."""
    parser.add_argument("--scenario", default="japan3", help="scenario (default: %(default)s)")
    parser.add_argument("--worlds", type=int, default=WORLDS, help="worlds in the batch (default: %(default)s)")


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark as a command; returns the exit code."""
    description = "PPO frames per CPU second, one torch thread, against worlds that do nothing."
    return run("ppo_speed", description, measure, add_arguments, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
