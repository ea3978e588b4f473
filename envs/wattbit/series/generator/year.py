"""One generated year: weather, demand and plant, dispatched day by day, cleared half hour by half hour."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.config import GridConfig
from wattbit.errors import SeriesError
from wattbit.series.carbon import FUEL_FACTOR_KG_PER_MWH
from wattbit.series.generator import fleet as plant
from wattbit.series.generator import lines, market, supply, uncertainty
from wattbit.series.generator.calendar import Calendar
from wattbit.series.generator.day_ahead import Storage
from wattbit.series.generator.demand import demand_mw
from wattbit.series.generator.packed import NAME, rounded
from wattbit.series.generator.weather import simulate
from wattbit.series.set import AREAS, FEATURE_NAMES, STEPS_PER_DAY, SeriesSet
from wattbit.series.splits import WEATHER_YEAR_STEPS, weather_year_start
from wattbit.series.zones import zone_numbers

Array = NDArray[np.float64]

N_DAYS: Final = WEATHER_YEAR_STEPS // STEPS_PER_DAY
"""Days of a weather year."""

SLOPE_STEP_JPY_PER_KWH: Final = 0.25
"""The supply slope is the secant over this much to both sides of the price. [JPY/kWh]"""

STEEPEST_JPY_PER_MWH_PER_MW: Final = 10.0
"""
Slope where nothing answers within the secant, as in the gap between the floor and the first coal: a gap of some 5
JPY/kWh over the 500 MW that an aggregator may move (assumption). [JPY/MWh per MW]
"""

OTHER_FACTOR_KG_PER_MWH: Final = FUEL_FACTOR_KG_PER_MWH["other_thermal"]
"""CO2 of other thermal plant; geothermal, which the column ``other`` also holds, is small beside it."""

PROVENANCE: Final[dict[str, str]] = {
    "spot_price_jpy_per_mwh": "generated: dispatch of plant over lines with limits, one price per zone, floor 0.01",
    "delta_price_jpy_per_mwh": "generated: two AR(1), national, calibrated to FY2024 intraday minus system price",
    "supply_slope_jpy_per_mwh_per_mw": "generated: secant of the zone's supply curve, storage as planned",
    "surplus_mw": "generated: solar and wind that the dispatch has no use for",
    "carbon_average_kg_per_mwh": "generated: fuel mix of the area times direct factors (assumption)",
    "carbon_marginal_kg_per_mwh": "generated: fuels on the margin of the zone; 0 where its sun and wind are curtailed",
    "temperature_c": "generated: normals of one station, diurnal swing and correlated anomalies",
    "demand_mw": "generated: calendar and temperature, fitted to FY2024 train weeks, and the scenario's growth",
    "solar_mw": "generated: potential of the fleet",
    "wind_mw": "generated: potential of the fleet",
}
"""Where every feature comes from; nothing here is an observation."""


@dataclass(frozen=True, eq=False)
class GridYear:
    """
    A generated year, nine areas in the order of :data:`~wattbit.series.set.AREAS`.

    Attributes
    ----------
    series : SeriesSet
        What the world needs.
    mix_mw : ndarray, shape (time, 9, 12)
        Columns :data:`~wattbit.series.generator.fleet.MIX`; actual sun and wind.
    flow_mw : ndarray, shape (time, line)
        Lines :data:`~wattbit.series.generator.lines.LINES`, positive from the first to the second area.
    zone : ndarray of int, shape (time, 9)
        Number of the area's price zone: the smallest index of its areas.
    reserve_margin : ndarray, shape (time, 9)
        Capacity that could run, inside the area, over demand, less 1.
    system_cost_jpy : float
        Cost of the day-ahead plans.
    """

    series: SeriesSet
    mix_mw: Array
    flow_mw: Array
    zone: NDArray[np.int64]
    reserve_margin: Array
    system_cost_jpy: float

    def save(self, path: Path) -> None:
        """Write all of it to one ``.npz`` file, which :meth:`SeriesSet.load` reads as well as numpy."""
        more = {name: getattr(self, name).astype(np.float32) for name in ("mix_mw", "flow_mw", "reserve_margin")}
        more |= {"zone": self.zone.astype(np.int8), "mix_columns": np.array(plant.MIX), "lines": np.array(lines.LINES)}
        self.series.save(path, system_cost_jpy=np.array(self.system_cost_jpy), **more)


def marginal(price: Array, zone: NDArray[np.int64], low: Array, high: Array, width_mw: Array) -> tuple[Array, Array]:
    """
    Slope of the price and CO2 of the next megawatt, per zone.

    Parameters
    ----------
    price : ndarray, shape (time, area)
        Prices as cleared, virtual below the floor. [JPY/kWh]
    zone : ndarray of int, shape (time, area)
        From :func:`~wattbit.series.zones.zone_numbers`.
    low, high, width_mw : ndarray, shape (time, area, ramp)
        Supply ramps.

    Returns
    -------
    slope : ndarray, shape (time, area)
        [JPY/MWh per MW] = [JPY/kWh per GW]
    carbon : ndarray, shape (time, area)
        Of thermal plant above the floor, whatever is curtailed. [kg/MWh]
    """
    seen = np.maximum(price, supply.FLOOR_JPY_PER_KWH)
    answer = supply.response(seen, low, high, width_mw, SLOPE_STEP_JPY_PER_KWH)
    in_zone = (zone[:, :, None] == zone[:, None, :]).astype(np.float64)
    of_zone = np.einsum("tij,tjf->tif", in_zone, answer)
    total = of_zone.sum(axis=2)
    factor = np.zeros(len(supply.RAMPS))
    for ramp, fuel in (("coal", "coal"), ("lng_combined", "lng"), ("lng_conventional", "lng"), ("oil", "oil")):
        factor[supply.RAMPS.index(ramp)] = FUEL_FACTOR_KG_PER_MWH[fuel]
    factor[supply.EMERGENCY] = FUEL_FACTOR_KG_PER_MWH["oil"]
    slope = 1000.0 / np.maximum(total, 1000.0 / STEEPEST_JPY_PER_MWH_PER_MW)
    # In a gap nothing answers at this price: the next plant up is coal.
    carbon = np.divide(
        of_zone @ factor, total, out=np.full_like(total, FUEL_FACTOR_KG_PER_MWH["coal"]), where=total > 1.0
    )
    return slope, carbon


def _carbon_average(mix_mw: Array) -> Array:
    """Direct CO2 over generation inside the area, (time, area). [kg/MWh]"""
    column = {name: mix_mw[..., k] for k, name in enumerate(plant.MIX)}
    emitted = sum(FUEL_FACTOR_KG_PER_MWH[fuel] * column[f"{fuel}_mw"] for fuel in ("coal", "lng", "oil"))
    emitted = emitted + OTHER_FACTOR_KG_PER_MWH * column["other_mw"]
    generation = mix_mw[..., : plant.MIX.index("pumped_generation_mw")].sum(axis=-1)
    return np.divide(emitted, generation, out=np.zeros_like(generation), where=generation > 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What the market of a year, or of its first days, is run on; arrays as in :func:`market.run`."""

    temperature_c: Array
    fleet: plant.Fleet
    demand_mw: Array
    forward_mw: Array
    back_mw: Array
    storage: Storage

    def run(self, label: str) -> market.Outcome:
        """Run the market."""
        return market.run(self.fleet, self.demand_mw, self.forward_mw, self.back_mw, self.storage, label)


