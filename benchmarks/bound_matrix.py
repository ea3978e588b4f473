"""
No policy beats the bound: ``python -m benchmarks.bound_matrix [--seeds N] [--scenarios NAME ...] [--check]``.

Every scenario is played for two days with every seed by rules, planners, a network that PPO trained, the oracle's own
plan and dispatches drawn without sense. Each trajectory must be a point of the program of its days, row by row, that
costs no more there than in the world, term by term; and no J may lie below the bound. Weeks that were done are kept
under a hash of world and program: a run that is interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import bound_cases, bound_learner, bound_wear
from benchmarks.bound_cases import EDGES, ORACLE, POLICIES, TRAINED, judge, scenario_of
from benchmarks.ladder.journal import Journal
from benchmarks.report import Bar, Figure, positive, run
from wattbit import physics
from wattbit.scenarios.load import nearest, scenario_names
from wattbit.series.cache import cache_root
from wattbit.world.batch import Batch
from wattbit_agents import baselines

TOLERANCE: Final = 1e-6
"""Largest violation, relative to the size of a row, a bound or the week's turnover."""

EDGE_SHARE: Final = 4
"""Edges, which are variants of one scenario, get one in so many of the seeds."""


def policies_of(name: str) -> tuple[str, ...]:
    """Return who plays a scenario; in the default one the tuned rule and a planner with learnt worths do too."""
    own = ("tuned", "mpc-dual-8") if name == "japan3" else ("mpc-8",)
    return (*POLICIES, ORACLE, TRAINED, *own)


def source_digest() -> str:
    """Hash of the text of the program, of the laws that it evaluates, of who plays, and of this proof."""
    folders = [Path(str(package.__file__)).parent for package in (baselines, physics)]
    files = [file for folder in folders for kind in ("py", "yaml") for file in sorted(folder.rglob(f"*.{kind}"))]
    files += [Path(module.__file__) for module in (bound_cases, bound_wear, bound_learner)]
    text = b"".join(path.read_bytes() for path in files)
    return hashlib.sha256(text).hexdigest()[:12]


def verdicts(name: str, seed: int, journal: Journal) -> list[dict[str, Any]]:
    """Return what the proof says of one week of one scenario, from the journal where it was done before."""
    policies = policies_of(name)
    key = (source_digest(), Batch(scenario_of(name)).hash, name, seed, list(policies))
    known = journal.get(key)
    if known is None:
        rows = []
        for verdict in judge(name, seed, policies):
            sizes = verdict.broken | {f"term {term}": size for term, size in verdict.dearer.items()}
            where = max(sizes, key=lambda part: sizes[part])
            row = {"policy": verdict.policy, "worst": sizes[where], "where": where, "margin": verdict.margin}
            rows.append(row)
        known = {"rows": rows}
        journal.add(key, known)
    return list(known["rows"])


def figures_of(name: str, rows: Sequence[Mapping[str, Any]]) -> Iterable[Figure]:
    """Largest violation and smallest margin of a scenario, with the policies that they come from."""
    worst = max(rows, key=lambda row: row["worst"])
    place = f" ({worst['policy']}, {worst['where']})" if worst["worst"] > 0.0 else ""
    yield Figure(f"{name}: largest violation{place}", "relative", (worst["worst"],), Bar("<=", TOLERANCE))
    closest = min(rows, key=lambda row: row["margin"])
    yield Figure(f"{name}: smallest margin ({closest['policy']})", "%", (100.0 * closest["margin"],), Bar(">=", 0.0))
    rules = [row for row in rows if row["policy"] != ORACLE]
    closest = min(rules, key=lambda row: row["margin"])
    yield Figure(f"{name}: smallest margin of a policy ({closest['policy']})", "%", (100.0 * closest["margin"],))


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Two or three figures per scenario; progress goes to standard error, week by week."""
    journal = Journal(cache_root() / "bound_matrix" / "verdicts.jsonl")
    for name in options.scenarios:
        if name not in EDGES:
            scenario_of(name)
    for name in options.scenarios:
        count = max(1, options.seeds // EDGE_SHARE) if name in EDGES else options.seeds
        rows: list[dict[str, Any]] = []
        for seed in range(count):
            rows += verdicts(name, seed, journal)
            worst, margin = max(row["worst"] for row in rows), min(row["margin"] for row in rows)
            print(f"{name}, {seed + 1} of {count}: {worst:.1e}, {100.0 * margin:.2f} %", file=sys.stderr, flush=True)
        yield from figures_of(f"{name}, {count} seeds x {len(policies_of(name))}", rows)


def known_name(text: str) -> str:
    """Return the name of a scenario or an edge, for argparse."""
    names = [*scenario_names(), *EDGES]
    if text not in names:
        raise argparse.ArgumentTypeError(f"unknown scenario {text!r}{nearest(text, names)}")
    return text


def default_names() -> list[str]:
    """All scenarios, the real year where its files are, and all edges."""
    real = "WATTBIT_DATA" in os.environ
    return [*(name for name in scenario_names() if real or name != "japan3-fy2024"), *EDGES]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=positive, default=20, help="weeks per scenario; default %(default)s")
    parser.add_argument(
        "--scenarios", type=known_name, nargs="+", default=default_names(), metavar="NAME", help="default: all"
    )


def _context(options: argparse.Namespace) -> Mapping[str, str]:
    return {"program": source_digest()}


def main(argv: Sequence[str] | None = None) -> int:
    """Prove and show."""
    return run("bound_matrix", "Trajectories against the program of their days", measure, _options, _context, argv)


if __name__ == "__main__":
    sys.exit(main())
