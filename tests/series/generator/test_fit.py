"""The fitted numbers are those that the fitting weeks give, and no other week has a say."""

import copy

import numpy as np
import pytest

from wattbit.series import real, splits
from wattbit.series.generator import fit, fit_demand, fit_fleet, fit_weather, observed
from wattbit.series.generator.tables import table


@pytest.fixture
def weeks(data, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("WATTBIT_DATA", str(data))
    monkeypatch.setenv("WATTBIT_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "wattbit-cache"))
    return observed.observe()


def test_only_fitting_weeks_are_observed(weeks, data):
    series = real.load_real(data)
    steps = np.concatenate([np.arange(p.start_step, p.stop_step) for p in splits.fitting_segments(series)])
    assert np.array_equal(weeks.demand_mw, series.get("demand_mw")[steps])
    assert weeks.solar_share.max() <= 1.0
    assert len(weeks.day_of_year) == 104
    # Pairs of half hours never join two stretches.
    assert weeks.calendar_pairs(48).sum() == len(steps) - 48 * (weeks.segment[-1] + 1)


def test_the_files_are_what_the_fit_gives(weeks):
    for name, module in (("weather", fit_weather), ("demand", fit_demand)):
        for key, value in module.fit(weeks).items():
            stored = table(name)[key]
            for part, expected in value.items() if isinstance(value, dict) else [(None, value)]:
                found = stored if part is None else stored[part]
                np.testing.assert_allclose(found, expected, atol=2e-3, err_msg=f"{name} {key} {part}")


def test_a_missing_folder_ends_in_one_line(monkeypatch, capsys):
    monkeypatch.delenv("WATTBIT_DATA", raising=False)
    assert fit.main([]) == 2
    assert capsys.readouterr().err.startswith("the real series need the data folder")


def test_an_unknown_name_ends_in_one_line(capsys):
    assert fit.main(["fleat"]) == 2
    assert capsys.readouterr().err == "there is nothing to fit under 'fleat'; names are weather, demand, fleet\n"


def test_the_fleet_runs_what_ran_in_the_fitting_weeks(weeks):
    balance = fit_fleet.balances(weeks)
    for area, numbers in fit_fleet.read(weeks, balance).items():
        stored = table("fleet")["areas"][area]
        for name, expected in numbers.items():
            np.testing.assert_allclose(stored[name], expected, err_msg=f"{area} {name}")


def test_a_correction_moves_towards_what_is_wanted(weeks):
    numbers = fit_fleet.start(weeks, fit_fleet.balances(weeks))
    lines_before = copy.deepcopy(numbers["lines"])
    figures = dict.fromkeys(("mean", "sd", "spread", "memory_30min", "memory_24h"), np.full(9, 0.8))
    figures |= {"floor": np.full(9, 0.02), "curtailed": np.full(9, 0.02), "split": np.full(10, 0.3)}
    figures["table"] = np.full((32, 9), 10.0)
    wanted = figures | {
        "floor": np.full(9, 0.08),
        "table": np.full((32, 9), 12.0),
        "split": np.full(10, 0.5),
        "memory_24h": np.full(9, 0.9),
    }
    before = copy.deepcopy(numbers)
    fit_fleet.correct(numbers, figures, wanted)
    for area in numbers["areas"]:
        now, then = numbers["areas"][area], before["areas"][area]
        assert now["thermal_minimum_share"] > then["thermal_minimum_share"]
        assert now["coal_jpy_per_kwh"] == [price + 1.0 for price in then["coal_jpy_per_kwh"]]
    for name, directions in fit_fleet.SPLIT_LINES.items():
        for direction in directions:
            assert numbers["lines"][name][direction] < lines_before[name][direction]
    assert numbers["noise"]["bid_pattern_jpy_per_kwh"] > before["noise"]["bid_pattern_jpy_per_kwh"]
    assert fit_fleet.misfit(wanted, wanted) == 0.0 < fit_fleet.misfit(figures, wanted)
