"""Which half hours of a series belong to train, validation and test, and where the weeks to be scored begin."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.set import STEPS_PER_DAY, SeriesSet

STEPS_PER_WEEK: Final = 7 * STEPS_PER_DAY
"""Half hours of one scored week, from Monday 00:00 JST."""

WEATHER_YEAR_WEEKS: Final = 52
"""Weeks in one synthetic weather year: whole weeks, so that years can be joined without moving a weekday."""

WEATHER_YEAR_STEPS: Final = WEATHER_YEAR_WEEKS * STEPS_PER_WEEK
"""Half hours in one synthetic weather year (17,472)."""

FIRST_WEATHER_YEAR_START: Final = pd.Timestamp("2069-04-01", tz="Asia/Tokyo")
"""
Monday on which weather year 0 starts: far ahead, so that nobody takes it for history, yet early enough for every public
holiday of years 0-19 to be known (tables of Japanese holidays end in 2099).
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """An unbroken stretch of a series that belongs to one split: `n_steps` half hours from `start_step`."""

    start_step: int
    n_steps: int

    @property
    def stop_step(self) -> int:
        """First half hour after the segment."""
        return self.start_step + self.n_steps


def weather_year_start(year: int) -> pd.Timestamp:
    """
    Return the Monday 00:00 JST on which synthetic weather year `year` starts.

    Years follow each other every 364 days on the true calendar, so the start drifts from 1 April to 8 March over twenty
    years, and joined years keep the right weekday and season at every half hour.
    """
    if year < 0:
        raise SeriesError(f"weather year is {year}, must be 0 or more")
    return FIRST_WEATHER_YEAR_START + pd.Timedelta(weeks=WEATHER_YEAR_WEEKS * year)


@cache
def _rules() -> dict[str, dict[str, Any]]:
    text = resources.files("wattbit.series").joinpath("splits.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _nearest(name: str, valid: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, valid, n=1, cutoff=0.0)
    return f"it has {', '.join(valid)}" + (f" (did you mean {close[0]!r}?)" if close else "")


def rule_of(name: str, split: str) -> tuple[str, Any]:
    """
    Return the unit and the members of a split, as written in ``splits.yaml``.

    Parameters
    ----------
    name : str
        Name of the series set.
    split : str
        Name of the split.

    Returns
    -------
    unit : {"weather_year", "iso_week_mod_4", "whole"}
    members : list of int or "all"

    Raises
    ------
    SeriesError
        If there is no rule for `name`, or it has no such split.
    """
    rules = _rules()
    if name not in rules:
        raise SeriesError(f"splits.yaml has no rule for series {name!r}; {_nearest(name, list(rules))}")
    rule = rules[name]
    splits = [key for key in rule if key not in ("unit", "fitting_gap_days")]
    if split not in splits:
        raise SeriesError(f"series {name!r} has no split {split!r}; {_nearest(split, splits)}")
    return rule["unit"], rule[split]


def weather_years(split: str) -> tuple[int, ...]:
    """Return the synthetic weather years of a split."""
    return tuple(rule_of("generated", split)[1])


def parse_years(text: str) -> tuple[int, ...]:
    """
    Return the years of ``10``, ``10-12`` or ``3,5,7-9``.

    Raises
    ------
    SeriesError
        If the text says something else, or a range runs backwards.

    Examples
    --------
    >>> parse_years("3,5-7")
    (3, 5, 6, 7)
    """
    years: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or (dash and int(last) < int(first)):
            raise SeriesError(f"weather years {text!r} must read like 10, 10-12 or 3,5,7")
        years += range(int(first), int(last if dash else first) + 1)
    return tuple(dict.fromkeys(years))


def _days_in_split(series: SeriesSet, split: str) -> NDArray[np.bool_]:
    """Membership of every half hour; rules speak of whole days."""
    unit, members = rule_of(series.name, split)
    if unit == "whole":
        return np.ones(len(series), dtype=np.bool_)
    first_midnight = series.start.normalize()
    offset = round((series.start - first_midnight) / pd.Timedelta(minutes=30))
    n_days = -(-(offset + len(series)) // STEPS_PER_DAY)
    days = pd.date_range(first_midnight, periods=n_days, freq="D")
    if unit == "weather_year":
        label = np.asarray((days - FIRST_WEATHER_YEAR_START).days) // (7 * WEATHER_YEAR_WEEKS)
    else:
        label = days.isocalendar().week.to_numpy(dtype=np.int64) % 4
    member = np.isin(label, members)
    return np.repeat(member, STEPS_PER_DAY)[offset : offset + len(series)]


def segments(series: SeriesSet, split: str) -> list[Segment]:
    """
    Return the unbroken stretches of a series that belong to a split, in time order.

    Parameters
    ----------
    series : SeriesSet
        Its name selects the rule of ``splits.yaml``.
    split : str
        ``"train"``, ``"validation"``, ``"test"``; FY2023 has only ``"fitting"``, FY2021 only ``"regime"``.

    Returns
    -------
    list of Segment
        Neighbouring weeks (or years) of the same split are one segment.

    Raises
    ------
    SeriesError
        If there is no rule for the series, no such split, or no half hour of the split in the series.
    """
    member = np.concatenate(([False], _days_in_split(series, split), [False]))
    edges = np.flatnonzero(member[1:] != member[:-1])
    found = [Segment(int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    if not found:
        raise SeriesError(f"series {series.name!r} from {series.start.date()} holds no half hour of split {split!r}")
    return found


def fitting_segments(series: SeriesSet) -> list[Segment]:
    """
    Return the train segments less the days kept apart from other splits (``fitting_gap_days``), for fitting statistics.

    Series without a gap in ``splits.yaml`` return their train segments unchanged. The ends of the series need no gap.
    """
    gap = int(_rules()[series.name].get("fitting_gap_days", 0)) * STEPS_PER_DAY if series.name in _rules() else 0
    trimmed = []
    for segment in segments(series, "train"):
        start = segment.start_step + (gap if segment.start_step > 0 else 0)
        stop = segment.stop_step - (gap if segment.stop_step < len(series) else 0)
        if stop > start:
            trimmed.append(Segment(start, stop - start))
    return trimmed


def week_starts(series: SeriesSet, parts: Sequence[Segment]) -> NDArray[np.int64]:
    """
    Return every Monday 00:00 JST from which a whole week lies inside one segment.

    Parameters
    ----------
    series : SeriesSet
        Series that the segments index.
    parts : sequence of Segment
        From :func:`segments`.

    Returns
    -------
    ndarray, shape (week,)
        Steps of the series, rising; these are the weeks that evaluation scores.
    """
    into_week = round((series.start - series.start.normalize()) / pd.Timedelta(minutes=30))
    into_week += series.start.day_of_week * STEPS_PER_DAY
    first_monday = -into_week % STEPS_PER_WEEK
    mondays = np.arange(first_monday, len(series), STEPS_PER_WEEK, dtype=np.int64)
    inside = [(mondays >= p.start_step) & (mondays + STEPS_PER_WEEK <= p.stop_step) for p in parts]
    return mondays[np.any(inside, axis=0)] if inside else mondays[:0]
