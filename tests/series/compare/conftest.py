"""Sets made by hand, in which every statistic is known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from wattbit.series.set import FEATURE_NAMES, SeriesSet

DEFAULTS = {
    "spot_price_jpy_per_mwh": 10_000.0,
    "delta_price_jpy_per_mwh": 0.0,
    "supply_slope_jpy_per_mwh_per_mw": 1.0,
    "surplus_mw": 0.0,
    "carbon_average_kg_per_mwh": 400.0,
    "carbon_marginal_kg_per_mwh": 400.0,
    "temperature_c": 15.0,
    "demand_mw": 1000.0,
    "solar_mw": 100.0,
    "wind_mw": 100.0,
}


@pytest.fixture(scope="session")
def make() -> Callable[..., SeriesSet]:
    """Build a set: features by name, each broadcast to (time, area); others are constant."""

    def build(
        days: int = 7,
        areas: tuple[str, ...] = ("hokkaido", "tokyo"),
        start: str = "2024-04-01",
        name: str = "by-hand",
        **features: Any,
    ) -> SeriesSet:
        values = np.empty((48 * days, len(areas), len(FEATURE_NAMES)))
        for k, feature in enumerate(FEATURE_NAMES):
            values[:, :, k] = features.get(feature, DEFAULTS[feature])
        when = pd.Timestamp(start, tz="Asia/Tokyo")
        return SeriesSet(name, when, areas, values, dict.fromkeys(FEATURE_NAMES, "by hand"))

    return build


@pytest.fixture(scope="session")
def lively(make) -> Callable[..., SeriesSet]:
    """Build a set of random numbers with every statistic well defined; areas split now and then."""

    def build(seed: int = 0, areas: tuple[str, ...] = ("hokkaido", "tokyo", "kyushu"), **options: Any) -> SeriesSet:
        days = options.pop("days", 28)
        rng = np.random.default_rng(seed)
        n = 48 * days
        step = np.arange(n)[:, None]
        national = 12_000.0 + 6_000.0 * np.sin(2 * np.pi * step / 48.0) + 800.0 * rng.standard_normal((n, 1))
        price = national + 500.0 * (rng.random((n, len(areas))) < 0.3)
        price[rng.random((n, len(areas))) < 0.05] = 10.0
        sun = np.clip(np.sin(2 * np.pi * (step - 12) / 48.0), 0.0, None) * rng.uniform(0.5, 1.0, (n, len(areas)))
        features = {
            "spot_price_jpy_per_mwh": price,
            "delta_price_jpy_per_mwh": 1000.0 * rng.standard_normal((n, 1)),
            "demand_mw": 3000.0 + price / 20.0 + 50.0 * rng.standard_normal((n, len(areas))),
            "solar_mw": 1000.0 * sun,
            "wind_mw": rng.uniform(10.0, 300.0, (n, len(areas))),
            "surplus_mw": 200.0 * sun * (rng.random((n, len(areas))) < 0.2),
        }
        return make(days=days, areas=areas, **{**features, **options})

    return build
