"""Fit weather and demand and write ``data/*.yaml``: ``WATTBIT_DATA=... python -m wattbit.series.generator.fit``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from wattbit.errors import SeriesError
from wattbit.series.generator import fit_demand, fit_weather
from wattbit.series.generator.observed import observe


def text_of(numbers: dict[str, Any], comment: str) -> str:
    """Return fitted numbers as YAML under a comment."""
    head = "".join(f"# {line}\n" for line in comment.split("\n"))
    return head + yaml.safe_dump(numbers, sort_keys=False, width=120, default_flow_style=None)


def main() -> int:
    """Fit on the folder that ``WATTBIT_DATA`` names, write the files, and return the exit code."""
    try:
        observed = observe()
    except SeriesError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    folder = Path(__file__).with_name("data")
    for name, module in (("weather", fit_weather), ("demand", fit_demand)):
        path = folder / f"{name}.yaml"
        path.write_text(text_of(module.fit(observed), module.COMMENT), encoding="utf-8")
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
