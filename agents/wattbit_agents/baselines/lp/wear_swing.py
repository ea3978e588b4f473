r"""
Cuts for a cell whose growth per EFC is at least ``(max(0, a(S) sqrt(d c) - b(S)))^2``, and why they hold.

Of one day: C energy charged, Y energy discharged and driven, ``E = (C + Y) / 2`` EFC, Q the sum of the squared charging
rates, ``c = Q / (2 C)`` the rate, u the swing of the energy, ``d >= u / health`` the depth, S the mean state of charge.
The wear is at least what the window holds at its end, ``(max(0, a sqrt(d c) - b))^2 E``.

1.  *No square root.* For any share t between 0 and 1, ``(x - b)^2 >= (1 - t) x^2 - (1 / t - 1) b^2``, so the wear is at
    least ``(1 - t) a(S)^2 d c E - (1 / t - 1) b^2 E``. The second term is linear with the largest b; a(S)^2 is at least
    ``a0 (1 + rho s)`` with s the state of charge scaled to 0..1 between its limits, ``rho >= 0``.
2.  *A swing.* Take a span of time between two marks of the window. What is charged in some of its half hours, less all
    that is discharged and driven in it, is at most its rise; what is discharged in some of its half hours and driven,
    less all that is charged and bought in it, is at most its fall. Either is a linear L with ``L <= u``.
3.  *Sums.* Charge splits into what is named, N, and the rest: ``C = N + X``, ``X >= 0``. With a rise ``N = L + Z``, with
    a fall ``N = Z``, where Z is charged in other half hours that are named. ``Y >= V + D``: D is discharged in half hours
    that are named, V is what is driven; with a fall L itself and what is driven outside the span.
4.  *Rates.* ``4 N^2 / n <= Q <= 2 r C`` with n half hours of charging named (Cauchy-Schwarz) and r the highest rate.
5.  So ``d c E = u (Q / 4) (1 + Y / C) / health >= P / health``, ``P = L (Q / 4) (1 + (V + D) / (N + X))``. The function
    ``f = alpha L + beta Q + zeta Z + delta D + sigma s - gamma - p X`` with alpha, beta, sigma >= 0 is below
    ``(1 + rho s) P`` for every X if it is for ``X = 0`` on the box of L, Z, D, s and
    ``p >= max(2 r beta, (1 + rho) max L max(V + D) / n)``: both are linear in Q; at its upper end f gains 2 r beta X and
    P does not fall; at its lower end f gains nothing and P loses at most ``L (V + D) X / n``. With L < 0 f is below its
    value at L = 0 (on a rise with X less by -L), where P is 0, and wear is never negative.
6.  At X = 0 the difference is linear in D, s and Q, and at the upper end of Q in Z. At its lower end it is a quadratic in
    Z, below its values at five points by at most an eighth of its curvature times their spacing squared. What is left is
    a polynomial in L of degree 3 at every corner, whose least value is closed form: gamma is computed, for any slopes.

A small program per day chooses the slopes: the highest f at the day's own sums, over corners of the box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np
from numpy.typing import NDArray

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
    What a cut names, for n days of T half hours.

    Attributes
    ----------
    rises : ndarray of bool, shape (n,)
        Whether the swing is a rise of the energy.
    span : ndarray of bool, shape (n, T)
        Half hours whose charging lies in the span.
    driven : ndarray, shape (n,)
        Driven in the span.
    bought : ndarray of bool, shape (n, T)
        Half hours whose purchases lie in the span.
    """

    rises: Flags
    span: Flags
    driven: Array
    bought: Flags


def largest_swing(days: CarDays, at: CarPaths) -> Swing:
    """Return the larger of a path's largest rise and fall."""
    n, steps = at.charge.shape
    moves = np.stack([-days.before, at.charge - at.discharge, at.bought - days.after], axis=2)
    level = np.concatenate([np.zeros((n, 1)), np.cumsum(moves.reshape(n, -1), axis=1)], axis=1)[:, :-1]
    event = np.arange(level.shape[1])
    charging = event % 3 == 2
    rows = np.arange(n)

    def span_of(best: Array, sign: float) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
        """First and last event of the largest gain of ``sign * level`` over its lowest value before."""
        lowest = np.minimum.accumulate(best, axis=1)
        first = np.maximum.accumulate(np.where(best <= lowest, event, 0), axis=1)
        gain = np.where(charging | (sign < 0.0), sign * level - lowest, -np.inf)
        last = np.argmax(gain, axis=1)
        return first[rows, last], last, gain[rows, last]

    rise = span_of(level, 1.0)
    # A fall begins at a mark of the highest state of charge: the window's start, or after charging.
    fall = span_of(np.where(charging | (event == 0), -level, np.inf), -1.0)
    rises = rise[2] >= fall[2]
    first = np.where(rises, rise[0], fall[0])[:, None]
    last = np.where(rises, rise[1], fall[1])[:, None]
    hour = 3 * np.arange(steps)
    inside = [(first < hour + k) & (hour + k <= last) for k in (1, 2, 3)]
    driven = (days.before * inside[0] + days.after * inside[2]).sum(axis=1)
    return Swing(rises, inside[1], driven, inside[2])


