"""
Half hours far ahead taken together: a smaller program for the same plan.

Power holds through a period; a stock goes straight from its beginning to its end, but for what comes and goes by itself
at a time of its own. So the columns of the half hours follow from those of the periods, ``x = P y + q``, and a period's
rows are the sums of those of its half hours: energy is conserved, limits hold on the mean. Periods keep to the clock:
half an hour later nearly all of them are the same, and the basis with them.
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
"""Half hours at least that are planned one by one: prices of the day are known, and cars of the evening leave."""

EVENTS: Final = ("road", "short", "missed")
"""Columns of what happens in single half hours, at a departure or a call: their limits add up."""

EVENT_ROWS: Final = ("short", "missed")
"""Rows that say something in single half hours only; in a period with such a one the others are taken to be like it."""

SEGMENTS: Final = "supply"
"""Columns that are parts of a curve: a half hour whose zone has no such part says nothing of its price."""


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


def _flags(blocks: Blocks, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Say of every column or row of a half hour whether its block is one of those."""
    found = np.zeros(blocks.size, np.bool_)
    for name in names:
        if name in blocks:
            found[blocks.part[name]] = True
    return found


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
    ends : tuple of int
    shape : tuple of int
        Rows and columns of the programs; period by period as in the :class:`.template.Template`, with what stands
        behind the half hours at the end.
    """

    def __init__(self, structure: Structure, ends: Ends) -> None:
        self.ends = ends
        self._template, self._steps = template, steps = structure.template, structure.steps
        n, m, count = template.columns.size, template.rows.size, len(ends)
        rows_behind, columns_behind = structure.shape[0] - steps * m, structure.shape[1] - steps * n
        self.shape = count * m + rows_behind, count * n + columns_behind
        self._end = end = np.array(ends)
        self._length = np.diff(end, prepend=0)
        self._of = of = np.searchsorted(end, np.arange(steps), side="right")  # period of each half hour
        length = self._length[of][:, None]
        self._done = done = (np.arange(1, steps + 1) - (end - self._length)[of])[:, None] / length  # at its end
        column = np.append((of[:, None] * n + np.arange(n)).ravel(), count * n + np.arange(columns_behind))
        row = np.append((of[:, None] * m + np.arange(m)).ravel(), count * m + np.arange(rows_behind))
        fine = np.arange(len(column))

        def table(hours: Array, ones: int) -> Array:
            return np.append(hours.ravel(), np.ones(ones))

        stocks, self._balances = stocks_of(template)
        is_stock = np.isin(np.arange(n), stocks)
        self._inner = np.flatnonzero(done < 1.0)
        self._inner_columns = self._inner[:, None] * n + stocks
        part = table(np.where(is_stock, done, 1.0), columns_behind)
        rest = np.flatnonzero(part < 1.0)  # of a stock within a period: what was there before it
        self._spread = _matrix(
            np.append(part, 1.0 - part[rest]),
            np.append(fine, rest),
            np.append(column, column[rest] - n),
            (len(fine), self.shape[1]),
        )
        self._together = self._spread.T.tocsr()
        # Limits: of stocks at the end of the period, of events their sum, of all else the mean.
        limit = np.where(_flags(template.columns, EVENTS), 1.0, 1.0 / length)
        limit = table(np.where(is_stock, done == 1.0, limit), columns_behind)
        self._limit = _matrix(limit, column, fine, self._together.shape)
        self._sum = _matrix(np.ones(len(row)), row, np.arange(len(row)), (self.shape[0], len(row)))
        event = np.tile(_flags(template.rows, EVENT_ROWS), (count, 1))
        self._single = np.flatnonzero(event & (self._length[:, None] > 1))
        self._sum_single = self._sum[self._single]
        self._place(structure, row)

    def _place(self, structure: Structure, row: Index) -> None:
        """Find where the coefficients go: each of a period is a sum of those of half hours."""
        spread = self._spread
        column = np.repeat(np.arange(structure.shape[1]), np.diff(structure.start))
        count = np.diff(spread.indptr)[column]
        source = np.repeat(np.arange(len(column)), count)
        nth = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
        at = spread.indptr[column[source]] + nth
        key = spread.indices[at].astype(np.int64) * self.shape[0] + row[structure.index[source]]
        place, target = np.unique(key, return_inverse=True)
        gather = sp.csr_matrix((spread.data[at], (target, source)), shape=(len(place), len(column)))
        # What is in a stock in the middle of a period cancels out of its balance: no place for zeros.
        names = {entry.value for entry in structure.template.entries if isinstance(entry.value, str)}
        fixed = gather @ structure.matrix({name: np.full((1, 1), np.nan) for name in names}).data
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
            cost=self._together @ self._by_width(fine, fine.cost),
            lower=self._limit @ fine.lower,
            upper=self._limit @ fine.upper,
            row_lower=self._rows(fine.row_lower) - moved,
            row_upper=self._rows(fine.row_upper) - moved,
            constant=fine.constant + float(fine.cost @ jumps),
            terms={},
            constants={},
        )

    def spread(self, fine: Program, point: Array) -> Array:
        """Return the columns of the half hours for a point of the periods."""
        return self._by_width(fine, self._spread @ point) + self._jumps(fine)

    def _jumps(self, fine: Program) -> Array:
        """By how much stocks within a period are off the straight line: arrivals and trips have their time."""
        rows = fine.row_upper[: self._steps * self._template.rows.size].reshape(self._steps, -1)
        come = np.concatenate([np.zeros((1, len(self._balances))), np.cumsum(rows[:, self._balances], axis=0)])
        end, of = self._end, self._of[self._inner]
        before = come[(end - self._length)[of]]
        jumps = np.zeros(len(fine.cost))
        jumps[self._inner_columns] = come[self._inner + 1] - before - self._done[self._inner] * (come[end[of]] - before)
        return jumps

    def _by_width(self, fine: Program, value: Array) -> Array:
        """Weight values of parts of curves by the widths that they have within a period, if they have any."""
        hours, part = slice(self._steps * self._template.columns.size), self._template.columns.part[SEGMENTS]
        width = fine.upper[hours].reshape(self._steps, -1)[:, part]
        mean = (np.add.reduceat(width, self._end - self._length, axis=0) / self._length[:, None])[self._of]
        found = value.copy()
        found[hours].reshape(self._steps, -1)[:, part] *= np.divide(
            width, mean, out=np.ones_like(width), where=mean > 0.0
        )
        return found

    def _rows(self, limit: Array) -> Array:
        """Sums of the limits of rows; where only some half hours have one, all are taken to be like those."""
        found = np.asarray(self._sum @ limit)
        finite = np.isfinite(limit)
        some = self._sum_single @ finite.astype(np.float64)
        total = self._sum_single @ np.where(finite, limit, 0.0)
        hours = self._sum_single.getnnz(axis=1)
        found[self._single] = np.where(some > 0.0, total * hours / np.maximum(1.0, some), found[self._single])
        return found
