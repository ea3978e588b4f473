"""What happens while a model learns: costs and figures to TensorBoard, validation weeks, checkpoints, a clean stop."""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import HParam, Image

from wattbit.vector import AggregatorVectorEnv
from wattbit_agents.config import TrainConfig
from wattbit_agents.learning.folders import TrainedPolicy, save_model
from wattbit_agents.learning.vec_env import WattbitVecEnv
from wattbit_agents.rollout import Policy, WeekScores, WorldView, score_weeks

logger = logging.getLogger(__name__)

QUIET = ("stdout", "log", "json", "csv")
"""Outputs that cannot hold a figure or a table of settings."""


class OutcomeLogging(BaseCallback):
    """Record the mean cost parts and KPIs per half hour of every rollout, and the settings of the run once."""

    def __init__(self, env: WattbitVecEnv, settings: dict[str, bool | str | float | int | None]) -> None:
        super().__init__()
        self._env = env
        self._settings = settings

    def _on_training_start(self) -> None:
        metrics: dict[str, float | int] = {"validation/saving_jpy_per_week": 0.0, "validation/cost_jpy_per_week": 0.0}
        self.logger.record("hparams", HParam(self._settings, metrics), exclude=QUIET)

    def _on_rollout_end(self) -> None:
        for name, value in self._env.drain_outcomes().items():
            self.logger.record(f"{'cost' if name.endswith('_jpy') else 'kpi'}/{name}", value)

    def _on_step(self) -> bool:
        return True


class StopSignal(BaseCallback):
    """Turn Ctrl-C into a stop after the current step; a second Ctrl-C interrupts at once."""

    def __init__(self) -> None:
        super().__init__()
        self.interrupted = False
        self._previous: Any = None

    def __enter__(self) -> StopSignal:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True

    def _on_step(self) -> bool:
        return not self.interrupted


class Checkpoints(BaseCallback):
    """Save ``step_N/`` every so many steps of all worlds together."""

    def __init__(self, run_dir: Path, every_steps: int) -> None:
        super().__init__()
        self._run_dir = run_dir
        self._every_steps = every_steps
        self._next = every_steps

    def _on_training_start(self) -> None:
        self._next = (self.num_timesteps // self._every_steps + 1) * self._every_steps

    def _on_step(self) -> bool:
        if self.num_timesteps >= self._next:
            save_model(self._run_dir / f"step_{self.num_timesteps}", self.model)
            self._next += self._every_steps
        return True


class WeekEvaluation(BaseCallback):
    """
    Play fixed validation weeks, compare with a rule, keep the best model, draw a week.

    Parameters
    ----------
    config : TrainConfig
        Its `evaluation` section.
    run_dir : Path
        Where ``best/`` is kept.
    worlds : AggregatorVectorEnv
        Evaluation worlds of the validation split.
    weeks : list of int
        Weeks of that split.
    reference : Policy
        The rule that the margin is measured against.
    base : Policy, optional
        The rule whose action the model corrects.
    best_jpy : float
        Best mean weekly cost so far, of an earlier part of a resumed run. [JPY]
    """

    def __init__(
        self,
        config: TrainConfig,
        run_dir: Path,
        worlds: AggregatorVectorEnv,
        weeks: list[int],
        reference: Policy,
        base: Policy | None = None,
        best_jpy: float = np.inf,
    ) -> None:
        super().__init__()
        self._config = config
        self._run_dir = run_dir
        self._worlds = worlds
        self._weeks = weeks
        self._reference = reference
        self._base = base
        self._reference_scores: WeekScores | None = None
        self._next = 0
        self._evaluated_at = -1
        self._count = 0
        self.best_jpy = best_jpy
        self.history: list[dict[str, float]] = []

    def _on_training_start(self) -> None:
        self._next = self.num_timesteps + self._config.evaluation.every_steps

    def _on_step(self) -> bool:
        return True

    def _on_rollout_start(self) -> None:
        # Between rollouts, so that the model has learnt from every step it is credited with.
        every = self._config.evaluation.every_steps
        if every > 0 and self.num_timesteps >= self._next:
            self.evaluate()
            self._next += every * ((self.num_timesteps - self._next) // every + 1)

    def _on_training_end(self) -> None:
        if self.num_timesteps != self._evaluated_at:
            self.evaluate()
            self.logger.dump(self.num_timesteps)

    def evaluate(self) -> None:
        """Score the present model and save it as ``best/`` when no earlier one was cheaper."""
        seeds = [self._config.evaluation.seed]
        if self._reference_scores is None:
            self._reference_scores = score_weeks(self._reference, self._worlds, self._weeks, seeds)
        view = WorldView(self._config.forecast, self._config.assets, self._config.orders)
        policy = TrainedPolicy(self.model, self.model.get_vec_normalize_env(), self._base, view)
        scores = score_weeks(policy, self._worlds, self._weeks, seeds)
        cost, rule = scores.get("cost_jpy").mean(), self._reference_scores.get("cost_jpy").mean()
        self.logger.record("validation/cost_jpy_per_week", float(cost))
        self.logger.record("validation/saving_jpy_per_week", float(rule - cost))
        for name in scores.names:
            if name not in ("cost_jpy", "reference_jpy"):
                change = scores.get(name).mean() - self._reference_scores.get(name).mean()
                self.logger.record(f"validation_minus_{self._config.evaluation.reference}/{name}", float(change))
        self.history.append({"steps": self.num_timesteps, "cost_jpy": float(cost), "saving_jpy": float(rule - cost)})
        logger.info(
            "%9s steps: validation J %.1f M JPY/week, %.1f M (%.1f %%) below %s%s",
            f"{self.num_timesteps:,}",
            cost / 1e6,
            (rule - cost) / 1e6,
            100.0 * (rule - cost) / abs(rule),
            self._config.evaluation.reference,
            ", best so far" if cost < self.best_jpy else "",
        )
        if cost < self.best_jpy:
            self.best_jpy = float(cost)
            save_model(self._run_dir / "best", self.model)
        every = self._config.evaluation.figure_every
        if every > 0 and self._count % every == 0:
            figure = draw_week(self._config, policy, self._weeks[0])
            self.logger.record("validation/week", Image(figure, "HWC"), exclude=QUIET)
        self._count += 1
        self._evaluated_at = self.num_timesteps


def draw_week(config: TrainConfig, policy: Policy, week: int) -> NDArray[np.uint8]:
    """Return the figure of one validation week as an RGB array, shape (height, width, 3)."""
    env = gym.make(
        f"wattbit:wattbit/{config.env}",
        scenario=config.scenario,
        mode="evaluation",
        split="validation",
        forecast=config.forecast,
        assets=config.assets,
        orders=config.orders,
        data_root=config.data_root,
        render_mode="rgb_array",
    )
    try:
        observation, _ = env.reset(seed=config.evaluation.seed, options={"week": week})
        over = False
        while not over:
            action, _ = policy.predict(observation, deterministic=True)
            observation, _, terminated, truncated, _ = env.step(action)
            over = terminated or truncated
        return np.asarray(env.render(), np.uint8)
    finally:
        env.close()
