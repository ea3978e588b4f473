"""Data centres of a world: placed work runs, halls are cooled, snow melts, heat is sold."""

from wattbit.physics.datacentre import compressor_power_share, compressor_share, site_power_mw
from wattbit.physics.heat import heat_demand_mw, heat_pump_power_mw, heat_sold_mw, recovered_mw
from wattbit.physics.network import waiting_p99_factor
from wattbit.physics.snow import idle_melt_t, melted_t_per_mwh, snow_cooling_mw
from wattbit.world.demand import lose_overdue, run_queue
from wattbit.world.state import *  # noqa: F403  (field positions)


def run_work(w: World, i: int, lane: int) -> None:
    """Run the placed work: drops at full sites, queues, bytes, delay and queueing cost."""
    areas = w.site.shape[0]
    row = w.clock[i, ROW]
    lost = w.constant[LOST_SHARE]
    network = 0.0
    work = 0.0
    slo_miss = 0.0
    late = 0.0
    for d in range(areas):
        capacity = w.area[i, d, CAPACITY_MW]
        interactive = 0.0
        realtime = 0.0
        for o in range(areas):
            realtime += w.flow[lane, 0, o, d] + w.flow[lane, 1, o, d] + w.flow[lane, 2, o, d]
            interactive += w.flow[lane, FLOW_INTERACTIVE, o, d]
        # Only a site's own users can be too many for it: guests are let in as far as there is room.
        over = max(0.0, realtime + interactive - capacity)
        cut = min(over, w.flow[lane, FLOW_INTERACTIVE, d, d])
        w.flow[lane, FLOW_INTERACTIVE, d, d] -= cut
        w.ledger[i, d, L_INTERACTIVE_DROPPED] = 0.5 * cut
        interactive = max(0.0, interactive - cut)
        cut_realtime = over - cut
        left = cut_realtime
        for k in range(3):
            take = min(left, w.flow[lane, k, d, d])
            w.flow[lane, k, d, d] -= take
            left -= take
        realtime = max(0.0, realtime - cut_realtime)
        w.ledger[i, d, L_REALTIME_DROPPED] = 0.5 * cut_realtime
        batch = 0.0
        training = 0.0
        redone = 0.0
        moved = 0.0
        for o in range(areas):
            batch += w.flow[lane, FLOW_BATCH, o, d]
            training += w.flow[lane, FLOW_TRAINING, o, d]
            if o != d:
                guests = w.flow[lane, 0, o, d] + w.flow[lane, 1, o, d] + w.flow[lane, 2, o, d]
                chat = w.flow[lane, FLOW_INTERACTIVE, o, d]
                checkpoint = w.flow[lane, FLOW_TRAINING, o, d]
                redone += lost * checkpoint
                moved += guests * w.constant[REALTIME_TB] + chat * w.constant[INTERACTIVE_TB]
                moved += w.flow[lane, FLOW_BATCH, o, d] * w.constant[BATCH_TB] + checkpoint * w.constant[TRAINING_TB]
                network += 0.5 * (guests + chat) * w.pair[PAIR_RTT_MS, o, d] * w.constant[RTT_COST]
                network += 0.5 * checkpoint * w.constant[MOVE_COST]
        load = realtime + interactive + batch + training + redone
        works = w.site[d, SITE_DYNAMIC_MW] * w.area[i, d, SITE_UP]  # an outage leaves fewer servers to the same queue
        used = max(0.0, load) / max(1e-6, works) if works > 0.0 else 0.0  # a dark site runs rounding errors
        waiting = 0.0
        for k in range(N_TANGENTS):
            waiting = max(waiting, w.constant[TANGENT + k] + w.constant[TANGENT + N_TANGENTS + k] * used)
        network += 0.5 * waiting * w.constant[QUEUE_COST] * works
        w.ledger[i, d, L_LOAD_MW] = load
        # Time to the first token: queueing tail and service at the site, on top of the way there and back.
        tail = w.constant[SERVICE_MS] * (1.0 + waiting_p99_factor(min(0.99, used), w.constant[SERVERS]))
        for o in range(areas):
            if tail + w.pair[PAIR_RTT_MS, o, d] > w.constant[SLO_MS]:
                late += 0.5 * w.flow[lane, FLOW_INTERACTIVE, o, d]
        w.ledger[i, d, L_P99_MS] = tail + w.pair[PAIR_RTT_MS, d, d]
        w.ledger[i, d, L_REALTIME_MW] = realtime
        w.ledger[i, d, L_INTERACTIVE_MW] = interactive
        w.ledger[i, d, L_BATCH_MWH] = 0.5 * batch
        w.ledger[i, d, L_TRAINING_MWH] = 0.5 * (training + redone)
        w.ledger[i, d, L_MOVED_TB] = 0.5 * moved
        slo_miss += 0.5 * over
        work += 0.5 * (cut * w.constant[INTERACTIVE_VALUE] + cut_realtime * w.constant[REALTIME_VALUE])
    for o in range(areas):
        batch = 0.0
        training = 0.0
        for d in range(areas):
            batch += w.flow[lane, FLOW_BATCH, o, d]
            training += w.flow[lane, FLOW_TRAINING, o, d]
        if w.constant[RESIDENT_SHARE] > 0.0:
            w.area[i, o, EXPORTABLE_BATCH_MWH] -= 0.5 * (batch - w.flow[lane, FLOW_BATCH, o, o])
            w.area[i, o, EXPORTABLE_TRAINING_MWH] -= 0.5 * (training - w.flow[lane, FLOW_TRAINING, o, o])
        served = run_queue(w.queue, i, o, 0, 48, row, 0.5 * batch, w.area[i, o, BATCH_MWH])
        w.ledger[i, o, L_BATCH_SERVED] = served
        served = run_queue(w.queue, i, o, 48, 144, row, 0.5 * training, w.area[i, o, TRAINING_MWH])
        w.ledger[i, o, L_TRAINING_SERVED] = served
        missed_batch = lose_overdue(w.queue, i, o, row % 48)
        missed_training = lose_overdue(w.queue, i, o, 48 + row % 144)
        w.ledger[i, o, L_BATCH_MISSED] = missed_batch
        w.ledger[i, o, L_TRAINING_MISSED] = missed_training
        work += missed_batch * w.constant[BATCH_VALUE] + missed_training * w.constant[TRAINING_VALUE]
        slo_miss += missed_batch + missed_training
    w.outcome[i, O_NETWORK] = network
    w.outcome[i, O_WORK] = work
    w.outcome[i, O_SLO_MISS] = slo_miss
    w.outcome[i, O_P99_MISS] = late


