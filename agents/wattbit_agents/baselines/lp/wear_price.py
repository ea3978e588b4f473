"""
Wear as a planner prices it: convex, close to what days of V2G really wear, and no bound.

A day that gives back the share q of a battery and charges it again at the rate c wears about ``k q^2 c``: depth, and
throughput, are q. With the sum S of the squared charging rates, ``2 q c``, that is ``k q S / 2``, a product, which is
replaced by its expansion around a usual day: S has the price ``k q0 / 2`` and q the convex rest, ``k c0 (q^2 - q0 q)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp.convex import square_segments
from wattbit_agents.baselines.lp.path import Path, Plant
from wattbit_agents.baselines.lp.wear_laws import growth_of

Array = NDArray[np.float64]

PARTS: Final = 5
"""Parts of what a car gives back within a day."""

DEPTH: Final = 0.3
"""Depth of a usual day: where the expansion is made."""

WIDEST: Final = 0.6
"""Depth from which on a part has the highest price."""


@dataclass(frozen=True)
class PlannedWear:
    """
    Prices of wear, thousands of JPY.

    Attributes
    ----------
    rate : ndarray, shape (step, part, area, car)
        Per MW of a part of the charging power.
    depth, width : ndarray, shape (day, area, car, part)
        Per MW of discharge in a half hour, added up over a day, and MW that have the price.
    """

    rate: Array
    depth: Array
    width: Array


def planned_wear(plant: Plant, path: Path, days: int) -> PlannedWear:
    """
    Return the prices of wear along a path.

    Parameters
    ----------
    plant : Plant
    path : Path
    days : int
        Days to price, at least those that the path touches.
    """
    eta, kw = plant.value(s.CAR_EFFICIENCY), plant.value(s.CAR_KW)
    capacity = plant.capacity_kwh
    # Air of each day; the part of one that lies before or behind the path is as that of the day after or before.
    begins = STEPS_PER_DAY * np.arange(days) - path.first_step % STEPS_PER_DAY
    begins = np.clip(begins, 0, max(0, path.steps - STEPS_PER_DAY))
    air = np.stack([path.temperature_c[t : t + STEPS_PER_DAY].mean(axis=0) for t in begins])
    usual = eta * kw / capacity
    unit = 1e-3 * plant.value(s.PACK_VALUE) * plant.site[:, s.SITE_WEIGHT][:, None] * capacity
    growth = growth_of(plant.cell, plant.value(s.WEAR_REFERENCE), air)[:, :, None] / path.cars.health
    share = 0.5 / np.maximum(plant.weight[:, None] * capacity, 1e-12)
    _, rise = square_segments()
    limit = 0.5 * kw * eta * path.cars.share / capacity
    by_step = (growth * unit)[path.day]
    square = 4.0 * rise[None, :, None, None] * limit[:, None] * (eta * share)
    rate = 0.5 * DEPTH * by_step[:, None] * square
    edge = np.linspace(0.0, WIDEST, PARTS)
    slope = np.maximum(0.0, 2.0 * (edge + 0.5 * WIDEST / (PARTS - 1)) - DEPTH)
    depth = (growth * unit * usual * (share / eta))[..., None] * slope
    spans = np.append(np.diff(edge), 1e6)
    widths = np.repeat(((eta / share)[..., None] * spans)[None], days, axis=0)
    if path.cars.drawn_kwh is not None:
        # What the first day has given back already has taken the cheapest parts.
        drawn = 2.0 * eta * path.cars.drawn_kwh * plant.weight[:, None]
        filled = np.cumsum(widths[0], axis=-1) - widths[0]
        widths[0] -= np.clip(drawn[..., None] - filled, 0.0, widths[0])
    return PlannedWear(rate, depth, widths)
