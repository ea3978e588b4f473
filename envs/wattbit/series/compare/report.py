"""The comparison as text: lines for a terminal, a Markdown page, a CSV table of every number, JSON."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from wattbit.series.compare.bars import Verdict
from wattbit.series.compare.sides import Side
from wattbit.series.compare.statistics import QUANTITIES, Quantity, axis_labels

WEEKS_TEXT = {
    "all": "every week of the real set",
    "train": "train weeks of the real set (less the days beside other splits)",
    "test": "test weeks of the real set alone",
}
"""What the choice of weeks means; the synthetic side is always measured whole."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two sides and their verdicts, with the real side measured over ``all``, ``train`` or ``test`` weeks."""

    weeks: str
    real: Side
    synthetic: Side
    verdicts: tuple[Verdict, ...]

    @property
    def n_passed(self) -> int:
        """How many bars are met."""
        return sum(verdict.passed for verdict in self.verdicts)

    @property
    def count(self) -> str:
        """Bars met and missed, in words."""
        return f"{self.n_passed} of {len(self.verdicts)} bars met, {len(self.verdicts) - self.n_passed} missed"


def _number(value: float, unit: str) -> str:
    if math.isnan(value):
        return "-"
    digits = 1 if unit == "%" or abs(value) >= 9.995 else 2 if abs(value) >= 0.9995 else 3
    return f"{value:.{digits}f}"


def _range(low: float, high: float, unit: str) -> str:
    return f"at least {_number(low, unit)}" if math.isinf(high) else f"{_number(low, unit)} to {_number(high, unit)}"


def lines(comparison: Comparison) -> Iterator[str]:
    """Yield one line per bar and area, then the count."""
    for v in comparison.verdicts:
        unit = "" if v.unit == "1" else f" {v.unit}"
        yield (
            f"{'pass' if v.passed else 'MISS'}  {v.bar:<28} {v.place:<15} real {_number(v.real, v.unit):>6}  "
            f"synthetic {_number(v.figure, v.unit):>6} ({_range(v.low, v.high, v.unit)})  "
            f"allowed {_range(v.allowed_low, v.allowed_high, v.unit)}{unit}"
        )
    yield comparison.count


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join([_row(head), _row(["---"] * len(head)), *map(_row, rows)]) + "\n"


def _bars_table(comparison: Comparison) -> str:
    rows = [
        (
            "pass" if v.passed else "**miss**", v.bar, v.place, _number(v.real, v.unit), _number(v.figure, v.unit),
            _range(v.low, v.high, v.unit), _range(v.allowed_low, v.allowed_high, v.unit),
            "" if v.unit == "1" else v.unit, v.rule,
        )
        for v in comparison.verdicts
    ]  # fmt: skip
    head = ("", "bar", "area or pair", "real", "synthetic", "over its samples", "allowed", "unit", "rule")
    return f"{comparison.count}.\n\n{_table(head, rows)}"


def _statistics_tables(comparison: Comparison) -> Iterator[str]:
    """Statistics with one number per area or pair, quantities as columns of one table per kind."""
    real, mean = comparison.real.mean, comparison.synthetic.mean
    low, high = comparison.synthetic.low, comparison.synthetic.high
    for axis in ("area", "pair"):
        chosen = [quantity for quantity in QUANTITIES if quantity.axes == (axis,)]
        labels = axis_labels(axis, real.areas)
        rows = []
        for quantity in chosen:
            scale, unit = (100.0, "%") if quantity.name.endswith("share") else (1.0, quantity.unit)
            shown = "" if unit == "1" else f" [{unit}]"
            cells = []
            for k in range(len(labels)):
                one, many, least, most = (scale * side[quantity.name][k] for side in (real, mean, low, high))
                cells.append(f"{_number(one, unit)} / {_number(many, unit)} ({_range(least, most, unit)})")
            rows.append([quantity.description + shown, *cells])
        if labels:
            yield _table(["real / synthetic", *labels], rows)


