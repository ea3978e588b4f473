"""Readers of hourly weather: Open-Meteo's JSON and the download layout of the Japan Meteorological Agency (JMA)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.set import AREAS
from wattbit.series.table import Table, on_grid, parse_dates, parse_minutes, split_stamp
from wattbit.series.textfile import Cells, TextFile, nfkc, read_text, to_cells

PLACES: Final = {
    "hokkaido": ("札幌", 43.06, 141.33),
    "tohoku": ("仙台", 38.26, 140.90),
    "tokyo": ("東京", 35.69, 139.75),
    "chubu": ("名古屋", 35.17, 136.97),
    "hokuriku": ("富山", 36.71, 137.20),
    "kansai": ("大阪", 34.68, 135.52),
    "chugoku": ("広島", 34.40, 132.46),
    "shikoku": ("高松", 34.32, 134.05),
    "kyushu": ("福岡", 33.58, 130.38),
}
"""Station that stands for an area, with latitude and longitude: the observatory of the operator's city. [degrees]"""

JAPAN_DEGREES: Final = ((24.0, 46.0), (122.0, 149.0))
"""Bounds of latitude and longitude within which a point has an area."""

JST_OFFSET_S: Final = 32400
"""Offset of Asia/Tokyo from UTC. [s]"""

OPENMETEO_COLUMNS: Final = {
    "temperature_2m": ("temperature_c", {"°C": 1.0}),
    "relative_humidity_2m": ("relative_humidity_percent", {"%": 1.0}),
    "relativehumidity_2m": ("relative_humidity_percent", {"%": 1.0}),
    "cloudcover": ("cloud_cover_percent", {"%": 1.0}),
    "cloud_cover": ("cloud_cover_percent", {"%": 1.0}),
    "windspeed_10m": ("wind_speed_m_per_s", {"km/h": 1 / 3.6, "m/s": 1.0}),
    "wind_speed_10m": ("wind_speed_m_per_s", {"km/h": 1 / 3.6, "m/s": 1.0}),
    "shortwave_radiation": ("irradiance_w_per_m2", {"W/m²": 1.0}),
}
"""Open-Meteo's name to the name here, with what its units are in ours; other variables are not read."""

JMA_COLUMNS: Final = {
    "気温(°C)": ("temperature_c", 1.0),
    "降水量(mm)": ("precipitation_mm", 1.0),
    "日照時間(時間)": ("sunshine_h", 1.0),
    "風速(m/s)": ("wind_speed_m_per_s", 1.0),
    "日射量(MJ/m2)": ("irradiance_w_per_m2", 1e6 / 3600.0),
}
"""JMA's heading after NFKC to the name here, with its factor; irradiation of an hour becomes mean irradiance."""

JMA_QUALITY: Final = "品質情報"
"""Heading of a quality column: 8 normal, 5 nearly normal, 4 and below doubtful, incomplete or missing."""

JMA_USABLE_QUALITY: Final = (5.0, 8.0)
"""Quality codes that are read."""

BOUNDS: Final = {
    "temperature_c": (-45.0, 50.0),
    "relative_humidity_percent": (0.0, 100.0),
    "cloud_cover_percent": (0.0, 100.0),
    "wind_speed_m_per_s": (0.0, 90.0),
    "irradiance_w_per_m2": (0.0, 1400.0),
    "precipitation_mm": (0.0, 200.0),
    "sunshine_h": (0.0, 1.0),
}
"""Plausible range of every column; the extremes of Japan's records lie inside."""


def read_openmeteo(path: Path | str, area: str | None = None) -> Table:
    """
    Read hourly weather as Open-Meteo returns it in JSON, in local time; also gzipped.

    Parameters
    ----------
    path : Path or str
        The file.
    area : str, optional
        One of :data:`~wattbit.series.set.AREAS`; by default the one whose station of :data:`PLACES` is nearest.

    Returns
    -------
    Table
        Kind ``"open-meteo weather"``, hours; ``temperature_c`` and what else of :data:`OPENMETEO_COLUMNS` the file has.

    Raises
    ------
    SeriesError
        If it is not whole JSON, not in Asia/Tokyo, a value is missing or implausible, or hours are missing.
    """
    return openmeteo_from_text(read_text(path), area)


