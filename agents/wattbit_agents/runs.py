"""What a run folder says of itself, read without torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from wattbit_agents.errors import PolicyError, did_you_mean
from wattbit_agents.rollout import WorldView

MODEL: Final = "model.zip"
RUN: Final = "run.json"
CONFIG: Final = "config.yaml"


def read_run(folder: Path) -> dict[str, Any]:
    """
    Read ``run.json`` of a run folder.

    Raises
    ------
    PolicyError
        If there is none, or it is not readable.
    """
    try:
        return dict(json.loads((folder / RUN).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise PolicyError(f"{folder}: not a run folder, it has no readable {RUN}") from None


def find_model(path: Path) -> tuple[Path, Path]:
    """
    Return the run folder and the model folder for a path that a user gave.

    ``runs/x`` means its ``best``, or its ``last`` when no evaluation has chosen a best; ``runs/x/last`` means itself.

    Raises
    ------
    PolicyError
        If there is no such folder, or it holds no model; names the nearest run folder.
    """
    if not path.is_dir():
        near = [str(p.parent) for p in path.parent.glob(f"*/{RUN}")] if path.parent.is_dir() else []
        raise PolicyError(f"{path}: no such run folder{did_you_mean(str(path), sorted(near))}")
    if (path / MODEL).is_file():
        return path.parent, path
    for part in ("best", "last"):
        if (path / part / MODEL).is_file():
            return path, path / part
    raise PolicyError(f"{path}: holds no model; expected best/{MODEL} or last/{MODEL}")


def shown_view(run: dict[str, Any]) -> WorldView:
    """Return the options of the worlds of a run; runs from before there were any lack them."""
    return WorldView(**{option: run[option] for option in WorldView._fields if option in run})


def run_view(path: Path) -> WorldView:
    """Return the same for a path that a user gave; the ordinary observation where there is no run to ask."""
    try:
        return shown_view(read_run(find_model(path)[0]))
    except PolicyError:
        return shown_view({})
