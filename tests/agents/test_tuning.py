"""Fitting a rule on train weeks, and the frozen result."""

import re
from dataclasses import fields

import pytest
import yaml

from wattbit.scenarios import load_scenario
from wattbit_agents.baselines import RULES, make_policy
from wattbit_agents.baselines.fits import next_version
from wattbit_agents.baselines.frozen import frozen_parameters, frozen_scenarios
from wattbit_agents.baselines.threshold import Threshold
from wattbit_agents.cli.tune import main
from wattbit_agents.errors import PolicyError
from wattbit_agents.tuning import BOUNDS, WeeklyCost, tune
from wattbit_agents.worlds import scoring_worlds


def test_every_parameter_of_the_rule_has_a_range_around_its_default():
    assert list(BOUNDS) == [field.name for field in fields(Threshold)]
    for name, (low, high) in BOUNDS.items():
        assert low <= getattr(Threshold(), name) <= high, name


def test_a_fit_is_no_worse_on_its_train_weeks_and_says_what_it_was_fitted_on(toy):
    tuned = tune(toy, n_weeks=2, rounds=1, seed=3)
    assert tuned.facts["train_after_jpy"] <= tuned.facts["train_before_jpy"]
    worlds = scoring_worlds("Aggregator-v0", toy, 2, "train")
    assert tuned.facts["world_hash"] == worlds.world_hash
    assert tuned.facts["data_hash"] == worlds.batch.constants.series_hash
    again = tune(toy, n_weeks=2, rounds=1, seed=3)
    assert again == tuned
    read = yaml.safe_load(tuned.text())
    assert read["parameters"] == tuned.parameters
    if tuned.facts["validation_after_jpy"] <= tuned.facts["validation_before_jpy"]:
        assert WeeklyCost(toy, "train", 2)(tuned.parameters) == pytest.approx(tuned.facts["train_after_jpy"], abs=1.0)


def test_frozen_parameters_are_those_of_the_tuned_policy():
    for name in frozen_scenarios():
        if load_scenario(name).series != "generated":
            continue  # needs files, and plays with the parameters of another scenario
        worlds = scoring_worlds("Aggregator-v0", name, 1, "test")
        policy = make_policy("tuned", worlds)
        used = {key: policy.parameters()[key] for key in frozen_parameters(name)}
        assert used == pytest.approx(frozen_parameters(name))


def test_a_scenario_without_frozen_parameters_is_refused(toy):
    with pytest.raises(PolicyError, match="nothing is frozen for scenario 'toy'"):
        make_policy("tuned", scoring_worlds("Aggregator-v0", toy, 1, "test"))


def test_own_parameters_come_first_and_get_the_next_version(toy, tmp_path, monkeypatch):
    monkeypatch.setenv("WATTBIT_FITS", str(tmp_path))
    assert next_version("tuned", "toy") == 1
    own = tmp_path / "tuned-toy.yaml"
    own.write_text("version: 3\nparameters: {charge_rank: 0.25}\n", "utf-8")
    assert "toy" in frozen_scenarios()
    assert frozen_parameters("toy") == {"charge_rank": 0.25}
    assert make_policy("tuned", scoring_worlds("Aggregator-v0", toy, 1, "test")).parameters()["charge_rank"] == 0.25
    assert next_version("tuned", "toy") == 4
    shipped = frozen_parameters("japan3")
    (tmp_path / "tuned-japan3.yaml").write_text("parameters: {charge_rank: 0.3}\n", "utf-8")
    assert frozen_parameters("japan3") == {"charge_rank": 0.3} != shipped


def test_the_real_year_plays_with_what_was_fitted_on_the_same_plant(tmp_path, monkeypatch):
    assert "japan3-fy2024" in frozen_scenarios()
    assert frozen_parameters("japan3-fy2024") == frozen_parameters("japan3")
    assert next_version("tuned", "japan3-fy2024") == 1
    monkeypatch.setenv("WATTBIT_FITS", str(tmp_path))
    (tmp_path / "tuned-japan3.yaml").write_text("parameters: {charge_rank: 0.3}\n", "utf-8")
    assert frozen_parameters("japan3-fy2024") == {"charge_rank": 0.3}
    (tmp_path / "tuned-japan3-fy2024.yaml").write_text("parameters: {charge_rank: 0.2}\n", "utf-8")
    assert frozen_parameters("japan3-fy2024") == {"charge_rank": 0.2}
    assert frozen_parameters("japan3") == {"charge_rank": 0.3}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"parameters: [", "not valid YAML"),
        (b"version: 2\n", "parameters: missing"),
        (b"parameters: {charge_rank: dear}\n", "parameters.charge_rank: is 'dear', must be a number"),
        (b"parameters: {charge_rankk: 0.2}\n", "unknown parameter 'charge_rankk' (did you mean charge_rank?)"),
        (b"\xff\xfe", "not a text file in UTF-8"),
    ],
)
def test_a_damaged_file_of_ones_own_is_one_clear_error(content, message, toy, tmp_path, monkeypatch):
    monkeypatch.setenv("WATTBIT_FITS", str(tmp_path))
    (tmp_path / "tuned-toy.yaml").write_bytes(content)
    assert next_version("tuned", "toy") in (1, 3)  # a new fit is not lost to it
    with pytest.raises(PolicyError, match=re.escape(message)):
        make_policy("tuned", scoring_worlds("Aggregator-v0", toy, 1, "test"))


def test_variants_are_rules():
    assert {"carbon-aware", "wear-aware", "tuned"} <= set(RULES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--weeks", "0"], "at least 1"),
        (["--seed", "-1"], "seed: is -1"),
        (["--scenario", "japan4"], "did you mean"),
    ],
)
def test_bad_input_is_one_line(arguments, message, capsys, tmp_path):
    output = tmp_path / "tuned.yaml"
    assert main([*arguments, "--output", str(output)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not output.exists()


def test_a_place_where_nothing_can_be_written_is_said_before_the_fit(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("wattbit_agents.cli.tune.tune", lambda *args, **options: pytest.fail("fitted"))
    for output, message in ((tmp_path, "is a folder"), (tmp_path / "none" / "tuned.yaml", "no such folder")):
        assert main(["--output", str(output)]) == 2
        assert message in capsys.readouterr().err
