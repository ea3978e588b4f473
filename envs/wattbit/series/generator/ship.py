"""Write the weather years that ship with the package: ``python -m wattbit.series.generator.ship [YEAR...]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from wattbit.series.generator.packed import pack
from wattbit.series.generator.year import generate

FOLDER: Final = Path(__file__).with_name("data") / "years"
"""Where they lie in the source tree."""

N_YEARS: Final = 20
"""Weather years of all splits."""


def main(arguments: Sequence[str]) -> int:
    """Generate and pack the years named, or all."""
    FOLDER.mkdir(exist_ok=True)
    for number in [int(argument) for argument in arguments] or range(N_YEARS):
        series = generate(number).series
        path = FOLDER / f"y{number:02d}.npz"
        draft = path.with_suffix(".draft")
        draft.write_bytes(pack(series.values, series.provenance))
        draft.replace(path)
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
