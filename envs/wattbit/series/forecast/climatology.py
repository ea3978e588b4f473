"""
What is usual at a half hour: quantile functions by season, day type and slot, and the normal scores they give.

A score is the quantity on a scale on which it is standard normal at every half hour of a usual year: forecast errors
live there, so that no forecast falls below the floor price or below zero surplus, and the mass of half hours without
surplus is kept. The score of a surplus is that of the area's price times their correlation plus a rest of its own, so
that a known price says its share about surplus. Everything is fitted on train segments of one series and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.forecast.noise import draws
from wattbit.series.set import STEPS_PER_DAY, SeriesSet
from wattbit.series.splits import Segment

Array = NDArray[np.float32]

QUANTITIES: Final = ("spot_price_jpy_per_mwh", "surplus_mw")
"""What is forecast, in the order of every array here: prices of all areas, then surpluses of all areas."""

FIRST_SCORE: Final = -4.0
SCORE_STEP: Final = 0.25
N_KNOTS: Final = 33
"""Quantile functions are piecewise linear between these scores, -4 to 4."""

N_CELLS: Final = 8
"""Four seasons times working day and weekend."""

SCORE_LIMIT: Final = 4.5
"""Scores are cut here: beyond, a value is stranger than the train weeks can tell."""

FALLBACK_CORRELATION: Final = -0.5
"""Price and surplus scores of an area without surplus (assumption)."""

STRONGEST_PAIRING: Final = -0.8
"""
Strongest correlation of price and surplus scores that is used (assumption: a joint normal law takes a stronger one too
literally, and orders would be revised in one direction).
"""

REST_TIE: Final = 0.5
"""
Correlation between areas of what prices do not say about surplus, over that of prices (assumption: most half hours
have no surplus, so the data say little).
"""

_POOLED_SLOTS: Final = (-1, 0, 1)
_FEWEST_DAYS: Final = 5
_FEWEST_SURPLUS: Final = 48
_BLOCK_DAYS: Final = 364
_NORMAL: Final = NormalDist()
_DENSE: Final = np.linspace(-6.0, 6.0, 4801)
_DENSE_SHARE: Final = np.array([_NORMAL.cdf(z) for z in _DENSE])

KNOTS: Final = FIRST_SCORE + SCORE_STEP * np.arange(N_KNOTS)


def normal_share(score: NDArray[np.floating]) -> NDArray[np.float64]:
    """Share of a standard normal below a score, from a table (error below 1e-6)."""
    return np.interp(score, _DENSE, _DENSE_SHARE)


def normal_score(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score below which a share of a standard normal lies, within -6 and 6."""
    return np.interp(share, _DENSE_SHARE, _DENSE)


