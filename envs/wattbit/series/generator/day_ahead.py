"""
The day-ahead plan: one linear programme a day decides what pumped storage does, for all areas and half hours at once.

The supply ramps enter as steps at their mean price, lines are lossless with limits, every reservoir ends the day as
full as it began. The programme is built once; each day changes only costs, bounds and right-hand sides, and starts
from the basis of the day before. The plan is then fixed and each half hour is cleared on the smooth curves
(:mod:`~wattbit.series.generator.clearing`), so the spot price answers to a change of load as after the auction: with
the storage where it was sold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.generator.supply import RAMPS
from wattbit.series.set import STEPS_PER_DAY

Array = NDArray[np.float64]

STEPS_OF_RAMP: Final = (1, 1, 1, 5, 5, 5, 2, 2, 1)
"""Steps into which each kind of ramp is cut, in the order of ``RAMPS``."""

HOURS: Final = 0.5
"""Length of a half hour. [h]"""


@dataclass(frozen=True, slots=True)
class Storage:
    """
    Pumped storage of the areas, arrays of shape (area,).

    Attributes
    ----------
    power_mw : ndarray
        Largest pumping and largest generation.
    energy_mwh : ndarray
        Usable content of the upper reservoirs, as generation.
    efficiency : float
        Generated over pumped energy.
    hurdle_jpy_per_kwh : float
        Least margin for which a kWh is generated, over the price of pumping it.
    """

    power_mw: Array
    energy_mwh: Array
    efficiency: float
    hurdle_jpy_per_kwh: float


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Result of one day.

    Attributes
    ----------
    generation_mw, pumping_mw : ndarray, shape (48, area)
        Of pumped storage.
    price_jpy_per_kwh : ndarray, shape (48, area)
        Shadow price of the balance: of the steps, virtual below the floor.
    flow_mw : ndarray, shape (48, line)
        Positive from the first to the second area of a line.
    cost_jpy : float
        System cost: sum of the steps at their mean prices and the storage hurdle.
    """

    generation_mw: Array
    pumping_mw: Array
    price_jpy_per_kwh: Array
    flow_mw: Array
    cost_jpy: float


