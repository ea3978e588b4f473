"""
Real series of the nine areas, put together from the published files of one fiscal year.

Prices are JEPX day-ahead; the settlement delta is the intraday average less the system price; surplus is the solar and
wind curtailment that the transmission operators publish; carbon comes from their fuel columns. Only Tokyo has observed
weather among the files, so temperatures of the other areas follow a rule (:func:`_temperatures`) that the provenance
names.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series import cache, carbon, climate, jepx, table, textfile, tso, weather, zones
from wattbit.series import set as series_set
from wattbit.series.carbon import CURTAILMENT_NOISE_MW, MARGINAL_BANDS, PriceBand
from wattbit.series.set import AREAS, FEATURE_NAMES, SeriesSet

LOG = logging.getLogger(__name__)

Array = NDArray[np.float64]

YEARS: Final = (2024,)
"""Fiscal years with every file: the balance of Tokyo is published half-hourly from FY2024."""

ANOMALY_REACH_KM: Final = 900.0
"""Distance over which Tokyo's temperature anomaly falls to 37 % (assumption, as in the generated weather)."""

_HELP = "set WATTBIT_DATA (or pass the data root) to the folder that holds jepx/, tso_30min/ and weather/"

PROVENANCE: Final[dict[str, str]] = {
    "spot_price_jpy_per_mwh": "JEPX day-ahead area price",
    "delta_price_jpy_per_mwh": "JEPX intraday average less system price, national, in place of the imbalance price",
    "supply_slope_jpy_per_mwh_per_mw": "FY2024 slopes of four areas, others by size (assumption), combined by zone",
    "surplus_mw": "TSO balance: solar and wind curtailment, up to 10 MW booked as noise and set to 0",
    "carbon_average_kg_per_mwh": "TSO balance: fuels times direct factors (assumption) over generation in the area",
    "carbon_marginal_kg_per_mwh": "0 where more than 10 MW is curtailed, else the fuel of the price band (assumption)",
    "temperature_c": (
        "rule: monthly normals of the area's station, 4 K diurnal swing, and Tokyo's daily anomaly times "
        "exp(-distance / 900 km) (assumption)"
    ),
    "temperature_c[tokyo]": "Open-Meteo to December, JMA observations from January, hourly, linear in between",
    "demand_mw": "TSO balance: area demand",
    "solar_mw": "TSO balance: solar generation plus curtailment",
    "wind_mw": "TSO balance: wind generation plus curtailment",
}
"""Where every feature comes from."""


def find_root(data_root: Path | str | None, what: str = "the real series") -> Path:
    """
    Return the data folder as a path that exists; `what` says in the refusal who needs it.

    Raises
    ------
    SeriesError
        If it is not given or is no folder.
    """
    if not data_root:
        raise SeriesError(f"{what} need the data folder: {_HELP}")
    root = Path(data_root).expanduser().resolve()
    if not root.is_dir():
        raise SeriesError(f"{root}: no such folder; {_HELP}")
    return root


def find_file(root: Path, name: str, what: str = "the real series") -> Path:
    """Return file `name` of the data folder, plain or gzipped; `what` says in the refusal who needs it."""
    for path in (root / name, root / f"{name}.gz"):
        if path.is_file():
            return path
    raise SeriesError(f"{root / name}[.gz]: file is missing, {what} need it; {_HELP}")


def _months(year: int) -> list[pd.Period]:
    return list(pd.period_range(f"{year}-04", periods=12, freq="M"))


def _balance_name(month: pd.Period, area: str) -> str:
    return f"tso_30min/eria_jukyu_{month.year}{month.month:02d}_{AREAS.index(area) + 1:02d}.csv"


def year_files(root: Path, year: int) -> dict[str, Path]:
    """Every file of the year, under the name it has without ``.gz``; raises for the first that is missing."""
    names = [f"jepx/spot_summary_{year}.csv", f"jepx/intraday_{year}.csv"]
    names += [f"weather/tokyo_openmeteo_{year}.json", f"weather/jma_tokyo_{year + 1}0101_{year + 1}0331.csv"]
    names += [_balance_name(month, area) for area in AREAS for month in _months(year)]
    return {name: find_file(root, name) for name in names}


