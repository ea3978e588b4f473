"""Readers of the area balance on small hand-made files, so that they are tested where the published data is absent."""

import re

import pytest

from wattbit.errors import SeriesError
from wattbit.series import tso

HEADER = (
    "DATE,TIME,エリア需要,原子力,火力(LNG),火力(石炭),火力(石油),火力(その他),水力,地熱,バイオマス,"
    "太陽光発電実績,太陽光出力制御量,風力発電実績,風力出力制御量,揚水,蓄電池,連系線,その他,合計"
)
# One half hour of Kyushu as published, 連系線 positive for export: 11,000 MW of supply, 1,000 MW exported.
KYUSHU_ROW = "10000,3000,2000,2000,0,0,1000,100,400,2000,500,100,20,400,0,1000,0,10000"


def refusal(path, **options):
    with pytest.raises(SeriesError) as caught:
        tso.read_balance(path, **options)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def kyushu_day(tmp_path, name="eria_jukyu_202404_09.csv", unit="MW平均", row=KYUSHU_ROW, encoding="cp932", n_days=2):
    """Hand-made days as Kyushu writes them: end stamps without separators, export positive."""
    lines = [f"単位[{unit}],,,供給力", HEADER.replace("LNG", "ＬＮＧ")]
    for day in range(1, n_days + 1):
        ends = [f"{k // 2}:{'30' if k % 2 else '00'}" for k in range(1, 48)] + ["24:00:00"]
        lines += [f"202404{day:02d},{end},{row}" for end in ends]
    path = tmp_path / name
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def test_a_hand_made_day_of_kyushu_is_read(tmp_path):
    table = tso.read_balance(kyushu_day(tmp_path))
    assert (table.kind, table.area, table.interval_minutes, table.rows) == ("tso balance", "kyushu", 30, 96)
    assert str(table.start) == "2024-04-01 00:00:00+09:00"
    assert str(table.end) == "2024-04-03 00:00:00+09:00"
    first = table.frame.iloc[0]
    assert first["demand_mw"] == 10000.0
    assert first["lng_mw"] == 2000.0
    assert first["import_mw"] == -1000.0
    assert first["pumped_mw"] == 400.0
    assert (first["solar_mw"], first["solar_curtailed_mw"]) == (2000.0, 500.0)
    assert "read to its last whole day 2024-04-02, 1344 of 1440 rows missing" in table.describe()


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_every_known_encoding_is_read(tmp_path, encoding):
    assert tso.read_balance(kyushu_day(tmp_path, encoding=encoding)).rows == 96


def test_10_mw_in_the_heading_of_a_hand_made_file(tmp_path):
    row = ",".join(f"{int(value) / 10:g}" for value in KYUSHU_ROW.split(","))
    table = tso.read_balance(kyushu_day(tmp_path, unit="万kW", row=row))
    assert table.frame["demand_mw"].unique().tolist() == [10000.0]


def test_the_sign_of_kyushu_is_checked_by_the_balance(tmp_path):
    row = KYUSHU_ROW.replace(",400,0,1000,", ",400,0,-1000,")
    assert "supply columns sum to 12000 MW" in refusal(kyushu_day(tmp_path, row=row))


def test_the_area_is_in_the_name_or_given(tmp_path):
    path = kyushu_day(tmp_path, name="balance.csv")
    assert "area unknown: the name has no code _01 to _09" in refusal(path)
    assert tso.read_balance(path, area="kyushu").area == "kyushu"
    assert "area 'okinawa', must be one of hokkaido" in refusal(path, area="okinawa")


def test_a_file_shorter_than_a_day_is_refused(tmp_path):
    path = kyushu_day(tmp_path, n_days=1)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:20]))
    assert "row 20: ends at 2024-04-01 08:30, before the end of its first day" in refusal(path)


