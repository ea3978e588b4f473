"""Readers of published traces of computing work (Azure, Alibaba, Google)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from wattbit.series.records import Records, bounded, named_cells, span_of, stamps
from wattbit.series.textfile import Cells, TextFile, read_text

LLM_COLUMNS: Final = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")
CPU_COLUMNS: Final = ("", "cpu_load")
IMAGE_COLUMNS: Final = (
    "gmt_create",
    "predict_type",
    "predict_status",
    "exec_time_seconds",
    "groupId",
    "prompt_length",
    "negative_prompt_length",
    "num_images_per_prompt",
    "num_inference_steps",
    "checkpoint_model_version_id",
    "num_lora",
)
POD_COLUMNS: Final = (
    "name",
    "cpu_milli",
    "memory_mib",
    "num_gpu",
    "gpu_milli",
    "gpu_spec",
    "qos",
    "pod_phase",
    "creation_time",
    "deletion_time",
    "scheduled_time",
)
NODE_COLUMNS: Final = ("sn", "cpu_milli", "memory_mib", "gpu", "model")
"""Headings of the five kinds of files."""

MOST_TOKENS: Final = 1e7
"""Largest number of tokens of a request that is read (assumption)."""

WEEK_H: Final = 168
"""Hours in a week."""


def read_requests(path: Path | str) -> Records:
    """
    Read the arrivals of language-model requests, ``AzureLLMInferenceTrace_*.csv``, also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8. The publisher leaves out the last line end, so a cut inside the last number goes unseen.

    Returns
    -------
    Records
        Kind ``"llm requests"``, place ``"azure"``. ``start`` (UTC), ``context_tokens``, ``generated_tokens``.

    Raises
    ------
    SeriesError
        If a stamp or number is wrong or the last row is cut.
    """
    return requests_from_text(read_text(path))


def read_cpu(path: Path | str) -> Records:
    """
    Read the hourly load of a cluster, ``*_CPU_Data_Hourly_1.csv``, also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8.

    Returns
    -------
    Records
        Kind ``"hourly cpu"``. ``hour`` counts from 0 (the file gives no date), ``load`` 0 to 1. The repairs say so if
        the file is one week repeated.

    Raises
    ------
    SeriesError
        If the running number has a gap, or a load is not within 0 and 1.
    """
    return cpu_from_text(read_text(path))


def read_images(path: Path | str) -> Records:
    """
    Read the arrivals of image-generation requests, ``alibaba_genai_lora_request_trace.csv``, also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8.

    Returns
    -------
    Records
        Kind ``"image requests"``, place ``"alibaba"``. ``start`` (the publisher shifted the clock: no time zone),
        ``status``, ``exec_s``, ``images``, ``steps`` (NaN where not given). [s]

    Raises
    ------
    SeriesError
        If a stamp or number is wrong or the last row is cut.
    """
    return images_from_text(read_text(path))


def read_pods(path: Path | str) -> Records:
    """
    Read the jobs of a GPU cluster, ``openb_pod_list_*.csv``, also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8.

    Returns
    -------
    Records
        Kind ``"pods"``, place ``"alibaba"``. ``name``, ``class`` (LS, BE, Burstable, Guaranteed), ``phase``, ``gpus``,
        ``gpu_share`` (of one GPU, 1 when whole), ``cpus``, and ``created_s``, ``scheduled_s`` (NaN: never),
        ``deleted_s`` from an arbitrary origin. [s]

    Raises
    ------
    SeriesError
        If a number is wrong, a job ends before it starts, or the last row is cut.
    """
    return pods_from_text(read_text(path))


def read_nodes(path: Path | str) -> Records:
    """
    Read the machines of a GPU cluster, ``openb_node_list_*.csv``, also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, UTF-8.

    Returns
    -------
    Records
        Kind ``"nodes"``, place ``"alibaba"``. ``name``, ``model`` (blank without GPU), ``gpus``, ``cpus``.

    Raises
    ------
    SeriesError
        If a number is wrong or the last row is cut.
    """
    return nodes_from_text(read_text(path))


def is_requests(file: TextFile) -> bool:
    """Whether the heading is that of language-model requests."""
    return "ContextTokens" in _heading(file)


def is_cpu(file: TextFile) -> bool:
    """Whether the heading is that of an hourly load."""
    return "cpu_load" in _heading(file)


def is_images(file: TextFile) -> bool:
    """Whether the heading is that of image-generation requests."""
    return "num_inference_steps" in _heading(file)


def is_pods(file: TextFile) -> bool:
    """Whether the heading is that of a list of jobs."""
    return "pod_phase" in _heading(file)


def is_nodes(file: TextFile) -> bool:
    """Whether the heading is that of a list of machines."""
    return _heading(file).startswith("sn,cpu_milli")


def requests_from_text(file: TextFile) -> Records:
    """Read decoded language-model requests; see :func:`read_requests`."""
    cells = named_cells(file, LLM_COLUMNS, is_closed=False)
    frame = pd.DataFrame(
        {
            "start": stamps(cells, "TIMESTAMP", "2023-11-16 18:15:46.68", is_aware=False).dt.tz_localize("UTC"),
            "context_tokens": bounded(cells, "ContextTokens", 0.0, MOST_TOKENS),
            "generated_tokens": bounded(cells, "GeneratedTokens", 0.0, MOST_TOKENS),
        }
    )
    frame, repairs = _sorted(cells, frame, "start")
    period = f"{frame['start'].iloc[0]:%Y-%m-%d %H:%M} to {frame['start'].iloc[-1]:%H:%M} UTC"
    return Records(file.path, "llm requests", "azure", period, frame, repairs)


def cpu_from_text(file: TextFile) -> Records:
    """Read a decoded hourly load; see :func:`read_cpu`."""
    cells = named_cells(file, CPU_COLUMNS)
    number = bounded(cells, "index", 0.0)
    jump = np.diff(number) != 1.0
    if jump.any():
        row = int(np.argmax(jump)) + 1
        raise cells.refusal(row, "index", f"is {number[row]:g}, must be {number[row - 1] + 1:g}, one more than before")
    load = bounded(cells, "cpu_load", 0.0, 1.0)
    repairs = [f"{cells.n_empty} empty rows dropped"] if cells.n_empty else []
    if len(load) > WEEK_H and np.array_equal(load[WEEK_H:], load[:-WEEK_H]):
        repairs.append(f"kept, but one week repeated {len(load) // WEEK_H} times")
    place = file.path.name.lower().partition("clust")[0].partition("_")[0]
    frame = pd.DataFrame({"hour": number - number[0], "load": load})
    return Records(file.path, "hourly cpu", place, f"{len(load)} hours without a date", frame, tuple(repairs))


def images_from_text(file: TextFile) -> Records:
    """Read decoded image-generation requests; see :func:`read_images`."""
    cells = named_cells(file, IMAGE_COLUMNS)
    frame = pd.DataFrame(
        {
            "start": stamps(cells, "gmt_create", "2024-11-15 16:57:50", is_aware=False),
            "status": cells.column("predict_status"),
            "exec_s": bounded(cells, "exec_time_seconds", 0.0),
            "images": bounded(cells, "num_images_per_prompt", 0.0, blank=True),
            "steps": bounded(cells, "num_inference_steps", 0.0, blank=True),
        }
    )
    frame, repairs = _sorted(cells, frame, "start")
    n_blank = int(frame["steps"].isna().sum())
    blank = (f"{n_blank} rows without images and steps kept",) if n_blank else ()
    return Records(file.path, "image requests", "alibaba", span_of(frame["start"]), frame, repairs + blank)


def pods_from_text(file: TextFile) -> Records:
    """Read a decoded list of jobs; see :func:`read_pods`."""
    cells = named_cells(file, POD_COLUMNS)
    frame = pd.DataFrame(
        {
            "name": cells.column("name"),
            "class": cells.column("qos"),
            "phase": cells.column("pod_phase"),
            "gpus": bounded(cells, "num_gpu", 0.0, 64.0),
            "gpu_share": bounded(cells, "gpu_milli", 0.0, 1000.0) / 1000.0,
            "cpus": bounded(cells, "cpu_milli", 0.0) / 1000.0,
            "created_s": bounded(cells, "creation_time", 0.0),
            "scheduled_s": bounded(cells, "scheduled_time", 0.0, blank=True),
            "deleted_s": bounded(cells, "deletion_time", 0.0),
        }
    )
    early = (frame["deleted_s"] < frame["created_s"]).to_numpy()
    if early.any():
        row = int(np.argmax(early))
        created = frame["created_s"][row]
        raise cells.refusal(row, "deletion_time", f"is {frame['deleted_s'][row]:.0f}, must be at least {created:.0f}")
    frame, repairs = _sorted(cells, frame, "created_s")
    days = frame["created_s"] / 86400.0
    never = int(frame["scheduled_s"].isna().sum())
    waiting = (f"{never} never scheduled, kept",) if never else ()
    return Records(file.path, "pods", "alibaba", f"day {days.min():.0f} to {days.max():.0f}", frame, repairs + waiting)


def nodes_from_text(file: TextFile) -> Records:
    """Read a decoded list of machines; see :func:`read_nodes`."""
    cells = named_cells(file, NODE_COLUMNS)
    frame = pd.DataFrame(
        {
            "name": cells.column("sn"),
            "model": cells.column("model"),
            "gpus": bounded(cells, "gpu", 0.0, 64.0),
            "cpus": bounded(cells, "cpu_milli", 0.0) / 1000.0,
        }
    )
    repairs = (f"{cells.n_empty} empty rows dropped",) if cells.n_empty else ()
    return Records(file.path, "nodes", "alibaba", f"{frame['gpus'].sum():.0f} GPUs", frame, repairs)


def _heading(file: TextFile) -> str:
    return file.text.partition("\n")[0]


def _sorted(cells: Cells, frame: pd.DataFrame, by: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    repairs = [f"{cells.n_empty} empty rows dropped"] if cells.n_empty else []
    if not frame[by].is_monotonic_increasing:
        repairs.append("rows out of order, sorted by time")
        frame = frame.sort_values(by, kind="stable").reset_index(drop=True)
    return frame, tuple(repairs)
