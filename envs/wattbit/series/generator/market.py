"""Day after day of the market: the plan of pumped storage, then the clearing of every half hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.generator import lines, supply
from wattbit.series.generator.clearing import clear
from wattbit.series.generator.day_ahead import DayAhead, Storage
from wattbit.series.generator.fleet import Fleet
from wattbit.series.set import STEPS_PER_DAY

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """
    What the market did, nine areas.

    Attributes
    ----------
    price : ndarray, shape (time, 9)
        As cleared: virtual below the floor, equal to the last bit inside a zone. [JPY/kWh]
    flow_mw : ndarray, shape (time, line)
    dispatched_mw : ndarray, shape (time, 9, ramp)
    pumped_mw, pumping_mw : ndarray, shape (time, 9)
        Generation and consumption of pumped storage.
    cost_jpy : float
        Cost of the day-ahead plans.
    """

    price: Array
    flow_mw: Array
    dispatched_mw: Array
    pumped_mw: Array
    pumping_mw: Array
    cost_jpy: float

    @property
    def spot_jpy_per_kwh(self) -> Array:
        """Prices as published: to the hundredth, not below the floor."""
        return np.maximum(np.round(self.price, 2), supply.FLOOR_JPY_PER_KWH)

    def surplus_mw(self, fleet: Fleet) -> Array:
        """Sun and wind that is turned down."""
        return np.maximum(fleet.width_mw[..., supply.RENEWABLE] - self.dispatched_mw[..., supply.RENEWABLE], 0.0)


def run(fleet: Fleet, demand_mw: Array, forward_mw: Array, back_mw: Array, storage: Storage, label: str) -> Outcome:
    """
    Run the market over whole days, with a progress bar where standard error is a terminal.

    Parameters
    ----------
    fleet : Fleet
        Supply of every half hour.
    demand_mw : ndarray, shape (time, 9)
    forward_mw, back_mw : ndarray, shape (time, line)
        Limits of the lines.
    storage : Storage
        Pumped storage.
    label : str
        Words before the progress bar.

    Raises
    ------
    SeriesError
        If a package of the extra ``generate`` is missing.
    """
    try:
        from tqdm import tqdm
    except ImportError:
        raise SeriesError("generating a year needs more packages: pip install 'wattbit[generate]'") from None
    planner = DayAhead(lines.ENDS, storage)
    pumped, pumping, shadow = np.zeros((3, *demand_mw.shape))
    cost = 0.0
    for first in tqdm(range(0, len(demand_mw), STEPS_PER_DAY), label, unit="day", leave=False, disable=None):
        day = slice(first, first + STEPS_PER_DAY)
        ramps = fleet.expected_low[day], fleet.expected_high[day], fleet.width_mw[day]
        plan = planner.solve(*ramps, demand_mw[day], forward_mw[day], back_mw[day])
        pumped[day], pumping[day], shadow[day] = plan.generation_mw, plan.pumping_mw, plan.price_jpy_per_kwh
        cost += plan.cost_jpy
    knot, curve = supply.curves(fleet.low, fleet.high, fleet.width_mw)
    # Storage often fills a plant to its last megawatt; its own value then makes the price, which the plan knows.
    price, flow = clear(knot, curve, demand_mw + pumping - pumped, lines.ENDS, forward_mw, back_mw, shadow)
    dispatched = supply.dispatch(price, fleet.low, fleet.high, fleet.width_mw)
    return Outcome(price, flow, dispatched, pumped, pumping, cost)
