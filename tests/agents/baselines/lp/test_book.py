"""What a planner knows beforehand: from train weeks alone, labelled, and refused clearly where it is missing."""

import numpy as np
import pandas as pd
import pytest

from wattbit.config import AreaConfig, EpisodeConfig, ForecastConfig, ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit.series import source
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit_agents.baselines.lp import calibrate as calibrate_module
from wattbit_agents.baselines.lp.book import (
    MADE,
    USUAL,
    BookError,
    PlannerBook,
    Worths,
    calibrated_scenarios,
    load_worths,
    planner_book,
    usual_table,
)
from wattbit_agents.baselines.lp.calibrate import by_time_of_day, calibrate, price_around
from wattbit_agents.baselines.lp.oracle import oracle_weeks
from wattbit_agents.baselines.lp.prices import STOCKS
from wattbit_agents.cli.calibrate import main as calibrate_main
from wattbit_agents.cli.oracle import main as oracle_main
from wattbit_agents.errors import PolicyError


@pytest.fixture(scope="module")
def config():
    """One area, two days."""
    return ScenarioConfig(
        name="one",
        areas=(AreaConfig(name="tokyo", datacentre_mw=100.0, user_share=1.0, cars=20_000),),
        forecast=ForecastConfig(tier="perfect"),  # nobody looks at it here
        episode=EpisodeConfig(steps=96),
    )


@pytest.fixture(scope="module")
def worths(config):
    return calibrate(config, 2)


