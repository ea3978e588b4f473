"""Reader of real charging sessions (ACN-Data, workplaces in California) and a fleet's days drawn from them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.records import Records, bounded, named_cells, span_of, stamps
from wattbit.series.textfile import Cells, TextFile, read_text

COLUMNS: Final = (
    "arrival",
    "departure",
    "requested_energy (kWh)",
    "delivered_energy (kWh)",
    "station_id",
    "session_id",
    "estimated_departure",
    "claimed",
)
"""Heading of a session file. The copies at hand have no time at which charging was done."""

SITES: Final = {"CA-": "caltech", "AG-": "jpl"}
"""Start of a station's name to its site."""

SITE_TIME_ZONE: Final = "America/Los_Angeles"
"""Local time of both sites."""

MOST_KWH: Final = 250.0
"""Largest energy of a session that is read; above any car's battery (assumption)."""

MOST_MEAN_KW: Final = 50.0
"""Largest mean power of a session that is read; the sites have alternating current only (assumption)."""

ABSENT_H: Final = 99.0
"""Stands for arrival, departure and energy of a car without a session."""

STREAM: Final = "workplace sessions"
"""Names the random stream of :func:`session_table`."""


@dataclass(frozen=True, eq=False)
class SessionTable:
    """
    The sessions of one site by day, cut at midnight, in whole weeks from a Monday.

    Parameters
    ----------
    site : str
        One of the values of :data:`SITES`.
    first_day : numpy.datetime64
        The Monday of row 0, local date.
    count : ndarray of int, shape (day,)
        Sessions of each day; 0 on a holiday without any.
    arrival_h, departure_h : ndarray, shape (day, slot)
        Hours since local midnight, 0 to 24, in order of arrival; :data:`ABSENT_H` beyond `count`. [h]
    energy_kwh : ndarray, shape (day, slot)
        Energy delivered; :data:`ABSENT_H` beyond `count`. [kWh]
    cut_at_midnight : int
        Sessions that went on after midnight and were cut there, those longer than a day included.
    longer_than_a_day : int
        How many of them lasted more than 24 h.
    energy_cut_kwh : float
        Energy that no longer fitted into sessions that were cut.
    outside : int
        Sessions before the first Monday or after the last whole week, left out.
    """

    site: str
    first_day: np.datetime64
    count: NDArray[np.int64]
    arrival_h: NDArray[np.float64]
    departure_h: NDArray[np.float64]
    energy_kwh: NDArray[np.float64]
    cut_at_midnight: int
    longer_than_a_day: int
    energy_cut_kwh: float
    outside: int

    def describe(self) -> str:
        """Return site, period and what was cut on one line."""
        return (
            f"{self.site}, {len(self.count) // 7} weeks from {self.first_day}, {self.count.sum()} sessions, "
            f"{self.cut_at_midnight} cut at midnight ({self.longer_than_a_day} longer than a day, "
            f"{self.energy_cut_kwh:.0f} kWh with them), {self.outside} outside whole weeks left out"
        )


def read_sessions(path: Path | str) -> Records:
    """
    Read charging sessions of one site, ``acn_SITE_YYYYMMDD_YYYYMMDD.csv``, also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8.

    Returns
    -------
    Records
        Kind ``"acn sessions"``. One row per session in order of arrival: ``site``, ``station``, ``connect``,
        ``disconnect``, ``expected_disconnect`` (as the driver said; all in America/Los_Angeles), ``requested_kwh``,
        ``delivered_kwh``. [kWh]

    Raises
    ------
    SeriesError
        If the file is cut, a stamp has no offset, stations of two sites are mixed, one session is there twice with
        different values, a session ends before it starts, or energy or mean power are out of bounds.
    """
    return sessions_from_text(read_text(path))


def is_sessions(file: TextFile) -> bool:
    """Whether the heading is that of a session file."""
    heading = file.text.partition("\n")[0]
    return "delivered_energy" in heading and "arrival" in heading


