"""
Interconnectors: who is joined to whom, and how much of the rating the market can use.

The exchange clears without losses, within limits; losses are booked afterwards as demand. Ratings are public; what
the market could use in FY2024 was less and moved from day to day (works, stability, margins), so the usable limits
are fitted to the share of half hours in which neighbouring prices differ, and carry a daily noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.config import GridConfig
from wattbit.series.generator.fleet import Numbers
from wattbit.series.set import AREAS

Array = NDArray[np.float64]

RATING_MW: Final = {
    "hokkaido-tohoku": 900.0,
    "tohoku-tokyo": 6050.0,
    "tokyo-chubu": 2100.0,
    "chubu-hokuriku": 300.0,
    "chubu-kansai": 2500.0,
    "hokuriku-kansai": 1900.0,
    "kansai-chugoku": 4150.0,
    "kansai-shikoku": 1400.0,
    "chugoku-shikoku": 1200.0,
    "chugoku-kyushu": 2780.0,
}
"""Names and ratings of the lines, north to south (public lists, some years old). [MW]"""

LINES: Final = tuple(RATING_MW)

ENDS: Final = np.array([[AREAS.index(area) for area in name.split("-")] for name in LINES], dtype=np.int64)
"""Areas that each line joins; flow is positive from the first to the second."""


def limits(grid: GridConfig, noise: Array, fitted: Numbers) -> tuple[Array, Array]:
    """
    Usable limits over a year.

    Parameters
    ----------
    grid : GridConfig
        Its ``line_mw`` comes on top, in both directions.
    noise : ndarray, shape (time, line)
        Unit variance.
    fitted : Numbers
        From :func:`~wattbit.series.generator.fleet.numbers`.

    Returns
    -------
    forward_mw, back_mw : ndarray, shape (time, line)
        0 or more.
    """
    spread = float(fitted["noise"]["line_share"])
    usable = np.exp(spread * noise - 0.5 * spread**2)
    added: Mapping[Any, float] = grid.line_mw
    extra = np.array([added.get(name, 0.0) for name in LINES])
    forward = np.array([fitted["lines"][name]["forward_mw"] for name in LINES])
    back = np.array([fitted["lines"][name]["back_mw"] for name in LINES])
    return np.maximum(forward * usable + extra, 0.0), np.maximum(back * usable + extra, 0.0)
