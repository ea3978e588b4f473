"""
Append-only chain of records: one canonical JSON object per line, each with the hash of the line before.

``hash = SHA-256(previous hash || canonical JSON of the record without its hash)``. An altered byte breaks the hash of
its line; a line that was removed, inserted or moved breaks the link. Somebody who computes the whole chain anew leaves
no trace in it: against that, keep the last hash somewhere else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

FIRST_HASH: Final = "0" * 64
"""Previous hash of the first line."""


def canonical_json(content: Mapping[str, Any]) -> str:
    """
    Return the one way to write an object: keys sorted, no spaces, ASCII only.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": [0.5]})
    '{"a":[0.5],"b":1}'
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def record_hash(previous_hash: str, content: Mapping[str, Any]) -> str:
    """
    Return the SHA-256 that ties a record to the line before, in hexadecimal.

    Parameters
    ----------
    previous_hash : str
        Hash of the line before, :data:`FIRST_HASH` for the first.
    content : mapping
        The record without its own hash.
    """
    return hashlib.sha256((previous_hash + canonical_json(content)).encode("ascii")).hexdigest()


def chained_lines(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """
    Write records as lines of a chain.

    Parameters
    ----------
    records : iterable of mapping
        Records without ``previous_hash`` and ``hash``.

    Yields
    ------
    str
        One line with its line feed.
    """
    previous = FIRST_HASH
    for record in records:
        content = {**record, "previous_hash": previous}
        previous = record_hash(previous, content)
        yield canonical_json({**content, "hash": previous}) + "\n"
