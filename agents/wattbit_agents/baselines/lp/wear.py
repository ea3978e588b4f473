"""
Wear of cars as linear cuts: affine functions of a day's charging that no day can wear less than.

The money of a car's wear in a calendar day is the high-water mark of ``growth * EFC`` of its window
(:mod:`wattbit.world.fleet`). No function of a handful of sums is convex and close to it, because depth, rate, throughput
and state of charge are multiplied. A cut is therefore made *at* a path: it names the half hours in which that path
charges and discharges, is close there, and holds for every other path too. Any path may serve: what a rule played, a plan
without wear, the last solution. The highest of several cuts is the minorant; more can be added to a solved program.

Energy is counted in shares of the nominal capacity, at the cells, and rates in such shares per hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit_agents.baselines.lp.wear_laws import law_of
from wattbit_agents.baselines.lp.wear_swing import swing_cuts

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CarDays:
    """
    What a plan knows of some cars' days, for n days of T half hours; T is 48, fewer where the episode ends.

    Attributes
    ----------
    mean_k : ndarray, shape (n,)
        Mean temperature of the cells over the day. [K]
    health : ndarray, shape (n,)
        Share of the nominal capacity left, or more.
    charge_limit, discharge_limit : ndarray, shape (n, T)
        Most energy that a half hour can bring to the cells and take from them.
    before, after : ndarray, shape (n, T)
        Energy driven before the half hour's charging (legs home) and after it (legs out).
    swing_limit : ndarray, shape (n,)
        Largest swing of the energy on any path.
    soc_low, soc_high : ndarray, shape (n,)
        Range that holds the mean state of charge of the day on any path.
    """

    mean_k: Array
    health: Array
    charge_limit: Array
    discharge_limit: Array
    before: Array
    after: Array
    swing_limit: Array
    soc_low: Array
    soc_high: Array

    @property
    def counted(self) -> Array:
        """Driven energy that counts as throughput, shape (n,): a leg out in the last half hour comes too late."""
        return np.asarray(self.before.sum(axis=1) + self.after[:, :-1].sum(axis=1))


@dataclass(frozen=True)
class CarPaths:
    """
    Paths of the same cars.

    Attributes
    ----------
    charge, discharge : ndarray, shape (n, T)
        Energy to and from the cells in the half hour; both 0 or more.
    bought : ndarray, shape (n, T)
        Energy bought on the road after the half hour's charging and before its leg out.
    mean_energy : ndarray, shape (n,)
        Mean over the half hours of the energy in the middle of the charging, over the nominal capacity.
    """

    charge: Array
    discharge: Array
    bought: Array
    mean_energy: Array

    @property
    def square(self) -> Array:
        """Sum of the squared charging rates, shape (n,). [1/h^2]"""
        return np.asarray(((2.0 * self.charge) ** 2).sum(axis=1))


@dataclass(frozen=True)
class WearCuts:
    """
    One affine function per day that is never above its wear.

    Attributes
    ----------
    charge, discharge, bought : ndarray, shape (n, T)
        Coefficients of the energies of a half hour.
    square, mean_energy : ndarray, shape (n,)
        Coefficients of :attr:`CarPaths.square` and :attr:`CarPaths.mean_energy`; never negative, so less may stand in
        for either.
    constant : ndarray, shape (n,)
    """

    charge: Array
    discharge: Array
    bought: Array
    square: Array
    mean_energy: Array
    constant: Array

    def value(self, paths: CarPaths, square: Array | None = None) -> Array:
        """
        Return the cut on some paths of its days, shape (n,).

        Parameters
        ----------
        paths : CarPaths
        square : ndarray, shape (n,), optional
            Stands for :attr:`CarPaths.square`, such as its segments.

        Returns
        -------
        ndarray, shape (n,)
            Share of health at the price of the reference loss: times capacity and pack value it is JPY.
        """
        power = self.charge * paths.charge + self.discharge * paths.discharge + self.bought * paths.bought
        rates = self.square * (paths.square if square is None else square)
        return np.asarray(power.sum(axis=1) + rates + self.mean_energy * paths.mean_energy + self.constant)


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
    """Return what the segments make of :attr:`CarPaths.square`, shape (n,): at most the sum itself."""
    width, slope = square_segments(parts)
    share = charge / np.where(limit > 0.0, limit, 1.0)
    filled = np.clip(share[..., None] - (np.cumsum(width) - width), 0.0, width)
    return np.asarray((4.0 * limit**2 * (filled * slope).sum(axis=-1)).sum(axis=1))


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
    ``denso_nmc622`` has the cuts of :mod:`wattbit_agents.baselines.lp.wear_swing`. The laws of the other cells are bounded
    by their growth at no depth, as a function of the throughput alone; that is nothing for ``nmc_b1``.
    """
    law = law_of(cell, reference_loss)
    if law.amplitude is not None:
        return WearCuts(*swing_cuts(law.amplitude, days, at))
    n, steps = at.charge.shape
    throughput = 0.5 * (at.charge.sum(axis=1) + at.discharge.sum(axis=1) + days.counted)
    slope, constant = law.throughput_tangent(days.mean_k, throughput)
    half = np.broadcast_to(0.5 * slope[:, None], (n, steps))
    zero = np.zeros(n)
    return WearCuts(half, half, np.zeros((n, steps)), zero, zero, constant + 0.5 * slope * days.counted)
