"""Markets beside energy: reserve, the capacity contract and half-hourly certificates."""

from wattbit.physics.capacity_contract import delivered_mw
from wattbit.physics.certificates import matched_mwh, missing_mwh, produced_share
from wattbit.physics.reserve import activation_share, reserve_revenue_jpy
from wattbit.world.fleet import sum_cars
from wattbit.world.state import *  # noqa: F403  (field positions)


def decode_reserve(w: World, i: int, r: int, lane: int, up: float, down: float) -> None:
    """Offers of one area, MW: shares of what the market takes, nothing below the smallest bid or during a call."""
    open_share = 1.0 - w.exog[w.clock[i, ROW], r, CALL] if w.site[r, SITE_CONTRACT_MW] > 0.0 else 1.0
    offer = max(0.0, up) * w.area[i, r, RESERVE_DEPTH_MW] * open_share
    w.scratch[lane, S_RESERVE_UP_MW, r] = offer if offer >= w.constant[RESERVE_BID_MW] else 0.0
    offer = max(0.0, down) * w.area[i, r, RESERVE_DEPTH_MW] * open_share
    w.scratch[lane, S_RESERVE_DOWN_MW, r] = offer if offer >= w.constant[RESERVE_BID_MW] else 0.0


def activate_reserve(w: World, i: int, r: int, lane: int) -> None:
    """
    Assess what was offered against what could be delivered, and deliver what the system calls for.

    Upward reserve is the room *below* the dispatch (less charging, more discharge, work put off), downward the room
    above it (battery and cars), so no kWh is sold twice, and the limits of a half hour hold the energy of a half hour.
    Battery first, then cars in proportion to their room, then work.
    """
    up = w.scratch[lane, S_RESERVE_UP_MW, r]
    down = w.scratch[lane, S_RESERVE_DOWN_MW, r]
    w.ledger[i, r, L_RESERVE_UP_MW] = 0.0
    w.ledger[i, r, L_RESERVE_DOWN_MW] = 0.0
    w.ledger[i, r, L_RESERVE_SHORT_MW] = 0.0
    w.ledger[i, r, L_ACTIVATED_MW] = 0.0
    if up + down <= 0.0:
        return
    delta = w.exog[w.clock[i, ROW], r, DELTA]
    mega = 0.001 * w.site[r, SITE_WEIGHT]
    storage = w.scratch[lane, S_STORAGE_MW, r]
    fleet = mega * sum_cars(w.car, lane, r, CAR_POWER_KW)
    owed = 0.0  # by cars that a cap on change holds below their least power: they have nothing to give
    for v in range(w.vehicle.shape[3]):
        owed += mega * max(0.0, w.vehicle[i, r, POWER_LOW_KW, v] - w.car[lane, r, CAR_POWER_KW, v])
    work = 0.0
    for o in range(w.site.shape[0]):
        work += w.flow[lane, FLOW_BATCH, o, r] + w.flow[lane, FLOW_TRAINING, o, r]
    pue = w.area[i, r, PUE]
    storage_room = max(0.0, storage - w.area[i, r, STORAGE_LOW_MW])
    fleet_room = max(0.0, fleet + owed - w.area[i, r, FLEET_LOW_MW])
    capable = min(up, storage_room + fleet_room + pue * work)
    called = capable * activation_share(delta, w.constant[ACTIVATION_START], w.constant[ACTIVATION_FULL], 1.0)
    w.ledger[i, r, L_RESERVE_UP_MW] = capable
    short = up - capable
    from_storage = min(called, storage_room)
    from_fleet = min(called - from_storage, fleet_room)
    from_work = called - from_storage - from_fleet
    storage_room = max(0.0, w.area[i, r, STORAGE_HIGH_MW] - storage)
    top_room = max(0.0, w.area[i, r, FLEET_HIGH_MW] - fleet)
    capable = min(down, storage_room + top_room)
    taken = capable * activation_share(delta, w.constant[ACTIVATION_START], w.constant[ACTIVATION_FULL], -1.0)
    w.ledger[i, r, L_RESERVE_DOWN_MW] = capable
    short += down - capable
    into_storage = min(taken, storage_room)
    into_fleet = min(taken - into_storage, top_room)
    w.scratch[lane, S_STORAGE_MW, r] = storage - from_storage + into_storage
    less = from_fleet / fleet_room if from_fleet > 0.0 else 0.0
    more = into_fleet / top_room if into_fleet > 0.0 else 0.0
    if less + more > 0.0:
        for v in range(w.vehicle.shape[3]):
            power = w.car[lane, r, CAR_POWER_KW, v]
            give = max(0.0, power - w.vehicle[i, r, POWER_LOW_KW, v])
            take = max(0.0, w.vehicle[i, r, POWER_HIGH_KW, v] - power)
            w.car[lane, r, CAR_POWER_KW, v] = power - min(1.0, less) * give + min(1.0, more) * take
    if from_work > 0.0:
        left = max(0.0, 1.0 - from_work / (pue * work))
        for o in range(w.site.shape[0]):
            w.flow[lane, FLOW_BATCH, o, r] *= left
            w.flow[lane, FLOW_TRAINING, o, r] *= left
    w.ledger[i, r, L_RESERVE_SHORT_MW] = short
    w.ledger[i, r, L_ACTIVATED_MW] = taken - called


