"""
Fit the numbers of ``data/fleet.yaml`` on the fitting weeks of FY2024.

Two steps. *Read*: what ran in each month comes straight from the area balances. *Match*: the market of the generator
runs on the observed demand, sun and wind of the same days, and prices of ramps, thermal minimum, limits of lines and
the spread of bids are moved until mean, spread, share at the floor, curtailment, splits and memory of its prices are
those of the exchange. Every number has one figure that it answers to, so the steps are plain proportional
corrections.
"""

from __future__ import annotations

import copy
import logging
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.config import GridConfig
from wattbit.series import real, splits, tso
from wattbit.series.generator import fleet as plant
from wattbit.series.generator import lines, market, uncertainty, year
from wattbit.series.generator.observed import Observed
from wattbit.series.generator.weather import Weather
from wattbit.series.set import AREAS, STEPS_PER_DAY

LOG = logging.getLogger(__name__)

Array = NDArray[np.float64]

COMMENT: Final = (
    "(fitted) FY2024 train weeks less the days beside other splits. Peaks of sun, wind and pumped storage are the\n"
    "highest half hours of the whole year, which stand for what is installed. Written by\n"
    "`python -m wattbit.series.generator.fit`. Months run from January; thermal_minimum_share is the part of the\n"
    "running capacity that can't be turned down; lng prices are those of the first MW, of the kink between combined\n"
    "cycles and conventional plant, and of the last MW; bid_share scales season, hour and noise of the bids."
)

ON_OBSERVED_DAYS: Final = 16
ON_GENERATED_YEARS: Final = 16
"""Iterations of the two steps of matching."""

REPLICAS: Final = 3
"""Draws of the noise over which the fitted figures are averaged."""

ALWAYS_LNG: Final = 0.85
"""Part of the year's highest gas output that is taken as available in every month (assumption)."""

PUMPED_AVAILABLE: Final = 0.8
"""Part of the highest pumping of the year on which a day's plan can count (assumption)."""

SPLIT_LINES: Final = {
    "hokkaido-tohoku": ("forward_mw", "back_mw"),
    "tohoku-tokyo": ("forward_mw",),
    "tokyo-chubu": ("forward_mw", "back_mw"),
    "chubu-kansai": ("back_mw",),
    "hokuriku-kansai": ("forward_mw", "back_mw"),
    "kansai-shikoku": ("back_mw",),
    "chugoku-shikoku": ("back_mw",),
    "chugoku-kyushu": ("back_mw",),
}
"""Limits that answer to the share of half hours in which the prices at the ends of their line differ."""


def balances(observed: Observed) -> dict[str, Array]:
    """Fuel columns of the area balances, whole year, name to (time, 9). [MW]"""
    year = 2024
    files = real.year_files(observed.data_root, year)
    grid = pd.date_range(f"{year}-04-01", f"{year + 1}-04-01", freq="30min", tz="Asia/Tokyo", inclusive="left")
    frames = [
        pd.concat([tso.read_balance(file, area).frame for file in real.balance_files(files, year, area)]).loc[grid]
        for area in AREAS
    ]
    names = [str(name) for name in frames[0].columns]
    return {name: np.stack([frame[name].to_numpy(np.float64) for frame in frames], axis=1) for name in names}


def _monthly(values: Array, month: NDArray[np.int64], quantile: float | None = None) -> Array:
    """Mean, or a quantile, of every month, (9, 12)."""
    of = [values[month == m] for m in range(1, 13)]
    return np.stack([v.mean(axis=0) if quantile is None else np.quantile(v, quantile, axis=0) for v in of], axis=1)


