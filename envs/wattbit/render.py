"""
One figure of an episode so far: what every area saw and did, and what it cost.

matplotlib is optional (``pip install "wattbit[render]"``) and imported only when a figure is drawn, without pyplot: no
global list of figures grows and no window system is needed.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from gymnasium.error import DependencyNotInstalled
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.observation import ObservationLayout
from wattbit.units import HALF_HOUR_H, JPY_PER_MWH_PER_JPY_PER_KWH, STEPS_PER_DAY, WEEK_STEPS
from wattbit.world import state as s

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
HistoryEntry = tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]

DPI: Final = 100
WIDTH_INCH: Final = 15.0
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

INK: Final = "#2b2b2b"
MUTED: Final = "#8a8a8a"
SETTLED: Final = "#b58900"
SURPLUS: Final = "#b9dca0"
USED: Final = "#3f7d20"
# Work that must run at once is blue, work that can wait is orange.
CLASSES: Final = {"realtime": "#1b4b7a", "interactive": "#6aa6d6", "batch": "#e08a1e", "training": "#f6cf8b"}
FLEET: Final = "#0b7a75"
STORAGE: Final = "#8e44ad"
LOSS: Final = "#c0392b"

COST_PARTS: Final = s.OUTCOMES[s.O_ENERGY : s.O_TERMINAL + 1]
"""Outcomes whose sum is the cost, in their order."""


@dataclass(frozen=True)
class Episode:
    """
    A history as arrays in the units that people read.

    Attributes
    ----------
    first_step : int
        Half hour of the week (0 = Monday 00:00) of the first step.
    day_of_year : float
        Of the first observation, 0 to 366.
    ledger : dict of str to ndarray, shape (time, area)
        Fields of ``wattbit.world.state.LEDGER``.
    known : dict of str to ndarray, shape (time, area)
        What was observed *for* each half hour. The history holds observations after each step, so the first half hour
        has none and is NaN.
    outcome : dict of str to ndarray, shape (time,)
        Fields of ``wattbit.world.state.OUTCOMES``.
    """

    first_step: int
    day_of_year: float
    ledger: dict[str, Array]
    known: dict[str, Array]
    outcome: dict[str, Array]

    def __len__(self) -> int:
        return len(self.outcome["cost_jpy"])

    @property
    def edges_day(self) -> Array:
        """Bounds of the half hours, days since Monday 00:00, shape (time + 1,)."""
        return (self.first_step + np.arange(len(self) + 1)) / STEPS_PER_DAY


OBSERVED: Final = ("spot_price_jpy_per_mwh", "surplus_mw", "capacity_mw", "fleet_energy_mwh")


def read_history(layout: ObservationLayout, history: Sequence[HistoryEntry]) -> Episode:
    """Turn the records of :class:`wattbit.env.AggregatorEnv` (at least one) into arrays."""
    observation = np.stack([entry[0] for entry in history])
    outcome = np.stack([entry[1] for entry in history])
    ledger = np.stack([entry[2] for entry in history])

    def turn(name: str, length: int) -> int:
        sine, cosine = (float(layout.get(observation[0], f"{name}_{part}")) for part in ("sin", "cos"))
        return round(np.arctan2(sine, cosine) / (2.0 * np.pi) * length) % length

    after_first = turn("day_of_week", 7) * STEPS_PER_DAY + turn("time_of_day", STEPS_PER_DAY)
    known = {}
    for name in OBSERVED:
        values = layout.get(observation, name)
        known[name] = np.concatenate([np.full_like(values[:1], np.nan), values[:-1]])
    return Episode(
        first_step=(after_first - 1) % WEEK_STEPS,
        day_of_year=turn("year", 36525) / 100.0,
        ledger={name: ledger[:, :, k] for k, name in enumerate(s.LEDGER)},
        known=known,
        outcome={name: outcome[:, k] for k, name in enumerate(s.OUTCOMES)},
    )


def _figure(height_inch: float) -> Figure:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise DependencyNotInstalled('drawing needs matplotlib: pip install "wattbit[render]"') from error
    figure = Figure(figsize=(WIDTH_INCH, height_inch), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _pixels(figure: Figure) -> NDArray[np.uint8]:
    canvas: Any = figure.canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba(), np.uint8)[:, :, :3].copy()


def _time_axis(axes: Axes, lowest: Axes, episode: Episode, days: float, hours: Sequence[int]) -> None:
    """
    Days of the week: a line at midnight, weekends shaded, `hours` of the day labelled (none: no labels at all).

    Shades and lines go on `lowest`, the hindmost of the axes that share this place: they must not cover anything.
    """
    start = episode.first_step / STEPS_PER_DAY
    axes.set_xlim(start, start + days)
    first, last = int(np.floor(start)), int(np.ceil(start + days))
    for day in range(first, last):
        if day % 7 in (5, 6):
            lowest.axvspan(max(day, start), min(day + 1, start + days), color="#f3f3f3", zorder=-3, linewidth=0)
    midnights = [day for day in range(first, last + 1) if start <= day <= start + days]
    lowest.vlines(midnights, 0.0, 1.0, "#d9d9d9", linewidth=0.6, zorder=-2, transform=lowest.get_xaxis_transform())
    ticks = [day + hour / 24.0 for day in range(first, last) for hour in (6, 12, 18)] if hours else []
    ticks = [at for at in ticks if start <= at <= start + days]
    labels = [str(hour) if (hour := round(24.0 * (at % 1.0))) in hours else "" for at in ticks]
    labels = [f"{hour}\n{DAYS[int(at) % 7]}" if hour == "12" else hour for hour, at in zip(labels, ticks, strict=True)]
    axes.set_xticks(ticks, labels)
    axes.tick_params(axis="x", labelsize=7.5, length=2, pad=1.5, colors=INK)


def _steps(
    axes: Axes, edges: Array, values: Array, color: str, base: Array | float | None = None, **style: Any
) -> None:
    """One value per half hour as a line, or filled down to `base`; the caller sets the limits."""
    from matplotlib.patches import StepPatch

    # `axes.stairs` would spend most of the drawing time on finding limits that are set by hand anyway.
    filled = base is not None
    shape = StepPatch(values, edges, baseline=cast(float, base), fill=filled, linewidth=0.0 if filled else 1.0)
    shape.set(**({"facecolor": color} if filled else {"edgecolor": color}), **style)
    axes.add_artist(shape)


def _value_axis(axes: Axes, unit: str, color: str = INK, ticks: int = 3) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_ylabel(unit, fontsize=8, color=color, labelpad=2)
    axes.tick_params(axis="y", labelsize=7.5, length=2, pad=1.5, colors=color)
    axes.yaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _right_axis(axes: Axes, unit: str, color: str, highest: float) -> Axes:
    """Second value axis, from zero, behind the first."""
    other = axes.twinx()
    _value_axis(other, unit, color)
    other.spines["right"].set_visible(True)
    other.spines["right"].set_color(color)
    other.spines["left"].set_visible(False)
    other.set_ylim(0.0, 1.08 * highest if highest > 0.0 else 1.0)
    if highest <= 0.0:
        other.yaxis.set_visible(False)
        other.spines["right"].set_visible(False)
    axes.set_zorder(other.get_zorder() + 1)
    axes.patch.set_visible(False)
    return other


def _marks(axes: Axes, episode: Episode, where: NDArray[np.bool_]) -> None:
    """Red ticks along the upper edge at the half hours `where`."""
    if where.any():
        at = 0.5 * (episode.edges_day[:-1] + episode.edges_day[1:])[where]
        axes.plot(at, np.full(len(at), 0.985), "|", color=LOSS, markersize=6, transform=axes.get_xaxis_transform())


def _draw_prices(axes: Axes, episode: Episode, r: int) -> Axes:
    edges = episode.edges_day
    surplus = np.nan_to_num(episode.known["surplus_mw"][:, r])
    behind = _right_axis(axes, "MW", USED, float(surplus.max()))
    used = np.minimum(surplus, np.maximum(0.0, episode.ledger["soaked_mw"][:, r]))
    _steps(behind, edges, surplus, SURPLUS, base=0.0)
    _steps(behind, edges, used, USED, base=0.0)
    spot = episode.known["spot_price_jpy_per_mwh"][:, r] / JPY_PER_MWH_PER_JPY_PER_KWH
    settled = episode.ledger["price_jpy_per_mwh"][:, r] / JPY_PER_MWH_PER_JPY_PER_KWH
    _steps(axes, edges, settled, SETTLED, linewidth=0.9)
    _steps(axes, edges, spot, INK, linewidth=1.2)
    axes.set_ylim(min(0.0, float(settled.min())), 1.12 * max(1.0, float(settled.max()), float(np.nanmax([1.0, *spot]))))
    _value_axis(axes, "JPY/kWh")
    return behind


def _draw_work(axes: Axes, episode: Episode, r: int) -> Axes:
    edges = episode.edges_day
    ledger = episode.ledger
    level = np.zeros(len(episode))
    queued = (ledger[f"{name}_mwh"] / HALF_HOUR_H for name in ("batch", "training"))
    loads = (ledger["realtime_mw"], ledger["interactive_mw"], *queued)
    for color, load in zip(CLASSES.values(), loads, strict=True):
        top = level + load[:, r]
        _steps(axes, edges, top, color, base=level)
        level = top
    capacity = episode.known["capacity_mw"][:, r]
    _steps(axes, edges, capacity, INK, linestyle="--")
    highest = float(np.nanmax([1.0, *level, *capacity]))
    axes.set_ylim(0.0, 1.12 * highest)
    losses = ("realtime_dropped_mwh", "interactive_dropped_mwh", "batch_missed_mwh", "training_missed_mwh")
    _marks(axes, episode, np.sum([ledger[name][:, r] for name in losses], axis=0) > 1e-3)
    _value_axis(axes, "MW")
    return axes


def _draw_storage(axes: Axes, episode: Episode, r: int) -> Axes:
    edges = episode.edges_day
    fleet, battery = episode.ledger["fleet_mw"][:, r], episode.ledger["storage_mw"][:, r]
    energy = episode.known["fleet_energy_mwh"][:, r] / 1000.0
    behind = _right_axis(axes, "GWh", MUTED, float(np.nanmax([0.0, *energy])))
    _steps(behind, edges, energy, MUTED)
    axes.axhline(0.0, color=INK, linewidth=0.6)
    _steps(axes, edges, fleet, FLEET, base=0.0, alpha=0.35)
    _steps(axes, edges, fleet, FLEET)
    _steps(axes, edges, battery, STORAGE)
    low, high = (float(pick([*fleet, *battery, 0.0])) for pick in (min, max))
    room = 0.08 * max(1.0, high - low)
    axes.set_ylim(low - room, high + 1.5 * room)
    _marks(axes, episode, episode.ledger["unserved_departures"][:, r] > 0.5)
    _value_axis(axes, "MW")
    return behind


def _draw_cost(axes: Axes, episode: Episode) -> None:
    edges = episode.edges_day
    cost, reference = (
        np.concatenate([[0.0], np.cumsum(episode.outcome[name])]) / 1e6 for name in ("cost_jpy", "reference_jpy")
    )
    axes.fill_between(edges, cost, reference, where=(cost <= reference).tolist(), color="#cfe8d5", interpolate=True)
    axes.fill_between(edges, cost, reference, where=(cost > reference).tolist(), color="#f3cfca", interpolate=True)
    axes.plot(edges, reference, color=MUTED, linewidth=1.2, linestyle="--", label="reference: inflexible, same prices")
    axes.plot(edges, cost, color=INK, linewidth=1.5, label="cost J")
    axes.legend(loc="upper left", fontsize=8, frameon=False)
    axes.set_title("Cumulative cost of all areas", fontsize=9, loc="left", color=INK)
    _value_axis(axes, "M JPY", ticks=5)


def _draw_parts(axes: Axes, episode: Episode) -> None:
    sums = [float(episode.outcome[name].sum()) / 1e6 for name in COST_PARTS]
    place = [float(k) for k in range(len(sums))]
    axes.barh(place, sums, color="#5f7f9f", height=0.65)
    reach = max(1e-6, *(abs(value) for value in sums))
    for at, value in zip(place, sums, strict=True):
        axes.text(max(value, 0.0) + 0.02 * reach, at, f"{value:,.1f}", va="center", fontsize=7.5, color=INK)
    axes.set_yticks(place, [name.removesuffix("_jpy") for name in COST_PARTS], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(min(0.0, *sums) * 1.05, 1.25 * max(0.0, *sums) + 0.02 * reach)
    axes.set_title("What J is made of so far [M JPY]", fontsize=9, loc="left", color=INK)
    axes.tick_params(axis="x", labelsize=7.5, length=2, colors=INK)
    axes.tick_params(axis="y", length=0, colors=INK)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _legends(figure: Figure, columns: Sequence[Axes], head_inch: float, height_inch: float) -> None:
    """One title and one legend per column, above its first panel."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def line(color: str, label: str, **style: Any) -> Any:
        return Line2D([], [], color=color, label=label, **style)

    mark: dict[str, Any] = {"marker": "|", "linestyle": ""}
    prices = [line(INK, "spot"), line(SETTLED, "settled")]
    prices += [Patch(color=SURPLUS, label="surplus (right)"), Patch(color=USED, label="of it used (right)")]
    work: list[Any] = [Patch(color=color, label=name) for name, color in CLASSES.items()]
    work += [line(INK, "capacity", linestyle="--"), line(LOSS, "work lost", **mark)]
    stores = [line(FLEET, "fleet"), line(STORAGE, "battery"), line(MUTED, "fleet energy (right)")]
    stores += [line(LOSS, "departure unserved", **mark)]
    contents = (
        ("Price and surplus", prices),
        ("Data centre, dynamic IT load", work),
        ("Fleet and battery, charging positive", stores),
    )
    for axes, (title, handles) in zip(columns, contents, strict=True):
        left = axes.get_position().x0
        top = 1.0 - head_inch / height_inch
        figure.text(left, top + 0.34 / height_inch, title, fontsize=10, fontweight="bold", color=INK, va="bottom")
        figure.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(left - 0.004, top + 0.04 / height_inch),
            ncols=len(handles), fontsize=7.5, frameon=False,
            handlelength=1.1, handletextpad=0.35, columnspacing=0.8, borderpad=0.2,
        )  # fmt: skip


