"""Incidents in the world: what they do, what is reported, what each layer of protection holds off and costs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from wattbit.errors import ScenarioError
from wattbit.scenarios import load_scenario
from wattbit.world import state as s
from wattbit.world.batch import Batch

HOKKAIDO, TOKYO, KYUSHU = range(3)
KW, ETA, GUARANTEE, FLOOR, CEILING = 5.9, 0.92, 0.5, 0.3, 0.9
EVENING = 37  # half hour of the first day: 18:30

Make = Callable[..., Batch]


@pytest.fixture(scope="module")
def make(scenario) -> Make:
    """Build a day of japan3 in float64 with some incidents and layers, reset with seed 4."""

    def build(*incidents: dict[str, Any], n: int = 1, mitigation: dict[str, Any] | None = None, **more: Any) -> Batch:
        more = {"episode": {"steps": 96, "warm_up_steps": 48}, **more}
        config = scenario("japan3", incidents=incidents, mitigation=mitigation or {}, **more)
        batch = Batch(config, n, "evaluation", "test", "float64")
        batch.reset(seed=4)
        return batch

    return build


def act(fleet: float = 0.0, storage: float = 0.0, host: tuple[float, ...] = (0.0, 0.0, 0.0)) -> NDArray[np.float32]:
    """One action for all areas, work at once."""
    action = np.zeros((3, s.N_CONTROL), np.float32)
    action[:, [s.A_BATCH, s.A_TRAINING]] = 1.0
    action[:, s.A_FLEET], action[:, s.A_STORAGE] = fleet, storage
    action[:, s.A_REALTIME] = action[:, s.A_INTERACTIVE] = host
    return action.ravel()


def play_to(batch: Batch, step: int, action: NDArray[np.float32] | None = None) -> None:
    """Act until the half hour `step` is the one to act on."""
    while batch.world.clock[0, s.STEP] < step:
        batch.step_single(act() if action is None else action)


def booked(batch: Batch, field: int, area: int = HOKKAIDO) -> float:
    return float(batch.ledger[0, area, field])


def cars(batch: Batch, area: int, field: int) -> NDArray[np.float64]:
    return batch.world.vehicle[0, area, field].copy()


# --- when ------------------------------------------------------------------------------------------------------------


def active_steps(batch: Batch, field: int = s.SITE_UP, area: int = TOKYO) -> NDArray[np.bool_]:
    """Half hours of one episode in which a field differs from 1, per world."""
    rows = []
    for _ in range(batch.config.episode.steps):
        rows.append(batch.world.area[:, area, field] < 1.0)
        batch.step(np.tile(act(), (batch.n, 1)))
    return np.array(rows)


def test_a_fixed_incident_lasts_from_its_start_for_its_hours(make):
    out = active_steps(make({"kind": "dc-outage", "area": "tokyo", "start_hour": 7.5, "hours": 3.5}))[:, 0]
    np.testing.assert_array_equal(np.flatnonzero(out), np.arange(15, 22))


def test_a_drawn_incident_lies_in_the_episode_and_differs_by_seed_and_week(make):
    out = active_steps(make({"kind": "dc-outage", "area": "tokyo", "hours": 6}, n=200))
    assert (out.sum(axis=0) == 12).all()
    starts = out.argmax(axis=0)
    assert starts.min() >= 0
    assert starts.max() <= 84
    # Uniform over 85 starts: mean 42, standard error 24.5 / sqrt(200) = 1.7.
    assert starts.mean() == pytest.approx(42.0, abs=6.0)
    one = make({"kind": "dc-outage", "area": "tokyo", "hours": 6})
    weeks = []
    for week in (0, 1, 2, 0):
        one.reset(seed=4, week=week)
        weeks.append(int(active_steps(one)[:, 0].argmax()))
    assert weeks[0] == weeks[3]
    assert len(set(weeks)) > 1


def test_chance_is_the_share_of_episodes(make):
    out = active_steps(make({"kind": "dc-outage", "area": "tokyo", "hours": 6, "chance": 0.3}, n=400))
    # Standard error sqrt(0.21 / 400) = 0.023.
    assert out.any(axis=0).mean() == pytest.approx(0.3, abs=0.08)
    assert not active_steps(make({"kind": "dc-outage", "area": "tokyo", "chance": 0.0}, n=20)).any()


def test_nothing_happens_before_the_scored_part_of_a_training_episode(make, scenario):
    incident = {"kind": "dc-outage", "area": "tokyo", "start_hour": 0, "hours": 1}
    config = scenario("japan3", incidents=[incident], episode={"steps": 48, "warm_up_steps": 48})
    batch = Batch(config, 1, "training", "train", "float64")
    batch.reset(seed=4)
    calm = Batch(scenario("japan3", episode={"steps": 48, "warm_up_steps": 48}), 1, "training", "train", "float64")
    calm.reset(seed=4)
    # The warm-up left the same queues; the first scored half hour shows the outage.
    np.testing.assert_array_equal(batch.world.queue, calm.world.queue)
    assert batch.world.clock[0, s.STEP] == 0
    assert batch.world.area[0, TOKYO, s.SITE_UP] == 0.0
    assert batch.world.area[0, TOKYO, s.CAPACITY_MW] == 0.0


ALL_KINDS = [
    {"kind": "area-outage", "area": "tokyo", "hours": 3},
    {"kind": "dc-outage", "area": "kyushu", "hours": 5, "size": 0.5},
    {"kind": "link-cut", "area": "tokyo", "hours": 4},
    {"kind": "interconnector-trip", "area": "hokkaido", "hours": 4},
    {"kind": "hijack-discharge", "hours": 2, "size": 0.3, "chance": 0.7},
    {"kind": "hijack-charge", "area": "tokyo", "hours": 2},
    {"kind": "hijack-oscillate", "area": "kyushu", "hours": 3, "size": 0.5},
    {"kind": "false-telemetry", "hours": 8, "size": -0.3},
    {"kind": "lost-link", "area": "kyushu", "hours": 5, "size": 0.6},
    {"kind": "price-spoof", "hours": 6},
]


def test_every_row_of_a_batch_is_the_single_world_of_its_seed(make):
    rng = np.random.default_rng(0)
    acts = rng.uniform(-1.0, 1.0, (130, 3, 3 * s.N_CONTROL)).astype(np.float32)
    guard = {"change_cap": True, "ramp_limit": True, "frequency_override": True}
    together = make(*ALL_KINDS, n=3, mitigation=guard)
    rows = []
    for action in acts:
        together.step(action)
        rows.append((together.observation.copy(), together.outcome.copy(), together.ledger.copy()))
    for i in range(3):
        alone = make(*ALL_KINDS, mitigation=guard)
        alone.reset(seed=4 + i)
        for action, (observation, outcome, ledger) in zip(acts, rows, strict=True):
            alone.step(action[i : i + 1])
            np.testing.assert_array_equal(alone.observation[0], observation[i])
            np.testing.assert_array_equal(alone.outcome[0], outcome[i])
            np.testing.assert_array_equal(alone.ledger[0], ledger[i])


def test_nothing_about_incidents_depends_on_actions(make):
    fields = [s.SITE_UP, s.FLEET_UP, s.ALARM, s.POWER_UP, s.LINK_LOST, s.HIJACK_SHARE, s.HIJACK_MODE]
    fields += [s.TELEMETRY_BIAS, s.PRICE_BIAS, s.PRICE_RISE]
    seen = []
    for seed in (1, 2):
        batch = make(*ALL_KINDS)
        rng = np.random.default_rng(seed)
        rows = []
        for _ in range(96):
            rows.append(batch.world.area[0][:, fields].copy())
            batch.step_single(rng.uniform(-1.0, 1.0, 3 * s.N_CONTROL).astype(np.float32))
        seen.append(np.array(rows))
    np.testing.assert_array_equal(*seen)
    assert (np.ptp(seen[0], axis=(0, 1)) > 0.0).sum() >= 9


# --- outages ---------------------------------------------------------------------------------------------------------


def test_a_dark_area_neither_uses_nor_sells_anything(make):
    batch = make({"kind": "area-outage", "area": "tokyo", "start_hour": 18.5, "hours": 2})
    play_to(batch, EVENING)
    area = batch.world.area[0]
    for field in (s.CAPACITY_MW, s.FLEET_PLUGGED, s.FLEET_LOW_MW, s.FLEET_HIGH_MW, s.STORAGE_LOW_MW, s.STORAGE_HIGH_MW):
        assert area[TOKYO, field] == 0.0
        assert area[HOKKAIDO, field] != 0.0
    assert area[TOKYO, s.RESERVE_DEPTH_MW] == 0.0
    asked = 0.5 * (area[TOKYO, s.REALTIME_MW] + area[TOKYO, s.INTERACTIVE_MW])
    before = cars(batch, TOKYO, s.ENERGY_KWH)
    gone = cars(batch, TOKYO, s.LEFT_H) >= 18.5
    batch.step_single(act(fleet=1.0, storage=-1.0))
    for field in (s.L_NET_MW, s.L_DATACENTRE_MW, s.L_FLEET_MW, s.L_STORAGE_MW, s.L_ENERGY, s.L_CAPACITY, s.L_RESERVE):
        assert booked(batch, field, TOKYO) == 0.0
    assert booked(batch, s.L_CAPACITY, HOKKAIDO) < 0.0
    dropped = booked(batch, s.L_REALTIME_DROPPED, TOKYO) + booked(batch, s.L_INTERACTIVE_DROPPED, TOKYO)
    assert dropped == pytest.approx(asked)
    # Cars only lose what they drive: those that stay or are still away keep what they have.
    home = ~gone & (cars(batch, TOKYO, s.RETURN_H) < 18.5)
    assert home.any()
    np.testing.assert_allclose(cars(batch, TOKYO, s.ENERGY_KWH)[home], before[home], rtol=1e-12)


def test_work_leaves_a_dark_area_for_those_that_have_power(make):
    dropped = {}
    for name, host in (("stays", (0.0, 0.0, 0.0)), ("leaves", (1.0, -1.0, 1.0))):
        batch = make({"kind": "area-outage", "area": "tokyo", "start_hour": 18.5, "hours": 2})
        play_to(batch, EVENING)
        batch.step_single(act(host=host))
        dropped[name] = booked(batch, s.L_INTERACTIVE_DROPPED, TOKYO)
    assert dropped["stays"] > 20.0
    assert dropped["leaves"] == pytest.approx(0.0, abs=1e-6)


def test_an_outage_of_a_data_centre_takes_its_share_and_nothing_else(make):
    incident = {"kind": "dc-outage", "area": "kyushu", "start_hour": 18.5, "size": 0.4}
    batch, calm = make(incident), make()
    for one in (batch, calm):
        play_to(one, EVENING)
    for field in range(s.N_AREA):
        changed = batch.world.area[0, :, field] != calm.world.area[0, :, field]
        if field in (s.CAPACITY_MW, s.SITE_UP, s.LOST_LOAD_MW):
            np.testing.assert_array_equal(changed, [False, False, True])
        elif field not in (s.SITE_BEFORE_MW, s.FLEET_BEFORE_MW, s.STORAGE_BEFORE_MW):  # kept only with incidents
            assert not changed.any(), field
    assert batch.world.area[0, KYUSHU, s.CAPACITY_MW] == pytest.approx(0.6 * calm.world.area[0, KYUSHU, s.CAPACITY_MW])
    before = booked(batch, s.L_DATACENTRE_MW, KYUSHU)
    assert batch.world.area[0, KYUSHU, s.LOST_LOAD_MW] == pytest.approx(0.4 * before)


def test_the_load_that_an_outage_cuts_off_raises_the_frequency_of_its_zone(make):
    batch = make({"kind": "area-outage", "area": "kyushu", "start_hour": 18.5, "hours": 2, "size": 0.5})
    play_to(batch, EVENING, act(fleet=1.0))
    lost = 0.5 * booked(batch, s.L_NET_MW, KYUSHU)
    row = batch.world.clock[0, s.ROW]
    # Six western areas use 445 TWh a year, Kyushu 82 of them (assumed shares); 10 % of demand per hertz.
    western = batch.world.exog[row, KYUSHU, s.DEMAND] * 445.0 / 82.0
    batch.step_single(act(fleet=1.0))
    assert lost > 100.0
    assert booked(batch, s.L_FREQUENCY, KYUSHU) == pytest.approx(lost / (0.1 * western))
    assert booked(batch, s.L_FREQUENCY, HOKKAIDO) == booked(batch, s.L_FREQUENCY, TOKYO) == 0.0
    batch.step_single(act(fleet=1.0))
    assert booked(batch, s.L_FREQUENCY, KYUSHU) == 0.0  # by then everybody knows


def test_a_cut_link_carries_nothing_either_way_and_both_ends_know(make):
    host = (1.0, -1.0, 1.0)
    for incident, cut in (
        ({"area": "tokyo", "other": "kyushu"}, [(TOKYO, KYUSHU)]),
        ({"area": "tokyo"}, [(TOKYO, KYUSHU), (TOKYO, HOKKAIDO)]),
    ):
        batch = make({"kind": "link-cut", "start_hour": 18.5, **incident})
        play_to(batch, EVENING - 1)
        batch.step_single(act(host=host))
        assert batch.world.flow[0, : s.N_FLOW, TOKYO, KYUSHU].sum() > 0.0
        batch.step_single(act(host=host))
        for a, b in cut:
            assert batch.world.flow[0, : s.N_FLOW, a, b].sum() == 0.0
            assert batch.world.flow[0, : s.N_FLOW, b, a].sum() == 0.0
        if len(cut) == 1:
            assert batch.world.flow[0, : s.N_FLOW, TOKYO, HOKKAIDO].sum() > 0.0
        alarm = batch.world.area[0, :, s.ALARM]
        np.testing.assert_array_equal(alarm, [1.0 if len(cut) == 2 else 0.0, 1.0, 1.0])


def test_a_cut_link_also_holds_for_a_dispatch_from_a_planner(make):
    batch = make({"kind": "link-cut", "area": "tokyo", "start_hour": 18.5})
    play_to(batch, EVENING)
    batch.world.flow[0] = 10.0
    batch.run(s.TASK_DISPATCH, 0, 1)
    away = batch.world.flow[0, : s.N_FLOW].sum(axis=0)
    assert away[TOKYO, [HOKKAIDO, KYUSHU]].sum() == away[[HOKKAIDO, KYUSHU], TOKYO].sum() == 0.0
    assert away[HOKKAIDO, KYUSHU] > 0.0


def test_a_trip_raises_the_settled_price_of_the_importing_side_alone(make):
    batch = make({"kind": "interconnector-trip", "area": "kyushu", "start_hour": 18.5, "size": 12})
    calm = make()
    for one in (batch, calm):
        play_to(one, EVENING)
    np.testing.assert_array_equal(batch.observation, calm.observation)  # nobody knows beforehand
    row = batch.world.clock[0, s.ROW]
    price = batch.world.exog[row, :, s.SPOT]
    assert price[KYUSHU] not in price[:KYUSHU], "the chosen half hour has one zone: choose another"
    for one in (batch, calm):
        one.step_single(act())
    rise = batch.ledger[0, :, s.L_PRICE] - calm.ledger[0, :, s.L_PRICE]
    np.testing.assert_allclose(rise, [0.0, 0.0, 12_000.0], rtol=1e-9)
    np.testing.assert_array_equal(batch.ledger[0, :, s.L_NET_MW], calm.ledger[0, :, s.L_NET_MW])
    shown = batch.layout.get(batch.observation, "previous_delta_jpy_per_mwh")
    known = calm.layout.get(calm.observation, "previous_delta_jpy_per_mwh")
    np.testing.assert_allclose((shown - known)[0], [0.0, 0.0, 12_000.0], atol=0.01)


# --- intruders -------------------------------------------------------------------------------------------------------


def limits(batch: Batch, area: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What an intruder can ask of every car: floor and ceiling, no promise to the owner. [kW]"""
    usable = cars(batch, area, s.CAPACITY_KWH) * cars(batch, area, s.HEALTH)
    energy, plugged = cars(batch, area, s.ENERGY_KWH), cars(batch, area, s.PLUGGED_SHARE)
    low = -np.minimum(KW * plugged, 2.0 * ETA * np.maximum(0.0, energy - FLOOR * usable))
    high = np.minimum(KW * plugged, 0.8 * np.maximum(0.0, CEILING * usable - energy) / ETA)
    return low, high


