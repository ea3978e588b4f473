"""Whether what the bound counts for the wear of cars is ever above what a trajectory booked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit_agents.baselines.bound.days import (
    CarDays,
    CarPaths,
    DaySums,
    booked_wear,
    car_days,
    car_paths,
    day_sums,
    pack_kjpy,
)
from wattbit_agents.baselines.bound.minorant import Box, box_at, minorant, whole_box
from wattbit_agents.baselines.lp.embed import Trajectory
from wattbit_agents.baselines.lp.path import Path, Plant
from wattbit_agents.baselines.lp.template import Template
from wattbit_agents.baselines.lp.wear_laws import law_of

Array = NDArray[np.float64]

SHARES: Final = (0.0, 0.5, 0.9, 1.0)
"""Where boxes begin, as shares of the way from nothing to a trajectory's own sums."""


def boxes_around(days: CarDays, sums: DaySums) -> Iterator[Box]:
    """Yield boxes that hold some paths, from the one that holds every path to the one that holds hardly another."""
    whole, own = whole_box(days), box_at(sums)
    for share in SHARES:
        yield Box(**{
            name: share * getattr(own, name) + (1.0 - share) * getattr(whole, name)
            if name.endswith("_low") or name == "soc_high"
            else getattr(whole, name)
            for name in Box.__dataclass_fields__
        })  # fmt: skip


def outside(days: CarDays, sums: DaySums) -> float:
    """Return how far paths lie outside the box that is said to hold every path."""
    whole = whole_box(days)
    sides = [getattr(sums, name) - getattr(whole, f"{name}_high") for name in ("swing", "soc", "growth", "drawn")]
    sides += [getattr(whole, f"{name}_low") - getattr(sums, name) for name in ("swing", "soc", "growth", "drawn")]
    return float(np.max(sides))


def most_above(cell: str, loss: float, days: CarDays, ways: Mapping[str, CarPaths], wear: Mapping[str, Array]) -> Array:
    """
    Return by how much minorants made at any way of living some days are above the wear of any other, at most.

    Parameters
    ----------
    cell : str
    loss : float
        Cycle loss at which wear is priced.
    days : CarDays
    ways : mapping of str to CarPaths
    wear : mapping of str to ndarray, shape (n,)
        True wear of each way, share of health; those without any are only where minorants are made.

    Returns
    -------
    ndarray, shape (n,)
        Below 0 where all minorants are below the wear.
    """
    law, worst = law_of(cell, loss), np.full(len(days), -np.inf)
    for name, booked in wear.items():
        sums = day_sums(days, ways[name])
        for box in boxes_around(days, sums):
            for at in ways.values():
                worst = np.maximum(worst, minorant(law, days, box, at).value(days, ways[name]) - booked)
    return worst


def wear_excess(
    plant: Plant, path: Path, plan: Array, points: Mapping[str, Array], played: Mapping[str, Trajectory]
) -> dict[str, float]:  # fmt: skip
    """
    Return by how much the bound's wear of a car's day is above what was booked, at most, for every policy.

    Parameters
    ----------
    plant : Plant
    path : Path
        Whole days.
    plan : ndarray
        Columns of a plan, at which minorants are made too.
    points : mapping of str to ndarray
        Trajectories as points of the program, by policy.
    played : mapping of str to Trajectory

    Returns
    -------
    dict of str to float
        Thousands of JPY over the wear of the trajectory, which is at least 1; days with an intruder have none.
    """
    template = Template(plant)
    price = np.tile(pack_kjpy(plant).ravel(), path.steps // 48)
    known = np.repeat(path.swing.reshape(-1, 48, template.areas).max(axis=1) <= 0.0, template.cars, axis=1).ravel()
    kept = np.flatnonzero(known & (price > 0.0))
    if not len(kept):
        return dict.fromkeys(points, 0.0)
    days = car_days(plant, path).take(kept)

    def way(point: Array) -> CarPaths:
        paths = car_paths(plant, path, template.columns.named(point, path.steps))
        return CarPaths(*(getattr(paths, name)[kept] for name in CarPaths.__dataclass_fields__))

    found = {}
    for name, point in points.items():
        booked = booked_wear(plant, played[name].wear_rise)[kept]
        ways = {name: way(point), "plan": way(plan), "first": way(next(iter(points.values())))}
        worst = most_above(plant.cell, plant.value(s.WEAR_REFERENCE), days, ways, {name: booked / price[kept]})
        beyond = max(0.0, outside(days, day_sums(days, ways[name])) - 1e-9)
        found[name] = max(0.0, beyond, float((worst * price[kept]).max(initial=0.0)) / max(1.0, float(booked.sum())))
    return found
