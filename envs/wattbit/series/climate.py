"""Normal temperature of the nine areas, used where a series has no observed weather."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MONTHLY_TEMPERATURE_C: Final[dict[str, tuple[float, ...]]] = {
    "hokkaido": (-3.2, -2.7, 1.1, 7.3, 13.0, 17.0, 21.1, 22.3, 18.6, 12.1, 5.2, -0.9),
    "tohoku": (2.0, 2.4, 5.5, 10.7, 15.6, 19.2, 22.9, 24.4, 21.2, 15.7, 9.8, 4.5),
    "tokyo": (5.4, 6.1, 9.4, 14.3, 18.8, 21.9, 25.7, 26.9, 23.3, 18.0, 12.5, 7.7),
    "chubu": (4.8, 5.5, 9.2, 14.6, 19.4, 23.0, 26.9, 28.2, 24.5, 18.6, 12.6, 7.2),
    "hokuriku": (3.0, 3.4, 6.9, 12.3, 17.5, 21.4, 25.5, 26.9, 22.8, 17.0, 11.2, 5.7),
    "kansai": (6.2, 6.6, 9.9, 15.2, 20.1, 23.6, 27.7, 29.0, 25.2, 19.5, 13.8, 8.7),
    "chugoku": (5.4, 6.2, 9.5, 14.8, 19.6, 23.2, 27.2, 28.5, 24.7, 18.8, 12.9, 7.5),
    "shikoku": (5.9, 6.3, 9.4, 14.7, 19.8, 23.3, 27.5, 28.6, 24.7, 19.0, 13.2, 8.1),
    "kyushu": (6.9, 7.8, 10.8, 15.4, 19.9, 23.3, 27.4, 28.4, 24.7, 19.6, 14.2, 9.1),
}
"""
Monthly means January..December of Sapporo, Sendai, Tokyo, Nagoya, Toyama, Osaka, Hiroshima, Takamatsu and Fukuoka, one
station for the whole area (1991-2020 normals quoted from memory: assumption). [degC]
"""

POSITION_KM: Final[dict[str, float]] = {
    "hokkaido": 0.0,
    "tohoku": 530.0,
    "tokyo": 830.0,
    "chubu": 1090.0,
    "hokuriku": 1150.0,
    "kansai": 1230.0,
    "shikoku": 1360.0,
    "chugoku": 1500.0,
    "kyushu": 1720.0,
}
"""Rough position of the stations along the archipelago; weather correlates by distance (assumption). [km]"""


def normal_temperature(day_of_year: Array, hour: Array, areas: Sequence[str]) -> Array:
    """
    Return the climatological temperature: monthly normals, diurnal swing of 4 K with its peak at 14 h (assumption).

    Parameters
    ----------
    day_of_year, hour : ndarray, shape (time,)
        Days since 1 January (0..366) and hours of the day (0..24), fractions allowed.
    areas : sequence of str
        Areas of the second axis.

    Returns
    -------
    ndarray, shape (time, area)
        [degC]
    """
    middle = (np.arange(-1, 13) + 0.5) * 365.25 / 12.0
    diurnal = 4.0 * np.cos(2.0 * np.pi * (hour - 14.0) / 24.0)
    columns = []
    for area in areas:
        monthly = MONTHLY_TEMPERATURE_C[area]
        columns.append(np.interp(day_of_year, middle, (monthly[-1], *monthly, monthly[0])) + diurnal)
    return np.stack(columns, axis=1)
