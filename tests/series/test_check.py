"""The check command: one line per file, exit code 2 as soon as one is refused, never a traceback."""

import subprocess
import sys

import pytest

from wattbit.series.__main__ import main
from wattbit.series.check import read_any

HEADER = "年月日,時刻コード,始値(円/kWh),高値(円/kWh),安値(円/kWh),終値(円/kWh),平均(円/kWh),約定量合計(kWh),約定件数"


@pytest.fixture
def intraday(tmp_path):
    """One hand-made day of the intraday market."""
    path = tmp_path / "folder" / "intraday_2023.csv"
    path.parent.mkdir()
    rows = [f"2023/04/01,{code},10,12,8,11,10.5,1000,5" for code in range(1, 49)]
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_every_published_file_is_read(data, capsys):
    assert main(["check", *(str(data / folder) for folder in ("jepx", "tso_30min", "tso_hourly"))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 + 108 + 21
    assert all(line.endswith(": ok") for line in lines)
    kyushu = next(line for line in lines if "202404_09" in line)
    assert "tso balance 30 min, kyushu, 2024-04-01 to 2024-04-30, 1440 rows, repaired: stamps moved" in kyushu


@pytest.mark.parametrize(("folder", "files"), [("balancing", 3), ("grid", 2), ("ev", 12), ("workload", 7)])
def test_every_file_of_the_other_folders_is_read(data, capsys, folder, files):
    assert main(["check", str(data / folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == files
    assert all(line.endswith(": ok") for line in lines)


def test_the_weather_folder_is_read(data, capsys):
    assert main(["check", str(data / "weather")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_a_file_and_its_folder_give_one_line_each(intraday, capsys):
    assert main(["check", str(intraday), str(intraday.parent.parent)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == lines[1]
    assert lines[0].startswith(
        f"{intraday}: jepx intraday 30 min, japan, 2023-04-01 to 2023-04-01, 48 rows, repaired: "
    )


def test_one_refusal_gives_exit_2_and_the_others_are_still_read(intraday, capsys):
    bad = intraday.with_name("broken.csv")
    bad.write_text(intraday.read_text(encoding="utf-8")[:-5], encoding="utf-8")
    assert main(["check", str(intraday.parent)]) == 2
    refused, read = capsys.readouterr().out.splitlines()
    assert refused.startswith(f"{bad}: row 49: the file is cut inside this row")
    assert refused.endswith(": refused")
    assert read.endswith(": ok")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "row 1: unknown kind of file, heading 'a,b', must be a JEPX spot"),
        ('{"a": 1}', "no key hourly; only Open-Meteo's JSON is known"),
        ('{"A": {"battery_capacity": 40}}', "key A.number_of_registrations: is None, must be a number"),
        ("[1, 2]\n", "unknown kind of file"),
        ("", "the file is empty"),
    ],
)
def test_an_unknown_kind_is_refused(tmp_path, capsys, content, message):
    path = tmp_path / "unknown.csv"
    path.write_text(content, encoding="utf-8")
    assert main(["check", str(path)]) == 2
    assert message in capsys.readouterr().out


def test_mis_encoded_text_is_told_apart_from_an_unknown_kind(intraday, capsys):
    intraday.write_bytes(intraday.read_text(encoding="utf-8").encode("euc_jp"))
    assert main(["check", str(intraday)]) == 2
    out = capsys.readouterr().out
    assert "the file is in euc_jp, save it as UTF-8 or cp932" in out or "mis-encoded" in out


def test_a_missing_path_and_an_empty_folder_are_refused(tmp_path, capsys):
    assert main(["check", str(tmp_path / "nothing.csv"), str(tmp_path)]) == 2
    missing, empty = capsys.readouterr().out.splitlines()
    assert missing == f"{tmp_path / 'nothing.csv'}: no such file: refused"
    assert f"{tmp_path}: no data files (" in empty


def test_the_module_runs_as_a_process_in_a_terminal_without_japanese(intraday):
    command = [sys.executable, "-m", "wattbit.series", "check", str(intraday), "missing.csv"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "ascii"})
    assert ended.returncode == 2
    assert ended.stdout.count("\n") == 2
    assert "Traceback" not in ended.stderr
    usage = subprocess.run(command[:3], capture_output=True, text=True, check=False)
    assert usage.returncode == 2
    assert "required: command" in usage.stderr


def test_read_any_tells_the_kinds_apart(intraday):
    assert read_any(intraday).kind == "jepx intraday"
