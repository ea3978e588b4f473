"""A policy plays one week: what it cost, and how long decisions took."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.ladder.course import policy_of, worlds_of
from wattbit.config import ScenarioConfig
from wattbit_agents.rollout import Policy, needed_view, score_weeks

KEPT: Final = ("cost_jpy", "co2_kg")
"""Outcomes of a week that the ladder shows."""


class Watched:
    """A policy whose decisions are watched: their CPU time and their actions."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.forecast, self.assets, self.orders = needed_view(policy)
        self.decision_s: list[float] = []
        self.actions: list[NDArray[np.floating]] = []

    def predict(
        self,
        observation: NDArray[np.floating],
        state: Any = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.floating], Any]:
        """Decide as the policy does."""
        begun = time.process_time()
        action, state = self.policy.predict(observation, state, episode_start, deterministic)
        self.decision_s.append(time.process_time() - begun)
        self.actions.append(np.array(action[0]))
        return action, state


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
    env = worlds_of(scenario, name, data_root=data_root)
    watched = Watched(policy_of(name, env, seed, week))
    scores = score_weeks(watched, env, [week], [seed])
    result = {outcome: float(scores.get(outcome)[0, 0]) for outcome in KEPT}
    result["decision_ms"] = 1e3 * float(np.median(watched.decision_s))
    result["fallbacks"] = float(sum(getattr(watched.policy, "fallbacks", {}).values()))
    return result
