"""Figures of a comparison: the real side in dark ink, the synthetic one in colour with a band over its samples."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from wattbit.series.compare.drawing import (
    HOURS,
    MONTHS,
    N_PANELS,
    PALE,
    REAL,
    SURPLUS,
    SURPLUS_TEXT,
    SYNTHETIC,
    curves,
    from_zero,
    grid,
    heading,
    hours_axis,
    label_edges,
    months_axis,
    panel_title,
    require_matplotlib,
    shown_areas,
)
from wattbit.series.compare.report import Comparison
from wattbit.series.compare.sides import Side
from wattbit.series.compare.statistics import LAGS, PRICE_QUANTILES, SEASONS, autocorrelation, axis_labels
from wattbit.series.set import STEPS_PER_DAY
from wattbit.series.splits import STEPS_PER_WEEK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SAMPLE_WEEKS: Final = (("spring", 5, 10), ("summer", 7, 8))
"""Sample weeks: the first Monday on or after this month and day (both are train weeks of the real FY2024)."""


def price_by_hour(comparison: Comparison) -> Figure:
    """Mean price by hour of day, a column per season, a row per area."""
    areas = comparison.real.mean.areas
    shown = shown_areas(areas)
    figure, axes = grid(len(shown), len(SEASONS), 1.6 * len(shown) + 1.0, sharex=True, sharey=True)
    for i, area in enumerate(shown):
        k = areas.index(area)
        for j, season in enumerate(SEASONS):
            curves(axes[i, j], HOURS, comparison, "price_by_season_hour", k, j)
            panel_title(axes[i, j], f"{area}, {season}")
            hours_axis(axes[i, j])
    from_zero(axes)
    label_edges(axes, "hour of day", "JPY/kWh")
    heading(figure, comparison, "Mean price by hour and season")
    return figure


def duration_curve(comparison: Comparison) -> Figure:
    """Sorted prices; the axis ends above the highest 99th percentile, and the maximum is written in."""
    areas = comparison.real.mean.areas
    shown = shown_areas(areas)
    figure, axes = grid(1, len(shown), 3.2, sharey=True)
    share = 100.0 * (1.0 - np.array(PRICE_QUANTILES))
    picks = [areas.index(area) for area in shown]
    top = 1.15 * max(side.high["price_quantiles"][picks, -2].max() for side in (comparison.real, comparison.synthetic))
    for j, (area, k) in enumerate(zip(shown, picks, strict=True)):
        curves(axes[0, j], share, comparison, "price_quantiles", k)
        panel_title(axes[0, j], area)
        axes[0, j].set_xlim(0, 100)
        axes[0, j].set_ylim(0, top)
        peaks = [side.high["price_quantiles"][k, -1] for side in (comparison.real, comparison.synthetic)]
        for height, peak, color in zip((0.93, 0.85), peaks, (REAL, SYNTHETIC), strict=True):
            axes[0, j].text(
                0.97, height, f"max {peak:.0f}", color=color, fontsize=8, ha="right", transform=axes[0, j].transAxes
            )
    label_edges(axes, "% of half hours", "JPY/kWh")
    heading(figure, comparison, "Duration curve of the price")
    return figure


def curtailment(comparison: Comparison) -> Figure:
    """Mean curtailed power by month and by hour in the areas with most of it on either side."""
    areas = comparison.real.mean.areas
    by_hour = (comparison.real.mean["curtailed_by_hour"], comparison.synthetic.mean["curtailed_by_hour"])
    most = np.maximum(by_hour[0].mean(axis=1), by_hour[1].mean(axis=1))
    picks = sorted(np.argsort(-most, kind="stable")[:N_PANELS].tolist())
    figure, axes = grid(2, len(picks), 4.6)
    for j, k in enumerate(picks):
        curves(axes[0, j], MONTHS, comparison, "curtailed_by_month", k, scale=1000.0)
        curves(axes[1, j], HOURS, comparison, "curtailed_by_hour", k, scale=1000.0)
        panel_title(axes[0, j], f"{areas[k]}, by month")
        panel_title(axes[1, j], f"{areas[k]}, by hour of day")
        months_axis(axes[0, j])
        hours_axis(axes[1, j])
    from_zero(axes)
    for axis in axes[:, 0]:
        axis.set_ylabel("mean curtailed MW", fontsize=8)
    heading(figure, comparison, "Curtailed solar and wind")
    return figure


def capacity_factors(comparison: Comparison) -> Figure:
    """Solar and wind potential over their peak, by month."""
    areas = comparison.real.mean.areas
    shown = shown_areas(areas)
    figure, axes = grid(2, len(shown), 4.6, sharex=True, sharey="row")
    for i, kind in enumerate(("solar", "wind")):
        for j, area in enumerate(shown):
            k = areas.index(area)
            curves(axes[i, j], MONTHS, comparison, f"{kind}_factor_by_month", k)
            panel_title(axes[i, j], f"{area}, {kind}")
            months_axis(axes[i, j])
    from_zero(axes)
    label_edges(axes, "month", "mean over peak")
    heading(figure, comparison, "Capacity factors (over the peak)")
    return figure


def price_autocorrelation(comparison: Comparison) -> Figure:
    """Autocorrelation of the price up to two days."""
    areas = comparison.real.mean.areas
    shown = shown_areas(areas)
    figure, axes = grid(1, len(shown), 3.0, sharey=True)
    lags = np.array(LAGS) / 2.0
    for j, area in enumerate(shown):
        curves(axes[0, j], lags, comparison, "price_autocorrelation", areas.index(area))
        panel_title(axes[0, j], area)
        axes[0, j].axhline(0.0, color=REAL, linewidth=0.6)
        axes[0, j].set_xticks([0, 12, 24, 36, 48])
    label_edges(axes, "lag [h]", "autocorrelation")
    heading(figure, comparison, "Autocorrelation of the price")
    return figure


def shares(comparison: Comparison) -> Figure:
    """Split shares of pairs, shares at the floor and curtailed shares, with the range over the samples."""
    real, synthetic = comparison.real, comparison.synthetic
    figure, axes = grid(1, 3, 3.8)
    panels = (
        ("split_share", "pair", "half hours in which the prices differ"),
        ("floor_share", "area", "half hours at the floor price"),
        ("curtailed_share", "area", "solar and wind potential curtailed"),
    )
    for axis, (name, labels_of, title) in zip(axes[0], panels, strict=True):
        labels = axis_labels(labels_of, real.mean.areas)
        place = np.arange(len(labels))
        for shift, side, color in ((-0.2, real, REAL), (0.2, synthetic, SYNTHETIC)):
            mean, low, high = (100.0 * one[name] for one in (side.mean, side.low, side.high))
            axis.barh(place + shift, mean, height=0.38, color=color)
            if len(side.samples) > 1:
                axis.hlines(place + shift, low, high, color=REAL, linewidth=1.0)
        axis.set_yticks(place, labels)
        axis.invert_yaxis()
        axis.set_xlabel("%", fontsize=8)
        axis.grid(visible=False, axis="y")
        axis.grid(axis="x", color=PALE, linewidth=0.6)
        axis.tick_params(axis="y", length=0)
        panel_title(axis, title)
    heading(figure, comparison, "Splits, floor and curtailment")
    return figure


def delta(comparison: Comparison) -> Figure:
    """Settlement less spot of one area: density (tails need a logarithm) and autocorrelation, a curve per sample."""
    area = shown_areas(comparison.real.mean.areas)[-1]
    figure, axes = grid(1, 2, 3.2)
    edges = np.arange(-12.0, 16.1, 0.5)
    lags = np.arange(1, STEPS_PER_DAY // 2 + 1)
    for side, color in ((comparison.real, REAL), (comparison.synthetic, SYNTHETIC)):
        for sample, mask in zip(side.samples, side.masks, strict=True):
            values = sample.series.get("delta_price_jpy_per_mwh")[:, [side.mean.areas.index(area)]] / 1000.0
            share = 100.0 * np.histogram(values[mask], edges)[0] / mask.sum()
            axes[0, 0].step(edges[:-1], np.where(share > 0.0, share, np.nan), where="post", color=color, linewidth=1.2)
            curve = [float(autocorrelation(values, mask, int(lag))[0]) for lag in lags]
            axes[0, 1].plot(lags / 2.0, curve, color=color, linewidth=1.2)
    panel_title(axes[0, 0], f"{area}: distribution")
    axes[0, 0].set_yscale("log")
    axes[0, 0].yaxis.set_major_formatter("{x:g}")
    axes[0, 0].set_xlabel("settlement less spot [JPY/kWh]", fontsize=8)
    axes[0, 0].set_ylabel("% of half hours in 0.5 JPY/kWh", fontsize=8)
    panel_title(axes[0, 1], f"{area}: autocorrelation")
    axes[0, 1].set_xlabel("lag [h]", fontsize=8)
    axes[0, 1].axhline(0.0, color=REAL, linewidth=0.6)
    heading(figure, comparison, "Delta", over_samples="each")
    return figure


def correlations(comparison: Comparison) -> Figure:
    """Correlation between areas of price, noon solar and wind: real above, synthetic below."""
    areas = comparison.real.mean.areas
    kinds = (("price_correlation", "price"), ("noon_solar_correlation", "noon solar"), ("wind_correlation", "wind"))
    figure, axes = grid(2, len(kinds), 7.2)
    for i, (side, word) in enumerate(((comparison.real, "real"), (comparison.synthetic, "synthetic"))):
        for j, (name, title) in enumerate(kinds):
            table = side.mean[name]
            axes[i, j].imshow(table, vmin=0.0, vmax=1.0, cmap="Blues")
            axes[i, j].grid(visible=False)
            axes[i, j].set_xticks(range(len(areas)), areas, rotation=90)
            axes[i, j].set_yticks(range(len(areas)), areas if j == 0 else [""] * len(areas))
            panel_title(axes[i, j], f"{title}, {word}")
            for (row, column), value in np.ndenumerate(table):
                ink = "white" if value > 0.6 else REAL
                axes[i, j].text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=6.5, color=ink)
    text = f"Correlation between areas in %: {comparison.real.label} above, {comparison.synthetic.label} below"
    figure.suptitle(text, fontsize=10, fontweight="bold", x=0.01, ha="left", color=REAL)
    return figure


def week_start(side: Side, month: int, day: int) -> int | None:
    """First half hour of the first week of the first sample from the Monday on or after a date; None if it has none."""
    series = side.samples[0].series
    for year in (series.start.year, series.start.year + 1):
        monday = pd.Timestamp(year=year, month=month, day=day, tz=series.start.tz)
        monday += pd.Timedelta(days=-monday.day_of_week % 7)
        step = round((monday - series.start) / pd.Timedelta(minutes=30))
        if 0 <= step <= len(series) - STEPS_PER_WEEK:
            return step
    return None


def sample_weeks(comparison: Comparison) -> Figure:
    """A spring and a summer week of both sides: price as a line, surplus behind it on the right axis of the row."""
    areas = comparison.real.mean.areas
    shown = shown_areas(areas)
    figure, axes = grid(len(shown), 2 * len(SAMPLE_WEEKS), 1.75 * len(shown) + 1.0, sharex=True, sharey="row")
    days = np.arange(STEPS_PER_WEEK) / STEPS_PER_DAY
    sides = (("real", comparison.real, REAL), ("synthetic", comparison.synthetic, SYNTHETIC))
    columns = [(season, month, day, *side) for season, month, day in SAMPLE_WEEKS for side in sides]
    for i, area in enumerate(shown):
        k = areas.index(area)
        behind = []
        for axis, (season, month, day, word, side, color) in zip(axes[i], columns, strict=True):
            panel_title(axis, f"{area}, {season}, {word}")
            axis.set_xticks(range(8), [""] * 8)
            axis.set_xticks(np.arange(7) + 0.5, list("MTWTFSS"), minor=True)
            axis.tick_params(axis="x", which="minor", length=0, labelsize=8)
            axis.set_xlim(0, 7)
            start = week_start(side, month, day)
            if start is None:
                axis.text(0.5, 0.5, "no such week", ha="center", transform=axis.transAxes, fontsize=8)
                continue
            series, week = side.samples[0].series, slice(start, start + STEPS_PER_WEEK)
            price, surplus = (series.get(name)[week, k] / 1000.0 for name in ("spot_price_jpy_per_mwh", "surplus_mw"))
            axis.step(days, price, where="post", color=color, linewidth=1.0)
            axis.set_zorder(1)
            axis.patch.set_visible(False)
            behind.append((axis.twinx(), surplus))
        most = max((surplus.max() for _, surplus in behind), default=0.0)
        for axis, surplus in behind:
            axis.fill_between(days, surplus, color=SURPLUS, step="post", linewidth=0)
            axis.set_ylim(0.0, 1.6 * max(most, 0.1))
            for edge in ("top", "left", "bottom", "right"):
                axis.spines[edge].set_visible(False)
            axis.tick_params(labelright=False, length=0)
        if most > 0.0:
            behind[-1][0].tick_params(labelright=True, labelsize=8, colors=SURPLUS_TEXT)
            behind[-1][0].set_ylabel("surplus GW", fontsize=8, color=SURPLUS_TEXT)
    from_zero(axes)
    label_edges(axes, "", "JPY/kWh")
    one, other = comparison.real.samples[0].label, comparison.synthetic.samples[0].label
    text = f"A week in spring and in summer, {one} and {other}: price, and curtailed power in green"
    figure.suptitle(text, fontsize=10, fontweight="bold", x=0.01, ha="left", color=REAL)
    return figure


FIGURES: Final[dict[str, Callable[[Comparison], Figure]]] = {
    "price_by_hour.png": price_by_hour,
    "duration_curve.png": duration_curve,
    "curtailment.png": curtailment,
    "weeks.png": sample_weeks,
    "shares.png": shares,
    "autocorrelation.png": price_autocorrelation,
    "delta.png": delta,
    "capacity_factors.png": capacity_factors,
    "correlations.png": correlations,
}
"""Every figure by its file name."""


def draw(comparison: Comparison) -> dict[str, bytes]:
    """
    Draw every figure.

    Returns
    -------
    dict of str to bytes
        PNG files by name.

    Raises
    ------
    SeriesError
        If matplotlib is not installed.
    """
    require_matplotlib()
    files = {}
    for name, make in FIGURES.items():
        stream = io.BytesIO()
        make(comparison).savefig(stream, format="png", metadata={"Software": None})
        files[name] = stream.getvalue()
    return files
