"""Errors of the agents' side that a user can act on, and the search for the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from wattbit.errors import WattbitError


class PolicyError(WattbitError):
    """A policy has an unknown name, or a run folder is missing, incomplete or of another world."""


class ConfigError(WattbitError):
    """A training configuration has an unknown key or a value out of bounds."""


class RunError(WattbitError):
    """A run folder cannot be created, resumed or written."""


class MissingExtraError(WattbitError):
    """An optional dependency is not installed."""


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """
    Return ``" (did you mean X?)"`` for the nearest choice, else the list of choices.

    Parameters
    ----------
    name : str
        What the user wrote.
    choices : iterable of str
        Valid names.

    Returns
    -------
    str
        Text to append to an error message; empty without choices.

    Examples
    --------
    >>> did_you_mean("gredy", ["greedy", "siloed"])
    ' (did you mean greedy?)'
    >>> did_you_mean("xyz", ["greedy", "siloed"])
    ' (valid: greedy, siloed)'
    """
    known = list(choices)
    if not known:
        return ""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else f" (valid: {', '.join(known)})"
