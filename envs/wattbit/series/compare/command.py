"""``python -m wattbit.series compare``: load two sides, judge them, write the page, the tables and the figures."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from wattbit.errors import SeriesError
from wattbit.series.compare import drawing, figures, report, sides
from wattbit.series.compare.bars import judge
from wattbit.series.compare.report import Comparison
from wattbit.series.compare.sides import Sample

EPILOG = """\
SOURCE is a name (generated, real-fy2024, a scenario), a name with weather years (generated:10, generated:10-12,
generated:3,5), or an .npz file written by SeriesSet.save. A name without years stands for its first three test years.
Exit code 1: --check and a bar is missed; 2: bad input.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.epilog = EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--real", required=True, metavar="SOURCE", help="the set to come close to")
    parser.add_argument(
        "--synthetic", required=True, nargs="+", metavar="SOURCE", help="samples, compared by their mean"
    )
    parser.add_argument("--weeks", choices=sides.WEEKS, default="all", help="weeks of the real set that are measured")
    parser.add_argument("--data-root", metavar="FOLDER", help="folder of the real data (default: $WATTBIT_DATA)")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write page, tables and figures here")
    parser.add_argument("--check", action="store_true", help="exit with code 1 when a bar is missed")


def compare(real: Sequence[Sample], synthetic: Sequence[Sample], weeks: str = "all") -> list[Comparison]:
    """
    Compare two lists of samples.

    Parameters
    ----------
    real, synthetic : sequence of Sample
        From :func:`~wattbit.series.compare.sides.load_samples`.
    weeks : {"all", "train", "test"}
        Weeks of the real samples that are measured.

    Returns
    -------
    list of Comparison
        Over the weeks asked for; then over test weeks alone where the real samples have other weeks too.

    Raises
    ------
    SeriesError
        If the samples have no area in common, or a real one no such weeks.
    """
    areas = sides.common_areas([*real, *synthetic])
    whole = sides.measure(synthetic, areas)
    wanted = [weeks, "test"] if weeks != "test" and sides.has_test_weeks(real) else [weeks]
    comparisons = []
    for one in wanted:
        truth = sides.measure(real, areas, one)
        comparisons.append(Comparison(one, truth, whole, tuple(judge(truth, whole))))
    return comparisons


def write(files: dict[str, bytes], folder: Path) -> None:
    """
    Write files into a folder, all or none: they appear only when every one is on the disk.

    Raises
    ------
    SeriesError
        If the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".compare-", dir=folder) as draft:
            for name, content in files.items():
                (Path(draft) / name).write_bytes(content)
            for name in files:
                os.replace(Path(draft) / name, folder / name)
    except OSError as error:
        raise SeriesError(f"--output {folder}: cannot be written ({error.strerror or error})") from None


def _tell(message: str) -> None:
    sys.stderr.write(f"{message} ...\n")
    sys.stderr.flush()


def run(options: argparse.Namespace) -> int:
    """
    Run the command and return its exit code, 0 or 1.

    Raises
    ------
    SeriesError
        For bad input; the caller turns it into exit code 2.
    """
    if options.output is not None:
        drawing.require_matplotlib()
        if options.output.exists() and not options.output.is_dir():
            raise SeriesError(f"--output {options.output}: is a file, must be a folder")
    real = sides.load_samples(options.real, options.data_root, _tell)
    synthetic = [one for text in options.synthetic for one in sides.load_samples(text, options.data_root, _tell)]
    _tell("measuring")
    comparisons = compare(real, synthetic, options.weeks)
    for comparison in comparisons:
        sys.stdout.write(f"{report.WEEKS_TEXT[comparison.weeks]}:\n")
        sys.stdout.writelines(f"{line}\n" for line in report.lines(comparison))
    if options.output is not None:
        _tell("drawing")
        files = {
            "comparison.md": report.markdown(comparisons).encode(),
            "comparison.csv": report.table_csv(comparisons).encode(),
            "comparison.json": report.table_json(comparisons).encode(),
            **figures.draw(comparisons[0]),
        }
        write(files, options.output)
        sys.stdout.write(f"{len(files)} files in {options.output}\n")
    missed = any(not verdict.passed for verdict in comparisons[0].verdicts)
    return 1 if options.check and missed else 0