@pytest.mark.parametrize("kind", ["hijack-discharge", "hijack-charge"])
def test_hijacked_stands_ignore_the_command(make, kind):
    batch = make({"kind": kind, "area": "hokkaido", "start_hour": 18.5, "size": 0.3}, reserve={"enabled": False})
    calm = make(reserve={"enabled": False})
    for one in (batch, calm):
        play_to(one, EVENING)
    np.testing.assert_array_equal(batch.observation, calm.observation)  # nobody reports it
    low, high = limits(batch, HOKKAIDO)
    demand = batch.world.exog[batch.world.clock[0, s.ROW], HOKKAIDO, s.DEMAND]
    for one in (batch, calm):
        one.step_single(act(fleet=0.4))
    commanded = calm.world.car[0, HOKKAIDO, s.CAR_POWER_KW]
    want = 0.7 * commanded + 0.3 * (low if kind == "hijack-discharge" else high)
    np.testing.assert_allclose(batch.world.car[0, HOKKAIDO, s.CAR_POWER_KW], want, atol=1e-9)
    deviation = 100.0 * (want - commanded).sum() / 16.0  # 100,000 cars, 16 representatives, MW
    assert booked(batch, s.L_DEVIATION_MW) == pytest.approx(deviation)
    assert abs(deviation) > 15.0
    assert booked(batch, s.L_FLEET_MW) - booked(calm, s.L_FLEET_MW) == pytest.approx(deviation)
    # Hokkaido is a synchronous zone of its own: more load, lower frequency.
    assert booked(batch, s.L_FREQUENCY) == pytest.approx(-deviation / (0.1 * demand))
    assert booked(batch, s.L_FLEET_MW, TOKYO) == booked(calm, s.L_FLEET_MW, TOKYO)


