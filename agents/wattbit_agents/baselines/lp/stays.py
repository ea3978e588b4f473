"""When cars will be on their stands, as far as one observation and the habits of their kinds tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import erf, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import TAPER_PER_H, Array, Cars, Plant, held_kwh, lowest_kwh
from wattbit_agents.baselines.lp.recourse import DAY_SIGMA, needs_kwh, shortfalls

_erf = np.vectorize(erf, otypes=[float])

NO_PLAN_H: Final = 48.0
"""What is observed of a car that plans no departure today or tomorrow."""

TRIP_DAY_MEAN: Final = float(np.exp(0.5 * DAY_SIGMA**2))
"""Mean of the common day factor of trips, see :func:`wattbit.world.sessions.plan_kind`."""

BY_DAY: Final = s.KIND_WORKPLACE


@dataclass(frozen=True)
class Habits:
    """
    What the kinds of cars do on the average; the first axis is (weekday, weekend).

    Attributes
    ----------
    by_day : ndarray of bool, shape (area, car)
        Whether a car stays within the day (at work) or over midnight.
    first, second : ndarray, shape (2, 48, area, car)
        Share of first and of second moves that lie before the middle of each half hour.
    first_now, second_now : ndarray, shape (2, 48, area, car)
        Share of them that lies within each half hour.
    first_step, second_step : ndarray of int, shape (2, area, car)
        Half hour of the mean moves.
    drive : ndarray, shape (2, area, car)
        Share of cars that move.
    plug : ndarray, shape (area, car)
        Share of those on a stand that are plugged in.
    leg_kwh : ndarray, shape (2, area, car)
        Mean energy of each of the two legs of a trip.
    needs_kwh : ndarray
        From :func:`~wattbit_agents.baselines.lp.recourse.needs_kwh`.
    """

    by_day: NDArray[np.bool_]
    first: Array
    second: Array
    first_now: Array
    second_now: Array
    first_step: NDArray[np.int64]
    second_step: NDArray[np.int64]
    drive: Array
    plug: Array
    leg_kwh: Array
    needs_kwh: Array


def habits_of(kind: Array, kinds: NDArray[np.int64], capacity_kwh: Array) -> Habits:
    """
    Return the habits of the cars of a scenario.

    Parameters
    ----------
    kind : ndarray, shape (3, N_KIND)
        As in :class:`wattbit.world.state.World`.
    kinds : ndarray of int, shape (area, car)
        Kind of each car.
    capacity_kwh : ndarray, shape (area, car)
        Nominal capacity: no trip takes more than 60 % of it.
    """
    edge = 0.5 * np.arange(STEPS_PER_DAY + 1)
    middle = edge[:-1] + 0.25
    moves = {}
    for name, hours, spread in (
        ("first", (s.FIRST_H, s.FIRST_WEEKEND_H), (s.FIRST_SIGMA_H, s.FIRST_DAY_SIGMA_H)),
        ("second", (s.SECOND_H, s.SECOND_WEEKEND_H), (s.SECOND_SIGMA_H, s.SECOND_DAY_SIGMA_H)),
    ):
        mean = kind[:, hours].T
        sigma = np.maximum(0.05, np.hypot(kind[:, spread[0]], kind[:, spread[1]]))
        for suffix, at in (("", middle), ("_edge", edge)):
            share = 0.5 * (1.0 + _erf((at[None, :, None] - mean[:, None, :]) / (sigma * sqrt(2.0))))
            moves[name + suffix] = share[:, :, kinds]
        moves[f"{name}_step"] = np.clip(2.0 * mean, 0, STEPS_PER_DAY - 1).astype(np.int64)[:, kinds]
    trip = kind[:, s.TRIP_MEDIAN_KWH] * np.exp(0.5 * kind[:, s.TRIP_SIGMA] ** 2) * TRIP_DAY_MEAN
    trips = np.stack([trip, trip * kind[:, s.TRIP_WEEKEND]])[:, kinds]
    return Habits(
        by_day=kinds == BY_DAY,
        first=moves["first"],
        second=moves["second"],
        first_now=np.diff(moves["first_edge"], axis=1),
        second_now=np.diff(moves["second_edge"], axis=1),
        first_step=moves["first_step"],
        second_step=moves["second_step"],
        drive=kind[:, [s.DRIVE_SHARE, s.DRIVE_WEEKEND_SHARE]].T[:, kinds],
        plug=np.minimum(1.0, kind[kinds, s.PLUG_RATE]),
        leg_kwh=0.5 * np.minimum(trips, 0.6 * capacity_kwh),
        needs_kwh=needs_kwh(kind, kinds, capacity_kwh),
    )


@dataclass(frozen=True)
class SeenCars:
    """
    What is observed of the representative cars, arrays (area, car); see the fields ``car_*`` of the observation.

    Attributes
    ----------
    energy_kwh, usable_kwh, share, departure_h : ndarray
    slot : int
        Half hour of the day.
    weekday : int
        0 is Monday.
    """

    energy_kwh: Array
    usable_kwh: Array
    share: Array
    departure_h: Array
    slot: int
    weekday: int


@dataclass(frozen=True)
class Stays:
    """
    When cars are on their stands in a plan, arrays (step, area, car).

    Attributes
    ----------
    share, before_kwh, after_kwh, need_kwh : ndarray
        As in :class:`~wattbit_agents.baselines.lp.path.Cars`.
    hours : ndarray
        To the next planned departure, :data:`NO_PLAN_H` where there is none.
    leaves : ndarray
        Chance that the car leaves its stand in the half hour, by a plan that is seen.
    """

    share: Array
    before_kwh: Array
    after_kwh: Array
    need_kwh: Array
    hours: Array
    leaves: Array


def expected_cars(plant: Plant, habits: Habits, seen: SeenCars, steps: int, recourse: bool = False) -> Cars:
    """
    Return the cars of a plan: what is known of their stays, then what is usual.

    Cars on a stand stay until the departure that they plan. Cars that are away come back and plug in with the
    probabilities of their kind, which a plan treats as shares of the representative. Later days are those of the
    average car.

    Parameters
    ----------
    plant : Plant
    habits : Habits
    seen : SeenCars
    steps : int
        Half hours of the plan.
    recourse : bool
        Whether to say what departures may need beside.
    """
    stays = expected_stays(plant, habits, seen, steps)
    cars = cars_with(plant, seen, stays)
    if not recourse:
        return cars
    weekend = (seen.weekday + (seen.slot + np.arange(steps)) // STEPS_PER_DAY) % 7 >= 5
    return replace(cars, short=shortfalls(plant, habits.needs_kwh, stays.leaves, cars.need_kwh, weekend))


def cars_with(plant: Plant, seen: SeenCars, stays: Stays) -> Cars:
    """Return the cars of a plan that are seen now and stay as `stays` says."""
    ceiling = np.maximum(plant.value(s.CEILING) * seen.usable_kwh, seen.energy_kwh)
    stays = replace(stays, need_kwh=np.minimum(stays.need_kwh, ceiling))
    floor = plant.value(s.V2G_FLOOR) * seen.usable_kwh
    hold = np.minimum(ceiling, held_kwh(plant, stays.hours, seen.usable_kwh, floor))
    low = lowest_kwh(
        plant, seen.energy_kwh, stays.share, hold, floor, stays.before_kwh, stays.after_kwh, stays.need_kwh
    )
    health = seen.usable_kwh / np.maximum(1e-9, plant.capacity_kwh)
    return Cars(
        capacity_kwh=plant.capacity_kwh,
        health=health,
        least_health=health,
        start_kwh=seen.energy_kwh,
        ceiling_kwh=ceiling,
        floor_kwh=floor,
        share=stays.share,
        before_kwh=stays.before_kwh,
        after_kwh=stays.after_kwh,
        need_kwh=stays.need_kwh,
        low_kwh=np.minimum(low, _highest_kwh(plant, seen.energy_kwh, ceiling, stays)),
        hold_kwh=hold,
    )


def _highest_kwh(plant: Plant, start_kwh: Array, ceiling_kwh: Array, stays: Stays) -> Array:
    """
    Most energy at the end of every half hour, charging as the taper allows: below it a plan is always possible.

    What a departure needs beyond it can be bought on the road.
    """
    eta = plant.value(s.CAR_EFFICIENCY)
    through = 0.5 * eta * plant.value(s.CAR_KW) * stays.share
    energy = np.array(start_kwh)
    high = np.empty_like(stays.share)
    for t in range(len(high)):
        energy = energy - stays.before_kwh[t]
        tapered = 0.5 * TAPER_PER_H * np.maximum(0.0, ceiling_kwh - energy)
        energy = energy + np.minimum(through[t], tapered)
        # Without a departure nothing is bought, however low the legs home of cars that are away on the mean lead.
        energy = np.where(stays.need_kwh[t] > 0.0, np.maximum(energy, stays.need_kwh[t]), energy) - stays.after_kwh[t]
        high[t] = energy
    return high - 1e-6


def expected_stays(plant: Plant, habits: Habits, seen: SeenCars, steps: int) -> Stays:
    """Return what is known of the stays of cars, then what is usual; parameters as of :func:`expected_cars`."""
    at = seen.slot + np.arange(steps)
    day, slot = at // STEPS_PER_DAY, at % STEPS_PER_DAY
    kind_of_day = ((seen.weekday + day) % 7 >= 5).astype(np.int64)
    today = int(seen.weekday % 7 >= 5)
    first, second = habits.first[kind_of_day, slot], habits.second[kind_of_day, slot]
    leg, drive, plug, by_day = habits.leg_kwh[kind_of_day], habits.drive[kind_of_day], habits.plug, habits.by_day
    since_h = 0.5 * np.arange(steps)[:, None, None]
    leave_h = seen.departure_h
    planned = leave_h < NO_PLAN_H
    # Cars at work plan today alone, the others tomorrow too: without a plan they do not leave before that is over.
    leave_day = np.where(planned, np.minimum(1, (0.5 * seen.slot + leave_h) // 24.0), np.where(by_day, 0.0, 1.0))
    leave_h = np.where(planned, leave_h, 24.0 * (leave_day + 1.0) - 0.5 * seen.slot)
    before = np.clip((leave_h - since_h) / 0.5, 0.0, 1.0)
    leaves = planned & (since_h <= leave_h) & (leave_h < since_h + 0.5)
    same_day = (since_h + 0.5 > leave_h) & (day[:, None, None] <= leave_day)
    later = day[:, None, None] > leave_day

    # Where cars are until they leave: on a stand for sure, or on their way to one.
    there = seen.share > 0.0
    coming = np.where(by_day, habits.first[today, seen.slot], habits.second[today, seen.slot])
    away = _away_share(habits, today, seen.slot)
    leaves_today = planned & (leave_day < 1.0)
    arrives = ~there & np.where(by_day, leaves_today, ~leaves_today)
    chance = np.where(arrives, away / np.maximum(1e-3, 1.0 - coming), 0.0)
    arrived = np.where(day[:, None, None] > 0, 1.0, np.where(by_day, first, second))
    until = np.where(there, 1.0, plug * chance * np.maximum(0.0, arrived - coming))
    coming_now = np.where(by_day, habits.first_now[kind_of_day, slot], habits.second_now[kind_of_day, slot])
    coming_now = coming_now * (day[:, None, None] == 0) * (since_h > 0.0)

    # Later days are those of the average car; a car without a plan stays where it is until it drives.
    usual = np.where(by_day, plug * drive * (first - second), plug * (1.0 - drive * (first - second)))
    fixed = np.where(there & ~planned & ~by_day, 1.0 - drive * first + plug * drive * second, usual)
    share = before * until + same_day * np.where(by_day | ~planned, 0.0, plug * second)
    share = np.where(later, fixed, share)
    share = np.where(share > 1e-6, share, 0.0)
    share[0] = seen.share
    moves_first = drive * habits.first_now[kind_of_day, slot] * leg * later
    moves_second = drive * habits.second_now[kind_of_day, slot] * leg * later
    returns = same_day & planned & ~by_day
    back = np.where(returns, habits.second_now[kind_of_day, slot] * leg, chance * coming_now * leg)
    before_kwh = np.where(later, np.where(by_day, moves_first, moves_second), back)
    after_kwh = np.where(later, np.where(by_day, moves_second, moves_first), leaves * leg)

    # Least energy at departures: planned ones, then those of the average day if most cars drive on it.
    plugged = np.where(there, 1.0, np.where(by_day, plug * np.minimum(1.0, chance), 0.0))
    promised = plant.promise * seen.usable_kwh
    need = np.asarray(leaves, np.float64) * np.maximum(plugged * promised, 2.0 * leg)
    mean_step = np.where(by_day, habits.second_step[kind_of_day], habits.first_step[kind_of_day])
    usual_leave = later & (drive >= 0.5) & (slot[:, None, None] == mean_step)
    need = np.where(usual_leave, np.maximum(plug * promised, 2.0 * leg), need)
    to_mean = 0.5 * (mean_step - slot[:, None, None])
    next_day = np.where(to_mean > 0.0, to_mean, NO_PLAN_H)
    hours = np.where(
        later, np.where(drive >= 0.5, next_day, NO_PLAN_H), np.where(planned, leave_h - since_h, NO_PLAN_H)
    )
    hours = np.where(hours > 0.0, hours, NO_PLAN_H)
    moves = np.asarray(leaves, np.float64) * np.where(there, 1.0, plug * np.minimum(1.0, chance))
    return Stays(share, before_kwh, after_kwh, need, hours, moves)


def _away_share(habits: Habits, today: int, slot: int) -> Array:
    """Chance that a car that stands on no stand, and leaves none today any more or not yet, is still to come."""
    first, second = habits.first[today, slot], habits.second[today, slot]
    drive, plug = habits.drive[today], habits.plug
    idle = 1.0 - plug
    over_night = drive * np.maximum(0.0, first - second)
    over_night = over_night / np.maximum(1e-6, over_night + idle * (drive * second + 1.0 - drive))
    by_day = (1.0 - first) / np.maximum(1e-6, 1.0 - first + idle * first)
    return np.asarray(np.where(habits.by_day, by_day, over_night))
