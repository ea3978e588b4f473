"""Readers of the area balance: every published dialect, and every defect with its message."""

import csv
import functools
import random
import re

import numpy as np
import pandas as pd
import pytest

from wattbit.errors import SeriesError
from wattbit.series import tso
from wattbit.series.set import AREAS

HALF_HOURLY = [
    "tso_30min/eria_jukyu_202404_01.csv",
    "tso_30min/eria_jukyu_202404_02.csv",
    "tso_30min/eria_jukyu_202404_03.csv",
    "tso_30min/eria_jukyu_202404_04.csv.gz",
    "tso_30min/eria_jukyu_202404_05.csv.gz",
    "tso_30min/eria_jukyu_202404_06.csv.gz",
    "tso_30min/eria_jukyu_202404_07.csv.gz",
    "tso_30min/eria_jukyu_202410_07.csv.gz",
    "tso_30min/eria_jukyu_202404_08.csv.gz",
    "tso_30min/eria_jukyu_202404_09.csv",
]
HOKKAIDO_HOURLY = "tso_hourly/sup_dem_results_2023_1q.csv"
HOURLY = [
    HOKKAIDO_HOURLY,
    "tso_hourly/juyo_2023_tohoku_1Q.txt",
    "tso_hourly/area_jyukyu_jisseki_2023_1Q.csv",
]
DIALECTS = HALF_HOURLY + HOURLY

# FY2024: mean demand MW, curtailed solar GWh, curtailed wind GWh, mean import MW, lowest and highest pumped storage MW.
FY2024 = {
    "hokkaido": (3376.1, 1.6, 1.1, -119.6, -783, 581),
    "tohoku": (9037.7, 185.5, 22.1, -4042.5, -448, 438),
    "tokyo": (32093.9, 0.0, 0.0, 4401.9, -7155, 7813),
    "chubu": (14841.0, 50.4, 0.6, 1659.2, -3246, 3090),
    "hokuriku": (3179.7, 21.5, 0.4, -206.7, -124, 0),
    "kansai": (16075.4, 211.3, 3.7, 232.3, -3612, 2986),
    "chugoku": (6622.9, 207.6, 5.1, 528.1, -1950, 1653),
    "shikoku": (2993.6, 143.0, 3.9, -895.3, -618, 622),
    # Kyushu's mean export is published as 1574.6; here import is positive for every area.
    "kyushu": (10051.0, 722.0, 23.8, -1574.6, -2218, 1942),
}


def first_data_row(lines):
    return next(k for k, line in enumerate(lines) if re.match(r"\d", line))


def last_data_row(lines):
    return max(k for k, line in enumerate(lines) if line.strip(","))


def scaled(lines, factor, unit=None):
    """Divide or multiply every value, and rename the unit where one is given."""
    first = first_data_row(lines)
    head = [line.replace("MW平均", unit or "MW平均").replace("MWh", unit or "MWh") for line in lines[:first]]
    n_labels = 2 if "DATE,TIME" in "".join(head) or "時刻" in "".join(head) else 1
    body = []
    for row in csv.reader(lines[first:]):
        values = [f"{float(cell.replace(',', '')) * factor:.10g}" if cell else "" for cell in row[n_labels:]]
        body.append(",".join(row[:n_labels] + values))
    return head + body


@functools.cache
def published(path):
    return tso.read_balance(path)


def refusal(path, **options):
    with pytest.raises(SeriesError) as caught:
        tso.read_balance(path, **options)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


@pytest.mark.parametrize("area", AREAS)
def test_a_fiscal_year_of_every_area_has_the_published_figures(data, area):
    code = f"{AREAS.index(area) + 1:02d}"
    tables = [tso.read_balance(path) for path in sorted((data / "tso_30min").glob(f"eria_jukyu_*_{code}.csv*"))]
    year = pd.concat([table.frame for table in tables])
    assert {table.area for table in tables} == {area}
    assert len(tables) == 12
    assert len(year) == 17_520
    assert (np.diff(year.index) == pd.Timedelta(minutes=30)).all()
    assert str(year.index[0]) == "2024-04-01 00:00:00+09:00"
    demand_mw, solar_gwh, wind_gwh, import_mw, pumped_low_mw, pumped_high_mw = FY2024[area]
    assert year["demand_mw"].mean() == pytest.approx(demand_mw, abs=0.06)
    assert year["solar_curtailed_mw"].sum() / 2000 == pytest.approx(solar_gwh, abs=0.06)
    assert year["wind_curtailed_mw"].sum() / 2000 == pytest.approx(wind_gwh, abs=0.06)
    assert year["import_mw"].mean() == pytest.approx(import_mw, abs=0.06)
    assert (year["pumped_mw"].min(), year["pumped_mw"].max()) == (pumped_low_mw, pumped_high_mw)
    supply = year.drop(columns=["demand_mw", "solar_curtailed_mw", "wind_curtailed_mw"])
    assert (supply.sum(axis=1) - year["demand_mw"]).abs().max() <= 3.0
    assert not year.isna().any(axis=None)


