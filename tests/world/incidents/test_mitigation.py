"""Layers of protection: what each holds off, and what it costs."""

from typing import Any

import pytest

from wattbit.world import state as s

HOKKAIDO = 0
EVENING = 37  # half hour of the first day: 18:30


MANY_CARS = [
    {"name": "hokkaido", "user_share": 0.22, "cars": 300_000},
    {"name": "tokyo", "datacentre_mw": 600, "user_share": 0.56, "cars": 300_000},
    {"name": "kyushu", "user_share": 0.22, "cars": 150_000},
]


def attacked(make, incident: dict[str, Any], layers: dict[str, Any], steps: int = 4) -> dict[str, float]:
    """Play an attack on the evening under a fleet that charges; returns what it did."""
    batch = make({"start_hour": 18.5, "hours": 2, **incident}, mitigation=layers, areas=MANY_CARS)
    batch.play_to(EVENING, fleet=0.3)
    result = {"hz": 0.0, "mw": 0.0, "unsafe": 0.0, "alarm": 0.0, "cost": 0.0, "change": 0.0, "swing": 0.0}
    before = batch.booked(s.L_FLEET_MW)
    for _ in range(steps):
        batch.act(fleet=0.3)
        result["hz"] = max(result["hz"], abs(batch.booked(s.L_FREQUENCY)))
        result["mw"] = max(result["mw"], abs(batch.booked(s.L_DEVIATION_MW)))
        result["unsafe"] += float(batch.outcome[0, s.O_UNSAFE])
        result["alarm"] = max(result["alarm"], float(batch.world.area[0, HOKKAIDO, s.ALARM]))
        result["change"] = max(result["change"], abs(batch.booked(s.L_FLEET_MW) - before))
        result["cost"] += float(batch.outcome[0, s.O_COST] - batch.outcome[0, s.O_SECURITY])
        before = batch.booked(s.L_FLEET_MW)
    return result


BLACKOUT = {"kind": "hijack-discharge", "area": "hokkaido", "size": 0.8}


def test_an_attack_on_many_stands_is_unsafe_without_protection(make):
    bare = attacked(make, BLACKOUT, {})
    assert bare["hz"] > 0.5
    assert bare["unsafe"] >= 1.0
    assert bare["alarm"] == 0.0


def test_signed_commands_stop_the_injection_and_tell(make):
    signed = attacked(make, BLACKOUT, {"signed_commands": True})
    assert signed["hz"] == signed["mw"] == signed["unsafe"] == 0.0
    assert signed["alarm"] == 1.0
    calm = make(areas=MANY_CARS)
    calm.play_to(EVENING, fleet=0.3)
    cost = 0.0
    for _ in range(4):
        calm.act(fleet=0.3)
        cost += float(calm.outcome[0, s.O_COST])
    assert signed["cost"] == pytest.approx(cost)


def test_segmentation_leaves_a_tenth_of_the_fleet(make):
    bare = attacked(make, BLACKOUT, {}, steps=1)
    split = attacked(make, BLACKOUT, {"segmentation": True}, steps=1)
    assert split["mw"] == pytest.approx(bare["mw"] / 8.0)
    assert split["hz"] == pytest.approx(bare["hz"] / 8.0)
    small = attacked(make, {**BLACKOUT, "size": 0.05}, {"segmentation": True}, steps=1)
    assert small["mw"] == pytest.approx(bare["mw"] / 16.0)


@pytest.mark.parametrize("kind", ["hijack-discharge", "hijack-oscillate"])
def test_a_ramp_limit_takes_the_suddenness_and_not_the_energy(make, kind):
    incident = {**BLACKOUT, "kind": kind}
    bare, slow = attacked(make, incident, {}), attacked(make, incident, {"ramp_limit": True})
    assert slow["mw"] == pytest.approx(bare["mw"])
    # In 5 min at 0.2 kW/min each stand comes as far as 1 kW of up to 5.9; a swing comes on top of the deviation.
    assert slow["hz"] < 0.6 * bare["hz"]
    assert slow["cost"] == pytest.approx(bare["cost"])


