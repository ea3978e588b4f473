"""The ladder plays what it says, goes on where it stopped, and its check fails when it should."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
import yaml

pytest.importorskip("highspy")

from benchmarks.ladder import __main__ as command
from benchmarks.ladder import course as course_module
from benchmarks.ladder import play as play_module
from benchmarks.ladder import score, table, work
from benchmarks.ladder.bound import slack_of
from benchmarks.ladder.course import make_course, worlds_of
from benchmarks.ladder.journal import Journal
from benchmarks.ladder.play import played
from benchmarks.ladder.rungs import build
from benchmarks.ladder.work import BOUND, Task
from wattbit.series import source
from wattbit.world.state import TERMS

POLICIES = ("do-nothing", "threshold")
WEEKS = 2


@pytest.fixture(scope="module")
def world(tmp_path_factory, scenario):
    """The default scenario with episodes of two days, as a file."""
    path = tmp_path_factory.mktemp("ladder") / "short.yaml"
    config = scenario("japan3", episode={"steps": 96})
    path.write_text(yaml.safe_dump(config.model_dump(mode="json")), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def journals(tmp_path_factory):
    """A folder in place of the cache."""
    return tmp_path_factory.mktemp("journals")


@pytest.fixture
def run(world, journals, monkeypatch):
    """Run the command on the short scenario, with a folder of journals that tests share unless they name another."""

    def run(*arguments, policies=POLICIES, folder=None):
        monkeypatch.setattr(work, "cache_root", lambda: folder or journals)
        return command.main(
            [f"--scenario={world}", f"--weeks={WEEKS}", f"--policies={','.join(policies)}", "--slack-weeks=1"]
            + [str(argument) for argument in arguments]
        )

    return run


def synthetic(costs, bound, weeks=4):
    """A ladder of made-up weekly costs in M JPY."""
    course = make_course("japan3", weeks, (0,))
    week = np.arange(weeks, dtype=float)

    def rows(cost):
        return [{"cost_jpy": 1e6 * (cost + w), "co2_kg": 1.0, "decision_ms": 1.0, "fallbacks": 0.0} for w in week]

    results = {("play", name): rows(cost) for name, cost in costs.items()}
    results["bound", BOUND] = [{**row, "terms_jpy": dict.fromkeys(TERMS, 0.0)} for row in rows(bound)]
    return build(course, list(costs), "tuned", results)


def missed(ladder):
    return [figure.name for figure in command.checks(ladder)[0] if figure.missed]


def test_every_policy_plays_the_same_weeks_above_the_bound(run, tmp_path, capsys):
    out, page = tmp_path / "ladder.json", tmp_path / "ladder.md"
    assert run("--out", out, "--markdown", page, "--check") == 0
    shown = capsys.readouterr().out
    ladder = json.loads(out.read_text(encoding="utf-8"))["ladders"][0]
    assert [policy["name"] for policy in ladder["policies"]] == [*POLICIES, "tuned"]
    bound = np.array(ladder["bound"]["cost_jpy"])
    for policy in ladder["policies"]:
        assert len(policy["cost_jpy"]) == WEEKS == len(ladder["weeks"])
        assert (np.array(policy["cost_jpy"]) > bound).all()
        assert (policy["captured"] is None) == (policy["name"] == "tuned")
        assert policy["decision_ms"] > 0.0
        assert policy["co2_t"] > 0.0
    assert sum(ladder["bound"]["terms_jpy"].values()) == pytest.approx(ladder["bound"]["mean_jpy"], rel=1e-6)
    assert ladder["slack"][0]["name"] == "tuned"
    assert ladder["slack"][0]["broken"] == {}
    assert "episodes below the bound" in shown
    assert "not checked, since not played: japan3: captured share of mpc-dual" in shown
    assert page.read_text(encoding="utf-8").count("| tuned |") == 1


def test_costs_are_those_of_a_batch_that_plays_the_weeks_at_once(run, tmp_path, world):
    from wattbit_agents.evaluation import evaluate

    assert run("--out", tmp_path / "ladder.json") == 0
    ladder = json.loads((tmp_path / "ladder.json").read_text(encoding="utf-8"))["ladders"][0]
    scores = evaluate(["threshold"], world, n_weeks=WEEKS, reference="threshold").entry("threshold").scores
    shown = next(policy for policy in ladder["policies"] if policy["name"] == "threshold")
    assert shown["cost_jpy"] == [round(cost) for cost in scores.get("cost_jpy")[0]]


def test_who_orders_single_cars_is_played_and_embedded_too(scenario, monkeypatch):
    config = scenario("japan3", episode={"steps": 96})
    seen = slack_of(config, "mpc-dual-cars", 0, 0)
    assert seen["broken"] == {}
    assert sum(seen["slack_jpy"].values()) > 0.0
    # In float32 a planner goes other ways of nearly the same cost; in float64 it is the same week to the yen.
    monkeypatch.setattr(play_module, "worlds_of", partial(worlds_of, precision="float64"))
    assert seen["cost_jpy"] == pytest.approx(played(config, "mpc-dual-cars", 0, 0)["cost_jpy"], rel=1e-9)


def test_a_second_run_plays_nothing_again(run, monkeypatch, tmp_path):
    assert run("--out", tmp_path / "a.json") == 0

    def refuse(task):
        raise AssertionError(f"{task.what} {task.name} again")

    monkeypatch.setattr(Task, "do", refuse)
    assert run("--out", tmp_path / "b.json") == 0
    a, b = (json.loads((tmp_path / name).read_text(encoding="utf-8"))["ladders"] for name in ("a.json", "b.json"))
    assert a == b


def test_an_interrupted_run_goes_on_where_it_stopped(run, monkeypatch, tmp_path, capsys):
    do, done = Task.do, []

    def interrupted(task):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append((task.what, task.name, task.week))
        return do(task)

    monkeypatch.setattr(Task, "do", interrupted)
    assert run(folder=tmp_path, policies=("do-nothing",)) == 130
    assert "the same command goes on" in capsys.readouterr().err
    (path,) = (tmp_path / "ladder").iterdir()
    assert len(path.read_bytes().splitlines()) == 2

    def counted(task):
        done.append((task.what, task.name, task.week))
        return do(task)

    monkeypatch.setattr(Task, "do", counted)
    assert run(folder=tmp_path, policies=("do-nothing",)) == 0
    assert len(done) == len(set(done)), "a week was played twice"
    assert {(what, name) for what, name, _ in done} == {
        ("bound", "bound"), ("slack", "tuned"), ("play", "do-nothing"), ("play", "tuned")
    }  # fmt: skip


def test_a_line_that_was_cut_short_is_made_again_and_spoils_no_other(tmp_path):
    path = tmp_path / "j.jsonl"
    journal = Journal(path)
    journal.add(("play", 0), {"cost_jpy": 1.5})
    path.write_bytes(path.read_bytes() + b'{"key": ["play", 1], "res')
    journal = Journal(path)
    assert journal.get(("play", 1)) is None
    journal.add(("play", 1), {"cost_jpy": 2.5})
    again = Journal(path)
    assert again.get(("play", 0)) == {"cost_jpy": 1.5}
    assert again.get(("play", 1)) == {"cost_jpy": 2.5}


def test_other_code_or_another_world_is_another_key(monkeypatch, world):
    course = make_course("japan3", 1, (0,))
    task = Task("play", "mpc-dual", 0, 3, course.scenario, None)
    key = work.key_of(course, task)
    assert key == work.key_of(course, Task("play", "mpc-dual", 0, 3, course.scenario, None))
    other = make_course(world, 1, (0,))
    assert key != work.key_of(other, Task("play", "mpc-dual", 0, 3, other.scenario, None))
    texts = {"module.py": b"a = 1"}
    monkeypatch.setattr(course_module, "_sources", lambda *_, **__: list(texts.items()))
    course_module.code_of.cache_clear()
    before = work.key_of(course, task)
    texts["module.py"] = b"a = 2"
    course_module.code_of.cache_clear()
    assert before != work.key_of(course, task)
    course_module.code_of.cache_clear()


def test_rules_are_not_played_again_when_the_program_changes_nor_planners_when_the_bound_does(monkeypatch):
    read, digest = {}, course_module._digest

    def noted(files, *more):
        read["last"] = {name for name, _ in files}
        return digest(files, *more)

    monkeypatch.setattr(course_module, "_digest", noted)
    for name, packages in (("tuned", ()), ("mpc-dual", ("lp",)), ("bound", ("lp", "bound"))):
        course_module.code_of.cache_clear()
        course_module.code_of(name)
        assert "baselines/rules.py" in read["last"]
        assert "baselines/tuned/japan3.yaml" in read["last"]
        for package in ("lp", "bound"):
            assert any(f"baselines/{package}/" in file for file in read["last"]) == (package in packages)
    course_module.code_of.cache_clear()


def test_a_policy_below_the_bound_fails_the_check(run, monkeypatch, tmp_path, capsys):
    def cheap(scenario, name, week, seed, data_root=None):
        cost = -1e12 if name == "do-nothing" and week > 200 else 1e12
        return {"cost_jpy": cost, "co2_kg": 1.0, "decision_ms": 1.0, "fallbacks": 0.0}

    monkeypatch.setattr(work, "played", cheap)
    assert run("--check", folder=tmp_path) == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if "below the bound" in line)
    assert "do-nothing 1" in line
    assert line.endswith("MISSED")


def test_the_check_knows_a_good_ladder_from_a_bad_one():
    good = {"siloed": 12.0, "tuned": 10.0, "mpc-dual": 6.5}
    assert missed(synthetic(good, 6.0)) == []
    assert missed(synthetic(good | {"mpc-dual": 7.0}, 6.0)) == ["japan3: captured by mpc-dual"]
    assert missed(synthetic(good | {"siloed": 10.0}, 6.0)) == ["japan3: rules that tuned does not beat: siloed"]
    below = "japan3: episodes below the bound: mpc-dual 4"
    assert missed(synthetic(good | {"mpc-dual": 5.9}, 6.0)) == [below]


def test_a_scale_too_small_to_divide_by_gives_no_share():
    ladder = synthetic({"tuned": 100.5, "mpc-dual": 100.1}, 100.0)
    assert ladder.rung("mpc-dual").captured is None
    assert "japan3: captured share of mpc-dual" in command.checks(ladder)[1]
    assert "too little to divide by" in table.headroom_line(ladder)


def test_the_headroom_is_what_the_planner_leaves():
    ladder = synthetic({"tuned": 10.0, "mpc-dual": 7.0}, 6.0)
    assert ladder.headroom("mpc-dual").value == pytest.approx(1e6)
    assert "25.0 % of what the bound gains over tuned" in table.headroom_line(ladder)
    assert ladder.headroom("greedy") is None


def test_test_weeks_are_spread_over_years_and_months():
    course = make_course("japan3", None, (0,))
    assert len(course.weeks) == 104
    series, _ = source.load("generated", [a.name for a in course.scenario.areas], "test", None, course.scenario.grid)
    assert sorted(np.unique(course.years, return_counts=True)[1]) == 6 * [10] + 4 * [11]
    months = pd.Series([series.time_of(336 * week).month for week in course.weeks]).value_counts()
    assert len(months) == 12
    assert months.min() >= 7


def test_weather_years_are_those_of_the_dates_where_months_cut_the_split():
    course = make_course("golden-week", 16, (0,))
    config = course.scenario
    starts = worlds_of(config, "threshold").batch.constants.starts
    assert course.years == tuple(10 + int(starts[week]) // (52 * 336) for week in course.weeks)
    assert len(set(course.years)) > 1


def test_what_a_policy_draws_belongs_to_its_week(world):
    config = make_course(world, 1, (0,)).scenario
    one = played(config, "random", 3, 0)
    played(config, "random", 4, 0)
    again = played(config, "random", 3, 0)
    assert one["cost_jpy"] == again["cost_jpy"]
    assert one["cost_jpy"] != played(config, "random", 3, 1)["cost_jpy"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--policies", "thresold"], "did you mean threshold"),
        (["--scenario", "kyushu-spring", "--policies", "tuned"], "nothing is frozen"),
        (["--reference", "tunned"], "did you mean tuned"),
        (["--scenario", "japan4"], "did you mean"),
        (["--seeds", "1", "1"], "must be different"),
        (["--scenario", "japan9", "--real"], "no real year"),
        (["--slack", "tuned,foo"], "unknown policy 'foo'"),
        (["--policies", ","], "names no policy"),
        (["--scenarios", "all", "--policies", "tuned"], "no meaning with --scenarios all"),
    ],
)
def test_a_mistake_is_one_line_before_anything_is_played(arguments, words, monkeypatch, capsys):
    monkeypatch.setattr(Task, "do", lambda task: pytest.fail("played"))
    assert command.main(["--weeks", "1", *arguments]) == 2
    shown = capsys.readouterr().err.strip().splitlines()
    assert len(shown) == 1
    assert words in shown[0]


@pytest.mark.parametrize("option", ["--out", "--markdown"])
def test_a_file_that_cannot_be_written_is_said_before_anything_is_played(option, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Task, "do", lambda task: pytest.fail("played"))
    for path, words in ((tmp_path / "none" / "x.json", "there is no folder"), (tmp_path, "is a folder")):
        with pytest.raises(SystemExit, match="2"):
            command.main(["--weeks", "1", option, str(path)])
        assert words in capsys.readouterr().err


def test_without_real_data_the_real_year_is_left_out_in_so_many_words(run, monkeypatch, capsys):
    monkeypatch.delenv("WATTBIT_DATA", raising=False)
    assert run("--real") == 0
    assert "japan3-fy2024: left out: real data are needed" in capsys.readouterr().out


def test_holm_corrects_step_by_step():
    assert score.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert score.holm([0.6, 0.7]) == [1.0, 1.0]
    assert score.holm([]) == []


def test_sign_flips_know_chance_from_effect():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=60)
    assert score.sign_flip_p(noise - noise.mean()) > 0.5
    assert score.sign_flip_p(noise + 1.0) < 0.001
    assert score.sign_flip_p(np.ones(4)) == pytest.approx(2 / 16), "all 16 flips are counted"
    assert score.sign_flip_p(np.zeros(4)) == 1.0


def test_intervals_by_year_know_that_weeks_of_a_year_are_alike():
    level = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], 20)
    years = np.repeat(range(5), 20)
    found = score.mean_difference(level, np.zeros_like(level), years)
    assert found.value == pytest.approx(3.0)
    assert found.low < 3.0 < found.high
    assert found.high_by_year - found.low_by_year > 2.0 * (found.high - found.low)
    few = score.mean_difference(level[:40], np.zeros(40), years[:40])
    assert few.low_by_year is None, "two years are no sample of years"


def test_intervals_by_week_agree_with_those_of_the_evaluation():
    from wattbit_agents.stats import paired_difference

    rng = np.random.default_rng(1)
    cost, base = rng.normal(3.0, 1.0, 80), rng.normal(0.0, 1.0, 80)
    ours = score.mean_difference(cost, base, [0] * 80)
    theirs = paired_difference(cost[None], base[None], rng)
    assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.mean, theirs.low, theirs.high), abs=0.02)


def test_the_captured_share_is_a_ratio_of_sums():
    cost, tuned, bound = np.array([5.0, 90.0]), np.array([10.0, 100.0]), np.array([0.0, 80.0])
    found = score.captured_share(cost, tuned, bound, [10, 11])
    assert found.value == pytest.approx(15.0 / 30.0)
    assert (found.low, found.high) == pytest.approx((0.5, 0.5)), "both weeks capture half"
    uneven = score.captured_share(np.array([0.0, 100.0]), tuned, bound, [10, 11])
    assert uneven.value == pytest.approx(10.0 / 30.0)
    assert (uneven.low, uneven.high) == pytest.approx((0.0, 1.0))


@pytest.mark.slow
def test_two_processes_find_what_one_finds(run, tmp_path):
    found = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        assert run("--jobs", jobs, "--out", tmp_path / "x.json", folder=folder) == 0
        ladder = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["ladders"][0]
        found.append([(p["name"], p["cost_jpy"], p["captured"]) for p in ladder["policies"]])
    assert found[0] == found[1]
