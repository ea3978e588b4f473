"""Read a scenario and say clearly what is wrong with it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from wattbit.config import ScenarioConfig
from wattbit.errors import ScenarioError


def scenario_names() -> list[str]:
    """Names of the packaged scenarios."""
    folder = resources.files("wattbit.scenarios").joinpath("data")
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def nearest(name: str, valid: Sequence[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the valid name closest to `name`, or an empty string."""
    close = difflib.get_close_matches(name, valid, n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _model_at(model: type[BaseModel], path: Sequence[int | str]) -> type[BaseModel] | None:
    """Model that holds the last key of `path`, to suggest a valid key."""
    current: Any = model
    for key in path:
        if isinstance(key, int):
            continue
        field = current.model_fields.get(key)
        if field is None:
            return current
        inner = [a for a in (field.annotation, *getattr(field.annotation, "__args__", ())) if isinstance(a, type)]
        models = [a for a in inner if issubclass(a, BaseModel)]
        if not models:
            return current
        current = models[0]
    return current


def describe(error: ValidationError, model: type[BaseModel], source: str) -> str:
    """
    One line for one error of a validation: source, dotted key, value, rule, nearest valid key.

    An unknown key comes before all others: misspelt, it is why another one is missing.

    Parameters
    ----------
    error : pydantic.ValidationError
        What pydantic found.
    model : type of BaseModel
        The model that was filled.
    source : str
        File or name shown first.
    """
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    path = first["loc"]
    key = ".".join(str(part) for part in path) or "(whole file)"
    if first["type"] == "extra_forbidden":
        owner = _model_at(model, path)
        valid = list(owner.model_fields) if owner else []
        return f"{source}: {key}: unknown key{nearest(str(path[-1]), valid)}"
    value = first.get("input")
    shown = "" if isinstance(value, Mapping | list | tuple) or first["type"] == "missing" else f" is {value!r}:"
    return f"{source}: {key}:{shown} {first['msg'].removeprefix('Value error, ')}"


def load_scenario(scenario: str | Path | Mapping[str, Any] | ScenarioConfig) -> ScenarioConfig:
    """
    Return the scenario for a name, a YAML file, a mapping or a ready configuration.

    Raises
    ------
    ScenarioError
        With file or name, key, value and rule when something is wrong.
    """
    if isinstance(scenario, ScenarioConfig):
        return scenario
    if isinstance(scenario, Mapping):
        return _validated(dict(scenario), "scenario")
    text = str(scenario)
    path = Path(text)
    if path.suffix in {".yaml", ".yml"}:
        if not path.is_file():
            raise ScenarioError(f"scenario {text}: no such file")
        return _validated(_parsed(_text(path), text), text)
    names = scenario_names()
    if text not in names:
        raise ScenarioError(f"scenario {text!r} is unknown{nearest(text, names)}; there are {', '.join(names)}")
    packaged = resources.files("wattbit.scenarios").joinpath("data", f"{text}.yaml")
    return _validated(_parsed(packaged.read_text(encoding="utf-8"), text), text)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ScenarioError(f"{path}: not a text file in UTF-8") from None
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror}") from None


def _parsed(text: str, source: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScenarioError(f"{source}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise ScenarioError(f"{source}: must hold keys and values, holds {type(content).__name__}")
    return content


def _validated(content: dict[str, Any], source: str) -> ScenarioConfig:
    try:
        return ScenarioConfig.model_validate(content)
    except ValidationError as error:
        raise ScenarioError(describe(error, ScenarioConfig, source)) from None
