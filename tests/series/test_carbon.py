"""Average and marginal carbon and parallel price slopes, worked by hand."""

import numpy as np
import pytest

from wattbit.series import carbon, zones
from wattbit.series.carbon import GENERATION_COLUMNS, PriceBand


def mix(**mw):
    return {name: np.array([float(mw.get(name, 0.0))]) for name in GENERATION_COLUMNS}


def test_average_is_emission_over_generation_inside_the_area():
    generation = mix(coal_mw=100.0, lng_mw=200.0, oil_mw=10.0, other_thermal_mw=20.0, nuclear_mw=300.0, solar_mw=370.0)
    emitted = 863.0 * 100.0 + 396.0 * 200.0 + 695.0 * 10.0 + 600.0 * 20.0
    assert carbon.average_kg_per_mwh(generation)[0] == pytest.approx(emitted / 1000.0)


def test_own_use_of_idle_plants_is_not_negative_generation():
    assert carbon.average_kg_per_mwh(mix(coal_mw=50.0, oil_mw=-2.0))[0] == pytest.approx(863.0)
    assert carbon.average_kg_per_mwh(mix())[0] == 0.0


def test_marginal_is_zero_only_above_the_booking_noise():
    spot, curtailed = np.full(4, 10.0), np.array([0.0, 10.0, 10.1, 900.0])
    assert carbon.marginal_kg_per_mwh(spot, curtailed).tolist() == [863.0, 863.0, 0.0, 0.0]


def test_marginal_fuel_follows_the_price_band():
    spot = np.array([10.0, 7_999.0, 8_000.0, 17_990.0, 18_000.0, 50_000.0])
    assert carbon.marginal_kg_per_mwh(spot, np.zeros(6)).tolist() == [863.0, 863.0, 396.0, 396.0, 695.0, 695.0]
    bands = (PriceBand(12_000.0, "lng"), PriceBand(np.inf, "coal"))
    assert carbon.marginal_kg_per_mwh(spot, np.zeros(6), bands).tolist() == [396.0] * 3 + [863.0] * 3


def test_slopes_combine_in_parallel_inside_a_zone_only():
    prices = np.array([[9.0, 9.0, 9.0], [9.0, 9.0, 8.0], [1.0, 2.0, 3.0]])
    slopes = zones.zone_slopes(prices, ("hokkaido", "tohoku", "tokyo"))
    three = 1.0 / (1 / 3.7 + 1 / 1.2 + 1 / 0.34)
    two = 1.0 / (1 / 3.7 + 1 / 1.2)
    np.testing.assert_allclose(slopes, [[three] * 3, [two, two, 0.34], [3.7, 1.2, 0.34]])


def test_areas_of_a_zone_have_bitwise_equal_slopes():
    prices = np.round(np.random.default_rng(0).uniform(0.0, 3.0, (200, 9)))
    slopes = zones.zone_slopes(prices, tuple(zones.AREA_SLOPE_JPY_PER_MWH_PER_MW))
    same = prices[:, :, None] == prices[:, None, :]
    assert (slopes[:, :, None] == slopes[:, None, :])[same].all()
