"""Warm starts: the basis of one plan, moved on by half an hour, as the start of the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np
from numpy.typing import NDArray

from wattbit_agents.baselines.lp.futures import Joint
from wattbit_agents.baselines.lp.path import Array
from wattbit_agents.baselines.lp.periods import Periods
from wattbit_agents.baselines.lp.program import Program, Structure
from wattbit_agents.baselines.lp.solve import Solution

Codes = NDArray[np.int8]

_LOWER, _BASIC, _UPPER, _FREE = range(4)

_STATUS: Final = np.array(
    [
        highspy.HighsBasisStatus.kLower,
        highspy.HighsBasisStatus.kBasic,
        highspy.HighsBasisStatus.kUpper,
        highspy.HighsBasisStatus.kZero,
    ],
    dtype=object,
)


@dataclass(frozen=True)
class Basis:
    """
    Basis of a plan.

    Attributes
    ----------
    columns, rows : ndarray of int8
        Code of the status of each column and row of the half hours.
    steps : int
        Half hours of the plan.
    """

    columns: Codes
    rows: Codes
    steps: int


Bases = tuple[Basis, ...]
"""Of the futures of a plan; none where there was no plan."""


def _codes(value: Array, lower: Array, upper: Array, basic: NDArray[np.int64]) -> Codes:
    """Status of columns or rows: basic, or at the nearer end."""
    code = np.where(value - lower <= upper - value, np.int8(_LOWER), np.int8(_UPPER))
    code[np.isneginf(lower) & np.isposinf(upper)] = _FREE
    code[basic] = _BASIC
    return code


def keep(
    solution: Solution,
    basic: NDArray[np.int64],
    program: Program,
    joint: Joint,
    steps: int,
    periods: Periods | None = None,
) -> Bases:
    """
    Return the bases of an optimal plan, one per future; the solver's list of statuses would take several times as long.

    Parameters
    ----------
    solution : Solution
    basic : ndarray of int, shape (rows,)
        Basic columns, and basic rows as -1 - row.
    program : Program
        That was solved.
    joint : Joint
        That made it of those of the futures.
    steps : int
        Half hours of the plan.
    periods : Periods, optional
        That those were made by; every half hour has the status of its period.
    """
    columns = _codes(solution.x, program.lower, program.upper, basic[basic >= 0])[joint.columns]
    rows = _codes(solution.activity, program.row_lower, program.row_upper, -1 - basic[basic < 0])[joint.rows]
    if periods is not None:
        columns, rows = columns[:, periods.column], rows[:, periods.row]
    return tuple(Basis(column, row, steps) for column, row in zip(columns, rows, strict=True))


def _moved(code: Codes, size: int, before: int, now: int, total: int, rest: int) -> Codes:
    """Status of one side after half an hour: the last half hour stands twice; what lies behind stays if it fits."""
    hours = code[: size * before].reshape(before, size)[np.minimum(np.arange(1, now + 1), before - 1)]
    behind = code[size * before :]
    if len(behind) != total - size * now:
        behind = np.full(total - size * now, rest, np.int8)
    return np.concatenate([hours.ravel(), behind])


def _of_periods(code: Codes, place: NDArray[np.int64], count: int) -> Codes:
    """Status of periods: that of the last half hour."""
    found = np.empty(count, np.int8)
    found[place] = code  # of several values the last one stays
    return found


def shifted(bases: Bases, structure: Structure, joint: Joint, periods: Periods | None = None) -> Any:
    """
    Return a basis for the plan that begins half an hour later.

    Parameters
    ----------
    bases : tuple of Basis
        Of the futures; the first one's status stands where they are one.
    structure : Structure
        Of the new plan; there may be fewer half hours than in the old one.
    joint : Joint
        That makes its program of those of the futures.
    periods : Periods, optional
        That those are made by.

    Returns
    -------
    highspy.HighsBasis
        Not quite a basis, as a rule: the solver completes it.
    """
    template, steps, shape = structure.template, structure.steps, structure.shape
    every = np.empty(joint.columns.max() + 1, np.int8), np.empty(joint.rows.max() + 1, np.int8)
    for future in reversed(range(len(bases))):
        basis = bases[future]
        columns = _moved(basis.columns, template.columns.size, basis.steps, steps, shape[1], _LOWER)
        rows = _moved(basis.rows, template.rows.size, basis.steps, steps, shape[0], _BASIC)
        if periods is not None:
            columns = _of_periods(columns, periods.column, periods.shape[1])
            rows = _of_periods(rows, periods.row, periods.shape[0])
        every[0][joint.columns[future]], every[1][joint.rows[future]] = columns, rows
    made = highspy.HighsBasis()
    made.col_status, made.row_status = (_STATUS[codes].tolist() for codes in every)
    made.alien = True
    made.valid = True
    return made
