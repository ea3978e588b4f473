"""Representative cars of a scenario: kind, battery and promise of each, and what the cars of a kind do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattbit.config import AreaConfig, ScenarioConfig
from wattbit.config.kinds import KINDS, KindConfig
from wattbit.world import state as s


def kind_edges(area: AreaConfig, vehicles: int) -> NDArray[np.int64]:
    """First car of each kind and the number of cars, shape (4,): the mix by quantiles, kinds side by side."""
    quantile = (np.arange(vehicles) + 0.5) / vehicles
    edges = np.cumsum(area.fleet_mix.shares)[:-1]
    return np.concatenate([[0], np.searchsorted(quantile, edges), [vehicles]])


def _by_quantile(values: tuple[float, ...], share: tuple[float, ...], n: int) -> NDArray[np.float64]:
    """`n` values dealt out by quantiles of a mix."""
    edges = np.cumsum(share)
    quantile = (np.arange(n) + 0.5) / n if n else np.zeros(0)
    return np.asarray(values)[np.minimum(np.searchsorted(edges, quantile), len(edges) - 1)]


def capacities_kwh(config: ScenarioConfig) -> NDArray[np.float64]:
    """Battery size of each representative car, shape (area, V): each kind's mix by quantiles."""
    fleet = config.fleet
    table = np.empty((len(config.areas), fleet.vehicles))
    for row, area in zip(table, config.areas, strict=True):
        edges = kind_edges(area, fleet.vehicles)
        for k, kind in enumerate(fleet.kinds):
            sizes = (
                (kind.battery_kwh, kind.battery_share) if kind.battery_kwh else (fleet.battery_kwh, fleet.battery_share)
            )
            row[edges[k] : edges[k + 1]] = _by_quantile(*sizes, int(edges[k + 1] - edges[k]))
    return table


def kinds_of_cars(config: ScenarioConfig) -> NDArray[np.int64]:
    """Kind of each representative car as a position in ``config.kinds.KINDS``, shape (area, V)."""
    n = config.fleet.vehicles
    return np.stack([np.repeat(np.arange(len(KINDS)), np.diff(kind_edges(area, n))) for area in config.areas])


def promised_soc(config: ScenarioConfig) -> NDArray[np.float64]:
    """State of charge promised to each representative car at departure, shape (area, V)."""
    fleet = config.fleet
    given = [fleet.guarantee_soc if kind.guarantee_soc is None else kind.guarantee_soc for kind in fleet.kinds]
    return np.asarray(given)[kinds_of_cars(config)]


def kind_table(config: ScenarioConfig) -> NDArray[np.float64]:
    """What the cars of each kind do, shape (3, N_KIND)."""
    table = np.empty((len(KINDS), s.N_KIND))
    for k, (row, kind) in enumerate(zip(table, config.fleet.kinds, strict=True)):
        leave = (kind.leave_h, kind.leave_weekend_h, kind.leave_sigma_h, kind.leave_day_sigma_h)
        come = (kind.come_h, kind.come_weekend_h, kind.come_sigma_h, kind.come_day_sigma_h)
        by_day = k == s.KIND_WORKPLACE
        row[s.FIRST_H : s.SECOND_H] = come if by_day else leave
        row[s.SECOND_H : s.DRIVE_SHARE] = leave if by_day else come
        row[s.DRIVE_SHARE] = kind.drive_share
        row[s.DRIVE_WEEKEND_SHARE] = kind.drive_weekend_share
        row[s.TRIP_MEDIAN_KWH] = kind.trip_median_kwh
        row[s.TRIP_SIGMA] = kind.trip_sigma
        row[s.TRIP_WEEKEND] = kind.trip_weekend_factor
        row[s.PLUG_RATE] = kind.plug_rate
    return table


def _usual_kwh_per_day(kind: KindConfig) -> float:
    """Mean energy that a car of this kind drives in a day of the week, without the factor for weekends."""
    share = kind.drive_share + (kind.drive_weekend_share - kind.drive_share) * 2.0 / 7.0
    return float(kind.trip_median_kwh * np.exp(0.5 * kind.trip_sigma**2) * share)


def nominal_fleet_mw(config: ScenarioConfig, area: AreaConfig) -> float:
    """Mean charging power of an area's cars, from trips alone, for the reference cost [MW]."""
    shares = zip(area.fleet_mix.shares, config.fleet.kinds, strict=True)
    usual = sum(share * _usual_kwh_per_day(kind) for share, kind in shares)
    return area.cars * usual / config.fleet.efficiency / 24.0 / 1000.0
