"""
From a plan back to what a planner orders.

A plan counts power after the activation of reserve. Orders come before it: the battery first, then the cars in
proportion to their room, then work give and take what is called (``world.markets.activate_reserve``), and the order is
what leaves the plan after that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattbit.action import Dispatch
from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import TAPER_PER_H, Path, Plant
from wattbit_agents.baselines.lp.template import Pairs

Array = NDArray[np.float64]

_NONE_MW = 1e-6


def split_budgets(pairs: Pairs, flow_mw: Array, demand_mw: Array, resident_share: float) -> Array:
    """
    Return realtime flows by latency budget, tightest first, (step, 3, area, area).

    Parameters
    ----------
    pairs : Pairs
    flow_mw : ndarray, shape (step, pair)
        Flow of the three budgets together on each realtime pair.
    demand_mw : ndarray, shape (step, area)
        Realtime demand; a third of it has each budget.
    resident_share : float
        Share of each third that stays at home.
    """
    steps, areas = demand_mw.shape
    left = np.repeat(demand_mw[:, None] / 3.0, 3, axis=1)
    away = (1.0 - resident_share) * left
    found = np.zeros((steps, 3, areas, areas))
    # Pairs that only the loosest budget allows come first, homes last: every pair can then be filled.
    for p in np.lexsort((pairs.realtime[0] == pairs.realtime[1], pairs.thirds)):
        o, d = pairs.realtime[:, p]
        wanted = np.array(flow_mw[:, p])
        for budget in range(2, 2 - int(pairs.thirds[p]), -1):
            most = left[:, budget, o] if o == d else np.minimum(left[:, budget, o], away[:, budget, o])
            part = np.clip(wanted, 0.0, most)
            found[:, budget, o, d] = part
            left[:, budget, o] -= part
            away[:, budget, o] -= part if o != d else 0.0
            wanted -= part
    return found


def _between(pairs: NDArray[np.int64], flow_mw: Array, areas: int) -> Array:
    found = np.zeros((len(flow_mw), areas, areas))
    found[:, pairs[0], pairs[1]] = flow_mw
    return found


def _storage_range(plant: Plant, path: Path, store_mwh: Array) -> tuple[Array, Array]:
    """Lowest and highest power of the batteries, MW, (step, area)."""
    power = plant.site[:, s.SITE_STORAGE_MW] * path.power_up
    eta = plant.value(s.STORAGE_EFFICIENCY)
    before = np.concatenate([path.storage_start_mwh[None], store_mwh[:-1]])
    low, high = path.storage_range_mwh
    return (
        -np.clip(2.0 * eta * (before - low), 0.0, power),
        np.clip(2.0 / eta * (high - before), 0.0, power),
    )


def _car_range(plant: Plant, path: Path, car_mwh: Array) -> tuple[Array, Array]:
    """Lowest and highest power of every representative's cars, MW, (step, area, car)."""
    cars, weight, eta = path.cars, plant.weight[:, None], plant.value(s.CAR_EFFICIENCY)
    before = np.concatenate([cars.start_kwh[None], car_mwh[:-1] / np.maximum(weight, 1e-12)]) - cars.before_kwh
    stand = plant.value(s.CAR_KW) * cars.share
    low = -np.clip(2.0 * eta * (before - cars.hold_kwh), 0.0, stand)
    high = np.clip(TAPER_PER_H / eta * (cars.ceiling_kwh - before), 0.0, stand)
    return low * weight, high * weight


def _before_call(power_mw: Array, low_mw: Array, high_mw: Array, called_mw: Array) -> tuple[Array, Array]:
    """
    Return power before a call that lowered it to `power_mw`, and the part of the call that is left to others.

    Nobody is ordered more than its highest power. A call that is larger than what lies between takes it down to its
    lowest power, whatever was planned, and the rest goes on.
    """
    borne = np.clip(high_mw - power_mw, 0.0, called_mw)
    rest = np.maximum(0.0, called_mw - borne - np.maximum(0.0, power_mw - low_mw))
    return power_mw + borne, rest


def _cars_before_call(power_mw: Array, low_mw: Array, high_mw: Array, called_mw: Array) -> tuple[Array, Array]:
    """
    Return the same for cars, (step, area, car), that bear a call, (step, area), in proportion to their room.

    Power before the call that leaves every car at `power_mw` is above it in proportion to what it still can give. Where
    that is more than a car's highest power, and where no car can give more, the others are ordered higher instead.
    """
    room = np.maximum(0.0, power_mw - low_mw)
    total = room.sum(axis=2)
    share = np.where(total > _NONE_MW, called_mw / np.maximum(total, _NONE_MW), 0.0)
    least = np.minimum(np.maximum(high_mw, power_mw), power_mw + share[..., None] * room)
    above = np.maximum(0.0, high_mw - least)
    missing = np.maximum(0.0, called_mw - (least - power_mw).sum(axis=2))
    free = above.sum(axis=2)
    part = np.where(free > _NONE_MW, np.minimum(1.0, missing / np.maximum(free, _NONE_MW)), 0.0)
    order = least + part[..., None] * above
    borne = (order - power_mw).sum(axis=2)
    return order, np.maximum(0.0, called_mw - borne - total)


def dispatches(plant: Plant, path: Path, pairs: Pairs, plan: dict[str, Array]) -> list[Dispatch]:
    """
    Return the orders of every half hour of a plan.

    Parameters
    ----------
    plant : Plant
    path : Path
        That the plan was made for.
    pairs : Pairs
        Of the template.
    plan : dict of str to ndarray
        Columns by name, (step, *shape).

    Returns
    -------
    list of Dispatch
        One per half hour; the world cuts each to what is possible in its state.
    """
    areas, steps = path.areas, path.steps
    realtime = split_budgets(pairs, plan["realtime"], path.realtime_mw, plant.value(s.RESIDENT_SHARE))
    interactive = _between(pairs.interactive, plan["interactive"], areas)
    batch = _between(pairs.all, plan["batch"], areas)
    training = _between(pairs.all, plan["training"], areas)
    storage = plan["store_in"] - plan["store_out"]
    cars = plan["charge"].sum(axis=1) - plan["discharge"]
    up = down = np.zeros((steps, areas))
    if "up" in plan:
        up, down = plan["up"].sum(axis=1), plan["down"].sum(axis=1)
        low, high = _storage_range(plant, path, plan["store"])
        car_low, car_high = _car_range(plant, path, plan["car"])
        storage, rest = _before_call(storage, low, high, up * path.up_share)
        cars, rest = _cars_before_call(cars, car_low, car_high, rest)
        work = batch.sum(axis=1) + training.sum(axis=1)
        more = np.where(work > _NONE_MW, rest / (path.pue * np.maximum(work, _NONE_MW)), 0.0)
        batch, training = (flow * (1.0 + more[:, None, :]) for flow in (batch, training))
        # Downward reserve is the mirror image; nobody else can bear it.
        storage, rest = _before_call(-storage, -high, -low, down * path.down_share)
        storage = -storage
        cars = -_cars_before_call(-cars, -car_high, -car_low, rest)[0]
    each = 1e3 * cars / np.maximum(plant.site[:, s.SITE_WEIGHT], 1e-9)[:, None]
    return [
        Dispatch(realtime[t], interactive[t], batch[t], training[t], each[t], storage[t], up[t], down[t])
        for t in range(steps)
    ]
