"""
Demand of nine areas from the kind of day, the hour, the temperature felt, darkness and a little noise.

Linear in its numbers (``data/demand.yaml``, fitted on FY2024 train weeks): a shape of a weekday, what other kinds of
day add to it, and slopes of heating and cooling by hour. Temperature is felt with delay, and sunshine warms. Only
Tokyo's temperature was observed. The response of other areas was fitted to the rule temperature of the real set, which
is what may be expected given Tokyo's; how closely an area follows its own weather is not known. So the bend of hot days
and the noise of all areas are those of Tokyo (assumption).

The level is FY2024's yearly mean in the average over the train years of this generator; growth is not modelled here.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.generator.calendar import Calendar, DayType
from wattbit.series.generator.noise import ar1, daily_to_steps, filtered, rng, spatial_root
from wattbit.series.generator.sky import clear_share
from wattbit.series.generator.tables import table
from wattbit.series.generator.weather import Weather
from wattbit.series.set import AREAS, STEPS_PER_DAY

Array = NDArray[np.float64]

_DAY: Final = (0.0, 4.0, 7.0, 9.0, 12.5, 15.0, 18.0, 21.0)
_FEW: Final = (2.0, 9.0, 14.0, 19.0)

# fmt: off
KNOT_HOUR: Final[dict[str, tuple[float, ...]]] = {
    "weekday": (0.0, 2.0, 4.0, 5.0, 6.0, 7.0, 8.0, 8.75, 9.25, 10.5, 11.75, 12.25, 12.75, 13.25, 15.0, 16.5, 17.5, 18.5,
                20.0, 22.0),
    "saturday": _DAY, "sunday": _DAY, "holiday": _FEW, "new_year": _FEW, "obon": _FEW,
    "heating": _DAY, "cooling": _DAY, "dark": (6.0, 18.0), "hot": (0.0,),
}
# fmt: on
"""Hours at which each term has a number, straight in between and around midnight."""

_COOLER_K: Final = np.array([-3.0, -1.0] + [0.0] * (len(AREAS) - 2))
HEATING_BELOW_C: Final = 16.0 + _COOLER_K
COOLING_ABOVE_C: Final = 21.0 + _COOLER_K
"""Thresholds of the temperature felt, lower in the north (fitted by grid)."""

HOT_ABOVE_C: Final = COOLING_ABOVE_C + 5.0
"""Where cooling gets steeper (fitted by grid on Tokyo)."""

_SUN_WARMS_K: Final = 6.0
"""What the highest sunshine of the year adds to the temperature felt (fitted by grid on Tokyo)."""

_DELAYED: Final = 0.75
_DELAY_H: Final = 24.0
"""Share of the temperature felt that lags, and its time constant: buildings store heat (fitted by grid on Tokyo)."""

_DARK_BELOW: Final = 0.15
"""Cloudless output, over its yearly maximum, below which lamps go on (assumption)."""

HIGHEST_MW: Final = np.array([5116.0, 14339.0, 57006.0, 25344.0, 5216.0, 27659.0, 10645.0, 5056.0, 17112.0])
"""Highest half hour of FY2024 in every area (area balances). [MW]"""

SATURATED_FROM: Final = 1.1
"""
Above this times :data:`HIGHEST_MW` every cooler runs, and demand rises with a quarter of its slope (assumption).
"""


def felt_c(temperature_c: Array, solar_share: Array) -> Array:
    """
    Return the temperature that demand answers to.

    Parameters
    ----------
    temperature_c, solar_share : ndarray, shape (time, 9)
        An unbroken stretch from midnight on.

    Returns
    -------
    ndarray, shape (time, 9)
        Air warmed by the sun, a part of it lagging by about a day. [degC]
    """
    warmed = temperature_c + _SUN_WARMS_K * solar_share
    memory = float(np.exp(-0.5 / _DELAY_H))
    lagging = filtered((1.0 - memory) * warmed, memory, warmed[:STEPS_PER_DAY].mean(axis=0))
    return (1.0 - _DELAYED) * warmed + _DELAYED * lagging


def drivers(calendar: Calendar, temperature_c: Array, felt: Array) -> dict[str, Array]:
    """
    Return what multiplies the numbers of each term of :data:`KNOT_HOUR`.

    Parameters
    ----------
    calendar : Calendar
    temperature_c, felt : ndarray, shape (time, 9)
        Outdoor air, and :func:`felt_c`. [degC]

    Returns
    -------
    dict of str to ndarray, shape (time, 9) or (time, 1)
    """
    clear = clear_share(calendar.day_of_year, calendar.hour, temperature_c)
    day = {kind.name.lower(): (calendar.day_type == kind)[:, None].astype(np.float64) for kind in DayType}
    return day | {
        "weekday": np.ones((len(calendar), 1)),
        "heating": np.clip(HEATING_BELOW_C - felt, 0.0, None),
        "cooling": np.clip(felt - COOLING_ABOVE_C, 0.0, None),
        "hot": np.clip(felt - HOT_ABOVE_C, 0.0, None),
        "dark": 1.0 - np.clip(clear / _DARK_BELOW, 0.0, 1.0),
    }


def by_slot(term: str, values: Array) -> Array:
    """Return numbers at the knots of a term, (knot, width), for the 48 half hours of a day, (48, width)."""
    slot_hour = (np.arange(STEPS_PER_DAY) + 0.5) / 2.0
    return np.stack([np.interp(slot_hour, KNOT_HOUR[term], column, period=24.0) for column in values.T], axis=1)


def relative_to(slots: dict[str, Array], calendar: Calendar, weather: Weather) -> Array:
    """
    Return expected demand over the mean of FY2024, without noise and before it is scaled.

    Parameters
    ----------
    slots : dict of str to ndarray, shape (48, 9)
        Numbers of every term by half hour of the day, from :func:`by_slot`.
    calendar : Calendar
    weather : Weather

    Returns
    -------
    ndarray, shape (time, 9)
    """
    driving = drivers(calendar, weather.temperature_c, felt_c(weather.temperature_c, weather.solar_share))
    days = len(calendar) // STEPS_PER_DAY
    total = np.zeros((days, STEPS_PER_DAY, len(AREAS)))
    for term in KNOT_HOUR:
        total += slots[term] * driving[term].reshape(days, STEPS_PER_DAY, -1)
    return total.reshape(len(calendar), len(AREAS))


@cache
def _fitted_slots() -> dict[str, Array]:
    return {term: by_slot(term, table("demand")[term]) for term in KNOT_HOUR}


def demand_mw(year: int, weather: Weather, calendar: Calendar, seed: int = 0) -> Array:
    """
    Return the demand of a weather year before any growth.

    Parameters
    ----------
    year : int
        Number of the weather year; names the noise.
    weather : Weather
        Temperature drives heating and cooling, sunshine warms.
    calendar : Calendar
        Of the same year.
    seed : int
        Seed of the noise.

    Returns
    -------
    ndarray, shape (time, 9)
        [MW]
    """
    numbers = table("demand")
    root = spatial_root(900.0)
    of_day = daily_to_steps(
        ar1(rng(year, "demand-day", seed), len(calendar) // STEPS_PER_DAY, numbers["day_memory"], root)
    )
    within = ar1(rng(year, "demand-within", seed), len(calendar), numbers["within_memory"], root)
    noise = numbers["day_sd"] * of_day + numbers["within_sd"] * within
    level: Array = numbers["mean_mw"] * numbers["scale"]
    demand = level * relative_to(_fitted_slots(), calendar, weather) * (1.0 + noise)
    most = SATURATED_FROM * HIGHEST_MW
    return np.minimum(demand, most + 0.25 * np.maximum(demand - most, 0.0))
