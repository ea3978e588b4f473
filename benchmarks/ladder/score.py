"""How good, how sure: captured shares, intervals over weeks and over weather years, tests of many differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit_agents.evaluation import BOOTSTRAP_SEED

Array = NDArray[np.float64]

RESAMPLES: Final = 10_000
"""Bootstrap samples of an interval and sign flips of a test."""

SMALLEST_SCALE: Final = 0.01
"""Share of the bound's cost: a captured scale below it is not divided by."""

FEWEST_YEARS: Final = 3
"""Fewer weather years are no sample of years."""

LEVEL: Final = 0.95
"""Coverage of every interval."""


@dataclass(frozen=True)
class Estimate:
    """
    A figure with its paired bootstrap intervals.

    Attributes
    ----------
    value, low, high : float
        The figure, and its interval when weeks are drawn with replacement.
    low_by_year, high_by_year : float, optional
        Its interval when whole weather years are drawn; None where there are fewer than :data:`FEWEST_YEARS`.
    """

    value: float
    low: float
    high: float
    low_by_year: float | None = None
    high_by_year: float | None = None


def scale_is_enough(reference: Array, bound: Array) -> bool:
    """Whether the gain of perfect foresight over the reference is large enough to be divided by."""
    return bool(reference.sum() - bound.sum() >= SMALLEST_SCALE * abs(bound.sum()))


def ratio(numerator: Array, denominator: Array, years: Sequence[int]) -> Estimate:
    """
    Return the ratio of two sums over weeks, with its paired bootstrap intervals.

    Parameters
    ----------
    numerator, denominator : ndarray, shape (week,)
        Values of the same weeks.
    years : sequence of int
        Weather year of each week.

    Examples
    --------
    >>> ratio(np.array([1.0, 3.0]), np.array([4.0, 4.0]), [10, 11]).value
    0.5
    """
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    weeks = np.eye(len(numerator))
    low, high = _interval(numerator, denominator, weeks, rng)
    by_year: tuple[float | None, float | None] = (None, None)
    groups = np.array([np.asarray(years) == year for year in sorted(set(years))], float)
    if len(groups) >= FEWEST_YEARS:
        by_year = _interval(numerator, denominator, groups, rng)
    return Estimate(float(numerator.sum() / denominator.sum()), low, high, *by_year)


def _interval(numerator: Array, denominator: Array, groups: Array, rng: np.random.Generator) -> tuple[float, float]:
    """Draw groups of weeks, rows of 0 and 1, with replacement."""
    times = rng.multinomial(len(groups), np.full(len(groups), 1.0 / len(groups)), RESAMPLES) @ groups
    tail = 0.5 * (1.0 - LEVEL)
    low, high = np.quantile((times @ numerator) / (times @ denominator), [tail, 1.0 - tail])
    return float(low), float(high)


def mean_difference(cost: Array, reference: Array, years: Sequence[int]) -> Estimate:
    """Mean of ``cost - reference``, arrays (week,)."""
    return ratio(cost - reference, np.ones_like(cost), years)


def captured_share(cost: Array, reference: Array, bound: Array, years: Sequence[int]) -> Estimate:
    """Share of what perfect foresight gains over the reference, from sums over the same weeks, arrays (week,)."""
    return ratio(reference - cost, reference - bound, years)


def sign_flip_p(difference: Array) -> float:
    """
    Two-sided p value of a mean of 0, from flips of the sign of each week's difference.

    Parameters
    ----------
    difference : ndarray, shape (week,)
        At least two weeks.
    """
    from scipy.stats import permutation_test

    if not difference.any():
        return 1.0
    found = permutation_test(
        (difference,),
        lambda values, axis: np.mean(values, axis=axis),
        permutation_type="samples",
        n_resamples=RESAMPLES,
        vectorized=True,
        random_state=np.random.default_rng(BOOTSTRAP_SEED),
    )
    return float(found.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """
    Return p values corrected for their number by Holm's step-down rule.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    count = len(p_values)
    corrected, highest = [0.0] * count, 0.0
    for rank, k in enumerate(sorted(range(count), key=lambda k: p_values[k])):
        highest = max(highest, min(1.0, (count - rank) * p_values[k]))
        corrected[k] = highest
    return corrected
