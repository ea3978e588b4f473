"""One loop for every policy: play weeks in a batch and add up what the world reports."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wattbit.appended import AssetView, ForecastView
from wattbit.vector import AggregatorVectorEnv
from wattbit.world.batch import Orders
from wattbit_agents.errors import PolicyError

ROWS_PER_BATCH = 128
"""Worlds that one policy plays at the same time; bounds memory, not results."""


class Policy(Protocol):
    """
    Anything with the ``predict`` of Stable-Baselines3.

    A policy that reads more than the ordinary observation or orders car by car says so in the attributes `forecast`,
    `assets` and `orders`, with the values that the environments take; see :func:`needed_view`.
    """

    def predict(
        self,
        observation: NDArray[np.floating],
        state: Any = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.floating], Any]:
        """Return actions for a batch of observations, and the state to hand back next time."""
        ...


class WorldView(NamedTuple):
    """How a policy meets worlds: what they show it and whom it orders, in options of the environments."""

    forecast: ForecastView = "blocks"
    assets: AssetView = "sums"
    orders: Orders = "area"

    def __str__(self) -> str:
        return ", ".join(f"{option}={value!r}" for option, value in self._asdict().items())


def view_shown(env: Any) -> WorldView:
    """Return the options that an environment was made with."""
    return WorldView(env.forecast, env.assets, env.orders)


def needed_view(*policies: object) -> WorldView:
    """
    Return the options of the smallest observation from which all of `policies` can decide, by car if one orders cars.

    Parameters
    ----------
    *policies : object
        Policies, their classes, or whatever makes them: anything with the attributes, or without.

    Examples
    --------
    >>> print(needed_view(object()))
    forecast='blocks', assets='sums', orders='area'
    """
    full = any(getattr(policy, "forecast", "blocks") == "full" for policy in policies)
    each = any(getattr(policy, "assets", "sums") == "each" for policy in policies)
    cars = any(getattr(policy, "orders", "area") == "car" for policy in policies)
    return WorldView("full" if full else "blocks", "each" if each else "sums", "car" if cars else "area")


@dataclass(frozen=True)
class WeekScores:
    """
    What one policy did on a set of weeks.

    Parameters
    ----------
    names : tuple of str
        Outcomes, ``cost_jpy`` first: J and its parts, CO2 and service figures.
    values : ndarray, shape (seed, week, outcome)
        Sums over each week.
    decision_s : float
        Mean time of one decision (one half hour of one world). [s]
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    decision_s: float

    def get(self, name: str) -> NDArray[np.float64]:
        """Return one outcome, shape (seed, week)."""
        return self.values[:, :, self.names.index(name)]


def score_weeks(policy: Policy, env: AggregatorVectorEnv, weeks: Sequence[int], seeds: Sequence[int]) -> WeekScores:
    """
    Play every week with every seed and sum the outcomes.

    Parameters
    ----------
    policy : Policy
        Decides on the batch; must not depend on the order of rows.
    env : AggregatorVectorEnv
        In evaluation mode. Its number of worlds is the largest batch.
    weeks, seeds : sequence of int
        Weeks of the split and seeds of the draws; every pair is one episode.

    Returns
    -------
    WeekScores

    Raises
    ------
    PolicyError
        If the policy needs more than the worlds show.
    """
    if needed_view(policy, env) != view_shown(env):
        raise PolicyError(f"{type(policy).__name__} needs {needed_view(policy)}; the worlds have {view_shown(env)}")
    pairs = [(seed, week) for seed in seeds for week in weeks]
    totals = np.zeros((len(pairs), len(env.info_names)))
    spent_s = 0.0
    n_steps = env.scenario.episode.steps
    for first in range(0, len(pairs), env.num_envs):
        part = pairs[first : first + env.num_envs]
        # A last, shorter batch is filled up with its first pair; those rows are not counted.
        rows = part + part[:1] * (env.num_envs - len(part))
        options: dict[str, Any] = {"week": [week for _, week in rows]}
        observation, _ = env.reset(seed=[seed for seed, _ in rows], options=options)
        state = None
        start = np.ones(env.num_envs, np.bool_)
        for _ in range(n_steps):
            begun = time.perf_counter()
            action, state = policy.predict(observation, state=state, episode_start=start, deterministic=True)
            spent_s += time.perf_counter() - begun
            observation, _, _, _, outcome, _ = env.step_arrays(np.asarray(action, np.float32))
            totals[first : first + len(part)] += outcome[: len(part)]
            start = np.zeros(env.num_envs, np.bool_)
    n_decisions = n_steps * env.num_envs * -(-len(pairs) // env.num_envs)
    values = totals.reshape(len(seeds), len(weeks), -1)
    return WeekScores(tuple(env.info_names), values, spent_s / n_decisions)
