"""Owners and used batteries react between weeks, by numbers worked on paper, and never inside a week."""

from math import exp

import numpy as np
import pytest

from wattbit.between_weeks import AreaWeek, Rules, WeekBook, next_week, purchases
from wattbit.errors import ScenarioError
from wattbit.world import state as s
from wattbit.world.batch import Batch

CARS = 1600.0


def one_area(scenario, owners=None, **changes):
    area = {"name": "tokyo", "user_share": 1.0, "cars": CARS, "storage_mw": 50.0, "storage_mwh": 200.0, **changes}
    return scenario(
        "japan3", areas=[area | {"owners": owners}], fleet={"battery_kwh": (60.0,), "battery_share": (1.0,)}
    )


def week(pay=0.0, wear=0.0, missed=0.0, plugged_h=12.0, before=0.9, after=0.9, cars=16) -> AreaWeek:
    after = np.broadcast_to(np.asarray(after, float), (cars,))
    return AreaWeek(7.0, pay, wear, missed, plugged_h, np.full(cars, before), after, np.full(cars, 60.0))


def test_cars_move_a_quarter_of_the_way_to_what_owners_want(scenario):
    # Weekly pay and wear so that a car has 3,000 and 1,000 JPY a month; 12 h on the stand, half charge guaranteed:
    # utility = -1.3 + 2.25 - 0.375 - 0.4 - 1.0 = -0.825, share 0.30470; of 8,000 owners 2,437.6; 1,600 cars -> 1,809.4.
    month = 365.0 / 12.0 / 7.0
    result = week(pay=3000.0 * CARS / month, wear=1000.0 * CARS / month)
    share = 1.0 / (1.0 + exp(0.825))
    after = next_week(one_area(scenario, owners=8000.0), [result])
    assert after.areas[0].cars == pytest.approx(CARS + 0.25 * (8000.0 * share - CARS))
    assert after.areas[0].cars == pytest.approx(1809.4, abs=0.1)


@pytest.mark.parametrize("worse", [{"missed": 2000.0}, {"wear": 1e6}, {"plugged_h": 20.0}])
def test_every_burden_of_a_week_leaves_fewer_cars_to_the_next(scenario, worse):
    config = one_area(scenario, owners=8000.0)
    base = {"pay": 1e6}
    assert next_week(config, [week(**base, **worse)]).areas[0].cars < next_week(config, [week(**base)]).areas[0].cars


def test_without_a_number_of_owners_the_fleet_stays_as_it_is(scenario):
    config = one_area(scenario)
    assert next_week(config, [week(pay=1e9)]) == config


def test_a_pack_that_falls_below_the_threshold_joins_the_battery(scenario):
    # One of 16 cars stands for 100. SoH 0.76 -> 0.74 is grade B: 44.4 kWh, 0.8 of them usable: 35.52 kWh a pack.
    after = np.full(16, 0.9)
    after[3] = 0.74
    result = week(before=0.76, after=after)
    config = one_area(scenario)
    [purchase] = purchases(config, [result])
    assert (purchase.area, purchase.grade, purchase.packs) == ("tokyo", "B", 100.0)
    assert purchase.usable_mwh == pytest.approx(3.552)
    # Income 2,000 x 35.52 a year over 8 years at 6 % (factor 6.209794) less 6,500 x 44.4: 152,543.7 JPY, below
    # 0.46 x 14,850 x 44.4 = 303,296 JPY.
    assert purchase.price_jpy == pytest.approx(100.0 * 152_543.7, rel=1e-5)
    area = next_week(config, [result]).areas[0]
    assert area.cars == 1500.0
    assert area.storage_mwh == pytest.approx(203.552)
    assert area.storage_mw == pytest.approx(50.888)  # still four hours


