"""A day of japan3 with incidents, and what one wants to do and read in it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit.world.batch import Batch

HOKKAIDO = 0


class Day(Batch):
    """A batch that is acted on by name."""

    @staticmethod
    def controls(
        fleet: float = 0.0, storage: float = 0.0, host: tuple[float, ...] = (0.0, 0.0, 0.0)
    ) -> NDArray[np.float32]:
        """One action for all areas, work at once."""
        action = np.zeros((3, s.N_CONTROL), np.float32)
        action[:, [s.A_BATCH, s.A_TRAINING]] = 1.0
        action[:, s.A_FLEET], action[:, s.A_STORAGE] = fleet, storage
        action[:, s.A_REALTIME] = action[:, s.A_INTERACTIVE] = host
        return action.ravel()

    def act(self, **controls: Any) -> None:
        """Act for half an hour."""
        self.step_single(self.controls(**controls))

    def play_to(self, step: int, **controls: Any) -> None:
        """Act until the half hour `step` is the one to act on."""
        while self.world.clock[0, s.STEP] < step:
            self.act(**controls)

    def booked(self, field: int, area: int = HOKKAIDO) -> float:
        return float(self.ledger[0, area, field])

    def cars(self, area: int, field: int) -> NDArray[np.float64]:
        return self.world.vehicle[0, area, field].copy()

    def differing(self, other: Batch) -> set[str]:
        """Names of observed fields that differ."""
        return {
            field.name
            for field in self.layout.fields
            if not np.array_equal(
                self.layout.get(self.observation, field.name), other.layout.get(other.observation, field.name)
            )
        }


@pytest.fixture(scope="module")
def make(scenario) -> Callable[..., Day]:
    """Build a day of japan3 in float64 with some incidents and layers, reset with seed 4."""

    def build(*incidents: dict[str, Any], n: int = 1, mitigation: dict[str, Any] | None = None, **more: Any) -> Day:
        more = {"episode": {"steps": 96, "warm_up_steps": 48}, **more}
        config = scenario("japan3", incidents=incidents, mitigation=mitigation or {}, **more)
        batch = Day(config, n, "evaluation", "test", "float64")
        batch.reset(seed=4)
        return batch

    return build
