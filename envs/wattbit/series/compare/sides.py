"""
What stands on one side of a comparison: one or several sets, named by the user, measured one by one.

A source is ``NAME``, ``NAME:YEARS`` or a ``.npz`` file written by :meth:`wattbit.series.set.SeriesSet.save`. A name is
one that :func:`wattbit.series.source.load` knows, or a scenario, which stands for the series it runs on. Weather years
are written ``10``, ``10-12`` or ``3,5,7``.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from wattbit.config import GridConfig
from wattbit.errors import SeriesError
from wattbit.scenarios.load import load_scenario, nearest, scenario_names
from wattbit.series import generated, source, splits
from wattbit.series.compare.statistics import Mask, Statistics, statistics
from wattbit.series.set import AREAS, SeriesSet

WEEKS: Final = ("all", "train", "test")
"""Which half hours of a set are measured."""

N_DEFAULT_YEARS: Final = 3
"""Weather years of a source that names none: the first of its test split."""

Tell = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Sample:
    """One set, whole: what the user called it and its series."""

    label: str
    series: SeriesSet


@dataclass(frozen=True, eq=False)
class Side:
    """
    Samples measured over the same kind of weeks.

    Parameters
    ----------
    samples : tuple of Sample
    masks : tuple of ndarray of bool, shape (time,)
        Half hours measured, one mask per sample.
    each : tuple of Statistics
        One per sample.
    """

    samples: tuple[Sample, ...]
    masks: tuple[Mask, ...]
    each: tuple[Statistics, ...]

    def _over_samples(self, reduce: Callable[..., np.ndarray]) -> Statistics:
        first = self.each[0]
        values = {name: reduce(np.stack([one[name] for one in self.each]), axis=0) for name in first.values}
        return Statistics(first.areas, first.pairs, values)

    @cached_property
    def mean(self) -> Statistics:
        """Mean of every number over the samples; NaN where a sample has none."""
        return self._over_samples(np.mean)

    @cached_property
    def low(self) -> Statistics:
        """Smallest of every number over the samples."""
        return self._over_samples(np.min)

    @cached_property
    def high(self) -> Statistics:
        """Largest of every number over the samples."""
        return self._over_samples(np.max)

    @property
    def label(self) -> str:
        """Names of the samples; only the first and the last of many."""
        labels = [sample.label for sample in self.samples]
        return ", ".join(labels) if len(labels) <= 2 else f"{labels[0]} … {labels[-1]}"


def _from_file(path: Path) -> SeriesSet:
    try:
        return SeriesSet.load(path)
    except FileNotFoundError:
        raise SeriesError(f"{path}: no such file") from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, json.JSONDecodeError) as error:
        raise SeriesError(f"{path}: not a set written by SeriesSet.save ({error})") from None


def load_samples(text: str, data_root: Path | str | None = None, tell: Tell = lambda _: None) -> list[Sample]:
    """
    Load what one SOURCE of the command line names.

    Parameters
    ----------
    text : str
        Source as described at the head of this module.
    data_root : path, optional
        Folder of the real data; without it the environment variable ``WATTBIT_DATA``.
    tell : callable
        Told the name of every sample before it is loaded: a weather year may have to be generated.

    Returns
    -------
    list of Sample
        One per weather year; a real year or a file is one sample.

    Raises
    ------
    SeriesError
        If the source is unknown or has no such year, a file cannot be read, or the data root is missing.
    """
    if text.endswith(".npz"):
        tell(text)
        return [Sample(Path(text).stem, _from_file(Path(text)))]
    name, colon, years_text = text.partition(":")
    kind, grid = name, GridConfig()
    if name not in source.SOURCES:
        valid = [*source.SOURCES, *scenario_names()]
        if name not in valid:
            known = ", ".join(valid)
            raise SeriesError(f"source {text!r}: valid are {known} and .npz files{nearest(name, valid)}")
        scenario = load_scenario(name)
        kind, grid = scenario.series, scenario.grid
    if kind.startswith("real-"):
        if colon:
            raise SeriesError(f"source {text!r}: {name} is one fiscal year, it has no weather years")
        tell(name)
        return [Sample(name, source.load(kind, AREAS, "train", data_root)[0])]
    by_split = {split: splits.rule_of(kind, split)[1] for split in ("train", "validation", "test")}
    allowed = grid.weather_years or tuple(year for years in by_split.values() for year in years)
    default = [year for year in by_split["test"] if year in allowed] or allowed
    years = splits.parse_years(years_text) if colon else tuple(default[:N_DEFAULT_YEARS])
    for year in years:
        if year not in allowed:
            raise SeriesError(f"source {text!r}: no weather year {year}, it has {', '.join(map(str, allowed))}")
    samples = []
    for year in years:
        tell(f"{name}:{year}")
        samples.append(Sample(f"{name}:{year}", generated.year(year, AREAS, grid)))
    return samples


def common_areas(samples: Sequence[Sample]) -> tuple[str, ...]:
    """
    Return the areas that every sample has, north to south.

    Raises
    ------
    SeriesError
        If there is none.
    """
    common = [area for area in AREAS if all(area in sample.series.areas for sample in samples)]
    if not common:
        each = "; ".join(f"{sample.label} has {', '.join(sample.series.areas)}" for sample in samples)
        raise SeriesError(f"the sets have no area in common: {each}")
    return tuple(common)


def weeks_mask(series: SeriesSet, weeks: str) -> Mask:
    """
    Return which half hours of a set belong to ``all``, ``train`` or ``test`` weeks.

    Train weeks are those that statistics are fitted on (:func:`wattbit.series.splits.fitting_segments`).

    Raises
    ------
    SeriesError
        If the set has no such weeks.
    """
    if weeks == "all":
        return np.ones(len(series), np.bool_)
    mask = np.zeros(len(series), np.bool_)
    for part in splits.fitting_segments(series) if weeks == "train" else splits.segments(series, weeks):
        mask[part.start_step : part.stop_step] = True
    return mask


def has_test_weeks(samples: Sequence[Sample]) -> bool:
    """Whether every sample has test weeks beside others, so that they can be reported alone."""
    try:
        return all(not weeks_mask(sample.series, "test").all() for sample in samples)
    except SeriesError:
        return False


def measure(samples: Sequence[Sample], areas: tuple[str, ...], weeks: str = "all") -> Side:
    """
    Measure every sample for some of its areas over some of its weeks.

    Raises
    ------
    SeriesError
        If a sample has no such weeks, or they hold no whole day.
    """
    chosen = [
        Sample(one.label, one.series if one.series.areas == areas else one.series.select(areas)) for one in samples
    ]
    masks = tuple(weeks_mask(one.series, weeks) for one in chosen)
    each = tuple(statistics(one.series, mask) for one, mask in zip(chosen, masks, strict=True))
    return Side(tuple(chosen), masks, each)
