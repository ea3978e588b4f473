"""One half hour of the coupled world: the laws meet here."""

import numpy as np

from wattbit.physics.datacentre import power_usage_effectiveness, site_power_mw, throttle_share
from wattbit.physics.grid import average_price, soaked_mw
from wattbit.physics.storage import charge_limit_mw, discharge_limit_mw, energy_gain
from wattbit.world.decode import decode_action
from wattbit.world.demand import arrive_work, lose_overdue, observe_backlog, run_queue
from wattbit.world.fleet import observe_fleet, reset_fleet, run_fleet, start_day
from wattbit.world.observe import write_observation
from wattbit.world.project import project_dispatch
from wattbit.world.random import STREAM_EPISODE, STREAM_FORECAST, STREAM_START, random_word
from wattbit.world.state import *  # noqa: F403  (field positions)


def run_work(w: World, i: int, lane: int) -> None:
    """Run the placed work: drops at full sites, queues, bytes, delay and queueing cost."""
    areas = w.site.shape[0]
    row = w.clock[i, ROW]
    lost = w.constant[LOST_SHARE]
    network = 0.0
    work = 0.0
    slo_miss = 0.0
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
        interactive -= cut
        cut_realtime = over - cut
        left = cut_realtime
        for k in range(3):
            take = min(left, w.flow[lane, k, d, d])
            w.flow[lane, k, d, d] -= take
            left -= take
        realtime -= cut_realtime
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
        used = load / max(1e-6, w.site[d, SITE_DYNAMIC_MW])
        waiting = 0.0
        for k in range(N_TANGENTS):
            waiting = max(waiting, w.constant[TANGENT + k] + w.constant[TANGENT + N_TANGENTS + k] * used)
        network += 0.5 * waiting * w.constant[QUEUE_COST] * w.site[d, SITE_DYNAMIC_MW]
        w.ledger[i, d, L_LOAD_MW] = load
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


def settle(w: World, i: int, lane: int) -> None:
    """Net load meets surplus and price zone by zone; every yen and kilogram of the half hour is booked."""
    areas = w.site.shape[0]
    row = w.clock[i, ROW]
    floor = w.constant[FLOOR]
    for r in range(areas):
        w.scratch[lane, S_RESIDUAL, r] = 0.0
    for r in range(areas):
        dc = site_power_mw(w.ledger[i, r, L_LOAD_MW], w.area[i, r, PUE], w.site[r, SITE_IDLE_MW], w.site[r, SITE_TAIL])
        net = dc + w.ledger[i, r, L_FLEET_MW] + w.ledger[i, r, L_STORAGE_MW]
        soaked = soaked_mw(net, w.exog[row, r, SURPLUS])
        w.ledger[i, r, L_DATACENTRE_MW] = dc
        w.ledger[i, r, L_NET_MW] = net
        w.ledger[i, r, L_SOAKED_MW] = soaked
        w.ledger[i, r, L_RESIDUAL_MW] = net - soaked
        w.scratch[lane, S_RESIDUAL, int(w.exog[row, r, ZONE])] += net - soaked
    for k in range(O_TERMINAL):
        if k != O_NETWORK and k != O_WORK:
            w.outcome[i, k] = 0.0
    reference = 0.0
    co2 = 0.0
    avoided = 0.0
    loss = 0.0
    unserved = 0.0
    v2g = 0.0
    for r in range(areas):
        spot = max(floor, w.exog[row, r, SPOT] + w.exog[row, r, DELTA])
        zone = w.scratch[lane, S_RESIDUAL, int(w.exog[row, r, ZONE])]
        price = average_price(zone, spot, w.exog[row, r, SLOPE], floor)
        soaked = w.ledger[i, r, L_SOAKED_MW]
        residual = w.ledger[i, r, L_RESIDUAL_MW]
        energy = 0.5 * (floor * soaked + price * residual)
        kg = 0.5 * residual * w.exog[row, r, CARBON_MARGINAL]
        losses = w.constant[WHEELING_LOSSES] * w.site[r, SITE_WHEELING]
        wheeling = losses * (w.ledger[i, r, L_CHARGED] + 0.5 * max(0.0, w.ledger[i, r, L_STORAGE_MW]))
        battery = 0.5 * abs(w.ledger[i, r, L_STORAGE_MW]) * w.constant[STORAGE_WEAR]
        carbon = w.constant[CARBON_PRICE] * kg
        road = 1000.0 * w.constant[ROAD_PRICE] * w.ledger[i, r, L_ROAD]
        w.ledger[i, r, L_PRICE] = price
        w.ledger[i, r, L_ENERGY] = energy
        w.ledger[i, r, L_WEAR] += battery
        w.ledger[i, r, L_WHEELING] = wheeling
        w.ledger[i, r, L_CARBON] = carbon
        w.ledger[i, r, L_CO2] = kg
        w.outcome[i, O_ENERGY] += energy
        w.outcome[i, O_WHEELING] += wheeling
        w.outcome[i, O_WEAR] += w.ledger[i, r, L_WEAR]
        w.outcome[i, O_MOBILITY] += road
        w.outcome[i, O_CARBON] += carbon
        # What an inflexible operator with nominal fleets would have paid at these prices: no action enters.
        arrived = w.area[i, r, REALTIME_MW] + w.area[i, r, INTERACTIVE_MW]
        arrived += 2.0 * (w.area[i, r, ARRIVED_BATCH_MWH] + w.area[i, r, ARRIVED_TRAINING_MWH])
        nominal = site_power_mw(
            min(arrived, w.site[r, SITE_DYNAMIC_MW]), w.area[i, r, PUE], w.site[r, SITE_IDLE_MW], w.site[r, SITE_TAIL]
        )
        reference += 0.5 * spot * (nominal + w.site[r, SITE_FLEET_MW])
        co2 += kg
        avoided += 0.5 * max(0.0, soaked)
        loss += w.ledger[i, r, L_SOH_LOSS]
        unserved += w.ledger[i, r, L_UNSERVED]
        v2g += w.ledger[i, r, L_DISCHARGED]
    w.outcome[i, O_REFERENCE] = reference
    w.outcome[i, O_CO2] = co2
    w.outcome[i, O_CURTAILMENT] = avoided
    w.outcome[i, O_SOH_LOSS] = loss / float(areas)
    w.outcome[i, O_UNSERVED] = unserved
    w.outcome[i, O_V2G] = v2g


