"""``python -m wattbit.series generate``: one file a year, and one line for what is wrong."""

import numpy as np
import pytest

pytest.importorskip("highspy")
pytest.importorskip("holidays")

from wattbit.series.__main__ import main
from wattbit.series.generator import year
from wattbit.series.set import SeriesSet


@pytest.fixture
def two_days(monkeypatch):
    generate = year.generate
    monkeypatch.setattr(year, "generate", lambda number, grid: generate(number, grid, n_days=2))


def test_a_year_is_written_with_mix_flows_and_zones(two_days, tmp_path, capsys):
    assert main(["generate", "hokkaido-wind", "--years", "10", "--output", str(tmp_path / "new")]) == 0
    path = tmp_path / "new" / "hokkaido-wind-y10.npz"
    assert capsys.readouterr().err.strip() == str(path)
    series = SeriesSet.load(path)
    assert series.get("wind_mw")[:, 0].max() > 1100.0, "the wind of the scenario is missing"
    with np.load(path) as archive:
        assert archive["mix_mw"].shape == (96, 9, len(archive["mix_columns"]))
        assert archive["flow_mw"].shape == (96, len(archive["lines"]))
        assert archive["zone"].shape == archive["reserve_margin"].shape == (96, 9)
        assert float(archive["system_cost_jpy"]) > 0.0
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["hokaido-wind"], "scenario 'hokaido-wind' is unknown (did you mean 'hokkaido-wind'?)"),
        (["japan3", "--years", "20"], "there is no weather year 20: they run from 0 to 19"),
        (["japan3", "--years", "x"], "weather years 'x' must read like"),
        (["japan3-fy2024"], "scenario japan3-fy2024 runs on real-fy2024: there is nothing to generate"),
        (["japan3", "--output", "/proc/none"], "/proc/none: cannot be written"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments, message, capsys):
    assert main(["generate", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(two_days, tmp_path, capsys):
    (tmp_path / "japan3-y10.npz").mkdir()
    (tmp_path / "japan3-y10.npz" / "kept").touch()
    assert main(["generate", "japan3", "--years", "10", "--output", str(tmp_path)]) == 2
    assert f"{tmp_path}: cannot be written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["japan3-y10.npz"]
