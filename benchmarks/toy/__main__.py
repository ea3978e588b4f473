"""
A world with a known answer: ``python -m benchmarks.toy [--paths N] [--steps N] [--no-ppo] [--check]``.

One area with a battery and cars that never drive behind one connection, prices from a Markov chain, one day. Dynamic
programming gives the least expected cost exactly; no clairvoyant bound may lie above it and no policy below it, and PPO
must come within 1 % of it. Doing nothing costs nothing here, so 1 % of the cost is 1 % of all there is to gain.

Figures that are means show the mean, and as min and max the ends of its 95 % interval. All policies play the same
days. "Without luck": less :meth:`benchmarks.toy.dynamic.Solution.luck_jpy`, which has mean 0 whatever a policy does.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from benchmarks.report import Bar, Figure, positive, run
from benchmarks.toy.bound import oracle_bounds_jpy
from benchmarks.toy.chain import FloatArray, IntArray
from benchmarks.toy.dynamic import Solution, clairvoyant_jpy, solve
from benchmarks.toy.play import ExactPolicy, Played, play, standard_error
from benchmarks.toy.world import CHAIN, ToyWorlds, sizes, toy_scenario
from wattbit_agents.baselines import RULES, make_policy

SEED: Final = 11
"""Seed of the days that are scored; nothing was chosen on them."""

ROUNDING: Final = 1e-4
"""Share of the exact value that is rounding: actions are float32. [%]"""

LEARNT: Final = 1.0
"""How far from the exact value PPO may be. [%]"""

PPO_STEPS: Final = 1_500_000

LEFT_OUT: Final = ("tuned",)
"""Rules that are fitted to a scenario; nobody has fitted one to the toy."""


def _mean(name: str, unit: str, values: FloatArray, bar: Bar | None = None) -> Figure:
    """Mean of independent values with the ends of its 95 % interval."""
    mean, half = float(values.mean()), 1.96 * standard_error(values)
    return Figure(name, unit, (mean - half, mean, mean + half), bar)


def _policy(name: str, played: Played, least_jpy: float, bound_jpy: FloatArray) -> Iterable[Figure]:
    """Cost of a policy; on no day may it be below the exact value or below the bound."""
    percent = -100.0 / least_jpy
    above = float(percent * (played.fair_jpy - least_jpy).min())
    bounded = float(percent * (played.cost_jpy - bound_jpy).min())
    yield _mean(f"{name}: J", "M JPY/day", played.cost_jpy / 1e6)
    yield Figure("  above the exact value on its best day, without luck", "% of J", (above,), Bar(">=", -ROUNDING))
    yield Figure("  above perfect foresight on its best day", "% of J", (bounded,), Bar(">=", -ROUNDING))


def _learnt(
    seed: int,
    steps: int,
    worlds: ToyWorlds,
    exact: Solution,
    levels: IntArray,
    best: Played,
    bound_jpy: FloatArray,
    idle_jpy: float,
) -> Iterable[Figure]:
    """How near PPO comes: in parts of the cost, and of what there is to gain over doing nothing."""
    from benchmarks.toy.learning import train_ppo  # torch takes seconds to import

    begun = time.process_time()
    policy = train_ppo(steps, seed)
    spent = time.process_time() - begun
    least, percent = exact.cost_jpy, -100.0 / exact.cost_jpy
    played = play(policy, worlds, exact, levels)
    yield from _policy(f"PPO, seed {seed}", played, least, bound_jpy)
    yield _mean(
        "  above the exact value, without luck", "% of J", percent * (played.fair_jpy - least), Bar("<=", LEARNT)
    )
    yield _mean("  above the exact policy on the same days", "% of J", percent * (played.cost_jpy - best.cost_jpy))
    gained = 100.0 * (idle_jpy - played.fair_jpy) / (idle_jpy - least)
    yield _mean("  share of what there is to gain over do-nothing", "%", gained)
    yield Figure("  training", "CPU s", (spent,))


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Bound, exact value, every policy, and how far PPO is from the exact one."""
    config = toy_scenario()
    size, steps = sizes(config), config.episode.steps
    exact = solve(size, CHAIN, steps)
    least, percent = exact.cost_jpy, -100.0 / exact.cost_jpy
    levels = CHAIN.draw(options.paths, steps, SEED)
    worlds = ToyWorlds(options.paths, levels, CHAIN, config)
    bound = clairvoyant_jpy(size, CHAIN, levels)
    yield Figure("exact value", "M JPY/day", (least / 1e6,))
    unlimited = solve(replace(size, step_jpy=(*size.step_jpy[:2], 0.0)), CHAIN, steps).cost_jpy
    yield Figure("what the connection costs the best policy", "% of J", (percent * (least - unlimited),))
    yield _mean("perfect foresight: J", "M JPY/day", bound / 1e6)
    yield _mean("  below the exact value", "% of J", percent * (least - bound), Bar(">=", 0.0))
    some = levels[: options.oracle]
    oracle = percent * (bound[: len(some)] - oracle_bounds_jpy(some, CHAIN, config))
    yield Figure("  bound of the general oracle below it, mean", "% of J", (float(oracle.mean()),))
    yield Figure("  least of any day", "% of J", (float(oracle.min()),), Bar(">=", -ROUNDING))

    best = play(ExactPolicy(worlds, exact), worlds, exact, levels)
    yield from _policy("exact policy", best, least, bound)
    off = float(np.abs(percent * (best.fair_jpy - least)).max())
    yield Figure("  off the exact value on its worst day, without luck", "% of J", (off,), Bar("<=", ROUNDING))
    for name in RULES:
        if name not in LEFT_OUT:
            rule = play(make_policy(name, worlds, SEED), worlds, exact, levels)
            yield from _policy(name, rule, least, bound)
    if not options.no_ppo:
        idle = float(play(make_policy("do-nothing", worlds), worlds, exact, levels).cost_jpy.mean())
        for seed in range(options.seeds):
            yield from _learnt(seed, options.steps, worlds, exact, levels, best, bound, idle)


def _several(text: str) -> int:
    """Return a whole number of at least 2, which an interval needs, for argparse."""
    value = int(text)
    if value < 2:
        raise argparse.ArgumentTypeError(f"is {value}, must be at least 2")
    return value


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--paths", type=_several, default=400, help="days that are scored; default %(default)s")
    parser.add_argument("--oracle", type=positive, default=20, help="of them, for the oracle; default %(default)s")
    parser.add_argument("--steps", type=positive, default=PPO_STEPS, help="half hours of training; default %(default)s")
    parser.add_argument("--seeds", type=positive, default=1, help="trainings; default %(default)s")
    parser.add_argument("--no-ppo", action="store_true", help="leave out the training")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show."""
    return run("toy", "A world with a known answer: bounds, the exact value, policies", measure, _options, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
