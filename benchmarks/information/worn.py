"""What the wear of the cars in a plan costs by the world's own law, to set beside the price that the planner has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.wear_paths import window_wear
from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.bound.days import car_days, car_paths, pack_kjpy
from wattbit_agents.baselines.lp.path import Path, Plant
from wattbit_agents.baselines.lp.template import KILO


def car_wear_jpy(plant: Plant, path: Path, plan: dict[str, NDArray[np.float64]]) -> float:
    """
    Return what the wear of all cars costs along a plan of whole days from a midnight.

    Parameters
    ----------
    plant : Plant
    path : Path
    plan : dict of str to ndarray
        Columns of the program by name, (step, *shape).
    """
    days = car_days(plant, path)
    worn = window_wear(plant.cell, plant.value(s.WEAR_REFERENCE), days, car_paths(plant, path, plan))
    prices = np.tile(pack_kjpy(plant).ravel(), path.steps // STEPS_PER_DAY)
    return float(prices @ worn) / KILO
