"""The Box, the dispatch below it, and the way back."""

from dataclasses import fields, replace

import numpy as np
import pytest

from wattbit.action import (
    CONTROLS,
    HELD,
    ControlMap,
    Dispatch,
    action_space,
    decode_action,
    encode_action,
    step_dispatch,
)
from wattbit.world import state as s
from wattbit.world.batch import Batch

PARTS = [field.name for field in fields(Dispatch)]
NO_USERS = {"areas": [{"name": n, "user_share": u} for n, u in (("hokkaido", 0.0), ("tokyo", 1.0), ("kyushu", 0.4))]}


def scenarios(scenario):
    yield "japan3", scenario("japan3")
    yield "japan9", scenario("japan9")
    yield "on IP paths", scenario("japan9", network={"path": "ip"})
    yield "an area without users", scenario("japan3", **NO_USERS)


def random_action(rng: np.random.Generator, size: int) -> np.ndarray:
    """Inside the box, some entries at its ends or in the middle."""
    corner = rng.choice([-1.0, 0.0, 1.0], size)
    return np.where(rng.random(size) < 0.2, corner, rng.uniform(-1.0, 1.0, size)).astype(np.float32)


def error(one: Dispatch, two: Dispatch) -> dict[str, float]:
    """Largest difference of each part relative to its largest entry."""
    pairs = {name: (getattr(one, name), getattr(two, name)) for name in PARTS}
    return {name: float(np.abs(a - b).max() / max(1.0, np.abs(a).max())) for name, (a, b) in pairs.items()}


@pytest.mark.parametrize("which", range(4), ids=["japan3", "japan9", "japan9 on IP", "no users in Hokkaido"])
def test_encode_inverts_decode_on_random_actions(scenario, which):
    _, config = list(scenarios(scenario))[which]
    batch = Batch(config)
    batch.reset(3)
    rng = np.random.default_rng(which)
    for _ in range(60):
        action = random_action(rng, batch.world.action.shape[1])
        wanted = decode_action(batch, action)
        again = decode_action(batch, encode_action(batch, wanted))
        errors = error(wanted, again)
        assert max(errors.values()) <= 1e-4, errors
        batch.step(action[None])


def test_the_rule_that_keeps_everything_at_home_encodes_to_itself(scenario):
    batch = Batch(scenario("japan3"))
    batch.reset(3)
    action = np.tile([HELD[name] for name in CONTROLS], 3).astype(np.float32)
    encoded = encode_action(batch, decode_action(batch, action)).reshape(3, -1)
    assert (encoded[:, : s.A_BATCH] == 0.0).all()
    assert encoded[:, s.A_FLEET] == pytest.approx(1.0)
    assert (encoded[:, s.A_STORAGE] == 0.0).all()


@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 1e-9), ("float32", 1e-5)])
def test_stepping_a_decoded_dispatch_is_stepping_its_action(scenario, precision, tolerance):
    config = scenario("japan3")
    by_action, by_dispatch = (Batch(config, 1, "evaluation", "test", precision) for _ in range(2))
    for batch in (by_action, by_dispatch):
        batch.reset(4)
    rng = np.random.default_rng(1)
    for _ in range(55):
        action = random_action(rng, 24)
        assert not step_dispatch(by_dispatch, decode_action(by_dispatch, action))
        by_action.step_single(action)
        np.testing.assert_allclose(by_dispatch.outcome, by_action.outcome, rtol=tolerance, atol=tolerance * 1e7)
        np.testing.assert_allclose(by_dispatch.observation, by_action.observation, rtol=1e-4, atol=1e-4)


@pytest.fixture
def batch(scenario) -> Batch:
    batch = Batch(scenario("japan3"), 1, "evaluation", "test", "float64")
    batch.reset(4)
    for _ in range(3):  # a backlog to work with
        batch.step_single(np.tile([0, 0, -1, -1, 0, 0, 0, 0], 3).astype(np.float32))
    return batch


def siloed(batch: Batch) -> Dispatch:
    return decode_action(batch, np.tile([0, 0, 1, 1, 0, 0, 0, 0], 3).astype(np.float32))


def carried_out(batch: Batch) -> np.ndarray:
    return batch.world.flow[0, : s.N_FLOW].copy()


