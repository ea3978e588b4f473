"""What evening V2G costs in wear: 2.4 JPY/kWh at every initial age, from the schedules of the reference curves."""

import os
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from wattbit.config import FleetConfig
from wattbit.physics.cells import CELLS
from wattbit.physics.cells.denso_nmc622 import calendar_growth, calendar_heat, cycle_growth, cycle_heat, depth_heat
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit.world.fleet import close_window, run_fleet

DEFAULT = FleetConfig()
CAPACITY, ETA = 60.0, 0.92
AGES = (0.0, 5.0, 10.0)
TOKYO_MEANS_C = (5.4, 6.1, 9.4, 14.3, 18.8, 21.9, 25.7, 26.9, 23.3, 18.0, 12.5, 7.7)  # monthly normals
REFERENCE_LOSS = CELLS[DEFAULT.cell].reference_loss


def soc_week(kind: str) -> NDArray[np.float64]:
    """
    State of charge at the marks of a week from Monday 00:00, shape (337,); the second of two simulated weeks.

    60 kWh, 6 kW stand, one-way 0.92. Weekdays two 3.5 kWh legs (07:30, 18:00), weekends two of 5 kWh (10:00, 16:00).
    Home before the first leg and from half an hour after the second. ``smart_night`` charges just in time to 65 % by
    07:00; ``v2g_evening`` discharges 18:30-23:00 down to 40 % and charges just in time to 80 %.
    """
    soc, marks = 0.8, []
    for day in range(14):
        weekday = day % 7 < 5
        legs, leg_kwh = ((7.5, 18.0), 3.5) if weekday else ((10.0, 16.0), 5.0)
        for step in range(48):
            marks.append(soc)
            hour = 0.5 * step
            at_home = hour < legs[0] or hour >= legs[1] + 0.5
            change = 0.0
            if hour in legs:
                change = -leg_kwh
            elif at_home and kind == "v2g_evening" and 18.5 <= hour < 23.0:
                change = -min(3.0 / ETA, max(0.0, soc - 0.4) * CAPACITY)
            elif at_home and hour < (7.5 if kind == "smart_night" else 7.0):
                need = max(0.0, (0.65 if kind == "smart_night" else 0.8) - soc) * CAPACITY
                # Just in time: start when as many half hours are left before 07:00 as full power needs.
                if need / (3.0 * ETA) >= max(1.0, (7.0 - hour) / 0.5) - 1.0:
                    change = min(3.0 * ETA, need)
            soc += change / CAPACITY
    return np.array([*marks[336:], soc])


def cell_year() -> NDArray[np.float64]:
    """Mean cell temperature of every half hour of a Tokyo year, K: normals, 4 K daily swing, at least 10 degC."""
    days = np.arange(365 * 48 + 1) / 48.0
    middle = np.array([15, 45, 74, 105, 135, 166, 196, 227, 258, 288, 319, 349], float)
    means = np.array(TOKYO_MEANS_C)
    base = np.interp(days % 365, [middle[-1] - 365, *middle, middle[0] + 365], [means[-1], *means, means[0]])
    marks = np.maximum(base + 4.0 * np.cos(2.0 * np.pi * ((days % 1) * 24.0 - 14.0) / 24.0), 10.0)
    return 0.5 * (marks[1:] + marks[:-1]) + 273.15


@pytest.fixture(scope="module")
def reference() -> Path:
    """Folder of the reference curves: WATTBIT_REFERENCE, else ../shared/reference beside the repository."""
    default = Path(__file__).parents[2].parent / "shared" / "reference"
    folder = Path(os.environ.get("WATTBIT_REFERENCE") or default)
    if not (folder / "profiles_week.csv").is_file():
        pytest.skip(f"no reference curves in {folder}")
    return folder


def initial_ages(years: float) -> tuple[float, float]:
    """y of calendar and cycle wear of a car of some age: parked at 15 degC and half charge, reference duty."""
    return calendar_growth(0.5, 288.15, calendar_heat(288.15)) * 365.0 * years, REFERENCE_LOSS**2 * 0.1 * years


