"""Options of a planner are compared on train weeks, and never on test weeks."""

from __future__ import annotations

import json

import pytest
import yaml

pytest.importorskip("highspy")

from benchmarks import planner_options
from wattbit_agents.baselines.lp.planners import MPCOptions
from wattbit_agents.errors import ConfigError


def test_changes_are_read_by_name_and_kind():
    found = planner_options.changed(MPCOptions(), "horizon=8, shrinkage=0.5,terminal=dual,warm_start=false")
    assert found == MPCOptions(horizon=8, shrinkage=0.5, terminal="dual", warm_start=False)


@pytest.mark.parametrize(
    ("text", "said"), [("horizn=8", "unknown option 'horizn'"), ("horizon=soon", "must be of type int")]
)
def test_changes_that_make_no_sense_are_refused(text, said):
    with pytest.raises(ConfigError, match=said):
        planner_options.changed(MPCOptions(), text)


def test_the_command_pairs_weeks(scenario, tmp_path):
    world, out = tmp_path / "short.yaml", tmp_path / "out.json"
    world.write_text(yaml.safe_dump(scenario("japan3", episode={"steps": 48}).model_dump(mode="json")))
    arguments = [f"--scenario={world}", "--policy=mpc-dual-8", "--weeks=2", f"--json={out}"]
    assert planner_options.main([*arguments, "--try=horizon=8", "--try=terminal=none", "--try=orders=car"]) == 0
    cost = json.loads(out.read_text())["cost_jpy"]
    assert cost["horizon=8"] == cost["as it is"]
    assert cost["terminal=none"] != cost["as it is"]
    assert cost["orders=car"] != cost["as it is"]


def test_test_weeks_are_not_offered(capsys):
    with pytest.raises(SystemExit):
        planner_options.main(["--split=test"])
    assert "invalid choice" in capsys.readouterr().err
