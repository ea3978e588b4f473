"""The price of the toy: a Markov chain with few levels, and the forecast that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.forecast.columns import columns
from wattbit.series.forecast.rule import HORIZON, ISSUE_SLOTS
from wattbit.units import STEPS_PER_DAY

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

QUANTILES: Final = (0.1, 0.5, 0.9)
"""Quantiles that issued forecasts have."""


@dataclass(frozen=True)
class PriceChain:
    """
    Price of a half hour: one of a few levels, drawn given that of the half hour before.

    Attributes
    ----------
    price_jpy_per_mwh : tuple of float
        Levels, rising. [JPY/MWh]
    transition : tuple of tuple of float
        Row k: probabilities of the next level after level k.
    """

    price_jpy_per_mwh: tuple[float, ...]
    transition: tuple[tuple[float, ...], ...]

    @property
    def prices(self) -> FloatArray:
        """Levels as an array. [JPY/MWh]"""
        return np.array(self.price_jpy_per_mwh)

    @property
    def matrix(self) -> FloatArray:
        """Transition probabilities, shape (level, next level)."""
        return np.array(self.transition)

    @property
    def stationary(self) -> FloatArray:
        """Long-run share of each level; the first half hour is drawn from it."""
        n = len(self.price_jpy_per_mwh)
        system = np.vstack([self.matrix.T - np.eye(n), np.ones(n)])
        return np.linalg.lstsq(system, np.append(np.zeros(n), 1.0), rcond=None)[0]

    @property
    def mean_jpy_per_mwh(self) -> float:
        """Long-run mean price. [JPY/MWh]"""
        return float(self.stationary @ self.prices)

    def draw(self, paths: int, steps: int, seed: int) -> IntArray:
        """Return levels of independent paths, shape (paths, steps)."""
        uniform = np.random.default_rng(seed).random((steps, paths))
        levels = np.empty((paths, steps), np.int64)
        levels[:, 0] = _picked(self.stationary[None], uniform[0])
        for t in range(1, steps):
            levels[:, t] = _picked(self.matrix[levels[:, t - 1]], uniform[t])
        return levels

    def forecast_columns(self) -> NDArray[np.float32]:
        """
        Return the forecast columns of an observation at each level, unscaled, shape (level, column).

        The same summary that observations of generated worlds hold, of the mean and the quantiles that the chain
        implies for the next 48 h.
        """
        n, length = len(self.price_jpy_per_mwh), STEPS_PER_DAY + HORIZON + 1
        share = np.eye(n)
        path = np.zeros((4, 2, len(ISSUE_SLOTS), length, n, 1), np.float32)
        for lead in range(HORIZON + 1):
            path[0, 0, :, lead, :, 0] = share @ self.prices
            for k, quantile in enumerate(QUANTILES, start=1):
                path[k, 0, :, lead, :, 0] = self.prices[(share.cumsum(axis=1) >= quantile - 1e-9).argmax(axis=1)]
            share = share @ self.matrix
        return columns(path)[:, 0, 0]  # the summary of what was issued at slot 0, where the paths begin


def _picked(probability: FloatArray, uniform: FloatArray) -> IntArray:
    """Index of the first level whose cumulated probability passes a uniform draw, row by row."""
    passed = probability.cumsum(axis=1)[:, :-1] <= uniform[:, None]
    return passed.sum(axis=1)
