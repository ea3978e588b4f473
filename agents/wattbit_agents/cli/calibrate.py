"""``python -m wattbit_agents.cli.calibrate``: what stocks are worth, from the oracle's prices on train weeks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from wattbit.scenarios import load_scenario
from wattbit_agents.baselines.fits import file_name
from wattbit_agents.cli import log_to_stderr
from wattbit_agents.cli.exits import exit_code, lp_extra
from wattbit_agents.files import check_output, write_text

with lp_extra():
    from wattbit_agents.baselines.lp.calibrate import calibrate
    from wattbit_agents.baselines.lp.oracle import OracleWeek


def parser() -> argparse.ArgumentParser:
    """Return the options of the command line."""
    options = argparse.ArgumentParser(
        prog="python -m wattbit_agents.cli.calibrate", allow_abbrev=False, description=__doc__
    )
    options.add_argument("--scenario", default="japan3", help="name or YAML file; default %(default)s")
    options.add_argument(
        "--weeks", type=int, default=8, metavar="N", help="train weeks, spread over the seasons; default %(default)s"
    )
    options.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="default planner-SCENARIO.yaml; in the folder $WATTBIT_FITS it is found",
    )
    options.add_argument("--data-root", type=Path, metavar="DIR", help="folder of the real data; default $WATTBIT_DATA")
    return options


@exit_code("interrupted: nothing written; solved weeks are kept in the cache")
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
    output = args.output or Path(file_name("planner", config.name))
    done = 0

    def show(week: OracleWeek) -> None:
        nonlocal done
        done += 1
        cost = f"{week.result.plan_jpy / 1e6:,.1f} M JPY"
        print(f"{done} of {args.weeks}: week {week.week}, {week.start:%Y-%m-%d}, plan {cost}", file=sys.stderr)

    check_output(output)
    worths = calibrate(config, args.weeks, args.data_root, show)
    write_text(output, worths.text())
    for name, table in worths.jpy_per_mwh.items():
        by_area = ", ".join(f"{area} {table[:, r].mean():,.0f}" for r, area in enumerate(worths.areas))
        print(f"{name:<9}{by_area} JPY/MWh, mean of the day")
    print(f"written: {output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
