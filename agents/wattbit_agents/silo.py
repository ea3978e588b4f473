"""Two businesses side by side: one policy for compute, one for cars, batteries and markets, neither knows the other."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit_agents.rollout import Policy, needed_view

PREFIX: Final = "silo:"
"""``silo:COMPUTE+FLEET`` names a pair of policies."""

HALVES: Final = ("WorkloadShift-v0", "FleetV2G-v0")
"""Environments whose controls the two have: together all of ``Aggregator-v0``."""

Half = tuple[NDArray[np.floating], ...] | None


class SiloPolicy:
    """
    Controls of compute from one policy, those of cars, batteries and markets from another.

    Parameters
    ----------
    compute, fleet : Policy
        Made for, or trained in, the environments of :data:`HALVES`: each planned with the nominal profile of the other.
    areas : int
        Number of areas.
    """

    def __init__(self, compute: Policy, fleet: Policy, areas: int) -> None:
        self._halves = (compute, fleet)
        self.forecast, self.assets, self.orders = needed_view(compute, fleet)
        self._areas = areas

    def predict(
        self,
        observation: NDArray[np.floating],
        state: tuple[Half, Half] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.float32], tuple[Half, Half]]:
        """Decide for one observation or a batch; the state is the pair of both policies' states."""
        states: list[Half] = [None, None]
        parts = []
        for k, half in enumerate(self._halves):
            action, states[k] = half.predict(
                observation, state=None if state is None else state[k], episode_start=episode_start,
                deterministic=deterministic,
            )  # fmt: skip
            parts.append(np.asarray(action, np.float32).reshape(*observation.shape[:-1], self._areas, -1))
        return np.concatenate(parts, axis=-1).reshape(*observation.shape[:-1], -1), (states[0], states[1])
