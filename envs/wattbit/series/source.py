"""One door to a named series: the set, the segments of a split and the issuer of its forecasts."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.config import GridConfig
from wattbit.errors import SeriesError
from wattbit.series import cache, forecast, generated, splits
from wattbit.series.set import SeriesSet
from wattbit.series.splits import Segment

SOURCES: Final = ("generated", "real-fy2024")
"""Names that :func:`load` knows."""

_FORECAST_MODULES: Final = tuple(
    sys.modules[f"{forecast.__name__}.{name}"]
    for name in ("bundle", "climatology", "columns", "issuer", "mmfe", "noise", "rule")
)


EVALUATION_SEED: Final = 0
"""Forecast seed of evaluation: a week has the same forecasts for everybody; training has the seeds from 1 on."""


@lru_cache(maxsize=8)
def _load(
    source: str, areas: tuple[str, ...], split: str, data_root: Path | None, grid: GridConfig
) -> tuple[SeriesSet, tuple[Segment, ...]]:
    if source == "generated":
        series = generated.load(areas, split, grid)
    else:
        from wattbit.series import real  # pandas' file readers are not needed by generated years

        splits.rule_of(source, split)  # an unknown split is told before the files are read
        series = real.load_real(data_root, 2024, areas)
    return series, tuple(splits.segments(series, split))


def _root(source: str, data_root: Path | str | None) -> Path | None:
    if source not in SOURCES:
        close = difflib.get_close_matches(source, SOURCES, n=1, cutoff=0.0)[0]
        raise SeriesError(f"series source {source!r} is unknown; valid: {', '.join(SOURCES)} (did you mean {close!r}?)")
    if source == "generated":
        return None
    from wattbit.series import real

    return real.find_root(data_root if data_root is not None else os.environ.get("WATTBIT_DATA"))


def load(
    source: str,
    areas: Sequence[str],
    split: str,
    data_root: Path | str | None = None,
    grid: GridConfig | None = None,
) -> tuple[SeriesSet, list[Segment]]:
    """
    Load a series and the stretches of it that a split may use.

    Parameters
    ----------
    source : {"generated", "real-fy2024"}
        Name of the series.
    areas : sequence of str
        Areas wanted, in that order.
    split : str
        ``"train"``, ``"validation"`` or ``"test"``.
    data_root : path, optional
        Folder of the real data; without it the environment variable ``WATTBIT_DATA``. Not used by ``"generated"``.
    grid : GridConfig, optional
        The grid behind ``"generated"``; not used by real series.

    Returns
    -------
    series : SeriesSet
        For ``"generated"`` only the years of the split, for a real year the whole year. Values are read-only.
    parts : list of Segment
        From :func:`~wattbit.series.splits.segments`.

    Raises
    ------
    SeriesError
        If the source, an area or the split is unknown, or a file is missing or refused.

    Notes
    -----
    The last few results are kept in the process; callers share them.
    """
    series, parts = _load(source, tuple(areas), split, _root(source, data_root), grid or GridConfig())
    return series, list(parts)


def _climatology(source: str, areas: tuple[str, ...], root: Path | None, grid: GridConfig) -> forecast.Climatology:
    """Climatology of the train split of a source, by way of the disk cache."""
    series, _ = _load(source, areas, "train", root, grid)
    parts = splits.fitting_segments(series)

    def build() -> cache.Entry:
        return forecast.fit_climatology(series, parts).packed()

    key = cache.source_key(_FORECAST_MODULES, series.content_hash(), parts)
    return forecast.Climatology.unpacked(*cache.stored(f"climatology-{series.name}", key, build))


@lru_cache(maxsize=8)
def _issuer(
    source: str, areas: tuple[str, ...], split: str, root: Path | None, tier: str, noise_scale: float, grid: GridConfig
) -> forecast.Issuer:
    series, _ = _load(source, areas, split, root, grid)
    return forecast.Issuer(series, _climatology(source, areas, root, grid), tier, noise_scale)


def issuer(
    source: str,
    areas: Sequence[str],
    split: str,
    data_root: Path | str | None = None,
    tier: str = "mmfe",
    noise_scale: float = 1.0,
    grid: GridConfig | None = None,
) -> forecast.Issuer:
    """
    Return the issuer of the forecasts of a series, its climatology fitted on the train split of the same source.

    Parameters and errors as of :func:`load` and :class:`~wattbit.series.forecast.Issuer`; results are shared.
    """
    return _issuer(source, tuple(areas), split, _root(source, data_root), tier, noise_scale, grid or GridConfig())


def forecast_bank(of: forecast.Issuer, seeds: Sequence[int], limit: float) -> NDArray[np.float32]:
    """
    Return the forecast columns for several forecast seeds as they are observed, by way of the disk cache.

    Parameters
    ----------
    of : Issuer
    seeds : sequence of int
        One is enough for tiers without errors: they ignore it.
    limit : float
        Scaled values are held within plus and minus this.

    Returns
    -------
    ndarray, shape (seed, time + 1, area, column)
        Float32, read-only, in units of :data:`~wattbit.series.forecast.FORECAST_SCALE`; the last half hour stands
        twice, as an episode may end with the series.
    """

    def build() -> cache.Entry:
        bank = np.empty(
            (len(seeds), len(of.series) + 1, len(of.series.areas), len(forecast.FORECAST_COLUMNS)), np.float32
        )
        for k, seed in enumerate(seeds):
            np.divide(of.columns(seed), np.array(forecast.FORECAST_SCALE, np.float32), out=bank[k, :-1])
            np.clip(bank[k, :-1], -limit, limit, out=bank[k, :-1])
            bank[k, -1] = bank[k, -2]
        return {"bank": bank}, {}

    made_of = (of.series.content_hash(), of.climatology.content_hash(), of.tier, of.noise_scale, tuple(seeds), limit)
    key = cache.source_key(_FORECAST_MODULES, *made_of)
    entry, _ = cache.stored(f"forecast-{of.series.name}-{of.tier}", key, build)
    bank = np.asarray(entry["bank"])
    bank.flags.writeable = False
    return bank
