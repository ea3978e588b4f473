"""
Supply curves of an area: ramps of plant, each from its cheapest to its dearest megawatt, added up.

A ramp of `width_mw` is at zero up to the price `low`, at full width from `high` on and linear in between: the spread of
efficiencies, start costs and bids within one fuel. The areas' curves are sums of ramps, so the mix of fuels at a price
follows at once, and so do the slope of the price and the CO2 of the next megawatt.

Below the floor the order of curtailment of the Japanese dispatch rule (優先給電ルール) is written as virtual prices:
biomass steps back first, then sun and wind in all areas of a zone alike, what can't be turned off last. Thermal minimum
is part of what can't be turned off: thermal plant above it has left the market long before.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FLOOR_JPY_PER_KWH: Final = 0.01
"""Lowest spot price in Japan. [JPY/kWh]"""

CAP_JPY_PER_KWH: Final = 200.0
"""Price at which load is shed (assumption); met in one half hour of the twenty default years. [JPY/kWh]"""

RAMPS: Final = (
    "inflexible",
    "renewable",
    "biomass",
    "coal",
    "lng_combined",
    "lng_conventional",
    "oil",
    "emergency",
    "shed",
)
"""Kinds of supply, in merit order. ``"shed"`` is load that is not served."""

INFLEXIBLE, RENEWABLE, BIOMASS, COAL, LNG_COMBINED, LNG_CONVENTIONAL, OIL, EMERGENCY, SHED = range(len(RAMPS))

VIRTUAL_BELOW_FLOOR: Final = {"inflexible": (2.0, 1.0), "renewable": (1.0, 0.1), "biomass": (0.1, 0.0)}
"""Where the ramps that are must-take lie below the floor: order of curtailment. [JPY/kWh]"""


def curves(low: Array, high: Array, width_mw: Array) -> tuple[Array, Array]:
    """
    Add up ramps.

    Parameters
    ----------
    low, high : ndarray, shape (time, area, ramp)
        Prices of the first and the last megawatt, ``low < high``. [JPY/kWh]
    width_mw : ndarray, shape (time, area, ramp)
        Power of each ramp, 0 or more.

    Returns
    -------
    knot_jpy_per_kwh, supply_mw : ndarray, shape (time, area, 2 * ramp)
        Knots of the sum in rising order.
    """
    knot = np.sort(np.concatenate((low, high), axis=-1), axis=-1)
    supply = np.zeros_like(knot)
    for f in range(low.shape[-1]):
        share = (knot - low[..., f, None]) / (high - low)[..., f, None]
        supply += width_mw[..., f, None] * np.clip(share, 0.0, 1.0)
    return knot, supply


def dispatch(price: Array, low: Array, high: Array, width_mw: Array) -> Array:
    """Power of every ramp at the prices of the clearing, (time, area, ramp). [MW]"""
    return width_mw * np.clip((price[..., None] - low) / (high - low), 0.0, 1.0)


def response(price: Array, low: Array, high: Array, width_mw: Array, step_jpy_per_kwh: float) -> Array:
    """
    Power that each ramp adds per JPY/kWh, around a price, (time, area, ramp).

    It is the secant over `step_jpy_per_kwh` to both sides: a derivative would jump at every knot. [MW per JPY/kWh]
    """
    above = dispatch(price + step_jpy_per_kwh, low, high, width_mw)
    below = dispatch(np.maximum(price - step_jpy_per_kwh, FLOOR_JPY_PER_KWH), low, high, width_mw)
    return (above - below) / (step_jpy_per_kwh + np.minimum(step_jpy_per_kwh, price - FLOOR_JPY_PER_KWH)[..., None])
