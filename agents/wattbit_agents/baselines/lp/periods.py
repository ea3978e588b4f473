"""
Half hours far ahead taken together: a smaller program.

Power holds through a period; a stock goes straight from its beginning to its end, but for what comes and goes by itself
at a time of its own. What the market makes of that power stays apart for every half hour: surplus, zones and calls of a
half hour are not those of the next. So the columns of the half hours follow from those of the periods, ``x = P y + q``,
and most rows of a period are the sums of those of its half hours: energy is conserved, limits of power hold on the
mean, those of stocks at the end. Periods keep to the clock: half an hour later nearly all of them are the same.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wattbit_agents.baselines.lp.blocks import Blocks
from wattbit_agents.baselines.lp.path import Array
from wattbit_agents.baselines.lp.program import Program, Structure
from wattbit_agents.baselines.lp.template import Template

Index = NDArray[np.int64]
Ends = tuple[int, ...]
"""Where each period of a plan ends, half hours from its beginning."""

SINGLE: Final = 12
"""Half hours at least that are planned one by one: of 6, 8 and 12 the best in train weeks, by no more than chance."""

APART_COLUMNS: Final = ("soak", "spill", "local", "beyond", "supply", "missed", "short")
APART_ROWS: Final = ("meet", "spill", "zone", "missed", "short", "own_batch", "own_training")
"""Blocks of the market, of calls and of departures, which stay apart for every half hour of a period."""

SHARED: Final = "charge"
"""Columns whose limits follow who is there: in a period they are shared out like these, and cost accordingly."""


def period_ends(slot: int, steps: int, together: int) -> Ends:
    """
    Return where the periods of a plan end.

    Parameters
    ----------
    slot : int
        Half hour of the day that the plan begins with.
    steps : int
        Half hours of the plan.
    together : int
        Half hours of a period after the first :data:`SINGLE`; it begins at a multiple of them by the clock.
    """
    first = min(steps, SINGLE + (-(slot + SINGLE)) % together)
    return (*range(1, first + 1), *range(first + together, steps, together), *([steps] if first < steps else []))


def stocks_of(template: Template) -> tuple[Index, Index]:
    """Return the columns of a half hour that the next one goes on from, and the rows that balance them."""
    size = template.columns.size
    now, before = (
        np.concatenate([entry.row * size + entry.column for entry in template.entries if bool(entry.lag) is lag])
        for lag in (False, True)
    )
    both = np.intersect1d(now, before)
    return both % size, both // size


def _matrix(value: Array, row: Index, column: Index, shape: tuple[int, int]) -> sp.csr_matrix:
    kept = np.flatnonzero(value)
    return sp.csr_matrix((value[kept], (row[kept], column[kept])), shape=shape)


class Periods:
    """
    Makes programs of periods out of programs of half hours.

    Parameters
    ----------
    structure : Structure
        Of the half hours.
    ends : tuple of int
        From :func:`period_ends`.

    Attributes
    ----------
    column, row : ndarray of int
        Where each column and row of the half hours goes; of several, the last one stands for all (a stock at the end).
        Half hours that are single come first and as they are in the :class:`.template.Template`.
    shape : tuple of int
        Rows and columns of the programs.
    """

    def __init__(self, structure: Structure, ends: Ends) -> None:
        self._template, self._steps = template, steps = structure.template, structure.steps
        n = template.columns.size
        self._end = end = np.array(ends)
        self._length = np.diff(end, prepend=0)
        self._of = of = np.searchsorted(end, np.arange(steps), side="right")  # period of each half hour
        length = self._length[of][:, None]
        self._done = done = (np.arange(1, steps + 1) - (end - self._length)[of])[:, None] / length  # at its end
        self.column = self._places(template.columns, APART_COLUMNS, structure.shape[1])
        self.row = self._places(template.rows, APART_ROWS, structure.shape[0])
        self.shape = int(self.row.max()) + 1, int(self.column.max()) + 1
        fine, behind = np.arange(structure.shape[1]), structure.shape[1] - steps * n
        stocks, self._balances = stocks_of(template)
        is_stock = np.isin(np.arange(n), stocks)
        self._inner = np.flatnonzero(done < 1.0)
        self._inner_columns = self._inner[:, None] * n + stocks
        part = np.append(np.where(is_stock, done, 1.0).ravel(), np.ones(behind))
        rest = np.flatnonzero(part < 1.0)  # of a stock within a period: what was there before it
        before = (end - self._length)[of[rest // n]] - 1
        self._spread = _matrix(
            np.append(part, 1.0 - part[rest]),
            np.append(fine, rest),
            np.append(self.column, self.column[before * n + rest % n]),
            (len(fine), self.shape[1]),
        )
        self._together = self._spread.T.tocsr()
        # Limits: of stocks at the end of the period, of all else the mean of those that are taken together.
        limit = 1.0 / np.bincount(self.column)[self.column]
        limit[: steps * n].reshape(steps, n)[:, is_stock] = done == 1.0
        self._limit = _matrix(limit, self.column, fine, self._together.shape)
        self._sum = _matrix(np.ones(len(self.row)), self.row, np.arange(len(self.row)), (self.shape[0], len(self.row)))
        self._place(structure)

    def _places(self, blocks: Blocks, apart: tuple[str, ...], total: int) -> Index:
        """Number the columns or rows of periods, in the order of the periods."""
        single = np.zeros(blocks.size, np.bool_)
        for name in apart:
            if name in blocks:
                single[blocks.part[name]] = True
        hour = np.arange(self._steps)[:, None]
        key = (self._of[:, None] * blocks.size + np.arange(blocks.size)) * self._steps + np.where(single, hour, 0)
        found = np.unique(key.ravel(), return_inverse=True)[1]
        return np.append(found, found.max() + 1 + np.arange(total - key.size))

    def _place(self, structure: Structure) -> None:
        """Find where the coefficients go: each of a period is a sum of those of half hours."""
        spread = self._spread
        column = np.repeat(np.arange(structure.shape[1]), np.diff(structure.start))
        count = np.diff(spread.indptr)[column]
        source = np.repeat(np.arange(len(column)), count)
        nth = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
        at = spread.indptr[column[source]] + nth
        key = spread.indices[at].astype(np.int64) * self.shape[0] + self.row[structure.index[source]]
        place, target = np.unique(key, return_inverse=True)
        gather = sp.csr_matrix((spread.data[at], (target, source)), shape=(len(place), len(column)))
        # What is in a stock in the middle of a period cancels out of its balance: no place for zeros.
        fixed = gather @ structure.matrix({name: np.full((1, 1), np.nan) for name in structure.names}).data
        kept = np.flatnonzero(~(np.abs(fixed) < 1e-12))
        self._gather = gather[kept]
        self._index = (place[kept] % self.shape[0]).astype(np.int32)
        self._start = np.searchsorted(place[kept] // self.shape[0], np.arange(self.shape[1] + 1)).astype(np.int32)

    def program(self, fine: Program) -> Program:
        """
        Return the program of the periods; its cost is not split by term.

        Parameters
        ----------
        fine : Program
            Of the structure; a period of one half hour stays as it is there.
        """
        jumps = self._jumps(fine)
        moved = self._sum @ (fine.matrix @ jumps)
        data = self._gather @ fine.matrix.data
        return Program(
            matrix=sp.csc_matrix((data, self._index, self._start), shape=self.shape),
            cost=self._together @ self._by_share(fine, fine.cost),
            lower=self._limit @ fine.lower,
            upper=self._limit @ fine.upper,
            row_lower=self._sum @ fine.row_lower - moved,
            row_upper=self._sum @ fine.row_upper - moved,
            constant=fine.constant + float(fine.cost @ jumps),
            terms={},
            constants={},
        )

    def spread(self, fine: Program, point: Array) -> Array:
        """Return the columns of the half hours for a point of the periods."""
        return self._by_share(fine, self._spread @ point) + self._jumps(fine)

    def _jumps(self, fine: Program) -> Array:
        """By how much stocks within a period are off the straight line: arrivals and trips have their time."""
        rows = fine.row_upper[: self._steps * self._template.rows.size].reshape(self._steps, -1)
        come = np.concatenate([np.zeros((1, len(self._balances))), np.cumsum(rows[:, self._balances], axis=0)])
        end, of = self._end, self._of[self._inner]
        before = come[(end - self._length)[of]]
        jumps = np.zeros(len(fine.cost))
        jumps[self._inner_columns] = come[self._inner + 1] - before - self._done[self._inner] * (come[end[of]] - before)
        return jumps

    def _by_share(self, fine: Program, value: Array) -> Array:
        """Weight values of :data:`SHARED` columns by the limits that they have within a period, if they have any."""
        hours, part = slice(self._steps * self._template.columns.size), self._template.columns.part[SHARED]
        width = fine.upper[hours].reshape(self._steps, -1)[:, part]
        mean = (np.add.reduceat(width, self._end - self._length, axis=0) / self._length[:, None])[self._of]
        found = value.copy()
        found[hours].reshape(self._steps, -1)[:, part] *= np.divide(
            width, mean, out=np.ones_like(width), where=mean > 0.0
        )
        return found
