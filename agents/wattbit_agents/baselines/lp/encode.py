"""From the first half hour of a plan to a dispatch and to the Box, with nothing but what is observed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.action import BoxLimits, Dispatch, box_actions, car_actions
from wattbit.world import state as s
from wattbit.world.batch import Orders
from wattbit_agents.baselines.lp.path import Array, Plant
from wattbit_agents.baselines.lp.sight import Sight
from wattbit_agents.baselines.lp.template import Template

SURE_WORK: Final = 0.95
"""Part of the work of a plan that is sure to run where it is planned: the Box meets realtime shares only roughly."""


def box_limits(plant: Plant, see: Sight) -> BoxLimits:
    """Return what the ends of the Box mean in the half hour that is seen."""
    return BoxLimits(
        realtime_mw=see["realtime_mw"],
        interactive_mw=see["interactive_mw"],
        capacity_mw=see["capacity_mw"],
        dynamic_mw=plant.site[:, s.SITE_DYNAMIC_MW],
        fleet_low_mw=see["fleet_power_min_mw"],
        fleet_high_mw=see["fleet_power_max_mw"],
        storage_low_mw=see["storage_power_min_mw"],
        storage_high_mw=see["storage_power_max_mw"],
        reserve_depth_mw=see["reserve_depth_mw"],
        weight=plant.site[:, s.SITE_WEIGHT],
        lost_share=plant.value(s.LOST_SHARE),
    )


def _by_budget(template: Template, flow: Array, dropped: Array) -> Array:
    """
    Share realtime flows out among the three latency classes, (3, area, area).

    The classes with the tightest budgets are the first third; pairs that fewer classes may use take the loosest ones.
    """
    start, end = template.pairs.realtime
    areas = template.areas
    own = np.bincount(start, flow, areas) + dropped
    left = np.tile(own / 3.0, (3, 1))
    table = np.zeros((3, areas, areas))
    away = start != end
    for thirds in (1, 2):
        for j in np.flatnonzero(away & (template.pairs.thirds == thirds)):
            wanted = flow[j]
            for k in range(2, 2 - thirds, -1):
                moved = min(wanted, max(0.0, left[k, start[j]]))
                table[k, start[j], end[j]] += moved
                left[k, start[j]] -= moved
                wanted -= moved
    free = np.flatnonzero(away & (template.pairs.thirds == 3))
    # Pairs that all classes may use take from each the same share of what is left, as the Box does.
    wish = np.bincount(start[free], flow[free], areas)
    total = np.maximum(1e-9, left.sum(axis=0))
    for j in free:
        part = flow[j] * left[:, start[j]] / total[start[j]]
        table[:, start[j], end[j]] += part
    left = left * (1.0 - np.minimum(1.0, wish / total))
    table[:, np.arange(areas), np.arange(areas)] += left
    return table


def dispatch_of(template: Template, plan: Array) -> Dispatch:
    """
    Return what a plan does in its first half hour.

    Parameters
    ----------
    template : Template
    plan : ndarray
        Columns of the program.
    """
    columns, areas, pairs = template.columns, template.areas, template.pairs

    def block(name: str) -> Array:
        return np.asarray(plan[columns.part[name]]).reshape(columns.shape[name])

    def square(ways: NDArray[np.int64], flow: Array) -> Array:
        table = np.zeros((areas, areas))
        table[ways[0], ways[1]] = np.maximum(0.0, flow)
        return table

    interactive = square(pairs.interactive, block("interactive"))
    interactive += np.diag(block("drop_interactive"))  # what is not placed stays at home
    weight = np.maximum(1e-9, template.plant.weight)[:, None]
    return Dispatch(
        realtime_mw=_by_budget(template, np.maximum(0.0, block("realtime")), np.maximum(0.0, block("drop_realtime"))),
        interactive_mw=interactive,
        batch_mw=square(pairs.all, block("batch")),
        training_mw=square(pairs.all, block("training")),
        vehicle_kw=(block("charge").sum(axis=0) - block("discharge")) / weight,
        storage_mw=block("store_in") - block("store_out"),
        reserve_up_mw=block("up").sum(axis=0) if template.reserve else np.zeros(areas),
        reserve_down_mw=block("down").sum(axis=0) if template.reserve else np.zeros(areas),
    )


def backed(plant: Plant, see: Sight, pue: Array, dispatch: Dispatch, sure: float) -> Dispatch:
    """
    Return a dispatch that offers no more reserve than it can deliver in this half hour.

    Later half hours of a plan take the room of the cars to be concave; this one knows it. Work that is due now backs
    nothing: a call would lose it. Offers below the market's smallest bid are none.

    Parameters
    ----------
    plant, see
        What is static, and the observation.
    pue : ndarray, shape (area,)
        Overhead of the sites in this half hour.
    dispatch : Dispatch
    sure : float
        Part of its work that is sure to run where it is planned: :data:`SURE_WORK` through the Box, all of it where
        flows are ordered one by one.
    """
    limits = box_limits(plant, see)
    fleet = np.clip(dispatch.vehicle_kw.sum(axis=1) * limits.weight * 1e-3, limits.fleet_low_mw, limits.fleet_high_mw)
    store = np.clip(dispatch.storage_mw, limits.storage_low_mw, limits.storage_high_mw)
    below = store - limits.storage_low_mw + fleet - limits.fleet_low_mw
    above = limits.storage_high_mw - store + limits.fleet_high_mw - fleet
    for flow, due in ((dispatch.batch_mw, "batch"), (dispatch.training_mw, "training")):
        runs = flow.sum(axis=1)
        urgent = 2.0 * see[f"{due}_due_by_slot_mwh"][:, 0]
        kept = np.divide(np.maximum(0.0, runs - urgent), runs, out=np.zeros_like(runs), where=runs > 1e-6)
        below = below + sure * pue * (kept[:, None] * flow).sum(axis=0)
    offers = []
    for offer, room in ((dispatch.reserve_up_mw, below), (dispatch.reserve_down_mw, above)):
        held = np.zeros_like(room) if offer is None else np.minimum(offer, np.maximum(0.0, room))
        offers.append(np.where(held >= plant.value(s.RESERVE_BID_MW), held, 0.0))
    return replace(dispatch, reserve_up_mw=offers[0], reserve_down_mw=offers[1])


def box_action(plant: Plant, see: Sight, dispatch: Dispatch, orders: Orders) -> NDArray[np.float32]:
    """
    Return the full Box action of a dispatch in the half hour that is seen, as of :class:`wattbit.action.ControlMap`.

    Returns
    -------
    ndarray, shape (areas * 8,) or (areas * (8 + cars),)
    """
    controls = box_actions(box_limits(plant, see), dispatch)[0]
    if orders == "area":
        return controls
    by_car = car_actions(dispatch.vehicle_kw, see["car_power_min_kw"], see["car_power_max_kw"])
    return np.concatenate([controls, by_car])
