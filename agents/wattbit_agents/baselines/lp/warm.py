"""Warm starts: the basis of one plan, moved on by half an hour, as the start of the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy

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


def keep(basis: Any, steps: int) -> Basis:
    """Return a solver's basis with the half hours that it belongs to."""
    return Basis(basis.col_status, basis.row_status, steps)


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
