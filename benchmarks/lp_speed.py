"""
Speed of the linear program: ``python -m benchmarks.lp_speed [--scenario NAME ...] [--check]``.

CPU time of one thread. A week is planned and bounded with perfect foresight; recording its path is shown beside it. A
planner plays consecutive half hours of a test week; its decision is shown whole and in parts: *build* (outlook and
coefficients), *update* (handing the program and the basis to HiGHS) and *solve*. The same half hours from a cold start
show what the shifted basis is worth.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from benchmarks.report import Bar, Figure, positive, run
from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit.vector import AggregatorVectorEnv
from wattbit_agents.baselines.lp.book import calibrated_scenarios
from wattbit_agents.baselines.lp.deadlines import solve_in_time
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.mpc import MPC
from wattbit_agents.baselines.lp.oracle import solve_path
from wattbit_agents.baselines.lp.planners import HORIZONS, PLANNERS, make_planner
from wattbit_agents.baselines.lp.program import Program, Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.solve import Solution, Solver
from wattbit_agents.baselines.lp.template import Template
from wattbit_agents.worlds import scoring_worlds, seasonal_weeks

PLANNER: Final = "mpc-dual"
"""Planner that is timed, with other horizons too."""

ORACLE_BARS_S: Final = {"japan3": 5.0, "japan9": 30.0}
STEP_BARS_MS: Final = {("japan3", 48): 60.0, ("japan9", 48): 200.0, ("japan9", 8): 20.0}
TAIL_BAR: Final = 2.0
"""95 % quantile of a decision over its median."""

FEWEST_STEPS: Final = 100
"""Consecutive half hours that the bars of a planner are for."""


class TimedSolver(Solver):
    """
    A solver that measures its parts, in CPU seconds since the last :meth:`taken`.

    Parameters
    ----------
    time_limit_s : float, optional
        Longest run.
    """

    def __init__(self, time_limit_s: float | None = None) -> None:
        super().__init__(time_limit_s)
        self.update_s = self.solve_s = 0.0
        self.iterations = 0
        self.shape: tuple[int, int, int] = (0, 0, 0)

    def pass_program(self, program: Program) -> None:
        """Hand over the program."""
        begun = time.process_time()
        super().pass_program(program)
        self.update_s += time.process_time() - begun
        self.shape = (*program.matrix.shape, program.matrix.nnz)

    def set_basis(self, basis: Any) -> None:
        """Hand over the basis."""
        begun = time.process_time()
        super().set_basis(basis)
        self.update_s += time.process_time() - begun

    def run(self) -> Solution:
        """Solve."""
        begun = time.process_time()
        solution = super().run()
        self.solve_s += time.process_time() - begun
        self.iterations += solution.iterations
        return solution

    def taken(self) -> tuple[float, float, int]:
        """Return update and solve in CPU seconds and the iterations, and begin again."""
        found = self.update_s, self.solve_s, self.iterations
        self.update_s = self.solve_s = 0.0
        self.iterations = 0
        return found


@dataclass(frozen=True)
class Steps:
    """Decisions of a planner in consecutive half hours: CPU ms each, simplex iterations, size of the program."""

    whole_ms: tuple[float, ...]
    build_ms: tuple[float, ...]
    update_ms: tuple[float, ...]
    solve_ms: tuple[float, ...]
    iterations: tuple[float, ...]
    shape: tuple[int, int, int]


def played(planner: MPC, env: AggregatorVectorEnv, week: int, steps: int) -> Steps:
    """Let a planner play half hours of a week, from its beginning."""
    solver = TimedSolver(planner.options.time_limit_s)
    planner.solver = solver
    observation, _ = env.reset(seed=[0], options={"week": [week]})
    state, rows = None, []
    for _ in range(steps):
        begun = time.process_time()
        action, state = planner.predict(observation, state)
        whole = time.process_time() - begun
        rows.append((whole, *solver.taken()))
        observation = env.step_arrays(action)[0]
    if planner.fallbacks:
        raise RuntimeError(f"{planner.name}: decisions of {steps} that had no plan: {planner.fallbacks}")
    whole_s, update_s, solve_s, iterations = np.array(rows).T
    return Steps(
        whole_ms=tuple(1e3 * whole_s),
        build_ms=tuple(1e3 * (whole_s - update_s - solve_s)),
        update_ms=tuple(1e3 * update_s),
        solve_ms=tuple(1e3 * solve_s),
        iterations=tuple(iterations),
        shape=solver.shape,
    )


@contextmanager
def empty_cache() -> Iterator[None]:
    """Let nothing be known from before; what has been loaded stays."""
    kept = os.environ.get("WATTBIT_CACHE_DIR")
    with tempfile.TemporaryDirectory(prefix="wattbit-speed-") as folder:
        os.environ["WATTBIT_CACHE_DIR"] = folder
        try:
            yield
        finally:
            os.environ.pop("WATTBIT_CACHE_DIR")
            if kept is not None:
                os.environ["WATTBIT_CACHE_DIR"] = kept


def oracle_figures(scenario: ScenarioConfig, weeks: Sequence[int]) -> Iterator[Figure]:
    """CPU time of planning weeks with perfect foresight."""
    name, spent = scenario.name, []
    for week in weeks:
        clock = [time.process_time()]
        plant, (path,) = record_paths(scenario, [week], [0])
        clock.append(time.process_time())
        with empty_cache():
            found = solve_path(plant, path)
            clock.append(time.process_time())
            bound_jpy = found.bound_jpy  # worked out when it is asked for
        clock.append(time.process_time())
        structure = Structure(Template(plant), path.steps, "planned")
        clock.append(time.process_time())
        program = fill(structure, path)
        clock.append(time.process_time())
        solver = TimedSolver()
        solve_in_time(structure, path, program, solver)
        spent.append((*np.diff(clock), solver.solve_s, solver.iterations, bound_jpy / 1e6))
    record_s, plan_s, bound_s, structure_s, fill_s, solve_s, iterations, bound_mjpy = np.array(spent).T
    bar = Bar("<=", ORACLE_BARS_S[name]) if name in ORACLE_BARS_S else None
    yield Figure(f"{name}: oracle week, plan and bound", "CPU-s", tuple(plan_s + bound_s), bar)
    yield Figure(f"{name}:   recording the path, beside it", "CPU-s", tuple(record_s))
    yield Figure(f"{name}:   bound", "CPU-s", tuple(bound_s))
    yield Figure(f"{name}:     its value", "M JPY", tuple(bound_mjpy))
    yield Figure(f"{name}:   plan", "CPU-s", tuple(plan_s))
    yield Figure(f"{name}:     of it structure", "CPU-s", tuple(structure_s))
    yield Figure(f"{name}:     of it coefficients", "CPU-s", tuple(fill_s))
    yield Figure(f"{name}:     of it in the solver", "CPU-s", tuple(solve_s))
    yield Figure(f"{name}:     simplex iterations", "iterations", tuple(iterations))
    yield from _sizes(f"{name}:   ", solver.shape)


def _sizes(label: str, shape: tuple[int, int, int]) -> Iterator[Figure]:
    for what, count in zip(("rows", "columns", "nonzeros"), shape, strict=True):
        yield Figure(f"{label}{what}", "", (float(count),))


def planner_of(env: AggregatorVectorEnv, horizon: int, warm_start: bool = True) -> MPC:
    """Return the timed planner with another horizon, or without its warm start."""
    options = replace(PLANNERS[PLANNER], horizon=horizon, warm_start=warm_start)
    if env.scenario.name not in calibrated_scenarios():
        # Where there are no worths of stocks the program is the same, with other numbers.
        options = replace(options, terminal="simulated")
    return make_planner(f"{PLANNER}, H={horizon}", env, options=options)


def planner_figures(scenario: ScenarioConfig, horizon: int, week: int, steps: int) -> Iterator[Figure]:
    """CPU time of the decisions of a planner."""
    env = AggregatorVectorEnv(1, scenario, split="test", info_level="none", forecast="full", assets="each")
    name = f"{scenario.name}, H={horizon}"
    warm = played(planner_of(env, horizon), env, week, steps)
    held = steps >= FEWEST_STEPS
    limit = STEP_BARS_MS.get((scenario.name, horizon))
    yield Figure(f"{name}: decision", "CPU-ms", warm.whole_ms, Bar("<=", limit) if held and limit else None)
    tail = float(np.quantile(warm.whole_ms, 0.95) / np.median(warm.whole_ms))
    yield Figure(f"{name}:   p95 over median", "", (tail,), Bar("<=", TAIL_BAR) if held and limit else None)
    yield Figure(f"{name}:   build", "CPU-ms", warm.build_ms)
    yield Figure(f"{name}:   update", "CPU-ms", warm.update_ms)
    yield Figure(f"{name}:   solve", "CPU-ms", warm.solve_ms)
    share = 100.0 * sum(warm.update_ms) / sum(warm.whole_ms)
    yield Figure(f"{name}:   update's share", "%", (share,))
    yield Figure(f"{name}:   simplex iterations", "iterations", warm.iterations)
    yield from _sizes(f"{name}:   ", warm.shape)
    cold = played(planner_of(env, horizon, warm_start=False), env, week, max(1, steps // 4))
    yield Figure(f"{name}: decision, cold start", "CPU-ms", cold.whole_ms)
    yield Figure(f"{name}:   simplex iterations", "iterations", cold.iterations)


def measure(options: argparse.Namespace) -> Iterator[Figure]:
    """Measure what the command line asks for."""
    for name in options.scenario:
        scenario = load_scenario(name)
        weeks = seasonal_weeks(scenario, options.weeks, "test")
        yield from oracle_figures(scenario, weeks)
        for horizon in options.horizon:
            yield from planner_figures(scenario, horizon, weeks[len(weeks) // 2], options.steps)


def world_hashes(options: argparse.Namespace) -> Mapping[str, str]:
    """Return the hash of scenario and laws of every scenario measured."""
    return {f"world {name}": scoring_worlds("Aggregator-v0", name, 1, "test").world_hash for name in options.scenario}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only this benchmark has."""
    parser.add_argument("--scenario", nargs="+", default=["japan3", "japan9"], help="scenarios (default: %(default)s)")
    parser.add_argument("--weeks", type=positive, default=3, help="weeks planned by the oracle (default: %(default)s)")
    parser.add_argument(
        "--horizon", type=int, choices=HORIZONS, nargs="+", default=[8, 48], help="half hours (default: %(default)s)"
    )
    parser.add_argument("--steps", type=positive, default=120, help="half hours played (default: %(default)s)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark as a command; returns the exit code."""
    return run("lp_speed", "CPU time of oracle and planner, one thread", measure, add_arguments, world_hashes, argv)


if __name__ == "__main__":
    sys.exit(main())
