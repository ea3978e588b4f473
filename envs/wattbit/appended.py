"""What may follow the observation of the kernels: the whole forecast, and every car and due slot by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.observation import Field, ObservationLayout, Section
from wattbit.series.forecast import HORIZON, PATHS
from wattbit.world import state as s
from wattbit.world.batch import Batch

ForecastView = Literal["blocks", "full"]
AssetView = Literal["sums", "each"]

Rows = NDArray[np.intp] | slice
"""Which worlds of a batch."""

ALL: Final = slice(None)

PATH_STEPS: Final = HORIZON
"""Half hours of the forecast paths."""

_PATH_TEXT: Final = {
    "price_path_jpy_per_mwh": "mean price in each of the next 96 half hours",
    "price_p10_path_jpy_per_mwh": "10 % quantile of the price",
    "price_p50_path_jpy_per_mwh": "50 % quantile of the price",
    "price_p90_path_jpy_per_mwh": "90 % quantile of the price",
    "surplus_path_mw": "mean surplus in each of the next 96 half hours",
    "surplus_p10_path_mw": "10 % quantile of the surplus",
    "surplus_p50_path_mw": "50 % quantile of the surplus",
    "surplus_p90_path_mw": "90 % quantile of the surplus",
    "delta_path_jpy_per_mwh": "expected settlement minus spot, from the last one settled",
}

PATH_FIELDS: Final = tuple(
    Field(name, "MW", _PATH_TEXT[name], width=PATH_STEPS, low=0)
    if name.endswith("_mw")
    else Field(name, "JPY/MWh", _PATH_TEXT[name], width=PATH_STEPS)
    for name in PATHS
)
"""With ``forecast="full"``."""


def asset_fields(cars: int) -> tuple[Field, ...]:
    """
    Return the fields added with ``assets="each"``.

    Parameters
    ----------
    cars : int
        Representative cars per area (``fleet.vehicles``).
    """
    most = float(s.OBSERVATION_LIMIT)

    def per_car(name: str, unit: str, text: str, low: float = 0.0, high: float = most) -> Field:
        return Field(name, unit, text, width=cars, low=low, high=high, is_list=True)

    return (
        per_car("car_energy_kwh", "kWh", "energy in each representative car, as reported"),
        per_car("car_usable_kwh", "kWh", "capacity times health"),
        per_car("car_plugged_share", "1", "share of this half hour on the stand", high=1.0),
        per_car("car_departure_h", "h", "until the next planned departure, at most 48"),
        per_car("car_power_min_kw", "kW", "lowest feasible power, discharge negative, as reported", low=-most),
        per_car("car_power_max_kw", "kW", "highest feasible power, as reported"),
        Field(
            "batch_due_by_slot_mwh", "MWh", "batch work due by the end of this half hour, of the next one, ...",
            width=s.BATCH_SLOTS, low=0,
        ),
        Field(
            "training_due_by_slot_mwh", "MWh", "training work due by the end of this half hour, of the next one, ...",
            width=s.TRAINING_SLOTS, low=0,
        ),
        Field("match_load_mwh", "MWh", "load of the data centre since the episode began", low=0),
        Field("matched_mwh", "MWh", "of it covered by certificates", low=0),
    )  # fmt: skip


def _path_section(areas: int) -> Section:
    """Forecast paths in units of 10 JPY/kWh and 1,000 MW."""
    scale = np.concatenate([np.full(field.width, 1e3 if field.unit == "MW" else 1e4) for field in PATH_FIELDS])
    return Section(PATH_FIELDS, np.tile(scale, (areas, 1)))


def _asset_section(config: ScenarioConfig, site: NDArray[np.float64]) -> Section:
    """
    Assets in units of what stands in the scenario, so that bounds are for surprises.

    Energy by the largest car battery, power by a stand, departures by 12 h, slots of the queues by one hour of dynamic
    IT power, what was to be matched by an episode at dynamic IT power. An area without a data centre gets 1.
    """
    fleet, areas, cars = config.fleet, len(site), config.fleet.vehicles
    battery, stand = max(fleet.battery_kwh), fleet.stand_kw
    dynamic = np.where(site[:, s.SITE_DYNAMIC_MW] > 0.0, site[:, s.SITE_DYNAMIC_MW], 1.0)[:, None]
    per_car = np.repeat([battery, battery, 1.0, 12.0, stand, stand], cars)
    slots = np.ones((1, s.BATCH_SLOTS + s.TRAINING_SLOTS))
    episode_h = np.full((1, 2), 0.5 * config.episode.steps)
    return Section(
        asset_fields(cars), np.concatenate([np.tile(per_car, (areas, 1)), dynamic * slots, dynamic * episode_h], axis=1)
    )


def _paths(batch: Batch, rows: Rows) -> NDArray[np.floating]:
    """Forecast paths that hold now, shape (m, area, 9 * 96)."""
    clock = batch.world.clock[rows]
    paths = batch.forecast_paths(clock[:, s.ROW], clock[:, s.BANK])
    return paths.reshape(*paths.shape[:2], -1)


def due_first(ring: NDArray[np.floating], row: NDArray[np.int64]) -> NDArray[np.floating]:
    """
    Slots of a ring of due half hours in the order in which they fall due.

    Parameters
    ----------
    ring : ndarray, shape (m, area, slot)
        Work by due half hour modulo the ring's length. [MWh]
    row : ndarray of int, shape (m,)
        The half hour to act on.
    """
    slots = ring.shape[-1]
    order = (row[:, None] + np.arange(slots)) % slots
    return np.take_along_axis(ring, order[:, None, :], axis=-1)


def _departure_h(car: NDArray[np.floating], hour: NDArray[np.float64]) -> NDArray[np.floating]:
    """:func:`wattbit.physics.vehicle.hours_to_departure` of every car, shape (m, area, car), at hours of shape (m,)."""
    leave, hour = car[:, :, s.LEAVE_H], hour[:, None, None]
    later = 24.0 + car[:, :, s.NEXT_LEAVE_H] - hour
    return np.minimum(48.0, np.where((leave - hour > 0.0) & (leave < 48.0), leave - hour, later))


def _assets(batch: Batch, rows: Rows) -> NDArray[np.floating]:
    """Values of :func:`asset_fields`, shape (m, area, width of all fields)."""
    world = batch.world
    car, area, queue, row = world.vehicle[rows], world.area[rows], world.queue[rows], world.clock[rows, s.ROW]
    shown = 1.0 + area[:, :, s.TELEMETRY_BIAS, None]  # over the true value, for the measurements of the fleet's sums
    return np.concatenate(
        [
            shown * car[:, :, s.ENERGY_KWH],
            car[:, :, s.CAPACITY_KWH] * car[:, :, s.HEALTH],
            car[:, :, s.PLUGGED_SHARE],
            _departure_h(car, 0.5 * (row % 48)),
            shown * car[:, :, s.POWER_LOW_KW],
            shown * car[:, :, s.POWER_HIGH_KW],
            due_first(queue[:, :, : s.BATCH_SLOTS], row),
            due_first(queue[:, :, s.BATCH_SLOTS :], row),
            area[:, :, [s.MATCH_LOAD_MWH, s.MATCHED_MWH]],
        ],
        axis=-1,
    )


class _Part:
    """A section and how its values, shape (m, area, width), are read from worlds."""

    def __init__(self, section: Section, read: Callable[[Batch, Rows], NDArray[np.floating]]) -> None:
        self.section = section
        self._read = read
        widths = [field.width for field in section.fields]
        self._low = np.repeat([field.low for field in section.fields], widths)
        self._high = np.repeat([field.high for field in section.fields], widths)

    def scaled(self, batch: Batch, rows: Rows) -> NDArray[np.float32]:
        """Values as they stand in the observation, shape (m, area * width)."""
        values = np.clip(self._read(batch, rows) / self.section.scale, self._low, self._high)
        return values.astype(np.float32).reshape(len(values), -1)


class Appended:
    """
    Sections that the options `forecast` and `assets` add to the observations of a batch.

    Parameters
    ----------
    batch : Batch
        The worlds.
    forecast : {"blocks", "full"}
        ``"full"`` adds :data:`PATH_FIELDS`.
    assets : {"sums", "each"}
        ``"each"`` adds :func:`asset_fields`, after the paths when both are wanted.
    """

    def __init__(self, batch: Batch, forecast: ForecastView, assets: AssetView) -> None:
        self._batch = batch
        self._parts: list[_Part] = []
        if forecast == "full":
            self._parts.append(_Part(_path_section(len(batch.config.areas)), _paths))
        if assets == "each":
            self._parts.append(_Part(_asset_section(batch.config, batch.constants.site), _assets))

    def __bool__(self) -> bool:
        """Whether anything is added."""
        return bool(self._parts)

    @property
    def layout(self) -> ObservationLayout:
        """Layout of the whole observation."""
        core = self._batch.layout
        return ObservationLayout(core.areas, core.scale, [part.section for part in self._parts]) if self else core

    def extend(self, observation: NDArray[np.float32], rows: Rows = ALL) -> NDArray[np.float32]:
        """
        Return observations with the sections, which are read from the worlds as they stand now.

        Parameters
        ----------
        observation : ndarray, shape (m, D)
            What the kernels wrote of these worlds.
        rows : slice or ndarray of int, shape (m,)
            The worlds.

        Returns
        -------
        ndarray, shape (m, D + width of the sections)
            Float32, a new array.
        """
        scaled = [part.scaled(self._batch, rows) for part in self._parts]
        return np.concatenate([observation, *scaled], axis=1)