def day_cells(start: pd.Timestamp, n_days: int) -> NDArray[np.int64]:
    """
    Cell of every day: season (from March, June, September, December) times two, plus one at weekends.

    Public holidays count by their weekday.
    """
    days = pd.date_range(start.normalize(), periods=n_days, freq="D")
    season = (days.month.to_numpy() // 3 + 3) % 4
    return (2 * season + (days.day_of_week.to_numpy() >= 5)).astype(np.int64)


def by_day(series: SeriesSet) -> Array:
    """
    Return price and surplus as (day, slot, 2 x area), float32.

    Raises
    ------
    SeriesError
        If the series does not start at midnight or does not end with a whole day.
    """
    if series.start != series.start.normalize():
        raise SeriesError(f"series {series.name}: forecasts need a start at 00:00, got {series.start}")
    n_days, rest = divmod(len(series), STEPS_PER_DAY)
    if rest or n_days == 0:
        raise SeriesError(f"series {series.name}: forecasts need whole days, got {len(series)} half hours")
    both = np.concatenate([series.get(name) for name in QUANTITIES], axis=1)
    return np.ascontiguousarray(both.reshape(n_days, STEPS_PER_DAY, -1), dtype=np.float32)


def _quantiles(sample: NDArray[np.float64], tail: NDArray[np.float64], widening: NDArray[np.float64]) -> Array:
    """
    Quantile functions at the knots, (lane, knot), of samples (n, lane).

    The i-th smallest of n stands at share i / (n + 1): a new value then falls below it with just that chance, however
    few the samples. Scores are divided by the lane's `widening`. Beyond the samples the function goes on with the mean
    slope of its half, at least `tail` per score upwards; the caller cuts it at the lowest value.
    """
    ordered = np.sort(sample, axis=0)
    n, lanes = ordered.shape
    out = np.empty((lanes, N_KNOTS))
    standard = normal_score(np.arange(1, n + 1) / (n + 1.0))
    for lane in range(lanes):
        value, score = ordered[:, lane], standard / widening[lane]
        middle = float(np.interp(0.0, score, value))
        up = max((value[-1] - middle) / max(score[-1], SCORE_STEP), float(tail[lane]))
        down = (middle - value[0]) / max(-score[0], SCORE_STEP)
        above, below = np.maximum(KNOTS - score[-1], 0.0), np.maximum(score[0] - KNOTS, 0.0)
        if value[-1] <= 0.0:  # nothing was ever seen here: only the last knot leaves room for a surprise
            above = np.maximum(KNOTS - KNOTS[-2], 0.0)
        out[lane] = np.interp(KNOTS, score, value) + up * above - down * below
    return out.astype(np.float32)


def _inverse(function: Array, value: Array) -> NDArray[np.float64]:
    """Scores of values under one quantile function; inside a flat piece any score of it."""
    knots = np.asarray(function, np.float64)
    score = np.interp(value, knots, KNOTS)
    slope = (knots[-1] - knots[-2]) / SCORE_STEP
    beyond = value > knots[-1]
    if slope > 0.0:
        score[beyond] = KNOTS[-1] + (value[beyond] - knots[-1]) / slope
    return score


@dataclass(frozen=True, eq=False)
class Marginals:
    """
    What is usual at every half hour, lane by lane: prices of the areas [JPY/MWh], then their surpluses [MW].

    Parameters
    ----------
    quantile : ndarray, shape (cell, slot, lane, knot)
        Values at the scores :data:`KNOTS`.
    threshold : ndarray, shape (cell, slot, lane)
        Score up to which the value is the lowest there is.
    lowest : ndarray, shape (lane,)
        That value: the lowest price of the train weeks, zero surplus.
    """

    quantile: Array
    threshold: Array
    lowest: Array

    def values(self, score: NDArray[np.float64], cell: NDArray[np.int64], slot: NDArray[np.int64]) -> Array:
        """Turn scores, (..., time, lane), of half hours in the given cells and slots, (time,), into values."""
        function = np.broadcast_to(self.quantile[cell, slot], (*score.shape, N_KNOTS))
        at = (score - FIRST_SCORE) / SCORE_STEP
        low = np.clip(at, 0.0, N_KNOTS - 2.0).astype(np.int64)[..., None]
        left = np.take_along_axis(function, low, axis=-1)[..., 0]
        right = np.take_along_axis(function, low + 1, axis=-1)[..., 0]
        value = np.maximum(left + (right - left) * (at - low[..., 0]), self.lowest)
        return np.where(score <= self.threshold[cell, slot], self.lowest, value).astype(np.float32)

    def scores(self, value: Array, cell: NDArray[np.int64]) -> NDArray[np.float64]:
        """Turn values, (day, slot, lane), of days in the given cells into scores; the lowest one gets the threshold."""
        score = np.empty(value.shape)
        for kind in np.unique(cell):
            days = np.flatnonzero(cell == kind)
            for slot in range(STEPS_PER_DAY):
                for lane in range(value.shape[2]):
                    function = self.quantile[kind, slot, lane]
                    score[days, slot, lane] = _inverse(function, value[days, slot, lane])
        threshold = self.threshold[cell].astype(np.float64)
        return np.where(
            value <= self.lowest, threshold, np.clip(np.maximum(score, threshold), -SCORE_LIMIT, SCORE_LIMIT)
        )


@dataclass(frozen=True, eq=False)
class Climatology:
    """
    What is usual, of several areas, and how deviations from it hang together.

    Parameters
    ----------
    marginals : Marginals
    pairing : ndarray, shape (area,)
        Correlation of the price and surplus scores of an area.
    correlation : ndarray, shape (lane, lane)
        Correlation between areas of price scores, and of what they do not say about the surplus scores; a hundredth of
        the identity in it keeps it positive definite where areas share every price.
    memory : float
        Correlation of price scores of neighbouring half hours (the fourth root of that 2 h apart).
    delta_mean_jpy_per_mwh, delta_memory : float
        Mean of the settlement delta and its autocorrelation at one half hour.
    """

    marginals: Marginals
    pairing: NDArray[np.float64]
    correlation: NDArray[np.float64]
    memory: float
    delta_mean_jpy_per_mwh: float
    delta_memory: float

    def complete(self, score: NDArray[np.float64], cell: NDArray[np.int64], noise: Array) -> Array:
        """
        Draw the scores that a value at the floor leaves open, and take the price's share out of the surpluses.

        Parameters
        ----------
        score : ndarray, shape (day, slot, lane)
            From :meth:`Marginals.scores`: at the threshold where the value is the lowest one. There the score is only
            known to lie below, and is drawn; that of a surplus given the price's score.
        cell : ndarray, shape (day,)
        noise : ndarray, shape (day, slot, lane)
            Standard normal.

        Returns
        -------
        ndarray, shape (day, slot, lane)
            Price scores, then what they do not say about the surplus scores.
        """
        areas = score.shape[-1] // 2
        threshold = self.marginals.threshold[cell].astype(np.float64)
        is_open = score <= threshold
        price, surplus = score[..., :areas].copy(), score[..., areas:]
        at, luck = is_open[..., :areas], normal_share(noise[..., :areas][is_open[..., :areas]])
        price[at] = normal_score(luck * normal_share(threshold[..., :areas][at]))
        np.clip(price, -SCORE_LIMIT, SCORE_LIMIT, out=price)
        rest = (surplus - self.pairing * price) / np.sqrt(1.0 - self.pairing**2)
        at = is_open[..., areas:]
        rest[at] = normal_score(normal_share(noise[..., areas:][at]) * normal_share(rest[at]))
        return np.concatenate([price, np.clip(rest, -SCORE_LIMIT, SCORE_LIMIT)], axis=-1).astype(np.float32)

    def packed(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Arrays and header for the cache."""
        arrays = {**vars(self.marginals), "pairing": self.pairing, "correlation": self.correlation}
        names = ("memory", "delta_mean_jpy_per_mwh", "delta_memory")
        return arrays, {name: getattr(self, name) for name in names}

    @staticmethod
    def unpacked(arrays: dict[str, NDArray[Any]], header: dict[str, Any]) -> Climatology:
        """Inverse of :meth:`packed`."""
        kept = {name: np.array(array) for name, array in arrays.items()}
        marginals = Marginals(kept.pop("quantile"), kept.pop("threshold"), kept.pop("lowest"))
        return Climatology(marginals, kept["pairing"], kept["correlation"], **header)

    def content_hash(self) -> str:
        """Short SHA-256 of all of it."""
        arrays, header = self.packed()
        digest = hashlib.sha256(repr(sorted(header.items())).encode())
        for name in sorted(arrays):
            digest.update(np.ascontiguousarray(arrays[name]).tobytes())
        return digest.hexdigest()[:16]


def _days_like(cell: NDArray[np.int64], kind: int) -> NDArray[np.int64]:
    """Days of a cell; of its season, then of the whole year, where there are fewer than five."""
    for same in (cell == kind, cell // 2 == kind // 2):
        if same.sum() >= _FEWEST_DAYS:
            return np.flatnonzero(same)
    return np.arange(len(cell))


def _fit_marginals(value: NDArray[np.float64], cell: NDArray[np.int64], widening: NDArray[np.float64]) -> Marginals:
    """Quantile functions of days, (day, slot, lane), in the given cells."""
    lanes = value.shape[2]
    areas = lanes // 2
    lowest = np.concatenate([value[..., :areas].min(axis=(0, 1)), np.zeros(areas)])
    positive = [v[v > 0.0] for v in value[..., areas:].reshape(-1, areas).T]
    tail = np.concatenate([np.full(areas, 1.0), [max(1.0, float(v.std())) if len(v) else 1.0 for v in positive]])
    quantile = np.empty((N_CELLS, STEPS_PER_DAY, lanes, N_KNOTS), np.float32)
    threshold = np.empty((N_CELLS, STEPS_PER_DAY, lanes), np.float32)
    for kind in range(N_CELLS):
        like = value[_days_like(cell, kind)]
        for slot in range(STEPS_PER_DAY):
            slots = [(slot + shift) % STEPS_PER_DAY for shift in _POOLED_SLOTS]
            sample = like[:, slots].reshape(-1, lanes)
            quantile[kind, slot] = np.maximum(_quantiles(sample, tail, widening), lowest[:, None])
            threshold[kind, slot] = normal_score((sample <= lowest).sum(axis=0) / (len(sample) + 1.0))
    return Marginals(quantile, threshold, lowest.astype(np.float32))


def held_out(value: NDArray[np.float64], cell: NDArray[np.int64], block: NDArray[np.int64]) -> list[Marginals]:
    """Marginals of every block of days fitted on all the others, unwidened; `block` (day,) counts from 0."""
    plain = np.ones(value.shape[2])
    return [_fit_marginals(value[block != b], cell[block != b], plain) for b in range(int(block.max()) + 1)]


def _widening(value: NDArray[np.float64], cell: NDArray[np.int64], block: NDArray[np.int64]) -> NDArray[np.float64]:
    """
    By how much prices spread wider around a climatology of other weeks than the weeks it is fitted on.

    Without it the quantiles of a short fit would be too narrow for weeks it has not seen. Surplus needs none: most of
    its scores are draws.
    """
    lanes = value.shape[2]
    factor = np.ones(lanes)
    if block.max() < 1:
        return factor
    parts = held_out(value, cell, block)
    score = np.concatenate(
        [p.scores(value[block == b].astype(np.float32), cell[block == b]) for b, p in enumerate(parts)]
    )
    off = np.abs(score[..., : lanes // 2])
    factor[: lanes // 2] = max(1.0, float(np.quantile(off, 0.8)) / float(normal_score(np.array(0.9))))
    return factor


def fitting_days(series: SeriesSet, parts: Sequence[Segment]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Return the whole days inside the stretches, and the number of the stretch (cut after 52 weeks) each belongs to.

    Raises
    ------
    SeriesError
        If there is no whole day.
    """
    days, block, count = [], [], 0
    for part in parts:
        inside = np.arange(-(-part.start_step // STEPS_PER_DAY), part.stop_step // STEPS_PER_DAY)
        if len(inside):
            days.append(inside)
            block.append(count + (inside - inside[0]) // _BLOCK_DAYS)
            count = int(block[-1][-1]) + 1
    if not days:
        raise SeriesError(f"series {series.name}: no whole day to fit the climatology on")
    return np.concatenate(days), np.concatenate(block)


def fit(series: SeriesSet, parts: Sequence[Segment]) -> Climatology:
    """
    Fit the climatology of a series on some stretches of it.

    Parameters
    ----------
    series : SeriesSet
        Whole days from midnight.
    parts : sequence of Segment
        Train stretches, from :func:`~wattbit.series.splits.fitting_segments`; only whole days inside them count.

    Returns
    -------
    Climatology

    Raises
    ------
    SeriesError
        If the series is not made of whole days, or no whole day lies in the stretches.
    """
    every = by_day(series)
    days, block = fitting_days(series, parts)
    value, cell = every[days].astype(np.float64), day_cells(series.start, len(every))[days]
    marginals = _fit_marginals(value, cell, _widening(value, cell, block))
    areas = value.shape[2] // 2
    plain = Climatology(marginals, np.full(areas, FALLBACK_CORRELATION), np.eye(2 * areas), 0.0, 0.0, 0.0)
    score = marginals.scores(every[days], cell)
    price = plain.complete(score, cell, draws("forecast-floor-fit", 0, 0, value.shape))[..., :areas].astype(np.float64)
    # If both scores are normal with correlation c, the price score summed over half hours with surplus is on average c
    # times the sum of the normal density at the threshold.
    threshold = marginals.threshold[cell][..., areas:].astype(np.float64)
    density = (np.exp(-0.5 * threshold**2) / np.sqrt(2.0 * np.pi)).sum(axis=(0, 1))
    has = value[..., areas:] > 0.0
    met = np.where(has, price, 0.0).sum(axis=(0, 1)) / np.maximum(density, 1e-9)
    is_enough = has.sum(axis=(0, 1)) >= _FEWEST_SURPLUS
    pairing = np.where(is_enough, np.clip(met, STRONGEST_PAIRING, 0.0), FALLBACK_CORRELATION)
    between = 0.99 * np.corrcoef(price.reshape(-1, areas), rowvar=False).reshape(areas, areas) + 0.01 * np.eye(areas)
    none = np.zeros((areas, areas))
    memory = np.corrcoef(price[:, 4:].ravel(), price[:, :-4].ravel())[0, 1]
    delta = series.get("delta_price_jpy_per_mwh")[:, 0].reshape(-1, STEPS_PER_DAY)[days]
    swing = delta - delta.mean()
    delta_memory = (swing[:, 1:] * swing[:, :-1]).mean() / max(float(swing.var()), 1e-9)
    return Climatology(
        marginals,
        pairing,
        np.block([[between, none], [none, REST_TIE * between + (1.0 - REST_TIE) * np.eye(areas)]]),
        float(np.clip(memory, 0.0, 0.99)) ** 0.25,
        float(delta.mean()),
        float(np.clip(delta_memory, 0.0, 1.0)),
    )
