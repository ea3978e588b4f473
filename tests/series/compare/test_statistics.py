"""Statistics of sets made by hand, and of FY2024 against the published numbers."""

import numpy as np
import pytest

from wattbit.errors import SeriesError
from wattbit.series import real, splits
from wattbit.series.compare.statistics import (
    LAGS,
    PRICE_QUANTILES,
    QUANTITIES,
    autocorrelation,
    axis_labels,
    correlation,
    mean_by,
    residual_slope,
    statistics,
)
from wattbit.series.set import AREAS


def test_every_quantity_has_its_axes_and_nothing_else_is_there(lively):
    series = lively()
    found = statistics(series)
    assert set(found.values) == {quantity.name for quantity in QUANTITIES}
    assert found.pairs == (("hokkaido", "tokyo"), ("kyushu", "tokyo"))
    for quantity in QUANTITIES:
        shape = tuple(len(axis_labels(axis, series.areas)) for axis in quantity.axes)
        assert found[quantity.name].shape == shape, quantity.name


def test_prices_of_a_square_wave(make):
    day = np.repeat([10_000.0, 20_000.0], 24)
    price = np.tile(day, 7)[:, None]
    found = statistics(make(spot_price_jpy_per_mwh=price))
    assert found["price_mean"] == pytest.approx([15.0, 15.0])
    assert found["price_sd"] == pytest.approx([5.0, 5.0])
    assert found["daily_spread"] == pytest.approx([10.0, 10.0])
    assert found["daily_4h_spread"] == pytest.approx([10.0, 10.0])
    assert found["price_autocorrelation"][:, LAGS.index(48)] == pytest.approx([1.0, 1.0])
    assert found["price_autocorrelation"][:, LAGS.index(24)] == pytest.approx([-1.0, -1.0])
    assert found["price_quantiles"][0, [0, 25, 75, 100]] == pytest.approx([10.0, 10.0, 20.0, 20.0])
    assert found["split_share"] == pytest.approx([0.0])
    hours = found["price_by_season_hour"][0]
    assert hours[0] == pytest.approx([10.0] * 12 + [20.0] * 12)  # April is spring
    assert np.isnan(hours[1:]).all()


def test_the_4_hour_spread_takes_the_8_dearest_and_the_8_cheapest_half_hours(make):
    day = np.full(48, 10_000.0)
    day[[0, 5, 11, 17]] = 30_000.0
    day[[20, 40]] = 2_000.0
    found = statistics(make(days=1, spot_price_jpy_per_mwh=day[:, None]))
    assert found["daily_spread"][0] == pytest.approx(28.0)
    assert found["daily_4h_spread"][0] == pytest.approx((4 * 30 + 4 * 10) / 8 - (2 * 2 + 6 * 10) / 8)


def test_floor_spikes_and_splits_are_counted(make):
    price = np.full((48 * 2, 2), 10_000.0)
    price[:12, 0] = 10.0
    price[12:18, 0] = 25_000.0
    price[18, 0] = 10.01  # above the floor
    found = statistics(make(days=2, spot_price_jpy_per_mwh=price))
    assert found["floor_share"] == pytest.approx([12 / 96, 0.0])
    assert found["floor_share_by_hour"][0] == pytest.approx([0.5] * 6 + [0.0] * 18)
    assert found["floor_share_by_month"][0, 3] == pytest.approx(12 / 96)
    assert np.isnan(found["floor_share_by_month"][0, 4])
    assert found["spike_share"] == pytest.approx([6 / 96, 0.0])
    assert found["split_share"] == pytest.approx([19 / 96])


def test_a_floor_that_float32_rounds_up_is_the_floor(make):
    price = np.full((48, 2), 10.0)
    price[:, 1] = np.nextafter(np.float32(10.0), np.float32(11.0))
    assert statistics(make(days=1, spot_price_jpy_per_mwh=price))["floor_share"] == pytest.approx([1.0, 1.0])


