"""Command line of the series: ``python -m wattbit.series {check,compare,generate,calibrate-forecasts}``."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from typing import Final

from wattbit.errors import WattbitError
from wattbit.series import source
from wattbit.series.check import check
from wattbit.series.compare import command as comparison
from wattbit.series.forecast.calibration import report
from wattbit.series.generator import command as generation
from wattbit.series.set import AREAS

EXIT_REFUSED: Final = 2
"""Exit code when any file or option is refused."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m wattbit.series", description="Tools for series.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("check", help="read files and print one line about each; exit 2 if one is refused")
    command.add_argument("paths", nargs="+", metavar="PATH", help="file, or folder searched for data files")
    command.set_defaults(run=_check)
    command = commands.add_parser("compare", help="compare two sets: bars, statistics, figures")
    comparison.add_arguments(command)
    command.set_defaults(run=comparison.run)
    command = commands.add_parser("generate", help="write generated years of a scenario with mix, flows and zones")
    generation.add_arguments(command)
    command.set_defaults(run=generation.run)
    command = commands.add_parser("calibrate-forecasts", help="fit the forecasts' errors on the real train weeks again")
    command.add_argument("--data-root", metavar="PATH", help="folder of the real files (default: $WATTBIT_DATA)")
    command.set_defaults(run=_calibrate)
    options = parser.parse_args(arguments)
    # Column names are Japanese; a terminal that cannot show them must not end the check.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return int(options.run(options))
    except WattbitError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_REFUSED


def _calibrate(options: argparse.Namespace) -> int:
    series, _ = source.load("real-fy2024", AREAS, "train", options.data_root)
    print(report(series))
    return 0


def _check(options: argparse.Namespace) -> int:
    verdicts = []
    for is_read, line in check(options.paths):
        verdicts.append(is_read)
        print(line)
    print(f"{sum(verdicts)} of {len(verdicts)} files read", file=sys.stderr)
    return 0 if all(verdicts) else EXIT_REFUSED


if __name__ == "__main__":
    sys.exit(main())
