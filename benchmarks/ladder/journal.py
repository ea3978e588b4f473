"""Results of single weeks, kept as they are made: a run that is interrupted goes on where it stopped."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

Key = tuple[Any, ...]
"""What was done in which week of which world by which code: JSON values."""


class Journal:
    """
    A file of JSON lines, one result each.

    Parameters
    ----------
    path : Path
        The file; made with its folder at the first result.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, dict[str, Any]] = {}
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        for line in lines:
            try:
                entry = json.loads(line)
                self._known[_text(entry["key"])] = entry["result"]
            except (ValueError, KeyError, TypeError):
                continue  # empty, or cut short when the writer was stopped: that week is played again

    def get(self, key: Key) -> dict[str, Any] | None:
        """Return a result, or None if it is still to be made."""
        return self._known.get(_text(key))

    def add(self, key: Key, result: dict[str, Any]) -> None:
        """Keep a result, on disk too."""
        self._known[_text(key)] = result
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"key": key, "result": result}).encode() + b"\n"
        with self.path.open("a+b") as file:
            # A line that was cut short stays alone.
            if file.seek(0, os.SEEK_END) > 0:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    line = b"\n" + line
            file.write(line)


def _text(key: Any) -> str:
    return json.dumps(key)
