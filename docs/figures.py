"""
Draw one generated weather year beside the real FY2024 into the folder of pictures that the documentation shows.

Run as ``WATTBIT_DATA=/path/to/data python docs/figures.py [SOURCE]``; SOURCE is as in
``python -m wattbit.series compare`` (:data:`DEFAULT_SOURCE` without one).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from wattbit.errors import WattbitError
from wattbit.series.compare import figures, sides
from wattbit.series.compare.command import compare, write

FOLDER = Path(__file__).resolve().parent / "figures"

DEFAULT_SOURCE = "generated:10"
"""The first test year of the generator."""


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Draw the pictures and return the exit code: 2 for bad input, with one line that says what is wrong."""
    if len(arguments) > 1:
        sys.stderr.write("usage: python docs/figures.py [SOURCE]\n")
        return 2
    try:
        real = sides.load_samples("real-fy2024")
        synthetic = sides.load_samples(arguments[0] if arguments else DEFAULT_SOURCE)
        write(figures.draw(compare(real, synthetic)[0]), folder)
    except WattbitError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
