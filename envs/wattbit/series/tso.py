"""Readers of the supply and demand that the transmission operators (TSOs) publish per area, half-hourly and hourly."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.set import AREAS
from wattbit.series.table import Table, on_grid, parse_dates, parse_minutes, split_stamp
from wattbit.series.textfile import Cells, TextFile, nfkc, read_text, split_unit, to_cells

COLUMNS: Final = {
    "エリア需要": "demand_mw",
    "原子力": "nuclear_mw",
    "火力": "thermal_mw",
    "火力(LNG)": "lng_mw",
    "火力(石炭)": "coal_mw",
    "火力(石油)": "oil_mw",
    "火力(その他)": "other_thermal_mw",
    "水力": "hydro_mw",
    "地熱": "geothermal_mw",
    "バイオマス": "biomass_mw",
    "太陽光発電実績": "solar_mw",
    "太陽光実績": "solar_mw",
    "太陽光出力制御量": "solar_curtailed_mw",
    "太陽光抑制量": "solar_curtailed_mw",
    "風力発電実績": "wind_mw",
    "風力実績": "wind_mw",
    "風力出力制御量": "wind_curtailed_mw",
    "風力抑制量": "wind_curtailed_mw",
    "揚水": "pumped_mw",
    "揚水等": "pumped_mw",
    "蓄電池": "battery_mw",
    "連系線": "import_mw",
    "その他": "other_mw",
    "合計": "total_mw",
    "供給力合計": "total_mw",
}
"""Published name, after NFKC and without its unit, to the name here. Others (thermal curtailment) are not read."""

REQUIRED: Final = (
    "demand_mw",
    "nuclear_mw",
    "hydro_mw",
    "geothermal_mw",
    "biomass_mw",
    "solar_mw",
    "solar_curtailed_mw",
    "wind_mw",
    "wind_curtailed_mw",
    "pumped_mw",
    "import_mw",
)
"""Columns that every file has."""

REQUIRED_BY_INTERVAL: Final = {
    30: ("lng_mw", "coal_mw", "oil_mw", "other_thermal_mw", "battery_mw", "other_mw", "total_mw"),
    60: ("thermal_mw",),
}
"""Columns that the files of one interval [min] have besides."""

NOT_SUPPLY: Final = ("demand_mw", "solar_curtailed_mw", "wind_curtailed_mw", "total_mw")
"""Columns that are not part of the sum that meets demand."""

SIGNED: Final = ("pumped_mw", "battery_mw", "import_mw", "other_mw")
"""Columns that may be negative: pumping, charging, export, corrections."""

AREA_CODES: Final = {f"{k:02d}": area for k, area in enumerate(AREAS, 1)}
"""Area code in the name of a half-hourly file, ``eria_jukyu_YYYYMM_AA.csv``."""

BLANK_AS_ZERO: Final = {"shikoku": ("地熱", "蓄電池", "その他")}
"""Columns that an area publishes blank because it has nothing of the kind."""

STAMPED_AT_END: Final = ("kyushu",)
"""Areas whose half-hourly files name an interval by its end."""

EXPORT_POSITIVE: Final = ("kyushu",)
"""Areas whose half-hourly files count export as positive."""

UNITS: Final = {
    "MW": (1.0, False),
    "MW平均": (1.0, False),
    "MWh": (1.0, True),
    "万kW": (10.0, False),
    "万kW平均": (10.0, False),
    "万kWh": (10.0, True),
}
"""Stated unit to its size in MW or MWh and whether it is energy per interval."""

MEAN_DEMAND_MW: Final = dict(
    zip(AREAS, (3376.0, 9038.0, 32094.0, 14841.0, 3180.0, 16075.0, 6623.0, 2994.0, 10051.0), strict=True)
)
"""Mean demand of FY2024, the yardstick of plausibility. [MW]"""

PLAUSIBLE_MEAN: Final = (0.68, 1.55)
"""Bounds of mean demand over :data:`DAYS_FOR_MEAN` days or more, per FY2024 mean; its months lie within 0.81-1.27."""

PLAUSIBLE_SHORT_MEAN: Final = (0.5, 2.0)
"""The same for shorter files; the days of FY2024 lie within 0.62-1.48."""

DAYS_FOR_MEAN: Final = 14
"""Days from which the tighter bounds hold."""

PLAUSIBLE_DEMAND: Final = (0.35, 2.5)
"""Bounds of demand in one interval, per FY2024 mean; FY2024 lies within 0.54-1.78. Other columns obey the upper one."""

ROUNDING_PER_COLUMN: Final = 0.5
"""Each value is rounded to a whole unit, so a sum of n columns may be off by this times n. [published unit]"""

IMBALANCE_SHARE: Final = 0.005
"""Largest imbalance, as a share of demand, that is read and reported; Hokkaido's hourly file has 12 MW in 3,467."""

