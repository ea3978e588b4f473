"""From the Box to a dispatch: who hosts what, what runs where, what cars and batteries do."""

from wattbit.world.fleet import share_fleet
from wattbit.world.incidents import cut_links
from wattbit.world.markets import decode_reserve
from wattbit.world.state import *  # noqa: F403  (field positions)


def control(w: World, i: int, r: int, k: int) -> float:
    """One action of one area, held within [-1, 1]."""
    return min(1.0, max(-1.0, float(w.action[i, r * N_CONTROL + k])))


def order_cars(w: World, i: int, r: int, lane: int) -> None:
    """Give every car of one area the power that its own action asks for; what it must charge comes first."""
    n = w.vehicle.shape[3]
    first = w.site.shape[0] * N_CONTROL + r * n
    for v in range(n):
        x = min(1.0, max(-1.0, float(w.action[i, first + v])))
        low = w.vehicle[i, r, POWER_LOW_KW, v]
        high = w.vehicle[i, r, POWER_HIGH_KW, v]
        w.car[lane, r, CAR_POWER_KW, v] = min(max(x * high if x > 0.0 else -x * low, low), high)


def clear_dispatch(w: World, i: int, lane: int) -> None:
    """Empty flows, and links with all their room unless they are cut."""
    areas = w.site.shape[0]
    for k in range(N_FLOW):
        for o in range(areas):
            for d in range(areas):
                w.flow[lane, k, o, d] = 0.0
    for o in range(areas):
        for d in range(areas):
            w.flow[lane, FLOW_LINK, o, d] = w.pair[PAIR_LINK_TB, o, d]
    cut_links(w, i, lane)


def keep_local(w: World, i: int, lane: int, k: int, field: int, which: int, part: float) -> None:
    """
    First pass of hosting for one latency class: users stay at home as far as home's share allows.

    The share an area hosts is its users' demand times (1 + action), normalised: all actions equal means everything
    stays.
    """
    areas = w.site.shape[0]
    demand = 0.0
    wish = 0.0
    for r in range(areas):
        own = w.area[i, r, field]
        x = control(w, i, r, which)
        # An area without users hosts in proportion to its size, and only when asked to.
        share = own * (1.0 + x) if own > 0.0 else 0.1 * w.site[r, SITE_DYNAMIC_MW] * max(0.0, x)
        w.scratch[lane, S_WISH, r] = share
        demand += own
        wish += share
    scale = demand / wish if wish > 1e-6 else 0.0
    for r in range(areas):
        own = part * w.area[i, r, field]
        hosted = part * w.scratch[lane, S_WISH, r] * scale if wish > 1e-6 else own
        kept = min(own, max(hosted, w.constant[RESIDENT_SHARE] * own))
        # Rounding of the normalisation must not send slivers of work around the country.
        kept = own if own - kept < 1e-6 * own else kept
        w.flow[lane, k, r, r] = kept
        w.scratch[lane, S_FREE, r] -= kept
        w.scratch[lane, S_SURPLUS + k, r] = own - kept
        w.scratch[lane, S_DEFICIT + k, r] = max(0.0, hosted - kept)


def host_remote(w: World, lane: int, k: int, budget_ms: float, tb_per_mwh: float) -> None:
    """Second pass: what is left goes to areas that asked for more, nearest first, within budget, link and room."""
    areas = w.site.shape[0]
    tb_per_mw = 0.5 * tb_per_mwh
    for o in range(areas):
        surplus = w.scratch[lane, S_SURPLUS + k, o]
        if surplus > 0.0:
            for j in range(1, areas):
                d = int(w.pair[PAIR_NEAREST, o, j])
                if w.pair[PAIR_RTT_MS, o, d] > budget_ms or surplus <= 0.0:
                    break
                room = min(w.scratch[lane, S_DEFICIT + k, d], max(0.0, w.scratch[lane, S_FREE, d]))
                moved = min(min(surplus, room), max(0.0, w.flow[lane, FLOW_LINK, o, d]) / tb_per_mw)
                w.flow[lane, k, o, d] = moved
                w.flow[lane, FLOW_LINK, o, d] -= moved * tb_per_mw
                w.scratch[lane, S_DEFICIT + k, d] -= moved
                w.scratch[lane, S_FREE, d] -= moved
                surplus -= moved
            # What nobody may take stays at home, even beyond home's capacity: there it is lost.
            w.flow[lane, k, o, o] += surplus
            w.scratch[lane, S_FREE, o] -= surplus


def decode_hosting(w: World, i: int, lane: int) -> None:
    """Place realtime (three budgets in equal thirds) and interactive demand; homes are served before guests."""
    for r in range(w.site.shape[0]):
        w.scratch[lane, S_FREE, r] = w.area[i, r, CAPACITY_MW]
    for k in range(3):
        keep_local(w, i, lane, FLOW_REALTIME + k, REALTIME_MW, A_REALTIME, 0.3333333333333333)
    keep_local(w, i, lane, FLOW_INTERACTIVE, INTERACTIVE_MW, A_INTERACTIVE, 1.0)
    for k in range(3):
        host_remote(w, lane, FLOW_REALTIME + k, w.constant[BUDGET_1_MS + k], w.constant[REALTIME_TB])
    host_remote(w, lane, FLOW_INTERACTIVE, w.constant[INTERACTIVE_BUDGET_MS], w.constant[INTERACTIVE_TB])


