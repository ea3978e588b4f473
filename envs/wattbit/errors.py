"""Errors that a user can act on: each message names the file or key, the value and the rule it breaks."""


class WattbitError(Exception):
    """
    Base class of every error that is the input's fault, not the program's. Command lines print it and exit with code
    2.
    """


class SeriesError(WattbitError):
    """A data file or a :class:`~wattbit.series.set.SeriesSet` breaks a rule of its format."""


class ScenarioError(WattbitError):
    """A scenario or configuration has an unknown key, a value out of bounds, or an unknown name."""


class ActionError(WattbitError, ValueError):
    """An action is not one finite number for every control."""
