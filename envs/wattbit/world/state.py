"""
Packed state of a batch of worlds: a few arrays and the names of their fields.

Arrays are indexed ``[world, area, ...]``; a field is an integer position, so that the same text runs as Python, in the
numba builds and on a GPU. Units are in the comments.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

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
) = range(74)
N_AREA: Final = 74
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
    STOCK_PRICE,  # mean spot price of the last 24 h: what a stored MWh is worth at the end
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

# --- site[area, field]: constants of the scenario --------------------------------------------------------------------
(
    SITE_IDLE_MW,
    SITE_DYNAMIC_MW,
    SITE_TAIL,  # 1/MW
    SITE_REALTIME_MW,  # mean demand of the users of this area, by class
    SITE_INTERACTIVE_MW,
    SITE_BATCH_MWH,  # mean arrivals per half hour
    SITE_TRAINING_MWH,
    SITE_CARS,
    SITE_WEIGHT,  # cars per representative car
    SITE_STORAGE_MW,
    SITE_STORAGE_MWH,
    SITE_WHEELING,  # JPY/MWh
    SITE_FLEET_MW,  # nominal mean charging power, for the reference cost
    SITE_FREE_C,  # free cooling alone up to here
    SITE_FULL_C,  # compressors alone from here on
    SITE_COP,  # of the compressors at 20 degC
    SITE_LOSSES,  # share of the IT power
    SITE_FANS,
    SITE_SNOW_T,  # size of the snow store
    SITE_HEAT_MW_PER_K,  # heat customers: per degree below 15 degC
    SITE_HEAT_FLAT_MW,  # and all year
    SITE_SOLAR_SHARE,  # certificates contracted, per MW of the area's sun and wind
    SITE_WIND_SHARE,
    SITE_RESERVE_PRICE,  # mean, JPY per MW and half hour
    SITE_RESERVE_DEPTH,  # share of the area's demand
    SITE_CONTRACT_MW,  # capacity contract
    SITE_CONTRACT_PAY,  # JPY per half hour
    SITE_CONTRACT_PENALTY,  # JPY per MW missed in a half hour of a call
    SITE_CONNECTION_MW,  # shared by site, stands and battery
    SITE_LOCAL_SHARE,  # local surplus: per MW of the area's sun
    SITE_LOCAL_LIMIT_MW,  # what the line takes of it
    SITE_FEEDER_KVA,  # transformer rating per car
    SITE_SYNC_ZONE,  # synchronous zone: 0 Hokkaido, 1 the east, 2 the west
    SITE_SYNC_SCALE,  # demand of the zone over that of its areas in the scenario
    SITE_SECURITY,  # layers of protection, JPY per half hour
    SITE_KIND_FROM,  # first car of each kind: at home, at work, commercial
    SITE_WORKPLACE_FROM,
    SITE_COMMERCIAL_FROM,
    SITE_KIND_END,  # number of cars
) = range(39)
N_SITE: Final = 39

# --- kind[kind, field]: what the cars of one kind do ------------------------------------------------------------------
(KIND_HOME, KIND_WORKPLACE, KIND_COMMERCIAL) = range(3)
(
    FIRST_H,  # mean of the day's first move: cars that stay over midnight leave, the others come
    FIRST_WEEKEND_H,
    FIRST_SIGMA_H,
    FIRST_DAY_SIGMA_H,
    SECOND_H,  # and of the second one
    SECOND_WEEKEND_H,
    SECOND_SIGMA_H,
    SECOND_DAY_SIGMA_H,
    DRIVE_SHARE,
    DRIVE_WEEKEND_SHARE,
    TRIP_MEDIAN_KWH,
    TRIP_SIGMA,
    TRIP_WEEKEND,
    PLUG_RATE,
) = range(14)
N_KIND: Final = 14

# --- session[day, car, field]: recorded stays of cars at work, from a Monday on -
(SESSION_COME_H, SESSION_LEAVE_H, SESSION_KWH) = range(3)
N_SESSION: Final = 3

# --- profile[half hour of the week, class]: demand over its mean -
(PROFILE_REALTIME, PROFILE_INTERACTIVE, PROFILE_BATCH, PROFILE_TRAINING) = range(4)
N_PROFILE: Final = 4

# --- pair[field, from, to] -
(
    PAIR_RTT_MS,
    PAIR_LINK_TB,  # per half hour
    PAIR_NEAREST,  # [from, j]: the j-th nearest area by RTT, itself first
) = range(3)
N_PAIR: Final = 3

# --- constant[field]: scalars of the scenario -
(
    FLOOR,  # JPY/MWh
    CARBON_PRICE,  # JPY/kg beyond what the spot price holds
    BUDGET_1_MS,
    BUDGET_2_MS,
    BUDGET_3_MS,
    INTERACTIVE_BUDGET_MS,
    RTT_COST,  # JPY per MWh and ms
    QUEUE_COST,  # JPY/h per MW of capacity and unit of the waiting factor
    REALTIME_TB,  # TB per MWh
    INTERACTIVE_TB,
    BATCH_TB,
    TRAINING_TB,
    LOST_SHARE,  # extra work per unit of training moved
    MOVE_COST,  # JPY per MWh of training moved
    REALTIME_VALUE,  # JPY per MWh dropped
    INTERACTIVE_VALUE,
    BATCH_VALUE,
    TRAINING_VALUE,
    BATCH_SPREAD,  # sigma of the lognormal arrivals
    TRAINING_SPREAD,
    DEMAND_SPREAD,
    CAR_KW,
    CAR_EFFICIENCY,
    V2G_FLOOR,
    CEILING,
    ROAD_PRICE,  # JPY/kWh
    EARLY_SHARE,
    PACK_VALUE,  # JPY per kWh of capacity and unit of SoH
    WEAR_REFERENCE,  # cycle loss at the reference life
    STORAGE_EFFICIENCY,
    STORAGE_LOW,
    STORAGE_HIGH,
    STORAGE_WEAR,  # JPY/MWh of throughput
    WHEELING_LOSSES,  # share of charging that pays wheeling: losses only
    BACKLOG_FACTOR,  # price of unfinished work at the end, in stock prices
    REWARD_SCALE,
    INITIAL_AGE_YEARS,  # cars start with ages U(0, this)
    INITIAL_SOC_LOW,
    INITIAL_SOC_HIGH,
    FIRST_WEEKDAY,  # of row 0; 0 = Monday
    CONTINUING,  # 1: training episodes
    WARM_UP,  # half hours before a training episode
    WEEKEND_DEMAND,  # interactive demand on Saturday and Sunday
    INTERACTIVE_SWING,  # of demand over the day, share of its mean
    RESIDENT_SHARE,  # share of the work that must stay in the area of its users
    SERVERS,  # behind one queue
    SERVICE_MS,  # time to first token without waiting
    SLO_MS,  # 99 % of the first tokens in this time
    SNOW_LOSS,  # share of the store that melts unused in a day
    SNOW_POWER,  # electricity per unit of cooling from snow
    HEAT_CAPTURE,  # share of the IT power that can be sold as heat
    HEAT_COP,  # of the heat pump; 0 = none needed
    HEAT_PRICE,  # JPY/MWh of heat
    GREEN_PREMIUM,  # JPY per matched MWh
    GREEN_PENALTY,  # JPY per MWh below the target at the week's end
    GREEN_TARGET,
    RESERVE_BID_MW,  # smallest offer
    RESERVE_PENALTY,  # in prices of the block
    RESERVE_DOWN_SHARE,  # price of the downward product over the upward one
    ACTIVATION_START,  # JPY/MWh of imbalance from which reserve is activated
    ACTIVATION_FULL,  # and all of it
    CONNECTION_PRICE,  # JPY/MWh beyond the connection
    LOCAL_PRICE,  # JPY/MWh of local surplus
    FEEDER_LIFE,  # JPY per hour of life of a kVA of transformers; 0 = feeders are not modelled
    FEEDER_TRIP_C,  # hot spot that trips
    HOME_LOAD,  # mean load of a home, kW per car
    OWNER_PAY,  # JPY/MWh discharged
    OWNER_CARBON,  # JPY per kg of charging above the usual
    OWNER_CARBON_USUAL,  # kg/MWh
    PACK_WEARS,  # 1: stationary packs have cells that wear, 0: STORAGE_WEAR alone
    PACK_REFERENCE,  # their cycle loss at the reference life
    STORAGE_PACK_VALUE,  # JPY per kWh of their capacity and unit of it
    PACK_ROOM_C,  # temperature of the room they stand in
    PACK_START_HEALTH,  # share of the nominal energy at the start of their life
    PACK_INITIAL_YEARS,
    RAMP_KW_PER_MIN,  # of one stand; 0 = no limit
    RAMP_WINDOW_MIN,  # until reserves of the grid have answered
    CHANGE_CAP,  # of a fleet from one half hour to the next, share of its stands' power; 0 = none
    OVERRIDE,  # 1: stands answer to the frequency by themselves
    QUORUM_SPARE,  # false measurements that are found out; -1 = nobody compares
    QUORUM_TOLERANCE,  # smaller differences pass
    SIGNED,  # 1: stands refuse commands without a signature
    FAIL_SAFE,  # 1: stands without a link charge to the guarantee and never discharge
    BLAST_SHARE,  # most of a fleet that falls to one intruder
) = range(84)
N_CONSTANT: Final = 84
N_TANGENTS: Final = 6
TANGENT: Final = N_CONSTANT  # intercepts, then slopes, of the queueing cost

# --- incident[k, field] -
(
    INCIDENT_KIND,
    INCIDENT_AREA,  # -1 = all
    INCIDENT_OTHER,  # far end of a link, -1 = none
    INCIDENT_START_H,  # hours since the episode began; below 0 drawn per episode
    INCIDENT_HOURS,
    INCIDENT_SIZE,  # share, bias or price rise by kind
    INCIDENT_CHANCE,  # that it happens in an episode
    INCIDENT_SOURCES,  # independent measurements that are false
) = range(8)
N_INCIDENT: Final = 8
INCIDENTS: Final = (
    "area-outage",
    "dc-outage",
    "link-cut",
    "interconnector-trip",
    "hijack-discharge",
    "hijack-charge",
    "hijack-oscillate",
    "false-telemetry",
    "lost-link",
    "price-spoof",
)
(
    AREA_OUTAGE,
    DC_OUTAGE,
    LINK_CUT,
    INTERCONNECTOR_TRIP,
    HIJACK_DISCHARGE,
    HIJACK_CHARGE,
    HIJACK_OSCILLATE,
    FALSE_TELEMETRY,
    LOST_LINK,
    PRICE_SPOOF,
) = range(10)
N_SYNC_ZONE: Final = 3

# --- outcome[world, field], float64: the info of a step, in this order -
OUTCOMES: Final = (
    "cost_jpy",
    "energy_jpy",
    "wheeling_jpy",
    "wear_jpy",
    "work_jpy",
    "network_jpy",
    "mobility_jpy",
    "carbon_jpy",
    "reserve_jpy",
    "capacity_jpy",
    "heat_jpy",
    "certificates_jpy",
    "feeder_jpy",
    "owner_jpy",
    "connection_jpy",
    "security_jpy",
    "terminal_jpy",
    "reference_jpy",
    "co2_kg",
    "curtailment_avoided_mwh",
    "slo_miss_mwh",
    "soh_loss_percent",
    "unserved_departures",
    "v2g_mwh",
    "p99_miss_mwh",
    "matched_mwh",
    "heat_mwh",
    "unsafe_half_hours",
)
(
    O_COST,
    O_ENERGY,
    O_WHEELING,
    O_WEAR,
    O_WORK,
    O_NETWORK,
    O_MOBILITY,
    O_CARBON,
    O_RESERVE,  # income is negative
    O_CAPACITY,
    O_HEAT,
    O_CERTIFICATES,
    O_FEEDER,
    O_OWNER,
    O_CONNECTION,
    O_SECURITY,
    O_TERMINAL,
    O_REFERENCE,
    O_CO2,
    O_CURTAILMENT,
    O_SLO_MISS,
    O_SOH_LOSS,
    O_UNSERVED,
    O_V2G,
    O_P99_MISS,  # interactive work whose slowest hundredth waits too long
    O_MATCHED,
    O_HEAT_MWH,
    O_UNSAFE,  # the aggregator's own surprises would move the frequency by more than 0.5 Hz
    O_REWARD,  # not part of the info
) = range(29)
N_OUTCOME: Final = 29
TERMS: Final = OUTCOMES[O_ENERGY : O_TERMINAL + 1]
"""The terms of the cost."""

INFO: Final = (
    "cost_jpy",
    "energy_jpy",
    "wear_jpy",
    "work_jpy",
    "network_jpy",
    "mobility_jpy",
    "reserve_jpy",
    "certificates_jpy",
    "terminal_jpy",
    "reference_jpy",
    "co2_kg",
    "curtailment_avoided_mwh",
    "slo_miss_mwh",
    "soh_loss_percent",
    "unserved_departures",
    "v2g_mwh",
)
"""Outcomes in the info of every step; all of them come with ``info_level="full"``."""
INFO_COLUMNS: Final = tuple(OUTCOMES.index(name) for name in INFO)

# --- ledger[world, area, field], float64: what happened where; `info_level="full"` shows it -
LEDGER: Final = (
    "net_load_mw",
    "datacentre_mw",
    "fleet_mw",
    "storage_mw",
    "soaked_mw",
    "residual_mw",
    "price_jpy_per_mwh",
    "energy_jpy",
    "load_mw",
    "realtime_mw",
    "interactive_mw",
    "batch_mwh",
    "training_mwh",
    "realtime_dropped_mwh",
    "interactive_dropped_mwh",
    "batch_missed_mwh",
    "training_missed_mwh",
    "batch_served_mwh",
    "training_served_mwh",
    "charged_mwh",
    "discharged_mwh",
    "trip_mwh",
    "road_mwh",
    "wear_jpy",
    "soh_loss_percent",
    "unserved_departures",
    "wheeling_jpy",
    "carbon_jpy",
    "moved_tb",
    "co2_kg",
    "heat_mwh",
    "heat_pump_mw",
    "snow_used_t",
    "certificates_mwh",
    "matched_mwh",
    "reserve_up_mw",
    "reserve_down_mw",
    "reserve_short_mw",
    "activated_mw",
    "reserve_jpy",
    "capacity_delivered_mw",
    "capacity_missed_mw",
    "capacity_jpy",
    "heat_jpy",
    "certificates_jpy",
    "feeder_jpy",
    "owner_jpy",
    "connection_jpy",
    "hot_spot_c",
    "life_used_h",
    "local_mw",
    "p99_ms",
    "fleet_deviation_mw",
    "frequency_deviation_hz",
    "distortion_share",
    "storage_wear_jpy",
    "storage_soh_loss_percent",
    "security_jpy",
)
(
    L_NET_MW,
    L_DATACENTRE_MW,
    L_FLEET_MW,
    L_STORAGE_MW,
    L_SOAKED_MW,
    L_RESIDUAL_MW,
    L_PRICE,
    L_ENERGY,
    L_LOAD_MW,  # all dynamic IT load that ran here
    L_REALTIME_MW,  # ran here, by class
    L_INTERACTIVE_MW,
    L_BATCH_MWH,
    L_TRAINING_MWH,
    L_REALTIME_DROPPED,
    L_INTERACTIVE_DROPPED,
    L_BATCH_MISSED,  # of this area's users, past due
    L_TRAINING_MISSED,
    L_BATCH_SERVED,  # of this area's users, anywhere
    L_TRAINING_SERVED,
    L_CHARGED,  # AC side
    L_DISCHARGED,
    L_TRIP,  # energy driven
    L_ROAD,  # bought on the road
    L_WEAR,  # of cars and battery
    L_SOH_LOSS,
    L_UNSERVED,
    L_WHEELING,
    L_CARBON,
    L_MOVED_TB,  # into this area
    L_CO2,
    L_HEAT,  # sold
    L_HEAT_PUMP_MW,
    L_SNOW,
    L_CERTIFICATES,  # contracted ones and those of surplus taken up
    L_MATCHED,
    L_RESERVE_UP_MW,  # delivered capability
    L_RESERVE_DOWN_MW,
    L_RESERVE_SHORT_MW,  # offered and not there, both directions
    L_ACTIVATED_MW,  # change of the net load, upward reserve negative
    L_RESERVE,
    L_DELIVERED_MW,  # of the capacity contract, in a call
    L_MISSED_MW,
    L_CAPACITY,
    L_HEAT_JPY,
    L_CERTIFICATES_JPY,
    L_FEEDER,
    L_OWNER,
    L_CONNECTION,
    L_HOT_SPOT,
    L_LIFE,  # of one transformer, hours
    L_LOCAL_MW,  # local surplus taken up
    L_P99_MS,  # time to the first token of home users, slowest hundredth
    L_DEVIATION_MW,  # true less commanded fleet power
    L_FREQUENCY,  # deviation of the synchronous zone that the aggregator's surprises would cause, Hz
    L_DISTORTION,  # of the voltage behind one transformer
    L_STORAGE_WEAR,  # part of L_WEAR
    L_STORAGE_LOSS,  # of the nominal energy of the stationary battery; 0 without a cell
    L_SECURITY,
) = range(58)
N_LEDGER: Final = 58

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
    action: np.ndarray  # (n, R * N_CONTROL) float32
    flow: np.ndarray  # (lanes, N_FLOW + 1, R, R) float, MW; the last plane is the links' room, TB
    car: np.ndarray  # (lanes, R, N_CAR, V) float
    scratch: np.ndarray  # (lanes, N_SCRATCH, R) float
    observation: np.ndarray  # (2 n, D) float32; the second half: last observations of episodes that ended
    outcome: np.ndarray  # (n + lanes, N_OUTCOME) float64; the last rows keep results while an episode warms up
    ledger: np.ndarray  # (n + lanes, R, N_LEDGER) float64
