"""
Plant of the nine areas: what can't be turned off, what burns fuel, what it costs, and what a scenario adds.

Capacities of the reference fleet are those that ran in FY2024: listed capacities (``listed_mw``, public lists of
several ages) contain plant that has not run for years, so what the market can use is taken from the area balances of
the train weeks. ``data/fleet.yaml`` holds those fitted numbers and says so;
:mod:`~wattbit.series.generator.fit_fleet` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.config import GridConfig
from wattbit.series.carbon import FUEL_FACTOR_KG_PER_MWH
from wattbit.series.generator.calendar import Calendar
from wattbit.series.generator.day_ahead import Storage
from wattbit.series.generator.supply import (
    BIOMASS,
    CAP_JPY_PER_KWH,
    COAL,
    EMERGENCY,
    FLOOR_JPY_PER_KWH,
    INFLEXIBLE,
    LNG_COMBINED,
    LNG_CONVENTIONAL,
    OIL,
    RAMPS,
    RENEWABLE,
    SHED,
    VIRTUAL_BELOW_FLOOR,
)
from wattbit.series.generator.tables import table
from wattbit.series.generator.weather import Weather
from wattbit.series.set import AREAS

Array = NDArray[np.float64]

FUEL_COST_JPY_PER_KWH: Final = {"coal": 7.0, "lng": 11.0, "oil": 20.0}
"""Fuel in the price of a ramp, which a fuel price factor scales: middle of published ranges (assumption). [JPY/kWh]"""

_LISTED_KINDS: Final = ("solar", "wind", "hydro", "pumped", "nuclear", "coal", "lng", "oil")

LISTED_MW: Final = {
    area: dict(zip(_LISTED_KINDS, values, strict=True))
    for area, values in {
        "hokkaido": ("1,880", "577", "1,231", "800", "2,070 (idle)", "2,250", "569", "1,815"),
        "tohoku": ("7,000", "1,800", "2,000", "460", "2,750", "6,200", "7,000", "2,500"),
        "tokyo": ("11,900", "440", "3,150", "7,150", "0", "8,370", "48,124", "10,050"),
        "chubu": ("550", "210", "2,180", "3,320", "3,617 (idle)", "5,170", "14,136", "2,275"),
        "hokuriku": ("-", "230", "1,934", "-", "1,746 (idle)", "2,900", "1,195", "1,750"),
        "kansai": ("4,962", "146", "3,540", "5,234", "9,768", "2,301", "17,222", "7,800"),
        "chugoku": ("5,690", "365", "780", "2,123", "820", "3,850", "4,000", "850"),
        "shikoku": ("2,230", "227", "1,153", "615", "890", "950", "935", "1,350"),
        "kyushu": ("10,910", "630", "1,247", "2,350", "5,258", "7,000 (assumption)", "5,000 (assumption)", "-"),
    }.items()
}
"""
Listed capacity as text, for the documentation: Electricity Maps' configuration of the Japanese zones (V, of several
ages; Tokyo's and Chubu's sun is plainly too small). The market is built from what ran instead. [MW]
"""

COMBINED_SHARE: Final = 0.65
"""Combined cycles in the gas capacity above its minimum; the rest, conventional, follows up the curve (assumption)."""

PUMPED_HOURS: Final = 8.0
"""Usable content of the upper reservoirs at full generation (assumption). [h]"""

PUMPED_EFFICIENCY: Final = 0.72
"""Generated over pumped energy (assumption)."""

DATA_CENTRE_LOAD_FACTOR: Final = 44.0e6 / (6160.0 * 8760.0)
"""Mean over peak of new data centres: 44.0 TWh a year from 6.16 GW (OCCTO outlook for FY2034)."""

FACTORY_LOAD_FACTOR: Final = 0.9
"""Mean over peak of new semiconductor plants (assumption)."""

SHED_MW: Final = 1e5
"""Load that could be shed: more than any area's."""

MIX: Final = (
    "nuclear_mw",
    "hydro_mw",
    "other_mw",
    "biomass_mw",
    "coal_mw",
    "lng_mw",
    "oil_mw",
    "solar_mw",
    "wind_mw",
    "pumped_generation_mw",
    "pumping_mw",
    "unserved_mw",
)
"""Columns of the fuel mix. ``other`` is geothermal, waste and by-product gas; ``pumping`` is consumption."""


