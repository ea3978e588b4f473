"""From a scenario and a series to the constant arrays of a batch of worlds."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from wattbit.config import ForecastConfig, GridConfig, ScenarioConfig
from wattbit.errors import ScenarioError
from wattbit.physics.cells import CELLS, DEFAULT_PACK_CELL
from wattbit.physics.heat import heat_pump_cop
from wattbit.physics.network import round_trip_ms, waiting_factor
from wattbit.scenarios.geography import distances_km
from wattbit.series import cache, calls, reserve, source
from wattbit.series.forecast import Issuer
from wattbit.series.set import FEATURE_NAMES, SeriesSet
from wattbit.series.zones import zone_numbers
from wattbit.units import DAYS_PER_YEAR, HALF_HOUR_TB_PER_GBPS, JPY_PER_MWH_PER_JPY_PER_KWH, STEPS_PER_DAY, WEEK_STEPS
from wattbit.world import state as s
from wattbit.world.cars import capacities_kwh, kind_table, promised_soc
from wattbit.world.drivers import recorded_sessions, weekly_profile
from wattbit.world.sites import site_table

Mode = Literal["evaluation", "training"]


@dataclass(frozen=True)
class Constants:
    """Arrays that do not change while worlds run; shapes as in :class:`~wattbit.world.state.World`."""

    exog: NDArray[np.floating]
    forecast: NDArray[np.float32]
    site: NDArray[np.float64]
    pair: NDArray[np.float64]
    constant: NDArray[np.float64]
    incident: NDArray[np.float64]
    kind: NDArray[np.float64]
    session: NDArray[np.float64]
    profile: NDArray[np.float64]
    starts: NDArray[np.int64]
    capacity_kwh: NDArray[np.float64]
    promise: NDArray[np.float64]
    series_name: str
    series_hash: str


def trailing_day_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of the last 48 half hours up to and including each, shape (time, area); shorter at the start."""
    total = np.cumsum(values, axis=0)
    total[STEPS_PER_DAY:] -= total[:-STEPS_PER_DAY].copy()
    count = np.minimum(np.arange(1, len(values) + 1), STEPS_PER_DAY)
    return total / count[:, None]


def following_day_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of the 48 half hours from each on, shape (time, area); at the end of the last 48."""
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    day = min(STEPS_PER_DAY, len(values))
    first = np.minimum(np.arange(len(values)), len(values) - day)
    mean: NDArray[np.float64] = (total[first + day] - total[first]) / day
    return mean


def exogenous_table(series: SeriesSet) -> NDArray[np.float32]:
    """
    Bring a series into the table the kernel reads, shape (time + 1, area, N_EXOG).

    The last row stands twice, so that an episode may end with the series and still be observed.
    """
    n, areas = series.values.shape[:2]
    table = np.empty((n + 1, areas, s.N_EXOG), np.float32)
    spot = series.get("spot_price_jpy_per_mwh")
    table[:n, :, : len(FEATURE_NAMES)] = series.values
    table[:n, :, s.ZONE] = zone_numbers(spot)
    table[:n, :, s.STOCK_PRICE] = following_day_mean(np.asarray(spot, np.float64))
    first = series.start
    day_of_year = first.day_of_year - 1 + first.hour / 24.0 + np.arange(n) / STEPS_PER_DAY
    angle = 2.0 * np.pi * day_of_year / DAYS_PER_YEAR
    table[:n, :, s.YEAR_SIN] = np.sin(angle)[:, None]
    table[:n, :, s.YEAR_COS] = np.cos(angle)[:, None]
    table[:n, :, s.RESERVE_PRICE] = reserve.reserve_price_factor(series)
    table[:n, :, s.CALL], table[:n, :, s.NOTICE_H] = calls.call_table(series)
    table[n] = table[n - 1]
    return table


@lru_cache(maxsize=4)
def _stored_table(
    name: str, areas: tuple[str, ...], split: str, data_root: Path | None, grid: GridConfig
) -> tuple[NDArray[np.float32], str, int]:
    """Exogenous table by way of the disk cache, the hash of its series, and the weekday of its first row."""
    series, _ = source.load(name, areas, split, data_root, grid)
    if series.start.hour or series.start.minute:
        raise ScenarioError(f"series {series.name} starts at {series.start}, must start at 00:00")
    digest = series.content_hash()
    key = cache.source_key((sys.modules[__name__], s, calls, reserve), digest, areas, len(series))
    entry, _ = cache.stored("exogenous", key, lambda: ({"table": exogenous_table(series)}, {}))
    table = np.asarray(entry["table"])
    table.flags.writeable = False
    return table, digest, int(series.start.day_of_week)


def issuer_of(config: ScenarioConfig, split: str, data_root: Path | None) -> Issuer:
    """Return the issuer of a scenario's forecasts."""
    areas = tuple(a.name for a in config.areas)
    how = config.forecast
    return source.issuer(config.series, areas, split, data_root, how.tier, how.noise_scale, config.grid)