def balance_files(files: dict[str, Path], year: int, area: str) -> list[Path]:
    """Those of :func:`year_files` that hold the balance of one area, month by month."""
    return [files[_balance_name(month, area)] for month in _months(year)]


def _on_grid(tables: Sequence[table.Table], grid: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of the tables on the year's half hours; a file that covers less than its part is refused."""
    for one in tables:
        for repair in one.repairs:
            LOG.info("%s: %s", one.path.name, repair)
    frame = pd.concat([one.frame for one in tables])
    missing = grid[~grid.isin(frame.index)]
    if len(missing):
        raise SeriesError(
            f"{tables[0].path}{' and the files after it' if len(tables) > 1 else ''}: no row for {missing[0]}, "
            f"the real series need every half hour from {grid[0]} to {grid[-1]}"
        )
    return frame.loc[grid]


def _tokyo_temperature(files: dict[str, Path], year: int, grid: pd.DatetimeIndex) -> Array:
    """Hourly observations, linear in between, (time,)."""
    until_december = weather.read_openmeteo(files[f"weather/tokyo_openmeteo_{year}.json"])
    from_january = weather.read_jma(files[f"weather/jma_tokyo_{year + 1}0101_{year + 1}0331.csv"])
    observed = from_january.frame["temperature_c"].copy()
    # The reader names an hour by its start; a thermometer is read at its end.
    observed.index = observed.index + pd.Timedelta(minutes=from_january.interval_minutes)
    hourly = pd.concat([until_december.frame["temperature_c"], observed])
    hours = np.asarray((hourly.index - grid[0]) / pd.Timedelta(hours=1), dtype=np.float64)
    wanted = np.arange(len(grid)) / 2.0
    if hours[0] > wanted[0] or hours[-1] < wanted[-1] or np.diff(hours).max() > 2.0:
        raise SeriesError(
            f"{until_december.path} and {from_january.path}: must cover {grid[0]} to {grid[-1]} without a gap, "
            f"got {until_december.start} to {until_december.end} and {from_january.start} to {from_january.end}"
        )
    return np.interp(wanted, hours, hourly.to_numpy(dtype=np.float64))


def _temperatures(tokyo_c: Array, grid: pd.DatetimeIndex) -> Array:
    """
    Temperatures of all areas, (time, 9): Tokyo observed, the others by rule.

    Rule: normals of the area's station with a 4 K diurnal swing, plus the anomaly of Tokyo's daily mean times
    exp(-distance / :data:`ANOMALY_REACH_KM`).
    """
    hour = grid.hour.to_numpy() + grid.minute.to_numpy() / 60.0 + 0.25
    normal = climate.normal_temperature(grid.day_of_year.to_numpy() - 1.0 + hour / 24.0, hour, AREAS)
    k = AREAS.index("tokyo")
    daily = (tokyo_c - normal[:, k]).reshape(-1, 48).mean(axis=1)
    anomaly = np.interp(np.arange(len(grid)) / 48.0, np.arange(len(daily)) + 0.5, daily)
    distance_km = np.array([abs(climate.POSITION_KM[area] - climate.POSITION_KM["tokyo"]) for area in AREAS])
    temperature_c = normal + anomaly[:, None] * np.exp(-distance_km / ANOMALY_REACH_KM)
    temperature_c[:, k] = tokyo_c
    return temperature_c


def _assemble(files: dict[str, Path], year: int, bands: tuple[PriceBand, ...]) -> Array:
    """Values of all nine areas, (time, 9, feature)."""
    grid = pd.date_range(f"{year}-04-01", f"{year + 1}-04-01", freq="30min", tz="Asia/Tokyo", inclusive="left")
    spot = _on_grid([jepx.read_spot(files[f"jepx/spot_summary_{year}.csv"])], grid)
    intraday = _on_grid([jepx.read_intraday(files[f"jepx/intraday_{year}.csv"])], grid)
    price = spot[[f"{area}_jpy_per_mwh" for area in AREAS]].to_numpy(dtype=np.float64)
    delta = (intraday["average_jpy_per_mwh"] - spot["system_jpy_per_mwh"]).to_numpy(dtype=np.float64)
    values = np.empty((len(grid), len(AREAS), len(FEATURE_NAMES)))

    def put(feature: str, column: Array) -> None:
        values[:, :, FEATURE_NAMES.index(feature)] = column

    surplus = np.empty((len(grid), len(AREAS)))
    for k, area in enumerate(AREAS):
        months = [tso.read_balance(file, area) for file in balance_files(files, year, area)]
        balance = _on_grid(months, grid)
        column = {str(name): balance[name].to_numpy(dtype=np.float64) for name in balance.columns}
        curtailed = column["solar_curtailed_mw"] + column["wind_curtailed_mw"]
        surplus[:, k] = np.where(curtailed > CURTAILMENT_NOISE_MW, curtailed, 0.0)
        values[:, k, FEATURE_NAMES.index("demand_mw")] = column["demand_mw"]
        for source in ("solar", "wind"):
            potential = np.maximum(column[f"{source}_mw"], 0.0) + column[f"{source}_curtailed_mw"]
            values[:, k, FEATURE_NAMES.index(f"{source}_mw")] = potential
        values[:, k, FEATURE_NAMES.index("carbon_average_kg_per_mwh")] = carbon.average_kg_per_mwh(column)
    put("spot_price_jpy_per_mwh", price)
    put("delta_price_jpy_per_mwh", delta[:, None])
    put("supply_slope_jpy_per_mwh_per_mw", zones.zone_slopes(price, AREAS))
    put("surplus_mw", surplus)
    put("carbon_marginal_kg_per_mwh", carbon.marginal_kg_per_mwh(price, surplus, bands))
    put("temperature_c", _temperatures(_tokyo_temperature(files, year, grid), grid))
    return values


def load_real(
    data_root: Path | str | None,
    year: int = 2024,
    areas: Sequence[str] = AREAS,
    bands: tuple[PriceBand, ...] = MARGINAL_BANDS,
) -> SeriesSet:
    """
    Load one fiscal year of real series.

    Parameters
    ----------
    data_root : path
        Folder with ``jepx/``, ``tso_30min/`` and ``weather/``.
    year : int
        Fiscal year, from 1 April; one of :data:`YEARS`.
    areas : sequence of str
        Any of the nine areas, in the order wanted. The files of all nine are read: a price zone is as stiff as all its
        members.
    bands : tuple of PriceBand
        Marginal fuel by spot price (assumption).

    Returns
    -------
    SeriesSet
        Named ``real-fyYYYY``; values are read-only.

    Raises
    ------
    SeriesError
        If a file is missing or refused, or the year or an area is not available.

    Notes
    -----
    The first call reads over a hundred files (seconds); the result is kept in the disk cache under the names, sizes and
    times of the files and the text of the code.
    """
    if year not in YEARS:
        raise SeriesError(f"real series exist for fiscal year {', '.join(map(str, YEARS))}, not {year}")
    for area in areas:
        if area not in AREAS:
            raise SeriesError(f"real series have no area {area!r}; they have {', '.join(AREAS)}")
    files = year_files(find_root(data_root), year)
    name = f"real-fy{year}"
    start = pd.Timestamp(f"{year}-04-01", tz="Asia/Tokyo")

    def build() -> cache.Entry:
        values = _assemble(files, year, bands)
        SeriesSet(name, start, AREAS, values, PROVENANCE)  # bounds are checked here, once
        return {"values": values}, {}

    stats = [(key, path.stat().st_size, path.stat().st_mtime_ns) for key, path in files.items()]
    modules = (sys.modules[__name__], cache, carbon, climate, jepx, series_set, table, textfile, tso, weather, zones)
    entry, _ = cache.stored(name, cache.source_key(modules, stats, bands), build)
    columns = [AREAS.index(area) for area in areas]
    values = np.ascontiguousarray(entry["values"][:, columns, :])
    series = cache.StoredSeriesSet(name, start, tuple(areas), values, PROVENANCE, "")
    digest = SeriesSet.content_hash(series)
    values.flags.writeable = False
    return cache.StoredSeriesSet(name, start, tuple(areas), values, PROVENANCE, digest)