def sessions_from_text(file: TextFile) -> Records:
    """Read a decoded session file; see :func:`read_sessions`."""
    cells = named_cells(file, COLUMNS)
    example = "2019-05-01 01:18:45-07:00"
    repairs = [f"{cells.n_empty} empty rows dropped"] if cells.n_empty else []
    times = {}
    odd = np.zeros(len(cells.row_numbers), dtype=bool)
    for name in ("arrival", "departure", "estimated_departure"):
        times[name] = stamps(cells, name, example, is_aware=True).dt.tz_convert(SITE_TIME_ZONE)
        odd |= _has_other_offset(cells, name, times[name])
    if odd.any():
        repairs.append(f"{int(odd.sum())} rows in another offset than local time, turned to {SITE_TIME_ZONE}")
    frame = pd.DataFrame(
        {
            "site": _sites(cells),
            "station": cells.column("station_id"),
            "connect": times["arrival"],
            "disconnect": times["departure"],
            "expected_disconnect": times["estimated_departure"],
            "requested_kwh": bounded(cells, "requested_energy (kWh)", 0.0),
            "delivered_kwh": bounded(cells, "delivered_energy (kWh)", 0.0, MOST_KWH),
        }
    )
    hours = _hours(frame)
    if (hours <= 0.0).any():
        row = int(np.argmax(hours <= 0.0))
        text, arrival = (cells.column(name)[row] for name in ("departure", "arrival"))
        raise cells.refusal(row, "departure", f"is {text}, must be later than the arrival {arrival}")
    mean_kw = frame["delivered_kwh"].to_numpy() / hours
    if (mean_kw > MOST_MEAN_KW).any():
        row = int(np.argmax(mean_kw > MOST_MEAN_KW))
        raise cells.refusal(
            row,
            "delivered_energy (kWh)",
            f"is {frame['delivered_kwh'][row]:g} in {hours[row]:.2f} h, must be at most {MOST_MEAN_KW:g} kW on average",
        )
    frame = _without_duplicates(cells, frame, repairs)
    if not frame["connect"].is_monotonic_increasing:
        repairs.append("rows out of order, sorted by arrival")
        frame = frame.sort_values("connect", kind="stable")
    frame = frame.reset_index(drop=True)
    site = str(frame["site"].iloc[0])
    return Records(file.path, "acn sessions", site, span_of(frame["connect"]), frame, tuple(repairs))


def daily_sessions(sessions: Sequence[Records]) -> SessionTable:
    """
    Put the sessions of one site on local days.

    Parameters
    ----------
    sessions : sequence of Records
        From :func:`read_sessions`, one site, periods that do not overlap.

    Returns
    -------
    SessionTable
        From the first Monday to the last whole week of the files.

    Raises
    ------
    SeriesError
        If there is no file, the files are of two sites, overlap, or hold no whole week.

    Notes
    -----
    A session that goes on after midnight is cut there: nothing of it is left on the next day. Its energy is kept as far
    as it fits at the largest mean power of any session of the site, since charging starts when a car is plugged in.
    """
    sites = sorted({record.place for record in sessions})
    if len(sites) != 1:
        raise SeriesError(f"sessions of {' and '.join(sites) or 'no site'}: must be of one site")
    ordered = sorted(sessions, key=lambda record: record.frame["connect"].iloc[0])
    for earlier, later in pairwise(ordered):
        if later.frame["connect"].iloc[0] <= earlier.frame["connect"].iloc[-1]:
            raise SeriesError(
                f"{later.path}: starts before the last session of {earlier.path}; periods must not overlap"
            )
    frame = pd.concat([record.frame for record in ordered], ignore_index=True)
    hours = _hours(frame)
    # Wall-clock hours: on the two days a year with 23 or 25 hours, midnight is still 0 and 24.
    day = frame["connect"].dt.tz_localize(None).dt.normalize()
    arrival_h = _clock_hours(frame["connect"], day)
    departure_h = _clock_hours(frame["disconnect"], day)
    is_cut = departure_h > 24.0
    departure_h = np.minimum(departure_h, 24.0)
    delivered_kwh = frame["delivered_kwh"].to_numpy()
    most_kw = float((delivered_kwh / hours).max())
    energy_kwh = np.where(is_cut, np.minimum(delivered_kwh, most_kw * (departure_h - arrival_h)), delivered_kwh)

    first, last = day.iloc[0], day.iloc[-1]
    monday = first + pd.Timedelta(days=-first.day_of_week % 7)
    days = ((last - monday).days + 1) // 7 * 7
    if days <= 0:
        raise SeriesError(f"{sessions[0].path}: sessions from {first:%Y-%m-%d} to {last:%Y-%m-%d} hold no whole week")
    number = (day - monday).dt.days.to_numpy()
    inside = (number >= 0) & (number < days)
    count = np.bincount(number[inside], minlength=days)
    # Rows are in order of arrival, so the slot of a session is its rank within its day.
    slot = np.arange(inside.sum()) - np.concatenate([[0], np.cumsum(count)[:-1]])[number[inside]]
    tables = []
    for values in (arrival_h, departure_h, energy_kwh):
        table = np.full((days, int(count.max())), ABSENT_H)
        table[number[inside], slot] = values[inside]
        tables.append(table)
    return SessionTable(
        site=sites[0],
        first_day=np.datetime64(monday.date(), "D"),
        count=count,
        arrival_h=tables[0],
        departure_h=tables[1],
        energy_kwh=tables[2],
        cut_at_midnight=int((is_cut & inside).sum()),
        longer_than_a_day=int((is_cut & inside & (hours > 24.0)).sum()),
        energy_cut_kwh=float((delivered_kwh - energy_kwh)[inside].sum()),
        outside=int((~inside).sum()),
    )