def forecast_seed(mode: Mode, bank: int) -> int:
    """Return the forecast seed of a place in the bank: training never sees the forecasts of evaluation."""
    return source.EVALUATION_SEED + (1 + bank if mode == "training" else 0)


@lru_cache(maxsize=4)
def _forecast_bank(
    name: str,
    areas: tuple[str, ...],
    split: str,
    data_root: Path | None,
    mode: Mode,
    forecast: ForecastConfig,
    grid: GridConfig,
) -> NDArray[np.float32]:
    """Forecast columns, (seed, time + 1, area, column): one seed in evaluation and where seeds make no difference."""
    issuer = source.issuer(name, areas, split, data_root, forecast.tier, forecast.noise_scale, grid)
    count = forecast.seeds if mode == "training" and forecast.tier == "mmfe" else 1
    return source.forecast_bank(issuer, [forecast_seed(mode, k) for k in range(count)], float(s.OBSERVATION_LIMIT))


def episode_starts(
    config: ScenarioConfig, mode: Mode, split: str, data_root: Path | None, first_weekday: int
) -> NDArray[np.int64]:
    """
    Rows at which episodes may begin.

    Evaluation: every Monday 00:00 whose episode lies inside the split. Training: every midnight from which warm-up and
    episode lie inside it. Only in the scenario's months.
    """
    areas = tuple(a.name for a in config.areas)
    series, segments = source.load(config.series, areas, split, data_root, config.grid)
    need = config.episode.steps + (config.episode.warm_up_steps if mode == "training" else 0)
    stride = STEPS_PER_DAY if mode == "training" else WEEK_STEPS
    phase = 0 if mode == "training" else (-first_weekday % 7) * STEPS_PER_DAY
    rows: list[int] = []
    for segment in segments:
        first = segment.start_step + (phase - segment.start_step) % stride
        rows.extend(range(first, segment.stop_step - need + 1, stride))
    if not rows:
        raise ScenarioError(
            f"scenario {config.name}: episode.steps is {config.episode.steps}: no stretch of the {split} split of "
            f"{config.series} is {need} half hours long"
        )
    starts = np.array(rows, np.int64)
    if months := config.episode.months:
        starts = starts[[series.time_of(row).month in months for row in rows]]
        if not len(starts):
            raise ScenarioError(f"scenario {config.name}: episode.months is {months}: none is in the {split} split")
    return starts


REALTIME_SWING: Final = 0.07
"""
Half the distance between realtime demand at 15 h and at 3 h, over its mean (assumption).

For readers of the world: ``world.demand.arrive_work`` has the number in its own text, which is part of a world's hash.
"""

BUSIEST_HOUR: Final = 15.0
"""Middle of the day's swing of demand, hours after midnight (assumption); in ``world.demand.arrive_work`` likewise."""

SHARE_KW_PER_H_KWH: Final = 0.0125
"""Rise of a car's part of a set-point per hour of laxity and kWh of battery (assumption): 20 kWh, 5.9 kW in a day."""

INTERACTIVE_SWING: Final = 0.15
"""Half the distance between interactive demand at 15 h and at 3 h, over its mean (assumption)."""


