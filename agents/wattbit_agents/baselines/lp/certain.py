"""When a car that needs energy for a departure is sure to be charged, whatever is commanded."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.physics.feeder import current_distortion, harmonic_derating, hot_spot_c, top_oil_rise_k
from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import TAPER_PER_H, Array, Plant

MARGIN: Final = 1.02
"""Load of a feeder above the highest one found on a grid of stand powers."""


def _highest_load_factor(plant: Plant, rating_kva: float, most: float) -> float:
    """Highest effective load over rating, with homes at their evening peak and up to `most` of the stands' power."""
    home = 1.5 * plant.value(s.HOME_LOAD)
    cars = np.linspace(0.0, most, 201) * plant.value(s.CAR_KW)
    factors = []
    for car in cars:
        current = current_distortion(car / plant.value(s.CAR_KW))
        derating = harmonic_derating(current * car / max(1e-9, home + car), 0.1)
        factors.append((home + car) / rating_kva / derating)
    return MARGIN * max(factors)


def feeders_may_trip(plant: Plant, temperature_c: Array, share: Array) -> NDArray[np.bool_]:
    """
    Say where a transformer could get hot enough to trip if it had its highest load all the time, shape (area,).

    Parameters
    ----------
    plant : Plant
    temperature_c : ndarray, shape (step, area)
    share : ndarray, shape (step, area, car)
        Share of the half hour on a stand.
    """
    areas = len(plant.site)
    trips = np.zeros(areas, np.bool_)
    if plant.value(s.FEEDER_LIFE) <= 0.0:
        return trips
    for r in range(areas):
        factor = _highest_load_factor(
            plant, float(plant.site[r, s.SITE_FEEDER_KVA]), float(share[:, r].mean(axis=1).max())
        )
        hot = hot_spot_c(float(temperature_c[:, r].max()), top_oil_rise_k(20.0, factor, 1e6), factor)
        trips[r] = hot > plant.value(s.FEEDER_TRIP_C)
    return trips


def may_fail(plant: Plant, temperature_c: Array, share: Array) -> NDArray[np.bool_]:
    """
    Say where charging for a departure may be cut off: by a tripped feeder or by the cap on change, (1, area, 1).

    Both depend on what is done; without either a car below what it needs charges at the power of its stand.
    """
    capped = plant.value(s.CHANGE_CAP) > 0.0
    return np.asarray(feeders_may_trip(plant, temperature_c, share) | capped)[None, :, None]


def tapers(plant: Plant, ceiling_kwh: Array, hold_kwh: Array, share: Array) -> NDArray[np.bool_]:
    """Say where a car just below `hold_kwh` charges more slowly than its stand could, (step, area, car)."""
    through = 0.5 * plant.value(s.CAR_KW) * plant.value(s.CAR_EFFICIENCY) * share
    return np.asarray(0.5 * TAPER_PER_H * (ceiling_kwh - hold_kwh) < through)
