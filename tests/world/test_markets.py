"""Reserve, capacity contract and certificates in the world, against numbers worked by hand."""

import numpy as np
import pytest

from wattbit.action import Dispatch, decode_action, step_dispatch
from wattbit.world import state as s
from wattbit.world.batch import Batch

HOME = np.tile([0, 0, 1, 1, 0, 0, 0, 0], 3).astype(np.float32)


@pytest.fixture
def batch(scenario) -> Batch:
    batch = Batch(scenario("japan3"), 1, "evaluation", "test", "float64")
    batch.reset(4)
    for _ in range(6):
        batch.step_single(HOME)
    return batch


def offering(batch: Batch, up_mw: float = 0.0, down_mw: float = 0.0, storage_mw: float = 0.0) -> Dispatch:
    """Everything at home, battery at `storage_mw`, the same offers in every area."""
    plain = decode_action(batch, HOME)
    offers = np.full(3, up_mw), np.full(3, down_mw)
    return Dispatch(
        plain.realtime_mw, plain.interactive_mw, plain.batch_mw, plain.training_mw,
        plain.vehicle_kw, np.full(3, storage_mw), *offers,
    )  # fmt: skip


def set_exog(batch: Batch, field: int, value: float) -> None:
    """Set one column of the half hour to act on."""
    exog = batch.world.exog.copy()
    exog[batch.world.clock[0, s.ROW], :, field] = value
    exog.flags.writeable = False
    batch.world = batch.world._replace(exog=exog)
    batch._bind()


def book(batch: Batch, field: int) -> np.ndarray:
    return batch.ledger[0, :, field].copy()


def test_a_block_of_upward_reserve_earns_its_price_less_its_own_weight(batch):
    set_exog(batch, s.DELTA, 0.0)
    depth = batch.world.area[0, :, s.RESERVE_DEPTH_MW].copy()
    price = (
        batch.world.site[:, s.SITE_RESERVE_PRICE] * batch.world.exog[batch.world.clock[0, s.ROW], :, s.RESERVE_PRICE]
    )
    step_dispatch(batch, offering(batch, up_mw=20.0))
    np.testing.assert_allclose(book(batch, s.L_RESERVE_UP_MW), 20.0)
    # The price falls to a half at the depth of the market: q - q^2 / 4 depth.
    np.testing.assert_allclose(book(batch, s.L_RESERVE), -price * (20.0 - 100.0 / depth), rtol=1e-6)
    assert (book(batch, s.L_ACTIVATED_MW) == 0.0).all()


def test_activation_moves_the_battery_first_and_is_settled_as_energy(batch):
    # 3.75 JPY/kWh of imbalance lie half way between 1.5, where activation starts, and 6, where all is called.
    set_exog(batch, s.DELTA, 3_750.0)
    step_dispatch(batch, offering(batch, up_mw=20.0))
    np.testing.assert_allclose(book(batch, s.L_ACTIVATED_MW), -10.0, rtol=1e-6)
    np.testing.assert_allclose(book(batch, s.L_STORAGE_MW), -10.0, rtol=1e-6)
    net = book(batch, s.L_DATACENTRE_MW) + book(batch, s.L_FLEET_MW) + book(batch, s.L_STORAGE_MW)
    np.testing.assert_allclose(book(batch, s.L_NET_MW), net, rtol=1e-9)


def test_downward_reserve_charges_when_the_system_is_long(batch):
    set_exog(batch, s.DELTA, -6_000.0)
    step_dispatch(batch, offering(batch, down_mw=20.0))
    np.testing.assert_allclose(book(batch, s.L_ACTIVATED_MW), 20.0, rtol=1e-6)
    np.testing.assert_allclose(book(batch, s.L_STORAGE_MW), 20.0, rtol=1e-6)


