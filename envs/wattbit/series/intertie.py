"""Readers of the lines between areas: rated capacity from two sources, and half-hourly flow by OCCTO."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.series.balancing import AREA_HEADINGS
from wattbit.series.records import Records, bounded, named_cells, span_of, stamps
from wattbit.series.set import AREAS
from wattbit.series.table import TIME_ZONE
from wattbit.series.textfile import Cells, TextFile, nfkc, read_text

LINES: Final = {
    "北海道・本州間電力連系設備": "hokkaido_honshu",
    "相馬双葉幹線": "soma_futaba",
    "周波数変換設備": "frequency_converters",
    "三重東近江線": "mie_higashiomi",
    "北陸フェンス": "hokuriku_fence",
    "南福光連系所・南福光変電所の連系設備": "minami_fukumitsu",
    "越前嶺南線": "echizen_reinan",
    "西播東岡山線・山崎智頭線": "seiban_yamazaki",
    "阿南紀北直流幹線": "anan_kihoku",
    "本四連系線": "honshi",
    "関門連系線": "kanmon",
    "中部フェンス": "chubu_fence",
    "関西フェンス": "kansai_fence",
}
"""Published name of a line to its name here. A fence is the sum over all lines of one side of an area."""

UNKNOWN_AREA: Final = "不明"
"""What stands in place of an area in the rows of two fences; here the area is blank."""

CAPACITY_COLUMNS: Final = (
    "from_area",
    "to_area",
    "occto_name",
    "capacity_mw_source_a",
    "capacity_mw_source_b",
    "observed_flow_min_mw",
    "observed_flow_max_mw",
)
FLOW_COLUMNS: Final = ("datetime_jst", "intertie", "source_area", "target_area", "flow_mw")
"""Headings of the two files."""

MOST_MW: Final = 20_000.0
"""Largest capacity or flow that is read (assumption)."""

SLOTS: Final = 48
"""Half hours in a day."""


def read_capacity(path: Path | str) -> Records:
    """
    Read the rated capacity of the lines, ``interconnector_capacity.csv``.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8.

    Returns
    -------
    Records
        Kind ``"intertie capacity"``. One row per line: ``line`` (of :data:`LINES`), ``from_area``, ``to_area``,
        ``capacity_a_mw``, ``capacity_b_mw`` (the two sources; NaN where one has none), ``flow_low_mw`` and
        ``flow_high_mw`` (range of flow seen, NaN where none is published). The repairs name the lines on which the
        sources disagree; which is right is not known.

    Raises
    ------
    SeriesError
        If the file is cut, a line or an area is unknown, or a number is out of bounds.
    """
    return capacity_from_text(read_text(path))


def read_flow(path: Path | str) -> Records:
    """
    Read the half-hourly mean flow over the lines, also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8.

    Returns
    -------
    Records
        Kind ``"intertie flow"``. One row per half hour and line, sorted: ``start`` (Asia/Tokyo), ``line`` (of
        :data:`LINES`), ``from_area``, ``to_area`` (blank for two fences), ``flow_mw``, positive from the first to the
        second. A line is there for whole days or not at all; the repairs count the days that are missing.

    Raises
    ------
    SeriesError
        If the file is cut, a line, area or stamp is unknown, two rows of one half hour and line differ, a line has a
        part of a day only, or a number is out of bounds.

    Notes
    -----
    Lines that are zero in every row are published so and left out: a fence stands for each of them.
    """
    return flow_from_text(read_text(path))


def is_capacity(file: TextFile) -> bool:
    """Whether the heading is that of the capacity file."""
    return "capacity_mw_source_a" in file.text.partition("\n")[0]


def is_flow(file: TextFile) -> bool:
    """Whether the heading is that of the flow file."""
    heading = file.text.partition("\n")[0]
    return "intertie" in heading and "flow_mw" in heading


def capacity_from_text(file: TextFile) -> Records:
    """Read a decoded capacity file; see :func:`read_capacity`."""
    cells = named_cells(file, CAPACITY_COLUMNS)
    areas = {area: area for area in AREAS}
    frame = pd.DataFrame(
        {
            "line": _known(cells, "occto_name", LINES),
            "from_area": _known(cells, "from_area", areas),
            "to_area": _known(cells, "to_area", areas),
            "capacity_a_mw": bounded(cells, "capacity_mw_source_a", 0.0, MOST_MW, blank=True),
            "capacity_b_mw": bounded(cells, "capacity_mw_source_b", 0.0, MOST_MW, blank=True),
            "flow_low_mw": bounded(cells, "observed_flow_min_mw", -MOST_MW, MOST_MW, blank=True),
            "flow_high_mw": bounded(cells, "observed_flow_max_mw", -MOST_MW, MOST_MW, blank=True),
        }
    )
    twice = frame["line"].duplicated().to_numpy()
    if twice.any():
        row = int(np.argmax(twice))
        raise cells.refusal(row, "occto_name", f"is {cells.column('occto_name')[row]!r} a second time")
    without = (frame["capacity_a_mw"].isna() & frame["capacity_b_mw"].isna()).to_numpy()
    if without.any():
        raise cells.refusal(int(np.argmax(without)), "capacity_mw_source_a", "is blank in both sources")
    differ = frame["line"][(frame["capacity_a_mw"] - frame["capacity_b_mw"]).abs() > 0.0]
    repairs = [f"two sources disagree on {len(differ)} lines ({', '.join(differ)}), both kept"] if len(differ) else []
    single = frame["line"][frame["capacity_b_mw"].isna() | frame["capacity_a_mw"].isna()]
    if len(single):
        repairs.append(f"one source only for {', '.join(single)}")
    return Records(file.path, "intertie capacity", "japan", "rated", frame, tuple(repairs))


def flow_from_text(file: TextFile) -> Records:
    """Read a decoded flow file; see :func:`read_flow`."""
    cells = named_cells(file, FLOW_COLUMNS)
    areas = dict(zip((*AREA_HEADINGS, UNKNOWN_AREA), (*AREAS, ""), strict=True))
    start = stamps(cells, "datetime_jst", "2026-04-01 00:30", is_aware=False)
    off = (start.dt.minute % 30 != 0).to_numpy() | (start != start.dt.floor("min")).to_numpy()
    if off.any():
        row = int(np.argmax(off))
        raise cells.refusal(row, "datetime_jst", f"is {cells.column('datetime_jst')[row]!r}, must be a half hour")
    frame = pd.DataFrame(
        {
            "start": start.dt.tz_localize(TIME_ZONE),
            "line": _known(cells, "intertie", LINES),
            "from_area": _known(cells, "source_area", areas),
            "to_area": _known(cells, "target_area", areas),
            "flow_mw": bounded(cells, "flow_mw", -MOST_MW, MOST_MW),
        }
    )
    repairs = [f"{cells.n_empty} empty rows dropped"] if cells.n_empty else []
    frame = _without_duplicates(cells, frame, repairs)
    _refuse_part_days(cells, frame)
    days = frame["start"].dt.date
    n_days = (days.max() - days.min()).days + 1
    lines_by_day = frame.groupby(days)["line"].nunique()
    n_lines = frame["line"].nunique()
    if len(lines_by_day) < n_days:
        repairs.append(f"{n_days - len(lines_by_day)} of {n_days} days missing")
    if (lines_by_day < n_lines).any():
        repairs.append(f"{int((n_lines - lines_by_day).sum())} days of single lines missing besides")
    zero = [line for line, flow in frame.groupby("line", sort=False)["flow_mw"] if not flow.any()]
    if zero:
        repairs.append(f"zero in every row, left out: {', '.join(map(str, zero))}")
        frame = frame[~frame["line"].isin(zero)]
    frame = frame.sort_values(["start", "line"], kind="stable").reset_index(drop=True)
    return Records(file.path, "intertie flow 30 min", "japan", span_of(start), frame, tuple(repairs))


def _known(cells: Cells, column: str, names: dict[str, str]) -> NDArray[np.object_]:
    texts = cells.column(column)
    by_text = {nfkc(name): here for name, here in names.items()}
    found = np.array([by_text.get(nfkc(text)) for text in texts], dtype=object)
    unknown = np.array([name is None for name in found])
    if unknown.any():
        row = int(np.argmax(unknown))
        raise cells.refusal(row, column, f"is {texts[row]!r}, must be one of {', '.join(names)}")
    return found


def _without_duplicates(cells: Cells, frame: pd.DataFrame, repairs: list[str]) -> pd.DataFrame:
    repeated = frame.duplicated(["start", "line"]).to_numpy()
    differing = repeated & ~frame.duplicated().to_numpy()
    if differing.any():
        row = int(np.argmax(differing))
        raise cells.refusal(
            row, "flow_mw", f"is {frame['flow_mw'][row]:g}, but another row of the same half hour and line differs"
        )
    if repeated.any():
        repairs.append(f"{int(repeated.sum())} duplicate rows dropped")
    return frame[~repeated]


def _refuse_part_days(cells: Cells, frame: pd.DataFrame) -> None:
    slots = frame.groupby([frame["start"].dt.date, "line"])["flow_mw"].transform("size").to_numpy()
    part = slots != SLOTS
    if part.any():
        k = int(np.argmax(part))
        row = int(frame.index[k])
        raise cells.file.refusal(
            f"row {cells.row_numbers[row]}: {frame['line'].iloc[k]} has {slots[k]} half hours on "
            f"{frame['start'].iloc[k]:%Y-%m-%d}, must have {SLOTS}; was the file cut?"
        )
