"""
The days of the cars as small programs of their own, at prices for what ties them to the rest of the world.

Rows of the plan's program that hold more than one car (net load, exports, reserve) leave the days with their duals as
prices, and so does the energy of a car at midnight. Each day then minimises its own cost and its own wear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wattbit.silent_highs import SilentHighs
from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.bound.days import CarDays, CarPaths, share_per_mw
from wattbit_agents.baselines.bound.minorant import Minorant, growth_tangent
from wattbit_agents.baselines.lp.convex import square_segments
from wattbit_agents.baselines.lp.path import Path
from wattbit_agents.baselines.lp.program import Program
from wattbit_agents.baselines.lp.solve import EQUILIBRATION, FEASIBILITY, NO_SCALING, SolveError
from wattbit_agents.baselines.lp.template import RATES, Template

Array = NDArray[np.float64]
Index = NDArray[np.int64]

PARTS: Final = 7
"""Segments of the square of a charging rate: tangents of the program of a whole week, and one between any two."""

T: Final = STEPS_PER_DAY
BLOCKS: Final = ("discharge", "car", "road", "car_below", "car_above")
"""Columns of a car beside its charging; the last two only where reserve is offered."""

_ROWS: Final = ("car", "taper", "car_below", "car_above")
_INF: Final = highspy.kHighsInf
_DECIDED: Final = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)

Row = tuple[NDArray[np.int32], Array, float, float]
"""Columns, coefficients, lower and upper limit."""


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


class CarDay:
    """
    The program of one car's day, which is solved again for every box.

    Parameters
    ----------
    own : sparse matrix, shape (rows, columns)
        Rows of the car against its columns, each a day's half hours in blocks: charging in front, then those of
        :data:`BLOCKS`, and the energy at the midnight before.
    cost, lower, upper : ndarray, shape (columns,)
        The upper limits of the charging are those of the whole power.
    row_lower, row_upper : ndarray, shape (rows,)
    days : CarDays
        The one day.
    share, eta : float
        Share of the capacity that a half hour of 1 MW is, before efficiency; the efficiency.
    price_kjpy : float
        Worth of the packs.
    """

    def __init__(
        self, own: sp.csc_matrix, cost: Array, lower: Array, upper: Array, row_lower: Array, row_upper: Array,
        days: CarDays, share: float, eta: float, price_kjpy: float,
    ) -> None:  # fmt: skip
        self.days, self.price_kjpy, self._share, self._eta = days, price_kjpy, share, eta
        width, self._rise = square_segments(PARTS)
        hour = np.arange(T)
        blocks = own.shape[1] // T
        # Half hours on a stand, and those at whose end energy may be bought: nothing else can move energy.
        self._home = home = np.flatnonzero(upper[:T] > 0.0)
        self._shops = shops = np.flatnonzero(upper[3 * T : 4 * T] > 0.0)
        self._limit = days.charge_limit[0][home]
        kept = np.concatenate([
            T + home, 2 * T + hour, 3 * T + shops, *(k * T + home for k in range(4, blocks)), [blocks * T]
        ])  # fmt: skip
        rows = np.concatenate([hour, *(k * T + home for k in range(1, own.shape[0] // T))])
        charge, others = own[rows][:, home], own[rows][:, kept]
        start = PARTS * len(home)
        self._discharge, self._car = start + np.arange(len(home)), start + len(home) + hour
        self._road = self._car[-1] + 1 + np.arange(len(shops))
        self._midnight = start + len(kept) - 1
        self.worn, self._high, self._low, self._soc = self._midnight + 1 + np.arange(4)
        self._cost = np.concatenate([np.tile(cost[home], PARTS), cost[kept]])
        marks, limits = self._marks()
        matrix = sp.vstack([
            sp.hstack([*[charge] * PARTS, others, sp.csc_matrix((len(rows), 4))]), self._sums(), marks
        ]).tocsc()  # fmt: skip
        self._rows, size = matrix.shape
        self._drawn_row, self._swing_row = len(rows), len(rows) + 1
        # A group without cars has no energy, and so no state of charge.
        after = (-float(days.after[0].sum()),) * 2 if share > 0.0 else (-_INF, _INF)
        self._highs = SilentHighs()
        for option, value in (
            ("presolve", "off"), ("simplex_scale_strategy", NO_SCALING),
            ("primal_feasibility_tolerance", FEASIBILITY), ("dual_feasibility_tolerance", FEASIBILITY),
        ):  # fmt: skip
            self._highs.setOptionValue(option, value)
        self._highs.passModel(
            size, self._rows, matrix.nnz, int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize), 0.0,
            np.concatenate([self._cost, [1.0, 0.0, 0.0, 0.0]]),
            np.concatenate([np.zeros(start), lower[kept], [0.0, 0.0, -_INF, 0.0]]),
            np.concatenate([(width[:, None] * upper[home]).ravel(), upper[kept], np.full(4, _INF)]),
            np.concatenate([row_lower[rows], [-_INF, -_INF, after[0]], np.full(len(limits), -_INF)]),
            np.concatenate([row_upper[rows], [_INF, _INF, after[1]], limits]),
            matrix.indptr, matrix.indices, matrix.data, np.zeros(size, np.int32),
        )  # fmt: skip

    def _sums(self) -> sp.coo_matrix:
        """Rows of what is discharged, of the swing, and of the mean energy."""
        unit, eta = self._share, self._eta
        # Energy in the middle of the charging: at the half hour's end, less what came and went since.
        terms = [
            (0, self._discharge, unit / eta),
            (1, np.array([self._high]), 1.0),
            (1, np.array([self._low]), -1.0),
            (2, np.array([self._soc]), -T * float(self.days.health[0])),
            (2, self._car, 2.0 * unit),
            (2, self._road, -2.0 * unit),
            (2, self._discharge, 0.5 / eta * unit),
            (2, np.arange(PARTS * len(self._home)), -0.5 * eta * unit),
        ]
        column = np.concatenate([c for _, c, _ in terms])
        row = np.concatenate([np.full(len(c), r) for r, c, _ in terms])
        value = np.concatenate([np.full(len(c), v) for _, c, v in terms])
        return sp.coo_matrix((value, (row, column)), shape=(3, int(self._soc) + 1))

    def _marks(self) -> tuple[sp.coo_matrix, Array]:
        """Rows by which the highest and the lowest mark lie beyond every mark of the window, and their upper limits."""
        before, after, energy = self.days.before[0], self.days.after[0], 2.0 * self._share
        earlier = np.concatenate([[self._midnight], self._car[:-1]])
        back, out = np.flatnonzero(before > 0.0), np.flatnonzero(after[:-1] > 0.0)
        road = np.full(T, -1)
        road[self._shops] = self._road
        nothing = np.full(T, -1)
        # A column of energy, what the mark is above it, and a column of what was bought behind the mark.
        first = (np.array([self._midnight]), np.zeros(1), nothing[:1])
        charged = (self._car[self._home], after[self._home], road[self._home])
        came = (earlier[back], -before[back], nothing[back])
        left = (self._car[out], np.zeros(len(out)), nothing[out])
        sides = [(self._high, 1.0, mark) for mark in (first, charged)]
        sides += [(self._low, -1.0, mark) for mark in (first, charged, came, left)]
        column = np.concatenate([at for _, _, (at, _, _) in sides])
        sign = np.concatenate([np.full(len(at), side) for _, side, (at, _, _) in sides])
        extreme = np.concatenate([np.full(len(at), end) for end, _, (at, _, _) in sides])
        above = np.concatenate([offset for _, _, (_, offset, _) in sides])
        bought = np.concatenate([shop for _, _, (_, _, shop) in sides])
        row, some = np.arange(len(column)), np.flatnonzero(bought >= 0)
        value = np.concatenate([sign * energy, -sign, -sign[some] * energy])
        place = np.concatenate([row, row, some]), np.concatenate([column, extreme, bought[some]])
        return sp.coo_matrix((value, place), shape=(len(row), int(self._soc) + 1)), -sign * above

    def solve(
        self, swing_high: float, soc: tuple[float, float], discharged: tuple[float, float], rows: Sequence[Row]
    ) -> tuple[float, Array] | None:
        """
        Minimise cost and wear in a box.

        Parameters
        ----------
        swing_high : float
        soc, discharged : tuple of float
            Lowest and highest.
        rows : sequence of Row
            Of wear and growth, that hold in the box.

        Returns
        -------
        float, ndarray
            The optimum, thousands of JPY, and the plan; None where nothing lies in the box.
        """
        highs = self._highs
        highs.changeColBounds(int(self._soc), *soc)
        highs.changeRowBounds(self._drawn_row, *discharged)
        highs.changeRowBounds(self._swing_row, -_INF, swing_high)
        count = highs.getNumRow()
        if count > self._rows:
            highs.deleteRows(count - self._rows, np.arange(self._rows, count, dtype=np.int32))
        if rows:
            start = np.concatenate([[0], np.cumsum([len(index) for index, _, _, _ in rows])[:-1]]).astype(np.int32)
            index, value = (np.concatenate([row[k] for row in rows]) for k in range(2))
            limits = np.array([row[2:] for row in rows])
            highs.addRows(len(rows), limits[:, 0].copy(), limits[:, 1].copy(), len(index), start, index, value)
        status = self._decide()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolveError(highs.modelStatusToString(status))
        return float(highs.getInfo().objective_function_value), np.array(highs.getSolution().col_value)

    def _decide(self) -> highspy.HighsModelStatus:
        """Run the solver. Where it loses its way from the last box's optimum it begins anew, at last with scaling."""
        highs = self._highs
        highs.run()
        for scaling in (NO_SCALING, EQUILIBRATION):
            if highs.getModelStatus() in _DECIDED:
                break
            highs.clearSolver()
            highs.setOptionValue("simplex_scale_strategy", scaling)
            highs.run()
        highs.setOptionValue("simplex_scale_strategy", NO_SCALING)
        return highs.getModelStatus()

    def linear_kjpy(self, point: Array) -> float:
        """Return the cost of a plan without its wear."""
        return float(self._cost @ point[: self._midnight + 1])

    def paths(self, point: Array) -> CarPaths:
        """Return what the car does in a plan."""
        home, unit = self._home, self._share
        charge, discharge, bought = np.zeros((3, 1, T))
        charge[0, home] = point[: PARTS * len(home)].reshape(PARTS, -1).sum(axis=0) * self._eta * unit
        discharge[0, home] = point[self._discharge] / self._eta * unit
        bought[0, self._shops] = 2.0 * point[self._road] * unit
        middle = 2.0 * point[self._car] * unit + self.days.after - bought - 0.5 * (charge - discharge)
        return CarPaths(charge, discharge, bought, middle)

    def _row(
        self, growth: Array, through: float = 0.0, swing: float = 0.0, soc: float = 0.0, worn: float = 0.0
    ) -> Array:
        """Coefficients of a row from those of the energy charged, (part, half hour at home), and of the sums."""
        full = np.zeros(int(self._soc) + 1)
        full[: growth.size] = ((growth + through) * (self._eta * self._share)).ravel()
        full[self._discharge] = through / self._eta * self._share
        full[[self._high, self._low]] = swing, -swing
        full[self._soc], full[self.worn] = soc, worn
        return full

    def rows_of(self, found: Minorant, i: int) -> list[Row]:
        """Return the rows of wear that the i-th of some minorants is."""
        price = -self.price_kjpy
        square = 4.0 * found.square[i] * self._rise[:, None] * self._limit
        fixed = float(found.constant[i] + found.through[i] * self.days.driven[0])
        rest = (price * found.through[i], price * found.swing[i], price * found.soc[i], 1.0)
        rows = [_sparse(self._row(price * (square + found.charge[i, self._home]), *rest), -price * fixed, _INF)]
        if found.least[i] > 0.0:
            none = np.zeros((PARTS, len(self._home)))
            rows.append(_sparse(self._row(none, *rest), -price * (fixed + float(found.least[i])), _INF))
        return rows

    def growth_row(self, drawn_low: float, at: CarPaths, most: float) -> Row:
        """Return the row by which the growth is at most a number, as far as it is convex and close to a path."""
        tangent = growth_tangent(np.array([drawn_low]), at)[0, self._home]
        return _sparse(self._row(self._rise[:, None] * self._limit + tangent), -_INF, most)


