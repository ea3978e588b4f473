"""
How wrong a day-ahead forecaster is: the numbers behind ``mmfe``, fitted on the real train weeks.

For every area a linear forecaster predicts the deviation from the climatology of a day from the last two days known:
the same half hour and the day's mean. A second one is also told the residual load that really came, so it has a perfect
weather forecast. A real forecaster has a good one, so the share of variance left unexplained is put midway between the
two (assumption). The curtailment order is put level with a forecaster that knows the weather and the prices.
Climatology and coefficients are always fitted on other train weeks than those they are tried on. Surplus is tried on
the area with most of it: elsewhere curtailment is too rare to fit a forecaster on some weeks and try it on others.

The share of the variance of the values is turned into that of the scores by the climatology itself: it says how much a
score known so well explains of the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.series import splits
from wattbit.series.forecast import rule
from wattbit.series.forecast.climatology import (
    N_CELLS,
    Climatology,
    Marginals,
    by_day,
    day_cells,
    fit,
    fitting_days,
    held_out,
)
from wattbit.series.set import STEPS_PER_DAY, SeriesSet

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()

LEADS: Final = (51.5, 85.5)
"""
Mean leads [half hours] of prices one and two days after the last known one: 28 to 75 and 76 to 95, the latter being as
far as forecasts go.
"""


RIDGE: Final = 0.1
"""Shrinkage of the forecasters' coefficients (assumption; between 0.03 and 0.3 it moves a share by at most 0.05)."""


def _mean(of: Marginals, cell: NDArray[np.int64]) -> Array:
    """Climatological mean of days in the given cells, (day, slot, lane)."""
    slot = np.arange(STEPS_PER_DAY)
    total = np.zeros((len(cell), STEPS_PER_DAY, len(of.lowest)))
    for kind in np.unique(cell):
        score = np.broadcast_to(_NODES[:, None, None], (len(_NODES), STEPS_PER_DAY, len(of.lowest)))
        values = of.values(score, np.full(STEPS_PER_DAY, kind), slot)
        total[cell == kind] = np.tensordot(_WEIGHTS, values, axes=1)
    return total


def variance_left(usual: Marginals, lanes: slice, open_share: float) -> float:
    """
    Share of the variance of the values that is left when `open_share` of the variance of their scores is.

    Means over all cells, slots and the given lanes; between 0 and 1, rising.
    """
    cell = np.repeat(np.arange(N_CELLS), STEPS_PER_DAY)
    slot = np.tile(np.arange(STEPS_PER_DAY), N_CELLS)
    known = np.sqrt(1.0 - open_share) * _NODES[:, None] + np.sqrt(open_share) * _NODES[None, :]
    score = np.broadcast_to(known.reshape(-1, 1, 1), (known.size, len(cell), len(usual.lowest)))
    value = usual.values(score, cell, slot)[..., lanes].astype(np.float64)
    value = value.reshape(len(_NODES), len(_NODES), len(cell), -1)
    given = np.tensordot(_WEIGHTS, value.swapaxes(0, 1), axes=1)
    square = np.tensordot(_WEIGHTS, np.tensordot(_WEIGHTS, value.swapaxes(0, 1) ** 2, axes=1), axes=1)
    mean = np.tensordot(_WEIGHTS, given, axes=1)
    explained = np.tensordot(_WEIGHTS, given**2, axes=1) - mean**2
    return float(1.0 - explained.sum() / max(float((square - mean**2).sum()), 1e-9))


def _ridge(x: Array, y: Array, x_new: Array) -> Array:
    """Linear prediction, coefficients of standardised columns shrunk: few weeks, and surplus on few days of them."""
    mean, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
    z = (x - mean) / spread
    inner = z.T @ z + RIDGE * len(z) * np.eye(z.shape[1])
    return y.mean() + (x_new - mean) / spread @ np.linalg.solve(inner, z.T @ (y - y.mean()))


