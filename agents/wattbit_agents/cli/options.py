"""Options of the command line, one per field of a configuration, read with tyro and checked by pydantic."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import tyro
from pydantic import BaseModel

from wattbit_agents.config import validated

M = TypeVar("M", bound=BaseModel)


def _plain(model: BaseModel) -> tuple[type[Any], Any]:
    """
    Return a dataclass with the fields of a model but none of its rules, and an instance with the model's values.

    Tyro wraps what pydantic refuses into a box of a dozen lines; parsing without rules and checking afterwards keeps
    the message to one line that names the dotted key.
    """
    fields: list[tuple[str, Any, Any]] = []
    values: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        kind: Any = field.annotation
        if isinstance(value, BaseModel):
            kind, value = _plain(value)
        help_text = " ".join((field.description or "").split())
        fields.append((name, Annotated[kind, tyro.conf.arg(help=help_text)], dataclasses.field()))
        values[name] = value
    plain = dataclasses.make_dataclass(type(model).__name__, fields, frozen=True)
    plain.__doc__ = type(model).__doc__
    return plain, plain(**values)


def parse_options(default: M, arguments: Sequence[str], prog: str) -> M:
    """
    Return `default` with what the command line changes.

    Parameters
    ----------
    default : BaseModel
        Values of options that are not given.
    arguments : sequence of str
        Command line without the program's name.
    prog : str
        Program's name for the help text.

    Raises
    ------
    ConfigError
        If a value breaks a rule of the model. Unknown options end the process with code 2 and the nearest valid one.
    """
    plain, instance = _plain(default)
    about = inspect.cleandoc(type(default).__doc__ or "")
    parsed = tyro.cli(plain, prog=prog, description=about, default=instance, args=arguments)
    return validated(type(default), dataclasses.asdict(parsed), "command line")