def _sparse(full: Array, lower: float, upper: float) -> Row:
    index = np.flatnonzero(np.abs(full) > 1e-12).astype(np.int32)
    return index, full[index], lower, upper


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
    found, midnight = [], [sp.csc_matrix((height, 1))] * cars
    worth = np.zeros(cars)
    for i in range(count):
        inside = block[:, i * (T + width) : (i + 1) * (T + width)]
        entry = np.repeat(np.arange(T + width), np.diff(inside.indptr))
        row = place[inside.indices]
        own = (row >= i * height) & (row < (i + 1) * height)
        matrix = sp.csc_matrix((inside.data[own], (row[own] - i * height, entry[own])), shape=(height, T + width))
        # What the energy at the day's end is in the rows of the next day is there the energy at the midnight before.
        later = (row >= (i + cars) * height) & (entry == last)
        after = sp.csc_matrix(
            (inside.data[later], (row[later] - (i + cars) * height, np.zeros(int(later.sum()), int))), shape=(height, 1)
        )
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
        found.append(CarDay(
            sp.hstack([matrix, midnight[i % cars]]).tocsc(), cost, np.append(lower, begin[0]),
            np.append(upper, begin[1]), program.row_lower[parts.rows[i]], program.row_upper[parts.rows[i]],
            days.take(np.array([i])), float(share[i]), eta, float(prices[i]),
        ))  # fmt: skip
        midnight[i % cars], worth[i % cars] = after, to_come
    return found
