"""What a ledger of certificates is made from: plain arrays of what the sites of a world did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from wattbit.errors import WattbitError

Technology = Literal["solar", "wind", "surplus"]
WorkClass = Literal["realtime", "interactive", "batch", "training"]
Idle = Literal["idle"]

TECHNOLOGIES: Final[tuple[Technology, ...]] = ("solar", "wind", "surplus")
"""Kinds of device groups: contracted sun and wind, and surplus that own load took up instead of its curtailment."""

WORK_CLASSES: Final[tuple[WorkClass, ...]] = ("realtime", "interactive", "batch", "training")
"""Classes of work."""

IDLE: Final[Idle] = "idle"
"""Class of a site's energy while no work runs."""

HALF_HOUR: Final = timedelta(minutes=30)


class CertificateError(WattbitError):
    """What sites did cannot be put into a ledger of certificates."""


@dataclass(frozen=True, eq=False)
class WeekOfMatching:
    """
    What certificates and sites did in a stretch of half hours, as the world reports it.

    Parameters
    ----------
    areas : tuple of str
        Names of the areas; each has one site and one device group per technology.
    start : datetime
        Start of the first half hour, with its time zone.
    certificates_mwh : ndarray, shape (time, area, technology)
        Certificates of each half hour in the order of :data:`TECHNOLOGIES`. [MWh]
    capacity_mw : ndarray, shape (area, technology)
        Largest power of each device group. [MW]
    load_mwh : ndarray, shape (time, area)
        Energy of the whole facility. [MWh]
    it_mwh : ndarray, shape (time, area)
        Of it IT energy, idle servers included. [MWh]
    work_mwh : ndarray, shape (time, area, class)
        Dynamic IT energy of the work that ran, in the order of :data:`WORK_CLASSES`. [MWh]
    matched_mwh : ndarray, shape (time, area)
        Load that the world counts as matched. [MWh]
    zone : ndarray of int, shape (time, area)
        Price zone, by the position of its first area.
    carbon_kg_per_mwh : ndarray, shape (time, area)
        Direct CO2 of the generation mix. [kg/MWh]
    facts : mapping of str to str, int or None
        Where the numbers come from; written into the first record.

    Raises
    ------
    CertificateError
        If a shape is wrong, a value is negative or not finite, or a zone is not numbered by its first area.
    """

    areas: tuple[str, ...]
    start: datetime
    certificates_mwh: NDArray[np.float64]
    capacity_mw: NDArray[np.float64]
    load_mwh: NDArray[np.float64]
    it_mwh: NDArray[np.float64]
    work_mwh: NDArray[np.float64]
    matched_mwh: NDArray[np.float64]
    zone: NDArray[np.int64]
    carbon_kg_per_mwh: NDArray[np.float64]
    facts: Mapping[str, str | int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise CertificateError(f"start {self.start} has no time zone")
        time, area = self.load_mwh.shape[0], len(self.areas)
        if not time or not area:
            raise CertificateError(f"{time} half hours of {area} areas: there must be at least one of each")
        shapes = {
            "certificates_mwh": (time, area, len(TECHNOLOGIES)),
            "capacity_mw": (area, len(TECHNOLOGIES)),
            "load_mwh": (time, area),
            "it_mwh": (time, area),
            "work_mwh": (time, area, len(WORK_CLASSES)),
            "matched_mwh": (time, area),
            "zone": (time, area),
            "carbon_kg_per_mwh": (time, area),
        }
        for name, shape in shapes.items():
            values = getattr(self, name)
            if values.shape != shape:
                raise CertificateError(f"{name} has shape {values.shape}, expected {shape}")
            bad = ~(np.isfinite(values) & (values >= 0))
            if bad.any():
                where = tuple(int(k) for k in np.argwhere(bad)[0])
                raise CertificateError(f"{name} at {where} is {values[where]}, must be finite and at least 0")
        rows = np.arange(time)[:, None]
        if (self.zone >= area).any() or (self.zone[rows, self.zone] != self.zone).any():
            raise CertificateError("zone: each must be the position of the first area of its price zone")

    @property
    def half_hours(self) -> int:
        """Number of half hours."""
        return int(self.load_mwh.shape[0])

    def interval(self, step: int) -> tuple[str, str]:
        """Start and end of a half hour, ISO 8601 with the time zone."""
        first = self.start + step * HALF_HOUR
        return first.isoformat(timespec="minutes"), (first + HALF_HOUR).isoformat(timespec="minutes")
