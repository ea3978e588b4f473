"""
Several futures in one plan: the imbalance may take many courses, and today's order has to suit them all.

A plan for the expected alone does not know what it is worth to be able to wait: the further apart prices may turn out,
the more. Here a few courses of settlement minus spot are drawn around what is expected; the program decides the first
half hour once and the rest for each course by itself, at the mean of their costs: a two-stage program (Birge and
Louveaux 2011, Introduction to Stochastic Programming, chapter 2). Courses come in pairs of opposite noise, drawn afresh
for every half hour of the week: what a few of them get wrong the next plan gets wrong in another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wattbit.series.generator.noise import rng
from wattbit.series.generator.uncertainty import drawn_deltas
from wattbit.units import STEPS_PER_DAY
from wattbit_agents.baselines.lp.outlook import Prices
from wattbit_agents.baselines.lp.path import Path
from wattbit_agents.baselines.lp.program import Program
from wattbit_agents.baselines.lp.sight import Clock
from wattbit_agents.baselines.lp.template import KILO

Index = NDArray[np.int64]

STREAM: Final = "planner-imbalance"
"""Random stream of the courses; they do not depend on the world's own noise."""


def futures_of(path: Path, prices: Prices, clock: Clock, count: int, floor_jpy_per_mwh: float) -> list[Path]:
    """
    Return paths whose settled prices follow courses of the imbalance: before the floor, on the mean as expected.

    As much is taken to be known of the imbalance as by one who sees both parts of its noise. A planner sees their sum
    alone: its courses are a little closer together than they could be.

    Parameters
    ----------
    path : Path
        What is expected.
    prices : Prices
        That the path was made with.
    clock : Clock
        The courses of a half hour of the week are always the same.
    count : int
        Of paths, which come in pairs.
    floor_jpy_per_mwh : float
        Lowest settled price.

    Raises
    ------
    ValueError
        If `count` is odd.
    """
    if count % 2:
        raise ValueError(f"count is {count}: futures come in pairs")
    stream = rng(clock.weekday * STEPS_PER_DAY + clock.slot, STREAM)
    half = stream.standard_normal((path.steps, count // 2, 2)).transpose(1, 0, 2)
    spot, delta = prices.spot_jpy_per_mwh[: path.steps], prices.delta_jpy_per_mwh[: path.steps]
    course = np.array([drawn_deltas(KILO * delta, shocks) for shocks in (*half, *-half)]) / KILO
    course += delta - course.mean(axis=0)
    price = np.maximum(floor_jpy_per_mwh, spot + course)
    price[:, 0] = price[:, 0].mean(axis=0)  # what is ordered now is ordered before the imbalance is seen
    return [replace(path, price_jpy_per_mwh=future) for future in price]


class Joint:
    """
    Makes one program of those of several futures, which share the first half hour.

    Parameters
    ----------
    matrix : scipy.sparse.csc_matrix
        Of every future.
    rows, columns : int
        Of the first half hour, which come first.
    count : int
        Futures.

    Attributes
    ----------
    rows, columns : ndarray of int, shape (future, ...)
        Where those of each future are in the program.
    """

    def __init__(self, matrix: sp.csc_matrix, rows: int, columns: int, count: int) -> None:
        self._matrix, self._first_rows = matrix, rows
        self.rows, self.columns = (
            np.concatenate([np.tile(np.arange(first), (count, 1)),
                            first + np.arange(count * (size - first)).reshape(count, -1)], axis=1)
            for first, size in ((rows, matrix.shape[0]), (columns, matrix.shape[1]))
        )  # fmt: skip
        self._shape = int(self.rows.max()) + 1, int(self.columns.max()) + 1

    @cached_property
    def _places(self) -> tuple[Index, NDArray[np.int32], NDArray[np.int32]]:
        """Which entries of the futures' matrix stand in the program's, their rows, and where its columns begin."""
        matrix = self._matrix
        of = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
        # Rows of the first half hour hold nothing that comes later, and stand once.
        at = [np.flatnonzero(matrix.indices >= (self._first_rows if k else 0)) for k in range(len(self.rows))]
        row = np.concatenate([self.rows[k, matrix.indices[entries]] for k, entries in enumerate(at)])
        column = np.concatenate([self.columns[k, of[entries]] for k, entries in enumerate(at)])
        order = np.lexsort((row, column))
        start = np.searchsorted(column[order], np.arange(self._shape[1] + 1))
        return np.concatenate(at)[order], row[order].astype(np.int32), start.astype(np.int32)

    def program(self, futures: Sequence[Program]) -> Program:
        """
        Return the program of all of them at the mean of their costs, which is not split by term.

        Parameters
        ----------
        futures : sequence of Program
            With the same coefficients, and in the first half hour with the same limits.
        """
        if len(futures) == 1:
            return futures[0]
        entries, index, start = self._places
        rows, columns = self._shape
        cost, lower, upper = np.zeros((3, columns))
        row_lower, row_upper = np.zeros((2, rows))
        for k, future in enumerate(futures):
            cost[self.columns[k]] += future.cost / len(futures)
            lower[self.columns[k]], upper[self.columns[k]] = future.lower, future.upper
            row_lower[self.rows[k]], row_upper[self.rows[k]] = future.row_lower, future.row_upper
        return Program(
            matrix=sp.csc_matrix((futures[0].matrix.data[entries], index, start), shape=self._shape),
            cost=cost,
            lower=lower,
            upper=upper,
            row_lower=row_lower,
            row_upper=row_upper,
            constant=float(np.mean([future.constant for future in futures])),
            terms={},
            constants={},
        )
