"""Prices of reserve and calls of the capacity contract."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from wattbit.series import source
from wattbit.series.calls import CALL_STEPS, CALLS_A_YEAR, call_table
from wattbit.series.reserve import SIGMA, reserve_price_factor
from wattbit.series.set import SeriesSet

AREAS = ("hokkaido", "tokyo", "kyushu")


@pytest.fixture(scope="module")
def series() -> SeriesSet:
    return source.load("generated", AREAS, "test")[0]


def test_reserve_prices_are_one_on_average_and_as_wide_as_stated(series):
    factor = reserve_price_factor(series)
    assert factor.shape == series.values.shape[:2]
    assert factor.mean(axis=0) == pytest.approx(1.0, abs=0.05)
    assert np.log(factor).std(axis=0) == pytest.approx(SIGMA, rel=0.03)


def test_a_day_is_tight_as_a_whole(series):
    log = np.log(reserve_price_factor(series))[: 48 * 2000].reshape(2000, 48, 3)
    # Half of the variance is the day's: means of 48 blocks spread by sqrt(0.5 + 0.5 / 48) of the whole.
    assert log.mean(axis=1).std(axis=0) == pytest.approx(SIGMA * np.sqrt(0.5 + 0.5 / 48), rel=0.05)


def test_prices_belong_to_area_and_date():
    three, one = (source.load("generated", areas, "validation")[0] for areas in (AREAS, ("kyushu",)))
    np.testing.assert_array_equal(reserve_price_factor(three)[:, 2], reserve_price_factor(one)[:, 0])


def test_a_day_has_its_price_whatever_day_the_series_begins_with(series):
    later = replace(series, values=series.values[48 * 10 :], start=series.start + pd.Timedelta(days=10))
    np.testing.assert_array_equal(reserve_price_factor(series)[48 * 10 :], reserve_price_factor(later))


def test_calls_are_the_dearest_weekday_afternoons(series):
    call, _ = call_table(series)
    price = series.get("spot_price_jpy_per_mwh")
    days = len(price) // 48
    by_day = call[: days * 48].reshape(days, 48, 3)
    for r in range(3):
        called = np.flatnonzero(by_day[:, :, r].any(axis=1))
        assert len(called) == pytest.approx(CALLS_A_YEAR * days / 365, abs=1)
        assert (by_day[called, :, r].sum(axis=1) == CALL_STEPS).all()
        # Between 9 and 20 h on weekdays.
        assert by_day[:, :18, r].sum() == by_day[:, 40:, r].sum() == 0.0
        weekday = (series.start + pd.to_timedelta(called, unit="D")).day_of_week
        assert (weekday < 5).all()
        hot = price[: days * 48].reshape(days, 48, 3)[called, :, r].max(axis=1).mean()
        assert hot > 1.3 * price[:, r].mean()


def test_notice_counts_down_three_hours(series):
    call, notice_h = call_table(series)
    starts = np.flatnonzero((call[1:, 0] == 1.0) & (call[:-1, 0] == 0.0)) + 1
    for start in starts:
        np.testing.assert_array_equal(notice_h[start - 6 : start, 0], [3.0, 2.5, 2.0, 1.5, 1.0, 0.5])
    assert (notice_h > 0.0).sum(axis=0)[0] == 6 * len(starts)
