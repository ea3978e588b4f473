"""A planner that is told nothing is the policy itself; one that is told something plans with what really comes."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

pytest.importorskip("highspy")

from benchmarks.information import __main__ as command
from benchmarks.information.follow import followed
from benchmarks.information.play import VARIANTS, Variant, perfect, played
from benchmarks.information.truth import GROUPS, Informed, record_truth
from benchmarks.ladder.course import policy_of, worlds_of
from wattbit.env import AggregatorEnv
from wattbit_agents.baselines.lp.planners import make_planner
from wattbit_agents.baselines.lp.sight import Sight
from wattbit_agents.rollout import score_weeks

WEEK, SEED, STEP = 5, 0, 20
POLICY = "mpc-dual-8"


@pytest.fixture(scope="module")
def short(scenario):
    """Episodes of a day."""
    return scenario("japan3", episode={"steps": 48})


@pytest.fixture(scope="module")
def truth(short):
    return record_truth(short, WEEK, SEED, "test")


@pytest.fixture(scope="module")
def moment(short):
    """The honest outlook, and what is seen after some half hours of charging."""
    env = AggregatorEnv(short, info_level="none", precision="float64", forecast="full", assets="each")
    planner = make_planner(POLICY, env)
    observation, _ = env.reset(seed=SEED, options={"week": WEEK})
    for _ in range(STEP):
        observation = env.step(np.full(env.action_space.shape, 0.5, np.float32))[0]
    return planner._outlook, Sight(env.observation_layout, observation)


def paths(moment, truth, groups):
    outlook, see = moment
    told = Informed(outlook, truth, groups)
    return [o.path(see, 4, o.prices(see, see.clock(), None)) for o in (outlook, told)]


def test_an_unknown_group_is_refused(moment, truth):
    with pytest.raises(ValueError, match="must be among prices"):
        Informed(moment[0], truth, ("everything",))


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("prices", ("slope",)),
        ("work", ("realtime_mw", "interactive_mw")),
        ("reserve", ("reserve_price_jpy_per_mw", "up_share")),
        ("site", ("temperature_c", "carbon_kg_per_mwh")),
    ],
)
def test_a_group_is_the_truth_and_the_rest_stays(moment, truth, group, names):
    honest, told = paths(moment, truth, (group,))
    for name in names:
        np.testing.assert_array_equal(getattr(told, name), getattr(truth.path, name)[STEP : STEP + 4])
    for other in ("temperature_c", "slope", "realtime_mw", "reserve_price_jpy_per_mw"):
        if other not in names and group != "site":
            np.testing.assert_array_equal(getattr(told, other), getattr(honest, other))
    assert any((getattr(told, name) != getattr(honest, name)).any() for name in names)


def test_prices_and_imbalance_make_the_settled_price(moment, truth):
    told = paths(moment, truth, ("prices", "imbalance"))[1]
    np.testing.assert_allclose(told.price_jpy_per_mwh, truth.path.price_jpy_per_mwh[STEP : STEP + 4], rtol=1e-6)


def test_cars_keep_their_energy_and_know_their_trips(moment, truth):
    honest, told = paths(moment, truth, ("cars",))
    np.testing.assert_array_equal(told.cars.start_kwh, honest.cars.start_kwh)
    np.testing.assert_array_equal(told.cars.after_kwh, truth.path.cars.after_kwh[STEP : STEP + 4])
    np.testing.assert_array_equal(told.cars.share, truth.path.cars.share[STEP : STEP + 4])
    # The lower limits that nobody can go below follow from the energy now and the true stays.
    assert (told.cars.low_kwh <= told.cars.ceiling_kwh + 1e-6).all()


def test_told_nothing_it_is_the_policy(short, truth):
    mine = played(short, POLICY, Variant("nothing"), truth, WEEK, SEED)
    env = worlds_of(short, POLICY, "float64")
    scores = score_weeks(policy_of(POLICY, env, SEED, WEEK), env, [WEEK], [SEED])
    assert mine["cost_jpy"] == pytest.approx(float(scores.get("cost_jpy")[0, 0]), rel=1e-9)
    assert sum(mine["terms_jpy"].values()) == pytest.approx(mine["cost_jpy"], rel=1e-9)


def test_told_all_a_plan_of_periods_is_cheaper(short, truth):
    # Calls of reserve in the first half hour are passed on by a plan half of which is taken together.
    assert truth.path.up_share.any()
    nothing, everything = (played(short, "mpc-dual", Variant("", told), truth, WEEK, SEED) for told in ((), GROUPS))
    assert everything["fallbacks"] == 0
    assert everything["cost_jpy"] < nothing["cost_jpy"]


def test_a_plan_is_followed_closer_than_it_is_carried_out(short, truth):
    blind, seeing = perfect(short, truth, WEEK, SEED), followed(short, POLICY, truth, WEEK, SEED)
    assert blind["bound_jpy"] < blind["plan_jpy"] < seeing["plan_jpy"]
    assert seeing["fallbacks"] == 0
    assert seeing["cost_jpy"] < 1.025 * seeing["plan_jpy"]
    # What both plans wear differs from the planner's price, by little.
    for result in (blind, seeing):
        assert 0.0 < abs(result["worn_jpy"] / result["plan_jpy"] - 1.0) < 0.02
    assert seeing["cost_jpy"] < blind["cost_jpy"]
    assert seeing["cost_jpy"] < seeing["box_jpy"] < blind["box_jpy"]
    assert sum(seeing["plan_terms_jpy"].values()) == pytest.approx(seeing["plan_jpy"], rel=1e-9)


def test_variants_tell_every_group():
    assert {v.name for v in VARIANTS} >= set(GROUPS)
    assert set(next(v for v in VARIANTS if v.name == "all").groups) == set(GROUPS)


def test_the_command_shows_gains_and_goes_on(short, tmp_path, monkeypatch, capsys):
    file, out = tmp_path / "short.yaml", tmp_path / "out.json"
    file.write_text(yaml.safe_dump(short.model_dump(mode="json")), encoding="utf-8")
    monkeypatch.setattr(command, "cache_root", lambda: tmp_path)
    arguments = [f"--scenario={file}", "--weeks=2", f"--policy={POLICY}", "--told=all", f"--json={out}"]
    assert command.main(arguments) == 0
    first = capsys.readouterr().out
    assert "oracle's plan, through the Box" in first
    assert out.is_file()
    monkeypatch.setattr(command, "played", None)  # what is known is not played again
    assert command.main(arguments) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--told=prizes", "unknown 'prizes'"),
        ("--policy=mpc-duel", "unknown planner 'mpc-duel'"),
        ("--policy=mpc-stochastic", "drawn courses of the imbalance"),
    ],
)
def test_mistakes_end_in_one_message(argument, said, capsys):
    assert command.main([argument]) == 2
    assert said in capsys.readouterr().err
