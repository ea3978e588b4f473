"""What a planner may know: static configuration, and one observation by names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.units import DAYS_PER_YEAR, STEPS_PER_DAY
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit.world.cars import kinds_of_cars
from wattbit_agents.baselines.lp.path import Array, Plant
from wattbit_agents.baselines.lp.record import plant_of
from wattbit_agents.baselines.lp.stays import Habits, habits_of
from wattbit_agents.baselines.view import Layout


@dataclass(frozen=True)
class Setting:
    """
    All that a planner knows besides its observations: static configuration.

    Attributes
    ----------
    plant : Plant
    habits : Habits
        Of the cars.
    profile : ndarray, shape (336, 4)
        Demand over its mean in each half hour of the week.
    continuing : bool
        Whether episodes are cut out of a world that goes on, so that their end settles nothing.
    """

    plant: Plant
    habits: Habits
    profile: Array
    continuing: bool


def setting_of(batch: Batch) -> Setting:
    """Return what is static in the worlds of a batch."""
    plant, fixed = plant_of(batch), batch.constants
    return Setting(
        plant=plant,
        habits=habits_of(np.asarray(fixed.kind, np.float64), kinds_of_cars(batch.config), plant.capacity_kwh),
        profile=np.asarray(fixed.profile, np.float64),
        continuing=plant.value(s.CONTINUING) > 0.5,
    )


@dataclass(frozen=True)
class Clock:
    """Half hour of the day, weekday (0 is Monday), month (1 to 12), and half hours until the episode ends."""

    slot: int
    weekday: int
    month: int
    to_go: int


_MONTH_ENDS: Final = np.cumsum([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def _turn(sine: float, cosine: float, parts: float) -> float:
    return float(np.arctan2(sine, cosine)) / (2.0 * np.pi) * parts % parts


class Sight:
    """
    Named access to one observation.

    Parameters
    ----------
    layout : Layout
        Of observations with ``forecast="full"`` and ``assets="each"``.
    observation : ndarray, shape (D,)
    """

    def __init__(self, layout: Layout, observation: NDArray[np.floating[Any]]) -> None:
        self._layout = layout
        self._observation = np.asarray(observation, np.float64)

    def __getitem__(self, name: str) -> Array:
        """Return a field in its unit: (area,) or (area, width)."""
        return np.asarray(self._layout.get(self._observation, name), np.float64)

    def clock(self) -> Clock:
        """Return the calendar."""
        day = _turn(float(self["year_sin"]), float(self["year_cos"]), DAYS_PER_YEAR)
        return Clock(
            slot=round(_turn(float(self["time_of_day_sin"]), float(self["time_of_day_cos"]), STEPS_PER_DAY))
            % STEPS_PER_DAY,
            weekday=round(_turn(float(self["day_of_week_sin"]), float(self["day_of_week_cos"]), 7)) % 7,
            month=min(12, int(np.searchsorted(_MONTH_ENDS, day + 1e-3, side="right")) + 1),
            to_go=max(1, round(2.0 * float(self["hours_to_go"]))),
        )