def test_oscillating_stands_draw_losses_and_wear_and_swing_the_frequency(make):
    batch = make({"kind": "hijack-oscillate", "area": "hokkaido", "start_hour": 18.5, "size": 0.5})
    play_to(batch, EVENING)
    low, high = limits(batch, HOKKAIDO)
    swing = 0.5 * np.minimum(high, -low)
    energy = cars(batch, HOKKAIDO, s.ENERGY_KWH)
    stays = cars(batch, HOKKAIDO, s.RETURN_H) < 18.5
    demand = batch.world.exog[batch.world.clock[0, s.ROW], HOKKAIDO, s.DEMAND]
    batch.step_single(act())
    # A quarter of an hour each way; nothing else moves the cars that stay: 0.25 (1 / 0.92 - 0.92) = 0.04174 kWh per kW.
    lost = energy - cars(batch, HOKKAIDO, s.ENERGY_KWH)
    assert (swing[stays] > 0.0).any()
    forced = 0.5 * ETA * np.maximum(0.0, batch.world.car[0, HOKKAIDO, s.CAR_POWER_KW])
    np.testing.assert_allclose(lost[stays], 0.0417391 * swing[stays] - forced[stays], atol=1e-5)
    mw = 100.0 * swing.sum() / 16.0
    charged = 0.5 * 100.0 * batch.world.car[0, HOKKAIDO, s.CAR_POWER_KW].sum() / 16.0
    assert booked(batch, s.L_CHARGED) == pytest.approx(charged + 0.25 * mw)
    assert booked(batch, s.L_DISCHARGED) == pytest.approx(0.25 * mw)
    deviation = booked(batch, s.L_DEVIATION_MW)
    assert abs(booked(batch, s.L_FREQUENCY)) == pytest.approx((mw + abs(deviation)) / (0.1 * demand))


