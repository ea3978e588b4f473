"""Where the areas' data centres stand, and how far apart they are."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

SITES: Final = {
    "hokkaido": "Tomakomai",
    "tohoku": "Sendai",
    "tokyo": "Inzai",
    "chubu": "Nagoya",
    "hokuriku": "Toyama",
    "kansai": "Osaka",
    "chugoku": "Hiroshima",
    "shikoku": "Takamatsu",
    "kyushu": "Fukuoka",
}
"""Town that stands for the area in the distance table."""

_UPPER: Final = (
    (489, 767, 923, 760, 1029, 1213, 1132, 1402),
    (278, 493, 367, 623, 868, 751, 1076),
    (302, 280, 440, 718, 579, 924),
    (171, 139, 416, 277, 622),
    (271, 501, 388, 709),
    (281, 139, 485),
    (146, 209),
    (346,),
)
"""Great-circle distances in km, rows and columns in the order of :data:`SITES` (D, from coordinates)."""

SYNCHRONOUS_ZONES: Final = (
    ("hokkaido",),
    ("tohoku", "tokyo"),
    ("chubu", "hokuriku", "kansai", "chugoku", "shikoku", "kyushu"),
)
"""Areas of one frequency: direct current joins Hokkaido to the east, converters the east (50 Hz) to the west."""

ANNUAL_DEMAND_TWH: Final = {
    "hokkaido": 28.0,
    "tohoku": 75.0,
    "tokyo": 262.0,
    "chubu": 120.0,
    "hokuriku": 27.0,
    "kansai": 135.0,
    "chugoku": 56.0,
    "shikoku": 25.0,
    "kyushu": 82.0,
}
"""Demand in a year, to scale a synchronous zone up from the areas that a scenario has; assumption."""


def synchronous_zone(areas: tuple[str, ...], area: str) -> tuple[int, float]:
    """
    Zone of one area, and the demand of the zone over that of those of its areas that a scenario has.

    Parameters
    ----------
    areas : tuple of str
        Areas of the scenario.
    area : str
        One of them.
    """
    zone = next(k for k, members in enumerate(SYNCHRONOUS_ZONES) if area in members)
    members = SYNCHRONOUS_ZONES[zone]
    known = sum(ANNUAL_DEMAND_TWH[name] for name in members if name in areas)
    return zone, sum(ANNUAL_DEMAND_TWH[name] for name in members) / known


def distances_km(areas: tuple[str, ...]) -> NDArray[np.float64]:
    """Great-circle distances between the sites of some areas, shape (area, area), km."""
    full = np.zeros((len(SITES), len(SITES)))
    for row, values in enumerate(_UPPER):
        full[row, row + 1 :] = values
    full += full.T
    order = [list(SITES).index(area) for area in areas]
    return full[np.ix_(order, order)]
