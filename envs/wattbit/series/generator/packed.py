"""Generated values at their resolution, packed into few bytes: what ships is the year itself, not an approximation."""

from __future__ import annotations

import io
import zipfile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.set import AREAS, FEATURE_NAMES

RESOLUTION: Final[dict[str, float]] = {
    "spot_price_jpy_per_mwh": 10.0,
    "delta_price_jpy_per_mwh": 1.0,
    "supply_slope_jpy_per_mwh_per_mw": 0.001,
    "surplus_mw": 1.0,
    "carbon_average_kg_per_mwh": 1.0,
    "carbon_marginal_kg_per_mwh": 1.0,
    "temperature_c": 0.1,
    "demand_mw": 1.0,
    "solar_mw": 1.0,
    "wind_mw": 1.0,
}
"""Generated values are whole multiples of these, in the units of their features."""

SMOOTH: Final = ("temperature_c", "demand_mw", "solar_mw", "wind_mw")
"""Features packed as second differences along time, which takes less room."""


def rounded(feature: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of a feature at its resolution."""
    return np.round(values / RESOLUTION[feature]) * RESOLUTION[feature]


def pack(values: NDArray[np.float64], provenance: dict[str, str]) -> bytes:
    """
    Pack one year into the bytes of a ``.npz`` archive.

    Parameters
    ----------
    values : ndarray, shape (time, 9, feature)
        Multiples of :data:`RESOLUTION`.
    provenance : dict of str to str
        Stored beside the values.

    Raises
    ------
    SeriesError
        If a value does not fit into 16 bits.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        for k, name in enumerate(FEATURE_NAMES):
            whole = np.round(values[:, :, k] / RESOLUTION[name]).astype(np.int64)
            if name == "delta_price_jpy_per_mwh":
                whole = whole[:, :1]  # national
            kind = np.int16 if whole.min() < 0 else np.uint16
            if whole.max() > np.iinfo(kind).max or whole.min() < np.iinfo(kind).min:
                raise SeriesError(f"{name}: a value of the year does not fit into 16 bits")
            stored = np.ascontiguousarray(whole.T.astype(kind))
            if name in SMOOTH:  # differences may wrap around, sums wrap back
                stored = np.diff(stored.view(np.uint16), n=2, prepend=np.zeros((len(stored), 2), np.uint16)).view(kind)
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as entry:  # ZipInfo: no date, equal bytes each time
                np.save(entry, stored)
        with archive.open(zipfile.ZipInfo("provenance.npy"), "w") as entry:
            np.save(entry, np.array([provenance[name] for name in FEATURE_NAMES]))
    return buffer.getvalue()


def unpack(content: bytes) -> tuple[NDArray[np.float32], dict[str, str]]:
    """Return the values, float32 of shape (time, 9, feature), and the provenance that :func:`pack` packed."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        columns = []
        for name in FEATURE_NAMES:
            stored = archive[name]
            if name in SMOOTH:
                sums = stored.view(np.uint16).cumsum(axis=1, dtype=np.uint16).cumsum(axis=1, dtype=np.uint16)
                stored = sums.view(stored.dtype)
            columns.append(np.broadcast_to(stored.T * RESOLUTION[name], (stored.shape[1], len(AREAS))))
        provenance = dict(zip(FEATURE_NAMES, archive["provenance"].tolist(), strict=True))
    return np.stack(columns, axis=-1).astype(np.float32), provenance
