"""What a plan takes as given: every series, arrival and trip of a horizon, and the stocks it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s

Array = NDArray[np.float64]

DUE: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType({"batch": (7, 15, 31, 47), "training": (47, 95, 143)})
"""Half hours from arrival to the last one in which work may run, in equal parts: ``world.demand.arrive_work``."""


TAPER_PER_H: Final = 0.8
"""Fall of a car's highest charging power at the cells per kWh in it: ``physics.vehicle.charge_limit_kw``."""


@dataclass(frozen=True)
class Shortfalls:
    """
    Energies that cars may need when they leave, beyond those of :class:`Cars`; arrays (step, level, area, car).

    Attributes
    ----------
    need_kwh : ndarray
        Energy at the end of the half hour's charging.
    chance : ndarray
        That it is needed; what is missing then is bought on the road.
    """

    need_kwh: Array
    chance: Array


@dataclass(frozen=True)
class Cars:
    """
    Stays, trips and limits of the representative cars; kW and kWh of one car, arrays (step, area, car).

    Attributes
    ----------
    capacity_kwh : ndarray, shape (area, car)
        Nominal capacity.
    health : ndarray, shape (area, car)
        Share of it that is left before the first half hour.
    least_health : ndarray, shape (area, car)
        Share that is left at least at the end; floors and promises of a bound are those of this health.
    start_kwh : ndarray, shape (area, car)
        Energy before the first half hour.
    ceiling_kwh, floor_kwh : ndarray, shape (area, car)
        Highest energy from a stand; energy down to which a car may be discharged.
    share : ndarray
        Share of the half hour on a stand with electricity.
    before_kwh, after_kwh : ndarray
        Energy driven before the half hour's charging (legs home) and after it (legs out).
    need_kwh : ndarray
        Least energy at a departure, bought on the road if need be; 0 where no car leaves.
    low_kwh : ndarray
        Least energy at the end of the half hour that any command can lead to.
    hold_kwh : ndarray
        Energy below which the car may not be discharged in this half hour: floor, or what a departure needs.
    drawn_kwh : ndarray, shape (area, car), optional
        What has been discharged on the day of the first half hour before it; nothing by default.
    short : Shortfalls, optional
        What they may need beside; only a template with recourse looks at it.
    """

    capacity_kwh: Array
    health: Array
    least_health: Array
    start_kwh: Array
    ceiling_kwh: Array
    floor_kwh: Array
    share: Array
    before_kwh: Array
    after_kwh: Array
    need_kwh: Array
    low_kwh: Array
    hold_kwh: Array
    drawn_kwh: Array | None = None
    short: Shortfalls | None = None


@dataclass(frozen=True)
class End:
    """
    Worth of the stocks at the end of a horizon: cost = constant - values times stocks.

    Attributes
    ----------
    storage_jpy_per_mwh, car_jpy_per_mwh, snow_jpy_per_t : ndarray, shape (area,)
        Worth of energy in batteries and in cars, and of snow.
    batch_jpy_per_mwh, training_jpy_per_mwh : ndarray, shape (area,)
        Cost of work left.
    constant_jpy : float
        Cost at empty stocks.
    green : bool
        Whether the week ends here, so that certificates are settled; else every half hour at their worth so far.
    match_load_mwh, matched_mwh : float
        Load and matched load of the week before the horizon.
    """

    storage_jpy_per_mwh: Array
    batch_jpy_per_mwh: Array
    training_jpy_per_mwh: Array
    car_jpy_per_mwh: Array
    snow_jpy_per_t: Array
    constant_jpy: float = 0.0
    green: bool = True
    match_load_mwh: float = 0.0
    matched_mwh: float = 0.0


