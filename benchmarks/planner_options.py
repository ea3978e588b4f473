"""
Which options suit a planner: ``python -m benchmarks.planner_options --try recourse=true --try horizon=24``.

Plays train (or validation) weeks with a planner as it is and with other options, and prints the gain of each, paired by
week with a 95 % bootstrap interval. Test weeks are not offered: options that are shipped are chosen here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ladder.score import mean_difference
from benchmarks.ladder.table import aligned
from benchmarks.report import positive, result_file
from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit.vector import AggregatorVectorEnv
from wattbit_agents.baselines.lp.planners import PLANNERS, MPCOptions, make_planner
from wattbit_agents.cli.exits import exit_code
from wattbit_agents.errors import ConfigError, did_you_mean
from wattbit_agents.files import write_json
from wattbit_agents.rollout import score_weeks
from wattbit_agents.worlds import seasonal_weeks


def changed(options: MPCOptions, text: str) -> MPCOptions:
    """
    Return options with changes like ``horizon=24,shrinkage=0.8``.

    Raises
    ------
    ConfigError
        If there is no such option, or a value is of another kind.
    """
    changes: dict[str, Any] = {}
    kinds = {field.name: type(getattr(options, field.name)) for field in fields(options)}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        if name not in kinds:
            raise ConfigError(f"--try {text}: unknown option {name!r}{did_you_mean(name, kinds)}")
        try:
            changes[name] = kinds[name](value) if kinds[name] is not bool else {"true": True, "false": False}[value]
        except (ValueError, KeyError):
            raise ConfigError(f"--try {text}: {name} is {value!r}, must be of type {kinds[name].__name__}") from None
    return replace(options, **changes)


def costs(
    config: ScenarioConfig, policy: str, options: MPCOptions, weeks: Sequence[int], split: str, data_root: Path | None
) -> np.ndarray:
    """Return J of each week, JPY, seed 0."""
    env = AggregatorVectorEnv(
        1, config, mode="evaluation", split=split, info_level="none", forecast="full", assets="each",
        orders=options.orders, data_root=data_root,
    )  # fmt: skip
    found = []
    for week in weeks:
        planner = make_planner(policy, env, options=options)
        found.append(float(score_weeks(planner, env, [week], [0]).get("cost_jpy")[0, 0]))
    return np.array(found)


@exit_code("stopped; nothing written")
def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command.

    Returns
    -------
    int
        0; 2 for a mistake in the input; 130 when interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planner_options", description="Options of a planner")
    parser.add_argument("--scenario", default="japan3", help="name or YAML file; default %(default)s")
    parser.add_argument("--policy", default="mpc-dual", help="planner; default %(default)s")
    parser.add_argument("--weeks", type=positive, default=6, help="spread over the seasons; default %(default)s")
    parser.add_argument("--split", choices=("train", "validation"), default="train", help="default %(default)s")
    parser.add_argument("--try", action="append", default=[], dest="tries", metavar="NAME=VALUE,...")
    parser.add_argument("--data-root", type=Path, help="folder of the real data; default $WATTBIT_DATA")
    parser.add_argument("--json", type=result_file, metavar="FILE", help="write every week to this file")
    options = parser.parse_args(argv)
    if options.policy not in PLANNERS:
        raise ConfigError(f"--policy: unknown planner {options.policy!r}{did_you_mean(options.policy, PLANNERS)}")
    config = load_scenario(options.scenario)
    cases = {"as it is": PLANNERS[options.policy]}
    cases |= {text: changed(PLANNERS[options.policy], text) for text in options.tries}
    weeks = seasonal_weeks(config, options.weeks, options.split, options.data_root)
    found: dict[str, np.ndarray] = {}
    lines = [["options", "J, M JPY/week", "gain", "95 % by week"]]
    for name, case in cases.items():
        found[name] = costs(config, options.policy, case, weeks, options.split, options.data_root)
        gain = mean_difference(found["as it is"], found[name], [0] * len(weeks))
        lines.append(
            [
                name,
                f"{found[name].mean() * 1e-6:.2f}",
                f"{gain.value * 1e-6:+.2f}",
                f"{gain.low * 1e-6:+.2f} .. {gain.high * 1e-6:+.2f}",
            ]
        )
        print("  ".join(lines[-1]), file=sys.stderr, flush=True)
    print(f"{config.name}: {options.policy}, {options.split} weeks {', '.join(map(str, weeks))}\n\n{aligned(lines)}")
    if options.json is not None:
        content = {"scenario": config.name, "policy": options.policy, "split": options.split, "weeks": weeks}
        write_json(options.json, content | {"cost_jpy": {name: list(values) for name, values in found.items()}})
    return 0


if __name__ == "__main__":
    sys.exit(main())
