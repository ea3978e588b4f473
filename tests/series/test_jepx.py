"""Readers of the JEPX markets: both encodings, the published figures, and every defect with its message."""

import gzip
import random
import re

import numpy as np
import pandas as pd
import pytest

from wattbit.errors import SeriesError
from wattbit.series import jepx
from wattbit.series.set import AREAS

SPOT = "jepx/spot_summary_2024.csv"
SPOT_CP932 = "jepx/spot_summary_2023.csv"
INTRADAY = "jepx/intraday_2024.csv.gz"

# Mean area price in the order of AREAS. JPY/kWh
MEANS = {
    "jepx/spot_summary_2021.csv.gz": (13.74, 13.85, 14.27, 14.41, 14.12, 14.05, 14.03, 14.02, 11.29),
    SPOT_CP932: (11.44, 11.33, 12.20, 11.14, 9.85, 9.74, 9.69, 9.54, 9.14),
    SPOT: (12.64, 12.69, 13.66, 12.83, 11.85, 11.70, 11.66, 10.66, 10.86),
}
SPOT_HEADER = (
    "受渡日,時刻コード,売り入札量(kWh),買い入札量(kWh),約定総量(kWh),システムプライス(円/kWh),エリアプライス北海道(円/kWh),"
    "エリアプライス東北(円/kWh),エリアプライス東京(円/kWh),エリアプライス中部(円/kWh),エリアプライス北陸(円/kWh),"
    "エリアプライス関西(円/kWh),エリアプライス中国(円/kWh),エリアプライス四国(円/kWh),エリアプライス九州(円/kWh)"
)
INTRADAY_HEADER = (
    "年月日,時刻コード,始値(円/kWh),高値(円/kWh),安値(円/kWh),終値(円/kWh),平均(円/kWh),約定量合計(kWh),約定件数"
)


def reader(name):
    return jepx.read_intraday if "intraday" in str(name) else jepx.read_spot


def refusal(path):
    with pytest.raises(SeriesError) as caught:
        reader(path.name)(path)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def spot_days(tmp_path, n_days=2, price="10.00", newline="\n", encoding="utf-8", header=SPOT_HEADER, last_newline=True):
    """Hand-made days: the area price rises by 0.01 JPY/kWh from area to area."""
    prices = ",".join(f"{float(price) + k / 100:.2f}" for k in range(10))
    lines = [header]
    for day in range(1, n_days + 1):
        lines += [f"2023/04/{day:02d},{code},1000,1000,500,{prices}" for code in range(1, 49)]
    path = tmp_path / "spot_summary_2023.csv"
    path.write_bytes((newline.join(lines) + newline * last_newline).encode(encoding))
    return path


@pytest.mark.parametrize("name", MEANS)
def test_a_fiscal_year_of_spot_prices_has_the_published_figures(data, name):
    table = jepx.read_spot(data / name)
    year = int(re.search(r"\d{4}", name).group())
    assert (table.kind, table.area, table.interval_minutes) == ("jepx spot", "japan", 30)
    assert table.rows == (17_568 if year == 2023 else 17_520)
    assert str(table.start) == f"{year}-04-01 00:00:00+09:00"
    assert str(table.end) == f"{year + 1}-04-01 00:00:00+09:00"
    assert table.frame.index.freqstr == "30min"
    assert table.repairs == ()
    assert list(table.frame) == list(jepx.SPOT_COLUMNS.values())
    means = [table.frame[f"{area}_jpy_per_mwh"].mean() / 1000 for area in AREAS]
    assert means == pytest.approx(MEANS[name], abs=0.0051)
    assert table.frame.min(axis=None) == pytest.approx(10.0)


def test_a_fiscal_year_of_intraday_prices_has_the_published_figures(data):
    tables = {year: jepx.read_intraday(data / f"jepx/intraday_{year}.csv.gz") for year in (2023, 2024)}
    assert [table.rows for table in tables.values()] == [17_568, 17_520]
    delta = []
    for year, table in tables.items():
        system = next(name for name in MEANS if str(year) in name)
        delta.append(table.frame["average_jpy_per_mwh"] - jepx.read_spot(data / system).frame["system_jpy_per_mwh"])
    delta_jpy_per_kwh = pd.concat(delta) / 1000
    assert delta_jpy_per_kwh.mean() == pytest.approx(0.85, abs=0.006)
    assert delta_jpy_per_kwh.std() == pytest.approx(2.03, abs=0.006)
    assert tables[2024].frame["volume_mwh"].mean() == pytest.approx(421.78, abs=0.01)


@pytest.mark.parametrize("name", [SPOT, SPOT_CP932, INTRADAY])
def test_a_file_cut_inside_a_row_is_refused(changed, name):
    def cut(lines):
        return [*lines[:5000], lines[5000][:30]]

    assert "row 5001: the file is cut inside this row, " in refusal(changed(name, cut, ends_with_newline=False))


