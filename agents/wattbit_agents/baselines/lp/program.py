"""The numbers of a program: coefficients, costs and limits of a template along a path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp import convex
from wattbit_agents.baselines.lp.path import TAPER_PER_H, Path, Plant
from wattbit_agents.baselines.lp.template import Template
from wattbit_agents.baselines.lp.wear_price import PARTS

Array = NDArray[np.float64]
Index = NDArray[np.int64]

INF: Final = float("inf")

WearKind = Literal["none", "planned"]


@dataclass(frozen=True)
class Program:
    """
    A linear program: minimise ``cost @ x + constant``, thousands of JPY, over ``lower <= x <= upper`` and rows.

    Attributes
    ----------
    matrix : scipy.sparse.csc_matrix, shape (rows, columns)
    cost, lower, upper : ndarray, shape (columns,)
    row_lower, row_upper : ndarray, shape (rows,)
    constant : float
    terms : dict of str to ndarray, shape (columns,)
        The cost by term of the world's books; they add to `cost`, unless columns were made :meth:`dearer`.
    constants : dict of str to float
        The constant by term.
    """

    matrix: sp.csc_matrix
    cost: Array
    lower: Array
    upper: Array
    row_lower: Array
    row_upper: Array
    constant: float
    terms: dict[str, Array]
    constants: dict[str, float]

    def dearer(self, beside_kjpy: Array | None) -> Program:
        """Return the program whose first columns cost some more, which is in no term."""
        if beside_kjpy is None:
            return self
        cost = self.cost.copy()
        cost[: len(beside_kjpy)] += beside_kjpy
        return replace(self, cost=cost)


@dataclass(frozen=True)
class Rows:
    """
    New rows of a program: ``matrix x >= lower``, in compressed rows.

    Attributes
    ----------
    start : ndarray of int, shape (rows,)
    index : ndarray of int, shape (entries,)
    value : ndarray, shape (entries,)
    lower : ndarray, shape (rows,)
    """

    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Array
    lower: Array


class Structure:
    """
    Places of the coefficients for a number of half hours, found once: a new path only brings new numbers.

    Parameters
    ----------
    template : Template
    steps : int
        Half hours.
    wear : {"none", "planned"}
        Cars do not wear; or wear has a convex price (:mod:`.wear_price`), which is close to it and no bound.
    near : int, optional
        Half hours in which every car backs offers of reserve by itself, all by default. After them the cars of an area
        back them together, by their power and by their energy: fewer rows that bind, and a looser bound.
    at_midnight : bool
        Whether every path begins at midnight: wear has its price by the day of the calendar, and other paths may touch
        one day more.

    Attributes
    ----------
    days : int
        At least as many as a path touches.
    """

    def __init__(
        self, template: Template, steps: int, wear: WearKind = "none", near: int | None = None, at_midnight: bool = True
    ) -> None:
        self.template, self.steps, self.wear, self.at_midnight = template, steps, wear, at_midnight
        self.days = -(-steps // STEPS_PER_DAY) + (0 if at_midnight else 1)
        self.near = np.arange(steps) < (steps if near is None else near)
        n, m = template.columns.size, template.rows.size
        self.green = template.green
        self.wear_column = steps * n + (1 if self.green else 0)
        cars = template.areas * template.cars
        deep_rows = self.days * cars if wear == "planned" else 0
        self.wear_row = steps * m + (1 if self.green else 0)
        self.shape = (self.wear_row + deep_rows, self.wear_column + deep_rows * PARTS)
        hours = np.arange(steps)[:, None]
        parts: list[tuple[Index, Index, float | Array | str]] = [
            (hours * m + entry.row, (hours - entry.lag) * n + entry.column, entry.value) for entry in template.entries
        ]
        if self.green:
            behind = np.full(1, steps * m), np.full(1, steps * n)
            parts.append((*behind, 1.0))
            target = template.plant.value(s.GREEN_TARGET)
            for name, value in (("matched", 1.0), ("site", -0.5 * target)):
                parts.append((behind[0], hours * n + template.columns[name], value))
        if deep_rows:
            # What a car gives back within a day is the sum of parts that cost more and more.
            each = self.wear_row + np.arange(cars).reshape(1, template.areas, template.cars)
            day, given = hours[:, :, None] // STEPS_PER_DAY, hours[:, :, None] * n + template.columns["discharge"]
            if at_midnight:
                parts.append((each + day * cars, given, 1.0))
            else:
                parts += [(each + (day + k) * cars, given, name) for k, name in enumerate(("on day", "on next day"))]
            deep = self.wear_row + np.repeat(np.arange(deep_rows), PARTS)
            parts.append((deep, self.wear_column + np.arange(deep_rows * PARTS), -1.0))
        self._place(parts)

    def _place(self, parts: list[tuple[Index, Index, float | Array | str]]) -> None:
        """Find where coefficients stand: keep those that are always the same, and the places of the others."""
        places = [np.broadcast_arrays(row, column) for row, column, _ in parts]
        row = np.concatenate([at.ravel() for at, _ in places])
        column = np.concatenate([at.ravel() for _, at in places])
        kept = np.flatnonzero(column >= 0)
        order = kept[np.lexsort((row[kept], column[kept]))]
        self.index = row[order].astype(np.int32)
        self.start = np.searchsorted(column[order], np.arange(self.shape[1] + 1)).astype(np.int32)
        place = np.full(len(row), len(order))  # what refers to before the plan goes behind all
        place[order] = np.arange(len(order))
        self._fixed = np.zeros(len(order) + 1)
        self._named: list[tuple[str, Index]] = []
        begin = 0
        for (_, _, value), (rows, _) in zip(parts, places, strict=True):
            at = place[begin : begin + rows.size].reshape(rows.shape)
            begin += rows.size
            if isinstance(value, str):
                self._named.append((value, at))
            else:
                self._fixed[at] = value

    @property
    def names(self) -> set[str]:
        """Names of the coefficients that change with time."""
        return {name for name, _ in self._named}

    def matrix(self, values: dict[str, Array]) -> sp.csc_matrix:
        """Return the matrix with the coefficients that change with time from `values`, each (step, entries)."""
        data = self._fixed.copy()
        for name, place in self._named:
            data[place] = values[name]
        return sp.csc_matrix((data[:-1], self.index, self.start), shape=self.shape)


def coefficients(structure: Structure, path: Path) -> dict[str, Array]:
    """Return the coefficients that change with time, each (step, entries in the order of the template)."""
    template = structure.template
    plant, areas = template.plant, template.areas
    member = (path.zone[:, None, :] == np.arange(areas)[None, :, None]).astype(float)
    slope, _ = convex.tail_slopes(plant, load_widths(template, path))
    found = {
        "-pue": -path.pue,
        "-tail": -slope.reshape(path.steps, -1),
        "zone": member.reshape(path.steps, -1),
        "-half zone": -0.5 * member.reshape(path.steps, -1),
    }
    if structure.wear == "planned" and not structure.at_midnight:
        later = path.day > np.arange(path.steps) // STEPS_PER_DAY
        found |= {"on day": 1.0 * ~later[:, None, None], "on next day": 1.0 * later[:, None, None]}
    if template.snow:
        saving = np.maximum(0.0, 1.0 / path.compressor_cop - plant.value(s.SNOW_POWER))
        found["snow saving"] = saving
        found["-snow need"] = -(1.0 + plant.site[:, s.SITE_FANS]) * path.compressor_share
    if template.contract:
        contract = np.maximum(1e-3, plant.site[:, s.SITE_CONTRACT_MW] * path.power_up)
        found["missed"] = (net_limits_mw(template)[1] - path.baseline_mw + contract) / contract
    if template.reserve:
        parts = convex.RESERVE_STEPS + 1
        near = structure.near[:, None]
        below = below_slopes(template, path)[0].reshape(path.steps, -1)
        above = above_slopes(template, path).reshape(path.steps, -1)
        called_up, called_down = np.tile(path.up_share, parts), np.tile(path.down_share, parts)
        found |= {
            "not called up": 1.0 - called_up,
            "called up": called_up,
            "not called down": 1.0 - called_down,
            "called down": called_down,
            "-pue to": -path.pue[:, template.pairs.all[1]],
            "room of work": np.where(path.up_share > 0.0, path.pue, 0.0),
            "-below": -below * near,
            "above": above * near,
            "-below far": -below * ~near,
            "above far": above * ~near,
        }
    return found


def load_widths(template: Template, path: Path) -> Array:
    """Widths of the load's segments, (step, segment, area)."""
    works = template.plant.site[:, s.SITE_DYNAMIC_MW] * path.site_up
    return np.asarray(np.diff(template.load_edge)[None, :, None] * works[:, None, :])