def read(observed: Observed, balance: dict[str, Array]) -> dict[str, Any]:
    """Numbers that come straight from the balances, per area."""
    at, month, hour = observed.step, observed.month, np.floor(observed.calendar.hour)
    sun = np.maximum(balance["solar_mw"], 0.0) + balance["solar_curtailed_mw"]
    wind = np.maximum(balance["wind_mw"], 0.0) + balance["wind_curtailed_mw"]
    hydro = balance["hydro_mw"][at]
    by_hour = np.stack([hydro[hour == h].mean(axis=0) for h in range(24)], axis=1)
    other = balance["geothermal_mw"] + balance["other_thermal_mw"] + np.maximum(balance["other_mw"], 0.0)
    lng = _monthly(balance["lng_mw"][at], month, 0.98)
    columns = {
        "solar_peak_mw": sun.max(axis=0),
        "wind_peak_mw": wind.max(axis=0),
        "pumped_mw": PUMPED_AVAILABLE
        * np.abs(balance["pumped_mw"]).max(axis=0)
        * (balance["pumped_mw"].max(axis=0) > 0),
        "nuclear_mw": _monthly(np.maximum(balance["nuclear_mw"][at], 0.0), month),
        "hydro_mw": _monthly(hydro, month),
        "hydro_shape": by_hour / by_hour.mean(axis=1, keepdims=True),
        "biomass_mw": _monthly(balance["biomass_mw"][at], month),
        "other_mw": _monthly(other[at], month),
        "coal_available_mw": _monthly(balance["coal_mw"][at], month, 0.98),
        "lng_available_mw": np.maximum(lng, ALWAYS_LNG * lng.max(axis=1, keepdims=True)),
        "oil_available_mw": np.quantile(balance["oil_mw"][at], 0.999, axis=0),
    }
    digits = {"hydro_shape": 3}
    return {
        area: {name: np.round(values[k], digits.get(name, 0)).tolist() for name, values in columns.items()}
        for k, area in enumerate(AREAS)
    }


def start(observed: Observed, balance: dict[str, Array]) -> dict[str, Any]:
    """Numbers before matching: the same prices everywhere, every line at 60 % of its rating."""
    areas = read(observed, balance)
    for numbers in areas.values():
        numbers["thermal_minimum_share"] = 0.3
        numbers["coal_jpy_per_kwh"], numbers["lng_jpy_per_kwh"] = [4.0, 12.0], [9.0, 14.0, 20.0]
        numbers["bid_share"] = 1.0
    limits = {name: {"forward_mw": 0.6 * mw, "back_mw": 0.6 * mw} for name, mw in lines.RATING_MW.items()}
    return {
        "areas": areas,
        "lines": limits,
        "national": {
            "oil_jpy_per_kwh": [15.0, 26.0],
            "emergency_share": 0.3,
            "emergency_rise_jpy_per_kwh": 36.0,
            "season_hour_jpy_per_kwh": [[0.0] * 8 for _ in range(4)],
            "pumped_hurdle_jpy_per_kwh": 2.0,
        },
        "noise": {
            "bid_fast_jpy_per_kwh": 1.5,
            "bid_memory": 0.82,
            "bid_skew": 0.3,
            "bid_pattern_jpy_per_kwh": 1.5,
            "bid_pattern_memory": 0.85,
            "bid_side_correlation": 0.85,
            "bid_area_jpy_per_kwh": 0.5,
            "fuel_jpy_per_kwh": 0.5,
            "outage_share": 0.03,
            "commitment_share": 0.15,
            "hydro_share": 0.14,
            "line_share": 0.15,
        },
    }


def _season_and_block(month: NDArray[np.int64], hour: Array) -> NDArray[np.int64]:
    """Number of the season (from winter) and the three hours that a half hour is in: 0 to 31."""
    label: NDArray[np.int64] = (month % 12) // 3 * 8 + (hour // 3.0).astype(np.int64)
    return label


def _figures(
    price: Array, surplus: Array, potential: Array, segment: NDArray[np.int64], label: NDArray[np.int64]
) -> dict[str, Array]:
    """What is matched, of prices in JPY/kWh; `label` is from :func:`_season_and_block`."""
    by_day = price.reshape(-1, STEPS_PER_DAY, len(AREAS))

    def memory(lag: int) -> Array:
        both = segment[:-lag] == segment[lag:]
        early, late = price[:-lag][both], price[lag:][both]
        early, late = early - early.mean(axis=0), late - late.mean(axis=0)
        return (early * late).sum(axis=0) / np.sqrt((early**2).sum(axis=0) * (late**2).sum(axis=0))

    ends = lines.ENDS
    return {
        "mean": price.mean(axis=0),
        "sd": price.std(axis=0),
        "spread": (by_day.max(axis=1) - by_day.min(axis=1)).mean(axis=0),
        "floor": (price <= 0.0101).mean(axis=0),
        "curtailed": surplus.sum(axis=0) / potential.sum(axis=0),
        "memory_30min": memory(1),
        "memory_24h": memory(STEPS_PER_DAY),
        "split": (np.abs(price[:, ends[:, 0]] - price[:, ends[:, 1]]) > 0.005).mean(axis=0),
        "table": np.stack([price[label == k].mean(axis=0) for k in range(32)]),
    }


