"""Price of balancing reserve, block by block: a lognormal walk around the area's mean."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.set import AREAS, SeriesSet
from wattbit.units import STEPS_PER_DAY

SIGMA: Final = 0.8
"""
Spread of the log price; assumption. Primary reserve, the only product in the files at hand, has 0.35 to 1.18 in April
and July 2026 (D).
"""

DAY_SHARE: Final = 0.5
"""Share of the variance that a whole day has in common; assumption (primary reserve: 0.27 to 0.63, D)."""

STREAM: Final = 0x5E5E
"""Names the random stream of reserve prices."""

WORDS_PER_DAY: Final = 128
"""Random words that a day has to itself: two for each of 49 numbers, rounded up."""


def reserve_price_factor(series: SeriesSet) -> NDArray[np.float64]:
    """
    Price of each block over the area's mean, shape (time, area); 1 on average.

    Blocks are half hours (the rule since April 2026, V). A day's tightness is common to its blocks. Draws depend on
    the date and the area alone, so scenarios of the same series see the same prices.
    """
    steps, areas = series.values.shape[:2]
    days = -(-steps // STEPS_PER_DAY)
    factor = np.empty((steps, areas))
    for column, area in enumerate(series.areas):
        key = np.array([STREAM, AREAS.index(area)], np.uint64)
        # The counter is the date: every day has its own words, whatever the day the series begins with.
        bits = np.random.Philox(key=key, counter=[series.start.toordinal() * WORDS_PER_DAY // 4, 0, 0, 0])
        u = np.random.Generator(bits).random((days, 2, WORDS_PER_DAY // 2))
        # Box and Muller: as many numbers as words, which a rejecting method would not keep to.
        z = np.sqrt(-2.0 * np.log1p(-u[:, 0])) * np.cos(2.0 * np.pi * u[:, 1])
        day = np.repeat(z[:, 0], STEPS_PER_DAY)[:steps]
        block = z[:, 1 : STEPS_PER_DAY + 1].reshape(-1)[:steps]
        mixed = np.sqrt(DAY_SHARE) * day + np.sqrt(1.0 - DAY_SHARE) * block
        factor[:, column] = np.exp(SIGMA * mixed - 0.5 * SIGMA**2)
    return factor