def inputs(year: int, grid: GridConfig, n_days: int = N_DAYS, fitted: plant.Numbers | None = None) -> Inputs:
    """
    Draw weather, demand, plant and lines of a year.

    Parameters and errors as of :func:`generate`; `fitted` stands in for the numbers of ``data/fleet.yaml``.
    """
    if not 1 <= n_days <= N_DAYS:
        raise SeriesError(f"n_days is {n_days}, must be within 1 and {N_DAYS}")
    calendar, weather, fitted = Calendar(year), simulate(year, grid.seed), fitted or plant.numbers()
    noise = uncertainty.draw(year, len(calendar), len(lines.LINES), fitted["noise"], grid.seed)
    n = n_days * STEPS_PER_DAY
    fleet = plant.build(calendar, weather, grid, noise, fitted).first(n)
    demand = rounded("demand_mw", demand_mw(year, weather, calendar, grid.seed) + plant.growth_mw(grid))[:n]
    forward, back = lines.limits(grid, noise["line"], fitted)
    return Inputs(weather.temperature_c[:n], fleet, demand, forward[:n], back[:n], plant.storage(grid, fitted))


def generate(year: int, grid: GridConfig | None = None, n_days: int = N_DAYS) -> GridYear:
    """
    Generate one weather year, with a progress bar where standard error is a terminal.

    Parameters
    ----------
    year : int
        Number of the weather year; with the grid's seed it names every random stream.
    grid : GridConfig, optional
        What differs from FY2024.
    n_days : int
        Dispatch only the first days of the year, which are the same as in the whole year.

    Returns
    -------
    GridYear
        52 weeks from a Monday 00:00 JST, or its first days.

    Raises
    ------
    SeriesError
        If the year is negative, or HiGHS or the holiday package is missing.
    """
    grid = grid or GridConfig()
    given = inputs(year, grid, n_days)
    fleet, demand, n = given.fleet, given.demand_mw, len(given.demand_mw)
    outcome = given.run(f"weather year {year}")
    # Zones as everybody sees them: two that clear at the same hundredth of a yen are one, with one slope.
    price, zone = outcome.price, zone_numbers(outcome.spot_jpy_per_kwh)
    mix_mw = plant.mix(fleet, outcome.dispatched_mw, outcome.pumped_mw, outcome.pumping_mw)
    slope, carbon = marginal(price, zone, fleet.low, fleet.high, fleet.width_mw)
    spilling = supply.FLOOR_JPY_PER_KWH - supply.VIRTUAL_BELOW_FLOOR["renewable"][1]
    features = {
        "spot_price_jpy_per_mwh": outcome.spot_jpy_per_kwh * 1000.0,
        "delta_price_jpy_per_mwh": uncertainty.settlement_delta(year, WEATHER_YEAR_STEPS, grid.seed)[:n] * 1000.0,
        "supply_slope_jpy_per_mwh_per_mw": slope,
        "surplus_mw": outcome.surplus_mw(fleet),
        "carbon_average_kg_per_mwh": _carbon_average(mix_mw),
        "carbon_marginal_kg_per_mwh": np.where(price < spilling, 0.0, carbon),
        "temperature_c": given.temperature_c,
        "demand_mw": demand,
        "solar_mw": fleet.solar_mw,
        "wind_mw": fleet.wind_mw,
    }
    values = np.empty((n, len(AREAS), len(FEATURE_NAMES)))
    for k, name in enumerate(FEATURE_NAMES):
        values[:, :, k] = rounded(name, features[name])
    could_run = fleet.width_mw[..., : supply.EMERGENCY].sum(axis=-1) + given.storage.power_mw
    series = SeriesSet(NAME, weather_year_start(year), AREAS, values, PROVENANCE)
    return GridYear(series, mix_mw, outcome.flow_mw, zone, could_run / demand - 1.0, outcome.cost_jpy)
