"""Play a week with a policy and collect what its sites and certificates did."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.certificates import TECHNOLOGIES, WORK_CLASSES, WeekOfMatching
from wattbit.config import ScenarioConfig
from wattbit.series import source
from wattbit.units import HALF_HOUR_H
from wattbit.vector import AggregatorVectorEnv
from wattbit.world import state as s
from wattbit_agents.errors import ConfigError
from wattbit_agents.evaluation import find_policy, view_of
from wattbit_agents.rollout import Policy
from wattbit_agents.worlds import scoring_worlds

logger = logging.getLogger(__name__)

SPLIT_TOLERANCE: Final = 1e-5
"""How far contracted sun and wind may be from the world's sum, relative; the world counts in single precision."""


def evaluated_week(
    name: str,
    scenario: str | Path | ScenarioConfig,
    *,
    week: int = 0,
    seed: int = 0,
    split: str = "test",
    env: str = "Aggregator-v0",
    data_root: Path | None = None,
) -> WeekOfMatching:
    """
    Play one week as ``evaluate.py`` does, and return what a ledger of certificates is made from.

    Parameters
    ----------
    name : str
        Rule or run folder.
    scenario : str, Path or ScenarioConfig
        The world.
    week : int
        Week of the split, from 0.
    seed : int
        Seed of the draws.
    split : {"test", "validation", "train"}
        Where the week comes from.
    env : str
        Environment id without its namespace.
    data_root : Path, optional
        Folder of the real data.

    Raises
    ------
    WattbitError
        If the scenario, the policy, the split, the week or the seed is not valid, or nobody contracts certificates.
    """
    if seed < 0:
        raise ConfigError(f"seed: is {seed}, must be at least 0")
    worlds = scoring_worlds(env, scenario, 1, split, data_root, **view_of(name)._asdict())
    if not worlds.scenario.certificates.enabled:
        raise ConfigError(
            f"scenario {worlds.scenario.name}: certificates.enabled is false: nobody contracts certificates, "
            "there is nothing to record"
        )
    if not 0 <= week < worlds.n_weeks:
        raise ConfigError(f"week: is {week}, must be within 0 and {worlds.n_weeks - 1}")
    policy = find_policy(name, worlds, env, seed)
    logger.info("%s: week %d of %s, seed %d", name, week, split, seed)
    facts: dict[str, str | int | None] = {
        "policy": name,
        "scenario": worlds.scenario.name,
        "env": env,
        "split": split,
        "week": week,
        "seed": seed,
        "world_hash": worlds.world_hash,
        "data_hash": worlds.batch.constants.series_hash,
        "series": worlds.batch.constants.series_name,
    }
    return collect(policy, worlds, week, seed, facts)


def collect(
    policy: Policy, worlds: AggregatorVectorEnv, week: int, seed: int, facts: dict[str, str | int | None]
) -> WeekOfMatching:
    """
    Play one week in the first world of a batch and collect the ledgers of its half hours.

    Parameters
    ----------
    policy : Policy
        Decides on the batch.
    worlds : AggregatorVectorEnv
        In evaluation mode.
    week, seed : int
        Which week of the split, and the seed of its draws.
    facts : dict
        Written into the ledger.
    """
    batch = worlds.batch
    observation, _ = worlds.reset(seed=[seed] * worlds.num_envs, options={"week": [week] * worlds.num_envs})
    first = int(batch.world.clock[0, s.ROW])
    steps = worlds.scenario.episode.steps
    areas = tuple(area.name for area in worlds.scenario.areas)
    ledger = np.empty((steps, len(areas), s.N_LEDGER))
    site_up = np.empty((steps, len(areas)))
    state = None
    start = np.ones(worlds.num_envs, np.bool_)
    for t in range(steps):
        site_up[t] = batch.world.area[0, :, s.SITE_UP]
        action, state = policy.predict(observation, state=state, episode_start=start, deterministic=True)
        observation, *_ = worlds.step_arrays(np.asarray(action, np.float32))
        ledger[t] = batch.ledger[0]
        start = np.zeros(worlds.num_envs, np.bool_)
    series, _ = source.load(worlds.scenario.series, areas, batch.split, batch.data_root, worlds.scenario.grid)
    rows = np.asarray(batch.world.exog[first : first + steps], np.float64)
    site = batch.constants.site
    return WeekOfMatching(
        areas=areas,
        start=series.time_of(first).to_pydatetime(),
        certificates_mwh=_by_technology(ledger, rows, site),
        capacity_mw=_capacities_mw(np.asarray(batch.world.exog[:-1], np.float64), site),
        load_mwh=HALF_HOUR_H * ledger[:, :, s.L_DATACENTRE_MW],
        it_mwh=HALF_HOUR_H * (site[:, s.SITE_IDLE_MW] * site_up + ledger[:, :, s.L_LOAD_MW]),
        work_mwh=_by_class(ledger),
        matched_mwh=ledger[:, :, s.L_MATCHED],
        zone=rows[:, :, s.ZONE].astype(np.int64),
        carbon_kg_per_mwh=rows[:, :, s.CARBON_AVERAGE],
        facts=facts,
    )


