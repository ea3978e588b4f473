"""
The toy solved exactly: expected cost under the best policy, and the least cost of a price path known in advance.

Stocks are counted in steps of energy of which every limit is a whole number. On the plane of the two stocks all costs
are convex and linear on each triangle cut out by the lines battery = i, cars = j, battery + cars = k with whole i, j,
k: the money of a half hour depends on what each stock moves and on the sum of both, with kinks at whole steps, and so
does the worth of what is left. Two operations make the value of a half hour out of that of the next, and neither
leaves this class. The mean over next prices is a sum of functions that are linear on the same triangles. The best move
is an infimal convolution: the pieces of the result are sums of pieces (or of their sides and corners) of both
functions, so their corners are whole and their sides have the same three directions. Hence values are known between
the points of the grid too (:meth:`Solution.value`), and from a point of the grid the best move is to a point of the
grid: a function that is linear on triangles has its least value in a corner. In the words of [1]_ these functions are
M-natural convex, and L-natural convex when one axis is turned round.

References
----------
.. [1] K. Murota, Discrete Convex Analysis, SIAM, 2003.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.toy.chain import FloatArray, IntArray, PriceChain
from benchmarks.toy.world import Sizes

ROUNDING_JPY: Final = 1e-6
"""Differences up to this are rounding: of equal moves the idlest is taken."""

CACHED: Final = 16
"""Price paths worked on at a time: as many as a processor's cache holds."""


@dataclass(frozen=True)
class Moves:
    """
    What can be done in a half hour.

    Attributes
    ----------
    battery, cars : ndarray of int, shape (move,)
        Energy into each stock. [steps]
    fixed_jpy : ndarray, shape (move,)
        Cost beside that of energy. [JPY]
    """

    battery: IntArray
    cars: IntArray
    fixed_jpy: FloatArray

    @classmethod
    def of(cls, size: Sizes) -> Moves:
        """Return all moves on the grid."""
        grid = np.mgrid[-size.power[0] : size.power[0] + 1, -size.power[1] : size.power[1] + 1]
        battery, cars = grid.reshape(2, -1)
        return cls(battery, cars, move_jpy(size, battery, cars))

    @property
    def net(self) -> IntArray:
        """Net load. [steps]"""
        return self.battery + self.cars


def move_jpy(size: Sizes, battery: FloatArray | IntArray, cars: FloatArray | IntArray) -> FloatArray:
    """Cost of a move beside that of energy: wear of the battery, pay of owners, load beyond the connection. [JPY]"""
    wear, pay, over = size.step_jpy
    excess = np.maximum(0, np.abs(battery + cars) - size.connection)
    return wear * np.abs(battery) + pay * np.maximum(0, -cars) + over * excess


def _terminal(size: Sizes, price: float) -> FloatArray:
    """Cost of what an episode leaves, against what it began with, shape (battery, cars). [JPY]"""
    battery, cars = np.ogrid[: size.top[0] + 1, : size.top[1] + 1]
    return -price * size.step_mwh * (battery - size.start[0] + cars - size.start[1])


