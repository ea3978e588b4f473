"""Small scenarios that every test may build on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit.vector import AggregatorVectorEnv
from wattbit.world import state as s

TRUTH = {
    s.SPOT: 4e4, s.DELTA: 5e3, s.SLOPE: 5.0, s.SURPLUS: 3e3, s.CARBON_AVERAGE: 900.0, s.CARBON_MARGINAL: 900.0,
    s.TEMPERATURE: 30.0, s.DEMAND: 5e4, s.SOLAR: 2e4, s.WIND: 5e3, s.STOCK_PRICE: 4e4, s.RESERVE_PRICE: 3.0,
    s.CALL: 1.0,
}  # fmt: skip
"""Columns of what really comes, and how high they are drawn; zones and announced calls are known beforehand."""

# A machine that is busy with other tests may take long over a draw or an example; each one counts all the same.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def scenario() -> Callable[..., ScenarioConfig]:
    """Build a packaged scenario with some sections changed: ``scenario("japan3", episode={"steps": 48})``."""

    def build(name: str = "japan3", **sections: Any) -> ScenarioConfig:
        content = load_scenario(name).model_dump()
        for section, changes in sections.items():
            if isinstance(changes, dict):
                content[section].update(changes)
            else:
                content[section] = changes
        return ScenarioConfig.model_validate(content)

    return build


@pytest.fixture(scope="session")
def short(scenario) -> Callable[..., ScenarioConfig]:
    """Build a packaged scenario whose episodes last one day, warm-up in training one day."""

    def build(name: str = "japan3", **sections: Any) -> ScenarioConfig:
        return scenario(name, episode={"steps": 48, "warm_up_steps": 48}, **sections)

    return build


@pytest.fixture(scope="session")
def changed_after() -> Callable[[AggregatorVectorEnv, int], None]:
    """Give a batch another truth after a row of the series; the issued forecasts stay."""

    def change(env: AggregatorVectorEnv, row: int) -> None:
        exog = env.batch.world.exog.copy()
        rng = np.random.default_rng(1)
        for column, high in TRUTH.items():
            drawn = rng.uniform(0.0, high, exog[row + 1 :, :, column].shape)
            exog[row + 1 :, :, column] = drawn.round() if column == s.CALL else drawn
        exog.flags.writeable = False
        env.batch.world = env.batch.world._replace(exog=exog)
        env.batch._bind()

    return change
