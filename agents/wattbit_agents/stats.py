"""Differences between policies that played the same weeks, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A mean and its bootstrap interval, in the unit of the scores."""

    mean: float
    low: float
    high: float


def paired_difference(
    scores: FloatArray,
    reference: FloatArray,
    rng: np.random.Generator,
    n_boot: int = 10_000,
    level: float = 0.95,
) -> Interval:
    """
    Mean of ``scores - reference`` with a paired percentile bootstrap over weeks.

    Weeks are drawn with replacement and stay paired. The seeds of one week share its weather and prices, so a week is
    drawn with all its seeds: they are no independent evidence.

    Parameters
    ----------
    scores, reference : ndarray, shape (n_seeds, n_weeks)
        The same weeks and seeds in the same places.
    rng : numpy.random.Generator
        Source of the resampling.
    n_boot : int
        Resamples.
    level : float
        Coverage of the interval.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If the shapes differ or are empty.

    Examples
    --------
    >>> paired_difference(np.array([[1.0, 2.0]]), np.array([[0.0, 1.0]]), np.random.default_rng(0))
    Interval(mean=1.0, low=1.0, high=1.0)
    """
    if scores.shape != reference.shape or scores.ndim != 2 or scores.size == 0:
        raise ValueError(f"scores {scores.shape} and reference {reference.shape} must be the same (n_seeds, n_weeks)")
    by_week = (scores - reference).mean(axis=0)
    draws = rng.integers(len(by_week), size=(n_boot, len(by_week)))
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(by_week[draws].mean(axis=1), [tail, 1.0 - tail])
    return Interval(float(by_week.mean()), float(low), float(high))


def probability_of_improvement(scores: FloatArray, reference: FloatArray) -> float:
    """
    Share of paired episodes in which the cost is below the reference; ties count half.

    Parameters
    ----------
    scores, reference : ndarray, shape (n_seeds, n_weeks)
        Costs: lower is better.

    Examples
    --------
    >>> probability_of_improvement(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 2.0, 2.0]]))
    0.5
    """
    return float(np.mean((scores < reference) + 0.5 * (scores == reference)))
