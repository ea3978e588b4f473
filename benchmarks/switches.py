"""
What each mechanism is worth: ``python -m benchmarks.switches [--scenario NAME] [--policy RULE] [--weeks N]``.

A fixed rule plays the same test weeks with every mechanism on, with each one switched off alone, and with all of them
off (World v1). The rule is not fitted again, so a figure is the effect of the mechanism on that rule's weekly cost.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

from benchmarks.report import Figure, positive, run
from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit.scenarios.switches import SWITCHES, switched_off
from wattbit_agents.baselines import RULES, make_policy
from wattbit_agents.rollout import score_weeks
from wattbit_agents.worlds import scoring_worlds, seasonal_weeks


def weekly_cost(scenario: ScenarioConfig, policy: str, n_weeks: int) -> tuple[float, ...]:
    """Return J of a rule in test weeks spread over the split. [M JPY]"""
    env = scoring_worlds("Aggregator-v0", scenario, n_weeks, "test")
    weeks = seasonal_weeks(scenario, n_weeks, "test")
    scores = score_weeks(make_policy(policy, env), env, weeks, (0,))
    return tuple(float(cost) / 1e6 for cost in scores.get("cost_jpy")[0])


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """J with everything on, and what each switch changes, week by week."""
    scenario = load_scenario(options.scenario)
    base = weekly_cost(scenario, options.policy, options.weeks)
    yield Figure(f"{scenario.name}, {options.policy}: J with everything on", "M JPY/week", base)
    for name in (*SWITCHES, "all"):
        off = switched_off(scenario, tuple(SWITCHES) if name == "all" else (name,))
        if off == scenario:
            continue
        cost = weekly_cost(off, options.policy, options.weeks)
        changes = tuple(b - a for a, b in zip(base, cost, strict=True))
        yield Figure(f"J with {name} off, less J", "M JPY/week", changes)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenario", default="japan3", help="name or YAML file; default %(default)s")
    parser.add_argument("--policy", default="threshold", choices=tuple(RULES), help="rule; default %(default)s")
    parser.add_argument("--weeks", type=positive, default=20, help="test weeks; default %(default)s")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show."""
    return run("switches", "Effect of each mechanism on a rule's weekly cost", measure, _options, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
