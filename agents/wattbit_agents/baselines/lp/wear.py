"""
Wear of cars as linear cuts: affine functions of a day's charging that no day can wear less than.

The money of a car's wear in a calendar day is the high-water mark of ``growth * EFC`` of its window
(:mod:`wattbit.world.fleet`). No convex function of a handful of sums is close to it, because depth, rate, throughput
and state of charge are multiplied. A cut is therefore made *at* a path: it names the half hours in which that path
charges and discharges, is close there, and holds for every other path too. Any path may serve: what a rule played, a
plan without wear, the last solution. The highest of several cuts is the minorant; more can be added to a solved
program.

Energy is counted in shares of the nominal capacity, at the cells, and rates in such shares per hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit_agents.baselines.lp.wear_laws import AmplitudeLaw, CellLaw, law_of
from wattbit_agents.baselines.lp.wear_swing import swing_cuts

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CarDays:
    """
    What a plan knows of some cars' days, for n days of up to T half hours.

    Attributes
    ----------
    length : ndarray of int, shape (n,)
        Half hours of the day; what stands behind them does not matter.
    kelvin : ndarray, shape (n, T)
        Temperature of the cells. [K]
    health, health_low : ndarray, shape (n,)
        Share of the nominal capacity left, or more; and at most that.
    charge_limit, discharge_limit : ndarray, shape (n, T)
        Most energy that a half hour can bring to the cells and take from them.
    before, after : ndarray, shape (n, T)
        Energy driven before the half hour's charging (legs home) and after it (legs out).
    swing_limit : ndarray, shape (n,)
        Largest swing of the energy on any path.
    energy_low, energy_high : ndarray, shape (n, T)
        Range that holds the energy in the middle of the half hour's charging on any path.
    """

    length: NDArray[np.int64]
    kelvin: Array
    health: Array
    health_low: Array
    charge_limit: Array
    discharge_limit: Array
    before: Array
    after: Array
    swing_limit: Array
    energy_low: Array
    energy_high: Array

    def until(self, count: NDArray[np.int64]) -> CarDays:
        """Return the days up to a half hour's charging, `count` half hours of each."""
        inside = np.arange(self.kelvin.shape[1]) < count[:, None]
        earlier = np.arange(self.kelvin.shape[1]) < count[:, None] - 1
        parts = {name: getattr(self, name) * inside for name in ("charge_limit", "discharge_limit", "before")}
        return replace(self, length=count, after=self.after * earlier, **parts)

    def mean(self, values: Array) -> Array:
        """Return the mean over the day's half hours of some values, shape (n,)."""
        inside = np.arange(values.shape[1]) < self.length[:, None]
        return np.asarray((values * inside).sum(axis=1) / self.length)

    @property
    def driven(self) -> Array:
        """Energy driven, shape (n,)."""
        return np.asarray((self.before + self.after).sum(axis=1))


@dataclass(frozen=True)
class CarPaths:
    """
    Paths of the same cars; arrays of shape (n, T).

    Attributes
    ----------
    charge, discharge : ndarray
        Energy to and from the cells in the half hour; both 0 or more.
    bought : ndarray
        Energy bought on the road after the half hour's charging and before its leg out.
    energy : ndarray
        Energy in the middle of the half hour's charging.
    """

    charge: Array
    discharge: Array
    bought: Array
    energy: Array

    @property
    def square(self) -> Array:
        """Squared charging rates. [1/h^2]"""
        return np.asarray((2.0 * self.charge) ** 2)

    def until(self, count: NDArray[np.int64]) -> CarPaths:
        """Return the paths up to a half hour's charging, `count` half hours of each."""
        inside = np.arange(self.charge.shape[1]) < count[:, None]
        earlier = np.arange(self.charge.shape[1]) < count[:, None] - 1
        return CarPaths(self.charge * inside, self.discharge * inside, self.bought * earlier, self.energy * inside)

    def levels(self, days: CarDays) -> Array:
        """
        Return the energy at the marks of the wear window, less that at the first, shape (n, 3 T).

        The window's start, then of every half hour: after the leg home, after charging, after the leg out; without the
        last of these, which counts only in what follows.
        """
        moves = np.stack([-days.before, self.charge - self.discharge, self.bought - days.after], axis=2)
        start = np.zeros((len(moves), 1))
        return np.concatenate([start, np.cumsum(moves.reshape(len(moves), -1), axis=1)[:, :-1]], axis=1)


@dataclass(frozen=True)
class WearCuts:
    """
    One affine function per day that is never above its wear; all arrays but `constant` of shape (n, T).

    Attributes
    ----------
    charge, discharge, bought, square, energy : ndarray
        Coefficients of the arrays of :class:`CarPaths`. Those of `square` and `energy` are never negative, so less may
        stand in for either.
    constant : ndarray, shape (n,)
    """

    charge: Array
    discharge: Array
    bought: Array
    square: Array
    energy: Array
    constant: Array

    def value(self, paths: CarPaths, square: Array | None = None) -> Array:
        """
        Return the cuts on some paths of their days.

        Parameters
        ----------
        paths : CarPaths
        square : ndarray, shape (n, T), optional
            Stands for :attr:`CarPaths.square`, such as :func:`lower_square`.

        Returns
        -------
        ndarray, shape (n,)
            Share of health at the price of the reference loss: times capacity and pack value it is JPY.
        """
        power = self.charge * paths.charge + self.discharge * paths.discharge + self.bought * paths.bought
        state = self.square * (paths.square if square is None else square) + self.energy * paths.energy
        return np.asarray((power + state).sum(axis=1) + self.constant)


