"""
What a fresh process spends until the first step: the child of :mod:`benchmarks.env_speed`.

Prints one JSON object with CPU seconds (all threads) and wall seconds of each stage. Nothing is imported before the
clock starts but what the clock needs.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def stages(scenario: str) -> dict[str, list[float]]:
    """
    Import, make, reset and step; then make and reset a second environment on other weeks.

    Parameters
    ----------
    scenario : str
        Name of the scenario.

    Returns
    -------
    dict of str to [CPU seconds, wall seconds]
    """
    spent: dict[str, list[float]] = {}
    last = [time.process_time(), time.perf_counter()]

    def lap(name: str) -> None:
        now = [time.process_time(), time.perf_counter()]
        spent[name] = [after - before for before, after in zip(last, now, strict=True)]
        last[:] = now

    import gymnasium as gym

    import wattbit  # noqa: F401

    lap("import")
    identifier = "wattbit:wattbit/Aggregator-v0"
    first: Any = gym.make(identifier, scenario=scenario)
    lap("construct")
    first.reset(seed=0)
    lap("reset")
    first.step(first.action_space.sample())
    lap("step")
    # Another split: its series come from the disk cache, not from what this process already holds.
    second: Any = gym.make(identifier, scenario=scenario, split="validation")
    second.reset(seed=0)
    lap("again")
    return spent


if __name__ == "__main__":
    print(json.dumps(stages(sys.argv[1])))