Numbers = Mapping[str, Any]
"""Fitted numbers, as in ``data/fleet.yaml``."""


def numbers() -> Numbers:
    """Fitted numbers of the reference fleet, as written in ``data/fleet.yaml``."""
    return table("fleet")


def per_area(fitted: Numbers, name: str) -> Array:
    """One fitted number of every area, shape (9,) or (9, ...)."""
    return np.array([fitted["areas"][area][name] for area in AREAS], dtype=np.float64)


def by_month(monthly: Array, day_of_year: Array) -> Array:
    """Monthly values (..., 12), taken at mid-month, over the year: (time, ...), linear in between."""
    middle = (np.arange(12) + 0.5) * 365.25 / 12.0
    flat = monthly.reshape(-1, 12)
    columns = [np.interp(day_of_year, middle, row, period=365.25) for row in flat]
    return np.stack(columns, axis=1).reshape(len(day_of_year), *monthly.shape[:-1])


def added(grid: GridConfig, kind: str) -> Array:
    """Capacity of one kind that a scenario adds to every area, shape (9,). [MW]"""
    return np.array([getattr(grid.added_mw[area], f"{kind}_mw") if area in grid.added_mw else 0.0 for area in AREAS])


def storage(grid: GridConfig, fitted: Numbers) -> Storage:
    """Pumped storage of the scenario."""
    power = np.maximum(per_area(fitted, "pumped_mw") + added(grid, "pumped"), 0.0)
    hurdle = float(fitted["national"]["pumped_hurdle_jpy_per_kwh"])
    return Storage(power, power * PUMPED_HOURS, PUMPED_EFFICIENCY, hurdle)


