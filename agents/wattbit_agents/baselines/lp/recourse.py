"""Energy that cars may have to buy on the road after all: longer trips than expected, and departures before plan."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import Array, Plant, Shortfalls

LEVELS: Final = 2
"""Levels of energy of a departure, beyond what is promised: halves of the trips that need more."""

SAMPLES: Final = 64
"""Equally likely needs that stand for the law of trips."""

EARLY_STEPS: Final = (2, 3, 4, 5)
"""Half hours before plan in which early cars leave: 1 to 3 hours, :func:`wattbit.world.sessions.plan_kind`."""

DAY_SIGMA: Final = 0.3
"""Of the common day factor of trips, :func:`wattbit.world.sessions.plan_kind`."""


def _quantiles(count: int) -> Array:
    normal = NormalDist()
    return np.array([normal.inv_cdf((k + 0.5) / count) for k in range(count)])


def needs_kwh(kind: Array, kinds: NDArray[np.int64], capacity_kwh: Array) -> Array:
    """
    Return equally likely needs of departures until the car can charge again.

    One trip, or that of the day after too for cars that do not plug in when they come back.

    Parameters
    ----------
    kind : ndarray, shape (3, N_KIND)
        As in :class:`wattbit.world.state.World`.
    kinds : ndarray of int, shape (area, car)
        Kind of each car.
    capacity_kwh : ndarray, shape (area, car)
        Nominal capacity: no trip takes more than 60 % of it.

    Returns
    -------
    ndarray, shape (2, SAMPLES, area, car)
        On weekdays and weekends, falling.
    """
    table = np.zeros((2, SAMPLES, *capacity_kwh.shape))
    for number, law in enumerate(kind):
        cars = kinds == number
        if not cars.any():
            continue
        sigma = float(np.hypot(law[s.TRIP_SIGMA], DAY_SIGMA))
        twice = round(SAMPLES * (1.0 - min(1.0, float(law[s.PLUG_RATE]))) * float(law[s.DRIVE_SHARE]))
        most = 0.6 * capacity_kwh[cars]
        for weekend, factor in enumerate((1.0, law[s.TRIP_WEEKEND])):
            median = law[s.TRIP_MEDIAN_KWH] * factor
            once = np.minimum(most, median * np.exp(sigma * _quantiles(SAMPLES - twice))[:, None])
            one = np.minimum(most, median * np.exp(sigma * _quantiles(SAMPLES))[:, None])
            pairs = np.sort((one[:, None] + one[None]).reshape(-1, most.size), axis=0)
            middle = ((np.arange(twice) + 0.5) / max(1, twice) * len(pairs)).astype(np.int64)
            table[weekend][:, cars] = -np.sort(-np.concatenate([once, pairs[middle]]), axis=0)
    return table


def shortfalls(plant: Plant, needs: Array, leaves: Array, need_kwh: Array, weekend: NDArray[np.bool_]) -> Shortfalls:
    """
    Return the energies that departures may need, and how likely.

    Parameters
    ----------
    plant : Plant
    needs : ndarray
        From :func:`needs_kwh`.
    leaves : ndarray, shape (step, area, car)
        Chance that the car leaves its stand as planned at the end of the half hour.
    need_kwh : ndarray, shape (step, area, car)
        Energy at departures that the plan provides or buys for certain.
    weekend : ndarray of bool, shape (step,)

    Returns
    -------
    Shortfalls
    """
    steps = len(leaves)
    level, chance = np.zeros((2, steps, LEVELS, *leaves.shape[1:]))
    for t in np.flatnonzero(leaves.any(axis=(1, 2))):
        trips = needs[int(weekend[t])]
        more = (trips > need_kwh[t]).sum(axis=0)
        total = np.concatenate([np.zeros((1, *more.shape)), np.cumsum(trips, axis=0)])
        upper = (more + 1) // 2
        sums = [np.take_along_axis(total, at[None], axis=0)[0] for at in (upper, more)]
        for k, (count, energy) in enumerate(((upper, sums[0]), (more - upper, sums[1] - sums[0]))):
            level[t, k] = np.where(leaves[t] > 0.0, energy / np.maximum(1, count), 0.0)
            chance[t, k] = leaves[t] * count / SAMPLES
        for early in EARLY_STEPS:
            # Nobody plans to leave twice within three hours, so that no level is overwritten.
            if t >= early:
                at = (leaves[t] > 0.0) & (chance[t - early, 0] == 0.0)
                level[t - early, 0] = np.where(at, need_kwh[t], level[t - early, 0])
                share = plant.value(s.EARLY_SHARE) / len(EARLY_STEPS) * leaves[t]
                chance[t - early, 0] = np.where(at, share, chance[t - early, 0])
    return Shortfalls(level, chance)