@dataclass(frozen=True)
class Sums:
    """
    The box of one cut per day and the path's own sums; all arrays of shape (n,).

    Attributes
    ----------
    rises : ndarray of bool
    swing_limit, other_limit, discharge_limit : ndarray
        Limits of L, Z and D.
    hours : ndarray
        Half hours of charging that are named, n.
    rate : ndarray
        Highest rate, r. [1/h]
    driven : ndarray
        V, without L.
    rho : ndarray
        How much higher the line of a(S)^2 ends than it begins.
    swing, other, discharge, rest, square, soc : ndarray
        The path's L, Z, D, X, Q and s.
    """

    rises: Flags
    swing_limit: Array
    other_limit: Array
    discharge_limit: Array
    hours: Array
    rate: Array
    driven: Array
    rho: Array
    swing: Array
    other: Array
    discharge: Array
    rest: Array
    square: Array
    soc: Array

    def rest_price(self) -> Array:
        """Return the least p at the lower end of Q."""
        carried = self.driven + self.discharge_limit + np.where(self.rises, 0.0, self.swing_limit)
        return np.asarray((1.0 + self.rho) * self.swing_limit * carried / self.hours)


def _least(sums: Sums, slopes: Array) -> Array:
    """
    Return the least value of ``(1 + rho s) P - (f + gamma)`` over the box at X = 0, shape (n,).

    Parameters
    ----------
    sums : Sums
    slopes : ndarray, shape (5, n)
        alpha, beta, zeta, delta, sigma.
    """
    alpha, beta, zeta, delta, sigma = slopes
    top, hours, rate = sums.swing_limit, sums.hours, sums.rate
    rise = sums.rises.astype(float)
    least = np.full(len(top), np.inf)
    for soc in (0.0, 1.0):
        scale = 1.0 + sums.rho * soc
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
        self._highs = highspy.Highs()
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("presolve", "off")
        self._highs.setOptionValue("threads", 1)

    def choose(self, sums: Sums, i: int) -> Array | None:
        """Return alpha, beta, zeta, delta, sigma of day i, shape (5,); None where no slopes are better than none."""
        size = float(max(sums.swing_limit[i], sums.other_limit[i], sums.discharge_limit[i]))
        rate, rho, rise = float(sums.rate[i]), float(sums.rho[i]), float(sums.rises[i])
        swing, other, discharge = (
            self._corner[k] * limit[i] / size
            for k, limit in enumerate((sums.swing_limit, sums.other_limit, sums.discharge_limit))
        )
        soc, driven = self._corner[3], sums.driven[i] / size
        named = rise * swing + other
        crowd = 2.0 * size / (rate * sums.hours[i])
        square = np.where(self._low, 2.0 * crowd * named**2, 2.0 * named)
        through = np.where(self._low, crowd * named, 1.0) * (swing + other + driven + discharge)
        value = 0.5 * (1.0 + rho * soc) * swing * through
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
            return None
        dual = np.array(self._highs.getSolution().row_dual[:5])
        slopes = dual * np.array([rate * size, size, rate * size, rate * size, rate * size**2])
        slopes[[0, 1, 4]] = np.maximum(0.0, slopes[[0, 1, 4]])
        return slopes


def swing_cuts(law: AmplitudeLaw, days: CarDays, at: CarPaths) -> tuple[Array, Array, Array, Array, Array, Array]:
    """
    Return the arrays of :class:`wattbit_agents.baselines.lp.wear.WearCuts`.

    Parameters
    ----------
    law : AmplitudeLaw
    days : CarDays
    at : CarPaths
        Where the cuts should be close.
    """
    n, steps = at.charge.shape
    best = np.zeros(n)
    found = [np.zeros((n, steps)) for _ in range(3)] + [np.zeros(n) for _ in range(3)]
    if n == 0:
        return found[0], found[1], found[2], found[3], found[4], found[5]
    swing = largest_swing(days, at)
    choice = SlopeChoice()
    for share in NAMED:
        parts, value = _cuts(law, days, at, swing, share, choice)
        better = value > best
        best = np.where(better, value, best)
        for k, part in enumerate(parts):
            found[k] = np.where(better if part.ndim == 1 else better[:, None], part, found[k])
    return found[0], found[1], found[2], found[3], found[4], found[5]