def _mean(found: list[dict[str, Array]]) -> dict[str, Array]:
    return {name: np.mean([one[name] for one in found], axis=0) for name in found[0]}


def on_observed_days(observed: Observed, numbers: dict[str, Any]) -> dict[str, Array]:
    """Figures of the generator's market on the observed days, mean over :data:`REPLICAS` draws of the noise."""
    grid, calendar = GridConfig(), observed.calendar
    weather = Weather(observed.temperature_c, observed.solar_share, observed.wind_share)
    label = _season_and_block(observed.month, calendar.hour)
    found = []
    for replica in range(REPLICAS):
        spread = {**numbers["noise"], "fuel_jpy_per_kwh": 0.0}  # one year says nothing of how years differ
        noise = uncertainty.draw(1000 + replica, len(calendar), len(lines.LINES), spread)
        fleet = plant.build(calendar, weather, grid, noise, numbers)
        limits = lines.limits(grid, noise["line"], numbers)
        outcome = market.run(fleet, observed.demand_mw, *limits, plant.storage(grid, numbers), "matching")
        potential = fleet.solar_mw + fleet.wind_mw
        price = outcome.spot_jpy_per_kwh
        found.append(_figures(price, outcome.surplus_mw(fleet), potential, observed.segment, label))
    return _mean(found)


def on_generated_years(years: tuple[int, ...], numbers: dict[str, Any]) -> dict[str, Array]:
    """Figures of whole weather years."""
    found = []
    for number in years:
        given = year.inputs(number, GridConfig(), fitted=numbers)
        outcome = given.run(f"matching, weather year {number}")
        potential = given.fleet.solar_mw + given.fleet.wind_mw
        start = splits.weather_year_start(number)
        times = pd.date_range(start, periods=len(potential), freq="30min")
        label = _season_and_block(times.month.to_numpy(np.int64), times.hour.to_numpy(np.float64))
        one_stretch = np.zeros(len(potential), np.int64)
        found.append(_figures(outcome.spot_jpy_per_kwh, outcome.surplus_mw(given.fleet), potential, one_stretch, label))
    return _mean(found)


