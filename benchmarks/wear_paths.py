"""Days of cars whose wear is known: played in the world, and made up; for the check of the wear's minorants."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.vector import AggregatorVectorEnv
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit_agents.baselines import make_policy
from wattbit_agents.baselines.bound.days import CarDays, CarPaths, car_days, car_paths, daily
from wattbit_agents.baselines.lp.embed import embed, play
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.template import Template

Array = NDArray[np.float64]

POLICIES: Final = ("do-nothing", "siloed", "tou", "threshold", "wear-aware", "tuned", "greedy", "random")
"""Rules that play."""

SCHEDULES: Final[dict[str, Callable[[int], float]]] = {
    "hard V2G": lambda t: -1.0 if 34 <= t < 46 else float(t < 12),
    "slow V2G": lambda t: -0.3 if t >= 34 else (0.3 if t < 15 else 0.1),
    "shallow cycles": lambda t: 0.5 if t % 4 < 2 else -0.5,
    "slow charging": lambda t: 0.12,
}
"""Fleet power over the half hours of a day, as an action; the rest as ``do-nothing``."""


@dataclass(frozen=True)
class Played:
    """
    The car days of one week, played in several ways.

    Attributes
    ----------
    days : CarDays
    paths : dict of str to CarPaths
        By kind.
    wear : dict of str to ndarray, shape (n,)
        Share of health at the price of the reference loss.
    capacity_kwh : ndarray, shape (n,)
    cell : str
    reference_loss : float
    """

    days: CarDays
    paths: dict[str, CarPaths]
    wear: dict[str, Array]
    capacity_kwh: Array
    cell: str
    reference_loss: float


def played_week(config: ScenarioConfig, week: int, seed: int, kinds: tuple[str, ...]) -> Played:
    """
    Play one train week in every way.

    Parameters
    ----------
    config : ScenarioConfig
    week, seed : int
    kinds : tuple of str
        Of :data:`POLICIES` and :data:`SCHEDULES`.
    """
    plant, (path,) = record_paths(config, [week], [seed], "train")
    env = AggregatorVectorEnv(1, config, "evaluation", "train", "none", "float64")
    fleet = env.action_layout.index("fleet_power")
    structure = Structure(Template(plant), path.steps)
    columns = structure.template.columns
    paths, wears = {}, {}
    for kind in kinds:
        policy: Any = make_policy(kind if kind in POLICIES else "do-nothing", env, seed)

        def act(batch: Batch, kind: str = kind, policy: Any = policy) -> None:
            action = policy.predict(batch.observation)[0].copy()
            if kind in SCHEDULES:
                action.reshape(len(config.areas), -1)[:, fleet] = SCHEDULES[kind](int(batch.world.clock[0, s.ROW]) % 48)
            batch.step_single(action[0])

        played = play(env.batch, week, seed, act)
        paths[kind] = car_paths(plant, path, columns.named(embed(structure, path, played), path.steps))
        wears[kind] = daily(played.wear_rise / plant.capacity_kwh).sum(axis=1)
    size = np.tile(plant.capacity_kwh.ravel(), path.steps // 48)
    return Played(car_days(plant, path), paths, wears, size, plant.cell, plant.value(s.WEAR_REFERENCE))


def window_wear(cell: str, reference_loss: float, days: CarDays, at: CarPaths) -> Array:
    """
    Return the wear of whole days by the cell's own functions, apart from the fleet's code, shape (n,).

    The health is :attr:`CarDays.health`.
    """
    laws = importlib.import_module(f"wattbit.physics.cells.{cell}")
    heats = [np.vectorize(f, otypes=[float]) for f in (laws.calendar_heat, laws.cycle_heat, laws.depth_heat)]
    growth = np.vectorize(laws.cycle_growth, otypes=[float])
    money_rate = np.vectorize(laws.money_rate_c, otypes=[float])
    count = np.arange(at.charge.shape[1]) + 1.0
    level = at.levels(days)
    high = np.maximum.accumulate(np.where(np.arange(level.shape[1]) % 3 == 2, level, -np.inf), axis=1)[:, 2::3]
    depth = np.maximum(high, 0.0) - np.minimum.accumulate(level, axis=1)[:, 2::3]
    driven = np.cumsum(days.before, axis=1) + np.cumsum(days.after, axis=1) - days.after
    charged = np.cumsum(at.charge, axis=1)
    throughput = charged + np.cumsum(at.discharge, axis=1) + driven
    kelvin = np.cumsum(days.kelvin, axis=1) / count
    soc = np.cumsum(np.clip(at.energy / days.health[:, None], 0.0, 1.0), axis=1) / count
    rate = money_rate(np.cumsum((2.0 * at.charge) ** 2, axis=1), 2.0 * charged, 2.0 * throughput, count)
    y = growth(soc, kelvin, *(heat(kelvin) for heat in heats), depth / days.health[:, None], rate)
    return np.asarray((0.5 * y * throughput).max(axis=1) * laws.cycle_slope(reference_loss))


def made_up(n: int, paths: int, seed: int) -> tuple[CarDays, list[CarPaths]]:
    """
    Make up days and several paths through each; the last one changes a few half hours of the first.

    Cars are away once or not at all, buy what is missing before they leave, and are not discharged below 0.3.

    Parameters
    ----------
    n, paths : int
        Days, and paths of each; at least 2.
    seed : int
    """
    rng = np.random.default_rng(seed)
    hour = np.arange(48)
    health = rng.uniform(0.75, 1.0, n)
    size_kwh = rng.choice([20.0, 40.0, 60.0, 90.0], n)
    leave, back = rng.integers(8, 24, n)[:, None], rng.integers(25, 47, n)[:, None]
    away = rng.random(n)[:, None] < 0.8
    leg = np.where(away, rng.lognormal(np.log(2.0), 0.6, n)[:, None] / size_kwh[:, None], 0.0).clip(max=0.14)
    plugged = np.where(away, (hour < leave) | (hour >= back), True).astype(float)
    after, before = leg * (hour == leave), leg * (hour == back)
    into, out = (0.5 * 5.9 * f / size_kwh[:, None] * plugged for f in (0.92, 1.0 / 0.92))
    kelvin = 273.15 + np.maximum(
        10.0, rng.uniform(-10.0, 33.0, n)[:, None] + 4.0 * np.sin((hour - 16) / 48 * 2 * np.pi)
    )
    ends = np.full((n, 48), 0.3) * health[:, None]
    driven = np.cumsum(before, axis=1) + np.cumsum(after, axis=1) - after
    days = CarDays(
        kelvin=kelvin,
        health=health,
        health_low=health,
        charge_limit=into,
        discharge_limit=out,
        before=before,
        after=after,
        energy_low=ends - driven,
        energy_high=np.full((n, 48), 0.9) * health[:, None],
    )
    wishes = [_wish(n, k, rng) for k in range(paths - 1)]
    few = rng.random((n, 48)) < 0.06
    wishes.append(np.where(few, rng.uniform(-1.0, 1.0, (n, 48)), wishes[0]))
    starts = [rng.uniform(0.3, 0.9, n) * health for _ in range(paths - 1)]
    return days, [_carried_out(days, w, e) for w, e in zip(wishes, [*starts, starts[0]], strict=True)]


def _wish(n: int, kind: int, rng: np.random.Generator) -> Array:
    """Power in shares of its limit, (n, 48): blocks, all or nothing, noise, slow charging, or evening V2G."""
    hour = np.arange(48)
    if kind % 5 == 0:
        width = int(rng.integers(2, 12))
        return np.repeat(rng.choice([-1.0, 0.0, 0.5, 1.0], (n, 48 // width + 1)), width, axis=1)[:, :48]
    if kind % 5 == 1:
        return rng.choice([-1.0, 0.0, 1.0], (n, 48))
    if kind % 5 == 2:
        return rng.uniform(-1.0, 1.0, (n, 48))
    if kind % 5 == 3:
        return rng.uniform(0.02, 0.6, (n, 1)) * (rng.random((n, 48)) < rng.uniform(0.3, 1.0, (n, 1)))
    night, evening = rng.integers(4, 16, (n, 1)), rng.integers(30, 44, (n, 1))
    depth = rng.uniform(0.3, 1.0, (n, 2, 1))
    return np.where(hour < night, depth[:, 0], np.where(hour >= evening, -depth[:, 1], 0.0))


def _carried_out(days: CarDays, wish: Array, start: Array) -> CarPaths:
    charge, discharge, bought, middle = (np.zeros_like(wish) for _ in range(4))
    energy = np.array(start)
    floor, ceiling = 0.3 * days.health, 0.9 * days.health
    for t in range(wish.shape[1]):
        energy = energy - days.before[:, t]
        charge[:, t] = np.clip(wish[:, t] * days.charge_limit[:, t], 0.0, np.maximum(0.0, ceiling - energy))
        discharge[:, t] = np.clip(-wish[:, t] * days.discharge_limit[:, t], 0.0, np.maximum(0.0, energy - floor))
        gain = charge[:, t] - discharge[:, t]
        middle[:, t] = energy + 0.5 * gain
        energy = energy + gain
        bought[:, t] = np.where(days.after[:, t] > 0.0, np.maximum(0.0, floor - energy), 0.0)
        energy = energy + bought[:, t] - days.after[:, t]
    return CarPaths(charge, discharge, bought, middle)
