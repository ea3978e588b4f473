"""What really comes in a week, and an outlook that is told a part of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path as Folder
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.physics.vehicle import hours_to_departure
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit_agents.baselines.lp.outlook import Outlook, Prices
from wattbit_agents.baselines.lp.path import DUE, Array, Cars, Path
from wattbit_agents.baselines.lp.record import due_room_mwh, record_batch
from wattbit_agents.baselines.lp.sight import Clock, Sight
from wattbit_agents.baselines.lp.stays import NO_PLAN_H, Stays, cars_with, expected_stays

GROUPS: Final = {
    "prices": "day-ahead price, zones, slope of the supply curve, surplus",
    "imbalance": "settled price less the day-ahead one",
    "cars": "stays, trips and departures",
    "work": "arrivals of work and demand of users",
    "reserve": "price and depth of reserve, share that is called, calls of the capacity contract",
    "site": "weather, carbon, certificates, outages, links",
}
"""What an outlook can be told, and what belongs to it."""

_SITE: Final = (
    "local_mw", "carbon_kg_per_mwh", "pue", "capacity_mw", "site_up", "power_up", "compressor_share", "compressor_cop",
    "heat_demand_mw", "certificates_mwh", "link_tb", "swing", "temperature_c",
)  # fmt: skip
_RESERVE: Final = ("reserve_price_jpy_per_mw", "depth_mw", "call", "baseline_mw", "up_share", "down_share")
_WORK: Final = ("realtime_mw", "interactive_mw")

_hours = np.vectorize(hours_to_departure, otypes=[float])


@dataclass(frozen=True)
class Truth:
    """
    A week as it really comes.

    Attributes
    ----------
    path : Path
        From :func:`~wattbit_agents.baselines.lp.record.record_batch`.
    prices : Prices
        Of the whole week and the 97 half hours after it, (step + 97, area).
    rise_jpy_per_mwh : ndarray, shape (step, area)
        What an incident adds to the price.
    hours : ndarray, shape (step, area, car)
        To the next planned departure; NO_PLAN_H where nobody asks for it.
    promised : ndarray of bool, shape (step, area, car)
        Whether a car is on its stand before it leaves.
    trip_kwh : ndarray, shape (step, area, car)
        Energy of the trip of a car that leaves in the half hour, else 0.
    """

    path: Path
    prices: Prices
    rise_jpy_per_mwh: Array
    hours: Array
    promised: NDArray[np.bool_]
    trip_kwh: Array


def record_truth(config: ScenarioConfig, week: int, seed: int, split: str, data_root: Folder | None = None) -> Truth:
    """Return what really comes in an evaluation week; nothing in it depends on what is done."""
    batch = Batch(config, 1, "evaluation", split, "float64", data_root=data_root)
    batch.reset(seed, week)
    first = int(batch.world.clock[0, s.ROW])
    (path,) = record_batch(batch)
    batch.reset(seed, week)
    vehicles, stray = [], []
    for _ in range(path.steps):
        vehicles.append(batch.world.vehicle[0].copy())
        # An intruder, and a stand that no command reaches, ask nobody when a car has to leave.
        stray.append((batch.world.area[0][:, [s.HIJACK_SHARE, s.LINK_LOST]] > 0.0).any(axis=1))
        batch.run(s.TASK_STEP, 0, 1)
    seen = np.stack(vehicles).transpose(2, 0, 1, 3)
    exog = np.asarray(batch.world.exog[first : first + path.steps + 97], np.float64).transpose(2, 0, 1)
    spot, delta = exog[s.SPOT], exog[s.DELTA]
    settled = np.maximum(float(batch.world.constant[s.FLOOR]), spot + delta)[: path.steps]
    hour = (0.5 * ((first + np.arange(path.steps)) % 48))[:, None, None]
    leaves = (seen[s.LEFT_H] >= hour) & (seen[s.LEFT_H] < hour + 0.5)
    return Truth(
        path=path,
        prices=Prices(spot, delta, exog[s.SURPLUS], exog[s.ZONE].astype(np.int64)),
        rise_jpy_per_mwh=np.maximum(0.0, path.price_jpy_per_mwh - settled),
        hours=np.where(np.stack(stray)[:, :, None], NO_PLAN_H, _hours(hour, seen[s.LEAVE_H], seen[s.NEXT_LEAVE_H])),
        promised=leaves & (seen[s.PLUG_BEFORE] > 0.5),
        trip_kwh=np.where(leaves, seen[s.TRIP_KWH], 0.0),
    )


class Informed(Outlook):
    """
    An outlook that is told what really comes. No policy may use it.

    Parameters
    ----------
    base : Outlook
        Of an honest planner.
    truth : Truth
        Of the week that is played.
    groups : collection of str
        Keys of :data:`GROUPS` that it is told; without any it is the honest outlook.
    """

    def __init__(self, base: Outlook, truth: Truth, groups: Collection[str]) -> None:
        unknown = set(groups) - set(GROUPS)
        if unknown:
            raise ValueError(f"groups are {sorted(unknown)}, must be among {', '.join(GROUPS)}")
        self.__dict__.update(vars(base))
        self.truth, self.groups = truth, frozenset(groups)

    def prices(self, see: Sight, clock: Clock, history: Array | None) -> Prices:
        """Return prices and surplus, the true ones where they are told."""
        found, true = super().prices(see, clock, history), self.truth.prices
        now = self.truth.path.steps - clock.to_go
        horizon = slice(now, now + len(found.spot_jpy_per_mwh))
        if "prices" in self.groups:
            found = Prices(
                true.spot_jpy_per_mwh[horizon], found.delta_jpy_per_mwh, true.surplus_mw[horizon], true.zone[horizon]
            )
        if "imbalance" in self.groups:
            found = replace(found, delta_jpy_per_mwh=true.delta_jpy_per_mwh[horizon])
        return found

    def path(self, see: Sight, steps: int, prices: Prices) -> Path:
        """Return the path of a plan with the stocks that are seen and the true series where they are told."""
        found = super().path(see, steps, prices)
        clock, true = see.clock(), self.truth.path
        now = true.steps - clock.to_go
        part = slice(now, now + min(steps, clock.to_go))

        def told(*names: str) -> Path:
            return replace(found, **{name: _begin(getattr(found, name), getattr(true, name)[part]) for name in names})

        if "prices" in self.groups:
            found = told("slope")
        if "site" in self.groups:
            rise = _begin(np.zeros_like(found.price_jpy_per_mwh), self.truth.rise_jpy_per_mwh[part])
            found = replace(told(*_SITE), price_jpy_per_mwh=found.price_jpy_per_mwh + rise)
        if "reserve" in self.groups:
            found = told(*_RESERVE)
        if "work" in self.groups:
            found = _with_work(told(*_WORK), true, part, see)
        return found

    def cars(self, see: Sight, steps: int) -> Cars:
        """Return the cars of a plan with the energy that is seen, and their true stays where they are told."""
        if "cars" not in self.groups:
            return super().cars(see, steps)
        truth, plant, seen, to_go = self.truth, self.plant, self.seen_cars(see), see.clock().to_go
        now = truth.path.steps - to_go
        part = slice(now, now + min(steps, to_go))
        true, usual = truth.path.cars, expected_stays(plant, self.setting.habits, seen, steps)
        before = true.before_kwh[part].copy()
        before[0] = 0.0  # who comes with this half hour is there
        need = np.where(truth.promised[part], plant.promise * seen.usable_kwh, 0.0)
        stays = Stays(
            share=_begin(usual.share, true.share[part]),
            before_kwh=_begin(usual.before_kwh, before),
            after_kwh=_begin(usual.after_kwh, true.after_kwh[part]),
            need_kwh=_begin(usual.need_kwh, np.maximum(need, truth.trip_kwh[part])),
            hours=_begin(usual.hours, truth.hours[part]),
            leaves=np.zeros_like(usual.leaves),  # nothing is left to chance
        )
        return cars_with(plant, seen, stays)


def _begin(expected: Array, true: Array) -> Array:
    """Return `expected` with `true` at its beginning."""
    return np.concatenate([true, expected[len(true) :]])


def _with_work(path: Path, true: Path, part: slice, see: Sight) -> Path:
    """Tell a path the work that arrives after what already waits."""
    changes = {}
    for name in ("batch", "training"):
        arrives, free = getattr(true, f"{name}_mwh")[part].copy(), getattr(true, f"exportable_{name}_mwh")[part].copy()
        arrives[0], free[0] = 0.0, see[f"{name}_exportable_mwh"]
        arrives = _begin(getattr(path, f"{name}_mwh"), arrives)
        changes[f"{name}_mwh"] = arrives
        changes[f"exportable_{name}_mwh"] = _begin(getattr(path, f"exportable_{name}_mwh"), free)
        changes[f"{name}_room_mwh"] = due_room_mwh(see[f"{name}_due_by_slot_mwh"], 0, arrives, DUE[name])
    return replace(path, **changes)
