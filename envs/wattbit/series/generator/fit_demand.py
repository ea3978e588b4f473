"""Fit the numbers of ``data/demand.yaml`` on the fitting weeks of FY2024."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.generator.calendar import Calendar
from wattbit.series.generator.demand import KNOT_HOUR, by_slot, drivers, felt_c, relative_to
from wattbit.series.generator.observed import Observed
from wattbit.series.generator.weather import simulate
from wattbit.series.set import AREAS, STEPS_PER_DAY
from wattbit.series.splits import weather_years

Array = NDArray[np.float64]

COMMENT: Final = (
    "(fitted) FY2024 train weeks less the days beside other splits; mean_mw is the mean of the whole year.\n"
    "Written by `python -m wattbit.series.generator.fit`. Columns follow the order of AREAS, rows the knots.\n"
    "Unit: yearly mean demand (heating, cooling, hot: per K of the temperature felt)."
)
"""Head of the file."""

_RIDGE: Final = 0.5
"""Pull of slopes towards zero, in half hours of observation: keeps hours apart only where the data do."""


def _felt(observed: Observed) -> Array:
    """Temperature felt, stretch by stretch: it doesn't look across the weeks left out."""
    parts = [observed.segment == number for number in np.unique(observed.segment)]
    return np.concatenate([felt_c(observed.temperature_c[p], observed.solar_share[p]) for p in parts])


def _design(driving: dict[str, Array], area: int) -> Array:
    """Columns for every term and knot, (time, number)."""
    columns = []
    for term, knots in KNOT_HOUR.items():
        driver = driving[term][:, min(area, driving[term].shape[1] - 1)]
        basis = by_slot(term, np.eye(len(knots)))
        columns.append(np.tile(basis, (len(driver) // STEPS_PER_DAY, 1)) * driver[:, None])
    return np.hstack(columns)


def _solve(design: Array, target: Array) -> Array:
    pull = np.sqrt(_RIDGE) * np.eye(design.shape[1])
    solution: Array = np.linalg.lstsq(np.vstack((design, pull)), np.append(target, np.zeros(len(pull))), rcond=None)[0]
    return solution


def _noise(residual: Array, observed: Observed) -> dict[str, float]:
    """Spread and memory of the day's error and of the error within the day, relative to demand, of one area."""
    of_day = residual.reshape(-1, STEPS_PER_DAY).mean(axis=1)
    within = residual - np.repeat(of_day, STEPS_PER_DAY)
    segment = observed.segment[::STEPS_PER_DAY]
    next_day = segment[:-1] == segment[1:]
    next_step = observed.calendar_pairs(1)
    numbers = {
        "day_sd": of_day.std(),
        "day_memory": np.corrcoef(of_day[:-1][next_day], of_day[1:][next_day])[0, 1],
        "within_sd": within.std(),
        "within_memory": np.corrcoef(within[:-1][next_step], within[1:][next_step])[0, 1],
    }
    return {key: round(float(value), 4) for key, value in numbers.items()}


def fit(observed: Observed) -> dict[str, Any]:
    """Return all numbers of ``data/demand.yaml``."""
    mean_mw = observed.demand_mean_mw
    driving = drivers(observed.calendar, observed.temperature_c, _felt(observed))
    share = observed.demand_mw / mean_mw
    tokyo = AREAS.index("tokyo")
    ends = np.cumsum([len(knots) for knots in KNOT_HOUR.values()])
    is_hot = np.arange(ends[-1]) >= ends[-2]
    design = _design(driving, tokyo)
    of_tokyo = _solve(design, share[:, tokyo])
    residual = share[:, tokyo] / (design @ of_tokyo) - 1.0
    coefficients = []
    for k in range(len(AREAS)):
        design = _design(driving, k)
        # How steep hot days are is known only where temperature was observed.
        solution = of_tokyo.copy()
        solution[~is_hot] = _solve(design[:, ~is_hot], share[:, k] - design[:, is_hot] @ of_tokyo[is_hot])
        coefficients.append(solution)
    terms = np.split(np.stack(coefficients, axis=1).round(4), ends[:-1])
    numbers: dict[str, Any] = dict(zip(KNOT_HOUR, terms, strict=True))
    # What the train years of the generator give on average is scaled to the mean of FY2024.
    years = weather_years("train")
    slots = {term: by_slot(term, values) for term, values in numbers.items()}
    expected = np.mean([relative_to(slots, Calendar(year), simulate(year)).mean(axis=0) for year in years], axis=0)
    rows = {term: [[float(x) for x in row] for row in values] for term, values in numbers.items()}
    return {
        "mean_mw": [round(float(x), 1) for x in mean_mw],
        "scale": [round(float(x), 4) for x in 1.0 / expected],
        **_noise(residual, observed),
        **rows,
    }
