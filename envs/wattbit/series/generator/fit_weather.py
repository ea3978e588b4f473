"""
Fit the numbers of ``data/weather.yaml``.

Only the fitting weeks of FY2024 are read, about 100 days; Tokyo's calendar year 2023 is added for temperature.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.series import weather as weather_files
from wattbit.series.climate import POSITION_KM, normal_temperature
from wattbit.series.generator import weather
from wattbit.series.generator.observed import Observed
from wattbit.series.generator.sky import clear_share
from wattbit.series.set import AREAS, STEPS_PER_DAY

Array = NDArray[np.float64]

_SHRINK: Final = 0.3
"""Weight of exp(-distance / reach) in the correlations: 100 days know one to about 0.1 (assumption)."""

_PACIFIC: Final = [AREAS.index(area) for area in ("tokyo", "chubu", "kansai", "chugoku", "shikoku", "kyushu")]
"""Areas with sunny winters."""

_REACH_KM: Final = {"sun": 650.0, "wind": 550.0}

COMMENT: Final = (
    "(fitted) FY2024 train weeks less the days beside other splits; temperature also Tokyo's calendar year 2023.\n"
    "Written by `python -m wattbit.series.generator.fit`. Lists follow the order of AREAS.\n"
    "level, cos, sin: yearly course (logit; temperature: K above the normals of Tokyo), angle 0 on 1 January."
)
"""Head of the file."""


def _logit(share: Array) -> Array:
    cut = np.clip(share, 0.01, 0.97)
    return np.log(cut / (1.0 - cut))


def _seasons(day_of_year: Array) -> Array:
    angle = 2.0 * np.pi * day_of_year / 365.25
    return np.stack((np.ones(len(angle)), np.cos(angle), np.sin(angle)), axis=1)


def _correlation(residual: Array, kind: str) -> list[list[float]]:
    """Shrunk towards distance, and made positive definite."""
    km = np.array([POSITION_KM[area] for area in AREAS])
    by_distance = np.exp(-np.abs(km[:, None] - km[None, :]) / _REACH_KM[kind])
    mixed = (1.0 - _SHRINK) * np.corrcoef(residual.T) + _SHRINK * by_distance
    value, vector = np.linalg.eigh(mixed)
    positive = (vector * np.clip(value, 0.02, None)) @ vector.T
    scale = np.sqrt(np.diag(positive))
    return [[round(float(x), 3) for x in row] for row in positive / np.outer(scale, scale)]


def _level(course: Array, sd: Array, mean_share: Array, weight: Array) -> Array:
    """Shift of the level that gives the mean share: the average of a logistic curve is not the curve of the average."""
    node, node_weight = np.polynomial.hermite_e.hermegauss(24)
    shift = np.zeros(len(AREAS))
    for _ in range(50):
        share = 1.0 / (1.0 + np.exp(-((course + shift)[:, :, None] + sd[:, None] * node)))
        expected = share @ node_weight / node_weight.sum()
        shift += 4.0 * (mean_share - (expected * weight).sum(axis=0) / weight.sum(axis=0))
    return shift


def fit_sun(observed: Observed) -> dict[str, Any]:
    """Return level, yearly course, spread and correlation of the day's clearness (logit)."""
    clear = clear_share(observed.calendar.day_of_year, observed.calendar.hour, observed.temperature_c)
    energy, limit = observed.by_day(observed.solar_share).sum(axis=1), observed.by_day(clear).sum(axis=1)
    clearness = energy / limit / weather.CLEAREST
    basis = _seasons(observed.day_of_year)
    rainy = weather.rainy_season(observed.day_of_year)
    course = np.linalg.lstsq(basis, _logit(clearness) - rainy, rcond=None)[0]
    # Thirteen weeks of one year know a harmonic to 0.3, so the areas of one climate lend each other half.
    course[1:, _PACIFIC] = 0.5 * (course[1:, _PACIFIC] + course[1:, _PACIFIC].mean(axis=1, keepdims=True))
    residual = _logit(clearness) - rainy - basis @ course
    sd = residual.std(axis=0)
    course[0] += _level(basis @ course + rainy, sd, (clearness * limit).sum(axis=0) / limit.sum(axis=0), limit)
    return _numbers(course, sd / np.sqrt(weather.cloud_variance_of_day_mean()), _correlation(residual, "sun"))


