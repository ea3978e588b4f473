"""The command lines as real processes: train, resume, evaluate, open the report; every mistake is one line."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import yaml

from wattbit_agents.cli.evaluate import main as evaluate_main
from wattbit_agents.cli.train import main as train_main

ROOT = Path(__file__).resolve().parents[2]

CONFIG = {
    "name": "tiny",
    "total_steps": 200,
    "n_envs": 4,
    "device": "cpu",
    "seed": 3,
    "evaluation": {"n_weeks": 2, "every_steps": 100},
    "ppo": {"n_steps": 25, "batch_size": 50, "net_arch": [8]},
}


def _lines(errors):
    """What the user is told, apart from the note about the first compilation on a machine."""
    return [line for line in errors.splitlines() if "compiling" not in line]


@pytest.fixture(scope="module")
def place(tmp_path_factory, toy):
    """Folder with a scenario, a configuration and, after the first test, a run."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "toy.yaml").write_text(yaml.safe_dump(toy.model_dump(mode="json")))
    (folder / "tiny.yaml").write_text(yaml.safe_dump({**CONFIG, "scenario": "toy.yaml"}))
    return folder


@pytest.fixture(scope="module")
def run(place, run_script):
    """The run folder of 200 steps, trained once."""
    done = run_script("train.py", "--config", "tiny.yaml", "--ppo.learning-rate", "2e-4", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "seed 3" in done.stderr
    assert "trained 200 steps" in done.stdout
    return place / "runs" / "tiny"


def test_a_run_folder_says_what_was_run(run):
    record = json.loads((run / "run.json").read_text())
    assert record["status"] == "finished"
    assert record["steps"] == 200
    assert record["seed"] == 3
    assert re.fullmatch(r"[0-9a-f]{12}", record["world_hash"])
    assert set(record["data_hash"]) == {"train", "validation"}
    assert [entry["steps"] for entry in record["evaluations"]] == [100, 200]
    config = yaml.safe_load((run / "config.yaml").read_text())
    assert config["ppo"]["learning_rate"] == 2e-4  # command line over file
    assert config["n_envs"] == 4  # file over default
    assert config["ppo"]["clip_range"] == 0.2  # default
    assert "--ppo.learning-rate 2e-4" in (run / "command.txt").read_text()
    assert "torch" in json.loads((run / "versions.json").read_text())
    for part in ("best", "last"):
        assert sorted(path.name for path in (run / part).iterdir()) == ["model.zip", "normalisation.pkl"]
    assert list((run / "tensorboard").iterdir())


def test_tensorboard_holds_costs_margin_figure_and_settings(run):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    tags = events.Tags()
    assert {"cost/energy_jpy", "kpi/co2_kg", "validation/saving_jpy_per_week"} <= set(tags["scalars"])
    assert "validation_minus_siloed/network_jpy" in tags["scalars"]
    assert "validation/week" in tags["images"]
    assert "_hparams_/experiment" in events.PluginTagToContent("hparams")


def test_a_run_is_resumed_by_its_path(run, place, run_script, tmp_path):
    copied = place / "runs" / "again"
    subprocess.run(["cp", "-r", str(run), str(copied)], check=True)
    done = run_script("train.py", "--resume", "runs/again", "--total-steps", 400, "--checkpoint-every", 100, cwd=place)
    assert done.returncode == 0, done.stderr
    record = json.loads((copied / "run.json").read_text())
    assert record["steps"] == 400
    assert [entry["steps"] for entry in record["evaluations"]] == [100, 200, 300, 400]
    assert (copied / "step_300" / "model.zip").is_file()
    assert len((copied / "command.txt").read_text().splitlines()) == 2

    nothing = run_script("train.py", "--resume", "runs/again", cwd=place)
    assert nothing.returncode == 2
    assert _lines(nothing.stderr) == ["runs/again: has 400 steps, total_steps is 400: nothing to do"]
    changed = run_script("train.py", "--resume", "runs/again", "--seed", 9, "--total-steps", 600, cwd=place)
    assert changed.returncode == 2
    assert "seed cannot change" in changed.stderr


def test_the_same_command_learns_the_same_model(run, place, run_script):
    again = run_script("train.py", "--config", "tiny.yaml", "--ppo.learning-rate", "2e-4", "--name", "twin", cwd=place)
    assert again.returncode == 0, again.stderr
    first = json.loads((run / "run.json").read_text())["evaluations"]
    assert json.loads((place / "runs" / "twin" / "run.json").read_text())["evaluations"] == first


def _records(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


class _Sources(HTMLParser):
    def __init__(self):
        super().__init__()
        self.sources = []

    def handle_starttag(self, tag, attrs):
        self.sources += [value for key, value in attrs if key in ("src", "href")]


def test_evaluation_prints_the_table_and_writes_files_that_open_offline(run, place, run_script):
    done = run_script(
        "evaluate.py", "--scenario", "toy.yaml", "--policies", "do-nothing", "greedy", "runs/tiny", "runs/tiny/last",
        "--weeks", 5, "--seeds", 0, 1, "--output", "out", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("report: out/report.html")
    for name in ("do-nothing", "greedy", "runs/tiny", "siloed"):
        assert re.search(rf"^{name} ", done.stdout, re.MULTILINE), name
    files = sorted(path.name for path in (place / "out").iterdir())
    assert files == ["report.html", "report.png", "results.json", "summary.csv", "weeks.csv"]
    page = (place / "out" / "report.html").read_text()
    reader = _Sources()
    reader.feed(page)
    assert len(reader.sources) == 3
    assert all(source.startswith("data:image/png;base64,") for source in reader.sources)
    assert (place / "out" / "report.png").read_bytes().startswith(b"\x89PNG")

    results = json.loads((place / "out" / "results.json").read_text())
    assert results["world_hash"] == json.loads((run / "run.json").read_text())["world_hash"]
    assert results["seeds"] == [0, 1]
    assert len(results["weeks"]) == 5
    assert results["hardware"]["cores"] >= 1
    rows = _records(place / "out" / "weeks.csv")
    assert len(rows) == 5 * 2 * 5
    parts = [key for key in rows[0] if key.endswith("_jpy") and key not in ("cost_jpy", "reference_jpy")]
    for row in rows:
        assert sum(float(row[key]) for key in parts) == pytest.approx(float(row["cost_jpy"]), rel=1e-9)
    greedy = [float(row["cost_jpy"]) for row in rows if row["policy"] == "greedy"]
    summary = {row["policy"]: row for row in _records(place / "out" / "summary.csv")}
    assert float(summary["greedy"]["cost_jpy"]) == pytest.approx(np.mean(greedy))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n_env: 8\n", "bad.yaml: n_env: unknown key (did you mean 'n_envs'?)"),
        ("ppo: {n_step: 8}\n", "bad.yaml: ppo.n_step: unknown key (did you mean 'n_steps'?)"),
        ("n_envs: 0\n", "bad.yaml: n_envs: is 0: Input should be greater than or equal to 1"),
        ("ppo: {learning_rate: fast}\n", "bad.yaml: ppo.learning_rate: is 'fast': Input should be a valid number"),
        ("seed: [1\n", "bad.yaml: not YAML"),
        ("- 1\n", "bad.yaml: must hold keys and values, holds list"),
        ("ppo: {batch_size: 100000}\n", "bad.yaml: ppo.batch_size is 100000, must divide"),
        ("scenario: japn3\n", "scenario 'japn3' is unknown (did you mean 'japan3'?)"),
        ("evaluation: {reference: silo}\n", "unknown policy 'silo' (did you mean siloed?)"),
    ],
)
def test_a_bad_configuration_is_one_line_and_leaves_nothing(text, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text(text)
    assert train_main(["--config", "bad.yaml"]) == 2
    (line,) = _lines(capsys.readouterr().err)
    assert line.startswith(message)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--config", "dmo.yaml"], "dmo.yaml: No such file or directory"),
        (["--resume", "runs/none"], "runs/none: not a run folder"),
        (["--ppo.gamma", "1.5"], "command line: ppo.gamma: is 1.5: Input should be less than or equal to 1"),
        (["--n-envs", "0"], "command line: n_envs: is 0"),
        (["--config", "a.yaml", "--resume", "b"], "--config and --resume exclude each other"),
    ],
)
def test_a_bad_training_command_is_one_line_and_leaves_nothing(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert train_main(arguments) == 2
    (line,) = _lines(capsys.readouterr().err)
    assert line.startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_run_is_not_overwritten_unasked(run, place, run_script):
    before = (run / "run.json").read_text()
    done = run_script("train.py", "--config", "tiny.yaml", cwd=place)
    assert done.returncode == 2
    assert _lines(done.stderr)[0].startswith("runs/tiny: exists; give another --name")
    assert (run / "run.json").read_text() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--policies", "gredy"], "unknown policy 'gredy' (did you mean greedy?)"),
        (["--policies", "runs/tyny"], "runs/tyny: no such run folder (did you mean runs/tiny?)"),
        (["--policies", "greedy", "--scenario", "japn3"], "scenario 'japn3' is unknown (did you mean 'japan3'?)"),
        (["--policies", "greedy", "--split", "tset"], "split is 'tset' (did you mean 'test'?)"),
        (["--policies", "greedy", "--weeks", "0"], "weeks: is 0, must be at least 1"),
        (["--policies", "greedy", "--seeds", "1", "1"], "seeds: are [1, 1], must be different"),
        (["--policies", "runs/tiny", "--scenario", "japan3"], "runs/tiny: trained on world"),
        (["--policies", "runs/tiny", "--env", "FleetV2G-v0"], "runs/tiny: trained on Aggregator-v0"),
        (["--policies", "runs"], "runs: holds no model"),
    ],
)
def test_a_bad_evaluation_command_is_one_line_and_leaves_nothing(arguments, message, run, place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    before = sorted(place.iterdir())
    given = arguments if "--scenario" in arguments else [*arguments, "--scenario", "toy.yaml"]
    assert evaluate_main([*given, "--output", "never"]) == 2
    (line,) = _lines(capsys.readouterr().err)
    assert line.startswith(message)
    assert sorted(place.iterdir()) == before


def test_a_mistake_is_one_line_and_code_2_in_a_real_process_too(place, run_script):
    for script, arguments in (("train.py", ["--config", "no.yaml"]), ("evaluate.py", ["--policies", "gredy"])):
        done = run_script(script, *arguments, cwd=place)
        assert done.returncode == 2
        assert len(_lines(done.stderr)) == 1
    unknown = run_script("train.py", "--n-env", 3, cwd=place)
    assert unknown.returncode == 2
    assert "--n-envs" in unknown.stderr
    assert "Traceback" not in unknown.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_saves_and_says_how_to_go_on(place):
    command = [sys.executable, str(ROOT / "train.py"), "--config", "tiny.yaml", "--name", "cut"]
    command += ["--total-steps", "100000000", "--evaluation.every-steps", "0"]
    with subprocess.Popen(command, cwd=place, stderr=subprocess.PIPE, text=True) as process:
        events = place / "runs" / "cut" / "tensorboard"
        deadline = time.monotonic() + 120
        while not (events.is_dir() and list(events.iterdir())) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "go on with: python train.py --resume runs/cut" in errors.splitlines()[-1]
    assert "Traceback" not in errors
    assert json.loads((place / "runs" / "cut" / "run.json").read_text())["status"] == "interrupted"
    assert (place / "runs" / "cut" / "last" / "model.zip").is_file()
