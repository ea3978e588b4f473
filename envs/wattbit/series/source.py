"""One door to a named series: the set, its issued forecast and the segments of a split."""

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

from wattbit.errors import SeriesError
from wattbit.series import cache, embedded, forecast, splits
from wattbit.series.set import SeriesSet
from wattbit.series.splits import Segment

SOURCES: Final = ("embedded", "real-fy2024")
"""Names that :func:`load` knows."""


def _forecast(series: SeriesSet, tier: str) -> NDArray[np.float32]:
    """Forecast by way of the disk cache."""
    key = cache.source_key((sys.modules[forecast.__name__],), series.content_hash(), tier)
    entry, _ = cache.stored(
        f"forecast-{series.name}-{tier}", key, lambda: ({"forecast": forecast.issue(series, tier)}, {})
    )
    issued = np.asarray(entry["forecast"])
    issued.flags.writeable = False
    return issued


@lru_cache(maxsize=8)
def _load(
    source: str, areas: tuple[str, ...], split: str, data_root: Path | None, tier: str
) -> tuple[SeriesSet, NDArray[np.float32], tuple[Segment, ...]]:
    if source == "embedded":
        series = embedded.load(areas, split)
    else:
        from wattbit.series import real  # pandas' file readers are not needed by the embedded set

        splits.rule_of(source, split)  # an unknown split is told before the files are read
        series = real.load_real(data_root, 2024, areas)
    return series, _forecast(series, tier), tuple(splits.segments(series, split))


def load(
    source: str,
    areas: Sequence[str],
    split: str,
    data_root: Path | str | None = None,
    tier: str = "persistence",
) -> tuple[SeriesSet, NDArray[np.float32], list[Segment]]:
    """
    Load a series, its forecast and the stretches of it that a split may use.

    Parameters
    ----------
    source : {"embedded", "real-fy2024"}
        Name of the series.
    areas : sequence of str
        Areas wanted, in that order.
    split : str
        ``"train"``, ``"validation"`` or ``"test"``.
    data_root : path, optional
        Folder of the real data; without it the environment variable ``WATTBIT_DATA``. Not used by ``"embedded"``.
    tier : {"persistence", "perfect"}
        Forecast tier.

    Returns
    -------
    series : SeriesSet
        For ``"embedded"`` only the years of the split, for a real year the whole year. Values are read-only.
    issued : ndarray, shape (time, area, column)
        Columns :data:`~wattbit.series.forecast.FORECAST_COLUMNS`, float32, read-only.
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
    if source not in SOURCES:
        close = difflib.get_close_matches(source, SOURCES, n=1, cutoff=0.0)[0]
        raise SeriesError(f"series source {source!r} is unknown; valid: {', '.join(SOURCES)} (did you mean {close!r}?)")
    root: Path | None = None
    if source != "embedded":
        from wattbit.series import real

        root = real.find_root(data_root if data_root is not None else os.environ.get("WATTBIT_DATA"))
    series, issued, parts = _load(source, tuple(areas), split, root, tier)
    return series, issued, list(parts)
