"""What nobody plans: bids, outages, commitment, inflow, works on lines, and the settlement price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.generator.noise import ar1, daily_to_steps, rng, spatial_root
from wattbit.series.set import AREAS, STEPS_PER_DAY

Array = NDArray[np.float64]

EAST: Final = np.array([area in ("hokkaido", "tohoku", "tokyo") for area in AREAS])
"""Areas of 50 Hz: bids of one side of the frequency border move together."""

DELTA_MEAN_JPY_PER_KWH: Final = 0.74
"""Mean of intraday average minus system price, FY2024."""


def _skewed(z: Array, skew: float) -> Array:
    """Zero mean, unit variance, longer tail upwards: dear half hours are dearer than cheap ones are cheap."""
    if skew == 0.0:
        return z
    mean = np.exp(0.5 * skew**2)
    return (np.exp(skew * z) - mean) / (mean * np.sqrt(np.expm1(skew**2)))


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
        ``"bid"`` [JPY/kWh], ``"outage"``, ``"commitment"``, ``"hydro"`` (time, 9) and ``"line"`` (time, line), the last
        four of unit variance, constant or smooth within a day.
    """
    n_days = n_steps // STEPS_PER_DAY
    root = spatial_root(700.0)

    def steps(stream: str, memory: float, correlation: Array | None = None) -> Array:
        return ar1(rng(year, stream, seed), n_steps, memory, correlation)

    def days(stream: str, memory: float, correlation: Array) -> Array:
        return daily_to_steps(ar1(rng(year, stream, seed), n_days, memory, correlation))

    def both_sides(noise: Array) -> Array:
        return np.where(EAST, noise[:, :1], noise[:, 1:])

    pair = np.linalg.cholesky(np.array([[1.0, 0.45], [0.45, 1.0]]))  # east and west (fitted)
    fast = _skewed(both_sides(steps("bid-fast", float(spread["bid_memory"]), pair)), float(spread["bid_skew"]))
    slow = both_sides(days("bid-day", float(spread["bid_day_memory"]), pair))
    own = steps("bid-area", 0.85, np.eye(len(AREAS)))
    season = 2.0 * daily_to_steps(ar1(rng(year, "fuel", seed), n_days, 0.985)) * 0.5
    bid = float(spread["bid_fast_jpy_per_kwh"]) * fast + float(spread["bid_day_jpy_per_kwh"]) * slow
    bid = bid + float(spread["bid_area_jpy_per_kwh"]) * own + float(spread["fuel_jpy_per_kwh"]) * season
    return {
        "bid": bid,
        "outage": days("outage", 0.9, np.eye(len(AREAS))),
        "commitment": days("commitment", 0.5, root),
        "hydro": days("hydro", 0.85, root),
        "line": days("line", 0.7, np.eye(n_lines)),
    }


def settlement_delta(year: int, n_steps: int, seed: int = 0) -> Array:
    """
    Return settlement minus spot, national: autocorrelation 0.78 at 30 min and 0.44 at 2 h, skewed upwards.

    Returns
    -------
    ndarray, shape (time, 1)
        [JPY/kWh]
    """
    slow = ar1(rng(year, "delta-slow", seed), n_steps, 0.905)
    fast = ar1(rng(year, "delta-fast", seed), n_steps, 0.61)
    z = np.sqrt(0.60) * slow + np.sqrt(0.40) * fast
    # Heavy tails and skewness: a sinh of the Gaussian, with mean and standard deviation of FY2024.
    return DELTA_MEAN_JPY_PER_KWH + 2.0 * (np.sinh(0.62 * z + 0.06) - 0.0727) / 0.812
