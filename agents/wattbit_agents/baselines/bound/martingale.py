"""
A tighter bound on the mean: the oracle pays for what it knows of the imbalance before anybody can.

What a half hour tells of the settlement delta has mean zero, whatever was known before. So has its product with what is
settled before: the energy ordered for that half hour, the stocks at its beginning. Such products are added to the cost
of the oracle's plan. They cost a policy nothing on the mean, and the oracle a part of what it gains by foresight: the
lowest sum of cost and penalty is a bound on the mean J of every policy, and on every single path one on J and that
policy's own penalty. (Brown, Smith and Sun 2010, Operations Research 58(4), 785-801.)

It needs the law of the imbalance, which is known of generated series alone, and policies that cannot see ahead of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.errors import WattbitError
from wattbit.series import source
from wattbit.series.generator.uncertainty import DELTA_MEMORY, expected_delta, settlement_noise
from wattbit.series.splits import FIRST_WEATHER_YEAR_START, WEATHER_YEAR_STEPS
from wattbit.world import state as s
from wattbit.world.arrays import build_constants
from wattbit_agents.baselines.lp.path import Path, Plant
from wattbit_agents.baselines.lp.template import KILO, Template

Array = NDArray[np.float64]

AHEAD: Final = 8
"""Half hours over which the outlook on the delta is taken: about as long as a battery can give its full power."""

LONG: Final = 1000
"""Half hours after which nothing is left of what was known."""

LOW: Final = -2.0
"""Score of both shocks of a half hour at which its price must still be above the floor for its surprise to count."""


class UnknownLawError(WattbitError):
    """The law of the imbalance is not known, or policies can see ahead of it."""


@dataclass(frozen=True)
class Weights:
    """
    How much of each penalty the oracle pays: any numbers make a bound, these were chosen on train weeks.

    Attributes
    ----------
    ordered : float
        Of the surprise of a half hour, on the energy ordered for it.
    battery, car, work : float
        Of the change of outlook, on the stocks at its beginning.
    """

    ordered: float = 2.0 / 3.0
    battery: float = 0.8
    car: float = 0.4
    work: float = 0.1


@dataclass(frozen=True)
class Surprises:
    """
    What every half hour tells of the settlement delta beyond what could be known before it.

    Attributes
    ----------
    delta_jpy_per_mwh : ndarray, shape (step, area)
        The delta less its mean given all that came before; 0 where surplus or the floor may keep it from the price.
    outlook_jpy_per_mwh : ndarray, shape (step,)
        Change of the mean delta that is expected of the next :data:`AHEAD` half hours.
    """

    delta_jpy_per_mwh: Array
    outlook_jpy_per_mwh: Array


def surprises(config: ScenarioConfig, week: int, split: str, plant: Plant, path: Path) -> Surprises:
    """
    Return the surprises of a week of a generated series.

    Parameters
    ----------
    config : ScenarioConfig
    week : int
        Of the split.
    split : str
    plant : Plant
    path : Path
        Of the week.

    Returns
    -------
    Surprises

    Raises
    ------
    UnknownLawError
        If the series is not generated or not that of its weather year, its forecast is perfect, or the week does not
        exist or is of two weather years.
    """
    if config.series != "generated":
        raise UnknownLawError(f"series is {config.series}: the law of the imbalance is known of generated series alone")
    if config.forecast.tier == "perfect":
        raise UnknownLawError("forecast.tier is perfect: who sees the imbalance ahead is not held by this bound")
    starts = build_constants(config, "evaluation", split, None).starts
    if not 0 <= week < len(starts):
        raise UnknownLawError(f"week is {week}: the {split} split of scenario {config.name} has 0 to {len(starts) - 1}")
    first = int(starts[week])
    rows = slice(first, first + path.steps)
    series, _ = source.load(config.series, [area.name for area in config.areas], split, None, config.grid)
    since = (series.time_of(first) - FIRST_WEATHER_YEAR_START) // pd.Timedelta(minutes=30)
    year, begin = divmod(int(since), WEATHER_YEAR_STEPS)
    # Before its first half hour nothing of a year is known, as long after everything.
    noise = np.concatenate([np.zeros((1, 2)), settlement_noise(year, WEATHER_YEAR_STEPS, config.grid.seed)])
    before, now = noise[begin : begin + path.steps], noise[begin + 1 : begin + 1 + path.steps]

    def expected(ahead: int) -> Array:
        found = expected_delta(before, ahead)
        if begin == 0:
            found[0] = expected_delta(before[0], LONG)
        return 1e3 * found

    delta, spot = 1e3 * expected_delta(now, 0), series.get("spot_price_jpy_per_mwh")[rows]
    if begin + path.steps > WEATHER_YEAR_STEPS:
        raise UnknownLawError(f"{split} week {week}: {path.steps} half hours are of two weather years")
    if not np.allclose(delta, series.get("delta_price_jpy_per_mwh")[rows, 0], rtol=1e-4, atol=1.0):
        raise UnknownLawError(f"{split} week {week}: the imbalance of the series is not that of weather year {year}")
    lowest = 1e3 * expected_delta(before * DELTA_MEMORY + LOW * np.sqrt(1.0 - np.square(DELTA_MEMORY)), 0)
    felt = (path.surplus_mw + path.local_mw <= 0.0) & (spot + lowest[:, None] > plant.value(s.FLOOR))
    revisions = [1e3 * expected_delta(now, k) - expected(k + 1) for k in range(1, AHEAD + 1)]
    return Surprises(np.where(felt, (delta - expected(1))[:, None], 0.0), np.mean(revisions, axis=0))


def penalty_kjpy(plant: Plant, path: Path, known: Surprises, weights: Weights) -> Array:
    """
    Return the penalty of the columns of every half hour, which costs a policy nothing on the mean.

    Parameters
    ----------
    plant : Plant
    path : Path
    known : Surprises
        Of the week.
    weights : Weights

    Returns
    -------
    ndarray, shape (columns,)
        Thousands of JPY per unit, for :func:`~wattbit_agents.baselines.lp.oracle.solve_path`.
    """
    template = Template(plant)
    columns, pairs = template.columns, template.pairs
    cost = np.zeros((path.steps, columns.size))

    def add(block: str, jpy: Array) -> None:
        """Add to a block, (step, area) or (step, entries of the block)."""
        part = columns.part[block]
        cost[:, part] += np.tile(jpy, (1, (part.stop - part.start) // jpy.shape[1]))

    # Energy ordered for the half hour, before calls of reserve, which depend on its delta: every column that carries it
    # out, and what was called of the offers. Cooling tail and heat pump follow the calls and are left out.
    per_mw = -0.5 * weights.ordered * known.delta_jpy_per_mwh
    each = np.repeat(per_mw, template.cars, axis=1)
    for work, ways in (
        ("realtime", pairs.realtime),
        ("interactive", pairs.interactive),
        ("batch", pairs.all),
        ("training", pairs.all),
    ):
        add(work, (per_mw * path.pue)[:, ways[1]])
    for block, jpy in (("store_in", per_mw), ("store_out", -per_mw), ("charge", each), ("discharge", -each)):
        add(block, jpy)
    if template.reserve:
        add("up", per_mw * path.up_share)
        add("down", -per_mw * path.down_share)
    # Stocks at the beginning of a half hour are those at the end of the one before.
    per_mwh = np.zeros((path.steps, template.areas))
    per_mwh[:-1] = known.outlook_jpy_per_mwh[1:, None]
    add("store", weights.battery * plant.value(s.STORAGE_EFFICIENCY) * per_mwh)
    add("car", weights.car * plant.value(s.CAR_EFFICIENCY) * np.repeat(per_mwh, template.cars, axis=1))
    for work in ("batch", "training"):
        add(f"{work}_left", -weights.work * path.pue * per_mwh)
    return KILO * cost.ravel()
