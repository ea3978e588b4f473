"""Penalties are nothing on the mean, since they multiply what is settled before; what is left is a bound."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.bound_cases import RandomDispatch, actor, changed
from wattbit.env import AggregatorEnv
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit_agents.baselines.bound.martingale import (
    Surprises,
    UnknownLawError,
    Weights,
    penalty_kjpy,
    surprises,
)
from wattbit_agents.baselines.lp.embed import embed, play
from wattbit_agents.baselines.lp.oracle import solve_path
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_batch, record_paths
from wattbit_agents.baselines.lp.template import Template

WEEK, SEED, SPLIT = 40, 2, "test"
EVERY = Weights(1.0, 1.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def two_days():
    config = changed("japan3")
    plant, (path,) = record_paths(config, [WEEK], [SEED], SPLIT)
    return config, plant, path, surprises(config, WEEK, SPLIT, plant, path)


def with_delta(config, row, delta_jpy_per_mwh):
    """A world whose settlement delta is another in one half hour, -1 for none."""
    batch = Batch(config, 1, "evaluation", SPLIT, "float64")
    batch.reset(SEED, WEEK)
    if row >= 0:
        exog = batch.world.exog.copy()
        exog[int(batch.world.clock[0, s.ROW]) + row, :, s.DELTA] = delta_jpy_per_mwh
        batch.world = batch.world._replace(exog=exog)
        batch._bind()
    return batch


CAP = {"mitigation": {"change_cap": True, "change_cap_share": 0.05}}


@pytest.mark.parametrize(
    ("changes", "row", "work_bears"),
    [({}, 0, False), ({}, 15, True), ({}, 43, True), ({}, 70, True), (CAP, 11, False)],
    ids=lambda value: "cap" if value == CAP else None,
)
def test_what_is_multiplied_does_not_depend_on_the_surprise(changes, row, work_bears):
    """Calls of reserve follow the delta, and energy the calls; what was ordered and what was held before do not."""
    config = changed("japan3", **changes)
    plant, (path,) = record_paths(config, [WEEK], [SEED], SPLIT)
    structure = Structure(Template(plant), path.steps)
    once = np.zeros((path.steps, structure.template.areas))
    once[row] = 1.0
    multiplied, drawn, called, queued = [], [], [], []
    for delta in (-2.5e4, -6e3, 0.0, 6e3, 2.5e4):
        batch = with_delta(config, row, delta)
        batch.reset(SEED, WEEK)
        own = record_batch(batch)[0]
        trajectory = play(batch, WEEK, SEED, RandomDispatch(SEED))
        point = embed(structure, own, trajectory)
        parts = []
        for known in (Surprises(once, np.zeros(path.steps)), Surprises(0.0 * once, once[:, 0])):
            costs = penalty_kjpy(plant, own, known, EVERY)
            parts.append(float(costs @ point[: len(costs)]))
        multiplied.append(parts)
        drawn.append(trajectory.ledger[row, :, s.L_NET_MW].sum())
        queued.append(trajectory.flow_mw[row, [s.FLOW_BATCH, s.FLOW_TRAINING]].sum())
        called.append(np.abs(trajectory.ledger[row, :, s.L_ACTIVATED_MW]).sum())
    assert np.ptp(multiplied, axis=0) == pytest.approx(0.0, abs=1e-9 * np.abs(multiplied).max())
    assert max(called) > 1.0  # otherwise nothing would be shown
    assert np.ptp(drawn) > 1.0
    assert (np.ptp(queued) > 1.0) == work_bears


def test_surprises_have_mean_zero_whatever_was_known(scenario):
    """Over twenty train weeks, against the delta of the half hour before and the hour of the day."""
    config, found, before = scenario("japan3"), [], []
    for week in range(0, 400, 20):
        plant, (path,) = record_paths(config, [week], [0], "train")
        known = surprises(config, week, "train", plant, path)
        national = known.delta_jpy_per_mwh[np.arange(336), np.abs(known.delta_jpy_per_mwh).argmax(axis=1)]
        found.append(np.stack([national, known.outlook_jpy_per_mwh], axis=1))
        before.append(np.append(0.0, national[:-1]))
    value, past = np.concatenate(found), np.concatenate(before)
    assert (value.std(axis=0) > 200.0).all()
    hour = np.tile(np.arange(336) % 48, 20)
    for what in (1.0, past / past.std(), np.sin(hour * np.pi / 24.0), np.cos(hour * np.pi / 24.0)):
        terms = value * np.broadcast_to(what, past.shape)[:, None]
        score = terms.mean(axis=0) / (terms.std(axis=0) / np.sqrt(len(terms)))
        assert (np.abs(score) < 4.0).all()


def test_a_surprise_counts_only_where_the_price_follows_it(scenario):
    config = scenario("japan3")
    plant, (path,) = record_paths(config, [0], [SEED], SPLIT)  # a week of April
    known = surprises(config, 0, SPLIT, plant, path)
    surplus = path.surplus_mw + path.local_mw > 0.0
    assert surplus.any()
    assert (known.delta_jpy_per_mwh[surplus] == 0.0).all()
    assert (known.delta_jpy_per_mwh[~surplus] != 0.0).mean() > 0.5
    # National: where it counts it is the same in every area.
    same = np.where(known.delta_jpy_per_mwh == 0.0, np.nan, known.delta_jpy_per_mwh)[~surplus.any(axis=1)]
    some = np.isfinite(same).any(axis=1)
    assert (np.nanmax(same[some], axis=1) == np.nanmin(same[some], axis=1)).all()


def test_cost_and_penalty_are_above_the_bound_with_penalties(two_days):
    config, plant, path, known = two_days
    structure = Structure(Template(plant), path.steps)
    env = AggregatorEnv(config, precision="float64")
    batch = Batch(config, 1, "evaluation", SPLIT, "float64")
    for weights in (Weights(), Weights(1.0, -0.5, 1.0, 0.5)):
        penalty = penalty_kjpy(plant, path, known, weights)
        paying = solve_path(plant, path, penalty)
        for act in (actor("tuned", env, SEED), actor("mpc-8", env, SEED), RandomDispatch(SEED)):
            trajectory = play(batch, WEEK, SEED, act)
            paid = 1e3 * float(penalty @ embed(structure, path, trajectory)[: len(penalty)])
            assert abs(paid) > 1e4
            assert trajectory.cost_jpy + paid > paying.bound_jpy
        assert paying.bound_jpy < paying.plan_jpy
        assert abs(paying.bound_jpy - solve_path(plant, path).bound_jpy) > 1e4


def test_without_weights_it_is_the_bound(two_days):
    _, plant, path, known = two_days
    nothing = penalty_kjpy(plant, path, known, Weights(0.0, 0.0, 0.0, 0.0))
    assert not nothing.any()
    assert solve_path(plant, path, nothing).bound_jpy == solve_path(plant, path).bound_jpy


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"forecast": {"tier": "perfect"}}, "who sees the imbalance ahead"),
        ({"series": "real-fy2024"}, "generated series"),
    ],
)
def test_worlds_without_a_law_are_refused(scenario, two_days, changes, said):
    _, plant, path, _ = two_days
    with pytest.raises(UnknownLawError, match=said):
        surprises(scenario("japan3", **changes), WEEK, SPLIT, plant, path)


def test_a_week_that_is_none_is_refused(two_days):
    config, plant, path, _ = two_days
    with pytest.raises(UnknownLawError, match=r"week is 100000: the test split .* has 0 to"):
        surprises(config, 100_000, SPLIT, plant, path)


def test_a_path_of_two_weather_years_is_refused(two_days, scenario):
    config, plant, path, _ = two_days
    last = Batch(config, 1, "evaluation", SPLIT).n_weeks - 1
    with pytest.raises(UnknownLawError, match="are of two weather years"):
        surprises(config, last, SPLIT, plant, replace(path, price_jpy_per_mwh=np.zeros((17_472, 3))))


def test_a_series_of_another_seed_is_not_taken_for_this_one(two_days, monkeypatch):
    config, plant, path, _ = two_days
    monkeypatch.setattr(
        "wattbit_agents.baselines.bound.martingale.settlement_noise", lambda year, n, seed: np.zeros((n, 2))
    )
    with pytest.raises(UnknownLawError, match="is not that of weather year"):
        surprises(config, WEEK, SPLIT, plant, path)
