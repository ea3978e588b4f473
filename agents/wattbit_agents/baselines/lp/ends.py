"""What stocks are worth at the end of a plan."""

from __future__ import annotations

import numpy as np

from wattbit.physics.snow import electricity_mwh_per_t
from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp.book import AROUND, PlannerBook
from wattbit_agents.baselines.lp.outlook import Prices
from wattbit_agents.baselines.lp.path import Array, End, Plant, work_price
from wattbit_agents.baselines.lp.planners import Terminal
from wattbit_agents.baselines.lp.sight import Clock, Sight


def stock_price(plant: Plant, prices: Prices, steps: int, history: Array | None) -> Array:
    """
    Return the mean spot price at which the world settles stocks after the plan, shape (area,).

    Parameters
    ----------
    plant : Plant
        Says whether that is the day that follows or the last one.
    prices : Prices
    steps : int
        Half hours of the plan.
    history : ndarray, shape (k, 2, area), optional
        Spot price and surplus of the half hours before; without them the last day is the half hours from now on.
    """
    if plant.value(s.WORK_MOVES) > 0.5:
        first = min(steps, len(prices.spot_jpy_per_mwh) - STEPS_PER_DAY)
        return np.asarray(prices.spot_jpy_per_mwh[first : first + STEPS_PER_DAY].mean(axis=0))
    run = prices.spot_jpy_per_mwh[: steps + 1]
    if history is not None:
        run = np.concatenate([history[:, 0], run])
    return np.asarray(run[-STEPS_PER_DAY:].mean(axis=0))


def price_around(prices: Prices, steps: int, history: Array) -> Array:
    """Return the mean spot price of the day around the end of a plan, as known or expected, shape (area,)."""
    run = np.concatenate([history[:, 0], prices.spot_jpy_per_mwh])
    end = len(history) + steps
    return np.asarray(run[max(0, end - AROUND) : end + AROUND].mean(axis=0))


def end_of(
    terminal: Terminal,
    plant: Plant,
    book: PlannerBook,
    see: Sight,
    clock: Clock,
    steps: int,
    ends: bool,
    price_jpy_per_mwh: Array,
    pue: Array,
    around_jpy_per_mwh: Array,
) -> End:
    """
    Return the worth of what is left at the end of a plan.

    Parameters
    ----------
    terminal : {"simulated", "dual", "none"}
        What to take where the episode goes on; where it ends the world's own rule settles it.
    plant, book, see, clock, steps
        What is static, learnt, observed; the half hours of the plan.
    ends : bool
        Whether the episode ends with the plan.
    price_jpy_per_mwh, pue : ndarray, shape (area,)
        From :func:`stock_price`, and overhead then.
    around_jpy_per_mwh : ndarray, shape (area,)
        From :func:`price_around`: dual worths follow it.
    """
    load, matched = float(see["match_load_mwh"].sum()), float(see["matched_mwh"].sum())
    zero = np.zeros(len(plant.names))
    snow = np.where(plant.site[:, s.SITE_SNOW_T] > 0.0, price_jpy_per_mwh * electricity_mwh_per_t(), 0.0)
    if ends or terminal == "simulated":
        work = plant.value(s.BACKLOG_FACTOR) * work_price(plant, price_jpy_per_mwh, pue)
        car = price_jpy_per_mwh / plant.value(s.CAR_EFFICIENCY)
        return End(price_jpy_per_mwh, work, work, car, snow, 0.0, ends, load, matched)
    if terminal == "none":
        return End(zero, zero, zero, zero, zero, 0.0, False, load, matched)
    at = (clock.slot + steps - 1) % STEPS_PER_DAY
    store, batch, training, car = (
        book.worth(name, at, around_jpy_per_mwh) for name in ("store", "batch", "training", "car")
    )
    return End(store, batch, training, car, snow, 0.0, False, load, matched)
