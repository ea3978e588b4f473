"""
Fit the generator and write ``data/*.yaml``: ``WATTBIT_DATA=... python -m wattbit.series.generator.fit [NAME...]``.

Names are ``weather``, ``demand`` and ``fleet``; without one all are fitted. The fleet takes some ten minutes.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from wattbit.errors import SeriesError
from wattbit.series.generator import fit_demand, fit_fleet, fit_weather
from wattbit.series.generator.observed import observe


def text_of(numbers: dict[str, Any], comment: str) -> str:
    """Return fitted numbers as YAML under a comment."""
    head = "".join(f"# {line}\n" for line in comment.split("\n"))
    return head + yaml.safe_dump(numbers, sort_keys=False, width=120, default_flow_style=None)


MODULES: Final = {"weather": fit_weather, "demand": fit_demand, "fleet": fit_fleet}
"""Files of ``data/`` and what fits them, in the order in which they build on each other."""


def main(names: Sequence[str]) -> int:
    """Fit on the folder that ``WATTBIT_DATA`` names, write the files, and return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        for name in names:
            if name not in MODULES:
                raise SeriesError(f"there is nothing to fit under {name!r}; names are {', '.join(MODULES)}")
        observed = observe()
    except SeriesError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    folder = Path(__file__).with_name("data")
    for name in names or MODULES:
        module = MODULES[name]
        path = folder / f"{name}.yaml"
        path.write_text(text_of(module.fit(observed), module.COMMENT), encoding="utf-8")
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
