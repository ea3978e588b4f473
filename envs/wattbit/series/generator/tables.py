"""Fitted numbers of weather and demand: files in ``data/``, written by ``python -m wattbit.series.generator.fit``."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray


@cache
def table(name: str) -> dict[str, Any]:
    """
    Return one file of fitted numbers.

    Parameters
    ----------
    name : {"weather", "demand"}

    Returns
    -------
    dict
        Nested; lists are float arrays, their last axis in the order of ``AREAS`` where it has nine members.
    """
    text = resources.files("wattbit.series.generator").joinpath(f"data/{name}.yaml").read_text(encoding="utf-8")
    return _arrays(yaml.safe_load(text))


def _arrays(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _arrays(value) for key, value in node.items()}
    if isinstance(node, list):
        array: NDArray[np.float64] = np.array(node, dtype=np.float64)
        array.flags.writeable = False
        return array
    return node