@pytest.mark.parametrize(
    ("pattern", "area", "n_hours", "curtailed_solar_gwh"),
    [
        ("sup_dem_results_2021_*", "hokkaido", 8760, 0.0),
        ("sup_dem_results_2023_*", "hokkaido", 6600, 0.8),
        ("juyo_2021_tohoku_*", "tohoku", 8760, None),
        ("juyo_2023_tohoku_*", "tohoku", 6600, 86.0),
        ("area_jyukyu_jisseki_2021_*", "kyushu", 8760, 512.0),
        ("area_jyukyu_jisseki_2023_*", "kyushu", 6600, 1038.0),
    ],
)
def test_the_hourly_layouts_have_the_published_figures(data, pattern, area, n_hours, curtailed_solar_gwh):
    tables = [tso.read_balance(path) for path in sorted((data / "tso_hourly").glob(pattern))]
    frame = pd.concat([table.frame for table in tables])
    assert {(table.area, table.interval_minutes) for table in tables} == {(area, 60)}
    assert len(frame) == n_hours
    assert (np.diff(frame.index) == pd.Timedelta(hours=1)).all()
    if curtailed_solar_gwh is not None:
        assert frame["solar_curtailed_mw"].sum() / 1000 == pytest.approx(curtailed_solar_gwh, abs=0.6)
    if area == "kyushu":
        assert frame["import_mw"].mean() < -1000.0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tso_30min/eria_jukyu_202502_01.csv", "144 empty rows dropped"),
        ("tso_30min/eria_jukyu_202404_02.csv", "合計 had thousands commas in 4 rows"),
        ("tso_30min/eria_jukyu_202404_08.csv.gz", "地熱 blank read as 0 in 1440 rows"),
        ("tso_30min/eria_jukyu_202405_08.csv.gz", "風力発電実績 below 0 by up to 2 MW in 3 rows, set to 0"),
        ("tso_30min/eria_jukyu_202404_09.csv", "stamps moved from the end to the start"),
        ("tso_30min/eria_jukyu_202404_09.csv", "sign of 連系線 turned"),
        ("tso_hourly/sup_dem_results_2021_4q.csv.gz", "6 rows off balance by up to 12 MW, kept"),
    ],
)
def test_what_was_repaired_is_named(data, name, words):
    assert words in "; ".join(tso.read_balance(data / name).repairs)