def test_a_battery_that_already_discharges_has_nothing_left_to_sell(scenario):
    area = {"name": "tokyo", "user_share": 1.0, "cars": 0.0, "datacentre_mw": 0.0}
    batch = Batch(scenario("japan3", areas=[area]), 1, "evaluation", "test", "float64")
    batch.reset(4)
    set_exog(batch, s.DELTA, 0.0)
    zero = np.zeros((1, 1))
    full = Dispatch(np.zeros((3, 1, 1)), zero, zero, zero, np.zeros((1, 16)), np.full(1, -50.0), np.full(1, 40.0))
    price = (
        batch.world.site[0, s.SITE_RESERVE_PRICE] * batch.world.exog[batch.world.clock[0, s.ROW], 0, s.RESERVE_PRICE]
    )
    step_dispatch(batch, full)
    assert book(batch, s.L_STORAGE_MW)[0] == pytest.approx(-50.0)
    assert book(batch, s.L_RESERVE_UP_MW)[0] == 0.0
    # All of the offer is missing: half as much again as the block's price.
    assert book(batch, s.L_RESERVE_SHORT_MW)[0] == pytest.approx(40.0)
    assert book(batch, s.L_RESERVE)[0] == pytest.approx(1.5 * 40.0 * price, rel=1e-6)


@pytest.mark.parametrize("delta", [6_000.0, -6_000.0])
def test_what_is_called_is_given_and_no_more_though_a_cap_on_change_holds_cars_back(scenario, delta):
    """Cars held below their least power have nothing to give, and those beside them give no more for it."""
    config = scenario("japan3", mitigation={"change_cap": True, "change_cap_share": 0.05})
    actions = np.random.default_rng(3).uniform(-1.0, 1.0, (24, 24)).astype(np.float32)
    called_beside_them = 0.0
    for row in range(1, 24, 2):
        given = []
        for found in (delta, 0.0):
            batch = Batch(config, 1, "evaluation", "test", "float64")
            batch.reset(4)
            for action in actions[:row]:
                batch.step_single(action)
            set_exog(batch, s.DELTA, found)
            least, pue = batch.world.vehicle[0, :, s.POWER_LOW_KW].copy(), batch.world.area[0, :, s.PUE].copy()
            batch.step_single(actions[row])
            work = batch.world.flow[0, [s.FLOW_BATCH, s.FLOW_TRAINING]].sum(axis=(0, 1))
            given.append(book(batch, s.L_FLEET_MW) + book(batch, s.L_STORAGE_MW) + pue * work)
            if found == delta:
                called = book(batch, s.L_ACTIVATED_MW)
        np.testing.assert_allclose(given[0] - given[1], called, atol=1e-6)
        held_back = (batch.world.car[0, :, s.CAR_POWER_KW] < least - 1e-6).any(axis=1)
        called_beside_them += np.abs(called[held_back]).sum()
    assert called_beside_them > 10.0


def test_offers_below_the_smallest_bid_and_in_a_call_do_not_count(batch):
    step_dispatch(batch, offering(batch, up_mw=0.9))
    assert (book(batch, s.L_RESERVE_UP_MW) == 0.0).all()
    set_exog(batch, s.CALL, 1.0)
    step_dispatch(batch, offering(batch, up_mw=20.0, down_mw=20.0))
    assert (book(batch, s.L_RESERVE_UP_MW) + book(batch, s.L_RESERVE_DOWN_MW) == 0.0).all()
    assert (book(batch, s.L_RESERVE) == 0.0).all()


