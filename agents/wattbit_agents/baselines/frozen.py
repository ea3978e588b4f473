"""Parameters of the tuned rule, frozen per scenario with a version."""

from __future__ import annotations

from importlib import resources
from typing import Any, cast

import yaml

from wattbit_agents.errors import PolicyError


def frozen_scenarios() -> list[str]:
    """Scenarios with frozen parameters."""
    folder = resources.files("wattbit_agents.baselines").joinpath("tuned")
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def frozen_parameters(scenario: str) -> dict[str, float]:
    """
    Return the parameters frozen for a scenario.

    Raises
    ------
    PolicyError
        If there are none for it.
    """
    names = frozen_scenarios()
    if scenario not in names:
        raise PolicyError(
            f"tuned: nothing is frozen for scenario {scenario!r}, only for {', '.join(names)}; fit your own with: "
            "python -m wattbit_agents.cli.tune"
        )
    text = resources.files("wattbit_agents.baselines").joinpath("tuned", f"{scenario}.yaml").read_text("utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return cast("dict[str, float]", content["parameters"])
