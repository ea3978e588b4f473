"""Weather years: shape, memory and correlation as published for FY2024, and reproducible."""

import numpy as np
import pytest

from wattbit.series.generator.sky import clear_share
from wattbit.series.generator.weather import simulate
from wattbit.series.set import AREAS

# FY2024: share of the observed peak, mean over the year.
SOLAR_MEAN = (0.172, 0.170, 0.174, 0.183, 0.153, 0.174, 0.180, 0.180, 0.180)
WIND_MEAN = (0.341, 0.291, 0.306, 0.261, 0.208, 0.250, 0.243, 0.267, 0.243)
NORTH_WEST = ("hokkaido", "tohoku", "tokyo", "kyushu")
WIND_MEMORY = {  # half hours: FY2024 of the four areas above
    1: (0.993, 0.996, 0.994, 0.992),
    4: (0.943, 0.968, 0.958, 0.954),
    12: (0.777, 0.847, 0.805, 0.814),
    24: (0.538, 0.676, 0.579, 0.597),
    48: (0.276, 0.453, 0.326, 0.285),
}


def memory(x, lag):
    return np.array([np.corrcoef(a[:-lag], a[lag:])[0, 1] for a in x.T])


def over_years(three_years, statistic):
    return np.mean([statistic(weather) for _, weather, _ in three_years], axis=0)


def noon(share):
    """Level around noon less its mean over a month, (day, 9)."""
    level = share.reshape(-1, 48, 9)[:, 23:25].mean(axis=1)
    month = np.apply_along_axis(lambda x: np.convolve(x, np.ones(31) / 31.0, mode="valid"), 0, level)
    return level[15:-15] - month


def anomaly(temperature_c):
    """Daily mean less a smooth yearly course, (day, 9)."""
    daily = temperature_c.reshape(-1, 48, 9).mean(axis=1)
    angle = 2.0 * np.pi * np.arange(len(daily)) / len(daily)
    course = np.stack([f(k * angle) for k in range(4) for f in (np.cos, np.sin)], axis=1)
    return daily - course @ np.linalg.lstsq(course, daily, rcond=None)[0]


def correlation(x, one, other):
    return np.corrcoef(x[:, AREAS.index(one)], x[:, AREAS.index(other)])[0, 1]


def test_shares_lie_within_zero_and_one_and_reach_near_the_peak(three_years):
    for _, weather, _ in three_years:
        for share in (weather.solar_share, weather.wind_share):
            assert share.shape == (17_472, 9)
            assert share.min() >= 0.0
            assert share.max() <= 1.0
            assert (share.max(axis=0) > 0.85).all()


def test_no_sun_at_night(three_years):
    for calendar, weather, _ in three_years:
        night = (calendar.hour < 3.5) | (calendar.hour > 20.0)
        assert weather.solar_share[night].max() == 0.0


def test_mean_solar_and_wind_are_close_to_fy2024(three_years):
    # The fitting weeks were sunnier than the year (Kyushu 7 %), and three winters vary.
    np.testing.assert_allclose(over_years(three_years, lambda w: w.solar_share.mean(axis=0)), SOLAR_MEAN, rtol=0.10)
    np.testing.assert_allclose(over_years(three_years, lambda w: w.wind_share.mean(axis=0)), WIND_MEAN, rtol=0.25)


def test_wind_blows_in_winter_and_the_sun_shines_in_spring(three_years):
    day = np.concatenate([calendar.day_of_year for calendar, _, _ in three_years])
    sun = np.concatenate([weather.solar_share for _, weather, _ in three_years])
    wind = np.concatenate([weather.wind_share for _, weather, _ in three_years])
    winter, spring = (day < 59) | (day > 334), (day > 90) & (day < 151)
    summer = (day > 151) & (day < 243)
    assert (wind[winter].mean(axis=0) > 1.4 * wind[summer].mean(axis=0)).all()
    assert (sun[spring].mean(axis=0) > 1.2 * sun[winter].mean(axis=0)).all()


def test_noon_sun_spreads_and_remembers_as_in_fy2024(three_years):
    level = np.concatenate([w.solar_share.reshape(-1, 48, 9)[:, 23:25].mean(axis=1) for _, w, _ in three_years])
    columns = [AREAS.index(area) for area in NORTH_WEST]
    np.testing.assert_allclose(level.mean(axis=0)[columns], (0.575, 0.565, 0.618, 0.613), atol=0.06)
    np.testing.assert_allclose(level.std(axis=0)[columns], (0.203, 0.218, 0.240, 0.245), atol=0.035)
    days = over_years(three_years, lambda w: memory(w.solar_share.reshape(-1, 48, 9)[:, 23:25].mean(axis=1), 1))
    np.testing.assert_allclose(days[columns], (0.271, 0.378, 0.244, 0.398), atol=0.2)


def test_noon_sun_is_correlated_as_in_fy2024(three_years):
    published = {
        ("hokkaido", "tohoku"): 0.38,
        ("hokkaido", "kyushu"): 0.05,
        ("tohoku", "tokyo"): 0.51,
        ("tokyo", "kyushu"): 0.33,
        ("kansai", "kyushu"): 0.59,
    }
    for (one, other), value in published.items():
        found = over_years(three_years, lambda w, a=one, b=other: correlation(noon(w.solar_share), a, b))
        assert found == pytest.approx(value, abs=0.17), (one, other)