def test_what_is_usual_is_a_mean_over_train_years(config):
    series, _ = source.load("generated", ["tokyo"], "train")
    times = pd.date_range(series.start, periods=len(series), freq="30min")
    book = planner_book(config, worths=False)
    assert set(book.table) == {*USUAL, *MADE}
    for name, feature, month, slot in (
        ("spot_price_jpy_per_mwh", "spot_price_jpy_per_mwh", 1, 36),
        ("solar_mw", "solar_mw", 4, 24),
        ("temperature_c", "temperature_c", 8, 0),
    ):
        chosen = (times.month == month) & (times.hour == slot // 2) & (times.minute == 30 * (slot % 2))
        mean = np.asarray(series.get(feature))[chosen].astype(np.float32).mean(axis=0)
        assert book.usual(name, month, slot) == pytest.approx(mean, rel=1e-4)
    assert book.usual("solar_mw", np.array([1, 2]), np.array([0, 1])).shape == (2, 1)


def test_usual_certificates_are_those_of_the_world(config):
    batch = Batch(config, 1, "evaluation", "train", "float64")
    site = batch.constants.site
    exog = np.asarray(batch.world.exog[:-1], np.float64)
    sun, wind, surplus = (exog[:, :, k] for k in (s.SOLAR, s.WIND, s.SURPLUS))
    produced = 1.0 - np.minimum(1.0, surplus / np.maximum(sun + wind, 1e-9))
    certificates = 0.5 * (site[:, s.SITE_SOLAR_SHARE] * sun + site[:, s.SITE_WIND_SHARE] * wind) * produced
    for week in (0, 30, 100):
        batch.reset(0, week)
        row = int(batch.world.clock[0, s.ROW])
        assert batch.world.area[0, 0, s.CERTIFICATES_MWH] == pytest.approx(certificates[row, 0])
    book = usual_table(config)
    series, _ = source.load("generated", ["tokyo"], "train")
    times = pd.date_range(series.start, periods=len(series), freq="30min")
    noon = (times.month == 5) & (times.hour == 12) & (times.minute == 0)
    assert book["certificates_mwh"][4, 24] == pytest.approx(certificates[noon].mean(axis=0))


def test_worths_come_from_the_oracles_prices(config, worths):
    weeks = oracle_weeks(config, worths.facts["weeks"], [0, 0], "train")
    price = np.stack([price_around(week.result.path.price_jpy_per_mwh) for week in weeks])
    assert worths.price_jpy_per_mwh == pytest.approx(price.mean(axis=(0, 1)))
    for name in STOCKS:
        worth = np.stack([week.result.area_prices[f"{name}_jpy_per_mwh"] for week in weeks])
        rest = worth - worths.slope[name] * (price - worths.price_jpy_per_mwh)
        by_hand = 0.5 * (rest[:, 7] + rest[:, 7 + 48]).mean(axis=0)
        assert worths.jpy_per_mwh[name][7] == pytest.approx(by_hand)
        assert (worths.jpy_per_mwh[name] > 0.0).all()
    assert worths.facts["split"] == "train"
    assert worths.facts["data_hash"] == Batch(config, 1, "evaluation", "train").constants.series_hash


def test_a_law_that_holds_exactly_is_found():
    rng = np.random.default_rng(0)
    price = 1e4 + 3e3 * rng.standard_normal((5, 96, 2))
    hours = np.tile(np.arange(48.0), 2)[:, None]
    worth = 100.0 * hours + np.array([0.5, 0.9]) * price
    usual, slope = by_time_of_day(worth, price)
    assert slope == pytest.approx([0.5, 0.9])
    assert usual == pytest.approx(100.0 * hours[:48] + slope * price.mean(axis=(0, 1)))


def test_one_dear_week_does_not_move_the_worths():
    worth = np.ones((5, 96, 2))
    worth[3] = 1e6
    usual, slope = by_time_of_day(worth, np.full_like(worth, 1e4))
    assert (usual == 1.0).all()
    assert (slope == 0.0).all()


def test_price_around_is_the_mean_of_a_day():
    around = price_around(np.arange(96.0)[:, None])
    assert around[40, 0] == np.arange(41 - 24, 41 + 24).mean()
    assert around[0, 0] == np.arange(0, 25).mean()
    assert around[-1, 0] == np.arange(96 - 24, 96).mean()


def test_a_file_says_what_was_calculated(config, worths, tmp_path):
    file = tmp_path / "planner.yaml"
    file.write_text(worths.text(), encoding="utf-8")
    book = planner_book(config, worths=file)
    for name in STOCKS:
        assert book.worth(name, 20) == pytest.approx(worths.jpy_per_mwh[name][20], abs=0.06)
        assert book.worth(name, np.arange(48)).shape == (48, 1)
        dear = book.worth(name, 20, worths.price_jpy_per_mwh + 1000.0)
        assert dear - book.worth(name, 20) == pytest.approx(1000.0 * worths.slope[name], rel=1e-3)
    assert book.worth("store", 20, np.array([-1e9])) == 0.0
    assert book.worths.facts["weeks"] == worths.facts["weeks"]


def test_shipped_worths_fit_their_scenarios():
    assert "japan3" in calibrated_scenarios()
    for name in calibrated_scenarios():
        worths = load_worths(load_scenario(name))
        assert worths.facts["split"] == "train"
        for table in worths.jpy_per_mwh.values():
            assert (table > -5e3).all()
            assert (table < 1e5).all()


def test_the_real_year_plans_with_the_worths_of_the_same_plant():
    assert "japan3-fy2024" in calibrated_scenarios()
    assert load_worths(load_scenario("japan3-fy2024")).text() == load_worths(load_scenario("japan3")).text()


def test_a_scenario_without_worths_names_the_command(config):
    with pytest.raises(BookError, match=r"'one', only for .*wattbit_agents\.cli\.calibrate"):
        planner_book(config)
    with pytest.raises(PolicyError, match="without worths"):
        planner_book(config, worths=False).worth("store", 0)


def test_unknown_names_are_refused(config, worths):
    book = PlannerBook(usual_table(config), worths)
    with pytest.raises(PolicyError, match="did you mean solar_mw"):
        book.usual("solar", 1, 0)
    with pytest.raises(PolicyError, match="did you mean store"):
        book.worth("stores", 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "[", "not valid YAML"),
        (lambda text: "a: 1", "price_jpy_per_mwh: missing"),
        (lambda text: text.replace("training:", "trainings:"), "slope: training: missing"),
        (lambda text: text.replace("tokyo:", "kyushu:"), "areas are kyushu: scenario one has tokyo"),
        (lambda text: text.replace("tokyo: [", "tokyo: [.nan, ", 1), "store.tokyo: must be 48 numbers"),
    ],
)
def test_a_damaged_file_is_one_clear_error(config, worths, tmp_path, change, message):
    file = tmp_path / "planner.yaml"
    file.write_text(change(worths.text()), encoding="utf-8")
    with pytest.raises(BookError, match=message):
        load_worths(config, file)
    with pytest.raises(BookError, match="No such file"):
        load_worths(config, tmp_path / "none.yaml")


