"""What all benchmarks share: figures with bars, windows of CPU time, the table, the JSON file and the exit code."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from wattbit.errors import WattbitError

WINDOWS: Final = 5
"""Fewest repetitions behind a figure."""

PACKAGES: Final = ("wattbit", "numpy", "numba", "gymnasium", "torch", "stable-baselines3")
"""Versions written beside every result, where installed."""


@dataclass(frozen=True)
class Bar:
    """A limit that the median of a figure must reach (``>=``) or must not pass (``<=``)."""

    rule: Literal[">=", "<="]
    limit: float

    def __str__(self) -> str:
        return f"{self.rule} {_number(self.limit)}"

    def holds(self, value: float) -> bool:
        """Whether `value` keeps the bar; a value that is not a number does not."""
        return value >= self.limit if self.rule == ">=" else value <= self.limit


@dataclass(frozen=True)
class Figure:
    """
    One measured quantity.

    Attributes
    ----------
    name : str
        What was measured.
    unit : str
        Its unit.
    values : tuple of float
        One value per window or repetition.
    bar : Bar, optional
        What the median is held to; without one the figure is only shown.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    bar: Bar | None = None

    @property
    def median(self) -> float:
        """Median of the repetitions, the value that is held to the bar."""
        return statistics.median(self.values)

    @property
    def missed(self) -> bool:
        """Whether there is a bar and the median misses it."""
        return self.bar is not None and not self.bar.holds(self.median)

    def as_dict(self) -> dict[str, Any]:
        """Content of the JSON file."""
        return {
            **asdict(self),
            "median": self.median,
            "min": min(self.values),
            "max": max(self.values),
            "missed": self.missed,
        }


def interleaved_rates(
    cases: Mapping[str, Callable[[], int]],
    seconds: float,
    windows: int = WINDOWS,
    clock: Callable[[], float] = time.thread_time,
) -> dict[str, tuple[float, ...]]:
    """
    Measure how many units of work per CPU second each case does.

    Parameters
    ----------
    cases : mapping of str to callable
        Each call does a whole piece of work (an episode with its reset) and returns how many units it was.
    seconds : float
        CPU time per case, all windows together; a window holds at least one piece.
    windows : int
        Windows per case. They take turns, so that a neighbour on the machine slows all cases alike.
    clock : callable
        CPU clock; the default is that of the calling thread, i.e. of one core.

    Returns
    -------
    dict of str to tuple of float
        Units per CPU second, one value per window.
    """
    rates: dict[str, list[float]] = {name: [] for name in cases}
    for piece in cases.values():
        piece()  # compiles, loads and fills caches
    for _ in range(windows):
        for name, piece in cases.items():
            begun, done = clock(), 0
            while True:
                done += piece()
                spent = clock() - begun
                if spent >= seconds / windows:
                    break
            rates[name].append(done / spent)
    return {name: tuple(values) for name, values in rates.items()}


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _load() -> float | None:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def machine() -> dict[str, Any]:
    """Processor, cores, load average and versions: what a figure depends on beside the code."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "load_average_1min": _load(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **versions,
    }


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as aligned text: median, min, max, unit, bar, verdict."""
    rows = [("figure", "median", "min", "max", "n", "unit", "bar", "")]
    for figure in figures:
        bar = str(figure.bar or "-")
        verdict = "" if figure.bar is None else ("MISSED" if figure.missed else "ok")
        low, high = _number(min(figure.values)), _number(max(figure.values))
        rows.append(
            (figure.name, _number(figure.median), low, high, str(len(figure.values)), figure.unit, bar, verdict)
        )
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    right = (1, 2, 3, 4)
    lines = [
        "  ".join(c.rjust(w) if k in right else c.ljust(w) for k, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
    return "\n".join(line.rstrip() for line in [lines[0], "-" * len(lines[0]), *lines[1:]])


def positive(text: str) -> int:
    """Return a whole number of at least 1, for argparse."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"is {text!r}, must be a whole number of at least 1") from None
    if value < 1:
        raise argparse.ArgumentTypeError(f"is {value}, must be at least 1")
    return value


def result_file(text: str) -> Path:
    """Return the path of a file that can be written, for argparse: long work must not end where nothing can be kept."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder, must be a file")
    if not path.resolve().parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: there is no folder {path.resolve().parent}")
    return path


def run(
    name: str,
    description: str,
    measure: Callable[[argparse.Namespace], Iterable[Figure]],
    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None,
    context: Callable[[argparse.Namespace], Mapping[str, str]] | None = None,
    argv: Sequence[str] | None = None,
) -> int:
    """
    Run one benchmark as a command.

    Parameters
    ----------
    name : str
        Module name below ``benchmarks``.
    description : str
        Shown by ``--help`` and above the table.
    measure : callable
        Gets the parsed arguments, returns the figures.
    add_arguments : callable, optional
        Adds the benchmark's own arguments.
    context : callable, optional
        Gives what else belongs to the result, such as the hashes of the worlds.
    argv : sequence of str, optional
        Command line without the program; default that of the process.

    Returns
    -------
    int
        Exit code: 0, 1 when ``--check`` was given and a bar is missed, 2 for a mistake in the input or when
        ``--json`` cannot be written, 130 when interrupted.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    parser.add_argument("--json", type=result_file, metavar="PATH", help="write the figures to this file")
    parser.add_argument("--check", action="store_true", help="exit 1 when a bar is missed")
    parser.add_argument("--seconds", type=float, default=3.0, help="CPU seconds per rate (default: %(default)s)")
    if add_arguments is not None:
        add_arguments(parser)
    options = parser.parse_args(argv)
    before = machine()
    try:
        figures = list(measure(options))
    except WattbitError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; nothing written", file=sys.stderr)
        return 130
    result: dict[str, Any] = {
        "benchmark": name,
        "machine": {**before, "load_average_after": _load()},
        "context": dict(context(options)) if context is not None else {},
        "figures": [figure.as_dict() for figure in figures],
    }
    print(description)
    print(", ".join(f"{key} {value}" for part in ("machine", "context") for key, value in result[part].items()))
    print(table(figures))
    if options.json is not None:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if not options.check:
        return 0
    missed = [
        f"missed: {figure.name}: {_number(figure.median)} {figure.unit}, bar {figure.bar}"
        for figure in figures
        if figure.missed
    ]
    print("\n".join(missed or ["every bar is met"]))
    return 1 if missed else 0
