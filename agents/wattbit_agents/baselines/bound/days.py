"""
A car's day as its wear sees it: what is given, what the car does in it, and the few sums that its wear depends on.

The money of a car's wear in a calendar day is the high-water mark of ``growth * EFC`` of its window
(:mod:`wattbit.world.fleet`). Energy is counted in shares of the nominal capacity, at the cells, and rates in such
shares per hour.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import Path, Plant
from wattbit_agents.baselines.lp.template import KILO
from wattbit_agents.baselines.lp.wear_laws import cell_kelvin

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CarDays:
    """
    What is given of some cars' days, for n days of T half hours.

    Attributes
    ----------
    kelvin : ndarray, shape (n, T)
        Temperature of the cells. [K]
    health, health_low : ndarray, shape (n,)
        Share of the nominal capacity left, or more; and at most that.
    charge_limit, discharge_limit : ndarray, shape (n, T)
        Most energy that a half hour can bring to the cells and take from them.
    before, after : ndarray, shape (n, T)
        Energy driven before the half hour's charging (legs home) and after it (legs out).
    energy_low, energy_high : ndarray, shape (n, T)
        Range that holds the energy in the middle of the half hour's charging on any path.
    """

    kelvin: Array
    health: Array
    health_low: Array
    charge_limit: Array
    discharge_limit: Array
    before: Array
    after: Array
    energy_low: Array
    energy_high: Array

    def __len__(self) -> int:
        return len(self.health)

    def take(self, which: NDArray[np.int64]) -> CarDays:
        """Return some of the days, by number."""
        return CarDays(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @property
    def driven(self) -> Array:
        """Energy driven within the window, shape (n,): the last leg out counts in what follows."""
        return np.asarray((self.before + self.after).sum(axis=1) - self.after[:, -1])


@dataclass(frozen=True)
class CarPaths:
    """
    Paths of the same cars; arrays of shape (n, T).

    Attributes
    ----------
    charge, discharge : ndarray
        Energy to and from the cells in the half hour; both 0 or more.
    bought : ndarray
        Energy bought on the road after the half hour's charging and before its leg out.
    energy : ndarray
        Energy in the middle of the half hour's charging.
    """

    charge: Array
    discharge: Array
    bought: Array
    energy: Array

    def levels(self, days: CarDays) -> Array:
        """
        Return the energy at the marks of the wear window, less that at the first, shape (n, 3 T).

        The window's start, then of every half hour: after the leg home, after charging, after the leg out; without the
        last of these, which counts only in what follows.
        """
        moves = np.stack([-days.before, self.charge - self.discharge, self.bought - days.after], axis=2)
        start = np.zeros((len(moves), 1))
        return np.concatenate([start, np.cumsum(moves.reshape(len(moves), -1), axis=1)[:, :-1]], axis=1)


@dataclass(frozen=True)
class DaySums:
    """
    What the wear of whole days depends on, apart from their temperature; arrays of shape (n,).

    Attributes
    ----------
    charged, drawn : ndarray
        Energy charged; energy discharged and driven.
    square : ndarray
        Sum of the squared charging rates. [1/h^2]
    swing : ndarray
        Of the energy: highest mark that the start or charging sets, less the lowest.
    soc : ndarray
        Mean energy over :attr:`CarDays.health`.
    """

    charged: Array
    drawn: Array
    square: Array
    swing: Array
    soc: Array

    @property
    def rate(self) -> Array:
        """Charging rate as money counts it, weighted with energy; 0 where nothing is charged. [1/h]"""
        return np.asarray(self.square / np.maximum(2.0 * self.charged, 1e-12))

    @property
    def growth(self) -> Array:
        """Rate times EFC, of which wear has a multiple. [1/h]"""
        return np.asarray(self.rate * 0.5 * (self.charged + self.drawn))


def day_sums(days: CarDays, at: CarPaths) -> DaySums:
    """Return the sums of some paths."""
    level = at.levels(days)
    # High marks are set at the window's start and by charging, low ones by everything.
    high = np.maximum(0.0, level[:, 2::3].max(axis=1))
    return DaySums(
        charged=at.charge.sum(axis=1),
        drawn=at.discharge.sum(axis=1) + days.driven,
        square=np.asarray((2.0 * at.charge) ** 2).sum(axis=1),
        swing=high - level.min(axis=1),
        soc=at.energy.mean(axis=1) / days.health,
    )


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
    most, margin = np.array(cars.start_kwh), cars.health - cars.least_health
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
    size = np.broadcast_to(capacity, low.shape)
    kelvin = np.broadcast_to(cell_kelvin(plant.cell, path.temperature_c)[:, :, None], low.shape)
    days = path.steps // STEPS_PER_DAY
    return CarDays(
        kelvin=daily(kelvin),
        health=np.tile(cars.health.reshape(-1), days),
        health_low=np.tile(cars.least_health.reshape(-1), days),
        charge_limit=daily(through * eta),
        discharge_limit=daily(through / eta),
        before=daily(cars.before_kwh / size),
        after=daily(cars.after_kwh / size),
        energy_low=daily(0.5 * (low + low_after) / size),
        energy_high=daily(0.5 * (high + high_after) / size),
    )


def car_paths(plant: Plant, path: Path, plan: dict[str, Array]) -> CarPaths:
    """
    Return what the cars do in a plan, in the order of :func:`daily`.

    Parameters
    ----------
    plant : Plant
    path : Path
    plan : dict of str to ndarray
        Columns of the program by name, (step, *shape).
    """
    eta, share = plant.value(s.CAR_EFFICIENCY), share_per_mw(plant)
    charge = plan["charge"].sum(axis=1) * eta * share
    discharge = plan["discharge"] / eta * share
    bought = 2.0 * plan["road"] * share
    middle = 2.0 * plan["car"] * share + path.cars.after_kwh / plant.capacity_kwh - bought - 0.5 * (charge - discharge)
    return CarPaths(daily(charge), daily(discharge), daily(bought), daily(middle))


def share_per_mw(plant: Plant) -> Array:
    """Return the share of the capacity that a half hour of 1 MW of a group is, before efficiency, (area, car)."""
    weight = plant.weight[:, None] * plant.capacity_kwh
    # An area may have no cars.
    return np.where(weight > 0.0, 0.5 / np.where(weight > 0.0, weight, 1.0), 0.0)


def pack_kjpy(plant: Plant) -> Array:
    """Return what the packs of a group are worth, thousands of JPY, (area, car): the price of its wear."""
    return np.asarray(KILO * plant.value(s.PACK_VALUE) * plant.site[:, s.SITE_WEIGHT][:, None] * plant.capacity_kwh)


def booked_wear(plant: Plant, rise: Array) -> Array:
    """
    Return the wear of every car's days that a trajectory booked, thousands of JPY, in the order of :func:`daily`.

    Parameters
    ----------
    plant : Plant
    rise : ndarray, shape (step, area, car)
        Field CAR_WEAR of the world's scratch memory after each half hour.
    """
    price = KILO * plant.value(s.PACK_VALUE) * plant.site[:, s.SITE_WEIGHT]
    return np.asarray(daily(price[:, None] * rise).sum(axis=1))