def settle_reserve(w: World, i: int, r: int) -> None:
    """Pay for capability that was there, charge for what was not; the energy of activation is settled as energy."""
    price = w.site[r, SITE_RESERVE_PRICE] * w.exog[w.clock[i, ROW], r, RESERVE_PRICE]
    depth = w.area[i, r, RESERVE_DEPTH_MW]
    down = w.constant[RESERVE_DOWN_SHARE] * price
    w.ledger[i, r, L_RESERVE] = (
        w.constant[RESERVE_PENALTY] * price * w.ledger[i, r, L_RESERVE_SHORT_MW]
        - reserve_revenue_jpy(w.ledger[i, r, L_RESERVE_UP_MW], price, depth)
        - reserve_revenue_jpy(w.ledger[i, r, L_RESERVE_DOWN_MW], down, depth)
    )


def settle_contract(w: World, i: int, r: int, baseline_mw: float) -> None:
    """Pay of the capacity contract, and in a call the penalty for what the net load is not below the baseline."""
    up = w.area[i, r, POWER_UP]  # what has no electricity is neither paid nor asked
    contract = w.site[r, SITE_CONTRACT_MW] * up
    w.ledger[i, r, L_DELIVERED_MW] = 0.0
    w.ledger[i, r, L_MISSED_MW] = 0.0
    w.ledger[i, r, L_CAPACITY] = 0.0
    if contract > 0.0:
        w.ledger[i, r, L_CAPACITY] = -w.site[r, SITE_CONTRACT_PAY] * up
        if w.exog[w.clock[i, ROW], r, CALL] > 0.5:
            delivered = delivered_mw(baseline_mw, w.ledger[i, r, L_NET_MW], contract)
            w.ledger[i, r, L_DELIVERED_MW] = delivered
            w.ledger[i, r, L_MISSED_MW] = contract - delivered
            w.ledger[i, r, L_CAPACITY] += w.site[r, SITE_CONTRACT_PENALTY] * (contract - delivered)


def observe_markets(w: World, i: int, r: int) -> None:
    """What the markets take and give in the half hour to act on."""
    row = w.clock[i, ROW]
    w.area[i, r, RESERVE_DEPTH_MW] = w.site[r, SITE_RESERVE_DEPTH] * w.exog[row, r, DEMAND] * w.area[i, r, POWER_UP]
    # Behind the area's limit: what local sun gives beyond what the line takes.
    sun = w.site[r, SITE_LOCAL_SHARE] * w.exog[row, r, SOLAR]
    w.area[i, r, LOCAL_SURPLUS_MW] = max(0.0, sun - w.site[r, SITE_LOCAL_LIMIT_MW])
    w.area[i, r, CONNECTION_MW] = w.site[r, SITE_CONNECTION_MW]
    contracted = w.site[r, SITE_SOLAR_SHARE] * w.exog[row, r, SOLAR] + w.site[r, SITE_WIND_SHARE] * w.exog[row, r, WIND]
    produced = produced_share(w.exog[row, r, SOLAR], w.exog[row, r, WIND], w.exog[row, r, SURPLUS])
    w.area[i, r, CERTIFICATES_MWH] = 0.5 * contracted * produced


def match_certificates(w: World, i: int, lane: int) -> None:
    """
    Match the sites' load with certificates of the same half hour and price zone, once.

    Surplus taken up comes with its certificates: without the load it would not have been produced. Within a zone there
    is no congestion, so its certificates are shared in proportion to load.
    """
    areas = w.site.shape[0]
    row = w.clock[i, ROW]
    for r in range(areas):
        w.scratch[lane, S_ZONE_LOAD, r] = 0.0
        w.scratch[lane, S_ZONE_MATCH, r] = 0.0
    for r in range(areas):
        zone = int(w.exog[row, r, ZONE])
        w.ledger[i, r, L_CERTIFICATES] = w.area[i, r, CERTIFICATES_MWH] + 0.5 * max(0.0, w.ledger[i, r, L_SOAKED_MW])
        w.scratch[lane, S_ZONE_LOAD, zone] += 0.5 * w.ledger[i, r, L_DATACENTRE_MW]
        w.scratch[lane, S_ZONE_MATCH, zone] += w.ledger[i, r, L_CERTIFICATES]
    for r in range(areas):
        zone = int(w.exog[row, r, ZONE])
        load = 0.5 * w.ledger[i, r, L_DATACENTRE_MW]
        total = w.scratch[lane, S_ZONE_LOAD, zone]
        share = matched_mwh(total, w.scratch[lane, S_ZONE_MATCH, zone]) / total if total > 0.0 else 0.0
        w.ledger[i, r, L_MATCHED] = share * load
        w.ledger[i, r, L_CERTIFICATES_JPY] = -w.constant[GREEN_PREMIUM] * share * load
        w.area[i, r, MATCH_LOAD_MWH] += load
        w.area[i, r, MATCHED_MWH] += share * load
        w.area[i, r, MATCHED_SHARE] = min(1.0, w.area[i, r, MATCHED_MWH] / max(1e-3, w.area[i, r, MATCH_LOAD_MWH]))


def missed_green_jpy(w: World, i: int) -> float:
    """Penalty at the week's end for load below the green target."""
    load = 0.0
    matched = 0.0
    for r in range(w.site.shape[0]):
        load += w.area[i, r, MATCH_LOAD_MWH]
        matched += w.area[i, r, MATCHED_MWH]
    return w.constant[GREEN_PENALTY] * missing_mwh(load, matched, w.constant[GREEN_TARGET])
