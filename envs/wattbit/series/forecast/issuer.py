"""The issuer: one per series and tier, asked by the world for columns and by planners for paths."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.forecast import mmfe, rule
from wattbit.series.forecast.bundle import Bundle, ErrorModel
from wattbit.series.forecast.climatology import Climatology, by_day, day_cells
from wattbit.series.forecast.columns import FORECAST_COLUMNS, columns
from wattbit.series.forecast.noise import draws, smooth
from wattbit.series.set import STEPS_PER_DAY, SeriesSet
from wattbit.series.zones import zone_numbers

Array = NDArray[np.float32]

_CHUNK_DAYS: Final = 256
_DAYS_KEPT: Final = 512
_SEEDS_KEPT: Final = 9  # a training bank's and that of evaluation: scores of a seed take seconds and a few MB


class Issuer:
    """
    Issue the forecasts of a series.

    Parameters
    ----------
    series : SeriesSet
        The truth: whole days from midnight. At its end, days that are not in it repeat its last day.
    climatology : Climatology
        Of the same areas, fitted on train weeks.
    tier : {"mmfe", "perfect", "persistence", "climatology"}
        See :mod:`wattbit.series.forecast`.
    noise_scale : float
        Multiplies the errors of ``"mmfe"``; see :func:`~wattbit.series.forecast.rule.unexplained`.

    Raises
    ------
    SeriesError
        If the tier is unknown, the scale is negative, or the series is not made of whole days.
    """

    def __init__(
        self, series: SeriesSet, climatology: Climatology, tier: str = "mmfe", noise_scale: float = 1.0
    ) -> None:
        if tier not in rule.TIERS:
            raise SeriesError(f"forecast tier {tier!r} is unknown; valid: {', '.join(rule.TIERS)}")
        if not noise_scale >= 0.0:
            raise SeriesError(f"forecast noise scale is {noise_scale}, must be 0 or more")
        self.series, self.climatology = series, climatology
        self.tier, self.noise_scale = tier, noise_scale
        self._value = by_day(series)
        self._cell = day_cells(series.start, len(self._value))
        self._delta = series.get("delta_price_jpy_per_mwh")[:, 0]
        self._share = rule.unexplained(noise_scale)
        if tier == "climatology":
            self._share = np.ones_like(self._share)
        self._root = np.linalg.cholesky(climatology.correlation).astype(np.float32)
        self._base = lru_cache(maxsize=1)(lambda: climatology.marginals.scores(self._value, self._cell))
        self._scores = lru_cache(maxsize=_SEEDS_KEPT)(self._scores_of)
        self._day = lru_cache(maxsize=_DAYS_KEPT)(self._day_of)

    @property
    def n_days(self) -> int:
        """Days of the series."""
        return len(self._value)

    def _later(self, day: int, n_days: int) -> NDArray[np.int64]:
        """Days of issue and the two after them, the last one repeated."""
        return np.minimum(np.arange(day, day + n_days + 2), self.n_days - 1)

    def _scores_of(self, seed: int) -> Array:
        """True scores, (day, slot, lane); what a value at the floor leaves open is drawn, smooth in time."""
        lanes = self._value.shape[2]
        noise = np.concatenate([draws("forecast-floor", seed, d, (STEPS_PER_DAY, lanes)) for d in range(self.n_days)])
        smooth(noise[None], self.climatology.memory)
        return self.climatology.complete(self._base(), self._cell, (noise @ self._root.T).reshape(self._value.shape))

    def _expected(self, seed: int, day: int, n_days: int) -> Array:
        """Issued means of the scores, (day, issue, half hour of the grid, lane)."""
        lanes = self._value.shape[2]
        if self.tier == "climatology":
            return np.zeros((n_days, mmfe.N_ISSUES, rule.GRID, lanes), np.float32)
        truth = self._scores(seed)[self._later(day, n_days)].reshape(-1, lanes)
        noise = mmfe.revision_noise(seed, day, n_days + 2, self._root, self.climatology.memory)
        return mmfe.expected_scores(truth, noise, self._share)

    def _points(self, day: int, n_days: int) -> Array:
        """Paths of the tiers that give one value instead of a distribution."""
        areas = self._value.shape[2] // 2
        later = self._later(day, n_days)
        out = np.empty((2, mmfe.N_ISSUES, 3, STEPS_PER_DAY, n_days, areas), np.float32)
        for ahead in range(3):
            truth = self._value[later[ahead : ahead + n_days]]
            yesterday = self._value[np.maximum(np.arange(day, day + n_days) - 1, 0)][..., areas:]
            yesterday = yesterday * (np.arange(day, day + n_days) > 0)[:, None, None]
            for issue, slot in enumerate(rule.ISSUE_SLOTS):
                last_known = min(ahead, int(slot >= rule.AUCTION_SLOT))
                price, surplus = self._value[later[last_known : last_known + n_days]][..., :areas], yesterday
                if self.tier == "perfect":
                    price, surplus = truth[..., :areas], truth[..., areas:]
                out[0, issue, ahead] = price.transpose(1, 0, 2)
                out[1, issue, ahead] = surplus.transpose(1, 0, 2)
        paths = out.reshape(1, 2, mmfe.N_ISSUES, rule.GRID, n_days, areas)
        return np.ascontiguousarray(np.broadcast_to(paths, (4, *paths.shape[1:])))

    def _paths(self, seed: int, day: int, n_days: int, expected: Array | None = None) -> Array:
        """Issued paths, (4, 2, issue, half hour of the grid, day, area), known prices in all four."""
        if self.tier in ("perfect", "persistence"):
            return self._points(day, n_days)
        expected = self._expected(seed, day, n_days) if expected is None else expected
        later = self._later(day, n_days)
        out = mmfe.read_off(expected, self._share, self.climatology, self._cell[later])
        areas = out.shape[-1]
        for ahead in range(2):
            price = self._value[later[ahead : ahead + n_days]][..., :areas].transpose(1, 0, 2)
            here = slice(ahead * STEPS_PER_DAY, (ahead + 1) * STEPS_PER_DAY)
            for issue in np.flatnonzero(rule.known_prices()[:, ahead * STEPS_PER_DAY]):
                out[:, 0, issue, here] = price
        return out

    def _day_of(self, seed: int, day: int) -> tuple[Array | None, Array]:
        """Expected scores, (issue, half hour of the grid, lane), and paths, (4, 2, issue, half hour, area)."""
        if self.tier in ("perfect", "persistence"):
            return None, self._points(day, 1)[:, :, :, :, 0]
        expected = self._expected(seed, day, 1)
        return expected[0], self._paths(seed, day, 1, expected)[:, :, :, :, 0]

    def columns(self, seed: int) -> Array:
        """
        Issue the forecast of every half hour of the series.

        Parameters
        ----------
        seed : int
            Forecast seed; the tiers without errors ignore it.

        Returns
        -------
        ndarray, shape (time, area, column)
            Float32, columns :data:`~wattbit.series.forecast.columns.FORECAST_COLUMNS`.
        """
        areas = len(self.series.areas)
        out = np.empty((self.n_days, STEPS_PER_DAY, areas, len(FORECAST_COLUMNS)), np.float32)
        for day in range(0, self.n_days, _CHUNK_DAYS):
            count = min(_CHUNK_DAYS, self.n_days - day)
            out[day : day + count] = columns(self._paths(seed, day, count))
        return out.reshape(len(self.series), areas, len(FORECAST_COLUMNS))

    def _delta_path(self, row: int) -> Array:
        """Expected settlement delta after `row`: usual mean plus what is left of the last one settled."""
        ahead = np.arange(1, rule.HORIZON + 1)
        if self.tier == "perfect":
            return self._delta[np.minimum(row + ahead, len(self._delta) - 1)].astype(np.float32)
        usual = self.climatology.delta_mean_jpy_per_mwh
        last = self._delta[row - 1] - usual if row > 0 and self.tier != "climatology" else 0.0
        return (usual + last * self.climatology.delta_memory ** (ahead + 1)).astype(np.float32)

    def bundle(self, seed: int, row: int) -> Bundle:
        """
        Everything issued that holds at a half hour.

        Parameters
        ----------
        seed : int
            Forecast seed.
        row : int
            Half hour of the series; the one after the last stands for the last.

        Returns
        -------
        Bundle
        """
        row = min(row, len(self.series) - 1)
        day, slot = divmod(row, STEPS_PER_DAY)
        issue = int(rule.issue_of(np.array(slot)))
        expected, paths = self._day(seed, day)
        ahead = slice(slot + 1, slot + 1 + rule.HORIZON)
        path = paths[:, :, issue, ahead].transpose(0, 1, 3, 2)
        known = rule.known_prices()[issue, ahead]
        model = None
        if expected is not None:
            target = np.arange(rule.GRID)[ahead]
            model = ErrorModel(
                expected=expected[issue, ahead],
                share=self._share[:, issue, ahead],
                cell=self._cell[self._later(day, 1)][target // STEPS_PER_DAY],
                slot=target % STEPS_PER_DAY,
                climatology=self.climatology,
                root=self._root,
            )
        price = path[0, 0]
        zone = np.where(known, zone_numbers(price.T).T, -1)
        return Bundle(self.series.areas, row, path[:, 0], path[:, 1], self._delta_path(row), zone, model)
