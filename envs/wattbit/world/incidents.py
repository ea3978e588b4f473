"""
What goes wrong: outages, cut links, intruders and false reports, and the layers that hold them off.

When an incident happens is a function of (draw of the episode, starting row, incident) and of nothing that anybody
does. The true state is kept apart from what is reported: intruders and false measurements show only where a detector
finds them.
"""

from wattbit.physics.frequency import answered_hz, frequency_deviation_hz
from wattbit.physics.incident import quorum_finds, shared_kw, sudden_mw, swing_loss_kwh, swing_throughput_kwh
from wattbit.physics.vehicle import lower_limit_kw
from wattbit.world.fleet import sum_cars
from wattbit.world.random import STREAM_INCIDENT, STREAM_INCIDENT_START, random_word, uniform
from wattbit.world.state import *  # noqa: F403  (field positions)


def first_step(w: World, i: int, k: int) -> int:
    """Half hour of the episode in which incident k begins; the episode's length when it does not happen this time."""
    row = w.clock[i, ROW] - w.clock[i, STEP]  # of the start: another week draws another time, whoever plays it
    if uniform(w.clock[i, DRAW], STREAM_INCIDENT, row, k) > w.incident[k, INCIDENT_CHANCE]:
        return w.clock[i, LENGTH]
    if w.incident[k, INCIDENT_START_H] >= 0.0:
        return int(2.0 * w.incident[k, INCIDENT_START_H])
    room = w.clock[i, LENGTH] - int(2.0 * w.incident[k, INCIDENT_HOURS]) + 1
    return random_word(w.clock[i, DRAW], STREAM_INCIDENT_START, row, k) % room


def is_active(w: World, i: int, k: int) -> bool:
    """Whether incident k is going on in the half hour to act on."""
    since = w.clock[i, STEP] - first_step(w, i, k)
    return since >= 0 and since < int(2.0 * w.incident[k, INCIDENT_HOURS])


def touches(w: World, k: int, r: int) -> bool:
    """Whether incident k is about area r."""
    area = int(w.incident[k, INCIDENT_AREA])
    return area < 0 or area == r


def reset_incidents(w: World, i: int, r: int) -> None:
    """Nothing is wrong, and nothing was drawn before the episode."""
    clear_effects(w, i, r)
    w.area[i, r, LOST_LOAD_MW] = 0.0
    w.area[i, r, SITE_BEFORE_MW] = 0.0
    w.area[i, r, FLEET_BEFORE_MW] = 0.0
    w.area[i, r, STORAGE_BEFORE_MW] = 0.0
    w.area[i, r, FLEET_UP] = 1.0
    if w.incident.shape[0] > 0:
        for v in range(w.vehicle.shape[3]):
            w.vehicle[i, r, HELD_KW, v] = 0.0


def clear_effects(w: World, i: int, r: int) -> None:
    """Everything works and all reports are true."""
    w.area[i, r, SITE_UP] = 1.0
    w.area[i, r, ALARM] = 0.0
    w.area[i, r, POWER_UP] = 1.0
    w.area[i, r, LINK_LOST] = 0.0
    w.area[i, r, HIJACK_SHARE] = 0.0
    w.area[i, r, HIJACK_MODE] = 0.0
    w.area[i, r, TELEMETRY_BIAS] = 0.0
    w.area[i, r, PRICE_BIAS] = 0.0
    w.area[i, r, PRICE_RISE] = 0.0


def add_effect(w: World, i: int, r: int, k: int) -> None:
    """Add what incident k does to area r, as far as the layers let it through."""
    kind = int(w.incident[k, INCIDENT_KIND])
    size = w.incident[k, INCIDENT_SIZE]
    if kind == AREA_OUTAGE:
        w.area[i, r, POWER_UP] *= 1.0 - size
    if kind in (AREA_OUTAGE, DC_OUTAGE):
        w.area[i, r, SITE_UP] *= 1.0 - size
    if kind == INTERCONNECTOR_TRIP:
        w.area[i, r, PRICE_RISE] += size
    if kind >= HIJACK_DISCHARGE and kind <= HIJACK_OSCILLATE:
        if w.constant[SIGNED] > 0.5:
            w.area[i, r, ALARM] = 1.0  # stands report the commands they refuse
        elif min(size, w.constant[BLAST_SHARE]) > w.area[i, r, HIJACK_SHARE]:
            w.area[i, r, HIJACK_SHARE] = min(size, w.constant[BLAST_SHARE])
            w.area[i, r, HIJACK_MODE] = w.incident[k, INCIDENT_KIND]
    if kind == FALSE_TELEMETRY:
        if quorum_finds(size, w.incident[k, INCIDENT_SOURCES], w.constant[QUORUM_SPARE], w.constant[QUORUM_TOLERANCE]):
            w.area[i, r, ALARM] = 1.0  # the honest measurements stand in for the false one
        else:
            w.area[i, r, TELEMETRY_BIAS] = max(-1.0, w.area[i, r, TELEMETRY_BIAS] + size)
    if kind == LOST_LINK:
        w.area[i, r, LINK_LOST] = max(size, w.area[i, r, LINK_LOST])
    if kind == PRICE_SPOOF:
        w.area[i, r, PRICE_BIAS] += size


