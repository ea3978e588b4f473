"""Wear laws of the cells in the form that bounds need, found by evaluating the world's own functions."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.physics.cells import CELLS
from wattbit_agents.errors import PolicyError, did_you_mean

Array = NDArray[np.float64]

AMPLITUDE_CELLS: Final = frozenset({"denso_nmc622"})
"""Cells whose growth per EFC has the form of :class:`AmplitudeLaw`."""

SOC_STEP: Final = 0.01
"""Spacing of the states of charge at which laws are evaluated."""


@dataclass(frozen=True)
class AmplitudeLaw:
    """
    Growth of y per EFC, ``(max(0, a(S) sqrt(depth * rate) - b(S)) + e(S) depth^6)^2``, as tables over the charge S.

    Attributes
    ----------
    cell : str
    slope : float
        Share of health per y, at the reference loss.
    """

    cell: str
    slope: float

    def _tables(self, mean_k: Array) -> Array:
        kelvin, which = np.unique(mean_k, return_inverse=True)
        return np.array([_amplitude_table(self.cell, float(k)) for k in kelvin])[which]

    def line(self, mean_k: Array, low: Array, high: Array) -> tuple[Array, Array, Array, Array, Array]:
        """
        Bound a(S)^2 from below by a line that does not fall, b(S) from above and e(S) from below, in some ranges.

        Parameters
        ----------
        mean_k, low, high : ndarray, shape (n,)
            Temperature [K] and the range of the state of charge.

        Returns
        -------
        begin, first, rise : ndarray, shape (n,)
            The line is ``first + rise (S - begin)``; it begins at a point of the table, at the range's start or before.
        offset, deep : ndarray, shape (n,)
            Highest b(S) and lowest e(S) in the range.
        """
        tables = self._tables(mean_k)
        soc = np.linspace(0.0, 1.0, tables.shape[2])
        # Between two points a smooth function is below their chord by at most an eighth of its second difference.
        rate, offset, deep = tables.swapaxes(0, 1)
        sag, over, under = (0.25 * np.abs(np.diff(table, 2, axis=1)).max(axis=1) for table in (rate, offset, deep))
        bottom = np.clip(np.floor(low / SOC_STEP + 1e-9), 0, len(soc) - 2).astype(np.int64)
        top = np.clip(np.ceil(high / SOC_STEP - 1e-9).astype(np.int64), bottom + 1, len(soc) - 1)
        place = np.arange(len(soc))
        inside = (place >= bottom[:, None]) & (place <= top[:, None])
        floor = np.maximum(0.0, rate - sag[:, None])
        begin, first = soc[bottom], np.take_along_axis(floor, bottom[:, None], axis=1)[:, 0]
        later = inside & (place > bottom[:, None])
        run = np.where(later, soc - begin[:, None], 1.0)
        rise = np.where(later, (floor - first[:, None]) / run, np.inf).min(axis=1)
        lowest = np.where(inside, floor, np.inf).min(axis=1)
        first, rise = np.where(rise > 0.0, first, lowest), np.maximum(0.0, rise)
        offset = np.where(inside, offset, 0.0).max(axis=1) + over
        return begin, first, rise, offset, np.maximum(0.0, np.where(inside, deep, np.inf).min(axis=1) - under)


@dataclass(frozen=True)
class CellLaw:
    """
    What is known of one cell's law.

    Attributes
    ----------
    cell : str
    slope : float
        Share of health per y, at the reference loss.
    amplitude : AmplitudeLaw or None
        Of the cells that have this form.
    """

    cell: str
    slope: float
    amplitude: AmplitudeLaw | None

    def _at_no_depth(self, kelvin: float, throughput: float) -> float:
        laws = laws_of(self.cell)
        heats = laws.calendar_heat(kelvin), laws.cycle_heat(kelvin), laws.depth_heat(kelvin)
        rate = laws.money_rate_c(0.0, 0.0, 4.0 * throughput, 48.0)
        growth = min(laws.cycle_growth(soc, kelvin, *heats, 0.0, rate) for soc in np.linspace(0.0, 1.0, 201))
        return float(self.slope * growth * throughput)

    def throughput_tangent(self, mean_k: Array, throughput: Array) -> tuple[Array, Array]:
        """
        Return tangents of the least wear of some throughputs: that without depth, convex in the EFC.

        Parameters
        ----------
        mean_k, throughput : ndarray, shape (n,)
            Temperature [K] and EFC.

        Returns
        -------
        slope, constant : ndarray, shape (n,)
        """
        slope, constant = np.zeros(len(mean_k)), np.zeros(len(mean_k))
        for i, (kelvin, efc) in enumerate(zip(mean_k.tolist(), throughput.tolist(), strict=True)):
            if efc <= 0.0:
                continue
            # A chord's slope is a slope of the curve between its ends, and the curve's lowest value above the chord
            # through the origin of that slope lies there too: both are taken on the safe side.
            ends = 0.999 * efc, 1.001 * efc
            values = [self._at_no_depth(kelvin, x) for x in ends]
            slope[i] = (values[1] - values[0]) / (ends[1] - ends[0])
            constant[i] = min(v - slope[i] * x for v, x in zip(values, ends, strict=True)) - 2e-5 * values[1]
        return slope, constant


@lru_cache(maxsize=16)
def laws_of(cell: str) -> ModuleType:
    """Return the world's own laws of a cell."""
    return importlib.import_module(f"wattbit.physics.cells.{cell}")


