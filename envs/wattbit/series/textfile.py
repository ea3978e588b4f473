"""Published text files as cells: bytes to rows to named columns, refusing what is cut, mis-encoded or not a number."""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.errors import SeriesError

ENCODINGS: Final = ("utf-8-sig", "cp932")
"""What the publishers use, tried in this order; cp932 text is practically never valid UTF-8."""

OTHER_ENCODINGS: Final = ("euc_jp", "utf-16", "iso2022_jp")
"""Encodings that are recognised only to say so in the refusal."""

_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_UNIT_SUFFIX: Final = re.compile(r"[\[(〔]([^\[(〔\])〕]*(?:kW|MW|円|JPY)[^\[(〔\])〕]*)[\])〕]$")


@dataclass(frozen=True)
class TextFile:
    r"""
    One decoded file.

    Parameters
    ----------
    path : Path
        Where it was read; messages name it.
    raw : bytes
        Its bytes after unpacking, for guesses about the encoding.
    text : str
        Its text with ``\n`` line ends.
    encoding : str
        The encoding that fitted.
    """

    path: Path
    raw: bytes
    text: str
    encoding: str

    @property
    def has_last_line_end(self) -> bool:
        """Whether the last line is closed, so that its last cell cannot have been cut."""
        return self.text.endswith("\n")

    def rows(self) -> list[list[str]]:
        """Cells of every line; row number = index + 1."""
        lines = self.text.split("\n")
        if lines[-1] == "":
            lines.pop()
        # Only a quoted line needs the csv parser; one line is one row, also where a quote was cut open.
        return [line.split(",") if '"' not in line else next(csv.reader([line])) for line in lines]

    def refusal(self, reason: str) -> SeriesError:
        """Return the error that names this file."""
        return SeriesError(f"{self.path}: {reason}")

    def encoding_hint(self, word: str) -> str:
        """Return a half sentence that names the encoding in which `word` would be found, or an empty string."""
        if word in nfkc(self.text):
            return ""
        for encoding in OTHER_ENCODINGS:
            try:
                if word in nfkc(self.raw.decode(encoding)):
                    return f"; the file is in {encoding}, save it as UTF-8 or cp932"
            except UnicodeError:
                continue
        for wrong in ("latin-1", "cp1252", "cp932"):
            for right in ENCODINGS:
                if word in nfkc(self.text.encode(wrong, "ignore").decode(right, "ignore")):
                    return "; its text was decoded with a wrong encoding and saved again"
        return ""


@dataclass(frozen=True)
class Cells:
    """
    Data rows of a file as named columns of text.

    Parameters
    ----------
    file : TextFile
        The file they come from.
    columns : mapping of str to ndarray of str, shape (row,)
        Stripped cells.
    row_numbers : ndarray of int, shape (row,)
        Line of each row in the file, from 1.
    n_empty : int
        Rows without any value, dropped.
    """

    file: TextFile
    columns: Mapping[str, NDArray[np.object_]]
    row_numbers: NDArray[np.int64]
    n_empty: int

    def refusal(self, row: int, column: str, reason: str) -> SeriesError:
        """Return the error that names file, row and column; `row` counts the kept rows from 0."""
        is_open = row == len(self.row_numbers) - 1 and not self.file.has_last_line_end
        cut = "; the file ends here without a line end, was it cut inside this row?" if is_open else ""
        return self.file.refusal(f"row {self.row_numbers[row]}, column {column}: {reason}{cut}")

    def column(self, name: str) -> NDArray[np.object_]:
        """Return one column as text."""
        if name not in self.columns:
            raise self.file.refusal(f"no column {name}; it has {', '.join(c for c in self.columns if c)}")
        return self.columns[name]

    def numbers(self, name: str, blank_is_zero: bool = False) -> tuple[NDArray[np.float64], list[str]]:
        """
        Return one column as numbers and what had to be repaired in it.

        Raises
        ------
        SeriesError
            At the first cell that is blank (unless `blank_is_zero`) or not a finite number.
        """
        cells = self.column(name)
        repairs = []
        # Python reads digits of any script and underscores between digits; who writes files doesn't mean them.
        if not (text := "".join(cells)).isascii() or "_" in text:
            row = next(k for k, cell in enumerate(cells) if not cell.isascii() or "_" in cell)
            raise self.refusal(row, name, f"is {cells[row]!r}, must be a number")
        try:
            values = cells.astype(np.float64)
        except ValueError:
            blank = cells == ""
            comma = np.array([_THOUSANDS.fullmatch(cell) is not None for cell in cells])
            if blank.any():
                if not blank_is_zero:
                    raise self.refusal(int(np.argmax(blank)), name, "is blank, must be a number") from None
                repairs.append(f"{name} blank read as 0 in {int(blank.sum())} rows")
            if comma.any():
                repairs.append(f"{name} had thousands commas in {int(comma.sum())} rows")
            cells = np.where(blank, "0", cells)
            cells[comma] = [cell.replace(",", "") for cell in cells[comma]]
            for row, cell in enumerate(cells):
                if not _is_number(cell):
                    raise self.refusal(row, name, f"is {cell!r}, must be a number") from None
            values = cells.astype(np.float64)
        if not np.isfinite(values).all():
            row = int(np.argmin(np.isfinite(values)))
            raise self.refusal(row, name, f"is {cells[row]!r}, must be a finite number")
        return values, repairs


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def nfkc(text: str) -> str:
    """Return the text with full-width letters and brackets made plain, and without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


def split_unit(heading: str) -> tuple[str, str]:
    """Split ``エリア需要〔MWh〕`` into its name and unit; the unit is empty where none is stated."""
    match = _UNIT_SUFFIX.search(heading)
    return (heading[: match.start()].strip(), match.group(1).strip()) if match else (heading, "")


def read_text(path: Path | str) -> TextFile:
    """
    Read a file, unpack gzip and decode UTF-8 (with or without BOM) or cp932.

    Raises
    ------
    SeriesError
        If the file is missing, empty, a damaged archive, or in neither encoding.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
    except FileNotFoundError:
        raise SeriesError(f"{path}: no such file") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SeriesError(f"{path}: damaged gzip archive ({error})") from None
    except OSError as error:
        raise SeriesError(f"{path}: cannot be read ({error.strerror})") from None
    if not raw.strip():
        raise SeriesError(f"{path}: the file is empty")
    text, encoding = _decode(path, raw)
    return TextFile(path, raw, text.replace("\r\n", "\n").replace("\r", "\n"), encoding)


