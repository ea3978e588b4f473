"""The calendar days of a path's cars, as wear cuts take them, and what a plan or a policy did in them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import HEALTH_MARGIN, Path, Plant
from wattbit_agents.baselines.lp.wear import CarDays, CarPaths
from wattbit_agents.baselines.lp.wear_laws import cell_kelvin

Array = NDArray[np.float64]

DAY: Final = 48
"""Half hours of a wear window."""


class Windows:
    """
    Wear windows of the cars of a horizon, numbered (day, area, car).

    A day that began before the horizon is taken as if it began with it: right for plans, not for a bound.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    step : ndarray of int, shape (day, 48)
        Half hours of each day, from its first on; -1 behind the last.
    """

    def __init__(self, path: Path) -> None:
        begun = path.first_step % DAY
        day = (begun + np.arange(path.steps)) // DAY
        self.step = np.full((day[-1] + 1, DAY), -1, np.int64)
        for k in range(len(self.step)):
            inside = np.flatnonzero(day == k)
            self.step[k, : len(inside)] = inside

    def fold(self, values: Array) -> Array:
        """Return (step, area, car) as (window, 48); what stands behind a day's last half hour repeats it."""
        last = self.step.max(axis=1, keepdims=True)
        folded = values[np.where(self.step < 0, last, self.step)]
        return np.asarray(folded.transpose(0, 2, 3, 1).reshape(-1, DAY))


def car_days(plant: Plant, path: Path) -> CarDays:
    """
    Return the days of all cars along a path.

    Parameters
    ----------
    plant : Plant
    path : Path

    Returns
    -------
    CarDays
        In the order of :class:`Windows`.
    """
    windows, cars = Windows(path), path.cars
    capacity, through = cars.capacity_kwh, 0.5 * plant.value(s.CAR_KW) * cars.share
    eta = plant.value(s.CAR_EFFICIENCY)
    charge, discharge = through * eta, through / eta
    # Energy before and after the charging of every half hour: least and most.
    earlier = np.concatenate([cars.start_kwh[None], cars.low_kwh[:-1]])
    low = earlier - cars.before_kwh
    low_after = np.maximum(low - discharge, np.minimum(low, cars.hold_kwh))
    high, high_after = np.empty_like(low), np.empty_like(low)
    most = np.array(cars.start_kwh)
    for t in range(path.steps):
        high[t] = most - cars.before_kwh[t]
        high_after[t] = np.minimum(high[t] + charge[t], np.maximum(high[t], cars.ceiling_kwh))
        need = np.where(cars.need_kwh[t] > 0.0, cars.need_kwh[t] + HEALTH_MARGIN * capacity, 0.0)
        most = np.maximum(high_after[t], need) - cars.after_kwh[t]
    begins = windows.step[:, 0]
    start_low, start_high = earlier[begins].reshape(-1), (high + cars.before_kwh)[begins].reshape(-1)
    lowest = np.minimum(np.minimum(low, low_after), cars.low_kwh)
    swing = np.maximum(start_high, windows.fold(high_after).max(axis=1)) - np.minimum(
        start_low, windows.fold(lowest).min(axis=1)
    )
    days = len(windows.step)
    size = np.tile(capacity.reshape(-1), days)
    health = cars.ceiling_kwh / (plant.value(s.CEILING) * capacity)
    # A start above the ceiling hides the health: then nothing is known of how full a car may be.
    known = np.where(cars.start_kwh < cars.ceiling_kwh, health - HEALTH_MARGIN, 1e-3)
    kelvin = cell_kelvin(plant.cell, path.temperature_c)[:, :, None] * np.ones(capacity.shape)
    return CarDays(
        length=np.repeat((windows.step >= 0).sum(axis=1), capacity.size),
        kelvin=windows.fold(kelvin),
        health=np.tile(health.reshape(-1), days),
        health_low=np.tile(known.reshape(-1), days),
        charge_limit=windows.fold(charge / capacity),
        discharge_limit=windows.fold(discharge / capacity),
        before=windows.fold(cars.before_kwh / capacity),
        after=windows.fold(cars.after_kwh / capacity),
        swing_limit=swing / size,
        energy_low=windows.fold(0.5 * (low + low_after) / capacity),
        energy_high=windows.fold(0.5 * (high + high_after) / capacity),
    )


def car_paths(
    plant: Plant, path: Path, charge_kw: Array, discharge_kw: Array, road_kwh: Array, end_kwh: Array
) -> CarPaths:
    """
    Return what cars do along a path.

    Parameters
    ----------
    plant : Plant
    path : Path
    charge_kw, discharge_kw : ndarray, shape (step, area, car)
        Power of one car at its stand.
    road_kwh : ndarray, shape (step, area, car)
        Energy bought on the road.
    end_kwh : ndarray, shape (step, area, car)
        Energy at the end of each half hour, after its leg out.

    Returns
    -------
    CarPaths
        In the order of :class:`Windows`.
    """
    windows, cars = Windows(path), path.cars
    eta = plant.value(s.CAR_EFFICIENCY)
    into, out = 0.5 * eta * charge_kw, 0.5 / eta * discharge_kw
    begin = np.concatenate([cars.start_kwh[None], end_kwh[:-1]]) - cars.before_kwh
    return CarPaths(
        charge=windows.fold(into / cars.capacity_kwh),
        discharge=windows.fold(out / cars.capacity_kwh),
        bought=windows.fold(road_kwh / cars.capacity_kwh),
        energy=windows.fold((begin + 0.5 * (into - out)) / cars.capacity_kwh),
    )
