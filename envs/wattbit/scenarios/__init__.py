"""Scenarios by name or file: the packaged ones lie in ``data/``, one YAML each."""

from wattbit.scenarios.load import load_scenario, scenario_names

__all__ = ["load_scenario", "scenario_names"]
