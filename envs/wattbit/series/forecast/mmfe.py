"""
Martingale model of forecast evolution on given truth.

Backwards in time the error of the signal behind a forecast grows by independent steps, err(t, k) = err(t+1, k-1) +
sigma z, smooth over the half hours forecast and correlated between areas; the issued mean is that signal shrunk to
the climatology, which is the conditional mean of a standard normal score given all signals so far. So issued means are
a martingale: revisions have mean zero and are uncorrelated, and an average of old forecasts knows nothing that the
newest does not. (Heath and Jackson 1994, IIE Transactions 26(3), 17-30.)
"""

from __future__ import annotations

from math import sqrt
from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

from wattbit.series.forecast.climatology import FIRST_SCORE, N_KNOTS, SCORE_STEP, Climatology
from wattbit.series.forecast.noise import draws, smooth
from wattbit.series.forecast.rule import GRID, HORIZON, ISSUE_SLOTS, known_prices
from wattbit.series.set import STEPS_PER_DAY

Array = NDArray[np.float32]

N_ISSUES: Final = len(ISSUE_SLOTS)

_SLOTS: Final = np.array(ISSUE_SLOTS)
_NEXT_SLOT: Final = np.append(_SLOTS[1:], STEPS_PER_DAY)

Z90: Final = 1.2815515655446004
"""Score of the 90 % quantile."""

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def revision_noise(seed: int, first_day: int, n_days: int, root: Array, memory: float) -> Array:
    """
    Unit steps of the signals' errors.

    Parameters
    ----------
    seed, first_day, n_days : int
        Forecast seed and days of issue.
    root : ndarray, shape (lane, lane)
        Lower Cholesky factor of the lanes' correlation.
    memory : float
        Correlation of neighbouring half hours.

    Returns
    -------
    ndarray, shape (day, issue, half hour of the grid, lane)
    """
    shape = (N_ISSUES, GRID, len(root))
    days = range(first_day, first_day + n_days)
    noise = np.concatenate([draws("forecast-revision", seed, day, shape) for day in days])
    smooth(noise, memory)
    return (noise @ np.ascontiguousarray(root.T, np.float32)).reshape(n_days, *shape)


@numba.njit(cache=True)
def _expected(score: Array, noise: Array, variance: NDArray[np.float64], slots: NDArray[np.int64], out: Array) -> None:
    n_days, n_issues, grid, lanes = noise.shape
    areas = lanes // 2
    error = np.zeros((grid, lanes))
    left = np.zeros((grid, 2))
    for day in range(n_days - 1, -1, -1):
        for u in range(grid - 1, -1, -1):  # what stands for tomorrow in today's grid is today in tomorrow's
            for lane in range(lanes):
                error[u, lane] = error[u - 48, lane] if u >= 48 else 0.0
            for kind in range(2):
                left[u, kind] = left[u - 48, kind] if u >= 48 else 0.0
        for issue in range(n_issues - 1, -1, -1):
            for u in range(slots[issue] + 1, grid):
                for kind in range(2):
                    now = max(left[u, kind], variance[kind, issue, u])
                    step = sqrt(now - left[u, kind])
                    left[u, kind] = now
                    for lane in range(kind * areas, (kind + 1) * areas):
                        error[u, lane] += step * noise[day, issue, u, lane]
                        if day < out.shape[0]:
                            known = score[day * 48 + u, lane] + error[u, lane]
                            out[day, issue, u, lane] = known / (1.0 + now)


def expected_scores(score: Array, noise: Array, share: NDArray[np.float64]) -> Array:
    """
    Issued means of the scores.

    Parameters
    ----------
    score : ndarray, shape ((day + 2) * 48, lane)
        True scores of the days of issue and two more; prices of all areas, then what is left of the surpluses.
    noise : ndarray, shape (day + 2, issue, half hour of the grid, lane)
        From :func:`revision_noise`.
    share : ndarray, shape (2, issue, half hour of the grid)
        Unexplained share of the variance, from :func:`~wattbit.series.forecast.rule.unexplained`.

    Returns
    -------
    ndarray, shape (day, issue, half hour of the grid, lane)
        Zero up to the slot of issue.
    """
    out = np.zeros((noise.shape[0] - 2, *noise.shape[1:]), np.float32)
    _expected(np.ascontiguousarray(score, np.float32), noise, share / np.maximum(1.0 - share, 1e-12), _SLOTS, out)
    return out


