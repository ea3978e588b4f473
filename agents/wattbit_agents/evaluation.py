"""Score any list of policies on the same weeks and seeds: one loop, one table, one set of files."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from wattbit.config import ScenarioConfig
from wattbit.vector import AggregatorVectorEnv
from wattbit.world.state import TERMS
from wattbit_agents.baselines import RULES, make_policy
from wattbit_agents.baselines.lp.planners import PLANNERS as OPTIONS
from wattbit_agents.baselines.lp.planners import Planner
from wattbit_agents.errors import ConfigError, PolicyError, did_you_mean
from wattbit_agents.rollout import (
    ROWS_PER_BATCH,
    Policy,
    WeekScores,
    WorldView,
    needed_view,
    score_weeks,
    view_shown,
)
from wattbit_agents.runs import run_view
from wattbit_agents.silo import HALVES, PREFIX, SiloPolicy
from wattbit_agents.stats import Interval, paired_difference, probability_of_improvement
from wattbit_agents.worlds import scoring_worlds, seasonal_weeks

logger = logging.getLogger(__name__)

REFERENCE: Final = "siloed"
"""Policy that the others are compared with, when no other is asked for."""

COST_PARTS: Final = TERMS
"""Parts of J; they add up to ``cost_jpy``."""

BOOTSTRAP_SEED: Final = 20240401
"""Seed of the intervals: the same scores always give the same intervals."""

PLANNERS: dict[str, Callable[[AggregatorVectorEnv, int], Policy]] = {name: Planner(name) for name in OPTIONS}
"""Planners by name, each made from worlds and a seed; attributes say what worlds they need, see :func:`needed_view`."""


@dataclass(frozen=True)
class Entry:
    """
    One policy of an evaluation.

    Parameters
    ----------
    name : str
        Rule name or run folder, as given.
    scores : WeekScores
        Sums of every outcome by seed and week.
    difference : Interval
        Weekly J minus that of the reference. [JPY]
    better_share : float
        Share of episodes in which J is below the reference's.
    """

    name: str
    scores: WeekScores
    difference: Interval
    better_share: float

    def mean(self, outcome: str) -> float:
        """Mean of one outcome per week."""
        return float(self.scores.get(outcome).mean())


@dataclass(frozen=True)
class Evaluation:
    """
    All policies of an evaluation, and what it was run on.

    Parameters
    ----------
    entries : tuple of Entry
        In the order asked for; the reference is among them.
    facts : dict
        World hash, data hash, split, weeks, seeds, versions, hardware; JSON values.
    """

    entries: tuple[Entry, ...]
    facts: dict[str, Any]

    def entry(self, name: str) -> Entry:
        """Return the entry of one policy."""
        return next(entry for entry in self.entries if entry.name == name)


def policy_names() -> list[str]:
    """Return what can be named without a folder: rules, then planners."""
    return [*RULES, *PLANNERS]


def view_of(name: str) -> WorldView:
    """
    Return the options of the worlds that a policy is to be found in and played on.

    Rules see the ordinary observation, planners what they ask for, models what they were trained on, a pair what both
    halves need.
    """
    parts = name.removeprefix(PREFIX).split("+") if name.startswith(PREFIX) else [name]
    return needed_view(*(RULES.get(part) or PLANNERS.get(part) or run_view(Path(part)) for part in parts))


def find_policy(name: str, env: AggregatorVectorEnv, env_id: str, seed: int) -> Policy:
    """
    Return a rule or planner by name, the model of a run folder, or a pair of them as ``silo:COMPUTE+FLEET``.

    Parameters
    ----------
    name : str
        What a person wrote.
    env : AggregatorVectorEnv
        Worlds it will play, which show at least :func:`view_of` its name.
    env_id : str
        Environment id without its namespace.
    seed : int
        Seed of what a policy draws.

    Raises
    ------
    PolicyError
        If it is none of them; names the nearest. A model that plays beside a policy that reads more than it was
        trained on: both would be given the larger observation.
    """
    if name in RULES:
        return make_policy(name, env, seed)
    if name in PLANNERS:
        return PLANNERS[name](env, seed)
    if name.startswith(PREFIX):
        parts = name.removeprefix(PREFIX).split("+")
        if env_id != "Aggregator-v0" or len(parts) != len(HALVES):
            raise PolicyError(f"{name}: must be {PREFIX}COMPUTE+FLEET, in Aggregator-v0")
        halves = []
        for part, half in zip(parts, HALVES, strict=True):
            view = view_shown(env)._asdict()
            worlds = scoring_worlds(half, env.scenario, 1, env.batch.split, env.batch.data_root, **view)
            halves.append(find_policy(part, worlds, half, seed))
        return SiloPolicy(halves[0], halves[1], len(env.scenario.areas))
    if "/" not in name and os.sep not in name and not Path(name).is_dir():
        runs = [str(path.parent) for path in Path("runs").glob("*/run.json")]
        raise PolicyError(f"unknown policy {name!r}{did_you_mean(name, [*policy_names(), *sorted(runs)])}")
    try:
        from wattbit_agents.learning.folders import load_policy
    except ModuleNotFoundError as error:
        raise PolicyError(f"{name}: {error.name} is not installed; models need: pip install 'wattbit[train]'") from None
    if view_shown(env) != (wanted := view_of(name)):
        raise PolicyError(
            f"{name}: needs {wanted}; a model cannot play beside a planner or a model that reads more or orders cars"
        )
    return load_policy(Path(name), env, env_id)


def evaluate(
    policies: Sequence[str],
    scenario: str | Path | ScenarioConfig,
    *,
    n_weeks: int | None = None,
    seeds: Sequence[int] = (0,),
    split: str = "test",
    env: str = "Aggregator-v0",
    reference: str = REFERENCE,
    data_root: Path | None = None,
) -> Evaluation:
    """
    Score policies on the same weeks with the same seeds.

    Parameters
    ----------
    policies : sequence of str
        Rule names, planner names and run folders.
    scenario : str, Path or ScenarioConfig
        The world.
    n_weeks : int, optional
        Weeks, spread evenly over the split; all of them by default.
    seeds : sequence of int
        Each week is played once with each seed.
    split : {"test", "validation", "train"}
        Where the weeks come from.
    env : str
        Environment id without its namespace.
    reference : str
        Policy that every other is compared with; added when it is not among them.
    data_root : Path, optional
        Folder of the real data.

    Returns
    -------
    Evaluation

    Raises
    ------
    WattbitError
        If the scenario, a policy, the split or a number is not valid. All policies are found before any is played.
    """
    if n_weeks is not None and n_weeks < 1:
        raise ConfigError(f"weeks: is {n_weeks}, must be at least 1")
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise ConfigError(f"seeds: are {list(seeds)}, must be different whole numbers of at least 0")
    names = list(dict.fromkeys(policies))
    if reference not in names:
        names.insert(0, reference)
    count = scoring_worlds(env, scenario, 1, split, data_root).n_weeks
    weeks = seasonal_weeks(scenario, n_weeks or count, split, data_root)
    rows = min(ROWS_PER_BATCH, len(weeks) * len(seeds))
    views = {name: view_of(name) for name in names}
    # The same worlds once for every kind of observation and orders that one of the policies needs.
    shown = {
        view: scoring_worlds(env, scenario, rows, split, data_root, **view._asdict())
        for view in dict.fromkeys(views.values())
    }
    found = {name: find_policy(name, shown[views[name]], env, seeds[0]) for name in names}
    worlds = shown[views[reference]]
    scores: dict[str, WeekScores] = {}
    for name, policy in found.items():
        logger.info("%s: %d weeks, %d seed%s", name, len(weeks), len(seeds), "s" if len(seeds) > 1 else "")
        scores[name] = score_weeks(policy, shown[views[name]], weeks, seeds)
    base = scores[reference].get("cost_jpy")
    entries = tuple(
        Entry(
            name,
            score,
            paired_difference(score.get("cost_jpy"), base, np.random.default_rng(BOOTSTRAP_SEED)),
            probability_of_improvement(score.get("cost_jpy"), base),
        )
        for name, score in scores.items()
    )
    facts = {
        "scenario": worlds.scenario.name,
        "env": env,
        "split": split,
        "weeks": weeks,
        "weeks_in_split": count,
        "seeds": list(seeds),
        "reference": reference,
        "world_hash": worlds.world_hash,
        "data_hash": worlds.batch.constants.series_hash,
        "series": worlds.batch.constants.series_name,
        "rows_per_batch": worlds.num_envs,
        "fallbacks": {name: dict(policy.fallbacks) for name, policy in found.items() if hasattr(policy, "fallbacks")},
        "hardware": hardware(),
    }
    return Evaluation(entries, facts)


def hardware() -> dict[str, str | int]:
    """Return what decision times depend on: processor, cores, system."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model)
    except OSError:
        pass  # not Linux: the platform's own word stands
    return {"processor": model, "cores": os.cpu_count() or 1, "system": f"{platform.system()} {platform.machine()}"}
