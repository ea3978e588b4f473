"""
Speed of the environments through their public interface.

Rates are steps (half hours of one world) per CPU second of one thread, resets included, in whole evaluation weeks,
with the default info, the default sixteen cars per area, float32 and random actions drawn beforehand. A single
environment is measured bare (``unwrapped``) and as ``gym.make`` gives it, in Gymnasium's default wrappers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import gymnasium as gym
import numpy as np

from benchmarks.report import WINDOWS, Bar, Figure, interleaved_rates, run

IDENTIFIER: Final = "wattbit:wattbit/Aggregator-v0"

BATCH: Final = 256
"""Worlds in the batch that the bars are for."""

SINGLE_BARS: Final = {"japan3": 90e3, "japan9": 50e3}
BATCH_BARS: Final = {"japan3": 200e3, "japan9": 75e3}
"""Steps per CPU second."""

CONSTRUCT_S: Final = 0.1
FIRST_STEP_S: Final = 2.0
COMPILE_S: Final = 40.0
"""CPU seconds."""

Piece = Callable[[], int]


def single_weeks(env: Any) -> Piece:
    """Return a function that plays one week in a single environment, from reset to the end."""
    rng = np.random.default_rng(0)
    actions = rng.uniform(-1.0, 1.0, (509, *env.action_space.shape)).astype(np.float32)
    env.reset(seed=0)

    def play() -> int:
        env.reset()
        step = env.step
        done, count = False, 0
        while not done:
            _, _, terminated, truncated, _ = step(actions[count % 509])
            done = terminated or truncated
            count += 1
        return count

    return play


def batch_weeks(env: Any, act: Callable[[np.ndarray], Any]) -> Piece:
    """Return a function that plays as many batch steps as a week has; worlds begin again by themselves."""
    rng = np.random.default_rng(0)
    actions = rng.uniform(-1.0, 1.0, (61, *env.action_space.shape)).astype(np.float32)
    steps = int(env.scenario.episode.steps)
    env.reset(seed=0)

    def play() -> int:
        for k in range(steps):
            act(actions[k % 61])
        return steps * int(env.num_envs)

    return play


def make_batch(scenario: str, worlds: int, **arguments: Any) -> Any:
    """Return the native vector environment."""
    return gym.make_vec(
        IDENTIFIER, num_envs=worlds, vectorization_mode="vector_entry_point", scenario=scenario, **arguments
    )


def rates(scenario: str, worlds: int, seconds: float) -> Iterator[Figure]:
    """Measure the steps per CPU second of one scenario, the cases in turns."""
    batch = make_batch(scenario, worlds)
    training = make_batch(scenario, worlds, mode="training")
    cases: dict[str, Piece] = {
        "env.unwrapped.step": single_weeks(gym.make(IDENTIFIER, scenario=scenario).unwrapped),
        "gym.make(...).step, in Gymnasium's wrappers": single_weeks(gym.make(IDENTIFIER, scenario=scenario)),
        f"VectorEnv.step, {worlds} worlds": batch_weeks(batch, batch.step),
        f"VectorEnv.step_arrays, {worlds} worlds": batch_weeks(batch, batch.step_arrays),
        f"VectorEnv.step_arrays, {worlds} worlds, training with warm-up": batch_weeks(training, training.step_arrays),
    }
    bare, wrapped, stepped, _, _ = cases
    bars = {}
    if scenario in SINGLE_BARS:
        bars[bare] = bars[wrapped] = Bar(">=", SINGLE_BARS[scenario])
        if worlds == BATCH:
            bars[stepped] = Bar(">=", BATCH_BARS[scenario])
    for name, values in interleaved_rates(cases, seconds).items():
        yield Figure(f"{scenario}: {name}", "steps/CPU-s", values, bars.get(name))


def fresh_process(scenario: str, **environment: str) -> dict[str, list[float]]:
    """Run :mod:`benchmarks.first_step` in a process of its own and return its stages."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.first_step", scenario],
        cwd=Path(__file__).resolve().parents[1],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def start_figures(scenario: str) -> Iterator[Figure]:
    """Measure what a user waits for when every cache is warm."""
    fresh_process(scenario)
    runs = [fresh_process(scenario) for _ in range(WINDOWS)]
    first = ("import", "construct", "reset", "step")
    for clock, unit in enumerate(("CPU-s", "wall s")):
        total = tuple(sum(stages[name][clock] for name in first) for stages in runs)
        again = tuple(stages["again"][clock] for stages in runs)
        # A bar on wall time would fail on a busy machine whatever the code does.
        yield Figure(
            f"{scenario}: fresh process, import to first step",
            unit,
            total,
            Bar("<=", FIRST_STEP_S) if unit == "CPU-s" else None,
        )
        yield Figure(
            f"{scenario}: construct + reset, other weeks",
            unit,
            again,
            Bar("<=", CONSTRUCT_S) if unit == "CPU-s" else None,
        )


def cold_figures(scenario: str) -> Iterator[Figure]:
    """Measure the first run on a machine: an empty cache, series to make and kernels to compile."""
    with tempfile.TemporaryDirectory(prefix="wattbit-cold-") as folder:
        stages = fresh_process(scenario, WATTBIT_CACHE_DIR=folder)
    yield Figure(f"{scenario}: empty cache, series made at construction", "CPU-s", (stages["construct"][0],))
    yield Figure(
        f"{scenario}: empty cache, compile at first reset", "CPU-s", (stages["reset"][0],), Bar("<=", COMPILE_S)
    )


def measure(options: argparse.Namespace) -> Iterator[Figure]:
    """Measure what the command line asks for."""
    for scenario in options.scenario:
        yield from rates(scenario, options.worlds, options.seconds)
    if not options.no_start:
        for scenario in options.scenario:
            yield from start_figures(scenario)
    if options.cold:
        yield from cold_figures(options.scenario[0])


def world_hashes(options: argparse.Namespace) -> dict[str, str]:
    """Return the hash of scenario and laws of every scenario measured."""
    made = {name: gym.make(IDENTIFIER, scenario=name).unwrapped for name in options.scenario}
    return {f"world {name}": str(env.world_hash) for name, env in made.items()}  # type: ignore[attr-defined]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only this benchmark has."""
    parser.add_argument("--scenario", nargs="+", default=["japan3", "japan9"], help="scenarios (default: %(default)s)")
    parser.add_argument("--worlds", type=int, default=BATCH, help="worlds in the batch (default: %(default)s)")
    parser.add_argument("--no-start", action="store_true", help="leave out the start of fresh processes")
    parser.add_argument("--cold", action="store_true", help="also compile into an empty cache (about half a minute)")


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark as a command; returns the exit code."""
    description = "Steps of random actions, resets included, one thread, float32; start of fresh processes."
    return run("env_speed", description, measure, add_arguments, world_hashes, argv)


if __name__ == "__main__":
    sys.exit(main())