def stock_work_mwh(w: World, i: int, r: int) -> float:
    """Backlog of one area, MWh of IT energy."""
    return w.area[i, r, BATCH_MWH] + w.area[i, r, TRAINING_MWH]


def terminal_jpy(w: World, i: int) -> float:
    """
    Cost of what the episode leaves behind, against what it began with.

    Stored energy is worth the mean spot price of the last day; unfinished work costs that price with overhead and a
    margin, so that neither emptying the stores nor putting off work can pay.
    """
    row = w.clock[i, ROW]
    cost = 0.0
    for r in range(w.site.shape[0]):
        price = w.exog[row, r, STOCK_PRICE]
        stored = w.area[i, r, STORAGE_MWH] - w.area[i, r, START_STORAGE_MWH]
        driven = (w.area[i, r, FLEET_MWH] - w.area[i, r, START_FLEET_MWH]) / w.constant[CAR_EFFICIENCY]
        work = stock_work_mwh(w, i, r) - w.area[i, r, START_WORK_MWH]
        cost += price * (w.constant[BACKLOG_FACTOR] * w.area[i, r, PUE] * work - stored - driven)
    return cost


def observe_area(w: World, i: int, r: int) -> None:
    """Everything an agent may know about one area for the half hour to act on, apart from the series."""
    temperature = w.exog[w.clock[i, ROW], r, TEMPERATURE]
    w.area[i, r, PUE] = power_usage_effectiveness(temperature)
    w.area[i, r, CAPACITY_MW] = w.site[r, SITE_DYNAMIC_MW] * throttle_share(temperature)
    arrive_work(w, i, r)
    observe_backlog(w, i, r)
    observe_fleet(w, i, r)
    energy = w.area[i, r, STORAGE_MWH]
    eta = w.constant[STORAGE_EFFICIENCY]
    size = w.site[r, SITE_STORAGE_MWH]
    power = w.site[r, SITE_STORAGE_MW]
    w.area[i, r, STORAGE_HIGH_MW] = charge_limit_mw(energy, w.constant[STORAGE_HIGH] * size, power, eta, 0.5)
    w.area[i, r, STORAGE_LOW_MW] = -discharge_limit_mw(energy, w.constant[STORAGE_LOW] * size, power, eta, 0.5)


def apply_dispatch(w: World, i: int, lane: int) -> None:
    """Carry out the dispatch of lane `lane` in world i and book it."""
    run_work(w, i, lane)
    for r in range(w.site.shape[0]):
        run_fleet(w, i, r, lane)
        power = w.scratch[lane, S_STORAGE_MW, r]
        w.ledger[i, r, L_STORAGE_MW] = power
        w.area[i, r, STORAGE_MWH] += energy_gain(power, w.constant[STORAGE_EFFICIENCY], 0.5)
    settle(w, i, lane)


def observe_world(w: World, i: int) -> None:
    """Bring in what the half hour to act on adds, and show it."""
    for r in range(w.site.shape[0]):
        observe_area(w, i, r)
    write_observation(w, i)