SQUARE_SEGMENTS: Final = 4
"""Segments of the square of a charging rate."""


def square_segments(parts: int = SQUARE_SEGMENTS) -> tuple[Array, Array]:
    """
    Return tangents of the square of a rate between 0 and 1 as segments, from 0 up to the whole.

    Parameters
    ----------
    parts : int
        Segments, at least 2.

    Returns
    -------
    width : ndarray, shape (parts,)
        They add to 1; times the charging limit of the half hour they are the bounds of parts of its charge.
    slope : ndarray, shape (parts,)
        Rising. A part's column counts ``4 * limit * slope`` in :attr:`CarPaths.square`.
    """
    at = np.linspace(0.0, 1.0, parts)
    edge = np.concatenate([[0.0], 0.5 * (at[:-1] + at[1:]), [1.0]])
    return np.diff(edge), 2.0 * at


def lower_square(charge: Array, limit: Array, parts: int = SQUARE_SEGMENTS) -> Array:
    """Return what the segments make of :attr:`CarPaths.square`: at most the square itself."""
    width, slope = square_segments(parts)
    share = charge / np.where(limit > 0.0, limit, 1.0)
    filled = np.clip(share[..., None] - (np.cumsum(width) - width), 0.0, width)
    return np.asarray(4.0 * limit**2 * (filled * slope).sum(axis=-1))


def wear_cuts(cell: str, reference_loss: float, days: CarDays, at: CarPaths) -> WearCuts:
    """
    Return for every day a cut that is close to the wear on the path given and holds on every path.

    Parameters
    ----------
    cell : str
        Key of :data:`wattbit.physics.cells.CELLS`.
    reference_loss : float
        Cycle loss at which wear is priced.
    days : CarDays
    at : CarPaths
        Where the cuts should be close.

    Returns
    -------
    WearCuts
        Zero for days on which nothing better is found, and so for days without charging.

    Notes
    -----
    ``denso_nmc622`` has the cuts of :mod:`wattbit_agents.baselines.lp.wear_swing`, made where the path's mark is
    highest: the mark never falls, so what holds for the first half hours holds for the day. The laws of the other cells
    are bounded by their growth at no depth, as a function of the throughput alone; that is nothing for ``nmc_b1``.
    """
    law = law_of(cell, reference_loss)
    whole, path = days.until(days.length), at.until(days.length)
    if law.amplitude is None:
        return _throughput_cuts(law, whole, path)
    count = highest_mark(law.amplitude, whole, path)
    early = whole.until(count)
    charge, discharge, bought, square, soc, constant = swing_cuts(law.amplitude, early, path.until(count))
    inside = np.arange(charge.shape[1]) < count[:, None]
    return WearCuts(
        charge=charge * inside,
        discharge=discharge * inside,
        bought=bought * inside,
        square=square[:, None] * inside,
        energy=(soc / (days.health * count))[:, None] * inside,
        constant=constant,
    )


def _throughput_cuts(law: CellLaw, days: CarDays, at: CarPaths) -> WearCuts:
    throughput = 0.5 * (at.charge.sum(axis=1) + at.discharge.sum(axis=1) + days.driven)
    slope, constant = law.throughput_tangent(days.mean(days.kelvin), throughput)
    inside = np.arange(at.charge.shape[1]) < days.length[:, None]
    half, zero = 0.5 * slope[:, None] * inside, np.zeros_like(at.charge)
    return WearCuts(half, half, zero, zero, zero, constant + 0.5 * slope * days.driven)


def highest_mark(law: AmplitudeLaw, days: CarDays, at: CarPaths) -> NDArray[np.int64]:
    """Return after how many half hours the wear of a path is highest, about: at the day's mean temperature, (n,)."""
    level = at.levels(days)
    swing = np.maximum.accumulate(level, axis=1) - np.minimum.accumulate(level, axis=1)
    count = np.arange(at.charge.shape[1]) + 1
    driven = np.cumsum(days.before, axis=1) + np.cumsum(days.after, axis=1) - days.after
    charged = np.cumsum(at.charge, axis=1)
    throughput = charged + np.cumsum(at.discharge, axis=1) + driven
    rate = np.cumsum(at.square, axis=1) / np.maximum(2.0 * charged, 1e-12)
    soc = np.cumsum(at.energy, axis=1) / count / days.health[:, None]
    root, offset = law.at(days.mean(days.kelvin), soc)
    high = np.maximum(0.0, root * np.sqrt(np.maximum(0.0, swing[:, 2::3]) * rate / days.health[:, None]) - offset)
    mark = np.where(count <= days.length[:, None], high**2 * throughput, -1.0)
    return np.asarray(np.argmax(mark, axis=1) + 1)
