"""A ladder as text, as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from benchmarks.ladder.course import code_of
from benchmarks.ladder.rungs import Ladder, Rung, Slack
from benchmarks.ladder.score import LEVEL, Estimate
from wattbit_agents.report.tables import WORDS

HEADLINE: Final = "mpc-dual"
"""The planner whose headroom is shown: the one to match."""

_M: Final = 1e-6


def _interval(value: Estimate, scale: float, form: str) -> tuple[str, str, str]:
    """The figure, its interval by week and that by year."""
    by_week = f"{value.low * scale:{form}} .. {value.high * scale:{form}}"
    if value.low_by_year is None or value.high_by_year is None:
        return f"{value.value * scale:{form}}", by_week, ""
    return (
        f"{value.value * scale:{form}}",
        by_week,
        f"{value.low_by_year * scale:{form}} .. {value.high_by_year * scale:{form}}",
    )


def _row(rung: Rung) -> list[str]:
    difference = ("", "", "") if rung.difference_jpy is None else _interval(rung.difference_jpy, _M, "+.1f")
    captured = ("", "", "") if rung.captured is None else _interval(rung.captured, 100.0, ".1f")
    return [
        rung.name,
        f"{rung.mean_jpy * _M:.1f}",
        *difference,
        "" if rung.p_holm is None else f"{rung.p_holm:.4f}",
        *captured,
        f"{rung.co2_t:,.0f}",
        f"{rung.decision_ms:.3g}",
        str(rung.fallbacks),
    ]


def _head(ladder: Ladder) -> list[str]:
    level = f"{100 * LEVEL:.0f} %"
    return [
        "policy",
        "J, M JPY/week",
        f"less {ladder.reference}",
        f"{level} by week",
        "by year",
        "p (Holm)",
        "captured, %",
        f"{level} by week",
        "by year",
        "CO2, t/week",
        "ms/decision",
        "fallbacks",
    ]


def rows_of(ladder: Ladder) -> list[list[str]]:
    """Return head and rows: worst policy first, perfect foresight last."""
    ordered = sorted(ladder.rungs, key=lambda rung: -rung.mean_jpy)
    base = ladder.rung(ladder.reference)
    assert base is not None
    bound = ["bound", f"{ladder.bound_jpy.mean() * _M:.1f}", f"{(ladder.bound_jpy - base.cost_jpy).mean() * _M:+.1f}"]
    rows = [_head(ladder), *(_row(rung) for rung in ordered)]
    return [*rows, bound + [""] * (len(rows[0]) - len(bound))]


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as text, the first column to the left and the others to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" + " ---: |" * (len(rows[0]) - 1), *lines[1:]])


def title(ladder: Ladder) -> str:
    """Return what the table is of."""
    course = ladder.course
    years = len(set(course.years))
    return (
        f"{course.scenario.name}, world {course.world_hash}: {len(course.weeks)} test weeks of {years} "
        f"{'year' if years == 1 else 'years'}, seeds {', '.join(map(str, course.seeds))}"
    )


def slack_rows(slack: Sequence[Slack]) -> list[list[str]]:
    """Return head and rows of the slack table: terms in which any policy has some."""
    shown = [term for term in slack[0].terms_jpy if any(abs(s.terms_jpy[term]) * _M >= 5e-4 for s in slack)]
    head = ["bound's slack, M JPY/week", *(f"{s.name}, {s.weeks} weeks" for s in slack)]
    rows = [
        [WORDS.get(term, term.removesuffix("_jpy")), *(f"{s.terms_jpy[term] * _M:.3f}" for s in slack)]
        for term in shown
    ]
    return [head, *rows, ["all", *(f"{sum(s.terms_jpy.values()) * _M:.3f}" for s in slack)]]


def headroom_line(ladder: Ladder, name: str = HEADLINE) -> str | None:
    """Return what a policy leaves to perfect foresight, in words; None if it did not play."""
    room, rung = ladder.headroom(name), ladder.rung(name)
    if room is None or rung is None:
        return None
    value, by_week, by_year = _interval(room, _M, ".1f")
    text = f"{ladder.course.scenario.name}: headroom of {name} {value} M JPY/week ({by_week} by week"
    text += f", {by_year} by year)" if by_year else ")"
    if rung.captured is None:
        return text + f"; what the bound gains over {ladder.reference} is too little to divide by"
    return text + f", {100.0 * (1.0 - rung.captured.value):.1f} % of what the bound gains over {ladder.reference}"


def notes(ladder: Ladder) -> list[str]:
    """Return what a reader must know about the figures."""
    text = ["J is the mean weekly cost; captured is the share of the bound's gain over the reference, from sums."]
    if ladder.course.scenario.series != "generated":
        text.append("So few real weeks can show differences of 5 points or more, no smaller ones.")
    elif len(ladder.course.weeks) < 100:
        text.append("Fewer than 100 weeks: the intervals say how little that is.")
    return text


def as_text(ladder: Ladder, form: str = "text") -> str:
    """Return the whole ladder as aligned text, or as Markdown."""
    table = markdown if form == "markdown" else aligned
    parts = [title(ladder), table(rows_of(ladder)), *notes(ladder)]
    if ladder.slack:
        parts.append(table(slack_rows(ladder.slack)))
    if line := headroom_line(ladder):
        parts.append(line)
    return "\n\n".join(parts)


def as_dict(ladder: Ladder) -> dict[str, Any]:
    """Return the whole ladder as JSON values, weekly costs included."""
    course = ladder.course
    rungs = [
        {**asdict(rung), "cost_jpy": [round(float(c)) for c in rung.cost_jpy], "mean_jpy": rung.mean_jpy}
        for rung in ladder.rungs
    ]
    room = ladder.headroom(HEADLINE)
    return {
        "scenario": course.scenario.name,
        "world_hash": course.world_hash,
        "series_hash": course.series_hash,
        "weeks": list(course.weeks),
        "weather_years": list(course.years),
        "seeds": list(course.seeds),
        "reference": ladder.reference,
        "code": {name: code_of(name) for name in ("bound", *(rung.name for rung in ladder.rungs))},
        "bound": {
            "mean_jpy": float(ladder.bound_jpy.mean()),
            "cost_jpy": [round(float(c)) for c in ladder.bound_jpy],
            "terms_jpy": ladder.bound_terms_jpy,
        },
        "policies": rungs,
        "slack": [asdict(slack) for slack in ladder.slack],
        "headroom_jpy": None if room is None else {"policy": HEADLINE, **asdict(room)},
    }
