"""The embedded default set: reproducible, one country for any areas, close to the published FY2024 statistics."""

import time

import numpy as np
import pytest

from wattbit.errors import SeriesError
from wattbit.series import cache, embedded, source, splits
from wattbit.series.set import AREAS, FEATURE_NAMES, SeriesSet

# FY2024: mean, standard deviation, share at the floor, daily spread [JPY/kWh]; curtailed per solar energy; demand [MW].
PUBLISHED = {
    "hokkaido": (12.64, 4.28, 0.020, 12.07, 0.0008, 3376),
    "tohoku": (12.69, 4.28, 0.021, 11.52, 0.0194, 9038),
    "tokyo": (13.66, 4.08, 0.011, 9.73, 0.0, 32094),
    "chubu": (12.83, 5.17, 0.027, 12.85, 0.0033, 14841),
    "hokuriku": (11.85, 5.21, 0.034, 12.48, 0.0132, 3180),
    "kansai": (11.70, 5.17, 0.037, 12.31, 0.0230, 16075),
    "chugoku": (11.66, 5.19, 0.037, 12.47, 0.0238, 6623),
    "shikoku": (10.66, 5.25, 0.064, 12.41, 0.0346, 2994),
    "kyushu": (10.86, 5.25, 0.067, 13.84, 0.0499, 10051),
}
PUBLISHED_SPLIT = {  # share of half hours in which the two prices differ
    ("hokkaido", "tokyo"): 0.396,
    ("hokkaido", "tohoku"): 0.202,
    ("tohoku", "tokyo"): 0.249,
    ("tokyo", "chubu"): 0.430,
    ("kyushu", "chugoku"): 0.237,
    ("kyushu", "tokyo"): 0.819,
    ("shikoku", "kansai"): 0.271,
}