def test_an_open_last_line_is_read_where_the_balance_covers_its_last_cell(tmp_path):
    path = kyushu_day(tmp_path)
    whole = path.read_bytes().removesuffix(b"\r\n")
    path.write_bytes(whole)
    assert tso.read_balance(path).rows == 96
    path.write_bytes(whole[:-1])
    assert re.search("row 98, column 合計: is 1000 MW, but .* was it cut inside this row", refusal(path))


def test_hand_made_hourly_hokkaido_is_dated_by_its_order(tmp_path):
    lines = [
        "単位[MWh],,,,,,,,,,,,,,",
        ",,,供給力,,,,,,,,,,,",
        "月日,時刻,エリア需要,原子力,火力,水力,地熱,バイオマス,太陽光実績,太陽光抑制量,風力実績,風力抑制量,揚水,連系線,供給力合計",
        ",,,,,,,,,,,,,,",
        *(
            f"{'' if hour else '2023/4/1'},{hour}時,3000,0,1800,600,15,285,100,5,100,0,-50,150,3000"
            for hour in range(24)
        ),
    ]
    path = tmp_path / "sup_dem_results_2023_1q.csv"
    path.write_text("\n".join(lines) + "\n", encoding="cp932")
    table = tso.read_balance(path)
    assert (table.area, table.interval_minutes, table.rows) == ("hokkaido", 60, 24)
    assert table.frame.iloc[5][["thermal_mw", "pumped_mw", "import_mw"]].to_list() == [1800.0, -50.0, 150.0]
    path.write_text("\n".join(lines[:10] + lines[11:]) + "\n", encoding="cp932")
    assert "row 11, column 時刻: is 7時 after 5時; their order alone dates the rows" in refusal(path)
    path.write_text("\n".join(lines).replace("2023/4/1", "") + "\n", encoding="cp932")
    assert "row 5, column 月日: is '' at 0時, must be a date at 0時" in refusal(path)


def test_hand_made_hourly_kyushu_has_a_heading_over_two_rows(tmp_path):
    lines = [
        ",,,,,,,太陽光,太陽光,風力,風力,,",
        "DATE_TIME,エリア需要〔MWh〕,原子力〔MWh〕,火力〔MWh〕,水力〔MWh〕,地熱〔MWh〕,バイオマス〔MWh〕,"
        "実績〔MWh〕,抑制量〔MWh〕,実績〔MWh〕,抑制量〔MWh〕,揚水等〔MWh〕,連系線〔MWh〕",
        *(f"2023/4/1 {hour}:00,9000,3000,4000,500,150,550,2000,700,100,30,200,-1500" for hour in range(24)),
    ]
    path = tmp_path / "renamed.csv"
    path.write_text("\n".join(lines) + "\n", encoding="cp932")
    table = tso.read_balance(path)
    assert (table.area, table.interval_minutes, table.rows) == ("kyushu", 60, 24)
    wanted = ["solar_mw", "solar_curtailed_mw", "wind_mw", "wind_curtailed_mw", "import_mw"]
    assert table.frame.iloc[0][wanted].to_list() == [2000.0, 700.0, 100.0, 30.0, -1500.0]


def test_hand_made_hourly_tohoku_is_read(tmp_path):
    names = ["エリア需要", "水力", "火力", "原子力", "太陽光実績", "太陽光抑制量", "風力実績", "風力抑制量"]
    names += ["地熱", "バイオマス", "揚水", "連系線"]
    lines = [
        "DATE_TIME," + ",".join(f"{name}〔MWh〕" for name in names),
        *(f"2023/4/1 {hour}:00,7000,2000,6400,0,300,20,300,10,100,500,0,-2600" for hour in range(24)),
    ]
    path = tmp_path / "juyo_2023_tohoku_1Q.txt"
    path.write_text("\n".join(lines) + "\n", encoding="cp932")
    table = tso.read_balance(path)
    assert (table.area, table.rows) == ("tohoku", 24)
    assert table.frame.iloc[0][["hydro_mw", "thermal_mw", "import_mw"]].to_list() == [2000.0, 6400.0, -2600.0]