IMBALANCE_ROWS: Final = 0.01
"""Largest share of rows that may be off balance by more than rounding."""

NOISE_MW: Final = 10.0
"""A value below zero by less than this where none can be negative is metering noise and set to 0. [MW]"""


def read_balance(path: Path | str, area: str | None = None) -> Table:
    """
    Read the supply and demand of one area: half-hourly, one month a file, or hourly, one quarter a file; also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8 or cp932.
    area : str, optional
        One of :data:`~wattbit.series.set.AREAS`. By default the code ``_01`` to ``_09`` in the name of a half-hourly
        file, or the layout of an hourly one.

    Returns
    -------
    Table
        Kind ``"tso balance"``, 30 or 60 minutes. Means over the interval; supply, generation of pumped storage and
        batteries, and import are positive. Half-hourly files have ``lng_mw, coal_mw, oil_mw, other_thermal_mw,
        battery_mw, other_mw``, hourly ones have ``thermal_mw`` instead. [MW]

    Raises
    ------
    SeriesError
        If the file is cut inside a row or has a gap, a column, a unit or the area is missing, supply does not meet
        demand, or the demand is implausible for the area.
    """
    return balance_from_text(read_text(path), area)


def is_balance(file: TextFile) -> bool:
    """Whether one of the first rows is the heading of a balance file."""
    head = nfkc("\n".join(file.text.split("\n", 4)[:4]))
    return "エリア需要" in head


def balance_from_text(file: TextFile, area: str | None = None) -> Table:
    """Read a decoded balance file; see :func:`read_balance`."""
    if area is not None and area not in AREAS:
        raise file.refusal(f"area {area!r}, must be one of {', '.join(AREAS)}")
    cells, units = _cut(file)
    if "DATE_TIME" in cells.columns:
        cells = split_stamp(cells, "DATE_TIME")
        days, minutes = parse_dates(cells, "date"), parse_minutes(cells, "time")
    elif "月日" in cells.columns:
        cells, minutes = _fill_dates(cells)
        days = parse_dates(cells, "月日")
    else:
        days, minutes = parse_dates(cells, "DATE"), parse_minutes(cells, "TIME")
    interval = 30 if "DATE" in cells.columns else 60
    area = area or _area_of(cells, interval)
    values, published_mw, repairs = _values(cells, units, area, interval)
    if interval == 30 and area in STAMPED_AT_END:
        minutes = minutes - 30
        repairs.append("stamps moved from the end to the start of the half hour")
    if interval == 30 and area in EXPORT_POSITIVE:
        values["import_mw"] = -values["import_mw"]
        repairs.append("sign of 連系線 turned, import is positive")
    _refuse_implausible_demand(cells, units, area, interval, values["demand_mw"])
    repairs += _refuse_imbalance(cells, values, published_mw)
    repairs += _refuse_implausible_columns(cells, area, values)
    values.pop("total_mw", None)
    frame, done = on_grid(cells, days, minutes, values, interval, "month" if interval == 30 else "quarter")
    return Table(file.path, "tso balance", area, interval, frame, tuple(done + repairs))


