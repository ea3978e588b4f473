"""
The order in which the world calls reserve, as rows of a plan.

A call takes the battery to its end first, then the cars in proportion to their room, then puts off work
(``world.markets.activate_reserve``). The program only asks that all of them together could have been ordered higher. A
plan so lets work bear a call while the battery rests, which nobody can order. These rows keep a plan closer to what can
be ordered:

1.  A battery that is called for more than its power ends at least its power below its highest: with C called of at most
    D, ``room above >= P C / D``. Where less is called at most, ``room above >= C``.
2.  A battery that is called for more than it can give and take ends at its lowest power, which is its full power unless
    it runs empty: ``net power <= 2 P - 2 P C / D - P x (share of the energy that it began with)``.
3.  Work bears nothing: what is called fits above the battery and the cars.

The first two follow from what the world does, for every offer between nothing and D; the third does not, it keeps a
plan out of half hours in which battery and cars are at their lowest. Downward reserve mirrors the first two.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import Path
from wattbit_agents.baselines.lp.program import INF, Program, Structure
from wattbit_agents.baselines.lp.template import Template

Array = NDArray[np.float64]

LEAST_SHARE: Final = 1e-9
"""Smaller shares of an offer are not called."""


class _Rows:
    """Rows of the form ``coefficients x >= low``, collected one by one."""

    def __init__(self) -> None:
        self.row: list[int] = []
        self.column: list[int] = []
        self.value: list[float] = []
        self.low: list[float] = []

    def add(self, entries: list[tuple[int, float]], low: float) -> None:
        """Add a row of (column, coefficient)."""
        for column, value in entries:
            self.row.append(len(self.low))
            self.column.append(column)
            self.value.append(value)
        self.low.append(low)


def _first_in_line(rows: _Rows, template: Template, path: Path, hour: int, area: int, power_mw: float) -> None:
    """Rows 1 and 2 of one battery in one half hour, for upward and downward reserve."""
    columns = template.columns
    size, depth = columns.size, float(path.depth_mw[hour, area])
    low, high = path.storage_range_mwh[:, area]
    start = hour * size
    for offer, room, share, sign in (
        ("up", "store_above", path.up_share[hour, area], 1.0),
        ("down", "store_below", path.down_share[hour, area], -1.0),
    ):
        if share <= LEAST_SHARE or depth <= 0.0:
            continue
        most = float(share) * depth
        offers = [start + int(column) for column in columns[offer][:, area]]
        part = float(share) if most <= power_mw else power_mw / depth
        rows.add([(start + int(columns[room][area]), 1.0), *((column, -part) for column in offers)], 0.0)
        if most < 2.0 * power_mw or high - low < 1.2 * power_mw:
            continue
        # Of the energy at the start of the half hour, what the battery can still give (or take) as a share.
        slope = sign * power_mw / (high - low)
        entries = [
            (start + int(columns["store_in"][area]), -sign),
            (start + int(columns["store_out"][area]), sign),
            *((column, -2.0 * power_mw / depth) for column in offers),
        ]
        floor = -2.0 * power_mw - slope * (low if sign > 0.0 else high)
        if hour > 0:
            entries.append((start - size + int(columns["store"][area]), -slope))
        else:
            floor += slope * path.storage_start_mwh[area]
        rows.add(entries, floor)


def in_order(structure: Structure, path: Path, program: Program) -> Program:
    """
    Return a program whose plan keeps to the order of calls; with these rows it is no bound.

    Parameters
    ----------
    structure : Structure
    path : Path
    program : Program
        Of both, without rows behind its own.

    Returns
    -------
    Program
        With rows more, behind the others.
    """
    template, steps = structure.template, path.steps
    if not template.reserve or not (path.up_share.any() or path.down_share.any()):
        return program
    power = template.plant.site[:, s.SITE_STORAGE_MW] * path.power_up
    rows = _Rows()
    for hour, area in np.argwhere(power > 0.0):
        _first_in_line(rows, template, path, int(hour), int(area), float(power[hour, area]))
    matrix = _without_work(structure, program.matrix)
    upper = program.row_upper.copy()
    upper[: steps * template.rows.size].reshape(steps, -1)[:, template.rows.part["down"]] = 0.0
    count = len(rows.low)
    more = sp.csc_matrix((rows.value, (rows.row, rows.column)), shape=(count, matrix.shape[1]))
    return replace(
        program,
        matrix=sp.vstack([matrix, more], format="csc"),
        row_lower=np.append(program.row_lower, rows.low),
        row_upper=np.append(upper, np.full(count, INF)),
    )


def _without_work(structure: Structure, matrix: sp.csc_matrix) -> sp.csc_matrix:
    """Row 3: return the matrix without the work's room in the rows of what is called."""
    template, steps = structure.template, structure.steps
    row = matrix.indices
    column = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
    down, load = template.rows.part["down"], template.columns.part["load"]
    at, of = row % template.rows.size, column % template.columns.size
    hit = (row < steps * template.rows.size) & (column < steps * template.columns.size)
    hit &= (at >= down.start) & (at < down.stop) & (of >= load.start) & (of < load.stop)
    changed = matrix.copy()
    changed.data[hit] = 0.0
    return changed
