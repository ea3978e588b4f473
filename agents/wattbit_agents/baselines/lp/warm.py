"""Warm starts: the basis of one plan, moved on by half an hour, as the start of the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np
from numpy.typing import NDArray

from wattbit_agents.baselines.lp.path import Array
from wattbit_agents.baselines.lp.program import Program
from wattbit_agents.baselines.lp.solve import Solution
from wattbit_agents.baselines.lp.template import Template


@dataclass(frozen=True)
class Basis:
    """
    Basis of a plan.

    Attributes
    ----------
    columns, rows : list
        Status of each column and row.
    steps : int
        Half hours of the program it belongs to.
    """

    columns: list[Any]
    rows: list[Any]
    steps: int


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


def _status(value: Array, lower: Array, upper: Array, basic: NDArray[np.int64]) -> list[Any]:
    """Status of columns or rows: basic, or at the nearer end."""
    code = np.where(value - lower <= upper - value, _LOWER, _UPPER)
    code[np.isneginf(lower) & np.isposinf(upper)] = _FREE
    code[basic] = _BASIC
    return _STATUS[code].tolist()  # type: ignore[no-any-return]


def keep(solution: Solution, basic: NDArray[np.int64], program: Program, steps: int) -> Basis:
    """
    Return the basis of an optimal plan, which takes a solver's list of statuses several times as long to give.

    Parameters
    ----------
    solution : Solution
    basic : ndarray of int, shape (rows,)
        Basic columns, and basic rows as -1 - row.
    program : Program
        That was solved.
    steps : int
        Its half hours.
    """
    return Basis(
        columns=_status(solution.x, program.lower, program.upper, basic[basic >= 0]),
        rows=_status(solution.activity, program.row_lower, program.row_upper, -1 - basic[basic < 0]),
        steps=steps,
    )


def _moved(status: list[Any], size: int, before: int, now: int, total: int, rest: Any) -> list[Any]:
    """Status of one side after half an hour: the last half hour stands twice; what lies behind stays if it fits."""
    hours = status[size : size * before]
    while len(hours) < size * now:
        hours = hours + (hours if len(hours) >= size else status[:size])[-size:]
    hours = hours[: size * now]
    behind = status[size * before :]
    wanted = total - size * now
    return hours + (behind if len(behind) == wanted else [rest] * wanted)


def shifted(basis: Basis, template: Template, steps: int, shape: tuple[int, int]) -> Any:
    """
    Return a basis for the plan that begins half an hour later.

    Parameters
    ----------
    basis : Basis
    template : Template
    steps : int
        Half hours of the new program; there may be fewer than in the old one.
    shape : tuple of int
        Its rows and columns.

    Returns
    -------
    highspy.HighsBasis
        Not quite a basis, as a rule: the solver completes it.
    """
    status = highspy.HighsBasisStatus
    made = highspy.HighsBasis()
    made.col_status = _moved(basis.columns, template.columns.size, basis.steps, steps, shape[1], status.kLower)
    made.row_status = _moved(basis.rows, template.rows.size, basis.steps, steps, shape[0], status.kBasic)
    made.alien = True
    made.valid = True
    return made
