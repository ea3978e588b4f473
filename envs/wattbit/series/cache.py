"""Arrays that are costly to make, kept on disk under a key and read back as memory maps."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wattbit.series.set import SeriesSet

LOG = logging.getLogger(__name__)

Entry = tuple[dict[str, NDArray[Any]], dict[str, Any]]
"""Named arrays and a small JSON header."""


@dataclass(frozen=True, eq=False)
class StoredSeriesSet(SeriesSet):
    """A set that was checked when it was stored: not checked again, its hash is known, `values` is read-only."""

    stored_hash: str

    def __post_init__(self) -> None:
        pass  # checking eight years costs more than loading them, and the file was checked when it was written

    def content_hash(self) -> str:
        """Hash computed when the set was stored."""
        return self.stored_hash


def cache_root() -> Path:
    """Return the cache folder: ``$WATTBIT_CACHE_DIR``, else ``$XDG_CACHE_HOME/wattbit``, else ``~/.cache/wattbit``."""
    if folder := os.environ.get("WATTBIT_CACHE_DIR"):
        return Path(folder).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base).expanduser() if base else Path("~/.cache").expanduser()) / "wattbit"


def source_key(modules: tuple[ModuleType, ...], *parts: object) -> str:
    """
    Return a key that changes with the source text of `modules`, with NumPy's version and with `parts`.

    An entry made by other code is therefore never read; the whole folder may be deleted at any time.
    """
    digest = hashlib.sha256(np.__version__.encode())
    for module in modules:
        digest.update(Path(str(module.__file__)).read_bytes())
    digest.update(repr(parts).encode())
    return digest.hexdigest()[:20]


def _read(folder: Path) -> Entry | None:
    try:
        header = json.loads((folder / "header.json").read_text(encoding="utf-8"))
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in header["arrays"]}
    except (OSError, ValueError, KeyError):
        return None  # absent, or damaged by hand: made again
    return arrays, header["meta"]


def _write(folder: Path, entry: Entry) -> None:
    arrays, meta = entry
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    try:
        for name, array in arrays.items():
            np.save(draft / f"{name}.npy", array)
        (draft / "header.json").write_text(json.dumps({"arrays": list(arrays), "meta": meta}), encoding="utf-8")
        if folder.exists() and _read(folder) is None:  # damaged; a sound one was written by another process meanwhile
            shutil.rmtree(folder, ignore_errors=True)
        os.replace(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def stored(kind: str, key: str, build: Callable[[], Entry]) -> Entry:
    """
    Read an entry from the cache, or build it and keep it there.

    Parameters
    ----------
    kind : str
        First part of the folder name, for people who look into the cache.
    key : str
        From :func:`source_key`.
    build : callable
        Makes the arrays and the JSON header.

    Returns
    -------
    arrays : dict of str to ndarray
        Read-only memory maps when they come from disk.
    meta : dict
        The header.

    Notes
    -----
    An entry is a folder written beside its final place and renamed into it, so a reader sees all of it or nothing. When
    the cache cannot be written the entry is used from memory and one log line says so.
    """
    folder = cache_root() / f"{kind}-{key}"
    entry = _read(folder)
    if entry is not None:
        return entry
    entry = build()
    try:
        _write(folder, entry)
    except OSError as error:
        if (other := _read(folder)) is not None:  # another process was faster
            return other
        LOG.warning("series cache %s is not writable (%s): kept in memory only", folder.parent, error)
        return entry
    return _read(folder) or entry  # the map on disk, so that large arrays leave memory
