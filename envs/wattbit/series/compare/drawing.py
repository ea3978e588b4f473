"""
Pieces that the figures of a comparison share: colours, grids of panels, curves of two sides, legends.

matplotlib is optional (``pip install "wattbit[render]"``) and imported only when a figure is drawn, without pyplot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from wattbit.errors import SeriesError
from wattbit.series.compare.report import Comparison
from wattbit.series.compare.sides import Side
from wattbit.series.compare.statistics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI: Final = 110
WIDTH_INCH: Final = 10.0

SHOWN_AREAS: Final = ("hokkaido", "tohoku", "tokyo", "kyushu")
"""Areas with a panel of their own, where the sets have them."""

N_PANELS: Final = 4

REAL: Final = "#2b2b2b"
SYNTHETIC: Final = "#d1660a"
SURPLUS: Final = "#7fb069"
SURPLUS_TEXT: Final = "#4c7a38"
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


def grid(n_rows: int, n_columns: int, height_inch: float, **options: Any) -> tuple[Figure, Any]:
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


def panel_title(axes: Axes, text: str) -> None:
    """Title of one panel."""
    axes.set_title(text, fontsize=9, loc="left", color=REAL)


def label_edges(axes: Any, x: str, y: str) -> None:
    """Label the bottom row and the left column of a grid of axes."""
    for one in axes[-1, :]:
        one.set_xlabel(x, fontsize=8)
    for one in axes[:, 0]:
        one.set_ylabel(y, fontsize=8)


def _name(side: Side, kind: str, over_samples: str) -> str:
    n = len(side.samples)
    return f"{kind}: {side.label}" + (f" ({over_samples} of {n})" if n > 1 else "")


def heading(figure: Figure, comparison: Comparison, text: str, over_samples: str = "mean and range") -> None:
    """Title of the figure and one legend for all its panels, above them; `over_samples` says what is shown of many."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=REAL, linewidth=1.6, label=_name(comparison.real, "real", over_samples)),
        Line2D([], [], color=SYNTHETIC, linewidth=1.6, label=_name(comparison.synthetic, "synthetic", over_samples)),
    ]
    figure.suptitle(text, fontsize=11, fontweight="bold", x=0.01, ha="left", color=REAL)
    figure.legend(handles=handles, loc="outside upper right", ncols=2, fontsize=8, frameon=False)


def curves(axes: Axes, x: Array, comparison: Comparison, quantity: str, *index: int, scale: float = 1.0) -> None:
    """One curve of each side over `x`: `quantity` at `index` times `scale`. A band spans the samples of a side."""
    for side, color in ((comparison.real, REAL), (comparison.synthetic, SYNTHETIC)):
        if len(side.samples) > 1:
            low, high = side.low[quantity][index], side.high[quantity][index]
            axes.fill_between(x, scale * low, scale * high, color=color, alpha=0.2, linewidth=0)
        axes.plot(x, scale * side.mean[quantity][index], color=color, linewidth=1.4)


def hours_axis(axes: Axes) -> None:
    """Hours of the day along x."""
    axes.set_xlim(0, 24)
    axes.set_xticks([0, 6, 12, 18, 24])


def months_axis(axes: Axes) -> None:
    """Months along x."""
    axes.set_xlim(0.5, 12.5)
    axes.set_xticks(MONTHS, list(MONTH_LETTERS))


def from_zero(axes: Any) -> None:
    """Let the value axes start at zero; only when everything is drawn, as it ends their automatic range."""
    for one in axes.flat:
        one.set_ylim(bottom=0.0)
