"""Algorithms by name, made from their settings, with a sensible first action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from sb3_contrib import TQC
from stable_baselines3 import PPO, SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from wattbit.action import control_of
from wattbit_agents.config import InitialAction, PPOConfig, TQCConfig, TrainConfig
from wattbit_agents.errors import ConfigError

ALGORITHMS: Final[dict[str, type[BaseAlgorithm]]] = {"ppo": PPO, "sac": SAC, "tqc": TQC}
"""Algorithm classes by the name in configurations."""

FIRST_ACTIONS: Final[dict[InitialAction, dict[str, float]]] = {
    "zero": {},
    "do-nothing": {"batch_run": 1.0, "training_run": 1.0},
    "siloed": {"batch_run": 1.0, "training_run": 1.0, "fleet_power": 1.0},
    "steady": {"batch_run": -0.3, "training_run": -0.3, "fleet_power": 0.1},
}
"""Mean action before learning; a control left out is 0. ``steady``: a third of the free capacity, slow charging."""

SQUASHED_LIMIT = 0.95
"""Largest first action of SAC and TQC, whose actions are squashed by tanh and never reach 1."""


def pick_device(wanted: str) -> str:
    """
    Return the torch device for ``auto``, ``cpu`` or ``cuda``.

    Raises
    ------
    ConfigError
        If ``cuda`` is asked for and torch sees no GPU.
    """
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise ConfigError("device: is 'cuda', but torch sees no GPU; use cpu or auto")
    return "cuda" if wanted == "cuda" or (wanted == "auto" and available) else "cpu"


def annealed(rate: float) -> Callable[[float], float]:
    """Return a schedule that falls linearly from `rate` to a tenth of it as the remaining share goes from 1 to 0."""
    return lambda remaining: rate * (0.1 + 0.9 * remaining)


def first_action(name: InitialAction, controls: tuple[str, ...], n_areas: int) -> NDArray[np.float32]:
    """Return a constant action, shape (areas * controls,)."""
    values = FIRST_ACTIONS[name]
    return np.tile(np.array([values.get(control_of(name), 0.0) for name in controls], np.float32), n_areas)


def set_first_action(model: BaseAlgorithm, action: NDArray[np.float32]) -> None:
    """
    Make `action` the mean of the untrained policy.

    The last layer's bias gives the mean and its weights are small, so that the first observations move it little: a
    policy that starts at a sensible rule does not have to find it by trial.
    """
    policy: Any = model.policy
    squashed = not isinstance(model, PPO)
    layer = policy.actor.mu if squashed else policy.action_net
    bias = np.arctanh(np.clip(action, -SQUASHED_LIMIT, SQUASHED_LIMIT)) if squashed else action
    with torch.no_grad():
        layer.bias.copy_(torch.as_tensor(bias, device=layer.bias.device))
        if squashed:
            layer.weight.mul_(0.1)


def make_algorithm(config: TrainConfig, env: VecEnv, device: str) -> BaseAlgorithm:
    """
    Return an untrained model.

    Parameters
    ----------
    config : TrainConfig
        Names the algorithm and its settings.
    env : VecEnv
        Worlds, normalised or not.
    device : str
        Torch device.
    """
    common: dict[str, Any] = {"env": env, "seed": config.seed, "device": device, "verbose": 0}
    if config.algo == "ppo":
        p: PPOConfig = config.ppo
        return PPO(
            "MlpPolicy",
            learning_rate=annealed(p.learning_rate) if p.anneal else p.learning_rate,
            policy_kwargs={"net_arch": list(p.net_arch), "log_std_init": p.log_std_init},
            **p.model_dump(exclude={"learning_rate", "anneal", "net_arch", "log_std_init"}),
            **common,
        )
    s = config.tqc if config.algo == "tqc" else config.sac
    network: dict[str, Any] = {"net_arch": list(s.net_arch), "log_std_init": s.log_std_init}
    settings = s.model_dump(exclude={"net_arch", "log_std_init", "save_replay_buffer", "n_critics"})
    if isinstance(s, TQCConfig):
        network["n_critics"] = s.n_critics
    return ALGORITHMS[config.algo]("MlpPolicy", policy_kwargs=network, **settings, **common)  # type: ignore[call-arg]
