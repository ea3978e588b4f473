"""Clock, weekdays and public holidays of weather years."""

import sys

import numpy as np
import pandas as pd
import pytest

from wattbit.errors import SeriesError
from wattbit.series import splits
from wattbit.series.generator.calendar import Calendar, DayType


def days(calendar):
    """Kind of every day by date."""
    dates = pd.date_range(calendar.start.tz_localize(None), periods=len(calendar) // 48, freq="D")
    return pd.Series(calendar.day_type[::48], index=dates)


@pytest.fixture(scope="module")
def fy2024():
    return Calendar.of_dates(pd.Timestamp("2024-04-01", tz="Asia/Tokyo"), 365)


def test_known_days_of_fy2024(fy2024):
    kind = days(fy2024)
    for date in ("2024-04-29", "2024-05-03", "2024-05-06", "2024-11-04", "2025-02-24", "2025-03-20"):
        assert kind[date] == DayType.HOLIDAY, date
    for date in ("2024-12-29", "2024-12-31", "2025-01-01", "2025-01-03"):
        assert kind[date] == DayType.NEW_YEAR, date
    assert kind["2024-08-11"] == kind["2024-08-16"] == DayType.OBON
    assert kind["2024-05-04"] == DayType.SATURDAY  # Greenery Day, but a Saturday all the same
    assert kind["2024-05-05"] == DayType.SUNDAY
    for date in ("2024-04-30", "2024-08-10", "2024-12-28", "2025-01-04", "2025-02-25"):
        assert kind[date] == {5: DayType.SATURDAY}.get(pd.Timestamp(date).day_of_week, DayType.WEEKDAY), date


def test_fy2024_had_its_public_holidays(fy2024):
    # Cabinet Office, substitutes included: 15 from April to December 2024, 6 from January to March 2025.
    assert fy2024.is_holiday[::48].sum() == 15 + 6


def test_every_weather_year_of_the_splits_has_sixteen_holidays_or_more():
    for year in range(20):
        calendar = Calendar(year)
        assert 16 <= calendar.is_holiday[::48].sum() <= 24
        assert calendar.weekday[0] == 0
        assert calendar.start == splits.weather_year_start(year)


def test_clock(fy2024):
    calendar = Calendar(0)
    assert len(calendar) == 17_472
    assert calendar.hour[:2].tolist() == [0.25, 0.75]
    assert np.array_equal(calendar.weekday[::48][:8], [0, 1, 2, 3, 4, 5, 6, 0])
    assert fy2024.day_of_year[0] == pytest.approx(91.0, abs=0.02)  # 1 April of a leap year
    assert fy2024.day_of_year[-1] < 90.0
    assert np.array_equal(calendar.is_off, calendar.is_holiday | (calendar.weekday >= 5))


def test_part_of_a_calendar(fy2024):
    part = fy2024.at(np.arange(96, 144))
    assert np.array_equal(part.hour, fy2024.hour[:48])
    assert np.array_equal(part.weekday, fy2024.weekday[96:144])


def test_years_without_known_holidays_are_refused():
    with pytest.raises(SeriesError, match="knows no public holiday of Japan in 2100"):
        Calendar(31)
    with pytest.raises(SeriesError, match="weather year is -1"):
        Calendar(-1)


def test_without_the_package_the_answer_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(SeriesError, match=r"pip install \"wattbit\[generate\]\""):
        Calendar(0)
