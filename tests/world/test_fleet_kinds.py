"""Cars at home, at work and of depots: when they are there, what they drive, that no energy is lost."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from wattbit.config import AreaConfig, FleetConfig, ScenarioConfig
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit.world.cars import kind_edges

WEEK = 336
MIXES = {
    "work": {"home": 0.0, "workplace": 1.0},
    "depot": {"home": 0.0, "commercial": 1.0},
    "mixed": {"home": 0.5, "workplace": 0.25, "commercial": 0.25},
}
CHARGE, EMPTY = 1.0, -1.0


def fleet_of(scenario, mix: dict[str, float], days: int = 7, **fleet) -> ScenarioConfig:
    """One area with cars of some kinds and nothing else that moves."""
    area = {"name": "tokyo", "user_share": 1.0, "cars": 1000.0, "datacentre_mw": 10.0, "fleet_mix": mix}
    return scenario("japan3", areas=[area], fleet=fleet, episode={"steps": 48 * days}, feeder={"enabled": False})


def act(fleet: float) -> NDArray[np.float32]:
    action = np.zeros((1, s.N_CONTROL), np.float32)
    action[0, s.A_FLEET] = fleet
    return action


def plugged_by_kind(batch: Batch, steps: int) -> NDArray[np.float64]:
    """Share of the cars of each kind that is on the stand, shape (half hour, kind)."""
    edges = kind_edges(batch.config.areas[0], batch.config.fleet.vehicles)
    rows = []
    for _ in range(steps):
        share = batch.world.vehicle[:, 0, s.PLUGGED_SHARE]
        rows.append([share[:, a:b].mean() for a, b in pairwise(edges)])
        batch.step(np.repeat(act(CHARGE), batch.n, axis=0))
    return np.array(rows)


def test_kinds_are_dealt_out_by_quantiles_and_stand_side_by_side(scenario):
    config = fleet_of(scenario, MIXES["mixed"])
    batch = Batch(config)
    assert kind_edges(config.areas[0], 16).tolist() == [0, 8, 12, 16]
    assert batch.world.vehicle[0, 0, s.BY_DAY].tolist() == [0.0] * 8 + [1.0] * 4 + [0.0] * 4
    # Half of a depot's vans have 60 kWh, half 100 kWh; the others the mix 35, 25, 30, 10 % by quantiles of their kind.
    sizes = batch.constants.capacity_kwh[0]
    assert sizes[:8].tolist() == [20.0, 20.0, 20.0, 40.0, 40.0, 60.0, 60.0, 90.0]
    assert sizes[8:12].tolist() == [20.0, 40.0, 60.0, 60.0]
    assert sizes[12:].tolist() == [60.0, 60.0, 100.0, 100.0]
    np.testing.assert_allclose(batch.world.vehicle[0, 0, s.PROMISE], [0.5] * 12 + [0.8] * 4, rtol=1e-6)


def test_a_mix_that_does_not_add_to_one_is_refused():
    with pytest.raises(ValueError, match=r"the three shares add to 1\.3, must add to 1"):
        AreaConfig.model_validate({"name": "tokyo", "fleet_mix": {"workplace": 0.3}})
    with pytest.raises(ValueError, match=r"v2g_floor_soc <= workplace.guarantee_soc <= ceiling_soc"):
        FleetConfig.model_validate({"workplace": {"guarantee_soc": 0.95}})


def test_each_kind_is_on_its_stand_when_it_should_be(scenario):
    batch = Batch(fleet_of(scenario, MIXES["mixed"]), 30)
    batch.reset(seed=3)
    share = plugged_by_kind(batch, WEEK).reshape(7, 48, 3)  # mean of 30 draws of the week
    workdays, weekend = share[:5].mean(axis=0), share[5:].mean(axis=0)
    home, work, depot = workdays.T
    # At work: nobody at night, most of the 78 % x 90 % = 70 % at noon, nobody at weekends.
    assert work[: 2 * 4].max() == work[2 * 23 :].max() == 0.0
    assert 0.6 < work[24] < 0.8
    assert weekend[:, 1].max() == 0.0
    # At home the other way round; most vans are away at noon on workdays and back at night.
    assert home[4] > 0.6 > 0.3 > home[24]
    assert depot[4] > 0.9 > 0.15 > depot[24]
    assert weekend[24, 2] > depot[24]


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("mix", MIXES)
def test_no_energy_is_lost_with_any_mix(scenario, mix, precision):
    config = fleet_of(scenario, MIXES[mix], days=9)
    batch = Batch(config, 1, "evaluation", "test", precision)
    batch.reset(seed=11)
    world, eta = batch.world, config.fleet.efficiency
    tolerance = 1e-4 if precision == "float32" else 1e-9
    rng = np.random.default_rng(2)
    driven = 0.0
    for _ in range(48 * 9):
        before = float(world.area[0, 0, s.FLEET_MWH])
        batch.step_single(act(rng.choice([CHARGE, EMPTY, rng.uniform(-1, 1)]))[0])
        book = batch.ledger[0, 0]
        change = eta * book[s.L_CHARGED] - book[s.L_DISCHARGED] / eta + book[s.L_ROAD] - book[s.L_TRIP]
        assert float(world.area[0, 0, s.FLEET_MWH]) - before == pytest.approx(change, abs=tolerance * before)
        car = world.vehicle[0, 0]
        soc = car[s.ENERGY_KWH] / (car[s.CAPACITY_KWH] * car[s.HEALTH])
        assert -tolerance <= soc.min()
        assert soc.max() <= 1.0 + tolerance
        driven += book[s.L_TRIP]
    assert driven > 0.0


def test_both_legs_of_every_trip_are_driven_over_a_weekend_too(scenario):
    # What has been driven is all trips begun less the legs still to come, plus those that were to come at the start.
    batch = Batch(fleet_of(scenario, MIXES["work"], days=14), 1, "evaluation", "test", "float64")
    batch.reset(seed=5)
    car = batch.world.vehicle[0, 0]
    away = car[s.BACK_KWH].copy()
    begun = driven = 0.0
    for step in range(48 * 14):
        hour = 0.5 * (step % 48)
        leaving = (hour <= car[s.LEFT_H]) & (car[s.LEFT_H] < hour + 0.5)
        begun += car[s.TRIP_KWH, leaving].sum()
        batch.step_single(act(CHARGE)[0])
        driven += 1e3 * batch.ledger[0, 0, s.L_TRIP] / batch.world.site[0, s.SITE_WEIGHT]
    # At the last midnight every car is away: each has the way back of its last trip before it.
    assert begun > 0.0
    assert driven == pytest.approx(away.sum() + begun - car[s.BACK_KWH].sum(), rel=1e-9)


def test_a_plugged_car_leaves_work_with_what_it_was_promised(scenario):
    batch = Batch(fleet_of(scenario, MIXES["work"]), 1, "evaluation", "test", "float64")
    batch.reset(seed=8)
    car = batch.world.vehicle[0, 0]
    seen = 0
    for step in range(WEEK):
        hour = 0.5 * (step % 48)
        leaving = (hour <= car[s.LEFT_H]) & (car[s.LEFT_H] < hour + 0.5) & (car[s.PLUG_BEFORE] > 0.5)
        usable = car[s.CAPACITY_KWH] * car[s.HEALTH]
        batch.step_single(act(EMPTY)[0])
        # After its first leg; the second is as long.
        left_with = car[s.ENERGY_KWH] + car[s.BACK_KWH]
        assert (left_with[leaving] >= 0.5 * usable[leaving] - 1e-6).all()
        seen += leaving.sum()
    assert seen > 40


def test_cars_at_work_take_sun_and_cars_at_home_the_evening(scenario):
    # Energy per car, charged on arrival: between 9 and 15 h on workdays at work, after 17 h at home.
    charged = {}
    for name, mix in (("home", {}), ("work", MIXES["work"])):
        batch = Batch(fleet_of(scenario, mix), 4)
        batch.reset(1)
        rows = []
        for _ in range(5 * 48):
            batch.step(np.repeat(act(CHARGE), 4, axis=0))
            rows.append(batch.ledger[:, 0, s.L_CHARGED].mean())
        charged[name] = np.array(rows).reshape(5, 48).sum(axis=0)
    day = {name: rows[18:30].sum() / rows.sum() for name, rows in charged.items()}
    assert day["work"] > 0.75
    assert day["home"] < 0.25


def test_the_reference_knows_what_the_kinds_drive(scenario):
    # A van: 35 exp(0.045) = 36.611 kWh on (0.95 x 5 + 0.5 x 2) / 7 = 0.82143 of the days, over 0.92 and 24 h:
    # 1.36200 kW.
    site = Batch(fleet_of(scenario, MIXES["depot"]), 1, "evaluation", "test", "float64").world.site
    assert 1e3 * site[0, s.SITE_FLEET_MW] / 1000.0 == pytest.approx(1.36200, abs=1e-4)
    # A car at work: 4 exp(0.18) = 4.78887 kWh on 0.78 x 5 / 7 = 0.557143 of the days: 0.120838 kW.
    site = Batch(fleet_of(scenario, MIXES["work"]), 1, "evaluation", "test", "float64").world.site
    assert 1e3 * site[0, s.SITE_FLEET_MW] / 1000.0 == pytest.approx(0.120838, abs=1e-5)


def test_all_at_home_is_the_default(scenario):
    one, two = (Batch(fleet_of(scenario, mix), 1) for mix in ({}, {"home": 1.0}))
    for batch in (one, two):
        batch.reset(4)
        for _ in range(60):
            batch.step_single(act(CHARGE)[0])
    np.testing.assert_array_equal(one.world.vehicle, two.world.vehicle)
    assert one.world.session.shape == (0, 0, s.N_SESSION)
