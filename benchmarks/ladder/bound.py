"""The linear program beside a week: its bound, and how far it lies below what a policy really paid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.ladder.course import SPLIT, policy_of, worlds_of
from benchmarks.ladder.play import Watched
from wattbit.action import CONTROLS, ControlMap
from wattbit.config import ScenarioConfig
from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit_agents.baselines.bound.days import booked_wear, car_days, car_paths, pack_kjpy
from wattbit_agents.baselines.bound.search import whole_wear
from wattbit_agents.baselines.lp.deadlines import largest_excess_mwh
from wattbit_agents.baselines.lp.embed import Trajectory, embed, play, violations
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.oracle import by_term, oracle_weeks
from wattbit_agents.baselines.lp.path import Path as WeekPath
from wattbit_agents.baselines.lp.path import Plant
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.template import KILO, Template
from wattbit_agents.baselines.lp.wear_laws import law_of
from wattbit_agents.rollout import score_weeks

TOLERANCE: Final = 1e-6
"""Relative violation that is rounding."""


def bound_of(scenario: ScenarioConfig, week: int, seed: int, data_root: Path | None = None) -> dict[str, Any]:
    """Return what perfect foresight would pay at least: ``cost_jpy``, and ``terms_jpy`` by term."""
    (planned,) = oracle_weeks(scenario, [week], [seed], SPLIT, data_root)
    found = planned.result
    return {"cost_jpy": found.bound_jpy, "terms_jpy": dict.fromkeys(s.TERMS, 0.0) | found.bound_terms_jpy}


@dataclass(frozen=True)
class PlayedWeek:
    """A week that a policy played in float64: what happened, and the path and the plant of the week."""

    trajectory: Trajectory
    plant: Plant
    path: WeekPath


def play_exactly(
    scenario: ScenarioConfig, name: str, week: int, seed: int, data_root: Path | None = None, split: str = SPLIT
) -> PlayedWeek:
    """Let a policy play a week in float64 and return what happened."""
    env = worlds_of(scenario, name, "float64", data_root, split)
    watched = Watched(policy_of(name, env, seed, week))
    score_weeks(watched, env, [week], [seed])
    actions = iter(watched.actions)
    batch = Batch(scenario, 1, "evaluation", split, "float64", data_root=data_root, orders=env.orders)
    full = ControlMap(len(scenario.areas), CONTROLS, env.orders, scenario.fleet.vehicles).full
    trajectory = play(batch, week, seed, lambda batch: batch.step_single(full(next(actions).astype(np.float32))))
    plant, (path,) = record_paths(scenario, [week], [seed], split, data_root)
    return PlayedWeek(trajectory, plant, path)


def slack_of(
    scenario: ScenarioConfig, name: str, week: int, seed: int, data_root: Path | None = None
) -> dict[str, Any]:
    """
    Play a week in float64 and compare what it cost with what the program says of the same trajectory.

    Wear is that of whole days, the most that the bound could count for the trajectory.

    Returns
    -------
    dict
        ``cost_jpy`` that was paid, ``slack_jpy`` by term (paid less the program's), and ``broken``, the blocks of the
        program that the trajectory breaks, with the relative violation.
    """
    played = play_exactly(scenario, name, week, seed, data_root)
    trajectory, plant, path = played.trajectory, played.plant, played.path
    structure = Structure(Template(plant), path.steps)
    program = fill(structure, path)
    point = embed(structure, path, trajectory)
    broken = violations(structure, program, point, TOLERANCE)
    waiting = float(trajectory.area[:, :, [s.BATCH_MWH, s.TRAINING_MWH]].max())
    booked, least = booked_wear(plant, trajectory.wear_rise), _least_wear(structure, path, point)
    more = {
        "deadlines": largest_excess_mwh(structure, path, point) / max(1.0, waiting),
        "wear": float(((least - booked) / np.maximum(1.0, booked)).max(initial=0.0)),
    }
    planned = by_term(program, point)
    planned["wear_jpy"] += float(least.sum())
    return {
        "cost_jpy": trajectory.cost_jpy,
        "slack_jpy": {term: trajectory.term_jpy(term) - planned.get(term, 0.0) / KILO for term in s.TERMS},
        "broken": broken | {block: miss for block, miss in more.items() if miss > TOLERANCE},
    }


def _least_wear(structure: Structure, path: WeekPath, point: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the bound counts at most for the wear of every car and day at a point, thousands of JPY."""
    plant = structure.template.plant
    paths = car_paths(plant, path, structure.template.columns.named(point, path.steps))
    worn = whole_wear(law_of(plant.cell, plant.value(s.WEAR_REFERENCE)), car_days(plant, path), paths)
    return np.asarray(worn * np.tile(pack_kjpy(plant).ravel(), path.steps // STEPS_PER_DAY))