def test_battery_and_car_powers_are_cut_to_their_limits(batch):
    area = batch.world.area[0].copy()
    low, high = (batch.world.vehicle[0, :, k].copy() for k in (s.POWER_LOW_KW, s.POWER_HIGH_KW))
    dispatch = replace(
        siloed(batch),
        vehicle_kw=np.full((3, 16), 1e3),
        storage_mw=np.array([1e3, -1e3, 0.5 * area[2, s.STORAGE_HIGH_MW]]),
    )
    step_dispatch(batch, dispatch)
    power = batch.ledger[0, :, s.L_STORAGE_MW]
    assert power == pytest.approx([area[0, s.STORAGE_HIGH_MW], area[1, s.STORAGE_LOW_MW], dispatch.storage_mw[2]])
    np.testing.assert_allclose(batch.ledger[0, :, s.L_FLEET_MW], area[:, s.FLEET_HIGH_MW], rtol=1e-9)
    assert (batch.world.car[0, :, s.CAR_POWER_KW] <= high).all()
    # Asked to discharge without end, every car goes to its own lowest limit.
    again = replace(siloed(batch), vehicle_kw=np.full((3, 16), -1e3))
    low = batch.world.vehicle[0, :, s.POWER_LOW_KW].copy()
    step_dispatch(batch, again)
    np.testing.assert_allclose(batch.world.car[0, :, s.CAR_POWER_KW], low)


def test_work_that_is_not_there_does_not_run(batch):
    backlog = batch.world.area[0, :, [s.BATCH_MWH, s.TRAINING_MWH]].copy()
    demand = batch.world.area[0, :, s.REALTIME_MW].copy()
    everywhere = np.full((3, 3), 1e4)
    step_dispatch(batch, replace(siloed(batch), batch_mw=everywhere, training_mw=everywhere))
    assert (batch.ledger[0, :, s.L_BATCH_SERVED] <= backlog[0] * (1 + 1e-9)).all()
    assert (batch.ledger[0, :, s.L_TRAINING_SERVED] <= backlog[1] * (1 + 1e-9)).all()
    asked = replace(siloed(batch), realtime_mw=np.full((3, 3, 3), 1e4))
    demand = batch.world.area[0, :, s.REALTIME_MW].sum()
    step_dispatch(batch, asked)
    ledger = batch.ledger[0]
    ran = ledger[:, s.L_REALTIME_MW].sum() + 2.0 * ledger[:, s.L_REALTIME_DROPPED].sum()
    assert ran == pytest.approx(demand)


def test_users_are_not_sent_beyond_their_latency_budget(batch):
    # Hokkaido-Kyushu takes 18.4 ms: only the 20 ms class may go, the others stay at home.
    dispatch = siloed(batch)
    away = np.zeros((3, 3, 3))
    away[:, 0, 2] = dispatch.realtime_mw[:, 0, 0]
    away[:, [1, 2], [1, 2]] = dispatch.realtime_mw[:, [1, 2], [1, 2]]
    step_dispatch(
        batch, replace(dispatch, realtime_mw=away, batch_mw=0 * dispatch.batch_mw, training_mw=0 * dispatch.training_mw)
    )
    flow = carried_out(batch)
    assert (flow[:2, 0, 2] == 0.0).all()
    np.testing.assert_allclose(flow[:2, 0, 0], away[:2, 0, 2])
    assert flow[2, 0, 2] == pytest.approx(away[2, 0, 2])


def test_demand_that_a_dispatch_forgets_stays_at_home(batch):
    demand = batch.world.area[0, :, s.INTERACTIVE_MW].copy()
    step_dispatch(batch, replace(siloed(batch), interactive_mw=np.zeros((3, 3))))
    np.testing.assert_allclose(np.diag(carried_out(batch)[s.FLOW_INTERACTIVE]), demand)


def test_links_and_sites_are_not_overfilled(scenario):
    batch = Batch(scenario("japan3", network={"apn_gbps": 20.0}), 1, "evaluation", "test", "float64")  # 4.5 TB
    batch.reset(4)
    rng = np.random.default_rng(0)
    tb = np.array([0.5, 0.5, 0.5, 0.02, 1.0, 0.3])
    away = ~np.eye(3, dtype=bool)
    for _ in range(40):
        before = batch.world.area[0].copy()
        step_dispatch(
            batch,
            Dispatch(
                *(rng.uniform(-50.0, 400.0, shape) for shape in ((3, 3, 3), (3, 3), (3, 3), (3, 3))),
                vehicle_kw=rng.uniform(-9.0, 9.0, (3, 16)),
                storage_mw=rng.uniform(-90.0, 90.0, 3),
            ),
        )
        flow, ledger = carried_out(batch), batch.ledger[0]
        assert (flow >= 0.0).all()
        moved = 0.5 * np.einsum("kod,k->od", flow, tb)
        assert (moved[away] <= 4.5 * (1 + 1e-9)).all()
        assert (ledger[:, s.L_LOAD_MW] <= before[:, s.CAPACITY_MW] * (1 + 1e-9)).all()
        # Whatever was asked, the balances close.
        after = batch.world.area[0]
        served = ledger[:, s.L_BATCH_SERVED] + ledger[:, s.L_BATCH_MISSED]
        np.testing.assert_allclose(
            after[:, s.BATCH_MWH] - after[:, s.ARRIVED_BATCH_MWH] + served, before[:, s.BATCH_MWH], rtol=1e-6, atol=1e-6
        )
        for k, ran, dropped in (
            (s.REALTIME_MW, s.L_REALTIME_MW, s.L_REALTIME_DROPPED),
            (s.INTERACTIVE_MW, s.L_INTERACTIVE_MW, s.L_INTERACTIVE_DROPPED),
        ):
            total = ledger[:, ran].sum() + 2.0 * ledger[:, dropped].sum()
            assert total == pytest.approx(before[:, k].sum(), rel=1e-9)
        cars = 0.92 * ledger[:, s.L_CHARGED] - ledger[:, s.L_DISCHARGED] / 0.92
        cars += ledger[:, s.L_ROAD] - ledger[:, s.L_TRIP]
        np.testing.assert_allclose(after[:, s.FLEET_MWH] - before[:, s.FLEET_MWH], cars, atol=1e-6)
        assert (after[:, s.STORAGE_MWH] >= 0.05 * 200.0 - 1e-9).all()
        assert (after[:, s.STORAGE_MWH] <= 0.95 * 200.0 + 1e-9).all()


