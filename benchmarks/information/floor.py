"""
The least energy that a plan leaves in cars on their stands, close to how the world has it.

The world takes nothing from a car below the floor of V2G, or below what it needs to be ready in time, and never takes
it there. A car that begins a half hour above that level so ends it there or above (but for what an oscillation loses),
and backs reserve with what lies above; another one rests or is charged, and backs none. The program of a plan knows no
more than the least energy that any orders lead to and the concave envelope of the room, since neither is a convex
limit. Each of the two sides is one: a plan keeps every car on the side on which another plan has it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import Path
from wattbit_agents.baselines.lp.program import INF, Program, Structure

Array = NDArray[np.float64]


def _cars(structure: Structure, path: Path, plan: Array) -> tuple[dict[str, Array], Array]:
    """Columns of a plan by name, and the energy of single cars before they charge, kWh, (step, area, car)."""
    named, cars = structure.template.columns.named(plan, path.steps), path.cars
    weight = np.where(structure.template.plant.weight > 0.0, structure.template.plant.weight, 1.0)[:, None]
    earlier = np.concatenate([cars.start_kwh[None], named["car"][:-1] / weight])
    return named, earlier - cars.before_kwh


def taken_below_mwh(structure: Structure, path: Path, plan: Array) -> float:
    """Return how much a plan takes from cars that the world would not, because of their floors."""
    named, begin = _cars(structure, path, plan)
    plant = structure.template.plant
    eta = plant.value(s.CAR_EFFICIENCY)
    gain_mwh = 0.5 * (eta * named["charge"].sum(axis=1) - named["discharge"] / eta)
    least = np.minimum(begin, path.cars.hold_kwh)
    return float(np.maximum(0.0, (least - begin) * plant.weight[:, None] - gain_mwh)[path.cars.share > 0.0].sum())


def above_floor(structure: Structure, path: Path, program: Program, plan: Array) -> Program:
    """
    Return a program that takes nothing from cars below their floors, each on the side on which a plan has it.

    Parameters
    ----------
    structure : Structure
    path : Path
    program : Program
        Of both.
    plan : ndarray, shape (columns,)
        A point of it.

    Returns
    -------
    Program
        With closer bounds and, where reserve is offered, rows behind the others: cars that begin a half hour above the
        floor stay there, others give nothing.
    """
    columns, cars = structure.template.columns, path.cars
    begin = _cars(structure, path, plan)[1]
    here, above = cars.share > 0.0, begin >= cars.hold_kwh
    weight = structure.template.plant.weight[:, None]
    least = (cars.hold_kwh - cars.after_kwh) * weight
    lower, upper = program.lower.copy(), program.upper.copy()
    size = path.steps * columns.size
    # Views: assigning to them changes the copies.
    low = lower[:size].reshape(path.steps, -1)[:, columns.part["car"]]
    stays, rests = ((here & side).reshape(path.steps, -1) for side in (above, ~above))
    low[stays] = np.maximum(low, least.reshape(path.steps, -1))[stays]
    gives = [name for name in ("discharge", "car_below") if name in columns]
    for name in gives:
        upper[:size].reshape(path.steps, -1)[:, columns.part[name]][rests] = 0.0
    closer = replace(program, lower=lower, upper=upper)
    return _with_room(structure, path, closer, here & above) if "car_below" in columns else closer


def _with_room(structure: Structure, path: Path, program: Program, stays: NDArray[np.bool_]) -> Program:
    """Return a program whose cars back reserve with twice what they begin a half hour with above their floors."""
    columns, cars, plant = structure.template.columns, path.cars, structure.template.plant
    hour, area, car = np.nonzero(stays)
    row, later = np.arange(len(hour)), hour > 0
    at = hour * columns.size
    twice = 2.0 * plant.value(s.CAR_EFFICIENCY)
    held = (cars.before_kwh + cars.hold_kwh)[hour, area, car] - np.where(later, 0.0, cars.start_kwh[area, car])
    entries = np.concatenate([-np.ones(len(row)), np.full(int(later.sum()), twice)])
    place = np.concatenate(
        [at + columns["car_below"][area, car], (at - columns.size + columns["car"][area, car])[later]]
    )
    more = sp.csc_matrix((entries, (np.concatenate([row, row[later]]), place)), shape=(len(row), len(program.cost)))
    return replace(
        program,
        matrix=sp.vstack([program.matrix, more], format="csc"),
        row_lower=np.append(program.row_lower, twice * held * plant.weight[area]),
        row_upper=np.append(program.row_upper, np.full(len(row), INF)),
    )
