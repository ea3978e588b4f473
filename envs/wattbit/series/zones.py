"""Price zones: areas with exactly equal prices are one zone, whose supply slopes combine in parallel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

AREA_SLOPE_JPY_PER_MWH_PER_MW: Final[dict[str, float]] = {
    "hokkaido": 3.7,
    "tohoku": 1.2,
    "tokyo": 0.34,
    "chubu": 0.81,
    "hokuriku": 3.8,
    "kansai": 0.75,
    "chugoku": 1.8,
    "shikoku": 4.0,
    "kyushu": 1.3,
}
"""
Price rise per MW of one area on its own [JPY/MWh per MW] (= JPY/kWh per GW).

Hokkaido, Tohoku, Tokyo and Kyushu: slope of FY2024 spot prices against residual load. These four are close to 12
JPY/kWh per mean demand; the other five areas are 12 JPY/kWh over their FY2024 mean demand (assumption).
"""


def same_zone(prices: NDArray[np.floating]) -> NDArray[np.bool_]:
    """
    Say which areas share a price zone.

    Parameters
    ----------
    prices : ndarray, shape (time, area)
        Spot prices; exactly equal means one zone. [JPY/MWh]

    Returns
    -------
    ndarray, shape (time, area, area)
        Symmetric, true on the diagonal.
    """
    return prices[:, :, None] == prices[:, None, :]


def zone_numbers(prices: NDArray[np.floating]) -> NDArray[np.int64]:
    """Number the zone of every area by its first area, shape (time, area); exactly equal prices are one zone."""
    first: NDArray[np.int64] = np.argmax(same_zone(prices), axis=2)
    return first


def zone_slopes(prices: NDArray[np.float64], areas: Sequence[str]) -> NDArray[np.float64]:
    """
    Return the price slope of the zone in which each area lies.

    Parameters
    ----------
    prices : ndarray, shape (time, area)
        Spot prices. Give all nine areas: a zone is as stiff as all its members, whether simulated or not. [JPY/MWh]
    areas : sequence of str
        Names of the second axis.

    Returns
    -------
    ndarray, shape (time, area)
        ``1 / sum(1 / slope)`` over the areas of the zone, equal for all of them. [JPY/MWh per MW]

    Examples
    --------
    >>> zone_slopes(np.array([[9.0, 9.0], [9.0, 8.0]]), ("hokkaido", "tohoku")).round(3).tolist()
    [[0.906, 0.906], [3.7, 1.2]]
    """
    stiffness_mw = np.array([1.0 / AREA_SLOPE_JPY_PER_MWH_PER_MW[area] for area in areas])
    return 1.0 / np.where(same_zone(prices), stiffness_mw, 0.0).sum(axis=2)
