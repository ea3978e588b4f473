"""
The bound of who cannot know the imbalance: ``python -m benchmarks.martingale [--scenario NAME] [--weeks N] [--check]``.

The oracle pays for what it knows of the settlement delta before anybody can
(:mod:`wattbit_agents.baselines.bound.martingale`). Policies play the same weeks; what the penalties are for them is
known, too, and is nothing on the mean. How far a policy lies above the bound is its cost and its penalty less the
bound, week by week. Every week is kept as it is done: stop with Ctrl-C, run again, and it goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.ladder.bound import play_exactly
from benchmarks.ladder.course import code_of, policy_of, worlds_of
from benchmarks.ladder.journal import Journal
from benchmarks.ladder.score import Estimate, mean_difference, ratio, scale_is_enough, sign_flip_p
from benchmarks.ladder.table import aligned
from benchmarks.ladder.work import BOUND
from benchmarks.report import Bar, Figure, machine, positive, result_file
from benchmarks.report import table as figures_table
from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit.series.cache import cache_root
from wattbit.series.generator import uncertainty
from wattbit_agents.baselines.bound.martingale import Weights, penalty_kjpy, surprises
from wattbit_agents.baselines.lp.embed import embed
from wattbit_agents.baselines.lp.oracle import solve_path
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.template import KILO, Template
from wattbit_agents.cli.exits import exit_code
from wattbit_agents.errors import ConfigError
from wattbit_agents.files import versions, write_json
from wattbit_agents.worlds import seasonal_weeks

Array = NDArray[np.float64]

PARTS: Final = tuple(asdict(Weights()))
SEED: Final = 0
ROUNDING: Final = 1e-6
"""A cost is below a bound by more than this share of it: what is less is rounding."""

LEAST_P: Final = 0.001
"""The mean penalty of a policy is nothing; a test that says otherwise must be wrong less often than this."""

_M: Final = 1e-6


@dataclass(frozen=True)
class Played:
    """Costs and penalties of one policy, shape (week,), JPY."""

    cost: Array
    penalty: Array


@dataclass(frozen=True)
class Weeks:
    """Weeks of a split of a scenario, and where their results are kept."""

    config: ScenarioConfig
    split: str
    weeks: tuple[int, ...]
    journal: Journal

    def played(self, name: str, week: int) -> dict[str, float]:
        """Return a policy's cost, and every penalty of it at a weight of 1."""
        return self._kept(("play", name, week), _code(name), lambda: self._play(name, week))

    def bounds(self, week: int, weights: Weights) -> dict[str, float]:
        """Return the bound without penalties and the one with them."""
        return self._kept(("bound", asdict(weights), week), _code(BOUND), lambda: self._bound(week, weights))

    def _kept(self, what: tuple[Any, ...], code: str, make: Callable[[], dict[str, float]]) -> dict[str, float]:
        """Return a result, made where it is not known."""
        env = worlds_of(self.config, "tuned", "float64", split=self.split)
        key = (*what, self.split, env.world_hash, env.batch.constants.series_hash, code)
        found = self.journal.get(key)
        if found is None:
            found = make()
            self.journal.add(key, found)
        return found

    def _play(self, name: str, week: int) -> dict[str, float]:
        played = play_exactly(self.config, name, week, SEED, split=self.split)
        plant, path = played.plant, played.path
        point = embed(Structure(Template(plant), path.steps), path, played.trajectory)
        known = surprises(self.config, week, self.split, plant, path)
        found = {"cost_jpy": played.trajectory.cost_jpy}
        for part in PARTS:
            costs = penalty_kjpy(plant, path, known, Weights(**(dict.fromkeys(PARTS, 0.0) | {part: 1.0})))
            found[part] = float(costs @ point[: len(costs)]) / KILO
        return found

    def _bound(self, week: int, weights: Weights) -> dict[str, float]:
        plant, (path,) = record_paths(self.config, [week], [SEED], self.split)
        known = surprises(self.config, week, self.split, plant, path)
        paying = solve_path(plant, path, penalty_kjpy(plant, path, known, weights))
        return {"bound_jpy": solve_path(plant, path).bound_jpy, "paying_jpy": paying.bound_jpy}