def _cut(file: TextFile) -> tuple[Cells, dict[str, str]]:
    """Find the heading, name the columns and their units, cut the rows."""
    rows = file.rows()
    heading_row = next((k for k, row in enumerate(rows[:4]) if any("エリア需要" in nfkc(cell) for cell in row)), None)
    if heading_row is None:
        raise file.refusal(f"row 1: no column エリア需要 in the first rows{file.encoding_hint('エリア需要')}")
    above = [nfkc(cell) for cell in rows[heading_row - 1]] if heading_row else []
    stated = re.search(r"単位\s*[\[(〔:]\s*([^\])〕,]+)", nfkc("\n".join(",".join(row) for row in rows[:heading_row])))
    names, units = [], {}
    for k, cell in enumerate(rows[heading_row]):
        name, unit = split_unit(nfkc(cell))
        # Kyushu's hourly heading spans two rows: 太陽光 above 実績 and 抑制量.
        if name in ("実績", "抑制量") and k < len(above):
            name = above[k] + name
        names.append(name)
        units[name] = unit or (stated.group(1).strip() if stated else "")
    n_header = heading_row + 1
    # Hokkaido's hourly heading ends with an empty row.
    while n_header < len(rows) and not any(rows[n_header]):
        n_header += 1
    return to_cells(file, rows, names, n_header), units


def _fill_dates(cells: Cells) -> tuple[Cells, NDArray[np.int64]]:
    """Read Hokkaido's hourly stamps: the date stands in the row of 0時 only, so only the order dates the other rows."""
    dates, clocks = cells.column("月日"), cells.column("時刻")
    minutes = np.empty(len(dates), dtype=np.int64)
    filled = dates.copy()
    for row, (date, clock) in enumerate(zip(dates, clocks, strict=True)):
        match = re.fullmatch(r"(\d{1,2})時", nfkc(clock))
        hour = int(match.group(1)) if match else -1
        if not 0 <= hour <= 23:
            raise cells.refusal(row, "時刻", f"is {clock!r}, must be 0時 to 23時")
        minutes[row] = 60 * hour
        if (date == "") != (hour > 0):
            raise cells.refusal(row, "月日", f"is {date!r} at {clock}, must be a date at 0時 and blank after it")
        if row and hour > 0:
            is_repeat = hour * 60 == minutes[row - 1]
            if hour * 60 != minutes[row - 1] + 60 and not is_repeat:
                raise cells.refusal(
                    row,
                    "時刻",
                    f"is {clock} after {clocks[row - 1]}; their order alone dates the rows, none may be moved or lost",
                )
            filled[row] = filled[row - 1]
    return Cells(cells.file, {**cells.columns, "月日": filled}, cells.row_numbers, cells.n_empty), minutes


def _area_of(cells: Cells, interval: int) -> str:
    name = cells.file.path.name
    if interval == 30:
        codes = [code for code in re.findall(r"_(\d\d)(?=[_.])", name) if code in AREA_CODES]
        if not codes:
            raise cells.file.refusal("area unknown: the name has no code _01 to _09 (Hokkaido to Kyushu); pass area=")
        return AREA_CODES[codes[-1]]
    if "月日" in cells.columns:
        return "hokkaido"
    return "kyushu" if "揚水等" in cells.columns else "tohoku"


def _values(
    cells: Cells, units: dict[str, str], area: str, interval: int
) -> tuple[dict[str, NDArray[np.float64]], float, list[str]]:
    """Columns in MW under their names here, the largest published unit in MW, and repairs."""
    values: dict[str, NDArray[np.float64]] = {}
    repairs: list[str] = []
    largest, odd_units = 1.0, set()
    for name in cells.columns:
        canonical = COLUMNS.get(name)
        if canonical is None:
            continue
        if canonical in values:
            raise cells.file.refusal(f"two columns mean {canonical}; the second is {name}")
        numbers, repaired = cells.numbers(name, blank_is_zero=interval == 30 and name in BLANK_AS_ZERO.get(area, ()))
        unit = units[name]
        if unit not in UNITS:
            raise cells.file.refusal(f"column {name}: unit {unit or 'missing'!r}, must be one of {', '.join(UNITS)}")
        size, is_energy = UNITS[unit]
        factor = size * (60.0 / interval if is_energy else 1.0)
        if factor != 1.0:
            odd_units.add(f"{unit} taken as {factor:g} MW")
        largest = max(largest, factor)
        values[canonical] = numbers * factor
        repairs += repaired
    for canonical in (*REQUIRED, *REQUIRED_BY_INTERVAL[interval]):
        if canonical not in values:
            published = " or ".join(name for name, known in COLUMNS.items() if known == canonical)
            raise cells.file.refusal(f"no column {published}")
    return values, largest, repairs + sorted(odd_units)


