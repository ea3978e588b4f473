"""The weekly shape of work arriving, taken from a published trace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series import workload
from wattbit.series.records import Records
from wattbit.series.textfile import read_text

SLOTS: Final = 336
"""Half hours in a week."""

SLOT_S: Final = 1800.0
DAY_SLOTS: Final = 48

CLASSES_BY_KIND: Final = {
    "llm requests": ("interactive",),
    "image requests": ("interactive",),
    "hourly cpu": ("batch",),
    "pods": ("batch", "training"),
}
"""Kind of a trace to the classes of work that it stands for (assumption); the first one is the default."""

FIRST_POD_DAY: Final = 115
"""First day of the job list that is recorded in full; earlier jobs are survivors (V: notes on the data)."""

MEAN_TOLERANCE: Final = 1e-12
"""The mean of a week must not differ from 1 by more."""


@dataclass(frozen=True, eq=False)
class WeekProfile:
    """
    Work arriving in each half hour of a week over its mean.

    Parameters
    ----------
    values : ndarray, shape (336,)
        From Monday 00:00; not negative, mean 1.
    work_class : str
        ``"interactive"``, ``"batch"`` or ``"training"``.
    source : str
        Trace, what was counted and over how long, for a person.
    repaired : tuple of str
        What was assumed, tiled or left out on the way, for a person.

    Raises
    ------
    SeriesError
        If the shape, the sign or the mean is wrong.
    """

    values: NDArray[np.float64]
    work_class: str
    source: str
    repaired: tuple[str, ...]

    def __post_init__(self) -> None:
        values = self.values
        if values.shape != (SLOTS,) or not np.isfinite(values).all() or (values < 0.0).any():
            raise SeriesError(f"{self.source}: profile must be {SLOTS} finite numbers from 0 up")
        if abs(values.mean() - 1.0) > MEAN_TOLERANCE:
            raise SeriesError(f"{self.source}: mean {values.mean():.15g}, must be 1")

    @property
    def peak_to_mean(self) -> float:
        """Largest half hour over the mean."""
        return float(self.values.max())


def arrival_profile(path: Path | str, work_class: str | None = None, shift_h: float = 0.0) -> WeekProfile:
    """
    Return the weekly profile of the work that a trace records.

    Parameters
    ----------
    path : Path or str
        A file that :mod:`wattbit.series.workload` reads, but not a list of machines.
    work_class : str, optional
        What the work stands for, one of :data:`CLASSES_BY_KIND`; by default the first one of the trace's kind.
        ``"training"`` takes only the jobs with at least one whole GPU (assumption: the list does not say what a job
        does).
    shift_h : float
        By how much the profile is moved later, in whole half hours, for a trace whose clock is not real. [h]

    Returns
    -------
    WeekProfile
        Requests or jobs arriving, or cluster load, per half hour of the week, the mean over the whole weeks at the end
        of the trace. A trace without dates starts on Monday 00:00 by assumption. One shorter than a week repeats its
        whole days, one shorter than a day its half hours; `repaired` says so.

    Raises
    ------
    SeriesError
        If the file is refused, has no profile, is shorter than half an hour, or does not stand for the class.
    """
    file = read_text(path)
    kinds = (
        (workload.is_requests, workload.requests_from_text, _of_stamps),
        (workload.is_images, workload.images_from_text, _of_stamps),
        (workload.is_cpu, workload.cpu_from_text, _of_load),
        (workload.is_pods, workload.pods_from_text, _of_pods),
    )
    found = next(((read, count) for is_kind, read, count in kinds if is_kind(file)), None)
    if found is None:
        raise file.refusal("row 1: has no profile, must be LLM or image requests, hourly CPU load or pods")
    read, count = found
    records = read(file)
    classes = CLASSES_BY_KIND[records.kind]
    work_class = work_class or classes[0]
    if work_class not in classes:
        raise file.refusal(f"class {work_class!r}: {records.kind} stand for {' or '.join(classes)}")
    if not (2.0 * shift_h).is_integer():
        raise SeriesError(f"shift_h: is {shift_h:g}, must be whole half hours")
    notes: list[str] = list(records.repairs)
    counts, what = count(records, work_class, notes)
    values = _week(records, counts, notes)
    values = values / values.mean()
    if shift_h:
        values = np.roll(values, round(2.0 * shift_h))
        notes.append(f"moved {shift_h:g} h later")
    source = f"{file.path.name}: {records.kind} ({records.place}), {what}, {records.period}"
    return WeekProfile(values, work_class, source, tuple(notes))


def _week(records: Records, counts: NDArray[np.float64], notes: list[str]) -> NDArray[np.float64]:
    """Mean week of counts per half hour that start on Monday 00:00, or on any day if there is less than a week."""
    if not counts.sum() > 0.0:
        raise SeriesError(f"{records.path}: nothing arrives in the whole half hours of the trace")
    if len(counts) >= SLOTS:
        weeks = len(counts) // SLOTS
        notes.append(f"mean of {weeks} weeks")
        return np.asarray(counts[: weeks * SLOTS].reshape(weeks, SLOTS).mean(axis=0))
    if len(counts) >= DAY_SLOTS:
        days = len(counts) // DAY_SLOTS
        day = counts[: days * DAY_SLOTS].reshape(days, DAY_SLOTS).mean(axis=0)
        notes.append(f"trace of {days} days: their mean day tiled over the week, no difference between days")
        return np.tile(day, 7)
    notes.append(f"trace of {len(counts)} half hours: tiled over the week, no daily or weekly shape")
    return np.resize(counts, SLOTS)


def _of_stamps(records: Records, work_class: str, notes: list[str]) -> tuple[NDArray[np.float64], str]:
    start = records.frame["start"]
    seconds = (start - start.iloc[0].normalize()).dt.total_seconds().to_numpy()
    first_day = start.iloc[0].day_of_week
    if records.kind == "image requests":
        notes.append("clock and weekday are shifted by the publisher: the shape is real, its position is not")
    else:
        notes.append("half hours are counted from the first request, in the publisher's clock (UTC)")
    return _per_slot(records, seconds, first_day, notes), "arrivals"


def _of_pods(records: Records, work_class: str, notes: list[str]) -> tuple[NDArray[np.float64], str]:
    frame = records.frame
    seconds = frame["created_s"].to_numpy()
    kept = seconds >= FIRST_POD_DAY * 86400.0
    if not kept.all():
        notes.append(f"{int((~kept).sum())} jobs from before day {FIRST_POD_DAY}, survivors only, left out")
    if work_class == "training":
        kept &= ((frame["gpus"] >= 1.0) & (frame["gpu_share"] >= 1.0)).to_numpy()
        notes.append("jobs with at least one whole GPU taken for training (assumption)")
    notes.append("no weekday or hour: days count from the arbitrary origin, the first is a Monday (assumption)")
    if not kept.any():
        raise SeriesError(f"{records.path}: no jobs of the class {work_class} are left")
    return _per_slot(records, seconds[kept] - FIRST_POD_DAY * 86400.0, None, notes), "arrivals"


def _of_load(records: Records, work_class: str, notes: list[str]) -> tuple[NDArray[np.float64], str]:
    notes.append("no date: the first hour is Monday 00:00 (assumption); both half hours of an hour are equal")
    return np.repeat(records.frame["load"].to_numpy(), 2), "load"


def _per_slot(
    records: Records, seconds: NDArray[np.float64], first_day: int | None, notes: list[str]
) -> NDArray[np.float64]:
    """
    Count arrivals per half hour.

    `seconds` count from midnight of a day whose weekday is `first_day` (0 is Monday, None if unknown). From a trace of
    a week or more the whole weeks at its end are counted, turned to start on Monday; of a shorter one its whole days;
    of one shorter than a day whole half hours from its first arrival.
    """
    whole_from, whole_to = int(np.ceil(seconds[0] / 86400.0)), int(seconds[-1] // 86400.0)
    days = whole_to - whole_from
    if days < 1:
        n = int((seconds[-1] - seconds[0]) // SLOT_S)
        if n < 1:
            raise SeriesError(f"{records.path}: from first to last arrival less than half an hour")
        return _histogram(seconds - seconds[0], n)
    if days < 7:
        return _histogram(seconds - whole_from * 86400.0, days * DAY_SLOTS)
    left_out = days % 7
    first = whole_from + left_out
    inside = (seconds >= first * 86400.0) & (seconds < whole_to * 86400.0)
    notes.append(f"{int((~inside).sum())} arrivals outside the last {days // 7} whole weeks left out")
    counts = _histogram(seconds - first * 86400.0, days // 7 * SLOTS)
    weekday = 0 if first_day is None else (first_day + first) % 7
    # A week that starts on a Wednesday has its Monday five days later; the mean week is the same.
    return np.roll(counts.reshape(-1, SLOTS), weekday * DAY_SLOTS, axis=1).reshape(-1)


def _histogram(seconds: NDArray[np.float64], slots: int) -> NDArray[np.float64]:
    inside = (seconds >= 0.0) & (seconds < slots * SLOT_S)
    slot = (seconds[inside] // SLOT_S).astype(np.int64)
    return np.bincount(slot, minlength=slots).astype(np.float64)
