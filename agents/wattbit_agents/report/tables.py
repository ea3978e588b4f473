"""An evaluation as text and as rows for CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from wattbit_agents.evaluation import COST_PARTS, Entry, Evaluation


@dataclass(frozen=True)
class Column:
    """One column of the printed table: two header lines, a value and its format."""

    title: str
    unit: str
    value: Callable[[Entry], float]
    form: str = ".1f"


def _outcome(title: str, unit: str, name: str, scale: float, form: str = ".1f") -> Column:
    return Column(title, unit, lambda entry: entry.mean(name) * scale, form)


WORDS: Final = {"work_jpy": "lost work", "carbon_jpy": "CO2 money", "owner_jpy": "owners"}
"""Terms of the cost that are not called by their name."""

COST_TITLES: Final = tuple(WORDS.get(name, name.removesuffix("_jpy")) for name in COST_PARTS)
"""Words for :data:`~wattbit_agents.evaluation.COST_PARTS`."""

COLUMNS: Final = (
    _outcome("J", "M JPY", "cost_jpy", 1e-6),
    *(_outcome(t, "M JPY", name, 1e-6) for t, name in zip(COST_TITLES, COST_PARTS, strict=True)),
    _outcome("CO2", "t", "co2_kg", 1e-3, ".0f"),
    _outcome("curtailed", "MWh used", "curtailment_avoided_mwh", 1.0, ".0f"),
    _outcome("SLO miss", "MWh", "slo_miss_mwh", 1.0),
    _outcome("p99 miss", "MWh", "p99_miss_mwh", 1.0, ".0f"),
    _outcome("matched", "MWh", "matched_mwh", 1.0, ".0f"),
    _outcome("SoH loss", "1e-3 %", "soh_loss_percent", 1e3),
    _outcome("unserved", "cars", "unserved_departures", 1.0, ".0f"),
    Column("decision", "us", lambda entry: entry.scores.decision_s * 1e6),
)
"""Columns of the printed table; figures are means per week."""


def _grid(header: list[list[str]], rows: list[list[str]]) -> str:
    """Align columns: the first to the left, the others to the right."""
    widths = [max(len(row[k]) for row in header + rows) for k in range(len(rows[0]))]

    def line(row: list[str]) -> str:
        return "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([*(line(row) for row in header), rule, *(line(row) for row in rows)])


def summary_table(evaluation: Evaluation) -> str:
    """Return the table that the command line prints: means per week, then paired differences."""
    # A term that nobody has in this scenario is left out.
    shown = [c for c in COLUMNS if c.title not in COST_TITLES or any(c.value(e) != 0.0 for e in evaluation.entries)]
    header = [["policy", *(c.title for c in shown)], ["", *(c.unit for c in shown)]]
    rows = [[e.name, *(format(c.value(e), c.form) for c in shown)] for e in evaluation.entries]
    facts = evaluation.facts
    weeks = f"{len(facts['weeks'])} of {facts['weeks_in_split']} {facts['split']} weeks"
    lines = [
        f"{facts['scenario']}, {weeks}, seeds {', '.join(map(str, facts['seeds']))}; means per week",
        "",
        _grid(header, rows),
        "",
        f"J minus J of {facts['reference']}, same weeks and seeds, paired bootstrap by week",
        "",
        _grid(
            [["policy", "mean", "95 % from", "to", "share", "weeks better"], ["", *("M JPY",) * 3, "%", "%"]],
            [_difference_row(entry, evaluation) for entry in evaluation.entries],
        ),
    ]
    return "\n".join(lines)


def _difference_row(entry: Entry, evaluation: Evaluation) -> list[str]:
    base = evaluation.entry(evaluation.facts["reference"]).mean("cost_jpy")
    d = entry.difference
    if entry.name == evaluation.facts["reference"]:
        return [entry.name, "0.0", "", "", "", ""]
    return [
        entry.name,
        *(f"{value / 1e6:+.1f}" for value in (d.mean, d.low, d.high)),
        f"{100 * d.mean / abs(base):+.1f}" if base else "",
        f"{100 * entry.better_share:.0f}",
    ]


def summary_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return one flat record per policy, in the units of the outcomes."""
    return [
        {
            "policy": entry.name,
            **{name: entry.mean(name) for name in entry.scores.names},
            "difference_jpy": entry.difference.mean,
            "difference_low_jpy": entry.difference.low,
            "difference_high_jpy": entry.difference.high,
            "better_share": entry.better_share,
            "decision_s": entry.scores.decision_s,
        }
        for entry in evaluation.entries
    ]


def week_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return one flat record per policy, seed and week."""
    return [
        {
            "policy": entry.name,
            "seed": seed,
            "week": week,
            **dict(zip(entry.scores.names, entry.scores.values[i, j].tolist(), strict=True)),
        }
        for entry in evaluation.entries
        for i, seed in enumerate(evaluation.facts["seeds"])
        for j, week in enumerate(evaluation.facts["weeks"])
    ]


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Return records as CSV text with a header line."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