def correct(numbers: dict[str, Any], is_: dict[str, Array], should: dict[str, Array]) -> None:
    """One proportional correction, in place."""
    for k, area in enumerate(AREAS):
        own = numbers["areas"][area]
        floor = np.log((should["floor"][k] + 0.01) / (is_["floor"][k] + 0.01))
        curtailed = np.log((should["curtailed"][k] + 0.01) / (is_["curtailed"][k] + 0.01))
        move = np.clip(0.25 * (0.7 * floor + 0.3 * curtailed), -0.1, 0.1)
        share = own["thermal_minimum_share"] * np.exp(move)
        own["thermal_minimum_share"] = round(float(np.clip(share, 0.03, 0.7)), 3)
        middle = np.mean(own["coal_jpy_per_kwh"] + own["lng_jpy_per_kwh"])
        wider = np.exp(np.clip(0.2 * np.log(should["sd"][k] / is_["sd"][k]), -0.03, 0.03))
        more = (should["spread"][k] / is_["spread"][k]) / np.mean(should["spread"] / is_["spread"])
        own["bid_share"] = round(float(np.clip(own["bid_share"] * more**0.4, 0.5, 1.5)), 3)
        for fuel in ("coal", "lng"):
            prices = middle + (np.array(own[f"{fuel}_jpy_per_kwh"]) - middle) * wider
            level = 0.5 * (should["table"] - is_["table"]).mean(axis=0)[k]
            own[f"{fuel}_jpy_per_kwh"] = [round(float(price + level), 2) for price in prices]
    error = (should["table"] - is_["table"]).mean(axis=1)
    moved = np.array(numbers["national"]["season_hour_jpy_per_kwh"]).ravel() + 0.4 * (error - error.mean())
    numbers["national"]["season_hour_jpy_per_kwh"] = moved.reshape(4, 8).round(2).tolist()
    for name, directions in SPLIT_LINES.items():
        k = lines.LINES.index(name)
        factor = np.exp(np.clip(is_["split"][k] - should["split"][k], -0.15, 0.15))
        for direction in directions:
            limit = numbers["lines"][name][direction] * factor
            numbers["lines"][name][direction] = round(float(np.clip(limit, 50.0, lines.RATING_MW[name])))
    noise = numbers["noise"]
    fast = noise["bid_fast_jpy_per_kwh"] * np.exp(0.8 * np.mean(np.log(should["spread"] / is_["spread"])))
    noise["bid_fast_jpy_per_kwh"] = round(float(np.clip(fast, 0.3, 3.0)), 3)
    memory = noise["bid_memory"] + 1.5 * np.mean(should["memory_30min"] - is_["memory_30min"])
    noise["bid_memory"] = round(float(np.clip(memory, 0.6, 0.95)), 3)
    pattern = noise["bid_pattern_jpy_per_kwh"] + 2.0 * np.mean(should["memory_24h"] - is_["memory_24h"])
    noise["bid_pattern_jpy_per_kwh"] = round(float(np.clip(pattern, 0.1, 2.0)), 3)


def misfit(is_: dict[str, Array], should: dict[str, Array]) -> float:
    """Mean over areas of how far the matched figures are off, each over the tolerance that users read them with."""
    parts = [
        np.abs(is_["mean"] / should["mean"] - 1.0) / 0.1,
        np.abs(is_["sd"] / should["sd"] - 1.0) / 0.2,
        np.abs(is_["spread"] / should["spread"] - 1.0) / 0.15,
        np.abs(is_["memory_24h"] / should["memory_24h"] - 1.0) / 0.2,
        np.abs(is_["floor"] - should["floor"]) / np.maximum(0.3 * should["floor"], 0.015),
        np.abs(is_["curtailed"] - should["curtailed"]) / np.maximum(0.3 * should["curtailed"], 0.015),
        np.abs(is_["split"] - should["split"]) / 0.1,
        np.abs(is_["table"] - should["table"]).mean(axis=0) / 2.0,
    ]
    return float(np.mean([part.mean() for part in parts]))


def fit(observed: Observed) -> dict[str, Any]:
    """
    Return all numbers of ``data/fleet.yaml``; some ten minutes, one line of log per iteration.

    The market is matched first on the observed days, then on weather years of the train split, because the weather of
    the observed days is not that of a usual year. The last numbers of the second step with the smallest misfit count.
    """
    balance = balances(observed)
    numbers = start(observed, balance)
    of = {name: np.maximum(balance[name], 0.0)[observed.step] for name in balance}
    curtailed = of["solar_curtailed_mw"] + of["wind_curtailed_mw"]
    potential = of["solar_mw"] + of["wind_mw"] + curtailed
    label = _season_and_block(observed.month, observed.calendar.hour)
    should = _figures(observed.price_jpy_per_kwh, curtailed, potential, observed.segment, label)
    best, smallest = numbers, np.inf
    train = splits.weather_years("train")
    for iteration in range(ON_OBSERVED_DAYS + ON_GENERATED_YEARS):
        if iteration < ON_OBSERVED_DAYS:
            is_ = on_observed_days(observed, numbers)
        else:
            is_ = on_generated_years(tuple(train[(2 * iteration + k) % len(train)] for k in (0, 1)), numbers)
        distance = misfit(is_, should)
        LOG.info("fleet: iteration %d, misfit %.3f", iteration, distance)
        if iteration >= ON_OBSERVED_DAYS and distance < smallest:
            best, smallest = copy.deepcopy(numbers), distance
        correct(numbers, is_, should)
    return best
