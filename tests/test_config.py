"""What a person may write in a scenario, and what is refused."""

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from wattbit.config import (
    AreaConfig,
    DatacentreConfig,
    EpisodeConfig,
    FleetConfig,
    MarketConfig,
    NetworkConfig,
    ScenarioConfig,
    StorageConfig,
    WorkConfig,
)
from wattbit.world import state as s
from wattbit.world.batch import Batch

MODELS = (
    AreaConfig,
    DatacentreConfig,
    EpisodeConfig,
    FleetConfig,
    MarketConfig,
    NetworkConfig,
    ScenarioConfig,
    StorageConfig,
    WorkConfig,
)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_key_says_what_it_is(model: type[BaseModel]):
    for name, field in model.model_fields.items():
        assert field.description, f"{model.__name__}.{name}"


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_unknown_keys_are_refused_and_values_frozen(model: type[BaseModel]):
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"]


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        (WorkConfig, {"realtime_share": 0.5}, "the four shares add to 1.35, must add to 1"),
        (FleetConfig, {"battery_kwh": [40.0]}, "1 battery sizes but 4 shares"),
        (FleetConfig, {"battery_share": [0.5, 0.2, 0.1, 0.1]}, "battery_share adds to 0.9, must add to 1"),
        (FleetConfig, {"guarantee_soc": 0.2}, "v2g_floor_soc <= guarantee_soc <= ceiling_soc"),
        (FleetConfig, {"vehicles": 0}, "greater than or equal to 1"),
        (FleetConfig, {"efficiency": 0.4}, "greater than 0.5"),
        (EpisodeConfig, {"steps": 100}, "multiple of 48"),
        (NetworkConfig, {"path": "radio"}, "'apn' or 'ip'"),
        (NetworkConfig, {"route_factor": 0.9}, "greater than or equal to 1"),
        (MarketConfig, {"wheeling": "half"}, "'losses', 'full' or 'none'"),
        (ScenarioConfig, {"name": "x", "areas": []}, "at least 1 item"),
        (ScenarioConfig, {"name": "a/b", "areas": [{"name": "tokyo", "user_share": 1}]}, "should match pattern"),
        (ScenarioConfig, {"name": "..", "areas": [{"name": "tokyo", "user_share": 1}]}, "should match pattern"),
        (FleetConfig, {"initial_age_years": 1000.0}, "less than or equal to 50"),
        (FleetConfig, {"trip_sigma": 50.0}, "less than or equal to 3"),
        (WorkConfig, {"demand_sigma": 40.0}, "less than or equal to 3"),
        (ScenarioConfig, {"name": "x", "areas": [{"name": "okinawa"}]}, "'hokkaido', 'tohoku'"),
        (
            ScenarioConfig,
            {"name": "x", "areas": [{"name": "tokyo"}]},
            "user_share of at least one area must be above 0",
        ),
        (
            ScenarioConfig,
            {"name": "x", "areas": [{"name": "tokyo", "user_share": 1}, {"name": "tokyo", "user_share": 1}]},
            "names an area twice",
        ),
    ],
)
def test_wrong_values_name_their_rule(model, values, message):
    with pytest.raises(ValidationError, match="validation error") as error:
        model(**values)
    assert message in str(error.value)


def test_default_sizes_of_japan3(scenario):
    config = scenario("japan3")
    assert [a.name for a in config.areas] == ["hokkaido", "tokyo", "kyushu"]
    assert [a.datacentre_mw for a in config.areas] == [300.0, 600.0, 300.0]
    assert [a.cars for a in config.areas] == [100_000.0, 300_000.0, 150_000.0]
    assert {(a.storage_mw, a.storage_mwh) for a in config.areas} == {(50.0, 200.0)}
    assert config.datacentre.idle_share == 0.3
    assert config.datacentre.mean_utilisation == 0.71
    assert config.market.wheeling == "losses"
    assert config.reward_scale_jpy == 1e6
    assert len(scenario("japan9").areas) == 9


def test_the_configuration_reaches_the_kernel_in_its_units(scenario):
    constant = Batch(scenario("japan3"), 1, "evaluation", "test", "float64").world.constant
    assert constant[s.FLOOR] == pytest.approx(10.0)  # 0.01 JPY/kWh
    assert constant[s.ROAD_PRICE] == pytest.approx(60.0)  # JPY/kWh, laws of a car
    assert constant[s.WHEELING_LOSSES] == pytest.approx(1.0 - 0.92**2)
    assert constant[s.STORAGE_WEAR] == pytest.approx(1_500.0)  # 1.5 JPY/kWh
    assert constant[s.REWARD_SCALE] == pytest.approx(1e6)


def test_work_adds_up_to_the_mean_utilisation(scenario):
    site = Batch(scenario("japan9"), 1, "evaluation", "test", "float64").world.site
    mean = site[:, s.SITE_REALTIME_MW] + site[:, s.SITE_INTERACTIVE_MW]
    mean = mean + 2.0 * (site[:, s.SITE_BATCH_MWH] + site[:, s.SITE_TRAINING_MWH])
    assert mean.sum() == pytest.approx(0.71 * site[:, s.SITE_DYNAMIC_MW].sum())
    assert (site[:, s.SITE_IDLE_MW] / (site[:, s.SITE_IDLE_MW] + site[:, s.SITE_DYNAMIC_MW])) == pytest.approx(0.3)


