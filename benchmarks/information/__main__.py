"""
What knowledge is worth to a planner: ``python -m benchmarks.information [--scenario NAME] [--weeks N]``.

Test weeks are played with the planner as it is and with planners that are told the truth about one group of series, or
about all; beside them stand the oracle's plan, the plan carried out, and the bound. Gains are paired by week, with 95 %
bootstrap intervals. What perfect knowledge does not close is the planner's own: the rest of the table says through
what. Every week is kept as it is done: stop with Ctrl-C, run again, and it goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.information.follow import followed
from benchmarks.information.play import VARIANTS, perfect, played
from benchmarks.information.truth import GROUPS, Truth, record_truth
from benchmarks.ladder.course import SPLIT, Course, code_of, make_course
from benchmarks.ladder.journal import Journal
from benchmarks.ladder.score import Estimate, mean_difference, ratio
from benchmarks.ladder.table import aligned
from benchmarks.ladder.work import BOUND
from benchmarks.report import machine, positive, result_file
from wattbit.series.cache import cache_root
from wattbit_agents.baselines.lp.planners import PLANNERS
from wattbit_agents.cli.exits import exit_code
from wattbit_agents.errors import ConfigError, did_you_mean
from wattbit_agents.files import versions, write_json

ORACLE: Final = "oracle"
FOLLOWED: Final = "followed"
_PERFECT: Final = (ORACLE, FOLLOWED)
_M: Final = 1e-6

Results = Mapping[str, Sequence[Mapping[str, Any]]]


def _code(policy: str) -> str:
    sources = [file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))]
    codes = [code_of(name).encode() for name in (policy, BOUND)]
    return hashlib.sha256(b"".join([*codes, *sources])).hexdigest()[:16]


def carry_out(course: Course, policy: str, names: Sequence[str], journal: Journal) -> dict[str, list[dict[str, Any]]]:
    """Return the results of all weeks by variant, of the oracle and its follower; those known are not made again."""
    code, found = _code(policy), {name: [] for name in [*names, ORACLE, FOLLOWED]}
    for seed, week in course.pairs:
        truth: Truth | None = None
        for name, results in found.items():
            key = ("information", policy, name, seed, week, course.world_hash, course.series_hash, code)
            if journal.get(key) is None:
                truth = truth or record_truth(course.scenario, week, seed, SPLIT, course.data_root)
                if name == ORACLE:
                    result = perfect(course.scenario, truth, week, seed, course.data_root)
                elif name == FOLLOWED:
                    result = followed(course.scenario, policy, truth, week, seed, course.data_root)
                else:
                    (variant,) = (v for v in VARIANTS if v.name == name)
                    result = played(course.scenario, policy, variant, truth, week, seed, course.data_root)
                journal.add(key, result)
            kept = journal.get(key)
            assert kept is not None
            results.append(kept)
        print(f"{course.scenario.name}: week {week}, seed {seed} done", file=sys.stderr, flush=True)
    return found


def _by_week(course: Course, results: Sequence[Mapping[str, Any]], name: str) -> np.ndarray:
    return np.array([result[name] for result in results]).reshape(len(course.seeds), -1).mean(axis=0)


def rows_of(course: Course, results: Results) -> list[dict[str, Any]]:
    """
    Return the table's rows: J, gain over the planner as it is, and share of the gap to the oracle's plan.

    The first result is the planner as it is.
    """
    costs = {name: _by_week(course, results[name], "cost_jpy") for name in results if name not in _PERFECT}
    costs |= {
        "oracle's plan, through the Box": _by_week(course, results[ORACLE], "box_jpy"),
        "oracle's plan, through the Box car by car": _by_week(course, results[ORACLE], "cars_jpy"),
        "oracle's plan, by dispatch": _by_week(course, results[ORACLE], "cost_jpy"),
        "orderable plan, followed through the Box": _by_week(course, results[FOLLOWED], "box_jpy"),
        "orderable plan, followed through the Box car by car": _by_week(course, results[FOLLOWED], "cars_jpy"),
        "orderable plan, followed by dispatch": _by_week(course, results[FOLLOWED], "cost_jpy"),
        "orderable plan, with the world's wear": _by_week(course, results[FOLLOWED], "worn_jpy"),
        "orderable plan": _by_week(course, results[FOLLOWED], "plan_jpy"),
        "oracle's plan, with the world's wear": _by_week(course, results[ORACLE], "worn_jpy"),
        "oracle's plan": _by_week(course, results[ORACLE], "plan_jpy"),
        "bound": _by_week(course, results[ORACLE], "bound_jpy"),
    }
    base = costs[next(iter(results))]
    gap = base - costs["oracle's plan"]
    rows = []
    for name, cost in costs.items():
        gain = mean_difference(base, cost, course.years)
        share: Estimate | None = ratio(base - cost, gap, course.years) if gap.sum() > 0.0 else None
        fallbacks = sum(int(result["fallbacks"]) for result in results.get(name, ()))
        rows.append(
            {"told": name, "mean_jpy": float(cost.mean()), "gain_jpy": gain, "share": share, "fallbacks": fallbacks}
        )
    return rows


def as_text(course: Course, policy: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the table."""
    lines = [["told", "J, M JPY/week", "gain", "95 % by week", "share of gap to plan, %", "fallbacks"]]
    for row in rows:
        gain, share = row["gain_jpy"], row["share"]
        lines.append(
            [
                row["told"],
                f"{row['mean_jpy'] * _M:.1f}",
                f"{gain.value * _M:+.1f}",
                f"{gain.low * _M:+.1f} .. {gain.high * _M:+.1f}",
                "" if share is None else f"{100.0 * share.value:.1f}",
                str(row["fallbacks"]),
            ]
        )
    title = (
        f"{course.scenario.name}, world {course.world_hash}: {policy} told the truth, {len(course.weeks)} test weeks"
    )
    groups = "\n".join(f"{name}: {what}" for name, what in GROUPS.items())
    return f"{title}\n\n{aligned(lines)}\n\n{groups}\nNobody may play so: these planners read the future."


