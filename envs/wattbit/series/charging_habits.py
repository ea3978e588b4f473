"""Readers of ElaadNL's distributions of charging (Netherlands) and of the table of cars that can discharge."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from wattbit.series.records import Records, bounded
from wattbit.series.textfile import Cells, TextFile, read_text, to_cells

PLACES: Final = {
    "private": "home",
    "home": "home",
    "public": "public",
    "workplace": "workplace",
    "work": "workplace",
}
"""Published kind of place to its name here."""

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""First column of the distribution over the week, in order."""

BOX: Final = ("low", "q1", "median", "q3", "high")
"""What is given of each place and day of the week."""


@dataclass(frozen=True)
class Layout:
    """One kind of distribution file."""

    kind: str
    key: str
    rows: tuple[str, ...]
    unit: str
    high: float
    sums_to: float | None = None
    falls: bool = False
    is_ragged: bool = False


def _clock(minutes: int) -> tuple[str, ...]:
    return tuple(f"{m // 60:02d}:{m % 60:02d}" for m in range(0, 24 * 60, minutes))


_PERCENT: Final = tuple(str(k) for k in range(101))

LAYOUTS: Final = {
    "distribution-of-arrival": Layout("elaad arrivals", "Arrival time", _clock(15), "percent", 100.0, sums_to=100.0),
    "distribution-of-arrival-weekend": Layout(
        "elaad weekend arrivals", "Arrival time", _clock(15), "percent", 100.0, sums_to=100.0
    ),
    "distribution-of-charging": Layout(
        "elaad charging over the week", "Day of the week", WEEKDAYS, "percent", 100.0, is_ragged=True
    ),
    "distribution-of-connection-time": Layout(
        "elaad connection time exceeded", "Percentage of charging events", _PERCENT, "h", 72.0, falls=True
    ),
    "distribution-of-energy-demand": Layout(
        "elaad energy exceeded", "Percentage of charging events", _PERCENT, "kwh", 200.0, falls=True
    ),
    "mean-demand-per-arrival": Layout(
        "elaad mean energy by arrival", "Arrival Time", _clock(30), "kwh", 200.0, is_ragged=True
    ),
    "mean-session-length-per": Layout(
        "elaad mean session by arrival", "Arrival Time", _clock(30), "h", 72.0, is_ragged=True
    ),
}
"""
Name of a file, without its ending, to its layout: headings do not tell energy from time, so the name must.

The distribution over the week states no unit; its medians sum to about 100, so it is per cent (derived).
"""

SPECS_COLUMNS: Final = {
    "number_of_registrations": ("registrations", 1.0, 1e8),
    "battery_capacity": ("battery_kwh", 5.0, 250.0),
    "max_ac_charge_power": ("ac_charge_kw", 1.0, 50.0),
    "max_dc_charge_power": ("dc_charge_kw", 1.0, 500.0),
    "max_ac_discharge_power": ("ac_discharge_kw", 0.0, 50.0),
    "max_dc_discharge_power": ("dc_discharge_kw", 0.0, 500.0),
}
"""Key of a car to its column here and the bounds within which it is read (bounds: assumption)."""

EFFICIENCY_KEYS: Final = ("1ph_ch_efficiency", "3ph_ch_efficiency")
"""Lists of charging efficiency by current [%], 0 where the car does not charge at that current."""


def read_distribution(path: Path | str) -> Records:
    """
    Read one of ElaadNL's distributions of charging sessions.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8; its name must be one of :data:`LAYOUTS`.

    Returns
    -------
    Records
        Kind as in :data:`LAYOUTS`, period ``"typical"``. The first column is ``time`` (start of the slot), ``weekday``
        or ``percent_of_sessions``; then one column per place, ``home``, ``public``, ``workplace``, ending in its unit:
        per cent of sessions, or the hours [h] or energy [kWh] that so many per cent of sessions exceed, or means by
        time of arrival. The week's has low, q1, median, q3 and high of each place. NaN where a place has no sessions.

    Raises
    ------
    SeriesError
        If the name or a column is unknown, rows are missing, a cell is no number or out of bounds, shares do not sum to
        100 %, or a distribution of what is exceeded rises.

    Notes
    -----
    The publisher leaves out the last line end, so a cut inside the last number of a table of means goes unseen.
    """
    return distribution_from_text(read_text(path))


def read_cars(path: Path | str) -> Records:
    """
    Read the table of cars that can discharge, ``ev_specs_v2g_enabled2024.json``.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    Records
        Kind ``"v2g cars"``. One row per model: ``model``, the columns of :data:`SPECS_COLUMNS` and
        ``best_charge_efficiency_percent``, the largest over currents and phases. [kWh], [kW], [%]

    Raises
    ------
    SeriesError
        If it is not whole JSON, a car lacks a key, or a value is no number or out of bounds.
    """
    return cars_from_text(read_text(path))


def is_distribution(file: TextFile) -> bool:
    """Whether the heading starts like that of a distribution."""
    first = file.text.partition("\n")[0].split(",")[0].strip('"')
    return first in {layout.key for layout in LAYOUTS.values()}


def is_cars(file: TextFile) -> bool:
    """Whether the text is JSON about cars."""
    return file.text.lstrip().startswith("{") and '"battery_capacity"' in file.text


