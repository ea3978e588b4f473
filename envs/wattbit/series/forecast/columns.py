"""The issued forecast as columns of the observation: block means, spreads, bands, price ranks and quartiles."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.forecast.rule import HORIZON, ISSUE_SLOTS
from wattbit.series.set import STEPS_PER_DAY

Array = NDArray[np.float32]

BLOCKS: Final = ((1, 7), (7, 13), (13, 25), (25, 49), (49, HORIZON + 1))
"""Leads of the blocks 0-3, 3-6, 6-12, 12-24 and 24-48 h ahead [half hours]; the first starts at the next half hour."""

UNKNOWN_PRICE_BLOCKS: Final = (3, 4)
"""Blocks in which a price may be unknown: the auction is never less than 14 h ahead of what it prices."""

QUARTILE_STEPS: Final = 48
"""Half hours, this one included, whose cheapest and dearest quartiles `steps_to_cheaper` and `steps_to_dearer` mean."""

_BLOCK_HOURS = ("0_3h", "3_6h", "6_12h", "12_24h", "24_48h")

FORECAST_COLUMNS: Final = (
    *(f"price_mean_{block}_jpy_per_mwh" for block in _BLOCK_HOURS),
    *(f"price_spread_{block}_jpy_per_mwh" for block in _BLOCK_HOURS),
    *(f"price_band_{_BLOCK_HOURS[k]}_jpy_per_mwh" for k in UNKNOWN_PRICE_BLOCKS),
    *(f"surplus_mean_{block}_mw" for block in _BLOCK_HOURS),
    *(f"surplus_band_{block}_mw" for block in _BLOCK_HOURS),
    "price_rank_12h",
    "price_rank_24h",
    "steps_to_cheaper",
    "steps_to_dearer",
)
"""
Columns that the kernel copies, in order.

``price_spread`` is largest minus smallest expected price of the block; ``price_band`` and ``surplus_band`` are the mean
over the block of 90 % minus 10 % quantile, 0 where all is known. ``price_rank_12h`` (24h) is the share of the other 23
(47) half hours of the next 12 (24) h that are strictly cheaper than this one: 0 cheapest, 1 dearest.
``steps_to_cheaper`` is the number of half hours until the price is at or below the 12th lowest of the next 48 (this one
included), 0 when it already is; ``steps_to_dearer`` likewise for the 12th highest. [half hours]
"""

_UNITS: Final = {"price_rank": 1.0, "price": 1e4, "surplus": 1e3, "steps": 48.0}

FORECAST_SCALE: Final = tuple(
    next(unit for start, unit in _UNITS.items() if column.startswith(start)) for column in FORECAST_COLUMNS
)
"""What an observed column is divided by: 10 JPY/kWh, 1000 MW, 1, 48 half hours."""


def _first_true(mask: NDArray[np.bool_]) -> Array:
    """Index of the first true entry along the first axis."""
    return mask.argmax(axis=0).astype(np.float32)


def _columns_at(slot: int, mean: Array, band: Array, out: Array) -> None:
    """Fill the columns of every day's half hour `slot`, `out` (day, area, column)."""
    price, surplus = mean
    ahead = price[slot : slot + 1 + HORIZON]
    k = 0
    for begin, end in BLOCKS:
        out[:, :, k] = ahead[begin:end].mean(axis=0)
        out[:, :, k + len(BLOCKS)] = np.ptp(ahead[begin:end], axis=0)
        k += 1
    k += len(BLOCKS)
    for begin, end in (BLOCKS[b] for b in UNKNOWN_PRICE_BLOCKS):
        out[:, :, k] = band[0, slot + begin : slot + end].mean(axis=0)
        k += 1
    for begin, end in BLOCKS:
        out[:, :, k] = surplus[slot + begin : slot + end].mean(axis=0)
        out[:, :, k + len(BLOCKS)] = band[1, slot + begin : slot + end].mean(axis=0)
        k += 1
    k += len(BLOCKS)
    now = ahead[0]
    for steps in (24, 48):
        out[:, :, k] = (ahead[:steps] < now).sum(axis=0, dtype=np.float32) / np.float32(steps - 1)
        k += 1
    window = ahead[:QUARTILE_STEPS]
    quarter = QUARTILE_STEPS // 4
    ordered = np.partition(window, (quarter - 1, QUARTILE_STEPS - quarter), axis=0)
    out[:, :, k] = _first_true(window <= ordered[quarter - 1])
    out[:, :, k + 1] = _first_true(window >= ordered[QUARTILE_STEPS - quarter])


def columns(paths: Array) -> Array:
    """
    Summarise issued paths.

    Parameters
    ----------
    paths : ndarray, shape (4, 2, issue, half hour of the grid, day, area)
        Mean, 10, 50 and 90 % quantile of price [JPY/MWh] and surplus [MW]; of the mean price also what is known, from
        midnight of the day of issue.

    Returns
    -------
    ndarray, shape (day, slot, area, column)
        Float32, columns :data:`FORECAST_COLUMNS`.
    """
    n_days, areas = paths.shape[4:]
    out = np.empty((n_days, STEPS_PER_DAY, areas, len(FORECAST_COLUMNS)), np.float32)
    for issue, (begin, end) in enumerate(zip(ISSUE_SLOTS, (*ISSUE_SLOTS[1:], STEPS_PER_DAY), strict=True)):
        band = paths[3, :, issue] - paths[1, :, issue]
        for slot in range(begin, end):
            _columns_at(slot, paths[0, :, issue], band, out[:, slot])
    return out