def _totals(size: Sizes, moves: Moves, cost_jpy: FloatArray, after: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """
    Give, move by move, the cost from every state on, infinite where a stock would leave its range; the idlest first.

    Parameters
    ----------
    cost_jpy : ndarray, shape (case, move)
        Cost of the half hour.
    after : ndarray, shape (case, battery, cars)
        Cost from the next half hour on.
    """
    battery, cars = size.power
    padded = np.pad(after, ((0, 0), (battery, battery), (cars, cars)), constant_values=np.inf)
    for k in np.argsort(np.abs(moves.battery) + np.abs(moves.cars), kind="stable"):
        row, column = battery + moves.battery[k], cars + moves.cars[k]
        there = padded[:, row : row + after.shape[1], column : column + after.shape[2]]
        yield int(k), there + cost_jpy[:, k, None, None]


@dataclass(frozen=True)
class Solution:
    """
    Value and best move in every state of the toy.

    Attributes
    ----------
    size, chain : Sizes, PriceChain
        The toy.
    moves : Moves
        What can be done.
    values : ndarray, shape (time + 1, level, battery, cars)
        Expected cost from a half hour on, given its price. [JPY]
    chosen : ndarray of int, shape (time, level, battery, cars)
        Position of the best move in `moves`.
    """

    size: Sizes
    chain: PriceChain
    moves: Moves
    values: FloatArray
    chosen: IntArray

    @property
    def cost_jpy(self) -> float:
        """Expected cost of an episode under the best policy. [JPY]"""
        return float(self.chain.stationary @ self.values[0, :, self.size.start[0], self.size.start[1]])

    def value(self, t: int, battery: FloatArray, cars: FloatArray) -> FloatArray:
        """
        Return the expected cost from half hour t on at stocks off the grid.

        Parameters
        ----------
        battery, cars : ndarray, shape (n,)
            Energy. [steps]

        Returns
        -------
        ndarray, shape (level, n)
            Linear on the triangles of the module's text, which makes it exact. [JPY]
        """
        table = self.values[t]
        i = np.clip(np.floor(battery).astype(np.int64), 0, self.size.top[0] - 1)
        j = np.clip(np.floor(cars).astype(np.int64), 0, self.size.top[1] - 1)
        x, y = battery - i, cars - j
        lower = x + y <= 1.0
        corner = np.where(lower, table[:, i, j], table[:, i + 1, j + 1])
        along = np.where(lower, table[:, i + 1, j], table[:, i, j + 1])
        across = np.where(lower, table[:, i, j + 1], table[:, i + 1, j])
        u, v = np.where(lower, x, 1.0 - x), np.where(lower, y, 1.0 - y)
        return corner + u * (along - corner) + v * (across - corner)

    def luck_jpy(self, levels: IntArray, battery: FloatArray, cars: FloatArray) -> FloatArray:
        """
        Part of each path's cost that no policy is to blame for: what its prices were dearer than expected. [JPY]

        Its mean is 0 whatever the policy does, so it can be taken off: what is left has the same mean, is never below
        the value of the start, and is equal to it in every path that the best policy plays.

        Parameters
        ----------
        levels : ndarray of int, shape (path, time)
            Price levels.
        battery, cars : ndarray, shape (path, time)
            Stocks that half hours begin with. [steps]

        Returns
        -------
        ndarray, shape (path,)
        """
        path = np.arange(len(levels))
        luck = self.value(0, battery[:, 0], cars[:, 0])[levels[:, 0], path] - self.cost_jpy
        for t in range(1, levels.shape[1]):
            value = self.value(t, battery[:, t], cars[:, t])
            expected = (self.chain.matrix[levels[:, t - 1]] * value.T).sum(axis=1)
            luck += value[levels[:, t], path] - expected
        return luck


def solve(size: Sizes, chain: PriceChain, steps: int) -> Solution:
    """Solve the toy by backward induction over `steps` half hours."""
    moves = Moves.of(size)
    cost = moves.fixed_jpy + chain.prices[:, None] * size.step_mwh * moves.net
    shape = (len(chain.prices), size.top[0] + 1, size.top[1] + 1)
    values, chosen = np.full((steps + 1, *shape), np.inf), np.zeros((steps, *shape), np.int64)
    values[steps] = _terminal(size, chain.mean_jpy_per_mwh)
    for t in reversed(range(steps)):
        after = np.tensordot(chain.matrix, values[t + 1], axes=1)
        for k, total in _totals(size, moves, cost, after):
            better = total < values[t] - ROUNDING_JPY
            values[t][better] = total[better]
            chosen[t][better] = k
    return Solution(size, chain, moves, values, chosen)


def clairvoyant_jpy(size: Sizes, chain: PriceChain, levels: IntArray) -> FloatArray:
    """Return the least cost of each price path when all of it is known in advance, shape (path,). [JPY]"""
    moves = Moves.of(size)
    least = np.empty(len(levels))
    for first in range(0, len(levels), CACHED):
        part = levels[first : first + CACHED]
        value = np.repeat(_terminal(size, chain.mean_jpy_per_mwh)[None], len(part), axis=0)
        for t in reversed(range(part.shape[1])):
            cost = moves.fixed_jpy + chain.prices[part[:, t], None] * size.step_mwh * moves.net
            best = np.full_like(value, np.inf)
            for _, total in _totals(size, moves, cost, value):
                np.minimum(best, total, out=best)
            value = best
        least[first : first + CACHED] = value[:, size.start[0], size.start[1]]
    return least
