"""The world without the aggregator: named half-hourly arrays per power area, with units and provenance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.errors import SeriesError

AREAS: Final = ("hokkaido", "tohoku", "tokyo", "chubu", "hokuriku", "kansai", "chugoku", "shikoku", "kyushu")
"""The nine JEPX areas, north to south; a :class:`SeriesSet` holds any subset in any order."""

STEPS_PER_DAY: Final = 48
"""Half hours in a day; Japan has no daylight saving."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of a :class:`SeriesSet`: its name ends in its unit."""

    name: str
    unit: str
    description: str
    low: float
    high: float


FEATURES: Final[tuple[Feature, ...]] = (
    Feature("spot_price_jpy_per_mwh", "JPY/MWh", "day-ahead area price", 0.0, 1e6),
    Feature("delta_price_jpy_per_mwh", "JPY/MWh", "settlement minus spot, revealed at delivery, national", -1e6, 1e6),
    Feature("supply_slope_jpy_per_mwh_per_mw", "JPY/MWh per MW", "price rise per MW in the price zone", 0.0, 1e3),
    Feature("surplus_mw", "MW", "solar and wind that would be curtailed", 0.0, 1e5),
    Feature("carbon_average_kg_per_mwh", "kg/MWh", "direct CO2 of the area's generation mix", 0.0, 1500.0),
    Feature("carbon_marginal_kg_per_mwh", "kg/MWh", "direct CO2 of the next MWh", 0.0, 1500.0),
    Feature("temperature_c", "degC", "outdoor air", -45.0, 50.0),
    Feature("demand_mw", "MW", "area demand without the aggregator", 0.0, 1e6),
    Feature("solar_mw", "MW", "solar potential, curtailed energy included", 0.0, 1e6),
    Feature("wind_mw", "MW", "wind potential, curtailed energy included", 0.0, 1e6),
)
"""Every set has all of them, in this order; what a source lacks is filled by a rule that the provenance names."""

FEATURE_NAMES: Final = tuple(feature.name for feature in FEATURES)


@dataclass(frozen=True, eq=False)
class SeriesSet:
    """
    Half-hourly series of several areas over one unbroken period.

    Parameters
    ----------
    name : str
        Short name shown in tables, e.g. ``"real-fy2024"``.
    start : pandas.Timestamp
        Start of the first half hour, Asia/Tokyo.
    areas : tuple of str
        Names of the areas, the second axis of `values`.
    values : ndarray, shape (time, area, feature)
        Float64, features in the order of :data:`FEATURES`, in their units.
    provenance : dict of str to str
        For every feature (or ``feature[area]``) one sentence that says where the numbers come from.

    Raises
    ------
    SeriesError
        If the shape is wrong, a value is not finite or outside the bounds of its feature, or a provenance is missing.
    """

    name: str
    start: pd.Timestamp
    areas: tuple[str, ...]
    values: NDArray[np.float64]
    provenance: dict[str, str]

    def __post_init__(self) -> None:
        expected = (self.values.shape[0], len(self.areas), len(FEATURES))
        if self.values.ndim != 3 or self.values.shape != expected:
            raise SeriesError(f"series {self.name}: values have shape {self.values.shape}, expected {expected}")
        if self.start.tz is None or str(self.start.tz) != "Asia/Tokyo":
            raise SeriesError(f"series {self.name}: start {self.start} must be in Asia/Tokyo")
        for k, feature in enumerate(FEATURES):
            column = self.values[:, :, k]
            bad = ~((column >= feature.low) & (column <= feature.high))
            if bad.any():
                t, r = (int(i) for i in np.argwhere(bad)[0])
                raise SeriesError(
                    f"series {self.name}: {feature.name} of {self.areas[r]} at {self.time_of(t)} is {column[t, r]}, "
                    f"must be within [{feature.low:g}, {feature.high:g}] {feature.unit}"
                )
            if feature.name not in self.provenance:
                raise SeriesError(f"series {self.name}: {feature.name} has no provenance")

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def time_of(self, step: int) -> pd.Timestamp:
        """Start of half hour `step`, Asia/Tokyo."""
        return self.start + pd.Timedelta(minutes=30 * step)

    def get(self, feature: str) -> NDArray[np.float64]:
        """Return one feature, shape (time, area), as a view."""
        return self.values[:, :, FEATURE_NAMES.index(feature)]

    def select(self, areas: Sequence[str]) -> SeriesSet:
        """Return the same period for some of the areas, in the order asked for."""
        missing = [area for area in areas if area not in self.areas]
        if missing:
            raise SeriesError(f"series {self.name} has no area {missing[0]!r}; it has {', '.join(self.areas)}")
        columns = [self.areas.index(area) for area in areas]
        return SeriesSet(self.name, self.start, tuple(areas), self.values[:, columns, :], self.provenance)

    def content_hash(self) -> str:
        """Short SHA-256 of areas, start and values; result files carry it."""
        digest = hashlib.sha256(repr((self.areas, self.start.isoformat(), FEATURE_NAMES)).encode())
        digest.update(np.ascontiguousarray(self.values).tobytes())
        return digest.hexdigest()[:16]

    def save(self, path: Path, **more: Any) -> None:
        """Write the set to one ``.npz`` file, with other arrays beside it where given."""
        header = json.dumps(
            {"name": self.name, "start": self.start.isoformat(), "areas": self.areas, "provenance": self.provenance}
        )
        np.savez_compressed(path, header=np.array(header), values=self.values, **more)

    @staticmethod
    def load(path: Path) -> SeriesSet:
        """Read a set written by :meth:`save`."""
        # Opened here, as NumPy would leave a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            header = json.loads(str(archive["header"]))
            values = archive["values"]
        start = pd.Timestamp(header["start"]).tz_convert("Asia/Tokyo")
        return SeriesSet(header["name"], start, tuple(header["areas"]), values, header["provenance"])
