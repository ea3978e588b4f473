"""Clock and calendar of a weather year: hour, season, weekday, and the kinds of day that matter for demand."""

from __future__ import annotations

import copy
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series import splits
from wattbit.series.set import STEPS_PER_DAY

Array = NDArray[np.float64]


class DayType(IntEnum):
    """Kinds of day by their demand; a public holiday at the weekend is a day of the weekend."""

    WEEKDAY = 0
    SATURDAY = 1
    SUNDAY = 2
    HOLIDAY = 3
    NEW_YEAR = 4
    OBON = 5


def public_holidays(start: pd.Timestamp, n_days: int) -> NDArray[np.bool_]:
    """
    Return which days are public holidays in Japan.

    Parameters
    ----------
    start : pandas.Timestamp
        First day.
    n_days : int

    Returns
    -------
    ndarray of bool, shape (n_days,)
        Substitute and citizens' holidays included.

    Raises
    ------
    SeriesError
        If the package ``holidays`` is not installed or does not know the years.
    """
    try:
        import holidays
    except ImportError as error:
        raise SeriesError('Japanese public holidays need a package: pip install "wattbit[generate]"') from error
    days = pd.date_range(start.tz_localize(None).normalize(), periods=n_days, freq="D")
    years = range(int(days[0].year), int(days[-1].year) + 1)
    known = holidays.country_holidays("JP", years=years)
    missing = sorted(set(years) - {day.year for day in known})
    if missing:
        raise SeriesError(f"package holidays {holidays.__version__} knows no public holiday of Japan in {missing[0]}")
    return np.array([day.date() in known for day in days])


class Calendar:
    """
    Clock and calendar of weather year `year`, a value per half hour.

    Attributes
    ----------
    start : pandas.Timestamp
        Start of the first half hour, Asia/Tokyo.
    hour : ndarray, shape (time,)
        Hour of the day at the middle of the half hour, 0.25 to 23.75.
    day_of_year : ndarray, shape (time,)
        Days since 1 January, with fractions, 0 to 366.
    weekday : ndarray of int, shape (time,)
        0 for Monday to 6 for Sunday.
    is_holiday : ndarray of bool, shape (time,)
        Public holiday of Japan, on any weekday.
    is_off : ndarray of bool, shape (time,)
        Saturday, Sunday or public holiday.
    day_type : ndarray of int, shape (time,)
        :class:`DayType`. New Year (29 December to 3 January, when public offices are closed) and Obon (11 to 16 August,
        from Mountain Day on; assumption) come before weekdays and weekends.

    Raises
    ------
    SeriesError
        If the year is negative, or public holidays are not known.
    """

    start: pd.Timestamp
    hour: Array
    day_of_year: Array
    weekday: NDArray[np.int64]
    is_holiday: NDArray[np.bool_]
    is_off: NDArray[np.bool_]
    day_type: NDArray[np.int64]

    def __init__(self, year: int) -> None:
        self._set(splits.weather_year_start(year), splits.WEATHER_YEAR_STEPS // STEPS_PER_DAY)

    @classmethod
    def of_dates(cls, start: pd.Timestamp, n_days: int) -> Calendar:
        """Return the calendar of any `n_days` from midnight `start` (Asia/Tokyo): for real series."""
        calendar = cls.__new__(cls)
        calendar._set(start, n_days)
        return calendar

    def at(self, step: NDArray[np.int64]) -> Calendar:
        """Return the calendar of some half hours; `start` stays that of the whole."""
        part = copy.copy(self)
        for name in ("hour", "day_of_year", "weekday", "is_holiday", "is_off", "day_type"):
            setattr(part, name, getattr(self, name)[step])
        return part

    def __len__(self) -> int:
        return len(self.hour)

    def _set(self, start: pd.Timestamp, n_days: int) -> None:
        days = pd.date_range(start.tz_localize(None), periods=n_days, freq="D")
        holiday = public_holidays(start, n_days)
        weekday = days.day_of_week.to_numpy(dtype=np.int64)
        month_day = days.month.to_numpy() * 100 + days.day.to_numpy()
        kind = np.select(
            [
                (month_day >= 1229) | (month_day <= 103),
                (month_day >= 811) & (month_day <= 816),
                weekday == 6,
                weekday == 5,
                holiday,
            ],
            [DayType.NEW_YEAR, DayType.OBON, DayType.SUNDAY, DayType.SATURDAY, DayType.HOLIDAY],
            DayType.WEEKDAY,
        )
        within = np.tile((np.arange(STEPS_PER_DAY) + 0.5) / STEPS_PER_DAY, n_days)
        self.start = start
        self.hour = within * 24.0
        self.day_of_year = np.repeat(days.day_of_year.to_numpy(dtype=np.float64) - 1.0, STEPS_PER_DAY) + within
        self.weekday = np.repeat(weekday, STEPS_PER_DAY)
        self.is_holiday = np.repeat(holiday, STEPS_PER_DAY)
        self.is_off = np.repeat(holiday | (weekday >= 5), STEPS_PER_DAY)
        self.day_type = np.repeat(kind.astype(np.int64), STEPS_PER_DAY)
