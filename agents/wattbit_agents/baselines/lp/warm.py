"""Warm starts: the basis of one plan, moved on by half an hour, as the start of the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np
from numpy.typing import NDArray

from wattbit_agents.baselines.lp.path import Array
from wattbit_agents.baselines.lp.periods import Ends
from wattbit_agents.baselines.lp.program import Program
from wattbit_agents.baselines.lp.solve import Solution
from wattbit_agents.baselines.lp.template import Template

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
        Code of the status of each column and row.
    ends : tuple of int
        Where the periods of the plan end, half hours from its beginning.
    """

    columns: Codes
    rows: Codes
    ends: Ends


def _codes(value: Array, lower: Array, upper: Array, basic: NDArray[np.int64]) -> Codes:
    """Status of columns or rows: basic, or at the nearer end."""
    code = np.where(value - lower <= upper - value, np.int8(_LOWER), np.int8(_UPPER))
    code[np.isneginf(lower) & np.isposinf(upper)] = _FREE
    code[basic] = _BASIC
    return code


def keep(solution: Solution, basic: NDArray[np.int64], program: Program, ends: Ends) -> Basis:
    """
    Return the basis of an optimal plan, which takes a solver's list of statuses several times as long to give.

    Parameters
    ----------
    solution : Solution
    basic : ndarray of int, shape (rows,)
        Basic columns, and basic rows as -1 - row.
    program : Program
        That was solved.
    ends : tuple of int
        Where its periods end.
    """
    return Basis(
        columns=_codes(solution.x, program.lower, program.upper, basic[basic >= 0]),
        rows=_codes(solution.activity, program.row_lower, program.row_upper, -1 - basic[basic < 0]),
        ends=ends,
    )


def _moved(code: Codes, size: int, before: Ends, now: Ends, total: int, rest: int) -> list[Any]:
    """
    Status of one side after half an hour.

    A period takes that of the one which had its last half hour, the newest that of the last one; what stands behind the
    half hours keeps its own if it fits.
    """
    table = code[: size * len(before)].reshape(-1, size)
    had = np.minimum(np.searchsorted(before, now, side="right"), len(before) - 1)
    behind = code[size * len(before) :]
    if len(behind) != total - size * len(now):
        behind = np.full(total - size * len(now), rest, np.int8)
    return _STATUS[np.concatenate([table[had].ravel(), behind])].tolist()  # type: ignore[no-any-return]


def shifted(basis: Basis, template: Template, ends: Ends, shape: tuple[int, int]) -> Any:
    """
    Return a basis for the plan that begins half an hour later.

    Parameters
    ----------
    basis : Basis
    template : Template
    ends : tuple of int
        Where the periods of the new plan end; there may be fewer than in the old one.
    shape : tuple of int
        Rows and columns of the new program.

    Returns
    -------
    highspy.HighsBasis
        Not quite a basis, as a rule: the solver completes it.
    """
    made = highspy.HighsBasis()
    made.col_status = _moved(basis.columns, template.columns.size, basis.ends, ends, shape[1], _LOWER)
    made.row_status = _moved(basis.rows, template.rows.size, basis.ends, ends, shape[0], _BASIC)
    made.alien = True
    made.valid = True
    return made
