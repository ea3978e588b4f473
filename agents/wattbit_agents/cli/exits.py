"""How a command ends: a mistake of the user is one line on stderr and code 2, an interrupted command code 130."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from wattbit.errors import WattbitError
from wattbit_agents.errors import MissingExtraError

MISTAKE: Final = 2
INTERRUPTED: Final = 130


class Main(Protocol):
    """A command."""

    def __call__(self, argv: Sequence[str] | None = None) -> int:
        """Run with these arguments, or with those of the process, and return the exit code."""


def exit_code(interrupted: str) -> Callable[[Callable[[Sequence[str] | None], int]], Main]:
    """
    Let a command return a code where it raises what a user can act on.

    Parameters
    ----------
    interrupted : str
        Line on stderr when the user stops the command: what is kept of its work.

    Returns
    -------
    callable
        Decorator of ``main(argv=None) -> int``. A :class:`wattbit.errors.WattbitError` and an :class:`OSError` become
        one line on stderr and code 2, a :class:`KeyboardInterrupt` the line given and code 130; other errors are
        mistakes of ours and stay tracebacks.
    """

    def decorate(main: Callable[[Sequence[str] | None], int]) -> Main:
        @functools.wraps(main)
        def with_code(argv: Sequence[str] | None = None) -> int:
            try:
                return main(argv)
            except WattbitError as error:
                print(error, file=sys.stderr)
                return MISTAKE
            except OSError as error:
                print(f"{error.filename}: {error.strerror}" if error.filename else error, file=sys.stderr)
                return MISTAKE
            except KeyboardInterrupt:
                print(interrupted, file=sys.stderr)
                return INTERRUPTED

        return with_code

    return decorate


@contextmanager
def lp_extra() -> Iterator[None]:
    """End the process with one line and code 2 where an import inside needs a package of the extra ``train``."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if missing.name not in ("highspy", "scipy"):
            raise
        print(MissingExtraError(f"the oracle needs {missing.name}: pip install 'wattbit[train]'"), file=sys.stderr)
        raise SystemExit(MISTAKE) from None
