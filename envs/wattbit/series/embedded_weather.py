"""Weather of the embedded set: temperature, sun and wind of nine areas, correlated in space and time."""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series import splits
from wattbit.series.climate import POSITION_KM, normal_temperature
from wattbit.series.embedded_tables import AREA_NUMBERS
from wattbit.series.set import AREAS, STEPS_PER_DAY

Array = NDArray[np.float64]

N_STEPS: Final = splits.WEATHER_YEAR_STEPS
"""Half hours of a weather year."""

_SEED: Final = 20240401


def rng(year: int, stream: str) -> np.random.Generator:
    """Return the random stream of a weather year that is named `stream`."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((_SEED, year, zlib.crc32(stream.encode())))))


def column(name: str) -> Array:
    """Return one attribute of :class:`~wattbit.series.embedded_tables.AreaNumbers` for all nine areas, shape (9,)."""
    return np.array([getattr(AREA_NUMBERS[area], name) for area in AREAS], dtype=np.float64)


def spatial_root(reach_km: float) -> Array:
    """Return the Cholesky root of exp(-distance / reach) over the nine areas."""
    km = np.array([POSITION_KM[area] for area in AREAS])
    return np.linalg.cholesky(np.exp(-np.abs(km[:, None] - km[None, :]) / reach_km))


def ar1(rng: np.random.Generator, n: int, memory: float, root: Array | None = None) -> Array:
    """Return a stationary AR(1) of unit variance, shape (n, width); `root` correlates the columns."""
    width = 1 if root is None else len(root)
    shocks = rng.standard_normal((n, width))
    if root is not None:
        shocks = shocks @ root.T
    shocks[1:] *= np.sqrt(1.0 - memory**2)
    # Powers of the memory within blocks turn the recursion into a matrix product: a plain loop costs ten times more.
    block = 96
    lag = np.subtract.outer(np.arange(block), np.arange(block))
    kernel = np.where(lag >= 0, memory ** np.abs(lag), 0.0)
    carry = memory ** np.arange(1, block + 1)[:, None]
    out = np.empty_like(shocks)
    last = np.zeros((1, width))
    for begin in range(0, n, block):
        part = shocks[begin : begin + block]
        rows = len(part)
        out[begin : begin + rows] = kernel[:rows, :rows] @ part + carry[:rows] * last
        last = out[begin + rows - 1][None, :]
    return out


def daily_to_steps(daily: Array) -> Array:
    """Spread daily values, taken at noon, over half hours, linear in between; (day, width) -> (time, width)."""
    steps = np.arange(N_STEPS) / STEPS_PER_DAY - 0.5
    day = np.clip(np.floor(steps).astype(np.int64), 0, len(daily) - 2)
    share = np.clip(steps - day, 0.0, 1.0)[:, None]
    return daily[day] * (1.0 - share) + daily[day + 1] * share


class Calendar:
    """Clock of one weather year: hour of day at mid half hour, weekend flag and day of year, each (time,)."""

    def __init__(self, year: int) -> None:
        start = splits.weather_year_start(year)
        step = np.arange(N_STEPS)
        self.hour = (step % STEPS_PER_DAY) / 2.0 + 0.25
        self.weekend = (step // STEPS_PER_DAY) % 7 >= 5
        self.day_of_year = (start.day_of_year - 1 + step / STEPS_PER_DAY) % 365.25

    def season(self, peak_day: float) -> Array:
        """Yearly cosine with its maximum on `peak_day`, shape (time, 1)."""
        return np.cos(2.0 * np.pi * (self.day_of_year - peak_day) / 365.25)[:, None]


def temperature(year: int, calendar: Calendar) -> Array:
    """Return outdoor temperature, (time, area): normals and daily anomalies that reach about 900 km. [degC]"""
    anomaly = ar1(rng(year, "temperature"), N_STEPS // STEPS_PER_DAY, 0.6, spatial_root(900.0))
    return normal_temperature(calendar.day_of_year, calendar.hour, AREAS) + 2.6 * daily_to_steps(anomaly)


def solar(year: int, calendar: Calendar) -> Array:
    """Return the solar potential, (time, area): panels tilted 25 degrees south, clear sky times clearness. [MW]"""
    declination = np.deg2rad(23.45) * np.sin(2.0 * np.pi * (calendar.day_of_year - 80.0) / 365.25)[:, None]
    solar_hour = calendar.hour[:, None] + (column("longitude_deg") - 135.0) / 15.0
    angle = np.deg2rad(15.0 * (solar_hour - 12.0))
    latitude = np.deg2rad(column("latitude_deg"))
    horizon = np.sin(declination) * np.sin(latitude) + np.cos(declination) * np.cos(latitude) * np.cos(angle)
    plane = latitude - np.deg2rad(25.0)
    incidence = np.sin(declination) * np.sin(plane) + np.cos(declination) * np.cos(plane) * np.cos(angle)
    clear_sky = np.where(horizon > 0.0, np.clip(incidence, 0.0, None), 0.0) * np.clip(horizon * 6.0, 0.0, 1.0) ** 0.5
    root = spatial_root(650.0)
    cloud = 0.92 * daily_to_steps(ar1(rng(year, "cloud-day"), N_STEPS // STEPS_PER_DAY, 0.35, root))
    cloud += 0.39 * ar1(rng(year, "cloud"), N_STEPS, 0.85, root)
    clearness = 1.0 / (1.0 + np.exp(-(0.55 + column("winter_clearness") * calendar.season(15.0) + 1.25 * cloud)))
    return column("solar_peak_mw") * np.minimum(clear_sky * clearness, 1.0)


def wind(year: int, calendar: Calendar) -> Array:
    """Return the wind potential, (time, area): logistic of a smooth correlated process, strong in winter. [MW]"""
    root = spatial_root(800.0)
    slow = ar1(rng(year, "wind-slow"), N_STEPS, np.exp(-1.0 / 36.0), root)
    smooth = slow.cumsum(axis=0)  # mean of the last six hours: the recursion alone is too rough within an hour
    smooth[12:] = (smooth[12:] - smooth[:-12]) / 12.0
    smooth[:12] = slow[:12]
    share = 1.0 / (1.0 + np.exp(-(-1.15 + 0.55 * calendar.season(25.0) + 1.35 * smooth)))
    return column("wind_peak_mw") * share
