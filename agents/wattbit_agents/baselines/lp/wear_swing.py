r"""
Cuts for a cell whose growth per EFC is at least ``(max(0, a(S) sqrt(d c) - b(S)))^2``, and why they hold.

Of the first half hours of a day, up to the one whose mark counts: C energy charged, Y energy discharged and driven,
``E = (C + Y) / 2`` EFC, Q the sum of the squared charging rates, ``c = Q / (2 C)`` the rate, u the swing of the energy,
``d >= u / health`` the depth, S the mean state of charge. The mark never falls, so the day's wear is at least
``(max(0, a sqrt(d c) - b))^2 E``, and it is never negative.

1.  *No square root.* For any share t between 0 and 1, ``(x - b)^2 >= (1 - t) x^2 - (1 / t - 1) b^2``, so the wear is at
    least ``(1 - t) a(S)^2 d c E - (1 / t - 1) b^2 E``. The second term is linear with the largest b; a(S)^2 is at least
    ``a1 g(s)``, a line that does not fall, ``g(0) >= 0``, ``g(1) = 1``, with s the state of charge scaled to 0..1 from
    its lowest, or from where the line is 0, to its highest.
2.  *A swing.* Take a span of time between two marks of the window. What is charged in some of its half hours, less all
    that is discharged and driven in it, is at most its rise; what is discharged in some of its half hours and driven,
    less all that is charged and bought in it, is at most its fall. Either is a linear L with ``L <= u``.
3.  *Sums.* Charge splits into what is named, N, and the rest: ``C = N + X``, ``X >= 0``. With a rise ``N = L + Z``,
    with a fall ``N = Z``, where Z is charged in other half hours that are named. ``Y >= V + D``: D is discharged in
    half hours that are named, V is what is driven; with a fall L itself and what is driven outside the span.
4.  *Rates.* ``4 N^2 / n <= Q <= 2 r C`` with n half hours of charging named (Cauchy-Schwarz), r the highest rate.
5.  So ``d c E = u (Q / 4) (1 + Y / C) / health >= P / health``, ``P = L (Q / 4) (1 + (V + D) / (N + X))``. The function
    ``f = alpha L + beta Q + zeta Z + delta D + sigma s - gamma - p X`` with alpha, beta, sigma >= 0 is below
    ``g(s) P`` for every X if it is for ``X = 0`` on the box of L, Z, D, s and
    ``p >= max(2 r beta, max L max(V + D) / n)``: both are linear in Q; at its upper end f gains
    ``2 r beta X`` and P does not fall; at its lower end f gains nothing and P loses at most ``L (V + D) X / n``. With
    L < 0 f is below its value at L = 0 (on a rise with X less by -L), where P is 0; with s < 0, where g(0) is 0, it is
    below its value at s = 0.
6.  At X = 0 the difference is linear in D, s and Q, and at the upper end of Q in Z. At its lower end it is quadratic in
    Z: below its values at five points by at most an eighth of its second derivative times their spacing squared. What
    is left is a polynomial in L of degree 3 at every corner, whose least value is closed form: gamma is computed, for
    any slopes.

A small program per day chooses the slopes: the highest f at the day's own sums, over corners of the box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np
from numpy.typing import NDArray

from wattbit.silent_highs import SilentHighs
from wattbit_agents.baselines.lp.wear_laws import AmplitudeLaw

if TYPE_CHECKING:
    from wattbit_agents.baselines.lp.wear import CarDays, CarPaths

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

Z_POINTS: Final = np.linspace(0.0, 1.0, 5)
"""Points of Z, in shares of its limit."""

L_POINTS: Final = np.linspace(0.0, 1.0, 9)
"""Points of L that the choice of slopes looks at, in shares of its limit."""

NAMED: Final = (0.5, 0.05)
"""Shares of its limit above which a half hour of the path is named, one cut each."""


@dataclass(frozen=True)
class Swing:
    """
    The largest rise of some paths, or the largest fall, for n days of T half hours.

    Attributes
    ----------
    rises : bool
        Whether it is the rise.
    span : ndarray of bool, shape (n, T)
        Half hours whose charging lies in the span.
    bought : ndarray of bool, shape (n, T)
        Half hours whose purchases lie in the span.
    driven : ndarray, shape (n,)
        Driven in the span.
    """

    rises: bool
    span: Flags
    bought: Flags
    driven: Array


def largest_swing(days: CarDays, at: CarPaths, rises: bool) -> Swing:
    """Return the largest rise or fall of some paths between marks of the wear window."""
    level = at.levels(days)
    event = np.arange(level.shape[1])
    # High marks are set at the window's start and by charging, low ones by everything.
    high = (event % 3 == 2) | (event == 0)
    begins = np.where(high | rises, level if rises else -level, np.inf)
    best = np.minimum.accumulate(begins, axis=1)
    begin = np.maximum.accumulate(np.where(begins <= best, event, 0), axis=1)
    gain = np.where(high | (not rises), level if rises else -level, -np.inf) - best
    last = np.argmax(gain, axis=1)
    first = begin[np.arange(len(level)), last][:, None]
    hour = 3 * np.arange(days.kelvin.shape[1])
    home, span, out = ((first < hour + k) & (hour + k <= last[:, None]) for k in (1, 2, 3))
    return Swing(rises, span, out, (days.before * home + days.after * out).sum(axis=1))


@dataclass(frozen=True)
class Sums:
    """
    The box of one cut per day and the path's own sums; all arrays of shape (n,).

    Attributes
    ----------
    rises : bool
        Whether L is a rise.
    swing_limit, other_limit, discharge_limit : ndarray
        Limits of L, Z and D.
    hours : ndarray
        Half hours of charging that are named, n.
    rate : ndarray
        Highest rate, r. [1/h]
    driven : ndarray
        V, without L.
    dim : ndarray
        Value of the line of a(S)^2 at s = 0 over that at s = 1.
    swing, other, discharge, rest, square, soc : ndarray
        The path's L, Z, D, X, Q and s.
    """

    rises: bool
    swing_limit: Array
    other_limit: Array
    discharge_limit: Array
    hours: Array
    rate: Array
    driven: Array
    dim: Array
    swing: Array
    other: Array
    discharge: Array
    rest: Array
    square: Array
    soc: Array

    def rest_price(self) -> Array:
        """Return the least p at the lower end of Q."""
        carried = self.driven + self.discharge_limit + (0.0 if self.rises else self.swing_limit)
        return np.asarray(self.swing_limit * carried / self.hours)


def _least(sums: Sums, slopes: Array) -> Array:
    """
    Return the least value of ``g(s) P - (f + gamma)`` over the box at X = 0, shape (n,).

    Parameters
    ----------
    sums : Sums
    slopes : ndarray, shape (5, n)
        alpha, beta, zeta, delta, sigma.
    """
    alpha, beta, zeta, delta, sigma = slopes
    top, hours, rate = sums.swing_limit, sums.hours, sums.rate
    rise = float(sums.rises)
    least = np.full(len(top), np.inf)
    for soc in (0.0, 1.0):
        scale = sums.dim + (1.0 - sums.dim) * soc
        bend = np.maximum(0.0, scale * top - 4.0 * beta) / hours
        sag = 0.25 * bend * (sums.other_limit * Z_POINTS[1]) ** 2
        for share in (0.0, 1.0):
            carried = sums.driven + share * sums.discharge_limit
            fixed = delta * share * sums.discharge_limit + sigma * soc
            for point in Z_POINTS:
                z = point * sums.other_limit
                # N = rise L + z and 1 + Y / C = (L + z + carried) / N, on a rise and on a fall.
                base = fixed + zeta * z
                if point in (0.0, 1.0):
                    curve = 0.5 * scale * rate
                    line = 0.5 * scale * rate * (z + carried) - alpha - 2.0 * rate * beta * rise
                    value = -2.0 * rate * beta * z - base
                    least = np.minimum(least, _cubic_least(0.0 * top, curve, line, value, top))
                cube = scale * rise / hours
                curve = scale * (rise * (z + carried) + z) / hours - 4.0 * beta * rise / hours
                line = scale * z * (z + carried) / hours - alpha - 8.0 * beta * rise * z / hours
                value = -4.0 * beta * z * z / hours - base
                least = np.minimum(least, _cubic_least(cube, curve, line, value, top) - sag)
    return least


def _cubic_least(cube: Array, curve: Array, line: Array, value: Array, top: Array) -> Array:
    """Least value of ``((cube L + curve) L + line) L + value`` for L between 0 and top; cube is not negative."""
    root = np.sqrt(np.maximum(0.0, curve * curve - 3.0 * cube * line))
    # The larger root of the derivative is the minimum; written so that a vanishing cube does no harm.
    bottom = np.where(curve + root > 0.0, -line / np.where(curve + root > 0.0, curve + root, 1.0), top)
    with np.errstate(divide="ignore", invalid="ignore"):
        other = np.where(cube > 0.0, (root - curve) / np.where(cube > 0.0, 3.0 * cube, 1.0), top)
    least = np.minimum(value, ((cube * top + curve) * top + line) * top + value)
    for at in (bottom, other):
        inside = np.clip(at, 0.0, top)
        least = np.minimum(least, ((cube * inside + curve) * inside + line) * inside + value)
    return least


class SlopeChoice:
    """The small program that chooses slopes, in its dual form: seven rows, a column per corner."""

    def __init__(self) -> None:
        low = np.array(np.meshgrid(L_POINTS, Z_POINTS, [0.0, 1.0], [0.0, 1.0], indexing="ij")).reshape(4, -1)
        high = np.array(np.meshgrid(L_POINTS, [0.0, 1.0], [0.0, 1.0], [0.0, 1.0], indexing="ij")).reshape(4, -1)
        self._corner = np.concatenate([low, high], axis=1)
        self._low = np.arange(self._corner.shape[1]) < low.shape[1]
        self._highs = SilentHighs()
        self._highs.setOptionValue("presolve", "off")

    def choose(self, sums: Sums, i: int) -> Array:
        """Return alpha, beta, zeta, delta, sigma of day i, shape (5,); zeros where the program has no answer."""
        size = float(max(sums.swing_limit[i], sums.other_limit[i], sums.discharge_limit[i]))
        rate, dim, rise = float(sums.rate[i]), float(sums.dim[i]), float(sums.rises)
        swing, other, discharge = (
            self._corner[k] * limit[i] / size
            for k, limit in enumerate((sums.swing_limit, sums.other_limit, sums.discharge_limit))
        )
        soc, driven = self._corner[3], sums.driven[i] / size
        named = rise * swing + other
        crowd = 2.0 * size / (rate * sums.hours[i])
        square = np.where(self._low, 2.0 * crowd * named**2, 2.0 * named)
        through = np.where(self._low, crowd * named, 1.0) * (swing + other + driven + discharge)
        value = 0.5 * (dim + (1.0 - dim) * soc) * swing * through
        # In units of size, rate * size and rate * size^2 every number is about one.
        price = float(sums.rest_price()[i]) / (rate * size)
        rest = max(0.0, float(sums.rest[i])) / size
        count = self._corner.shape[1]
        matrix = np.zeros((7, count + 2))
        matrix[:, :count] = np.stack([swing, square, other, discharge, soc, np.ones(count), np.zeros(count)])
        matrix[1, count] = 2.0
        matrix[6, count:] = 1.0
        goal = np.array([
            sums.swing[i] / size,
            sums.square[i] / (rate * size),
            sums.other[i] / size,
            sums.discharge[i] / size,
            sums.soc[i],
            1.0,
            rest,
        ])  # fmt: skip
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = count + 2, 7
        lp.col_cost_ = np.concatenate([value, [0.0, -price]])
        lp.col_lower_, lp.col_upper_ = np.zeros(count + 2), np.full(count + 2, highspy.kHighsInf)
        lp.row_lower_ = goal
        lp.row_upper_ = np.where(np.isin(np.arange(7), (0, 1, 4)), highspy.kHighsInf, goal)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.arange(8) * (count + 2)
        lp.a_matrix_.index_ = np.tile(np.arange(count + 2), 7)
        lp.a_matrix_.value_ = matrix.ravel()
        self._highs.passModel(lp)
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return np.zeros(5)
        dual = np.array(self._highs.getSolution().row_dual[:5])
        slopes = dual * np.array([rate * size, size, rate * size, rate * size, rate * size**2])
        slopes[[0, 1, 4]] = np.maximum(0.0, slopes[[0, 1, 4]])
        return slopes


def swing_cuts(law: AmplitudeLaw, days: CarDays, at: CarPaths) -> tuple[Array, ...]:
    """
    Return the best of a few cuts for every day: those of the largest rise and fall, naming more or fewer half hours.

    Parameters
    ----------
    law : AmplitudeLaw
    days : CarDays
        Up to the half hour whose mark counts; nothing behind it.
    at : CarPaths
        Where the cuts should be close.

    Returns
    -------
    charge, discharge, bought : ndarray, shape (n, T)
        Coefficients of the energies.
    square, soc : ndarray, shape (n,)
        Coefficients of the sum of the squared rates and of the mean energy over the health.
    constant : ndarray, shape (n,)
    """
    n, steps = at.charge.shape
    best = np.zeros(n)
    found: list[Array] = [np.zeros((n, steps))] * 3 + [np.zeros(n)] * 3
    choice = SlopeChoice()
    for rises in (True, False):
        swing = largest_swing(days, at, rises)
        for share in NAMED:
            *parts, value = _cuts(law, days, at, swing, share, choice)
            better = value > best
            best = np.where(better, value, best)
            found = [
                np.where(better if new.ndim == 1 else better[:, None], new, old)
                for new, old in zip(parts, found, strict=True)
            ]
    return tuple(found)


def _cuts(
    law: AmplitudeLaw, days: CarDays, at: CarPaths, swing: Swing, share: float, choice: SlopeChoice
) -> tuple[Array, ...]:
    """Cuts of one choice of half hours, as :func:`swing_cuts` returns them, and their values on the path."""
    rises, span, health = swing.rises, swing.span, days.health
    charges = (at.charge > share * days.charge_limit) & (days.charge_limit > 0.0)
    drains = (at.discharge > share * days.discharge_limit) & (days.discharge_limit > 0.0)
    own = span & (charges if rises else drains)
    other = charges & ~own if rises else charges
    drained = drains if rises else drains & ~own

    def total(energy: Array, where: Flags) -> Array:
        return np.asarray((energy * where).sum(axis=1))

    if rises:
        size = total(at.charge, own) - total(at.discharge, span) - swing.driven
        limit = total(days.charge_limit, own)
        driven = days.driven
    else:
        back = total(at.charge, span) + total(at.bought, swing.bought)
        size = total(at.discharge, own) + swing.driven - back
        limit = total(days.discharge_limit, own) + swing.driven
        driven = days.driven - swing.driven
    z, charged = total(at.charge, other), at.charge.sum(axis=1)
    full = days.mean(at.energy) / health
    begin, end, first, last, offset = law.bounds(
        days.mean(days.kelvin),
        np.clip(days.mean(days.energy_low) / health, 0.0, 1.0),
        np.clip(days.mean(days.energy_high) / days.health_low, 0.0, 1.0),
        full,
    )
    soc = np.clip((full - begin) / (end - begin), 0.0, 1.0)
    usable = (size > 1e-6) & charges.any(axis=1) & (last > 0.0)
    last = np.where(usable, last, 1.0)
    square = at.square.sum(axis=1)
    sums = Sums(
        rises=rises,
        swing_limit=np.maximum(np.minimum(limit, days.swing_limit), size),
        other_limit=np.maximum(total(days.charge_limit, other), z),
        discharge_limit=np.maximum(total(days.discharge_limit, drained), total(at.discharge, drained)),
        hours=np.where(usable, charges.sum(axis=1), 1.0),
        rate=np.where(usable, 2.0 * days.charge_limit.max(axis=1), 1.0),
        driven=driven,
        dim=first / last,
        swing=size,
        other=z,
        discharge=total(at.discharge, drained),
        rest=charged - z - (size if rises else 0.0),
        square=square,
        soc=soc,
    )
    slopes = np.zeros((5, len(size)))
    for i in np.flatnonzero(usable):
        slopes[:, i] = choice.choose(sums, int(i))
    alpha, beta, zeta, delta, sigma = slopes
    gamma = -_least(sums, slopes)
    price = np.maximum(2.0 * sums.rate * beta, sums.rest_price())
    # Share t of step 1: the best one at the path's own sums.
    rate_c = square / np.maximum(2.0 * charged, 1e-12)
    line = np.maximum(1e-9, sums.dim + (1.0 - sums.dim) * soc) * last
    root = np.sqrt(line * np.maximum(size, 1e-9) / health * np.maximum(rate_c, 1e-9))
    t = np.clip(np.sqrt(offset) / root, 1e-3, 1.0)
    scale = np.where(usable, law.slope * (1.0 - t) * last / health, 0.0)
    drag = np.where(usable, 0.5 * law.slope * (1.0 / t - 1.0) * offset, 0.0)
    # L as energies: what is named in it, less what goes the other way in the span. On a rise it takes X down with it.
    lift = alpha + price if rises else alpha
    ahead, against = lift[:, None] * own, -lift[:, None] * span
    charge = (zeta + price)[:, None] * other - price[:, None] + (ahead if rises else against)
    discharge = delta[:, None] * drained + (against if rises else ahead)
    bought = np.zeros_like(charge) if rises else -lift[:, None] * swing.bought
    constant = (-lift if rises else lift) * swing.driven - gamma - sigma / (end - begin) * begin
    energies = tuple(scale[:, None] * part for part in (charge, discharge, bought))
    energies = (energies[0] - drag[:, None], energies[1] - drag[:, None], energies[2])
    per_square, per_soc = scale * beta, scale * sigma / (end - begin)
    constant = scale * constant - drag * days.driven
    value = sum(
        (part * path).sum(axis=1) for part, path in zip(energies, (at.charge, at.discharge, at.bought), strict=True)
    )
    value = value + per_square * square + per_soc * days.mean(at.energy) / health + constant
    return (*energies, per_square, per_soc, constant, np.asarray(value))
