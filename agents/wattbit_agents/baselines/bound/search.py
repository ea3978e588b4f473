"""
The bound of a path: an oracle's plan, with every car's day at prices done as cheaply as its true wear allows.

The duals of the plan's coupling rows are prices at which its parts, the cars' days and all the rest, are each optimal
by themselves; at *any* prices the sum of the parts' optima is a bound. The rest keeps its optimum, which the plan
attains. The optimum of a car's day is searched for by branch and bound: its wear is no convex function, but in a box of
swing, state of charge, growth and energy drawn it has close affine minorants (:mod:`.minorant`). The box whose optimum
is lowest is cut in two where that raises its function most; the lowest optimum of all boxes is the day's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.bound.car_day import CarDay, Row, Start
from wattbit_agents.baselines.bound.days import CarDays, CarPaths, car_days, day_sums, pack_kjpy
from wattbit_agents.baselines.bound.minorant import Box, box_at, minorant, whole_box
from wattbit_agents.baselines.bound.parts import car_days_of, reduced_costs
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.path import Path, Plant
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.template import Template
from wattbit_agents.baselines.lp.wear_laws import CellLaw, law_of

Array = NDArray[np.float64]
_T = TypeVar("_T", Box, CarPaths)

SPLITS: Final = 8
"""Times that a box is split per day, on the mean of all days."""

CLOSE: Final = 0.02
"""A day is done when its bound is this close to a plan that was found, as a share of that plan's wear."""

NAMES: Final = ("swing", "soc", "growth", "drawn")

_SIDES: Final = (("swing", True), ("soc", True), ("soc", False), ("growth", True), ("drawn", True))
"""Sums that may be cut, and whether it is below a path. Above it only the state of charge makes a difference."""

_Part = tuple[int, Box, Start | None, list[Row]]
"""Number of the day, box, where the solver begins in it, and rows that hold there beside those of the start."""


@dataclass
class _Node:
    """A box of one day, its optimum, what attains it, where to begin in its parts, and its true wear."""

    value: float
    box: Box
    path: CarPaths
    start: Start
    wear: float


@dataclass(frozen=True)
class Bounded:
    """
    What the search finds.

    Attributes
    ----------
    bound_kjpy : float
        No policy's cost is lower, thousands of JPY.
    open_kjpy : float
        By how much the bound could at most rise if the search went on, at the same prices.
    """

    bound_kjpy: float
    open_kjpy: float


class DaySearch:
    """
    Branch and bound over some cars' days.

    Parameters
    ----------
    law : CellLaw
    days : CarDays
    programs : list of CarDay
    """

    def __init__(self, law: CellLaw, days: CarDays, programs: list[CarDay]) -> None:
        self.law, self.days, self.programs = law, days, programs
        self.prices = np.array([program.price_kjpy for program in programs])
        self.open: list[list[_Node]] = [[] for _ in programs]
        self.best = np.full(len(programs), np.inf)
        whole = whole_box(days)
        self._add([(i, whole.take(np.array([i])), None, []) for i in range(len(programs))])

    def _add(self, parts: Sequence[_Part]) -> None:
        """Solve days in boxes, which join the open ones."""
        nodes, which, costs = [], [], []
        for i, box, start, rows in parts:
            program = self.programs[i]
            low, high = float(box.drawn_low[0]) - program.driven, float(box.drawn_high[0]) - program.driven
            soc = float(box.soc_low[0]), float(box.soc_high[0])
            discharged = (low if low > 0.0 else -np.inf, high)
            found = program.solve(float(box.swing_high[0]), soc, discharged, start, rows)
            if found is None:
                continue
            value, point, begin = found
            nodes.append(_Node(value, box, program.paths(point), begin, 0.0))
            which.append(i)
            costs.append(program.linear_kjpy(point))
        if not nodes:
            return
        days = self.days.take(np.array(which))
        worn = self.prices[which] * whole_wear(self.law, days, _joined(CarPaths, [node.path for node in nodes]))
        for i, node, cost, wear in zip(which, nodes, costs, worn.tolist(), strict=True):
            node.wear = wear
            self.open[i].append(node)
            self.best[i] = min(self.best[i], cost + wear)

    def lowest(self) -> Array:
        """Return the bound of every day, thousands of JPY."""
        return np.array([min(node.value for node in nodes) for nodes in self.open])

    def split(self) -> int:
        """Split the lowest box of every day that is further from done than the mean day; returns how many days."""
        lowest = [min(nodes, key=lambda node: node.value) for nodes in self.open]
        gap = np.array([best - node.value for best, node in zip(self.best.tolist(), lowest, strict=True)])
        undone = gap > [max(CLOSE * node.wear, 1e-6 * abs(node.value)) for node in lowest]
        if not undone.any():
            return 0
        picked = [(int(i), lowest[i]) for i in np.flatnonzero(undone & (gap >= gap[undone].mean()))]
        for i, node in picked:
            self.open[i].remove(node)
        parts = self._touched(picked) if self.law.amplitude is None else self._halves(picked)
        self._add(parts)
        for i, node in picked:
            if not self.open[i]:  # by rounding nothing lies in a part: the whole box is a bound still
                self.open[i].append(node)
        return len(picked)

    def _halves(self, picked: Sequence[tuple[int, _Node]]) -> list[_Part]:
        """Return both parts of some boxes."""
        which = np.array([i for i, _ in picked])
        days = self.days.take(which)
        box, path = _joined(Box, [n.box for _, n in picked]), _joined(CarPaths, [n.path for _, n in picked])
        name, at = self._cuts(days, box, path)
        parts: list[_Part] = []
        for upper in (False, True):
            half = box
            for k, kind in enumerate(NAMES):
                half = half.half(kind, at, np.full(len(at), upper), name == k)
            found = minorant(self.law, days, half, path)
            for j, (i, node) in enumerate(picked):
                program, mine = self.programs[i], half.take(np.array([j]))
                rows = program.rows_of(found, j)
                if np.isfinite(mine.growth_high[0]):
                    rows.append(program.growth_row(float(mine.drawn_low[0]), node.path, float(mine.growth_high[0])))
                parts.append((i, mine, node.start, rows))
        return parts

    def _touched(self, picked: Sequence[tuple[int, _Node]]) -> list[_Part]:
        """Return boxes with one more tangent, for a cell whose minorants are the same in every box."""
        days = self.days.take(np.array([i for i, _ in picked]))
        found = minorant(self.law, days, whole_box(days), _joined(CarPaths, [n.path for _, n in picked]))
        return [(i, node.box, node.start, self.programs[i].rows_of(found, j)) for j, (i, node) in enumerate(picked)]

    def _cuts(self, days: CarDays, box: Box, path: CarPaths) -> tuple[NDArray[np.int64], Array]:
        """Return for every box the sum, and where to cut it, that raises the function most at the box's path."""
        sums, all_of_them = day_sums(days, path), np.full(len(days), True)
        drawn_low = np.maximum(box.drawn_low, days.driven)
        # As rows of growth have it, with the lowest energy drawn.
        growth = 0.25 * sums.square * (1.0 + drawn_low / np.maximum(sums.charged, 1e-12))
        places, raised = [], []
        for name, lower in _SIDES:
            low = drawn_low if name == "drawn" else getattr(box, f"{name}_low")
            high = getattr(box, f"{name}_high")
            # A path may lie a little outside of its box, which its program knows by tangents.
            there = np.clip(growth if name == "growth" else getattr(sums, name), low, high)
            at = 0.5 * (there + (low if lower else high))
            part = box.half(name, at, np.full(len(at), lower), all_of_them)
            places.append(at)
            raised.append(minorant(self.law, days, part, path).value(days, path))
        which = np.argmax(raised, axis=0)
        names = np.array([NAMES.index(name) for name, _ in _SIDES])
        return names[which], np.take_along_axis(np.stack(places), which[None], axis=0)[0]


