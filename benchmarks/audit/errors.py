"""Errors of balances and bounds: the worst of each, relative."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Array

TOLERANCE: Final = {"float64": 1e-6, "float32": 1e-4}
"""Bars of every balance, relative."""


class Errors(dict[str, float]):
    """Worst relative error by name of the check; not a number counts as infinite."""

    def close(self, name: str, got: Array, want: Array | float, size: Array | float) -> None:
        """Two quantities are equal, relative to `size` (at least one MW, MWh or yen)."""
        self._note(name, np.abs(got - want) / np.maximum(np.abs(size), 1.0))

    def at_most(self, name: str, low: Array | float, high: Array | float, size: Array | float) -> None:
        """`low` is not above `high`, relative to `size`."""
        self._note(name, np.maximum(0.0, np.asarray(low) - high) / np.maximum(np.abs(size), 1.0))

    def never(self, name: str, wrong: NDArray[np.bool_]) -> None:
        """Something is exactly so."""
        self._note(name, np.where(wrong, np.inf, 0.0))

    def _note(self, name: str, error: Array) -> None:
        worst = float(error.max(initial=0.0))
        self[name] = max(self.get(name, 0.0), worst if worst == worst else np.inf)