def advance(w: World, i: int, lane: int) -> bool:
    """Carry out the dispatch of lane `lane` and move on to the next half hour; True when the episode has ended."""
    apply_dispatch(w, i, lane)
    row = w.clock[i, ROW]
    w.clock[i, ROW] = row + 1
    w.clock[i, STEP] += 1
    ended = w.clock[i, STEP] >= w.clock[i, LENGTH]
    for r in range(w.site.shape[0]):
        w.area[i, r, PREVIOUS_DELTA] = w.exog[row, r, DELTA]
        if (row + 1) % 48 == 0:
            start_day(w, i, r)
    observe_world(w, i)
    w.outcome[i, O_TERMINAL] = terminal_jpy(w, i) if ended and w.constant[CONTINUING] < 0.5 else 0.0
    w.outcome[i, O_COST] = w.outcome[i, O_ENERGY]
    for k in range(O_ENERGY + 1, O_TERMINAL + 1):
        w.outcome[i, O_COST] += w.outcome[i, k]
    w.outcome[i, O_REWARD] = (w.outcome[i, O_REFERENCE] - w.outcome[i, O_COST]) / w.constant[REWARD_SCALE]
    return ended


def copy_results(w: World, source: int, target: int) -> None:
    """Copy one row of outcome and ledger."""
    for k in range(N_OUTCOME):
        w.outcome[target, k] = w.outcome[source, k]
    for r in range(w.site.shape[0]):
        for k in range(N_LEDGER):
            w.ledger[target, r, k] = w.ledger[source, r, k]


def begin_episode(w: World, i: int, lane: int) -> None:
    """
    Start the next episode of world i, and warm it up when it is a training episode.

    Evaluation plays the starting rows in order and draws from the seed alone, so a week looks the same whenever it
    comes; training picks a starting row and draws by (seed, episode), also which of the issued forecasts it sees.
    """
    areas = w.site.shape[0]
    w.clock[i, EPISODE] += 1
    episode = w.clock[i, EPISODE]
    count = w.starts.shape[0]
    pick = episode % count
    key = 0
    if w.constant[CONTINUING] > 0.5:
        pick = random_word(w.clock[i, SEED], STREAM_START, episode, 0) % count
        key = episode
    w.clock[i, DRAW] = random_word(w.clock[i, SEED], STREAM_EPISODE, key, 0)
    w.clock[i, BANK] = random_word(w.clock[i, SEED], STREAM_FORECAST, key, 0) % w.forecast.shape[0]
    w.clock[i, ROW] = w.starts[pick]
    w.clock[i, STEP] = 0
    for r in range(areas):
        for k in range(N_QUEUE):
            w.queue[i, r, k] = 0.0
        w.area[i, r, STORAGE_MWH] = 0.5 * w.site[r, SITE_STORAGE_MWH]
        w.area[i, r, PREVIOUS_DELTA] = 0.0
        reset_fleet(w, i, r)
    observe_world(w, i)
    if w.constant[CONTINUING] > 0.5:
        for r in range(areas):
            # The warm-up rule: all work at home and at once, cars charge on arrival, storage rests.
            for k in range(N_CONTROL):
                w.action[i, r * N_CONTROL + k] = 0.0
            w.action[i, r * N_CONTROL + A_BATCH] = 1.0
            w.action[i, r * N_CONTROL + A_TRAINING] = 1.0
            w.action[i, r * N_CONTROL + A_FLEET] = 1.0
        # The step that ended the last episode still has to be reported: its results survive the warm-up.
        spare = w.clock.shape[0] + lane
        copy_results(w, i, spare)
        for _ in range(int(w.constant[WARM_UP])):
            decode_action(w, i, lane)
            advance(w, i, lane)
        copy_results(w, spare, i)
        w.clock[i, STEP] = 0
        write_observation(w, i)
    for r in range(areas):
        w.area[i, r, START_STORAGE_MWH] = w.area[i, r, STORAGE_MWH]
        w.area[i, r, START_FLEET_MWH] = w.area[i, r, FLEET_MWH]
        w.area[i, r, START_WORK_MWH] = stock_work_mwh(w, i, r)


def run_worlds(w: World, ended: np.ndarray, first: int, last: int, lane: int, task: int) -> None:
    """
    Do one thing to worlds `first` to `last`, with the scratch memory of lane `lane`: the only way in from outside.

    Parameters
    ----------
    ended : ndarray of bool, shape (n,)
        Written by the tasks that step: whether the episode has ended.
    task : int
        TASK_RESET begins an episode; TASK_STEP acts; TASK_STEP_ON acts and begins the next episode where one has ended;
        TASK_DECODE only writes the dispatch of the action; TASK_DISPATCH carries out the dispatch in flow, car and
        scratch after cutting it to what is possible.
    """
    for i in range(first, last):
        if task == TASK_RESET:
            begin_episode(w, i, lane)
        else:
            if task == TASK_DISPATCH:
                project_dispatch(w, i, lane)
            else:
                decode_action(w, i, lane)
            if task != TASK_DECODE:
                ended[i] = advance(w, i, lane)
                if ended[i] and task == TASK_STEP_ON:
                    for k in range(w.observation.shape[1]):
                        w.observation[w.clock.shape[0] + i, k] = w.observation[i, k]
                    begin_episode(w, i, lane)