def observe_incidents(w: World, i: int) -> None:
    """Set what is wrong in the half hour to act on, and how much of it is reported."""
    if w.incident.shape[0] == 0:
        return
    for r in range(w.site.shape[0]):
        site_up = w.area[i, r, SITE_UP]
        power_up = w.area[i, r, POWER_UP]
        hijacked = w.area[i, r, HIJACK_SHARE]
        clear_effects(w, i, r)
        for k in range(w.incident.shape[0]):
            if is_active(w, i, k):
                if touches(w, k, r):
                    add_effect(w, i, r, k)
                if int(w.incident[k, INCIDENT_KIND]) == LINK_CUT:
                    other = int(w.incident[k, INCIDENT_OTHER])
                    if touches(w, k, r) or other < 0 or other == r:
                        w.area[i, r, ALARM] = 1.0  # both ends see a dead link
        # What an outage cuts off at once, from the power of the half hour before.
        site = max(0.0, 1.0 - w.area[i, r, SITE_UP] / max(1e-6, site_up))
        rest = max(0.0, 1.0 - w.area[i, r, POWER_UP] / max(1e-6, power_up))
        w.area[i, r, LOST_LOAD_MW] = site * w.area[i, r, SITE_BEFORE_MW] + rest * (
            w.area[i, r, FLEET_BEFORE_MW] + w.area[i, r, STORAGE_BEFORE_MW]
        )
        up = w.area[i, r, POWER_UP] * (1.0 - w.area[i, r, LINK_LOST])
        if w.constant[QUORUM_SPARE] >= 0.0 and min(hijacked, w.area[i, r, HIJACK_SHARE]) > 0.0:
            # The feeder's meter and the stands' own reports have disagreed for half an hour.
            w.area[i, r, ALARM] = 1.0
            up *= 1.0 - w.area[i, r, HIJACK_SHARE]
        w.area[i, r, FLEET_UP] = up


def cut_links(w: World, i: int, lane: int) -> None:
    """Take the room of links that are cut, in both directions; without a far end all links of the area."""
    areas = w.site.shape[0]
    for k in range(w.incident.shape[0]):
        if int(w.incident[k, INCIDENT_KIND]) == LINK_CUT and is_active(w, i, k):
            area = int(w.incident[k, INCIDENT_AREA])
            other = int(w.incident[k, INCIDENT_OTHER])
            for r in range(areas):
                if r != area and (other < 0 or other == r):
                    w.flow[lane, FLOW_LINK, area, r] = 0.0
                    w.flow[lane, FLOW_LINK, r, area] = 0.0