def _refuse_implausible_demand(
    cells: Cells, units: dict[str, str], area: str, interval: int, demand_mw: NDArray[np.float64]
) -> None:
    usual_mw = MEAN_DEMAND_MW[area]
    is_long = len(demand_mw) * interval >= DAYS_FOR_MEAN * 24 * 60
    mean_mw = float(demand_mw.mean())
    low, high = (bound * usual_mw for bound in (PLAUSIBLE_MEAN if is_long else PLAUSIBLE_SHORT_MEAN))
    if not low <= mean_mw <= high:
        guesses = {"万kW": 10.0, "kW": 1e-3, "MWh per half hour": 2.0}
        guess = next((f", as if it were {unit}" for unit, size in guesses.items() if low <= mean_mw * size <= high), "")
        raise cells.file.refusal(
            f"rows {cells.row_numbers[0]} to {cells.row_numbers[-1]}, column エリア需要: mean {mean_mw:.0f} MW by the "
            f"stated unit {units['エリア需要']}{guess}, must be within [{low:.0f}, {high:.0f}] MW for {area}"
        )
    low, high = (bound * usual_mw for bound in PLAUSIBLE_DEMAND)
    bad = (demand_mw < low) | (demand_mw > high)
    if bad.any():
        row = int(np.argmax(bad))
        raise cells.refusal(
            row, "エリア需要", f"is {demand_mw[row]:g} MW, must be within [{low:.0f}, {high:.0f}] MW for {area}"
        )


def _refuse_imbalance(cells: Cells, values: dict[str, NDArray[np.float64]], published_mw: float) -> list[str]:
    """Demand and the published total must equal the sum of supply, pumped storage, batteries and import."""
    supply = {name: column for name, column in values.items() if name not in NOT_SUPPLY}
    sum_mw = np.sum(list(supply.values()), axis=0)
    rounding_mw = ROUNDING_PER_COLUMN * (len(supply) + 1) * published_mw
    limit_mw = np.maximum(rounding_mw, IMBALANCE_SHARE * values["demand_mw"])
    published = {name: column for name, column in COLUMNS.items() if name in cells.columns and column in values}
    n_off, worst_mw = 0, 0.0
    for name, canonical in published.items():
        if canonical not in ("demand_mw", "total_mw"):
            continue
        off_mw = np.abs(values[canonical] - sum_mw)
        is_off = off_mw > rounding_mw
        if (off_mw > limit_mw).any() or is_off.mean() > IMBALANCE_ROWS:
            row = int(np.argmax(off_mw - limit_mw))
            raise cells.refusal(
                row,
                name,
                f"is {values[canonical][row]:g} MW, but its supply columns sum to {sum_mw[row]:g} MW; must agree "
                f"within {limit_mw[row]:.3g} MW, and within {rounding_mw:g} MW of rounding in all but "
                f"{IMBALANCE_ROWS:.0%} of the rows ({is_off.sum()} of {len(is_off)} do not)",
            )
        if is_off.sum() > n_off:
            n_off, worst_mw = int(is_off.sum()), float(off_mw.max())
    return [f"{n_off} rows off balance by up to {worst_mw:g} MW, kept"] if n_off else []


def _refuse_implausible_columns(cells: Cells, area: str, values: dict[str, NDArray[np.float64]]) -> list[str]:
    """Set small negative noise to zero; refuse larger negative values and any beyond the size of the area."""
    repairs = []
    high = PLAUSIBLE_DEMAND[1] * MEAN_DEMAND_MW[area]
    for name in cells.columns:
        canonical = COLUMNS.get(name)
        if canonical is None:
            continue
        column = values[canonical]
        low = -high if canonical in SIGNED else -NOISE_MW
        bad = (column < low) | (column > high)
        if bad.any():
            row = int(np.argmax(bad))
            raise cells.refusal(
                row, name, f"is {column[row]:g} MW, must be within [{low:.0f}, {high:.0f}] MW for {area}"
            )
        n_negative = int((column < 0.0).sum()) if canonical not in SIGNED else 0
        if n_negative:
            repairs.append(f"{name} below 0 by up to {-column.min():g} MW in {n_negative} rows, set to 0")
            values[canonical] = np.maximum(column, 0.0)
    return repairs