@dataclass(frozen=True)
class Path:
    """
    Everything that does not depend on what is done, for T half hours; arrays (step, area) unless said otherwise.

    Attributes
    ----------
    first_step : int
        Half hours of the first one since a midnight: of Monday where a planner made the path, else of its day.
    price_jpy_per_mwh : ndarray
        Settled price before own load: spot and imbalance, not below the floor.
    slope : ndarray
        Rise of that price per MW of the zone. [JPY/MWh per MW]
    zone : ndarray of int
        First area of the price zone.
    surplus_mw, local_mw : ndarray
        Energy that would be curtailed, in the grid and behind the area's limit.
    carbon_kg_per_mwh : ndarray
        Of the next MWh.
    pue, capacity_mw, site_up, power_up : ndarray
        Overhead; dynamic capacity after throttle and outage; shares of site and area that have electricity.
    compressor_share, compressor_cop : ndarray
        Share of the heat that compressors reject, and their efficiency: what a snow store can save.
    heat_demand_mw, certificates_mwh, reserve_price_jpy_per_mw, depth_mw, call, baseline_mw : ndarray
        What the markets take and give.
    up_share, down_share : ndarray
        Share of an offer that is called.
    realtime_mw, interactive_mw, batch_mwh, training_mwh : ndarray
        Demand, and work that joins the queues before the half hour; none in the first, whose is in the start.
    batch_room_mwh, training_room_mwh : ndarray
        Most that can still wait after the half hour, because the rest was due.
    link_tb : ndarray, shape (step, area, area)
        Room of the links.
    swing : ndarray
        Share of the stands that intruders make oscillate, which loses energy.
    temperature_c : ndarray
        Outdoor air.
    batch_start_mwh, training_start_mwh, exportable_batch_mwh, exportable_training_mwh, storage_start_mwh : ndarray
        Stocks before the first half hour, shape (area,).
    storage_range_mwh : ndarray, shape (2, area)
        Lowest and highest energy of the batteries.
    snow_start_t : ndarray, shape (area,)
        Snow before the first half hour.
    cars : Cars
    end : End
        Prices of what is left.
    due : mapping of str to tuple of int
        Half hours from arrival to the last one in which work may run, in equal parts, by class of queued work.
    """

    first_step: int
    price_jpy_per_mwh: Array
    slope: Array
    zone: NDArray[np.int64]
    surplus_mw: Array
    local_mw: Array
    carbon_kg_per_mwh: Array
    pue: Array
    capacity_mw: Array
    site_up: Array
    power_up: Array
    compressor_share: Array
    compressor_cop: Array
    heat_demand_mw: Array
    certificates_mwh: Array
    reserve_price_jpy_per_mw: Array
    depth_mw: Array
    call: Array
    baseline_mw: Array
    up_share: Array
    down_share: Array
    realtime_mw: Array
    interactive_mw: Array
    batch_mwh: Array
    training_mwh: Array
    batch_room_mwh: Array
    training_room_mwh: Array
    link_tb: Array
    swing: Array
    temperature_c: Array
    batch_start_mwh: Array
    training_start_mwh: Array
    exportable_batch_mwh: Array
    exportable_training_mwh: Array
    storage_start_mwh: Array
    storage_range_mwh: Array
    snow_start_t: Array
    cars: Cars
    end: End
    due: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: DUE)

    @property
    def steps(self) -> int:
        """Half hours of the horizon."""
        return len(self.price_jpy_per_mwh)

    @property
    def at_midnight(self) -> bool:
        """Whether the first half hour begins a day."""
        return self.first_step % STEPS_PER_DAY == 0

    @property
    def day(self) -> NDArray[np.int64]:
        """Day of every half hour, by the calendar; the first one is 0."""
        return np.asarray((self.first_step % STEPS_PER_DAY + np.arange(self.steps)) // STEPS_PER_DAY)

    @property
    def areas(self) -> int:
        """Number of areas."""
        return int(self.price_jpy_per_mwh.shape[1])


@dataclass(frozen=True)
class Plant:
    """
    What stands in the world: the constant tables of a batch, as the kernel reads them.

    Attributes
    ----------
    site, pair, constant : ndarray
        As in :class:`wattbit.world.state.World`, float64.
    capacity_kwh, promise : ndarray, shape (area, car)
        Nominal capacity and state of charge promised at departure.
    cell : str
        Cell of the cars.
    names : tuple of str
        Areas.
    """

    site: Array
    pair: Array
    constant: Array
    capacity_kwh: Array
    promise: Array
    cell: str
    names: tuple[str, ...]

    def value(self, position: int) -> float:
        """Return one scalar of the scenario."""
        return float(self.constant[position])

    @property
    def weight(self) -> Array:
        """MW of the cars of a representative per kW of one, shape (area,)."""
        return np.asarray(1e-3 * self.site[:, s.SITE_WEIGHT])


def work_price(plant: Plant, price_jpy_per_mwh: Array, pue: Array) -> Array:
    """Price of unfinished work at the end of an episode before its margin, shape (area,), JPY/MWh."""
    own = price_jpy_per_mwh * pue
    return np.broadcast_to(own.max(), own.shape) if plant.value(s.WORK_MOVES) > 0.5 else own


def held_kwh(plant: Plant, hours: Array, usable_kwh: Array, floor_kwh: Array) -> Array:
    """
    Energy below which a car may not be discharged in a half hour, kWh.

    Its V2G floor, or the least energy at the end of the half hour from which the promise can still be met.
    """
    most = plant.value(s.CAR_KW) * plant.value(s.CAR_EFFICIENCY)
    due = plant.promise * usable_kwh - most * np.maximum(0.0, hours - 0.5)
    return np.asarray(np.maximum(floor_kwh, due))


def lowest_kwh(
    plant: Plant,
    start_kwh: Array,
    share: Array,
    hold_kwh: Array,
    forced_above_kwh: Array,
    before_kwh: Array,
    after_kwh: Array,
    need_kwh: Array,
) -> Array:
    """
    Return the least energy at the end of every half hour that any command can lead to, shape (step, area, car).

    The lowest power of a half hour never leaves a car with more energy when it began with less, so following the lowest
    power from the start gives a bound for every command.

    Parameters
    ----------
    plant : Plant
    start_kwh, share, hold_kwh, before_kwh, after_kwh, need_kwh : ndarray
        As in :class:`Cars`.
    forced_above_kwh : ndarray, shape (area, car) or (step, area, car)
        Where `hold_kwh` is above this, a car below it is sure to be charged; elsewhere it may stay as it is.
    """
    eta = plant.value(s.CAR_EFFICIENCY)
    through = 0.5 * plant.value(s.CAR_KW) * share
    above = np.broadcast_to(forced_above_kwh, share.shape)
    energy = np.array(start_kwh)
    low = np.empty_like(share)
    for t in range(len(share)):
        energy = energy - before_kwh[t]
        must = np.minimum(energy + through[t] * eta, hold_kwh[t])
        less = np.maximum(energy - through[t] / eta, hold_kwh[t])
        # Only a departure makes a car charge; below the floor alone it may stay.
        forced = np.where(hold_kwh[t] > above[t], np.maximum(energy, must), energy)
        energy = np.where(energy > hold_kwh[t], less, forced)
        energy = np.maximum(energy, need_kwh[t]) - after_kwh[t]
        low[t] = energy
    return low
