"""Figures: which panels and weeks are shown, odd sets, and the command of the documentation."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from wattbit.series.compare.command import compare
from wattbit.series.compare.drawing import shown_areas
from wattbit.series.compare.figures import FIGURES, draw, week_start
from wattbit.series.compare.sides import Sample, measure
from wattbit.series.set import AREAS

FILE = Path(__file__).resolve().parents[3] / "docs" / "figures.py"


@pytest.fixture(scope="module")
def docs_figures():
    spec = importlib.util.spec_from_file_location("docs_figures", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_usual_areas_have_panels_else_the_first_ones():
    assert shown_areas(AREAS) == ("hokkaido", "tohoku", "tokyo", "kyushu")
    assert shown_areas(("chubu", "kyushu")) == ("kyushu",)
    assert shown_areas(("chubu", "kansai")) == ("chubu", "kansai")


def test_sample_weeks_start_on_the_monday_after_a_date(make):
    year = measure([Sample("year", make(days=365, start="2024-04-01"))], ("hokkaido", "tokyo"))
    start = week_start(year, 5, 10)
    assert str(year.samples[0].series.time_of(start)) == "2024-05-13 00:00:00+09:00"
    january = week_start(year, 1, 10)  # of the next calendar year
    assert str(year.samples[0].series.time_of(january)) == "2025-01-13 00:00:00+09:00"
    short = measure([Sample("short", make(days=30))], ("hokkaido", "tokyo"))
    assert week_start(short, 5, 10) is None


def test_one_area_constant_prices_and_no_sample_week_can_be_drawn(make):
    pytest.importorskip("matplotlib")
    series = make(days=7, areas=("shikoku",), solar_mw=0.0, wind_mw=0.0)
    files = draw(compare([Sample("a", series)], [Sample("b", series)])[0])
    assert set(files) == set(FIGURES)


def test_a_picture_shows_both_sides(lively):
    """Take one side away and the picture changes: neither curve hides behind a constant."""
    pytest.importorskip("matplotlib")
    one, other = Sample("one", lively(1)), Sample("other", lively(2))
    for name in ("price_by_hour.png", "shares.png"):
        pixels = []
        for real, synthetic in ((one, other), (one, one), (other, other)):
            figure = FIGURES[name](compare([real], [synthetic])[0])
            figure.canvas.draw()
            pixels.append(np.asarray(figure.canvas.buffer_rgba()).copy())
        assert not np.array_equal(pixels[0], pixels[1])
        assert not np.array_equal(pixels[0], pixels[2])


def test_the_command_of_the_docs_says_what_is_missing(docs_figures, monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("WATTBIT_DATA", raising=False)
    assert docs_figures.main([], tmp_path) == 2
    assert capsys.readouterr().err.startswith("error: the real series need the data folder")
    assert docs_figures.main(["a", "b"], tmp_path) == 2
    assert "usage:" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_command_of_the_docs_draws_every_picture(docs_figures, data, monkeypatch, tmp_path):
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("WATTBIT_DATA", str(data))
    monkeypatch.setattr(docs_figures.figures, "draw", lambda comparison: dict.fromkeys(FIGURES, b"drawn"))
    assert docs_figures.main(["generated:10"], tmp_path) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(FIGURES)