def wear_and_throughput(
    week: NDArray[np.float64], kelvin: NDArray[np.float64], years: float, days: NDArray[np.int64]
) -> tuple[float, float]:
    """
    Yen of wear and kWh charged into the cells on some days of the year, written apart from the fleet's own code.

    Money is the rise over the day of y = k^2 EFC, highest mark so far, with the energy-weighted charging rate, times
    dq/dy = 1 / (2 q) at the reference loss; the state of charge is of the car's present capacity.
    """
    y_cal, y_cyc = initial_ages(years)
    yen = charged = 0.0
    for day in days:
        health = 1.0 - sqrt(y_cal) - sqrt(y_cyc)
        marks = week[(day % 7) * 48 : (day % 7) * 48 + 49]
        temperature = kelvin[day * 48 : day * 48 + 48]
        rate = 2.0 * health * np.diff(marks)
        charging = np.maximum(0.0, rate)
        count = np.arange(1, 49)
        mean_soc = np.cumsum(0.5 * (marks[1:] + marks[:-1])) / count
        mean_k = np.cumsum(temperature) / count
        depth = np.maximum.accumulate(marks)[1:] - np.minimum.accumulate(marks)[1:]
        cycles = np.cumsum(np.abs(rate)) / 4.0
        idle = np.cumsum(np.abs(rate)) / count
        total = np.cumsum(charging)
        weighted = np.where(total > 1e-9, np.cumsum(charging**2) / np.maximum(total, 1e-12), idle)
        steps = np.cumsum(charging > 0.01)
        plain = np.where(steps > 0, np.cumsum(charging * (charging > 0.01)) / np.maximum(steps, 1), idle)
        highest = [0.0, 0.0]
        for n in range(48):
            k = mean_k[n], mean_soc[n], depth[n]
            heats = calendar_heat(k[0]), cycle_heat(k[0]), depth_heat(k[0])
            for which, c_rate in enumerate((plain[n], weighted[n])):
                growth = cycle_growth(k[1], k[0], *heats, k[2], c_rate) * cycles[n]
                highest[which] = max(highest[which], growth)
        middle = 0.5 * (marks[1:] + marks[:-1])
        y_cal += sum(calendar_growth(a, t, calendar_heat(t)) / 48.0 for a, t in zip(middle, temperature, strict=True))
        y_cyc += highest[0]
        yen += highest[1] / (2.0 * REFERENCE_LOSS) * CAPACITY * DEFAULT.pack_jpy_per_kwh
        charged += 0.5 * charging.sum() * CAPACITY
    return yen, charged


def evening_cost(
    smart: NDArray[np.float64], v2g: NDArray[np.float64], kelvin: NDArray[np.float64], years: float
) -> float:
    """Extra yen of wear per extra kWh charged, over every second week of the year."""
    days = np.arange(364).reshape(52, 7)[::2].ravel()
    base, more = (wear_and_throughput(week, kelvin, years, days) for week in (smart, v2g))
    return (more[0] - base[0]) / (more[1] - base[1])


@pytest.mark.parametrize("years", AGES)
def test_evening_v2g_costs_two_yen_forty_at_every_age(years):
    cost = evening_cost(soc_week("smart_night"), soc_week("v2g_evening"), cell_year(), years)
    assert cost == pytest.approx(2.4, abs=0.3)


@pytest.mark.parametrize("years", AGES)
def test_evening_v2g_costs_the_same_on_the_published_schedules(reference, years):
    profiles = pd.read_csv(reference / "profiles_week.csv")
    weeks = {}
    for kind in ("smart_night", "v2g_evening"):
        rows = profiles[profiles.schedule == kind]
        weeks[kind] = np.append(rows.soc_start.to_numpy(), rows.soc_end.to_numpy()[-1])
        np.testing.assert_allclose(soc_week(kind), weeks[kind], atol=2e-6)
    marks = pd.read_csv(reference / "cell_temperature_year.csv.gz")["tokyo"].to_numpy()
    kelvin = 0.5 * (marks[1:] + marks[:-1]) + 273.15
    np.testing.assert_allclose(cell_year(), kelvin, atol=1e-3)
    assert evening_cost(weeks["smart_night"], weeks["v2g_evening"], kelvin, years) == pytest.approx(2.4, abs=0.3)