def _clock(step: int) -> str:
    minutes = 30 * (step % STEPS_PER_DAY)
    return f"{DAYS[step // STEPS_PER_DAY % 7]} {minutes // 60:02d}:{minutes % 60:02d}"


def _headline(config: ScenarioConfig, episode: Episode) -> str:
    cost, reference = episode.outcome["cost_jpy"].sum() / 1e6, episode.outcome["reference_jpy"].sum() / 1e6
    day = datetime.date(2001, 1, 1) + datetime.timedelta(days=int(episode.day_of_year) % 365)
    side = "below" if cost <= reference else "above"
    return (
        f"{config.name}: {len(episode)} half hours from {_clock(episode.first_step)} "
        f"(about {day.day} {day:%b}) to {_clock(episode.first_step + len(episode))}    "
        f"J {cost:,.1f} M JPY, {abs(reference - cost):,.1f} M {side} the reference"
    )


def render_week(
    config: ScenarioConfig, layout: ObservationLayout, history: Sequence[HistoryEntry]
) -> NDArray[np.uint8]:
    """
    Draw an episode so far: one row per area, and the money of the whole world below.

    Parameters
    ----------
    config : ScenarioConfig
        The scenario played.
    layout : ObservationLayout
        Names the positions of the observations.
    history : sequence of (observation, outcome, ledger)
        One entry per half hour done: the observation after it, shape (D,), the outcome, shape (16,), and the ledger,
        shape (area, N_LEDGER). Longer histories than a week are drawn from their first half hour to their last.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        1,500 pixels wide; the height grows with the number of areas.

    Raises
    ------
    gymnasium.error.DependencyNotInstalled
        If matplotlib is missing.
    """
    n_areas = len(config.areas)
    row_inch = {1: 3.0, 2: 2.5, 3: 2.1}.get(n_areas, 1.35)
    head_inch, foot_inch, cost_inch, between_inch = 1.0, 0.45, 2.0, 0.75
    height = head_inch + n_areas * row_inch + between_inch + cost_inch + foot_inch
    if not history:
        figure = _figure(3.0)
        text = f"{config.name}: no half hour has been played yet"
        figure.text(0.5, 0.5, text, ha="center", va="center", fontsize=14, color=INK)
        return _pixels(figure)
    figure = _figure(height)
    episode = read_history(layout, history)
    days = max(config.episode.steps, len(episode)) / STEPS_PER_DAY
    grid = figure.add_gridspec(
        n_areas, 3, left=0.075, right=0.965, wspace=0.23, hspace=0.16,
        top=1.0 - head_inch / height, bottom=(foot_inch + cost_inch + between_inch) / height,
    )  # fmt: skip
    draws: tuple[Callable[[Axes, Episode, int], Axes], ...] = (_draw_prices, _draw_work, _draw_storage)
    columns: list[Axes] = []
    for r, area in enumerate(config.areas):
        for k, draw in enumerate(draws):
            axes = figure.add_subplot(grid[r, k])
            _time_axis(axes, draw(axes, episode, r), episode, days, (12,) if r == n_areas - 1 else ())
            if r == 0:
                columns.append(axes)
            if k == 0:
                place = axes.get_position()
                figure.text(
                    0.012, 0.5 * (place.y0 + place.y1), area.name.capitalize(), rotation=90, va="center",
                    fontsize=10, fontweight="bold", color=INK,
                )  # fmt: skip
    below = figure.add_gridspec(
        1, 3, left=0.075, right=0.965, wspace=0.23, top=(foot_inch + cost_inch) / height, bottom=foot_inch / height
    )
    money = figure.add_subplot(below[0, :2])
    _draw_cost(money, episode)
    _time_axis(money, money, episode, days, (6, 12, 18))
    _draw_parts(figure.add_subplot(below[0, 2]), episode)
    figure.text(0.012, 1.0 - 0.22 / height, _headline(config, episode), fontsize=12, color=INK, va="center")
    _legends(figure, columns, head_inch, height)
    return _pixels(figure)