def test_curtailment_by_hour_and_month(make):
    surplus = np.zeros((48 * 61, 2))
    noon = np.arange(24, 48 * 30, 48)  # 12:00 to 12:30 of every day of April
    surplus[noon, 0] = 600.0
    found = statistics(make(days=61, surplus_mw=surplus, solar_mw=300.0, wind_mw=100.0))
    assert found["curtailed_share"] == pytest.approx([600.0 * 30 / (400.0 * 48 * 61), 0.0])
    assert found["curtailed_half_hours_share"] == pytest.approx([30 / (48 * 61), 0.0])
    assert found["curtailed_by_month"][0, 3:5] == pytest.approx([0.6 / 48, 0.0])
    assert found["curtailed_by_hour"][0, 12] == pytest.approx(0.3 * 30 / 61)
    assert found["curtailed_by_hour"][0].sum() == pytest.approx(0.3 * 30 / 61)


def test_factors_are_relative_to_the_peak_inside_the_mask(make):
    solar = np.repeat([50.0, 100.0, 400.0], 48)[:, None]
    series = make(days=3, solar_mw=solar, wind_mw=2.0 * solar)
    first_two = np.arange(144) < 96
    assert statistics(series)["solar_factor"] == pytest.approx([550 / 3 / 400] * 2)
    assert statistics(series, first_two)["solar_factor"] == pytest.approx([0.75] * 2)
    assert statistics(series, first_two)["wind_factor_by_month"][1, 3] == pytest.approx(0.75)


def test_correlations_between_areas(make):
    rng = np.random.default_rng(1)
    daily = rng.uniform(-50.0, 50.0, 365)
    season = np.linspace(300.0, 600.0, 365)  # common, and removed: alone it would make the correlation positive
    solar = np.repeat(np.stack([season + daily, season - daily], axis=1), 48, axis=0)
    wind = np.repeat(np.stack([100.0 + daily, 100.0 + 2.0 * daily], axis=1), 48, axis=0)
    wind -= wind.min()
    found = statistics(make(days=365, solar_mw=solar, wind_mw=wind))
    assert np.corrcoef(solar[24::48].T)[0, 1] > 0.5
    assert found["noon_solar_correlation"][0, 1] == pytest.approx(-1.0, abs=0.02)
    assert found["noon_solar_correlation"][0, 0] == pytest.approx(1.0)
    assert found["wind_correlation"][0, 1] == pytest.approx(1.0)
    assert np.isnan(found["price_correlation"]).all()  # constant prices


def test_demand_and_delta(make):
    demand = np.repeat([1000.0] * 5 + [800.0] * 2, 48)[:, None]  # Monday 1 April first
    delta = np.linspace(-5000.0, 5000.0, 48 * 7)[:, None]
    found = statistics(make(demand_mw=demand, delta_price_jpy_per_mwh=delta))
    assert found["demand_weekend_ratio"] == pytest.approx([0.8, 0.8])
    assert found["demand_mean"] == pytest.approx([6.6 / 7, 6.6 / 7])
    assert found["demand_quantiles"][0] == pytest.approx([0.8, 0.8, 1.0, 1.0, 1.0])
    assert found["delta_quantiles"][0] == pytest.approx([-4.9, 4.9])
    assert found["delta_autocorrelation"] == pytest.approx(np.ones((2, 2)))
    assert found["delta_sd"][0] == pytest.approx(delta.std() / 1000.0)


def test_slope_is_that_of_the_middle(make):
    rng = np.random.default_rng(2)
    demand = rng.uniform(2000.0, 4000.0, (48 * 28, 2))
    residual = (demand - 200.0) / 1000.0
    price = 1000.0 * (3.0 * residual + 5.0)
    low, high = np.quantile(residual, [0.1, 0.9], axis=0)
    price = np.where(residual < low, 10.0, np.where(residual > high, 90_000.0, price))
    found = statistics(make(days=28, demand_mw=demand, spot_price_jpy_per_mwh=price))
    assert found["slope_regression"] == pytest.approx([3.0, 3.0])
    assert found["slope_feature"] == pytest.approx([1.0, 1.0])
    assert np.isnan(residual_slope(np.ones((9, 1)), np.ones((9, 1)))).all()


def test_a_mask_measures_what_a_cut_set_measures(lively, make):
    series = lively(days=28)
    mask = np.zeros(len(series), np.bool_)
    mask[48 * 7 : 48 * 21] = True
    cut = type(series)("cut", series.time_of(48 * 7), series.areas, series.values[mask], series.provenance)
    masked, alone = statistics(series, mask), statistics(cut)
    for quantity in QUANTITIES:
        np.testing.assert_allclose(masked[quantity.name], alone[quantity.name], err_msg=quantity.name, atol=1e-12)