def read_jma(path: Path | str, area: str | None = None) -> Table:
    """
    Read JMA hourly observations of one station; also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, cp932 or UTF-8.
    area : str, optional
        One of :data:`~wattbit.series.set.AREAS`; by default the one whose station of :data:`PLACES` is named.

    Returns
    -------
    Table
        Kind ``"jma weather"``, hours named by their start: the stamps of the file are the ends of the hours, so the row
        of 00:00 holds the temperature read at 01:00. ``temperature_c`` and what else of :data:`JMA_COLUMNS` is there.

    Raises
    ------
    SeriesError
        If the file is cut inside a row or has a gap, the station is unknown, a value is blank, of bad quality or
        implausible.
    """
    return jma_from_text(read_text(path), area)


def is_openmeteo(file: TextFile) -> bool:
    """Whether the text is JSON; only Open-Meteo's is known."""
    return file.text.lstrip().startswith("{")


def is_jma(file: TextFile) -> bool:
    """Whether one of the first rows is the heading of a JMA download."""
    return "年月日時" in nfkc("\n".join(file.text.split("\n", 6)[:6]))


def openmeteo_from_text(file: TextFile, area: str | None = None) -> Table:
    """Read decoded Open-Meteo JSON; see :func:`read_openmeteo`."""
    document = _load(file)
    hourly, units = document["hourly"], document.get("hourly_units", {})
    if not isinstance(units, dict):
        raise file.refusal(f"key hourly_units: is {units!r}, must be a table of units")
    offset_s = document.get("utc_offset_seconds")
    if offset_s != JST_OFFSET_S:
        raise file.refusal(f"key utc_offset_seconds: is {offset_s}, must be {JST_OFFSET_S} (timezone=Asia/Tokyo)")
    texts = {
        key: np.array(["" if value is None else str(value) for value in hourly[key]], dtype=object)
        for key in hourly
        if key == "time" or key in OPENMETEO_COLUMNS
    }
    texts["time"] = np.array([text.replace("T", " ") for text in texts["time"]], dtype=object)
    for key, column in texts.items():
        if len(column) != len(texts["time"]):
            raise file.refusal(f"key hourly.{key}: has {len(column)} values, time has {len(texts['time'])}")
    if not len(texts["time"]):
        raise file.refusal("key hourly.time: is empty")
    cells = split_stamp(Cells(file, texts, np.arange(1, len(texts["time"]) + 1), 0), "time")
    values: dict[str, NDArray[np.float64]] = {}
    for key, (canonical, factors) in OPENMETEO_COLUMNS.items():
        if key not in texts:
            continue
        if units.get(key) not in factors:
            raise file.refusal(f"key hourly_units.{key}: is {units.get(key)!r}, must be {' or '.join(factors)}")
        numbers, _ = cells.numbers(key)
        values[canonical] = numbers * factors[units[key]]
        _refuse_implausible(cells, key, canonical, values[canonical])
    frame, repairs = on_grid(cells, parse_dates(cells, "date"), parse_minutes(cells, "time"), values, 60, None)
    place = area or _nearest_area(file, document)
    return Table(file.path, "open-meteo weather", _known_area(file, place), 60, frame, tuple(repairs))


