"""The Box that agents act through, the physical dispatch below it, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit.world.batch import Batch, Orders

CONTROLS: Final = s.CONTROLS
"""The eight actions of an area, in order."""

CONTROL_SETS: Final = {"integrated": CONTROLS, "compute": CONTROLS[:4], "fleet": CONTROLS[4:]}
"""
Controls by who has them: one aggregator (``integrated``), or two businesses side by side that each have a part and plan
with the nominal profile of the other; a pair of policies for those two is a ``silo``.
"""

HELD: Final = {
    "realtime_host": 0.0,
    "interactive_host": 0.0,
    "batch_run": 1.0,
    "training_run": 1.0,
    "fleet_power": 1.0,
    "storage_power": 0.0,
    "reserve_up": 0.0,
    "reserve_down": 0.0,
}
"""The ``siloed`` rule as constant actions: all work at home and at once, cars charge on arrival, the battery rests."""


CAR_POWER: Final = "car_power"
"""Begins the names of the controls that replace ``fleet_power`` where every car is ordered by itself."""


def control_names(controls: Sequence[str], orders: Orders, cars: int) -> tuple[str, ...]:
    """Return the actions of an area, in order: with orders by car ``car_power_0`` and so on in place of the fleet's."""
    by_car = [f"{CAR_POWER}_{v}" for v in range(cars)]
    names = [by_car if orders == "car" and name == "fleet_power" else [name] for name in controls]
    return tuple(name for group in names for name in group)


def control_of(name: str) -> str:
    """Return the control among :data:`CONTROLS` that an action is one of: a car's power is one of ``fleet_power``."""
    return "fleet_power" if name.startswith(CAR_POWER) else name


@dataclass(frozen=True)
class Dispatch:
    """
    What physically happens in one half hour, as planners write it.

    Parameters
    ----------
    realtime_mw : ndarray, shape (3, area, area)
        Realtime work by latency budget, from users of the first area to the site of the second. [MW]
    interactive_mw : ndarray, shape (area, area)
        The same for interactive work. [MW]
    batch_mw, training_mw : ndarray, shape (area, area)
        Queued work of the first area that runs at the second. [MW]
    vehicle_kw : ndarray, shape (area, car)
        Power of one car of each representative, charging positive. [kW]
    storage_mw : ndarray, shape (area,)
        Battery power, charging positive. [MW]
    reserve_up_mw, reserve_down_mw : ndarray, shape (area,), optional
        Reserve offered: room to lower and to raise the net load beyond this dispatch. [MW]
    """

    realtime_mw: NDArray[np.float64]
    interactive_mw: NDArray[np.float64]
    batch_mw: NDArray[np.float64]
    training_mw: NDArray[np.float64]
    vehicle_kw: NDArray[np.float64]
    storage_mw: NDArray[np.float64]
    reserve_up_mw: NDArray[np.float64] | None = None
    reserve_down_mw: NDArray[np.float64] | None = None


def action_space(areas: int, controls: Sequence[str] = CONTROLS) -> Any:
    """Box(-1, 1) with `controls` of every area, area by area."""
    return spaces.Box(-1.0, 1.0, (areas * len(controls),), np.float32)


