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


def distances_km(areas: tuple[str, ...]) -> NDArray[np.float64]:
    """Great-circle distances between the sites of some areas, shape (area, area), km."""
    full = np.zeros((len(SITES), len(SITES)))
    for row, values in enumerate(_UPPER):
        full[row, row + 1 :] = values
    full += full.T
    order = [list(SITES).index(area) for area in areas]
    return full[np.ix_(order, order)]
