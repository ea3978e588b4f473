"""Figures of an evaluation as PNG, drawn without pyplot: no window, no global state."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from wattbit_agents.evaluation import COST_PARTS, Evaluation
from wattbit_agents.report.tables import COST_TITLES

COLOURS: Final = tuple(to_hex(colormaps["tab20"](k)) for k in range(len(COST_PARTS)))
"""One colour per part of J, in the order of ``COST_PARTS``."""

DPI: Final = 110


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)
    return buffer.getvalue()


def main_chart(evaluation: Evaluation) -> bytes:
    """Return J against the reference with its interval, and the parts that the difference is made of, as PNG."""
    reference = evaluation.facts["reference"]
    entries = [entry for entry in evaluation.entries if entry.name != reference] or list(evaluation.entries)
    height = 1.7 + 0.42 * len(entries)
    figure = Figure(figsize=(11.5, height), dpi=DPI, layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.6))
    places = np.arange(len(entries))[::-1]
    for place, entry in zip(places, entries, strict=True):
        d = entry.difference
        colour = "#2f7d4f" if d.high < 0 else "#b03a3a" if d.low > 0 else "#666666"
        left.plot([d.low / 1e6, d.high / 1e6], [place, place], color=colour, linewidth=3, solid_capstyle="butt")
        left.plot(d.mean / 1e6, place, "o", color=colour, markersize=7)
        left.annotate(
            f"{d.mean / 1e6:+.0f}", (d.mean / 1e6, place), (0, 6), textcoords="offset points", ha="center", fontsize=8
        )
    left.set_yticks(places, [entry.name for entry in entries])
    left.set_ylim(-0.6, len(entries) - 0.3)
    left.set_title(f"J minus J of {reference}, 95 % interval", fontsize=10)
    base = evaluation.entry(reference)
    used = [any(entry.mean(part) != 0.0 for entry in evaluation.entries) for part in COST_PARTS]
    parts = [p for p, use in zip(zip(COST_PARTS, COST_TITLES, COLOURS, strict=True), used, strict=True) if use]
    for place, entry in zip(places, entries, strict=True):
        below = above = 0.0
        for part, _, colour in parts:
            change = (entry.mean(part) - base.mean(part)) / 1e6
            right.barh(place, change, left=above if change > 0 else below, color=colour, height=0.6)
            above, below = above + max(change, 0.0), below + min(change, 0.0)
    right.set_title("of which", fontsize=10)
    handles = [right.barh(0, 0, color=colour, label=title) for _, title, colour in parts]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(8, len(parts)), fontsize=8, frameon=False)
    for axis in (left, right):
        axis.axvline(0.0, color="black", linewidth=0.8)
        axis.set_xlabel("M JPY per week (left is cheaper)", fontsize=9)
        axis.use_sticky_edges = False
        axis.margins(x=0.06)
        axis.grid(axis="x", alpha=0.3)
        axis.tick_params(labelsize=9)
    return _png(figure)


def week_chart(evaluation: Evaluation) -> bytes:
    """Return the weekly difference of J to the reference, one line per policy, as PNG."""
    reference = evaluation.facts["reference"]
    base = evaluation.entry(reference).scores.get("cost_jpy").mean(axis=0)
    figure = Figure(figsize=(11.5, 3.6), dpi=DPI, layout="constrained")
    axis = figure.subplots()
    for entry in evaluation.entries:
        change = (entry.scores.get("cost_jpy").mean(axis=0) - base) / 1e6
        axis.plot(np.arange(len(change)), change, marker="o", markersize=3, linewidth=1.2, label=entry.name)
    axis.set_xlabel("week, in the order of the calendar", fontsize=9)
    axis.set_ylabel(f"M JPY minus {reference}", fontsize=9)
    axis.grid(alpha=0.3)
    axis.tick_params(labelsize=9)
    figure.legend(loc="outside right upper", fontsize=8, frameon=False)
    return _png(figure)


def service_chart(evaluation: Evaluation) -> bytes:
    """Return CO2, curtailed energy used, missed service and wear, one panel each, as PNG."""
    panels = (
        ("CO2 [t]", "co2_kg", 1e-3),
        ("curtailed energy used [MWh]", "curtailment_avoided_mwh", 1.0),
        ("SLO misses [MWh]", "slo_miss_mwh", 1.0),
        ("unserved departures [cars]", "unserved_departures", 1.0),
        ("SoH loss [1e-3 %]", "soh_loss_percent", 1e3),
    )
    names = [entry.name for entry in evaluation.entries][::-1]
    figure = Figure(figsize=(11.5, 1.2 + 0.28 * len(names)), dpi=DPI, layout="constrained")
    for axis, (title, outcome, scale) in zip(figure.subplots(1, len(panels), sharey=True), panels, strict=True):
        values = [entry.mean(outcome) * scale for entry in evaluation.entries][::-1]
        axis.barh(names, values, color="#3b6ea5", height=0.6)
        axis.set_title(title, fontsize=9)
        axis.tick_params(labelsize=8)
        axis.grid(axis="x", alpha=0.3)
    return _png(figure)
