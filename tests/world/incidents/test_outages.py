"""Outages of areas, data centres, links and the lines of the grid."""

import numpy as np
import pytest

from wattbit.world import state as s
from wattbit.world.batch import Batch

HOKKAIDO, TOKYO, KYUSHU = range(3)
EVENING = 37  # half hour of the first day: 18:30


def test_a_dark_area_neither_uses_nor_sells_anything(make):
    batch = make({"kind": "area-outage", "area": "tokyo", "start_hour": 18.5, "hours": 2})
    batch.play_to(EVENING)
    area = batch.world.area[0]
    for field in (s.CAPACITY_MW, s.FLEET_PLUGGED, s.FLEET_LOW_MW, s.FLEET_HIGH_MW, s.STORAGE_LOW_MW, s.STORAGE_HIGH_MW):
        assert area[TOKYO, field] == 0.0
        assert area[HOKKAIDO, field] != 0.0
    assert area[TOKYO, s.RESERVE_DEPTH_MW] == 0.0
    asked = 0.5 * (area[TOKYO, s.REALTIME_MW] + area[TOKYO, s.INTERACTIVE_MW])
    before = batch.cars(TOKYO, s.ENERGY_KWH)
    gone = batch.cars(TOKYO, s.LEFT_H) >= 18.5
    batch.act(fleet=1.0, storage=-1.0)
    for field in (s.L_NET_MW, s.L_DATACENTRE_MW, s.L_FLEET_MW, s.L_STORAGE_MW, s.L_ENERGY, s.L_CAPACITY, s.L_RESERVE):
        assert batch.booked(field, TOKYO) == 0.0
    assert batch.booked(s.L_CAPACITY, HOKKAIDO) < 0.0
    dropped = batch.booked(s.L_REALTIME_DROPPED, TOKYO) + batch.booked(s.L_INTERACTIVE_DROPPED, TOKYO)
    assert dropped == pytest.approx(asked)
    # Cars only lose what they drive: those that stay or are still away keep what they have.
    home = ~gone & (batch.cars(TOKYO, s.RETURN_H) < 18.5)
    assert home.any()
    np.testing.assert_allclose(batch.cars(TOKYO, s.ENERGY_KWH)[home], before[home], rtol=1e-12)


def test_work_leaves_a_dark_area_for_those_that_have_power(make):
    dropped = {}
    for name, host in (("stays", (0.0, 0.0, 0.0)), ("leaves", (1.0, -1.0, 1.0))):
        batch = make({"kind": "area-outage", "area": "tokyo", "start_hour": 18.5, "hours": 2})
        batch.play_to(EVENING)
        batch.act(host=host)
        dropped[name] = batch.booked(s.L_INTERACTIVE_DROPPED, TOKYO)
    assert dropped["stays"] > 20.0
    assert dropped["leaves"] == pytest.approx(0.0, abs=1e-6)


def test_an_outage_of_a_data_centre_takes_its_share_and_nothing_else(make):
    incident = {"kind": "dc-outage", "area": "kyushu", "start_hour": 18.5, "size": 0.4}
    batch, calm = make(incident), make()
    for one in (batch, calm):
        one.play_to(EVENING)
    for field in range(s.N_AREA):
        changed = batch.world.area[0, :, field] != calm.world.area[0, :, field]
        if field in (s.CAPACITY_MW, s.SITE_UP, s.LOST_LOAD_MW):
            np.testing.assert_array_equal(changed, [False, False, True])
        elif field not in (s.SITE_BEFORE_MW, s.FLEET_BEFORE_MW, s.STORAGE_BEFORE_MW):  # kept only with incidents
            assert not changed.any(), field
    assert batch.world.area[0, KYUSHU, s.CAPACITY_MW] == pytest.approx(0.6 * calm.world.area[0, KYUSHU, s.CAPACITY_MW])
    before = batch.booked(s.L_DATACENTRE_MW, KYUSHU)
    assert batch.world.area[0, KYUSHU, s.LOST_LOAD_MW] == pytest.approx(0.4 * before)


