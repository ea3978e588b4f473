"""Files that are whole or absent, and the versions that results depend on."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any, Final

PACKAGES: Final = (
    "wattbit",
    "numpy",
    "numba",
    "gymnasium",
    "pandas",
    "torch",
    "stable-baselines3",
    "sb3-contrib",
)
"""Distributions whose versions every run and result records."""


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def check_output(path: Path) -> None:
    """
    Raise before any work where a file could not be written after it.

    Raises
    ------
    OSError
        If the path is a folder, or its folder does not exist.
    """
    if path.is_dir():
        raise IsADirectoryError(21, "is a folder", str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(2, "no such folder", str(path.parent))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old or the new content, never a part."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        # mkstemp makes private files; results are for everyone the folder is for.
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text like :func:`write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON object like :func:`write_bytes`."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