@lru_cache(maxsize=4096)
def _amplitude_table(cell: str, kelvin: float) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """a(S)^2, b(S) and e(S) at the points of the table; a and b from two rates so high that the law is linear there."""
    laws = laws_of(cell)
    heats = laws.calendar_heat(kelvin), laws.cycle_heat(kelvin)
    table = []
    for soc in np.arange(round(1.0 / SOC_STEP) + 1) * SOC_STEP:
        near, far = (laws.cycle_growth(float(soc), kelvin, *heats, 0.0, 1.0, x * x) ** 0.5 for x in (50.0, 100.0))
        slope = (far - near) / 50.0
        deep = laws.cycle_growth(float(soc), kelvin, *heats, laws.depth_heat(kelvin), 1.0, 0.0) ** 0.5
        table.append((slope**2, max(0.0, 50.0 * slope - near), deep))
    a, b, e = zip(*table, strict=True)
    return a, b, e


def cell_kelvin(cell: str, air_c: Array) -> Array:
    """Return the temperature of parked cells in some air, K."""
    return np.asarray(np.vectorize(laws_of(cell).cell_temperature_k, otypes=[float])(air_c))


def growth_of(cell: str, reference_loss: float, air_c: Array) -> Array:
    """
    Return the wear of a usual day over depth^2 and rate, share of health at the price of the reference.

    A day of depth 0.3 at 0.1 1/h and a mean state of charge of 0.6, in air of the given temperatures.
    """
    laws = laws_of(cell)
    slope = float(laws.cycle_slope(reference_loss))

    def one(air: float) -> float:
        kelvin = laws.cell_temperature_k(air)
        heats = laws.calendar_heat(kelvin), laws.cycle_heat(kelvin), laws.depth_heat(kelvin)
        return slope * float(laws.cycle_growth(0.6, kelvin, *heats, 0.3, 0.1)) / (0.3 * 0.1)

    return np.asarray(np.vectorize(one, otypes=[float])(air_c))


def law_of(cell: str, reference_loss: float) -> CellLaw:
    """
    Return the law of a cell.

    Raises
    ------
    PolicyError
        If there is no such cell, or the reference loss is not a positive number.
    """
    if cell not in CELLS:
        raise PolicyError(f"unknown cell {cell!r}{did_you_mean(cell, CELLS)}")
    if not reference_loss > 0.0:
        raise PolicyError(f"reference loss of {cell} is {reference_loss}, must be above 0")
    slope = float(laws_of(cell).cycle_slope(reference_loss))
    return CellLaw(cell, slope, AmplitudeLaw(cell, slope) if cell in AMPLITUDE_CELLS else None)
