"""Weather of a year: temperature, sun and wind of nine areas, correlated in space and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series import splits
from wattbit.series.climate import normal_temperature
from wattbit.series.embedded_weather import column
from wattbit.series.generator.calendar import Calendar
from wattbit.series.generator.noise import ar1, daily_to_steps, rng, spatial_root
from wattbit.series.set import AREAS, STEPS_PER_DAY

Array = NDArray[np.float64]

_N_STEPS: Final = splits.WEATHER_YEAR_STEPS
_N_DAYS: Final = _N_STEPS // STEPS_PER_DAY


@dataclass(frozen=True, slots=True, eq=False)
class Weather:
    """
    Weather of one year, areas in the order of :data:`~wattbit.series.set.AREAS`.

    Attributes
    ----------
    temperature_c : ndarray, shape (time, 9)
        Outdoor air. [degC]
    solar_share, wind_share : ndarray, shape (time, 9)
        Potential over the highest potential of the FY2024 fleet, 0 to 1.
    """

    temperature_c: Array
    solar_share: Array
    wind_share: Array


def simulate(year: int, seed: int = 0) -> Weather:
    """
    Return the weather of one year.

    Parameters
    ----------
    year : int
        Number of the weather year, 0 or more.
    seed : int
        Another seed, other weather of the same climate.

    Returns
    -------
    Weather
        17,472 half hours of nine areas.
    """
    calendar = Calendar(year)
    anomaly = ar1(rng(year, "temperature", seed), _N_DAYS, 0.6, spatial_root(900.0))
    temperature = normal_temperature(calendar.day_of_year, calendar.hour, AREAS) + 2.6 * daily_to_steps(anomaly)
    return Weather(temperature, _solar(year, seed, calendar), _wind(year, seed, calendar))


def _solar(year: int, seed: int, calendar: Calendar) -> Array:
    declination = np.deg2rad(23.45) * np.sin(2.0 * np.pi * (calendar.day_of_year - 80.0) / 365.25)[:, None]
    solar_hour = calendar.hour[:, None] + (column("longitude_deg") - 135.0) / 15.0
    angle = np.deg2rad(15.0 * (solar_hour - 12.0))
    latitude = np.deg2rad(column("latitude_deg"))
    horizon = np.sin(declination) * np.sin(latitude) + np.cos(declination) * np.cos(latitude) * np.cos(angle)
    plane = latitude - np.deg2rad(25.0)
    incidence = np.sin(declination) * np.sin(plane) + np.cos(declination) * np.cos(plane) * np.cos(angle)
    clear_sky = np.where(horizon > 0.0, np.clip(incidence, 0.0, None), 0.0) * np.clip(horizon * 6.0, 0.0, 1.0) ** 0.5
    root = spatial_root(650.0)
    cloud = 0.92 * daily_to_steps(ar1(rng(year, "cloud-day", seed), _N_DAYS, 0.35, root))
    cloud += 0.39 * ar1(rng(year, "cloud", seed), _N_STEPS, 0.85, root)
    clearness = 1.0 / (1.0 + np.exp(-(0.55 + column("winter_clearness") * calendar.season(15.0) + 1.25 * cloud)))
    return np.minimum(clear_sky * clearness, 1.0)


def _wind(year: int, seed: int, calendar: Calendar) -> Array:
    root = spatial_root(800.0)
    slow = ar1(rng(year, "wind-slow", seed), _N_STEPS, np.exp(-1.0 / 36.0), root)
    smooth = slow.cumsum(axis=0)  # mean of the last six hours: the recursion alone is too rough within an hour
    smooth[12:] = (smooth[12:] - smooth[:-12]) / 12.0
    smooth[:12] = slow[:12]
    return 1.0 / (1.0 + np.exp(-(-1.15 + 0.55 * calendar.season(25.0) + 1.35 * smooth)))