def growth_mw(grid: GridConfig) -> Array:
    """Flat demand that a scenario adds, shape (9,). [MW]"""
    centres: Mapping[Any, float] = grid.demand_growth.data_centre_mw
    factories: Mapping[Any, float] = grid.demand_growth.factory_mw
    flat = [
        DATA_CENTRE_LOAD_FACTOR * centres.get(area, 0.0) + FACTORY_LOAD_FACTOR * factories.get(area, 0.0)
        for area in AREAS
    ]
    return np.array(flat, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Fleet:
    """
    Supply of a year: the ramps of the market, and what they are made of.

    Attributes
    ----------
    low, high, width_mw : ndarray, shape (time, 9, ramp)
        For :func:`~wattbit.series.generator.supply.curves`: as bid in the auction.
    expected_low, expected_high : ndarray, shape (time, 9, ramp)
        The same with what the day-ahead plan knows of the bids.
    must_run_mw : dict of str to ndarray, shape (time, 9)
        Parts of the inflexible and biomass ramps: nuclear, hydro, other, biomass, and the thermal minimum of coal and
        lng.
    solar_mw, wind_mw : ndarray, shape (time, 9)
        Potential.
    """

    low: Array
    high: Array
    expected_low: Array
    expected_high: Array
    width_mw: Array
    must_run_mw: dict[str, Array]
    solar_mw: Array
    wind_mw: Array

    def first(self, n_steps: int) -> Fleet:
        """Return the first half hours of it."""
        cut = {field.name: getattr(self, field.name) for field in fields(self)}
        must_run = {name: values[:n_steps] for name, values in cut.pop("must_run_mw").items()}
        return Fleet(**{name: values[:n_steps] for name, values in cut.items()}, must_run_mw=must_run)


def _hydro(calendar: Calendar, noise: Array, fitted: Numbers) -> Array:
    """Hydro: monthly level, hourly shape, daily noise of inflow (fitted), shape (time, 9). [MW]"""
    shape = per_area(fitted, "hydro_shape")
    hour = np.stack([np.interp(calendar.hour, np.arange(24) + 0.5, row, period=24.0) for row in shape], axis=1)
    spread = float(fitted["noise"]["hydro_share"])
    return (
        by_month(per_area(fitted, "hydro_mw"), calendar.day_of_year) * hour * np.exp(spread * noise - 0.5 * spread**2)
    )


def build(calendar: Calendar, weather: Weather, grid: GridConfig, noise: Mapping[str, Array], fitted: Numbers) -> Fleet:
    """
    Put the supply of a year together.

    Parameters
    ----------
    calendar : Calendar
    weather : Weather
    grid : GridConfig
        What differs from the reference fleet.
    noise : mapping of str to ndarray, shape (time, 9)
        ``"hydro"``, ``"outage"`` and ``"commitment"``, unit variance; ``"bid"`` and ``"bid_expected"`` [JPY/kWh]; see
        :func:`~wattbit.series.generator.uncertainty.draw`.
    fitted : Numbers
        From :func:`numbers`.

    Returns
    -------
    Fleet
    """
    day = calendar.day_of_year
    spread = fitted["noise"]
    running = np.exp(float(spread["outage_share"]) * noise["outage"] - 0.5 * float(spread["outage_share"]) ** 2)
    coal = np.maximum(by_month(per_area(fitted, "coal_available_mw"), day) * running + added(grid, "coal"), 0.0)
    lng = np.maximum(by_month(per_area(fitted, "lng_available_mw"), day) * running + added(grid, "lng"), 0.0)
    oil = np.maximum(per_area(fitted, "oil_available_mw") + added(grid, "oil"), 0.0) + np.zeros_like(coal)
    least = per_area(fitted, "thermal_minimum_share") * np.exp(float(spread["commitment_share"]) * noise["commitment"])
    least = np.clip(least, 0.0, 0.8)
    must_run = {
        "nuclear": np.maximum(by_month(per_area(fitted, "nuclear_mw"), day) + added(grid, "nuclear"), 0.0),
        "hydro": _hydro(calendar, noise["hydro"], fitted),
        "other": by_month(per_area(fitted, "other_mw"), day),
        "biomass": by_month(per_area(fitted, "biomass_mw"), day),
        "coal": least * coal,
        "lng": least * lng,
    }
    solar = np.round(weather.solar_share * np.maximum(per_area(fitted, "solar_peak_mw") + added(grid, "solar"), 0.0))
    wind = np.round(
        weather.wind_share * np.maximum(per_area(fitted, "wind_peak_mw") + added(grid, "wind"), 0.0)
    )  # whole MW, as published

    flexible_biomass = 0.5 * must_run["biomass"]  # half of it can be turned down (assumption)
    width = np.zeros((len(calendar), len(AREAS), len(RAMPS)))
    width[..., INFLEXIBLE] = sum(must_run.values()) - flexible_biomass
    width[..., RENEWABLE] = solar + wind
    width[..., BIOMASS] = flexible_biomass
    flexible_lng = lng - must_run["lng"]
    width[..., COAL], width[..., OIL] = coal - must_run["coal"], oil
    width[..., LNG_COMBINED] = COMBINED_SHARE * flexible_lng
    width[..., LNG_CONVENTIONAL] = (1.0 - COMBINED_SHARE) * flexible_lng
    width[..., EMERGENCY] = float(fitted["national"]["emergency_share"]) * (coal + lng)
    width[..., SHED] = SHED_MW
    low, high = _prices(calendar, grid, noise["bid"], fitted)
    expected_low, expected_high = _prices(calendar, grid, noise["bid_expected"], fitted)
    return Fleet(low, high, expected_low, expected_high, width, must_run, solar, wind)


def _time_of_use(calendar: Calendar, table: Array) -> Array:
    """
    What bids hold for season and hour beyond fuel: starts, ramps, scarcer reserves, (time,). [JPY/kWh]

    `table` has a row for winter, spring, summer and autumn and a column for every three hours; linear in between.
    """
    by_hour = [np.interp(calendar.hour, np.arange(8) * 3.0 + 1.5, row, period=24.0) for row in table]
    middle = (np.arange(4) + 0.04) * 365.25 / 4.0 + 11.0  # mid-January, mid-April, ...
    weight = [np.interp(calendar.day_of_year, middle, row, period=365.25) for row in np.eye(4)]
    total: Array = np.sum(np.array(by_hour) * np.array(weight), axis=0)
    return total


def _prices(calendar: Calendar, grid: GridConfig, bid: Array, fitted: Numbers) -> tuple[Array, Array]:
    """Prices of the first and the last megawatt of every ramp, (time, 9, ramp). [JPY/kWh]"""
    national = fitted["national"]
    low, high = np.zeros((2, len(calendar), len(AREAS), len(RAMPS)))
    for kind, (first, last) in VIRTUAL_BELOW_FLOOR.items():
        k = RAMPS.index(kind)
        low[..., k], high[..., k] = FLOOR_JPY_PER_KWH - first, FLOOR_JPY_PER_KWH - last
    usual = _time_of_use(calendar, np.array(national["season_hour_jpy_per_kwh"]))[:, None]
    shift = per_area(fitted, "bid_share") * (usual + bid)
    coal, lng = per_area(fitted, "coal_jpy_per_kwh"), per_area(fitted, "lng_jpy_per_kwh")  # lng: first, kink, last
    oil = np.array(national["oil_jpy_per_kwh"])

    def cost(fuel: str) -> float:
        extra = (getattr(grid.fuel_price_factor, fuel) - 1.0) * FUEL_COST_JPY_PER_KWH[fuel]
        return float(extra + grid.co2_price_jpy_per_t / 1000.0 * FUEL_FACTOR_KG_PER_MWH[fuel] / 1000.0)

    ramps: tuple[tuple[int, Any, Any, float, float], ...] = (
        (COAL, coal[:, 0], coal[:, 1], cost("coal"), 0.5),
        (LNG_COMBINED, lng[:, 0], lng[:, 1], cost("lng"), 1.0),
        (LNG_CONVENTIONAL, lng[:, 1], lng[:, 2], cost("lng"), 1.5),
        (OIL, oil[0], oil[1], cost("oil"), 5.0),
    )
    for k, first, last, extra, least in ramps:
        low[..., k] = np.maximum(first + shift + extra, least)
        high[..., k] = np.maximum(last + shift + extra, low[..., k] + 0.5)
    low[..., EMERGENCY] = high[..., OIL]
    high[..., EMERGENCY] = high[..., OIL] + float(national["emergency_rise_jpy_per_kwh"])
    low[..., SHED], high[..., SHED] = CAP_JPY_PER_KWH, CAP_JPY_PER_KWH + 1.0
    return low, high


def mix(fleet: Fleet, dispatched: Array, pumped_mw: Array, pumping_mw: Array) -> Array:
    """
    Fuel mix of a cleared year.

    Parameters
    ----------
    fleet : Fleet
    dispatched : ndarray, shape (time, 9, ramp)
        From :func:`~wattbit.series.generator.supply.dispatch`.
    pumped_mw, pumping_mw : ndarray, shape (time, 9)
        Generation and consumption of pumped storage.

    Returns
    -------
    ndarray, shape (time, 9, 12)
        Columns :data:`MIX`. Generation less pumping plus import meets demand. [MW]
    """

    def share_of(ramp: int) -> Array:
        width = fleet.width_mw[..., ramp]
        return np.divide(dispatched[..., ramp], width, out=np.ones_like(width), where=width > 0.0)

    kept, taken = share_of(INFLEXIBLE), share_of(RENEWABLE)
    must = fleet.must_run_mw
    columns = {
        "nuclear_mw": kept * must["nuclear"],
        "hydro_mw": kept * must["hydro"],
        "other_mw": kept * must["other"],
        "biomass_mw": kept * 0.5 * must["biomass"] + dispatched[..., BIOMASS],
        "coal_mw": kept * must["coal"] + dispatched[..., COAL],
        "lng_mw": kept * must["lng"] + dispatched[..., LNG_COMBINED] + dispatched[..., LNG_CONVENTIONAL],
        "oil_mw": dispatched[..., OIL] + dispatched[..., EMERGENCY],
        "solar_mw": taken * fleet.solar_mw,
        "wind_mw": taken * fleet.wind_mw,
        "pumped_generation_mw": pumped_mw,
        "pumping_mw": pumping_mw,
        "unserved_mw": dispatched[..., SHED],
    }
    return np.stack([columns[name] for name in MIX], axis=-1)
