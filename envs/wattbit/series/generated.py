"""
The default series: generated weather years, shipped with the package, kept in the cache, or made now.

The years of the reference grid (:class:`~wattbit.config.GridConfig` without any change) lie in
``generator/data/years``, so nothing has to be generated before a first run. Years of any other grid take a quarter of
a minute each, with a progress bar, and stay in the cache under a key of the grid and the text of the generator.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wattbit.config import GridConfig
from wattbit.errors import SeriesError
from wattbit.series import cache, splits
from wattbit.series.generator.packed import NAME, unpack
from wattbit.series.set import AREAS, SeriesSet


def packaged(number: int) -> Any:
    """Resource that holds weather year `number` of the reference grid."""
    return resources.files("wattbit.series.generator").joinpath("data", "years", f"y{number:02d}.npz")


def _shipped_digest(number: int) -> int:
    """Checksum of the packaged year, 0 where there is none."""
    shipped = packaged(number)
    return zlib.crc32(shipped.read_bytes()) if shipped.is_file() else 0


def _generator_key(*parts: object) -> str:
    """Key that changes with every file of the generator."""
    from wattbit.series import carbon, climate, generator
    from wattbit.series import set as series_set

    folder = Path(str(generator.__file__)).parent
    files = sorted([*folder.glob("*.py"), *folder.glob("data/*.yaml")])
    texts = [file.read_text(encoding="utf-8") for file in files]
    return cache.source_key((sys.modules[__name__], carbon, climate, series_set, splits), texts, *parts)


def _year_values(number: int, grid: GridConfig) -> tuple[NDArray[np.float32], dict[str, str]]:
    """One year of nine areas: packaged, from the cache, or generated."""
    if grid.physics == GridConfig().physics and (shipped := packaged(number)).is_file():
        return unpack(shipped.read_bytes())

    def build() -> cache.Entry:
        from wattbit.series.generator import year  # compiles the clearing: not needed by years that exist

        made = year.generate(number, grid)
        return {"values": made.series.values.astype(np.float32)}, {"provenance": made.series.provenance}

    entry, meta = cache.stored(f"generated-y{number:02d}", _generator_key(number, grid.physics), build)
    return np.asarray(entry["values"]), meta["provenance"]


def _columns(areas: Sequence[str]) -> list[int]:
    for area in areas:
        if area not in AREAS:
            raise SeriesError(f"generated series have no area {area!r}; they have {', '.join(AREAS)}")
    return [AREAS.index(area) for area in areas]


def _joined(years: Sequence[int], areas: Sequence[str], grid: GridConfig) -> cache.StoredSeriesSet:
    columns = _columns(areas)
    start = splits.weather_year_start(years[0])
    if list(years) != list(range(years[0], years[0] + len(years))):
        raise SeriesError(f"weather years {', '.join(map(str, years))} do not follow each other, as one series must")

    def build() -> cache.Entry:
        parts, provenance = zip(*[_year_values(number, grid) for number in years], strict=True)
        values = np.concatenate([part[:, columns, :] for part in parts])
        checked = SeriesSet(NAME, start, tuple(areas), values.astype(np.float64), provenance[0])
        return {"values": values}, {"hash": checked.content_hash(), "provenance": provenance[0]}

    span = f"y{years[0]:02d}-{years[-1]:02d}"
    key = _generator_key(tuple(years), tuple(areas), grid.physics, [_shipped_digest(number) for number in years])
    entry, meta = cache.stored(f"generated-{span}-{len(areas)}areas", key, build)
    values = entry["values"].astype(np.float64)
    values.flags.writeable = False
    return cache.StoredSeriesSet(NAME, start, tuple(areas), values, meta["provenance"], meta["hash"])


def year(number: int, areas: Sequence[str] = AREAS, grid: GridConfig | None = None) -> SeriesSet:
    """Return one weather year, 52 weeks from a Monday 00:00 JST; values read-only."""
    return _joined((number,), areas, grid or GridConfig())


def load(areas: Sequence[str], split: str, grid: GridConfig | None = None) -> SeriesSet:
    """
    Return the weather years of a split as one unbroken set.

    Parameters
    ----------
    areas : sequence of str
        Any of the nine areas, in the order wanted.
    split : {"train", "validation", "test"}
        Weather years 0-7, 8-9 and 10-19 (``splits.yaml``), or those of them that the grid names.
    grid : GridConfig, optional
        What differs from FY2024.

    Returns
    -------
    SeriesSet
        Years follow each other; `values` is read-only.

    Raises
    ------
    SeriesError
        If an area or the split is unknown, or the grid names no year of the split.
    """
    grid = grid or GridConfig()
    years = splits.weather_years(split)
    if grid.weather_years:
        chosen = tuple(number for number in years if number in grid.weather_years)
        if not chosen:
            named, there = (", ".join(map(str, numbers)) for numbers in (grid.weather_years, years))
            raise SeriesError(f"grid.weather_years is {named}: none is of split {split!r}, which has {there}")
        years = chosen
    return _joined(years, areas, grid)
