"""Small scenarios that every test may build on."""

from collections.abc import Callable
from typing import Any

import pytest

from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario


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
