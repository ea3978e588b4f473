"""
A car's day as a small program of its own, at prices for what ties the car to the rest of the world and to other days.

It minimises the day's own cost and its own wear, which rows bound from below in a box of its sums. In a part of a box
the solver begins where it ended in the whole one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wattbit.silent_highs import SilentHighs
from wattbit.units import STEPS_PER_DAY
from wattbit_agents.baselines.bound.days import CarDays, CarPaths
from wattbit_agents.baselines.bound.minorant import Minorant, growth_tangent
from wattbit_agents.baselines.lp.convex import square_segments
from wattbit_agents.baselines.lp.solve import EQUILIBRATION, FEASIBILITY, NO_SCALING, SolveError

Array = NDArray[np.float64]
Index = NDArray[np.int64]

PARTS: Final = 7
"""Segments of the square of a charging rate: tangents of the program of a whole week, and one between any two."""

T: Final = STEPS_PER_DAY
BLOCKS: Final = ("discharge", "car", "road", "car_below", "car_above")
"""Columns of a car beside its charging; the last two only where reserve is offered."""

_INF: Final = highspy.kHighsInf
_DECIDED: Final = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)

Entries = tuple[Index, Index, Array]
"""Rows, columns and values of a sparse matrix."""

Row = tuple[NDArray[np.int32], Array, float, float]
"""Columns, coefficients, lower and upper limit."""


@dataclass(frozen=True)
class Start:
    """
    Where the solver begins in the parts of a box.

    Attributes
    ----------
    rows : list of Row
        Those of wear and growth that are tight at the box's optimum.
    basis : HighsBasis
        Of the optimum, with these rows behind those of the program.
    """

    rows: list[Row]
    basis: highspy.HighsBasis


class CarDay:
    """
    The program of one car's day, which is solved again for every box.

    Parameters
    ----------
    own : Entries
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
        self, own: Entries, cost: Array, lower: Array, upper: Array, row_lower: Array, row_upper: Array,
        days: CarDays, share: float, eta: float, price_kjpy: float,
    ) -> None:  # fmt: skip
        self.days, self.price_kjpy, self._share, self._eta = days, price_kjpy, share, eta
        self.driven = float(days.driven[0])
        width, self._rise = square_segments(PARTS)
        hour = np.arange(T)
        blocks = len(cost) // T
        # Half hours on a stand, and those at whose end energy may be bought: nothing else can move energy.
        self._home = home = np.flatnonzero(upper[:T] > 0.0)
        self._shops = shops = np.flatnonzero(upper[3 * T : 4 * T] > 0.0)
        self._limit = days.charge_limit[0][home]
        kept = np.concatenate([
            T + home, 2 * T + hour, 3 * T + shops, *(k * T + home for k in range(4, blocks)), [blocks * T]
        ])  # fmt: skip
        rows = np.concatenate([hour, *(k * T + home for k in range(1, len(row_lower) // T))])
        start = PARTS * len(home)
        self._discharge, self._car = start + np.arange(len(home)), start + len(home) + hour
        self._road = self._car[-1] + 1 + np.arange(len(shops))
        self._midnight = start + len(kept) - 1
        self.worn, self._high, self._low, self._soc = self._midnight + 1 + np.arange(4)
        # Columns of the rows of wear and growth.
        sums = [self._high, self._low, self._soc, self.worn]
        self._wearing = np.concatenate([np.arange(start + len(home)), sums]).astype(np.int32)
        self._cost = np.concatenate([np.tile(cost[home], PARTS), cost[kept]])
        self._drawn_row, self._swing_row = len(rows), len(rows) + 1
        marks, limits = self._marks(len(rows) + 3)
        entries = *self._kept(own, rows, kept, (len(row_lower), len(cost))), *self._sums(len(rows)), marks
        row, column, value = (np.concatenate(each) for each in zip(*entries, strict=True))
        self._rows, size = len(rows) + 3 + len(limits), int(self._soc) + 1
        matrix = sp.csc_matrix((value, (row, column)), shape=(self._rows, size))
        # A group without cars has no energy, and so no state of charge.
        after = (-float(days.after[0].sum()),) * 2 if share > 0.0 else (-_INF, _INF)
        self._highs = SilentHighs()
        for option, setting in (
            ("presolve", "off"), ("simplex_scale_strategy", NO_SCALING),
            ("primal_feasibility_tolerance", FEASIBILITY), ("dual_feasibility_tolerance", FEASIBILITY),
        ):  # fmt: skip
            self._highs.setOptionValue(option, setting)
        self._highs.passModel(
            size, self._rows, matrix.nnz, int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize), 0.0,
            np.concatenate([self._cost, [1.0, 0.0, 0.0, 0.0]]),
            np.concatenate([np.zeros(start), lower[kept], [0.0, 0.0, -_INF, 0.0]]),
            np.concatenate([(width[:, None] * upper[home]).ravel(), upper[kept], np.full(4, _INF)]),
            np.concatenate([row_lower[rows], [-_INF, -_INF, after[0]], np.full(len(limits), -_INF)]),
            np.concatenate([row_upper[rows], [_INF, _INF, after[1]], limits]),
            matrix.indptr, matrix.indices, matrix.data, np.zeros(size, np.int32),
        )  # fmt: skip

    def _kept(self, own: Entries, rows: Index, columns: Index, shape: tuple[int, int]) -> list[Entries]:
        """Entries of the car's own rows and columns that are kept, those of the charging for every part of it."""
        row, column, value = own
        home = len(self._home)
        row = _positions(rows, shape[0])[row]
        column = _positions(np.concatenate([self._home, columns]), shape[1])[column]
        charging = np.flatnonzero((row >= 0) & (column >= 0) & (column < home))
        others = np.flatnonzero((row >= 0) & (column >= home))
        first = home * np.arange(PARTS)[:, None]
        return [
            (np.tile(row[charging], PARTS), (first + column[charging]).ravel(), np.tile(value[charging], PARTS)),
            (row[others], (PARTS - 1) * home + column[others], value[others]),
        ]

    def _sums(self, begin: int) -> list[Entries]:
        """Rows of what is discharged, of the swing, and of the mean energy; the first has the number `begin`."""
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
        return [(np.full(len(at), begin + row), at, np.full(len(at), value)) for row, at, value in terms]

    def _marks(self, begin: int) -> tuple[Entries, Array]:
        """
        Rows by which the highest and the lowest mark lie beyond every mark of the window, and their upper limits.

        The first has the number `begin`.
        """
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
        row, some = begin + np.arange(len(column)), np.flatnonzero(bought >= 0)
        value = np.concatenate([sign * energy, -sign, -sign[some] * energy])
        place = np.concatenate([row, row, row[some]]), np.concatenate([column, extreme, bought[some]])
        return (*place, value), -sign * above

    def solve(
        self, swing_high: float, soc: tuple[float, float], discharged: tuple[float, float],
        start: Start | None = None, rows: Sequence[Row] = (),
    ) -> tuple[float, Array, Start] | None:  # fmt: skip
        """
        Minimise cost and wear in a box.

        Parameters
        ----------
        swing_high : float
        soc, discharged : tuple of float
            Lowest and highest.
        start : Start, optional
            Of a box of this day that this one is a part of; without one the solver goes on from where it is.
        rows : sequence of Row
            Of wear and growth, that hold in this box.

        Returns
        -------
        float, ndarray, Start
            The optimum, thousands of JPY, the plan, and where to begin in parts; None where nothing lies in the box.
        """
        highs = self._highs
        highs.changeColBounds(int(self._soc), *soc)
        highs.changeRowBounds(self._drawn_row, *discharged)
        highs.changeRowBounds(self._swing_row, -_INF, swing_high)
        count = highs.getNumRow()
        if count > self._rows:
            highs.deleteRows(count - self._rows, np.arange(self._rows, count, dtype=np.int32))
        if start is not None:
            self._lay(start.rows)
            highs.setBasis(start.basis)
        self._lay(rows)
        status = self._decide()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolveError(highs.modelStatusToString(status))
        value, point = highs.getObjectiveValue(), np.array(highs.getSolution().col_value)
        return value, point, self._start([*rows] if start is None else [*start.rows, *rows])

    def _lay(self, rows: Sequence[Row]) -> None:
        """Add rows behind the others."""
        if rows:
            index, value, lower, upper = zip(*rows, strict=True)
            ends = [*accumulate(len(at) for at in index)]
            status = self._highs.addRows(
                len(rows), np.array(lower), np.array(upper), ends[-1], np.array([0, *ends[:-1]], np.int32),
                np.concatenate(index), np.concatenate(value),
            )  # fmt: skip
            if status == highspy.HighsStatus.kError:
                raise SolveError("HiGHS refuses rows of wear")

    def _start(self, laid: list[Row]) -> Start:
        """Return where to begin in parts of the box that was just solved with some rows behind those of the program."""
        highs = self._highs
        _, basic = highs.getBasicVariables()  # type: ignore[attr-defined]
        loose = np.sort(-1 - basic[basic < -self._rows]).astype(np.int32)  # rows are numbered down from -1
        # A basis less rows that are basic is a basis of what is left.
        highs.deleteRows(len(loose), loose)
        tight = np.delete(np.arange(len(laid)), loose - self._rows)
        return Start([laid[k] for k in tight], highs.getBasis())

    def _decide(self) -> highspy.HighsModelStatus:
        """Run the solver. Where it loses its way from another box's optimum it begins anew, at last with scaling."""
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

    def _row(self, growth: Array, sums: tuple[float, float, float, float], lower: float) -> Row:
        """Return a row of wear: from coefficients of the energy charged, and of through, swing, soc and worn."""
        unit, (through, swing, soc, worn) = self._eta * self._share, sums
        drawn = np.full(len(self._home), through / self._eta * self._share)
        value = np.concatenate([((growth + through) * unit).ravel(), drawn, [swing, -swing, soc, worn]])
        return self._wearing, value, lower, _INF

    def rows_of(self, found: Minorant, i: int) -> list[Row]:
        """Return the rows of wear that the i-th of some minorants is."""
        price = -self.price_kjpy
        square = 4.0 * found.square[i] * self._rise[:, None] * self._limit
        fixed = float(found.constant[i] + found.through[i] * self.driven)
        rest = (price * found.through[i], price * found.swing[i], price * found.soc[i], 1.0)
        rows = [self._row(price * (square + found.charge[i, self._home]), rest, -price * fixed)]
        if found.least[i] > 0.0:
            none = np.zeros((PARTS, len(self._home)))
            rows.append(self._row(none, rest, -price * (fixed + float(found.least[i]))))
        return rows

    def growth_row(self, drawn_low: float, at: CarPaths, most: float) -> Row:
        """Return the row by which the growth is at most a number, as far as it is convex and close to a path."""
        tangent = growth_tangent(np.array([drawn_low]), at)[0, self._home]
        value = ((self._rise[:, None] * self._limit + tangent) * (self._eta * self._share)).ravel()
        return self._wearing[: value.size], value, -_INF, most


def _positions(places: Index, size: int) -> Index:
    """Return at which position of a list each of so many places stands, -1 for those that are not in it."""
    found = np.full(size, -1)
    found[places] = np.arange(len(places))
    return found