@pytest.fixture(autouse=True)
def _cache_folder(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("WATTBIT_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "wattbit-cache"))


@pytest.fixture(scope="module")
def years():
    """Three weather years of nine areas, (time, area, feature)."""
    return np.concatenate([embedded.generate_all(number) for number in range(3)])


def column(values, name):
    return values[:, :, FEATURE_NAMES.index(name)]


def kwh_prices(years):
    return column(years, "spot_price_jpy_per_mwh") / 1000.0


def autocorrelation(x, lag):
    return np.corrcoef(x[:-lag], x[lag:])[0, 1]


def test_a_year_is_the_same_every_time_and_another_year_is_not():
    first, again = embedded.generate(3, ("tokyo",)), embedded.generate(3, ("tokyo",))
    assert first.values.tobytes() == again.values.tobytes()
    assert not np.array_equal(first.values, embedded.generate(4, ("tokyo",)).values)


def test_the_global_random_state_is_not_used():
    np.random.seed(1)  # noqa: NPY002  the global state is what this test is about
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    embedded.generate_all(5)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_a_subset_of_areas_sees_the_same_country():
    few = embedded.generate(2, ("kyushu", "hokkaido"))
    every = embedded.generate(2)
    assert np.array_equal(few.values, every.select(("kyushu", "hokkaido")).values)


def test_a_year_is_52_weeks_from_a_monday():
    series = embedded.generate(0, ("tokyo",))
    assert len(series) == 17_472
    assert series.start.day_of_week == 0
    assert str(series.start.tz) == "Asia/Tokyo"


def test_price_demand_and_curtailment_are_close_to_fy2024(years):
    price, demand = kwh_prices(years), column(years, "demand_mw")
    curtailed = column(years, "surplus_mw").sum(axis=0) / column(years, "solar_mw").sum(axis=0)
    by_day = price.reshape(-1, 48, 9)
    spread = (by_day.max(axis=1) - by_day.min(axis=1)).mean(axis=0)
    for k, area in enumerate(AREAS):
        mean, sd, floor, day_spread, share, demand_mw = PUBLISHED[area]
        at_floor = (price[:, k] <= 0.0101).mean()
        assert price[:, k].mean() == pytest.approx(mean, rel=0.10)
        assert price[:, k].std() == pytest.approx(sd, rel=0.20)
        assert at_floor == pytest.approx(floor, rel=0.5, abs=0.01)
        assert spread[k] == pytest.approx(day_spread, rel=0.20)
        assert curtailed[k] == pytest.approx(share, rel=0.35, abs=0.002)
        assert demand[:, k].mean() == pytest.approx(demand_mw, rel=0.03)


def test_neighbours_are_split_as_often_as_in_fy2024(years):
    price = kwh_prices(years)
    for (one, other), published in PUBLISHED_SPLIT.items():
        share = (price[:, AREAS.index(one)] != price[:, AREAS.index(other)]).mean()
        assert share == pytest.approx(published, rel=0.25), (one, other)


def test_areas_merge_into_few_zones_with_exactly_one_price(years):
    distinct = np.array([len(np.unique(row)) for row in kwh_prices(years)[::11]])
    assert 0.03 < (distinct == 1).mean() < 0.2
    assert (distinct >= 6).mean() < 0.08


def test_prices_are_multiples_of_the_floor_and_never_below(years):
    spot = column(years, "spot_price_jpy_per_mwh")
    assert spot.min() == 10.0
    assert (spot % 10.0 == 0.0).all()


def test_curtailment_comes_with_the_floor_price(years):
    price, surplus = kwh_prices(years), column(years, "surplus_mw")
    assert (price[surplus > 0.0] <= 0.0101).all()
    kyushu, tokyo = AREAS.index("kyushu"), AREAS.index("tokyo")
    at_floor = price[:, kyushu] <= 0.0101
    assert 0.75 < (surplus[at_floor, kyushu] > 10.0).mean() < 0.95
    assert surplus[:, tokyo].max() == 0.0
    assert (surplus <= column(years, "solar_mw") + column(years, "wind_mw")).all()


def test_prices_sag_at_noon_and_peak_in_the_evening(years):
    by_hour = kwh_prices(years).reshape(-1, 24, 2, 9).mean(axis=(0, 2))
    for k in range(9):
        assert by_hour[:, k].argmin() in (10, 11, 12, 13)
        assert by_hour[:, k].argmax() in (17, 18, 19)


def test_deseasonalised_prices_remember_like_the_real_ones(years):
    price = kwh_prices(years)[: splits.WEATHER_YEAR_STEPS]
    month = np.arange(len(price)) // (48 * 30)
    for area in ("hokkaido", "tokyo", "kyushu"):
        x = price[:, AREAS.index(area)].copy()
        for m in np.unique(month):
            by_slot = x[month == m].reshape(-1, 48)
            x[month == m] = (by_slot - by_slot.mean(axis=0)).ravel()
        assert autocorrelation(x, 1) == pytest.approx(0.93, abs=0.03)
        assert autocorrelation(x, 4) == pytest.approx(0.73, abs=0.08)
        assert 0.15 < autocorrelation(x, 48) < 0.5


def test_delta_price_has_the_published_spread_memory_and_tails(years):
    delta = column(years, "delta_price_jpy_per_mwh") / 1000.0
    assert (delta == delta[:, :1]).all()  # national
    one_year = [delta[k * 17_472 : (k + 1) * 17_472, 0] for k in range(3)]
    assert delta[:, 0].std() == pytest.approx(1.9, rel=0.05)
    assert np.mean([autocorrelation(x, 1) for x in one_year]) == pytest.approx(0.78, abs=0.02)
    assert np.mean([autocorrelation(x, 4) for x in one_year]) == pytest.approx(0.44, abs=0.04)
    low, high = np.percentile(delta[:, 0], [1, 99])
    assert low == pytest.approx(-3.8, abs=0.4)
    assert high == pytest.approx(6.2, abs=0.5)


def test_slopes_of_a_zone_combine_in_parallel(years):
    spot, slope = column(years, "spot_price_jpy_per_mwh"), column(years, "supply_slope_jpy_per_mwh_per_mw")
    hokkaido = AREAS.index("hokkaido")
    alone = (spot == spot[:, [hokkaido]]).sum(axis=1) == 1
    assert alone.any()
    np.testing.assert_allclose(slope[alone, hokkaido], 3.7, rtol=1e-6)
    pair = (spot[:, 0] == spot[:, 1]) & ((spot == spot[:, [0]]).sum(axis=1) == 2)
    np.testing.assert_allclose(slope[pair, 0], 1.0 / (1 / 3.7 + 1 / 1.2), rtol=1e-6)
    assert (slope[spot[:, 0] == spot[:, 1], 0] == slope[spot[:, 0] == spot[:, 1], 1]).all()


def test_weather_follows_season_clock_and_region(years):
    one = years[: splits.WEATHER_YEAR_STEPS]
    temperature, solar = column(one, "temperature_c"), column(one, "solar_mw")
    assert (temperature[:, 0].mean() < temperature[:, 2].mean()).all()
    by_hour = temperature.reshape(-1, 24, 2, 9).mean(axis=(0, 2))
    assert (np.abs(by_hour.argmax(axis=0) - 14) <= 1).all()
    night = (np.arange(len(one)) % 48 < 6) | (np.arange(len(one)) % 48 >= 42)
    assert solar[night].max() == 0.0
    daily = temperature.reshape(-1, 48, 9).mean(axis=1)
    anomaly = daily - np.array([np.convolve(d, np.ones(61) / 61, mode="same") for d in daily.T]).T
    corr = np.corrcoef(anomaly[40:-40].T)
    assert corr[0, 1] > corr[0, 8]


def test_loading_by_cache_equals_generating_and_is_fast():
    series = embedded.load(("tokyo", "kyushu"), "validation")
    expected = np.concatenate([embedded.generate(number, ("tokyo", "kyushu")).values for number in (8, 9)])
    assert series.values.tobytes() == expected.tobytes()
    checked = SeriesSet(series.name, series.start, series.areas, expected, series.provenance)
    assert series.content_hash() == checked.content_hash()
    assert not series.values.flags.writeable
    begin = time.perf_counter()
    embedded.load(("tokyo", "kyushu"), "validation")
    assert time.perf_counter() - begin < 0.25  # about 3 ms; room for a busy machine


def test_year_equals_generate():
    assert embedded.year(8, ("kyushu",)).values.tobytes() == embedded.generate(8, ("kyushu",)).values.tobytes()


def test_an_unwritable_cache_is_done_without(tmp_path, monkeypatch, caplog):
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    monkeypatch.setenv("WATTBIT_CACHE_DIR", str(blocker / "cache"))
    assert len(embedded.year(1, ("tokyo",))) == 17_472
    assert "not writable" in caplog.text


def test_a_damaged_entry_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("WATTBIT_CACHE_DIR", str(tmp_path))
    first = embedded.year(1, ("tokyo",)).values.tobytes()
    for path in tmp_path.rglob("*.npy"):
        path.write_bytes(b"damaged")
    assert embedded.year(1, ("tokyo",)).values.tobytes() == first
    assert not list(tmp_path.glob(".draft-*"))


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("WATTBIT_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.cache_root() == tmp_path / "wattbit"


def test_source_gives_series_and_segments():
    series, parts = source.load("embedded", ("tokyo", "kyushu"), "validation")
    assert [(p.start_step, p.n_steps) for p in parts] == [(0, 2 * 17_472)]
    assert len(splits.week_starts(series, parts)) == 104
    assert source.load("embedded", ("tokyo", "kyushu"), "validation")[0] is series


def test_unknown_names_get_a_clear_answer():
    with pytest.raises(SeriesError, match="no area 'okinawa'"):
        embedded.load(("okinawa",), "train")
    with pytest.raises(SeriesError, match="did you mean 'train'"):
        embedded.load(("tokyo",), "trainn")
    with pytest.raises(SeriesError, match="did you mean 'embedded'"):
        source.load("embeded", ("tokyo",), "train")
    with pytest.raises(SeriesError, match="weather year is -1"):
        embedded.generate(-1)
