"""``python -m wattbit.series check``: read real files of any known kind and say on one line each what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from wattbit.errors import SeriesError
from wattbit.series import balancing, charging, charging_habits, intertie, jepx, tso, weather, workload
from wattbit.series.records import Records
from wattbit.series.table import Table
from wattbit.series.textfile import TextFile, nfkc, read_text

SUFFIXES: Final = (".csv", ".txt", ".json", ".csv.gz", ".txt.gz", ".json.gz")
"""Files of a folder that are checked; others (a README) are passed over."""

_READERS: Final[tuple[tuple[Callable[[TextFile], bool], Callable[[TextFile], Table | Records]], ...]] = (
    (jepx.is_spot, jepx.spot_from_text),
    (jepx.is_intraday, jepx.intraday_from_text),
    (tso.is_balance, tso.balance_from_text),
    (charging_habits.is_cars, charging_habits.cars_from_text),
    (weather.is_openmeteo, weather.openmeteo_from_text),
    (weather.is_jma, weather.jma_from_text),
    (balancing.is_results, balancing.results_from_text),
    (intertie.is_capacity, intertie.capacity_from_text),
    (intertie.is_flow, intertie.flow_from_text),
    (charging.is_sessions, charging.sessions_from_text),
    (charging_habits.is_distribution, charging_habits.distribution_from_text),
    (workload.is_requests, workload.requests_from_text),
    (workload.is_cpu, workload.cpu_from_text),
    (workload.is_images, workload.images_from_text),
    (workload.is_pods, workload.pods_from_text),
    (workload.is_nodes, workload.nodes_from_text),
)

_TELLING_WORDS: Final = ("時刻コード", "エリア需要", "年月日時", balancing.TITLE)


def read_any(path: Path | str) -> Table | Records:
    """
    Read a file of any known kind, told apart by its heading.

    Raises
    ------
    SeriesError
        If the kind is unknown or its reader refuses the file.
    """
    file = read_text(path)
    for is_kind, read in _READERS:
        if is_kind(file):
            return read(file)
    hint = next((hint for hint in map(file.encoding_hint, _TELLING_WORDS) if hint), "")
    heading = nfkc(file.text.partition("\n")[0])[:60]
    raise file.refusal(
        f"row 1: unknown kind of file, heading {heading!r}, must be a JEPX spot or intraday file, a TSO balance, "
        f"Open-Meteo or JMA weather, EPRX results, intertie capacity or flow, ACN sessions, ElaadNL distributions, V2G "
        f"cars, LLM or image requests, hourly CPU load, pods or nodes{hint}"
    )


def find_files(paths: Iterable[Path | str]) -> Iterator[Path]:
    """Yield files as they are given and the data files below folders, sorted by name."""
    for path in map(Path, paths):
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.is_file() and file.name.endswith(SUFFIXES))
            # A folder without data is yielded itself, so that it is refused and not passed over in silence.
            yield from found or [path]
        else:
            yield path


def check(paths: Iterable[Path | str]) -> Iterator[tuple[bool, str]]:
    """
    Read every file and say on one line what was found: path, kind, area, period, rows, repairs, verdict.

    Yields
    ------
    is_read : bool
        Whether the file was read; False if it was refused.
    line : str
        What to tell the user.
    """
    for path in find_files(paths):
        try:
            if path.is_dir():
                raise SeriesError(f"{path}: no data files ({', '.join(SUFFIXES)}) in this folder")
            table = read_any(path)
        except SeriesError as error:
            yield False, f"{error}: refused"
        else:
            yield True, f"{path}: {table.describe()}: ok"
