"""Training on more than the ordinary observation: the run folder says so, and is played on what it was trained on."""

import json

import numpy as np
import pytest
import yaml

from wattbit_agents.cli.train import main
from wattbit_agents.config import load_config
from wattbit_agents.errors import PolicyError
from wattbit_agents.evaluation import evaluate, find_policy, view_of
from wattbit_agents.worlds import scoring_worlds

WIDE = ["--forecast", "full", "--assets", "each", "--orders", "car"]
OPTIONS = ["--n-envs", "2", "--device", "cpu", "--evaluation.n-weeks", "1"]
OPTIONS += ["--ppo.n-steps", "24", "--ppo.batch-size", "48", "--ppo.net-arch", "4", "--runs-dir"]


@pytest.fixture(scope="module")
def scenario_file(tmp_path_factory, toy):
    path = tmp_path_factory.mktemp("view") / "toy.yaml"
    path.write_text(yaml.safe_dump(toy.model_dump(mode="json")))
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory, scenario_file):
    """A run on everything, and one on the ordinary observation."""
    folder = tmp_path_factory.mktemp("runs")
    common = ["--scenario", str(scenario_file), "--total-steps", "48", *OPTIONS, str(folder)]
    assert main(["--name", "wide", *WIDE, "--residual", "threshold", *common]) == 0
    assert main(["--name", "plain", *common]) == 0
    return folder


def test_a_run_folder_says_what_it_was_shown(runs):
    config = load_config(runs / "wide" / "config.yaml")
    assert (config.forecast, config.assets, config.orders) == ("full", "each", "car")
    record = json.loads((runs / "wide" / "run.json").read_text())
    assert (record["forecast"], record["assets"], record["orders"]) == ("full", "each", "car")
    assert view_of(str(runs / "wide")) == view_of(str(runs / "wide" / "last")) == ("full", "each", "car")
    assert view_of(f"silo:tou+{runs / 'wide'}") == ("full", "each", "car")
    assert view_of(str(runs / "plain")) == ("blocks", "sums", "area")


def test_a_run_from_before_the_options_saw_the_ordinary_observation(runs, tmp_path):
    record = json.loads((runs / "plain" / "run.json").read_text())
    (tmp_path / "last").mkdir()
    (tmp_path / "last" / "model.zip").touch()
    old = {key: value for key, value in record.items() if key not in ("forecast", "assets", "orders")}
    (tmp_path / "run.json").write_text(json.dumps(old))
    assert view_of(str(tmp_path)) == ("blocks", "sums", "area")


def test_both_runs_are_evaluated_side_by_side(runs, toy):
    names = [str(runs / name) for name in ("wide", "plain")]
    result = evaluate(["threshold", *names], toy, n_weeks=1)
    assert all(np.isfinite(result.entry(name).scores.get("cost_jpy")).all() for name in names)
    worlds = scoring_worlds("Aggregator-v0", toy, 1, "test", forecast="full", assets="each", orders="car")
    wide = find_policy(names[0], worlds, "Aggregator-v0", 0)
    assert wide._model.observation_space.shape == (worlds.observation_layout.size,)


def test_a_model_is_refused_where_another_observation_is_shown(runs, toy):
    worlds = scoring_worlds("Aggregator-v0", toy, 1, "test", assets="each")
    views = {"wide": ("full", "each", "car"), "plain": ("blocks", "sums", "area")}
    for name, view in views.items():
        with pytest.raises(PolicyError, match="needs forecast='{}', assets='{}', orders='{}'".format(*view)):
            find_policy(str(runs / name), worlds, "Aggregator-v0", 0)


def test_a_run_is_resumed_on_what_it_was_shown_and_no_other(runs, capsys):
    wide = str(runs / "wide")
    assert main(["--resume", wide, "--forecast", "blocks", "--total-steps", "96"]) == 2
    assert "forecast cannot change in a resumed run" in capsys.readouterr().err
    assert main(["--resume", wide, "--total-steps", "96"]) == 0
    record = json.loads((runs / "wide" / "run.json").read_text())
    assert record["steps"] == 96
    assert (record["forecast"], record["assets"], record["orders"]) == ("full", "each", "car")


def test_a_wrong_option_is_one_line(tmp_path, capsys):
    (tmp_path / "bad.yaml").write_text("forecast: ful\n")
    assert main(["--config", str(tmp_path / "bad.yaml")]) == 2
    error = capsys.readouterr().err
    assert "bad.yaml: forecast: is 'ful'" in error
    assert error.count("\n") == 1
