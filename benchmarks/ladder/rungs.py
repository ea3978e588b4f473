"""The rungs of a ladder, from the results of its weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from benchmarks.ladder.course import Course
from benchmarks.ladder.score import (
    Array,
    Estimate,
    captured_share,
    holm,
    mean_difference,
    scale_is_enough,
    sign_flip_p,
)
from benchmarks.ladder.work import BOUND, What
from wattbit.world.state import TERMS

BELOW: Final = 1e-6
"""A cost is below the bound by more than this share of it: what is less is rounding."""

Results = Mapping[tuple[What, str], Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Rung:
    """
    One policy.

    Attributes
    ----------
    name : str
    cost_jpy : ndarray, shape (week,)
        J of each week, mean over the seeds.
    difference_jpy : Estimate, optional
        Weekly J less that of the reference.
    p_holm : float, optional
        p value of no difference, corrected for the number of policies compared.
    captured : Estimate, optional
        Share of what perfect foresight gains over the reference; None where that gain is too small to divide by.
    co2_t : float
        Per week.
    decision_ms : float
        Median CPU time of one decision for one world; median of the weeks.
    fallbacks : int
        Decisions that a fallback had to take, all weeks together.
    below : int
        Episodes that cost less than their bound.
    """

    name: str
    cost_jpy: Array
    difference_jpy: Estimate | None
    p_holm: float | None
    captured: Estimate | None
    co2_t: float
    decision_ms: float
    fallbacks: int
    below: int

    @property
    def mean_jpy(self) -> float:
        """Mean J of a week."""
        return float(self.cost_jpy.mean())


@dataclass(frozen=True)
class Slack:
    """
    How far the program's cost lies below what one policy paid for the same trajectories.

    Attributes
    ----------
    name : str
        The policy.
    weeks : int
        Episodes compared.
    terms_jpy : dict of str to float
        Mean per week, paid less the program's.
    broken : dict of str to float
        Blocks of the program that a trajectory breaks, with the largest relative violation.
    """

    name: str
    weeks: int
    terms_jpy: dict[str, float]
    broken: dict[str, float]


@dataclass(frozen=True)
class Ladder:
    """
    A whole ladder.

    Attributes
    ----------
    course : Course
    reference : str
        Policy that captures nothing by definition.
    bound_jpy : ndarray, shape (week,)
        Cost of perfect foresight, mean over the seeds.
    bound_terms_jpy : dict of str to float
        Its mean by term.
    rungs : tuple of Rung
    slack : tuple of Slack
    """

    course: Course
    reference: str
    bound_jpy: Array
    bound_terms_jpy: dict[str, float]
    rungs: tuple[Rung, ...]
    slack: tuple[Slack, ...]

    def rung(self, name: str) -> Rung | None:
        """Return the rung of one policy, or None if it did not play."""
        return next((rung for rung in self.rungs if rung.name == name), None)

    def headroom(self, name: str) -> Estimate | None:
        """Return what one policy leaves to perfect foresight, JPY per week; None if it did not play."""
        rung = self.rung(name)
        if rung is None:
            return None
        return mean_difference(rung.cost_jpy, self.bound_jpy, self.course.years)


def _by_week(course: Course, results: Sequence[Mapping[str, Any]], name: str) -> Array:
    return np.array([result[name] for result in results]).reshape(len(course.seeds), len(course.weeks))


def build(course: Course, names: Sequence[str], reference: str, results: Results) -> Ladder:
    """
    Return the ladder of a course.

    Parameters
    ----------
    course : Course
    names : sequence of str
        Policies, the reference among them.
    reference : str
    results : mapping
        From :func:`~benchmarks.ladder.work.carry_out`.
    """
    years = course.years
    bounds = _by_week(course, results["bound", BOUND], "cost_jpy")
    bound = bounds.mean(axis=0)
    base = _by_week(course, results["play", reference], "cost_jpy").mean(axis=0)
    rungs, p_values = [], {}
    for name in names:
        played = results["play", name]
        costs = _by_week(course, played, "cost_jpy")
        cost = costs.mean(axis=0)
        other = name != reference
        if other and len(cost) > 1:
            p_values[name] = sign_flip_p(cost - base)
        rungs.append(
            Rung(
                name=name,
                cost_jpy=cost,
                difference_jpy=mean_difference(cost, base, years) if other else None,
                p_holm=None,
                captured=captured_share(cost, base, bound, years) if other and scale_is_enough(base, bound) else None,
                co2_t=1e-3 * float(_by_week(course, played, "co2_kg").mean()),
                decision_ms=float(np.median([result["decision_ms"] for result in played])),
                fallbacks=int(sum(result["fallbacks"] for result in played)),
                below=int((costs < bounds - BELOW * np.abs(bounds)).sum()),
            )
        )
    corrected = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    terms = [result["terms_jpy"] for result in results["bound", BOUND]]
    return Ladder(
        course=course,
        reference=reference,
        bound_jpy=bound,
        bound_terms_jpy={term: float(np.mean([t[term] for t in terms])) for term in TERMS},
        rungs=tuple(replace(rung, p_holm=corrected.get(rung.name)) for rung in rungs),
        slack=tuple(_slack(name, rows) for (what, name), rows in results.items() if what == "slack"),
    )


def _slack(name: str, rows: Sequence[Mapping[str, Any]]) -> Slack:
    broken: dict[str, float] = {}
    for row in rows:
        for block, miss in row["broken"].items():
            broken[block] = max(miss, broken.get(block, 0.0))
    terms = {term: float(np.mean([row["slack_jpy"][term] for row in rows])) for term in TERMS}
    return Slack(name, len(rows), terms, broken)
