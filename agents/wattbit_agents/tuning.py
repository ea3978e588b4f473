"""Fit the parameters of a rule on train weeks, and keep them with what they were fitted on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit_agents.baselines import make_policy
from wattbit_agents.baselines.fits import next_version
from wattbit_agents.baselines.threshold import Threshold
from wattbit_agents.errors import ConfigError
from wattbit_agents.rollout import score_weeks
from wattbit_agents.worlds import scoring_worlds, seasonal_weeks

logger = logging.getLogger(__name__)

RULE: Final = Threshold.name
"""Rule that is tuned."""

BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "load_ceiling": (0.6, 0.95),
    "work_width_jpy_per_mwh": (500.0, 12_000.0),
    "work_offset_jpy_per_mwh": (-3_000.0, 6_000.0),
    "backlog_price_jpy_per_mwh_per_h": (0.0, 1_500.0),
    "host_width_jpy_per_mwh": (300.0, 10_000.0),
    "host_limit": (0.0, 1.0),
    "charge_rank": (0.05, 0.5),
    "charge_level": (0.1, 1.0),
    "discharge_level": (0.0, 1.0),
    "need_h": (1.0, 12.0),
    "fleet_spread_jpy_per_mwh": (3_000.0, 20_000.0),
    "spread_width_jpy_per_mwh": (1_000.0, 12_000.0),
    "storage_rank": (0.05, 0.5),
    "storage_spread_jpy_per_mwh": (1_000.0, 15_000.0),
    "safety": (1.0, 1.5),
    "reserve_share": (0.0, 1.0),
    "call_jpy_per_mwh": (0.0, 100_000.0),
}
"""Range of each parameter."""


@dataclass(frozen=True)
class Tuned:
    """
    Parameters of the rule and their record.

    Attributes
    ----------
    parameters : dict
        Fields of the rule.
    facts : dict
        Version, scenario, hashes of world and data, weeks, J before and after on train and validation weeks.
    """

    parameters: dict[str, float]
    facts: dict[str, Any]

    def text(self) -> str:
        """Content of the file."""
        return yaml.safe_dump({"rule": RULE, **self.facts, "parameters": self.parameters}, sort_keys=False)


class WeeklyCost:
    """
    Mean weekly J of the rule on fixed weeks and seed, as a function of its parameters.

    Parameters
    ----------
    scenario : ScenarioConfig
        The world.
    split : str
        ``"train"`` to fit, ``"validation"`` to check.
    n_weeks : int
        Weeks, spread over the split.
    data_root : Path, optional
        Folder of the real data.
    """

    def __init__(self, scenario: ScenarioConfig, split: str, n_weeks: int, data_root: Path | None = None) -> None:
        self.weeks = seasonal_weeks(scenario, n_weeks, split, data_root)
        self.worlds = scoring_worlds("Aggregator-v0", scenario, len(self.weeks), split, data_root)

    def __call__(self, parameters: dict[str, float]) -> float:
        """Return the mean weekly J. [JPY]"""
        policy = make_policy(RULE, self.worlds, 0, **parameters)
        return float(score_weeks(policy, self.worlds, self.weeks, (0,)).get("cost_jpy").mean())


def tune(
    scenario: str | Path | ScenarioConfig,
    *,
    n_weeks: int = 52,
    rounds: int = 12,
    seed: int = 0,
    data_root: Path | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Tuned:
    """
    Fit the rule on train weeks by differential evolution (SciPy), starting from its defaults.

    Parameters
    ----------
    scenario : str, Path or ScenarioConfig
        The world.
    n_weeks : int
        Train weeks, spread over the split; as many validation weeks check the result.
    rounds : int
        Generations of 3 members per parameter.
    seed : int
        Of the optimiser.
    data_root : Path, optional
        Folder of the real data.
    progress : callable, optional
        Called after each generation with its number and the best J so far.

    Returns
    -------
    Tuned
        The fit, or the defaults when they are better on the validation weeks.
    """
    try:
        from scipy.optimize import differential_evolution
    except ModuleNotFoundError:
        raise ConfigError("tuning needs SciPy: pip install 'wattbit[train]'") from None
    if n_weeks < 1 or rounds < 1:
        raise ConfigError(f"weeks and rounds are {n_weeks} and {rounds}, must be at least 1")
    if seed < 0:
        raise ConfigError(f"seed: is {seed}, must be at least 0")
    config = load_scenario(scenario)
    train, check = (WeeklyCost(config, split, n_weeks, data_root) for split in ("train", "validation"))
    names = list(BOUNDS)
    start = {name: getattr(Threshold(), name) for name in names}
    low, high = np.array(list(BOUNDS.values())).T

    def named(unit: NDArray[np.float64]) -> dict[str, float]:
        return dict(zip(names, (low + unit * (high - low)).tolist(), strict=True))

    count = 0

    def told(intermediate_result: Any) -> None:
        nonlocal count
        count += 1
        if progress is not None:
            progress(count, float(intermediate_result.fun))

    found = differential_evolution(
        lambda unit: train(named(unit)),
        [(0.0, 1.0)] * len(names),
        x0=(np.array(list(start.values())) - low) / (high - low),
        maxiter=rounds,
        popsize=3,
        tol=0.0,
        polish=False,
        seed=seed,
        callback=told,
    )
    fitted = {name: float(f"{value:.4g}") for name, value in named(found.x).items()}
    costs = {
        "train_before_jpy": train(start),
        "train_after_jpy": train(fitted),
        "validation_before_jpy": check(start),
        "validation_after_jpy": check(fitted),
    }
    if costs["validation_after_jpy"] > costs["validation_before_jpy"]:
        logger.warning("the fit is worse on validation weeks than the defaults: the defaults are kept")
        fitted = start
    facts = {
        "version": next_version("tuned", config.name),
        "scenario": config.name,
        "world_hash": train.worlds.world_hash,
        "data_hash": train.worlds.batch.constants.series_hash,
        "split": "train",
        "weeks": train.weeks,
        "optimiser": f"scipy.optimize.differential_evolution, {rounds} rounds, seed {seed}",
        **{name: round(cost) for name, cost in costs.items()},
    }
    return Tuned(fitted, facts)
