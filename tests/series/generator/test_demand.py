"""Demand: level and spread of FY2024, kinds of day, and the answer to temperature."""

from dataclasses import replace

import numpy as np
import pytest

from wattbit.series.generator.calendar import DayType
from wattbit.series.generator.demand import demand_mw, felt_c
from wattbit.series.set import AREAS

# FY2024: mean, 95th percentile, maximum [MW], weekend over weekday.
PUBLISHED = {
    "hokkaido": (3376.1, 4371.0, 5116.0),
    "tohoku": (9037.7, 12172.1, 14339.0),
    "tokyo": (32093.9, 45127.1, 57006.0),
    "chubu": (14841.0, 20870.1, 25344.0),
    "hokuriku": (3179.7, 4435.0, 5216.0),
    "kansai": (16075.4, 22935.0, 27659.0),
    "chugoku": (6622.9, 9139.0, 10645.0),
    "shikoku": (2993.6, 4214.1, 5056.0),
    "kyushu": (10051.0, 14104.1, 17112.0),
}
WEEKEND = {"hokkaido": 0.92, "tohoku": 0.88, "tokyo": 0.89, "kyushu": 0.91}


def july(calendar):
    return (calendar.day_of_year > 181) & (calendar.day_of_year < 212)


def test_level_and_spread_are_those_of_fy2024(three_years):
    demand = np.concatenate([mw for _, _, mw in three_years])
    highest = np.mean([mw.max(axis=0) for _, _, mw in three_years], axis=0)
    for k, (mean, high, maximum) in enumerate(PUBLISHED.values()):
        assert demand[:, k].mean() == pytest.approx(mean, rel=0.02)
        assert np.percentile(demand[:, k], 95) == pytest.approx(high, rel=0.05)
        assert highest[k] == pytest.approx(maximum, rel=0.12)


def test_weekends_are_lower_as_in_fy2024(three_years):
    weekend = np.concatenate([calendar.weekday >= 5 for calendar, _, _ in three_years])
    demand = np.concatenate([mw for _, _, mw in three_years])
    for area, ratio in WEEKEND.items():
        k = AREAS.index(area)
        assert demand[weekend, k].mean() / demand[~weekend, k].mean() == pytest.approx(ratio, abs=0.02)


def test_holidays_new_year_and_obon_are_lower_than_weekdays(three_years):
    for calendar, _, demand in three_years:
        midwinter = (calendar.day_of_year < 40) | (calendar.day_of_year > 345)
        for kind, season in (
            (DayType.NEW_YEAR, midwinter),
            (DayType.OBON, (calendar.day_of_year > 195) & (calendar.day_of_year < 250)),
            (DayType.HOLIDAY, np.ones(len(calendar), dtype=bool)),
        ):
            weekday = (calendar.day_type == DayType.WEEKDAY) & season
            special = calendar.day_type == kind
            assert special.any()
            assert (demand[special].mean(axis=0) < 0.99 * demand[weekday].mean(axis=0)).all(), kind


def test_tokyo_peaks_in_summer_and_hokkaido_in_winter(three_years):
    calendar, _, demand = three_years[0]
    summer = (calendar.day_of_year > 181) & (calendar.day_of_year < 243)
    winter = (calendar.day_of_year < 59) | (calendar.day_of_year > 334)
    spring = (calendar.day_of_year > 90) & (calendar.day_of_year < 151)
    tokyo, hokkaido = AREAS.index("tokyo"), AREAS.index("hokkaido")
    assert demand[summer, tokyo].max() > demand[winter, tokyo].max() > demand[spring, tokyo].max()
    assert demand[winter, hokkaido].mean() > 1.15 * demand[summer, hokkaido].mean()


def test_heat_raises_demand_in_summer_and_lowers_it_in_winter(three_years):
    calendar, weather, demand = three_years[0]
    hotter = demand_mw(0, replace(weather, temperature_c=weather.temperature_c + 2.0), calendar)
    january = calendar.day_of_year < 31
    change = hotter / demand - 1.0
    assert (change[july(calendar)].mean(axis=0) > 0.02).all()
    assert (change[january].mean(axis=0) < -0.015).all()
    mild = np.abs(felt_c(weather.temperature_c, weather.solar_share) - 17.5) < 0.4
    for k in range(2, 9):
        assert np.abs(change[mild[:, k], k]).max() < 0.02  # neither heated nor cooled


def test_one_hot_day_is_felt_the_day_after(three_years):
    calendar, weather, demand = three_years[0]
    day = np.flatnonzero(july(calendar))[0] // 48
    heat = weather.temperature_c.copy()
    heat[48 * day : 48 * (day + 1)] += 5.0
    change = demand_mw(0, replace(weather, temperature_c=heat), calendar) - demand
    assert not change[: 48 * day].any()
    same, after, later = (change[48 * d : 48 * (d + 1)].sum(axis=0) for d in (day, day + 1, day + 6))
    assert (same > after).all()
    assert (after > 0.0).all()
    assert (later < 0.05 * same).all()


def test_demand_follows_the_hours_and_remembers_the_week(three_years):
    for calendar, _, demand in three_years:
        workday = demand[calendar.day_type == DayType.WEEKDAY].reshape(-1, 24, 2, 9).mean(axis=(0, 2))
        assert (workday.argmin(axis=0) <= 4).all()
        assert (workday[10] > workday[3] * 1.1).all()
        for k in range(9):
            x = demand[:, k]
            assert np.corrcoef(x[:-48], x[48:])[0, 1] > 0.72
            assert np.corrcoef(x[:-336], x[336:])[0, 1] > 0.65


def test_the_same_twice_and_other_noise_by_seed(three_years):
    calendar, weather, demand = three_years[2]
    assert np.array_equal(demand_mw(2, weather, calendar), demand)
    other = demand_mw(2, weather, calendar, seed=1) / demand - 1.0
    assert 0.02 < other.std() < 0.08
