"""Recorded behaviour that drives a scenario: charging sessions of cars at work, weekly profiles of work."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.config.kinds import SessionName
from wattbit.units import WEEK_STEPS
from wattbit.world import state as s
from wattbit.world.cars import kind_edges

SESSION_FILES: Final[dict[SessionName, tuple[str, ...]]] = {
    "acn-caltech": ("ev/acn_caltech_20190501_20190831.csv", "ev/acn_caltech_20190901_20191231.csv"),
    "acn-jpl": ("ev/acn_jpl_20190501_20190831.csv", "ev/acn_jpl_20190901_20191231.csv"),
}
"""Files of recorded sessions in the folder of real data, gzipped or not."""

TRACE_FILES: Final = {
    "azure-conv": "workload/AzureLLMInferenceTrace_conv.csv",
    "azure-code": "workload/AzureLLMInferenceTrace_code.csv",
    "alibaba-images": "workload/alibaba_genai_lora_request_trace.csv",
    "google": "workload/GoogleClusteData_CPU_Data_Hourly_1.csv",
    "alibaba": "workload/Alibaba_CPU_Data_Hourly_1.csv",
    "openb": "workload/openb_pod_list_default.csv",
}
"""Files of recorded traces of work."""

LAST_LEAVE_H: Final = 23.99
"""Sessions cut at midnight end a moment before, so that their departure falls on their own day. [h]"""

DRAW_SEED: Final = 0
"""Recorded days are dealt out to cars in one way for everybody."""


@lru_cache(maxsize=8)
def _session_table(name: SessionName, cars: int, root: Path) -> NDArray[np.float64]:
    from wattbit.series import charging, real  # pandas' file readers are not needed by drawn fleets

    records = [charging.read_sessions(real.find_file(root, file, f"sessions {name}")) for file in SESSION_FILES[name]]
    table = charging.session_table(charging.daily_sessions(records), cars, DRAW_SEED)
    leave = table[:, :, s.SESSION_LEAVE_H]
    is_there = leave < charging.ABSENT_H
    table[:, :, s.SESSION_LEAVE_H] = np.where(is_there, np.minimum(leave, LAST_LEAVE_H), leave)
    table.flags.writeable = False
    return table


def recorded_sessions(config: ScenarioConfig, data_root: Path | str | None) -> NDArray[np.float64]:
    """
    Return the recorded stays of the cars at work of a scenario.

    Parameters
    ----------
    config : ScenarioConfig
        Its ``fleet.sessions`` names the site.
    data_root : path, optional
        Folder of real data; without it the environment variable ``WATTBIT_DATA``.

    Returns
    -------
    ndarray, shape (day, car, 3)
        Arrival and departure since midnight [h] and energy [kWh], whole weeks from a Monday; a car without a session
        does not leave later than it comes. As many cars as the area with most of them at work has; no days when the
        scenario names no site or has no cars at work.

    Raises
    ------
    SeriesError
        If the folder or a file is missing, or a file is refused.
    """
    edges = [kind_edges(area, config.fleet.vehicles) for area in config.areas]
    cars = max(int(edge[s.KIND_WORKPLACE + 1] - edge[s.KIND_WORKPLACE]) for edge in edges)
    name = config.fleet.sessions
    if name is None or cars == 0:
        return np.zeros((0, cars, s.N_SESSION))
    return _session_table(name, cars, _root(data_root, f"sessions {name}"))


@lru_cache(maxsize=8)
def _trace(name: str, work_class: str, root: Path) -> NDArray[np.float64]:
    from wattbit.series import real, week_profile

    return week_profile.arrival_profile(
        real.find_file(root, TRACE_FILES[name], f"profiles from {name}"), work_class
    ).values


def weekly_profile(config: ScenarioConfig, data_root: Path | str | None) -> NDArray[np.float64]:
    """
    Return demand over its mean in each half hour of the week from Monday 00:00, shape (336, 4), ones without a trace.

    Parameters
    ----------
    config : ScenarioConfig
        Its ``work.profile`` names the traces.
    data_root : path, optional
        Folder of real data; without it the environment variable ``WATTBIT_DATA``.

    Raises
    ------
    SeriesError
        If the folder or a file is missing, or a file is refused.
    """
    table = np.ones((WEEK_STEPS, s.N_PROFILE))
    profile = config.work.profile
    for column, work_class, name in (
        (s.PROFILE_INTERACTIVE, "interactive", profile.interactive),
        (s.PROFILE_BATCH, "batch", profile.batch),
        (s.PROFILE_TRAINING, "training", profile.training),
    ):
        if name is not None:
            table[:, column] = _trace(name, work_class, _root(data_root, f"profiles from {name}"))
    return table


def _root(data_root: Path | str | None, what: str) -> Path:
    from wattbit.series import real

    return real.find_root(data_root if data_root is not None else os.environ.get("WATTBIT_DATA"), what)
