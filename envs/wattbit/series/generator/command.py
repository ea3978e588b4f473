"""``python -m wattbit.series generate``: write generated years with everything the dispatch knows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from wattbit.errors import SeriesError
from wattbit.scenarios import load_scenario
from wattbit.series.splits import parse_years, weather_years


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declare the options."""
    command.add_argument("scenario", help="name of a scenario, or a YAML file: its grid is generated, all nine areas")
    command.add_argument("--years", default="10", metavar="N", help="weather years like 10, 10-12 or 3,5 (default 10)")
    command.add_argument("--output", type=Path, default=Path("."), metavar="FOLDER", help="where the files go")


def run(options: argparse.Namespace) -> int:
    """
    Generate and write one ``.npz`` a year: series, fuel mix, flows, zones, reserve margin and system cost.

    Raises
    ------
    SeriesError
        If a year does not exist or the folder cannot be written.
    """
    from wattbit.series.generator.year import generate  # compiles the clearing

    scenario = load_scenario(options.scenario)
    if scenario.series != "generated":
        raise SeriesError(f"scenario {scenario.name} runs on {scenario.series}: there is nothing to generate")
    years = parse_years(options.years)
    known = {number for split in ("train", "validation", "test") for number in weather_years(split)}
    for number in years:
        if number not in known:
            raise SeriesError(f"there is no weather year {number}: they run from {min(known)} to {max(known)}")
    for number in years:
        path = options.output / f"{scenario.name}-y{number:02d}.npz"
        draft = path.with_name(f".{path.name}")
        try:
            options.output.mkdir(parents=True, exist_ok=True)
            draft.touch()  # a year takes a while: whether it can be written is known before
            generate(number, scenario.grid).save(draft)
            draft.replace(path)
        except OSError as error:
            raise SeriesError(f"{options.output}: cannot be written: {error.strerror}") from None
        finally:
            if draft.is_file():
                draft.unlink()
        print(path, file=sys.stderr)
    return 0
