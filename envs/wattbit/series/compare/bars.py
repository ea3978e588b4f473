"""
How close a synthetic set must come to a real one, and whether it does.

A bar allows a range around the real figure; the synthetic figure is the mean over its samples (weather years), whose
smallest and largest are shown beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from wattbit.series.compare.sides import Side
from wattbit.series.compare.statistics import LAGS, Array, Statistics, axis_labels
from wattbit.series.set import STEPS_PER_DAY
from wattbit.series.zones import AREA_SLOPE_JPY_PER_MWH_PER_MW


@dataclass(frozen=True, slots=True)
class Bar:
    """
    A bar on one statistic of every area (or pair): within a share of the real figure, or within an absolute distance.

    Attributes
    ----------
    title : str
    quantity : str
        Name in :data:`~wattbit.series.compare.statistics.QUANTITIES`.
    unit : str
        ``"%"`` shows shares in percent.
    relative, absolute : float
        Allowed distance as a share of the real figure, and in the units of the statistic; the wider of the two counts.
    element : int, optional
        Which entry of the second axis.
    only : tuple of str
        Labels of the first axis the bar holds for; all without it.
    """

    title: str
    quantity: str
    unit: str
    relative: float = 0.0
    absolute: float = 0.0
    element: int | None = None
    only: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """The bar in words."""
        points = f"{100.0 * self.absolute:g} points"
        if not self.relative:
            return f"within {points}"
        return f"within {100.0 * self.relative:g} %" + (f" or {points}" if self.absolute else "")


BARS: Final = (
    Bar("mean price", "price_mean", "JPY/kWh", relative=0.10),
    Bar("standard deviation of price", "price_sd", "JPY/kWh", relative=0.20),
    Bar("autocorrelation at 30 min", "price_autocorrelation", "1", relative=0.20, element=LAGS.index(1)),
    Bar("autocorrelation at 24 h", "price_autocorrelation", "1", relative=0.20, element=LAGS.index(STEPS_PER_DAY)),
    Bar("share at the floor", "floor_share", "%", relative=0.30, absolute=0.015),
    Bar("curtailed share", "curtailed_share", "%", relative=0.30, absolute=0.015),
    Bar("mean daily spread", "daily_spread", "JPY/kWh", relative=0.15),
    Bar("split share", "split_share", "%", absolute=0.10, only=("hokkaido-tokyo", "kyushu-tokyo")),
)
"""Bars on single numbers. The hour x season table and the slope have bars of their own, below."""

TABLE_CORRELATION: Final = 0.9
"""Least correlation of the hour x season price table with the real one, per area."""

SLOPE_FACTOR: Final = 2.0
"""Slopes may be this many times too large or too small."""

SLOPE_AREAS: Final = ("hokkaido", "tohoku", "tokyo", "kyushu")
"""Areas whose slope is published for FY2024 (the other five in ``AREA_SLOPE_JPY_PER_MWH_PER_MW`` are assumptions)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    One bar for one area or pair. Figures carry `unit`; shares are percent already.

    Attributes
    ----------
    bar, place, unit, rule : str
        Title, area or pair, unit, bar in words.
    real : float
        Figure of the real side; NaN where the bar has none.
    figure, low, high : float
        Mean, smallest and largest of the synthetic samples.
    allowed_low, allowed_high : float
        Range in which `figure` must lie.
    """

    bar: str
    place: str
    unit: str
    rule: str
    real: float
    figure: float
    low: float
    high: float
    allowed_low: float
    allowed_high: float

    @property
    def passed(self) -> bool:
        """Whether the figure lies in the allowed range; never where a figure is missing (NaN)."""
        return self.allowed_low <= self.figure <= self.allowed_high


def _verdict(
    title: str, place: str, unit: str, rule: str, real: float, figures: Array, allowed: tuple[float, float]
) -> Verdict:
    """Verdict from the figures of the synthetic samples, shape (sample,)."""
    mean, low, high = float(figures.mean()), float(figures.min()), float(figures.max())
    return Verdict(title, place, unit, rule, float(real), mean, low, high, float(allowed[0]), float(allowed[1]))


def _judge(bar: Bar, real: Side, synthetic: Side) -> list[Verdict]:
    scale = 100.0 if bar.unit == "%" else 1.0

    def figures(one: Statistics) -> Array:
        values = one[bar.quantity]
        return scale * (values if bar.element is None else values[:, bar.element])

    truth, found = figures(real.mean), np.stack([figures(one) for one in synthetic.each])
    verdicts = []
    for k, place in enumerate(axis_labels("pair" if bar.quantity == "split_share" else "area", real.mean.areas)):
        if not bar.only or place in bar.only:
            room = max(bar.relative * abs(truth[k]), bar.absolute * scale)
            low = truth[k] - room
            allowed = (max(low, 0.0) if bar.unit == "%" else low, truth[k] + room)  # a share is never negative
            verdicts.append(_verdict(bar.title, place, bar.unit, bar.rule, truth[k], found[:, k], allowed))
    return verdicts


def table_correlation(first: Array, second: Array) -> float:
    """Pearson correlation of two tables over the cells that both have; NaN with fewer than two or constant cells."""
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < 2 or not (np.ptp(first[both]) > 0.0 and np.ptp(second[both]) > 0.0):
        return float("nan")
    return float(np.corrcoef(first[both], second[both])[0, 1])


def _judge_tables(real: Side, synthetic: Side) -> list[Verdict]:
    """The table of all years together is judged, as all figures are; the range shown is that of each year's own."""
    rule, allowed = f"correlation at least {TABLE_CORRELATION:g}", (TABLE_CORRELATION, float("inf"))
    verdicts = []
    for k, area in enumerate(real.mean.areas):
        truth = real.mean["price_by_season_hour"][k]
        own = [table_correlation(truth, one["price_by_season_hour"][k]) for one in synthetic.each]
        together = np.array([table_correlation(truth, synthetic.mean["price_by_season_hour"][k])])
        verdict = _verdict("hour x season price table", area, "1", rule, float("nan"), together, allowed)
        verdicts.append(replace(verdict, low=float(np.min(own)), high=float(np.max(own))))
    return verdicts


def _judge_slopes(real: Side, synthetic: Side) -> list[Verdict]:
    """
    Two readings of the slope against the published ones: of price on residual load, as those were measured, and the
    feature that the market uses, that of the whole price zone.
    """
    unit = "JPY/kWh per GW"
    verdicts = []
    for quantity, title in (("slope_regression", "slope on residual load"), ("slope_feature", "supply slope of zone")):
        for k, area in enumerate(real.mean.areas):
            if area not in SLOPE_AREAS:
                continue
            truth, found = float(real.mean[quantity][k]), np.array([one[quantity][k] for one in synthetic.each])
            aim = AREA_SLOPE_JPY_PER_MWH_PER_MW[area]
            allowed = (aim / SLOPE_FACTOR, aim * SLOPE_FACTOR)
            rule = f"{aim:.3g}, times or over {SLOPE_FACTOR:g}"
            verdicts.append(_verdict(title, area, unit, rule, truth, found, allowed))
    return verdicts


def judge(real: Side, synthetic: Side) -> list[Verdict]:
    """
    Hold the synthetic side against the real one.

    Parameters
    ----------
    real, synthetic : Side
        Measured for the same areas.

    Returns
    -------
    list of Verdict
        Bar by bar, area by area.
    """
    verdicts = [verdict for bar in BARS for verdict in _judge(bar, real, synthetic)]
    return [*verdicts, *_judge_tables(real, synthetic), *_judge_slopes(real, synthetic)]