def markdown(comparisons: Sequence[Comparison]) -> str:
    """
    Return the page of a comparison.

    Parameters
    ----------
    comparisons : sequence of Comparison
        The same sets over different weeks of the real one.
    """
    first = comparisons[0]
    sets = [
        (
            side,
            one.label,
            one.series.name,
            str(one.series.start.date()),
            f"{len(one.series):,}",
            one.series.content_hash(),
        )
        for side, samples in (("real", first.real.samples), ("synthetic", first.synthetic.samples))
        for one in samples
    ]
    head = ("side", "sample", "series", "starts", "half hours", "hash of the compared areas")
    parts = ["# Comparison of two sets of series\n", _table(head, sets)]
    for comparison in comparisons:
        measured = ", ".join(f"{int(mask.sum()):,}" for mask in comparison.real.masks)
        parts.append(f"## Bars: {WEEKS_TEXT[comparison.weeks]} ({measured} half hours)\n")
        parts.append(_bars_table(comparison))
    parts.append(f"## Statistics: {WEEKS_TEXT[first.weeks]}\n")
    parts.append("Synthetic figures are means over the samples, with the smallest and the largest.\n")
    parts += _statistics_tables(first)
    return "\n".join(parts)


def _entries(quantity: Quantity, areas: tuple[str, ...]) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
    """Every index of a statistic's array and the labels that stand there."""
    labels = [axis_labels(axis, areas) for axis in quantity.axes]
    for index in itertools.product(*(range(len(axis)) for axis in labels)):
        yield index, tuple(axis[i] for axis, i in zip(labels, index, strict=True))


def table_csv(comparisons: Sequence[Comparison]) -> str:
    """
    Return every number, one row each: weeks, quantity, unit, up to three labels, real figure, synthetic mean, smallest
    and largest. A figure that could not be measured is empty.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "weeks",
            "quantity",
            "unit",
            "first",
            "second",
            "third",
            "real",
            "synthetic",
            "synthetic_low",
            "synthetic_high",
        ]
    )
    for comparison in comparisons:
        sides = (comparison.real.mean, comparison.synthetic.mean, comparison.synthetic.low, comparison.synthetic.high)
        for quantity in QUANTITIES:
            for index, labels in _entries(quantity, sides[0].areas):
                numbers = [float(side[quantity.name][index]) for side in sides]
                padded = [*labels, "", ""][:3]
                shown = ["" if math.isnan(number) else f"{number:.6g}" for number in numbers]
                writer.writerow([comparison.weeks, quantity.name, quantity.unit, *padded, *shown])
    return text.getvalue()


def _plain(value: Any) -> Any:
    """Numbers that JSON can hold: None for NaN and infinity."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def table_json(comparisons: Sequence[Comparison]) -> str:
    """Return sets, verdicts and statistics as JSON; arrays keep the axes that ``axes`` names."""

    def samples(side: Side) -> list[dict[str, Any]]:
        return [
            {
                "label": one.label,
                "series": one.series.name,
                "start": one.series.start.isoformat(),
                "half_hours": len(one.series),
                "measured_half_hours": int(mask.sum()),
                "hash": one.series.content_hash(),
            }
            for one, mask in zip(side.samples, side.masks, strict=True)
        ]

    def one(comparison: Comparison) -> dict[str, Any]:
        sides = {
            "real": comparison.real.mean,
            "synthetic": comparison.synthetic.mean,
            "synthetic_low": comparison.synthetic.low,
            "synthetic_high": comparison.synthetic.high,
        }
        return {
            "weeks": comparison.weeks,
            "areas": list(sides["real"].areas),
            "pairs": ["-".join(pair) for pair in sides["real"].pairs],
            "real": samples(comparison.real),
            "synthetic": samples(comparison.synthetic),
            "bars_met": comparison.n_passed,
            "bars": [{**asdict(v), "passed": v.passed} for v in comparison.verdicts],
            "statistics": {
                quantity.name: {
                    "unit": quantity.unit,
                    "description": quantity.description,
                    "axes": list(quantity.axes),
                    **{name: side[quantity.name].tolist() for name, side in sides.items()},
                }
                for quantity in QUANTITIES
            },
        }

    return json.dumps(_plain([one(comparison) for comparison in comparisons]), indent=1) + "\n"
