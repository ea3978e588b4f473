"""
Play the ladder: ``python -m benchmarks.ladder [--scenario NAME] [--weeks N] [--real] [--check] [--out FILE]``.

Every policy plays the same test weeks; each week is also planned with perfect foresight, whose cost no policy can
beat. Shown are J, the difference to the tuned rule and the share of the bound's gain over it, with paired bootstrap
intervals over weeks and over weather years, CO2, CPU time per decision, fallbacks, how far the bound lies below what
was really paid, by cost term, and what the best planner leaves. Every week is kept as it is done: stop with Ctrl-C,
run again, and it goes on.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.ladder import table
from benchmarks.ladder.course import Course, make_course, policy_of, worlds_of
from benchmarks.ladder.rungs import Ladder, build
from benchmarks.ladder.work import BOUND, What, carry_out, journal_of
from benchmarks.report import Bar, Figure, machine, positive, result_file
from benchmarks.report import table as figures_table
from wattbit.errors import WattbitError
from wattbit.scenarios import load_scenario, scenario_names
from wattbit_agents.baselines import RULES
from wattbit_agents.baselines.frozen import frozen_scenarios
from wattbit_agents.baselines.lp.book import calibrated_scenarios
from wattbit_agents.cli.exits import exit_code
from wattbit_agents.errors import ConfigError
from wattbit_agents.evaluation import policy_names
from wattbit_agents.files import versions, write_json, write_text

REFERENCE: Final = "tuned"
CAPTURED_BAR_PERCENT: Final = 85.0
"""What the headline planner has to capture through the Box."""

REAL: Final = {"japan3": "japan3-fy2024"}
"""The real year of a scenario."""

HEADROOM_WEEKS: Final = 4

SLACK: Final = (REFERENCE, table.HEADLINE)
"""Policies whose trajectories are compared with the program."""


def ladder_of(
    course: Course,
    names: Sequence[str],
    reference: str = REFERENCE,
    slack: Sequence[str] = (),
    slack_weeks: int = 4,
    jobs: int = 1,
) -> Ladder:
    """
    Play a ladder, or what of it is not known yet.

    Parameters
    ----------
    course : Course
    names : sequence of str
        Policies; the reference is added where it is missing.
    reference : str
    slack : sequence of str
        Policies whose trajectories are compared with the program.
    slack_weeks : int
        In how many of the weeks.
    jobs : int
        Processes.

    Raises
    ------
    PolicyError
        If a policy does not exist; before any is played.
    """
    names = list(dict.fromkeys([*names, reference]))
    find_all(course, [*names, *slack])
    spread = course.pairs[:: max(1, len(course.pairs) // slack_weeks)][:slack_weeks]
    wanted: list[tuple[What, str, Sequence[tuple[int, int]]]] = [("bound", BOUND, course.pairs)]
    wanted += [("slack", name, spread) for name in slack]
    wanted += [("play", name, course.pairs) for name in names]
    results = carry_out(course, wanted, journal_of(course), jobs)
    return build(course, names, reference, results)


def find_all(course: Course, names: Sequence[str]) -> None:
    """Find every policy, so that a wrong name is said before any plays; raises PolicyError."""
    for name in dict.fromkeys(names):
        policy_of(name, worlds_of(course.scenario, name, data_root=course.data_root), 0)


def checks(ladder: Ladder) -> tuple[list[Figure], list[str]]:
    """Return what is held to a bar, and what could not be since it was not played."""
    where = ladder.course.scenario.name
    below = [f"{rung.name} {rung.below}" for rung in ladder.rungs if rung.below]
    label = f"{where}: episodes below the bound{': ' if below else ''}{', '.join(below)}"
    found = [Figure(label, "episodes", (float(sum(rung.below for rung in ladder.rungs)),), Bar("<=", 0.0))]
    missing = []
    tuned, headline = ladder.rung("tuned"), ladder.rung(table.HEADLINE)
    rules = [rung for rung in ladder.rungs if rung.name in RULES and rung.name != "tuned"]
    if tuned is not None and rules:
        unbeaten = [rung.name for rung in rules if not tuned.mean_jpy < rung.mean_jpy]
        label = f"{where}: rules that tuned does not beat{': ' if unbeaten else ''}{', '.join(unbeaten)}"
        found.append(Figure(label, "rules", (float(len(unbeaten)),), Bar("<=", 0.0)))
    else:
        missing.append(f"{where}: tuned against the other rules")
    # So few real weeks may not decide over a few points.
    if ladder.course.scenario.series == "generated":
        if headline is not None and headline.captured is not None:
            share = 100.0 * headline.captured.value
            found.append(
                Figure(f"{where}: captured by {table.HEADLINE}", "%", (share,), Bar(">=", CAPTURED_BAR_PERCENT))
            )
        else:
            missing.append(f"{where}: captured share of {table.HEADLINE}")
    for slack in ladder.slack:
        worst = max(slack.broken.values(), default=0.0)
        label = f"{where}: rows of the program broken by {slack.name}{': ' if slack.broken else ''}"
        found.append(Figure(label + ", ".join(slack.broken), "relative", (worst,), Bar("<=", 1e-6)))
        total = sum(slack.terms_jpy.values()) * 1e-6
        found.append(Figure(f"{where}: paid less the program's, {slack.name}", "M JPY/week", (total,), Bar(">=", 0.0)))
    return found, missing


def reference_for(name: str) -> str:
    """Return the tuned rule where parameters are frozen, else the rule with its defaults."""
    return "tuned" if name in frozen_scenarios() else "threshold"


def headline_for(name: str) -> str:
    """Return the planner whose headroom is shown: without worths of stocks it plans with the world's own."""
    return table.HEADLINE if name in calibrated_scenarios() else "mpc-simulated"


