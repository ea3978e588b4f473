"""Sun without clouds: what a fleet of tilted panels would give, from geometry alone."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# fmt: off
LATITUDE_DEG: Final = np.array([43.0, 38.3, 36.0, 35.2, 36.6, 34.7, 34.5, 33.9, 32.6])
LONGITUDE_DEG: Final = np.array([143.2, 140.9, 139.9, 137.2, 136.7, 135.5, 132.7, 133.7, 130.7])
# fmt: on
"""Rough middle of each area's panels, areas in the order of ``AREAS`` (assumption)."""

_TILT_DEG: Final = 20.0
"""Panels of a whole area as one plane that faces south (fitted by hand to the hours of train weeks)."""

_HAZE, _DIFFUSE = 0.2, 0.2
"""Direct light lost per air mass (exponent), and diffuse light under a zenith sun over the direct (fitted likewise)."""

_TEMPERATURE_LOSS_PER_K: Final = 0.004
"""Efficiency of a panel, beside 15 degC (assumption). [1/K]"""


def clear_share(day_of_year: Array, hour: Array, temperature_c: Array) -> Array:
    """
    Return cloudless output over its yearly maximum at 15 degC.

    Parameters
    ----------
    day_of_year : ndarray, shape (time,)
        Days since 1 January, with fractions.
    hour : ndarray, shape (time,)
        Hour of the day, Japan standard time.
    temperature_c : ndarray, shape (time, 9)
        Outdoor air, in the order of ``AREAS``.

    Returns
    -------
    ndarray, shape (time, 9)
        0 at night.
    """
    return _light(day_of_year, hour) / _brightest() * (1.0 - _TEMPERATURE_LOSS_PER_K * (temperature_c - 15.0))


@cache
def _brightest() -> Array:
    day = np.repeat(np.arange(365.0), 48)
    return _light(day, np.tile((np.arange(48) + 0.5) / 2.0, 365)).max(axis=0)


def _light(day_of_year: Array, hour: Array) -> Array:
    orbit = 2.0 * np.pi * (day_of_year - 81.0) / 364.0
    equation_of_time_h = (9.87 * np.sin(2.0 * orbit) - 7.53 * np.cos(orbit) - 1.5 * np.sin(orbit)) / 60.0
    declination = np.deg2rad(23.45) * np.sin(2.0 * np.pi * (day_of_year - 80.0) / 365.25)[:, None]
    solar_hour = (hour + equation_of_time_h)[:, None] + (LONGITUDE_DEG - 135.0) / 15.0
    angle = np.cos(np.deg2rad(15.0 * (solar_hour - 12.0)))

    def height(latitude_deg: Array) -> Array:
        latitude = np.deg2rad(latitude_deg)
        return np.sin(declination) * np.sin(latitude) + np.cos(declination) * np.cos(latitude) * angle

    horizon = height(LATITUDE_DEG)
    plane = np.clip(height(LATITUDE_DEG - _TILT_DEG), 0.0, None)
    direct = plane * np.exp(-_HAZE / np.clip(horizon, 0.03, None))
    return np.where(horizon > 0.0, direct + _DIFFUSE * np.clip(horizon, 0.0, None), 0.0)
