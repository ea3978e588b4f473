"""Waste heat, worked on paper."""

import pytest

from wattbit.config import HeatConfig
from wattbit.physics.heat import heat_demand_mw, heat_pump_cop, heat_pump_power_mw, heat_sold_mw, recovered_mw


def test_a_heat_pump_from_33_to_65_degrees():
    # 0.5 * 338.15 / 32 = 5.28 (D: 5.3)
    assert heat_pump_cop(65.0, 33.0) == pytest.approx(5.3, abs=0.05)


def test_energy_of_the_heat_pump_is_conserved():
    cop = heat_pump_cop(65.0, 33.0)
    sold = heat_sold_mw(40.0, cop, 1e9)
    assert sold == pytest.approx(40.0 + heat_pump_power_mw(sold, cop))


def test_customers_take_no_more_than_they_need():
    assert heat_sold_mw(40.0, 5.0, 10.0) == 10.0
    assert heat_pump_power_mw(10.0, 5.0) == 2.0
    # Warm enough as it is: no pump.
    assert heat_sold_mw(40.0, 0.0, 50.0) == 40.0
    assert heat_pump_power_mw(40.0, 0.0) == 0.0


def test_demand_grows_below_fifteen_degrees():
    assert heat_demand_mw(20.0, 2.0, 3.0) == 3.0
    assert heat_demand_mw(5.0, 2.0, 3.0) == pytest.approx(23.0)
    assert recovered_mw(100.0, 0.4) == pytest.approx(40.0)


def test_the_swedish_tariff():
    # 2.0 M SEK a year per MW (V), 14 JPY/SEK (assumption): 2e6 / 8760 MWh * 14 = 3,196 JPY/MWh.
    assert 1000.0 * HeatConfig().price_jpy_per_kwh == pytest.approx(2.0e6 / 8760.0 * 14.0, rel=0.01)