def _paths(config: ScenarioConfig) -> NDArray[np.float64]:
    network = config.network
    areas = tuple(a.name for a in config.areas)
    distance = distances_km(areas)
    apn = network.path == "apn"
    fixed = network.apn_fixed_ms if apn else network.ip_fixed_ms
    pair = np.zeros((s.N_PAIR, len(areas), len(areas)))
    for o in range(len(areas)):
        for d in range(len(areas)):
            pair[s.PAIR_RTT_MS, o, d] = round_trip_ms(distance[o, d], network.route_factor, fixed)
    gbps = network.apn_gbps if apn else network.ip_gbps
    pair[s.PAIR_LINK_TB] = gbps * HALF_HOUR_TB_PER_GBPS
    pair[s.PAIR_NEAREST] = np.argsort(pair[s.PAIR_RTT_MS], axis=1, kind="stable")
    return pair


def _tangents(config: ScenarioConfig) -> NDArray[np.float64]:
    """Tangents of the waiting factor at six utilisations: a convex, piecewise linear cost that an LP can share."""
    tangent = np.zeros((2, s.N_TANGENTS))
    servers = config.datacentre.servers_per_queue
    for k, u in enumerate((0.5, 0.7, 0.8, 0.88, 0.94, 0.97)):
        slope = (waiting_factor(u + 1e-5, servers) - waiting_factor(u - 1e-5, servers)) / 2e-5
        tangent[:, k] = waiting_factor(u, servers) - slope * u, slope
    return tangent


