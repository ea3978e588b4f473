"""The command that writes and checks ledgers of certificates, on worlds that really ran."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from wattbit.certificates import ledger_records, score_records, verify_file
from wattbit_agents.certificates import collect, evaluated_week
from wattbit_agents.cli.certificates import main
from wattbit_agents.evaluation import find_policy
from wattbit_agents.worlds import scoring_worlds


def run(*arguments):
    """Exit code, stdout and stderr without notes about compilation and progress."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    notes = ("compiling", ": week ")
    return code, out.getvalue(), [x for x in err.getvalue().splitlines() if not any(note in x for note in notes)]


@pytest.fixture(scope="module")
def place(tmp_path_factory, toy, short):
    """Folder with a toy scenario, one without certificates, one of three areas, and a ledger of the latter."""
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "toy.yaml").write_text(yaml.safe_dump(toy.model_dump(mode="json")))
    none = toy.model_copy(update={"certificates": toy.certificates.model_copy(update={"enabled": False})})
    (folder / "none.yaml").write_text(yaml.safe_dump(none.model_dump(mode="json")))
    (folder / "day.yaml").write_text(yaml.safe_dump(short("japan3").model_dump(mode="json")))
    code, printed, errors = run("siloed", "--scenario", folder / "day.yaml", "--output", folder / "day.jsonl")
    assert (code, errors) == (0, [])
    (folder / "printed.txt").write_text(printed)
    return folder


def test_the_command_prints_three_scores_that_the_file_confirms(place):
    code, printed, errors = run("verify", place / "day.jsonl")
    assert (code, errors) == (0, [])
    table = (place / "printed.txt").read_text().split("\n\n")[0]
    assert printed.startswith(table)
    assert "keep every rule" in printed
    scores = score_records(verify_file(place / "day.jsonl").records)
    assert f"{100 * scores.strict_re:.2f} %" in table
    assert f"{100 * scores.annual:.2f} %" in table
    assert 0.0 < scores.strict_re <= scores.cfe_low <= scores.cfe_high <= 1.0
    assert scores.strict_re <= scores.annual


def test_the_hash_that_was_noted_is_compared(place):
    (noted,) = re.findall(r"last hash ([0-9a-f]{64})", (place / "printed.txt").read_text())
    assert run("verify", place / "day.jsonl", "--last-hash", noted)[0] == 0
    code, _, (line,) = run("verify", place / "day.jsonl", "--last-hash", "0" * 64)
    assert code == 2
    assert line.startswith(f"{place / 'day.jsonl'}: last-hash: is {noted}")


def test_the_same_week_makes_the_same_file_and_an_existing_one_is_replaced_whole(place, tmp_path):
    (tmp_path / "again.jsonl").write_text("old")
    assert run("siloed", "--scenario", place / "day.yaml", "--output", tmp_path / "again.jsonl")[0] == 0
    assert (tmp_path / "again.jsonl").read_bytes() == (place / "day.jsonl").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again.jsonl"]


@settings(max_examples=25)
@given(
    st.floats(0.0, 1.0, exclude_max=True),
    st.floats(0.0, 1.0, exclude_max=True),
    st.sampled_from(["alter", "remove", "swap", "repeat", "cut"]),
    st.integers(1, 255),
)
def test_verify_exits_with_2_and_one_line_whatever_was_done_to_the_file(place, where, other, deed, change):
    content = (place / "day.jsonl").read_bytes()
    lines = content.splitlines(keepends=True)
    i, j = int(where * len(lines)), int(other * len(lines))
    if deed == "alter":
        altered = bytearray(content)
        altered[int(where * len(content))] ^= change
        lines = [bytes(altered)]
    elif deed == "remove":
        del lines[i]
    elif deed == "swap":
        lines[i], lines[j] = lines[j], lines[i]
    elif deed == "repeat":
        lines.insert(j, lines[i])
    else:
        lines = [content[: int(where * len(content))]]
    (place / "bad.jsonl").write_bytes(b"".join(lines))
    code, printed, errors = run("verify", place / "bad.jsonl")
    if deed == "swap" and i == j:
        assert code == 0
    else:
        assert (code, printed) == (2, "")
        (line,) = errors
        assert re.match(rf"{re.escape(str(place / 'bad.jsonl'))}:\d+: [a-z0-9-]+: ", line)


@pytest.mark.parametrize("rule", ["siloed", "greedy"])
def test_sums_are_those_of_the_world(place, rule):
    """The ledger's load and matched energy against what the world itself reports step by step."""
    worlds = scoring_worlds("Aggregator-v0", place / "day.yaml", 1, "test")
    policy = find_policy(rule, worlds, "Aggregator-v0", 3)
    week = collect(policy, worlds, 2, 3, {})
    closing = list(ledger_records(week))[-1]

    single = scoring_worlds("Aggregator-v0", place / "day.yaml", 1, "test")
    single.info_level = "full"
    observation, _ = single.reset(seed=[3], options={"week": [2]})
    load, matched, certificates = 0.0, 0.0, 0.0
    for _ in range(48):
        observation, _, _, _, info = single.step(policy.predict(observation)[0].astype(np.float32))
        load += 0.5 * info["ledger"]["datacentre_mw"].sum()
        matched += info["matched_mwh"].sum()
        certificates += info["ledger"]["certificates_mwh"].sum()
    assert closing.facility_wh == pytest.approx(load * 1e6, rel=1e-9)
    assert closing.matched_wh == pytest.approx(matched * 1e6, rel=1e-6)
    assert closing.issued_wh == pytest.approx(certificates * 1e6, rel=1e-6)
    assert 0 < closing.matched_wh < closing.facility_wh


