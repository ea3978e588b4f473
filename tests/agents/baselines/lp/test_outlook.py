"""One observation becomes the path of a plan: what is seen is exact, what is forecast is the forecast."""

import numpy as np
import pytest

from wattbit.env import AggregatorEnv
from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp.book import planner_book
from wattbit_agents.baselines.lp.outlook import Outlook
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.sight import Sight, setting_of
from wattbit_agents.baselines.lp.stays import NO_PLAN_H, SeenCars, expected_cars

WEEK, SEED = 40, 3

SEEN = (
    "slope", "surplus_mw", "local_mw", "carbon_kg_per_mwh", "pue", "capacity_mw", "site_up", "power_up",
    "compressor_share", "compressor_cop", "heat_demand_mw", "certificates_mwh", "reserve_price_jpy_per_mw", "depth_mw",
    "realtime_mw", "interactive_mw", "batch_mwh", "training_mwh", "temperature_c", "zone", "baseline_mw",
)  # fmt: skip
"""Of the first half hour."""

STOCKS = (
    "batch_start_mwh", "training_start_mwh", "exportable_batch_mwh", "exportable_training_mwh", "storage_start_mwh",
    "snow_start_t",
)  # fmt: skip


def outlook_and_sight(config, advance=0, **options):
    env = AggregatorEnv(config, forecast="full", assets="each")
    observation, _ = env.reset(seed=SEED, options={"week": WEEK})
    for _ in range(advance):
        observation = env.step(np.zeros(env.action_space.shape, np.float32))[0]
    outlook = Outlook(setting_of(env.batch), planner_book(config, worths=False), **options)
    return outlook, Sight(env.observation_layout, observation), env


@pytest.fixture(scope="module")
def seen(scenario):
    config = scenario("japan3", forecast={"tier": "perfect"})
    outlook, see, _ = outlook_and_sight(config)
    path = outlook.path(see, 48, outlook.prices(see, see.clock(), None))
    _, (truth,) = record_paths(config, [WEEK], [SEED])
    return path, truth


