"""
Packed state of a batch of worlds: a few arrays and the names of their fields.

Arrays are indexed ``[world, area, ...]``; a field is an integer position, so that the same text runs as Python, in the
numba builds and on a GPU. Units are in the comments.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from wattbit.world.fixed import *  # noqa: F403  (field positions)
from wattbit.world.results import *  # noqa: F403

# --- vehicle[world, area, field, car]: one representative car, laws in kW and kWh ------------------------------------
(
    CAPACITY_KWH,  # nominal battery capacity
    ENERGY_KWH,  # energy in the battery
    HEALTH,  # share of the nominal capacity left, refreshed at midnight
    AGE_CALENDAR,  # y of the calendar law at reset
    AGE_CYCLE,  # y of the cycle law at reset
    GROWN_CALENDAR,  # y gained since reset, closed days and this one
    GROWN_CYCLE,  # y gained since reset, closed days only
    WINDOW_SOC_SUM,  # the open day window of the wear law: sum of mid-step SoC
    WINDOW_SOC_LOW,
    WINDOW_SOC_HIGH,
    WINDOW_EFC,  # sum |d energy| / 2 / capacity
    WINDOW_RATE_SUM,  # sum of charging rates above 0.01 1/h
    WINDOW_RATE_COUNT,
    WINDOW_RATE_ALL,  # sum of every charging rate
    WINDOW_RATE_SQUARE,  # sum of their squares: the energy-weighted rate that money uses
    WINDOW_RATE_ABS,  # sum |rate|
    WINDOW_HIGH,  # high-water mark of y in the window, SoH
    WINDOW_HIGH_MONEY,  # the same with the energy-weighted rate
    LEAVE_H,  # planned departure from the stand today, hours since midnight, 99 = none
    LEFT_H,  # true departure (early unplugging), 99 = none
    RETURN_H,  # arrival at the stand today, 99 = none
    TRIP_KWH,  # energy from today's departure to the next arrival, both legs
    BACK_KWH,  # of the leg that is still to come: half of the trip since the last departure
    PLUG_BEFORE,  # 1 if plugged until it leaves today
    PLUG_AFTER,  # 1 if it plugs in when it comes back
    NEXT_LEAVE_H,  # planned departure tomorrow of a car that stays over midnight
    BY_DAY,  # 1 if its stay lies within the day: it comes, then leaves
    PROMISE,  # state of charge promised at departure
    PLUGGED_SHARE,  # share of this half hour on the stand
    POWER_LOW_KW,
    POWER_HIGH_KW,
    LAXITY_H,
    HELD_KW,  # last command that reached the stand
) = range(33)
N_VEHICLE: Final = 33

# --- car[lane, area, field, car]: scratch memory of a half hour -------------------------------------------------------
(
    CAR_POWER_KW,  # the dispatch
    CAR_LOW_KW,  # range in which a set-point is shared
    CAR_HIGH_KW,
    CAR_WEAR,  # rise of the money high-water mark times capacity
    CAR_LOSS,  # loss of SoH
) = range(5)
N_CAR: Final = 5

# --- area[world, area, field] ---------------------------------------------------------------------------------------
(
    CAPACITY_MW,  # dynamic IT capacity after the thermal throttle; from here to LOSS_PERCENT agents observe every field
    REALTIME_MW,  # arriving in this half hour
    INTERACTIVE_MW,
    BATCH_MWH,  # backlog, this half hour's arrivals included
    BATCH_DUE_2H,
    BATCH_DUE_6H,
    BATCH_DUE_12H,
    TRAINING_MWH,
    TRAINING_DUE_6H,
    TRAINING_DUE_24H,
    TRAINING_DUE_48H,
    FLEET_PLUGGED,  # share of the fleet on a stand
    FLEET_MWH,  # energy in all cars
    FLEET_NEED_MWH,  # still missing for the guaranteed departures of plugged cars
    FLEET_LOW_MW,  # feasible ends of this half hour
    FLEET_HIGH_MW,
    FLEET_LAXITY_H,  # mean over plugged cars
    STORAGE_MWH,
    STORAGE_LOW_MW,  # feasible ends of this half hour, discharge negative
    STORAGE_HIGH_MW,
    LOSS_PERCENT,  # mean capacity loss of the fleet since new, refreshed at midnight
    EXPORTABLE_BATCH_MWH,  # part of the backlog that may run away from home
    EXPORTABLE_TRAINING_MWH,
    SNOW_T,  # snow left in the store
    HEAT_DEMAND_MW,  # of the heat customers of this half hour
    CERTIFICATES_MWH,  # contracted certificates of this half hour
    MATCHED_SHARE,  # of the load since the episode began
    RESERVE_DEPTH_MW,  # what the market takes of each direction
    HOT_SPOT_C,  # of the feeders' transformers, at the end of the half hour before
    TRIP_STEPS,  # half hours until tripped feeders close again
    SITE_UP,  # reported share of the site that works
    FLEET_UP,  # reported share of the stands that obey
    ALARM,  # 1 while a detector reports something wrong
    LOCAL_SURPLUS_MW,  # behind a limit, for the aggregator alone
    CONNECTION_MW,  # that site, stands and battery share
    PUE,  # first of the fields that are not observed
    ARRIVED_BATCH_MWH,  # of this half hour, already in the queue
    ARRIVED_TRAINING_MWH,
    PREVIOUS_DELTA,  # JPY/MWh, of the half hour before
    START_STORAGE_MWH,  # stocks at the start of the scored episode
    START_FLEET_MWH,
    START_WORK_MWH,
    TEMPERATURE_SUM,  # K, over the open day window
    TEMPERATURE_COUNT,
    DEMAND_DAY,  # the day's common shock of demand, standard deviations
    TOP_OIL_K,  # rise of the transformers' oil over the air
    MATCH_LOAD_MWH,  # since the episode began: load that certificates should cover
    MATCHED_MWH,  # and what they covered
    POWER_UP,  # share of the area that has electricity; this and the rest is the true state of incidents
    LINK_LOST,  # share of the stands that no command reaches
    HIJACK_SHARE,  # share of the stands that obey somebody else
    HIJACK_MODE,  # what they do: a kind of incident
    TELEMETRY_BIAS,  # reported over true state of the fleet, less 1
    PRICE_BIAS,  # reported less true spot price, JPY/MWh
    PACK_HEALTH,  # share of the stationary battery's nominal energy left, refreshed at midnight
    PACK_AGE_CALENDAR,  # virtual ages and the open day window, as those of a car
    PACK_AGE_CYCLE,
    PACK_GROWN_CALENDAR,
    PACK_GROWN_CYCLE,
    PACK_STEPS,  # half hours of the window
    PACK_SOC_SUM,
    PACK_SOC_LOW,
    PACK_SOC_HIGH,
    PACK_EFC,
    PACK_RATE_SUM,
    PACK_RATE_COUNT,
    PACK_RATE_ALL,
    PACK_RATE_SQUARE,
    PACK_RATE_ABS,
    PACK_WINDOW_HIGH,
    PACK_WINDOW_MONEY,
    PRICE_RISE,  # of a trip in the grid, JPY/MWh
    LOST_LOAD_MW,  # own load that an outage cut off at the start of this half hour
    SITE_BEFORE_MW,  # power in the half hour before
    FLEET_BEFORE_MW,
    STORAGE_BEFORE_MW,
) = range(76)
N_AREA: Final = 76
N_AREA_OBSERVED: Final = PUE

# --- clock[world, field], int64 ---------------------------------------------------------------------------------------
(
    ROW,  # row of the exogenous table: the half hour to act on
    STEP,  # half hours since the scored episode began
    LENGTH,  # half hours of the episode
    SEED,
    EPISODE,  # episodes begun, -1 before the first
    DRAW,  # seed of this episode's draws
    BANK,  # which of the forecast seeds this episode sees
) = range(7)
N_CLOCK: Final = 7

# --- queue[world, area, slot], MWh: two rings, slot = due half hour modulo the ring's length --------------------------
BATCH_SLOTS: Final = 48
TRAINING_SLOTS: Final = 144
N_QUEUE: Final = BATCH_SLOTS + TRAINING_SLOTS

# --- exog[row, area, column] ------------------------------------------------------------------------------------------
(
    SPOT,  # the ten features of a SeriesSet, in its order
    DELTA,
    SLOPE,
    SURPLUS,
    CARBON_AVERAGE,
    CARBON_MARGINAL,
    TEMPERATURE,
    DEMAND,
    SOLAR,
    WIND,
    ZONE,  # first area with exactly this price
    STOCK_PRICE,  # mean spot price of the next 24 h: what a stored MWh is worth at the end
    YEAR_SIN,
    YEAR_COS,
    RESERVE_PRICE,  # of the block over the area's mean; 1 on average
    CALL,  # 1 while the capacity contract is called
    NOTICE_H,  # hours until an announced call begins, 0 = none announced
) = range(17)
N_EXOG: Final = 17

N_FORECAST: Final = 26  # forecast[seed, row, area, column]: columns of series.forecast, scaled as observed

# --- observation[world, position]: calendar and clock, then area by area -
N_GLOBAL: Final = 7
N_ROW_OBSERVED: Final = 10  # columns of the current row that are known before delivery
N_OBSERVED: Final = N_ROW_OBSERVED + N_FORECAST + N_AREA_OBSERVED
OBSERVATION_LIMIT: Final = 10  # scaled values are held within +- this

# --- flow[lane, class, from, to]: the dispatch between areas, MW; realtime has three latency budgets -
(FLOW_REALTIME, FLOW_INTERACTIVE, FLOW_BATCH, FLOW_TRAINING) = (0, 3, 4, 5)
N_FLOW: Final = 6
FLOW_LINK: Final = 6  # room left on the link in this half hour, TB

# --- scratch[lane, field, area] -
(S_WISH, S_FREE, S_LEFT, S_SKIP, S_WAITING, S_RESIDUAL, S_STORAGE_MW) = range(7)
(S_SURPLUS, S_DEFICIT) = (7, 11)  # of each hosted class: three realtime budgets, interactive
(S_EXPORT, S_RESERVE_UP_MW, S_RESERVE_DOWN_MW, S_ZONE_LOAD, S_ZONE_MATCH, S_SWING_MW) = range(15, 21)
N_SCRATCH: Final = 21

N_CONTROL: Final = 8
CONTROLS: Final = (
    "realtime_host",
    "interactive_host",
    "batch_run",
    "training_run",
    "fleet_power",
    "storage_power",
    "reserve_up",
    "reserve_down",
)
(A_REALTIME, A_INTERACTIVE, A_BATCH, A_TRAINING, A_FLEET, A_STORAGE, A_RESERVE_UP, A_RESERVE_DOWN) = range(8)


# --- what a driver is asked to do; see world.step.run_worlds -
(TASK_RESET, TASK_STEP, TASK_STEP_ON, TASK_DECODE, TASK_DISPATCH) = range(5)


class World(NamedTuple):
    """Arrays of `n` worlds with R areas, V cars per area; float means the dtype of the build."""

    vehicle: np.ndarray  # (n, R, N_VEHICLE, V) float
    area: np.ndarray  # (n, R, N_AREA) float
    queue: np.ndarray  # (n, R, N_QUEUE) float, MWh
    clock: np.ndarray  # (n, N_CLOCK) int64
    exog: np.ndarray  # (T, R, N_EXOG) float, shared
    forecast: np.ndarray  # (seeds, T, R, N_FORECAST) float32 in every build, shared
    site: np.ndarray  # (R, N_SITE + N_OBSERVED) float, shared; ends with the unit of each observed value
    pair: np.ndarray  # (N_PAIR, R, R) float, shared
    constant: np.ndarray  # (N_CONSTANT + 2 N_TANGENTS,) float, shared
    incident: np.ndarray  # (k, N_INCIDENT) float, shared: what goes wrong in this scenario; see world.incidents
    kind: np.ndarray  # (3, N_KIND) float, shared
    session: np.ndarray  # (days, cars at work, N_SESSION) float, shared; no days: stays are drawn
    profile: np.ndarray  # (336, N_PROFILE) float, shared
    starts: np.ndarray  # (k,) int64: rows at which episodes may begin
    action: np.ndarray  # (n, R * N_CONTROL) float32; with orders car by car R * V more, which replace fleet_power
    flow: np.ndarray  # (lanes, N_FLOW + 1, R, R) float, MW; the last plane is the links' room, TB
    car: np.ndarray  # (lanes, R, N_CAR, V) float
    scratch: np.ndarray  # (lanes, N_SCRATCH, R) float
    observation: np.ndarray  # (2 n, D) float32; the second half: last observations of episodes that ended
    outcome: np.ndarray  # (n + lanes, N_OUTCOME) float64; the last rows keep results while an episode warms up
    ledger: np.ndarray  # (n + lanes, R, N_LEDGER) float64
