"""Scores and back, masses at zero, cells, and that only the stretches given are looked at."""

import numpy as np
import pandas as pd
import pytest

from wattbit.series import splits
from wattbit.series.forecast import Climatology, fit_climatology
from wattbit.series.forecast.climatology import by_day, day_cells, normal_score, normal_share
from wattbit.series.forecast.noise import draws, smooth
from wattbit.series.set import FEATURE_NAMES, FEATURES, SeriesSet
from wattbit.series.splits import Segment

PRICE, SURPLUS = FEATURE_NAMES.index("spot_price_jpy_per_mwh"), FEATURE_NAMES.index("surplus_mw")


def year(seed=0, n_days=728):
    """Two areas: price and surplus are one normal pair of correlation -0.6, cut at the floor and at zero."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n_days * 48, 2))
    w = -0.6 * z + 0.8 * rng.standard_normal((n_days * 48, 2))
    values = np.zeros((n_days * 48, 2, len(FEATURES)))
    values[:, :, PRICE] = np.maximum(10.0, np.round(1e4 + 4e3 * z))
    values[:, :, SURPLUS] = np.maximum(0.0, 500.0 * (w - 0.5))
    start = pd.Timestamp("2097-04-01", tz="Asia/Tokyo")
    return SeriesSet("toy", start, ("tokyo", "kyushu"), values, dict.fromkeys(FEATURE_NAMES, "x"))


@pytest.fixture(scope="module")
def fitted() -> tuple[SeriesSet, Climatology]:
    series = year()
    return series, fit_climatology(series, [Segment(0, len(series))])


def test_days_fall_into_seasons_and_weekends():
    cells = day_cells(pd.Timestamp("2024-04-01", tz="Asia/Tokyo"), 366)  # a Monday
    assert cells[:7].tolist() == [0, 0, 0, 0, 0, 1, 1]
    days = pd.date_range("2024-04-01", periods=366)
    assert [int(cells[days.get_loc(d)]) // 2 for d in ("2024-06-01", "2024-09-01", "2024-12-01", "2025-02-28")] == [
        1,
        2,
        3,
        3,
    ]
    assert int(cells[days.get_loc("2025-03-01")]) // 2 == 0


def test_normal_tables_are_inverse_and_right():
    z = np.linspace(-4.0, 4.0, 81)
    np.testing.assert_allclose(normal_score(normal_share(z)), z, atol=1e-3)
    assert normal_share(np.array([0.0, 1.281552])) == pytest.approx([0.5, 0.9], abs=1e-6)


def test_scores_turn_back_into_the_values(fitted):
    series, usual = fitted
    value, cell = by_day(series)[:200], day_cells(series.start, 200)
    score = usual.marginals.scores(value, cell)
    flat = score.reshape(-1, 4)
    back = usual.marginals.values(flat, np.repeat(cell, 48), np.tile(np.arange(48), 200)).reshape(value.shape)
    middle = np.abs(score) < 2.5  # the last knots are a line of their own
    miss = np.abs(back - value)[middle]
    assert (miss <= 0.02 * value[middle] + 8.0).mean() > 0.995
    assert miss.max() < 150.0  # a surplus so small that it shares the score of none


def test_the_masses_at_floor_and_zero_are_kept(fitted):
    series, usual = fitted
    free = (by_day(series)[..., 2:] == 0.0).mean()
    assert normal_share(usual.marginals.threshold[..., 2:]).mean() == pytest.approx(free, abs=0.01)
    assert usual.marginals.lowest.tolist() == [10.0, 10.0, 0.0, 0.0]


def test_completed_scores_are_standard_normal_and_independent(fitted):
    series, usual = fitted
    value = by_day(series)
    cell = day_cells(series.start, len(value))
    score = usual.complete(usual.marginals.scores(value, cell), cell, draws("test", 0, 0, value.shape)).reshape(-1, 4)
    np.testing.assert_allclose(score.std(axis=0), 1.0, atol=0.05)
    np.testing.assert_allclose(score.mean(axis=0), 0.0, atol=0.05)
    assert np.abs(np.corrcoef(score, rowvar=False) - np.eye(4)).max() < 0.05
    assert (np.abs(score) < 1.2816).mean() == pytest.approx(0.8, abs=0.01)


def test_the_tie_between_price_and_surplus_is_found_although_most_surpluses_are_zero(fitted):
    assert fitted[1].pairing == pytest.approx([-0.6, -0.6], abs=0.05)


def test_what_lies_outside_the_stretches_has_no_influence():
    series = year(n_days=56)
    parts = [Segment(0, 14 * 48), Segment(28 * 48, 14 * 48)]
    values = series.values.copy()
    values[14 * 48 : 28 * 48, :, [PRICE, SURPLUS]] = 77.0
    values[42 * 48 :, :, FEATURE_NAMES.index("delta_price_jpy_per_mwh")] = 5.0
    other = SeriesSet(series.name, series.start, series.areas, values, series.provenance)
    assert fit_climatology(series, parts).content_hash() == fit_climatology(other, parts).content_hash()


def test_real_climatology_is_fitted_on_fitting_segments_alone(real):
    series = real.issuer.series
    again = fit_climatology(series, splits.fitting_segments(series))
    assert again.content_hash() == real.issuer.climatology.content_hash()


def test_it_survives_the_cache(fitted):
    usual = fitted[1]
    assert Climatology.unpacked(*usual.packed()).content_hash() == usual.content_hash()


def test_draws_depend_on_their_names_alone():
    np.testing.assert_array_equal(draws("a", 1, 2, (3, 4)), draws("a", 1, 2, (3, 4)))
    for stream, seed, block in (("b", 1, 2), ("a", 2, 2), ("a", 1, 3)):
        assert not np.array_equal(draws("a", 1, 2, (3, 4)), draws(stream, seed, block, (3, 4)))


def test_smoothing_keeps_the_variance():
    noise = draws("smooth", 0, 0, (200, 96, 2))
    smooth(noise, 0.9)
    assert noise.std() == pytest.approx(1.0, abs=0.03)
    assert np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1] == pytest.approx(0.9, abs=0.02)
