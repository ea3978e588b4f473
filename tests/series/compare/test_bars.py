"""Every bar passes just inside its range and fails just outside, on either side."""

from dataclasses import replace

import numpy as np
import pytest

from wattbit.series.compare import bars
from wattbit.series.compare.bars import BARS, SLOPE_AREAS, judge, table_correlation
from wattbit.series.compare.sides import Sample, Side, measure
from wattbit.series.compare.statistics import Statistics
from wattbit.series.zones import AREA_SLOPE_JPY_PER_MWH_PER_MW

AREAS = ("hokkaido", "tokyo", "kyushu")


@pytest.fixture(scope="module")
def real(lively) -> Side:
    """A side whose slopes are the published ones."""
    side = measure([Sample("real", lively())], AREAS)
    published = np.array([AREA_SLOPE_JPY_PER_MWH_PER_MW[area] for area in AREAS])
    return replace(side, each=(changed(side.each[0], slope_regression=published, slope_feature=published),))


def changed(statistics: Statistics, **values: np.ndarray) -> Statistics:
    return Statistics(statistics.areas, statistics.pairs, {**statistics.values, **values})


def side_with(real: Side, *each: Statistics) -> Side:
    return Side(real.samples * len(each), real.masks * len(each), each)


def missed(real: Side, synthetic: Side) -> set[tuple[str, str]]:
    return {(v.bar, v.place) for v in judge(real, synthetic) if not v.passed}


def test_a_side_passes_against_itself_and_counts_every_bar(real):
    verdicts = judge(real, real)
    assert all(verdict.passed for verdict in verdicts)
    assert len(verdicts) == 7 * 3 + 2 + 3 + 2 * 3  # bars per area, splits, tables, two slopes of three areas


LIMITS = [
    ("mean price", "price_mean", None, 0.10, 0.0),
    ("standard deviation of price", "price_sd", None, 0.20, 0.0),
    ("autocorrelation at 30 min", "price_autocorrelation", 0, 0.20, 0.0),
    ("autocorrelation at 24 h", "price_autocorrelation", 47, 0.20, 0.0),
    ("share at the floor", "floor_share", None, 0.30, 0.015),
    ("curtailed share", "curtailed_share", None, 0.30, 0.015),
    ("mean daily spread", "daily_spread", None, 0.15, 0.0),
    ("split share", "split_share", None, 0.0, 0.10),
]


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit[0])
def test_a_bar_holds_to_its_limit_and_no_further(real, limit, sign):
    title, quantity, element, relative, absolute = limit
    k = 0  # hokkaido, or hokkaido-tokyo
    index = k if element is None else (k, element)
    truth = real.mean[quantity][index]
    room = max(relative * truth, absolute)
    place = "hokkaido-tokyo" if quantity == "split_share" else "hokkaido"
    for reach, misses in ((0.99, set()), (1.01, {(title, place)})):
        values = real.mean[quantity].copy()
        values[index] = truth + sign * reach * room
        if values[index] < 0.0:
            pytest.skip("a share cannot fall that far")
        assert missed(real, side_with(real, changed(real.each[0], **{quantity: values}))) == misses


def test_every_bar_is_among_the_limits_above():
    assert [bar.title for bar in BARS] == [row[0] for row in LIMITS]


def test_large_shares_are_held_to_30_percent_and_small_ones_to_points(real):
    bar = next(v for v in judge(real, real) if v.bar == "share at the floor")
    assert bar.unit == "%"

    def with_share(share: float) -> Side:
        return side_with(real, changed(real.each[0], floor_share=np.full(3, share)))

    every_area = {("share at the floor", area) for area in AREAS}
    assert missed(with_share(0.10), with_share(0.129)) == set()
    assert missed(with_share(0.10), with_share(0.131)) == every_area
    assert missed(with_share(0.0), with_share(0.0149)) == set()
    assert missed(with_share(0.0), with_share(0.0151)) == every_area


def test_the_hour_season_table_must_correlate(real):
    table = real.mean["price_by_season_hour"]
    shifted = side_with(real, changed(real.each[0], price_by_season_hour=np.roll(table, 3, axis=2)))
    assert missed(real, shifted) == {("hour x season price table", area) for area in AREAS}
    lifted = side_with(real, changed(real.each[0], price_by_season_hour=2.0 * table + 5.0))
    assert missed(real, lifted) == set()
    constant = side_with(real, changed(real.each[0], price_by_season_hour=np.full_like(table, 9.0)))
    assert len(missed(real, constant)) == 3
    rng = np.random.default_rng(0)
    first, noise = rng.standard_normal(96), rng.standard_normal(96)
    assert table_correlation(first, first + noise) == pytest.approx(np.corrcoef(first, first + noise)[0, 1])
    assert np.isnan(table_correlation(first, np.full(96, np.nan)))


@pytest.mark.parametrize("quantity", ["slope_regression", "slope_feature"])
def test_slopes_may_be_twice_or_half(real, quantity):
    title = "slope on residual load" if quantity == "slope_regression" else "supply slope of zone"
    for factor, fails in ((1.99, False), (0.501, False), (2.01, True), (0.499, True), (-1.0, True)):
        synthetic = side_with(real, changed(real.each[0], **{quantity: factor * real.mean[quantity]}))
        assert missed(real, synthetic) == ({(title, area) for area in AREAS} if fails else set())


def test_only_published_slopes_are_bars():
    assert SLOPE_AREAS == ("hokkaido", "tohoku", "tokyo", "kyushu")
    assert [AREA_SLOPE_JPY_PER_MWH_PER_MW[area] for area in SLOPE_AREAS] == [3.7, 1.2, 0.34, 1.3]
    assert bars.SLOPE_FACTOR == 2.0


def test_years_are_judged_by_their_mean_and_shown_with_their_range(real):
    years = [changed(real.each[0], price_mean=scale * real.mean["price_mean"]) for scale in (0.7, 1.0, 1.3)]
    synthetic = side_with(real, *years)
    assert missed(real, synthetic) == set()
    verdict = judge(real, synthetic)[0]
    assert (verdict.low, verdict.figure, verdict.high) == pytest.approx([s * verdict.real for s in (0.7, 1.0, 1.3)])
    assert ("mean price", "tokyo") in missed(real, side_with(real, years[0]))


def test_a_figure_that_could_not_be_measured_is_a_miss(real):
    nothing = np.full(3, np.nan)
    synthetic = side_with(real, changed(real.each[0], price_mean=nothing, slope_feature=nothing))
    found = missed(real, synthetic)
    assert found == {(bar, area) for bar in ("mean price", "supply slope of zone") for area in AREAS}
    # The slopes are held to published figures, not to the real side's.
    assert missed(synthetic, real) == {("mean price", area) for area in AREAS}