def open_share_for(usual: Marginals, lanes: slice, left: float) -> float:
    """Inverse of :func:`variance_left`, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(12):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if variance_left(usual, lanes, middle) < left else (low, middle)
    return 0.5 * (low + high)


@dataclass(frozen=True)
class Trial:
    """Root mean square errors of climatology and forecaster, area by area; NaN where it was not tried."""

    usual: Array
    error: Array

    @property
    def left(self) -> float:
        """Share of the variance around the climatology that the forecaster leaves, areas weighted by it."""
        return float(np.nansum(self.error**2) / np.nansum(self.usual**2))


class Forecasters:
    """
    Linear forecasters of the deviations from the climatology, tried week by week on what they were not fitted on.

    Parameters
    ----------
    series : SeriesSet
        A real year; only :func:`~wattbit.series.splits.fitting_segments` of it are used.
    """

    def __init__(self, series: SeriesSet) -> None:
        self.series = series
        parts = splits.fitting_segments(series)
        self.days, self.block = fitting_days(series, parts)
        self.usual: Climatology = fit(series, parts)
        value = by_day(series)[self.days]
        self.cell = day_cells(series.start, len(series) // STEPS_PER_DAY)[self.days]
        self.areas = len(series.areas)
        self.deviation = np.empty(value.shape)
        self.level = np.empty(value.shape)
        for b, other in enumerate(held_out(value.astype(np.float64), self.cell, self.block)):
            here = self.block == b
            self.level[here] = _mean(other, self.cell[here])
            self.deviation[here] = value[here] - self.level[here]
        self.at_floor = (value <= self.usual.marginals.lowest)[..., : self.areas].astype(np.float64)

        self.most_surplus = int(np.argmax(value[..., self.areas :].sum(axis=(0, 1))))

    @cached_property
    def residual(self) -> Array:
        """Residual load less its mean over the cell, over mean demand, (day, slot, area)."""
        get = self.series.get
        shape = (-1, STEPS_PER_DAY, self.areas)
        load = (get("demand_mw") - get("solar_mw") - get("wind_mw")).reshape(shape)[self.days]
        out = np.empty(load.shape)
        for kind in np.unique(self.cell):
            out[self.cell == kind] = load[self.cell == kind] - load[self.cell == kind].mean(axis=0)
        return out / get("demand_mw").reshape(shape)[self.days].mean(axis=(0, 1))

    def _features(self, quantity: int, area: int, past: int, weather: bool, prices: bool) -> Iterator[Array]:
        """Columns (target day, slot); the first `past + 1` days of a block wrap and are dropped by the caller."""
        lane = quantity * self.areas + area
        for back in (past, past + 1):
            for one in {area, lane}:
                before = np.roll(self.deviation[..., one], back, axis=0)
                yield before
                yield np.broadcast_to(before.mean(axis=1, keepdims=True), before.shape)
        if prices:
            yield self.deviation[..., area]
            yield self.at_floor[..., area]
        if weather:
            own = self.residual[..., area]
            yield own
            yield np.broadcast_to(own.mean(axis=1, keepdims=True), own.shape)
            yield self.residual.mean(axis=2)
            if quantity:  # surplus begins where residual load has fallen far enough
                for bend in (-0.05, -0.15, -0.3):
                    yield np.minimum(own - bend, 0.0)

    def trial(self, quantity: int, past: int, weather: bool, prices: bool = False) -> Trial:
        """
        Try one forecaster: prices on all areas, surplus on the one with most of it.

        Parameters
        ----------
        quantity : {0, 1}
            Price or surplus.
        past : int
            Days between the last known day and the day forecast.
        weather, prices : bool
            Whether the residual load and the prices of the day forecast are known.
        """
        place = np.concatenate([np.arange(count) for count in np.bincount(self.block)])
        usable = place > past
        fold = np.repeat(self.block[usable], STEPS_PER_DAY)
        usual, error = np.full(self.areas, np.nan), np.full(self.areas, np.nan)
        for area in [self.most_surplus] if quantity else range(self.areas):
            lane = quantity * self.areas + area
            y = self.deviation[..., lane][usable].ravel()
            columns = [c[usable].ravel() for c in self._features(quantity, area, past, weather, prices)]
            x = np.stack(columns, axis=1)
            if quantity:  # what there is to gain grows with the usual surplus of the half hour
                level = self.level[..., lane][usable].ravel()
                level = level / max(level.max(), 1e-9)
                x = np.concatenate([x, x * level[:, None], level[:, None]], axis=1)
            miss = np.empty(len(y))
            for b in np.unique(fold):
                held = fold == b
                predicted = _ridge(x[~held], y[~held], x[held])
                if quantity:
                    predicted = np.maximum(predicted, -self.level[..., lane][usable].ravel()[held])
                miss[held] = y[held] - predicted
            usual[area], error[area] = np.sqrt(np.mean(y**2)), np.sqrt(np.mean(miss**2))
        return Trial(usual, error)


@dataclass(frozen=True)
class Calibration:
    """The constants of :mod:`~wattbit.series.forecast.rule` and the trials they come from."""

    price_unexplained: tuple[tuple[float, float], ...]
    surplus_unexplained: tuple[tuple[float, float], ...]
    order_unexplained: float
    trials: dict[str, Trial]


def calibrate(series: SeriesSet) -> Calibration:
    """
    Fit the error shares of the default forecasts.

    Parameters
    ----------
    series : SeriesSet
        A real year of areas, ``real-fy2024``.

    Returns
    -------
    Calibration
    """
    make = Forecasters(series)
    usual, tie = make.usual.marginals, float(make.usual.pairing[make.most_surplus] ** 2)
    last = make.areas + make.most_surplus
    lanes = slice(0, make.areas), slice(last, last + 1)
    trials: dict[str, Trial] = {}
    shares: list[list[float]] = [[], []]
    for quantity, name in enumerate(("price", "surplus")):
        for past in (1, 2):
            blind = trials[f"{name}, {past} d after the last known day, past values"] = make.trial(
                quantity, past, False
            )
            told = trials[f"{name}, {past} d after, and the weather"] = make.trial(quantity, past, True)
            left = 0.5 * (blind.left + told.left)
            share = open_share_for(usual, lanes[quantity], left)
            if quantity:
                share = (share - tie * shares[0][past - 1]) / (1.0 - tie)
            shares[quantity].append(min(share, 0.98))
    trials["surplus, prices known, past values"] = make.trial(1, 1, False, prices=True)
    order = trials["surplus, prices known, and the weather"] = make.trial(1, 1, True, prices=True)
    ordered = min(open_share_for(usual, lanes[1], order.left) / (1.0 - tie), 0.98)
    pairs = [tuple(zip(LEADS, share, strict=True)) for share in shares]
    return Calibration(pairs[0], pairs[1], ordered, trials)


def report(series: SeriesSet) -> str:
    """Return the calibration as text: a table of errors, then fitted and shipped constants."""
    found = calibrate(series)
    lines = ["root mean square error, JPY/kWh or MW, and share of the variance around the climatology", ""]
    lines.append(f"{'forecaster':<52}{'share':>6}" + "".join(f"{area[:8]:>10}" for area in series.areas))
    for name, trial in found.trials.items():
        unit = 1e3 if name.startswith("price") else 1.0
        for label, errors, share in (
            ("  climatology of the same days", trial.usual, 1.0),
            (name, trial.error, trial.left),
        ):
            cells = "".join(f"{'-' if np.isnan(e) else f'{e / unit:.2f}':>10}" for e in errors)
            lines.append(f"{label:<52}{share:>6.2f}{cells}")
    lines.append("")
    for name, new, old in (
        ("PRICE_UNEXPLAINED", found.price_unexplained, rule.PRICE_UNEXPLAINED),
        ("SURPLUS_UNEXPLAINED", found.surplus_unexplained, rule.SURPLUS_UNEXPLAINED),
    ):
        shown = ", ".join(f"({lead}, {share:.2f})" for lead, share in new)
        lines.append(f"{name}: fitted {shown}; shipped {', '.join(map(str, old))}")
    lines.append(f"ORDER_UNEXPLAINED: fitted {found.order_unexplained:.2f}; shipped {rule.ORDER_UNEXPLAINED}")
    return "\n".join(lines)
