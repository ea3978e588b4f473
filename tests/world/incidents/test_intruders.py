"""Stands that somebody else commands, and stands that nobody reaches."""

import numpy as np
import pytest
from numpy.typing import NDArray

from wattbit.world import state as s

HOKKAIDO, TOKYO, KYUSHU = range(3)
KW, ETA, GUARANTEE, FLOOR, CEILING = 5.9, 0.92, 0.5, 0.3, 0.9
EVENING = 37  # half hour of the first day: 18:30


def limits(batch, area: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What an intruder can ask of every car: floor and ceiling, no promise to the owner. [kW]"""
    usable = batch.cars(area, s.CAPACITY_KWH) * batch.cars(area, s.HEALTH)
    energy, plugged = batch.cars(area, s.ENERGY_KWH), batch.cars(area, s.PLUGGED_SHARE)
    low = -np.minimum(KW * plugged, 2.0 * ETA * np.maximum(0.0, energy - FLOOR * usable))
    high = np.minimum(KW * plugged, 0.8 * np.maximum(0.0, CEILING * usable - energy) / ETA)
    return low, high


@pytest.mark.parametrize("kind", ["hijack-discharge", "hijack-charge"])
def test_hijacked_stands_ignore_the_command(make, kind):
    batch = make({"kind": kind, "area": "hokkaido", "start_hour": 18.5, "size": 0.3}, reserve={"enabled": False})
    calm = make(reserve={"enabled": False})
    for one in (batch, calm):
        one.play_to(EVENING)
    np.testing.assert_array_equal(batch.observation, calm.observation)  # nobody reports it
    low, high = limits(batch, HOKKAIDO)
    demand = batch.world.exog[batch.world.clock[0, s.ROW], HOKKAIDO, s.DEMAND]
    for one in (batch, calm):
        one.act(fleet=0.4)
    commanded = calm.world.car[0, HOKKAIDO, s.CAR_POWER_KW]
    want = 0.7 * commanded + 0.3 * (low if kind == "hijack-discharge" else high)
    np.testing.assert_allclose(batch.world.car[0, HOKKAIDO, s.CAR_POWER_KW], want, atol=1e-9)
    deviation = 100.0 * (want - commanded).sum() / 16.0  # 100,000 cars, 16 representatives, MW
    assert batch.booked(s.L_DEVIATION_MW) == pytest.approx(deviation)
    assert abs(deviation) > 15.0
    assert batch.booked(s.L_FLEET_MW) - calm.booked(s.L_FLEET_MW) == pytest.approx(deviation)
    # Hokkaido is a synchronous zone of its own: more load, lower frequency.
    assert batch.booked(s.L_FREQUENCY) == pytest.approx(-deviation / (0.1 * demand))
    assert batch.booked(s.L_FLEET_MW, TOKYO) == calm.booked(s.L_FLEET_MW, TOKYO)


def test_oscillating_stands_draw_losses_and_wear_and_swing_the_frequency(make):
    batch = make({"kind": "hijack-oscillate", "area": "hokkaido", "start_hour": 18.5, "size": 0.5})
    batch.play_to(EVENING)
    low, high = limits(batch, HOKKAIDO)
    swing = 0.5 * np.minimum(high, -low)
    energy = batch.cars(HOKKAIDO, s.ENERGY_KWH)
    stays = batch.cars(HOKKAIDO, s.RETURN_H) < 18.5
    demand = batch.world.exog[batch.world.clock[0, s.ROW], HOKKAIDO, s.DEMAND]
    batch.act()
    # A quarter of an hour each way; nothing else moves the cars that stay: 0.25 (1 / 0.92 - 0.92) = 0.04174 kWh per kW.
    lost = energy - batch.cars(HOKKAIDO, s.ENERGY_KWH)
    assert (swing[stays] > 0.0).any()
    forced = 0.5 * ETA * np.maximum(0.0, batch.world.car[0, HOKKAIDO, s.CAR_POWER_KW])
    np.testing.assert_allclose(lost[stays], 0.0417391 * swing[stays] - forced[stays], atol=1e-5)
    mw = 100.0 * swing.sum() / 16.0
    charged = 0.5 * 100.0 * batch.world.car[0, HOKKAIDO, s.CAR_POWER_KW].sum() / 16.0
    assert batch.booked(s.L_CHARGED) == pytest.approx(charged + 0.25 * mw)
    assert batch.booked(s.L_DISCHARGED) == pytest.approx(0.25 * mw)
    deviation = batch.booked(s.L_DEVIATION_MW)
    assert abs(batch.booked(s.L_FREQUENCY)) == pytest.approx((mw + abs(deviation)) / (0.1 * demand))


def test_reserve_comes_only_from_stands_that_obey(make):
    incident = {"kind": "hijack-charge", "area": "hokkaido", "start_hour": 18.5, "size": 1.0}
    batch, calm = make(incident), make()
    offer = batch.controls()
    offer.reshape(3, -1)[:, s.A_RESERVE_UP] = 1.0
    short = []
    for one in (batch, calm):
        one.play_to(EVENING)
        one.world.area[0, HOKKAIDO, s.STORAGE_LOW_MW] = 0.0  # only cars and work can answer
        one.step_single(offer)
        short.append(one.booked(s.L_RESERVE_SHORT_MW) + one.booked(s.L_RESERVE_UP_MW))
    assert short[0] == pytest.approx(short[1])
    low = batch.world.area[0, HOKKAIDO, s.FLEET_LOW_MW]
    assert batch.booked(s.L_RESERVE_UP_MW) < calm.booked(s.L_RESERVE_UP_MW) or low == 0.0


def test_without_a_link_the_last_command_holds_or_the_fail_safe_charges(make):
    incident = {"kind": "lost-link", "area": "hokkaido", "start_hour": 18.5, "hours": 3}
    for guard in ({}, {"fail_safe": True}):
        batch = make(incident, mitigation=guard, reserve={"enabled": False})
        # Cars that were emptied all day have something to charge; cars that rested have something to give.
        batch.play_to(EVENING - 1, fleet=-1.0 if guard else 0.0)
        batch.act(fleet=-1.0)
        assert batch.layout.get(batch.observation, "fleet_up_share")[0, HOKKAIDO] == 0.0
        held = batch.world.car[0, HOKKAIDO, s.CAR_POWER_KW].copy()
        low, high = limits(batch, HOKKAIDO)
        usable = batch.cars(HOKKAIDO, s.CAPACITY_KWH) * batch.cars(HOKKAIDO, s.HEALTH)
        missing = np.maximum(0.0, GUARANTEE * usable - batch.cars(HOKKAIDO, s.ENERGY_KWH))
        want = np.minimum(high, 2.0 * missing / ETA) if guard else np.clip(held, low, high)
        batch.act(fleet=1.0)  # in vain
        np.testing.assert_allclose(batch.world.car[0, HOKKAIDO, s.CAR_POWER_KW], want, atol=1e-9)
        assert (want > 0.0).any() if guard else (want < 0.0).any()


def test_the_fail_safe_keeps_the_promise_to_owners(make):
    incident = {"kind": "lost-link", "start_hour": 18.5, "hours": 24}
    served = []
    for guard in ({}, {"fail_safe": True}):
        batch = make(incident, mitigation=guard)
        batch.play_to(EVENING, fleet=-1.0)
        unserved = 0.0
        for _ in range(30):
            batch.act()
            unserved += float(batch.outcome[0, s.O_UNSERVED])
        served.append(unserved)
    assert served[0] > 50_000.0
    assert served[1] < 0.5 * served[0]