def _scalars(config: ScenarioConfig, mode: Mode, first_weekday: int) -> NDArray[np.float64]:
    kwh = JPY_PER_MWH_PER_JPY_PER_KWH
    market, work, network, fleet, storage = config.market, config.work, config.network, config.fleet, config.storage
    heat, green, guard = config.heat, config.certificates, config.mitigation
    pack = CELLS[storage.cell or DEFAULT_PACK_CELL]
    paying = {"losses": 1.0 - fleet.efficiency**2, "full": 1.0, "none": 0.0}
    values = {
        s.FLOOR: market.floor_jpy_per_kwh * kwh,
        s.CARBON_PRICE: market.carbon_jpy_per_kg,
        s.BUDGET_1_MS: network.realtime_budgets_ms[0],
        s.BUDGET_2_MS: network.realtime_budgets_ms[1],
        s.BUDGET_3_MS: network.realtime_budgets_ms[2],
        s.INTERACTIVE_BUDGET_MS: network.interactive_budget_ms,
        s.RTT_COST: network.rtt_jpy_per_mwh_ms,
        s.QUEUE_COST: config.datacentre.queue_jpy_per_mwh,
        s.REALTIME_TB: network.realtime_tb_per_mwh * network.traffic,
        s.INTERACTIVE_TB: network.interactive_tb_per_mwh * network.traffic,
        s.BATCH_TB: network.batch_tb_per_mwh * network.traffic,
        s.TRAINING_TB: network.training_tb_per_mwh * network.traffic,
        s.LOST_SHARE: network.training_lost_share,
        s.MOVE_COST: network.training_move_jpy_per_mwh,
        s.REALTIME_VALUE: work.realtime_jpy_per_mwh,
        s.INTERACTIVE_VALUE: work.interactive_jpy_per_mwh,
        s.BATCH_VALUE: work.batch_jpy_per_mwh,
        s.TRAINING_VALUE: work.training_jpy_per_mwh,
        s.BATCH_SPREAD: work.batch_sigma,
        s.TRAINING_SPREAD: work.training_sigma,
        s.DEMAND_SPREAD: work.demand_sigma,
        # A recorded profile holds the swing of its class over day and week.
        s.WEEKEND_DEMAND: 1.0 if work.profile.interactive else work.weekend_interactive,
        s.INTERACTIVE_SWING: 0.0 if work.profile.interactive else INTERACTIVE_SWING,
        s.CAR_KW: fleet.stand_kw,
        s.CAR_EFFICIENCY: fleet.efficiency,
        # A half hour at full power raises the laxity by half an hour: least lax first is a ramp of twice the power.
        s.SHARE_KW_PER_H: 2.0 * fleet.stand_kw if fleet.sharing == "urgency" else 0.0,
        s.SHARE_KW_PER_H_KWH: SHARE_KW_PER_H_KWH if fleet.sharing == "size" else 0.0,
        s.V2G_FLOOR: fleet.v2g_floor_soc,
        s.CEILING: fleet.ceiling_soc,
        s.ROAD_PRICE: fleet.road_price_jpy_per_kwh,
        s.EARLY_SHARE: fleet.early_share,
        s.PACK_VALUE: fleet.pack_jpy_per_kwh,
        s.WEAR_REFERENCE: fleet.wear_reference_loss or CELLS[fleet.cell].reference_loss,
        s.INITIAL_AGE_YEARS: fleet.initial_age_years,
        s.INITIAL_SOC_LOW: fleet.initial_soc[0],
        s.INITIAL_SOC_HIGH: fleet.initial_soc[1],
        s.STORAGE_EFFICIENCY: storage.efficiency,
        s.STORAGE_LOW: storage.soc_range[0],
        s.STORAGE_HIGH: storage.soc_range[1],
        s.STORAGE_WEAR: storage.wear_jpy_per_kwh * kwh if storage.cell is None else 0.0,
        s.PACK_WEARS: 0.0 if storage.cell is None else 1.0,
        s.PACK_REFERENCE: storage.wear_reference_loss or pack.pack_reference_loss,
        s.STORAGE_PACK_VALUE: storage.pack_jpy_per_kwh,
        s.PACK_ROOM_C: storage.room_c,
        s.PACK_START_HEALTH: pack.start_health,
        s.PACK_INITIAL_YEARS: storage.initial_age_years,
        s.WHEELING_LOSSES: paying[market.wheeling],
        s.LEVY: paying[market.levy] * market.levy_jpy_per_kwh * kwh,
        s.BACKLOG_FACTOR: config.episode.backlog_factor,
        s.WORK_MOVES: 1.0 if config.episode.stock_price == "next-day" else 0.0,
        s.REWARD_SCALE: config.reward_scale_jpy,
        s.FIRST_WEEKDAY: first_weekday,
        s.RESIDENT_SHARE: work.resident_share,
        s.SERVERS: config.datacentre.servers_per_queue,
        s.SERVICE_MS: config.datacentre.service_ms,
        s.SLO_MS: config.datacentre.slo_ms,
        s.SNOW_LOSS: config.snow.loss_per_day,
        s.SNOW_POWER: config.snow.power_share,
        s.HEAT_CAPTURE: config.heat.capture_share,
        s.HEAT_COP: heat_pump_cop(heat.sink_c, heat.source_c) if heat.sink_c > heat.source_c else 0.0,
        s.HEAT_PRICE: heat.price_jpy_per_kwh * kwh,
        s.GREEN_PREMIUM: green.premium_jpy_per_kwh * kwh if green.enabled else 0.0,
        s.GREEN_PENALTY: green.penalty_jpy_per_kwh * kwh if green.enabled else 0.0,
        s.GREEN_TARGET: green.target_share,
        s.RESERVE_BID_MW: config.reserve.bid_mw,
        s.RESERVE_PENALTY: config.reserve.penalty_factor,
        s.RESERVE_DOWN_SHARE: config.reserve.down_share,
        s.ACTIVATION_START: config.reserve.activation_start_jpy_per_kwh * kwh,
        s.ACTIVATION_FULL: config.reserve.activation_full_jpy_per_kwh * kwh,
        s.CONNECTION_PRICE: market.connection_jpy_per_kwh * kwh,
        s.LOCAL_PRICE: market.local_jpy_per_kwh * kwh,
        s.FEEDER_LIFE: config.feeder.transformer_jpy_per_kva / config.feeder.life_h if config.feeder.enabled else 0.0,
        s.FEEDER_TRIP_C: config.feeder.trip_c,
        s.HOME_LOAD: config.feeder.home_kw,
        s.OWNER_PAY: fleet.owner_pay_jpy_per_kwh * kwh,
        s.OWNER_CARBON: fleet.owner_carbon_jpy_per_kg,
        s.OWNER_CARBON_USUAL: fleet.owner_carbon_usual_kg_per_mwh,
        s.RAMP_KW_PER_MIN: guard.ramp_kw_per_min if guard.ramp_limit else 0.0,
        s.RAMP_WINDOW_MIN: guard.ramp_window_min,
        s.CHANGE_CAP: guard.change_cap_share if guard.change_cap else 0.0,
        s.OVERRIDE: 1.0 if guard.frequency_override else 0.0,
        s.QUORUM_SPARE: guard.quorum_of - guard.quorum_needed if guard.quorum else -1.0,
        s.QUORUM_TOLERANCE: guard.quorum_tolerance,
        s.SIGNED: 1.0 if guard.signed_commands else 0.0,
        s.FAIL_SAFE: 1.0 if guard.fail_safe else 0.0,
        s.BLAST_SHARE: guard.segment_share if guard.segmentation else 1.0,
        s.CONTINUING: 1.0 if mode == "training" else 0.0,
        s.WARM_UP: config.episode.warm_up_steps,
    }
    constant = np.zeros(s.N_CONSTANT)
    for position in range(s.N_CONSTANT):
        constant[position] = values[position]
    return constant