def test_reserve_comes_only_from_stands_that_obey(make):
    incident = {"kind": "hijack-charge", "area": "hokkaido", "start_hour": 18.5, "size": 1.0}
    batch, calm = make(incident), make()
    offer = act()
    offer.reshape(3, -1)[:, s.A_RESERVE_UP] = 1.0
    short = []
    for one in (batch, calm):
        play_to(one, EVENING)
        one.world.area[0, HOKKAIDO, s.STORAGE_LOW_MW] = 0.0  # only cars and work can answer
        one.step_single(offer)
        short.append(booked(one, s.L_RESERVE_SHORT_MW) + booked(one, s.L_RESERVE_UP_MW))
    assert short[0] == pytest.approx(short[1])
    low = batch.world.area[0, HOKKAIDO, s.FLEET_LOW_MW]
    assert booked(batch, s.L_RESERVE_UP_MW) < booked(calm, s.L_RESERVE_UP_MW) or low == 0.0


def test_without_a_link_the_last_command_holds_or_the_fail_safe_charges(make):
    incident = {"kind": "lost-link", "area": "hokkaido", "start_hour": 18.5, "hours": 3}
    for guard in ({}, {"fail_safe": True}):
        batch = make(incident, mitigation=guard, reserve={"enabled": False})
        # Cars that were emptied all day have something to charge; cars that rested have something to give.
        play_to(batch, EVENING - 1, act(fleet=-1.0 if guard else 0.0))
        batch.step_single(act(fleet=-1.0))
        assert batch.layout.get(batch.observation, "fleet_up_share")[0, HOKKAIDO] == 0.0
        held = batch.world.car[0, HOKKAIDO, s.CAR_POWER_KW].copy()
        low, high = limits(batch, HOKKAIDO)
        usable = cars(batch, HOKKAIDO, s.CAPACITY_KWH) * cars(batch, HOKKAIDO, s.HEALTH)
        missing = np.maximum(0.0, GUARANTEE * usable - cars(batch, HOKKAIDO, s.ENERGY_KWH))
        want = np.minimum(high, 2.0 * missing / ETA) if guard else np.clip(held, low, high)
        batch.step_single(act(fleet=1.0))  # in vain
        np.testing.assert_allclose(batch.world.car[0, HOKKAIDO, s.CAR_POWER_KW], want, atol=1e-9)
        assert (want > 0.0).any() if guard else (want < 0.0).any()


