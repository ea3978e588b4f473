"""When a capacity contract is called: the tightest weekday afternoons of a year."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.set import SeriesSet
from wattbit.units import STEPS_PER_DAY

CALLS_A_YEAR: Final = 12
"""Most calls of a demand-side contract in a year (U: quoted without the rule's text)."""

CALL_STEPS: Final = 6
"""Half hours of a call: three hours (U)."""

NOTICE_STEPS: Final = 6
"""Half hours of notice: three hours (U)."""

FIRST_STEP, LAST_STEP = 18, 40
"""Calls lie between 9 and 20 h on weekdays (U)."""


def call_table(series: SeriesSet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Return when each area's contract is called, and the hours until a call that has been announced.

    The dispatch centre calls when it is short: in each 365 days the twelve weekdays with the dearest three hours.

    Returns
    -------
    call, notice_h : ndarray, shape (time, area)
        1 in the half hours of a call, else 0; hours until an announced call begins, 0 when none is.
    """
    price = np.asarray(series.get("spot_price_jpy_per_mwh"), np.float64)
    steps, areas = price.shape
    call, notice_h = np.zeros((steps, areas)), np.zeros((steps, areas))
    days = steps // STEPS_PER_DAY
    weekday = (series.start.day_of_week + np.arange(days)) % 7 < 5
    shaped = price[: days * STEPS_PER_DAY].reshape(days, STEPS_PER_DAY, areas)[:, FIRST_STEP:LAST_STEP]
    window = np.lib.stride_tricks.sliding_window_view(shaped, CALL_STEPS, axis=1).mean(axis=-1)
    first, best = window.argmax(axis=1), window.max(axis=1)
    for begin in range(0, days, 365):
        year = np.arange(begin, min(begin + 365, days))
        count = round(CALLS_A_YEAR * len(year) / 365)
        for r in range(areas):
            ranked = year[weekday[year]][np.argsort(-best[year[weekday[year]], r], kind="stable")]
            for day in ranked[:count]:
                start = day * STEPS_PER_DAY + FIRST_STEP + first[day, r]
                call[start : start + CALL_STEPS, r] = 1.0
                notice_h[start - NOTICE_STEPS : start, r] = 0.5 * np.arange(NOTICE_STEPS, 0, -1)
    return call, notice_h