@pytest.mark.parametrize("name", [SPOT, SPOT_CP932, INTRADAY])
def test_a_file_cut_inside_the_last_cell_of_a_row_is_refused(changed, name):
    path = changed(name, lambda lines: [*lines[:5000], lines[5000][:-1]], ends_with_newline=False)
    assert "row 5001: the file is cut inside this row or lacks its last line end" in refusal(path)


@pytest.mark.parametrize("name", [SPOT, SPOT_CP932, INTRADAY])
def test_a_file_that_ends_early_is_read_to_its_last_whole_day(changed, data, name):
    table = reader(name)(changed(name, lambda lines: lines[: 1 + 48 * 100 + 20]))
    whole = reader(name)(data / name).frame
    pd.testing.assert_frame_equal(table.frame, whole.iloc[: 48 * 100], check_freq=False)
    year = 2023 if "2023" in name else 2024
    assert f"read to its last whole day {year}-07-09, 20 rows of the day after dropped" in table.describe()
    assert f"{len(whole) - 4800} of {len(whole)} rows missing" in table.describe()


@pytest.mark.parametrize("name", [SPOT, SPOT_CP932, INTRADAY])
def test_a_gap_inside_is_refused(changed, name):
    message = refusal(changed(name, lambda lines: lines[:200] + lines[203:]))
    year = 2023 if "2023" in name else 2024
    assert f"row 200: gap after it, 3 rows are missing from {year}-04-05 03:30" in message


def test_a_missing_leap_day_is_a_gap(changed):
    message = refusal(changed(SPOT_CP932, lambda lines: [line for line in lines if not line.startswith("2024/02/29")]))
    assert "48 rows are missing from 2024-02-29 00:00" in message


@pytest.mark.parametrize("name", [SPOT, SPOT_CP932, INTRADAY])
def test_shuffled_rows_are_sorted_and_named(changed, data, name):
    def shuffle(lines):
        body = lines[1:]
        random.Random(2).shuffle(body)
        return [lines[0], *body]

    table = reader(name)(changed(name, shuffle))
    pd.testing.assert_frame_equal(table.frame, reader(name)(data / name).frame)
    assert re.search(r"rows out of order in \d+ places, sorted", table.describe())


@pytest.mark.parametrize("name", [SPOT, SPOT_CP932, INTRADAY])
def test_exact_duplicates_are_dropped_and_named(changed, data, name):
    table = reader(name)(changed(name, lambda lines: lines + lines[-48:]))
    pd.testing.assert_frame_equal(table.frame, reader(name)(data / name).frame)
    assert "48 duplicate rows dropped" in table.describe()


def test_two_different_rows_of_one_time_are_refused(changed):
    message = refusal(changed(SPOT, lambda lines: [*lines, lines[-1].replace(",13.09,", ",13.10,")]))
    assert (
        "row 17522, column システムプライス: is '13.10', but row 17521 of the same time 2025-03-31 23:30 has '13.09'"
        in message
    )


@pytest.mark.parametrize("name", [SPOT, SPOT_CP932, INTRADAY])
def test_prices_in_jpy_per_mwh_are_refused_where_the_heading_says_jpy_per_kwh(changed, name):
    n_labels, n_prices = (2, 5) if "intraday" in name else (5, 10)

    def per_mwh(lines):
        rows = (line.split(",") for line in lines[1:])
        return [
            lines[0],
            *(
                ",".join(
                    f"{float(cell) * 1000:g}" if n_labels <= k < n_labels + n_prices else cell
                    for k, cell in enumerate(row)
                )
                for row in rows
            ),
        ]

    message = refusal(changed(name, per_mwh))
    assert re.search(
        r"row 2, column (システムプライス|始値): is [\d.]+ 円/kWh, must be within \[0, 999\] JPY/kWh", message
    )
    assert "the heading says 円/kWh, are the values in another unit?" in message


@pytest.mark.parametrize("name", [SPOT, SPOT_CP932, INTRADAY])
@pytest.mark.parametrize("encoding", ["utf-16", "euc_jp"])
def test_a_file_in_another_encoding_is_refused(changed, name, encoding):
    message = refusal(changed(name, lambda lines: lines[:300], encoding))
    assert "UTF-8" in message
    assert re.search("UTF-16|euc_jp|mis-encoded", message)


def test_characters_lost_in_a_conversion_are_refused(changed):
    message = refusal(changed(SPOT, lambda lines: [lines[0].replace("北海道", "\ufffd\ufffd"), *lines[1:]]))
    assert "row 1: mis-encoded, holds the replacement character U+FFFD" in message


