"""Where the published files are, and copies of them with a defect made on the fly."""

import gzip
import os
from pathlib import Path

import pytest


def decode(path: Path) -> tuple[str, str]:
    """Text of a published file, with its own line ends, and its encoding."""
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("cp932"), "cp932"


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of the published files: WATTBIT_DATA, else ../shared/data beside the repository."""
    default = Path(__file__).parents[2].parent / "shared" / "data"
    root = Path(os.environ.get("WATTBIT_DATA") or default)
    if not (root / "jepx").is_dir():
        pytest.skip(f"no published data in {root}")
    return root


@pytest.fixture
def changed(data, tmp_path):
    """Write a copy of a published file whose lines went through a function; its name keeps the area code."""

    def copy(name: str, change, encoding: str | None = None, ends_with_newline: bool = True) -> Path:
        text, published = decode(data / name)
        newline = "\r\n" if "\r\n" in text else "\n"
        lines = change(text.removesuffix(newline).split(newline))
        target = tmp_path / Path(name).name.removesuffix(".gz")
        target.write_bytes((newline.join(lines) + newline * ends_with_newline).encode(encoding or published))
        return target

    return copy
