"""One table per real file, on an unbroken time grid: what every reader returns, and how rows become whole days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.series.textfile import Cells

TIME_ZONE: Final = "Asia/Tokyo"
"""Time zone of every stamp; Japan has no daylight saving."""

Span = Literal["month", "quarter", "fiscal year"]
"""What one published file covers; a file that covers less has lost rows."""

_PERIODS: Final[dict[str, str]] = {"month": "M", "quarter": "Q-DEC", "fiscal year": "Y-MAR"}
_DATE: Final = re.compile(r"(\d{4})([/-]?)(\d{1,2})\2(\d{1,2})")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")


@dataclass(frozen=True, eq=False)
class Table:
    """
    One real file, read and checked.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        ``"jepx spot"``, ``"jepx intraday"``, ``"tso balance"``, ``"open-meteo weather"`` or ``"jma weather"``.
    area : str
        One of :data:`~wattbit.series.set.AREAS`, or ``"japan"`` for a national file.
    interval_minutes : int
        Length of a row: 30 or 60.
    frame : pandas.DataFrame
        Float64 columns whose names end in their units, without gaps, whole days; the index is the start of the
        interval in Asia/Tokyo.
    repairs : tuple of str
        What was changed or left out on the way, for a person.
    """

    path: Path
    kind: str
    area: str
    interval_minutes: int
    frame: pd.DataFrame
    repairs: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> int:
        """Number of intervals."""
        return len(self.frame)

    @property
    def start(self) -> pd.Timestamp:
        """Start of the first interval, Asia/Tokyo."""
        return self.frame.index[0]

    @property
    def end(self) -> pd.Timestamp:
        """End of the last interval, Asia/Tokyo."""
        return self.frame.index[-1] + pd.Timedelta(minutes=self.interval_minutes)

    def describe(self) -> str:
        """Return kind, area, period, rows and repairs on one line."""
        last_day = self.frame.index[-1]
        return (
            f"{self.kind} {self.interval_minutes} min, {self.area}, {self.start:%Y-%m-%d} to {last_day:%Y-%m-%d}, "
            f"{self.rows} rows, {repairs_text(self.repairs)}"
        )


def repairs_text(repairs: Sequence[str]) -> str:
    """Return the repairs of a file as half a sentence."""
    return "repaired: " + "; ".join(repairs) if repairs else "nothing repaired"


def parse_dates(cells: Cells, column: str) -> NDArray[np.datetime64]:
    """Read ``2024/04/01``, ``2024/4/1``, ``2024-04-01`` or ``20240401``; shape (row,), to the day."""
    texts = cells.column(column)
    days = {}
    for text in dict.fromkeys(texts):
        match = _DATE.fullmatch(text)
        try:
            year, month, day = (int(match.group(k)) for k in (1, 3, 4)) if match else (0, 0, 0)
            days[text] = np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D") if match else None
        except ValueError:
            days[text] = None
        if days[text] is None:
            raise cells.refusal(int(np.argmax(texts == text)), column, f"is {text!r}, must be a date like 2024/4/1")
    return np.array([days[text] for text in texts], dtype="datetime64[D]")


def parse_minutes(cells: Cells, column: str) -> NDArray[np.int64]:
    """Read ``0:30``, ``00:30`` or ``24:00:00``; minutes of the day, shape (row,)."""
    texts = cells.column(column)
    minutes = {}
    for text in dict.fromkeys(texts):
        match = _CLOCK.fullmatch(text)
        minutes[text] = int(match.group(1)) * 60 + int(match.group(2)) if match else -1
        if not 0 <= minutes[text] <= 24 * 60 or int(text.split(":")[1]) > 59:
            raise cells.refusal(int(np.argmax(texts == text)), column, f"is {text!r}, must be a time like 0:30")
    return np.array([minutes[text] for text in texts], dtype=np.int64)


def split_stamp(cells: Cells, column: str) -> Cells:
    """Return the cells with ``2024/4/1 0:00`` cut into columns ``date`` and ``time``."""
    texts = cells.column(column)
    parts = [text.partition(" ") for text in texts]
    columns = {
        "date": np.array([day for day, _, _ in parts], dtype=object),
        "time": np.array([clock.strip() for _, _, clock in parts], dtype=object),
    }
    return Cells(cells.file, {**cells.columns, **columns}, cells.row_numbers, cells.n_empty)


def on_grid(
    cells: Cells,
    days: NDArray[np.datetime64],
    minutes: NDArray[np.int64],
    values: dict[str, NDArray[np.float64]],
    interval_minutes: int,
    span: Span | None,
) -> tuple[pd.DataFrame, list[str]]:
    """
    Put rows on an unbroken grid of whole days.

    Exact duplicates are dropped and rows out of order are sorted, both named in the repairs: every row carries its own
    stamp, so nothing is guessed. A file that ends early is read to its last whole day.

    Parameters
    ----------
    cells : Cells
        The rows, for messages and for comparing duplicates cell by cell.
    days, minutes : ndarray, shape (row,)
        Day and minute of the day at which the interval of each row starts; -30 is 23:30 of the day before.
    values : dict of str to ndarray, shape (row,)
        The columns of the frame.
    interval_minutes : int
        Length of a row. [min]
    span : {"month", "quarter", "fiscal year"} or None
        What one file covers; None if any run of whole days will do.

    Returns
    -------
    frame : pandas.DataFrame
        Index ``start``, Asia/Tokyo.
    repairs : list of str
        What was done to the rows.

    Raises
    ------
    SeriesError
        If a stamp is off the grid, two rows of one stamp differ, rows are missing at the start or inside, rows lie
        outside the span of the first one, or no whole day is left.
    """
    off_grid = minutes % interval_minutes != 0
    if off_grid.any():
        row = int(np.argmax(off_grid))
        raise cells.file.refusal(
            f"row {cells.row_numbers[row]}: {minutes[row] // 60}:{minutes[row] % 60:02d} is not on the "
            f"{interval_minutes}-minute grid"
        )
    stamps = days.astype("datetime64[m]") + minutes.astype("timedelta64[m]")
    repairs = [f"{cells.n_empty} empty rows dropped"] if cells.n_empty else []
    keep = _without_duplicates(cells, stamps)
    if len(keep) < len(stamps):
        repairs.append(f"{len(stamps) - len(keep)} duplicate rows dropped")
    n_disordered = int((np.diff(stamps[np.sort(keep)]) < np.timedelta64(0, "m")).sum())
    if n_disordered:
        repairs.append(f"rows out of order in {n_disordered} places, sorted")
    stamps = stamps[keep]
    _refuse_gap(cells, stamps, keep, interval_minutes)
    n_rows = _whole_days(cells, stamps, keep, interval_minutes, span, repairs)
    index = pd.DatetimeIndex(stamps[:n_rows], name="start").as_unit("ns").tz_localize(TIME_ZONE)
    frame = pd.DataFrame({name: column[keep[:n_rows]] for name, column in values.items()}, index=index)
    return frame.asfreq(f"{interval_minutes}min"), repairs


def _without_duplicates(cells: Cells, stamps: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Rows in the order of their stamps, the first of each group of equal rows."""
    order = np.argsort(stamps, kind="stable")
    repeated = np.flatnonzero(stamps[order][1:] == stamps[order][:-1])
    for k in repeated:
        first, second = int(order[k]), int(order[k + 1])
        for name, column in cells.columns.items():
            if column[first] != column[second]:
                raise cells.refusal(
                    second,
                    name,
                    f"is {column[second]!r}, but row {cells.row_numbers[first]} of the same time "
                    f"{_clock(stamps[first])} has {column[first]!r}",
                )
    return np.delete(order, repeated + 1)