def test_wind_remembers_as_in_fy2024(three_years):
    columns = [AREAS.index(area) for area in NORTH_WEST]
    for lag, published in WIND_MEMORY.items():
        found = over_years(three_years, lambda w, n=lag: memory(w.wind_share, n))[columns]
        np.testing.assert_allclose(found, published, atol=0.005 if lag == 1 else 0.03 if lag < 12 else 0.22)


def test_wind_ramps_and_spreads_as_in_fy2024(three_years):
    ramp = over_years(three_years, lambda w: np.abs(np.diff(w.wind_share, axis=0)).mean(axis=0))
    np.testing.assert_allclose(ramp, (0.019, 0.016, 0.016, 0.023, 0.026, 0.024, 0.022, 0.024, 0.018), atol=0.008)
    low, high = over_years(three_years, lambda w: np.percentile(w.wind_share, [5, 95], axis=0))
    assert (low < 0.07).all()
    assert ((high > 0.55) & (high < 0.9)).all()


def test_wind_is_correlated_as_in_fy2024(three_years):
    published = {
        ("hokkaido", "tohoku"): 0.58,
        ("hokkaido", "tokyo"): 0.31,
        ("hokkaido", "kyushu"): 0.09,
        ("tohoku", "tokyo"): 0.60,
        ("tokyo", "kyushu"): 0.35,
    }
    for (one, other), value in published.items():
        found = over_years(three_years, lambda w, a=one, b=other: correlation(w.wind_share, a, b))
        assert found == pytest.approx(value, abs=0.17), (one, other)


def test_temperature_varies_from_day_to_day_as_observed(three_years):
    spread = over_years(three_years, lambda w: anomaly(w.temperature_c).std(axis=0))
    assert ((spread > 1.8) & (spread < 2.8)).all()
    assert spread[0] == spread.max()
    remembered = over_years(three_years, lambda w: memory(anomaly(w.temperature_c), 1))
    assert ((remembered > 0.5) & (remembered < 0.75)).all()
    near = over_years(three_years, lambda w: correlation(anomaly(w.temperature_c), "kansai", "shikoku"))
    far = over_years(three_years, lambda w: correlation(anomaly(w.temperature_c), "hokkaido", "kyushu"))
    assert near > 0.7
    assert far < 0.4


def test_clear_days_swing_more_hot_in_summer_and_cold_at_night_in_winter(three_years):
    tokyo = AREAS.index("tokyo")
    rows = []
    for calendar, weather, _ in three_years:
        temperature = weather.temperature_c[:, tokyo].reshape(-1, 48)
        cloudless = clear_share(calendar.day_of_year, calendar.hour, weather.temperature_c)[:, tokyo]
        sun = weather.solar_share[:, tokyo].reshape(-1, 48).sum(axis=1) / cloudless.reshape(-1, 48).sum(axis=1)
        rows.append((calendar.day_of_year[24::48], sun, temperature.min(axis=1), temperature.max(axis=1)))
    day, sun, low, high = np.concatenate(rows, axis=1)
    summer, winter = (day > 181) & (day < 243), (day < 59) | (day > 334)
    assert 5.5 < (high - low).mean() < 9.0
    for season in (summer, winter):
        assert np.corrcoef(sun[season], (high - low)[season])[0, 1] > 0.55  # Tokyo's train weeks: 0.70 to 0.85
    clear = sun > np.median(sun[summer])
    assert high[summer & clear].mean() > high[summer & ~clear].mean() + 1.0
    clear = sun > np.median(sun[winter])
    assert low[winter & clear].mean() < low[winter & ~clear].mean() - 0.3


def test_months_of_tokyo_are_those_of_recent_years(three_years):
    # Monthly means of 2023 and 2024, degC; a month of one year is uncertain by about a degree.
    recent = {1: 5.0, 4: 15.5, 7: 27.9, 8: 28.7, 10: 19.0}
    tokyo = AREAS.index("tokyo")
    for month, celsius in recent.items():
        begin, end = (month - 1) * 30.44, month * 30.44
        found = [
            weather.temperature_c[(c.day_of_year >= begin) & (c.day_of_year < end), tokyo].mean()
            for c, weather, _ in three_years
        ]
        assert np.mean(found) == pytest.approx(celsius, abs=1.8)


def test_the_same_year_twice_and_in_any_order_is_the_same(three_years):
    again = simulate(1)
    assert np.array_equal(again.wind_share, three_years[1][1].wind_share)
    assert np.array_equal(again.temperature_c, three_years[1][1].temperature_c)
    assert np.array_equal(again.solar_share, three_years[1][1].solar_share)


def test_years_and_seeds_differ(three_years):
    first, second = three_years[0][1], three_years[1][1]
    other = simulate(0, seed=1)
    for name in ("temperature_c", "solar_share", "wind_share"):
        assert abs(np.corrcoef(getattr(first, name)[24::48, 2], getattr(second, name)[24::48, 2])[0, 1]) < 0.97
        assert not np.array_equal(getattr(first, name), getattr(second, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))
    calendar = three_years[0][0]
    july_august = (calendar.day_of_year > 181) & (calendar.day_of_year < 243)
    summers = [weather.temperature_c[july_august, 2].mean() for _, weather, _ in three_years]
    assert 0.2 < np.ptp(summers) < 4.0
