"""Whatever is done to a file after it was written is found by its chain."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattbit.certificates import LedgerError, verify_bytes

PARTS = st.floats(0.0, 1.0, exclude_max=True)


def refused(content):
    with pytest.raises(LedgerError) as error:
        verify_bytes(content, "ledger.jsonl")
    message = str(error.value)
    assert message.startswith("ledger.jsonl:")
    assert "\n" not in message
    return message


def line_of(message):
    return int(message.split(":")[1])


@settings(max_examples=300)
@given(PARTS, st.integers(1, 255))
def test_any_altered_byte_is_found_in_its_line_or_the_next(content, where, change):
    at = int(where * len(content))
    altered = bytearray(content)
    altered[at] ^= change
    line = content.count(b"\n", 0, at) + 1
    # A byte that becomes a line feed ends its line early; all of that is still noticed where it happened.
    assert line_of(refused(bytes(altered))) == line


def test_every_single_byte_of_two_lines(content):
    lines = content.splitlines(keepends=True)
    first = sum(map(len, lines[:10]))
    for at in range(first, first + len(lines[10])):
        altered = bytearray(content)
        altered[at] ^= 1
        refused(bytes(altered))


@settings(max_examples=60)
@given(PARTS)
def test_a_removed_line_is_found(content, where):
    lines = content.splitlines(keepends=True)
    del lines[int(where * len(lines))]
    refused(b"".join(lines))


@settings(max_examples=60)
@given(PARTS, PARTS)
def test_a_repeated_or_inserted_line_is_found(content, where, place):
    lines = content.splitlines(keepends=True)
    lines.insert(int(place * (len(lines) + 1)), lines[int(where * len(lines))])
    refused(b"".join(lines))


@settings(max_examples=60)
@given(PARTS, PARTS)
def test_swapped_lines_are_found(content, where, other):
    lines = content.splitlines(keepends=True)
    i, j = int(where * len(lines)), int(other * len(lines))
    if i != j:
        lines[i], lines[j] = lines[j], lines[i]
        assert line_of(refused(b"".join(lines))) == min(i, j) + 1


@settings(max_examples=100)
@given(PARTS)
def test_a_file_that_is_cut_off_is_found(content, where):
    refused(content[: int(where * len(content))])


def test_a_file_cut_off_after_a_line_or_without_its_last_line_feed_says_so(content):
    lines = content.splitlines(keepends=True)
    assert "end: no closing record follows; the file is cut off" in refused(b"".join(lines[:-1]))
    assert "end: the line has no line feed" in refused(content[:-1])
    assert refused(b"") == "ledger.jsonl:1: end: the file is empty"


@pytest.mark.parametrize(
    "content",
    [b"\n", b"[]\n", b"1\n", b'{"a":NaN}\n', b"\xff\n", b"{}\n", b"[" * 100_000 + b"\n", b'{"kind":"opening"}\n'],
)
def test_what_is_no_ledger_is_refused_in_line_1(content):
    assert line_of(refused(content)) == 1
