"""
What a set of series looks like in numbers: prices, splits, curtailment, weather, demand, delta and slope.

Everything is computed over the half hours of a mask (whole weeks, as a rule), so that train weeks, test weeks and a
whole year go through the same code. Prices are in JPY/kWh and power is in GW, as people read them.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.set import STEPS_PER_DAY, SeriesSet

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

FLOOR_JPY_PER_MWH: Final = 10.0
"""Lowest price of the Japanese day-ahead market, 0.01 JPY/kWh (JEPX)."""

SPIKE_JPY_PER_MWH: Final = 25_000.0
"""Price from which a half hour counts as a spike."""

PAIRS: Final = (
    ("hokkaido", "tokyo"),
    ("kyushu", "tokyo"),
    ("tohoku", "tokyo"),
    ("tokyo", "chubu"),
    ("chugoku", "kyushu"),
    ("kansai", "shikoku"),
)
"""Pairs of areas whose split shares are counted, where a set has both."""

SEASONS: Final = ("spring", "summer", "autumn", "winter")
"""March to May, June to August, September to November, December to February."""

LAGS: Final = tuple(range(1, 2 * STEPS_PER_DAY + 1))
"""Lags of the price autocorrelation in half hours: 30 min to 48 h."""

DELTA_LAGS: Final = (1, 4)
"""Lags of the delta's autocorrelation: 30 min and 2 h."""

PRICE_QUANTILES: Final = tuple(np.linspace(0.0, 1.0, 101).round(2).tolist())
DEMAND_QUANTILES: Final = (0.0, 0.05, 0.5, 0.95, 1.0)
DELTA_QUANTILES: Final = (0.01, 0.99)

SLOPE_QUANTILES: Final = (0.1, 0.9)
"""Residual load between which the slope is fitted: the steep ends of the curve are left out."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """
    One statistic: `axes` name the axes of its array.

    An axis is ``area``, ``pair``, ``season``, ``hour``, ``month``, ``other area``, ``lag``, ``delta lag`` or a
    ``... quantile``; :func:`axis_labels` says what stands along it.
    """

    name: str
    unit: str
    description: str
    axes: tuple[str, ...] = ("area",)


QUANTITIES: Final[tuple[Quantity, ...]] = (
    Quantity("price_mean", "JPY/kWh", "mean spot price"),
    Quantity("price_sd", "JPY/kWh", "standard deviation of the spot price"),
    Quantity("price_autocorrelation", "1", "autocorrelation of the spot price", ("area", "lag")),
    Quantity("price_quantiles", "JPY/kWh", "quantiles of the spot price (duration curve)", ("area", "price quantile")),
    Quantity("floor_share", "1", "share of half hours at the floor price"),
    Quantity("floor_share_by_month", "1", "share of half hours at the floor price", ("area", "month")),
    Quantity("floor_share_by_hour", "1", "share of half hours at the floor price", ("area", "hour")),
    Quantity("spike_share", "1", "share of half hours at 25 JPY/kWh or more"),
    Quantity("daily_spread", "JPY/kWh", "dearest less cheapest half hour of a day, mean over days"),
    Quantity("daily_4h_spread", "JPY/kWh", "dearest less cheapest 8 half hours of a day, mean over days"),
    Quantity("price_by_season_hour", "JPY/kWh", "mean spot price", ("area", "season", "hour")),
    Quantity("price_correlation", "1", "correlation of spot prices", ("area", "other area")),
    Quantity("split_share", "1", "share of half hours in which two areas differ in price", ("pair",)),
    Quantity("curtailed_share", "1", "curtailed solar and wind over their potential"),
    Quantity("curtailed_half_hours_share", "1", "share of half hours with curtailment"),
    Quantity("curtailed_by_month", "GW", "mean curtailed power", ("area", "month")),
    Quantity("curtailed_by_hour", "GW", "mean curtailed power", ("area", "hour")),
    Quantity("solar_factor", "1", "mean solar potential over its peak"),
    Quantity("solar_factor_by_month", "1", "mean solar potential over its peak", ("area", "month")),
    Quantity("wind_factor", "1", "mean wind potential over its peak"),
    Quantity("wind_factor_by_month", "1", "mean wind potential over its peak", ("area", "month")),
    Quantity(
        "noon_solar_correlation", "1", "correlation of solar at 11-13 h, 31-day mean removed", ("area", "other area")
    ),
    Quantity("wind_correlation", "1", "correlation of wind potential", ("area", "other area")),
    Quantity("demand_mean", "GW", "mean demand"),
    Quantity("demand_quantiles", "GW", "quantiles of demand", ("area", "demand quantile")),
    Quantity("demand_weekend_ratio", "1", "mean demand of Saturdays and Sundays over that of other days"),
    Quantity("delta_mean", "JPY/kWh", "mean of settlement less spot"),
    Quantity("delta_sd", "JPY/kWh", "standard deviation of settlement less spot"),
    Quantity("delta_autocorrelation", "1", "autocorrelation of settlement less spot", ("area", "delta lag")),
    Quantity("delta_quantiles", "JPY/kWh", "quantiles of settlement less spot", ("area", "delta quantile")),
    Quantity("slope_regression", "JPY/kWh per GW", "slope of price on residual load, 10th to 90th percentile"),
    Quantity("slope_feature", "JPY/kWh per GW", "mean of the supply slope feature (that of the price zone)"),
)
"""Every statistic, in the order of tables."""


@dataclass(frozen=True, eq=False)
class Statistics:
    """
    Statistics of one set over some of its half hours.

    Parameters
    ----------
    areas : tuple of str
        Labels of the axes ``area`` and ``other area``.
    pairs : tuple of (str, str)
        Labels of the axis ``pair``: those of :data:`PAIRS` that the areas hold.
    values : mapping of str to ndarray
        One array for every one of :data:`QUANTITIES`, with its axes and unit. NaN where nothing was there to measure.
    """

    areas: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    values: Mapping[str, Array]

    def __getitem__(self, name: str) -> Array:
        return self.values[name]


def pairs_of(areas: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Those of :data:`PAIRS` whose areas are both there."""
    return tuple(pair for pair in PAIRS if pair[0] in areas and pair[1] in areas)


