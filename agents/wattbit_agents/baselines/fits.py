"""Files of what was fitted on train weeks, by scenario: one's own, and those that are part of the package."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from wattbit.errors import WattbitError

FOLDER: Final = "WATTBIT_FITS"
"""Environment variable that names the folder of one's own files; they come before those of the package."""

SAME_PLANT: Final = {"japan3-fy2024": "japan3"}
"""Scenarios of real data, of which there are too few weeks to fit on, and the generated one of the same plant."""

Kind = Literal["tuned", "planner"]
"""Parameters of the tuned rule, written by ``cli.tune``; worths of stocks, written by ``cli.calibrate``."""


def file_name(kind: Kind, scenario: str) -> str:
    """Return the name of a file of one's own."""
    return f"{kind}-{scenario}.yaml"


def own_fits() -> list[Path]:
    """Return all of one's own files."""
    folder = os.environ.get(FOLDER)
    return sorted(Path(folder).expanduser().glob("*.yaml")) if folder else []


def own_fit(kind: Kind, scenario: str) -> Path | None:
    """Return one's own file for a scenario, if there is one."""
    name = file_name(kind, scenario)
    return next((path for path in own_fits() if path.name == name), None)


def read_fit(path: Path, error: type[WattbitError]) -> str:
    """Return the text of a file of one's own; raises `error` if it cannot be read."""
    try:
        return path.read_text("utf-8")
    except OSError as problem:
        raise error(f"{path}: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise error(f"{path}: not a text file in UTF-8") from None


def shipped_fit(kind: Kind, scenario: str) -> str | None:
    """Return the text of the package's file for a scenario, if there is one."""
    file = resources.files("wattbit_agents.baselines").joinpath(kind, f"{scenario}.yaml")
    return file.read_text("utf-8") if file.is_file() else None


def _with_files(kind: Kind) -> set[str]:
    folder = resources.files("wattbit_agents.baselines").joinpath(kind)
    names = {entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")}
    prefix = f"{kind}-"
    return names | {path.stem.removeprefix(prefix) for path in own_fits() if path.name.startswith(prefix)}


def fitted_on(kind: Kind, scenario: str) -> str:
    """Return the scenario whose file one plays with: it has its own, or takes that of the same plant."""
    return scenario if scenario in _with_files(kind) else SAME_PLANT.get(scenario, scenario)


def fitted_scenarios(kind: Kind) -> list[str]:
    """Return the scenarios that have a file to play with, of one's own or of the package."""
    names = _with_files(kind)
    return sorted(names | {name for name, like in SAME_PLANT.items() if like in names})


def next_version(kind: Kind, scenario: str) -> int:
    """Return the number of a new fit: one more than that of the fit in use, 1 where that is none or is damaged."""
    own = own_fit(kind, scenario)
    try:
        text = shipped_fit(kind, scenario) if own is None else own.read_text("utf-8")
        content: Any = yaml.safe_load(text) if text else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return 1
    version = content.get("version") if isinstance(content, dict) else None
    return version + 1 if isinstance(version, int) else 1