def rate_widths(plant: Plant, path: Path) -> Array:
    """Widths of the parts of every car's charging power, (step, part, area, car), MW."""
    width, _ = convex.square_segments()
    stand = plant.value(s.CAR_KW) * path.cars.share * plant.weight[:, None]
    return np.asarray(width[None, :, None, None] * stand[:, None])


def net_limits_mw(template: Template) -> tuple[Array, Array]:
    """Lowest and highest net load of every area, MW."""
    flexible = convex.flexible_mw(template.plant)
    return -flexible - 1.0, flexible + convex.site_limit_mw(template.plant)


def below_slopes(template: Template, path: Path) -> tuple[Array, Array]:
    """
    Return what a car's room below its power is at most: slope times (energy - offset), concave in the energy.

    The room is twice the energy above what must be held, and none below: its concave envelope between the lowest and
    the highest energy. Both (step, area, car), 1/h and kWh.
    """
    cars, eta = path.cars, template.plant.value(s.CAR_EFFICIENCY)
    earlier = np.concatenate([cars.start_kwh[None], cars.low_kwh[:-1]])
    low, high = earlier - cars.before_kwh, cars.ceiling_kwh - cars.before_kwh
    exact = low >= cars.hold_kwh
    span = np.maximum(high - low, 1e-6)
    slope = np.where(exact, 1.0, np.clip((high - cars.hold_kwh) / span, 0.0, 1.0))
    offset = np.where(exact, cars.hold_kwh, low)
    on = cars.share > 0.0
    return np.where(on, 2.0 * eta * slope, 0.0), offset


def above_slopes(template: Template, path: Path) -> Array:
    """Return the fall of a car's highest power with its energy, (step, area, car), 1/h."""
    return np.where(path.cars.share > 0.0, TAPER_PER_H / template.plant.value(s.CAR_EFFICIENCY), 0.0)
