"""Health that cars have at least after some half hours, however hard anybody uses them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import Array, Plant
from wattbit_agents.baselines.lp.wear_laws import cell_kelvin, laws_of

POINTS: Final = 11
"""States of charge from none to the highest at which the laws are evaluated."""

SPARE: Final = 1.05
"""Growth beyond the highest that is found there, for what lies between the points."""

DEEPEST: Final = 2.0
"""Limit of the energy over what is usable, which a cell that is worn out would pass."""


def least_health(
    plant: Plant, vehicle: Array, temperature_c: Array, share: Array, driven_kwh: Array, highest_kwh: Array
) -> Array:
    """
    Return the least health that cars can have at the end of a path that begins at a midnight, (area, car).

    Every half hour on a stand counts as one at full power and every leg as driven; a day has its highest possible rate
    and depth all along, with which wear rises in every cell, and the state of charge and temperature at which it is
    highest.

    Parameters
    ----------
    plant : Plant
    vehicle : ndarray, shape (area, field, car)
        State of the cars before the first half hour.
    temperature_c : ndarray, shape (step, area)
        Outdoor air.
    share, driven_kwh : ndarray, shape (step, area, car)
        Share of the half hour on a stand, and energy of the legs in it.
    highest_kwh : ndarray, shape (area, car)
        Most energy that a car ever holds.
    """
    laws, capacity = laws_of(plant.cell), plant.capacity_kwh
    power, eta = plant.value(s.CAR_KW), plant.value(s.CAR_EFFICIENCY)
    # Half of what goes through the cells; charging brings less to them than discharging takes.
    efc = _by_day(0.5 * (0.5 * power / eta * share + driven_kwh) / capacity).cumsum(axis=1)
    # Where nothing was charged the rate is the mean of all: four times the EFC over the half hours so far.
    count = np.arange(1, STEPS_PER_DAY + 1)[:, None, None]
    rate = np.maximum(power * eta / capacity, (4.0 * efc / count).max(axis=1))
    kelvin = cell_kelvin(plant.cell, temperature_c)
    heat = np.vectorize(laws.calendar_heat, otypes=[float])(kelvin)
    hot = _by_day(kelvin, "edge")
    means = np.stack([hot.min(axis=1), hot.mean(axis=1), hot.max(axis=1)])[:, :, :, None]
    heats = [np.vectorize(f, otypes=[float])(means) for f in (laws.calendar_heat, laws.cycle_heat, laws.depth_heat)]
    rests, cycles = (np.vectorize(f, otypes=[float]) for f in (laws.calendar_growth, laws.cycle_growth))
    rested, worn = (np.vectorize(f, otypes=[float]) for f in (laws.calendar_loss_increase, laws.cycle_loss_increase))
    ages = (
        vehicle[:, s.AGE_CALENDAR] + vehicle[:, s.GROWN_CALENDAR],
        vehicle[:, s.AGE_CYCLE] + vehicle[:, s.GROWN_CYCLE],
    )
    start = least = vehicle[:, s.HEALTH]
    top = 0.0
    # States of charge and depths are shares of the usable energy, which falls with the health that is looked for.
    while (highest := min(DEEPEST, float((highest_kwh / (capacity * np.maximum(least, 1e-9))).max()))) > top:
        top = min(DEEPEST, highest * (1.0 + 1e-3))
        charge = np.linspace(0.0, min(1.0, top), POINTS)
        aged = rests(charge[:, None, None], kelvin, heat).max(axis=0).sum(axis=0)[:, None] / STEPS_PER_DAY
        growth = cycles(charge[:, None, None, None, None], means, *heats, top, rate).max(axis=(0, 1))
        lost = rested(ages[0], SPARE * aged) + worn(ages[1], SPARE * (efc[:, -1] * growth).sum(axis=0))
        least = np.maximum(0.0, start - lost)
    return np.asarray(least)


def _by_day(values: NDArray[np.float64], beyond: str = "constant") -> Array:
    """Return (step, ...) as (day, half hour, ...); a last day that is cut short is filled up."""
    short = -len(values) % STEPS_PER_DAY
    width = [(0, short)] + [(0, 0)] * (values.ndim - 1)
    whole = np.pad(values, width, mode=beyond)  # type: ignore[call-overload]
    return np.asarray(whole.reshape(-1, STEPS_PER_DAY, *values.shape[1:]))
