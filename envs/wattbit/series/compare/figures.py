"""
Figures of a comparison: the real side in dark ink, the synthetic one in colour with a band over its samples.

matplotlib is optional (``pip install "wattbit[render]"``) and imported only when a figure is drawn, without pyplot.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from wattbit.errors import SeriesError
from wattbit.series.compare.report import Comparison
from wattbit.series.compare.sides import Side
from wattbit.series.compare.statistics import (
    LAGS,
    PRICE_QUANTILES,
    SEASONS,
    Array,
    autocorrelation,
    axis_labels,
)
from wattbit.series.set import STEPS_PER_DAY
from wattbit.series.splits import STEPS_PER_WEEK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI: Final = 110
WIDTH_INCH: Final = 10.0

SHOWN_AREAS: Final = ("hokkaido", "tohoku", "tokyo", "kyushu")
"""Areas with a panel of their own, where the sets have them."""

N_PANELS: Final = 4

SAMPLE_WEEKS: Final = (("spring", 5, 10), ("summer", 7, 20))
"""Sample weeks: the first Monday on or after this month and day."""

REAL: Final = "#2b2b2b"
SYNTHETIC: Final = "#d1660a"
SURPLUS: Final = "#7fb069"
PALE: Final = "#e4e4e4"
MONTH_LETTERS: Final = "JFMAMJJASOND"
MONTHS: Final[Array] = np.arange(1.0, 13.0)
HOURS: Final[Array] = np.arange(0.5, 24.0)


def require_matplotlib() -> None:
    """
    Raise before any work is done where figures cannot be drawn.

    Raises
    ------
    SeriesError
        With an install hint.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise SeriesError('--output draws figures, which needs matplotlib: pip install "wattbit[render]"') from None


def shown_areas(areas: tuple[str, ...]) -> tuple[str, ...]:
    """Areas with a panel: the usual four where they are there, else the first few."""
    return tuple(area for area in SHOWN_AREAS if area in areas) or areas[:N_PANELS]


def _grid(n_rows: int, n_columns: int, height_inch: float, **options: Any) -> tuple[Figure, Any]:
    """Figure and its axes, always shape (row, column)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCH, height_inch), dpi=DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(n_rows, n_columns, squeeze=False, **options)
    for one in axes.flat:
        _plain(one)
    return figure, axes


def _plain(axes: Axes) -> None:
    axes.tick_params(labelsize=8, length=2, colors=REAL)
    axes.grid(axis="y", color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, fontsize=9, loc="left", color=REAL)


def _labels(axes: Any, x: str, y: str) -> None:
    """Label the bottom row and the left column of a grid of axes."""
    for one in axes[-1, :]:
        one.set_xlabel(x, fontsize=8)
    for one in axes[:, 0]:
        one.set_ylabel(y, fontsize=8)


def _name(side: Side, kind: str) -> str:
    n = len(side.samples)
    return f"{kind}: {side.label}" + (f" (mean and range of {n})" if n > 1 else "")


def _legend(figure: Figure, comparison: Comparison, title: str) -> None:
    """Title of the figure and one legend for all its panels, above them."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=REAL, linewidth=1.6, label=_name(comparison.real, "real")),
        Line2D([], [], color=SYNTHETIC, linewidth=1.6, label=_name(comparison.synthetic, "synthetic")),
    ]
    figure.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left", color=REAL)
    figure.legend(handles=handles, loc="outside upper right", ncols=2, fontsize=8, frameon=False)


def _curves(axes: Axes, x: Array, comparison: Comparison, quantity: str, *index: int, scale: float = 1.0) -> None:
    """One curve of each side over `x`: `quantity` at `index` times `scale`. A band spans the samples of a side."""
    for side, color in ((comparison.real, REAL), (comparison.synthetic, SYNTHETIC)):
        if len(side.samples) > 1:
            low, high = side.low[quantity][index], side.high[quantity][index]
            axes.fill_between(x, scale * low, scale * high, color=color, alpha=0.2, linewidth=0)
        axes.plot(x, scale * side.mean[quantity][index], color=color, linewidth=1.4)


