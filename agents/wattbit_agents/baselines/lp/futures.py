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
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wattbit.series.generator.noise import rng
from wattbit.series.generator.uncertainty import drawn_deltas
from wattbit.units import STEPS_PER_DAY
from wattbit_agents.baselines.lp.path import Array, Path
from wattbit_agents.baselines.lp.program import Program
from wattbit_agents.baselines.lp.sight import Clock
from wattbit_agents.baselines.lp.template import KILO

Index = NDArray[np.int64]

STREAM: Final = "planner-imbalance"
"""Random stream of the courses; they do not depend on the world's own noise."""


def futures_of(path: Path, delta_jpy_per_mwh: Array, clock: Clock, count: int, floor_jpy_per_mwh: float) -> list[Path]:
    """
    Return paths whose settled prices follow courses of the imbalance; on the mean they are as expected.

    Parameters
    ----------
    path : Path
        What is expected.
    delta_jpy_per_mwh : ndarray, shape (step, area)
        Settlement minus spot that its prices hold.
    clock : Clock
        The courses of a half hour of the week are always the same.
    count : int
        Of paths, an even number.
    floor_jpy_per_mwh : float
        Lowest price; where it is expected, surplus sets the price in every course.
    """
    stream = rng(clock.weekday * STEPS_PER_DAY + clock.slot, STREAM)
    half = stream.standard_normal((count // 2, path.steps, 2))
    expected = KILO * delta_jpy_per_mwh
    off = np.array([drawn_deltas(expected, shocks) for shocks in (*half, *-half)]) / KILO
    off -= off.mean(axis=0)
    off[:, 0] = 0.0  # the first half hour is decided before its imbalance is seen, on what is expected of it
    price = path.price_jpy_per_mwh
    off[:, price <= floor_jpy_per_mwh] = 0.0
    return [replace(path, price_jpy_per_mwh=np.maximum(floor_jpy_per_mwh, price + course)) for course in off]


class Joint:
    """
    Makes one program of those of several futures, which differ in their costs.

    Parameters
    ----------
    matrix : scipy.sparse.csc_matrix
        Of one future; those to come have their coefficients in the same places.
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
        self.rows, self.columns = (
            np.concatenate([np.tile(np.arange(first), (count, 1)),
                            first + np.arange(count * (size - first)).reshape(count, -1)], axis=1)
            for first, size in ((rows, matrix.shape[0]), (columns, matrix.shape[1]))
        )  # fmt: skip
        column = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
        at = [np.flatnonzero(matrix.indices >= (rows if future else 0)) for future in range(count)]
        row = np.concatenate([self.rows[future, matrix.indices[entries]] for future, entries in enumerate(at)])
        column = np.concatenate([self.columns[future, column[entries]] for future, entries in enumerate(at)])
        order = np.lexsort((row, column))
        self._entries = np.concatenate(at)[order]
        self._index = row[order].astype(np.int32)
        self._shape = int(self.rows.max()) + 1, int(self.columns.max()) + 1
        self._start = np.searchsorted(column[order], np.arange(self._shape[1] + 1)).astype(np.int32)

    def program(self, futures: Sequence[Program]) -> Program:
        """Return the program of all of them at the mean of their costs, which is not split by term."""
        one = futures[0]
        if len(futures) == 1:
            return one
        cost = np.zeros(self._shape[1])
        for places, future in zip(self.columns, futures, strict=True):
            cost[places] += future.cost / len(futures)

        def limit(name: str, places: Index, size: int) -> Array:
            found = np.empty(size)
            found[places] = getattr(one, name)
            return found

        rows, columns = self._shape
        matrix = sp.csc_matrix((one.matrix.data[self._entries], self._index, self._start), shape=self._shape)
        constant = float(np.mean([future.constant for future in futures]))
        return Program(
            matrix=matrix,
            cost=cost,
            lower=limit("lower", self.columns, columns),
            upper=limit("upper", self.columns, columns),
            row_lower=limit("row_lower", self.rows, rows),
            row_upper=limit("row_upper", self.rows, rows),
            constant=constant,
            terms={},
            constants={},
        )