def session_table(sessions: SessionTable, vehicles: int, seed: int) -> NDArray[np.float64]:
    """
    Draw the days of a workplace fleet from real days.

    Parameters
    ----------
    sessions : SessionTable
        The site.
    vehicles : int
        Representative cars.
    seed : int
        Seed of the draw, 0 or more.

    Returns
    -------
    ndarray, shape (day, vehicle, 3)
        Arrival and departure since midnight [h] and energy [kWh] of each car on each day, Mondays first;
        :data:`ABSENT_H` in all three for a car without a session.

    Raises
    ------
    SeriesError
        If there are no vehicles or the seed is negative.

    Notes
    -----
    The fleet is taken to be as large as the site's busiest day (assumption: the files do not say who drives), so on a
    day with half as many sessions half the cars come. Cars are spread evenly over the sessions of a day, in an order
    drawn anew every day; a day's draw depends on seed and day alone. Which car is which is not kept from day to day.
    """
    if vehicles < 1:
        raise SeriesError(f"session table: {vehicles} vehicles, must be at least 1")
    if seed < 0:
        raise SeriesError(f"session table: seed {seed}, must be 0 or more")
    fleet = int(sessions.count.max())
    stream = int.from_bytes(hashlib.sha256(STREAM.encode()).digest()[:8], "little")
    table = np.full((len(sessions.count), vehicles, 3), ABSENT_H)
    for day, count in enumerate(sessions.count):
        draw = np.random.Generator(np.random.Philox(key=[seed, stream], counter=[0, 0, 0, day]))
        place = (draw.permutation(vehicles) + draw.random()) / vehicles
        slot = (place * fleet).astype(np.int64)
        comes = slot < count
        for column, values in enumerate((sessions.arrival_h, sessions.departure_h, sessions.energy_kwh)):
            table[day, comes, column] = values[day, slot[comes]]
    return table


def _hours(frame: pd.DataFrame) -> NDArray[np.float64]:
    return np.asarray((frame["disconnect"] - frame["connect"]).dt.total_seconds(), dtype=np.float64) / 3600.0


def _clock_hours(times: pd.Series, day: pd.Series) -> NDArray[np.float64]:
    return np.asarray((times.dt.tz_localize(None) - day).dt.total_seconds(), dtype=np.float64) / 3600.0


def _has_other_offset(cells: Cells, name: str, local: pd.Series) -> NDArray[np.bool_]:
    # The wall clock in the text is the local one exactly where its offset is the local one.
    text = pd.Series([cell[:19].replace("T", " ") for cell in cells.column(name)])
    return (text != local.dt.strftime("%Y-%m-%d %H:%M:%S")).to_numpy()


def _sites(cells: Cells) -> NDArray[np.object_]:
    stations = cells.column("station_id")
    sites = np.array([SITES.get(station[:3], "") for station in stations], dtype=object)
    wrong = (sites == "") | (sites != sites[0])
    if wrong.any():
        row = int(np.argmax(wrong))
        rule = f"must start with {' or '.join(SITES)} like every station of its site"
        raise cells.refusal(row, "station_id", f"is {stations[row]!r}, {rule}")
    return sites


def _without_duplicates(cells: Cells, frame: pd.DataFrame, repairs: list[str]) -> pd.DataFrame:
    session = pd.Series(cells.column("session_id"))
    repeated = session.duplicated().to_numpy()
    differing = repeated & ~frame.duplicated().to_numpy()
    if differing.any():
        row = int(np.argmax(differing))
        raise cells.refusal(row, "session_id", f"is {session[row]!r} a second time, with other values")
    if repeated.any():
        repairs.append(f"{int(repeated.sum())} duplicate rows dropped")
    return frame[~repeated]
