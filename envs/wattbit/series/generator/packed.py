"""Generated values at their resolution, packed into few bytes: what ships is the year itself, not an approximation."""

from __future__ import annotations

import io
import zipfile
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.set import AREAS, FEATURE_NAMES

NAME: Final = "generated"
"""Name of the sets, and their key in ``splits.yaml``."""

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
    entries: dict[str, NDArray[Any]] = {"provenance": np.array([provenance[name] for name in FEATURE_NAMES])}
    for k, name in enumerate(FEATURE_NAMES):
        whole = np.round(values[:, :, k] / RESOLUTION[name]).astype(np.int64)
        if name == "delta_price_jpy_per_mwh":
            whole = whole[:, :1]  # national
        kind = np.dtype("<i2") if whole.min() < 0 else np.dtype("<u2")
        if whole.max() > np.iinfo(kind).max or whole.min() < np.iinfo(kind).min:
            raise SeriesError(f"{name}: a value of the year does not fit into 16 bits")
        stored = np.ascontiguousarray(whole.T.astype(kind)).view("<u2")
        if name in SMOOTH:  # differences may wrap around, sums wrap back
            stored = np.diff(stored, n=2, prepend=np.zeros((len(stored), 2), "<u2"))
        # High bytes together and low bytes together: what repeats stands side by side.
        entries[name] = np.ascontiguousarray(stored.view(np.uint8).reshape(*stored.shape, 2).transpose(2, 0, 1))
        entries[f"{name}_kind"] = np.array(kind.str)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in entries.items():
            info = zipfile.ZipInfo(f"{name}.npy")  # without a date: equal years are equal bytes
            info.compress_type = zipfile.ZIP_LZMA
            with archive.open(info, "w") as entry:
                np.save(entry, array)
    return buffer.getvalue()


def unpack(content: bytes) -> tuple[NDArray[np.float32], dict[str, str]]:
    """Return the values, float32 of shape (time, 9, feature), and the provenance that :func:`pack` packed."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        columns = []
        for name in FEATURE_NAMES:
            stored = np.ascontiguousarray(archive[name].transpose(1, 2, 0)).view("<u2")[..., 0]
            if name in SMOOTH:
                stored = stored.cumsum(axis=1, dtype=np.uint16).cumsum(axis=1, dtype=np.uint16)
            whole = stored.view(str(archive[f"{name}_kind"]))
            columns.append(np.broadcast_to(whole.T * RESOLUTION[name], (whole.shape[1], len(AREAS))))
        provenance = dict(zip(FEATURE_NAMES, archive["provenance"].tolist(), strict=True))
    return np.stack(columns, axis=-1).astype(np.float32), provenance
