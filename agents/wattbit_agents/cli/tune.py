"""``python -m wattbit_agents.cli.tune``: fit the rule's parameters on train weeks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from wattbit.scenarios import load_scenario
from wattbit_agents.baselines.fits import file_name
from wattbit_agents.cli import log_to_stderr
from wattbit_agents.cli.exits import exit_code
from wattbit_agents.files import check_output, write_text
from wattbit_agents.tuning import tune


def parser() -> argparse.ArgumentParser:
    """Return the options of the command line."""
    options = argparse.ArgumentParser(prog="tune", allow_abbrev=False, description=__doc__)
    options.add_argument("--scenario", default="japan3", help="name or YAML file; default %(default)s")
    options.add_argument("--weeks", type=int, default=52, help="train weeks; default %(default)s")
    options.add_argument("--rounds", type=int, default=12, help="generations of the optimiser; default %(default)s")
    options.add_argument("--seed", type=int, default=0, help="of the optimiser; default %(default)s")
    options.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="default tuned-SCENARIO.yaml; in the folder $WATTBIT_FITS it is found",
    )
    options.add_argument("--data-root", type=Path, metavar="DIR", help="folder of the real data; default $WATTBIT_DATA")
    return options


@exit_code("interrupted: nothing written")
def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Returns
    -------
    int
        0 when done, 2 for a mistake in the input (one line on stderr), 130 when interrupted.
    """
    args = parser().parse_args(argv)
    log_to_stderr()
    config = load_scenario(args.scenario)
    output = args.output or Path(file_name("tuned", config.name))

    check_output(output)

    def show(round_: int, best: float) -> None:
        print(f"round {round_} of {args.rounds}: best {best / 1e6:,.1f} M JPY/week", file=sys.stderr)

    tuned = tune(
        config,
        n_weeks=args.weeks,
        rounds=args.rounds,
        seed=args.seed,
        data_root=args.data_root,
        progress=show,
    )
    write_text(output, tuned.text())
    print(tuned.text(), end="")
    print(f"written: {output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
