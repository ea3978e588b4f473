"""Batches of worlds for training and scoring, from what a configuration or a command line names."""

from __future__ import annotations

from pathlib import Path

from wattbit.appended import AssetView, ForecastView
from wattbit.config import ScenarioConfig
from wattbit.vector import AggregatorVectorEnv, FleetV2GVectorEnv, WorkloadShiftVectorEnv

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
) -> AggregatorVectorEnv:
    """Return `n` worlds that start at random midnights of the train split; see the environment for what they show."""
    return ENVIRONMENTS[env](
        n,
        scenario,
        mode="training",
        split="train",
        info_level="none",
        forecast=forecast,
        assets=assets,
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
) -> AggregatorVectorEnv:
    """Return `n` worlds that play whole weeks of a split; see the environment for what they show."""
    return ENVIRONMENTS[env](
        n,
        scenario,
        mode="evaluation",
        split=split,
        info_level="none",
        forecast=forecast,
        assets=assets,
        data_root=data_root,
    )


def spread_weeks(n_weeks: int, wanted: int) -> list[int]:
    """
    Return up to `wanted` weeks, spread evenly over `n_weeks`, so that every season is met.

    Examples
    --------
    >>> spread_weeks(52, 4)
    [6, 19, 32, 45]
    """
    count = min(wanted, n_weeks)
    return [int((k + 0.5) * n_weeks / count) for k in range(count)]