def _code(name: str) -> str:
    law = [Path(str(module)).read_bytes() for module in (__file__, uncertainty.__file__)]
    return hashlib.sha256(b"".join([code_of(name).encode(), code_of(BOUND).encode(), *law])).hexdigest()[:16]


def carry_out(course: Weeks, names: Sequence[str], weights: Weights) -> tuple[dict[str, Played], Array, Array]:
    """Return what every policy paid, the bounds without penalties and those with them."""
    parts, rows = asdict(weights), []
    bounds = []
    for count, week in enumerate(course.weeks, 1):
        bounds.append(course.bounds(week, weights))
        rows.append([course.played(name, week) for name in names])
        print(f"{course.config.name}: {count} of {len(course.weeks)} weeks", file=sys.stderr, flush=True)
    played = {
        name: Played(
            np.array([row[k]["cost_jpy"] for row in rows]),
            np.array([sum(parts[part] * row[k][part] for part in PARTS) for row in rows]),
        )
        for k, name in enumerate(names)
    }
    return played, *(np.array([bound[kind] for bound in bounds]) for kind in ("bound_jpy", "paying_jpy"))


def rows_of(played: Mapping[str, Played], bound: Array, paying: Array) -> list[dict[str, Any]]:
    """Return the table's rows; the first policy is the one that shares are counted from."""
    years = [0] * len(bound)
    reference = next(iter(played.values()))
    enough = scale_is_enough(reference.cost + reference.penalty, paying) and scale_is_enough(reference.cost, bound)
    fair_scale = reference.cost + reference.penalty - paying
    rows = []
    for name, policy in played.items():
        above, fairly = policy.cost - bound, policy.cost + policy.penalty - paying
        gain = reference.cost - policy.cost
        fair_gain = gain + reference.penalty - policy.penalty
        rows.append({
            "policy": name,
            "mean_jpy": float(policy.cost.mean()),
            "penalty_jpy": mean_difference(policy.penalty, np.zeros_like(bound), years),
            "above_jpy": mean_difference(above, np.zeros_like(bound), years),
            "above_paying_jpy": mean_difference(fairly, np.zeros_like(bound), years),
            "captured": ratio(gain, reference.cost - bound, years) if enough else None,
            "captured_paying": ratio(fair_gain, fair_scale, years) if enough else None,
        })  # fmt: skip
    return rows


def as_text(course: Weeks, rows: Sequence[Mapping[str, Any]], rises: Mapping[str, Estimate]) -> str:
    """Return the table."""

    def shown(value: Estimate | None, scale: float, form: str) -> str:
        if value is None:
            return ""
        return f"{value.value * scale:{form}} ({value.low * scale:{form}} .. {value.high * scale:{form}})"

    lines = [
        ["policy", "J", "penalty", "above the bound", "above it with penalties", "captured, %", "with penalties, %"]
    ]
    for row in rows:
        yen = [shown(row[key], _M, ".1f") for key in ("penalty_jpy", "above_jpy", "above_paying_jpy")]
        shares = [shown(row[key], 100.0, ".1f") for key in ("captured", "captured_paying")]
        lines.append([row["policy"], f"{row['mean_jpy'] * _M:.1f}", *yen, *shares])
    told = "\n".join(f"Penalties raise the bound {how} by {shown(rise, _M, '.1f')}." for how, rise in rises.items())
    title = f"{course.config.name}: {len(course.weeks)} {course.split} weeks, M JPY a week, 95 % by week"
    return f"{title}\n\n{aligned(lines)}\n\n{told}"