def jma_from_text(file: TextFile, area: str | None = None) -> Table:
    """Read a decoded JMA file; see :func:`read_jma`."""
    rows = file.rows()
    heading = next((k for k, row in enumerate(rows[:6]) if nfkc(row[0]) == "年月日時"), None)
    if heading is None:
        raise file.refusal(f"row 1: no column 年月日時 in the first rows{file.encoding_hint('年月日時')}")
    first = next((k for k, row in enumerate(rows) if k > heading and re.match(r"\d", row[0])), len(rows))
    names = []
    for k, cell in enumerate(rows[heading]):
        # Below the heading may stand 風向 (wind direction), 品質情報, 均質番号 or 現象なし情報; a value has none.
        below = [nfkc(row[k]) for row in rows[heading + 1 : first] if k < len(row) and row[k].strip()]
        names.append(" ".join([nfkc(cell), *below]))
    cells = split_stamp(to_cells(file, rows, names, first), "年月日時")
    values: dict[str, NDArray[np.float64]] = {}
    for name, (canonical, factor) in JMA_COLUMNS.items():
        if name not in cells.columns:
            continue
        quality, _ = cells.numbers(f"{name} {JMA_QUALITY}")
        bad = ~np.isin(quality, JMA_USABLE_QUALITY)
        if bad.any():
            row = int(np.argmax(bad))
            raise cells.refusal(row, f"{name} {JMA_QUALITY}", f"is {quality[row]:g}, must be 8 or 5")
        numbers, _ = cells.numbers(name)
        values[canonical] = numbers * factor
        _refuse_implausible(cells, name, canonical, values[canonical])
    if "temperature_c" not in values:
        raise file.refusal("no column 気温(℃)")
    minutes = parse_minutes(cells, "time") - 60
    frame, repairs = on_grid(cells, parse_dates(cells, "date"), minutes, values, 60, None)
    repairs.append("stamps moved from the end to the start of the hour")
    place = area or _named_area(file, rows[max(heading - 1, 0)])
    return Table(file.path, "jma weather", _known_area(file, place), 60, frame, tuple(repairs))


def _load(file: TextFile) -> dict[str, Any]:
    try:
        document = json.loads(file.text)
    except json.JSONDecodeError as error:
        raise file.refusal(f"row {error.lineno}: not whole JSON ({error.msg}); was the file cut?") from None
    if not isinstance(document, dict) or not isinstance(document.get("hourly"), dict):
        raise file.refusal("no key hourly; only Open-Meteo's JSON is known")
    for key in ("time", "temperature_2m"):
        if not isinstance(document["hourly"].get(key), list):
            raise file.refusal(f"no key hourly.{key}")
    return document


def _refuse_implausible(cells: Cells, name: str, canonical: str, column: NDArray[np.float64]) -> None:
    low, high = BOUNDS[canonical]
    bad = (column < low) | (column > high)
    if bad.any():
        row = int(np.argmax(bad))
        unit = canonical.partition("_")[2]
        raise cells.refusal(row, name, f"is {column[row]:g}, must be within [{low:g}, {high:g}] ({unit})")


def _nearest_area(file: TextFile, document: dict[str, Any]) -> str:
    try:
        latitude, longitude = float(document["latitude"]), float(document["longitude"])
    except (KeyError, TypeError, ValueError):
        raise file.refusal("no key latitude or longitude, so the area is unknown; pass area=") from None
    (south, north), (west, east) = JAPAN_DEGREES
    if not (south <= latitude <= north and west <= longitude <= east):
        raise file.refusal(f"keys latitude, longitude: {latitude}, {longitude} is not in Japan; pass area=")
    shrink = np.cos(np.radians(latitude))
    return min(PLACES, key=lambda area: np.hypot(PLACES[area][1] - latitude, (PLACES[area][2] - longitude) * shrink))


def _named_area(file: TextFile, stations: list[str]) -> str:
    names = list(dict.fromkeys(nfkc(cell) for cell in stations if cell.strip()))
    known = [area for area, (station, _, _) in PLACES.items() if names == [station]]
    if not known:
        one_of = ", ".join(station for station, _, _ in PLACES.values())
        raise file.refusal(f"station {' and '.join(names) or 'missing'}, must be one of {one_of}; or pass area=")
    return known[0]


def _known_area(file: TextFile, area: str) -> str:
    if area not in AREAS:
        raise file.refusal(f"area {area!r}, must be one of {', '.join(AREAS)}")
    return area