def _by_class(ledger: NDArray[np.float64]) -> NDArray[np.float64]:
    """Dynamic IT energy by class of work, shape (time, area, class); rounding may leave a class below 0."""
    hours = {"realtime": HALF_HOUR_H, "interactive": HALF_HOUR_H, "batch": 1.0, "training": 1.0}
    fields = {
        "realtime": s.L_REALTIME_MW,
        "interactive": s.L_INTERACTIVE_MW,
        "batch": s.L_BATCH_MWH,
        "training": s.L_TRAINING_MWH,
    }
    return np.stack([np.maximum(0.0, hours[work] * ledger[:, :, fields[work]]) for work in WORK_CLASSES], axis=2)


def _by_technology(
    ledger: NDArray[np.float64], rows: NDArray[np.float64], site: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Certificates by technology, shape (time, area, technology), with the world's sum. [MWh]"""
    potential = rows[:, :, s.SOLAR] + rows[:, :, s.WIND]
    curtailed = np.divide(rows[:, :, s.SURPLUS], potential, out=np.ones_like(potential), where=potential > 0.0)
    produced = HALF_HOUR_H * (1.0 - np.minimum(1.0, curtailed))
    parts = {
        "solar": produced * site[:, s.SITE_SOLAR_SHARE] * rows[:, :, s.SOLAR],
        "wind": produced * site[:, s.SITE_WIND_SHARE] * rows[:, :, s.WIND],
        "surplus": HALF_HOUR_H * np.maximum(0.0, ledger[:, :, s.L_SOAKED_MW]),
    }
    split = np.stack([parts[technology] for technology in TECHNOLOGIES], axis=2)
    total, world = split.sum(axis=2), ledger[:, :, s.L_CERTIFICATES]
    if not np.allclose(total, world, rtol=SPLIT_TOLERANCE, atol=SPLIT_TOLERANCE):
        raise RuntimeError("sun, wind and surplus do not add up to the world's certificates: its law has changed")
    return split * np.divide(world, total, out=np.ones_like(total), where=total > 0.0)[:, :, None]


def _capacities_mw(table: NDArray[np.float64], site: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Largest power of each device group in the whole series, shape (area, technology). [MW]

    Not what it gave in the week: a certificate above it was never produced.
    """
    local = np.maximum(0.0, site[:, s.SITE_LOCAL_SHARE] * table[:, :, s.SOLAR] - site[:, s.SITE_LOCAL_LIMIT_MW])
    largest = {
        "solar": site[:, s.SITE_SOLAR_SHARE] * table[:, :, s.SOLAR].max(axis=0),
        "wind": site[:, s.SITE_WIND_SHARE] * table[:, :, s.WIND].max(axis=0),
        "surplus": (table[:, :, s.SURPLUS] + local).max(axis=0),
    }
    return np.stack([largest[technology] for technology in TECHNOLOGIES], axis=1)
