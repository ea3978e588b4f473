"""The bound as a whole: exact where the world is linear, monotone in every limit, finer with more tangents."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.bound_cases import RandomDispatch, changed
from wattbit.action import step_dispatch
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit_agents.baselines.lp import convex, record
from wattbit_agents.baselines.lp.deadlines import solve_in_time
from wattbit_agents.baselines.lp.dispatch import dispatches
from wattbit_agents.baselines.lp.embed import play
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.path import Path, Plant
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.template import Template


def solved(plant: Plant, path: Path):
    """Template and best plan of a path."""
    structure = Structure(Template(plant), path.steps)
    return structure.template, solve_in_time(structure, path, fill(structure, path))


# --- where the world is linear the program is the world ---------------------------------------------------------------

LINEAR = {
    "market": {"slope_scale": 0.0},
    "datacentre": {"tail_share": 0.0},
    "fleet": {"pack_jpy_per_kwh": 0.0, "v2g_floor_soc": 0.0},
    "reserve": {"enabled": False},
    "feeder": {"enabled": False},
    "heat": {"sink_c": 30.0},
}
"""
Without these laws, which the program only bounds, the two agree: rising supply and the cooling tail (tangents), wear of
cars (cuts), reserve (tangents, sums of limits), transformers (left out), heat pumps (the program may leave heat unsold)
and a V2G floor (a car below it may not be discharged at all, which is not convex). Days are one: health changes at
midnight, and with it ceilings and promises.
"""


# What stays on is exact: work with deadlines, cars with promises, storage, certificates, contracts, and each of these.
EXACT = {
    "plain": {},
    "prices": {
        "market": {
            "slope_scale": 0.0, "carbon_jpy_per_kg": 10.0, "floor_jpy_per_kwh": -5.0,
            "wheeling": "full", "levy": "full",
        },
        "fleet": {**LINEAR["fleet"], "owner_carbon_jpy_per_kg": 5.0},
    },
    "connection": {"area": {"connection_mw": 330.0, "local_solar_mw": 900.0, "local_limit_mw": 150.0}},
    "work": {
        "work": {"resident_share": 0.4, "batch_sigma": 1.5},
        "datacentre": {"tail_share": 0.0, "mean_utilisation": 1.0},
    },
    "network": {"network": {"path": "ip", "ip_gbps": 2.0, "realtime_budgets_ms": (12.0, 25.0, 60.0)}},
    "fleet": {"area": {"fleet_mix": {"home": 0.4, "workplace": 0.3, "commercial": 0.3}}},
    "outage": {
        "incidents": [
            {"kind": "area-outage", "area": "tokyo", "start_hour": 5.0, "hours": 10.0, "size": 0.5},
            {"kind": "link-cut", "area": "kyushu", "start_hour": 8.0, "hours": 6.0},
            {"kind": "interconnector-trip", "area": "kyushu", "start_hour": 16.0, "hours": 4.0},
        ]
    },
}  # fmt: skip


def replay_gap(config, week, seed):
    """Cost of the best plan when the world carries it out, over its cost in the program, less 1."""
    plant, (path,) = record_paths(config, [week], [seed])
    template, solution = solved(plant, path)
    plan = template.columns.named(solution.x, path.steps)
    orders = iter(dispatches(plant, path, template.pairs, plan))
    batch = Batch(config, 1, "evaluation", "test", "float64")
    trajectory = play(batch, week, seed, lambda world: step_dispatch(world, next(orders)))
    return 1e-3 * trajectory.cost_jpy / solution.objective - 1.0


def as_it_is(plant, vehicle, *path):
    """Health that nobody lowers."""
    return vehicle[:, s.HEALTH]


@pytest.mark.parametrize("week", [17, 100, 250])
@pytest.mark.parametrize("name", EXACT)
def test_a_linear_world_does_exactly_what_the_program_plans(name, week, monkeypatch):
    monkeypatch.setattr(record, "least_health", as_it_is)  # health does not change within a day
    config = changed("japan3", 48, **{**LINEAR, **EXACT[name]})
    assert abs(replay_gap(config, week, week % 3)) < 1e-9


@pytest.mark.parametrize(
    ("week", "changes"),
    [
        pytest.param(100, {"market": {"slope_scale": 1.0}}, id="slope"),
        pytest.param(100, {"datacentre": {"tail_share": 0.04}}, id="tail"),
        pytest.param(100, {"fleet": {"pack_jpy_per_kwh": 40_000.0, "v2g_floor_soc": 0.0}}, id="wear"),
        pytest.param(100, {"reserve": {"enabled": True}}, id="reserve"),
        pytest.param(100, {"heat": {"sink_c": 65.0}}, id="heat pump"),
        pytest.param(100, {"fleet": {"pack_jpy_per_kwh": 0.0, "v2g_floor_soc": 0.3}}, id="floor"),
        pytest.param(17, {"area": {"snow_t": 50_000.0}}, id="snow"),
    ],
)
def test_what_the_linear_world_leaves_out_is_only_bounded(week, changes, monkeypatch):
    monkeypatch.setattr(record, "least_health", as_it_is)
    config = changed("japan3", 48, **{**LINEAR, **changes})
    assert replay_gap(config, week, week % 3) > 1e-6


# --- a wider limit never makes the plan dearer ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tight():
    """Day with a call and a surplus in which about everything is scarce, at prices that no load moves, nor tangents."""
    config = changed(
        "japan3",
        48,
        market={"slope_scale": 0.0},
        network={"apn_gbps": 10.0},
        datacentre={"mean_utilisation": 1.0},
        heat={"sink_c": 30.0},
        fleet={"initial_soc": (0.2, 0.5), "guarantee_soc": 0.85},
        area={
            "connection_mw": 250.0, "local_solar_mw": 400.0, "local_limit_mw": 100.0, "storage_mwh": 120.0,
            "capacity_contract_mw": 100.0, "snow_t": 300.0,
        },
        work={"resident_share": 0.6},
    )  # fmt: skip
    batch = Batch(config, 1, "evaluation", "test", "float64")
    exog = batch.world.exog[batch.world.starts[:, None] + np.arange(48)]
    both = (exog[..., s.CALL].max(axis=(1, 2)) > 0.0) & (exog[..., s.SURPLUS].max(axis=(1, 2)) > 0.0)
    week = int(np.flatnonzero(both)[0])
    plant, (path,) = record_paths(config, [week], [0])
    return plant, path, solved(plant, path)[1].objective


def site(field: int, factor: float) -> Callable[[Plant, Path], tuple[Plant, Path]]:
    """More of a field of the sites."""

    def widen(plant, path):
        table = plant.site.copy()
        table[:, field] *= factor
        return replace(plant, site=table), path

    return widen


def scalar(field: int, factor: float) -> Callable[[Plant, Path], tuple[Plant, Path]]:
    """More, or less, of a scalar of the scenario."""

    def widen(plant, path):
        constant = plant.constant.copy()
        constant[field] *= factor
        return replace(plant, constant=constant), path

    return widen


def series(name: str, factor: float = 1.3) -> Callable[[Plant, Path], tuple[Plant, Path]]:
    """More of a series of the path."""
    return lambda plant, path: (plant, replace(path, **{name: factor * getattr(path, name)}))


def cars(name: str, change: Callable) -> Callable[[Plant, Path], tuple[Plant, Path]]:
    """Another limit of the cars."""
    return lambda plant, path: (
        plant,
        replace(path, cars=replace(path.cars, **{name: change(getattr(path.cars, name))})),
    )


def wider_storage(plant: Plant, path: Path) -> tuple[Plant, Path]:
    low, high = path.storage_range_mwh
    return plant, replace(path, storage_range_mwh=np.stack([0.5 * low, 1.3 * high]))


WIDER = {
    "links": series("link_tb"),
    "capacity": series("capacity_mw", 1.05),
    "surplus": series("surplus_mw"),
    "local surplus": series("local_mw"),
    "batch may wait": series("batch_room_mwh"),
    "training may wait": series("training_room_mwh"),
    "reserve depth": series("depth_mw"),
    "heat customers": series("heat_demand_mw"),
    "certificates": series("certificates_mwh"),
    "exportable training": series("exportable_training_mwh"),
    "storage power": site(s.SITE_STORAGE_MW, 1.3),
    "storage energy": wider_storage,
    "connection": site(s.SITE_CONNECTION_MW, 1.1),
    "latency budget": scalar(s.BUDGET_1_MS, 2.0),
    "residents": scalar(s.RESIDENT_SHARE, 0.5),
    "stand power": scalar(s.CAR_KW, 1.3),
    "green target": scalar(s.GREEN_TARGET, 0.9),
    "time on the stand": cars("share", lambda share: np.minimum(1.0, 1.3 * share)),
    "ceiling": cars("ceiling_kwh", lambda ceiling: 1.05 * ceiling),
    "promise": cars("need_kwh", lambda need: 0.9 * need),
    "least energy": cars("low_kwh", lambda low: 0.9 * low),
    "energy held": cars("hold_kwh", lambda hold: 0.9 * hold),
}
SLACK = {"promise", "exportable training"}
"""Limits that nothing reaches: the least energy alone makes cars ready, and residents in the queue leave last."""


@pytest.mark.parametrize("name", WIDER)
def test_a_wider_limit_never_raises_the_bound(name, tight):
    plant, path, bound = tight
    wider = solved(*WIDER[name](plant, path))[1].objective
    assert wider <= bound + 1e-9 * abs(bound)
    if name not in SLACK:
        assert wider < bound - 1e-7 * abs(bound), "nothing reaches this limit: the test would see no mistake"


def denser(breaks: tuple) -> tuple:
    """Every interval in three, so that its middle, where the tangent lies, stays one."""
    points = np.asarray(breaks)
    parts = [points[:-1] + k / 3.0 * np.diff(points, axis=0) for k in range(3)]
    between = np.stack(parts, axis=1).reshape(-1, 2)
    return tuple(map(tuple, np.concatenate([between, points[-1:]])))


@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_finer_tangents_never_lower_the_bound(scale, monkeypatch):
    config = changed("japan3", 48, market={"slope_scale": scale})
    plant, (path,) = record_paths(config, [100], [0])
    coarse = solved(plant, path)[1].objective
    monkeypatch.setattr(convex, "GRID_BREAKS", denser(convex.GRID_BREAKS))
    finer_grid = solved(plant, path)[1].objective
    assert finer_grid > coarse
    monkeypatch.setattr(convex, "RESERVE_STEPS", 2 * convex.RESERVE_STEPS)
    assert solved(plant, path)[1].objective > finer_grid


# --- what is recorded does not depend on what is done -----------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", ["japan3", "fleet-hijack", "tokyo-outage", "snow-campus", "local-surplus"])
def test_a_path_is_the_same_whatever_is_done_while_it_is_recorded(name, seed, monkeypatch):
    config = changed(name, storage={"cell": "lfp_250ah"}, mitigation={"change_cap": True})
    _, (path,) = record_paths(config, [100], [seed])
    run = Batch.run
    disturb = RandomDispatch(seed)

    def disturbed(batch, task, first, last):
        if task == s.TASK_STEP:
            disturb(batch)
        else:
            run(batch, task, first, last)

    monkeypatch.setattr(Batch, "run", disturbed)
    _, (other,) = record_paths(config, [100], [seed])
    monkeypatch.undo()
    assert_same(path, other)


def assert_same(one, other, where=""):
    """Hold every number of two dataclasses against each other."""
    for name, value in vars(one).items():
        again = getattr(other, name)
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, again, err_msg=f"{where}{name}")
        elif hasattr(value, "__dataclass_fields__"):
            assert_same(value, again, f"{where}{name}.")
        else:
            assert value == again, f"{where}{name}"
