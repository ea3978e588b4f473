"""The linear program beside a week: its bound, and how far it lies below what a policy really paid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.ladder.course import SPLIT, policy_of, worlds_of
from benchmarks.ladder.play import Watched
from wattbit.config import ScenarioConfig
from wattbit.world.batch import Batch
from wattbit.world.state import TERMS
from wattbit_agents.baselines.lp.embed import embed, play, violations
from wattbit_agents.baselines.lp.oracle import oracle_weeks
from wattbit_agents.baselines.lp.program import Structure, fill
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.template import KILO, Template
from wattbit_agents.rollout import score_weeks


def bound_of(scenario: ScenarioConfig, week: int, seed: int, data_root: Path | None = None) -> dict[str, Any]:
    """Return what perfect foresight would pay at least: ``cost_jpy``, and ``terms_jpy`` by term."""
    (planned,) = oracle_weeks(scenario, [week], [seed], SPLIT, data_root)
    found = planned.result
    return {"cost_jpy": found.bound_jpy, "terms_jpy": dict.fromkeys(TERMS, 0.0) | found.terms_jpy}


def _terms(program: Any, point: NDArray[np.float64]) -> dict[str, float]:
    terms = dict.fromkeys(TERMS, 0.0)
    for name, cost in program.terms.items():
        terms[name] += float(cost @ point) / KILO
    for name, constant in program.constants.items():
        terms[name] += constant / KILO
    return terms


def slack_of(
    scenario: ScenarioConfig, name: str, week: int, seed: int, data_root: Path | None = None
) -> dict[str, Any]:
    """
    Play a week in float64 and compare what it cost with what the program says of the same trajectory.

    Returns
    -------
    dict
        ``cost_jpy`` that was paid, ``slack_jpy`` by term (paid less the program's), and ``broken``, the blocks of the
        program that the trajectory breaks, with the relative violation.
    """
    env = worlds_of(scenario, name, "float64", data_root)
    watched = Watched(policy_of(name, env, seed, week))
    score_weeks(watched, env, [week], [seed])
    actions = iter(watched.actions)
    batch = Batch(scenario, 1, "evaluation", SPLIT, "float64", data_root=data_root)
    trajectory = play(batch, week, seed, lambda batch: batch.step_single(next(actions).astype(np.float32)))
    plant, (path,) = record_paths(scenario, [week], [seed], SPLIT, data_root)
    structure = Structure(Template(plant), path.steps)
    program = fill(structure, path)
    point = embed(structure, path, trajectory)
    planned = _terms(program, point)
    return {
        "cost_jpy": trajectory.cost_jpy,
        "slack_jpy": {term: trajectory.term_jpy(term) - planned[term] for term in TERMS},
        "broken": violations(structure, program, point),
    }
