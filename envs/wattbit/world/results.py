"""Fields of what a half hour reports: outcomes of a world, ledger of its areas."""

from __future__ import annotations

from typing import Final

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
