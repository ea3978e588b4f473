"""
Which terms the gain is made of: ``python -m benchmarks.balance_of_terms [--scenario NAME ...] [--check]``.

The gap in weekly cost between a good rule and doing nothing, term by term, as a share of the whole gap (some terms
pay for others, so the shares add to more than 100 %). On ``japan3`` no term may be more than half of it and at least
four must be more than 5 %: a problem in which one term decides needs no joint control.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.report import Bar, Figure, positive, run
from wattbit.scenarios import load_scenario
from wattbit.world.state import TERMS
from wattbit_agents.baselines import RULES, make_policy
from wattbit_agents.rollout import score_weeks
from wattbit_agents.worlds import scoring_worlds, seasonal_weeks

BARRED = "japan3"
"""Scenario that is held to the bars."""


def term_gaps(name: str, policy: str, n_weeks: int) -> dict[str, np.ndarray]:
    """Return each term of a rule less that of ``do-nothing``, shape (week,). [JPY]"""
    env = scoring_worlds("Aggregator-v0", load_scenario(name), n_weeks, "test")
    weeks = seasonal_weeks(env.scenario, n_weeks, "test")
    rule, idle = (score_weeks(make_policy(p, env), env, weeks, (0,)) for p in (policy, "do-nothing"))
    return {term: (rule.get(term) - idle.get(term))[0] for term in TERMS}


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Shares of the terms, per scenario."""
    for name in options.scenario:
        gaps = term_gaps(name, options.policy, options.weeks)
        size = {term: abs(float(gap.sum())) for term, gap in gaps.items()}
        cost = sum(gaps.values())
        total = abs(float(cost.sum()))
        yield Figure(
            f"{name}: J of {options.policy} less do-nothing", "M JPY/week", tuple(float(c) / 1e6 for c in cost)
        )
        for term, gap in sorted(gaps.items(), key=lambda item: -size[item[0]]):
            if size[term] > 0.0:
                label = f"{name}: {term.removesuffix('_jpy')}, change {gap.mean() / 1e6:+.2f} M JPY/week"
                bar = Bar("<=", 50.0) if name == BARRED else None
                yield Figure(label, "% of the gap", (100.0 * size[term] / total,), bar)
        weighty = sum(share > 0.05 * total for share in size.values())
        bar = Bar(">=", 4.0) if name == BARRED else None
        yield Figure(f"{name}: terms above 5 %", "terms", (float(weighty),), bar)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenario", nargs="+", default=[BARRED], help="names or YAML files; default %(default)s")
    parser.add_argument("--policy", default="threshold", choices=tuple(RULES), help="rule; default %(default)s")
    parser.add_argument("--weeks", type=positive, default=40, help="test weeks; default %(default)s")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show."""
    return run("balance_of_terms", "Terms of the gain over doing nothing", measure, _options, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
