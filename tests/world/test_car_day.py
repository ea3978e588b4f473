"""One car's days, worked step by step from the published equations in NumPy, beside the kernel's own laws."""

from dataclasses import dataclass, field
from math import exp, sqrt

import numpy as np
import pytest

from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit.world.step import run_worlds

KW, ETA, PACK = 5.9, 0.92, 40_000.0
GUARANTEE, FLOOR, CEILING = 0.5, 0.3, 0.9
TAPER = 0.4  # share of the room below the ceiling that half an hour of charging fills at most


def arrhenius(kelvin: float, energy: float) -> float:
    return exp(-(energy / 8.3144) * (1.0 / kelvin - 1.0 / 298.15))


def k_cal(kelvin: float, soc: float) -> float:
    shape = -1.97e-4 + 0.0101 * soc - 0.0157 * soc**2 + 0.00835 * soc**3 - 4.06e-6 * soc * kelvin
    return arrhenius(kelvin, 37000.0) * (shape + 3.32e-5 * max(0.0, kelvin - 328.15))


def k_cyc(kelvin: float, soc: float, depth: float, rate: float) -> float:
    shallow = 3.24 * arrhenius(kelvin, -58000.0) * sqrt(depth * rate) * (1.0 + 2.1 * soc) - 0.099
    return k_cal(kelvin, soc) * 0.985 * (max(0.0, shallow) + 1.44 * arrhenius(kelvin, -13000.0) * depth**6)


def adv(q: float, k: float, dx: float) -> float:
    """Published update of a square-root law: the loss `q` after `dx` more at rate `k`."""
    return k * ((q / k) ** 2 + dx) ** 0.5 if k > 0.0 else q


@dataclass
class Car:
    """The car of the test: a battery, its losses and the day it is in."""

    capacity: float
    energy: float
    q_cal: float
    q_cyc: float
    reference: float
    health: float = 1.0
    mark: float = 0.0
    money: float = 0.0
    socs: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    legs: list[float] = field(default_factory=list)
    kelvins: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)

    def midnight(self) -> None:
        self.q_cyc = max(self.mark, self.q_cyc)
        self.mark = self.q_cyc
        self.money = 0.0
        self.health = 1.0 - self.q_cal - self.q_cyc
        self.socs, self.rates, self.legs, self.kelvins = [], [], [], []
        self.ends = [self.energy / (self.capacity * self.health)]

    def drive(self, kwh: float) -> None:
        self.energy -= kwh
        self.legs.append(kwh / self.capacity)
        self.ends.append(self.energy / (self.capacity * self.health))

    def limits(self, share: float, hours: float) -> tuple[float, float]:
        """Lowest and highest feasible power of the half hour, kW."""
        usable = self.capacity * self.health
        due = GUARANTEE * usable - KW * ETA * max(0.0, hours - 0.5)
        high = min(KW * share, TAPER * max(0.0, CEILING * usable - self.energy) / ETA / 0.5)
        if self.energy < due:
            return min(high, KW * share, (due - self.energy) / ETA / 0.5), high
        free = max(0.0, self.energy - max(FLOOR * usable, due))
        return min(high, -min(KW * share, free * ETA / 0.5)), high

    def half_hour(self, power: float, kelvin: float) -> tuple[float, float]:
        """Run at `power` kW; returns the loss of SoH and the money of the half hour."""
        gain = 0.5 * (power * ETA if power > 0.0 else power / ETA)
        usable = self.capacity * self.health
        self.socs.append((self.energy + 0.5 * gain) / usable)
        self.energy += gain
        self.ends.append(self.energy / usable)
        self.rates.append(gain / 0.5 / self.capacity)
        self.kelvins.append(kelvin)
        before = self.q_cal + max(self.mark, self.q_cyc)
        self.q_cal = adv(self.q_cal, k_cal(kelvin, self.socs[-1]), 0.5 / 24.0)
        rates = np.array(self.rates)
        charging = np.maximum(rates, 0.0)
        steps = charging[charging > 0.01]
        # A leg moves its energy within the half hour: |rate| = 2 x energy / capacity; without charging the mean counts.
        absolute = (np.abs(rates).sum() + 2.0 * sum(self.legs)) / len(rates)
        rate = steps.mean() if len(steps) else absolute
        weighted = (charging**2).sum() / charging.sum() if charging.sum() > 1e-9 else absolute
        cycles = 0.5 * (0.5 * np.abs(rates).sum() + sum(self.legs))
        depth = max(self.ends) - min(self.ends)
        mean = float(np.mean(self.socs)), float(np.mean(self.kelvins))
        trial = adv(self.q_cyc, k_cyc(mean[1], mean[0], depth, rate), cycles)
        self.mark = max(self.mark, trial)
        # Money: the rise of the virtual age y = q^2 over the day, times dq/dy at the reference loss.
        worth = k_cyc(mean[1], mean[0], depth, weighted) ** 2 * cycles / (2.0 * self.reference) * self.capacity * PACK
        paid = max(0.0, worth - self.money)
        self.money = max(self.money, worth)
        return self.q_cal + self.mark - before, paid


