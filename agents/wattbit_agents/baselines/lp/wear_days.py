"""The calendar days of a path's cars, as wear cuts take them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import Path, Plant, health_margin
from wattbit_agents.baselines.lp.wear import CarDays
from wattbit_agents.baselines.lp.wear_laws import cell_kelvin

Array = NDArray[np.float64]


def daily(values: Array) -> Array:
    """Return (step, area, car) of whole days as (day x area x car, half hour)."""
    days = values.reshape(-1, STEPS_PER_DAY, *values.shape[1:])
    return np.asarray(days.transpose(0, 2, 3, 1).reshape(-1, STEPS_PER_DAY))


def energy_bounds(plant: Plant, path: Path) -> tuple[Array, Array, Array, Array]:
    """
    Return the least and most energy before charging and after it, each (step, area, car), kWh.

    Returns
    -------
    low_before, low_after, high_before, high_after : ndarray, shape (step, area, car)
        What any commands can lead to.
    """
    cars, eta = path.cars, plant.value(s.CAR_EFFICIENCY)
    through = 0.5 * plant.value(s.CAR_KW) * cars.share
    low = np.concatenate([cars.start_kwh[None], cars.low_kwh[:-1]]) - cars.before_kwh
    low_after = np.maximum(low - through / eta, np.minimum(low, cars.hold_kwh))
    high, high_after = np.empty_like(low), np.empty_like(low)
    most, margin = np.array(cars.start_kwh), health_margin(cars.health)
    for t in range(path.steps):
        high[t] = most - cars.before_kwh[t]
        high_after[t] = np.minimum(high[t] + through[t] * eta, np.maximum(high[t], cars.ceiling_kwh))
        # What a departure needs is counted a little low in the path.
        need = np.where(cars.need_kwh[t] > 0.0, cars.need_kwh[t] + margin * cars.capacity_kwh, 0.0)
        most = np.maximum(high_after[t], need) - cars.after_kwh[t]
    return low, low_after, high, high_after


def car_days(plant: Plant, path: Path) -> CarDays:
    """
    Return the days of all cars along a path of whole days from a midnight, in the order of :func:`daily`.

    Parameters
    ----------
    plant : Plant
    path : Path
    """
    cars, eta = path.cars, plant.value(s.CAR_EFFICIENCY)
    capacity = cars.capacity_kwh
    through = 0.5 * plant.value(s.CAR_KW) * cars.share / capacity
    low, low_after, high, high_after = energy_bounds(plant, path)
    # The marks of a window: its start, after a leg home, after charging, after a leg out.
    lowest = daily(np.minimum(np.minimum(low, low_after), cars.low_kwh) / capacity).min(axis=1)
    highest = daily(np.maximum(high + cars.before_kwh, high_after) / capacity).max(axis=1)
    size = np.broadcast_to(capacity, low.shape)
    kelvin = np.broadcast_to(cell_kelvin(plant.cell, path.temperature_c)[:, :, None], low.shape)
    days = len(lowest) // capacity.size
    return CarDays(
        length=np.full(len(lowest), STEPS_PER_DAY),
        kelvin=daily(kelvin),
        health=np.tile(cars.health.reshape(-1), days),
        health_low=np.tile((cars.health - health_margin(cars.health)).reshape(-1), days),
        charge_limit=daily(through * eta),
        discharge_limit=daily(through / eta),
        before=daily(cars.before_kwh / size),
        after=daily(cars.after_kwh / size),
        swing_limit=highest - lowest,
        energy_low=daily(0.5 * (low + low_after) / size),
        energy_high=daily(0.5 * (high + high_after) / size),
    )
