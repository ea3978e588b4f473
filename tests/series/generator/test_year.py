"""A generated year: balance, zones, curtailment, what scenarios share, and the slope against a re-dispatch."""

import numpy as np
import pytest

pytest.importorskip("highspy")
pytest.importorskip("holidays")

from wattbit.config import GridConfig
from wattbit.errors import SeriesError
from wattbit.series.generator import fleet, lines, supply, year
from wattbit.series.generator.clearing import clear
from wattbit.series.generator.packed import RESOLUTION, pack, unpack
from wattbit.series.set import AREAS, FEATURE_NAMES
from wattbit.series.zones import zone_numbers

N_DAYS = 21  # April: mild, sunny, much curtailment


@pytest.fixture(scope="module")
def reference():
    return year.generate(3, n_days=N_DAYS)


def generated(**grid):
    return year.generate(3, GridConfig(**grid), N_DAYS)


def column(made, name):
    return made.mix_mw[..., fleet.MIX.index(name)]


def imports(made):
    into = np.zeros(made.mix_mw.shape[:2])
    for k, (a, b) in enumerate(lines.ENDS):
        into[:, a] -= made.flow_mw[:, k]
        into[:, b] += made.flow_mw[:, k]
    return into


def test_energy_balances_in_every_area_and_half_hour(reference):
    supplied = made_supply = reference.mix_mw.sum(axis=2) - 2.0 * column(reference, "pumping_mw")
    demand = reference.series.get("demand_mw")
    np.testing.assert_allclose(supplied + imports(reference), demand, rtol=1e-6, atol=1e-5)
    assert made_supply.min() > 0.0


def test_curtailment_is_potential_less_actual(reference):
    s = reference.series
    actual = column(reference, "solar_mw") + column(reference, "wind_mw")
    potential = s.get("solar_mw") + s.get("wind_mw")
    np.testing.assert_allclose(s.get("surplus_mw"), potential - actual, atol=0.5 + 1e-6)  # whole MW
    curtailed = s.get("surplus_mw") > 1.0
    assert curtailed.any(), "no curtailment in April: the test sees nothing"
    assert (s.get("spot_price_jpy_per_mwh")[curtailed] == 10.0).all()
    assert (s.get("carbon_marginal_kg_per_mwh")[curtailed] == 0.0).all()


def test_prices_are_equal_inside_a_zone_and_never_below_the_floor(reference):
    price = reference.series.get("spot_price_jpy_per_mwh")
    assert price.min() == 10.0
    assert ((price % 10.0) == 0.0).all()
    root = np.take_along_axis(price, reference.zone, axis=1)
    np.testing.assert_array_equal(price, root)
    assert 1.0 < np.mean([len(np.unique(z)) for z in reference.zone]) < 9.0


def test_power_flows_to_the_dearer_area_and_fills_the_line_between_zones(reference):
    price, flow = reference.series.get("spot_price_jpy_per_mwh"), reference.flow_mw
    gap = price[:, lines.ENDS[:, 1]] - price[:, lines.ENDS[:, 0]]
    assert (flow[gap > 10.0] >= 0.0).all()
    assert (flow[gap < -10.0] <= 0.0).all()


def test_pumped_storage_loses_what_it_must(reference):
    by_day = reference.mix_mw.reshape(N_DAYS, 48, 9, -1).sum(axis=1)
    generation, pumping = (by_day[..., fleet.MIX.index(n)] for n in ("pumped_generation_mw", "pumping_mw"))
    np.testing.assert_allclose(generation, fleet.PUMPED_EFFICIENCY * pumping, atol=1e-3)
    assert generation.sum() > 0.0


def test_the_first_days_are_those_of_the_longer_year(reference):
    short = year.generate(3, n_days=2)
    n = len(short.series)
    np.testing.assert_array_equal(short.series.values, reference.series.values[:n])


def test_the_slope_is_that_of_a_redispatch():
    """100 MW more and less in one area: right sign in 95 %, within 30 % in 80 % of half hours away from a step."""
    given = year.inputs(3, GridConfig(), N_DAYS)
    outcome = given.run("test")
    fleet_ = given.fleet
    slope, _ = year.marginal(outcome.price, zone_numbers(outcome.price), fleet_.low, fleet_.high, fleet_.width_mw)
    knot, curve = supply.curves(fleet_.low, fleet_.high, fleet_.width_mw)
    load = given.demand_mw + outcome.pumping_mw - outcome.pumped_mw
    rng = np.random.default_rng(0)
    signs, sizes, skipped = [], [], 0
    while len(signs) < 50:
        t, area = int(rng.integers(len(load))), int(rng.integers(9))
        at = slice(t, t + 1)

        def price_with(more, at=at, area=area):
            moved = load[at].copy()
            moved[0, area] += more
            limits = given.forward_mw[at], given.back_mw[at]
            return clear(knot[at], curve[at], moved, lines.ENDS, *limits, outcome.price[at])[0][0]

        lower, upper = price_with(-100.0), price_with(100.0)
        # A step: the floor, a gap between plants, or a line that fills and changes the zone.
        at_floor = lower[area] <= supply.FLOOR_JPY_PER_KWH
        other_zone = not np.array_equal(lower == lower[area], upper == upper[area])
        in_gap = slope[t, area] >= year.STEEPEST_JPY_PER_MWH_PER_MW
        if at_floor or other_zone or in_gap:
            skipped += 1
            continue
        found = (upper[area] - lower[area]) / 0.2
        signs.append(found > 0.0)
        sizes.append(abs(found / slope[t, area] - 1.0) <= 0.3)
    assert skipped < 50, "most half hours are steps: the test says little"
    assert np.mean(signs) >= 0.95
    assert np.mean(sizes) >= 0.80, np.mean(sizes)