def _refuse_gap(cells: Cells, stamps: NDArray[np.datetime64], keep: NDArray[np.int64], interval_minutes: int) -> None:
    steps = np.diff(stamps).astype("timedelta64[m]").astype(np.int64) // interval_minutes
    if (steps > 1).any():
        k = int(np.argmax(steps > 1))
        missing = stamps[k] + np.timedelta64(interval_minutes, "m")
        raise cells.file.refusal(
            f"row {cells.row_numbers[keep[k]]}: gap after it, {steps[k] - 1} rows are missing from {_clock(missing)}"
        )


def _whole_days(
    cells: Cells,
    stamps: NDArray[np.datetime64],
    keep: NDArray[np.int64],
    interval_minutes: int,
    span: Span | None,
    repairs: list[str],
) -> int:
    """Number of rows up to the end of the last whole day; says so in `repairs` if the file ends early."""
    row_of = cells.row_numbers[keep]
    start = pd.Timestamp(stamps[0])
    expected = start.to_period(_PERIODS[span]).start_time if span else start.normalize()
    if start != expected:
        raise cells.file.refusal(
            f"row {row_of[0]}: the first interval starts at {_clock(stamps[0])}, must be {_clock(expected)}; "
            f"a file covers {'a ' + span if span else 'whole days'}"
        )
    rows_per_day = 24 * 60 // interval_minutes
    n_rows = len(stamps) // rows_per_day * rows_per_day
    if n_rows == 0:
        raise cells.file.refusal(f"row {row_of[-1]}: ends at {_clock(stamps[-1])}, before the end of its first day")
    if span:
        end = (start.to_period(_PERIODS[span]) + 1).start_time
        outside = stamps >= np.datetime64(end)
        if outside.any():
            k = int(np.argmax(outside))
            raise cells.file.refusal(
                f"row {row_of[k]}: {_clock(stamps[k])} is outside the {span} that starts {start:%Y-%m-%d}"
            )
        promised = int((end - start) / pd.Timedelta(minutes=interval_minutes))
    else:
        promised = n_rows
    if n_rows < promised or n_rows < len(stamps):
        last = pd.Timestamp(stamps[n_rows - 1])
        repairs.append(
            f"ends early at row {row_of[-1]}, read to its last whole day {last:%Y-%m-%d}"
            + (f", {len(stamps) - n_rows} rows of the day after dropped" if n_rows < len(stamps) else "")
            + (f", {promised - n_rows} of {promised} rows missing" if n_rows < promised else "")
        )
    return n_rows


def _clock(stamp: np.datetime64 | pd.Timestamp) -> str:
    return str(np.asarray(stamp, "datetime64[m]")).replace("T", " ")