def power_site(w: World, i: int, r: int) -> float:
    """
    Facility power of one site with its snow store and its heat pump, MW.

    Snow takes over from the compressors as long as there is any; heat is sold as far as customers ask for it.
    """
    temperature = w.exog[w.clock[i, ROW], r, TEMPERATURE]
    load = w.ledger[i, r, L_LOAD_MW]
    idle = w.site[r, SITE_IDLE_MW] * w.area[i, r, SITE_UP]
    power = site_power_mw(load, w.area[i, r, PUE], idle, w.site[r, SITE_TAIL])
    w.ledger[i, r, L_SNOW] = 0.0
    w.ledger[i, r, L_HEAT] = 0.0
    if w.area[i, r, SNOW_T] > 0.0:
        free = w.site[r, SITE_FREE_C]
        full = w.site[r, SITE_FULL_C]
        fans = w.site[r, SITE_FANS]
        need = (1.0 + fans) * (idle + load) * compressor_share(temperature, free, full)
        cooled = snow_cooling_mw(need, w.area[i, r, SNOW_T], 0.5)
        melted = 0.5 * cooled * melted_t_per_mwh()
        left = w.area[i, r, SNOW_T] - melted
        w.area[i, r, SNOW_T] = max(0.0, left - idle_melt_t(left, w.constant[SNOW_LOSS], 0.5))
        w.ledger[i, r, L_SNOW] = melted
        if need > 0.0:
            electric = compressor_power_share(temperature, free, full, w.site[r, SITE_COP], fans)
            power -= cooled * max(0.0, electric * (idle + load) / need - w.constant[SNOW_POWER])
    pump = 0.0
    if w.area[i, r, HEAT_DEMAND_MW] > 0.0:
        warm = recovered_mw(idle + load, w.constant[HEAT_CAPTURE])
        sold = heat_sold_mw(warm, w.constant[HEAT_COP], w.area[i, r, HEAT_DEMAND_MW])
        pump = heat_pump_power_mw(sold, w.constant[HEAT_COP])
        w.ledger[i, r, L_HEAT] = 0.5 * sold
    w.ledger[i, r, L_HEAT_PUMP_MW] = pump
    return power + pump


def observe_site(w: World, i: int, r: int) -> None:
    """Heat customers of the half hour to act on."""
    temperature = w.exog[w.clock[i, ROW], r, TEMPERATURE]
    w.area[i, r, HEAT_DEMAND_MW] = heat_demand_mw(
        temperature, w.site[r, SITE_HEAT_MW_PER_K], w.site[r, SITE_HEAT_FLAT_MW]
    )
