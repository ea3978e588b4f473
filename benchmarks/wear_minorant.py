"""
How far does the wear that the bound counts lie below the wear? ``python -m benchmarks.wear_minorant [--check]``.

Train weeks are played in many ways. Slack is what the bound misses of a day's wear where its box is so small that
nothing else is in it, weighted by money: a day is taken as a whole though its mark may have been higher earlier, and
the depth term of the sixth power is left out. Minorants made in larger boxes and at every other way of playing the same
week are held against the wear too; none may be above it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

from benchmarks.bound_wear import most_above
from benchmarks.report import Bar, Figure, positive, run
from benchmarks.wear_paths import POLICIES, SCHEDULES, Played, made_up, played_week, window_wear
from wattbit.physics.cells import CELLS
from wattbit.scenarios import load_scenario
from wattbit_agents.baselines.bound.search import whole_wear
from wattbit_agents.baselines.lp.wear_laws import law_of
from wattbit_agents.worlds import seasonal_weeks

SLACK_PERCENT = 10.0
"""Mean slack that the plan of the project asks for."""


def week_figures(week: Played) -> dict[str, dict[str, float]]:
    """
    Return sums over one week, by kind of day and quantity.

    Money in shares of health times kWh: ``wear`` and what the bound ``counted``, the same for days with discharge
    (``wear out``, ``counted out``); ``miss`` is the largest amount by which any minorant is above the kind's wear.
    """
    law, found = law_of(week.cell, week.reference_loss), {}
    for kind, path in week.paths.items():
        wear, size = week.wear[kind], week.capacity_kwh
        counted = whole_wear(law, week.days, path)
        out = path.discharge.sum(axis=1) > 0.01
        found[kind] = {
            "days": float(len(wear)),
            "wear": float(wear @ size),
            "counted": float(counted @ size),
            "wear out": float((wear * size)[out].sum()),
            "counted out": float((counted * size)[out].sum()),
            "miss": float(most_above(week.cell, week.reference_loss, week.days, week.paths, {kind: wear}).max()),
        }
    return found


def made_up_miss(n: int, paths: int, cell: str, loss: float) -> float:
    """Return the largest amount by which minorants at two paths of made-up days are above the wear of any path."""
    days, ways = made_up(n, paths, 0)
    return max(
        float(most_above(cell, loss, days, {"own": way, "first": ways[0]}, {"own": wear}).max())
        for way in ways
        for wear in (window_wear(cell, loss, days, way),)
    )


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
        yield Figure(f"{kind}: slack", "%", (percent(sums["counted"], sums["wear"]),))
        if sums["wear out"] > 0.0:
            share = percent(sums["counted out"], sums["wear out"])
            yield Figure(f"{kind}: slack of days with discharge", "%", (share,))
        yield Figure(f"{kind}: most above wear", "share", (max(week[kind]["miss"] for week in weeks),), Bar("<=", 1e-9))
    slack = tuple(percent(t["counted"], t["wear"]) for t in total)
    out = tuple(percent(t["counted out"], t["wear out"]) for t in total)
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
        "wear_minorant", "Wear that the bound counts against the wear of the world", measure, _options, argv=argv
    )


if __name__ == "__main__":
    sys.exit(main())
