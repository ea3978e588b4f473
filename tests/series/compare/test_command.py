"""The command: sources, errors on one line, exit codes, files that are whole or not there."""

import csv
import json

import numpy as np
import pytest

from wattbit.errors import SeriesError
from wattbit.series import generated, splits
from wattbit.series.__main__ import main
from wattbit.series.compare import command, drawing, figures, sides
from wattbit.series.compare.sides import load_samples, weeks_mask


@pytest.fixture
def saved(lively, tmp_path):
    """Two files: a lively set, and the same with prices a third higher."""
    series = lively()
    series.save(tmp_path / "one.npz")
    values = series.values.copy()
    values[:, :, 0] *= 4.0 / 3.0
    type(series)("dear", series.start, series.areas, values, series.provenance).save(tmp_path / "dear.npz")
    return tmp_path


def run(*arguments: object) -> int:
    return main(["compare", *map(str, arguments)])


def test_a_set_against_itself_and_against_a_dearer_one(saved, capsys):
    one, dear = saved / "one.npz", saved / "dear.npz"
    run("--real", one, "--synthetic", one)
    itself = capsys.readouterr().out
    # The slopes are held to the published ones, which this set knows nothing about.
    assert {line.split("  ")[1] for line in itself.splitlines() if line.startswith("MISS")} <= {
        "slope on residual load",
        "supply slope of zone",
    }
    assert run("--real", one, "--synthetic", dear) == 0
    assert run("--real", one, "--synthetic", dear, "--check") == 1
    out = capsys.readouterr().out
    assert "MISS  mean price" in out
    assert "pass  autocorrelation at 30 min" in out
    assert "test weeks" not in out  # the file's name has no split
    total = len([line for line in itself.splitlines() if line.startswith(("pass", "MISS"))])
    assert f"of {total} bars met" in itself


def test_several_sources_are_one_side(saved, capsys):
    assert run("--real", saved / "one.npz", "--synthetic", saved / "one.npz", saved / "dear.npz") == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        f"{saved / 'one.npz'} ...", f"{saved / 'one.npz'} ...", f"{saved / 'dear.npz'} ...", "measuring ...",
    ]  # fmt: skip


def test_the_generated_set_passes_every_bar_against_itself(capsys):
    assert run("--real", "generated:10", "--synthetic", "generated:10", "--check") == 0
    out = capsys.readouterr().out
    assert "82 of 82 bars met, 0 missed" in out
    assert "MISS" not in out


def test_output_holds_page_tables_and_figures(saved):
    pytest.importorskip("matplotlib")
    target = saved / "reports" / "compare"
    assert (
        run("--real", saved / "one.npz", "--synthetic", saved / "one.npz", saved / "dear.npz", "--output", target) == 0
    )
    names = {path.name for path in target.iterdir()}
    assert names == {"comparison.md", "comparison.csv", "comparison.json", *figures.FIGURES}
    for name in figures.FIGURES:
        assert (target / name).read_bytes().startswith(b"\x89PNG")
    page = (target / "comparison.md").read_text(encoding="utf-8")
    assert "| **miss** | mean price | hokkaido |" in page
    assert "bars met" in page
    (whole,) = json.loads((target / "comparison.json").read_text(), parse_constant=lambda word: pytest.fail(word))
    assert whole["bars_met"] == sum(bar["passed"] for bar in whole["bars"]) < len(whole["bars"])
    mean = whole["statistics"]["price_mean"]
    assert mean["synthetic"] == pytest.approx([7.0 / 6.0 * value for value in mean["real"]])
    assert mean["synthetic_high"] == pytest.approx([4.0 / 3.0 * value for value in mean["real"]])
    rows = list(csv.DictReader((target / "comparison.csv").read_text().splitlines()))
    row = next(row for row in rows if row["quantity"] == "price_mean" and row["first"] == "tokyo")
    assert float(row["real"]) == pytest.approx(mean["real"][1], rel=1e-5)
    empty = next(row for row in rows if row["quantity"] == "price_by_season_hour" and row["second"] == "winter")
    assert empty["real"] == ""  # four weeks of April


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--real", "generatd", "--synthetic", "generated"), "source 'generatd': valid are generated"),
        (("--real", "generated:10", "--synthetic", "generated:20"), "no weather year 20, it has 0, 1, 2"),
        (("--real", "generated:ten", "--synthetic", "generated:1"), "weather years 'ten' must read like 10, 10-12"),
        (("--real", "generated:12-10", "--synthetic", "generated:1"), "weather years '12-10' must read like"),
        (("--real", "generated:", "--synthetic", "generated:1"), "weather years '' must read like"),
        (("--real", "real-fy2024:3", "--synthetic", "generated:1"), "it has no weather years"),
        (("--real", "real-fy2024", "--synthetic", "generated:1"), "set WATTBIT_DATA"),
        (("--real", "real-fy2024", "--synthetic", "generated", "--data-root", "/nowhere"), "/nowhere: no such folder"),
        (("--real", "nothing.npz", "--synthetic", "generated:1"), "nothing.npz: no such file"),
    ],
)  # fmt: skip
def test_bad_sources_end_in_one_line(arguments, message, monkeypatch, capsys):
    monkeypatch.delenv("WATTBIT_DATA", raising=False)
    assert run(*arguments) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ")
    assert message in last


