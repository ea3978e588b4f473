"""The command that measures the bound with penalties: its table, what it keeps, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

pytest.importorskip("highspy")

from benchmarks import martingale
from benchmarks.martingale import Played, checks, rows_of


@pytest.fixture(scope="module")
def command(scenario, tmp_path_factory):
    folder = tmp_path_factory.mktemp("martingale")
    world = folder / "short.yaml"
    world.write_text(yaml.safe_dump(scenario("japan3", episode={"steps": 48}).model_dump(mode="json")))
    return [f"--scenario={world}", "--weeks=2", "--policies=threshold,do-nothing", f"--json={folder / 'out.json'}"]


def test_the_command_shows_policies_above_both_bounds_and_goes_on(command, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(martingale, "cache_root", lambda: tmp_path)
    assert martingale.main([*command, "--check"]) == 0
    first = capsys.readouterr().out
    assert "threshold: weeks below a bound" in first
    content = json.loads(Path(command[-1].removeprefix("--json=")).read_text(encoding="utf-8"))
    results = content["results"]
    assert [row["policy"] for row in content["rows"]] == ["threshold", "do-nothing"]
    for row in content["rows"]:
        played = results[row["policy"]]
        fairly = np.array(played["cost_jpy"]) + played["penalty_jpy"] - results["paying_jpy"]
        assert (fairly > 0.0).all()
        assert row["above_paying_jpy"]["value"] == pytest.approx(fairly.mean())
    assert content["rows"][0]["captured"]["value"] == 0.0

    def never(*_):
        raise AssertionError("played again")

    monkeypatch.setattr(martingale.Weeks, "_play", never)
    monkeypatch.setattr(martingale.Weeks, "_bound", never)
    assert martingale.main(command) == 0
    assert capsys.readouterr().out == first


def test_a_week_below_a_bound_and_a_penalty_that_is_not_nothing_are_missed():
    bound, paying = np.full(12, 100.0), np.full(12, 110.0)
    lucky = np.tile([-5.0, 5.0, -4.0, 4.0], 3)
    cost = np.tile([130.0, 140.0, 135.0, 150.0], 3)
    sound = Played(cost, lucky)
    assert not any(figure.missed for figure in checks({"sound": sound}, bound, paying))
    below = Played(np.where(cost == 140.0, 99.0, cost), lucky + 20.0)
    assert [figure.missed for figure in checks({"below": below}, bound, paying)] == [True, True]
    paid_too_little = Played(np.full(12, 112.0), lucky)
    assert [figure.missed for figure in checks({"p": paid_too_little}, bound, paying)] == [True, False]
    rows = rows_of({"sound": sound, "below": below}, bound, paying)
    assert rows[0]["captured_paying"].value == 0.0
    assert rows[1]["captured"].value == pytest.approx((555.0 - 514.0) / (555.0 - 400.0))
    assert rows[1]["captured_paying"].value == pytest.approx((555.0 - 514.0 - 80.0) / (555.0 - 440.0))
    assert rows_of({"sound": sound}, cost - 0.1, paying)[0]["captured"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--weeks=1"], "must be at least 2"),
        (["--policies=,"], "names no policy"),
        (["--weights", "1", "nan", "0", "0"], "must be finite numbers"),
        (["--policies=mpc-duel"], "mpc-duel"),
        (["--scenario=japan3-fy2025"], "japan3-fy2025"),
        (["--scenario=PERFECT"], "who sees the imbalance ahead"),
    ],
)
def test_bad_input_ends_in_one_line(arguments, said, capsys, scenario, tmp_path):
    world = tmp_path / "perfect.yaml"
    world.write_text(yaml.safe_dump(scenario("japan3", forecast={"tier": "perfect"}).model_dump(mode="json")))
    assert martingale.main([text.replace("PERFECT", str(world)) for text in arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
