"""Files whose rows are events, lines or classes and not one unbroken time grid: what their readers return."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.series.table import repairs_text
from wattbit.series.textfile import Cells, TextFile, refuse_open_end, to_cells

_YEARS = (1970, 2199)
"""Years that a time can lie in."""


@dataclass(frozen=True, eq=False)
class Records:
    """
    One real file, read and checked, one record a row.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        What it is, ``"acn sessions"`` for example.
    place : str
        Site, country or system that it comes from.
    period : str
        What it covers, for a person.
    frame : pandas.DataFrame
        The records; names of measured columns end in their units.
    repairs : tuple of str
        What was changed or left out on the way, for a person.
    """

    path: Path
    kind: str
    place: str
    period: str
    frame: pd.DataFrame
    repairs: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> int:
        """Number of records."""
        return len(self.frame)

    def describe(self) -> str:
        """Return kind, place, period, rows and repairs on one line."""
        return f"{self.kind}, {self.place}, {self.period}, {self.rows} rows, {repairs_text(self.repairs)}"


def named_cells(file: TextFile, columns: tuple[str, ...], is_closed: bool = True) -> Cells:
    """
    Cut a file with one heading row, which must be `columns` in any order.

    Parameters
    ----------
    file : TextFile
        The file.
    columns : tuple of str
        Names that the heading must have; ``""`` is the heading of an unnamed column.
    is_closed : bool
        Whether the publisher ends the last line with a line end, so that a file without one was cut.

    Raises
    ------
    SeriesError
        If a column is missing or not known, or a row is cut.
    """
    rows = file.rows()
    heading = [cell.strip() for cell in rows[0]]
    missing = [name for name in columns if name not in heading]
    unknown = [name for name in heading if name not in columns]
    if missing or unknown:
        problem = f"no column {missing[0]!r}" if missing else f"column {unknown[0]!r} is not known"
        raise file.refusal(f"row 1: {problem}; must have {', '.join(repr(name) for name in columns)}")
    # An unnamed column is a running number; it is given a name so that it can be checked.
    cells = to_cells(file, rows, [name or "index" for name in heading], 1)
    if is_closed:
        refuse_open_end(cells)
    return cells


def bounded(
    cells: Cells, name: str, low: float = -math.inf, high: float = math.inf, blank: bool = False
) -> NDArray[np.float64]:
    """
    Return one column as numbers within bounds.

    Parameters
    ----------
    cells : Cells
        The rows.
    name : str
        The column.
    low, high : float
        Bounds, both allowed.
    blank : bool
        Whether a blank cell is allowed; it becomes NaN.

    Raises
    ------
    SeriesError
        At the first cell that is blank, not a number, or out of bounds.
    """
    if blank:
        text = cells.column(name)
        filled = np.where(text == "", str(low if math.isfinite(low) else 0.0), text)
        numbers, _ = Cells(cells.file, {name: filled}, cells.row_numbers, cells.n_empty).numbers(name)
    else:
        numbers, _ = cells.numbers(name)
    bad = (numbers < low) | (numbers > high)
    if bad.any():
        row = int(np.argmax(bad))
        rule = f"must be within [{low:g}, {high:g}]" if math.isfinite(high) else f"must be at least {low:g}"
        raise cells.refusal(row, name, f"is {numbers[row]:g}, {rule}")
    return np.where(text == "", np.nan, numbers) if blank else numbers


def stamps(cells: Cells, name: str, example: str, is_aware: bool) -> pd.Series:
    """
    Read ISO stamps.

    Parameters
    ----------
    cells : Cells
        The rows.
    name : str
        The column.
    example : str
        A stamp as it must look, for the refusal.
    is_aware : bool
        Whether stamps carry their offset; if so the result is in UTC, else it has no time zone.

    Returns
    -------
    pandas.Series
        Shape (row,), to the nanosecond.

    Raises
    ------
    SeriesError
        At the first cell that is no such stamp.
    """
    text = cells.column(name)
    has_offset = np.array([cell[-6:-5] in ("+", "-") and cell[-3:-2] == ":" for cell in text])
    read = pd.Series(pd.to_datetime(pd.Series(text, dtype=str), format="ISO8601", errors="coerce", utc=True))
    bad = read.isna().to_numpy() | (has_offset != is_aware) | ~read.dt.year.between(*_YEARS).to_numpy()
    if bad.any():
        row = int(np.argmax(bad))
        raise cells.refusal(row, name, f"is {text[row]!r}, must be a time like {example}")
    return read.dt.as_unit("ns") if is_aware else read.dt.tz_localize(None).dt.as_unit("ns")


def span_of(times: pd.Series) -> str:
    """Return first and last day of a column of times."""
    return f"{times.min():%Y-%m-%d} to {times.max():%Y-%m-%d}"
