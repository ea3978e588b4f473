"""What any policy did is a point of the program that costs no more there: the proof that the program is a bound."""

import numpy as np
import pytest

from benchmarks import bound_matrix
from benchmarks.bound_cases import EDGES, ORACLE, PACKAGED, POLICIES, actor, changed, judge, scenario_of, week_of
from wattbit.env import AggregatorEnv
from wattbit.world import state as s
from wattbit_agents.baselines.lp.embed import play
from wattbit_agents.baselines.lp.path import health_margin

SLOW_EDGES = {"other-cell", "second-life"}  # each compiles kernels of its own


NAMES = [pytest.param(name, marks=pytest.mark.slow if name in SLOW_EDGES else ()) for name in (*PACKAGED, *EDGES)]


def assert_bounded(verdicts):
    for verdict in verdicts:
        broken = {block: size for block, size in verdict.broken.items() if size > 1e-6}
        assert not broken, f"{verdict.policy} breaks {broken}"
        dearer = {term: size for term, size in verdict.dearer.items() if size > 1e-6}
        assert not dearer, f"{verdict.policy} pays less than the program for {dearer}"
        assert np.isfinite(verdict.margin)
        assert verdict.margin >= 0.0, verdict.policy


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_every_trajectory_is_a_point_that_costs_no_more_and_none_is_below_the_bound(name, seed):
    closer = (ORACLE, "mpc-8") if name in PACKAGED and seed == 0 else ()
    assert_bounded(judge(name, seed, (*POLICIES, *closer)))


@pytest.mark.slow
def test_nine_areas_with_shared_price_zones():
    assert_bounded(judge("japan9", 0, (*POLICIES, ORACLE)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["japan3", "fleet-hijack", "local-surplus", "new-cars"])
def test_whole_weeks(name):
    config = changed(name, None) if name in PACKAGED else changed("japan3", None, fleet={"initial_age_years": 0.0})
    assert_bounded(judge(name, 1, (*POLICIES, ORACLE), config))


@pytest.mark.slow
@pytest.mark.parametrize("name", bound_matrix.default_names())
def test_twenty_weeks_of_every_scenario(name):
    assert bound_matrix.main(["--scenarios", name, "--check"]) == 0


def ledger(*fields):
    """Largest size of some fields of the ledger."""
    return lambda trajectory: np.abs(trajectory.ledger[:, :, list(fields)]).max()


SHOWN = {
    "called": ("dispatch", ledger(s.L_MISSED_MW)),
    "surplus": ("dispatch", ledger(s.L_SOAKED_MW)),
    "negative-floor": ("dispatch", lambda trajectory: -trajectory.ledger[:, :, s.L_PRICE].min()),
    "overload": ("drain", ledger(s.L_BATCH_MISSED, s.L_TRAINING_MISSED)),
    "long-trips": ("dispatch", ledger(s.L_ROAD)),
    "hot-feeders": ("dispatch", lambda trajectory: trajectory.area[:, :, s.TRIP_STEPS].max()),
    "small-offers": ("dispatch", ledger(s.L_ACTIVATED_MW)),
    "hijack-discharge": ("dispatch", ledger(s.L_DEVIATION_MW)),
    "lost-link": ("dispatch", ledger(s.L_DEVIATION_MW)),
    "tokyo-outage": ("dispatch", ledger(s.L_REALTIME_DROPPED, s.L_INTERACTIVE_DROPPED)),
    "snow-campus": ("dispatch", ledger(s.L_SNOW)),
    "local-surplus": ("dispatch", ledger(s.L_LOCAL_MW, s.L_CONNECTION)),
}


@pytest.mark.parametrize("name", SHOWN)
def test_an_edge_shows_what_it_is_for(name):
    policy, size = SHOWN[name]
    env = AggregatorEnv(scenario_of(name), precision="float64")
    assert size(play(env.batch, week_of(name, env.batch, 0), 0, actor(policy, env, 0))) > 0.0


@pytest.mark.parametrize("years", [0.0, 0.3, 10.0])
@pytest.mark.parametrize("style", ["dispatch", "fill"])
def test_cars_lose_less_health_in_a_week_than_floors_and_promises_leave(style, years):
    env = AggregatorEnv(changed("japan3", None, fleet={"initial_age_years": years}), precision="float64")
    batch, act = env.batch, actor(style, env, 0)
    assert batch.world.vehicle.dtype == np.float64
    batch.reset(0, week_of("japan3", batch, 0))
    first = batch.world.vehicle[0, :, s.HEALTH].copy()
    for _ in range(336):
        act(batch)
    lost = first - batch.world.vehicle[0, :, s.HEALTH]
    assert lost.max() > (0.002 if years == 0.0 else 0.0003)
    assert (lost < health_margin(first)).all()