@pytest.mark.parametrize(
    ("cell", "middle"),
    [
        ("denso_nmc622", 0.052614),  # (0.025666 + 0.0795619) / 2
        ("nmc_b1", 0.011957),  # (0.00372791 + 0.0201856) / 2
        ("lfp_250ah", 0.029085),  # (0.0150116 + 0.0431576) / 2
        ("sanyo_nmc111", 0.120694),  # (0.0596034 + 0.181785) / 2
    ],
)
def test_the_reference_loss_is_the_middle_of_the_ten_year_curves(reference, cell, middle):
    curves = pd.read_csv(reference / "blast_curves.csv").query("climate == 'tokyo' and day == 3650")
    end = curves[curves.cell == CELLS[cell].curves].set_index("schedule").loss_cycle
    assert 0.5 * (end["smart_night"] + end["v2g_evening"]) == pytest.approx(middle, abs=1e-6)
    assert CELLS[cell].reference_loss == pytest.approx(middle, rel=1e-3)


def test_the_fleet_charges_the_same_money(scenario):
    # Six cars, two schedules at three ages, in one area; four weeks spread over the year run through the fleet's code.
    area = {"name": "tokyo", "user_share": 1.0, "cars": 6}
    fleet = {"vehicles": 6, "battery_kwh": (CAPACITY,), "battery_share": (1.0,)}
    batch = Batch(scenario("japan3", areas=[area], fleet=fleet), 1, "evaluation", "test", "float64")
    kelvin = cell_year()
    days = np.arange(364).reshape(52, 7)[::13].ravel()
    exog = np.zeros((365 * 48, *batch.world.exog.shape[1:]))
    exog[:, 0, s.TEMPERATURE] = kelvin - 273.15
    world = batch.world._replace(exog=exog)
    car = world.vehicle[0, 0]
    weeks = np.stack([soc_week(kind) for _ in AGES for kind in ("smart_night", "v2g_evening")])
    ages = np.array([initial_ages(years) for years in AGES for _ in range(2)])
    car[s.AGE_CALENDAR], car[s.AGE_CYCLE] = ages.T
    car[s.LEFT_H] = car[s.RETURN_H] = 99.0
    health = 1.0 - np.sqrt(ages).sum(axis=1)
    car[s.HEALTH] = health
    car[s.ENERGY_KWH] = weeks[:, 0] * health * CAPACITY
    yen, charged = np.zeros(6), np.zeros(6)
    for day in days:
        start = (day % 7) * 48
        for v in range(6):
            # The reference keeps the state of charge over midnight, so the energy follows the health of the new day.
            close_window(world, 0, 0, v)
            car[s.ENERGY_KWH, v] = weeks[v, start] * car[s.HEALTH, v] * CAPACITY
            car[s.WINDOW_SOC_LOW, v] = car[s.WINDOW_SOC_HIGH, v] = weeks[v, start]
        world.area[0, 0, [s.TEMPERATURE_SUM, s.TEMPERATURE_COUNT]] = 0.0
        for step in range(48):
            gain = (weeks[:, start + step + 1] - weeks[:, start + step]) * car[s.HEALTH] * CAPACITY
            world.car[0, 0, s.CAR_POWER_KW] = np.where(gain > 0.0, gain / ETA, gain * ETA) / 0.5
            world.clock[0, s.ROW] = day * 48 + step
            run_fleet(world, 0, 0, 0)
            yen += world.car[0, 0, s.CAR_WEAR] * DEFAULT.pack_jpy_per_kwh
            charged += np.maximum(gain, 0.0)
    apart = np.array([wear_and_throughput(weeks[v], kelvin, AGES[v // 2], days) for v in range(6)])
    np.testing.assert_allclose(yen, apart[:, 0], rtol=1e-9)
    np.testing.assert_allclose(charged, apart[:, 1], rtol=1e-9)
    cost = (yen[1::2] - yen[0::2]) / (charged[1::2] - charged[0::2])
    assert cost == pytest.approx(np.full(3, 2.4), abs=0.3)