def _hours(axes: Axes) -> None:
    axes.set_xlim(0, 24)
    axes.set_xticks([0, 6, 12, 18, 24])


def _months(axes: Axes) -> None:
    axes.set_xlim(0.5, 12.5)
    axes.set_xticks(MONTHS, list(MONTH_LETTERS))


def price_by_hour(comparison: Comparison) -> Figure:
    """Mean price by hour of day, a column per season, a row per area."""
    areas = comparison.real.mean.areas
    shown = shown_areas(areas)
    figure, axes = _grid(len(shown), len(SEASONS), 1.6 * len(shown) + 1.0, sharex=True, sharey=True)
    for i, area in enumerate(shown):
        k = areas.index(area)
        for j, season in enumerate(SEASONS):
            _curves(axes[i, j], HOURS, comparison, "price_by_season_hour", k, j)
            _title(axes[i, j], f"{area}, {season}")
            _hours(axes[i, j])
            axes[i, j].set_ylim(bottom=0.0)
    _labels(axes, "hour of day", "JPY/kWh")
    _legend(figure, comparison, "Mean price by hour and season")
    return figure


def duration_curve(comparison: Comparison) -> Figure:
    """Sorted prices; the axis ends above the highest 99th percentile, and the maximum is written in."""
    areas = comparison.real.mean.areas
    shown = shown_areas(areas)
    figure, axes = _grid(1, len(shown), 3.2, sharey=True)
    share = 100.0 * (1.0 - np.array(PRICE_QUANTILES))
    picks = [areas.index(area) for area in shown]
    top = 1.15 * max(side.high["price_quantiles"][picks, -2].max() for side in (comparison.real, comparison.synthetic))
    for j, (area, k) in enumerate(zip(shown, picks, strict=True)):
        _curves(axes[0, j], share, comparison, "price_quantiles", k)
        _title(axes[0, j], area)
        axes[0, j].set_xlim(0, 100)
        axes[0, j].set_ylim(0, top)
        peaks = [side.high["price_quantiles"][k, -1] for side in (comparison.real, comparison.synthetic)]
        for height, peak, color in zip((0.93, 0.85), peaks, (REAL, SYNTHETIC), strict=True):
            axes[0, j].text(
                0.97, height, f"max {peak:.0f}", color=color, fontsize=8, ha="right", transform=axes[0, j].transAxes
            )
    _labels(axes, "% of half hours", "JPY/kWh")
    _legend(figure, comparison, "Duration curve of the price")
    return figure


def curtailment(comparison: Comparison) -> Figure:
    """Mean curtailed power by month and by hour in the areas with most of it on either side."""
    areas = comparison.real.mean.areas
    by_hour = (comparison.real.mean["curtailed_by_hour"], comparison.synthetic.mean["curtailed_by_hour"])
    most = np.maximum(by_hour[0].mean(axis=1), by_hour[1].mean(axis=1))
    picks = sorted(np.argsort(-most, kind="stable")[:N_PANELS].tolist())
    figure, axes = _grid(2, len(picks), 4.6)
    for j, k in enumerate(picks):
        _curves(axes[0, j], MONTHS, comparison, "curtailed_by_month", k, scale=1000.0)
        _curves(axes[1, j], HOURS, comparison, "curtailed_by_hour", k, scale=1000.0)
        _title(axes[0, j], f"{areas[k]}, by month")
        _title(axes[1, j], f"{areas[k]}, by hour of day")
        _months(axes[0, j])
        _hours(axes[1, j])
        for axis in axes[:, j]:
            axis.set_ylim(bottom=0.0)
    for axis in axes[:, 0]:
        axis.set_ylabel("mean curtailed MW", fontsize=8)
    _legend(figure, comparison, "Curtailed solar and wind")
    return figure