def test_homes_go_before_guests_in_a_dispatch_too(batch):
    # Hokkaido and Tokyo send all they have to Kyushu, more than its 210 MW: its own users still find room.
    dispatch = siloed(batch)
    batch.world.area[0, :2, s.INTERACTIVE_MW] *= 1.5
    demand = batch.world.area[0, :, s.INTERACTIVE_MW].copy()
    assert demand.sum() > 210.0
    to_kyushu = np.zeros((3, 3))
    to_kyushu[:, 2] = demand
    step_dispatch(batch, replace(dispatch, interactive_mw=to_kyushu))
    assert batch.ledger[0, 2, s.L_LOAD_MW] == pytest.approx(210.0)
    assert batch.ledger[0, 2, s.L_INTERACTIVE_DROPPED] == 0.0
    assert batch.ledger[0, 2, s.L_REALTIME_DROPPED] == 0.0


def test_actions_outside_the_box_count_as_its_ends(batch):
    wild = np.full(24, 7.0, np.float32)
    wild[::2] = -9.0
    tame = np.clip(wild, -1.0, 1.0)
    assert max(error(decode_action(batch, wild), decode_action(batch, tame)).values()) == 0.0


def test_zero_hosting_everywhere_serves_everybody_at_home(batch):
    action = np.tile([-1, -1, 1, 1, 0, 0, 0, 0], 3).astype(np.float32)
    dispatch = decode_action(batch, action)
    assert np.count_nonzero(dispatch.interactive_mw - np.diag(np.diag(dispatch.interactive_mw))) == 0
    np.testing.assert_allclose(np.diag(dispatch.interactive_mw), batch.world.area[0, :, s.INTERACTIVE_MW])
    np.testing.assert_allclose(dispatch.realtime_mw.sum((0, 2)), batch.world.area[0, :, s.REALTIME_MW])


def test_hosting_shares_are_met_on_paper(batch):
    # Interactive: Hokkaido hosts nobody, the others what they have weighted 1: Tokyo and Kyushu grow in proportion.
    demand = batch.world.area[0, :, s.INTERACTIVE_MW].copy()
    action = np.zeros((3, 8), np.float32)
    action[0, s.A_INTERACTIVE] = -1.0
    flow = decode_action(batch, action.ravel()).interactive_mw
    hosted = np.array([0.0, demand[1], demand[2]]) * demand.sum() / (demand[1] + demand[2])
    np.testing.assert_allclose(flow.sum(axis=0), hosted, rtol=1e-9, atol=1e-9)
    assert flow[0, 1] == pytest.approx(hosted[1] - demand[1])
    assert flow[0, 2] == pytest.approx(hosted[2] - demand[2])


def test_held_controls_fill_the_full_action():
    full = ControlMap(2, CONTROLS[4:6]).full(np.array([0.1, 0.2, 0.3, 0.4], np.float32)).reshape(2, 8)
    np.testing.assert_allclose(full, [[0, 0, 1, 1, 0.1, 0.2, 0, 0], [0, 0, 1, 1, 0.3, 0.4, 0, 0]], rtol=1e-6)
    full = ControlMap(1, CONTROLS[:4]).full(np.full((5, 4), 0.5, np.float32))
    np.testing.assert_allclose(full, np.tile([0.5, 0.5, 0.5, 0.5, 1.0, 0.0, 0.0, 0.0], (5, 1)))
    same = np.zeros(16, np.float32)
    assert ControlMap(2, CONTROLS).full(same) is same


def test_the_action_space_is_a_box_area_by_area():
    space = action_space(3)
    assert space.shape == (24,)
    assert (space.low == -1.0).all()
    assert (space.high == 1.0).all()
    assert action_space(9, CONTROLS[:4]).shape == (36,)