@pytest.mark.parametrize(("newline", "encoding"), [("\n", "utf-8"), ("\r\n", "cp932"), ("\r\n", "utf-8-sig")])
def test_hand_made_days_are_read_in_either_encoding(tmp_path, newline, encoding):
    table = jepx.read_spot(spot_days(tmp_path, newline=newline, encoding=encoding))
    assert table.rows == 96
    assert table.frame["system_jpy_per_mwh"].unique().tolist() == [10_000.0]
    np.testing.assert_allclose(table.frame["kyushu_jpy_per_mwh"], 10_090.0)
    assert "read to its last whole day 2023-04-02, 17472 of 17568 rows missing" in table.describe()


def test_a_gzipped_file_is_read_and_a_damaged_one_refused(tmp_path):
    plain = spot_days(tmp_path)
    packed = tmp_path / "spot_summary_2023.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert jepx.read_spot(packed).rows == 96
    packed.write_bytes(packed.read_bytes()[:200])
    assert "damaged gzip archive" in refusal(packed)


def test_columns_are_found_by_their_full_width_names(tmp_path):
    header = SPOT_HEADER.replace("(", "（").replace(")", "）").replace("kWh", "ｋＷｈ")
    assert jepx.read_spot(spot_days(tmp_path, header=header)).rows == 96


def test_a_heading_in_jpy_per_mwh_is_believed(tmp_path):
    path = spot_days(tmp_path, price="10000", header=SPOT_HEADER.replace("円/kWh", "円/MWh"))
    assert jepx.read_spot(path).frame["system_jpy_per_mwh"].unique().tolist() == [10_000.0]


def test_an_implausible_mean_is_refused(tmp_path):
    message = refusal(spot_days(tmp_path, price="0.01"))
    assert "rows 2 to 97, column システムプライス: mean 0.01, must be within [0.5, 200] JPY/kWh" in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2023/04/01,7,", "2023/04/01,49,", "row 8, column 時刻コード: is 49, must be a whole number from 1 to 48"),
        ("2023/04/01,7,", "2023/13/01,7,", "row 8, column 受渡日: is '2023/13/01', must be a date"),
        ("2023/04/01,7,1000,1000,500,10.00", "2023/04/01,7,1000,1000,500,", "row 8, column システムプライス: is blank"),
        ("2023/04/01,7,1000,1000,500,10.00", "2023/04/01,7,1000,1000,500,nan", "must be a finite number"),
        ("2023/04/01,7,1000,1000,500,10.00", "2023/04/01,7,1000,1000,500,-1", "is -1 円/kWh, must be within [0, 999]"),
        ("2023/04/01,7,1000,1000,500,10.00", "2023/04/01,7,1000,1000,500,1_0.5", "is '1_0.5', must be a number"),
        ("2023/04/01,7,1000,1000,500,10.00", "2023/04/01,7,1000,1000,500,１０", "is '１０', must be a number"),
        ("2023/04/01,7,", "0000/04/01,7,", "row 8: gap after it"),
        ("エリアプライス四国(円/kWh)", "四国", "no column エリアプライス四国"),
        ("エリアプライス四国(円/kWh)", "エリアプライス九州(円/kWh)", "two columns are named エリアプライス九州"),
        ("エリアプライス四国(円/kWh)", "エリアプライス四国", "unit 'missing', must be 円/kWh"),
    ],
)
def test_a_wrong_cell_is_refused_with_row_column_and_rule(tmp_path, old, new, message):
    path = spot_days(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert message in refusal(path)


def test_an_intraday_price_outside_low_and_high_is_refused(tmp_path):
    lines = [INTRADAY_HEADER, *(f"2023/04/01,{code},10,12,8,11,10.5,1000,5" for code in range(1, 49))]
    path = tmp_path / "intraday_2023.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    frame = jepx.read_intraday(path).frame
    assert frame.iloc[0].to_list() == [10_000.0, 12_000.0, 8_000.0, 11_000.0, 10_500.0, 1.0]
    path.write_text("\n".join([*lines[:3], lines[3].replace(",10.5,", ",105,"), *lines[4:]]) + "\n", encoding="utf-8")
    assert "row 4, column 平均: is 105000 JPY/MWh, must lie between low 8000 and high 12000" in refusal(path)


@pytest.mark.parametrize(("content", "message"), [(b"", "the file is empty"), (b"\n \n", "the file is empty")])
def test_an_empty_file_is_refused(tmp_path, content, message):
    path = tmp_path / "spot_summary_2024.csv"
    path.write_bytes(content)
    assert message in refusal(path)
    with pytest.raises(SeriesError, match="no such file"):
        jepx.read_spot(tmp_path / "nothing.csv")