def test_the_fail_safe_keeps_the_promise_to_owners(make):
    incident = {"kind": "lost-link", "start_hour": 18.5, "hours": 24}
    served = []
    for guard in ({}, {"fail_safe": True}):
        batch = make(incident, mitigation=guard)
        play_to(batch, EVENING, act(fleet=-1.0))
        unserved = 0.0
        for _ in range(30):
            batch.step_single(act())
            unserved += float(batch.outcome[0, s.O_UNSERVED])
        served.append(unserved)
    assert served[0] > 50_000.0
    assert served[1] < 0.5 * served[0]


# --- reported and true -----------------------------------------------------------------------------------------------


def differing(one: Batch, other: Batch) -> set[str]:
    """Names of observed fields that differ."""
    return {
        field.name
        for field in one.layout.fields
        if not np.array_equal(
            one.layout.get(one.observation, field.name), other.layout.get(other.observation, field.name)
        )
    }


KEPT = (s.SITE_BEFORE_MW, s.FLEET_BEFORE_MW, s.STORAGE_BEFORE_MW)
"""Written only where there are incidents at all."""


@pytest.mark.parametrize(
    ("incident", "mark", "false"),
    [
        (
            {"kind": "false-telemetry", "size": -0.3},
            s.TELEMETRY_BIAS,
            {"fleet_energy_mwh", "fleet_need_mwh", "fleet_power_min_mw", "fleet_power_max_mw"},
        ),
        ({"kind": "price-spoof", "size": -25}, s.PRICE_BIAS, {"spot_price_jpy_per_mwh"}),
    ],
)
def test_a_false_report_changes_what_is_seen_and_nothing_that_is(make, incident, mark, false):
    false_one = make({"start_hour": 10, "hours": 20, **incident})
    true_one = make()
    rng = np.random.default_rng(5)
    seen = set()
    for step in range(96):
        active = 20 <= step < 60
        differ = differing(false_one, true_one)
        assert differ <= false if active else not differ
        seen |= differ
        np.testing.assert_array_equal(
            false_one.world.vehicle[:, :, : s.HELD_KW], true_one.world.vehicle[:, :, : s.HELD_KW]
        )
        np.testing.assert_array_equal(false_one.world.queue, true_one.world.queue)
        for field in range(s.N_AREA):
            if field not in (mark, *KEPT):
                np.testing.assert_array_equal(false_one.world.area[..., field], true_one.world.area[..., field])
        if active and mark == s.TELEMETRY_BIAS:
            for name in false:
                shown = false_one.layout.get(false_one.observation, name)
                np.testing.assert_allclose(shown, 0.7 * true_one.layout.get(true_one.observation, name), rtol=1e-6)
        if active and mark == s.PRICE_BIAS:
            shown, known = (b.layout.get(b.observation, "spot_price_jpy_per_mwh") for b in (false_one, true_one))
            np.testing.assert_allclose(shown, known - 25_000.0, rtol=1e-5)
        action = rng.uniform(-1.0, 1.0, 3 * s.N_CONTROL).astype(np.float32)
        for one in (false_one, true_one):
            one.step_single(action)
        np.testing.assert_array_equal(false_one.outcome, true_one.outcome)
        np.testing.assert_array_equal(false_one.ledger, true_one.ledger)
    assert seen == false