@pytest.mark.parametrize(("seed", "capacity"), [(1, 20.0), (2, 60.0), (7, 40.0), (8, 90.0)])
def test_three_days_of_one_car_follow_the_published_equations(scenario, seed, capacity):
    area = {"name": "tokyo", "user_share": 1.0, "cars": 1.0, "datacentre_mw": 10.0}
    fleet = {"vehicles": 1, "battery_kwh": (capacity,), "battery_share": (1.0,), "early_share": 0.3}
    config = scenario("japan3", areas=[area], fleet=fleet)
    batch = Batch(config, 1, "evaluation", "test", "float64")
    batch.world.clock[0, s.SEED] = seed
    world = batch.world
    # The laws as plain Python: nothing is compiled for a single car.
    run_worlds(world, batch.ended, 0, 1, 0, s.TASK_RESET)
    row = world.vehicle[0, 0, :, 0]
    car = Car(
        capacity,
        float(row[s.ENERGY_KWH]),
        sqrt(row[s.AGE_CALENDAR]),
        sqrt(row[s.AGE_CYCLE]),
        float(world.constant[s.WEAR_REFERENCE]),
    )
    car.mark = car.q_cyc
    car.midnight()
    rng = np.random.default_rng(seed)
    driven = charged = discharged = 0.0
    for step in range(144):
        hour = 0.5 * (step % 48)
        plan = {k: float(row[getattr(s, k)]) for k in ("LEAVE_H", "LEFT_H", "RETURN_H", "NEXT_LEAVE_H", "TRIP_KWH")}
        plugged_before, plugged_after = row[s.PLUG_BEFORE] > 0.5, row[s.PLUG_AFTER] > 0.5
        if hour <= plan["RETURN_H"] < hour + 0.5:
            car.drive(0.5 * plan["TRIP_KWH"])
            driven += 0.5 * plan["TRIP_KWH"]
        if plan["LEAVE_H"] < 48.0 and hour < plan["LEAVE_H"]:
            hours = plan["LEAVE_H"] - hour
        else:
            hours = min(48.0, 24.0 + plan["NEXT_LEAVE_H"] - hour)
        at_home = max(0.0, min(hour + 0.5, plan["LEFT_H"]) - hour) * plugged_before
        at_home += max(0.0, hour + 0.5 - max(hour, plan["RETURN_H"])) * plugged_after
        low, high = car.limits(at_home / 0.5, hours)
        x = rng.choice([-1.0, 1.0, rng.uniform(-1.0, 1.0)])
        action = np.zeros(s.N_CONTROL, np.float32)
        action[s.A_FLEET] = x
        x = float(action[s.A_FLEET])
        power = min(high, max(low, x * high if x > 0.0 else -x * low))
        kelvin = max(10.0, float(world.exog[world.clock[0, s.ROW], 0, s.TEMPERATURE])) + 273.15
        lost, yen = car.half_hour(power, kelvin)
        bought = trip = 0.0
        if hour <= plan["LEFT_H"] < hour + 0.5:
            promised = GUARANTEE * capacity * car.health if plugged_before else 0.0
            bought = max(0.0, max(promised, plan["TRIP_KWH"]) - car.energy)
            car.energy += bought
            trip = 0.5 * plan["TRIP_KWH"]
            car.drive(trip)
            driven += trip
        world.action[0] = action
        run_worlds(world, batch.ended, 0, 1, 0, s.TASK_STEP)
        if step % 48 == 47:
            car.midnight()
            assert row[s.HEALTH] == pytest.approx(car.health, rel=1e-9)
        ledger = batch.ledger[0, 0]
        charged += 0.5 * max(0.0, power)
        discharged += 0.5 * max(0.0, -power)
        assert 1e3 * ledger[s.L_FLEET_MW] == pytest.approx(power, abs=1e-6)
        assert ledger[s.L_WEAR] == pytest.approx(yen, rel=1e-6, abs=1e-6)
        assert ledger[s.L_SOH_LOSS] == pytest.approx(100.0 * lost, abs=1e-9)
        assert 1e3 * ledger[s.L_ROAD] == pytest.approx(bought, abs=1e-6)
        next_plan_hour = 0.5 * ((step + 1) % 48)
        arriving = 0.5 * row[s.TRIP_KWH] if next_plan_hour <= row[s.RETURN_H] < next_plan_hour + 0.5 else 0.0
        assert row[s.ENERGY_KWH] == pytest.approx(car.energy - arriving, abs=1e-6)
    assert driven > 0.0
    assert charged > 0.0
    assert discharged > 0.0