def axis_labels(axis: str, areas: tuple[str, ...]) -> tuple[str, ...]:
    """Labels along an axis of a :class:`Quantity` for a set with these areas."""
    labels: dict[str, tuple[str, ...]] = {
        "area": areas,
        "other area": areas,
        "pair": tuple("-".join(pair) for pair in pairs_of(areas)),
        "season": SEASONS,
        "hour": tuple(str(hour) for hour in range(24)),
        "month": tuple(str(month) for month in range(1, 13)),
        "lag": tuple(f"{lag / 2:g} h" for lag in LAGS),
        "delta lag": tuple(f"{lag / 2:g} h" for lag in DELTA_LAGS),
        "price quantile": tuple(f"p{100 * q:g}" for q in PRICE_QUANTILES),
        "demand quantile": tuple(f"p{100 * q:g}" for q in DEMAND_QUANTILES),
        "delta quantile": tuple(f"p{100 * q:g}" for q in DELTA_QUANTILES),
    }
    return labels[axis]


def autocorrelation(values: Array, mask: Mask, lag: int) -> Array:
    """
    Return the correlation of `values` with themselves `lag` half hours later.

    Parameters
    ----------
    values : ndarray, shape (time, area)
    mask : ndarray of bool, shape (time,)
        Both half hours of a pair must be in it.
    lag : int

    Returns
    -------
    ndarray, shape (area,)
        NaN without two pairs or without variance.
    """
    both = mask[:-lag] & mask[lag:]
    early, late = values[:-lag][both], values[lag:][both]
    if len(early) < 2:
        return np.full(values.shape[1], np.nan)
    early, late = early - early.mean(axis=0), late - late.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (early * late).sum(axis=0) / np.sqrt((early**2).sum(axis=0) * (late**2).sum(axis=0))