class ControlMap:
    """
    Fills the full action from the controls an environment exposes; the others follow :data:`HELD`.

    The full action has the controls of all areas, and with orders by car a power for each car behind them.

    Parameters
    ----------
    areas : int
        Number of areas.
    controls : sequence of str
        Exposed controls, a part of :data:`CONTROLS` in any order.
    orders : {"area", "car"}
        Who is given a power of the fleet.
    cars : int
        Representative cars of an area.

    Attributes
    ----------
    controls : tuple of str
        Actions of an area, see :func:`control_names`.
    """

    def __init__(self, areas: int, controls: Sequence[str], orders: Orders = "area", cars: int = 0) -> None:
        self.controls = control_names(controls, orders, cars)
        behind = control_names(("fleet_power",), orders, cars) if orders == "car" else ()
        held = [np.tile([HELD[control_of(name)] for name in names], areas) for names in (CONTROLS, behind)]
        self._held = np.concatenate(held).astype(np.float32)
        self._columns = np.array([
            r * len(CONTROLS) + CONTROLS.index(name) if name in CONTROLS
            else areas * len(CONTROLS) + r * cars + behind.index(name)
            for r in range(areas) for name in self.controls
        ])  # fmt: skip
        self.is_identity = np.array_equal(self._columns, np.arange(len(self._held)))

    def full(self, action: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return the full action of one that has shape (..., areas * len(controls))."""
        if self.is_identity:
            return action
        lead = action.shape[:-1]
        full = np.broadcast_to(self._held, (*lead, len(self._held))).copy()
        full[..., self._columns] = action.reshape(*lead, len(self._columns))  # of just this size: nothing is repeated
        return full

    def exposed(self, full: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return the exposed part of a full action."""
        return full if self.is_identity else full[..., self._columns]


def decode_action(batch: Batch, action: NDArray[np.floating], index: int = 0) -> Dispatch:
    """Return what `action` would do in world `index` now, without doing it."""
    world = batch.world
    world.action[index] = action
    batch.run(s.TASK_DECODE, index, index + 1)
    return Dispatch(
        realtime_mw=world.flow[0, s.FLOW_REALTIME : s.FLOW_INTERACTIVE].astype(np.float64),
        interactive_mw=world.flow[0, s.FLOW_INTERACTIVE].astype(np.float64),
        batch_mw=world.flow[0, s.FLOW_BATCH].astype(np.float64),
        training_mw=world.flow[0, s.FLOW_TRAINING].astype(np.float64),
        vehicle_kw=world.car[0, :, s.CAR_POWER_KW].astype(np.float64),
        storage_mw=world.scratch[0, s.S_STORAGE_MW].astype(np.float64),
        reserve_up_mw=world.scratch[0, s.S_RESERVE_UP_MW].astype(np.float64),
        reserve_down_mw=world.scratch[0, s.S_RESERVE_DOWN_MW].astype(np.float64),
    )


def _host_actions(
    flow_mw: NDArray[np.float64], demand_mw: NDArray[np.float64], dynamic_mw: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """
    Host controls that may have made some flows; 0 everywhere when nobody hosts guests.

    Parameters
    ----------
    flow_mw : ndarray, shape (class, area, area)
        Latency classes of one control. All are decoded from one share, but budgets and links let less of it through in
        some: what an area gave or took in the class that moved most is what the share asked for.
    demand_mw, dynamic_mw : ndarray, shape (area,)
        Demand of the users of each area over all classes; dynamic size of its site.

    Returns
    -------
    list of ndarray
        One candidate when giving and taking agree. Else an area was ready to give or to take what no class could move;
        there is a candidate for each area that it can be.
    """
    classes = len(flow_mw)
    own = demand_mw / classes
    kept = np.diagonal(flow_mw, axis1=1, axis2=2)
    net = (flow_mw.sum(axis=1) - kept).max(axis=0) - (flow_mw.sum(axis=2) - kept).max(axis=0)
    small = 1e-6 * own.sum()
    if np.abs(net).max() <= small:
        return [np.zeros(len(own))]
    hosted = [own + net]
    excess = net.sum()
    if abs(excess) > small:
        able = (net <= 0.0) & (own + net >= excess) if excess > 0.0 else net >= 0.0
        hosted = [own + net - excess * (np.arange(len(own)) == r) for r in np.flatnonzero(able)] or hosted
    # The inverse of decode.keep_local: an area without users hosts in proportion to its size.
    users = own > 0.0
    size = np.where(users, own, 0.1 * dynamic_mw / classes)
    found = []
    for target in hosted:
        ratio = np.divide(np.maximum(0.0, target), size, out=np.zeros(len(own)), where=size > 0.0)
        share = ratio / (ratio / np.where(users, 2.0, 1.0)).max()
        found.append(np.where(users, share - 1.0, share))
    return found


@dataclass(frozen=True)
class BoxLimits:
    """
    What the ends of the Box mean in one half hour, arrays (area,): all of it is observed or static.

    Attributes
    ----------
    realtime_mw, interactive_mw : ndarray
        Demand of the users of each area.
    capacity_mw, dynamic_mw : ndarray
        Dynamic capacity now, and when nothing is wrong.
    fleet_low_mw, fleet_high_mw, storage_low_mw, storage_high_mw : ndarray
        Feasible ends, discharge negative.
    reserve_depth_mw : ndarray
        What the market takes in each direction.
    weight : ndarray
        Cars that each representative stands for.
    lost_share : float
        Extra work per unit of training moved.
    """

    realtime_mw: NDArray[np.float64]
    interactive_mw: NDArray[np.float64]
    capacity_mw: NDArray[np.float64]
    dynamic_mw: NDArray[np.float64]
    fleet_low_mw: NDArray[np.float64]
    fleet_high_mw: NDArray[np.float64]
    storage_low_mw: NDArray[np.float64]
    storage_high_mw: NDArray[np.float64]
    reserve_depth_mw: NDArray[np.float64]
    weight: NDArray[np.float64]
    lost_share: float


def _part_of(power: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return powers as parts of the feasible end on their side of 0."""
    up = np.divide(power, high, out=np.zeros_like(power), where=high > 1e-9)
    down = np.divide(-power, low, out=np.zeros_like(power), where=low < -1e-9)
    return np.where(power >= 0.0, up, down)


def car_actions(
    vehicle_kw: NDArray[np.float64], low_kw: NDArray[np.float64], high_kw: NDArray[np.float64]
) -> NDArray[np.float32]:
    """
    Return the actions of single cars that decode to their powers.

    Parameters
    ----------
    vehicle_kw, low_kw, high_kw : ndarray, shape (area, car)
        Power of one car of each representative, and what is feasible.

    Returns
    -------
    ndarray, shape (areas * cars,)
    """
    return np.clip(_part_of(vehicle_kw, low_kw, high_kw), -1.0, 1.0).astype(np.float32).ravel()


def box_actions(limits: BoxLimits, dispatch: Dispatch) -> list[NDArray[np.float32]]:
    """
    Return the Box actions that may decode to a dispatch, each of shape (areas * 8,).

    Parameters
    ----------
    limits : BoxLimits
        The half hour.
    dispatch : Dispatch
        As for :func:`encode_action`.

    Returns
    -------
    list of ndarray
        One as a rule; several when budgets or links may have held back realtime work, see `_host_actions`.
    """
    areas = len(limits.capacity_mw)
    action = np.zeros((areas, s.N_CONTROL))
    realtime = dispatch.realtime_mw.sum(axis=0)
    interactive = _host_actions(dispatch.interactive_mw[None], limits.interactive_mw, limits.dynamic_mw)
    action[:, s.A_INTERACTIVE] = interactive[0]
    free = limits.capacity_mw - realtime.sum(axis=0) - dispatch.interactive_mw.sum(axis=0)
    for control, flow, overhead in (
        (s.A_BATCH, dispatch.batch_mw, 0.0),
        (s.A_TRAINING, dispatch.training_mw, limits.lost_share),
    ):
        run = flow.sum(axis=0) + overhead * (flow.sum(axis=0) - np.diag(flow))
        share = np.divide(run, free, out=np.zeros(areas), where=free > 1e-6)
        action[:, control] = 2.0 * np.clip(share, 0.0, 1.0) - 1.0
        free = free - run
    fleet = dispatch.vehicle_kw.sum(axis=1) * limits.weight * 1e-3
    for control, power, low, high in (
        (s.A_FLEET, fleet, limits.fleet_low_mw, limits.fleet_high_mw),
        (s.A_STORAGE, dispatch.storage_mw, limits.storage_low_mw, limits.storage_high_mw),
    ):
        action[:, control] = _part_of(power, low, high)
    depth = limits.reserve_depth_mw
    for control, offer in (
        (s.A_RESERVE_UP, dispatch.reserve_up_mw),
        (s.A_RESERVE_DOWN, dispatch.reserve_down_mw),
    ):
        if offer is not None:
            action[:, control] = np.divide(offer, depth, out=np.zeros(areas), where=depth > 1e-9)
    found = []
    for host in _host_actions(dispatch.realtime_mw, limits.realtime_mw, limits.dynamic_mw):
        action[:, s.A_REALTIME] = host
        found.append(np.clip(action, -1.0, 1.0).astype(np.float32).reshape(-1))
    return found


def encode_action(batch: Batch, dispatch: Dispatch, index: int = 0) -> NDArray[np.float32]:
    """
    Return the full Box action that decodes to `dispatch` in world `index` now.

    Parameters
    ----------
    batch : Batch
        Holds the state that gives the feasible ends.
    dispatch : Dispatch
        A dispatch that the Box can express: area totals are met exactly; within an area the Box shares them by its own
        rules (laxity unless cars are ordered one by one, earliest due, nearest first).
    index : int
        World of the batch.

    Returns
    -------
    ndarray, shape (areas * 8,) or (areas * (8 + cars),)
        Area by area in the order of :data:`CONTROLS`, and with orders by car what each of them gets behind that.
    """
    world = batch.world
    area = world.area[index].astype(np.float64)
    site = world.site.astype(np.float64)
    limits = BoxLimits(
        realtime_mw=area[:, s.REALTIME_MW],
        interactive_mw=area[:, s.INTERACTIVE_MW],
        capacity_mw=area[:, s.CAPACITY_MW],
        dynamic_mw=site[:, s.SITE_DYNAMIC_MW],
        fleet_low_mw=area[:, s.FLEET_LOW_MW],
        fleet_high_mw=area[:, s.FLEET_HIGH_MW],
        storage_low_mw=area[:, s.STORAGE_LOW_MW],
        storage_high_mw=area[:, s.STORAGE_HIGH_MW],
        reserve_depth_mw=area[:, s.RESERVE_DEPTH_MW],
        weight=site[:, s.SITE_WEIGHT],
        lost_share=float(world.constant[s.LOST_SHARE]),
    )
    vehicle = world.vehicle[index].astype(np.float64)
    by_car = car_actions(dispatch.vehicle_kw, vehicle[:, s.POWER_LOW_KW], vehicle[:, s.POWER_HIGH_KW])
    best = np.inf
    encoded = np.zeros(world.action.shape[1], np.float32)
    for controls in box_actions(limits, dispatch):
        candidate = np.concatenate([controls, by_car]) if batch.orders == "car" else controls
        error = float(np.abs(decode_action(batch, candidate, index).realtime_mw - dispatch.realtime_mw).sum())
        if error < best:
            best, encoded = error, candidate
    return encoded


def step_dispatch(batch: Batch, dispatch: Dispatch, index: int = 0) -> bool:
    """
    Carry out `dispatch` in world `index` after cutting it to what is possible; True when the episode has ended.

    The flows, powers and totals that were carried out stand in ``batch.world.flow[0]``, ``car[0]`` and the ledger.
    """
    world = batch.world
    world.flow[0, s.FLOW_REALTIME : s.FLOW_INTERACTIVE] = dispatch.realtime_mw
    world.flow[0, s.FLOW_INTERACTIVE] = dispatch.interactive_mw
    world.flow[0, s.FLOW_BATCH] = dispatch.batch_mw
    world.flow[0, s.FLOW_TRAINING] = dispatch.training_mw
    world.car[0, :, s.CAR_POWER_KW] = dispatch.vehicle_kw
    world.scratch[0, s.S_STORAGE_MW] = dispatch.storage_mw
    world.scratch[0, s.S_RESERVE_UP_MW] = 0.0 if dispatch.reserve_up_mw is None else dispatch.reserve_up_mw
    world.scratch[0, s.S_RESERVE_DOWN_MW] = 0.0 if dispatch.reserve_down_mw is None else dispatch.reserve_down_mw
    batch.run(s.TASK_DISPATCH, index, index + 1)
    return bool(batch.ended[index])
