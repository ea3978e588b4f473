"""What an agent sees: names, units, positions and bounds of the observation vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from wattbit.series.forecast import FORECAST_SCALE
from wattbit.world import state as s

FORECAST_BLOCKS_H: Final = ((0, 3), (3, 6), (6, 12), (12, 24), (24, 48))
"""Hours ahead that each forecast block covers."""


@dataclass(frozen=True, slots=True)
class Field:
    """
    One named part of the observation.

    Attributes
    ----------
    name, unit, description : str
        The name ends in the unit.
    per_area : bool
        Whether every area has it.
    width : int
        Values per area (or in all, for a global field).
    low, high : float
        Bounds of the *scaled* values.
    is_list : bool
        Whether the values keep an axis of their own in :meth:`ObservationLayout.get` when there is only one.
    """

    name: str
    unit: str
    description: str
    per_area: bool = True
    width: int = 1
    low: float = -s.OBSERVATION_LIMIT
    high: float = s.OBSERVATION_LIMIT
    is_list: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Section:
    """
    Fields that stand together in the vector: area by area, one field after the other.

    Attributes
    ----------
    fields : tuple of Field
    scale : ndarray, shape (area, width of all fields)
        Unit of each value; the vector holds value / scale, cut to the field's bounds.
    """

    fields: tuple[Field, ...]
    scale: NDArray[np.float64]


GLOBAL_FIELDS: Final = (
    Field("time_of_day_sin", "1", "sine of the clock, one turn a day", False, low=-1, high=1),
    Field("time_of_day_cos", "1", "cosine of the clock", False, low=-1, high=1),
    Field("day_of_week_sin", "1", "sine of the weekday, one turn a week", False, low=-1, high=1),
    Field("day_of_week_cos", "1", "cosine of the weekday", False, low=-1, high=1),
    Field("year_sin", "1", "sine of the season, one turn a year", False, low=-1, high=1),
    Field("year_cos", "1", "cosine of the season", False, low=-1, high=1),
    Field("hours_to_go", "h", "until the episode ends, scale 168 h", False, low=0),
)

AREA_FIELDS: Final = (
    Field("spot_price_jpy_per_mwh", "JPY/MWh", "day-ahead price of this half hour"),
    Field("previous_delta_jpy_per_mwh", "JPY/MWh", "settlement minus spot of the last half hour"),
    Field("surplus_mw", "MW", "energy that would be curtailed now", low=0),
    Field("supply_slope_jpy_per_mwh_per_mw", "JPY/MWh per MW", "price rise per MW in this price zone", low=0),
    Field("carbon_marginal_kg_per_mwh", "kg/MWh", "CO2 of the next MWh", low=0),
    Field("carbon_average_kg_per_mwh", "kg/MWh", "CO2 of the area's mix", low=0),
    Field("temperature_c", "degC", "outdoor air"),
    Field("reserve_price_factor", "1", "price of reserve in this half hour over the area's mean", low=0),
    Field("capacity_call", "1", "1 while the capacity contract is called", low=0, high=1),
    Field("capacity_notice_h", "h", "until an announced call begins, 0 when none is", low=0),
    Field("price_forecast_mean_jpy_per_mwh", "JPY/MWh", "mean price, blocks 0-3, 3-6, 6-12, 12-24, 24-48 h", width=5),
    Field("price_forecast_spread_jpy_per_mwh", "JPY/MWh", "highest minus lowest price of the blocks", width=5, low=0),
    Field(
        "price_forecast_band_jpy_per_mwh", "JPY/MWh", "90 % less 10 % quantile, blocks 12-24, 24-48 h", width=2, low=0
    ),
    Field("surplus_forecast_mean_mw", "MW", "mean surplus of the blocks", width=5, low=0),
    Field("surplus_forecast_band_mw", "MW", "90 % less 10 % quantile of the blocks", width=5, low=0),
    Field("price_rank_12h", "1", "rank of this price in the next 12 h, 0 cheapest", low=0, high=1),
    Field("price_rank_24h", "1", "rank of this price in the next 24 h", low=0, high=1),
    Field("steps_to_cheaper", "half hours", "until the cheapest quartile, at most 48", low=0, high=1),
    Field("steps_to_dearer", "half hours", "until the dearest quartile, at most 48", low=0, high=1),
    Field("capacity_mw", "MW", "dynamic IT capacity after the thermal throttle", low=0),
    Field("realtime_mw", "MW", "realtime demand of this area's users now", low=0),
    Field("interactive_mw", "MW", "interactive demand now", low=0),
    Field("batch_backlog_mwh", "MWh", "batch work waiting", low=0),
    Field("batch_due_mwh", "MWh", "of it due within 2, 6, 12 h", width=3, low=0),
    Field("training_backlog_mwh", "MWh", "training work waiting", low=0),
    Field("training_due_mwh", "MWh", "of it due within 6, 24, 48 h", width=3, low=0),
    Field("fleet_plugged_share", "1", "share of the cars on a stand", low=0, high=1),
    Field("fleet_energy_mwh", "MWh", "energy in all cars", low=0),
    Field("fleet_need_mwh", "MWh", "missing for the promised departures", low=0),
    Field("fleet_power_min_mw", "MW", "lowest feasible fleet power, discharge negative"),
    Field("fleet_power_max_mw", "MW", "highest feasible fleet power", low=0),
    Field("fleet_laxity_h", "h", "mean time that charging can wait"),
    Field("storage_energy_mwh", "MWh", "energy in the stationary battery", low=0),
    Field("storage_power_min_mw", "MW", "lowest feasible battery power, discharge negative"),
    Field("storage_power_max_mw", "MW", "highest feasible battery power", low=0),
    Field("soh_loss_percent", "%", "mean capacity loss of the cars since new", low=0),
    Field("batch_exportable_mwh", "MWh", "batch work that may run away from home", low=0),
    Field("training_exportable_mwh", "MWh", "training work that may run away from home", low=0),
    Field("snow_t", "t", "snow left in the store", low=0),
    Field("heat_demand_mw", "MW", "what heat customers take now", low=0),
    Field("certificates_mwh", "MWh", "contracted certificates of this half hour", low=0),
    Field("matched_share", "1", "of the data centre's load since the episode began", low=0, high=1),
    Field("reserve_depth_mw", "MW", "reserve that the market takes in each direction", low=0),
    Field("feeder_hot_spot_c", "degC", "of the transformers, at the end of the last half hour"),
    Field("feeder_trip_steps", "half hours", "until tripped feeders close again", low=0),
    Field("site_up_share", "1", "share of the data centre that works, as reported", low=0, high=1),
    Field("fleet_up_share", "1", "share of the stands that obey, as reported", low=0, high=1),
    Field("alarm", "1", "1 while a detector reports something wrong", low=0, high=1),
    Field("local_surplus_mw", "MW", "surplus behind a limit, for the aggregator alone", low=0),
    Field("connection_mw", "MW", "connection of site, stands and battery; at its bound when there is no limit", low=0),
)


def observation_scale(site: NDArray[np.float64], capacity_kwh: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Unit of every observed value per area, shape (area, N_OBSERVED): prices by 10 JPY/kWh, power by what the area owns.

    An area without cars, battery or data centre gets 1, its values are zero anyway.
    """
    dynamic = site[:, s.SITE_DYNAMIC_MW]
    fleet_mw = site[:, s.SITE_CARS] * 5.9e-3
    fleet_mwh = site[:, s.SITE_WEIGHT] * capacity_kwh.sum(axis=1) * 1e-3
    power, energy = site[:, s.SITE_STORAGE_MW], site[:, s.SITE_STORAGE_MWH]
    one = np.ones(len(site))
    columns = [1e4 * one, 1e4 * one, 1e3 * one, 2.0 * one, 500.0 * one, 500.0 * one, 20.0 * one]
    columns += [one, one, 3.0 * one]
    columns += [scale * one for scale in FORECAST_SCALE]
    columns += [dynamic] * 3 + [4.0 * dynamic] * 8
    columns += [one, fleet_mwh, fleet_mwh, fleet_mw, fleet_mw, 12.0 * one]
    columns += [energy, power, power, 20.0 * one]
    columns += [4.0 * dynamic, 4.0 * dynamic, site[:, s.SITE_SNOW_T], 0.2 * dynamic, dynamic, one]
    columns += [fleet_mw, 100.0 * one, 4.0 * one, one, one, one, dynamic, dynamic]
    scale = np.stack(columns, axis=1)
    return np.where(scale > 0.0, scale, 1.0)