# --- layers ----------------------------------------------------------------------------------------------------------


MANY_CARS = [
    {"name": "hokkaido", "user_share": 0.22, "cars": 300_000},
    {"name": "tokyo", "datacentre_mw": 600, "user_share": 0.56, "cars": 300_000},
    {"name": "kyushu", "user_share": 0.22, "cars": 150_000},
]


def attacked(make: Make, incident: dict[str, Any], layers: dict[str, Any], steps: int = 4) -> dict[str, float]:
    """Play an attack on the evening under a fleet that charges; returns what it did."""
    batch = make({"start_hour": 18.5, "hours": 2, **incident}, mitigation=layers, areas=MANY_CARS)
    play_to(batch, EVENING, act(fleet=0.3))
    result = {"hz": 0.0, "mw": 0.0, "unsafe": 0.0, "alarm": 0.0, "cost": 0.0, "change": 0.0, "swing": 0.0}
    before = booked(batch, s.L_FLEET_MW)
    for _ in range(steps):
        batch.step_single(act(fleet=0.3))
        result["hz"] = max(result["hz"], abs(booked(batch, s.L_FREQUENCY)))
        result["mw"] = max(result["mw"], abs(booked(batch, s.L_DEVIATION_MW)))
        result["unsafe"] += float(batch.outcome[0, s.O_UNSAFE])
        result["alarm"] = max(result["alarm"], float(batch.world.area[0, HOKKAIDO, s.ALARM]))
        result["change"] = max(result["change"], abs(booked(batch, s.L_FLEET_MW) - before))
        result["cost"] += float(batch.outcome[0, s.O_COST] - batch.outcome[0, s.O_SECURITY])
        before = booked(batch, s.L_FLEET_MW)
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
    play_to(calm, EVENING, act(fleet=0.3))
    cost = 0.0
    for _ in range(4):
        calm.step_single(act(fleet=0.3))
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
    play_to(batch, EVENING, act(fleet=-0.5))
    before = booked(batch, s.L_FLEET_MW)
    batch.step_single(act(fleet=1.0))
    assert booked(batch, s.L_FLEET_MW) == pytest.approx(before + 59.0)
    assert booked(batch, s.L_DEVIATION_MW) == booked(batch, s.L_FREQUENCY) == 0.0  # everybody knows the cap


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
        play_to(one, EVENING)
    assert differing(lied, calm) >= {"fleet_energy_mwh", "fleet_power_max_mw"}
    assert differing(found, calm) == {"alarm"}
    assert "fleet_energy_mwh" in differing(outvoted, calm)
    assert "fleet_energy_mwh" in differing(small, calm)
    assert "alarm" not in differing(outvoted, calm) | differing(small, calm)


