"""
Random weeks of random worlds: ``python -m benchmarks.random_weeks [--weeks N] [--seed K] [--json PATH]``.

Worlds that nobody would write are run by actions that nobody would take, in both precisions. Every balance and bound of
:mod:`benchmarks.audit` is recomputed in every half hour; shown is the worst relative error of each, held to the bars of
conservation: 1e-6 in float64, 1e-4 in float32.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.audit import TOLERANCE, Errors, audit
from benchmarks.random_scenarios import scenarios
from benchmarks.record import play
from benchmarks.report import Bar, Figure, positive, run
from wattbit.config import ScenarioConfig
from wattbit.world.batch import Batch
from wattbit.world.build import Precision

WORLDS = 8
"""Worlds of a case: so many weeks, seeds and streams of actions."""


@dataclass(frozen=True)
class Case:
    """One random scenario, the precision it runs in, and the seed of weeks, draws and actions."""

    config: ScenarioConfig
    precision: Precision
    seed: int


def cases() -> st.SearchStrategy[Case]:
    """Random scenarios in both precisions."""
    return st.builds(Case, scenarios(), st.sampled_from(("float32", "float64")), st.integers(0, 2**31 - 1))


def random_actions(rng: np.random.Generator, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """
    Actions of a week, shape (steps, worlds, areas * 8).

    Three kinds in turn: anywhere in the Box, at its ends and its middle, and the same ends for hours or days: stores
    run empty and full, queues overflow.
    """
    corner = rng.choice([-1.0, 0.0, 1.0], shape)
    mixed = np.where(rng.random(shape) < 0.33, corner, rng.uniform(-1.0, 1.0, shape))
    last = np.where(rng.random(shape) < 0.02, np.arange(shape[0])[:, None, None], 0)
    held = np.take_along_axis(corner, np.maximum.accumulate(last, axis=0), axis=0)
    kind = np.arange(shape[1])[:, None] % 3
    return np.where(kind == 0, mixed, np.where(kind == 1, corner, held)).astype(np.float32)


def check(case: Case) -> Errors:
    """Play a case and return the worst error of every check."""
    rng = np.random.default_rng(case.seed)
    batch = Batch(case.config, WORLDS, precision=case.precision)
    for i in range(WORLDS):
        batch.reset(case.seed + i, int(rng.integers(batch.n_weeks)), i, i + 1)
    return audit(play(batch, random_actions(rng, (case.config.episode.steps, *batch.world.action.shape))))


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Worst errors over all weeks, by check and precision."""
    worst: dict[str, Errors] = {precision: Errors() for precision in TOLERANCE}
    weeks: Counter[str] = Counter()

    @seed(options.seed)
    @settings(
        max_examples=-(-options.weeks // WORLDS), deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(cases())
    def collect(case: Case) -> None:
        weeks[case.precision] += WORLDS
        for name, error in check(case).items():
            if error > TOLERANCE[case.precision] >= worst[case.precision].get(name, 0.0):
                print(f"{name}: {error:.2e} in {case}", file=sys.stderr)
            worst[case.precision][name] = max(error, worst[case.precision].get(name, 0.0))

    collect()
    for precision, errors in worst.items():
        yield Figure(f"{precision}: weeks", "weeks", (float(weeks[precision]),))
        for name, error in sorted(errors.items(), key=lambda item: -item[1]):
            yield Figure(f"{precision}: {name}", "relative", (error,), Bar("<=", TOLERANCE[precision]))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only this benchmark has."""
    parser.add_argument("--weeks", type=positive, default=200, help="random weeks, in cases of 8; default %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other weeks; default %(default)s")


def main(argv: Sequence[str] | None = None) -> int:
    """Play, audit and show."""
    return run(
        "random_weeks", "Balances and bounds in random weeks of random worlds", measure, add_arguments, argv=argv
    )


if __name__ == "__main__":
    sys.exit(main())