def scenario_file(config, folder):
    file = folder / "one.yaml"
    file.write_text(config.model_dump_json(), encoding="utf-8")
    return str(file)


def test_commands_write_what_they_print(config, worths, tmp_path, capsys):
    scenario = scenario_file(config, tmp_path)
    output = tmp_path / "worths.yaml"
    assert calibrate_main(["--scenario", scenario, "--weeks", "2", "--output", str(output)]) == 0
    assert Worths.parse(output.read_text("utf-8"), "x").facts["weeks"] == worths.facts["weeks"]
    assert "store" in capsys.readouterr().out
    out = tmp_path / "oracle"
    arguments = ["--scenario", scenario, "--weeks", "1", "--split", "train", "--out", str(out)]
    assert oracle_main(arguments) == 0
    assert "energy" in capsys.readouterr().out
    prices = pd.read_csv(out / "prices.csv")
    assert list(prices.columns[:5]) == ["week", "time", "step", "area", "energy_jpy_per_mwh"]
    assert len(prices) == 96
    week = int(prices["week"][0])
    bounds = pd.read_csv(out / "bounds.csv")
    (again,) = oracle_weeks(config, [week], [0], "train")
    assert bounds["bound_jpy"][0] == pytest.approx(again.result.bound_jpy, abs=1.0)
    with np.load(out / f"plan-{week}.npz") as plan:
        assert plan["charge"].sum(axis=1).shape == (96, 1, 16)


def test_own_worths_come_first(config, worths, tmp_path, monkeypatch):
    with pytest.raises(BookError, match=r"calculate your own with: .* --output \$WATTBIT_FITS/planner-"):
        planner_book(config)
    monkeypatch.setenv("WATTBIT_FITS", str(tmp_path))
    (tmp_path / f"planner-{config.name}.yaml").write_text(worths.text(), "utf-8")
    assert config.name in calibrated_scenarios()
    book = planner_book(config)
    assert book.worths is not None
    np.testing.assert_allclose(book.worths.jpy_per_mwh["store"], worths.jpy_per_mwh["store"], atol=0.06)


@pytest.mark.parametrize(
    ("main", "arguments", "message"),
    [
        (oracle_main, ["--weeks", "0"], "must be at least 1"),
        (oracle_main, ["--scenario", "japan4"], "did you mean"),
        (oracle_main, ["--split", "tests"], "did you mean"),
        (calibrate_main, ["--weeks", "0"], "must be at least 1"),
        (calibrate_main, ["--scenario", "japan4"], "did you mean"),
        (calibrate_main, ["--output", "nowhere/worths.yaml"], "no such folder"),
    ],
)
def test_bad_input_is_one_line(main, arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_interrupted_command_goes_on_where_it_stopped(config, worths, monkeypatch, tmp_path, capsys):
    solved = []

    def stop(week):
        solved.append(week)
        raise KeyboardInterrupt

    monkeypatch.setattr(calibrate_module, "oracle_weeks", lambda *args: oracle_weeks(*args[:-1], progress=stop))
    output = tmp_path / "worths.yaml"
    assert calibrate_main(["--scenario", scenario_file(config, tmp_path), "--output", str(output)]) == 130
    assert len(solved) == 1
    assert "solved weeks are kept" in capsys.readouterr().err
    assert not output.exists()
