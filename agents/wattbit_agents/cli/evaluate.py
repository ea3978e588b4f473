"""``python evaluate.py``: score policies on weeks they never saw."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from wattbit_agents.cli import log_to_stderr
from wattbit_agents.cli.exits import exit_code
from wattbit_agents.evaluation import REFERENCE, evaluate, policy_names
from wattbit_agents.report import summary_table, write_report
from wattbit_agents.worlds import ENVIRONMENTS


def parser() -> argparse.ArgumentParser:
    """Return the options of the command line."""
    options = argparse.ArgumentParser(prog="evaluate.py", allow_abbrev=False, description=__doc__)
    options.add_argument("--scenario", default="japan3", help="name of a scenario, or path of its YAML file")
    options.add_argument(
        "--policies",
        nargs="+",
        required=True,
        metavar="POLICY",
        help=f"names ({', '.join(policy_names())}), run folders (runs/NAME, or runs/NAME/last), and pairs "
        "silo:COMPUTE+FLEET",
    )
    options.add_argument("--weeks", type=int, metavar="N", help="weeks, spread over the split; default all of them")
    options.add_argument("--seeds", type=int, nargs="+", default=[0], help="each week is played with each of them")
    options.add_argument("--split", default="test", help="train, validation or test")
    options.add_argument("--env", default="Aggregator-v0", choices=tuple(ENVIRONMENTS), help="which controls are free")
    options.add_argument("--reference", default=REFERENCE, help="policy to compare with; default %(default)s")
    options.add_argument("--output", type=Path, metavar="DIR", help="default reports/SCENARIO-SPLIT")
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
    output = args.output or Path("reports") / f"{Path(args.scenario).stem}-{args.split}"
    if output.exists() and not output.is_dir():
        raise NotADirectoryError(20, "is not a folder", str(output))
    evaluation = evaluate(
        args.policies,
        args.scenario,
        n_weeks=args.weeks,
        seeds=args.seeds,
        split=args.split,
        env=args.env,
        reference=args.reference,
        data_root=args.data_root,
    )
    page = write_report(evaluation, output)
    print(summary_table(evaluation))
    print(f"\nreport: {page}")
    return 0