def test_files_that_are_no_set_are_refused(saved, capsys):
    (saved / "text.npz").write_text("not a zip file")
    np.savez(saved / "other.npz", numbers=np.zeros(3))
    whole = (saved / "one.npz").read_bytes()
    (saved / "cut.npz").write_bytes(whole[: len(whole) // 2])
    for name in ("text", "other", "cut"):
        assert run("--real", saved / f"{name}.npz", "--synthetic", saved / "one.npz") == 2
        error = capsys.readouterr().err.splitlines()
        assert f"{name}.npz: not a set written by SeriesSet.save" in error[-1]
        assert not any("Traceback" in line for line in error)


def test_sets_without_a_common_area_are_refused(saved, make, capsys):
    make(areas=("kansai",)).save(saved / "kansai.npz")
    assert run("--real", saved / "one.npz", "--synthetic", saved / "kansai.npz") == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "no area in common: one has hokkaido, tokyo, kyushu; kansai has kansai" in error


def test_weeks_that_a_set_does_not_have_are_refused(saved, capsys):
    assert run("--real", saved / "one.npz", "--synthetic", saved / "one.npz", "--weeks", "test") == 2
    assert "splits.yaml has no rule for series 'by-hand'" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        run("--real", saved / "one.npz", "--synthetic", saved / "one.npz", "--weeks", "some")


def test_common_areas_alone_are_compared(saved, make, lively):
    lively(areas=("kyushu", "kansai", "hokkaido")).save(saved / "other.npz")
    real, other = load_samples(str(saved / "one.npz")), load_samples(str(saved / "other.npz"))
    (comparison,) = command.compare(real, other)
    assert comparison.real.mean.areas == comparison.synthetic.mean.areas == ("hokkaido", "kyushu")
    assert not any(v.bar == "split share" for v in comparison.verdicts)


def test_nothing_is_left_when_drawing_fails(saved, monkeypatch, capsys):
    pytest.importorskip("matplotlib")

    def fail(comparison):
        raise SeriesError("no ink")

    monkeypatch.setattr(figures, "draw", fail)
    target = saved / "out"
    assert run("--real", saved / "one.npz", "--synthetic", saved / "one.npz", "--output", target) == 2
    assert "error: no ink" in capsys.readouterr().err
    assert not target.exists()


def test_writing_is_all_or_nothing_and_keeps_other_files(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine.txt").write_text("mine")
    command.write({"a.txt": b"a", "b.txt": b"b"}, target)
    assert sorted(path.name for path in target.iterdir()) == ["a.txt", "b.txt", "mine.txt"]
    with pytest.raises(SeriesError, match=r"--output .*: cannot be written"):
        command.write({"a.txt": b"new", "no/such/folder.txt": b"b"}, target)
    assert (target / "a.txt").read_bytes() == b"a"
    assert sorted(path.name for path in target.iterdir()) == ["a.txt", "b.txt", "mine.txt"]


def test_an_output_that_is_a_file_and_a_missing_matplotlib_are_told_first(saved, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    one = saved / "one.npz"
    assert run("--real", "generatd", "--synthetic", one, "--output", one) == 2
    assert "is a file, must be a folder" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    assert run("--real", "generatd", "--synthetic", one, "--output", saved / "out") == 2
    assert 'pip install "wattbit[render]"' in capsys.readouterr().err
    with pytest.raises(SeriesError, match="needs matplotlib"):
        drawing.require_matplotlib()


def test_years_and_labels():
    assert splits.parse_years("10") == (10,)
    assert splits.parse_years("3,5-7,6") == (3, 5, 6, 7)
    labels = [sample.label for sample in load_samples("generated:9,3")]
    assert labels == ["generated:9", "generated:3"]
    assert [sample.label for sample in load_samples("generated")] == ["generated:10", "generated:11", "generated:12"]


def test_a_scenario_stands_for_its_series():
    (sample,) = load_samples("japan3:10")
    assert sample.label == "japan3:10"
    assert len(sample.series.areas) == 9


def test_weeks_of_a_weather_year():
    year = generated.year(3, ("tokyo",))
    assert weeks_mask(year, "all").all()
    assert weeks_mask(year, "train").all()
    assert not sides.has_test_weeks([sides.Sample("y", year)])
    with pytest.raises(SeriesError, match="holds no half hour of split 'test'"):
        weeks_mask(year, "test")


def test_real_weeks_and_test_weeks_alone(data, capsys):
    arguments = ("--real", "real-fy2024", "--synthetic", "real-fy2024", "--data-root", data)
    run(*arguments)
    out = capsys.readouterr().out
    assert "78 of 82 bars met" in out
    # The slope of the real set's zones is a rule (published slopes in parallel), which lies below the published ones.
    every_week, _ = out.split("test weeks of the real set alone:")
    missed = [line.split("  ")[1] for line in every_week.splitlines() if line.startswith("MISS")]
    assert set(missed) == {"supply slope of zone"}
    assert run(*arguments, "--weeks", "test") == 0
    assert capsys.readouterr().out.count("bars met") == 1
    (sample,) = load_samples("real-fy2024", data)
    train, test = weeks_mask(sample.series, "train"), weeks_mask(sample.series, "test")
    assert not (train & test).any()
    assert train.sum() == sum(part.n_steps for part in splits.fitting_segments(sample.series))
