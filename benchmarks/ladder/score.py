"""How good, how sure: captured shares, intervals over weeks and over weather years, tests of many differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
        Its interval when whole weather years are drawn; None where there are fewer than three.
    """

    value: float
    low: float
    high: float
    low_by_year: float | None = None
    high_by_year: float | None = None


def captured_share(cost: Array, reference: Array, bound: Array) -> float:
    """
    Share of what perfect foresight gains over the reference, from sums over the same weeks.

    Examples
    --------
    >>> captured_share(np.array([8.0, 9.0]), np.array([10.0, 11.0]), np.array([6.0, 7.0]))
    0.5
    """
    return float((reference.sum() - cost.sum()) / (reference.sum() - bound.sum()))


def scale_is_enough(reference: Array, bound: Array) -> bool:
    """Whether the gain of perfect foresight over the reference is large enough to be divided by."""
    return bool(reference.sum() - bound.sum() >= SMALLEST_SCALE * abs(bound.sum()))


def estimate(figure: Callable[..., float], years: Sequence[int], *columns: Array) -> Estimate:
    """
    Return a figure of paired weekly values, with intervals.

    Parameters
    ----------
    figure : callable
        Gets as many arrays as there are `columns`, cut to the same weeks.
    years : sequence of int
        Weather year of each week.
    *columns : ndarray, shape (week,)
        Values by week.
    """
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    n_weeks = len(columns[0])
    low, high = _interval(figure, columns, rng.integers(n_weeks, size=(RESAMPLES, n_weeks)))
    groups = [np.flatnonzero(np.asarray(years) == year) for year in sorted(set(years))]
    by_year: tuple[float | None, float | None] = (None, None)
    if len(groups) > 2:
        drawn = rng.integers(len(groups), size=(RESAMPLES, len(groups)))
        by_year = _interval(figure, columns, [np.concatenate([groups[k] for k in row]) for row in drawn])
    return Estimate(figure(*columns), low, high, *by_year)


def _interval(
    figure: Callable[..., float], columns: Sequence[Array], samples: NDArray[np.intp] | list[NDArray[np.intp]]
) -> tuple[float, float]:
    values = [figure(*(column[sample] for column in columns)) for sample in samples]
    tail = 0.5 * (1.0 - LEVEL)
    low, high = np.quantile(values, [tail, 1.0 - tail])
    return float(low), float(high)


def mean_difference(cost: Array, reference: Array) -> float:
    """Mean of ``cost - reference``."""
    return float((cost - reference).mean())


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
