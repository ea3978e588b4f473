"""One week at a time: a policy plays it, the program bounds it, or a trajectory is compared with the program."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.ladder.bound import bound_of, slack_of
from benchmarks.ladder.course import Course, code_of
from benchmarks.ladder.journal import Journal, Key
from benchmarks.ladder.play import played
from wattbit.config import ScenarioConfig
from wattbit.series.cache import cache_root

What = Literal["play", "bound", "slack"]

BOUND: Final = "bound"
"""Stands for perfect foresight where a policy's name would stand."""


@dataclass(frozen=True)
class Task:
    """One week of one policy."""

    what: What
    name: str
    seed: int
    week: int
    scenario: ScenarioConfig
    data_root: Path | None

    def do(self) -> dict[str, Any]:
        """Return the result, JSON values."""
        if self.what == "bound":
            return bound_of(self.scenario, self.week, self.seed, self.data_root)
        if self.what == "slack":
            return slack_of(self.scenario, self.name, self.week, self.seed, self.data_root)
        return played(self.scenario, self.name, self.week, self.seed, self.data_root)


def journal_of(course: Course) -> Journal:
    """Return the journal of a world, in the cache folder."""
    name = f"{course.scenario.name}-{course.world_hash}.jsonl".replace("/", "_")
    return Journal(cache_root() / "ladder" / name)


def key_of(course: Course, task: Task) -> Key:
    """Return the key of a task's result."""
    codes = {"play": (task.name,), "bound": (BOUND,), "slack": (BOUND, task.name)}[task.what]
    code = "-".join(code_of(name) for name in codes)
    return (task.what, task.name, task.seed, task.week, course.world_hash, course.series_hash, code)


def carry_out(
    course: Course, wanted: Sequence[tuple[What, str, Sequence[tuple[int, int]]]], journal: Journal, jobs: int = 1
) -> dict[tuple[What, str], list[dict[str, Any]]]:
    """
    Return the results of all weeks wanted: those known, and the others as soon as they are made.

    Parameters
    ----------
    course : Course
    wanted : sequence of (what, name, pairs of seed and week)
    journal : Journal
        Where results are looked up and kept.
    jobs : int
        Processes; results do not depend on it.

    Returns
    -------
    dict
        By what and name, in the order of the pairs.
    """
    tasks = [
        Task(what, name, seed, week, course.scenario, course.data_root)
        for what, name, pairs in wanted
        for seed, week in pairs
    ]
    todo = [task for task in tasks if journal.get(key_of(course, task)) is None]
    if len(todo) < len(tasks):
        _say(f"{course.scenario.name}: {len(tasks) - len(todo)} of {len(tasks)} results are known ({journal.path})")
    left = Counter((task.what, task.name) for task in todo)

    def keep(task: Task, result: dict[str, Any]) -> None:
        journal.add(key_of(course, task), result)
        left[task.what, task.name] -= 1
        if left[task.what, task.name] == 0:
            _say(f"{course.scenario.name}: {task.what} {task.name} done")

    _do_all(todo, jobs, keep)
    found: dict[tuple[What, str], list[dict[str, Any]]] = {}
    for task in tasks:
        result = journal.get(key_of(course, task))
        assert result is not None
        found.setdefault((task.what, task.name), []).append(result)
    return found


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _do_all(tasks: Sequence[Task], jobs: int, keep: Callable[[Task, dict[str, Any]], None]) -> None:
    """Do tasks and hand over each as it is done; what is under way when it is stopped is lost."""
    from tqdm import tqdm

    if jobs == 1 or len(tasks) < 2:
        for task in tqdm(tasks, unit="week", leave=False, disable=None):
            keep(task, task.do())
        return
    others = set(active_children())
    # The parent alone hears Ctrl-C.
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    ) as pool:
        try:
            running = {pool.submit(Task.do, task): task for task in tasks}
            for future in tqdm(as_completed(running), total=len(running), unit="week", leave=False, disable=None):
                keep(running[future], future.result())
        except BaseException:
            # A week can take minutes, which is too long to wait for.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(active_children()) - others:
                process.terminate()
            raise
