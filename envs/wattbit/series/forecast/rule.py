"""
What is known when: the clock of the Japanese market and how much of the unknown a forecast explains.

Prices of today are known, those of tomorrow from the half hour in which the auction's result is out. Curtailment is
ordered the evening before and revised on the day at fixed hours; between two of these moments an issued surplus path
does not move. All else is revised when a new weather forecast comes in, every three hours. So a day has ten moments of
issue (:data:`ISSUE_SLOTS`), and what is issued at one holds until the next.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.set import STEPS_PER_DAY

TIERS: Final = ("mmfe", "perfect", "persistence", "climatology")
"""Ways of making the forecast; ``"perfect"`` is a diagnostic, not for policies that are compared."""

HORIZON: Final = 96
"""Half hours ahead that are forecast, the current one not counted."""

GRID: Final = 3 * STEPS_PER_DAY
"""Half hours from midnight of the day of issue that a path is kept on: today, tomorrow and the day after."""

AUCTION_SLOT: Final = 21
"""Half hour (10:30) from which tomorrow's spot prices are known (assumption; the auction closes at 10:00)."""

ORDER_SLOT: Final = 34
"""Half hour (17:00) in which tomorrow's curtailment orders are announced (assumption)."""

REVISION_SLOTS: Final = (12, 18, 24, 30)
"""Half hours of the day itself (06:00, 09:00, 12:00, 15:00) in which orders are revised (assumption)."""

ISSUE_SLOTS: Final = (0, 6, 12, 18, AUCTION_SLOT, 24, 30, ORDER_SLOT, 36, 42)
"""Half hours in which forecasts are issued: every 3 h with the weather forecast (assumption), auction and order."""

PRICE_UNEXPLAINED: Final = ((51.5, 0.55), (85.5, 0.64))
"""
Lead [half hours] and share of the variance of price scores not explained beyond the auction (fitted, by
``python -m wattbit.series calibrate-forecasts``; so are the next two).
"""

SURPLUS_UNEXPLAINED: Final = ((51.5, 0.51), (85.5, 0.60))
"""The same for what the price does not say about surplus, before the order (fitted)."""

ORDER_UNEXPLAINED: Final = 0.43
"""The same once curtailment is ordered (fitted)."""

REVISION_REACH: Final = 24
"""A revision on the day leaves lead / this of what the order left unexplained [half hours] (assumption)."""


def issue_of(slot: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which moment of issue of the day holds at each slot."""
    return np.searchsorted(ISSUE_SLOTS, slot, side="right") - 1


def _line(points: tuple[tuple[float, float], ...], lead: NDArray[np.int64]) -> NDArray[np.float64]:
    (first, low), (last, high) = points
    return np.clip(low + (high - low) * (lead - first) / (last - first), 0.05, 0.98)


def known_prices() -> NDArray[np.bool_]:
    """Return which prices are known, shape (issue, half hour of the grid)."""
    day = np.arange(GRID) // STEPS_PER_DAY
    return day[None, :] <= (np.array(ISSUE_SLOTS) >= AUCTION_SLOT)[:, None]


def unexplained(noise_scale: float) -> NDArray[np.float64]:
    """
    Share of the variance of a score that a forecast leaves unexplained.

    Parameters
    ----------
    noise_scale : float
        Multiplies the error of the signal behind the forecast, not that of the forecast, which is shrunk towards the
        climatology: a share r becomes ``s r / (1 - r + s r)`` with s the square of the scale.

    Returns
    -------
    ndarray, shape (2, issue, half hour of the grid)
        For prices, and for what the price does not say about surplus. Zero for known prices; half hours up to the slot
        of issue have no meaning.
    """
    slots = np.array(ISSUE_SLOTS)[:, None]
    target = np.arange(GRID)[None, :]
    day, lead = target // STEPS_PER_DAY, target - slots
    price = np.where(known_prices(), 0.0, _line(PRICE_UNEXPLAINED, lead))
    latest = np.array([max((r for r in REVISION_SLOTS if r <= slot), default=-GRID) for slot in ISSUE_SLOTS])[:, None]
    revised = ORDER_UNEXPLAINED * np.minimum(1.0, (target - latest) / REVISION_REACH)
    ordered = day <= (slots >= ORDER_SLOT)
    before = np.maximum(_line(SURPLUS_UNEXPLAINED, lead), ORDER_UNEXPLAINED)
    surplus = np.where(day == 0, revised, np.where(ordered, ORDER_UNEXPLAINED, before))
    share = np.clip(np.stack([price, surplus]), 0.0, 1.0)
    scaled = noise_scale**2 * share
    return np.divide(scaled, 1.0 - share + scaled, out=np.zeros_like(share), where=scaled > 0.0)
