"""Table, bars, JSON and exit codes that every benchmark shares."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError, Namespace
from pathlib import Path

import pytest

from benchmarks.report import Bar, Figure, interleaved_rates, positive, run, table

FAST = Figure("steps", "1/s", (110.0, 90.0, 130.0), Bar(">=", 100.0))
SLOW = Figure("start", "s", (0.3, 0.2, 0.25), Bar("<=", 0.1))
PLAIN = Figure("memory", "MB", (12.0,))


def measured(*figures: Figure):
    return lambda options: list(figures)


def test_the_median_is_held_to_the_bar():
    assert not FAST.missed
    assert SLOW.missed
    assert not PLAIN.missed
    assert Figure("broken", "1", (float("nan"),), Bar(">=", 0.0)).missed


def test_the_table_shows_median_least_most_bar_and_verdict():
    lines = table([FAST, SLOW, PLAIN]).splitlines()
    assert lines[2].split() == ["steps", "110", "90", "130", "3", "1/s", ">=", "100", "ok"]
    assert lines[3].split() == ["start", "0.25", "0.2", "0.3", "3", "s", "<=", "0.1", "MISSED"]
    assert lines[4].split()[-1] == "-"


def test_a_missed_bar_fails_only_a_check(capsys: pytest.CaptureFixture[str]):
    assert run("name", "about", measured(FAST, SLOW), argv=[]) == 0
    capsys.readouterr()
    assert run("name", "about", measured(FAST, SLOW), argv=["--check"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "missed: start: 0.25 s, bar <= 0.1"
    assert run("name", "about", measured(FAST, PLAIN), argv=["--check"]) == 0


def test_the_file_holds_figures_machine_and_context(tmp_path: Path):
    path = tmp_path / "figures.json"
    context = {"world japan3": "abc"}
    assert run("name", "about", measured(SLOW), context=lambda options: context, argv=["--json", str(path)]) == 0
    result = json.loads(path.read_text(encoding="utf-8"))
    assert result["benchmark"] == "name"
    assert result["context"] == context
    assert {"cpu", "cores", "python", "numpy", "load_average_1min", "load_average_after"} <= set(result["machine"])
    (figure,) = result["figures"]
    assert figure["values"] == [0.3, 0.2, 0.25]
    assert (figure["median"], figure["min"], figure["max"], figure["missed"]) == (0.25, 0.2, 0.3, True)
    assert figure["bar"] == {"rule": "<=", "limit": 0.1}


def test_a_file_that_cannot_be_written_is_said_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def never(options: Namespace) -> list[Figure]:
        raise AssertionError("measured")

    for path, words in ((tmp_path / "none" / "figures.json", "there is no folder"), (tmp_path, "is a folder")):
        with pytest.raises(SystemExit, match="2"):
            run("name", "about", never, argv=["--json", str(path)])
        assert words in capsys.readouterr().err


def test_an_interrupted_benchmark_ends_in_one_line(capsys: pytest.CaptureFixture[str]):
    def stopped(options: Namespace) -> list[Figure]:
        raise KeyboardInterrupt

    assert run("name", "about", stopped, argv=[]) == 130
    assert capsys.readouterr().err == "stopped; nothing written\n"


@pytest.mark.parametrize("text", ["x", "1.5", "0", "-3"])
def test_a_count_is_a_whole_number_of_at_least_one(text: str):
    with pytest.raises(ArgumentTypeError, match=rf"is '?{text}'?, must be"):
        positive(text)


def test_rates_are_units_per_second_of_the_clock_and_cases_take_turns():
    now, order = 0.0, []

    def piece(name: str, units: int, seconds: float):
        def work() -> int:
            nonlocal now
            now += seconds
            order.append(name)
            return units

        return work

    rates = interleaved_rates({"a": piece("a", 10, 1.0), "b": piece("b", 30, 2.0)}, 10.0, clock=lambda: now)
    assert rates == {"a": (10.0,) * 5, "b": (15.0,) * 5}
    assert order[:6] == ["a", "b", "a", "a", "b", "a"]
