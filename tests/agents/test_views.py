"""Policies that need more than the ordinary observation, and the worlds that show it to them."""

from typing import ClassVar

import numpy as np
import pytest

from wattbit.action import control_of
from wattbit_agents import evaluation
from wattbit_agents.baselines import make_policy
from wattbit_agents.certificates import evaluated_week
from wattbit_agents.errors import PolicyError
from wattbit_agents.evaluation import evaluate, find_policy, view_of
from wattbit_agents.learning.vec_env import WattbitVecEnv
from wattbit_agents.rollout import needed_view, score_weeks
from wattbit_agents.silo import SiloPolicy
from wattbit_agents.worlds import scoring_worlds, training_worlds


class Planner:
    """Does what `threshold` does after looking at everything; remembers what it was given."""

    forecast = "full"
    assets = "each"
    made: ClassVar[list["Planner"]] = []

    def __init__(self, worlds, seed):
        self.worlds, self.layout, self.sizes = worlds, worlds.observation_layout, set()
        self._rule = make_policy("threshold", worlds, seed)
        Planner.made.append(self)

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        self.sizes.add(observation.shape)
        cars = self.layout.get(observation, "car_energy_kwh")
        assert cars.shape[-1] == self.worlds.scenario.fleet.vehicles
        assert (self.layout.get(observation, "price_path_jpy_per_mwh") > 0.0).any()
        return self._rule.predict(observation, state)


class Narrow(Planner):
    """The same, made by a name that asks for single assets only."""

    forecast = "blocks"

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        self.sizes.add(observation.shape)
        return self._rule.predict(observation, state)


class ByCar:
    """Orders every car by itself: the first of each area charges, the others rest."""

    orders = "car"

    def __init__(self, worlds, seed):
        self.worlds = worlds
        self._action = np.array(
            [float(name.endswith("_run") or name == "car_power_0") for name in worlds.action_layout]
        )

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        areas = len(self.worlds.scenario.areas)
        return np.tile(self._action.astype(np.float32), (len(observation), areas)), state


@pytest.fixture
def planners(monkeypatch):
    made = {"plan": Planner, "plan-again": Planner, "plan-cars": Narrow}
    monkeypatch.setattr(evaluation, "PLANNERS", evaluation.PLANNERS | made)
    Planner.made.clear()
    return Planner.made


def test_a_policy_says_what_it_needs(planners):
    assert needed_view(object()) == needed_view(None) == ("blocks", "sums", "area")
    assert needed_view(Planner) == ("full", "each", "area")
    assert needed_view(object(), Narrow) == ("blocks", "each", "area")
    assert needed_view(object(), ByCar) == ("blocks", "sums", "car")
    assert view_of("threshold") == view_of("runs/some-run") == view_of("nonsense") == ("blocks", "sums", "area")
    assert view_of("plan") == view_of("silo:tou+plan") == ("full", "each", "area")
    assert view_of("silo:plan-cars+tou") == ("blocks", "each", "area")
    assert view_of("mpc-dual-cars") == ("full", "each", "car")


def test_each_policy_of_an_evaluation_sees_what_it_asked_for(toy, planners):
    result = evaluate(["threshold", "plan", "plan-again", "plan-cars"], toy, n_weeks=2, seeds=(0, 1))
    values = {entry.name: entry.scores.values for entry in result.entries}
    assert result.facts["world_hash"]
    for name in ("plan", "plan-again", "plan-cars"):  # same worlds, same draws, same actions
        np.testing.assert_array_equal(values[name], values["threshold"])
    plan, again, cars = planners
    assert plan.worlds is again.worlds
    assert (plan.worlds.forecast, plan.worlds.assets) == ("full", "each")
    assert (cars.worlds.forecast, cars.worlds.assets) == ("blocks", "each")
    assert plan.sizes == {(4, plan.layout.size)}
    assert cars.sizes == {(4, cars.layout.size)}
    ordinary = scoring_worlds("Aggregator-v0", toy, 1, "test").observation_layout.size
    assert ordinary < cars.layout.size < plan.layout.size


def test_rules_keep_the_ordinary_observation_beside_a_planner(toy, planners, monkeypatch):
    seen = {}

    def watched(policy, worlds, weeks, seeds):
        seen[type(policy).__name__] = (worlds.forecast, worlds.assets)
        return score_weeks(policy, worlds, weeks, seeds)

    monkeypatch.setattr(evaluation, "score_weeks", watched)
    evaluate(["plan", "greedy"], toy, n_weeks=1)
    assert seen == {"RulePolicy": ("blocks", "sums"), "Planner": ("full", "each")}