def test_a_quorum_notices_hijacked_stands_after_half_an_hour(make):
    batch = make({**BLACKOUT, "start_hour": 18.5}, mitigation={"quorum": True})
    play_to(batch, EVENING)
    assert batch.world.area[0, HOKKAIDO, s.ALARM] == 0.0
    assert batch.world.area[0, HOKKAIDO, s.FLEET_UP] == 1.0
    batch.step_single(act())
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
    batch.step_single(act())
    assert batch.outcome[0, s.O_SECURITY] == pytest.approx(per_year / 17_520.0)
    assert batch.ledger[0, :, s.L_SECURITY].sum() == pytest.approx(per_year / 17_520.0)
    terms = sum(batch.outcome[0, k] for k in range(s.O_ENERGY, s.O_TERMINAL + 1))
    assert batch.outcome[0, s.O_COST] == pytest.approx(terms)
    assert make().outcome[0, s.O_SECURITY] == 0.0


# --- configuration ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("incident", "message"),
    [
        ({"kind": "dc-outage", "size": 1.2}, "size of dc-outage is 1.2, must lie in 0 .. 1"),
        ({"kind": "hijack-charge", "size": 0}, "size of hijack-charge is 0"),
        ({"kind": "false-telemetry", "size": 0.6}, "must lie in -0.5 .. 0.5"),
        ({"kind": "price-spoof", "size": 31}, "must lie in -30 .. 30"),
        ({"kind": "interconnector-trip", "area": "tokyo", "size": -3}, "must lie in 0 .. 200"),
        ({"kind": "link-cut", "area": "tokyo", "size": 0.5}, "a cut link carries nothing"),
        ({"kind": "link-cut"}, "area of link-cut is 'all', must name one area"),
        ({"kind": "link-cut", "area": "tokyo", "other": "tokyo"}, "must be another area"),
        ({"kind": "dc-outage", "other": "tokyo"}, "only a link-cut has a far end"),
        ({"kind": "dc-outage", "area": "kansai"}, "incidents.0: area is 'kansai': there are hokkaido, tokyo, kyushu"),
        ({"kind": "dc-outage", "start_hour": 168}, "start_hour is 168: the episode has 168 hours"),
        ({"kind": "dc-outage", "hours": 200}, "hours is 200: the episode has 168 hours"),
        ({"kind": "dc-outage", "hours": 0.7}, "multiple of 0.5"),
        ({"kind": "dc-outage", "chance": 1.5}, "less than or equal to 1"),
        ({"kind": "earthquake"}, "incidents.0.kind: is 'earthquake'"),
        ({"kind": "dc-outage", "durance": 3}, "unknown key"),
    ],
)
def test_what_is_wrong_with_an_incident_is_said_in_one_line(incident, message):
    content = load_scenario("japan3").model_dump() | {"incidents": [incident]}
    with pytest.raises(ScenarioError) as error:
        load_scenario(content)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_quorum_is_more_than_half():
    content = load_scenario("japan3").model_dump() | {"mitigation": {"quorum_of": 4, "quorum_needed": 2}}
    with pytest.raises(ScenarioError, match="quorum_needed is 2 of 4, must be more than half"):
        load_scenario(content)


def test_half_a_site_is_as_crowded_at_half_the_load(scenario):
    config = scenario("japan3", incidents=[{"kind": "dc-outage", "start_hour": 12.0, "hours": 6.0, "size": 0.5}])
    batch = Batch(config, 1, precision="float64")
    batch.reset(1)
    for _ in range(30):
        batch.step_single(np.tile([0, 0, 1, 1, 0, 0, 0, 0], 3).astype(np.float32))
    # What is left is full: the slowest hundredth waits longer than at a sound site, and waiting costs.
    full = batch.ledger[0, :, s.L_LOAD_MW] / batch.world.site[:, s.SITE_DYNAMIC_MW]
    assert full.max() <= 0.5 + 1e-9
    assert batch.ledger[0, :, s.L_P99_MS].max() > 1_000.0
    assert batch.outcome[0, s.O_NETWORK] > 1e5