def test_the_load_that_an_outage_cuts_off_raises_the_frequency_of_its_zone(make):
    batch = make({"kind": "area-outage", "area": "kyushu", "start_hour": 18.5, "hours": 2, "size": 0.5})
    batch.play_to(EVENING, fleet=1.0)
    lost = 0.5 * batch.booked(s.L_NET_MW, KYUSHU)
    row = batch.world.clock[0, s.ROW]
    # Six western areas use 445 TWh a year, Kyushu 82 of them (assumed shares); 10 % of demand per hertz.
    western = batch.world.exog[row, KYUSHU, s.DEMAND] * 445.0 / 82.0
    batch.act(fleet=1.0)
    assert lost > 100.0
    assert batch.booked(s.L_FREQUENCY, KYUSHU) == pytest.approx(lost / (0.1 * western))
    assert batch.booked(s.L_FREQUENCY, HOKKAIDO) == batch.booked(s.L_FREQUENCY, TOKYO) == 0.0
    batch.act(fleet=1.0)
    assert batch.booked(s.L_FREQUENCY, KYUSHU) == 0.0  # by then everybody knows


def test_a_cut_link_carries_nothing_either_way_and_both_ends_know(make):
    host = (1.0, -1.0, 1.0)
    for incident, cut in (
        ({"area": "tokyo", "other": "kyushu"}, [(TOKYO, KYUSHU)]),
        ({"area": "tokyo"}, [(TOKYO, KYUSHU), (TOKYO, HOKKAIDO)]),
    ):
        batch = make({"kind": "link-cut", "start_hour": 18.5, **incident})
        batch.play_to(EVENING - 1)
        batch.act(host=host)
        assert batch.world.flow[0, : s.N_FLOW, TOKYO, KYUSHU].sum() > 0.0
        batch.act(host=host)
        for a, b in cut:
            assert batch.world.flow[0, : s.N_FLOW, a, b].sum() == 0.0
            assert batch.world.flow[0, : s.N_FLOW, b, a].sum() == 0.0
        if len(cut) == 1:
            assert batch.world.flow[0, : s.N_FLOW, TOKYO, HOKKAIDO].sum() > 0.0
        alarm = batch.world.area[0, :, s.ALARM]
        np.testing.assert_array_equal(alarm, [1.0 if len(cut) == 2 else 0.0, 1.0, 1.0])


def test_a_cut_link_also_holds_for_a_dispatch_from_a_planner(make):
    batch = make({"kind": "link-cut", "area": "tokyo", "start_hour": 18.5})
    batch.play_to(EVENING)
    batch.world.flow[0] = 10.0
    batch.run(s.TASK_DISPATCH, 0, 1)
    away = batch.world.flow[0, : s.N_FLOW].sum(axis=0)
    assert away[TOKYO, [HOKKAIDO, KYUSHU]].sum() == away[[HOKKAIDO, KYUSHU], TOKYO].sum() == 0.0
    assert away[HOKKAIDO, KYUSHU] > 0.0


def test_a_trip_raises_the_settled_price_of_the_importing_side_alone(make):
    batch = make({"kind": "interconnector-trip", "area": "kyushu", "start_hour": 18.5, "size": 12})
    calm = make()
    for one in (batch, calm):
        one.play_to(EVENING)
    np.testing.assert_array_equal(batch.observation, calm.observation)  # nobody knows beforehand
    row = batch.world.clock[0, s.ROW]
    price = batch.world.exog[row, :, s.SPOT]
    assert price[KYUSHU] not in price[:KYUSHU], "the chosen half hour has one zone: choose another"
    for one in (batch, calm):
        one.act()
    rise = batch.ledger[0, :, s.L_PRICE] - calm.ledger[0, :, s.L_PRICE]
    np.testing.assert_allclose(rise, [0.0, 0.0, 12_000.0], rtol=1e-9)
    np.testing.assert_array_equal(batch.ledger[0, :, s.L_NET_MW], calm.ledger[0, :, s.L_NET_MW])
    shown = batch.layout.get(batch.observation, "previous_delta_jpy_per_mwh")
    known = calm.layout.get(calm.observation, "previous_delta_jpy_per_mwh")
    np.testing.assert_allclose((shown - known)[0], [0.0, 0.0, 12_000.0], atol=0.01)


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
