"""From a dispatch that a planner wrote to one that is possible."""

from wattbit.world.incidents import cut_links
from wattbit.world.markets import decode_reserve
from wattbit.world.state import *  # noqa: F403  (field positions)


def exportable_mw(w: World, i: int, o: int, k: int, available_mw: float) -> float:
    """Work of class k that may leave area o in this half hour, MW; all of it unless work is bound to its home."""
    share = w.constant[RESIDENT_SHARE]
    if share <= 0.0:
        return available_mw
    if k == FLOW_BATCH:
        return 2.0 * w.area[i, o, EXPORTABLE_BATCH_MWH]
    if k == FLOW_TRAINING:
        return 2.0 * w.area[i, o, EXPORTABLE_TRAINING_MWH]
    return (1.0 - share) * available_mw


def project_dispatch(w: World, i: int, lane: int) -> None:
    """Cut a dispatch that came from outside the Box to what is possible; one that is possible stays as it is."""
    areas = w.site.shape[0]
    for d in range(areas):
        w.scratch[lane, S_STORAGE_MW, d] = min(
            max(w.scratch[lane, S_STORAGE_MW, d], w.area[i, d, STORAGE_LOW_MW]), w.area[i, d, STORAGE_HIGH_MW]
        )
        depth = max(1e-9, w.area[i, d, RESERVE_DEPTH_MW])
        up = w.scratch[lane, S_RESERVE_UP_MW, d] / depth
        down = w.scratch[lane, S_RESERVE_DOWN_MW, d] / depth
        decode_reserve(w, i, d, lane, min(1.0, up), min(1.0, down))
        for v in range(w.vehicle.shape[3]):
            power = max(w.car[lane, d, CAR_POWER_KW, v], w.vehicle[i, d, POWER_LOW_KW, v])
            w.car[lane, d, CAR_POWER_KW, v] = min(power, w.vehicle[i, d, POWER_HIGH_KW, v])
        w.scratch[lane, S_FREE, d] = w.area[i, d, CAPACITY_MW]
        for o in range(areas):
            w.flow[lane, FLOW_LINK, o, d] = w.pair[PAIR_LINK_TB, o, d]
    cut_links(w, i, lane)
    # Homes before guests: what users keep at home takes its room first.
    for k in range(FLOW_BATCH):
        for o in range(areas):
            own = (
                w.area[i, o, INTERACTIVE_MW]
                if k == FLOW_INTERACTIVE
                else 0.3333333333333333 * w.area[i, o, REALTIME_MW]
            )
            w.flow[lane, k, o, o] = min(max(0.0, w.flow[lane, k, o, o]), own)
            w.scratch[lane, S_FREE, o] -= w.flow[lane, k, o, o]
    for k in range(N_FLOW):
        hosted = k <= FLOW_INTERACTIVE
        tb = w.constant[REALTIME_TB]
        budget = w.constant[INTERACTIVE_BUDGET_MS]
        field = REALTIME_MW
        if k < FLOW_INTERACTIVE:
            budget = w.constant[BUDGET_1_MS + k]
        if k == FLOW_INTERACTIVE:
            tb = w.constant[INTERACTIVE_TB]
            field = INTERACTIVE_MW
        if k == FLOW_BATCH:
            tb = w.constant[BATCH_TB]
            field = BATCH_MWH
        if k == FLOW_TRAINING:
            tb = w.constant[TRAINING_TB]
            field = TRAINING_MWH
        for o in range(areas):
            available = w.area[i, o, field] * (2.0 if not hosted else (0.3333333333333333 if k < 3 else 1.0))
            away_left = exportable_mw(w, i, o, k, available)
            for j in range(areas):
                d = int(w.pair[PAIR_NEAREST, o, j])
                away = d != o
                overhead = 1.0 + (w.constant[LOST_SHARE] if k == FLOW_TRAINING and away else 0.0)
                wanted = min(max(0.0, w.flow[lane, k, o, d]), available)
                if away:
                    wanted = min(min(wanted, max(0.0, away_left)), 2.0 * max(0.0, w.flow[lane, FLOW_LINK, o, d]) / tb)
                    if hosted and w.pair[PAIR_RTT_MS, o, d] > budget:
                        wanted = 0.0
                if away or not hosted:
                    wanted = min(wanted, max(0.0, w.scratch[lane, S_FREE, d]) / overhead)
                w.flow[lane, k, o, d] = wanted
                w.scratch[lane, S_FREE, d] -= wanted * overhead if away or not hosted else 0.0
                available -= wanted
                if away:
                    away_left -= wanted
                    w.flow[lane, FLOW_LINK, o, d] -= 0.5 * wanted * tb
            if hosted:
                # Demand that was not placed stays at home; it is lost there when home is full.
                w.flow[lane, k, o, o] += available
                w.scratch[lane, S_FREE, o] -= available
