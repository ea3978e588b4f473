"""
Deadlines of queued work: limits on what may wait over a window of time, added where a plan breaks them.

A queue holds work of several deadlines, and the world runs the earliest due first. That no more waits than is not yet
due is not enough then: work served ahead of its time could stand in for work that comes later and is due sooner. Work
is done in time if and only if it is in every window: what waits at the end of one is at most what waited before it and
what came within it and is not due yet. There are too many windows to write down; a few hundred matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit_agents.baselines.lp.path import Path
from wattbit_agents.baselines.lp.program import Program, Rows, Structure
from wattbit_agents.baselines.lp.solve import Solution, SolveError, Solver

Array = NDArray[np.float64]

SMALL_MWH: Final = 1e-6
"""Work that no window is added for."""

ROUNDS: Final = 60
"""Most times that windows are added to one program; a week takes about five."""


def window_room_mwh(arrived_mwh: Array, due: tuple[int, ...]) -> Array:
    """
    Return the work that comes within a window and is not due at its end, shape (first, last).

    Parameters
    ----------
    arrived_mwh : ndarray, shape (step,)
        Work that joins before each half hour, in equal parts of every class of deadline.
    due : tuple of int
        Half hours from arrival to the last one in which it may run.
    """
    steps = len(arrived_mwh)
    until = np.concatenate([[0.0], np.cumsum(arrived_mwh)])
    first, last = np.arange(steps)[:, None], np.arange(steps)[None, :]
    room = np.zeros((steps, steps))
    for later in due:
        room += until[last + 1] - until[np.minimum(last + 1, np.maximum(first, last - later + 1).clip(0))]
    return room / len(due)


def _queues(structure: Structure, path: Path, point: Array) -> Iterator[tuple[NDArray[np.int64], Array, Array]]:
    """Columns of what is left, its excess over every window and the windows' rooms, for every queue."""
    template, steps = structure.template, path.steps
    for work, due in path.due.items():
        arrived = getattr(path, f"{work}_mwh")
        for area, position in enumerate(template.columns[f"{work}_left"]):
            columns = np.arange(steps) * template.columns.size + position
            left = point[columns]
            room = window_room_mwh(arrived[:, area], due)
            excess = left[None, :] - np.concatenate([[0.0], left[:-1]])[:, None] - room
            # The window from the first half hour on is a bound of the program.
            excess[np.tril_indices(steps, -1)] = excess[0] = -np.inf
            yield columns, excess, room


def largest_excess_mwh(structure: Structure, path: Path, point: Array) -> float:
    """Return by how much more work than possible waits at a point, over all windows; 0 where none is broken."""
    return max([0.0, *(float(excess.max()) for _, excess, _ in _queues(structure, path, point))])


def deadline_rows(structure: Structure, path: Path, point: Array) -> Rows:
    """Return the window that a point breaks most, for every queue and every beginning and end that has any."""
    last, before, rooms = [], [], []
    for columns, excess, room in _queues(structure, path, point):
        every = np.arange(path.steps)
        most = np.zeros(excess.shape, np.bool_)
        most[excess.argmax(axis=0), every] = most[every, excess.argmax(axis=1)] = True
        first, end = np.nonzero(most & (excess > SMALL_MWH))
        last.append(columns[end])
        before.append(columns[first - 1])
        rooms.append(room[first, end])
    index = np.stack([np.concatenate(last), np.concatenate(before)], axis=1).astype(np.int32)
    return Rows(
        start=np.arange(0, index.size, 2, dtype=np.int32),
        index=index.ravel(),
        value=np.tile([-1.0, 1.0], len(index)),
        lower=-np.concatenate(rooms),
    )


def solve_in_time(structure: Structure, path: Path, program: Program, solver: Solver | None = None) -> Solution:
    """
    Solve a program so that all work of the plan can be done by its deadline.

    Parameters
    ----------
    structure : Structure
    path : Path
    program : Program
        Of both.
    solver : Solver, optional
        Keeps the rows that were added.

    Returns
    -------
    Solution
        Its `dual` has an entry more for every row added, behind those of the program.

    Raises
    ------
    SolveError
        If there is no optimal plan.
    """
    solver = Solver() if solver is None else solver
    solver.pass_program(program)
    solution = solver.run()
    for _ in range(ROUNDS):
        rows = deadline_rows(structure, path, solution.x)
        if not len(rows.lower):
            return solution
        solver.add_rows(rows)
        solution = solver.run()
    raise SolveError(f"work past its deadline after {ROUNDS} rounds")