def test_autocorrelation_does_not_pair_across_a_gap():
    rng = np.random.default_rng(3)
    values = rng.standard_normal((400, 1))
    mask = np.ones(400, np.bool_)
    mask[100:300] = False
    pairs = [(i, i + 5) for i in range(395) if mask[i] and mask[i + 5]]
    early, late = np.array(pairs).T
    expected = np.corrcoef(values[early, 0], values[late, 0])[0, 1]
    assert autocorrelation(values, mask, 5)[0] == pytest.approx(expected)
    assert np.isnan(autocorrelation(values, np.zeros(400, np.bool_), 5)).all()
    values[~mask] = 1e9
    assert autocorrelation(values, mask, 5)[0] == pytest.approx(expected)


def test_days_are_clock_days_even_if_the_set_starts_at_noon(make):
    price = np.full((96, 2), 10_000.0)
    price[:24] = 50_000.0  # half a day that is never whole
    price[30] = 14_000.0
    found = statistics(make(days=2, start="2024-04-01 12:00", spot_price_jpy_per_mwh=price))
    assert found["daily_spread"] == pytest.approx([4.0, 4.0])
    assert found["price_by_season_hour"][0, 0, 12] == pytest.approx(30.0)


def test_helpers_on_small_arrays():
    assert mean_by(np.array([[1.0], [3.0], [5.0]]), np.array([0, 0, 2]), 3)[0] == pytest.approx(
        [2.0, np.nan, 5.0], nan_ok=True
    )
    assert correlation(np.array([[0.0, 1.0], [1.0, 0.0], [2.0, -1.0]]))[0, 1] == pytest.approx(-1.0)
    assert PRICE_QUANTILES[25] == 0.25


def test_masks_that_measure_nothing_are_refused(make):
    series = make()
    with pytest.raises(SeriesError, match=r"mask has shape \(5,\), must be \(336,\)"):
        statistics(series, np.ones(5, np.bool_))
    with pytest.raises(SeriesError, match="hold no whole day"):
        statistics(series, np.arange(336) < 40)


def test_fy2024_is_what_was_published(data):
    series = real.load_real(data, 2024)
    found = statistics(series)
    at = {area: k for k, area in enumerate(AREAS)}
    four = [at[area] for area in ("hokkaido", "tohoku", "tokyo", "kyushu")]
    assert found["price_mean"][four] == pytest.approx([12.64, 12.69, 13.66, 10.86], abs=0.005)
    assert 100 * found["floor_share"][four] == pytest.approx([1.99, 2.09, 1.11, 6.66], abs=0.005)
    assert found["daily_spread"][four] == pytest.approx([12.07, 11.52, 9.73, 13.84], abs=0.005)
    assert found["daily_4h_spread"][[at["hokkaido"], at["tokyo"], at["kyushu"]]] == pytest.approx(
        [9.4, 7.9, 11.1], abs=0.05
    )
    assert 100 * found["split_share"] == pytest.approx([39.6, 81.9, 24.9, 43.0, 23.7, 27.1], abs=0.05)
    assert found["solar_factor"][four] == pytest.approx([0.172, 0.170, 0.174, 0.180], abs=0.0006)
    assert found["demand_weekend_ratio"][four] == pytest.approx([0.92, 0.88, 0.89, 0.91], abs=0.005)
    assert found["wind_correlation"][at["hokkaido"], at["tohoku"]] == pytest.approx(0.58, abs=0.005)
    assert found["delta_sd"][0] == pytest.approx(1.9, abs=0.05)
    assert found["delta_autocorrelation"][0] == pytest.approx([0.78, 0.44], abs=0.005)
    assert found["delta_quantiles"][0] == pytest.approx([-3.8, 6.2], abs=0.05)
    assert found["slope_regression"][four] == pytest.approx([3.7, 1.2, 0.34, 1.3], rel=0.07)
    mask = np.zeros(len(series), np.bool_)
    for part in splits.segments(series, "test"):
        mask[part.start_step : part.stop_step] = True
    assert 12 * 336 <= mask.sum() <= 14 * 336
    assert statistics(series, mask)["price_mean"][four] != pytest.approx(found["price_mean"][four], abs=0.005)
