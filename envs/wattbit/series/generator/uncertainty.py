"""What nobody plans: bids, outages, commitment, inflow, works on lines, and the settlement price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.generator.noise import ar1, daily_to_steps, filtered, rng, spatial_root
from wattbit.series.set import AREAS, STEPS_PER_DAY

Array = NDArray[np.float64]

EAST: Final = np.array([area in ("hokkaido", "tohoku", "tokyo") for area in AREAS])
"""Areas of 50 Hz: bids of one side of the frequency border move together."""

DELTA_MEAN_JPY_PER_KWH: Final = 0.74
"""Mean of intraday average minus system price, FY2024; so are the standard deviation and the tails of its law."""

DELTA_MEMORY: Final = (0.905, 0.61)
"""From one half hour to the next, of the slow and of the fast part of settlement minus spot."""

DELTA_PARTS: Final = (0.60, 0.40)
"""Their shares of the variance of its score."""

_TAIL: Final = 0.62
_SKEW: Final = 0.06
_MEAN_SINH: Final = 0.0727
_SCALE: Final = 0.812
"""Of the sinh of the score: its tails and skewness, and the mean and standard deviation that come of them."""


def _skewed(z: Array, skew: float) -> Array:
    """Zero mean, unit variance, longer tail upwards: dear half hours are dearer than cheap ones are cheap."""
    if skew == 0.0:
        return z
    mean = np.exp(0.5 * skew**2)
    return (np.exp(skew * z) - mean) / (mean * np.sqrt(np.expm1(skew**2)))


def _daily_pattern(year: int, seed: int, n_days: int, memory: float, root: Any) -> Array:
    """
    Noise that comes back at the same time of the next days, (48 * day, 2): how morning, noon and evening differ.

    Eight values a day, correlated over four hours, each remembered from day to day; unit variance, linear in between.
    """
    hour = np.arange(8) * 3.0 + 1.5
    apart = np.abs(hour[:, None] - hour[None, :])
    within = np.linalg.cholesky(np.exp(-np.minimum(apart, 24.0 - apart) / 4.0))
    values = ar1(rng(year, "bid-pattern", seed), n_days, memory, np.kron(within, root)).reshape(n_days * 8, -1)
    middle = np.arange(n_days * 8) * 3.0 + 1.5
    clock = np.arange(n_days * STEPS_PER_DAY) / 2.0 + 0.25
    return np.stack([np.interp(clock, middle, column) for column in values.T], axis=1)


def draw(year: int, n_steps: int, n_lines: int, spread: Mapping[str, Any], seed: int = 0) -> dict[str, Array]:
    """
    Draw the noise of a year.

    Parameters
    ----------
    year, seed : int
        Key of the streams.
    n_steps, n_lines : int
        Half hours (whole days) and lines.
    spread : mapping
        Standard deviations and memories, section ``noise`` of ``data/fleet.yaml`` (fitted).

    Returns
    -------
    dict of str to ndarray
        ``"bid_expected"``, what the day-ahead plan knows of the bids, and ``"bid"``, the bids of the auction [JPY/kWh];
        ``"outage"``, ``"commitment"``, ``"hydro"``, all (time, 9), and ``"line"`` (time, line): unit variance, smooth
        over days.
    """
    n_days = n_steps // STEPS_PER_DAY
    root = spatial_root(700.0)

    def steps(stream: str, memory: float, correlation: Array | None = None) -> Array:
        return ar1(rng(year, stream, seed), n_steps, memory, correlation)

    def days(stream: str, memory: float, correlation: Array) -> Array:
        return daily_to_steps(ar1(rng(year, stream, seed), n_days, memory, correlation))

    def both_sides(noise: Array) -> Array:
        return np.where(EAST, noise[:, :1], noise[:, 1:])

    together = float(spread["bid_side_correlation"])
    pair = np.linalg.cholesky(np.array([[1.0, together], [together, 1.0]]))
    fast = _skewed(both_sides(steps("bid-fast", float(spread["bid_memory"]), pair)), float(spread["bid_skew"]))
    pattern = both_sides(_daily_pattern(year, seed, n_days, float(spread["bid_pattern_memory"]), pair))
    own = steps("bid-area", 0.85, np.eye(len(AREAS)))
    fuel = daily_to_steps(ar1(rng(year, "fuel", seed), n_days, 0.985))
    expected = float(spread["bid_pattern_jpy_per_kwh"]) * pattern + float(spread["fuel_jpy_per_kwh"]) * fuel
    bid = float(spread["bid_fast_jpy_per_kwh"]) * fast + float(spread["bid_area_jpy_per_kwh"]) * own
    return {
        "bid_expected": expected,
        "bid": expected + bid,
        "outage": days("outage", 0.9, np.eye(len(AREAS))),
        "commitment": days("commitment", 0.5, root),
        "hydro": days("hydro", 0.85, root),
        "line": days("line", 0.7, np.eye(n_lines)),
    }


def settlement_noise(year: int, n_steps: int, seed: int = 0) -> Array:
    """
    Return the two AR(1) behind settlement minus spot, of unit variance: :data:`DELTA_MEMORY` and :data:`DELTA_PARTS`.

    They depend on nothing else in a year, and nothing else on them.

    Returns
    -------
    ndarray, shape (time, 2)
    """
    streams = zip(("delta-slow", "delta-fast"), DELTA_MEMORY, strict=True)
    return np.concatenate([ar1(rng(year, name, seed), n_steps, memory) for name, memory in streams], axis=1)


def expected_delta(noise: Array, ahead: int) -> Array:
    """
    Return what is expected of settlement minus spot some half hours after its noise was seen.

    A sinh of a Gaussian score gives heavy tails and skewness, with mean and standard deviation of FY2024.

    Parameters
    ----------
    noise : ndarray, shape (..., 2)
        From :func:`settlement_noise`.
    ahead : int
        Half hours; 0 is settlement minus spot itself.

    Returns
    -------
    ndarray, shape (...)
        [JPY/kWh]
    """
    kept = [memory**ahead for memory in DELTA_MEMORY]
    score = sum(
        np.sqrt(part) * share * noise[..., k] for k, (part, share) in enumerate(zip(DELTA_PARTS, kept, strict=True))
    )
    return _expected(score, _variance(kept))


def settlement_delta(year: int, n_steps: int, seed: int = 0) -> Array:
    """
    Return settlement minus spot, national: autocorrelation 0.78 at 30 min and 0.44 at 2 h, skewed upwards.

    Returns
    -------
    ndarray, shape (time, 1)
        [JPY/kWh]
    """
    return expected_delta(settlement_noise(year, n_steps, seed), 0)[:, None]


def drawn_deltas(expected_jpy_per_kwh: Array, shocks: Array) -> Array:
    """
    Draw courses of settlement minus spot around what is expected of them.

    Parameters
    ----------
    expected_jpy_per_kwh : ndarray, shape (time, width)
        What was expected of each half hour before the first of them.
    shocks : ndarray, shape (time, 2)
        Standard normal numbers, of the slow and of the fast part of the noise.

    Returns
    -------
    ndarray, shape (time, width)
        [JPY/kWh]
    """
    steps = len(shocks)
    variance = _variance([memory ** np.arange(1, steps + 1) for memory in DELTA_MEMORY])[:, None]
    around = (expected_jpy_per_kwh - DELTA_MEAN_JPY_PER_KWH) * _SCALE / 2.0 + _MEAN_SINH
    score = (np.arcsinh(around / np.exp(0.5 * _TAIL**2 * variance)) - _SKEW) / _TAIL
    for k, (part, memory) in enumerate(zip(DELTA_PARTS, DELTA_MEMORY, strict=True)):
        score = score + np.sqrt(part) * filtered(np.sqrt(1.0 - memory**2) * shocks[:, k : k + 1], memory)
    return _expected(score, 0.0)


def _variance(kept: Sequence[Any]) -> Any:
    """Variance of a score of which those shares of both parts of the noise are known."""
    return 1.0 - sum(part * share**2 for part, share in zip(DELTA_PARTS, kept, strict=True))


def _expected(score: Array, variance: float | Array) -> Array:
    """Return what is expected of settlement minus spot when a part of its score is still to come, JPY/kWh."""
    spread = np.exp(0.5 * _TAIL**2 * variance)
    return np.asarray(DELTA_MEAN_JPY_PER_KWH + 2.0 * (np.sinh(_TAIL * score + _SKEW) * spread - _MEAN_SINH) / _SCALE)
