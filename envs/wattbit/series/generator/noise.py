"""Random streams by name, and the correlated noise made of them."""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wattbit.series.climate import POSITION_KM
from wattbit.series.set import AREAS, STEPS_PER_DAY

Array = NDArray[np.float64]

_DOMAIN: Final = 20240401
"""First word of every key: keeps these streams apart from those of the simulation."""

_BLOCK: Final = 96


def rng(year: int, stream: str, seed: int = 0) -> np.random.Generator:
    """
    Return the random stream of a weather year that has a name.

    Parameters
    ----------
    year : int
        Number of the weather year, 0 or more.
    stream : str
        What the numbers are for; streams of other names are independent of it.
    seed : int
        Another seed, another country with the same climate.

    Returns
    -------
    numpy.random.Generator
        Counter-based (Philox), keyed by all three: the order in which streams are asked for does not matter.
    """
    key = np.random.SeedSequence((_DOMAIN, seed, year, zlib.crc32(stream.encode())))
    return np.random.Generator(np.random.Philox(key))


def spatial_root(reach_km: float) -> Array:
    """Return the Cholesky root of exp(-distance / reach) over the nine areas, shape (9, 9)."""
    km = np.array([POSITION_KM[area] for area in AREAS])
    return np.linalg.cholesky(np.exp(-np.abs(km[:, None] - km[None, :]) / reach_km))


def filtered(shocks: Array, memory: float, start: ArrayLike = 0.0) -> Array:
    """
    Return ``x[t] = memory * x[t - 1] + shocks[t]`` along the first axis.

    Parameters
    ----------
    shocks : ndarray, shape (time, width)
    memory : float
        0 up to, not including, 1.
    start : array_like, shape (width,)
        Value before the first step.

    Returns
    -------
    ndarray, shape (time, width)
    """
    # Powers of the memory within blocks turn the recursion into a matrix product: a plain loop costs ten times more.
    lag = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
    kernel = np.where(lag >= 0, float(memory) ** np.abs(lag), 0.0)
    carry = float(memory) ** np.arange(1, _BLOCK + 1)[:, None]
    out = np.empty_like(shocks)
    last = np.broadcast_to(np.asarray(start, dtype=np.float64), shocks.shape[1:])
    for begin in range(0, len(shocks), _BLOCK):
        part = shocks[begin : begin + _BLOCK]
        rows = len(part)
        out[begin : begin + rows] = kernel[:rows, :rows] @ part + carry[:rows] * last
        last = out[begin + rows - 1]
    return out


def ar1(rng: np.random.Generator, n: int, memory: float, root: Array | None = None) -> Array:
    """
    Return a stationary AR(1) of unit variance.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Number of steps.
    memory : float
        Autocorrelation from one step to the next.
    root : ndarray, shape (width, width), optional
        Root of the correlation between columns, e.g. of :func:`spatial_root`; one column without it.

    Returns
    -------
    ndarray, shape (n, width)
    """
    shocks = rng.standard_normal((n, 1 if root is None else len(root)))
    if root is not None:
        shocks = shocks @ root.T
    shocks[1:] *= np.sqrt(1.0 - memory**2)
    return filtered(shocks, memory)


def daily_to_steps(daily: Array) -> Array:
    """Spread daily values, taken at noon, over half hours, linear in between; (day, width) -> (48 * day, width)."""
    steps = np.arange(len(daily) * STEPS_PER_DAY) / STEPS_PER_DAY - 0.5
    day = np.clip(np.floor(steps).astype(np.int64), 0, len(daily) - 2)
    share = np.clip(steps - day, 0.0, 1.0)[:, None]
    return daily[day] * (1.0 - share) + daily[day + 1] * share