def terms_text(results: Results) -> str:
    """Return mean terms of the books by variant, and of the oracle's plan."""
    ways = {"Box": "box", "Box car by car": "cars"}
    carried = {"plan": ORACLE, "followed": FOLLOWED}
    shown = [*results, "plan", "orderable plan", *(f"{name}, {way}" for name in carried for way in ways)]
    columns = {name: [result["terms_jpy"] for result in results[name]] for name in results}
    columns["plan"] = [result["plan_terms_jpy"] for result in results[ORACLE]]
    columns["orderable plan"] = [result["plan_terms_jpy"] for result in results[FOLLOWED]]
    for name, source in carried.items():
        for way, key in ways.items():
            columns[f"{name}, {way}"] = [result[f"{key}_terms_jpy"] for result in results[source]]
    means = {name: {term: float(np.mean([row[term] for row in columns[name]])) for term in columns[name][0]}
             for name in shown}  # fmt: skip
    terms = [term for term in means["plan"] if any(abs(means[name][term]) * _M >= 0.05 for name in shown)]
    lines = [["M JPY/week", *(term.removesuffix("_jpy") for term in terms)]]
    lines += [[name, *(f"{means[name][term] * _M:.1f}" for term in terms)] for name in shown]
    return aligned(lines)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.information", description="What knowing more is worth")
    options.add_argument("--scenario", default="japan3", help="name or YAML file; default %(default)s")
    options.add_argument("--weeks", type=positive, default=8, help="test weeks, spread; default %(default)s")
    options.add_argument("--seeds", type=int, nargs="+", default=[0], help="each week is played with each of them")
    options.add_argument("--policy", default="mpc-dual", help="planner; default %(default)s")
    options.add_argument("--told", metavar="A;B", help="only these rows, separated by semicolons; default all")
    options.add_argument("--data-root", type=Path, help="folder of the real data; default $WATTBIT_DATA")
    options.add_argument("--json", type=result_file, metavar="FILE", help="write everything to this file")
    return options


@exit_code("stopped; what is done is kept, the same command goes on")
def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command.

    Returns
    -------
    int
        0; 2 for a mistake in the input; 130 when interrupted.
    """
    options = parser().parse_args(argv)
    names = [variant.name for variant in VARIANTS]
    for name in options.told.split(";") if options.told else ():
        if name not in names:
            raise ConfigError(f"--told: unknown {name!r}{did_you_mean(name, names)}")
    if options.told:
        names = [names[0], *(n for n in names[1:] if n in options.told.split(";"))]
    if options.policy not in PLANNERS:
        raise ConfigError(f"--policy: unknown planner {options.policy!r}{did_you_mean(options.policy, PLANNERS)}")
    if PLANNERS[options.policy].futures > 1:
        raise ConfigError(f"--policy: {options.policy} plans for drawn courses of the imbalance, which is told here")
    course = make_course(options.scenario, options.weeks, options.seeds, options.data_root)
    journal = Journal(cache_root() / "information" / f"{course.scenario.name}-{course.world_hash}.jsonl")
    results = carry_out(course, options.policy, names, journal)
    rows = rows_of(course, results)
    print(as_text(course, options.policy, rows) + "\n\n" + terms_text(results))
    if options.json is not None:
        write_json(options.json, _content(course, options.policy, rows, results))
    return 0


def _content(course: Course, policy: str, rows: Sequence[Mapping[str, Any]], results: Results) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        return vars(value) if isinstance(value, Estimate) else value

    return {
        "benchmark": "information",
        "machine": machine(),
        "versions": versions(),
        "scenario": course.scenario.name,
        "world_hash": course.world_hash,
        "series_hash": course.series_hash,
        "weeks": list(course.weeks),
        "seeds": list(course.seeds),
        "policy": policy,
        "code": {name: code_of(name) for name in (BOUND, policy)},
        "rows": [{key: plain(value) for key, value in row.items()} for row in rows],
        "results": {name: list(values) for name, values in results.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