def take_over(w: World, i: int, r: int, lane: int) -> None:
    """
    Replace the power of the stands that do not obey: intruders drive theirs, stands without a link help themselves.

    Each representative car stands for some of each sort. The car itself keeps its V2G floor and its ceiling, but an
    intruder asks nobody when it has to leave. Limits shrink to what the obeying stands can still do, so reserve comes
    from nobody else.
    """
    hijacked = w.area[i, r, HIJACK_SHARE]
    lost = (1.0 - hijacked) * w.area[i, r, LINK_LOST]
    mode = int(w.area[i, r, HIJACK_MODE])
    w.scratch[lane, S_SWING_MW, r] = 0.0
    eta = w.constant[CAR_EFFICIENCY]
    swinging = 0.0
    low_sum = 0.0
    high_sum = 0.0
    for v in range(w.vehicle.shape[3]):
        usable = w.vehicle[i, r, CAPACITY_KWH, v] * w.vehicle[i, r, HEALTH, v]
        energy = w.vehicle[i, r, ENERGY_KWH, v]
        high = w.vehicle[i, r, POWER_HIGH_KW, v]
        low = lower_limit_kw(
            energy,
            w.constant[V2G_FLOOR] * usable,
            0.0,
            w.constant[CAR_KW],
            w.vehicle[i, r, PLUGGED_SHARE, v],
            eta,
        )
        attack = 0.0
        if mode == HIJACK_DISCHARGE:
            attack = low
        if mode == HIJACK_CHARGE:
            attack = high
        alone = min(high, max(low, w.vehicle[i, r, HELD_KW, v]))
        if w.constant[FAIL_SAFE] > 0.5:
            alone = min(high, 2.0 * max(0.0, w.vehicle[i, r, PROMISE, v] * usable - energy) / eta)
        power = w.car[lane, r, CAR_POWER_KW, v]
        w.car[lane, r, CAR_POWER_KW, v] = shared_kw(power, attack, alone, hijacked, lost)
        w.vehicle[i, r, POWER_LOW_KW, v] = shared_kw(w.vehicle[i, r, POWER_LOW_KW, v], attack, alone, hijacked, lost)
        w.vehicle[i, r, POWER_HIGH_KW, v] = shared_kw(high, attack, alone, hijacked, lost)
        low_sum += w.vehicle[i, r, POWER_LOW_KW, v]
        high_sum += w.vehicle[i, r, POWER_HIGH_KW, v]
        if mode == HIJACK_OSCILLATE:
            swing = hijacked * max(0.0, min(high, -low))
            swinging += swing
            through = swing_throughput_kwh(swing, eta, 0.5)
            w.vehicle[i, r, ENERGY_KWH, v] -= swing_loss_kwh(swing, eta, 0.5)
            w.vehicle[i, r, WINDOW_EFC, v] += 0.5 * through / w.vehicle[i, r, CAPACITY_KWH, v]
            w.vehicle[i, r, WINDOW_RATE_ABS, v] += 2.0 * through / w.vehicle[i, r, CAPACITY_KWH, v]
    mega = 0.001 * w.site[r, SITE_WEIGHT]
    w.area[i, r, FLEET_LOW_MW] = low_sum * mega
    w.area[i, r, FLEET_HIGH_MW] = high_sum * mega
    w.scratch[lane, S_SWING_MW, r] = swinging * mega


def capped_mw(w: World, i: int, r: int, power_mw: float) -> float:
    """Fleet power nearest to `power_mw` that the cap on simultaneous change allows, MW."""
    if w.constant[CHANGE_CAP] <= 0.0:
        return power_mw
    most = 0.001 * w.constant[CHANGE_CAP] * w.site[r, SITE_CARS] * w.constant[CAR_KW]
    before = w.area[i, r, FLEET_BEFORE_MW]
    return min(max(power_mw, before - most), before + most)


def cap_change(w: World, i: int, r: int, lane: int, now: float) -> float:
    """
    Hold the fleet's change since the half hour before within the cap, whoever asked for it; returns the power, MW.

    All cars are turned down alike; where that is not enough they move alike towards the other end of what they can do,
    as far as it goes.
    """
    target = capped_mw(w, i, r, now)
    if target == now:
        return now
    mega = 0.001 * w.site[r, SITE_WEIGHT]
    keep = 1.0
    up = 0.0
    down = 0.0
    if now * target > 0.0 and abs(target) < abs(now):
        keep = target / now
    elif target > now:
        up = min(1.0, (target - now) / max(1e-9, w.area[i, r, FLEET_HIGH_MW] - now))
    else:
        down = min(1.0, (now - target) / max(1e-9, now - w.area[i, r, FLEET_LOW_MW]))
    for v in range(w.vehicle.shape[3]):
        power = keep * w.car[lane, r, CAR_POWER_KW, v]
        power += up * max(0.0, w.vehicle[i, r, POWER_HIGH_KW, v] - power)
        power -= down * max(0.0, power - w.vehicle[i, r, POWER_LOW_KW, v])
        w.car[lane, r, CAR_POWER_KW, v] = power
    return mega * sum_cars(w.car, lane, r, CAR_POWER_KW)


