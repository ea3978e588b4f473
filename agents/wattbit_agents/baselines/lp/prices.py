"""Prices that stand behind a plan: the duals of a solved program under names and units."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit_agents.baselines.lp.path import Path
from wattbit_agents.baselines.lp.program import Program, Structure
from wattbit_agents.baselines.lp.solve import Solution
from wattbit_agents.baselines.lp.template import KILO

Array = NDArray[np.float64]

PER_MWH: Final = 1.0 / (0.5 * KILO)
"""JPY/MWh per thousand JPY and MW of a half hour."""

STOCKS: Final = {"store": 1.0, "car": 1.0, "batch": -1.0, "training": -1.0}
"""Stocks with a price; 1 where one more MWh is worth something, -1 where it costs."""


def marginal_worth(structure: Structure, program: Program, solution: Solution) -> Array:
    """
    Return what one more unit of each column at the end of its half hour saves from then on, JPY.

    The fall of the cost to go: only the rows of the next half hour know a stock of this one, and their duals say what
    they would pay for more of it. In the last half hour it is the terminal value. The dual of the stock's own row says
    something else: what a unit is worth that comes *within* the half hour, more where the stock is sold out in it and
    less where it is filled up.

    Returns
    -------
    ndarray, shape (columns of the half hours,)
    """
    n, m = structure.template.columns.size, structure.template.rows.size
    size = structure.steps * n
    matrix = program.matrix
    column = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
    row = matrix.indices
    later = (row < structure.steps * m) & (column < size) & (row // m == column // n + 1)
    paid = matrix.data[later] * solution.dual[row[later]]
    worth: Array = np.bincount(column[later], paid, minlength=size)[:size].astype(np.float64)
    worth[-n:] -= program.terms["terminal_jpy"][size - n : size]
    return worth / KILO


def area_prices(structure: Structure, program: Program, solution: Solution, path: Path) -> dict[str, Array]:
    """
    Return the prices of every half hour and area, each (step, area).

    Returns
    -------
    dict of str to ndarray
        ``energy_jpy_per_mwh``: one more MWh of load behind the meter; ``compute_jpy_per_mwh``: one more MWh of IT work
        done at the site; ``surplus_jpy_per_mwh``: worth of one more MWh that would else be curtailed, not a number
        where there is none; ``store``, ``car``: worth of one more MWh held at the end of the half hour, the mean over
        cars weighted by size; ``batch``, ``training``: cost of one more MWh that waits then and is not the next due;
        ``reserve_up_jpy_per_mw``, ``reserve_down_jpy_per_mw``: worth of one more MW of room that can be offered;
        ``certificate_jpy_per_mwh``: worth of one more certificate of the half hour.
    """
    template, steps = structure.template, structure.steps
    dual = template.rows.named(solution.dual, steps)
    reduced = template.columns.named(solution.reduced, steps)
    found = {
        "energy_jpy_per_mwh": PER_MWH * dual["net"],
        "compute_jpy_per_mwh": PER_MWH * dual["load"],
        "surplus_jpy_per_mwh": np.where(path.surplus_mw > 0.0, 0.0 - PER_MWH * reduced["soak"], np.nan),
    }
    worth = template.columns.named(marginal_worth(structure, program, solution), steps)
    size = template.plant.capacity_kwh
    for name, sign in STOCKS.items():
        if name == "car":
            price = (worth["car"] * size).sum(axis=2) / size.sum(axis=1)
        else:
            price = worth[name if name == "store" else f"{name}_left"]
        found[f"{name}_jpy_per_mwh"] = sign * price
    for side in ("up", "down"):
        if side in template.rows:
            found[f"reserve_{side}_jpy_per_mw"] = 0.0 - dual[side] / KILO
    if "matched_supply" in template.rows:
        paid = 0.0 - dual["matched_supply"] / KILO
        found["certificate_jpy_per_mwh"] = np.take_along_axis(paid, path.zone, axis=1)
    return found


def link_prices(structure: Structure, solution: Solution) -> Array:
    """Return the worth of one more TB of room from area to area, JPY/TB, (step, from, to); 0 from an area to itself."""
    template, steps = structure.template, structure.steps
    found = np.zeros((steps, template.areas, template.areas))
    off = ~np.eye(template.areas, dtype=bool)
    found[:, off] = 0.0 - template.rows.named(solution.dual, steps)["link"] / KILO
    return found