def capacity_factors(comparison: Comparison) -> Figure:
    """Solar and wind potential over their peak, by month."""
    areas = comparison.real.mean.areas
    shown = shown_areas(areas)
    figure, axes = _grid(2, len(shown), 4.6, sharex=True, sharey="row")
    for i, kind in enumerate(("solar", "wind")):
        for j, area in enumerate(shown):
            k = areas.index(area)
            _curves(axes[i, j], MONTHS, comparison, f"{kind}_factor_by_month", k)
            _title(axes[i, j], f"{area}, {kind}")
            _months(axes[i, j])
            axes[i, j].set_ylim(bottom=0.0)
    _labels(axes, "month", "mean over peak")
    _legend(figure, comparison, "Capacity factors, relative to the observed peak")
    return figure


def price_autocorrelation(comparison: Comparison) -> Figure:
    """Autocorrelation of the price up to two days."""
    areas = comparison.real.mean.areas
    shown = shown_areas(areas)
    figure, axes = _grid(1, len(shown), 3.0, sharey=True)
    lags = np.array(LAGS) / 2.0
    for j, area in enumerate(shown):
        _curves(axes[0, j], lags, comparison, "price_autocorrelation", areas.index(area))
        _title(axes[0, j], area)
        axes[0, j].axhline(0.0, color=REAL, linewidth=0.6)
        axes[0, j].set_xticks([0, 12, 24, 36, 48])
    _labels(axes, "lag [h]", "autocorrelation")
    _legend(figure, comparison, "Autocorrelation of the price")
    return figure


def shares(comparison: Comparison) -> Figure:
    """Split shares of pairs, shares at the floor and curtailed shares, with the range over the samples."""
    real, synthetic = comparison.real, comparison.synthetic
    figure, axes = _grid(1, 3, 3.8)
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
        _title(axis, title)
    _legend(figure, comparison, "Splits, floor and curtailment")
    return figure


def delta(comparison: Comparison) -> Figure:
    """Settlement less spot of one area: distribution and autocorrelation, a curve per sample."""
    area = shown_areas(comparison.real.mean.areas)[-1]
    figure, axes = _grid(1, 2, 3.2)
    share = np.linspace(0.002, 0.998, 250)
    lags = range(1, STEPS_PER_DAY // 2 + 1)
    for side, color in ((comparison.real, REAL), (comparison.synthetic, SYNTHETIC)):
        for sample, mask in zip(side.samples, side.masks, strict=True):
            values = sample.series.get("delta_price_jpy_per_mwh")[:, [side.mean.areas.index(area)]] / 1000.0
            axes[0, 0].plot(np.quantile(values[mask], share), 100.0 * share, color=color, linewidth=1.2)
            curve = [float(autocorrelation(values, mask, lag)[0]) for lag in lags]
            axes[0, 1].plot([lag / 2.0 for lag in lags], curve, color=color, linewidth=1.2)
    _title(axes[0, 0], f"{area}: distribution")
    axes[0, 0].set_xlabel("settlement less spot [JPY/kWh]", fontsize=8)
    axes[0, 0].set_ylabel("% of half hours below", fontsize=8)
    axes[0, 0].set_ylim(0, 100)
    _title(axes[0, 1], f"{area}: autocorrelation")
    axes[0, 1].set_xlabel("lag [h]", fontsize=8)
    axes[0, 1].axhline(0.0, color=REAL, linewidth=0.6)
    _legend(figure, comparison, "Delta")
    return figure


def correlations(comparison: Comparison) -> Figure:
    """Correlation between areas of price, noon solar and wind: real above, synthetic below."""
    areas = comparison.real.mean.areas
    kinds = (("price_correlation", "price"), ("noon_solar_correlation", "noon solar"), ("wind_correlation", "wind"))
    figure, axes = _grid(2, len(kinds), 7.2)
    image = None
    for i, (side, word) in enumerate(((comparison.real, "real"), (comparison.synthetic, "synthetic"))):
        for j, (name, title) in enumerate(kinds):
            table = side.mean[name]
            image = axes[i, j].imshow(table, vmin=0.0, vmax=1.0, cmap="Blues")
            axes[i, j].grid(visible=False)
            axes[i, j].set_xticks(range(len(areas)), areas, rotation=90)
            axes[i, j].set_yticks(range(len(areas)), areas if j == 0 else [""] * len(areas))
            _title(axes[i, j], f"{title}, {word}")
            for (row, column), value in np.ndenumerate(table):
                ink = "white" if value > 0.6 else REAL
                axes[i, j].text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=6.5, color=ink)
    if image is not None:
        figure.colorbar(image, ax=axes, shrink=0.4, label="correlation (cells: %)")
    text = f"Correlation between areas  ({_name(comparison.real, 'real')}; {_name(comparison.synthetic, 'synthetic')})"
    figure.suptitle(text, fontsize=10, fontweight="bold", x=0.01, ha="left", color=REAL)
    return figure


