"""What any policy did is a point of the program that costs no more there: the proof that the program is a bound."""

import numpy as np
import pytest

from benchmarks import bound_matrix
from benchmarks.bound_cases import (
    EDGES,
    ORACLE,
    PACKAGED,
    POLICIES,
    actor,
    changed,
    judge,
    scenario_of,
    week_of,
)
from wattbit.env import AggregatorEnv
from wattbit.world import state as s
from wattbit_agents.baselines.lp.embed import embed, play, violations
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.template import Template

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


@pytest.mark.parametrize(
    ("fleet", "steps"),
    [
        pytest.param({}, 336, id="usual"),
        pytest.param({"initial_age_years": 0.0}, 336, id="new"),
        pytest.param({"initial_age_years": 0.0, "drive_share": 0.0, "plug_rate": 1.0}, 336, id="new, always there"),
        pytest.param({"initial_age_years": 0.3}, 336, id="months old"),
        pytest.param({"stand_kw": 22.0}, 336, id="strong stands"),
        pytest.param({}, 1344, id="four weeks"),
    ],
)
@pytest.mark.parametrize("style", ["cycle", "fill"])
def test_cars_keep_the_least_health_however_they_are_used(style, fleet, steps):
    config = changed("japan3", steps, fleet=fleet)
    env = AggregatorEnv(config, precision="float64")
    batch, week = env.batch, week_of("japan3", env.batch, 0)
    act = actor(style, env, 0)
    _, (path,) = record_paths(config, [week], [0])
    batch.reset(0, week)
    first = batch.world.vehicle[0, :, s.HEALTH].copy()
    for _ in range(steps):
        act(batch)
    left = batch.world.vehicle[0, :, s.HEALTH]
    lost, allowed = first - left, first - path.cars.least_health
    assert (lost < allowed).all()
    # Not so little that floors mean nothing, and a tenth of what is allowed would not do.
    assert allowed.max() < 0.2
    if style == "cycle":
        assert lost.max() > 0.002
        assert (lost / allowed).max() > 0.1


WEEK = 389


def test_sites_may_draw_what_their_cooling_takes():
    config = scenario_of("hot-halls")
    env = AggregatorEnv(config, precision="float64")
    plant, (path,) = record_paths(config, [WEEK], [0])
    structure = Structure(Template(plant), path.steps)
    program = fill(structure, path)
    trajectory = play(env.batch, WEEK, 0, actor("greedy", env, 0))
    it = plant.site[:, s.SITE_IDLE_MW] + plant.site[:, s.SITE_DYNAMIC_MW]
    assert (trajectory.ledger[:, :, s.L_DATACENTRE_MW].max(axis=0) > 1.75 * it).any()
    assert violations(structure, program, embed(structure, path, trajectory), 1e-6) == {}