def apply_incidents(w: World, i: int, lane: int) -> None:
    """From the power that was commanded to the power that flows, and what the surprise does to the frequency."""
    w.outcome[i, O_UNSAFE] = 0.0
    if w.incident.shape[0] == 0 and w.constant[CHANGE_CAP] <= 0.0:
        return
    for r in range(w.site.shape[0]):
        mega = 0.001 * w.site[r, SITE_WEIGHT]
        commanded = mega * sum_cars(w.car, lane, r, CAR_POWER_KW)
        now = commanded
        w.scratch[lane, S_SWING_MW, r] = 0.0
        if w.area[i, r, HIJACK_SHARE] + w.area[i, r, LINK_LOST] > 0.0:
            take_over(w, i, r, lane)
            now = mega * sum_cars(w.car, lane, r, CAR_POWER_KW)
        elif w.incident.shape[0] > 0:
            for v in range(w.vehicle.shape[3]):
                w.vehicle[i, r, HELD_KW, v] = w.car[lane, r, CAR_POWER_KW, v]
        reached = cap_change(w, i, r, lane, now)
        # What everybody expects is the command within the cap.
        w.ledger[i, r, L_DEVIATION_MW] = reached - capped_mw(w, i, r, commanded) if now != commanded else 0.0
    check_frequency(w, i, lane)


def sudden_deviation_mw(w: World, i: int, r: int, deviation_mw: float) -> float:
    """Part of the stands' deviation that is there before the grid's reserves have answered, MW."""
    share = w.area[i, r, HIJACK_SHARE] + (1.0 - w.area[i, r, HIJACK_SHARE]) * w.area[i, r, LINK_LOST]
    stands = share * w.area[i, r, FLEET_PLUGGED] * w.site[r, SITE_CARS]
    if w.constant[RAMP_KW_PER_MIN] <= 0.0:
        return deviation_mw
    return sudden_mw(deviation_mw, stands, w.constant[RAMP_KW_PER_MIN], w.constant[RAMP_WINDOW_MIN])


def check_frequency(w: World, i: int, lane: int) -> None:
    """
    Deviation of each synchronous zone if the aggregator's surprises met nothing but the zone's own stiffness.

    Surprises are the stands' deviation from the command, the swing of oscillating stands and own load that an outage
    cuts off. Demand of areas outside the scenario is scaled up from those inside.
    """
    row = w.clock[i, ROW]
    unsafe = 0.0
    for zone in range(N_SYNC_ZONE):
        demand = 0.0
        surprise = 0.0
        swing = 0.0
        stands = 0.0
        for r in range(w.site.shape[0]):
            if int(w.site[r, SITE_SYNC_ZONE]) == zone:
                demand += w.site[r, SITE_SYNC_SCALE] * w.exog[row, r, DEMAND]
                surprise += sudden_deviation_mw(w, i, r, w.ledger[i, r, L_DEVIATION_MW]) - w.area[i, r, LOST_LOAD_MW]
                swing += sudden_deviation_mw(w, i, r, w.scratch[lane, S_SWING_MW, r])
                stands += 0.001 * w.area[i, r, FLEET_PLUGGED] * w.site[r, SITE_CARS] * w.constant[CAR_KW]
        worst = surprise + swing if surprise >= 0.0 else surprise - swing
        deviation = frequency_deviation_hz(worst, demand)
        if w.constant[OVERRIDE] > 0.5:
            deviation = answered_hz(deviation, demand, stands)
        if abs(deviation) > 0.5:
            unsafe = 1.0
        for r in range(w.site.shape[0]):
            if int(w.site[r, SITE_SYNC_ZONE]) == zone:
                w.ledger[i, r, L_FREQUENCY] = deviation
    w.outcome[i, O_UNSAFE] = unsafe


def book_swing(w: World, i: int, r: int, lane: int) -> None:
    """Add what oscillating stands drew and gave back within the half hour to the ledger, AC side."""
    if w.incident.shape[0] > 0:
        w.ledger[i, r, L_CHARGED] += 0.25 * w.scratch[lane, S_SWING_MW, r]
        w.ledger[i, r, L_DISCHARGED] += 0.25 * w.scratch[lane, S_SWING_MW, r]


def remember_power(w: World, i: int) -> None:
    """Keep the power of this half hour, for what an outage cuts off in the next and for the cap on change."""
    if w.incident.shape[0] == 0 and w.constant[CHANGE_CAP] <= 0.0:
        return
    for r in range(w.site.shape[0]):
        w.area[i, r, SITE_BEFORE_MW] = w.ledger[i, r, L_DATACENTRE_MW]
        w.area[i, r, FLEET_BEFORE_MW] = w.ledger[i, r, L_FLEET_MW]
        w.area[i, r, STORAGE_BEFORE_MW] = w.ledger[i, r, L_STORAGE_MW]
