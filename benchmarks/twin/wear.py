"""Wear of cars by price, as planners have it."""

import numpy as np

from benchmarks.twin.model import KILO
from wattbit_agents.baselines.lp.wear_price import planned_wear as wear_price


def planned_wear(t):
    """Wear as a planner prices it: parts of charging, and what a car gives back in a day, dearer and dearer."""
    price = wear_price(t.plant, t.path, int(t.path.day[-1]) + 1)
    t.labels["deep"] = range(price.width.shape[-1])
    t.cost(1.0 / KILO, t.given(price.rate, "step rate area car") * t["charge"])
    for day in range(len(price.width)):
        width, jpy = (t.given(x[day], "area car deep") for x in (price.width, price.depth / KILO))
        deep = t.column(f"given back on day {day}", "area car deep", width)
        t.row(t["discharge"].isel(step=np.flatnonzero(t.path.day == day)).sum("step") <= deep.sum("deep"))
        t.cost(jpy, deep)