def week_start(side: Side, month: int, day: int) -> int | None:
    """First half hour of the first week of the first sample from the Monday on or after a date; None if it has none."""
    series = side.samples[0].series
    for year in (series.start.year, series.start.year + 1):
        monday = pd.Timestamp(year=year, month=month, day=day, tz=series.start.tz)
        monday += pd.Timedelta(days=-monday.dayofweek % 7)
        step = round((monday - series.start) / pd.Timedelta(minutes=30))
        if 0 <= step <= len(series) - STEPS_PER_WEEK:
            return step
    return None


def sample_weeks(comparison: Comparison) -> Figure:
    """A spring and a summer week of both sides: price as a line, surplus behind it."""
    areas = comparison.real.mean.areas
    shown = shown_areas(areas)
    figure, axes = _grid(len(shown), 4, 1.75 * len(shown) + 1.0, sharex=True)
    days = np.arange(STEPS_PER_WEEK) / STEPS_PER_DAY
    columns = [
        (season, side, word, week_start(side, month, day))
        for season, month, day in SAMPLE_WEEKS
        for side, word in ((comparison.real, "real"), (comparison.synthetic, "synthetic"))
    ]
    for i, area in enumerate(shown):
        k = areas.index(area)
        behind = []
        for j, (season, side, word, start) in enumerate(columns):
            axis = axes[i, j]
            _title(axis, f"{area}, {season}, {word}")
            axis.set_xlim(0, 7)
            axis.set_xticks(range(8), ["", *[""] * 6, ""])
            axis.set_xticks(np.arange(7) + 0.5, list("MTWTFSS"), minor=True)
            axis.tick_params(axis="x", which="minor", length=0, labelsize=8)
            if start is None:
                axis.text(0.5, 0.5, "no such week", ha="center", transform=axis.transAxes, fontsize=8)
                continue
            series = side.samples[0].series
            week = slice(start, start + STEPS_PER_WEEK)
            other = axis.twinx()
            other.fill_between(
                days, series.get("surplus_mw")[week, k] / 1000.0, color=SURPLUS, step="post", linewidth=0
            )
            other.tick_params(labelsize=7, length=2, colors="#4c7a38")
            for edge in ("top", "left", "bottom"):
                other.spines[edge].set_visible(False)
            other.spines["right"].set_color(SURPLUS)
            behind.append(other)
            axis.set_zorder(other.get_zorder() + 1)
            axis.patch.set_visible(False)
            color = REAL if word == "real" else SYNTHETIC
            axis.step(
                days, series.get("spot_price_jpy_per_mwh")[week, k] / 1000.0, color=color, linewidth=1.0, where="post"
            )
        top = max((axis.get_ylim()[1] for axis in axes[i]), default=1.0)
        most = max([0.1, *(axis.get_ylim()[1] for axis in behind if axis.dataLim.y1 > 0.0)])
        for axis in axes[i]:
            axis.set_ylim(0.0, top)
        for axis in behind:
            axis.set_ylim(0.0, 1.6 * most)
            axis.set_visible(axis.dataLim.y1 > 0.0)
    _labels(axes, "", "JPY/kWh")
    for axis in axes[:, -1]:
        axis.text(
            1.16, 0.5, "surplus GW", rotation=90, va="center", fontsize=7, color="#4c7a38", transform=axis.transAxes
        )
    first, other_first = comparison.real.samples[0], comparison.synthetic.samples[0]
    text = (
        f"One week in spring and one in summer: {first.label} and {other_first.label}; price, curtailed power in green"
    )
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
