"""What a planner is given: paths with quantiles, price zones, and scenarios from the same error model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series.forecast.climatology import Climatology
from wattbit.series.forecast.noise import draws, smooth

Array = NDArray[np.float32]

PATHS: Final = (
    "price_path_jpy_per_mwh",
    "price_p10_path_jpy_per_mwh",
    "price_p50_path_jpy_per_mwh",
    "price_p90_path_jpy_per_mwh",
    "surplus_path_mw",
    "surplus_p10_path_mw",
    "surplus_p50_path_mw",
    "surplus_p90_path_mw",
    "delta_path_jpy_per_mwh",
)
"""Names of the paths of :meth:`Bundle.paths`, in order; the first of each quantity is the mean."""


@dataclass(frozen=True, eq=False)
class ErrorModel:
    """
    What is left open by the forecasts of one half hour, on the scale of scores.

    Parameters
    ----------
    expected : ndarray, shape (96, lane)
        Issued means: price scores of all areas, then what they do not say about surplus scores.
    share : ndarray, shape (2, 96)
        Variance left of the two.
    cell, slot : ndarray, shape (96,)
        Where each half hour stands in the climatology.
    climatology : Climatology
    root : ndarray, shape (lane, lane)
        Cholesky factor of the lanes' correlation.
    """

    expected: Array
    share: NDArray[np.float64]
    cell: NDArray[np.int64]
    slot: NDArray[np.int64]
    climatology: Climatology
    root: Array

    def sample(self, n: int, row: int, seed: int) -> tuple[Array, Array]:
        """Draw price and surplus of `n` scenarios, each (n, area, 96)."""
        horizon, lanes = self.expected.shape
        areas = lanes // 2
        noise = draws("forecast-scenario", seed, row, (n, horizon, lanes))
        smooth(noise, self.climatology.memory)
        spread = np.repeat(np.sqrt(self.share), areas, axis=0).T
        score = self.expected + spread * (noise @ self.root.T)
        tie = self.climatology.pairing
        price, rest = score[..., :areas], score[..., areas:]
        both = np.concatenate([price, tie * price + np.sqrt(1.0 - tie**2) * rest], axis=-1)
        value = self.climatology.marginals.values(both, self.cell, self.slot).transpose(0, 2, 1)
        return value[:, :areas], value[:, areas:]


@dataclass(frozen=True, eq=False)
class Bundle:
    """
    Forecasts that hold at one half hour, for each of the next 96.

    Attributes
    ----------
    areas : tuple of str
    row : int
        Half hour of the series.
    price_jpy_per_mwh, surplus_mw : ndarray, shape (4, area, 96)
        Mean, 10, 50 and 90 % quantile; all four equal where the value is known.
    delta_jpy_per_mwh : ndarray, shape (96,)
        Expected settlement delta: its usual mean plus what its autocorrelation leaves of the last one settled.
    zone : ndarray of int, shape (area, 96)
        First area with exactly the same price, -1 where prices are not known yet.
    error_model : ErrorModel or None
        None for tiers that give one value instead of a distribution.
    """

    areas: tuple[str, ...]
    row: int
    price_jpy_per_mwh: Array
    surplus_mw: Array
    delta_jpy_per_mwh: Array
    zone: NDArray[np.int64]
    error_model: ErrorModel | None

    def paths(self) -> Array:
        """Return all paths, shape (area, 9, 96), in the order of :data:`PATHS`."""
        delta = np.broadcast_to(self.delta_jpy_per_mwh, (1, len(self.areas), self.delta_jpy_per_mwh.shape[0]))
        return np.concatenate([self.price_jpy_per_mwh, self.surplus_mw, delta]).transpose(1, 0, 2)

    def sample(self, n: int, seed: int = 0) -> dict[str, Array]:
        """
        Draw scenarios of what may come, from the error model behind the forecasts.

        Parameters
        ----------
        n : int
            Number of scenarios.
        seed : int
            Same seed, same half hour: same scenarios.

        Returns
        -------
        dict of str to ndarray, shape (n, area, 96)
            ``"price_jpy_per_mwh"``, known where it is known, and ``"surplus_mw"``. Tiers without a distribution repeat
            their path.
        """
        shape = (n, *self.surplus_mw.shape[1:])
        price = np.broadcast_to(self.price_jpy_per_mwh[0], shape).copy()
        surplus = np.broadcast_to(self.surplus_mw[0], shape).copy()
        if self.error_model is not None:
            drawn, surplus = self.error_model.sample(n, self.row, seed)
            price = np.where(self.zone >= 0, price, drawn)
        return {"price_jpy_per_mwh": price, "surplus_mw": surplus}
