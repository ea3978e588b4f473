"""Fields of the arrays that do not change while worlds run: sites, kinds of cars, paths, scalars, incidents."""

from __future__ import annotations

from typing import Final

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
    SHARE_KW_PER_H,  # rise of a car's part of a set-point per hour of laxity: of every car alike
    SHARE_KW_PER_H_KWH,  # and per kWh of its battery
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
    LEVY,  # JPY per MWh charged
    BACKLOG_FACTOR,  # price of unfinished work at the end, in stock prices
    WORK_MOVES,  # 1: unfinished work costs everywhere what it costs in the dearest area
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
) = range(88)
N_CONSTANT: Final = 88
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