@dataclass(frozen=True, eq=False, slots=True)
class _Place:
    """Where an area field stands: its section, and its values within the section's values of one area."""

    section: slice
    width: int
    part: slice
    scale: NDArray[np.float64]
    is_scalar: bool


class ObservationLayout:
    """
    Names and positions of the observation vector of a scenario.

    Parameters
    ----------
    areas : sequence of str
        Area names.
    scale : ndarray, shape (area, N_OBSERVED)
        From :func:`observation_scale`.
    appended : sequence of Section
        What follows the fields of all areas, see :mod:`wattbit.appended`.
    """

    def __init__(self, areas: Sequence[str], scale: NDArray[np.float64], appended: Sequence[Section] = ()) -> None:
        self.areas = tuple(areas)
        self.scale = scale
        self.sections = (Section(AREA_FIELDS, scale), *appended)
        self.fields = GLOBAL_FIELDS + tuple(field for section in self.sections for field in section.fields)
        self._global = {field.name: k for k, field in enumerate(GLOBAL_FIELDS)}
        self._place: dict[str, _Place] = {}
        self.size = s.N_GLOBAL
        for section in self.sections:
            whole, width = slice(self.size, self.size + section.scale.size), section.scale.shape[1]
            first = 0
            for field in section.fields:
                part = slice(first, first + field.width)
                is_scalar = field.width == 1 and not field.is_list
                self._place[field.name] = _Place(whole, width, part, section.scale[:, part], is_scalar)
                first = part.stop
            self.size = whole.stop

    def get(self, observation: NDArray[np.floating[Any]], name: str) -> NDArray[np.float64]:
        """
        Return one field in its physical unit.

        Parameters
        ----------
        observation : ndarray, shape (..., size)
            One observation or a batch of them.
        name : str
            A name of :attr:`fields`.

        Returns
        -------
        ndarray
            Shape (...) for a global field, (..., area) or (..., area, width) for an area field.

        Raises
        ------
        KeyError
            If there is no such field.
        """
        values = np.asarray(observation)
        if name in self._global:
            value: NDArray[np.float64] = np.asarray(values[..., self._global[name]], np.float64)
            return value * 168.0 if name == "hours_to_go" else value
        place = self._place[name]
        blocks = values[..., place.section].reshape(*values.shape[:-1], len(self.areas), place.width)
        part: NDArray[np.float64] = np.asarray(blocks[..., place.part], np.float64) * place.scale
        return part[..., 0] if place.is_scalar else part

    def positions(self, name: str, area: str | None = None) -> slice:
        """Return where a field (of one area) stands in the vector."""
        if name in self._global:
            return slice(self._global[name], self._global[name] + 1)
        if area is None:
            raise KeyError(f"{name} stands once per area: name one of {', '.join(self.areas)}")
        place = self._place[name]
        start = place.section.start + self.areas.index(area) * place.width
        return slice(start + place.part.start, start + place.part.stop)

    def space(self) -> spaces.Box:
        """Return the Box with fixed bounds, in scaled values."""
        fields = list(GLOBAL_FIELDS)
        for section in self.sections:
            fields += section.fields * len(self.areas)
        low = [f.low for f in fields for _ in range(f.width)]
        high = [f.high for f in fields for _ in range(f.width)]
        return spaces.Box(np.array(low, np.float32), np.array(high, np.float32), dtype=np.float32)
