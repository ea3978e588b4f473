"""A batch of worlds on the CPU: the only place where world state is held and changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.errors import ActionError
from wattbit.observation import ObservationLayout
from wattbit.physics.cells import DEFAULT_PACK_CELL
from wattbit.series.forecast import Bundle
from wattbit.world import state as s
from wattbit.world.arrays import Constants, Mode, build_constants, forecast_seed, issuer_of, world_hash
from wattbit.world.build import Precision, kernels, laws_digest
from wattbit.world.cars import kinds_of_cars

PARALLEL_FROM: Final = 256
"""Smallest batch (in units of nine-area worlds) that is worth a second thread: about 2 ms of work (measured)."""

LANES_PER_THREAD: Final = 4
"""Chunks per thread, so that a thread that is interrupted does not hold up the others."""


Orders = Literal["area", "car"]
"""Who is given a power of the fleet: every area, whose cars share it, or every representative car."""

_NOTHING: Final = np.empty(0)


def _shared(values: NDArray[Any], kind: np.dtype[Any]) -> NDArray[Any]:
    """Array of the type wanted that nobody can write to; no copy where the type is right."""
    array = np.ascontiguousarray(values, kind)
    if array is values:
        array = array.view()
    array.flags.writeable = False
    return array


class Batch:
    """
    `n` independent worlds of one scenario.

    Parameters
    ----------
    config : ScenarioConfig
        The scenario.
    n : int
        Worlds.
    mode : {"evaluation", "training"}
        Kind of episode, see :class:`wattbit.env.AggregatorEnv`.
    split : {"train", "validation", "test"}
        Part of the series the episodes come from.
    precision : {"float32", "float64"}
        Type of state and laws; money and totals are float64 in both.
    threads : int
        Threads for large batches; results do not depend on it.
    data_root : path, optional
        Folder of real data; without it the environment variable ``WATTBIT_DATA``.
    orders : {"area", "car"}
        Who is given a power of the fleet.

    Notes
    -----
    Row i reset with seed s is bit for bit the single world reset with seed ``s + i``: every draw is a function of
    (seed, episode, stream, step, entity).
    """

    def __init__(
        self,
        config: ScenarioConfig,
        n: int = 1,
        mode: Mode = "evaluation",
        split: str = "test",
        precision: Precision = "float32",
        threads: int = 1,
        data_root: Path | None = None,
        orders: Orders = "area",
    ) -> None:
        self.config = config
        self.n = n
        self.mode: Mode = mode
        self.split = split
        self.precision: Precision = precision
        self.threads = threads
        self.data_root = data_root
        self.orders: Orders = orders
        self.constants: Constants = build_constants(config, mode, split, data_root)
        self.layout = ObservationLayout([a.name for a in config.areas], self.constants.site[:, s.N_SITE :])
        self.lanes = 1
        if threads > 1 and n * len(config.areas) >= PARALLEL_FROM * 9:
            self.lanes = threads * LANES_PER_THREAD
        self.world = self._allocate()
        self.ended = np.zeros(n, np.bool_)
        self._bind()

    def _allocate(self) -> s.World:
        kind = np.dtype(self.precision)
        n, areas, cars = self.n, len(self.config.areas), self.config.fleet.vehicles
        fixed = self.constants

        def constant(values: NDArray[Any]) -> NDArray[Any]:
            return _shared(values, kind)

        world = s.World(
            vehicle=np.zeros((n, areas, s.N_VEHICLE, cars), kind),
            area=np.zeros((n, areas, s.N_AREA), kind),
            queue=np.zeros((n, areas, s.N_QUEUE), kind),
            clock=np.zeros((n, s.N_CLOCK), np.int64),
            exog=constant(fixed.exog),
            forecast=_shared(fixed.forecast, np.dtype(np.float32)),
            site=constant(fixed.site),
            pair=constant(fixed.pair),
            constant=constant(fixed.constant),
            incident=constant(fixed.incident),
            kind=constant(fixed.kind),
            session=constant(fixed.session),
            profile=constant(fixed.profile),
            starts=fixed.starts.copy(),
            action=np.zeros((n, areas * (s.N_CONTROL + (cars if self.orders == "car" else 0))), np.float32),
            flow=np.zeros((self.lanes, s.N_FLOW + 1, areas, areas), kind),
            car=np.zeros((self.lanes, areas, s.N_CAR, cars), kind),
            scratch=np.zeros((self.lanes, s.N_SCRATCH, areas), kind),
            observation=np.zeros((2 * n, self.layout.size), np.float32),
            outcome=np.zeros((n + self.lanes, s.N_OUTCOME)),
            ledger=np.zeros((n + self.lanes, areas, s.N_LEDGER)),
        )
        world.starts.flags.writeable = False
        world.vehicle[:, :, s.CAPACITY_KWH, :] = fixed.capacity_kwh
        world.vehicle[:, :, s.PROMISE, :] = fixed.promise
        world.vehicle[:, :, s.BY_DAY, :] = kinds_of_cars(self.config) == s.KIND_WORKPLACE
        world.vehicle[:, :, s.HEALTH, :] = 1.0
        world.area[:, :, [s.SITE_UP, s.FLEET_UP, s.POWER_UP]] = 1.0
        world.clock[:, s.LENGTH] = self.config.episode.steps
        world.clock[:, s.EPISODE] = -1
        return world

    def _bind(self) -> None:
        fleet = self.config.fleet
        pack = self.config.storage.cell or DEFAULT_PACK_CELL
        self._run = kernels(self.precision, fleet.vehicles, fleet.cell, pack).run_worlds
        # The compiled driver gives up the interpreter lock, so ordinary threads run the chunks side by side.
        self._pool = ThreadPoolExecutor(self.threads) if self.lanes > 1 else None
        # The kernels know the number of cars as a number, so the last two axes are one to them.
        flat = {name: getattr(self.world, name) for name in ("vehicle", "car")}
        self._flat = self.world._replace(**{k: v.reshape(*v.shape[:2], -1) for k, v in flat.items()})

    def __getstate__(self) -> dict[str, Any]:
        kept = dict(self.__dict__)
        for made_again in ("_run", "_pool", "_flat", "constants"):
            del kept[made_again]
        kept["world"] = self.world._replace(exog=_NOTHING, forecast=_NOTHING)  # hundreds of MB, in the cache anyway
        return kept

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept)
        self.constants = build_constants(self.config, self.mode, self.split, self.data_root)
        exog = _shared(self.constants.exog, np.dtype(self.precision))
        self.world = self.world._replace(exog=exog, forecast=_shared(self.constants.forecast, np.dtype(np.float32)))
        # Arrays lose their read-only mark in a pickle; the compiled kernels are typed for it.
        for name in ("site", "pair", "constant", "incident", "kind", "session", "profile", "starts"):
            getattr(self.world, name).flags.writeable = False
        self._bind()

    @property
    def n_weeks(self) -> int:
        """Number of rows at which an episode of this split and mode may begin."""
        return len(self.constants.starts)

    @property
    def hash(self) -> str:
        """Hash of scenario and laws; result files carry it."""
        fleet, pack = self.config.fleet, self.config.storage.cell or DEFAULT_PACK_CELL
        return world_hash(self.config, laws_digest("float64", fleet.vehicles, fleet.cell, pack))

    @property
    def observation(self) -> NDArray[np.float32]:
        """Current observations, shape (n, D), a view."""
        return self.world.observation[: self.n]

    @property
    def final_observation(self) -> NDArray[np.float32]:
        """Last observations of episodes that ended in the last step, shape (n, D), a view; other rows are stale."""
        return self.world.observation[self.n :]

    @property
    def outcome(self) -> NDArray[np.float64]:
        """Outcomes of the last step, shape (n, 28) in the order of ``state.OUTCOMES``, a view."""
        return self.world.outcome[: self.n, : len(s.OUTCOMES)]

    @property
    def reward(self) -> NDArray[np.float64]:
        """Rewards of the last step, shape (n,), a view."""
        return self.world.outcome[: self.n, s.O_REWARD]

    @property
    def ledger(self) -> NDArray[np.float64]:
        """What happened where in the last step, shape (n, area, field) in the order of ``state.LEDGER``, a view."""
        return self.world.ledger[: self.n]

    def forecast_bundle(self, row: int, bank: int) -> Bundle:
        """Return the forecasts issued at a row of the series under one of the batch's forecast seeds, for planners."""
        return issuer_of(self.config, self.split, self.data_root).bundle(forecast_seed(self.mode, bank), row)

    def forecast_paths(self, row: NDArray[np.int64], bank: NDArray[np.int64]) -> NDArray[np.float32]:
        """
        Forecasts issued at rows of the series, half hour by half hour.

        Parameters
        ----------
        row, bank : ndarray of int, shape (m,)
            Rows, and places in the bank of forecast seeds: columns ROW and BANK of the clock.

        Returns
        -------
        ndarray, shape (m, area, 9, 96)
            Paths :data:`wattbit.series.forecast.PATHS` of the next 96 half hours.
        """
        return np.stack([self.forecast_bundle(int(r), int(b)).paths() for r, b in zip(row, bank, strict=True)])

    def reset(self, seed: int | None = None, week: int | None = None, first: int = 0, last: int | None = None) -> None:
        """
        Begin a new episode in worlds `first` to `last`.

        Parameters
        ----------
        seed : int, optional
            Row i gets ``seed + i - first`` and its episode counter starts again; without it the counter goes on.
        week : int, optional
            Play this starting row (evaluation) instead of the next one.
        """
        last = self.n if last is None else last
        clock = self.world.clock
        if seed is not None:
            clock[first:last, s.SEED] = (seed + np.arange(last - first)) % 2**32
            clock[first:last, s.EPISODE] = -1
        if week is not None:
            clock[first:last, s.EPISODE] = week - 1
        self.run(s.TASK_RESET, first, last)

    def step(self, action: NDArray[np.floating], stay: bool = False) -> NDArray[np.bool_]:
        """
        Act once in every world; worlds whose episode ends begin the next one.

        Parameters
        ----------
        action : ndarray, shape (n, R * 8), or (n, R * (8 + V)) with orders car by car
            Controls area by area, then a power for each car, area by area.
        stay : bool
            Leave worlds whose episode ends where they are, until :meth:`reset`.

        Returns
        -------
        ended : ndarray of bool, shape (n,)
            Their last observations are in :attr:`final_observation`, or with `stay` still in :attr:`observation`;
            rewards and outcomes are those of the step just done.

        Raises
        ------
        ActionError
            If an action is not one finite number for every control.
        """
        self.world.action[:] = _checked(action, self.world.action.shape)
        task = s.TASK_STEP if stay else s.TASK_STEP_ON
        if self._pool is None:
            self._run(self._flat, self.ended, 0, self.n, 0, task)
        else:
            edges = np.linspace(0, self.n, self.lanes + 1).astype(int).tolist()
            chunks = [
                self._pool.submit(self._run, self._flat, self.ended, first, last, lane, task)
                for lane, (first, last) in enumerate(pairwise(edges))
            ]
            for chunk in chunks:
                chunk.result()
        return self.ended

    def step_single(self, action: NDArray[np.floating]) -> bool:
        """Act once in world 0 and leave it where it is, also at the end of its episode."""
        self.world.action[0] = _checked(action, self.world.action.shape[1:])
        self._run(self._flat, self.ended, 0, 1, 0, s.TASK_STEP)
        return bool(self.ended[0])

    def run(self, task: int, first: int, last: int) -> None:
        """Do one of the tasks of :func:`wattbit.world.step.run_worlds` to worlds `first` to `last`."""
        self._run(self._flat, self.ended, first, last, 0, task)


def _checked(action: NDArray[np.floating], shape: tuple[int, ...]) -> NDArray[np.floating]:
    """Return an action of just this shape; the world itself would take what is no number for the lowest control."""
    action = np.asarray(action)
    if action.shape != shape:
        raise ActionError(f"action has shape {action.shape}, must have shape {shape}")
    finite = np.isfinite(action)
    if not finite.all():
        place = int(np.argmin(finite))
        raise ActionError(f"action {place} is {action.flat[place]}, must be a finite number")
    return action
