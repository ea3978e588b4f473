"""HiGHS: one solver object, one program after another."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import highspy
import numpy as np
from numpy.typing import NDArray

from wattbit.silent_highs import SilentHighs
from wattbit_agents.baselines.lp.program import Program, Rows

Array = NDArray[np.float64]

FEASIBILITY: Final = 1e-7


START: Final[dict[str, tuple[str | float, str | float]]] = {
    "presolve": ("choose", "off"),
    "dual_simplex_cost_perturbation_multiplier": (1.0, 0.0),
}
"""
Options of HiGHS for solves from nothing, which are its defaults, and for those that begin from a basis.

Close to the optimum costs that are moved to break ties only lead away from it: without that, a plan of half an hour
later takes half the iterations.
"""

NO_SCALING: Final = 0
"""The program's numbers are of one size as they are: scaling them costs more than it saves."""

EQUILIBRATION: Final = 2
"""Scaling for a program that HiGHS does not decide without."""


class SolveError(RuntimeError):
    """A program was not solved to optimality; says what the solver ended with."""


class Solution:
    """
    An optimal plan; its vectors are only taken out of the solver's memory when somebody asks for them.

    Attributes
    ----------
    objective : float
        Cost with the constant, thousands of JPY.
    iterations : int
    """

    def __init__(self, objective: float, iterations: int, found: Any) -> None:
        self.objective, self.iterations, self._found = objective, iterations, found

    @cached_property
    def x(self) -> Array:
        """The plan, shape (columns,)."""
        return np.asarray(self._found.col_value)

    @cached_property
    def activity(self) -> Array:
        """Values of the rows, shape (rows,)."""
        return np.asarray(self._found.row_value)

    @cached_property
    def reduced(self) -> Array:
        """Reduced costs of columns, shape (columns,)."""
        return np.asarray(self._found.col_dual)

    @cached_property
    def dual(self) -> Array:
        """Duals of rows, shape (rows,)."""
        return np.asarray(self._found.row_dual)


class Solver:
    """
    A HiGHS object with one thread.

    Parameters
    ----------
    time_limit_s : float, optional
        Longest solve.
    method : {"simplex", "ipm"}
        Dual simplex by default.
    """

    def __init__(self, time_limit_s: float | None = None, method: str = "simplex") -> None:
        self._highs = SilentHighs()
        self._set("solver", method)
        self._set("primal_feasibility_tolerance", FEASIBILITY)
        self._set("dual_feasibility_tolerance", FEASIBILITY)
        self._set("simplex_scale_strategy", NO_SCALING)
        self._time_limit_s = time_limit_s

    def _set(self, option: str, value: Any) -> None:
        if self._highs.setOptionValue(option, value) != highspy.HighsStatus.kOk:
            raise SolveError(f"HiGHS refuses the option {option} = {value}")

    def pass_program(self, program: Program) -> None:
        """Replace the program; it is solved from nothing unless a basis is set."""
        for option, (cold, _) in START.items():
            self._set(option, cold)
        matrix = program.matrix
        rows, columns = matrix.shape
        # The call that takes arrays: a HighsLp would copy them number by number.
        status = self._highs.passModel(
            columns,
            rows,
            matrix.nnz,
            int(highspy.MatrixFormat.kColwise),
            int(highspy.ObjSense.kMinimize),
            program.constant,
            program.cost,
            program.lower,
            program.upper,
            program.row_lower,
            program.row_upper,
            matrix.indptr,
            matrix.indices,
            matrix.data,
            np.zeros(columns, np.int32),
        )
        if status == highspy.HighsStatus.kError:
            raise SolveError("HiGHS refuses the program")

    def basic(self) -> NDArray[np.int64]:
        """Return which columns are basic, and which rows as -1 - row, shape (rows,)."""
        status, found = self._highs.getBasicVariables()  # type: ignore[attr-defined]
        if status != highspy.HighsStatus.kOk:
            raise SolveError("HiGHS has no basis")
        return np.asarray(found, np.int64)

    def set_basis(self, basis: Any) -> None:
        """Begin from a basis, which HiGHS may repair."""
        for option, (_, warm) in START.items():
            self._set(option, warm)
        self._highs.setBasis(basis)

    def add_rows(self, rows: Rows) -> None:
        """Add rows to the program; the next run goes on from the last basis."""
        count = len(rows.lower)
        self._highs.addRows(
            count, rows.lower, np.full(count, highspy.kHighsInf), len(rows.value), rows.start, rows.index, rows.value
        )

    def run(self) -> Solution:
        """
        Solve.

        Raises
        ------
        SolveError
            If the plan is not optimal: infeasible, unbounded, or the time is up.
        """
        if self._time_limit_s is not None:
            # The solver's clock counts all its runs.
            self._set("time_limit", self._highs.getRunTime() + self._time_limit_s)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolveError(self._highs.modelStatusToString(status))
        info = self._highs.getInfo()
        return Solution(info.objective_function_value, info.simplex_iteration_count, self._highs.getSolution())


def solve(program: Program, time_limit_s: float | None = None) -> Solution:
    """Solve one program from nothing."""
    solver = Solver(time_limit_s)
    solver.pass_program(program)
    return solver.run()
