"""Worths of stocks from the oracle's prices on train weeks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from wattbit.config import ScenarioConfig
from wattbit.units import STEPS_PER_DAY
from wattbit.world.batch import Batch
from wattbit_agents.baselines.fits import next_version
from wattbit_agents.baselines.lp.book import AROUND, Array, Worths
from wattbit_agents.baselines.lp.oracle import OracleError, OracleWeek, oracle_weeks
from wattbit_agents.baselines.lp.prices import STOCKS
from wattbit_agents.worlds import seasonal_weeks

SEED: Final = 0
"""Seed of the draws in the train weeks."""


def price_around(price: Array) -> Array:
    """
    Return the mean price from :data:`AROUND` half hours before the end of each half hour to as many after.

    Parameters
    ----------
    price : ndarray, shape (step, area)

    Returns
    -------
    ndarray, shape (step, area)
        Shorter at both ends.
    """
    total = np.concatenate([np.zeros((1, price.shape[1])), np.cumsum(price, axis=0)])
    end = np.arange(1, len(price) + 1)
    first, last = np.maximum(0, end - AROUND), np.minimum(len(price), end + AROUND)
    return np.asarray((total[last] - total[first]) / (last - first)[:, None])


def by_time_of_day(worth: Array, price: Array) -> tuple[Array, Array]:
    """
    Fit worths by time of day that follow the price.

    Parameters
    ----------
    worth, price : ndarray, shape (week, step, area)
        Worths, and the prices around them.

    Returns
    -------
    usual : ndarray, shape (48, area)
        At the mean price: the mean over the days of each week, then the median over weeks, since one dear week would
        move a mean.
    slope : ndarray, shape (area,)
        Least squares over all half hours, each less the mean of its time of day.
    """
    weeks, steps, areas = worth.shape
    shape = (weeks, steps // STEPS_PER_DAY, STEPS_PER_DAY, areas)
    worths, prices = worth.reshape(shape), price.reshape(shape)
    along = prices - prices.mean(axis=(0, 1))
    slope = (along * worths).sum(axis=(0, 1, 2)) / np.maximum(1e-9, (along**2).sum(axis=(0, 1, 2)))
    level = worths - slope * (prices - price.mean(axis=(0, 1)))
    return np.asarray(np.median(level.mean(axis=1), axis=0)), np.asarray(slope)


def calibrate(
    config: ScenarioConfig,
    n_weeks: int = 8,
    data_root: Path | None = None,
    progress: Callable[[OracleWeek], None] | None = None,
) -> Worths:
    """
    Calculate the worths of a scenario's stocks by time of day on train weeks spread over the split.

    Parameters
    ----------
    config : ScenarioConfig
        The world.
    n_weeks : int
        Train weeks.
    data_root : path, optional
        Folder of real data.
    progress : callable, optional
        Called with every week as it is done.

    Returns
    -------
    Worths

    Raises
    ------
    OracleError
        If there is no week, or one has no optimal plan.
    """
    if n_weeks < 1:
        raise OracleError(f"weeks is {n_weeks}, must be at least 1")
    batch = Batch(config, 1, "evaluation", "train", data_root=data_root)
    weeks = seasonal_weeks(config, n_weeks, "train", data_root)
    found = oracle_weeks(config, weeks, [SEED] * len(weeks), "train", data_root, progress)
    price = np.stack([price_around(week.result.path.price_jpy_per_mwh) for week in found])
    tables, slopes = {}, {}
    for name in STOCKS:
        worth = np.stack([week.result.area_prices[f"{name}_jpy_per_mwh"] for week in found])
        tables[name], slopes[name] = by_time_of_day(worth, price)
    facts = {
        "version": next_version("planner", config.name),
        "scenario": config.name,
        "world_hash": batch.hash,
        "data_hash": batch.constants.series_hash,
        "split": "train",
        "weeks": weeks,
        "seed": SEED,
    }
    return Worths(tables, slopes, price.mean(axis=(0, 1)), tuple(area.name for area in config.areas), facts)
