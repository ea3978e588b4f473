"""
How long a generated year takes: ``python -m benchmarks.generate_speed --check``.

CPU seconds of one core for weather, demand, 364 daily programmes, the clearing of 17,472 half hours and the features.
The first days of a process also compile the clearing, which is shown by itself.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Final

from benchmarks.report import Bar, Figure, run

YEAR_BAR: Final = Bar("<=", 90.0)
"""A year in under 90 s on one core."""


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Generate `years` different weather years, after two days that load and compile everything."""
    from wattbit.series.generator.year import generate

    begun = time.process_time()
    generate(0, n_days=2)
    yield Figure("first two days, with compiling", "CPU s", (time.process_time() - begun,))
    spent = []
    for year in range(options.years):
        begun = time.process_time()
        generate(year, n_days=options.days)
        spent.append(time.process_time() - begun)
    full = options.days == 364
    yield Figure(f"{options.days} days", "CPU s", tuple(spent), YEAR_BAR if full else None)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--years", type=int, default=5, help="years measured (default: %(default)s)")
    parser.add_argument("--days", type=int, default=364, help="days of each year (default: %(default)s)")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show."""
    return run("generate_speed", "Generating weather years", measure, _arguments, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