def test_stands_that_feel_the_frequency_hold_it(make):
    bare, felt = attacked(make, BLACKOUT, {}), attacked(make, BLACKOUT, {"frequency_override": True})
    assert felt["mw"] == pytest.approx(bare["mw"])
    assert 0.2 < felt["hz"] < 0.5 < bare["hz"]
    assert felt["unsafe"] == 0.0


def test_a_cap_holds_the_change_of_the_fleet_whoever_asks(make):
    bare = attacked(make, BLACKOUT, {}, steps=1)
    held = attacked(make, BLACKOUT, {"change_cap": True, "change_cap_share": 0.1}, steps=1)
    # A tenth of 300,000 stands of 5.9 kW: 177 MW.
    assert bare["change"] > 200.0
    assert held["change"] == pytest.approx(177.0)
    assert held["mw"] < bare["mw"]
    assert held["hz"] < bare["hz"]


def test_a_cap_also_holds_the_aggregators_own_commands(make):
    batch = make(mitigation={"change_cap": True, "change_cap_share": 0.1}, reserve={"enabled": False})
    batch.play_to(EVENING, fleet=-0.5)
    before = batch.booked(s.L_FLEET_MW)
    batch.act(fleet=1.0)
    assert batch.booked(s.L_FLEET_MW) == pytest.approx(before + 59.0)
    assert batch.booked(s.L_DEVIATION_MW) == batch.booked(s.L_FREQUENCY) == 0.0  # everybody knows the cap


def test_a_quorum_finds_false_telemetry_and_puts_the_truth_in_its_place(make):
    lie = {"kind": "false-telemetry", "size": 0.4, "start_hour": 18.5}
    layers = {"quorum": True}
    lied, found, outvoted = (
        make(lie),
        make(lie, mitigation=layers),
        make({**lie, "false_measurements": 2}, mitigation=layers),
    )
    small = make({**lie, "size": 0.04}, mitigation=layers)
    calm = make(mitigation=layers)
    for one in (lied, found, outvoted, small, calm):
        one.play_to(EVENING)
    assert lied.differing(calm) >= {"fleet_energy_mwh", "fleet_power_max_mw"}
    assert found.differing(calm) == {"alarm"}
    assert "fleet_energy_mwh" in outvoted.differing(calm)
    assert "fleet_energy_mwh" in small.differing(calm)
    assert "alarm" not in outvoted.differing(calm) | small.differing(calm)


def test_a_quorum_notices_hijacked_stands_after_half_an_hour(make):
    batch = make({**BLACKOUT, "start_hour": 18.5}, mitigation={"quorum": True})
    batch.play_to(EVENING)
    assert batch.world.area[0, HOKKAIDO, s.ALARM] == 0.0
    assert batch.world.area[0, HOKKAIDO, s.FLEET_UP] == 1.0
    batch.act()
    assert batch.world.area[0, HOKKAIDO, s.ALARM] == 1.0
    assert batch.world.area[0, HOKKAIDO, s.FLEET_UP] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("layer", "per_year"),
    [
        ("ramp_limit", 55_000_000.0),  # 550,000 cars at 100 JPY
        ("change_cap", 30_000_000.0),  # three areas at 10 M JPY
        ("frequency_override", 165_000_000.0),
        ("quorum", 110_000_000.0),
        ("signed_commands", 275_000_000.0),
        ("fail_safe", 55_000_000.0),
        ("segmentation", 60_000_000.0),
    ],
)
def test_every_layer_costs_what_it_says_in_every_half_hour(make, layer, per_year):
    batch = make(mitigation={layer: True})
    batch.act()
    assert batch.outcome[0, s.O_SECURITY] == pytest.approx(per_year / 17_520.0)
    assert batch.ledger[0, :, s.L_SECURITY].sum() == pytest.approx(per_year / 17_520.0)
    terms = sum(batch.outcome[0, k] for k in range(s.O_ENERGY, s.O_TERMINAL + 1))
    assert batch.outcome[0, s.O_COST] == pytest.approx(terms)
    assert make().outcome[0, s.O_SECURITY] == 0.0
