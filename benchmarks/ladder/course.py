"""The weeks that every policy plays, and all that their results depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit.series import source, splits
from wattbit.vector import AggregatorVectorEnv
from wattbit.world.build import Precision
from wattbit_agents.baselines import RULES
from wattbit_agents.baselines.fits import own_fits
from wattbit_agents.errors import ConfigError
from wattbit_agents.evaluation import find_policy, view_of
from wattbit_agents.rollout import Policy, WorldView
from wattbit_agents.worlds import seasonal_weeks

ENV: Final = "Aggregator-v0"
SPLIT: Final = "test"

WEEKS: Final = {"generated": 104}
"""Test weeks by default, of a real year all: every fifth of ten years, ten or eleven of each and of every season."""

_WORLD_SOURCES: Final = (
    "action.py",
    "appended.py",
    "observation.py",
    "vector.py",
    "world",
    "series/forecast",
    "series/splits.yaml",
)
"""What a week depends on beside the laws and the series, which have hashes of their own."""

_AGENT_SOURCES: Final = ("baselines", "learning", "rollout.py", "silo.py")


@dataclass(frozen=True)
class Course:
    """
    Test weeks of one scenario.

    Attributes
    ----------
    scenario : ScenarioConfig
    weeks, seeds : tuple of int
        Every week is played with every seed.
    years : tuple of int
        Weather year of each week.
    world_hash, series_hash : str
        Of scenario and laws, and of the data.
    data_root : Path, optional
        Folder of real data.
    """

    scenario: ScenarioConfig
    weeks: tuple[int, ...]
    seeds: tuple[int, ...]
    years: tuple[int, ...]
    world_hash: str
    series_hash: str
    data_root: Path | None = None

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Seeds and weeks of the episodes, seed by seed."""
        return [(seed, week) for seed in self.seeds for week in self.weeks]


def make_course(
    scenario: str | Path | ScenarioConfig, n_weeks: int | None, seeds: Sequence[int], data_root: Path | None = None
) -> Course:
    """
    Return test weeks of a scenario, spread over the split.

    Parameters
    ----------
    scenario : str, Path or ScenarioConfig
    n_weeks : int, optional
        How many; by default :data:`WEEKS`, or all there are.
    seeds : sequence of int
    data_root : Path, optional
        Folder of real data.

    Raises
    ------
    WattbitError
        If the scenario or the seeds are not valid, or real data are missing.
    """
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise ConfigError(f"seeds: are {list(seeds)}, must be different whole numbers of at least 0")
    config = load_scenario(scenario)
    env = worlds_of(config, "tuned", data_root=data_root)
    usual = min(env.n_weeks, WEEKS.get(config.series, env.n_weeks))
    weeks = seasonal_weeks(config, n_weeks or usual, SPLIT, data_root)
    series, _ = source.load(config.series, [area.name for area in config.areas], SPLIT, data_root, config.grid)
    begins = [series.time_of(int(env.batch.constants.starts[week])) for week in weeks]
    if config.series == "generated":
        years = [(begin - splits.FIRST_WEATHER_YEAR_START).days // (7 * splits.WEATHER_YEAR_WEEKS) for begin in begins]
    else:
        years = [min(begin.year for begin in begins)] * len(begins)  # one fiscal year
    return Course(
        config,
        tuple(weeks),
        tuple(seeds),
        tuple(years),
        env.world_hash,
        env.batch.constants.series_hash,
        data_root,
    )


def worlds_of(
    scenario: ScenarioConfig,
    name: str,
    precision: Precision = "float32",
    data_root: Path | None = None,
    split: str = SPLIT,
) -> AggregatorVectorEnv:
    """Return one world that plays weeks of a split and shows what a policy must see."""
    return _worlds(scenario, view_of(name), precision, data_root, split)


@lru_cache(maxsize=8)
def _worlds(
    scenario: ScenarioConfig, view: WorldView, precision: Precision, data_root: Path | None, split: str
) -> AggregatorVectorEnv:
    """Worlds are kept: making one costs more than an easy policy's week."""
    return AggregatorVectorEnv(
        1,
        scenario,
        mode="evaluation",
        split=split,
        info_level="none",
        precision=precision,
        data_root=data_root,
        **view._asdict(),
    )


def policy_of(name: str, env: AggregatorVectorEnv, seed: int, week: int = 0) -> Policy:
    """
    Return a policy for one week; what it draws belongs to week and seed, whoever plays which week before.

    Raises
    ------
    PolicyError
        If there is no such policy, or nothing is frozen for the tuned rule in this scenario.
    BookError
        If there are no worths of stocks for a planner that takes them.
    """
    draws = int(np.random.SeedSequence((seed, week)).generate_state(1)[0])
    return find_policy(name, env, ENV, draws)


def _digest(files: Sequence[tuple[str, bytes]], *more: str) -> str:
    digest = hashlib.sha256(repr(more).encode())
    for name, content in files:
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:16]


def _sources(package: str, parts: Sequence[str], without: Collection[str] = ()) -> list[tuple[str, bytes]]:
    with resources.as_file(resources.files(package)) as root:
        files = [f for part in parts for f in ([root / part] if (root / part).is_file() else (root / part).rglob("*"))]
        return [
            (str(file.relative_to(root)), file.read_bytes())
            for file in sorted(files)
            if file.is_file() and not {"__pycache__", *without} & set(file.parts)
        ]


@lru_cache
def code_of(name: str) -> str:
    """
    Return a hash of the code and the parameters behind a policy's results, or behind the bound's.

    Parameters
    ----------
    name : str
        Policy, or ``"bound"``.
    """
    world = _sources("wattbit", _WORLD_SOURCES)
    # Rules do not read the linear program, and planners do not read the bound.
    unread = ("lp", "bound") if name in RULES else () if name == "bound" else ("bound",)
    agents = _sources("wattbit_agents", _AGENT_SOURCES, unread)
    folder = Path(name)
    model = [(f.name, f.read_bytes()) for f in sorted(folder.rglob("*")) if f.is_file()] if folder.is_dir() else []
    ladder = _sources("benchmarks.ladder", ("play.py", "course.py", *(("bound.py",) if name == "bound" else ())))
    extras = [] if name in RULES else [version("highspy")]
    own = [(path.name, path.read_bytes()) for path in own_fits()]
    return _digest([*world, *agents, *ladder, *model, *own], version("numpy"), version("wattbit"), *extras)