@numba.njit(cache=True)
def _value(function: Array, threshold: float, lowest: float, score: float) -> float:
    if score <= threshold:
        return lowest
    at = (score - FIRST_SCORE) / SCORE_STEP
    low = min(max(int(at), 0), N_KNOTS - 2)
    return max(lowest, function[low] + (function[low + 1] - function[low]) * (at - low))


@numba.njit(cache=True)
def _read(
    expected: Array,
    share: NDArray[np.float64],
    known: NDArray[np.bool_],
    pairing: NDArray[np.float64],
    quantile: Array,
    threshold: Array,
    lowest: Array,
    cell: NDArray[np.int64],
    slots: NDArray[np.int64],
    ends: NDArray[np.int64],
    nodes: NDArray[np.float64],
    weights: NDArray[np.float64],
    out: Array,
) -> None:
    n_days, n_issues, grid, lanes = expected.shape
    areas = lanes // 2
    for day in range(n_days):
        for issue in range(n_issues):
            for u in range(slots[issue] + 1, min(grid, ends[issue])):
                kind_of_day, slot = cell[day + u // 48], u % 48
                for area in range(areas):
                    mean = np.float64(expected[day, issue, u, area])
                    var = share[0, issue, u]
                    for lane in (area, areas + area):
                        if lane >= areas:
                            tie = pairing[area]
                            mean = tie * mean + sqrt(1.0 - tie * tie) * expected[day, issue, u, lane]
                            var = tie * tie * var + (1.0 - tie * tie) * share[1, issue, u]
                        elif known[issue, u]:
                            continue
                        spread = sqrt(var)
                        function, bar = quantile[kind_of_day, slot, lane], threshold[kind_of_day, slot, lane]
                        least = lowest[lane]
                        quantity = lane // areas
                        highest = _value(function, bar, least, mean + spread * nodes[-1])
                        if highest <= least:  # whatever comes, it is the lowest value
                            for stat in range(4):
                                out[stat, quantity, issue, u, day, area] = least
                            continue
                        total = weights[-1] * highest
                        for k in range(len(nodes) - 1):
                            total += weights[k] * _value(function, bar, least, mean + spread * nodes[k])
                        out[0, quantity, issue, u, day, area] = total
                        for stat in range(1, 4):
                            at = mean + spread * Z90 * (stat - 2)
                            out[stat, quantity, issue, u, day, area] = _value(function, bar, least, at)


def read_off(expected: Array, share: NDArray[np.float64], usual: Climatology, cell: NDArray[np.int64]) -> Array:
    """
    Turn issued means of scores into what is expected of the values.

    Parameters
    ----------
    expected : ndarray, shape (day, issue, half hour of the grid, lane)
    share : ndarray, shape (2, issue, half hour of the grid)
        Variance left.
    usual : Climatology
    cell : ndarray, shape (day + 2,)
        Cells of the days of issue and of two more.

    Returns
    -------
    ndarray, shape (4, 2, issue, half hour of the grid, day, area)
        Mean (five-point Gauss-Hermite), 10, 50 and 90 % quantile of price [JPY/MWh] and surplus [MW]; zero where
        nothing is forecast: known prices, half hours up to the slot of issue, and beyond the horizon.
    """
    n_days, n_issues, grid, lanes = expected.shape
    out = np.zeros((4, 2, n_issues, grid, n_days, lanes // 2), np.float32)
    of = usual.marginals
    ends = _NEXT_SLOT + HORIZON
    lines = (of.quantile, of.threshold, of.lowest, cell, _SLOTS, ends, _NODES, _WEIGHTS, out)
    _read(expected, share, known_prices(), usual.pairing, *lines)
    return out
