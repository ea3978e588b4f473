"""
``python -m wattbit_agents.cli.certificates``: the ledger of certificates of an evaluated week.

``RUN`` plays a week of the test split with a policy and writes which certificate covered which work, as JSON Lines in
which each line holds the hash of the line before. ``verify FILE`` checks such a file: any altered byte, any certificate
used twice, any of another half hour or of an area that could not be reached.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from wattbit.certificates import (
    LedgerError,
    Scores,
    chained_lines,
    ledger_records,
    score_records,
    verify_bytes,
    verify_file,
)
from wattbit_agents.baselines import RULES
from wattbit_agents.certificates import evaluated_week
from wattbit_agents.cli import log_to_stderr
from wattbit_agents.cli.exits import exit_code
from wattbit_agents.config import load_config
from wattbit_agents.files import check_output, write_text
from wattbit_agents.worlds import ENVIRONMENTS

PROG = "python -m wattbit_agents.cli.certificates"


def write_parser() -> argparse.ArgumentParser:
    """Return the options for writing a ledger."""
    options = argparse.ArgumentParser(
        prog=PROG,
        allow_abbrev=False,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"To check a file: {PROG} verify FILE",
    )
    options.add_argument("run", metavar="RUN", help=f"run folder (runs/NAME), or a rule ({', '.join(RULES)})")
    options.add_argument("--week", type=int, default=0, metavar="N", help="week of the split; default %(default)s")
    options.add_argument("--output", type=Path, metavar="FILE", help="default reports/certificates-RUN-SPLIT-N.jsonl")
    options.add_argument("--scenario", help="name or YAML file; default that of the run folder, japan3 for a rule")
    options.add_argument(
        "--env", choices=tuple(ENVIRONMENTS), help="which controls are free; default as for --scenario"
    )
    options.add_argument("--split", default="test", help="train, validation or test; default %(default)s")
    options.add_argument("--seed", type=int, default=0, help="seed of the week's draws; default %(default)s")
    options.add_argument("--data-root", type=Path, metavar="DIR", help="folder of the real data; default $WATTBIT_DATA")
    return options


def verify_parser() -> argparse.ArgumentParser:
    """Return the options for checking a ledger."""
    options = argparse.ArgumentParser(
        prog=f"{PROG} verify", allow_abbrev=False, description="Check a ledger of certificates."
    )
    options.add_argument("file", type=Path, metavar="FILE", help="written by this command")
    options.add_argument(
        "--last-hash",
        metavar="HASH",
        help="hash of the last line as noted when the file was written: finds a file that was written anew as a whole",
    )
    return options


@exit_code("interrupted: nothing written")
def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Returns
    -------
    int
        0 when done, 2 for a mistake in the input or a ledger that breaks a rule (one line on stderr), 130 when
        interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    log_to_stderr()
    if arguments[:1] == ["verify"]:
        return _verify(verify_parser().parse_args(arguments[1:]))
    return _write(write_parser().parse_args(arguments))


def _write(args: argparse.Namespace) -> int:
    scenario, env = args.scenario, args.env
    if (config_file := _config_of(args.run)) is not None:
        config = load_config(config_file)
        scenario, env = scenario or config.scenario, env or config.env
    name = re.sub(r"[^A-Za-z0-9._]+", "-", args.run).strip("-")
    output = args.output or Path("reports") / f"certificates-{name}-{args.split}-{args.week}.jsonl"
    if args.output is not None:
        check_output(output)
    week = evaluated_week(
        args.run,
        scenario or "japan3",
        week=args.week,
        seed=args.seed,
        split=args.split,
        env=env or "Aggregator-v0",
        data_root=args.data_root,
    )
    records = list(ledger_records(week))
    lines = list(chained_lines(record.model_dump() for record in records))
    text = "".join(lines)
    # A ledger that does not keep its own rules is not left to others to find.
    verified = verify_bytes(text.encode("ascii"), str(output))
    output.parent.mkdir(parents=True, exist_ok=True)
    write_text(output, text)
    print(_table(score_records(verified.records)))
    print(f"\n{len(lines)} records: {output}\nlast hash {verified.last_hash}")
    return 0


def _config_of(run: str) -> Path | None:
    """Configuration of a run folder, or of the run that a model folder is in; None for a rule."""
    if run in RULES:
        return None
    return next((p for folder in (Path(run), Path(run).parent) if (p := folder / "config.yaml").is_file()), None)


def _verify(args: argparse.Namespace) -> int:
    verified = verify_file(args.file)
    if args.last_hash is not None and args.last_hash != verified.last_hash:
        raise LedgerError(f"{args.file}: last-hash: is {verified.last_hash}, noted was {args.last_hash}")
    print(_table(score_records(verified.records)))
    print(f"\n{len(verified.records)} records keep every rule\nlast hash {verified.last_hash}")
    return 0


def _table(scores: Scores) -> str:
    """Scores side by side."""
    return "\n".join(
        (
            f"load               {scores.load_wh / 1e6:12.3f} MWh",
            f"certificates       {scores.issued_wh / 1e6:12.3f} MWh",
            f"matched            {scores.matched_wh / 1e6:12.3f} MWh",
            f"strict RE score    {100 * scores.strict_re:12.2f} %  same half hour, same price zone",
            f"CFE score   {100 * scores.cfe_low:9.2f} - {100 * scores.cfe_high:5.2f} %  "
            "with the carbon-free share of the mix; its fossil part all gas, or all coal",
            f"annual score       {100 * scores.annual:12.2f} %  sums over the whole period",
            f"CO2 of the rest    {scores.residual_co2_g / 1e6:12.1f} t   at the mix of each area",
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