class DayAhead:
    """
    The daily programme.

    Parameters
    ----------
    ends : ndarray of int, shape (line, 2)
        Areas that each line joins.
    storage : Storage
        Pumped storage of the areas.

    Raises
    ------
    SeriesError
        If HiGHS is not installed.
    """

    def __init__(self, ends: NDArray[np.int64], storage: Storage) -> None:
        try:
            import highspy

            from wattbit.silent_highs import SilentHighs
        except ImportError:
            raise SeriesError("generating a year needs HiGHS: pip install 'wattbit[generate]'") from None
        self._storage = storage
        self._n_areas, self._n_lines = len(storage.power_mw), len(ends)
        self._ramp_of_step = np.repeat(np.arange(len(RAMPS)), STEPS_OF_RAMP)
        self._place_in_ramp = np.concatenate([(np.arange(n) + 0.5) / n for n in STEPS_OF_RAMP])
        self._n_steps = len(self._ramp_of_step)
        self._optimal = highspy.HighsModelStatus.kOptimal
        self._highs = SilentHighs()
        self._highs.passModel(self._model(highspy, ends))

    def _model(self, highspy: Any, ends: NDArray[np.int64]) -> Any:
        """
        Structure of the matrix; costs and bounds come with each day.

        Columns of a half hour: supply steps (area, step), then per area generation, pumping and content, then flows.
        Rows of a half hour: balance per area, then content per area.
        """
        n, steps, lines = self._n_areas, self._n_steps, self._n_lines
        area = np.arange(n)
        width = n * steps + 3 * n + lines
        generation, pumping, content = (n * steps + k * n + area for k in range(3))
        flow = n * steps + 3 * n + np.arange(lines)
        entries = [
            (np.repeat(area, steps), np.arange(n * steps), 1.0),
            (area, generation, 1.0),
            (area, pumping, -1.0),
            (ends[:, 0], flow, -1.0),
            (ends[:, 1], flow, 1.0),
            (n + area, content, 1.0),
            (n + area, generation, HOURS),
            (n + area, pumping, -HOURS * self._storage.efficiency),
        ]
        row, column, value = [], [], []
        for t in range(STEPS_PER_DAY):
            for r, c, v in entries:
                row.append(r + 2 * n * t)
                column.append(c + width * t)
                value.append(np.full(len(c), v))
            if t > 0:
                row.append(n + area + 2 * n * t)
                column.append(content + width * (t - 1))
                value.append(np.full(n, -1.0))
        rows, columns, values = np.concatenate(row), np.concatenate(column), np.concatenate(value)
        order = np.lexsort((rows, columns))
        counts = np.bincount(columns, minlength=width * STEPS_PER_DAY)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = width * STEPS_PER_DAY, 2 * n * STEPS_PER_DAY
        lp.col_cost_ = np.zeros(lp.num_col_)
        lp.col_lower_, lp.col_upper_ = np.zeros(lp.num_col_), np.zeros(lp.num_col_)
        lp.row_lower_, lp.row_upper_ = np.zeros(lp.num_row_), np.zeros(lp.num_row_)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.concatenate(([0], np.cumsum(counts)))
        lp.a_matrix_.index_ = rows[order]
        lp.a_matrix_.value_ = values[order]
        return lp

    def solve(
        self, low: Array, high: Array, width_mw: Array, load_mw: Array, forward_mw: Array, back_mw: Array
    ) -> Plan:
        """
        Plan one day.

        Parameters
        ----------
        low, high, width_mw : ndarray, shape (48, area, ramp)
            Supply ramps; see :func:`~wattbit.series.generator.supply.curves`.
        load_mw : ndarray, shape (48, area)
            What supply, storage and exchange must meet.
        forward_mw, back_mw : ndarray, shape (48, line)
            Limits of the lines.

        Returns
        -------
        Plan

        Raises
        ------
        RuntimeError
            If HiGHS does not find an optimum.
        """
        n, store = self._n_areas, self._storage
        ramp = self._ramp_of_step
        cost = low[..., ramp] + (high - low)[..., ramp] * self._place_in_ramp
        room = width_mw[..., ramp] / np.array(STEPS_OF_RAMP)[ramp]
        half = np.broadcast_to(0.5 * store.energy_mwh, (STEPS_PER_DAY, n))
        nothing = np.zeros((STEPS_PER_DAY, n))
        power = np.broadcast_to(store.power_mw, (STEPS_PER_DAY, n))
        fullest = np.broadcast_to(store.energy_mwh, (STEPS_PER_DAY, n)).copy()
        emptiest = nothing.copy()
        fullest[-1] = emptiest[-1] = half[-1]  # the day ends as it began

        def joined(step: Array, generation: Array, pumping: Array, content: Array, flow: Array) -> Array:
            parts = (step.reshape(STEPS_PER_DAY, -1), generation, pumping, content, flow)
            return np.concatenate(parts, axis=1).ravel()

        hurdle = np.full((STEPS_PER_DAY, n), store.hurdle_jpy_per_kwh)
        no_flow = np.zeros_like(forward_mw)
        costs = joined(cost, hurdle, nothing, nothing, no_flow)
        lower = joined(np.zeros_like(room), nothing, nothing, emptiest, -back_mw)
        upper = joined(room, power, power, fullest, forward_mw)
        right = np.concatenate((load_mw, nothing), axis=1)
        right[0, n:] = half[0]
        right = right.ravel()
        columns = np.arange(len(costs), dtype=np.int32)
        rows = np.arange(len(right), dtype=np.int32)
        self._highs.changeColsCost(len(columns), columns, costs)
        self._highs.changeColsBounds(len(columns), columns, lower, upper)
        self._highs.changeRowsBounds(len(rows), rows, right, right)  # type: ignore[attr-defined]  # not in its stubs
        self._highs.run()
        if self._highs.getModelStatus() != self._optimal:
            status = self._highs.modelStatusToString(self._highs.getModelStatus())
            raise RuntimeError(f"day-ahead plan: HiGHS ends with {status!r}")
        solution = self._highs.getSolution()
        value = np.asarray(solution.col_value).reshape(STEPS_PER_DAY, -1)
        dual = np.asarray(solution.row_dual).reshape(STEPS_PER_DAY, -1)
        at = n * self._n_steps
        # MW times JPY/kWh over half an hour is 500 JPY.
        total = float(self._highs.getInfo().objective_function_value) * HOURS * 1000.0
        return Plan(value[:, at : at + n], value[:, at + n : at + 2 * n], dual[:, :n], value[:, at + 3 * n :], total)
