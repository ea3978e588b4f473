"""Constants of the areas: what stands there, what it is connected to, what it has sold."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.physics.capacity_contract import availability_pay_jpy, missed_penalty_jpy
from wattbit.scenarios.geography import synchronous_zone
from wattbit.scenarios.prices import CAPACITY_JPY_PER_KW_YEAR, RESERVE_JPY_PER_KW
from wattbit.units import JPY_PER_MWH_PER_JPY_PER_KWH, YEAR_STEPS
from wattbit.world import state as s
from wattbit.world.cars import kind_edges, nominal_fleet_mw

COOLING: Final = {
    "air": (15.0, 25.0, 5.0, 0.05, 0.03),
    "air-old": (15.0, 25.0, 3.0, 0.06, 0.04),
    "liquid": (30.0, 38.0, 5.0, 0.04, 0.0),
}
"""Arguments of ``power_usage_effectiveness`` after the temperature, by kind of cooling (15 degC V, the rest U)."""

MEAN_PUE: Final = 1.2
"""Yearly mean behind the size of certificate contracts (D: 1.17-1.21 for the climates of Sapporo to Fukuoka)."""

UNLIMITED_MW: Final = 1e9


def _fill_markets(config: ScenarioConfig, site: NDArray[np.float64], table: NDArray[np.floating]) -> None:
    """Fill in what markets, heat customers and connections of each area are; `table` gives means of sun and wind."""
    sun_mw = np.asarray(table[:-1, :, s.SOLAR], np.float64).mean(axis=0)
    wind_mw = np.asarray(table[:-1, :, s.WIND], np.float64).mean(axis=0)
    peak_mw = np.asarray(table[:-1, :, s.SOLAR], np.float64).max(axis=0)
    contract = config.certificates
    for r, (row, area) in enumerate(zip(site, config.areas, strict=True)):
        row[[s.SITE_FREE_C, s.SITE_FULL_C, s.SITE_COP, s.SITE_LOSSES, s.SITE_FANS]] = COOLING[area.cooling]
        row[s.SITE_SNOW_T] = area.snow_t
        if config.heat.enabled:
            row[s.SITE_HEAT_MW_PER_K] = area.heat_mw_per_k
            row[s.SITE_HEAT_FLAT_MW] = area.heat_flat_mw
        if contract.enabled:
            work_mw = row[s.SITE_REALTIME_MW] + row[s.SITE_INTERACTIVE_MW]
            work_mw += 2.0 * (row[s.SITE_BATCH_MWH] + row[s.SITE_TRAINING_MWH])
            mean_mw = MEAN_PUE * (row[s.SITE_IDLE_MW] + work_mw) * contract.contract_share
            sun_share = contract.solar_share if sun_mw[r] > 0.0 else 0.0
            row[s.SITE_SOLAR_SHARE] = mean_mw * sun_share / max(sun_mw[r], 1e-9)
            row[s.SITE_WIND_SHARE] = mean_mw * (1.0 - sun_share) / wind_mw[r] if wind_mw[r] > 0.0 else 0.0
        if config.reserve.enabled:
            price = RESERVE_JPY_PER_KW[area.name] if area.reserve_jpy_per_kw is None else area.reserve_jpy_per_kw
            row[s.SITE_RESERVE_PRICE] = price * 1000.0
            row[s.SITE_RESERVE_DEPTH] = config.reserve.depth_share
        if config.capacity.enabled:
            given = area.capacity_jpy_per_kw_year
            price = CAPACITY_JPY_PER_KW_YEAR[area.name] if given is None else given
            row[s.SITE_CONTRACT_MW] = area.capacity_contract_mw
            row[s.SITE_CONTRACT_PAY] = availability_pay_jpy(area.capacity_contract_mw, price, config.capacity.derating)
            row[s.SITE_CONTRACT_PENALTY] = missed_penalty_jpy(1.0, price, config.capacity.derating)
        row[s.SITE_CONNECTION_MW] = UNLIMITED_MW if area.connection_mw is None else area.connection_mw
        row[s.SITE_LOCAL_SHARE] = area.local_solar_mw / max(peak_mw[r], 1e-9)
        row[s.SITE_LOCAL_LIMIT_MW] = area.local_limit_mw
        row[s.SITE_FEEDER_KVA] = area.feeder_kva_per_car
        row[s.SITE_SYNC_ZONE], row[s.SITE_SYNC_SCALE] = synchronous_zone(tuple(a.name for a in config.areas), area.name)
        row[s.SITE_SECURITY] = config.mitigation.cost_jpy_per_year(area.cars) / YEAR_STEPS if area.cars > 0.0 else 0.0


def site_table(config: ScenarioConfig, table: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the constants of every area, shape (area, N_SITE); `table` gives the means of sun and wind."""
    site = np.zeros((len(config.areas), s.N_SITE))
    total_dynamic = sum(a.datacentre_mw for a in config.areas) * (1.0 - config.datacentre.idle_share)
    total_users = sum(a.user_share for a in config.areas)
    work, fleet = config.work, config.fleet
    for row, area in zip(site, config.areas, strict=True):
        dynamic = area.datacentre_mw * (1.0 - config.datacentre.idle_share)
        demand = config.datacentre.mean_utilisation * total_dynamic * area.user_share / total_users
        row[s.SITE_IDLE_MW] = area.datacentre_mw - dynamic
        row[s.SITE_DYNAMIC_MW] = dynamic
        row[s.SITE_TAIL] = config.datacentre.tail_share / dynamic if dynamic > 0.0 else 0.0
        row[s.SITE_REALTIME_MW] = work.realtime_share * demand
        row[s.SITE_INTERACTIVE_MW] = work.interactive_share * demand
        row[s.SITE_BATCH_MWH] = 0.5 * work.batch_share * demand
        row[s.SITE_TRAINING_MWH] = 0.5 * work.training_share * demand
        row[s.SITE_CARS] = area.cars
        row[s.SITE_WEIGHT] = area.cars / fleet.vehicles
        row[s.SITE_STORAGE_MW] = area.storage_mw
        row[s.SITE_STORAGE_MWH] = area.storage_mwh
        row[s.SITE_WHEELING] = area.wheeling_jpy_per_kwh * JPY_PER_MWH_PER_JPY_PER_KWH
        row[s.SITE_FLEET_MW] = nominal_fleet_mw(config, area)
        row[s.SITE_KIND_FROM : s.SITE_KIND_END + 1] = kind_edges(area, fleet.vehicles)
    _fill_markets(config, site, table)
    return site