def _joined(kind: type[_T], parts: Sequence[_T]) -> _T:
    """Put days of one kind together."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def whole_wear(law: CellLaw, days: CarDays, at: CarPaths) -> Array:
    """Return what the bound counts at most for some paths: the wear of whole days, share of health, shape (n,)."""
    return minorant(law, days, box_at(day_sums(days, at)), at).value(days, at)


def search_of(plant: Plant, path: Path, dual: Array, beside_kjpy: Array | None = None) -> tuple[DaySearch, Array]:
    """
    Return the search over the days of all cars at some prices, and the cost of the cars' columns at them.

    Parameters
    ----------
    plant : Plant
    path : Path
        Whole days from a midnight.
    dual : ndarray, shape (rows,)
        Prices of the rows of a program of the path; those behind the rows of the one without wear are not looked at.
    beside_kjpy : ndarray, shape (columns,), optional
        What the columns of the half hours cost beside, thousands of JPY.

    Returns
    -------
    search : DaySearch
    reduced : ndarray, shape (columns,)
        Thousands of JPY, without wear; 0 for columns that are not the cars'.
    """
    template = Template(plant)
    program = fill(Structure(template, path.steps), path).dearer(beside_kjpy)
    days, count = car_days(plant, path), path.steps // STEPS_PER_DAY
    # What an intruder does to cars is not in their columns: their wear is left out.
    left_out = path.swing.reshape(count, STEPS_PER_DAY, -1).max(axis=1) > 0.0
    prices = np.where(left_out[:, :, None], 0.0, pack_kjpy(plant)).ravel()
    dual = dual[: len(program.row_lower)]
    reduced = reduced_costs(template, path.steps, program, dual)
    programs = car_days_of(template, path, program, dual, reduced, days, prices)
    return DaySearch(law_of(plant.cell, plant.value(s.WEAR_REFERENCE)), days, programs), reduced


def bounded(
    plant: Plant, path: Path, plan: Array, dual: Array, others_kjpy: float, splits: int = SPLITS,
    beside_kjpy: Array | None = None,
) -> Bounded:  # fmt: skip
    """
    Return the bound of a path of whole days from a midnight.

    Parameters
    ----------
    plant : Plant
    path : Path
    plan : ndarray
        Columns of an optimal plan, with any convex price of the cars' wear.
    dual : ndarray
        Of the rows of its program.
    others_kjpy : float
        What it costs without the cars' wear, thousands of JPY.
    splits : int
        Times that a box is split per day, on the mean of all days.
    beside_kjpy : ndarray, shape (columns,), optional
        What the columns of the half hours cost beside, in the plan too, thousands of JPY.
    """
    search, reduced = search_of(plant, path, dual, beside_kjpy)
    others_kjpy -= float(reduced @ plan[: len(reduced)])
    left = splits * len(search.days)
    while left > 0 and (split := search.split()):
        left -= split
    lowest = search.lowest()
    return Bounded(others_kjpy + float(lowest.sum()), float((search.best - lowest).sum()))
