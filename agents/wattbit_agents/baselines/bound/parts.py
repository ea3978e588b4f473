"""
A week's program taken apart: what belongs to single cars, what that costs at prices, and every car's day by itself.

Rows that hold more than one car (net load, exports, reserve) leave the days with their duals as prices, and so does the
energy of a car at midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.bound.car_day import BLOCKS, CarDay
from wattbit_agents.baselines.bound.days import CarDays, share_per_mw
from wattbit_agents.baselines.lp.path import Path
from wattbit_agents.baselines.lp.program import Program
from wattbit_agents.baselines.lp.template import RATES, Template

Array = NDArray[np.float64]
Index = NDArray[np.int64]

T: Final = STEPS_PER_DAY

_ROWS: Final = ("car", "taper", "car_below", "car_above")


@dataclass(frozen=True)
class Parts:
    """
    The columns and rows of a week's program that belong to single cars, day by day.

    Attributes
    ----------
    columns, charge, rows : ndarray of int, shape (day x area x car, ...)
        Columns in the order of :data:`BLOCKS`, those of the first part of the charging power, and rows.
    """

    columns: Index
    charge: Index
    rows: Index


def parts_of(template: Template, steps: int) -> Parts:
    """Return the places of every car's days in a program of whole days."""
    days = steps // T
    hour = np.arange(steps).reshape(days, 1, 1, 1, T)

    def places(inside: Index, size: int) -> Index:
        """Places of (area, car, block) in every half hour, (day x area x car, block x half hour)."""
        at = hour * size + inside[None, :, :, :, None]
        return np.asarray(at.reshape(days * inside.shape[0] * inside.shape[1], -1))

    blocks = tuple(name for name in BLOCKS if name in template.columns)
    rows = [template.rows[name] for name in _ROWS if name in template.rows]
    return Parts(
        columns=places(np.stack([template.columns[name] for name in blocks], axis=2), template.columns.size),
        charge=places(template.columns["charge"][0][:, :, None], template.columns.size),
        rows=places(np.stack(rows, axis=2), template.rows.size),
    )


def reduced_costs(template: Template, steps: int, program: Program, dual: Array) -> Array:
    """Return what the cars' columns cost at prices of the rows that are not theirs, thousands of JPY; 0 elsewhere."""
    parts = parts_of(template, steps)
    prices = np.array(dual)
    prices[parts.rows.ravel()] = 0.0
    found = np.zeros(len(program.cost))
    hour = np.arange(steps)[:, None] * template.columns.size
    mine = np.concatenate([
        parts.columns.ravel(), (hour + template.columns["charge"].ravel()).ravel()
    ])  # fmt: skip
    found[mine] = (program.cost - program.matrix.T @ prices)[mine]
    return found


def car_days_of(
    template: Template, path: Path, program: Program, dual: Array, reduced: Array, days: CarDays, prices: Array
) -> list[CarDay]:
    """
    Return the programs of all cars' days of a week.

    Parameters
    ----------
    template : Template
    path : Path
        Whole days.
    program : Program
        Of the path, without wear of cars.
    dual : ndarray, shape (rows,)
        Prices of the program's rows: any that are 0 or of the right sign make a bound.
    reduced : ndarray, shape (columns,)
        From :func:`reduced_costs` at these prices.
    days : CarDays
    prices : ndarray, shape (day x area x car,)
        Worth of the packs, thousands of JPY.
    """
    parts = parts_of(template, path.steps)
    count, width = parts.columns.shape
    height = parts.rows.shape[1]
    cars = template.areas * template.cars
    place = np.full(program.matrix.shape[0], -1)
    place[parts.rows.ravel()] = np.arange(parts.rows.size)
    share = np.tile(share_per_mw(template.plant).ravel(), path.steps // T)
    eta = template.plant.value(s.CAR_EFFICIENCY)
    every = np.concatenate([parts.charge, parts.columns], axis=1)
    block = program.matrix[:, every.ravel()].tocsc()
    last = T + BLOCKS.index("car") * T + T - 1
    # The parts of the charging power stand behind each other.
    stand = sum((program.upper[parts.charge + part * cars] for part in range(RATES)), np.zeros(parts.charge.shape))
    none = np.zeros(0, np.int64)
    found, midnight, worth = [], [(none, none, np.zeros(0))] * cars, np.zeros(cars)
    for i in range(count):
        inside = block[:, i * (T + width) : (i + 1) * (T + width)]
        entry = np.repeat(np.arange(T + width), np.diff(inside.indptr))
        row = place[inside.indices]
        own = (row >= i * height) & (row < (i + 1) * height)
        mine = row[own] - i * height, entry[own], inside.data[own]
        # What the energy at the day's end is in the rows of the next day is there the energy at the midnight before.
        later = (row >= (i + cars) * height) & (entry == last)
        after = row[later] - (i + cars) * height, np.full(int(later.sum()), T + width), inside.data[later]
        to_come = float(inside.data[later] @ dual[inside.indices[later]])
        columns = every[i]
        cost = np.append(reduced[columns], worth[i % cars])
        cost[last] -= to_come
        lower, upper = program.lower[columns], program.upper[columns]
        upper = np.concatenate([stand[i], upper[T:]])
        begin = (
            np.full(2, path.cars.start_kwh.ravel()[i] * template.plant.weight.repeat(template.cars)[i])
            if i < cars
            else np.array([program.lower[every[i - cars][last]], program.upper[every[i - cars][last]]])
        )
        row, entry, value = (np.concatenate(both) for both in zip(mine, midnight[i % cars], strict=True))
        found.append(CarDay(
            (row, entry, value), cost, np.append(lower, begin[0]), np.append(upper, begin[1]),
            program.row_lower[parts.rows[i]], program.row_upper[parts.rows[i]],
            days.take(np.array([i])), float(share[i]), eta, float(prices[i]),
        ))  # fmt: skip
        midnight[i % cars], worth[i % cars] = after, to_come
    return found