def test_a_purchase_is_a_transfer(scenario):
    for after in (0.74, 0.6):
        for purchase in purchases(
            one_area(scenario), [week(before=0.8, after=after)], Rules(repack_jpy_per_kwh=5000.0)
        ):
            money = purchase.by_party_jpy
            assert money.sum() == 0.0
            assert np.abs(money).sum() == pytest.approx(2.0 * purchase.price_jpy)
            assert purchase.price_jpy > 0.0


@pytest.mark.parametrize(("before", "after"), [(0.9, 0.8), (0.74, 0.73), (0.76, 0.45)])
def test_packs_that_are_healthy_or_were_offered_before_or_scrap_stay(scenario, before, after):
    config = one_area(scenario)
    assert purchases(config, [week(before=before, after=after)]) == ()
    assert next_week(config, [week(before=before, after=after)]) == config


def test_packs_that_cannot_earn_their_price_are_not_bought(scenario):
    assert purchases(one_area(scenario), [week(before=0.76, after=0.7)], Rules(margin_jpy_per_kwh_year=0.0)) == ()


def test_results_of_another_scenario_are_refused(scenario):
    with pytest.raises(ScenarioError, match="japan3: 2 results, must be 1: one an area"):
        next_week(one_area(scenario), [week(), week()])
    with pytest.raises(ScenarioError, match="tokyo: results of other cars than the 16 there are"):
        next_week(one_area(scenario), [week(cars=8)])


def play(config, fleet: float, seed: int = 3, storage: float = 0.0) -> tuple[Batch, WeekBook, list]:
    batch = Batch(config, 1, "evaluation", "test", "float64")
    batch.reset(seed, week=2)
    book = WeekBook(batch)
    action = np.zeros((1, len(config.areas), s.N_CONTROL), np.float32)
    action[..., s.A_BATCH] = action[..., s.A_TRAINING] = 1.0
    action[..., s.A_STORAGE] = storage
    trace = []
    for step in range(config.episode.steps):
        action[..., s.A_FLEET] = fleet if step % 48 >= 34 else 1.0
        batch.step_single(action.reshape(-1))
        book.book()
        trace.append(np.concatenate([batch.outcome[0], batch.ledger[0].ravel()]))
    return batch, book, trace


def test_a_played_week_is_booked_as_the_ledger_has_it(scenario):
    config = one_area(scenario, owners=8000.0)
    _, book, trace = play(config, -1.0)
    [result] = book.close()
    rows = np.array(trace)
    outcomes = dict(zip(s.OUTCOMES, rows.sum(axis=0), strict=False))
    assert result.days == 7.0
    # The stationary battery rests, so all wear is that of cars.
    assert result.wear_jpy == pytest.approx(outcomes["wear_jpy"])
    assert result.pay_jpy == pytest.approx(outcomes["wear_jpy"] + outcomes["owner_jpy"])
    assert outcomes["owner_jpy"] == pytest.approx(500.0 * outcomes["v2g_mwh"])
    assert result.missed_departures == pytest.approx(outcomes["unserved_departures"])
    assert 8.0 < result.plugged_h < 16.0
    assert (result.soh_after < result.soh_before).all()


def test_the_wear_of_the_stationary_battery_is_not_the_owners(scenario):
    config = one_area(scenario)
    (_, rest, _), (_, busy, trace) = play(config, 0.0), play(config, 0.0, storage=1.0)
    battery = sum(row[len(s.OUTCOMES) + s.L_STORAGE_WEAR] for row in trace)
    assert battery > 0.0
    assert busy.close()[0].wear_jpy == pytest.approx(rest.close()[0].wear_jpy)


def test_nothing_inside_a_week_depends_on_owners_or_what_they_decide(scenario):
    one, two = (one_area(scenario, owners=owners) for owners in (None, 8000.0))
    _, _, first = play(one, -1.0)
    _, book, second = play(two, -1.0)
    np.testing.assert_array_equal(first, second)
    # They decide afterwards: the week that earned them more brings more cars.
    _, rest, _ = play(two, 0.0)
    assert next_week(two, book.close()).areas[0].cars > next_week(two, rest.close()).areas[0].cars
