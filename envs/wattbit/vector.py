"""Gymnasium vector environments over one batch of worlds: no Python loop over environments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from wattbit.action import CONTROL_SETS, ControlMap, action_space
from wattbit.appended import Appended, AssetView, ForecastView
from wattbit.config import ScenarioConfig
from wattbit.env import SPLITS, InfoLevel, check_choice
from wattbit.errors import ScenarioError
from wattbit.scenarios import load_scenario
from wattbit.world import state as s
from wattbit.world.arrays import Mode
from wattbit.world.batch import Batch, Orders
from wattbit.world.build import Precision


class AggregatorVectorEnv(VectorEnv[NDArray[np.float32], NDArray[np.float32], Any]):
    """
    `num_envs` worlds in one batch; row i with seed s is the single environment with seed ``s + i``.

    Episodes that end begin again in the same step (``SAME_STEP``): ``info["final_obs"]`` holds their last
    observations and ``info["final_info"]`` their outcomes. The other arguments are those of
    :class:`wattbit.env.AggregatorEnv`.

    Parameters
    ----------
    num_envs : int
        Number of worlds.
    threads : int
        Threads for large batches; results do not depend on it.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP, "render_modes": []}  # noqa: RUF012 - as Gymnasium declares it
    controls: ClassVar[tuple[str, ...]] = CONTROL_SETS["integrated"]
    info_names: ClassVar[tuple[str, ...]] = s.OUTCOMES

    def __init__(
        self,
        num_envs: int = 1,
        scenario: str | Path | Mapping[str, Any] | ScenarioConfig = "japan3",
        mode: Mode = "evaluation",
        split: str | None = None,
        info_level: InfoLevel = "default",
        precision: Precision = "float32",
        forecast: ForecastView = "blocks",
        assets: AssetView = "sums",
        threads: int = 1,
        data_root: str | Path | None = None,
        render_mode: str | None = None,
        orders: Orders = "area",
    ) -> None:
        check_choice("mode", mode, ("evaluation", "training"))
        check_choice("info_level", info_level, ("none", "default", "full"))
        check_choice("precision", precision, ("float32", "float64"))
        check_choice("forecast", forecast, ("blocks", "full"))
        check_choice("assets", assets, ("sums", "each"))
        check_choice("orders", orders, ("area", "car"))
        split = split or ("train" if mode == "training" else "test")
        check_choice("split", split, SPLITS)
        if num_envs < 1:
            raise ScenarioError(f"num_envs is {num_envs}, must be at least 1")
        if render_mode is not None:
            raise ScenarioError(f"render_mode is {render_mode!r}: a batch does not render, use the single environment")
        super().__init__()
        self.num_envs = num_envs
        self.render_mode = None
        self.scenario = load_scenario(scenario)
        root = Path(data_root) if data_root is not None else None
        self.batch = Batch(self.scenario, num_envs, mode, split, precision, threads, root, orders)
        self.info_level = info_level
        self.forecast, self.assets, self.orders = forecast, assets, orders
        self._appended = Appended(self.batch, forecast, assets)
        self.observation_layout = self._appended.layout
        areas = len(self.scenario.areas)
        self._map = ControlMap(areas, self.controls, orders, self.scenario.fleet.vehicles)
        self.action_layout = self._map.controls
        self.single_action_space = action_space(areas, self.action_layout)
        self.single_observation_space = self.observation_layout.space()
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self._continuing = mode == "training"
        self._never = np.zeros(num_envs, np.bool_)
        self._final = np.zeros((num_envs, self.observation_layout.size) if self._appended else 0, np.float32)

    @property
    def n_weeks(self) -> int:
        """Number of evaluation weeks in the split (in training: of possible starts)."""
        return self.batch.n_weeks

    @property
    def world_hash(self) -> str:
        """Hash of scenario and laws; results with different hashes must not be mixed."""
        return self.batch.hash

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """
        Begin an episode in every world.

        Parameters
        ----------
        seed : int or sequence of int, optional
            One seed (row i gets ``seed + i``) or one per world; without it the episode counters go on.
        options : dict, optional
            ``{"week": k}`` or ``{"week": [k0, k1, ...]}``, one per world.
        """
        super().reset(seed=seed if isinstance(seed, int) else None)
        options = dict(options or {})
        weeks = options.pop("week", None)
        # What Gymnasium's wrappers send along with partial resets has no meaning here: worlds begin again by
        # themselves.
        if options:
            raise ScenarioError(f"reset: unknown option {next(iter(options))!r}; there is 'week'")
        if seed is None and self.batch.world.clock[0, s.EPISODE] < 0:
            seed = int(self.np_random.integers(2**31))
        if weeks is None and (seed is None or isinstance(seed, int)):
            self.batch.reset(seed)
        else:
            any_week = weeks is None
            weeks = np.broadcast_to(-1 if any_week else np.asarray(weeks), (self.num_envs,))
            if not any_week and not ((weeks >= 0) & (weeks < self.n_weeks)).all():
                raise ScenarioError(f"reset: week is {weeks.tolist()}, each must be within 0 and {self.n_weeks - 1}")
            if seed is None:
                seeds: list[int | None] = [None] * self.num_envs
            elif isinstance(seed, int):
                seeds = [seed + i for i in range(self.num_envs)]
            else:
                seeds = list(seed)
            for i in range(self.num_envs):
                self.batch.reset(seeds[i], None if weeks[i] < 0 else int(weeks[i]), i, i + 1)
        self.batch.outcome[:] = 0.0
        return self._observed().copy(), self._info()

    def _observed(self) -> NDArray[np.float32]:
        """Observations as the worlds stand now; without anything appended they belong to the batch."""
        observation = self.batch.observation
        return self._appended.extend(observation) if self._appended else observation

    def _outcomes(self, outcome: NDArray[np.float64]) -> dict[str, Any]:
        names = s.OUTCOMES if self.info_level == "full" else s.INFO
        return {name: outcome[:, s.OUTCOMES.index(name)].copy() for name in names}

    def _info(self) -> dict[str, Any]:
        if self.info_level == "none":
            return {}
        outcome = self.batch.outcome
        info: dict[str, Any] = self._outcomes(outcome)
        if self.info_level == "full":
            ledger = self.batch.ledger
            info["ledger"] = {name: ledger[:, :, k].copy() for k, name in enumerate(s.LEDGER)}
        return info

    def step_arrays(
        self, actions: NDArray[np.float32]
    ) -> tuple[
        NDArray[np.float32],
        NDArray[np.float64],
        NDArray[np.bool_],
        NDArray[np.bool_],
        NDArray[np.float64],
        NDArray[np.float32],
    ]:
        """
        Act in every world without building dictionaries.

        Returns
        -------
        observation, reward, terminated, truncated : ndarray
            As in :meth:`step`.
        outcome : ndarray, shape (n, 28)
            Columns :attr:`info_names`.
        final : ndarray, shape (n, D)
            Last observation of rows that ended; the other rows are stale. All arrays belong to the batch: copy what
            you keep.
        """
        batch = self.batch
        action = self._map.full(actions)
        if self._appended:
            # What is appended is read from the worlds, so those that ended must stand still until it has been.
            ended = batch.step(action, stay=True)
            rows = np.flatnonzero(ended)
            if len(rows) > 0:
                self._final[rows] = self._appended.extend(batch.observation[rows], rows)
            for i in rows.tolist():
                batch.reset(first=i, last=i + 1)
            final = self._final
        else:
            ended = batch.step(action)
            final = batch.final_observation
        terminated = self._never if self._continuing else ended
        truncated = ended if self._continuing else self._never
        observation = self._observed()
        return observation, batch.reward, terminated, truncated, batch.outcome, final

    def step(
        self, actions: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Act for one half hour in every world."""
        observation, reward, terminated, truncated, outcome, final = self.step_arrays(actions)
        info = self._info()
        ended = terminated | truncated
        if ended.any():
            info["final_obs"] = final.copy()
            info["_final_obs"] = ended.copy()
            info["final_info"] = self._outcomes(outcome)
            info["_final_info"] = ended.copy()
        return observation.copy(), reward.copy(), terminated.copy(), truncated.copy(), info


class WorkloadShiftVectorEnv(AggregatorVectorEnv):
    """Batch of :class:`wattbit.env.WorkloadShiftEnv`."""

    controls: ClassVar[tuple[str, ...]] = CONTROL_SETS["compute"]


class FleetV2GVectorEnv(AggregatorVectorEnv):
    """Batch of :class:`wattbit.env.FleetV2GEnv`."""

    controls: ClassVar[tuple[str, ...]] = CONTROL_SETS["fleet"]
