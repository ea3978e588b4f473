"""Named blocks of the columns and rows of one half hour."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray


class Blocks:
    """
    Blocks side by side, in the order in which they are added.

    Attributes
    ----------
    size : int
        Columns (or rows) of a half hour so far.
    part : dict of str to slice
        Where each block lies within a half hour.
    shape : dict of str to tuple of int
        Its shape.
    """

    def __init__(self) -> None:
        self.size = 0
        self.part: dict[str, slice] = {}
        self.shape: dict[str, tuple[int, ...]] = {}

    def add(self, **blocks: tuple[int, ...]) -> None:
        """Add blocks of the given shapes."""
        for name, shape in blocks.items():
            self.part[name] = slice(self.size, self.size + prod(shape))
            self.shape[name] = shape
            self.size += prod(shape)

    def named(self, vector: NDArray[np.float64], steps: int) -> dict[str, NDArray[np.float64]]:
        """Return a vector of columns or rows as named arrays, each (step, *shape of the block)."""
        table = np.asarray(vector[: steps * self.size]).reshape(steps, self.size)
        return {name: table[:, part].reshape(steps, *self.shape[name]) for name, part in self.part.items()}

    def __contains__(self, name: str) -> bool:
        return name in self.part

    def __getitem__(self, name: str) -> NDArray[np.int64]:
        """Return the positions of a block, in its shape."""
        part = self.part[name]
        return np.arange(part.start, part.stop).reshape(self.shape[name])