def test_a_called_contract_is_measured_against_an_inflexible_operator(batch):
    set_exog(batch, s.CALL, 1.0)
    step_dispatch(batch, offering(batch))
    world = batch.world
    config = batch.config
    paid = 30.0 * 1000.0 * np.array([14_812.0, 14_812.0, 13_177.0]) * config.capacity.derating / 17_520.0
    np.testing.assert_allclose(world.site[:, s.SITE_CONTRACT_PAY], paid, rtol=1e-9)
    missed, delivered = book(batch, s.L_MISSED_MW), book(batch, s.L_DELIVERED_MW)
    np.testing.assert_allclose(missed + delivered, 30.0, rtol=1e-9)
    np.testing.assert_allclose(
        book(batch, s.L_CAPACITY), world.site[:, s.SITE_CONTRACT_PENALTY] * missed - paid, rtol=1e-9
    )
    # Missing all twelve calls of six half hours costs one and a half years' pay.
    year = 72 * 30.0 * world.site[:, s.SITE_CONTRACT_PENALTY]
    np.testing.assert_allclose(year, 1.5 * 17_520 * paid, rtol=1e-9)


def test_putting_work_off_delivers_the_contract(batch):
    set_exog(batch, s.CALL, 1.0)
    resting = np.tile([0, 0, -1, -1, 0, -1, 0, 0], 3).astype(np.float32)
    step_dispatch(batch, decode_action(batch, resting))
    np.testing.assert_allclose(book(batch, s.L_DELIVERED_MW), 30.0)


def test_certificates_match_within_a_zone_and_once(batch):
    for _ in range(48):
        batch.step_single(HOME)
        row = batch.world.clock[0, s.ROW] - 1
        load, made = 0.5 * book(batch, s.L_DATACENTRE_MW), book(batch, s.L_CERTIFICATES)
        matched = book(batch, s.L_MATCHED)
        zones = batch.world.exog[row, :, s.ZONE]
        for zone in np.unique(zones):
            inside = zones == zone
            assert matched[inside].sum() == pytest.approx(min(load[inside].sum(), made[inside].sum()), rel=1e-6)
        contracted = made - 0.5 * np.maximum(0.0, book(batch, s.L_SOAKED_MW))
        sun, wind = (batch.world.exog[row, :, k] for k in (s.SOLAR, s.WIND))
        share = batch.world.site[:, s.SITE_SOLAR_SHARE] * sun + batch.world.site[:, s.SITE_WIND_SHARE] * wind
        # Of the area's sun and wind only what is not curtailed makes certificates.
        produced = 1.0 - batch.world.exog[row, :, s.SURPLUS] / (sun + wind)
        np.testing.assert_allclose(contracted, 0.5 * share * produced, rtol=1e-6)
        np.testing.assert_allclose(book(batch, s.L_CERTIFICATES_JPY), -1_000.0 * matched, rtol=1e-9)


def test_the_week_ends_with_a_penalty_for_what_was_not_matched(scenario):
    batch = Batch(scenario("japan3"), 1, "evaluation", "test", "float64")
    batch.reset(1, week=30)
    load = matched = premium = certificates = 0.0
    for _ in range(336):
        batch.step_single(HOME)
        load += 0.5 * book(batch, s.L_DATACENTRE_MW).sum()
        matched += book(batch, s.L_MATCHED).sum()
        premium -= 1_000.0 * book(batch, s.L_MATCHED).sum()
        certificates += batch.outcome[0, s.O_CERTIFICATES]
    assert certificates - premium == pytest.approx(2_000.0 * (0.95 * load - matched), rel=1e-9)
    # A portfolio that covers a year covers about 60 % of its half hours.
    assert 0.4 < matched / load < 0.8


def test_a_portfolio_that_covers_the_year_covers_part_of_the_half_hours(scenario):
    batch = Batch(scenario("japan3"), 20, "evaluation", "test")
    batch.reset(1, week=0)
    for row in range(20):
        batch.reset(1, week=26 * row, first=row, last=row + 1)
    load = made = matched = 0.0
    for _ in range(336):
        batch.step(np.tile(HOME, (20, 1)))
        load += 0.5 * batch.ledger[:, :, s.L_DATACENTRE_MW].sum()
        made += batch.ledger[:, :, s.L_CERTIFICATES].sum()
        matched += batch.ledger[:, :, s.L_MATCHED].sum()
    assert made / load == pytest.approx(1.0, abs=0.15)
    assert 0.5 < matched / load < 0.7
