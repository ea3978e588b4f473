"""What may be fitted on: the fitting weeks of FY2024, laid end to end."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.series import real, splits
from wattbit.series.generator.calendar import Calendar
from wattbit.series.set import STEPS_PER_DAY

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """
    The fitting weeks, whole days that follow each other except at the joints.

    Attributes
    ----------
    data_root : Path
    calendar : Calendar
        Of these half hours.
    step, month : ndarray of int, shape (time,)
        Number of the half hour in the fiscal year, and month of the year.
    segment : ndarray of int, shape (time,)
        Number of the unbroken stretch.
    price_jpy_per_kwh : ndarray, shape (time, 9)
    temperature_c, demand_mw, solar_share, wind_share : ndarray, shape (time, 9)
        Shares are of the highest potential of the whole year, the size of the fleet.
    demand_mean_mw : ndarray, shape (9,)
        Mean of the whole year, a published total; beside the size of the fleets the only thing known of other weeks.
    """

    data_root: Path
    calendar: Calendar
    step: NDArray[np.int64]
    month: NDArray[np.int64]
    segment: NDArray[np.int64]
    price_jpy_per_kwh: Array
    temperature_c: Array
    demand_mw: Array
    demand_mean_mw: Array
    solar_share: Array
    wind_share: Array

    @property
    def day_of_year(self) -> Array:
        """Noon of every day, shape (day,)."""
        return self.calendar.day_of_year[STEPS_PER_DAY // 2 :: STEPS_PER_DAY]

    def by_day(self, values: Array) -> Array:
        """Return (time, 9) as (day, 48, 9)."""
        return values.reshape(-1, STEPS_PER_DAY, values.shape[1])

    def calendar_pairs(self, lag: int) -> NDArray[np.bool_]:
        """Return which half hours have the one `lag` later in the same stretch, shape (time - lag,)."""
        return self.segment[:-lag] == self.segment[lag:]


def observe() -> Observed:
    """
    Read the fitting weeks of FY2024 from the folder that ``WATTBIT_DATA`` names.

    Raises
    ------
    SeriesError
        If the folder or a file is missing or refused.
    """
    root = real.find_root(os.environ.get("WATTBIT_DATA"))
    series = real.load_real(root)
    parts = splits.fitting_segments(series)
    step = np.concatenate([np.arange(part.start_step, part.stop_step) for part in parts])
    segment = np.repeat(np.arange(len(parts)), [part.n_steps for part in parts])
    calendar = Calendar.of_dates(series.start, len(series) // STEPS_PER_DAY).at(step)
    solar, wind = series.get("solar_mw"), series.get("wind_mw")
    return Observed(
        root,
        calendar,
        step,
        pd.date_range(series.start, periods=len(series), freq="30min").month.to_numpy(np.int64)[step],
        segment,
        series.get("spot_price_jpy_per_mwh")[step] / 1000.0,
        series.get("temperature_c")[step],
        series.get("demand_mw")[step],
        series.get("demand_mw").mean(axis=0),
        solar[step] / solar.max(axis=0),
        wind[step] / wind.max(axis=0),
    )