def correlation(values: Array) -> Array:
    """Pearson correlation between the columns of `values`, shape (column, column); NaN for a constant column."""
    centred = values - values.mean(axis=0)
    covariance = centred.T @ centred
    deviation = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        return covariance / np.outer(deviation, deviation)


def mean_by(values: Array, label: NDArray[np.int64], n_labels: int) -> Array:
    """
    Return the mean of every column for every label 0 .. `n_labels` - 1.

    Returns
    -------
    ndarray, shape (column, label)
        NaN where a label does not occur.
    """
    count = np.bincount(label, minlength=n_labels)
    total = np.stack([np.bincount(label, weights=column, minlength=n_labels) for column in values.T])
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / count


def residual_slope(price: Array, residual_load: Array) -> Array:
    """
    Return the slope of price on residual load between the quantiles :data:`SLOPE_QUANTILES` of the residual load.

    On FY2024 it gives 3.5 (Hokkaido), 1.3 (Tohoku), 0.34 (Tokyo) and 1.3 (Kyushu) JPY/kWh per GW, within 7 % of the
    published slopes of :data:`~wattbit.series.zones.AREA_SLOPE_JPY_PER_MWH_PER_MW`; least squares over every half hour
    gives 3.8, 1.5, 0.46 and 1.6.

    Parameters
    ----------
    price, residual_load : ndarray, shape (time, area)

    Returns
    -------
    ndarray, shape (area,)
        Least-squares slope in the units of price over those of residual load; NaN without a spread of residual load.
    """
    low, high = np.quantile(residual_load, SLOPE_QUANTILES, axis=0)
    middle = (residual_load >= low) & (residual_load <= high)
    count = middle.sum(axis=0)
    x = np.where(middle, residual_load - np.where(middle, residual_load, 0.0).sum(axis=0) / count, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (x * price).sum(axis=0) / (x**2).sum(axis=0)


def _noon_anomaly(solar: Array, hour: NDArray[np.int64], day: NDArray[np.int64]) -> Array:
    """Mean solar power from 11 to 13 h of every day less its 31-day centred mean, shape (day, area)."""
    noon = (hour == 11) | (hour == 12)
    days = day[noon] - day[noon].min() if noon.any() else day[noon]
    daily = pd.DataFrame(mean_by(solar[noon], days, int(days.max(initial=-1)) + 1).T)
    anomaly = daily - daily.rolling(31, center=True, min_periods=1).mean()
    return anomaly.dropna().to_numpy(dtype=np.float64)


def statistics(series: SeriesSet, steps_mask: Mask | None = None) -> Statistics:
    """
    Measure a set.

    Parameters
    ----------
    series : SeriesSet
        One unbroken period; give several weather years one by one.
    steps_mask : ndarray of bool, shape (time,), optional
        Half hours that count; all of them without it. Peaks of solar and wind are those inside the mask, and only days
        that lie inside it as a whole have a daily spread.

    Returns
    -------
    Statistics

    Raises
    ------
    SeriesError
        If the mask has another length or holds no whole day.
    """
    mask = np.ones(len(series), np.bool_) if steps_mask is None else steps_mask
    if mask.shape != (len(series),):
        raise SeriesError(f"series {series.name}: mask has shape {mask.shape}, must be ({len(series)},)")
    into_day = round((series.start - series.start.normalize()) / pd.Timedelta(minutes=30))
    first, last = -into_day % STEPS_PER_DAY, (len(series) + into_day) // STEPS_PER_DAY * STEPS_PER_DAY - into_day
    whole = mask[first:last].reshape(-1, STEPS_PER_DAY).all(axis=1) if last > first else mask[:0]
    if not whole.any():
        raise SeriesError(f"series {series.name}: the half hours to measure hold no whole day")

    clock = pd.date_range(series.start, periods=len(series), freq="30min")[mask]
    hour = clock.hour.to_numpy(dtype=np.int64)
    month = clock.month.to_numpy(dtype=np.int64)
    season = (month - 3) % 12 // 3
    weekend = clock.day_of_week.to_numpy() >= 5
    day = (into_day + np.flatnonzero(mask)) // STEPS_PER_DAY

    def chosen(feature: str, unit: float = 1000.0) -> Array:
        return series.get(feature)[mask] / unit

    all_prices = series.get("spot_price_jpy_per_mwh")
    price, delta = chosen("spot_price_jpy_per_mwh"), chosen("delta_price_jpy_per_mwh")
    demand, solar, wind = chosen("demand_mw"), chosen("solar_mw"), chosen("wind_mw")
    surplus = chosen("surplus_mw")
    # A price from a float32 file may miss the floor by rounding.
    at_floor = (all_prices[mask] <= FLOOR_JPY_PER_MWH * (1.0 + 1e-6)).astype(np.float64)
    sorted_day = np.sort(all_prices[first:last].reshape(-1, STEPS_PER_DAY, price.shape[1])[whole] / 1000.0, axis=1)
    by_season_hour = mean_by(price, season * 24 + hour, 4 * 24).reshape(-1, 4, 24)
    pairs = pairs_of(series.areas)
    ends = [(series.areas.index(a), series.areas.index(b)) for a, b in pairs]

    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)
        values = {
            "price_mean": price.mean(axis=0),
            "price_sd": price.std(axis=0),
            "price_autocorrelation": np.stack([autocorrelation(all_prices, mask, lag) for lag in LAGS], axis=1),
            "price_quantiles": np.quantile(price, PRICE_QUANTILES, axis=0).T,
            "floor_share": at_floor.mean(axis=0),
            "floor_share_by_month": mean_by(at_floor, month - 1, 12),
            "floor_share_by_hour": mean_by(at_floor, hour, 24),
            "spike_share": (all_prices[mask] >= SPIKE_JPY_PER_MWH).mean(axis=0),
            "daily_spread": (sorted_day[:, -1] - sorted_day[:, 0]).mean(axis=0),
            "daily_4h_spread": (sorted_day[:, -8:].mean(axis=1) - sorted_day[:, :8].mean(axis=1)).mean(axis=0),
            "price_by_season_hour": by_season_hour,
            "price_correlation": correlation(price),
            "split_share": np.array([(price[:, i] != price[:, j]).mean() for i, j in ends]),
            "curtailed_share": surplus.sum(axis=0) / (solar + wind).sum(axis=0),
            "curtailed_half_hours_share": (surplus > 0.0).mean(axis=0),
            "curtailed_by_month": mean_by(surplus, month - 1, 12),
            "curtailed_by_hour": mean_by(surplus, hour, 24),
            "solar_factor": solar.mean(axis=0) / solar.max(axis=0),
            "solar_factor_by_month": mean_by(solar / solar.max(axis=0), month - 1, 12),
            "wind_factor": wind.mean(axis=0) / wind.max(axis=0),
            "wind_factor_by_month": mean_by(wind / wind.max(axis=0), month - 1, 12),
            "noon_solar_correlation": correlation(_noon_anomaly(solar, hour, day)),
            "wind_correlation": correlation(wind),
            "demand_mean": demand.mean(axis=0),
            "demand_quantiles": np.quantile(demand, DEMAND_QUANTILES, axis=0).T,
            "demand_weekend_ratio": demand[weekend].mean(axis=0) / demand[~weekend].mean(axis=0),
            "delta_mean": delta.mean(axis=0),
            "delta_sd": delta.std(axis=0),
            "delta_autocorrelation": np.stack(
                [autocorrelation(series.get("delta_price_jpy_per_mwh"), mask, lag) for lag in DELTA_LAGS], axis=1
            ),
            "delta_quantiles": np.quantile(delta, DELTA_QUANTILES, axis=0).T,
            "slope_regression": residual_slope(price, demand - solar - wind),
            # JPY/MWh per MW is JPY/kWh per GW.
            "slope_feature": chosen("supply_slope_jpy_per_mwh_per_mw", 1.0).mean(axis=0),
        }
    return Statistics(series.areas, pairs, values)
