"""Batches of worlds for training and scoring, from what a configuration or a command line names."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path

from wattbit.appended import AssetView, ForecastView
from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit.series import source
from wattbit.series.splits import WEATHER_YEAR_STEPS
from wattbit.vector import AggregatorVectorEnv, FleetV2GVectorEnv, WorkloadShiftVectorEnv
from wattbit.world.arrays import build_constants
from wattbit.world.batch import Orders

logger = logging.getLogger(__name__)

ENVIRONMENTS: dict[str, type[AggregatorVectorEnv]] = {
    "Aggregator-v0": AggregatorVectorEnv,
    "WorkloadShift-v0": WorkloadShiftVectorEnv,
    "FleetV2G-v0": FleetV2GVectorEnv,
}
"""Environment ids without their namespace."""


def training_worlds(
    env: str,
    scenario: str | Path | ScenarioConfig,
    n: int,
    threads: int = 1,
    data_root: Path | None = None,
    *,
    forecast: ForecastView = "blocks",
    assets: AssetView = "sums",
    orders: Orders = "area",
) -> AggregatorVectorEnv:
    """Return `n` worlds that start at random midnights of the train split; see the environment for its options."""
    return ENVIRONMENTS[env](
        n,
        scenario,
        mode="training",
        split="train",
        info_level="none",
        forecast=forecast,
        assets=assets,
        orders=orders,
        threads=threads,
        data_root=data_root,
    )


def scoring_worlds(
    env: str,
    scenario: str | Path | ScenarioConfig,
    n: int,
    split: str,
    data_root: Path | None = None,
    *,
    forecast: ForecastView = "blocks",
    assets: AssetView = "sums",
    orders: Orders = "area",
) -> AggregatorVectorEnv:
    """Return `n` worlds that play whole weeks of a split; see the environment for its options."""
    return ENVIRONMENTS[env](
        n,
        scenario,
        mode="evaluation",
        split=split,
        info_level="none",
        forecast=forecast,
        assets=assets,
        orders=orders,
        data_root=data_root,
    )


def seasonal_weeks(
    scenario: str | Path | ScenarioConfig, wanted: int, split: str, data_root: Path | None = None
) -> list[int]:
    """
    Return up to `wanted` weeks of a split, spread evenly over the seasons and over the years.

    The weeks in the order of their season are cut into as many parts as weeks are wanted; each part gives one week of
    the year that has given least so far, as near as there is to the middle of the part. Even steps through the split
    itself would fall in with the year: every 52nd week of ten years is one in the same month.

    Parameters
    ----------
    scenario : str, Path or ScenarioConfig
    wanted : int
        At least 1; all weeks where there are no more, which one log line says.
    split : str
    data_root : Path, optional
        Folder of real data.

    Returns
    -------
    list of int
        Ascending.

    Raises
    ------
    WattbitError
        If the scenario or the split is not valid, or real data are missing.
    """
    config = load_scenario(scenario)
    starts = build_constants(config, "evaluation", split, data_root).starts
    series, _ = source.load(config.series, [area.name for area in config.areas], split, data_root, config.grid)
    n = len(starts)
    if wanted > n:
        logger.warning("%s: the %s split has %d weeks, fewer than the %d wanted", config.name, split, n, wanted)
    by_season = sorted(range(n), key=lambda week: series.time_of(int(starts[week])).day_of_year)
    year = (starts - starts.min()) // WEATHER_YEAR_STEPS
    count = min(wanted, n)
    taken: Counter[int] = Counter()
    weeks = []
    for k in range(count):
        part = by_season[k * n // count : (k + 1) * n // count]
        near = sorted(part, key=lambda week: abs(part.index(week) - (len(part) - 1) / 2))
        weeks.append(min(near, key=lambda week: taken[year[week]]))
        taken[year[weeks[-1]]] += 1
    return sorted(weeks)
