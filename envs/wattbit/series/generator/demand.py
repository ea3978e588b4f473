"""Demand of nine areas from calendar and temperature."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.climate import normal_temperature
from wattbit.series.embedded_weather import column
from wattbit.series.generator.calendar import Calendar
from wattbit.series.generator.noise import ar1, daily_to_steps, rng, spatial_root
from wattbit.series.generator.weather import Weather
from wattbit.series.set import AREAS, STEPS_PER_DAY

Array = NDArray[np.float64]

_SHAPE_HOUR: Final = (0.0, 3.0, 5.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 22.0, 24.0)
_SHAPE: Final = (0.775, 0.74, 0.76, 0.80, 0.95, 1.04, 0.99, 1.02, 1.01, 0.995, 0.945, 0.86, 0.775)


def demand_mw(year: int, weather: Weather, calendar: Calendar, seed: int = 0) -> Array:
    """
    Return the demand of a weather year before any growth.

    Parameters
    ----------
    year : int
        Number of the weather year; names the noise.
    weather : Weather
        Its temperature drives heating and cooling.
    calendar : Calendar
    seed : int
        Seed of the noise.

    Returns
    -------
    ndarray, shape (time, 9)
        [MW]
    """
    hour_shape = np.interp(calendar.hour, _SHAPE_HOUR, _SHAPE)[:, None]

    def relative(temperature: Array) -> Array:
        load = column("heating_per_k") * np.clip(16.0 - temperature, 0.0, None)
        load = load + column("cooling_per_k") * np.clip(temperature - 20.0, 0.0, None)
        return (hour_shape + load) * np.where(calendar.is_off[:, None], column("weekend_share"), 1.0)

    normal = relative(normal_temperature(calendar.day_of_year, calendar.hour, AREAS)).mean(axis=0)
    noise = 0.02 * daily_to_steps(
        ar1(rng(year, "demand", seed), len(calendar) // STEPS_PER_DAY, 0.6, spatial_root(900.0))
    )
    return column("demand_mw") * relative(weather.temperature_c) / normal * (1.0 + noise)