def incident_table(config: ScenarioConfig) -> NDArray[np.float64]:
    """Incidents of a scenario as numbers, shape (k, N_INCIDENT)."""
    names = [area.name for area in config.areas]
    table = np.zeros((len(config.incidents), s.N_INCIDENT))
    for row, incident in zip(table, config.incidents, strict=True):
        priced = incident.kind in ("interconnector-trip", "price-spoof")
        row[s.INCIDENT_KIND] = s.INCIDENTS.index(incident.kind)
        row[s.INCIDENT_AREA] = -1 if incident.area == "all" else names.index(incident.area)
        row[s.INCIDENT_OTHER] = -1 if incident.other is None else names.index(incident.other)
        row[s.INCIDENT_START_H] = -1.0 if incident.start_hour is None else incident.start_hour
        row[s.INCIDENT_HOURS] = incident.hours
        row[s.INCIDENT_SIZE] = incident.effective_size * (JPY_PER_MWH_PER_JPY_PER_KWH if priced else 1.0)
        row[s.INCIDENT_CHANCE] = incident.chance
        row[s.INCIDENT_SOURCES] = incident.false_measurements
    return table


def build_constants(config: ScenarioConfig, mode: Mode, split: str, data_root: Path | None) -> Constants:
    """Return every constant array of a scenario in one mode and split; `data_root` as in :func:`source.load`."""
    from wattbit.observation import observation_scale  # observation reads state; kept out of the import of the laws

    areas = tuple(a.name for a in config.areas)
    table, digest, first_weekday = _stored_table(config.series, areas, split, data_root, config.grid)
    if config.market.slope_scale != 1.0 or config.episode.stock_price == "last-day":
        table = table.copy()
        table[:, :, s.SLOPE] *= config.market.slope_scale
        if config.episode.stock_price == "last-day":
            table[:-1, :, s.STOCK_PRICE] = trailing_day_mean(table[:-1, :, s.SPOT].astype(np.float64))
            table[-1, :, s.STOCK_PRICE] = table[-2, :, s.STOCK_PRICE]
        table.flags.writeable = False
    site = site_table(config, table)
    capacity = capacities_kwh(config)
    return Constants(
        exog=table,
        forecast=_forecast_bank(config.series, areas, split, data_root, mode, config.forecast, config.grid),
        site=np.concatenate([site, observation_scale(site, capacity)], axis=1),
        pair=_paths(config),
        constant=np.concatenate([_scalars(config, mode, first_weekday), _tangents(config).ravel()]),
        incident=incident_table(config),
        kind=kind_table(config),
        session=recorded_sessions(config, data_root),
        profile=weekly_profile(config, data_root),
        starts=episode_starts(config, mode, split, data_root, first_weekday),
        capacity_kwh=capacity,
        promise=promised_soc(config),
        series_name=config.series,
        series_hash=digest,
    )


def world_hash(config: ScenarioConfig, kernel_digest: str) -> str:
    """Short hash of a scenario and the laws it runs under; results of different hashes are never mixed."""
    text = config.model_dump_json(exclude={"name", "description"}) + kernel_digest
    return hashlib.sha256(text.encode()).hexdigest()[:12]
