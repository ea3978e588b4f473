"""The fitted numbers are those that the fitting weeks give, and no other week has a say."""

import numpy as np
import pytest

from wattbit.series import real, splits
from wattbit.series.generator import fit, fit_demand, fit_weather, observed
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
    assert fit.main() == 2
    assert capsys.readouterr().err.startswith("the real series need the data folder")