def headrooms(options: argparse.Namespace) -> list[Ladder]:
    """Play what the headroom of every scenario needs, in a few weeks of each."""
    for name in ("policies", "reference", "slack"):
        if getattr(options, name) is not None:
            raise ConfigError(f"--{name}: has no meaning with --scenarios all, which plays the headline planner")
    ladders = []
    for name in scenario_names():
        try:
            course = make_course(name, options.weeks or HEADROOM_WEEKS, options.seeds, options.data_root)
        except WattbitError as error:
            if load_scenario(name).series == "generated":
                raise
            print(f"{name}: left out: {error}")
            continue
        headline = headline_for(name)
        ladders.append(ladder_of(course, [headline], reference_for(name), jobs=options.jobs))
        print(table.headroom_line(ladders[-1], headline), flush=True)
    return ladders


def courses(options: argparse.Namespace) -> list[Course]:
    """Return the course of the scenario, and that of its real year when asked for and there are data."""
    found = [make_course(options.scenario, options.weeks, options.seeds, options.data_root)]
    if not options.real:
        return found
    name = found[0].scenario.name
    if name not in REAL:
        raise ConfigError(f"--real: scenario {name} has no real year; there is one for: {', '.join(REAL)}")
    if options.data_root is None and not os.environ.get("WATTBIT_DATA"):
        print(f"{REAL[name]}: left out: real data are needed (WATTBIT_DATA or --data-root)\n", flush=True)
        return found
    return [*found, make_course(REAL[name], None, options.seeds, options.data_root)]


def names_in(text: str) -> list[str]:
    """Return the names of a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def ladders(options: argparse.Namespace) -> list[Ladder]:
    """Play what the command line asks for, and print it."""
    names = policy_names() if options.policies is None else names_in(options.policies)
    if not names:
        raise ConfigError(f"--policies: {options.policies!r} names no policy")
    plan = [(course, names) for course in courses(options)]
    scenario = plan[0][0].scenario.name
    reference = options.reference or reference_for(scenario)
    playing = [name for name in SLACK if name in names or name == reference]
    slack = playing if options.slack is None else names_in(options.slack)
    if len(plan) > 1:  # a model is scored in the world it was trained on
        plan[1] = (plan[1][0], [name for name in names if not Path(name).is_dir()])
    for course, its_names in plan:
        find_all(course, [*its_names, reference, *slack])
    played = []
    for course, its_names in plan:
        played.append(ladder_of(course, its_names, reference, slack, options.slack_weeks, options.jobs))
        print(table.as_text(played[-1]) + "\n", flush=True)
    return played


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.ladder", description="Policies between tuned and bound"
    )
    options.add_argument("--scenario", default="japan3", help="name or YAML file; default %(default)s")
    options.add_argument("--scenarios", choices=("all",), help="only the headroom, in a few weeks of every scenario")
    options.add_argument("--weeks", type=positive, help="test weeks, spread over the split; default 104 generated ones")
    options.add_argument("--seeds", type=int, nargs="+", default=[0], help="each week is played with each of them")
    options.add_argument("--policies", metavar="A,B", help="names and run folders; default every rule and planner")
    options.add_argument("--reference", metavar="NAME", help="default tuned; threshold where nothing was tuned")
    options.add_argument("--real", action="store_true", help="also the test weeks of the real year")
    options.add_argument("--slack", metavar="A,B", help=f"default {','.join(SLACK)}, as far as they play")
    options.add_argument("--slack-weeks", type=positive, default=4, help="default %(default)s")
    options.add_argument("--jobs", type=positive, default=1, help="processes; results do not depend on it")
    options.add_argument("--data-root", type=Path, help="folder of the real data; default $WATTBIT_DATA")
    options.add_argument("--out", type=result_file, metavar="FILE", help="write everything to this JSON file")
    options.add_argument("--markdown", type=result_file, metavar="FILE", help="write the tables to this file")
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
    played = headrooms(options) if options.scenarios else ladders(options)
    found, missing = [], []
    for ladder in played:
        more, unplayed = checks(ladder)
        found += more
        missing += [] if options.scenarios else unplayed
    print(figures_table(found))
    for line in missing:
        print(f"not checked, since not played: {line}")
    if options.markdown is not None:
        write_text(options.markdown, "\n\n".join(table.as_text(ladder, "markdown") for ladder in played) + "\n")
    if options.out is not None:
        write_json(options.out, _content(played, found))
    return 1 if options.check and any(figure.missed for figure in found) else 0


def _content(played: Sequence[Ladder], found: Sequence[Figure]) -> dict[str, Any]:
    return {
        "benchmark": "ladder",
        "machine": machine(),
        "versions": versions(),
        "ladders": [table.as_dict(ladder) for ladder in played],
        "checks": [figure.as_dict() for figure in found],
    }


if __name__ == "__main__":
    sys.exit(main())