def test_a_pair_with_a_planner_sees_what_the_planner_needs(toy, planners):
    result = evaluate(["silo:threshold+threshold", "silo:threshold+plan"], toy, n_weeks=1)
    one, two = (result.entry(f"silo:threshold+{half}").scores.values for half in ("threshold", "plan"))
    np.testing.assert_array_equal(one, two)
    pair = SiloPolicy(make_policy("tou", planners[0].worlds), planners[0], 1)
    assert needed_view(pair) == ("full", "each", "area")


def test_too_small_a_view_is_refused(toy, planners):
    worlds = scoring_worlds("Aggregator-v0", toy, 1, "test", assets="each")
    with pytest.raises(PolicyError, match=r"Planner needs forecast='full', assets='each', .*; the worlds have .*'blo"):
        score_weeks(Planner(worlds, 0), worlds, [0], [0])


def test_a_policy_that_orders_cars_plays_where_cars_are_ordered(toy, monkeypatch):
    monkeypatch.setattr(evaluation, "PLANNERS", {"by-car": ByCar})
    result = evaluate(["do-nothing", "by-car", "silo:do-nothing+by-car"], toy, n_weeks=1)
    j = {entry.name: entry.scores.values for entry in result.entries}
    np.testing.assert_array_equal(j["silo:do-nothing+by-car"], j["by-car"])
    assert not np.array_equal(j["do-nothing"], j["by-car"])
    worlds = scoring_worlds("Aggregator-v0", toy, 1, "test")
    with pytest.raises(PolicyError, match=r"ByCar needs .*orders='car'; the worlds have .*orders='area'"):
        score_weeks(ByCar(worlds, 0), worlds, [0], [0])


def test_a_rule_orders_every_car_as_it_would_the_fleet(toy):
    worlds = scoring_worlds("Aggregator-v0", toy, 1, "test", orders="car")
    shared = scoring_worlds("Aggregator-v0", toy, 1, "test")
    observation = worlds.reset(seed=0)[0]
    by_car, by_area = (make_policy("tou", env).predict(observation)[0] for env in (worlds, shared))
    names = worlds.action_layout
    for name, value in zip(shared.action_layout, by_area[0], strict=False):
        found = [x for n, x in zip(names, by_car[0], strict=False) if control_of(n) == name]
        assert found == [value] * (toy.fleet.vehicles if name == "fleet_power" else 1)
    # At their ends the set-points of a fleet and of all its cars are the same.
    full = [score_weeks(make_policy("siloed", env), env, [0], [0]).values for env in (worlds, shared)]
    np.testing.assert_allclose(full[0], full[1], rtol=1e-5)


def test_a_model_does_not_play_beside_a_planner(toy, planners, tmp_path):
    worlds = scoring_worlds("Aggregator-v0", toy, 1, "test", forecast="full", assets="each")
    with pytest.raises(PolicyError, match="a model cannot play beside a planner"):
        find_policy(f"silo:{tmp_path}+plan", worlds, "Aggregator-v0", 0)


def test_an_unknown_name_is_answered_with_the_nearest_planner(toy, planners):
    with pytest.raises(PolicyError, match="did you mean plan-cars"):
        evaluate(["plan-car"], toy, n_weeks=1)


def test_certificates_of_a_planner_are_those_of_what_it_does(toy, planners):
    one, two = (evaluated_week(name, toy) for name in ("threshold", "plan"))
    np.testing.assert_array_equal(one.load_mwh, two.load_mwh)
    np.testing.assert_array_equal(one.matched_mwh, two.matched_mwh)
    assert two.facts["policy"] == "plan"
    assert planners[0].sizes == {(1, planners[0].layout.size)}


@pytest.mark.parametrize("make", [training_worlds, lambda *a, **k: scoring_worlds(*a, "train", **k)])
def test_learners_see_the_same_when_they_ask_for_it(make, toy):
    steady = np.tile(np.array([0, 0, 0, 0, 0.1, 0, 0, 0], np.float32), (3, 1))
    worlds, twin = (make("Aggregator-v0", toy, 3, forecast="full", assets="each") for _ in range(2))
    env = WattbitVecEnv(worlds, seed=5)
    assert env.observation_space.shape == (worlds.observation_layout.size,)
    np.testing.assert_array_equal(env.reset(), twin.reset(seed=5)[0])
    for _ in range(96):
        observation, _, done, infos = env.step(steady)
        other, _, _, _, _, final = twin.step_arrays(steady)
        np.testing.assert_array_equal(observation, other)
    assert done.all()
    for i, info in enumerate(infos):
        np.testing.assert_array_equal(info["terminal_observation"], final[i])
        assert not np.array_equal(info["terminal_observation"], observation[i])
