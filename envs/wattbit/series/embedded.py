"""
The embedded default set: nine areas of synthetic weather, demand, prices and curtailment, so that nothing needs files.

What it is: a small statistical model, calibrated by hand to published FY2024 statistics of the nine JEPX areas. Weather
is correlated in space and time; residual load (demand less solar and wind) sets a price in each area by a curve that is
flat in the middle, collapses at the bottom and bends up at the top; the areas are then coupled by lines with limited
room, which makes un-split neighbours *exactly* equal; prices stop at the floor of 0.01 JPY/kWh, and how far they would
have fallen says how much is curtailed.

What it is not: a dispatch or unit-commitment model. It has no plants, outages, fuels, pumped storage, public holidays,
snow, typhoons or scarcity prices; energy does not balance area by area; carbon intensity is a formula, not a mix. Its
knobs were fitted to whole-year FY2024 statistics, so at that level (means, spreads, shares; never single weeks) it has
seen the real test weeks.

A weather year has 52 whole weeks (17,472 half hours) on a true calendar far in the future; weekday and season are right
at every half hour, also where years are joined. At the joints all noise starts afresh. Every random number comes from a
Philox stream named by (year, quantity), drawn for all nine areas, so a subset of areas sees the weather of the whole
country.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series import cache, carbon, climate, embedded_tables, splits, zones
from wattbit.series import embedded_weather as weather
from wattbit.series import set as series_set
from wattbit.series.climate import normal_temperature
from wattbit.series.embedded_tables import LINKS, PRICES
from wattbit.series.embedded_weather import (
    N_STEPS,
    Calendar,
    ar1,
    column,
    daily_to_steps,
    rng,
    spatial_root,
)
from wattbit.series.set import AREAS, FEATURE_NAMES, STEPS_PER_DAY, SeriesSet

Array = NDArray[np.float64]

NAME: Final = "embedded"
"""Name of the set, and its key in ``splits.yaml``."""

FLOOR_JPY_PER_KWH: Final = 0.01
"""Lowest spot price in Japan; prices are multiples of it."""

_MAX_CURTAILED_SHARE: Final = 0.6

DELTA_MEAN_JPY_PER_KWH: Final = 0.74
"""Mean of intraday average minus system price, FY2024."""

PROVENANCE: Final[dict[str, str]] = {
    "spot_price_jpy_per_mwh": "synthetic: price curve of residual load per area, coupled over lines with limited room",
    "delta_price_jpy_per_mwh": "synthetic: two AR(1), national, calibrated to FY2024 intraday minus system price",
    "supply_slope_jpy_per_mwh_per_mw": "FY2024 slopes of four areas, others by size (assumption), combined by zone",
    "surplus_mw": "synthetic: proportional to how far the uncapped price lies below the floor (fitted)",
    "carbon_average_kg_per_mwh": "synthetic: fossil share of demand times a mean factor (assumption)",
    "carbon_marginal_kg_per_mwh": "0 above 10 MW of surplus, else fuel by price band (assumption)",
    "temperature_c": "synthetic: monthly normals of one station, 4 K diurnal swing, daily anomalies (assumption)",
    "demand_mw": "synthetic: hour, weekend and temperature around the FY2024 mean",
    "solar_mw": "synthetic: clear sky of a tilted plane times correlated clearness, FY2024 peaks",
    "wind_mw": "synthetic: logistic of a correlated process, FY2024 peaks",
}
"""Where every feature comes from; nothing here is an observation."""

_SHAPE_HOUR = (0.0, 3.0, 5.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 22.0, 24.0)
_SHAPE = (0.775, 0.74, 0.76, 0.80, 0.95, 1.04, 0.99, 1.02, 1.01, 0.995, 0.945, 0.86, 0.775)
"""Demand of a mild weekday over mean demand, common to all areas (from the spring means of FY2024 train weeks)."""


def _demand(year: int, calendar: Calendar, temperature_c: Array) -> Array:
    hour_shape = np.interp(calendar.hour, _SHAPE_HOUR, _SHAPE)[:, None]

    def relative(temperature: Array) -> Array:
        load = column("heating_per_k") * np.clip(16.0 - temperature, 0.0, None)
        load = load + column("cooling_per_k") * np.clip(temperature - 20.0, 0.0, None)
        return (hour_shape + load) * np.where(calendar.weekend[:, None], column("weekend_share"), 1.0)

    normal = relative(normal_temperature(calendar.day_of_year, calendar.hour, AREAS)).mean(axis=0)
    noise = 0.02 * daily_to_steps(ar1(rng(year, "demand"), N_STEPS // STEPS_PER_DAY, 0.6, spatial_root(900.0)))
    return column("demand_mw") * relative(temperature_c) / normal * (1.0 + noise)


def _uncoupled_price(year: int, calendar: Calendar, residual_share: Array) -> Array:
    """Price of every area alone, JPY/kWh, may be below zero: curve of residual load, evening, fuel level, noise."""
    middle = np.array([zones.AREA_SLOPE_JPY_PER_MWH_PER_MW[area] for area in AREAS]) * column("demand_mw") / 1000.0
    curve = column("level_jpy_per_kwh") + middle * (residual_share - 0.9)
    curve -= column("collapse_jpy_per_kwh") * np.clip(column("knee_share") - residual_share, 0.0, None)
    curve += PRICES.tight_jpy_per_kwh * np.clip(residual_share - 1.05, 0.0, None) ** 2
    since_evening = (calendar.hour[:, None] - PRICES.evening_hour) / PRICES.evening_width_h
    evening = PRICES.evening_jpy_per_kwh * np.exp(-(since_evening**2))
    n_days = N_STEPS // STEPS_PER_DAY
    root = spatial_root(500.0)
    fuel = PRICES.fuel_jpy_per_kwh * daily_to_steps(ar1(rng(year, "fuel"), n_days, 0.95))
    # Common noise is skewed upwards and grows with the residual load: tight hours are the uncertain ones.
    common = np.sinh(0.5 * ar1(rng(year, "price-national"), N_STEPS, PRICES.national_memory) + PRICES.national_skew)
    common = PRICES.national_jpy_per_kwh * (common - np.sinh(PRICES.national_skew) * np.exp(0.125)) / 0.57
    own = 0.75 * daily_to_steps(ar1(rng(year, "price-area-day"), n_days, 0.5, root))
    own += 0.66 * ar1(rng(year, "price-area"), N_STEPS, 0.88, root)
    tightness = np.clip(0.7 + PRICES.noise_rise * (residual_share - 0.7), 0.4, 2.5)
    return curve + evening + fuel + common * tightness + column("noise_jpy_per_kwh") * np.sinh(own)


def couple(uncoupled: Array, n_sweeps: int = 60) -> Array:
    """
    Couple the areas over :data:`LINKS`: power flows to the dearer area until prices meet or the line is full.

    With straight supply curves of slope `k` this is the market of least cost, ``min sum (p - p0)^2 / 2k + sum room
    |p_i - p_j|``, solved by clipping one line's flow after the other; then every group of areas joined by lines that
    are not full gets one price.

    Parameters
    ----------
    uncoupled : ndarray, shape (time, 9)
        Prices of the areas alone, in the order of ``AREAS``. [JPY/kWh]
    n_sweeps : int
        Passes over all lines.

    Returns
    -------
    ndarray, shape (time, 9)
        Equal to the last bit inside a zone, not cut off at the floor. [JPY/kWh]
    """
    slope = np.array([zones.AREA_SLOPE_JPY_PER_MWH_PER_MW[area] for area in AREAS]) / 1000.0
    price = [np.ascontiguousarray(alone) for alone in uncoupled.T]
    ends = [(AREAS.index(link.first), AREAS.index(link.second)) for link in LINKS]
    flow = [np.zeros(len(uncoupled)) for _ in LINKS]
    for sweep in range(n_sweeps):
        order = range(len(LINKS)) if sweep % 2 == 0 else range(len(LINKS) - 1, -1, -1)
        for k in order:
            i, j = ends[k]
            wanted = flow[k] + (price[j] - price[i]) / (slope[i] + slope[j])
            moved = np.clip(wanted, -LINKS[k].back_mw, LINKS[k].forward_mw) - flow[k]
            flow[k] += moved
            price[i] += slope[i] * moved
            price[j] -= slope[j] * moved
    zone = np.eye(len(AREAS), dtype=np.bool_)[None].repeat(len(uncoupled), axis=0)
    for k, (i, j) in enumerate(ends):
        open_line = (flow[k] > -LINKS[k].back_mw + 1e-6) & (flow[k] < LINKS[k].forward_mw - 1e-6)
        joined = (zone[:, i] | zone[:, j]) & open_line[:, None]
        zone |= joined[:, :, None] & joined[:, None, :]
    weight = zone / slope
    mean = (weight * np.stack(price, axis=1)[:, None, :]).sum(axis=2) / weight.sum(axis=2)
    return np.round(mean, 2)


def _delta(year: int) -> Array:
    """Settlement minus spot, national, JPY/kWh, (time, 1): autocorrelation 0.78 at 30 min, 0.44 at 2 h; skewed."""
    slow = ar1(rng(year, "delta-slow"), N_STEPS, 0.905)
    fast = ar1(rng(year, "delta-fast"), N_STEPS, 0.61)
    z = np.sqrt(0.60) * slow + np.sqrt(0.40) * fast
    # Heavy tails and skewness: a sinh of the Gaussian, with mean and standard deviation of FY2024.
    return DELTA_MEAN_JPY_PER_KWH + 2.0 * (np.sinh(0.62 * z + 0.06) - 0.0727) / 0.812


def generate_all(year: int) -> Array:
    """
    Return one weather year of all nine areas as an array.

    Parameters
    ----------
    year : int
        Number of the weather year, 0 or more; names every random stream.

    Returns
    -------
    ndarray, shape (17472, 9, feature)
        Features of :data:`~wattbit.series.set.FEATURES`; every value is one that float32 can hold, as in the cache.
    """
    calendar = Calendar(year)
    temperature_c = weather.temperature(year, calendar)
    solar_mw, wind_mw = weather.solar(year, calendar), weather.wind(year, calendar)
    demand_mw = _demand(year, calendar, temperature_c)
    residual_share = (demand_mw - solar_mw - wind_mw) / column("demand_mw")
    uncapped = couple(_uncoupled_price(year, calendar, residual_share))
    spot = np.round(np.maximum(uncapped, FLOOR_JPY_PER_KWH) * 1000.0)
    below = np.clip(-uncapped - column("curtailed_offset_jpy_per_kwh"), 0.0, None)
    surplus_mw = np.minimum(below * column("curtailed_mw_per_jpy_per_kwh"), _MAX_CURTAILED_SHARE * (solar_mw + wind_mw))
    clean = column("other_share") * column("demand_mw") + solar_mw + wind_mw - surplus_mw
    fossil_share = np.clip(1.0 - clean / demand_mw, 0.18, 1.0)
    features: dict[str, Any] = {
        "spot_price_jpy_per_mwh": spot,
        "delta_price_jpy_per_mwh": _delta(year) * 1000.0,
        "supply_slope_jpy_per_mwh_per_mw": zones.zone_slopes(spot, AREAS),
        "surplus_mw": surplus_mw,
        "carbon_average_kg_per_mwh": column("fossil_kg_per_mwh") * fossil_share,
        "carbon_marginal_kg_per_mwh": carbon.marginal_kg_per_mwh(spot, surplus_mw),
        "temperature_c": temperature_c,
        "demand_mw": demand_mw,
        "solar_mw": solar_mw,
        "wind_mw": wind_mw,
    }
    values = np.empty((N_STEPS, len(AREAS), len(FEATURE_NAMES)))
    for k, name in enumerate(FEATURE_NAMES):
        values[:, :, k] = features[name]
    return values.astype(np.float32).astype(np.float64)


def _columns(areas: Sequence[str]) -> list[int]:
    for area in areas:
        if area not in AREAS:
            raise SeriesError(f"embedded series has no area {area!r}; it has {', '.join(AREAS)}")
    return [AREAS.index(area) for area in areas]


def generate(year: int, areas: Sequence[str] = AREAS) -> SeriesSet:
    """
    Generate one weather year, without the cache.

    Parameters
    ----------
    year : int
        Number of the weather year.
    areas : sequence of str
        Any of the nine areas, in the order wanted; the numbers of an area do not depend on the others asked for.

    Returns
    -------
    SeriesSet
        52 weeks from a Monday 00:00 JST.

    Raises
    ------
    SeriesError
        If an area is unknown or the year is negative.
    """
    values = generate_all(year)[:, _columns(areas), :]
    return SeriesSet(NAME, splits.weather_year_start(year), tuple(areas), values, PROVENANCE)


def _key(*parts: object) -> str:
    modules = (sys.modules[__name__], cache, carbon, climate, embedded_tables, splits, weather, zones, series_set)
    return cache.source_key(modules, *parts)


def _year_values(number: int) -> NDArray[np.float32]:
    """One year of nine areas from the cache, float32, generated when it is not there."""
    entry, _ = cache.stored(
        f"embedded-y{number:02d}", _key(number), lambda: ({"values": generate_all(number).astype(np.float32)}, {})
    )
    return entry["values"]


def _joined(years: Sequence[int], areas: Sequence[str]) -> cache.StoredSeriesSet:
    columns = _columns(areas)
    start = splits.weather_year_start(years[0])

    def build() -> cache.Entry:
        values = np.concatenate([_year_values(number)[:, columns, :] for number in years])
        checked = SeriesSet(NAME, start, tuple(areas), values.astype(np.float64), PROVENANCE)
        return {"values": values}, {"hash": checked.content_hash()}

    span = f"y{years[0]:02d}-{years[-1]:02d}"
    entry, meta = cache.stored(f"embedded-{span}-{len(areas)}areas", _key(tuple(years), tuple(areas)), build)
    values = entry["values"].astype(np.float64)
    values.flags.writeable = False
    return cache.StoredSeriesSet(NAME, start, tuple(areas), values, PROVENANCE, meta["hash"])


def year(number: int, areas: Sequence[str] = AREAS) -> SeriesSet:
    """Return :func:`generate` of one year by way of the disk cache; equal bit for bit, values read-only."""
    return _joined((number,), areas)


def load(areas: Sequence[str], split: str) -> SeriesSet:
    """
    Return the weather years of a split as one unbroken set, by way of the disk cache.

    Parameters
    ----------
    areas : sequence of str
        Any of the nine areas, in the order wanted.
    split : {"train", "validation", "test"}
        Weather years 0-7, 8-9 and 10-19 (``splits.yaml``).

    Returns
    -------
    SeriesSet
        Years follow each other; `values` is read-only.

    Raises
    ------
    SeriesError
        If an area or the split is unknown.
    """
    return _joined(splits.weather_years(split), areas)
