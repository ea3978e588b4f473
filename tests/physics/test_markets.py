"""Reserve, capacity contract and certificates, worked on paper."""

import numpy as np
import pytest

from wattbit.physics.capacity_contract import availability_pay_jpy, delivered_mw, missed_penalty_jpy
from wattbit.physics.certificates import annual_score, carbon_free_mwh, matched_mwh, missing_mwh
from wattbit.physics.reserve import activation_share, reserve_revenue_jpy


def test_the_price_of_reserve_halves_towards_the_depth():
    # 100 MW in a market of 100 MW: mean price three quarters; 50 MW: 7/8.
    assert reserve_revenue_jpy(100.0, 800.0, 100.0) == pytest.approx(0.75 * 800.0 * 100.0)
    assert reserve_revenue_jpy(50.0, 800.0, 100.0) == pytest.approx(0.875 * 800.0 * 50.0)
    assert reserve_revenue_jpy(200.0, 800.0, 100.0) == reserve_revenue_jpy(100.0, 800.0, 100.0)
    assert reserve_revenue_jpy(10.0, 800.0, 0.0) == 0.0


def test_reserve_revenue_is_concave_and_never_falls():
    pay = [reserve_revenue_jpy(float(q), 800.0, 100.0) for q in range(151)]
    steps = np.diff(pay)
    assert (steps >= 0.0).all()
    assert (np.diff(steps) <= 1e-9).all()


def test_a_kilowatt_for_all_blocks_of_a_year():
    # V/D: 0.9 JPY per kW and half hour for all 17,520 blocks is about 16,000 JPY a year.
    assert 17_520 * reserve_revenue_jpy(0.001, 900.0, 1e9) == pytest.approx(16_000.0, rel=0.02)


@pytest.mark.parametrize(("delta", "side", "share"), [(0, 1, 0.0), (3750, 1, 0.5), (9000, 1, 1.0), (-3750, -1, 0.5)])
def test_activation_follows_the_imbalance(delta, side, share):
    assert activation_share(float(delta), 1500.0, 6000.0, float(side)) == pytest.approx(share)
    assert activation_share(float(delta), 1500.0, 6000.0, -float(side)) == 0.0


def test_a_contract_is_paid_by_the_half_hour():
    # 1 MW at 14,812 JPY/kW a year, derated to 0.7: 10.37 M JPY a year.
    assert 17_520 * availability_pay_jpy(1.0, 14_812.0, 0.7) == pytest.approx(14_812_000.0 * 0.7)


def test_missing_every_call_costs_one_and_a_half_years():
    year = 17_520 * availability_pay_jpy(5.0, 8_785.0, 0.7)
    assert 12 * 6 * missed_penalty_jpy(5.0, 8_785.0, 0.7) == pytest.approx(1.5 * year)


def test_delivery_is_measured_below_the_baseline():
    assert delivered_mw(100.0, 80.0, 30.0) == 20.0
    assert delivered_mw(100.0, 20.0, 30.0) == 30.0
    assert delivered_mw(100.0, 120.0, 30.0) == 0.0


def test_a_year_can_be_matched_and_its_half_hours_not():
    # Flat load against sun that shines half of the day as a half sine, the same in total.
    sun = np.maximum(0.0, np.sin(2.0 * np.pi * (np.arange(48) - 12) / 48.0))
    certificates = 48.0 * sun / sun.sum()
    matched = sum(matched_mwh(1.0, float(c)) for c in certificates)
    assert annual_score(48.0, float(certificates.sum())) == pytest.approx(1.0)
    assert 0.4 <= matched / 48.0 <= 0.7
    # With a mix that is 30 % carbon-free the rest counts for as much.
    free = sum(carbon_free_mwh(1.0, float(c), 0.3) for c in certificates)
    assert free == pytest.approx(matched + 0.3 * (48.0 - matched))


def test_what_is_missing_from_the_target():
    assert missing_mwh(100.0, 60.0, 0.95) == pytest.approx(35.0)
    assert missing_mwh(100.0, 96.0, 0.95) == 0.0
