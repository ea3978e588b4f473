"""The bound of the general linear program on the toy's days: the same oracle that bounds every scenario."""

from __future__ import annotations

import numpy as np

from benchmarks.toy.chain import FloatArray, IntArray, PriceChain
from benchmarks.toy.world import ToyWorlds
from wattbit.config import ScenarioConfig
from wattbit_agents.baselines.lp.oracle import solve_path
from wattbit_agents.baselines.lp.record import plant_of, record_batch


def oracle_bounds_jpy(levels: IntArray, chain: PriceChain, config: ScenarioConfig) -> FloatArray:
    """
    Return the oracle's bound of each price path, shape (path,). [JPY]

    It allows for cars that lose health within the week, so its floors are a little lower than those of the toy's cars,
    which are new: it lies below the exact least cost, by what that energy earns.
    """
    worlds = ToyWorlds(len(levels), levels, chain, config)
    worlds.reset(seed=0, options={"week": list(range(len(levels)))})
    plant = plant_of(worlds.batch)
    return np.array([solve_path(plant, path).bound_jpy for path in record_batch(worlds.batch)])