@pytest.mark.parametrize("name", SEEN)
def test_the_first_half_hour_is_the_one_that_comes(seen, name):
    path, truth = seen
    np.testing.assert_allclose(getattr(path, name)[0], getattr(truth, name)[0], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("name", STOCKS)
def test_stocks_are_those_that_are_there(seen, name):
    path, truth = seen
    now, true = getattr(path, name), getattr(truth, name)
    np.testing.assert_allclose(now[0] if now.ndim == 2 else now, true[0] if true.ndim == 2 else true, rtol=1e-4)


def test_perfect_forecasts_give_the_prices_and_the_surplus_that_come(seen):
    path, truth = seen
    # The delta of the first half hour is nobody's to know.
    np.testing.assert_allclose(path.price_jpy_per_mwh[1:], truth.price_jpy_per_mwh[1:48], rtol=1e-4, atol=1.0)
    np.testing.assert_allclose(path.surplus_mw, truth.surplus_mw[:48], rtol=1e-4, atol=0.1)


def test_work_that_is_there_is_due_when_it_is_due(seen):
    path, truth = seen
    for name, start in (("batch", truth.batch_start_mwh), ("training", truth.training_start_mwh)):
        room, mean = getattr(path, f"{name}_room_mwh"), getattr(path, f"{name}_mwh")
        true, arrived = getattr(truth, f"{name}_room_mwh")[:48], getattr(truth, f"{name}_mwh")[:48]
        # Until the first of what arrives later falls due, rooms differ by the arrivals alone.
        first = 7 if name == "batch" else 47
        np.testing.assert_allclose(
            room[:first] - np.cumsum(mean, axis=0)[:first],
            true[:first] - np.cumsum(arrived, axis=0)[:first],
            rtol=1e-3,
            atol=0.05,
        )
        assert (room[0] <= start + 1e-3).all()


def test_cars_on_a_stand_stay_until_they_plan_to_leave(seen):
    path, truth = seen
    cars, true = path.cars, truth.cars
    np.testing.assert_allclose(cars.share[0], true.share[0], atol=1e-5)
    np.testing.assert_allclose(cars.start_kwh, true.start_kwh, rtol=1e-5)
    there = true.share[0] > 0.0
    assert 0.0 < there.mean() < 1.0
    # True departures are those planned, or earlier.
    assert (cars.share[:14][:, there] >= true.share[:14][:, there] - 1e-3).all()
    early = (np.abs(cars.share[:14] - true.share[:14]) > 1e-3).any(axis=0) & there
    assert early.mean() < 0.15


def test_cars_of_a_plan_drive_and_stay_about_as_much_as_cars_do(scenario):
    config, weeks = scenario("japan3"), [4, 30, 60, 90]
    setting, mine = None, []
    env = AggregatorEnv(config, forecast="full", assets="each")
    book = planner_book(config, worths=False)
    for week in weeks:
        observation, _ = env.reset(seed=SEED, options={"week": week})
        setting = setting or setting_of(env.batch)
        outlook, see = Outlook(setting, book), Sight(env.observation_layout, observation)
        mine.append(outlook.path(see, 96, outlook.prices(see, see.clock(), None)).cars)
    _, paths = record_paths(config, weeks, [SEED] * len(weeks))
    theirs = [path.cars for path in paths]
    for day in (slice(0, STEPS_PER_DAY), slice(STEPS_PER_DAY, 2 * STEPS_PER_DAY)):
        for name in ("before_kwh", "after_kwh"):
            expected = sum(getattr(cars, name)[day].sum() for cars in mine)
            assert expected == pytest.approx(sum(getattr(cars, name)[day].sum() for cars in theirs), rel=0.25), name
        there = np.mean([cars.share[day].mean(axis=(1, 2)) for cars in mine], axis=0)
        true = np.mean([cars.share[day].mean(axis=(1, 2)) for cars in theirs], axis=0)
        assert there == pytest.approx(true, abs=0.1)


@pytest.mark.parametrize("advance", [0, 15, 30, 41])
def test_a_plan_that_only_charges_is_possible(scenario, advance):
    config = scenario("japan3", **{"areas": FLEETS})
    outlook, see, _ = outlook_and_sight(config, advance)
    cars = outlook.path(see, 96, outlook.prices(see, see.clock(), None)).cars
    assert cars.share.min() >= 0.0
    assert cars.share.max() <= 1.0
    eta, kw = outlook.plant.value(s.CAR_EFFICIENCY), outlook.plant.value(s.CAR_KW)
    energy = cars.start_kwh.copy()
    for t in range(96):
        energy = energy - cars.before_kwh[t]
        energy += np.minimum(0.5 * eta * kw * cars.share[t], 0.4 * np.maximum(0.0, cars.ceiling_kwh - energy))
        bought = np.where(cars.need_kwh[t] > 0.0, np.maximum(0.0, cars.need_kwh[t] - energy), 0.0)
        energy = energy + bought - cars.after_kwh[t]
        assert (energy >= cars.low_kwh[t] - 1e-9).all()
        assert (energy <= cars.ceiling_kwh + 1e-9).all()


def test_what_a_car_cannot_charge_for_a_trip_is_bought_on_the_road(scenario):
    outlook, _, env = outlook_and_sight(scenario("japan3"))
    areas, cars = env.batch.constants.capacity_kwh.shape
    full = np.full((areas, cars), 30.0)
    kw = outlook.plant.value(s.CAR_EFFICIENCY) * outlook.plant.value(s.CAR_KW)

    def cars_of(energy, usable, share, leave_h, slot):
        seen = SeenCars(energy * full, usable * full, share * full / 30.0, np.full_like(full, leave_h), slot, weekday=2)
        return expected_cars(outlook.plant, outlook.setting.habits, seen, 24)

    found = cars_of(0.1, 1.0, 1.0, 1.25, slot=12)
    leaves = found.need_kwh[2] > 0.0
    assert (3.0 + 1.25 * kw < found.need_kwh[2][leaves]).any()  # an hour and a quarter is not enough
    np.testing.assert_allclose(found.low_kwh[2][leaves], (found.need_kwh - found.after_kwh)[2][leaves], atol=1e-5)
    # A car that is worn down needs no more than it holds.
    found = cars_of(0.01, 0.05, 1.0, 1.25, slot=12)
    assert (found.need_kwh <= found.ceiling_kwh).all()
    assert (found.low_kwh <= found.ceiling_kwh).all()
    # Nothing is bought for legs home of cars that are away, be they empty.
    found = cars_of(0.0, 1.0, 0.0, 25.25, slot=33)
    assert (found.before_kwh[1] > 0.0).any()
    assert (found.low_kwh[1] <= -found.before_kwh[1] + 0.5 * kw * found.share[1] + 1e-9).all()
    assert (found.low_kwh[1] < 0.0).any()


MIXED, AT_WORK = {"home": 0.5, "workplace": 0.25, "commercial": 0.25}, {"home": 0.0, "workplace": 1.0}
FLEETS = [
    {"name": "hokkaido", "datacentre_mw": 300, "user_share": 0.3, "cars": 100_000, "fleet_mix": MIXED},
    {"name": "tokyo", "datacentre_mw": 600, "user_share": 0.7, "cars": 300_000, "fleet_mix": AT_WORK},
]


def test_cars_at_work_come_in_the_morning_and_leave_in_the_evening(scenario):
    outlook, see, _ = outlook_and_sight(scenario("japan3", areas=FLEETS), advance=16)  # Monday 8:00
    share = outlook.path(see, 96, outlook.prices(see, see.clock(), None)).cars.share[:, 1]
    assert share[0].mean() < 0.3
    assert share[8:12].mean() > 0.6  # from noon
    assert share[24:40].max() == 0.0  # by night
    assert 0.5 < share[48 + 8 : 48 + 12].mean() < 0.85  # the average Tuesday


def test_a_car_without_a_plan_keeps_its_stand(scenario):
    outlook, _, env = outlook_and_sight(scenario("japan3"))
    areas, cars = env.batch.constants.capacity_kwh.shape
    full = np.full((areas, cars), 30.0)
    seen = SeenCars(full, 2.0 * full, np.ones_like(full), np.full_like(full, NO_PLAN_H), slot=30, weekday=2)
    found = expected_cars(outlook.plant, outlook.setting.habits, seen, 96)
    assert (found.share[: 2 * STEPS_PER_DAY - 30] == 1.0).all()  # until the end of tomorrow
    assert (found.need_kwh[: 2 * STEPS_PER_DAY - 30] == 0.0).all()


@pytest.mark.parametrize("advance", [0, 4 * STEPS_PER_DAY + 20])
def test_without_chance_users_ask_for_what_is_usual(scenario, advance):
    """The numbers of the day's swing stand in the kernel's text as well: this is what holds them together."""
    config = scenario("japan3", work={"demand_sigma": 0.0})
    outlook, see, _ = outlook_and_sight(config, advance)
    path = outlook.path(see, 96, outlook.prices(see, see.clock(), None))
    _, (truth,) = record_paths(config, [WEEK], [SEED])
    for name in ("realtime_mw", "interactive_mw"):
        usual, came = getattr(path, name), getattr(truth, name)[advance : advance + 96]
        assert np.ptp(came, axis=0).min() > 1.0
        np.testing.assert_allclose(usual, came, rtol=1e-5)


def test_deltas_fade_from_the_last_one_to_their_mean(scenario):
    outlook, see, _ = outlook_and_sight(scenario("japan3"), advance=5)
    delta = outlook.prices(see, see.clock(), None).delta_jpy_per_mwh[:, 0]
    last, mean = see["previous_delta_jpy_per_mwh"][0], delta[-1]
    gone = np.array([last, *delta[:4]]) - mean
    ratio = gone[1:] / gone[:-1]
    assert ratio == pytest.approx(np.full(4, ratio[0]), rel=0.02)
    assert 0.5 < ratio[0] < 1.0


def test_persistence_repeats_the_day_before_where_prices_are_not_known(scenario):
    outlook, see, _ = outlook_and_sight(scenario("japan3"), advance=10, persistence=True)
    history = np.arange(10.0)[:, None, None] * np.ones((10, 2, 3))
    found = outlook.prices(see, see.clock(), history)
    issued = see["price_path_jpy_per_mwh"].T
    known = 47 - 10  # today is known from the start
    np.testing.assert_array_equal(found.spot_jpy_per_mwh[1 : known + 1], issued[:known])
    np.testing.assert_array_equal(found.spot_jpy_per_mwh[known + 1 : known + 11, 0], np.arange(10.0))
    np.testing.assert_array_equal(found.spot_jpy_per_mwh[49:], found.spot_jpy_per_mwh[1:49])
    np.testing.assert_array_equal(found.surplus_mw[38:48, 0], np.arange(10.0))
    now = see["surplus_mw"]
    np.testing.assert_array_equal(found.surplus_mw[:38], np.broadcast_to(now, (38, 3)))


def test_shrinkage_moves_only_prices_that_are_not_known(scenario):
    config = scenario("japan3")
    outlook, see, _ = outlook_and_sight(config, shrinkage=0.0)
    issued = outlook_and_sight(config)[0].prices(see, see.clock(), None).spot_jpy_per_mwh
    shrunk = outlook.prices(see, see.clock(), None).spot_jpy_per_mwh
    usual = outlook.usual("spot_price_jpy_per_mwh", see.clock(), 97)
    np.testing.assert_array_equal(shrunk[:48], issued[:48])
    np.testing.assert_array_equal(shrunk[48:], usual[48:])


def test_announced_calls_last_three_hours(scenario):
    outlook, _, _ = outlook_and_sight(scenario("japan3"))

    class Announced(dict):
        def __getitem__(self, name):
            return self.get(name, np.zeros(3))

    notice = Announced(capacity_notice_h=np.array([0.0, 1.5, 0.0]), capacity_call=np.array([1.0, 0.0, 0.0]))
    calls = outlook._calls(notice, 12)
    assert calls[:, 1].tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0]
    assert calls[:, 0].tolist() == [1, 1, 1] + [0] * 9
    assert calls[:, 2].sum() == 0