def test_two_scenarios_with_one_seed_share_the_weather(reference):
    windy = generated(added_mw={"hokkaido": {"wind_mw": 3000.0}})
    for name in ("temperature_c", "demand_mw", "solar_mw", "delta_price_jpy_per_mwh"):
        np.testing.assert_array_equal(windy.series.get(name), reference.series.get(name))
    was, is_ = reference.series.get("wind_mw"), windy.series.get("wind_mw")
    np.testing.assert_array_equal(is_[:, 1:], was[:, 1:])
    np.testing.assert_allclose(is_[:, 0] / was[:, 0].max() * 1007.0 / 4007.0, was[:, 0] / was[:, 0].max(), atol=2e-3)
    k = AREAS.index("hokkaido")
    price = windy.series.get("spot_price_jpy_per_mwh")[:, k]
    assert price.mean() < reference.series.get("spot_price_jpy_per_mwh")[:, k].mean()
    assert windy.series.get("surplus_mw")[:, k].sum() > reference.series.get("surplus_mw")[:, k].sum()


def test_another_seed_is_other_weather(reference):
    other = generated(seed=1)
    assert not np.array_equal(other.series.get("temperature_c"), reference.series.get("temperature_c"))


def test_both_parts_of_the_demand_of_2034_are_added_flat(reference):
    centres = generated(demand_growth={"data_centre_mw": {"tokyo": 6160.0}})
    more = centres.series.get("demand_mw") - reference.series.get("demand_mw")
    assert np.abs(more[:, AREAS.index("tokyo")] * 8760.0 / 1e6 - 44.0).max() < 0.01  # TWh a year
    assert np.abs(np.delete(more, AREAS.index("tokyo"), axis=1)).max() == 0.0
    both = generated(demand_growth={"data_centre_mw": {"tokyo": 6160.0}, "factory_mw": {"kyushu": 990.0}})
    more = both.series.get("demand_mw") - reference.series.get("demand_mw")
    np.testing.assert_allclose(more[:, AREAS.index("kyushu")], 0.9 * 990.0, atol=0.51)
    mean = [s.series.get("spot_price_jpy_per_mwh").mean() for s in (reference, centres, both)]
    assert mean[0] < mean[1] < mean[2]


def test_more_interconnector_never_raises_the_system_cost_and_helps_kyushu(reference):
    wider = generated(line_mw={"chugoku-kyushu": 1000.0})
    assert wider.system_cost_jpy < reference.system_cost_jpy
    k = AREAS.index("kyushu")
    assert wider.series.get("surplus_mw")[:, k].sum() < reference.series.get("surplus_mw")[:, k].sum()
    assert wider.system_cost_jpy > generated(line_mw={"chugoku-kyushu": 3000.0}).system_cost_jpy - 1e-3


def test_fuel_and_carbon_prices_lift_prices_where_the_fuel_burns(reference):
    base = reference.series.get("spot_price_jpy_per_mwh").mean()
    assert generated(fuel_price_factor={"lng": 1.5}).series.get("spot_price_jpy_per_mwh").mean() > base + 500.0
    carbon = generated(co2_price_jpy_per_t=4300.0)
    rise = carbon.series.get("spot_price_jpy_per_mwh").mean() - base
    assert 500.0 < rise < 4300.0 * 0.863  # JPY/MWh: between nothing and all coal
    assert column(carbon, "coal_mw").sum() < column(reference, "coal_mw").sum()


def test_retired_plant_is_gone_and_never_less_than_nothing():
    gone = generated(added_mw={"kyushu": {"nuclear_mw": -20000.0, "coal_mw": -500.0}})
    assert column(gone, "nuclear_mw")[:, AREAS.index("kyushu")].max() == 0.0


def test_values_survive_packing_bit_for_bit(reference):
    values, provenance = unpack(pack(reference.series.values, reference.series.provenance))
    np.testing.assert_array_equal(values, reference.series.values.astype(np.float32))
    assert provenance == reference.series.provenance
    assert set(RESOLUTION) == set(FEATURE_NAMES)


def test_a_value_too_large_to_pack_is_told(reference):
    values = reference.series.values.copy()
    values[0, 0, FEATURE_NAMES.index("surplus_mw")] = 1e6
    with pytest.raises(SeriesError, match="surplus_mw: a value of the year does not fit"):
        pack(values, reference.series.provenance)


@pytest.mark.parametrize("n_days", [0, 365])
def test_days_outside_the_year_are_refused(n_days):
    with pytest.raises(SeriesError, match=f"n_days is {n_days}, must be within 1 and 364"):
        year.generate(0, n_days=n_days)
