"""A policy plays one week: what it cost, and how long decisions took."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.ladder.course import policy_of, worlds_of
from wattbit.config import ScenarioConfig
from wattbit_agents.rollout import Policy, score_weeks

KEPT: Final = ("cost_jpy", "co2_kg")
"""Outcomes of a week that the ladder shows."""


class Timed:
    """A policy whose decisions are timed, in CPU time of the process."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.decision_s: list[float] = []

    def predict(
        self,
        observation: NDArray[np.floating],
        state: Any = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.floating], Any]:
        """Decide as the policy does."""
        begun = time.process_time()
        decided = self.policy.predict(observation, state, episode_start, deterministic)
        self.decision_s.append(time.process_time() - begun)
        return decided


def played(
    scenario: ScenarioConfig, name: str, week: int, seed: int, data_root: Path | None = None
) -> dict[str, float]:
    """
    Play one week.

    Returns
    -------
    dict of str to float
        :data:`KEPT`, the median CPU time of a decision in ms, and how often a fallback had to decide.
    """
    env = worlds_of(scenario, data_root=data_root)
    timed = Timed(policy_of(name, env, seed, week))
    scores = score_weeks(timed, env, [week], [seed])
    result = {outcome: float(scores.get(outcome)[0, 0]) for outcome in KEPT}
    result["decision_ms"] = 1e3 * float(np.median(timed.decision_s))
    result["fallbacks"] = float(getattr(timed.policy, "fallbacks", 0))
    return result


class Recorded:
    """A policy whose actions are written down."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.actions: list[NDArray[np.floating]] = []

    def predict(
        self,
        observation: NDArray[np.floating],
        state: Any = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.floating], Any]:
        """Decide as the policy does."""
        action, state = self.policy.predict(observation, state, episode_start, deterministic)
        self.actions.append(np.array(action[0]))
        return action, state