def test_columns_are_found_by_name_whatever_their_order(changed, data):
    name = "tso_30min/eria_jukyu_202404_03.csv"
    order = [1, 0, *range(19, 1, -1)]
    path = changed(name, lambda lines: [lines[0], *(",".join(line.split(",")[k] for k in order) for line in lines[1:])])
    pd.testing.assert_frame_equal(tso.read_balance(path).frame, tso.read_balance(data / name).frame, check_like=True)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_file_cut_inside_a_row_is_refused(changed, name):
    def cut(lines):
        middle = len(lines) // 2
        return [*lines[:middle], lines[middle][: len(lines[middle]) // 2]]

    path = changed(name, cut, ends_with_newline=False)
    n_rows = len(path.read_bytes().split(b"\n"))
    assert f"row {n_rows}: the file is cut inside this row" in refusal(path)


def test_a_cut_anywhere_is_refused_unless_it_falls_on_the_end_of_a_row(data, tmp_path):
    raw = (data / HALF_HOURLY[2]).read_bytes()
    path = tmp_path / "eria_jukyu_202404_03.csv"
    for size in random.Random(0).sample(range(len(raw) // 4, len(raw)), 60):
        path.write_bytes(raw[:size])
        if raw[size - 1 : size] == b"\n" or raw[size : size + 1] == b"\n":
            assert "ends early" in tso.read_balance(path).describe()
        else:
            assert "row" in refusal(path)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_file_that_ends_early_is_read_to_its_last_whole_day(changed, data, name):
    def end_early(lines):
        per_day = 48 if name in HALF_HOURLY else 24
        return lines[: first_data_row(lines) + 12 * per_day + 7]

    table = tso.read_balance(changed(name, end_early))
    whole = published(data / name).frame
    pd.testing.assert_frame_equal(table.frame, whole.iloc[: table.rows], check_freq=False)
    assert table.end == whole.index[0] + pd.Timedelta(days=12)
    last_day = "2024-10-12" if "202410" in name else "2024-04-12" if name in HALF_HOURLY else "2023-04-12"
    assert f"read to its last whole day {last_day}, 7 rows of the day after dropped" in table.describe()


@pytest.mark.parametrize("name", DIALECTS)
def test_a_gap_inside_is_refused(changed, name):
    def lose_a_row(lines):
        lost = first_data_row(lines) + 100
        return lines[:lost] + lines[lost + 1 :]

    message = refusal(changed(name, lose_a_row))
    if name == HOKKAIDO_HOURLY:
        assert re.search(r"row 105, column 時刻: is 5時 after 3時", message)
    else:
        assert re.search(r"row \d+: gap after it, 1 rows are missing from 202\d-\d\d-\d\d \d\d:\d\d", message)


def test_a_half_hourly_file_with_its_half_hours_lost_has_a_gap(changed):
    message = refusal(changed(HALF_HOURLY[2], lambda lines: lines[:2] + lines[2::2]))
    assert "row 3: gap after it, 1 rows are missing from 2024-04-01 00:30" in message


def test_rows_missing_at_the_start_are_refused(changed):
    def lose_the_first(lines):
        return lines[:2] + lines[5:]

    message = refusal(changed("tso_30min/eria_jukyu_202404_04.csv.gz", lose_the_first))
    assert (
        "row 3: the first interval starts at 2024-04-01 01:30, must be 2024-04-01 00:00; a file covers a month"
        in message
    )


@pytest.mark.parametrize("name", DIALECTS)
def test_shuffled_rows_are_sorted_or_refused(changed, data, name):
    def shuffle(lines):
        first, last = first_data_row(lines), last_data_row(lines)
        body = lines[first : last + 1]
        random.Random(1).shuffle(body)
        return lines[:first] + body + lines[last + 1 :]

    path = changed(name, shuffle)
    if name == HOKKAIDO_HOURLY:
        assert re.search(r"row \d+, column (時刻|月日): is .*", refusal(path))
    else:
        table = tso.read_balance(path)
        pd.testing.assert_frame_equal(table.frame, published(data / name).frame)
        assert "rows out of order in" in table.describe()


@pytest.mark.parametrize("name", DIALECTS)
def test_exact_duplicates_are_dropped_and_named(changed, data, name):
    def repeat(lines):
        row = first_data_row(lines) + 30
        return [*lines[: row + 1], lines[row], *lines[row + 1 :]]

    table = tso.read_balance(changed(name, repeat))
    pd.testing.assert_frame_equal(table.frame, published(data / name).frame)
    assert "1 duplicate rows dropped" in table.describe()


@pytest.mark.parametrize("name", DIALECTS)
def test_two_different_rows_of_one_time_are_refused(changed, name):
    def contradict(lines):
        row = first_data_row(lines) + 30
        cells = lines[row].split(",")
        n_labels = 1 if "tohoku" in name or "jyukyu" in name else 2
        # Demand and one supply column grow alike, so that the balance holds.
        cells[n_labels] = str(int(cells[n_labels]) + 1)
        return [*lines[: row + 1], ",".join(cells), *lines[row + 1 :]]

    message = refusal(changed(name, contradict))
    assert re.search(r"row \d+, column エリア需要: is '\d+', but row \d+ of the same time .* has '\d+'", message)


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("encoding", ["utf-16", "euc_jp"])
def test_a_file_in_another_encoding_is_refused(changed, name, encoding):
    message = refusal(
        changed(name, lambda lines: [line.replace("〔", "[").replace("〕", "]") for line in lines], encoding)
    )
    assert re.search("UTF-16|euc_jp|mis-encoded", message)
    assert "UTF-8" in message


@pytest.mark.parametrize("name", DIALECTS)
def test_text_decoded_wrongly_and_saved_again_is_refused(changed, data, name):
    def mangle(lines):
        return "\n".join(lines).encode("cp932").decode("latin-1").split("\n")

    assert "decoded with a wrong encoding and saved again" in refusal(changed(name, mangle, "utf-8"))


def test_damaged_bytes_are_refused_with_their_row(data, tmp_path):
    lines = (data / HALF_HOURLY[1]).read_bytes().split(b"\n")
    lines[7] = b"\x85," + lines[7]
    path = tmp_path / "eria_jukyu_202404_02.csv"
    path.write_bytes(b"\n".join(lines))
    assert "row 8: mis-encoded, neither UTF-8 nor cp932" in refusal(path)


@pytest.mark.parametrize("name", DIALECTS)
def test_values_in_10_mw_are_refused_where_the_heading_says_mw(changed, name):
    message = refusal(changed(name, lambda lines: scaled(lines, 0.1)))
    assert re.search(
        r"column エリア需要: mean \d+ MW by the stated unit MW\S*, as if it were 万kW, must be within", message
    )


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("factor", [0.5, 1000.0])
def test_values_in_mwh_per_half_hour_or_kw_are_refused(changed, name, factor):
    assert "must be within" in refusal(changed(name, lambda lines: scaled(lines, factor)))


@pytest.mark.parametrize("name", DIALECTS)
def test_values_in_10_mw_are_read_where_the_heading_says_so(changed, data, name):
    unit = "万kW平均" if name in HALF_HOURLY else "万kWh"
    table = tso.read_balance(changed(name, lambda lines: scaled(lines, 0.1, unit)))
    pd.testing.assert_frame_equal(table.frame, published(data / name).frame, atol=1e-6)
    assert f"{unit} taken as 10 MW" in table.describe()


def test_an_unknown_unit_is_refused(changed):
    message = refusal(changed(HALF_HOURLY[3], lambda lines: scaled(lines, 1.0, "GW")))
    assert "column エリア需要: unit 'GW', must be one of MW, MW平均, MWh, 万kW" in message


def test_a_missing_unit_is_refused(changed):
    message = refusal(changed(HALF_HOURLY[3], lambda lines: lines[1:]))
    assert "unit 'missing'" in message


def test_a_supply_column_that_breaks_the_balance_is_refused(changed):
    def spoil(lines):
        cells = lines[40].split(",")
        cells[5] = str(int(cells[5]) + 400)
        return [*lines[:40], ",".join(cells), *lines[41:]]

    message = refusal(changed(HALF_HOURLY[3], spoil))
    assert re.search(
        r"row 41, column エリア需要: is \d+ MW, but its supply columns sum to \d+ MW; must agree within", message
    )


@pytest.mark.parametrize(("cell", "rule"), [("", "is blank, must be a number"), ("n/a", "is 'n/a', must be a number")])
@pytest.mark.parametrize(
    "column", ["エリア需要", "太陽光発電実績", "太陽光出力制御量", "風力発電実績", "風力出力制御量"]
)
def test_blank_or_wordy_demand_solar_wind_and_curtailment_are_refused(changed, column, cell, rule):
    def blank(lines):
        cells = lines[9].split(",")
        cells[lines[1].split(",").index(column)] = cell
        return [*lines[:9], ",".join(cells), *lines[10:]]

    # Shikoku may leave other columns blank, but not these.
    assert f"row 10, column {column}: {rule}" in refusal(changed("tso_30min/eria_jukyu_202404_08.csv.gz", blank))


def test_a_missing_column_is_refused(changed):
    def drop(lines):
        return [lines[0], *(",".join(line.split(",")[:11] + line.split(",")[12:]) for line in lines[1:])]

    assert "no column 太陽光発電実績 or 太陽光実績" in refusal(changed(HALF_HOURLY[3], drop))


def test_the_file_of_another_area_is_refused(data):
    message = refusal(data / "tso_30min/eria_jukyu_202404_03.csv", area="kyushu")
    assert "for kyushu" in message


def test_two_months_in_one_file_are_refused(changed, data):
    may = (data / "tso_30min/eria_jukyu_202405_03.csv").read_text(encoding="utf-8").splitlines()[2:]
    message = refusal(changed("tso_30min/eria_jukyu_202404_03.csv", lambda lines: lines + may))
    assert "row 1443: 2024-05-01 00:00 is outside the month that starts 2024-04-01" in message
