"""The speed of the program is measured in its parts, and held to its bars only where they are meant."""

from __future__ import annotations

import json

import numpy as np
import pytest
import yaml

pytest.importorskip("highspy")

from benchmarks import lp_speed
from wattbit.vector import AggregatorVectorEnv


@pytest.fixture(scope="module")
def short(tmp_path_factory, scenario):
    """The default scenario with episodes of one day, as a file."""
    path = tmp_path_factory.mktemp("speed") / "short.yaml"
    config = scenario("japan3", episode={"steps": 48})
    path.write_text(yaml.safe_dump(config.model_dump(mode="json")), encoding="utf-8")
    return path


def test_oracle_and_planner_are_measured_in_parts(short, tmp_path, capsys):
    path = tmp_path / "speed.json"
    arguments = ["--weeks", "1", "--steps", "6", "--horizon", "8", "--json", str(path)]
    assert lp_speed.main(["--scenario", str(short), *arguments]) == 0
    figures = {f["name"].strip(): f for f in json.loads(path.read_text(encoding="utf-8"))["figures"]}
    assert figures["japan3: oracle week, plan and bound"]["bar"] == {"rule": "<=", "limit": 5.0}
    whole = figures["japan3, H=8: decision"]
    assert len(whole["values"]) == 6
    parts = sum(np.array(figures[f"japan3, H=8:   {part}"]["values"]) for part in ("build", "update", "solve"))
    assert parts == pytest.approx(np.array(whole["values"]))
    for part in ("build", "update", "solve"):
        assert figures[f"japan3, H=8:   {part}"]["min"] > 0.0
    assert 0.0 < figures["japan3, H=8:   update's share"]["median"] < 100.0
    assert figures["japan3, H=8:   rows"]["median"] > figures["japan3, H=8:   columns"]["median"] / 10.0
    assert len(figures["japan3, H=8: decision, cold start"]["values"]) == 1
    assert "japan3, H=8: decision" in capsys.readouterr().out


def test_a_shifted_basis_saves_iterations(short):
    from wattbit.scenarios import load_scenario

    scenario = load_scenario(short)
    env = AggregatorVectorEnv(1, scenario, split="test", info_level="none", forecast="full", assets="each")
    warm, cold = (lp_speed.played(lp_speed.planner_of(env, 8, start), env, 3, 6) for start in (True, False))
    assert warm.shape == cold.shape
    assert sum(warm.iterations[1:]) < 0.7 * sum(cold.iterations[1:])


def test_bars_are_for_enough_half_hours_of_the_scenarios_they_name(monkeypatch, scenario):
    made = lp_speed.Steps((61.0,) * 19 + (200.0,), (1.0,), (1.0,), (1.0,), (10.0,), (1, 1, 1))
    monkeypatch.setattr(lp_speed, "played", lambda *_: made)
    monkeypatch.setattr(lp_speed, "planner_of", lambda *_, **__: None)

    def missed(name, horizon, steps):
        return [f.name for f in lp_speed.planner_figures(scenario(name), horizon, 3, steps) if f.missed]

    assert missed("japan3", 48, 99) == []
    assert missed("japan3", 24, 100) == []
    assert missed("japan3", 48, 100) == ["japan3, H=48: decision"]
    slow_tail = lp_speed.Steps((50.0,) * 9 + (200.0,) * 2, (1.0,), (1.0,), (1.0,), (10.0,), (1, 1, 1))
    monkeypatch.setattr(lp_speed, "played", lambda *_: slow_tail)
    assert missed("japan3", 48, 100) == ["japan3, H=48:   p95 over median"]


def test_a_decision_without_a_plan_is_no_measurement(short):
    from dataclasses import replace

    from wattbit.scenarios import load_scenario

    scenario = load_scenario(short)
    env = AggregatorVectorEnv(1, scenario, split="test", info_level="none", forecast="full", assets="each")
    planner = lp_speed.planner_of(env, 8)
    planner.options = replace(planner.options, time_limit_s=1e-9)
    with pytest.raises(RuntimeError, match="no plan"):
        lp_speed.played(planner, env, 3, 2)


def test_a_wrong_scenario_is_one_line(capsys):
    assert lp_speed.main(["--scenario", "japan4"]) == 2
    assert "did you mean" in capsys.readouterr().err
