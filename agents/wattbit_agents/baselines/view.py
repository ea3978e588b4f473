"""What a rule sees: the named fields of a batch of observations, in physical units."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

BATCH_DUE_H = (2.0, 6.0, 12.0)
"""Horizons of the field ``batch_due_mwh``. [h]"""

TRAINING_DUE_H = (6.0, 24.0, 48.0)
"""Horizons of the field ``training_due_mwh``. [h]"""


class Layout(Protocol):
    """The part of :class:`wattbit.observation.ObservationLayout` that rules need."""

    def get(self, observation: NDArray[np.floating], name: str) -> NDArray[np.floating]:
        """Return one field in its unit."""
        ...


class View:
    """
    Named access to a batch of observations.

    Parameters
    ----------
    layout : Layout
        Where each field lies in the vector and what scale it has.
    observation : ndarray, shape (n, D)
        Observations as the environment returned them.
    n_areas : int
        Number of power areas R.
    """

    def __init__(self, layout: Layout, observation: NDArray[np.floating], n_areas: int) -> None:
        self._layout = layout
        self._observation = observation
        self.shape = (observation.shape[0], n_areas)

    def __getitem__(self, name: str) -> FloatArray:
        """Return a field in its unit: (n,) global, (n, R) per area, (n, R, width) for a block of numbers."""
        return np.asarray(self._layout.get(self._observation, name), dtype=np.float64)

    def fill(self, value: float) -> FloatArray:
        """Return (n, R) of one value."""
        return np.full(self.shape, value)

    def hour(self) -> FloatArray:
        """Return the hour of the day in [0, 24), shape (n, 1): one clock for all areas."""
        angle = np.arctan2(self["time_of_day_sin"], self["time_of_day_cos"])
        # Half-hour starts are exact multiples of 0.5; rounding removes the float32 noise of the two columns.
        return (np.round(angle / (2 * np.pi) * 48) % 48 / 2)[:, None]

    def price_now(self, persistence: float = 0.78) -> FloatArray:
        """
        Return the settlement price expected for this half hour without own load, shape (n, R). [JPY/MWh]

        The imbalance part is revealed only at delivery; the last one fades with its autocorrelation.
        """
        return self["spot_price_jpy_per_mwh"] + persistence * self["previous_delta_jpy_per_mwh"]


def level(share: FloatArray) -> FloatArray:
    """Turn a share of the free capacity in [0, 1] into a run level in [-1, 1]."""
    return np.clip(2.0 * share - 1.0, -1.0, 1.0)


def needed_mw(view: View, kind: str, due_hours: tuple[float, ...]) -> FloatArray:
    """
    Return the least power that still meets every deadline, shape (n, R). [MW]

    Parameters
    ----------
    view : View
        Observations.
    kind : str
        ``"batch"`` or ``"training"``; reads ``<kind>_due_mwh``.
    due_hours : tuple of float
        Horizons of that field. [h]
    """
    # What is due within h hours must run at its mean power at least; the last half hour may already be lost.
    return np.max(view[f"{kind}_due_mwh"] / np.maximum(np.asarray(due_hours) - 0.5, 0.5), axis=-1)


IDLE_OVER_DYNAMIC = 0.43
"""Idle over dynamic IT power of a site with the default idle share; an observation does not hold it."""

FACILITY_FACTOR = 1.2
"""Facility power over IT power, roughly."""


def within_connection(
    view: View, load_mw: FloatArray, fleet: FloatArray, storage: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """
    Return the controls of cars and battery after the connection has its say, shape (n, R) each.

    Cars charge in the room that the site leaves, as far as they need not charge more; the battery takes what is left,
    and discharges when even that is too much.

    Parameters
    ----------
    view : View
        Observations.
    load_mw : ndarray, shape (n, R)
        Dynamic load of the sites. [MW]
    fleet, storage : ndarray, shape (n, R)
        Controls wished for, in [-1, 1].
    """
    limit = view["connection_mw"]
    # Stands at its bound, ten times the dynamic power, where there is no limit.
    limited = limit < 9.9 * np.maximum(view["capacity_mw"], 1e-6)
    room = limit - FACILITY_FACTOR * (load_mw + IDLE_OVER_DYNAMIC * view["capacity_mw"])
    kept = []
    for wish, name in ((fleet, "fleet"), (storage, "storage")):
        low, high = view[f"{name}_power_min_mw"], view[f"{name}_power_max_mw"]
        power = np.where(wish > 0.0, wish * high, -wish * low)
        power = np.clip(np.where(limited, np.minimum(power, room), power), low, high)
        room = room - power
        up = np.divide(power, high, out=np.zeros_like(power), where=high > 1e-6)
        down = np.divide(-power, low, out=np.zeros_like(power), where=low < -1e-6)
        kept.append(np.where(limited, np.clip(np.where(power > 0.0, up, down), -1.0, 1.0), wish))
    return kept[0], kept[1]


def reserve_levels(view: View, fleet: FloatArray, storage: FloatArray) -> tuple[FloatArray, FloatArray]:
    """
    Return the upward and the downward offer that the batteries can back beside their dispatch, shape (n, R) each.

    Parameters
    ----------
    view : View
        Observations.
    fleet, storage : ndarray, shape (n, R)
        Controls of cars and batteries, in [-1, 1].
    """
    above, below = view.fill(0.0), view.fill(0.0)
    for level_of, name in ((fleet, "fleet"), (storage, "storage")):
        low, high = view[f"{name}_power_min_mw"], view[f"{name}_power_max_mw"]
        power = np.clip(np.where(level_of > 0.0, level_of * high, -level_of * low), low, high)
        above, below = above + high - power, below + power - low
    depth = np.maximum(view["reserve_depth_mw"], 1e-6)
    offered = view["reserve_depth_mw"] > 0.0
    return np.where(offered, np.minimum(1.0, below / depth), 0.0), np.where(
        offered, np.minimum(1.0, above / depth), 0.0
    )


def run_levels(view: View, load: FloatArray, safety: float) -> tuple[FloatArray, FloatArray]:
    """
    Return the levels of batch and training that bring every site to a load, and meet every deadline in any case.

    Parameters
    ----------
    view : View
        Observations.
    load : ndarray, shape (n, R) or broadcastable
        Load of the site with all its work, share of its capacity. [1]
    safety : float
        Work that must run is run at this multiple of the power that just meets its deadlines.
    """
    capacity_mw = view["capacity_mw"]
    users_mw = view["realtime_mw"] + view["interactive_mw"]
    free_mw = np.maximum(capacity_mw - users_mw, 1e-6)
    room_mw = np.maximum(load * capacity_mw - users_mw, 0.0)
    batch_mw = np.clip(np.maximum(room_mw, safety * needed_mw(view, "batch", BATCH_DUE_H)), 0.0, free_mw)
    # Batch takes what is queued here at most; the rest of the room is for training.
    taken_mw = np.minimum(batch_mw, 2.0 * view["batch_backlog_mwh"])
    left_mw = np.maximum(free_mw - taken_mw, 1e-6)
    training_mw = np.maximum(room_mw - taken_mw, safety * needed_mw(view, "training", TRAINING_DUE_H))
    return level(batch_mw / free_mw), level(training_mw / left_mw)
