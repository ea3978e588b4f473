"""Named streams of standard normal numbers, and smoothing along time."""

from __future__ import annotations

import hashlib
from math import sqrt

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def draws(stream: str, seed: int, block: int, shape: tuple[int, ...]) -> Array:
    """Return standard normal numbers that depend on the names (stream, seed, block) alone; float32."""
    name = int.from_bytes(hashlib.sha256(stream.encode()).digest()[:8], "little")
    bits = np.random.Philox(key=[seed, name], counter=[0, 0, 0, block])
    return np.random.Generator(bits).standard_normal(shape, dtype=np.float32)


@numba.njit(cache=True)
def smooth(noise: Array, memory: float) -> None:
    """Turn white noise, (block, time, lane), in place into stationary processes with autocorrelation `memory`."""
    fresh = np.float32(sqrt(1.0 - memory * memory))
    keep = np.float32(memory)
    for block in range(noise.shape[0]):
        for t in range(1, noise.shape[1]):
            for lane in range(noise.shape[2]):
                noise[block, t, lane] = keep * noise[block, t - 1, lane] + fresh * noise[block, t, lane]