def fit_wind(observed: Observed) -> dict[str, Any]:
    """Return level, yearly course, spread, roughness and correlation of wind (logit)."""
    share = observed.wind_share
    basis = _seasons(observed.calendar.day_of_year)
    course = np.linalg.lstsq(basis, _logit(share), rcond=None)[0]
    residual = _logit(share) - basis @ course
    sd = residual.std(axis=0)
    course[0] += _level((basis @ course)[::6], sd, share.mean(axis=0), np.ones((len(share[::6]), len(AREAS))))
    lag = 4
    # Where the output is a small integer of megawatts a logit is rough by rounding alone; the arcsine is not.
    bent = np.arcsin(np.sqrt(share)) - basis @ np.linalg.lstsq(basis, np.arcsin(np.sqrt(share)), rcond=None)[0]
    pairs = observed.calendar_pairs(lag)
    memory = np.array([np.corrcoef(bent[:-lag, k][pairs], bent[lag:, k][pairs])[0, 1] for k in range(len(AREAS))])
    smooth, rough = weather.wind_memory(lag)
    numbers = _numbers(course, sd, _correlation(residual, "wind"))
    missing = np.clip((smooth - memory) / (smooth - rough), 0.0, 0.5)
    # Bending the process into shares costs memory by itself, about two fifths of what is missing.
    numbers["rough"] = [round(float(x), 3) for x in 0.6 * missing]
    return numbers


def fit_temperature(observed: Observed) -> dict[str, Any]:
    """Return warming, swing over the day and coupling with the sun, all of Tokyo."""
    tokyo = AREAS.index("tokyo")
    hour = observed.calendar.hour
    anomaly = (
        observed.temperature_c[:, tokyo] - normal_temperature(observed.calendar.day_of_year, hour, AREAS)[:, tokyo]
    )
    day = anomaly.reshape(-1, STEPS_PER_DAY).mean(axis=1)
    frame = weather_files.read_openmeteo(observed.data_root / "weather/tokyo_openmeteo_2023.json.gz").frame
    stamps = pd.DatetimeIndex(frame.index)
    hours = stamps.hour.to_numpy(dtype=np.float64)
    day_of_year = stamps.day_of_year.to_numpy(dtype=np.float64) - 1.0 + hours / 24.0
    before = frame["temperature_c"].to_numpy() - normal_temperature(day_of_year, hours, AREAS)[:, tokyo]
    before = before.reshape(-1, 24).mean(axis=1)
    basis = _seasons(np.concatenate((observed.day_of_year, day_of_year[12::24])))
    # A year of 365 days and 100 days of another: both years count alike.
    weight = np.sqrt(np.repeat([1.0 / len(day), 1.0 / len(before)], [len(day), len(before)]))
    both = np.concatenate((day, before))
    warming = np.linalg.lstsq(basis * weight[:, None], both * weight, rcond=None)[0]

    clear = clear_share(observed.calendar.day_of_year, hour, observed.temperature_c)[:, tokyo]
    energy = observed.solar_share[:, tokyo].reshape(-1, STEPS_PER_DAY).sum(axis=1)
    clearness = energy / clear.reshape(-1, STEPS_PER_DAY).sum(axis=1) / weather.CLEAREST
    seasons = _seasons(observed.day_of_year)

    def standard(x: Array) -> Array:
        rest: Array = x - seasons @ np.linalg.lstsq(seasons, x, rcond=None)[0]
        return rest / rest.std()

    cold = np.cos(2.0 * np.pi * (observed.day_of_year - 15.0) / 365.25)
    both_days = np.stack((standard(_logit(clearness)), cold * standard(_logit(clearness))), axis=1)
    sun_level, sun_cos = np.linalg.lstsq(both_days, standard(day), rcond=None)[0]

    angle = 2.0 * np.pi * hour / 24.0
    harmonics = np.stack((np.cos(angle), np.sin(angle), np.cos(2.0 * angle), np.sin(2.0 * angle)), axis=1)
    temperature = observed.temperature_c[:, tokyo].reshape(-1, STEPS_PER_DAY)
    swing = (temperature - temperature.mean(axis=1, keepdims=True)).ravel()
    step_clearness = np.repeat(clearness, STEPS_PER_DAY)[:, None]
    coefficient = np.linalg.lstsq(np.hstack((harmonics, harmonics * step_clearness)), swing, rcond=None)[0]
    # One shape, whose size grows with clearness: the rank-one part of both sets of coefficients.
    left, size, right = np.linalg.svd(coefficient.reshape(2, 4), full_matrices=False)
    shape, width = right[0], left[:, 0] * size[0]
    if width[1] < 0.0:
        shape, width = -shape, -width
    return {
        **{key: round(float(x), 3) for key, x in zip(("level", "cos", "sin"), warming, strict=True)},
        "sun_level": round(float(sun_level), 3),
        "sun_cos": round(float(sun_cos), 3),
        "swing": [round(float(x), 4) for x in shape],
        "swing_cloudy": round(float(width[0]), 3),
        "swing_per_clearness": round(float(width[1]), 3),
    }


def _numbers(course: NDArray[Any], sd: NDArray[Any], correlation: list[list[float]]) -> dict[str, Any]:
    rows = {"level": course[0], "cos": course[1], "sin": course[2], "sd": sd}
    return {**{key: [round(float(x), 3) for x in row] for key, row in rows.items()}, "correlation": correlation}


def fit(observed: Observed) -> dict[str, Any]:
    """Return all numbers of ``data/weather.yaml``."""
    temperature = fit_temperature(observed)
    return {"sun": fit_sun(observed), "wind": fit_wind(observed), "temperature": temperature}
