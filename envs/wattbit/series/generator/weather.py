"""
Weather of a year: temperature, sun and wind of nine areas, correlated in space and time.

Clouds and wind are Gaussian processes with a fitted correlation between areas, bent by a logistic curve into shares;
their yearly course is one harmonic, and for clouds the rainy season. Temperature is a normal plus the anomaly of the
day plus a swing over the day; clear days are hot in summer, and clear nights are cold. Slow parts make a season differ
from the same season of another year.

What is fitted: levels, yearly courses, spreads and correlations (``data/weather.yaml``, FY2024 train weeks). Memories
were set by hand with autocorrelations of the whole of FY2024 in view. Of temperature only Tokyo was observed: spread
and memory of the other areas, and how far anomalies reach, are assumptions. Left out: snow on panels other than by the
season, typhoons, the sea breeze, and the calmer wind of clear days (correlation -0.3 in the west).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series import splits
from wattbit.series.climate import POSITION_KM, normal_temperature
from wattbit.series.generator.calendar import Calendar
from wattbit.series.generator.noise import ar1, daily_to_steps, filtered, rng, spatial_root
from wattbit.series.generator.sky import clear_share
from wattbit.series.generator.tables import table
from wattbit.series.real import ANOMALY_REACH_KM
from wattbit.series.set import AREAS, STEPS_PER_DAY

Array = NDArray[np.float64]

_N_STEPS: Final = splits.WEATHER_YEAR_STEPS
_N_DAYS: Final = _N_STEPS // STEPS_PER_DAY

CLEAREST: Final = 1.05
"""Output under the clearest sky over :func:`~wattbit.series.generator.sky.clear_share` (fitted to clear train days)."""

# fmt: off
RAINY_LOGIT: Final = np.array([0.0, -0.4, -0.7, -0.7, -0.4, -0.7, -0.7, -0.7, -0.7])
# fmt: on
"""Clearness in the middle of the rainy season (梅雨, 5 June to 20 July; late and weak in the north; assumption)."""

_RAINY_DAY, _RAINY_WIDTH_DAYS = 178.0, 20.0

_SLOW_DAYS: Final = 40.0
"""Memory of the slow parts, days; they make whole seasons warm, windy or dull (assumption)."""

_SLOW_TEMPERATURE_K, _SLOW_CLOUD, _SLOW_WIND = 0.8, 0.2, 0.15
"""Standard deviations of the slow parts; those of cloud and wind as shares of the process (assumption)."""

_CLOUD_MEMORY, _CLOUD_WITHIN_DAY, _CLOUD_WITHIN_MEMORY = 0.2, 0.3, 0.955
"""Clouds: autocorrelation over a day, share of variance within the day and its memory over 30 min (fitted by hand)."""

_WIND_SLOW_H, _WIND_SMOOTH_H, _WIND_ROUGH_H = 17.0, 1.1, 2.0
"""Time constants of wind: a recursion smoothed by another, and the rough part of small fleets (fitted by hand)."""

_TEMPERATURE_MEMORY: Final = 0.5
"""
Memory of the anomaly from noon to noon; that of daily means, which lie between noons, comes out near 0.65 (0.54-0.61 in
typical years, 0.63-0.74 in Tokyo).
"""

_TEMPERATURE_SD_K: Final = np.array([3.1] + [2.75] * (len(AREAS) - 1))
"""Spread at noon of the quick part but for midsummer, when it halves (Tokyo 2021-2024; the other areas: assumption)."""


@dataclass(frozen=True, slots=True, eq=False)
class Weather:
    """
    Weather of one year, areas in the order of :data:`~wattbit.series.set.AREAS`.

    Attributes
    ----------
    temperature_c : ndarray, shape (time, 9)
        Outdoor air. [degC]
    solar_share, wind_share : ndarray, shape (time, 9)
        Potential over the highest potential of the FY2024 fleet, 0 to 1.
    """

    temperature_c: Array
    solar_share: Array
    wind_share: Array


def simulate(year: int, seed: int = 0) -> Weather:
    """
    Return the weather of one year.

    Parameters
    ----------
    year : int
        Number of the weather year, 0 or more.
    seed : int
        Another seed, other weather of the same climate.

    Returns
    -------
    Weather
        17,472 half hours of nine areas.

    Raises
    ------
    SeriesError
        If the year is negative, or its public holidays are not known.
    """
    calendar = Calendar(year)
    cloud_root = np.linalg.cholesky(table("weather")["sun"]["correlation"])
    cloud_day = _with_slow(
        year, "cloud", seed, _SLOW_CLOUD, ar1(rng(year, "cloud", seed), _N_DAYS, _CLOUD_MEMORY, cloud_root)
    )
    within = ar1(rng(year, "cloud-within", seed), _N_STEPS, _CLOUD_WITHIN_MEMORY, cloud_root)
    cloud = np.sqrt(1.0 - _CLOUD_WITHIN_DAY) * daily_to_steps(cloud_day) + np.sqrt(_CLOUD_WITHIN_DAY) * within
    clearness = _clearness(calendar.day_of_year, cloud)
    temperature_c = _temperature(year, seed, calendar, cloud_day)
    clear = clear_share(calendar.day_of_year, calendar.hour, temperature_c)
    return Weather(temperature_c, np.minimum(CLEAREST * clear * clearness, 1.0), _wind(year, seed, calendar))


def _logistic(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-x))


def _course(kind: str, day_of_year: Array) -> Array:
    """Yearly course: level and one harmonic, (time, 9) or (time, 1)."""
    numbers = table("weather")[kind]
    angle = 2.0 * np.pi * day_of_year[:, None] / 365.25
    course: Array = numbers["level"] + numbers["cos"] * np.cos(angle) + numbers["sin"] * np.sin(angle)
    return course


def rainy_season(day_of_year: Array) -> Array:
    """Return what the rainy season takes from clearness, (time, 9). [logit]"""
    return RAINY_LOGIT * np.exp(-(((day_of_year - _RAINY_DAY) / _RAINY_WIDTH_DAYS) ** 2))[:, None]


def _clearness(day_of_year: Array, cloud: Array) -> Array:
    return _logistic(_course("sun", day_of_year) + rainy_season(day_of_year) + table("weather")["sun"]["sd"] * cloud)


def _with_slow(year: int, stream: str, seed: int, sd: float, quick: Array) -> Array:
    """Mix a slow, nearly national part of standard deviation `sd` into a process of unit variance, which it keeps."""
    n_days = _N_DAYS
    slow = ar1(rng(year, f"{stream}-slow", seed), n_days, np.exp(-1.0 / _SLOW_DAYS), spatial_root(2500.0))
    if len(quick) > n_days:
        slow = daily_to_steps(slow)
    return np.sqrt(1.0 - sd**2) * quick + sd * slow


def _temperature(year: int, seed: int, calendar: Calendar, cloud_day: Array) -> Array:
    numbers: dict[str, Any] = table("weather")["temperature"]
    day_of_year = calendar.day_of_year[STEPS_PER_DAY // 2 :: STEPS_PER_DAY]
    season = np.cos(2.0 * np.pi * (day_of_year - 15.0) / 365.25)[:, None]
    # Clear days are warmer in summer and a little colder in winter.
    sun = numbers["sun_level"] + numbers["sun_cos"] * season
    own = ar1(rng(year, "temperature", seed), _N_DAYS, _TEMPERATURE_MEMORY, spatial_root(ANOMALY_REACH_KM))
    spread = _TEMPERATURE_SD_K * (1.0 - 0.45 * np.exp(-(((day_of_year - 212.0) / 40.0) ** 2)))[:, None]
    day = spread * (np.sqrt(1.0 - sun**2) * own + sun * cloud_day)
    slow = ar1(rng(year, "temperature-slow", seed), _N_DAYS, np.exp(-1.0 / _SLOW_DAYS), spatial_root(2500.0))
    # Warmer than the normals, by what Tokyo shows; it fades with distance as in the rule for the real set, because the
    # response of demand was fitted to the temperatures of that rule.
    km = np.array([abs(POSITION_KM[area] - POSITION_KM["tokyo"]) for area in AREAS])
    warming = _course("temperature", day_of_year) * np.exp(-km / ANOMALY_REACH_KM)
    normal = normal_temperature(calendar.day_of_year, np.full(_N_STEPS, 8.0), AREAS)
    angle = 2.0 * np.pi * calendar.hour / 24.0
    harmonics = np.stack((np.cos(angle), np.sin(angle), np.cos(2.0 * angle), np.sin(2.0 * angle)), axis=1)
    swing = (harmonics @ numbers["swing"])[:, None]
    width = numbers["swing_cloudy"] + numbers["swing_per_clearness"] * _clearness(day_of_year, cloud_day)
    return normal + daily_to_steps(warming + day + _SLOW_TEMPERATURE_K * slow) + swing * daily_to_steps(width)


def _wind(year: int, seed: int, calendar: Calendar) -> Array:
    numbers = table("weather")["wind"]
    root = np.linalg.cholesky(numbers["correlation"])
    slow, smooth, rough = _wind_recursions()
    # Variance of a recursion fed by a recursion, so that the process has unit variance.
    variance = (1.0 + slow * smooth) / ((1.0 - smooth**2) * (1.0 - slow * smooth))
    base = filtered(ar1(rng(year, "wind", seed), _N_STEPS, slow, root), smooth) / np.sqrt(variance)
    base = _with_slow(year, "wind", seed, _SLOW_WIND, base)
    gusts = ar1(rng(year, "wind-rough", seed), _N_STEPS, rough, root)
    process = np.sqrt(1.0 - numbers["rough"]) * base + np.sqrt(numbers["rough"]) * gusts
    return _logistic(_course("wind", calendar.day_of_year) + numbers["sd"] * process)


def _wind_recursions() -> tuple[float, float, float]:
    slow, smooth, rough = (float(np.exp(-0.5 / hours)) for hours in (_WIND_SLOW_H, _WIND_SMOOTH_H, _WIND_ROUGH_H))
    return slow, smooth, rough


def wind_memory(lag: int) -> tuple[float, float]:
    """Return the autocorrelation at `lag` half hours of the smooth process, and of its rough part alone."""
    slow, smooth, rough = _wind_recursions()
    a, b = slow / (1.0 - slow**2), smooth / (1.0 - smooth**2)
    return (a * slow**lag - b * smooth**lag) / (a - b), rough**lag


def cloud_variance_of_day_mean() -> float:
    """Return the variance of the cloud process averaged over eight hours of day, the spread that daily energy shows."""
    n = 16
    lag = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return 1.0 - _CLOUD_WITHIN_DAY * (1.0 - float((_CLOUD_WITHIN_MEMORY**lag).mean()))
