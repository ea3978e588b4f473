"""
How far do the wear cuts lie below the wear? ``python -m benchmarks.wear_minorant [--weeks N] [--check]``.

Train weeks are played in many ways; every car's day gets the cut made at what was played, and at every other way of
playing the same week. Slack is what a cut misses of the day's wear, weighted by money. Part of it is the mark itself:
the cut bounds what the window holds, without the depth term of the sixth power.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.report import Bar, Figure, positive, run
from benchmarks.wear_paths import POLICIES, SCHEDULES, Played, made_up, played_week, window_wear
from wattbit.physics.cells import CELLS
from wattbit.scenarios import load_scenario
from wattbit_agents.baselines.lp.wear import lower_square, wear_cuts
from wattbit_agents.worlds import seasonal_weeks

SLACK_PERCENT = 10.0
"""Mean slack that the plan of the project asks for."""


def week_figures(week: Played) -> dict[str, dict[str, float]]:
    """
    Return sums over one week, by kind of day and quantity.

    Money in shares of health times kWh: ``wear``, its ``cut``, the cut with segments for squares (``parts``), the same
    for days with discharge (``wear out``, ``cut out``); ``miss`` is the largest amount by which any cut of any kind is
    above the kind's wear, ``others`` the best cut made at another kind's path.
    """
    cuts = {kind: wear_cuts(week.cell, week.reference_loss, week.days, path) for kind, path in week.paths.items()}
    found = {}
    for kind, path in week.paths.items():
        wear, size = week.wear[kind], week.capacity_kwh
        values = {at: cut.value(path) for at, cut in cuts.items()}
        own = np.maximum(0.0, values[kind])
        parts = np.maximum(0.0, cuts[kind].value(path, lower_square(path.charge, week.days.charge_limit)))
        others = np.max([0.0 * wear, *(v for at, v in values.items() if at != kind)], axis=0)
        out = path.discharge.sum(axis=1) > 0.01
        found[kind] = {
            "days": float(len(wear)),
            "wear": float(wear @ size),
            "cut": float(own @ size),
            "parts": float(parts @ size),
            "others": float(others @ size),
            "wear out": float((wear * size)[out].sum()),
            "cut out": float((own * size)[out].sum()),
            "miss": float(max((v - wear).max() for v in values.values())),
        }
    return found


def made_up_miss(n: int, paths: int, cell: str, loss: float) -> float:
    """Return the largest amount by which cuts at the first path of made-up days are above the wear of any path."""
    days, ways = made_up(n, paths, 0)
    cut = wear_cuts(cell, loss, days, ways[0])
    return max(float((cut.value(way) - window_wear(cell, loss, days, way)).max()) for way in ways)


def percent(missing: float, whole: float) -> float:
    """Return the slack, %; 0 of nothing."""
    return 100.0 * (1.0 - missing / whole) if whole > 0.0 else 0.0


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Slack by kind of day, and the largest violation."""
    config = load_scenario(options.scenario)
    kinds = (*POLICIES, *SCHEDULES) if config.name == "japan3" else (*(p for p in POLICIES if p != "tuned"), *SCHEDULES)
    spread = seasonal_weeks(config, options.weeks, "train")
    weeks = [week_figures(played_week(config, number, number, kinds)) for number in spread]
    total = [{name: sum(week[kind][name] for kind in kinds) for name in weeks[0][kinds[0]]} for week in weeks]
    yield Figure("car days played", "days", (sum(t["days"] for t in total),))
    for kind in kinds:
        sums = {name: sum(week[kind][name] for week in weeks) for name in weeks[0][kind]}
        yield Figure(f"{kind}: slack", "%", (percent(sums["cut"], sums["wear"]),))
        if sums["wear out"] > 0.0:
            yield Figure(f"{kind}: slack of days with discharge", "%", (percent(sums["cut out"], sums["wear out"]),))
        yield Figure(f"{kind}: slack with segments", "%", (percent(sums["parts"], sums["wear"]),))
        yield Figure(f"{kind}: slack of cuts at other kinds", "%", (percent(sums["others"], sums["wear"]),))
        yield Figure(f"{kind}: most above wear", "share", (max(week[kind]["miss"] for week in weeks),), Bar("<=", 1e-9))
    slack = tuple(percent(t["cut"], t["wear"]) for t in total)
    out = tuple(percent(t["cut out"], t["wear out"]) for t in total)
    yield Figure("all kinds: slack", "%", slack, Bar("<=", SLACK_PERCENT))
    yield Figure("all kinds: slack of days with discharge", "%", out, Bar("<=", SLACK_PERCENT))
    fleet = config.fleet
    loss = fleet.wear_reference_loss or CELLS[fleet.cell].reference_loss
    miss = made_up_miss(options.made_up // 10, 10, fleet.cell, loss)
    yield Figure(f"{options.made_up:,} made-up days: most above wear", "share", (miss,), Bar("<=", 1e-9))


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenario", default="japan3", help="name or YAML file; default %(default)s")
    parser.add_argument("--weeks", type=positive, default=3, help="train weeks; default %(default)s")
    parser.add_argument("--made-up", type=positive, default=10_000, help="days besides; default %(default)s")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show."""
    return run(
        "wear_minorant", "Wear cuts of the linear program against the wear of the world", measure, _options, argv=argv
    )


if __name__ == "__main__":
    sys.exit(main())
