"""The speed benchmarks run and show what they promise; the figures themselves are no matter of the test suite."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import env_speed


def test_env_speed_measures_every_way_to_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "speed.json"
    arguments = ["--seconds", "0.001", "--worlds", "2", "--scenario", "japan3", "--no-start", "--json", str(path)]
    assert env_speed.main(arguments) == 0
    result = json.loads(path.read_text(encoding="utf-8"))
    figures = {figure["name"]: figure for figure in result["figures"]}
    assert len(figures) == 5
    assert all(len(figure["values"]) >= 5 and figure["min"] > 0.0 for figure in figures.values())
    assert figures["japan3: env.unwrapped.step"]["bar"] == {"rule": ">=", "limit": 90e3}
    assert figures["japan3: VectorEnv.step, 2 worlds"]["bar"] is None, "the bar is for the full batch"
    assert len(result["context"]["world japan3"]) == 12
    assert "japan3: env.unwrapped.step" in capsys.readouterr().out


def test_generate_speed_measures_years(capsys: pytest.CaptureFixture[str]):
    pytest.importorskip("highspy")
    from benchmarks import generate_speed

    assert generate_speed.main(["--years", "2", "--days", "1"]) == 0
    shown = capsys.readouterr().out
    assert "first two days, with compiling" in shown
    assert "1 days" in shown
    assert "<= 90" not in shown, "the bar is for whole years"


def test_forecast_errors_stay_below_those_of_the_climatology(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    from benchmarks import forecast_error

    assert forecast_error.main(["--check", "--json", str(tmp_path / "found.json")]) == 0
    assert "unknown prices within P10-P90" in capsys.readouterr().out
    figures = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["figures"]
    explained = {f["name"].split()[-1]: f["median"] for f in figures if "variance explained" in f["name"]}
    assert 30.0 < explained["forecast"] < explained["regression"] < explained["forecast"] + 2.0


def test_a_piece_of_work_is_a_whole_week_with_its_reset():
    batch = env_speed.make_batch("japan3", 2)
    assert env_speed.batch_weeks(batch, batch.step_arrays)() == 672
    assert batch.batch.world.clock[:, 1].tolist() == [0, 0], "the last step of the piece begins the next week"


def test_a_fresh_process_reports_its_stages():
    stages = env_speed.fresh_process("japan3")
    assert list(stages) == ["import", "construct", "reset", "step", "again"]
    assert all(cpu >= 0.0 and wall >= 0.0 for cpu, wall in stages.values())


def test_the_ceiling_has_the_widths_and_the_episodes_of_the_real_thing():
    pytest.importorskip("stable_baselines3")
    from benchmarks.ppo_speed import DoNothingVecEnv
    from wattbit_agents.learning.vec_env import WattbitVecEnv
    from wattbit_agents.worlds import training_worlds

    ours = WattbitVecEnv(training_worlds("Aggregator-v0", "japan3", 2), seed=0)
    nothing = DoNothingVecEnv(ours, 3)
    assert nothing.reset().shape == ours.reset().shape
    assert nothing.action_space == ours.action_space
    dones = [nothing.step(np.zeros((2, 18), np.float32))[2] for _ in range(6)]
    assert np.stack(dones).tolist() == [[k % 3 == 2] * 2 for k in range(6)]
