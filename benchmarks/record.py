"""Records of whole weeks of a batch, half hour by half hour: what a check from outside the kernel needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit.world.batch import Batch

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Record:
    """
    Weeks of `n` worlds; arrays begin with (time, world), states with one time more: before the first half hour.

    Attributes
    ----------
    area, queue, energy_kwh, health : ndarray
        States.
    plugged : ndarray
        Share of the half hour each car is on its stand, of the state before.
    observation : ndarray
        What agents saw.
    exog : ndarray
        Row of the half hour.
    flow, car_kw, market : ndarray
        Dispatch as decoded: flows (class, from, to), power of each car, and battery power with offers up and down.
    ran : ndarray
        Flows after activated reserve and drops.
    ledger, outcome : ndarray
        Books.
    infinite : int
        Values of any kind that were not finite.
    """

    batch: Batch
    area: Array
    queue: Array
    energy_kwh: Array
    health: Array
    plugged: Array
    observation: NDArray[np.float32]
    exog: Array
    flow: Array
    car_kw: Array
    market: Array
    ran: Array
    ledger: Array
    outcome: Array
    infinite: int

    def book(self, name: str) -> Array:
        """One column of the ledger, shape (time, world, area)."""
        return self.ledger[..., s.LEDGER.index(name)]

    def info(self, name: str) -> Array:
        """One outcome, shape (time, world)."""
        return self.outcome[..., s.OUTCOMES.index(name)]

    def before(self, field: int) -> Array:
        """One field of the areas before each half hour."""
        return self.area[:-1, ..., field]

    def after(self, field: int) -> Array:
        """The same after it."""
        return self.area[1:, ..., field]

    def site(self, field: int) -> Array:
        """One constant of the areas, shape (area,)."""
        return self.batch.world.site[:, field].astype(np.float64)

    def rule(self, field: int) -> float:
        """One constant of the scenario."""
        return float(self.batch.world.constant[field])


def play(batch: Batch, actions: NDArray[np.float32]) -> Record:
    """
    Play an episode of every world of a batch that was just reset.

    Parameters
    ----------
    actions : ndarray, shape (time, world, areas * 8)
        `time` is the length of the episode.
    """
    world, n, steps = batch.world, batch.n, len(actions)
    areas, cars = world.vehicle.shape[1], world.vehicle.shape[3]
    kept: dict[str, list[NDArray[Any]]] = {name: [] for name in Record.__dataclass_fields__}
    flow, ran = (np.empty((steps, n, s.N_FLOW, areas, areas)) for _ in range(2))
    car, market = np.empty((steps, n, areas, cars)), np.empty((steps, n, 3, areas))
    infinite = 0

    def look() -> int:
        kept["area"].append(world.area.astype(np.float64))
        kept["queue"].append(world.queue.astype(np.float64))
        kept["energy_kwh"].append(world.vehicle[:, :, s.ENERGY_KWH].astype(np.float64))
        kept["health"].append(world.vehicle[:, :, s.HEALTH].astype(np.float64))
        kept["plugged"].append(world.vehicle[:, :, s.PLUGGED_SHARE].astype(np.float64))
        kept["observation"].append(batch.observation.copy())
        shown = (world.vehicle, world.area, world.queue, batch.observation, world.ledger, world.outcome)
        return sum(int(np.size(a) - np.count_nonzero(np.isfinite(a))) for a in shown)

    infinite += look()
    for t in range(steps):
        kept["exog"].append(world.exog[world.clock[:, s.ROW]].astype(np.float64))
        world.action[:] = actions[t]
        for i in range(n):
            batch.run(s.TASK_DECODE, i, i + 1)
            flow[t, i] = world.flow[0, : s.N_FLOW]
            car[t, i] = world.car[0, :, s.CAR_POWER_KW]
            market[t, i] = world.scratch[0, [s.S_STORAGE_MW, s.S_RESERVE_UP_MW, s.S_RESERVE_DOWN_MW]]
            batch.run(s.TASK_STEP, i, i + 1)
            ran[t, i] = world.flow[0, : s.N_FLOW]
            infinite += int(np.size(ran[t, i]) - np.count_nonzero(np.isfinite(ran[t, i])))
        kept["ledger"].append(batch.ledger.copy())
        kept["outcome"].append(world.outcome[:n].copy())
        infinite += look()
    states = ("area", "queue", "energy_kwh", "health", "plugged", "observation", "exog", "ledger", "outcome")
    arrays = {name: np.stack(kept[name]) for name in states}
    return Record(batch, **arrays, flow=flow, car_kw=car, market=market, ran=ran, infinite=infinite)
