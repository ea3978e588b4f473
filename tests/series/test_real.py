"""Real FY2024 series against numbers read from the files with nothing but the csv module; the missing-file messages."""

import csv
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from wattbit.errors import SeriesError
from wattbit.series import real, source, splits
from wattbit.series.set import AREAS

DATA = Path(os.environ.get("WATTBIT_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))

needs_data = pytest.mark.skipif(not (DATA / "tso_30min").is_dir(), reason="real data not found (WATTBIT_DATA)")


@pytest.fixture(autouse=True)
def _cache_folder(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("WATTBIT_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "wattbit-cache"))


@pytest.fixture(scope="module")
def fy2024(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATTBIT_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "wattbit-cache"))
        return real.load_real(DATA, 2024)


def step(month, day, hour, minute=0):
    start = np.datetime64("2024-04-01T00:00")
    year = 2024 if month >= 4 else 2025
    return int(
        (np.datetime64(f"{year}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}") - start) / np.timedelta64(30, "m")
    )


@needs_data
def test_the_year_is_whole(fy2024):
    assert fy2024.values.shape == (17_520, 9, 10)
    assert fy2024.areas == AREAS
    assert fy2024.name == "real-fy2024"


@needs_data
def test_prices_equal_the_published_file(fy2024):
    with open(DATA / "jepx" / "spot_summary_2024.csv", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    column = rows[0].index("エリアプライス九州(円/kWh)")
    row = 1 + step(7, 15, 18)
    assert rows[row][0] == "2024/07/15"
    price = fy2024.get("spot_price_jpy_per_mwh")[step(7, 15, 18), AREAS.index("kyushu")]
    assert price == pytest.approx(1000.0 * float(rows[row][column]))


@needs_data
def test_means_are_those_measured_on_the_files(fy2024):
    price = fy2024.get("spot_price_jpy_per_mwh").mean(axis=0) / 1000.0
    published = [12.64, 12.69, 13.66, 12.83, 11.85, 11.70, 11.66, 10.66, 10.86]
    np.testing.assert_allclose(price, published, atol=0.006)
    demand = [3376.1, 9037.7, 32093.9, 14841.0, 3179.7, 16075.4, 6622.9, 2993.6, 10051.0]
    np.testing.assert_allclose(fy2024.get("demand_mw").mean(axis=0), demand, atol=0.06)
    average = fy2024.get("carbon_average_kg_per_mwh").mean(axis=0)
    np.testing.assert_allclose(average, [445, 459, 432, 399, 515, 275, 512, 443, 312], rtol=0.03)
    delta = fy2024.get("delta_price_jpy_per_mwh")[:, 0] / 1000.0
    assert delta.std() == pytest.approx(1.88, abs=0.01)


@needs_data
def test_curtailment_lies_at_midday_in_kyushu_also_with_end_of_interval_stamps(fy2024):
    surplus = fy2024.get("surplus_mw")
    kyushu = surplus[:, AREAS.index("kyushu")]
    assert kyushu.max() == pytest.approx(5746.0)
    assert kyushu[kyushu > 0.0].min() > 10.0
    assert (kyushu > 0.0).mean() == pytest.approx(0.077, abs=0.001)
    assert surplus[:, AREAS.index("tokyo")].max() == 0.0
    by_hour = kyushu.reshape(-1, 24, 2).mean(axis=(0, 2))
    assert by_hour.argmax() == 12
    marginal = fy2024.get("carbon_marginal_kg_per_mwh")[:, AREAS.index("kyushu")]
    assert ((marginal == 0.0) == (kyushu > 0.0)).all()


@needs_data
def test_one_row_of_kyushu_is_the_row_stamped_half_an_hour_later(fy2024):
    with open(DATA / "tso_30min" / "eria_jukyu_202405_09.csv", encoding="cp932") as file:
        rows = list(csv.reader(file))
    row = next(r for r in rows if r[0] == "20240505" and r[1] == "12:30")
    at = fy2024.values[step(5, 5, 12), AREAS.index("kyushu")]
    demand = float(row[rows[1].index("エリア需要")])
    assert at[7] == demand
    solar = float(row[rows[1].index("太陽光発電実績")]) + float(row[rows[1].index("太陽光出力制御量")])
    assert at[8] == solar


@needs_data
def test_tokyo_is_observed_and_the_rest_follow_the_named_rule(fy2024):
    temperature = fy2024.get("temperature_c")
    tokyo = temperature[:, AREAS.index("tokyo")]
    august = slice(step(8, 1, 0), step(9, 1, 0))
    assert tokyo[august].mean() == pytest.approx(28.7, abs=0.1)  # Open-Meteo, August 2024
    assert tokyo[step(1, 1, 2)] == pytest.approx(6.0)  # JMA row stamped 2025/1/1 2:00:00
    assert "rule" in fy2024.provenance["temperature_c"]
    assert "observations" in fy2024.provenance["temperature_c[tokyo]"]
    sapporo = temperature[:, AREAS.index("hokkaido")]
    assert sapporo.mean() < tokyo.mean() - 5.0


@needs_data
def test_unsplit_neighbours_share_price_and_slope(fy2024):
    price, slope = fy2024.get("spot_price_jpy_per_mwh"), fy2024.get("supply_slope_jpy_per_mwh_per_mw")
    split = price[:, AREAS.index("hokkaido")] != price[:, AREAS.index("tokyo")]
    assert split.mean() == pytest.approx(0.396, abs=0.001)
    assert (slope[~split, AREAS.index("hokkaido")] == slope[~split, AREAS.index("tokyo")]).all()


@needs_data
def test_a_subset_equals_the_columns_of_the_whole_and_loads_fast(fy2024):
    begin = time.perf_counter()
    few = real.load_real(DATA, 2024, ("kyushu", "tokyo"))
    assert time.perf_counter() - begin < 0.5  # about 0.02 s; room for a busy machine
    assert np.array_equal(few.values, fy2024.select(("kyushu", "tokyo")).values)
    assert few.content_hash() == fy2024.select(("kyushu", "tokyo")).content_hash()


@needs_data
def test_source_gives_thirteen_test_weeks(monkeypatch):
    monkeypatch.setenv("WATTBIT_DATA", str(DATA))
    series, parts = source.load("real-fy2024", ("hokkaido", "tokyo", "kyushu"), "test")
    assert series.values.shape[:2] == (17_520, 3)
    assert len(splits.week_starts(series, parts)) == 13


@needs_data
def test_a_missing_month_is_named(tmp_path):
    for folder in ("jepx", "weather", "tso_30min"):
        shutil.copytree(DATA / folder, tmp_path / folder)
    (tmp_path / "tso_30min" / "eria_jukyu_202411_03.csv").unlink()
    with pytest.raises(SeriesError, match=r"eria_jukyu_202411_03\.csv.*missing.*WATTBIT_DATA"):
        real.load_real(tmp_path, 2024, ("tokyo",))


@needs_data
def test_a_file_that_ends_early_is_refused_with_the_first_missing_half_hour(tmp_path, monkeypatch):
    monkeypatch.setenv("WATTBIT_CACHE_DIR", str(tmp_path / "cache"))
    for folder in ("jepx", "weather", "tso_30min"):
        shutil.copytree(DATA / folder, tmp_path / folder)
    path = tmp_path / "jepx" / "spot_summary_2024.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: 1 + 360 * 48]))
    with pytest.raises(SeriesError, match=r"spot_summary_2024\.csv.*no row for 2025-03-27 00:00"):
        real.load_real(tmp_path, 2024)


def test_without_a_folder_the_message_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("WATTBIT_DATA", raising=False)
    with pytest.raises(SeriesError, match="need the data folder: set WATTBIT_DATA"):
        source.load("real-fy2024", ("tokyo",), "train")
    with pytest.raises(SeriesError, match="no such folder"):
        real.load_real(tmp_path / "nowhere", 2024)
    with pytest.raises(SeriesError, match=r"jepx/spot_summary_2024\.csv.*missing"):
        real.load_real(tmp_path, 2024)
    with pytest.raises(SeriesError, match="fiscal year 2024, not 2023"):
        real.load_real(tmp_path, 2023)
    with pytest.raises(SeriesError, match="no area 'okinawa'"):
        real.load_real(tmp_path, 2024, ("okinawa",))
