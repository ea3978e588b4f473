"""
Are the terminal values right: ``python -m benchmarks.terminal_values [--scenario NAME] [--weeks N] [--check]``.

An episode ends on a Sunday at midnight with a price on what it leaves behind. What that is really worth shows where the
world goes on: train weeks are planned with perfect foresight for twice as long, and the prices of stocks in the middle
are compared with the terminal values that an episode ending there would have been given. Stored energy must not be
priced above its worth, unfinished work not below what it costs to do.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.report import Bar, Figure, positive, run
from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit.world import state as s
from wattbit.world.arrays import build_constants
from wattbit_agents.baselines.lp.calibrate import SEED
from wattbit_agents.baselines.lp.oracle import OracleWeek, oracle_weeks
from wattbit_agents.worlds import seasonal_weeks

STOCKS = {"store": "battery", "car": "cars", "batch": "batch work", "training": "training work"}


def terminal_values(config: ScenarioConfig, row: int, pue: np.ndarray, exog: np.ndarray) -> dict[str, np.ndarray]:
    """Return what the world pays or charges for one more MWh of each stock when an episode ends before `row`."""
    price = np.asarray(exog[row, :, s.STOCK_PRICE], np.float64)
    work = price * pue
    if config.episode.stock_price == "next-day":
        work = np.full_like(work, work.max())
    work = config.episode.backlog_factor * work
    return {"store": price, "car": price / config.fleet.efficiency, "batch": work, "training": work}


def doubled(config: ScenarioConfig) -> ScenarioConfig:
    """Return the scenario with episodes twice as long."""
    steps = 2 * config.episode.steps
    return config.model_copy(update={"episode": config.episode.model_copy(update={"steps": steps})})


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Worth, terminal value and their ratio, per stock and area, one value per week."""
    config = load_scenario(options.scenario)
    longer = doubled(config)
    weeks = seasonal_weeks(longer, options.weeks, "train")
    constants = build_constants(longer, "evaluation", "train", None)

    def show(week: OracleWeek) -> None:
        print(f"week {week.week}, {week.start:%Y-%m-%d}: planned", file=sys.stderr)

    found = oracle_weeks(longer, weeks, [SEED] * len(weeks), "train", progress=show)
    middle = config.episode.steps
    paid = []
    for week in found:
        row = int(constants.starts[week.week]) + middle
        paid.append(terminal_values(config, row, week.result.path.pue[middle], constants.exog))
    for stock, name in STOCKS.items():
        worth = np.stack([week.result.area_prices[f"{stock}_jpy_per_mwh"][middle - 1] for week in found])
        value = np.stack([values[stock] for values in paid])
        bar = Bar(">=", 1.0) if stock in ("store", "car") else Bar("<=", 1.0)
        for r, area in enumerate(config.areas):
            label = f"{name}, {area.name}"
            yield Figure(f"{label}: worth", "JPY/MWh", tuple(worth[:, r].tolist()))
            yield Figure(f"{label}: terminal value", "JPY/MWh", tuple(value[:, r].tolist()))
            yield Figure(f"{label}: worth over terminal value", "", tuple((worth[:, r] / value[:, r]).tolist()), bar)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenario", default="japan3", help="name or YAML file; default %(default)s")
    parser.add_argument("--weeks", type=positive, default=12, help="train weeks; default %(default)s")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show."""
    return run("terminal_values", "Terminal values against what stocks are worth", measure, _options, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
