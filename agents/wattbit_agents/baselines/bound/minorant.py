r"""
Affine functions that no day of a car wears less than, as long as a few of its sums stay within a box.

Wear is a product of depth, rate, throughput and a function of the state of charge, and no convex function is close to
it everywhere. In a small box one is. For a cell that grows by ``(max(0, a(S) sqrt(d c) - b(S)) + e(S) d^6)^2`` per EFC:

1.  *Sums of a day.* C is charged, Y discharged and driven, ``E = (C + Y) / 2`` EFC, Q the sum of the squared charging
    rates, ``c = Q / (2 C)`` the rate, u the swing of the energy, ``d >= u / health`` the depth, S the mean state of
    charge, ``G = c E = (Q / 4) (1 + Y / C)``. A day's mark never falls, so its wear is at least that of the whole day.
2.  *No square root.* With b the largest b(S) of the box less the smallest ``e(S) d^6``, and not negative, growth is at
    least ``(max(0, a(S) sqrt(d c) - b))^2``. For any t between 0 and 1, ``(x - b)^2 >= (1 - t) x^2 - (1 / t - 1) b^2``,
    so the wear is at least ``(1 - t) a(S)^2 u G / health - (1 / t - 1) b^2 E``. The second part is linear.
3.  *A line.* ``a(S)^2 >= A + k (S - S0)`` for all S of the box, with A and k not negative.
4.  *A product.* With lowest values u0 and G0 of the box,
    ``a^2 u G >= A u0 G + G0 A (u - u0) + G0 u0 k (S - S0)``: what is left out is a sum of products that are not
    negative. The same holds with G0 instead of G in the first part.
5.  *Growth.* ``G >= Q / 4 + (Y0 / 4) Q / C`` with the lowest Y of the box. Both parts are convex in the charging, the
    second one as a square over a sum; its tangent through the origin lies below it.

u is at least the distance between any two marks, and Q at least its segments' sum; both have positive coefficients.
Splitting a box makes its functions closer; that is what :mod:`.search` does.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from wattbit_agents.baselines.bound.days import CarDays, CarPaths, DaySums, day_sums
from wattbit_agents.baselines.lp.wear_laws import CellLaw

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Box:
    """
    Ranges of the sums of some days, as of :class:`~.days.DaySums`; arrays of shape (n,).

    Attributes
    ----------
    swing_low, swing_high, soc_low, soc_high : ndarray
    growth_low, growth_high : ndarray
        Rate times EFC. [1/h]
    drawn_low, drawn_high : ndarray
    """

    swing_low: Array
    swing_high: Array
    soc_low: Array
    soc_high: Array
    growth_low: Array
    growth_high: Array
    drawn_low: Array
    drawn_high: Array

    def take(self, which: NDArray[np.int64]) -> Box:
        """Return some of the boxes, by number."""
        return Box(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    def half(self, name: str, at: Array, upper: NDArray[np.bool_], which: NDArray[np.bool_]) -> Box:
        """Return the boxes with those named by `which` cut at a value of one sum: their upper or lower parts."""
        low, high = getattr(self, f"{name}_low"), getattr(self, f"{name}_high")
        changed = {
            f"{name}_low": np.where(which & upper, at, low),
            f"{name}_high": np.where(which & ~upper, at, high),
        }
        return Box(**{field.name: changed.get(field.name, getattr(self, field.name)) for field in fields(self)})


def whole_box(days: CarDays) -> Box:
    """Return the box that holds every path."""
    zero, most = np.zeros(len(days)), np.full(len(days), np.inf)
    return Box(
        swing_low=zero,
        swing_high=most,
        soc_low=np.maximum(0.0, days.energy_low.mean(axis=1) / days.health - 1e-9),
        soc_high=days.energy_high.mean(axis=1) / days.health + 1e-9,
        growth_low=zero,
        growth_high=most,
        drawn_low=days.driven,
        drawn_high=most,
    )


def box_at(sums: DaySums) -> Box:
    """Return the box of nothing but the sums themselves, a billionth wider."""
    around: dict[str, Array] = {}
    for name in ("swing", "soc", "growth", "drawn"):
        value = np.maximum(0.0, getattr(sums, name))
        around |= {f"{name}_low": value * (1.0 - 1e-9), f"{name}_high": value * (1.0 + 1e-9)}
    return Box(**around)


@dataclass(frozen=True)
class Minorant:
    """
    One affine function per day, and a second one without its growth; share of health at the price of the reference.

    Attributes
    ----------
    square, through, swing, soc, constant : ndarray, shape (n,)
        Coefficients of the sum of the squared rates, of what is charged and drawn, of the swing and of the state of
        charge; the constant.
    charge : ndarray, shape (n, T)
        Coefficients of what is charged in each half hour, for the growth.
    least : ndarray, shape (n,)
        What the second function has in place of `square` and `charge`.
    """

    square: Array
    charge: Array
    through: Array
    swing: Array
    soc: Array
    constant: Array
    least: Array

    def value(self, days: CarDays, at: CarPaths) -> Array:
        """Return the higher of both functions, and at least 0, on some paths, shape (n,)."""
        sums = day_sums(days, at)
        rest = (
            self.through * (sums.charged + sums.drawn) + self.swing * sums.swing + self.soc * sums.soc + self.constant
        )
        growth = self.square * sums.square + (self.charge * at.charge).sum(axis=1)
        return np.maximum(0.0, rest + np.maximum(growth, self.least))


def growth_tangent(drawn_low: Array, at: CarPaths) -> Array:
    """Return the slopes of ``(Y0 / 4) Q / C`` in the charging of each half hour, at some paths, (n, T)."""
    charged = at.charge.sum(axis=1, keepdims=True)
    square = (4.0 * at.charge**2).sum(axis=1, keepdims=True)
    safe = np.maximum(charged, 1e-9)
    slope = 8.0 * at.charge / safe - square / safe**2
    return np.where(charged > 1e-9, 0.25 * drawn_low[:, None] * slope, 0.0)


def minorant(law: CellLaw, days: CarDays, box: Box, at: CarPaths) -> Minorant:
    """
    Return functions that hold in a box and are close to the wear of some paths in it.

    Parameters
    ----------
    law : CellLaw
    days : CarDays
    box : Box
    at : CarPaths
        Where the functions should be close.

    Returns
    -------
    Minorant
        For a cell without amplitudes the tangent of its growth at no depth, whatever the box.
    """
    sums, kelvin, zero = day_sums(days, at), days.kelvin.mean(axis=1), np.zeros(len(days))
    if law.amplitude is None:
        slope, constant = law.throughput_tangent(kelvin, 0.5 * (sums.charged + sums.drawn))
        none = np.zeros_like(at.charge)
        return Minorant(zero, none, 0.5 * slope, zero, zero, constant, zero)
    # The true health is a little lower, and the state of charge higher.
    widest = box.soc_high * days.health / days.health_low
    begin, first, rise, offset, deep = law.amplitude.line(kelvin, box.soc_low, widest)
    swing_low, growth_low = box.swing_low, box.growth_low
    offset = np.maximum(0.0, offset - deep * (swing_low / days.health) ** 6)
    drawn_low = np.maximum(box.drawn_low, days.driven)
    # The share t that is best at the path.
    there = first + rise * np.maximum(0.0, np.maximum(sums.soc, box.soc_low) - begin)
    root = np.sqrt(there * np.maximum(sums.swing, swing_low) / days.health * np.maximum(sums.rate, 1e-9))
    share = np.clip(offset / np.maximum(root, 1e-12), 1e-3, 1.0)
    scale = law.slope * (1.0 - share) / days.health
    drag = 0.5 * law.slope * (1.0 / share - 1.0) * offset**2
    per_growth = scale * first * swing_low
    swing = scale * growth_low * first
    soc = scale * growth_low * swing_low * rise
    return Minorant(
        square=0.25 * per_growth,
        charge=per_growth[:, None] * growth_tangent(drawn_low, at),
        through=-drag,
        swing=swing,
        soc=soc,
        constant=-swing * swing_low - soc * begin,
        least=per_growth * growth_low,
    )