def distribution_from_text(file: TextFile) -> Records:
    """Read a decoded distribution; see :func:`read_distribution`."""
    name = file.path.name.partition(".")[0]
    if name not in LAYOUTS:
        raise file.refusal(f"name {name!r}, must be one of {', '.join(LAYOUTS)}: it alone tells energy from time")
    layout = LAYOUTS[name]
    rows = file.rows()
    heading = rows[0]
    columns = {column: _column(file, column, layout) for column in heading[1:]}
    if heading[0] != layout.key or not columns:
        raise file.refusal(f"row 1: first column {heading[0]!r}, must be {layout.key!r} and then one per place")
    repairs: list[str] = []
    if layout.is_ragged:
        file = _padded(file, rows, [PLACES[column.partition(" (")[0]] for column in columns], repairs)
        rows = file.rows()
    cells = to_cells(file, rows, heading, 1)
    order = _order(cells, layout, repairs)
    frame = pd.DataFrame({_key_column(layout): [layout.rows[k] for k in range(len(layout.rows))]})
    for column, here in columns.items():
        values = bounded(cells, column, 0.0, layout.high, blank=layout.is_ragged)[order]
        if layout.sums_to is not None and abs(values.sum() - layout.sums_to) > 0.01:
            raise file.refusal(f"column {column}: sums to {values.sum():.4g}, must be {layout.sums_to:g}")
        rises = np.diff(values) > 0.0
        if layout.falls and rises.any():
            row = int(order[int(np.argmax(rises)) + 1])
            raise cells.refusal(row, column, f"is {cells.column(column)[row]}, must not be above the row before")
        frame[here] = values
    return Records(file.path, layout.kind, "netherlands", "typical", frame, tuple(repairs))


def cars_from_text(file: TextFile) -> Records:
    """Read a decoded table of cars; see :func:`read_cars`."""
    try:
        document = json.loads(file.text)
    except json.JSONDecodeError as error:
        raise file.refusal(f"row {error.lineno}: not whole JSON ({error.msg}); was the file cut?") from None
    if not isinstance(document, dict):
        raise file.refusal("must be a JSON object with one key per car")
    records = []
    for model, car in document.items():
        if not isinstance(car, dict):
            raise file.refusal(f"key {model}: must be an object")
        record: dict[str, Any] = {"model": model}
        for key, (name, low, high) in SPECS_COLUMNS.items():
            record[name] = _number(file, f"{model}.{key}", car.get(key), low, high)
        efficiencies = [_efficiency(file, f"{model}.{key}", car.get(key)) for key in EFFICIENCY_KEYS]
        record["best_charge_efficiency_percent"] = max(efficiencies)
        records.append(record)
    frame = pd.DataFrame(records)
    return Records(file.path, "v2g cars", "netherlands", "2024", frame, ())


def _padded(file: TextFile, rows: list[list[str]], places: list[str], repairs: list[str]) -> TextFile:
    """Fill in the cells of the last place, which a row without its sessions lacks together with their commas."""
    n_last = places.count(places[-1])
    short = [len(rows[0]) - len(row) for row in rows]
    for number, missing in enumerate(short, 1):
        if missing not in (0, n_last):
            cut = "; was the file cut inside this row?" if number == len(rows) else ""
            have = f"{len(rows[0])}, or {len(rows[0]) - n_last} without {places[-1]}"
            raise file.refusal(f"row {number}: has {len(rows[0]) - missing} cells, must have {have}{cut}")
    if any(short):
        repairs.append(f"{sum(map(bool, short))} rows end before {places[-1]}, read as no sessions there")
    text = "".join(",".join(row + [""] * missing) + "\n" for row, missing in zip(rows, short, strict=True))
    return TextFile(file.path, file.raw, text, file.encoding)


def _column(file: TextFile, column: str, layout: Layout) -> str:
    place, _, statistic = column.partition(" (")
    statistic = statistic.removesuffix(")")
    is_box = layout.key == "Day of the week"
    if place not in PLACES or (statistic in BOX) != is_box or (statistic and not is_box):
        raise file.refusal(f"row 1: column {column!r} is not known; must be a place of {', '.join(PLACES)}")
    return "_".join(part for part in (PLACES[place], statistic, layout.unit) if part)


def _key_column(layout: Layout) -> str:
    return {"Day of the week": "weekday", "Percentage of charging events": "percent_of_sessions"}.get(
        layout.key, "time"
    )


def _order(cells: Cells, layout: Layout, repairs: list[str]) -> list[int]:
    """Rows of the file in the order of the layout."""
    keys = cells.column(layout.key).tolist()
    for row, key in enumerate(keys):
        if key not in layout.rows or keys.index(key) != row:
            problem = "a second time" if key in layout.rows else f"must be one of {layout.rows[0]} to {layout.rows[-1]}"
            raise cells.refusal(row, layout.key, f"is {key!r}, {problem}")
    missing = [key for key in layout.rows if key not in keys]
    if missing:
        raise cells.file.refusal(f"rows {missing[0]} and {len(missing) - 1} others are missing; was the file cut?")
    order = [keys.index(key) for key in layout.rows]
    if order != sorted(order):
        repairs.append(f"rows out of order, sorted by {layout.key.lower()}")
    return order


def _number(file: TextFile, key: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise file.refusal(f"key {key}: is {value!r}, must be a number")
    if not low <= value <= high:
        raise file.refusal(f"key {key}: is {value:g}, must be within [{low:g}, {high:g}]")
    return float(value)


def _efficiency(file: TextFile, key: str, value: object) -> float:
    if not isinstance(value, list) or not value:
        raise file.refusal(f"key {key}: must be a list of efficiencies by current")
    return max(_number(file, f"{key}[{k}]", entry, 0.0, 100.0) for k, entry in enumerate(value))