def decode_queue(
    w: World,
    i: int,
    lane: int,
    k: int,
    base: int,
    slots: int,
    total: int,
    exportable: int,
    which: int,
    tb: float,
    overhead: float,
) -> None:
    """
    Fill each area's run budget from the queues: its own first, then remote work by due time and then by RTT.

    Parameters
    ----------
    k : int
        Flow to write, MW.
    base, slots : int
        The ring.
    total : int
        Field with the ring's content, MWh.
    exportable : int
        Field with the part of it that may leave home.
    which : int
        Control that gives the share of the capacity still free.
    tb, overhead : float
        TB and extra work per MWh that runs away from home.
    """
    areas = w.site.shape[0]
    open_mwh = 0.0
    waiting = 0.0
    for d in range(areas):
        free = max(0.0, w.scratch[lane, S_FREE, d])
        budget = 0.5 * free * 0.5 * (1.0 + control(w, i, d, which))
        local = min(budget, w.area[i, d, total])
        w.flow[lane, k, d, d] = 2.0 * local
        w.scratch[lane, S_FREE, d] = free - 2.0 * local
        w.scratch[lane, S_LEFT, d] = budget - local
        w.scratch[lane, S_SKIP, d] = local
        open_mwh += budget - local
        left = w.area[i, d, total] - local
        # Slivers left by rounding are not worth a search.
        left = left if left > 1e-5 * w.area[i, d, total] else 0.0
        w.scratch[lane, S_WAITING, d] = left
        waiting += left
        w.scratch[lane, S_EXPORT, d] = w.area[i, d, exportable] if w.constant[RESIDENT_SHARE] > 0.0 else 1e9
    slot = base + w.clock[i, ROW] % slots
    for _ in range(slots):
        if open_mwh <= 1e-3 or waiting <= 1e-3:
            break
        for o in range(areas):
            if w.scratch[lane, S_WAITING, o] > 0.0:
                due = w.queue[i, o, slot]
                own = min(w.scratch[lane, S_SKIP, o], due)
                w.scratch[lane, S_SKIP, o] -= own
                due -= own
                w.scratch[lane, S_WAITING, o] -= due
                waiting -= due
                for j in range(1, areas):
                    if due <= 0.0:
                        break
                    d = int(w.pair[PAIR_NEAREST, o, j])
                    room = min(w.scratch[lane, S_LEFT, d] / (1.0 + overhead), w.flow[lane, FLOW_LINK, o, d] / tb)
                    moved = min(min(due, room), w.scratch[lane, S_EXPORT, o])
                    if moved > 0.0:
                        w.scratch[lane, S_EXPORT, o] -= moved if w.constant[RESIDENT_SHARE] > 0.0 else 0.0
                        w.flow[lane, k, o, d] += 2.0 * moved
                        w.flow[lane, FLOW_LINK, o, d] -= moved * tb
                        w.scratch[lane, S_LEFT, d] -= moved * (1.0 + overhead)
                        w.scratch[lane, S_FREE, d] -= 2.0 * moved * (1.0 + overhead)
                        open_mwh -= moved * (1.0 + overhead)
                        due -= moved
        slot = slot + 1 if slot + 1 < base + slots else base


def decode_action(w: World, i: int, lane: int) -> None:
    """Write the dispatch of world i from its action."""
    clear_dispatch(w, i, lane)
    decode_hosting(w, i, lane)
    tb = w.constant[BATCH_TB]
    decode_queue(w, i, lane, FLOW_BATCH, 0, 48, BATCH_MWH, EXPORTABLE_BATCH_MWH, A_BATCH, tb, 0.0)
    tb = w.constant[TRAINING_TB]
    lost = w.constant[LOST_SHARE]
    decode_queue(w, i, lane, FLOW_TRAINING, 48, 144, TRAINING_MWH, EXPORTABLE_TRAINING_MWH, A_TRAINING, tb, lost)
    by_car = w.action.shape[1] > w.site.shape[0] * N_CONTROL
    for r in range(w.site.shape[0]):
        x = control(w, i, r, A_FLEET)
        if by_car:
            order_cars(w, i, r, lane)
        else:
            share_fleet(w, i, r, lane, x * w.area[i, r, FLEET_HIGH_MW] if x > 0.0 else -x * w.area[i, r, FLEET_LOW_MW])
        x = control(w, i, r, A_STORAGE)
        high = w.area[i, r, STORAGE_HIGH_MW]
        w.scratch[lane, S_STORAGE_MW, r] = x * high if x > 0.0 else -x * w.area[i, r, STORAGE_LOW_MW]
        decode_reserve(w, i, r, lane, control(w, i, r, A_RESERVE_UP), control(w, i, r, A_RESERVE_DOWN))
