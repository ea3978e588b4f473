"""
Where should Tokyo's training run? ``python -m benchmarks.placements [--weeks N]``.

The essay behind ``essay-5-1`` has wind left over in Hokkaido, an idle site in Kyushu and training in Tokyo; it sends
the training to Kyushu and charges cars in Hokkaido. Two placements of the same training play the same weeks: in Kyushu,
as the essay says, and in Hokkaido, where the surplus is (at home there is no room for all of it). The rest is the same:
other work stays at home, cars charge slowly, and faster where there is surplus.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Figure, positive, run
from wattbit.action import CONTROLS
from wattbit.world.state import OUTCOMES
from wattbit_agents.worlds import scoring_worlds, seasonal_weeks

PLACES = ("kyushu", "hokkaido")
"""Where the training runs: the essay's answer first."""

SHOWN = (
    ("cost_jpy", "M JPY/week", 1e-6),
    ("energy_jpy", "M JPY/week", 1e-6),
    ("network_jpy", "M JPY/week", 1e-6),
    ("work_jpy", "M JPY/week", 1e-6),
    ("co2_kg", "t/week", 1e-3),
    ("curtailment_avoided_mwh", "MWh/week", 1.0),
    ("matched_mwh", "MWh/week", 1.0),
)
"""Outcomes that the placements are compared by, with unit and scale."""


def played(place: str, n_weeks: int) -> NDArray[np.float64]:
    """Sums of every outcome, shape (week, outcome), with all training run at one place as far as it has room."""
    env = scoring_worlds("Aggregator-v0", "essay-5-1", n_weeks, "test")
    layout = env.observation_layout
    weeks = seasonal_weeks(env.scenario, n_weeks, "test")
    observation, _ = env.reset(seed=[0] * len(weeks), options={"week": weeks})
    action = np.zeros((len(weeks), len(layout.areas), len(CONTROLS)), np.float32)
    action[:, :, CONTROLS.index("batch_run")] = 1.0
    action[:, :, CONTROLS.index("training_run")] = -1.0
    action[:, layout.areas.index(place), CONTROLS.index("training_run")] = 1.0
    total = np.zeros((len(weeks), len(OUTCOMES)))
    for _ in range(env.scenario.episode.steps):
        surplus = layout.get(observation, "surplus_mw") > 0.0
        action[:, :, CONTROLS.index("fleet_power")] = np.where(surplus, 0.5, 0.1)
        observation, _, _, _, outcome, _ = env.step_arrays(action.reshape(len(weeks), -1))
        total += outcome
    return total


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Cost and consequences of both placements, and the first less the second, week by week."""
    results = [played(place, options.weeks) for place in PLACES]
    for name, unit, scale in SHOWN:
        values = [result[:, OUTCOMES.index(name)] * scale for result in results]
        word = name.rsplit("_", 1)[0]
        for place, value in zip(PLACES, values, strict=True):
            yield Figure(f"training in {place}: {word}", unit, tuple(value.tolist()))
        yield Figure(f"{PLACES[0]} less {PLACES[1]}: {word}", unit, tuple((values[0] - values[1]).tolist()))


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weeks", type=positive, default=40, help="test weeks; default %(default)s")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show."""
    return run("placements", "Tokyo's training in Kyushu and in Hokkaido", measure, _options, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
