"""Switches of the mechanisms beyond World v1: the observation keeps its shape, and the cost moves where it should."""

import numpy as np
import pytest

from wattbit.action import CONTROLS, HELD
from wattbit.config import ScenarioConfig
from wattbit.scenarios.switches import SWITCHES, switched_off
from wattbit.world import state as s
from wattbit.world.batch import Batch

every_switch = pytest.mark.parametrize("name", SWITCHES)

NO_HEAT = {"heat_mw_per_k": 0.0, "heat_flat_mw": 0.0}  # the heat pump would load the connection

EVERYTHING = {
    "areas": [
        {"name": "hokkaido", "user_share": 0.2, "cooling": "air", "snow_t": 5e5, "connection_mw": 250.0} | NO_HEAT,
        {"name": "tokyo", "user_share": 0.6, "datacentre_mw": 300.0, "cooling": "liquid"}
        | {"fleet_mix": {"home": 0.5, "commercial": 0.5}},
        {"name": "kyushu", "user_share": 0.2, "local_solar_mw": 2000.0, "local_limit_mw": 300.0},
    ],
    "work": {"resident_share": 1.0},
    "incidents": [{"kind": "dc-outage", "area": "kyushu", "start_hour": 60.0, "hours": 6.0}],
    "mitigation": {"fail_safe": True},
    "storage": {"cell": "lfp_250ah"},
    "market": {"levy": "losses"},
}
"""Every mechanism at once; Tokyo's users have more work than its site can do."""

RULE = {**HELD, "reserve_up": 0.2, "reserve_down": 0.2}
"""All work at home and at once, cars charge on arrival and discharge in the evening, the battery stands ready."""


@pytest.fixture(scope="module")
def everything(scenario) -> ScenarioConfig:
    return scenario(**EVERYTHING)


def outcomes(config: ScenarioConfig) -> dict[str, np.ndarray]:
    """Sum of every outcome in three weeks (winter, spring, summer) under :data:`RULE`."""
    batch = Batch(config, 3, precision="float64")
    for i in range(3):
        batch.reset(i, 14 * i + 3, i, i + 1)
    areas = len(config.areas)
    action = np.tile([RULE[name] for name in CONTROLS], areas).astype(np.float32)
    total = np.zeros((3, len(s.OUTCOMES)))
    for step in range(config.episode.steps):
        action[CONTROLS.index("fleet_power") :: len(CONTROLS)] = -0.5 if 34 <= step % 48 < 42 else 1.0
        batch.world.action[:] = action
        batch.run(s.TASK_STEP, 0, 3)
        total += batch.outcome
    return dict(zip(s.OUTCOMES, total.T, strict=True))


@pytest.fixture(scope="module")
def on(everything) -> dict[str, np.ndarray]:
    return outcomes(everything)


@every_switch
def test_the_observation_keeps_its_shape(everything, name):
    layouts = [Batch(config, 1).layout for config in (everything, switched_off(everything, [name]))]
    with_it, without = layouts
    assert without.size == with_it.size
    assert without.fields == with_it.fields
    assert [without.positions(f.name, "tokyo") for f in without.fields if f.per_area] == [
        with_it.positions(f.name, "tokyo") for f in with_it.fields if f.per_area
    ]
    assert without.space() == with_it.space()


# A term that the switch moves, and whether it and the cost of the rule rise (+1) or fall (-1) without the mechanism.
EFFECT = {
    "reserve": ("reserve_jpy", 1),  # income is lost
    "capacity": ("capacity_jpy", 1),
    "heat": ("heat_jpy", 1),
    "feeder": ("feeder_jpy", -1),  # a cost is gone
    "owner-pay": ("owner_jpy", -1),
    "fleet-kinds": ("energy_jpy", -1),  # vans drive several times as far as cars
    "levy": ("wheeling_jpy", -1),
    "snow": ("energy_jpy", 1),
    "cooling": ("energy_jpy", 1),  # ordinary halls need compressors from 15 degC on
    "local-surplus": ("energy_jpy", 1),
    "connection": ("connection_jpy", -1),
    "residency": ("work_jpy", -1),
    "incidents": ("work_jpy", -1),
    "backlog": ("terminal_jpy", -1),  # Tokyo ends with more work than it began with
    "mitigation": ("security_jpy", -1),
    "sharing": ("wear_jpy", 1),  # the most lax cars discharge at full power
    "storage-wear": ("wear_jpy", 1),  # the flat rate is above what these cells lose
    "certificates": ("certificates_jpy", 1),  # premium of about 60 % at 1 JPY/kWh, penalty of about 35 % at 2
}


def test_every_switch_has_an_expected_effect():
    assert set(EFFECT) == set(SWITCHES)


@every_switch
def test_a_switch_moves_the_cost_where_it_should(everything, on, name):
    term, sign = EFFECT[name]
    if name == "sharing":  # what the fleet takes beyond the connection differs by chance, and outweighs its wear
        everything = switched_off(everything, ["connection"])
        on = outcomes(everything)
    off = outcomes(switched_off(everything, [name]))
    change = off["cost_jpy"].sum() - on["cost_jpy"].sum()
    moved = (off[term] - on[term]).sum()
    assert sign * change > 0.0
    assert sign * moved > 0.0


@every_switch
def test_a_switch_of_what_is_not_there_changes_nothing(everything, name):
    without = switched_off(everything)
    assert switched_off(without, [name]) == without
