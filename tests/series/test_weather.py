"""Readers of Open-Meteo and JMA weather: published figures, hand-made files, and defects with their messages."""

import gzip
import json
import random
import re

import pandas as pd
import pytest

from wattbit.errors import SeriesError
from wattbit.series import weather

JMA = "weather/jma_tokyo_20250101_20250331.csv"
MONTHLY_MEAN_C = {
    2023: (4.3, 5.8, 11.8, 15.2, 18.0, 22.3, 28.0, 28.7, 26.2, 18.0, 13.3, 8.0),
    2024: (5.6, 6.7, 8.2, 15.7, 19.0, 22.3, 27.9, 28.7, 26.0, 20.0, 12.9, 7.2),
}


def refusal(read, path, **options):
    with pytest.raises(SeriesError) as caught:
        read(path, **options)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def openmeteo(tmp_path, **changes):
    """Two hand-made days in Fukuoka."""
    hours = [f"2024-02-{28 + k // 24}T{k % 24:02d}:00" for k in range(48)]
    document = {
        "latitude": 33.6,
        "longitude": 130.4,
        "utc_offset_seconds": 32400,
        "hourly_units": {"time": "iso8601", "temperature_2m": "°C", "windspeed_10m": "km/h"},
        "hourly": {"time": hours, "temperature_2m": [5.0] * 48, "windspeed_10m": [36.0] * 48},
    }
    for key, value in changes.items():
        target = document["hourly"] if key in document["hourly"] else document
        target[key] = value
    path = tmp_path / "weather.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def jma(tmp_path, station="札幌", quality=8, temperature="-3.5"):
    """One hand-made day in JMA's layout, stamped by the end of the hour."""
    lines = [
        "ダウンロードした時刻：2025/11/22 16:30:09",
        "",
        f",{station},{station},{station},{station},{station}",
        "年月日時,気温(℃),気温(℃),気温(℃),日射量(MJ/㎡),日射量(MJ/㎡)",
        ",,,,,",
        ",,品質情報,均質番号,,品質情報",
    ]
    lines += [f"2025/1/{1 + k // 24} {k % 24}:00:00,{temperature},{quality},1,0.36,8" for k in range(1, 25)]
    path = tmp_path / "jma.csv"
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp932"))
    return path


@pytest.mark.parametrize(("year", "n_hours"), [(2021, 8760), (2023, 8760), (2024, 8784)])
def test_a_year_of_open_meteo_is_read(data, year, n_hours):
    table = weather.read_openmeteo(data / f"weather/tokyo_openmeteo_{year}.json.gz")
    assert (table.kind, table.area, table.rows) == ("open-meteo weather", "tokyo", n_hours)
    assert str(table.start) == f"{year}-01-01 00:00:00+09:00"
    if year in MONTHLY_MEAN_C:
        monthly = table.frame["temperature_c"].groupby(table.frame.index.month).mean()
        assert monthly.to_list() == pytest.approx(MONTHLY_MEAN_C[year], abs=0.051)
    assert table.frame["wind_speed_m_per_s"].max() < 22.0


def test_three_months_of_jma_agree_with_the_file(data):
    table = weather.read_jma(data / JMA)
    assert (table.kind, table.area, table.rows) == ("jma weather", "tokyo", 2160)
    assert str(table.start) == "2025-01-01 00:00:00+09:00"
    assert str(table.end) == "2025-04-01 00:00:00+09:00"
    frame = table.frame
    assert (frame["temperature_c"].iloc[0], frame["temperature_c"].iloc[-1]) == (5.5, 5.6)
    assert (frame["temperature_c"].min(), frame["temperature_c"].max()) == (-0.9, 25.6)
    assert frame["irradiance_w_per_m2"].max() == pytest.approx(3.27e6 / 3600)
    assert frame["irradiance_w_per_m2"].groupby(frame.index.hour).mean().idxmax() in (11, 12)
    assert "stamps moved from the end to the start of the hour" in table.describe()


