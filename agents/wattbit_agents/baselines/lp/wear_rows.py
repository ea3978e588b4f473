"""Wear of cars in a program: a column for every car and day, held up by cuts that are made where the plan goes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import Path, Plant
from wattbit_agents.baselines.lp.program import Rows, Structure
from wattbit_agents.baselines.lp.template import KILO
from wattbit_agents.baselines.lp.wear import CarPaths, WearCuts, square_segments, wear_cuts
from wattbit_agents.baselines.lp.wear_days import car_days, daily

Array = NDArray[np.float64]
Index = NDArray[np.int64]


class Wear:
    """
    Wear of the cars along a path of whole days.

    Parameters
    ----------
    structure : Structure
        With columns of wear.
    path : Path
        Half hours in whole days from a midnight.
    """

    def __init__(self, structure: Structure, path: Path) -> None:
        self.structure, self.path = structure, path
        plant = structure.template.plant
        self.plant = plant
        self.days = path.steps // STEPS_PER_DAY
        weight = plant.weight[:, None] * plant.capacity_kwh
        # Shares of the capacity per MW of the group in a half hour, before efficiency; an area may have no cars.
        self.share = np.where(weight > 0.0, 0.5 / np.where(weight > 0.0, weight, 1.0), 0.0)
        self.car_days = car_days(plant, path)
        price = plant.value(s.PACK_VALUE) * plant.site[:, s.SITE_WEIGHT][:, None] * plant.capacity_kwh
        self.price = KILO * np.broadcast_to(price, (self.days, *price.shape)).ravel()

    def paths(self, point: Array) -> CarPaths:
        """Return what the cars do in a plan."""
        template, eta = self.structure.template, self.plant.value(s.CAR_EFFICIENCY)
        block = template.columns.named(point, self.path.steps)
        charge = block["charge"].sum(axis=1) * eta * self.share
        discharge = block["discharge"] / eta * self.share
        bought = 2.0 * block["road"] * self.share
        end = 2.0 * block["car"] * self.share
        middle = end + self.path.cars.after_kwh / self.plant.capacity_kwh - bought - 0.5 * (charge - discharge)
        return CarPaths(daily(charge), daily(discharge), daily(bought), daily(middle))

    def cuts(self, at: CarPaths) -> WearCuts:
        """Return cuts that are close to the wear of what the cars do."""
        return wear_cuts(self.plant.cell, _reference(self.plant), self.car_days, at)

    def rows(self, cuts: WearCuts, wanted: NDArray[np.bool_]) -> Rows:
        """
        Return cuts as rows of the program.

        Parameters
        ----------
        cuts : WearCuts
        wanted : ndarray of bool, shape (day x area x car,)
            Cars and days whose cut to take.
        """
        template, steps = self.structure.template, self.path.steps
        eta, columns = self.plant.value(s.CAR_EFFICIENCY), template.columns
        areas, count = template.areas, template.cars
        number = np.arange(self.days * areas * count).reshape(self.days, areas, count)
        hour = np.arange(steps).reshape(self.days, STEPS_PER_DAY)
        share = np.broadcast_to(self.share, (self.days, areas, count)).ravel()[:, None]

        def place(name: str, part: int | None = None) -> Index:
            """Columns of a block, (day x area x car, half hour)."""
            inside = columns[name] if part is None else columns[name][part]
            at = hour[:, None, None, :] * columns.size + inside[None, :, :, None]
            return np.asarray(at.reshape(-1, STEPS_PER_DAY))

        middle = cuts.energy
        _, slope = square_segments()
        entries: list[tuple[Index, Array]] = []
        for part, rise in enumerate(slope):
            value = cuts.charge - 0.5 * middle + cuts.square * 4.0 * rise * self.car_days.charge_limit
            entries.append((place("charge", part), value * eta * share))
        entries.append((place("discharge"), (cuts.discharge + 0.5 * middle) / eta * share))
        entries.append((place("road"), (cuts.bought - middle) * 2.0 * share))
        entries.append((place("car"), middle * 2.0 * share))
        column = np.concatenate([*(c for c, _ in entries), self.structure.wear_column + number.reshape(-1, 1)], axis=1)[
            wanted
        ]
        scale = self.price[:, None]
        value = np.concatenate([*(-v * scale for _, v in entries), np.ones((len(scale), 1))], axis=1)[wanted]
        constant = cuts.constant + (middle * self.car_days.after).sum(axis=1)
        kept = np.abs(value) > 1e-9
        start = np.concatenate([[0], np.cumsum(kept.sum(axis=1))[:-1]]).astype(np.int32)
        return Rows(start, column[kept].astype(np.int32), value[kept], (constant * self.price)[wanted])


def _reference(plant: Plant) -> float:
    return plant.value(s.WEAR_REFERENCE)


def booked_wear(plant: Plant, rise: Array) -> Array:
    """
    Return the wear of every car and day that a trajectory booked, thousands of JPY, (day, area, car).

    Parameters
    ----------
    plant : Plant
    rise : ndarray, shape (step, area, car)
        Field CAR_WEAR of the world's scratch memory after each half hour.
    """
    days = rise.reshape(-1, STEPS_PER_DAY, *rise.shape[1:]).sum(axis=1)
    return np.asarray(KILO * plant.value(s.PACK_VALUE) * plant.site[:, s.SITE_WEIGHT][:, None] * days)
