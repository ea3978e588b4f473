"""Readers of the JEPX market files: day-ahead spot of nine areas and the national intraday market, in JPY/MWh."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.table import Table, on_grid, parse_dates
from wattbit.series.textfile import Cells, TextFile, nfkc, read_text, refuse_open_end, split_unit, to_cells

SPOT_COLUMNS: Final = {
    "システムプライス": "system_jpy_per_mwh",
    "エリアプライス北海道": "hokkaido_jpy_per_mwh",
    "エリアプライス東北": "tohoku_jpy_per_mwh",
    "エリアプライス東京": "tokyo_jpy_per_mwh",
    "エリアプライス中部": "chubu_jpy_per_mwh",
    "エリアプライス北陸": "hokuriku_jpy_per_mwh",
    "エリアプライス関西": "kansai_jpy_per_mwh",
    "エリアプライス中国": "chugoku_jpy_per_mwh",
    "エリアプライス四国": "shikoku_jpy_per_mwh",
    "エリアプライス九州": "kyushu_jpy_per_mwh",
}
"""Price columns of ``spot_summary_YYYY.csv``; the volumes are not read."""

INTRADAY_COLUMNS: Final = {
    "始値": "open_jpy_per_mwh",
    "高値": "high_jpy_per_mwh",
    "安値": "low_jpy_per_mwh",
    "終値": "close_jpy_per_mwh",
    "平均": "average_jpy_per_mwh",
    "約定量合計": "volume_mwh",
}
"""Columns of ``intraday_YYYY.csv``."""

CODE: Final = "時刻コード"
"""Half hour of the day, 1-48, that starts at (code - 1) * 30 min."""

PER_MWH: Final = {"円/kWh": 1000.0, "円/MWh": 1.0, "kWh": 1e-3, "MWh": 1.0}
"""What a stated unit is in JPY/MWh or MWh."""

PRICE_CAP_JPY_PER_KWH: Final = 999.0
"""Highest price a bid may name."""

MEAN_PRICE_JPY_PER_KWH: Final = (0.5, 200.0)
"""Plausible mean national price of a file; the dearest day so far (13 January 2021) had 155 JPY/kWh."""


def read_spot(path: Path | str) -> Table:
    """
    Read ``spot_summary_YYYY.csv``, the day-ahead prices of one fiscal year, also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8 or cp932.

    Returns
    -------
    Table
        Kind ``"jepx spot"``, area ``"japan"``, half hours; the columns of :data:`SPOT_COLUMNS`. [JPY/MWh]

    Raises
    ------
    SeriesError
        If the file is cut inside a row, has a gap, lacks a column, or a price is implausible for its unit.
    """
    return spot_from_text(read_text(path))


def read_intraday(path: Path | str) -> Table:
    """
    Read ``intraday_YYYY.csv``, the national intraday market of one fiscal year, also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8 or cp932.

    Returns
    -------
    Table
        Kind ``"jepx intraday"``, area ``"japan"``, half hours; the columns of :data:`INTRADAY_COLUMNS`.
        [JPY/MWh], volume in [MWh per half hour]

    Raises
    ------
    SeriesError
        If the file is cut inside a row, has a gap, lacks a column, or a price is implausible for its unit.
    """
    return intraday_from_text(read_text(path))


def is_spot(file: TextFile) -> bool:
    """Whether the heading is that of a spot summary."""
    heading = nfkc(file.text.partition("\n")[0])
    return CODE in heading and "システムプライス" in heading


def is_intraday(file: TextFile) -> bool:
    """Whether the heading is that of an intraday file."""
    heading = nfkc(file.text.partition("\n")[0])
    return CODE in heading and "始値" in heading


def spot_from_text(file: TextFile) -> Table:
    """Read a decoded spot file; see :func:`read_spot`."""
    return _read(file, "jepx spot", SPOT_COLUMNS, "システムプライス")


def intraday_from_text(file: TextFile) -> Table:
    """Read a decoded intraday file; see :func:`read_intraday`."""
    return _read(file, "jepx intraday", INTRADAY_COLUMNS, "平均")


def _read(file: TextFile, kind: str, wanted: dict[str, str], typical: str) -> Table:
    rows = file.rows()
    names, units = zip(*(split_unit(nfkc(cell)) for cell in rows[0]), strict=True)
    cells = to_cells(file, rows, names, 1)
    refuse_open_end(cells)
    repairs: list[str] = []
    values: dict[str, NDArray[np.float64]] = {}
    for name, canonical in wanted.items():
        number, repaired = cells.numbers(name)
        repairs += repaired
        unit = units[names.index(name)]
        if unit not in PER_MWH or unit.startswith("円") != canonical.endswith("jpy_per_mwh"):
            raise file.refusal(f"column {name}: unit {unit or 'missing'!r}, must be 円/kWh for prices, kWh for volumes")
        values[canonical] = number * PER_MWH[unit]
        _refuse_implausible(cells, name, unit, number, values[canonical])
    _refuse_implausible_mean(cells, typical, values[wanted[typical]])
    if kind == "jepx intraday":
        _refuse_disordered_prices(cells, values)
    date = next((name for name in ("受渡日", "年月日") if name in cells.columns), "受渡日")
    frame, done = on_grid(cells, parse_dates(cells, date), _minutes(cells), values, 30, "fiscal year")
    return Table(file.path, kind, "japan", 30, frame, tuple(done + repairs))


def _minutes(cells: Cells) -> NDArray[np.int64]:
    code, _ = cells.numbers(CODE)
    bad = (code != np.round(code)) | (code < 1) | (code > 48)
    if bad.any():
        row = int(np.argmax(bad))
        raise cells.refusal(row, CODE, f"is {code[row]:g}, must be a whole number from 1 to 48")
    return (code.astype(np.int64) - 1) * 30


def _refuse_implausible(
    cells: Cells, name: str, unit: str, published: NDArray[np.float64], value: NDArray[np.float64]
) -> None:
    cap = PRICE_CAP_JPY_PER_KWH * 1000.0 if unit.startswith("円") else np.inf
    bad = (value < 0.0) | (value > cap)
    if bad.any():
        row = int(np.argmax(bad))
        rule = f"must be within [0, {PRICE_CAP_JPY_PER_KWH:g}] JPY/kWh" if np.isfinite(cap) else "must not be negative"
        hint = f"; the heading says {unit}, are the values in another unit?" if value[row] > cap else ""
        raise cells.refusal(row, name, f"is {published[row]:g} {unit}, {rule}{hint}")


def _refuse_implausible_mean(cells: Cells, name: str, price_jpy_per_mwh: NDArray[np.float64]) -> None:
    mean = float(price_jpy_per_mwh.mean()) / 1000.0
    low, high = MEAN_PRICE_JPY_PER_KWH
    if not low <= mean <= high:
        first, last = cells.row_numbers[0], cells.row_numbers[-1]
        raise cells.file.refusal(
            f"rows {first} to {last}, column {name}: mean {mean:g}, must be within [{low:g}, {high:g}] JPY/kWh "
            "(prices in another unit?)"
        )


def _refuse_disordered_prices(cells: Cells, values: dict[str, NDArray[np.float64]]) -> None:
    low, high = values["low_jpy_per_mwh"], values["high_jpy_per_mwh"]
    for name in ("始値", "終値", "平均"):
        price = values[INTRADAY_COLUMNS[name]]
        # Half a published digit (0.01 JPY/kWh) is rounding of the average.
        bad = (price < low - 5.0) | (price > high + 5.0)
        if bad.any():
            row = int(np.argmax(bad))
            raise cells.refusal(
                row, name, f"is {price[row]:g} JPY/MWh, must lie between low {low[row]:g} and high {high[row]:g}"
            )
