"""
What is known and expected at every half hour: issued once per series, the same for every policy.

Information rule (assumption, written for the Japanese day-ahead market). At the half hour `t` of day `d`

- spot prices of day `d` are known; those of day `d + 1` are known from the half hour that starts at 10:30 (the auction
  closes at 10:00);
- beyond the known days the price forecast is the last known price at the same clock half hour (persistence);
- the surplus forecast is the surplus of the same clock half hour of day `d - 1`, the latest day fully observed (zero on
  the first day of a series, which has none);
- the settlement delta is never forecast.

Tier ``"perfect"`` looks at the truth instead; it exists to diagnose how much better forecasts could bring. At the end
of a series, days that are not in it repeat its last day.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.set import STEPS_PER_DAY, SeriesSet

Array = NDArray[np.float32]

TIERS: Final = ("persistence", "perfect")
"""Ways of making the forecast; ``"perfect"`` is a diagnostic, not for policies that are compared."""

BLOCKS: Final = ((1, 7), (7, 13), (13, 25), (25, 49), (49, 97))
"""Leads of the blocks 0-3, 3-6, 6-12, 12-24 and 24-48 h ahead [half hours]; the first starts at the next half hour."""

AUCTION_SLOT: Final = 21
"""Half hour of the day (10:30) from which tomorrow's spot prices are known (assumption)."""

QUARTILE_STEPS: Final = 48
"""Half hours, this one included, whose cheapest and dearest quartiles `steps_to_cheaper` and `steps_to_dearer` mean."""

_BLOCK_HOURS = ("0_3h", "3_6h", "6_12h", "12_24h", "24_48h")

FORECAST_COLUMNS: Final = (
    *(f"price_mean_{block}_jpy_per_mwh" for block in _BLOCK_HOURS),
    *(f"price_spread_{block}_jpy_per_mwh" for block in _BLOCK_HOURS),
    *(f"surplus_mean_{block}_mw" for block in _BLOCK_HOURS),
    "price_rank_12h",
    "price_rank_24h",
    "steps_to_cheaper",
    "steps_to_dearer",
)
"""
Columns of :func:`issue`, in order.

``price_spread`` is largest minus smallest price of the block. ``price_rank_12h`` (24h) is the share of the other 23
(47) half hours of the next 12 (24) h that are strictly cheaper than this one: 0 cheapest, 1 dearest.
``steps_to_cheaper`` is the number of half hours until the price is at or below the 12th lowest of the next 48 (this one
included), 0 when it already is; ``steps_to_dearer`` likewise for the 12th highest. [half hours]
"""


def _by_day(column: NDArray[np.float64], name: str) -> Array:
    """(time, area) -> (day, slot, area), float32."""
    n_days, rest = divmod(column.shape[0], STEPS_PER_DAY)
    if rest or n_days == 0:
        raise SeriesError(f"series {name}: forecasts need whole days, got {column.shape[0]} half hours")
    return column.reshape(n_days, STEPS_PER_DAY, -1).astype(np.float32)


def _three_days(first: Array, second: Array, third: Array) -> Array:
    """Expected path from midnight of the issue day: (half hour 0..143, day, area), contiguous along days and areas."""
    return np.ascontiguousarray(np.concatenate((first, second, third), axis=1).transpose(1, 0, 2))


def _later(days: Array, n: int) -> Array:
    """Day d -> day d + n, the last one repeated."""
    return days[np.minimum(np.arange(len(days)) + n, len(days) - 1)]


def _paths(price: Array, surplus: Array, tier: str, auction_over: bool) -> tuple[Array, Array]:
    """Price and surplus that a policy expects, three days from midnight of the issue day, by the information rule."""
    tomorrow, after = _later(price, 1), _later(price, 2)
    if tier == "perfect":
        return _three_days(price, tomorrow, after), _three_days(surplus, _later(surplus, 1), _later(surplus, 2))
    observed = np.concatenate((np.zeros_like(surplus[:1]), surplus[:-1]))
    surplus_path = _three_days(observed, observed, observed)
    if auction_over:
        return _three_days(price, tomorrow, tomorrow), surplus_path
    return _three_days(price, price, price), surplus_path


def _first_true(mask: NDArray[np.bool_]) -> Array:
    """Index of the first true entry along the first axis."""
    return mask.argmax(axis=0).astype(np.float32)