def test_links_carry_what_their_bandwidth_says(scenario):
    # 400 Gb/s for 1,800 s are 400e9 / 8 * 1,800 B = 90 TB; 40 Gb/s are 9 TB.
    for path, tb in (("apn", 90.0), ("ip", 9.0)):
        pair = Batch(scenario("japan3", network={"path": path}), 1, "evaluation", "test", "float64").world.pair
        assert pair[s.PAIR_LINK_TB, 0, 1] == pytest.approx(tb)


def test_battery_sizes_follow_the_mix(scenario):
    config = scenario("japan3", fleet={"vehicles": 1000})
    sizes, count = np.unique(Batch(config).constants.capacity_kwh[0], return_counts=True)
    assert dict(zip(sizes, count, strict=True)) == {20.0: 350, 40.0: 250, 60.0: 300, 90.0: 100}


@pytest.mark.parametrize(("rule", "share"), [("losses", 0.1536), ("full", 1.0), ("none", 0.0)])
def test_wheeling_rules(scenario, rule, share):
    config = scenario("japan3", market={"wheeling": rule})
    batch = Batch(config)
    batch.reset(1)
    batch.step(np.tile(np.array([0, 0, 1, 1, 1, 1, 0, 0], np.float32), 3)[None])
    charged = batch.ledger[0, :, s.L_CHARGED] + 0.5 * np.maximum(0.0, batch.ledger[0, :, s.L_STORAGE_MW])
    tariff = 1e3 * np.array([area.wheeling_jpy_per_kwh for area in config.areas])
    assert charged.min() > 0.0
    np.testing.assert_allclose(batch.ledger[0, :, s.L_WHEELING], share * charged * tariff, rtol=1e-5)


@pytest.mark.parametrize(("rule", "share"), [("losses", 0.1536), ("full", 1.0), ("none", 0.0)])
def test_levy_rules(scenario, rule, share):
    batch = Batch(scenario("japan3", market={"wheeling": "none", "levy": rule}))
    batch.reset(1)
    batch.step(np.tile(np.array([0, 0, 1, 1, 1, 1, 0, 0], np.float32), 3)[None])
    charged = batch.ledger[0, :, s.L_CHARGED] + 0.5 * np.maximum(0.0, batch.ledger[0, :, s.L_STORAGE_MW])
    np.testing.assert_allclose(batch.ledger[0, :, s.L_WHEELING], share * 3_980.0 * charged, rtol=1e-5)


def test_fourteen_times_the_traffic_fills_the_links(scenario):
    # Everything hosted away from Tokyo: with today's bytes the links carry it, with fourteen times as many they don't.
    moved, bytes_tb = [], []
    for traffic in (1.0, 8.0, 14.0):
        batch = Batch(
            scenario("japan3", network={"traffic": traffic, "path": "ip"}), 1, "evaluation", "test", "float64"
        )
        batch.reset(1)
        guest, host = [-1, -1, -1, -1, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0]
        hosting = np.array([host, guest, host], np.float32)
        total = carried = 0.0
        for _ in range(48):
            batch.step_single(hosting.ravel())
            flow = batch.world.flow[0, : s.N_FLOW]
            total += 0.5 * (flow.sum() - np.trace(flow, axis1=1, axis2=2).sum())
            carried += batch.ledger[0, :, s.L_MOVED_TB].sum()
        moved.append(total)
        bytes_tb.append(carried / total)
    # Heavy batch and training no longer fit; interactive work is light and still does.
    assert moved[0] > 1.5 * moved[1]
    assert moved[1] > moved[2]
    assert bytes_tb[1] > 2.0 * bytes_tb[0]


def test_a_price_on_carbon_adds_its_money_and_nothing_else(scenario):
    action = np.tile(np.array([0, 0, 1, 1, 1, 1, 0, 0], np.float32), 3)[None]
    plain, priced = (Batch(scenario("japan3", market={"carbon_jpy_per_kg": p})) for p in (0.0, 10.0))
    for batch in (plain, priced):
        batch.reset(1)
        batch.step(action)
    co2 = priced.outcome[0, s.O_CO2]
    assert priced.outcome[0, s.O_CARBON] == pytest.approx(10.0 * co2)
    assert priced.outcome[0, s.O_COST] - plain.outcome[0, s.O_COST] == pytest.approx(10.0 * co2, rel=1e-6)


def test_a_price_taker_pays_the_spot_whatever_it_draws(scenario):
    batch = Batch(scenario("japan3", market={"slope_scale": 0.0}), 1, "evaluation", "test", "float64")
    batch.reset(1)
    row = int(batch.world.clock[0, s.ROW])
    exog = batch.world.exog[row]
    batch.step(np.tile(np.array([0, 0, 1, 1, 1, 1, 0, 0], np.float32), 3)[None])
    price = np.maximum(10.0, exog[:, s.SPOT] + exog[:, s.DELTA])
    np.testing.assert_allclose(batch.ledger[0, :, s.L_PRICE], price, rtol=1e-9)