def test_it_energy_times_the_worlds_pue_is_the_facility_without_tail_heat_and_snow(place, short, tmp_path):
    config = short("japan3", heat={"enabled": False}, datacentre={"tail_share": 0.0})
    (tmp_path / "plain.yaml").write_text(yaml.safe_dump(config.model_dump(mode="json")))
    week = evaluated_week("siloed", tmp_path / "plain.yaml")
    pue = week.load_mwh / week.it_mwh
    # Losses, fans and free cooling make 1.1418 (D1.2); compressors only add to it.
    assert pue.min() == pytest.approx(1.08 + 1.03 * 0.06, rel=1e-5)
    assert pue.max() < 1.5
    assert np.allclose(week.work_mwh.sum(axis=2) + 0.5 * _idle_mw(config), week.it_mwh, rtol=1e-5)


def _idle_mw(config):
    return np.array([area.datacentre_mw * config.datacentre.idle_share for area in config.areas])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "none.jsonl"], "none.jsonl: No such file or directory"),
        (["verify", "."], ".: Is a directory"),
        (["verify", "toy.yaml"], "toy.yaml:1: format: not a JSON object"),
        (["silod", "--scenario", "toy.yaml"], "unknown policy 'silod' (did you mean siloed?)"),
        (["runs/none", "--scenario", "toy.yaml"], "runs/none: no such run folder"),
        (["siloed", "--scenario", "toy.yaml", "--week", "99999"], "week: is 99999, must be within 0 and "),
        (["siloed", "--scenario", "toy.yaml", "--week", "-1"], "week: is -1, must be within 0 and "),
        (["siloed", "--scenario", "toy.yaml", "--seed", "-1"], "seed: is -1, must be at least 0"),
        (["siloed", "--scenario", "toy.yaml", "--split", "tset"], "split is 'tset' (did you mean 'test'?)"),
        (["siloed", "--scenario", "japn3"], "scenario 'japn3' is unknown (did you mean 'japan3'?)"),
        (["siloed", "--scenario", "none.yaml"], "scenario toy: certificates.enabled is false: nobody contracts"),
        (["siloed", "--scenario", "toy.yaml", "--output", "no/where.jsonl"], "no: no such folder"),
        (["siloed", "--scenario", "toy.yaml", "--output", "."], ".: is a folder"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(arguments, message, place, monkeypatch):
    monkeypatch.chdir(place)
    before = sorted(place.rglob("*"))
    code, printed, errors = run(*arguments)
    assert (code, printed) == (2, "")
    (line,) = errors
    assert line.startswith(message)
    assert sorted(place.rglob("*")) == before


def test_scenario_and_controls_are_those_of_the_run_folder(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "x" / "best").mkdir(parents=True)
    (tmp_path / "runs" / "x" / "config.yaml").write_text(f"scenario: {place / 'none.yaml'}\nenv: FleetV2G-v0\n")
    for run_name in ("runs/x", "runs/x/best"):
        code, _, (line,) = run(run_name)
        assert code == 2
        assert line.startswith("scenario toy: certificates.enabled is false")
        code, _, (line,) = run(run_name, "--scenario", place / "toy.yaml")
        assert code == 2
        assert line == f"{run_name}: holds no model; expected best/model.zip or last/model.zip"
    (tmp_path / "runs" / "x" / "config.yaml").write_text("scenari: toy\n")
    code, _, (line,) = run("runs/x")
    assert code == 2
    assert line.startswith("runs/x/config.yaml: scenari: unknown key (did you mean 'scenario'?)")


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--help"]])
def test_help_is_shown(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 0
    assert "certificates" in capsys.readouterr().out


def test_an_interrupt_while_writing_leaves_nothing(place, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    before = sorted(place.iterdir())
    monkeypatch.setattr("wattbit_agents.files.os.replace", interrupt)
    code, _, errors = run("siloed", "--scenario", place / "day.yaml", "--output", place / "never.jsonl")
    assert (code, errors) == (130, ["interrupted: nothing written"])
    assert sorted(place.iterdir()) == before


def test_without_an_output_it_goes_to_reports_under_the_name_of_run_and_week(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("siloed", "--scenario", place / "day.yaml", "--week", 1)[0] == 0
    assert [str(path) for path in Path("reports").iterdir()] == ["reports/certificates-siloed-test-1.jsonl"]
