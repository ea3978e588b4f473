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

Exactly, a battery that is called for C ends at ``max(lowest power, highest power - C)`` at most. That is no convex
limit, but each of its sides is one: :func:`around` keeps every battery on the side on which a plan has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

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


SLACK_MW: Final = 1e-7
"""By how much rows of :func:`around` give way, so that rounding leaves a way through them."""


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


def _calls(path: Path, hour: int, area: int) -> Iterator[tuple[str, float, float]]:
    """Offers of which a share is called in a half hour: the offer, 1 for upward and -1 for downward, the share."""
    for offer, sign, share in (("up", 1.0, path.up_share[hour, area]), ("down", -1.0, path.down_share[hour, area])):
        if share > LEAST_SHARE and path.depth_mw[hour, area] > 0.0:
            yield offer, sign, float(share)


def _is_called(template: Template, path: Path) -> bool:
    return template.reserve and bool(path.up_share.any() or path.down_share.any())


def _first_in_line(rows: _Rows, template: Template, path: Path, hour: int, area: int, power_mw: float) -> None:
    """Rows 1 and 2 of one battery in one half hour, for upward and downward reserve."""
    columns = template.columns
    size, depth = columns.size, float(path.depth_mw[hour, area])
    low, high = path.storage_range_mwh[:, area]
    start = hour * size
    for offer, sign, share in _calls(path, hour, area):
        room = "store_above" if offer == "up" else "store_below"
        most = share * depth
        offers = [start + int(column) for column in columns[offer][:, area]]
        part = share if most <= power_mw else power_mw / depth
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
    if not _is_called(template, path):
        return program
    power = template.plant.site[:, s.SITE_STORAGE_MW] * path.power_up
    rows = _Rows()
    for hour, area in np.argwhere(power > 0.0):
        _first_in_line(rows, template, path, int(hour), int(area), float(power[hour, area]))
    upper = program.row_upper.copy()
    upper[: steps * template.rows.size].reshape(steps, -1)[:, template.rows.part["down"]] = 0.0
    return _with(replace(program, row_upper=upper), _without_work(structure, program.matrix), rows)


def around(structure: Structure, path: Path, program: Program, plan: Array) -> Program:
    """
    Return a program whose batteries bear calls exactly as in the world, each on the side on which a plan has it.

    A battery that can give less than it is called for ends at its lowest power; any other is at least that much below
    its highest. Which of both it is, and whether it then runs empty, follows from carrying the plan out. Exact where
    batteries do not age (a bound lowers their lowest energy by what they may lose in a week) and what is offered can be
    delivered.

    Parameters
    ----------
    structure : Structure
    path : Path
    program : Program
        Of both, with those of :func:`in_order` or without.
    plan : ndarray, shape (columns,)
        A point of it.

    Returns
    -------
    Program
        With rows more, behind the others.
    """
    template = structure.template
    if not _is_called(template, path):
        return program
    columns, eta = template.columns, template.plant.value(s.STORAGE_EFFICIENCY)
    power = template.plant.site[:, s.SITE_STORAGE_MW] * path.power_up
    hours = plan[: path.steps * columns.size].reshape(path.steps, -1)
    rows, energy = _Rows(), path.storage_start_mwh.copy()
    for hour in range(path.steps):
        net = hours[hour, columns.part["store_in"]] - hours[hour, columns.part["store_out"]]
        for area in np.flatnonzero(power[hour] > 0.0):
            battery = _Battery(template, path, hour, int(area), float(energy[area]))
            net[area] = battery.carry_out(rows, hours[hour], float(net[area]))
        energy = energy + 0.5 * np.where(net > 0.0, net * eta, net / eta)
    return _with(program, program.matrix, rows)


class _Side(NamedTuple):
    """One of a battery's two ways: MW per MWh of room, where the room ends, 1 for charging and -1 for discharging."""

    mw_per_mwh: float
    end_mwh: float
    sign: float

    def by_energy_mw(self, energy_mwh: float) -> float:
        """Highest power for half an hour, were it not for that of the battery."""
        return self.mw_per_mwh * max(0.0, self.sign * (self.end_mwh - energy_mwh))


class _Battery:
    """One battery in one half hour, with the energy that it begins with where the plan is carried out."""

    def __init__(self, template: Template, path: Path, hour: int, area: int, energy_mwh: float) -> None:
        self.columns, self.path, self.hour, self.area = template.columns, path, hour, area
        self.power_mw = float(template.plant.site[area, s.SITE_STORAGE_MW] * path.power_up[hour, area])
        self.energy_mwh = energy_mwh
        eta, (low, high) = template.plant.value(s.STORAGE_EFFICIENCY), path.storage_range_mwh[:, area]
        self.charging, self.discharging = _Side(2.0 / eta, float(high), 1.0), _Side(2.0 * eta, float(low), -1.0)

    def _most_mw(self, side: _Side) -> float:
        return min(self.power_mw, side.by_energy_mw(self.energy_mwh))

    def carry_out(self, rows: _Rows, plan: Array, net_mw: float) -> float:
        """Return the net power that a plan of the half hour leads to; adds rows that hold it to this side of a call."""
        net_mw = min(max(net_mw, -self._most_mw(self.discharging)), self._most_mw(self.charging))
        for offer, sign, share in _calls(self.path, self.hour, self.area):
            # Called downward a battery is the mirror image of one that is called upward.
            above, below = (self.charging, self.discharging)[:: int(sign)]
            offers = self.columns[offer][:, self.area]
            called = share * float(plan[offers].sum())
            highest, lowest = self._most_mw(above), -self._most_mw(below)
            net_mw = sign * min(sign * net_mw, max(lowest, highest - called))
            if called <= highest - lowest:
                entries = [*self._net(-sign), *((self._at(column), -share) for column in offers)]
                rows.add(entries, -self.power_mw - SLACK_MW)
                self._by_energy(rows, entries, sign, above)
            elif below.by_energy_mw(self.energy_mwh) >= self.power_mw:
                rows.add(self._net(-sign), self.power_mw - SLACK_MW)
            else:
                self._by_energy(rows, self._net(-sign), sign, below)
        return net_mw

    def _at(self, column: int) -> int:
        return self.hour * self.columns.size + int(column)

    def _net(self, factor: float) -> list[tuple[int, float]]:
        """Net power times a factor."""
        into, out = (self._at(self.columns[name][self.area]) for name in ("store_in", "store_out"))
        return [(into, factor), (out, -factor)]

    def _by_energy(self, rows: _Rows, entries: list[tuple[int, float]], sign: float, side: _Side) -> None:
        """Add a row that holds net power to what the energy before, of the plan, allows on one side."""
        slope = sign * side.mw_per_mwh
        if self.hour == 0:
            rows.add(entries, slope * (self.energy_mwh - side.end_mwh) - SLACK_MW)
        else:
            before = self._at(self.columns["store"][self.area]) - self.columns.size
            rows.add([*entries, (before, -slope)], -slope * side.end_mwh - SLACK_MW)


def _with(program: Program, matrix: sp.csc_matrix, rows: _Rows) -> Program:
    """Return a program with another matrix, and rows more behind it."""
    count = len(rows.low)
    more = sp.csc_matrix((rows.value, (rows.row, rows.column)), shape=(count, matrix.shape[1]))
    return replace(
        program,
        matrix=sp.vstack([matrix, more], format="csc"),
        row_lower=np.append(program.row_lower, rows.low),
        row_upper=np.append(program.row_upper, np.full(count, INF)),
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