def _decode(path: Path, raw: bytes) -> tuple[str, str]:
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    if wide or b"\x00" in raw[:400]:
        raise SeriesError(f"{path}: not UTF-8 or cp932 text (NUL bytes; UTF-16?), save it as UTF-8")
    row = 1
    for encoding in ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            # The encoding that gets furthest is most likely the file's own.
            row = max(row, raw.count(b"\n", 0, error.start) + 1)
            continue
        if "\ufffd" in text:
            row = text.count("\n", 0, text.index("\ufffd")) + 1
            raise SeriesError(f"{path}: row {row}: mis-encoded, holds the replacement character U+FFFD")
        return text, encoding
    raise SeriesError(f"{path}: row {row}: mis-encoded, neither UTF-8 nor cp932")


def to_cells(file: TextFile, rows: Sequence[list[str]], names: Sequence[str], n_header: int) -> Cells:
    """
    Cut the data rows below `n_header` header rows into named columns.

    Rows without any value are dropped. A last row that is short, or has no line end and a blank last cell, was cut.

    Raises
    ------
    SeriesError
        If a column is named twice, a row is cut, has too few or too many cells, or no row is left.
    """
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        raise file.refusal(f"two columns are named {next(n for n in named if named.count(n) > 1)}")
    width = len(names)
    body = rows[n_header:]
    if body:
        _refuse_cut_row(file, body[-1], width, len(rows))
    kept, numbers, n_empty = [], [], 0
    for number, row in enumerate(body, n_header + 1):
        if not any(row) or not "".join(row).strip():
            n_empty += 1
            continue
        if len(row) != width:
            if len(row) < width or any(cell.strip() for cell in row[width:]):
                raise file.refusal(f"row {number}: has {len(row)} cells, the header has {width}")
            row = row[:width]
        kept.append(row)
        numbers.append(number)
    if not kept:
        raise file.refusal("has a header but no rows")
    columns = {
        name: np.array([cell.strip() for cell in column], dtype=object)
        for name, column in zip(names, zip(*kept, strict=True), strict=True)
        if name
    }
    return Cells(file, columns, np.array(numbers), n_empty)


def _refuse_cut_row(file: TextFile, last: list[str], width: int, number: int) -> None:
    if len(last) < width and any(last):
        raise file.refusal(f"row {number}: the file is cut inside this row, {len(last)} of {width} cells")
    if not file.has_last_line_end and (len(last) < width or last[width - 1].strip() == ""):
        raise file.refusal(f"row {number}: the file is cut inside this row, its last cell is blank without a line end")


def refuse_open_end(cells: Cells) -> None:
    """
    Refuse a file whose last line has no line end.

    For layouts in which no check covers the last cell of a row: there a cut inside that cell would go unseen.
    """
    if not cells.file.has_last_line_end:
        raise cells.file.refusal(
            f"row {cells.row_numbers[-1]}: the file is cut inside this row or lacks its last line end; "
            "every published file ends with one"
        )
