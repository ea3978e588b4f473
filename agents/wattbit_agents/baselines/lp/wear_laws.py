"""Wear laws of the cells in the form that cuts need, found by evaluating the world's own functions."""

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
"""Cells whose growth per EFC is the square of ``a(S) sqrt(depth * rate) - b(S)``, where positive, and more."""

SOC_STEP: Final = 0.01
"""Spacing of the states of charge at which laws are evaluated."""

SLOPES: Final = np.linspace(0.0, 2.5, 51)
"""Slopes of lines that are tried, over the highest value."""


@dataclass(frozen=True)
class AmplitudeLaw:
    """
    Growth of y per EFC, at least ``(max(0, a(S) sqrt(depth * rate) - b(S)))^2``, as tables over the state of charge.

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

    def at(self, mean_k: Array, soc: Array) -> tuple[Array, Array]:
        """
        Return a and b at some states of charge, to the accuracy of the tables.

        Parameters
        ----------
        mean_k : ndarray, shape (n,)
        soc : ndarray, shape (n, k)
        """
        tables = self._tables(mean_k)
        place = np.clip(np.rint(soc / SOC_STEP), 0, tables.shape[2] - 1).astype(np.int64)
        rate, offset = np.take_along_axis(tables, place[:, None, :], axis=2).transpose(1, 0, 2)
        return np.asarray(np.sqrt(rate)), np.asarray(np.sqrt(offset))

    def bounds(self, mean_k: Array, low: Array, high: Array, at: Array) -> tuple[Array, Array, Array, Array, Array]:
        """
        Bound a(S)^2 from below by a line, where that is positive, and b(S)^2 from above by a number.

        Parameters
        ----------
        mean_k, low, high, at : ndarray, shape (n,)
            Temperature [K], the range of the state of charge, and where in it the line should be highest.

        Returns
        -------
        begin, end : ndarray, shape (n,)
            The range, widened to the table's points; it begins where the line is 0 if that is later.
        first, last : ndarray, shape (n,)
            The line's values there; it never falls.
        offset : ndarray, shape (n,)
            Highest b(S)^2 in the range.
        """
        tables = self._tables(mean_k)
        soc = np.linspace(0.0, 1.0, tables.shape[2])
        # Between two points a smooth function is below their chord by at most an eighth of its second difference.
        rate, offset = tables[:, 0], tables[:, 1]
        sag, over = (0.25 * np.abs(np.diff(table, 2, axis=1)).max(axis=1) for table in (rate, offset))
        place = np.arange(len(soc))
        bottom = np.clip(np.floor(low / SOC_STEP + 1e-9), 0, len(soc) - 2).astype(np.int64)
        top = np.clip(np.ceil(high / SOC_STEP - 1e-9).astype(np.int64), bottom + 1, len(soc) - 1)
        inside = (place >= bottom[:, None]) & (place <= top[:, None])
        floor = np.where(inside, rate - sag[:, None], np.inf)
        at = np.clip(at, soc[bottom], soc[top])
        best, slope = np.full(len(at), -np.inf), np.zeros(len(at))
        for steep in SLOPES:
            rise = steep * rate.max(axis=1)
            value = (floor - rise[:, None] * (soc - at[:, None])).min(axis=1)
            best, slope = np.where(value > best, value, best), np.where(value > best, rise, slope)
        best = np.maximum(0.0, best)
        begin = np.maximum(soc[bottom], at - best / np.where(slope > 0.0, slope, np.inf))
        first = np.maximum(0.0, best - slope * (at - begin))
        # A line that is 0 almost to the end is no bound worth having.
        last = np.where(begin < soc[top] - 0.5 * SOC_STEP, np.maximum(0.0, best + slope * (soc[top] - at)), 0.0)
        begin, first = (np.where(last > 0.0, x, y) for x, y in ((begin, soc[bottom]), (first, 0.0)))
        end: Array = soc[top]
        return begin, end, first, last, np.asarray(np.where(inside, offset, 0.0).max(axis=1) + over)


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
        laws = _laws(self.cell)
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
            # through the origin of that slope lies there too: both are taken a millionth on the safe side.
            ends = 0.999 * efc, 1.001 * efc
            values = [self._at_no_depth(kelvin, x) for x in ends]
            slope[i] = (values[1] - values[0]) / (ends[1] - ends[0])
            constant[i] = min(v - slope[i] * x for v, x in zip(values, ends, strict=True)) - 2e-6 * values[1]
        return slope, constant


@lru_cache(maxsize=16)
def _laws(cell: str) -> ModuleType:
    return importlib.import_module(f"wattbit.physics.cells.{cell}")


@lru_cache(maxsize=4096)
def _amplitude_table(cell: str, kelvin: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """a(S)^2 and b(S)^2 at every point of the table, from two rates so high that the law is linear between them."""
    laws = _laws(cell)
    heats = laws.calendar_heat(kelvin), laws.cycle_heat(kelvin), 0.0
    squares = []
    for soc in np.arange(round(1.0 / SOC_STEP) + 1) * SOC_STEP:
        near, far = (laws.cycle_growth(float(soc), kelvin, *heats, 1.0, x * x) ** 0.5 for x in (50.0, 100.0))
        slope = (far - near) / 50.0
        squares.append((slope**2, max(0.0, 50.0 * slope - near) ** 2))
    a, b = zip(*squares, strict=True)
    return a, b


def cell_kelvin(cell: str, air_c: Array) -> Array:
    """Return the temperature of parked cells in some air, K."""
    return np.asarray(np.vectorize(_laws(cell).cell_temperature_k, otypes=[float])(air_c))


def growth_of(cell: str, reference_loss: float, air_c: Array) -> Array:
    """
    Return the wear of a usual day over depth^2 and rate, share of health at the price of the reference.

    A day of depth 0.3 at 0.1 1/h and a mean state of charge of 0.6, in air of the given temperatures.
    """
    laws = _laws(cell)
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
    slope = float(_laws(cell).cycle_slope(reference_loss))
    return CellLaw(cell, slope, AmplitudeLaw(cell, slope) if cell in AMPLITUDE_CELLS else None)
