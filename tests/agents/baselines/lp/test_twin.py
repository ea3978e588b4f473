"""The program has the optimum of its twin, which is written in linopy from the laws, in every kind of world."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse

pytest.importorskip("linopy")

from benchmarks.twin import deadlines, planned_wear, twin_of
from wattbit.config import FleetMix
from wattbit_agents.baselines.lp.deadlines import solve_in_time
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.solve import solve
from wattbit_agents.baselines.lp.template import Template


def optimum(plant, path):
    return solve(fill(Structure(Template(plant), path.steps), path)).objective


@pytest.fixture(scope="module")
def two_days(scenario):
    """Plant and path of two days of a scenario, with some sections and some keys of every area changed."""

    def record(name="japan3", week=0, seed=0, areas=None, steps=96, **sections):
        config = scenario(name, episode={"steps": steps}, **sections)
        if areas:
            config = config.model_copy(update={"areas": tuple(a.model_copy(update=areas) for a in config.areas)})
        plant, (path,) = record_paths(config, [week], [seed])
        return plant, path

    return record


INTRUDERS = (
    {"kind": "hijack-discharge", "start_hour": 18, "hours": 2, "size": 0.2},
    {"kind": "hijack-oscillate", "start_hour": 42, "hours": 2, "size": 0.3},
)
DARK = ({"kind": "area-outage", "area": "tokyo", "start_hour": 4, "hours": 40, "size": 0.9},)
BOUND = {
    "incidents": DARK,
    "areas": {"capacity_contract_mw": 2500.0},
    "work": {
        "realtime_share": 0.0,
        "interactive_share": 0.2,
        "batch_share": 0.4,
        "training_share": 0.4,
        "resident_share": 0.8,
    },
}
SHORT = {
    "incidents": ({"kind": "area-outage", "area": "all", "start_hour": 20, "hours": 20, "size": 0.9},),
    "areas": {"connection_mw": 250.0},
    "network": {"path": "ip", "ip_gbps": 1.0, "realtime_budgets_ms": (25.0, 35.0, 60.0)},
}
EVERY_PRICE = {
    "market": {"carbon_jpy_per_kg": 3.0, "wheeling": "full", "levy": "losses", "floor_jpy_per_kwh": -2.0},
    "fleet": {"owner_carbon_jpy_per_kg": 2.0},
    "mitigation": {"signed_commands": True},
    "incidents": ({"kind": "interconnector-trip", "area": "kyushu", "start_hour": 8, "hours": 30, "size": 12.0},),
    "network": {"path": "ip", "ip_gbps": 4.0, "realtime_budgets_ms": (25.0, 35.0, 60.0)},
}
MIX = FleetMix(home=0.5, workplace=0.25, commercial=0.25)
OFF = {"enabled": False}
CASES = {
    "snow-campus": {"name": "snow-campus", "week": 12},
    "bound-work-call-outage": {"name": "tokyo-tight", "week": 3, "feeder": OFF, **BOUND},
    "drops-misses-connection": {"name": "tokyo-tight", "week": 3, **SHORT},
    "fleet-hijack": {"name": "fleet-hijack", "incidents": INTRUDERS},
    "every-price": {"name": "local-surplus", "week": 2, "seed": 2, **EVERY_PRICE},
    "little": {"areas": {"cars": 0.0}, "reserve": OFF, "certificates": OFF},
    "bound-realtime": {"work": {"resident_share": 0.4}},
}
MORE = {
    "japan3": {},  # by default with wear, below
    "another-week": {"week": 30, "seed": 1},
    "local-surplus": {"name": "local-surplus"},
    "tokyo-outage": {"name": "tokyo-outage", "seed": 1},
    "kyushu-spring": {"name": "kyushu-spring", "week": 3},
    "no-cars": {"areas": {"cars": 0.0}},
    "no-reserve": {"reserve": OFF},
    "no-certificates": {"certificates": OFF},
    "no-contract": {"capacity": OFF},
    "no-feeder": {"feeder": OFF},
    "kinds": {"areas": {"fleet_mix": MIX}},
    "japan9": {"name": "japan9"},
}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name) for name, case in CASES.items()]
    + [pytest.param(case, id=name, marks=pytest.mark.slow) for name, case in MORE.items()],
)
def test_the_twin_has_the_same_optimum(two_days, case):
    plant, path = two_days(**case)
    assert twin_of(plant, path).objective() == pytest.approx(optimum(plant, path), rel=1e-6)


def test_the_twin_has_the_same_optimum_with_planned_wear(two_days):
    plant, path = two_days()
    twin = twin_of(plant, path)
    planned_wear(twin)
    found = solve(fill(Structure(Template(plant), path.steps, wear="planned"), path)).objective
    assert twin.objective() == pytest.approx(found, rel=1e-6)


def test_the_twin_prices_the_wear_of_the_same_days_when_it_begins_within_one(two_days):
    plant, whole = two_days()
    path = replace(whole, first_step=30)
    twin = twin_of(plant, path)
    planned_wear(twin)
    structure = Structure(Template(plant), path.steps, "planned", at_midnight=False)
    found = solve(fill(structure, path)).objective
    assert twin.objective() == pytest.approx(found, rel=1e-6)
    # Counted in days from its beginning, wear has another cost.
    early = Structure(Template(plant), path.steps, "planned")
    assert abs(solve(fill(early, whole)).objective / found - 1.0) > 1e-5
    with pytest.raises(ValueError, match="half hour 30 of a day, must be 0"):
        fill(early, path)


def test_a_queue_for_every_deadline_has_the_optimum_of_the_windows(two_days):
    dark = {"kind": "area-outage", "area": "all", "start_hour": 4, "hours": 12, "size": 0.9}
    plant, path = two_days("tokyo-tight", 3, steps=48, incidents=(dark,))
    structure = Structure(Template(plant), path.steps)
    program = fill(structure, path)
    twin = twin_of(plant, path)
    deadlines(twin)
    found = solve_in_time(structure, path, program).objective
    assert twin.objective() == pytest.approx(found, rel=1e-6)
    assert found > solve(program).objective * (1.0 + 1e-5)


def test_the_cases_hold_what_they_are_for(two_days):
    paths = {name: two_days(**case)[1] for name, case in {"japan3": {}, **CASES}.items()}
    assert (paths["bound-work-call-outage"].call > 0.5).any()
    assert (paths["bound-work-call-outage"].power_up < 1.0).any()
    assert (paths["fleet-hijack"].swing > 0.0).any()
    assert (paths["every-price"].surplus_mw > 0.0).any()
    assert (paths["every-price"].local_mw > 0.0).any()
    assert (
        np.take_along_axis(paths["every-price"].price_jpy_per_mwh, paths["every-price"].zone, 1)
        != paths["every-price"].price_jpy_per_mwh
    ).any()
    assert (paths["snow-campus"].compressor_share * paths["snow-campus"].snow_start_t > 0.0).any()
    assert (paths["japan3"].up_share > 0.0).any()
    assert (paths["japan3"].down_share > 0.0).any()


def test_scipy_has_the_same_optimum(two_days):
    plant, path = two_days("snow-campus")
    program = fill(Structure(Template(plant), path.steps), path)
    equal = program.row_lower == program.row_upper
    above, below = ~equal & np.isfinite(program.row_lower), ~equal & np.isfinite(program.row_upper)
    rows = program.matrix.tocsr()
    found = scipy.optimize.linprog(
        program.cost,
        scipy.sparse.vstack([rows[below], -rows[above]]),
        np.concatenate([program.row_upper[below], -program.row_lower[above]]),
        rows[equal],
        program.row_lower[equal],
        np.stack([program.lower, program.upper], axis=1),
        method="highs",
    )
    assert found.status == 0
    assert found.fun + program.constant == pytest.approx(optimum(plant, path), rel=1e-6)