def _cuts(
    law: AmplitudeLaw, days: CarDays, at: CarPaths, swing: Swing, share: float, choice: SlopeChoice
) -> tuple[tuple[Array, ...], Array]:
    """Cuts of one choice of half hours, and their values on the path."""
    rise, health = swing.rises, days.health
    charges = (at.charge > share * days.charge_limit) & (days.charge_limit > 0.0)
    drains = (at.discharge > share * days.discharge_limit) & (days.discharge_limit > 0.0)
    own = swing.span & np.where(rise[:, None], charges, drains)
    other = charges & ~(own & rise[:, None])
    drained = drains & ~(own & ~rise[:, None])

    def total(energy: Array, where: Flags) -> Array:
        return np.asarray((energy * where).sum(axis=1))

    moved = np.where(rise, total(at.discharge, swing.span) + swing.driven, total(at.charge, swing.span))
    bought = total(at.bought, swing.bought)
    size = np.where(rise, total(at.charge, own) - moved, total(at.discharge, own) + swing.driven - moved - bought)
    limit = np.where(rise, total(days.charge_limit, own), total(days.discharge_limit, own) + swing.driven)
    limit = np.minimum(limit, days.swing_limit)
    z = total(at.charge, other)
    charged = at.charge.sum(axis=1)
    begin, end, value, climb, offset = law.bounds(days.mean_k, days.soc_low, days.soc_high)
    hours = charges.sum(axis=1).astype(float)
    rate = 2.0 * days.charge_limit.max(axis=1)
    soc = np.clip((at.mean_energy / health - begin) / (end - begin), 0.0, 1.0)
    usable = (size > 1e-6) & (hours > 0.0) & (value > 0.0) & (rate > 0.0)
    one = np.where(usable, 1.0, np.nan)
    sums = Sums(
        rises=rise,
        swing_limit=np.maximum(limit, size),
        other_limit=np.maximum(total(days.charge_limit, other), z),
        discharge_limit=np.maximum(total(days.discharge_limit, drained), total(at.discharge, drained)),
        hours=hours * one,
        rate=rate * one,
        driven=np.where(rise, days.counted, days.counted - swing.driven),
        rho=climb * (end - begin) / (value * one),
        swing=size,
        other=z,
        discharge=total(at.discharge, drained),
        rest=charged - z - np.where(rise, size, 0.0),
        square=at.square,
        soc=soc,
    )
    slopes = np.zeros((5, len(rise)))
    for i in np.flatnonzero(usable):
        chosen = choice.choose(sums, int(i))
        if chosen is not None:
            slopes[:, i] = chosen
    alpha, beta, zeta, delta, sigma = slopes
    gamma = -_least(sums, slopes)
    price = np.maximum(2.0 * sums.rate * beta, sums.rest_price())
    # Share t of the square root's bound: the best one at the path's own sums.
    root = np.sqrt(value * (1.0 + sums.rho * soc) * size / health * at.square / (2.0 * np.maximum(charged, 1e-12)))
    t = np.clip(np.sqrt(offset) / root, 1e-3, 1.0)
    scale = law.slope * (1.0 - t) * value / health
    drag = 0.5 * law.slope * (1.0 / t - 1.0) * offset
    # With a rise L is part of what is named, so its price comes back with it.
    lift = np.where(rise, alpha + price, alpha)
    column = np.newaxis
    charge = own * (rise * lift)[:, column] + other * (zeta + price)[:, column] - price[:, column]
    charge = charge - (swing.span & ~rise[:, column]) * alpha[:, column]
    discharge = own * (~rise * lift)[:, column] + drained * delta[:, column]
    discharge = discharge - (swing.span & rise[:, column]) * lift[:, column]
    buying = (swing.bought & ~rise[:, column]) * -alpha[:, column]
    driven = np.where(rise, -lift, lift) * swing.driven
    per_soc = sigma / (end - begin)
    parts = (
        scale[:, column] * charge - drag[:, column],
        scale[:, column] * discharge - drag[:, column],
        scale[:, column] * buying,
        scale * beta,
        scale * per_soc / health,
        scale * (driven - gamma - per_soc * begin) - drag * days.counted,
    )
    parts = tuple(np.where(usable if p.ndim == 1 else usable[:, column], p, 0.0) for p in parts)
    here = parts[3] * at.square + parts[4] * at.mean_energy + parts[5]
    here = here + (parts[0] * at.charge + parts[1] * at.discharge + parts[2] * at.bought).sum(axis=1)
    return parts, here