def _columns_at(slot: int, price: Array, surplus: Array, out: Array) -> None:
    """Fill the columns of every day's half hour `slot`, `out` (day, area, column), from the three-day paths."""
    n = len(BLOCKS)
    ahead = price[slot : slot + 1 + BLOCKS[-1][1]]
    for k, (begin, end) in enumerate(BLOCKS):
        block = ahead[begin:end]
        out[:, :, k] = block.mean(axis=0)
        out[:, :, n + k] = block.max(axis=0) - block.min(axis=0)
        out[:, :, 2 * n + k] = surplus[slot + begin : slot + end].mean(axis=0)
    now = ahead[0]
    for k, steps in enumerate((24, 48)):
        out[:, :, 3 * n + k] = (ahead[:steps] < now).sum(axis=0, dtype=np.float32) / np.float32(steps - 1)
    window = ahead[:QUARTILE_STEPS]
    quarter = QUARTILE_STEPS // 4
    ordered = np.partition(window, (quarter - 1, QUARTILE_STEPS - quarter), axis=0)
    out[:, :, 3 * n + 2] = _first_true(window <= ordered[quarter - 1])
    out[:, :, 3 * n + 3] = _first_true(window >= ordered[QUARTILE_STEPS - quarter])


def issue(series: SeriesSet, tier: str = "persistence") -> NDArray[np.float32]:
    """
    Issue the forecast of every half hour of a series.

    Parameters
    ----------
    series : SeriesSet
        Whole days from midnight.
    tier : {"persistence", "perfect"}
        How it is made; see the module.

    Returns
    -------
    ndarray, shape (time, area, column)
        Float32, columns :data:`FORECAST_COLUMNS`. Row `t` depends only on what is known at `t`.

    Raises
    ------
    SeriesError
        If the tier is unknown, or the series does not start at midnight or does not end with a whole day.
    """
    if tier not in TIERS:
        raise SeriesError(f"forecast tier {tier!r} is unknown; valid: {', '.join(TIERS)}")
    if series.start != series.start.normalize():
        raise SeriesError(f"series {series.name}: forecasts need a start at 00:00, got {series.start}")
    price = _by_day(series.get("spot_price_jpy_per_mwh"), series.name)
    surplus = _by_day(series.get("surplus_mw"), series.name)
    out = np.empty((len(price), STEPS_PER_DAY, len(series.areas), len(FORECAST_COLUMNS)), dtype=np.float32)
    for slots in (range(AUCTION_SLOT), range(AUCTION_SLOT, STEPS_PER_DAY)):
        price_path, surplus_path = _paths(price, surplus, tier, auction_over=slots.start == AUCTION_SLOT)
        for slot in slots:
            _columns_at(slot, price_path, surplus_path, out[:, slot])
    return out.reshape(len(series), len(series.areas), len(FORECAST_COLUMNS))


def path_rows(
    row: NDArray[np.int64], n_rows: int, tier: str = "persistence"
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Rows of the series from which the forecast paths issued at `row` are read, by the same rule as :func:`issue`.

    Parameters
    ----------
    row : ndarray of int, shape (n,)
        Half hours at which the forecasts are issued.
    n_rows : int
        Length of the series, whole days.
    tier : {"persistence", "perfect"}
        How they are made.

    Returns
    -------
    price_row, surplus_row : ndarray of int, shape (n, 96)
        For each of the next 48 h the row that holds the expected value; -1 where nothing is known and zero is expected.
    """
    day, slot = np.divmod(row[:, None], STEPS_PER_DAY)
    days_ahead, clock = np.divmod(slot + np.arange(1, BLOCKS[-1][1]), STEPS_PER_DAY)
    last_day = n_rows // STEPS_PER_DAY - 1
    if tier == "perfect":
        price_day = surplus_day = np.minimum(day + days_ahead, last_day)
    else:
        known = np.where(slot >= AUCTION_SLOT, 1, 0)
        price_day = np.minimum(day + np.minimum(days_ahead, known), last_day)
        surplus_day = np.broadcast_to(day - 1, days_ahead.shape)
    surplus_row = np.where(surplus_day >= 0, surplus_day * STEPS_PER_DAY + clock, -1)
    return price_day * STEPS_PER_DAY + clock, surplus_row
