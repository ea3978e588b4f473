"""
``python -m wattbit_agents.cli.oracle``: the bound of weeks that are known beforehand, by term, with its prices.

Weeks are spread evenly over the seasons. Every solved week is kept in the cache: an interrupted command goes on where
it stopped.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wattbit.scenarios import load_scenario
from wattbit_agents.cli import log_to_stderr
from wattbit_agents.cli.exits import exit_code, lp_extra
from wattbit_agents.errors import ConfigError
from wattbit_agents.files import write_bytes, write_text
from wattbit_agents.worlds import seasonal_weeks

with lp_extra():
    from wattbit_agents.baselines.lp.oracle import OracleWeek, oracle_weeks


def parser() -> argparse.ArgumentParser:
    """Return the options of the command line."""
    options = argparse.ArgumentParser(
        prog="python -m wattbit_agents.cli.oracle",
        allow_abbrev=False,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("--scenario", default="japan3", help="name or YAML file; default %(default)s")
    options.add_argument("--weeks", type=int, default=4, metavar="N", help="number of weeks; default %(default)s")
    options.add_argument("--split", default="test", help="train, validation or test; default %(default)s")
    options.add_argument("--seed", type=int, default=0, help="seed of the weeks' draws; default %(default)s")
    options.add_argument(
        "--out", type=Path, metavar="DIR", help="write bounds.csv, prices.csv, links.csv and a plan per week there"
    )
    options.add_argument("--data-root", type=Path, metavar="DIR", help="folder of the real data; default $WATTBIT_DATA")
    return options


@exit_code("interrupted: solved weeks are kept, the same command goes on with the rest")
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

    def show(week: OracleWeek) -> None:
        print(f"week {week.week}, {week.start:%Y-%m-%d}: {week.result.bound_jpy / 1e6:,.1f} M JPY", file=sys.stderr)

    if args.weeks < 1 or args.seed < 0:
        raise ConfigError(f"weeks and seed are {args.weeks} and {args.seed}, must be at least 1 and 0")
    if args.out is not None and args.out.exists() and not args.out.is_dir():
        raise NotADirectoryError(20, "is not a folder", str(args.out))
    config = load_scenario(args.scenario)
    picked = seasonal_weeks(config, args.weeks, args.split, args.data_root)
    found = oracle_weeks(config, picked, [args.seed] * len(picked), args.split, args.data_root, show)
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        _write(args.out, found)
    print(f"bound of {config.name}, {args.split} weeks, seed {args.seed}, M JPY per week")
    table = bounds(found) / 1e6
    print(table.loc[:, table.abs().max() >= 0.005].rename(columns=lambda name: name.removesuffix("_jpy")).to_string(
        float_format=lambda value: f"{value:,.2f}"
    ))  # fmt: skip
    return 0


def bounds(found: Sequence[OracleWeek]) -> pd.DataFrame:
    """Return the bound and its terms, JPY, one row per week."""
    rows = [{"bound_jpy": week.result.bound_jpy, **week.result.bound_terms_jpy} for week in found]
    index = pd.MultiIndex.from_tuples([(w.week, f"{w.start:%Y-%m-%d}") for w in found], names=["week", "start"])
    return pd.DataFrame(rows, index=index)


def _with_time(week: OracleWeek, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table by step with week and time in front."""
    flat = table.reset_index()
    flat.insert(0, "time", week.start + pd.to_timedelta(30 * flat["step"], unit="min"))
    flat.insert(0, "week", week.week)
    return flat


def _write(folder: Path, found: Sequence[OracleWeek]) -> None:
    write_text(folder / "bounds.csv", bounds(found).to_csv(float_format="%.0f"))
    for name, tables in (
        ("prices.csv", [_with_time(week, week.result.prices) for week in found]),
        ("links.csv", [_with_time(week, week.result.link_prices) for week in found]),
    ):
        write_text(folder / name, pd.concat(tables).to_csv(index=False, float_format="%.6g"))
    for week in found:
        buffer = io.BytesIO()
        blocks: dict[str, Any] = dict(week.result.plan)
        np.savez_compressed(buffer, **blocks)
        write_bytes(folder / f"plan-{week.week}.npz", buffer.getvalue())
    print(f"written: {folder}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
