"""
Check a ledger file without trusting who wrote it.

Two layers: the chain finds what was changed after writing; the rules find what should never have been written, also in
a file whose chain was computed anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from wattbit.certificates.chain import FIRST_HASH, canonical_json, record_hash
from wattbit.certificates.records import KINDS, Record
from wattbit.certificates.rules import LedgerRules, RuleBroken
from wattbit.errors import WattbitError


class LedgerError(WattbitError):
    """A ledger file breaks a rule; the message says in which line."""


@dataclass(frozen=True)
class Verified:
    """
    A ledger that keeps every rule.

    Parameters
    ----------
    records : tuple of Record
        All of its records.
    last_hash : str
        Hash of its last line, which stands for the whole file.
    """

    records: tuple[Record, ...]
    last_hash: str


def verify_file(path: Path) -> Verified:
    """
    Check a file and return what it holds.

    Raises
    ------
    LedgerError
        ``path:line: rule: what is wrong`` for the first line that breaks a rule.
    OSError
        If the file cannot be read.
    """
    return verify_bytes(path.read_bytes(), str(path))


def verify_bytes(content: bytes, source: str) -> Verified:
    """
    Check the content of a file; `source` is named in messages. See :func:`verify_file`.

    Raises
    ------
    LedgerError
        ``source:line: rule: what is wrong`` for the first line that breaks a rule.
    """
    lines = content.split(b"\n")
    unfinished = lines.pop()
    if not lines and not unfinished:
        raise LedgerError(f"{source}:1: end: the file is empty")
    rules = LedgerRules()
    records: list[Record] = []
    previous = FIRST_HASH
    number = 0
    try:
        for line in lines:
            number += 1
            fields = _fields(line)
            previous = _link(fields, previous)
            record = _record(fields)
            rules.add(record)
            records.append(record)
        if unfinished:
            number += 1
            raise RuleBroken("end", "the line has no line feed; the file is cut off")
        rules.finish()
    except RuleBroken as broken:
        raise LedgerError(f"{source}:{number}: {broken.rule}: {broken}") from None
    return Verified(tuple(records), previous)


def _refuse_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _fields(line: bytes) -> dict[str, Any]:
    """Return the object of a line that is written in the one canonical way."""
    try:
        text = line.decode("ascii")
        content = json.loads(text, parse_constant=_refuse_number)
        canonical = isinstance(content, dict) and canonical_json(content) == text
    except (ValueError, RecursionError):
        raise RuleBroken("format", "not a JSON object") from None
    if not canonical:
        raise RuleBroken("format", "not a JSON object in canonical form; the line was altered")
    return dict(content)


def _link(content: dict[str, Any], previous: str) -> str:
    """Take hash and previous hash out of a record and return its hash once both are right."""
    found = content.pop("hash", None)
    if found != record_hash(previous, content):
        claimed = content.get("previous_hash")
        # A line that is whole in itself but does not follow the line before was moved; any other was altered.
        if isinstance(claimed, str) and claimed != previous and found == record_hash(claimed, content):
            raise RuleBroken(
                "chain", "does not follow the line before; lines were removed, inserted, repeated or moved"
            )
        raise RuleBroken("hash", "its hash is not that of its content; the line was altered")
    if content.pop("previous_hash", None) != previous:
        raise RuleBroken("chain", "previous_hash is not the hash of the line before")
    return str(found)


def _record(content: Mapping[str, Any]) -> Record:
    """Return the typed record of a line."""
    kind = content.get("kind")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise RuleBroken("fields", f"kind is {kind!r}, must be one of {', '.join(KINDS)}")
    try:
        return model.model_validate(dict(content))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(record)"
        raise RuleBroken("fields", f"{kind}: {key}: {first['msg']}") from None