def test_defects_of_the_jma_file_are_named(changed, data):
    def cut(lines):
        return [*lines[:500], lines[500][:25]]

    def shuffle(lines):
        body = lines[6:]
        random.Random(3).shuffle(body)
        return lines[:6] + body

    whole = weather.read_jma(data / JMA)
    assert "row 501: the file is cut inside this row" in refusal(
        weather.read_jma, changed(JMA, cut, ends_with_newline=False)
    )
    assert re.search(
        r"row 100: gap after it, 2 rows are missing from 2025-01-04 22:00",
        refusal(weather.read_jma, changed(JMA, lambda lines: lines[:100] + lines[102:])),
    )
    for change, words in ((shuffle, "rows out of order"), (lambda lines: [*lines, lines[-1]], "1 duplicate rows")):
        table = weather.read_jma(changed(JMA, change))
        pd.testing.assert_frame_equal(table.frame, whole.frame)
        assert words in table.describe()
    early = weather.read_jma(changed(JMA, lambda lines: lines[: 6 + 24 * 10 + 5]))
    assert early.rows == 240
    assert "read to its last whole day 2025-01-10, 5 rows of the day after dropped" in early.describe()
    in_euc = changed(JMA, lambda lines: [line.replace("㎡", "m2") for line in lines], "euc_jp")
    assert re.search("euc_jp|mis-encoded", refusal(weather.read_jma, in_euc))


def test_defects_of_the_open_meteo_file_are_named(data, tmp_path):
    text = gzip.decompress((data / "weather/tokyo_openmeteo_2024.json.gz").read_bytes()).decode()
    path = tmp_path / "weather.json"
    path.write_text(text[: len(text) // 2], encoding="utf-8")
    assert re.search(r"row \d+: not whole JSON .*; was the file cut\?", refusal(weather.read_openmeteo, path))
    document = json.loads(text)
    for values in document["hourly"].values():
        del values[1000]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert "row 1000: gap after it, 1 rows are missing from 2024-02-11 16:00" in refusal(weather.read_openmeteo, path)


def test_hand_made_open_meteo_days_are_read(tmp_path):
    table = weather.read_openmeteo(openmeteo(tmp_path))
    assert (table.area, table.rows, str(table.end)) == ("kyushu", 48, "2024-03-01 00:00:00+09:00")
    assert table.frame["wind_speed_m_per_s"].to_list() == pytest.approx([10.0] * 48)
    assert weather.read_openmeteo(openmeteo(tmp_path), area="chugoku").area == "chugoku"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"utc_offset_seconds": 0}, "key utc_offset_seconds: is 0, must be 32400 (timezone=Asia/Tokyo)"),
        ({"temperature_2m": [5.0] * 47 + [None]}, "row 48, column temperature_2m: is blank, must be a number"),
        ({"temperature_2m": [278.0] * 48}, "row 1, column temperature_2m: is 278, must be within [-45, 50] (c)"),
        ({"temperature_2m": [5.0] * 47}, "key hourly.temperature_2m: has 47 values, time has 48"),
        ({"hourly_units": [1]}, "key hourly_units: is [1], must be a table of units"),
        ({"hourly_units": {"temperature_2m": "°F"}}, "key hourly_units.temperature_2m: is '°F', must be °C"),
        ({"latitude": 52.0}, "keys latitude, longitude: 52.0, 130.4 is not in Japan; pass area="),
        ({"hourly": 3}, "no key hourly"),
    ],
)
def test_wrong_open_meteo_keys_are_refused(tmp_path, changes, message):
    assert message in refusal(weather.read_openmeteo, openmeteo(tmp_path, **changes))


def test_a_hand_made_jma_day_is_read(tmp_path):
    table = weather.read_jma(jma(tmp_path))
    assert (table.area, table.rows) == ("hokkaido", 24)
    assert str(table.start) == "2025-01-01 00:00:00+09:00"
    assert table.frame["irradiance_w_per_m2"].to_list() == pytest.approx([100.0] * 24)


def test_wrong_jma_values_are_refused(tmp_path):
    message = "row 7, column 気温(°C) 品質情報: is 1, must be 8 or 5"
    assert message in refusal(weather.read_jma, jma(tmp_path, quality=1))
    message = "row 7, column 気温(°C): is 99, must be within [-45, 50] (c)"
    assert message in refusal(weather.read_jma, jma(tmp_path, temperature="99"))
    assert "row 7, column 気温(°C): is blank" in refusal(weather.read_jma, jma(tmp_path, temperature=""))
    path = jma(tmp_path, station="網走")
    assert "station 網走, must be one of 札幌" in refusal(weather.read_jma, path)
    assert weather.read_jma(path, area="hokkaido").area == "hokkaido"
    assert "area 'abashiri', must be one of" in refusal(weather.read_jma, path, area="abashiri")
