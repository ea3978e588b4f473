"""Parameters of the tuned rule, frozen per scenario with a version."""

from __future__ import annotations

from typing import Any

import yaml

from wattbit_agents.baselines.fits import FOLDER, file_name, fitted_on, fitted_scenarios, own_fit, read_fit, shipped_fit
from wattbit_agents.errors import PolicyError


def frozen_scenarios() -> list[str]:
    """Scenarios with frozen parameters."""
    return fitted_scenarios("tuned")


def frozen_parameters(scenario: str) -> dict[str, float]:
    """
    Return the parameters frozen for a scenario, or for the same plant: one's own, else those of the package.

    Raises
    ------
    PolicyError
        If there are none for it, or one's own file is damaged.
    """
    like = fitted_on("tuned", scenario)
    own = own_fit("tuned", like)
    text = shipped_fit("tuned", like) if own is None else read_fit(own, PolicyError)
    if text is None:
        raise PolicyError(
            f"tuned: nothing is frozen for scenario {scenario!r}, only for {', '.join(frozen_scenarios())}; fit your "
            f"own with: python -m wattbit_agents.cli.tune --scenario NAME --output "
            f"${FOLDER}/{file_name('tuned', scenario)}"
        )
    return _parameters(text, str(own or f"{like}.yaml"))


def _parameters(text: str, origin: str) -> dict[str, float]:
    try:
        content: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PolicyError(f"{origin}: not valid YAML: {' '.join(str(error).split())}") from None
    found = content.get("parameters") if isinstance(content, dict) else None
    if not isinstance(found, dict) or not found:
        raise PolicyError(f"{origin}: parameters: missing; written by python -m wattbit_agents.cli.tune")
    for key, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PolicyError(f"{origin}: parameters.{key}: is {value!r}, must be a number")
    return {str(key): float(value) for key, value in found.items()}
