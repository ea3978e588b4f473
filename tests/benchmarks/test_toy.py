"""A world with a known answer: the exact value is exact, and nothing that is played or planned is on its wrong side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.toy import __main__ as toy
from benchmarks.toy.chain import PriceChain
from benchmarks.toy.dynamic import Moves, Solution, clairvoyant_jpy, solve
from benchmarks.toy.play import ExactPolicy, play, standard_error
from benchmarks.toy.world import CHAIN, Sizes, ToyWorlds, sizes, toy_scenario
from wattbit.config import ScenarioConfig
from wattbit.world import state as s
from wattbit_agents.baselines import RULES, make_policy

STEPS = 48
PATHS = 200
ROUNDING = 1e-6
"""Relative; actions are float32."""


@pytest.fixture(scope="module")
def exact() -> Solution:
    return solve(sizes(toy_scenario()), CHAIN, STEPS)


@pytest.fixture(scope="module")
def levels():
    return CHAIN.draw(PATHS, STEPS, 3)


@pytest.fixture(scope="module")
def worlds(levels) -> ToyWorlds:
    return ToyWorlds(PATHS, levels, CHAIN, toy_scenario())


@pytest.fixture(scope="module")
def bound(levels):
    return clairvoyant_jpy(sizes(toy_scenario()), CHAIN, levels)


def test_paths_follow_the_chain():
    levels = CHAIN.draw(20_000, 10, 0)
    assert CHAIN.matrix.sum(axis=1) == pytest.approx(1.0)
    assert CHAIN.stationary @ CHAIN.matrix == pytest.approx(CHAIN.stationary)
    for t in (0, 9):
        assert np.bincount(levels[:, t]) / len(levels) == pytest.approx(CHAIN.stationary, abs=0.015)
    for level, row in enumerate(CHAIN.matrix):
        after = levels[:, 1:][levels[:, :-1] == level]
        assert np.bincount(after, minlength=3) / len(after) == pytest.approx(row, abs=0.01)


def test_the_forecast_that_policies_see_is_that_of_the_chain():
    columns = CHAIN.forecast_columns()
    ahead = np.stack([np.linalg.matrix_power(CHAIN.matrix, k) @ CHAIN.prices for k in range(1, 7)])
    assert columns[:, 0] == pytest.approx(ahead.mean(axis=0), rel=1e-6)
    assert columns[:, 5] == pytest.approx(np.ptp(ahead, axis=0), rel=1e-5)
    assert columns[[0, -1], -3] == pytest.approx([0.0, 1.0]), "rank within 24 h"


def test_a_finer_grid_gains_nothing(exact):
    finer = solve(sizes(toy_scenario(), 1.25), CHAIN, STEPS)
    assert finer.cost_jpy == pytest.approx(exact.cost_jpy, rel=1e-12)
    # Values between the points of the grid are exact too.
    rng = np.random.default_rng(0)
    battery, cars = rng.integers(2 * exact.size.top[0] + 1, size=500), rng.integers(2 * exact.size.top[1] + 1, size=500)
    for t in (0, 23, 47):
        assert exact.value(t, battery / 2, cars / 2) == pytest.approx(finer.values[t][:, battery, cars], abs=1e-6)


def tree_cost_jpy(size: Sizes, chain: PriceChain, steps: int, first: int) -> float:
    """Least expected cost from one price on, by a linear program over all futures: no grid, other formulas."""
    from scipy.optimize import linprog

    nodes: list[tuple[int, float, tuple[int, ...]]] = [(first, 1.0, ())]  # level, probability, earlier nodes
    last = [0]
    for _ in range(steps - 1):
        grown = []
        for k in last:
            level, probability, before = nodes[k]
            for to in np.flatnonzero(chain.matrix[level]):
                nodes.append((int(to), probability * chain.matrix[level, to], (*before, k)))
                grown.append(len(nodes) - 1)
        last = grown
    # Per node: battery in and out, cars in and out, load beyond the connection.
    wear, pay, over = size.step_jpy
    n = len(nodes)
    cost, rows, limits = np.zeros(5 * n), [], []
    worth = size.step_mwh * chain.mean_jpy_per_mwh
    for k, (level, probability, before) in enumerate(nodes):
        energy = size.step_mwh * chain.prices[level] - worth  # what is bought is worth the mean price at the end
        cost[5 * k : 5 * k + 5] = probability * np.array([energy + wear, wear - energy, energy, pay - energy, over])
        for sign in (1.0, -1.0):
            row = np.zeros(5 * n)
            row[5 * k : 5 * k + 5] = (sign, -sign, sign, -sign, -1.0)
            rows.append(row)
            limits.append(size.connection)
        stock = np.zeros((2, 5 * n))
        for j in (*before, k):
            stock[0, 5 * j : 5 * j + 2] = (1.0, -1.0)
            stock[1, 5 * j + 2 : 5 * j + 4] = (1.0, -1.0)
        rows += [stock[0], -stock[0], -stock[1]]
        limits += [size.top[0] - size.start[0], size.start[0], size.start[1]]
    high = [size.power[0]] * 2 + [size.power[1]] * 2 + [None]
    found = linprog(cost, np.stack(rows), limits, bounds=[(0, top) for top in high] * n)
    assert found.status == 0
    return float(found.fun)


def test_a_program_over_all_futures_finds_the_same_value():
    size = replace(sizes(toy_scenario()), start=(1, 3), top=(5, 13))  # near both ends of the battery, and the floor
    found = solve(size, CHAIN, 5)
    for level in range(3):
        least = tree_cost_jpy(size, CHAIN, 5, level)
        assert found.values[0, level, 1, 3] == pytest.approx(least, rel=1e-9)


def searched_jpy(size: Sizes, chain: PriceChain, path: NDArray[np.int64]) -> float:
    """Least cost of one price path, by trying every move from every state that can be reached."""
    moves, best = Moves.of(size), {size.start: 0.0}
    for price in chain.prices[path]:
        after: dict[tuple[int, int], float] = {}
        for (battery, cars), so_far in best.items():
            for a, b, fixed in zip(moves.battery, moves.cars, moves.fixed_jpy, strict=True):
                to = (battery + int(a), cars + int(b))
                if 0 <= to[0] <= size.top[0] and 0 <= to[1] <= size.top[1]:
                    cost = so_far + fixed + price * size.step_mwh * (a + b)
                    after[to] = min(after.get(to, np.inf), cost)
        best = after
    worth = size.step_mwh * chain.mean_jpy_per_mwh
    return min(cost - worth * (sum(to) - sum(size.start)) for to, cost in best.items())


def test_a_search_through_all_moves_finds_the_same_bound():
    size, path = replace(sizes(toy_scenario()), start=(1, 3), top=(5, 13)), np.array([1, 2, 2, 0, 1])
    assert clairvoyant_jpy(size, CHAIN, path[None])[0] == pytest.approx(searched_jpy(size, CHAIN, path), rel=1e-9)


def test_the_world_charges_the_exact_policy_what_was_worked_out(exact, worlds, levels):
    played = play(ExactPolicy(worlds, exact), worlds, exact, levels)
    assert played.fair_jpy == pytest.approx(exact.cost_jpy, rel=ROUNDING), "without luck every day costs the same"
    assert abs(played.cost_jpy.mean() - exact.cost_jpy) < 3.0 * standard_error(played.cost_jpy)
    assert standard_error(played.cost_jpy) < 0.03 * -exact.cost_jpy


@pytest.mark.parametrize("name", sorted(set(RULES) - set(toy.LEFT_OUT)))
def test_no_policy_is_below_the_exact_value_or_the_bound(name, exact, worlds, levels, bound):
    played = play(make_policy(name, worlds, 0), worlds, exact, levels)
    slack = -ROUNDING * exact.cost_jpy
    assert (played.fair_jpy >= exact.cost_jpy - slack).all()
    assert (played.cost_jpy >= bound - slack).all()
    assert abs(played.luck_jpy.mean()) < 3.0 * standard_error(played.luck_jpy)


def test_the_bound_is_below_the_exact_value_and_foresight_is_worth_something(exact, worlds, levels, bound):
    best = play(ExactPolicy(worlds, exact), worlds, exact, levels)
    assert (bound <= best.cost_jpy).all()
    assert bound.mean() + 3.0 * standard_error(bound) < exact.cost_jpy


def test_the_connection_matters(exact, worlds, levels):
    free = solve(replace(exact.size, step_jpy=(*exact.size.step_jpy[:2], 0.0)), CHAIN, STEPS)
    assert free.cost_jpy < 1.03 * exact.cost_jpy
    blind = play(ExactPolicy(worlds, free), worlds, exact, levels)
    assert (blind.fair_jpy - exact.cost_jpy).mean() > -0.01 * exact.cost_jpy


def test_the_oracle_of_every_scenario_bounds_the_toy_and_is_exact_without_its_margin(levels, bound, monkeypatch):
    pytest.importorskip("highspy")
    from benchmarks.toy.bound import oracle_bounds_jpy
    from wattbit_agents.baselines.lp import record

    some = np.flatnonzero([len(set(path)) == 3 for path in levels])[:2]
    found = oracle_bounds_jpy(levels[some], CHAIN, toy_scenario())
    assert (found <= bound[some] + 1.0).all()
    assert found == pytest.approx(bound[some], rel=0.02)
    monkeypatch.setattr(record, "least_health", lambda plant, vehicle, *path: vehicle[:, s.HEALTH])
    assert oracle_bounds_jpy(levels[some], CHAIN, toy_scenario()) == pytest.approx(bound[some], rel=1e-6)


def changed(section: str, **values) -> ScenarioConfig:
    content = toy_scenario().model_dump()
    content[section].update(values)
    return ScenarioConfig.model_validate(content)


def test_sizes_that_cannot_be_solved_exactly_are_refused():
    with pytest.raises(ValueError, match="not a whole number of steps of 2 MWh"):
        sizes(toy_scenario(), 2.0)
    with pytest.raises(ValueError, match="tapers"):
        sizes(changed("fleet", battery_kwh=(30.0,)))


def test_no_car_is_unplugged_and_none_reaches_its_ceiling(worlds):
    observation, _ = worlds.reset(seed=0, options={"week": list(range(PATHS))})
    full = np.ones((PATHS, 2), np.float32)
    power = []
    for _ in range(STEPS):
        assert (worlds.observation_layout.get(observation, "fleet_plugged_share") == 1.0).all()
        power.append(worlds.observation_layout.get(observation, "fleet_power_max_mw"))
        observation = worlds.step_arrays(full)[0]
    assert np.ptp(power) < 1e-5


def test_the_command_holds_its_bars(capsys):
    pytest.importorskip("highspy")
    assert toy.main(["--no-ppo", "--paths", "40", "--oracle", "1", "--check"]) == 0
    assert "every bar is met" in capsys.readouterr().out


def test_one_day_has_no_interval(capsys):
    with pytest.raises(SystemExit, match="2"):
        toy.main(["--paths", "1"])
    assert "must be at least 2" in capsys.readouterr().err


@pytest.mark.slow
def test_ppo_comes_within_one_percent(capsys):
    pytest.importorskip("stable_baselines3")
    assert toy.main(["--check", "--oracle", "1"]) == 0
    assert "above the exact value, without luck" in capsys.readouterr().out
