"""The grid's cost of energy, with numbers worked on paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattbit.physics.grid import average_price, marginal_price, soaked_mw, supply_cost

FLOOR = 10.0  # JPY/MWh, i.e. 0.01 JPY/kWh


def test_load_below_the_surplus_pays_only_the_floor():
    # 80 MW into a surplus of 100 MW: all soaked, nothing left for the supply curve.
    assert soaked_mw(80.0, 100.0) == 80.0
    assert 80.0 - soaked_mw(80.0, 100.0) == 0.0
    assert supply_cost(0.0, 12_000.0, 2.0, FLOOR) == 0.0


def test_load_exactly_at_the_surplus_pays_only_the_floor():
    assert soaked_mw(100.0, 100.0) == 100.0


def test_load_above_the_surplus_pays_the_curve_for_the_rest():
    # 150 MW net, 100 MW surplus, price 12,000, slope 2: 100 at the floor, the other 50 cost
    # 12,000 * 50 + 1/2 * 2 * 50^2 = 602,500 JPY/h; together with the floor 603,500.
    soaked = soaked_mw(150.0, 100.0)
    assert soaked == 100.0
    assert FLOOR * soaked + supply_cost(150.0 - soaked, 12_000.0, 2.0, FLOOR) == pytest.approx(603_500.0)


def test_exports_into_a_surplus_earn_no_more_than_the_floor():
    # -40 MW with a surplus: they only add curtailment, so all of them settle at the floor: -400 JPY/h.
    soaked = soaked_mw(-40.0, 100.0)
    assert soaked == -40.0
    assert FLOOR * soaked + supply_cost(-40.0 - soaked, 12_000.0, 2.0, FLOOR) == pytest.approx(-400.0)


def test_exports_without_surplus_earn_the_falling_curve():
    # -100 MW at 12,000 and slope 2: -12,000 * 100 + 100^2 = -1,190,000 JPY/h.
    assert soaked_mw(-100.0, 0.0) == 0.0
    assert supply_cost(-100.0, 12_000.0, 2.0, FLOOR) == pytest.approx(-1_190_000.0)


def test_exports_beyond_the_corner_earn_the_floor():
    # Price 1,010, slope 10: the curve meets the floor at -100 MW. Down to there -(1,010 * 100 - 5 * 100^2) = -51,000;
    # the next 50 MW earn 10 each: -51,500 JPY/h.
    assert supply_cost(-150.0, 1_010.0, 10.0, FLOOR) == pytest.approx(-51_500.0)
    assert marginal_price(-150.0, 1_010.0, 10.0, FLOOR) == FLOOR
    assert marginal_price(-99.0, 1_010.0, 10.0, FLOOR) == pytest.approx(20.0)


def test_a_price_at_the_floor_makes_every_export_worth_the_floor():
    assert supply_cost(-70.0, FLOOR, 3.0, FLOOR) == pytest.approx(-700.0)
    assert supply_cost(-70.0, FLOOR, 0.0, FLOOR) == pytest.approx(-700.0)


def test_two_areas_of_a_zone_share_one_curve():
    # A buys 200 MW, B sells 50 MW, one zone, 8,000 JPY/MWh, slope 4. Together 150 MW:
    # 8,000 * 150 + 2 * 150^2 = 1,245,000 JPY/h, that is 8,300 a MWh for both; A pays 1,660,000, B earns 415,000.
    price = average_price(150.0, 8_000.0, 4.0, FLOOR)
    assert price == pytest.approx(8_300.0)
    assert price * 200.0 == pytest.approx(1_660_000.0)
    assert price * 200.0 - price * 50.0 == pytest.approx(supply_cost(150.0, 8_000.0, 4.0, FLOOR))


def test_members_that_cancel_out_settle_at_the_spot_price():
    assert average_price(0.0, 8_000.0, 4.0, FLOOR) == 8_000.0
    assert average_price(5e-4, 8_000.0, 4.0, FLOOR) == pytest.approx(8_000.001)


@given(
    residual=st.floats(-3_000, 3_000),
    price=st.floats(FLOOR, 80_000),
    slope=st.floats(0, 20),
)
def test_cost_is_the_integral_of_the_marginal_price(residual, price, slope):
    # The curve is linear above its corner and flat below, so the trapezoid over a grid with the corner in it is exact.
    corner = (FLOOR - price) / slope if slope > 1e-9 else -1e9
    grid = np.unique(np.clip(np.append(np.linspace(0.0, residual, 50), corner), min(0.0, residual), max(0.0, residual)))
    height = np.maximum(FLOOR, price + slope * grid)
    area = float(np.sum(0.5 * (height[1:] + height[:-1]) * np.diff(grid))) * (1.0 if residual >= 0 else -1.0)
    assert supply_cost(residual, price, slope, FLOOR) == pytest.approx(area, rel=1e-9, abs=1e-4)


@given(x=st.floats(-3_000, 3_000), h=st.floats(0.1, 100), price=st.floats(FLOOR, 80_000), slope=st.floats(0, 20))
def test_cost_is_convex_and_never_falls(x, h, price, slope):
    low, mid, high = (supply_cost(u, price, slope, FLOOR) for u in (x - h, x, x + h))
    assert high - mid >= mid - low - 1e-6 * (1.0 + abs(mid))
    assert high >= mid - 1e-9 * abs(mid)