def checks(played: Mapping[str, Played], bound: Array, paying: Array) -> list[Figure]:
    """Return what is held to a bar."""
    figures = []
    for name, policy in played.items():
        below = (policy.cost < bound - ROUNDING * np.abs(bound)).sum()
        below += (policy.cost + policy.penalty < paying - ROUNDING * np.abs(paying)).sum()
        figures.append(Figure(f"{name}: weeks below a bound", "weeks", (float(below),), Bar("<=", 0.0)))
        label = f"{name}: p value of a mean penalty of 0"
        figures.append(Figure(label, "", (sign_flip_p(policy.penalty),), Bar(">=", LEAST_P)))
    return figures


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.martingale", description="Who knows the imbalance pays"
    )
    options.add_argument("--scenario", default="japan3", help="name or YAML file; default %(default)s")
    options.add_argument("--weeks", type=positive, default=24, help="spread over the split; default %(default)s")
    options.add_argument(
        "--split",
        choices=("train", "validation", "test"),
        default="test",
        help="default %(default)s; others than test only to choose weights, since policies were fitted on them",
    )
    options.add_argument("--policies", default="tuned,mpc-dual", metavar="A,B", help="default %(default)s")
    options.add_argument("--weights", type=float, nargs=len(PARTS), metavar=tuple(part.upper() for part in PARTS))
    options.add_argument("--json", type=result_file, metavar="FILE", help="write everything to this file")
    options.add_argument("--check", action="store_true", help="exit 1 when a bar is missed")
    return options


@exit_code("stopped; what is done is kept, the same command goes on")
def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command.

    Returns
    -------
    int
        0; 1 when ``--check`` was given and a bar is missed; 2 for a mistake in the input; 130 when interrupted.
    """
    options = parser().parse_args(argv)
    weights = Weights(*options.weights) if options.weights else Weights()
    if not np.isfinite(list(asdict(weights).values())).all():
        raise ConfigError(f"--weights: are {options.weights}, must be finite numbers")
    config = load_scenario(options.scenario)
    names = [name.strip() for name in options.policies.split(",") if name.strip()]
    if not names:
        raise ConfigError(f"--policies: {options.policies!r} names no policy")
    if options.weeks < 2:
        raise ConfigError(f"--weeks: is {options.weeks}, must be at least 2 for an interval")
    plant, (path,) = record_paths(config, [0], [SEED], options.split)
    surprises(config, 0, options.split, plant, path)  # a world that has no such bound is refused at once
    weeks = seasonal_weeks(config, options.weeks, options.split)
    for name in names:
        policy_of(name, worlds_of(config, name, "float64", split=options.split), SEED)
    journal = Journal(cache_root() / "martingale" / f"{config.name}.jsonl".replace("/", "_"))
    course = Weeks(config, options.split, tuple(weeks), journal)
    played, bound, paying = carry_out(course, names, weights)
    rows, found = rows_of(played, bound, paying), checks(played, bound, paying)
    # What the penalties were for a policy says how lucky the weeks are; on the mean it is nothing.
    first, years = next(iter(played)), [0] * len(bound)
    rises = {
        "in these weeks": mean_difference(paying, bound, years),
        f"beyond what {first} paid in them, which is nothing on the mean,": mean_difference(
            paying - played[first].penalty, bound, years
        ),
    }
    print(f"{as_text(course, rows, rises)}\n\n{figures_table(found)}")
    if options.json is not None:
        results = {name: {"cost_jpy": list(p.cost), "penalty_jpy": list(p.penalty)} for name, p in played.items()}
        write_json(options.json, {
            "benchmark": "martingale",
            "machine": machine(),
            "versions": versions(),
            "scenario": config.name,
            "split": options.split,
            "weeks": weeks,
            "weights": asdict(weights),
            "code": {name: code_of(name) for name in (BOUND, *names)},
            "rise_jpy": dict(zip(("in_these_weeks", f"beyond_{first}"), map(asdict, rises.values()), strict=True)),
            "rows": [{k: asdict(v) if isinstance(v, Estimate) else v for k, v in row.items()} for row in rows],
            "results": results | {"bound_jpy": list(bound), "paying_jpy": list(paying)},
            "checks": [figure.as_dict() for figure in found],
        })  # fmt: skip
    return 1 if options.check and any(figure.missed for figure in found) else 0


if __name__ == "__main__":
    sys.exit(main())
