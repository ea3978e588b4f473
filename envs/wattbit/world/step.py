"""One half hour of the coupled world: the laws meet here."""

from math import atan2

import numpy as np

from wattbit.physics.datacentre import power_usage_effectiveness, throttle_share
from wattbit.physics.snow import electricity_mwh_per_t, mass_on_day_t
from wattbit.world.datacentre import observe_site, run_work
from wattbit.world.decode import decode_action
from wattbit.world.demand import arrive_work, observe_backlog
from wattbit.world.feeder import run_feeder
from wattbit.world.fleet import observe_fleet, reset_fleet, run_fleet, start_day
from wattbit.world.incidents import apply_incidents, book_swing, observe_incidents, remember_power, reset_incidents
from wattbit.world.markets import activate_reserve, missed_green_jpy, observe_markets
from wattbit.world.observe import write_observation
from wattbit.world.project import project_dispatch
from wattbit.world.random import STREAM_EPISODE, STREAM_FORECAST, STREAM_START, random_word
from wattbit.world.settle import settle
from wattbit.world.state import *  # noqa: F403  (field positions)
from wattbit.world.storage import close_pack, observe_storage, reset_storage, run_storage


def stock_work_mwh(w: World, i: int, r: int) -> float:
    """Backlog of one area, MWh of IT energy."""
    return w.area[i, r, BATCH_MWH] + w.area[i, r, TRAINING_MWH]


def day_of_year(w: World, i: int) -> float:
    """Day of the year of the half hour to act on, 0 to 365, from the angle of the season."""
    row = w.clock[i, ROW]
    angle = atan2(w.exog[row, 0, YEAR_SIN], w.exog[row, 0, YEAR_COS])
    return 58.131342964314776 * (angle if angle >= 0.0 else angle + 6.283185307179586)


def terminal_jpy(w: World, i: int) -> float:
    """
    Cost of what the episode leaves behind, against what it began with.

    Stored energy is worth the mean spot price of the day that follows; unfinished work costs that price with overhead
    in the dearest area and a margin, so that neither emptying the stores nor putting off work can pay.
    """
    row = w.clock[i, ROW]
    cost = 0.0
    dearest = 0.0
    for r in range(w.site.shape[0]):
        dearest = max(dearest, w.exog[row, r, STOCK_PRICE] * w.area[i, r, PUE])
    for r in range(w.site.shape[0]):
        price = w.exog[row, r, STOCK_PRICE]
        serve = dearest if w.constant[WORK_MOVES] > 0.5 else price * w.area[i, r, PUE]
        stored = w.area[i, r, STORAGE_MWH] - w.area[i, r, START_STORAGE_MWH]
        driven = (w.area[i, r, FLEET_MWH] - w.area[i, r, START_FLEET_MWH]) / w.constant[CAR_EFFICIENCY]
        work = stock_work_mwh(w, i, r) - w.area[i, r, START_WORK_MWH]
        cost += w.constant[BACKLOG_FACTOR] * serve * work - price * (stored + driven)
        if w.site[r, SITE_SNOW_T] > 0.0:
            # Snow beyond what the season's plan leaves now would have cooled later; in winter none is brought in.
            day = day_of_year(w, i)
            plan = mass_on_day_t(w.site[r, SITE_SNOW_T], day)
            plan = min(plan, mass_on_day_t(w.site[r, SITE_SNOW_T], day - float(w.clock[i, LENGTH]) / 48.0))
            cost += price * electricity_mwh_per_t() * (plan - w.area[i, r, SNOW_T])
    return cost


def observe_area(w: World, i: int, r: int) -> None:
    """Everything an agent may know about one area for the half hour to act on, apart from the series."""
    temperature = w.exog[w.clock[i, ROW], r, TEMPERATURE]
    w.area[i, r, PUE] = power_usage_effectiveness(
        temperature,
        w.site[r, SITE_FREE_C],
        w.site[r, SITE_FULL_C],
        w.site[r, SITE_COP],
        w.site[r, SITE_LOSSES],
        w.site[r, SITE_FANS],
    )
    w.area[i, r, CAPACITY_MW] = w.site[r, SITE_DYNAMIC_MW] * throttle_share(temperature) * w.area[i, r, SITE_UP]
    arrive_work(w, i, r)
    observe_backlog(w, i, r)
    observe_fleet(w, i, r)
    observe_site(w, i, r)
    observe_markets(w, i, r)
    observe_storage(w, i, r)


def apply_dispatch(w: World, i: int, lane: int) -> None:
    """Carry out the dispatch of lane `lane` in world i and book it."""
    apply_incidents(w, i, lane)
    for r in range(w.site.shape[0]):
        activate_reserve(w, i, r, lane)
    run_work(w, i, lane)
    for r in range(w.site.shape[0]):
        run_fleet(w, i, r, lane)
        book_swing(w, i, r, lane)
        run_feeder(w, i, r)
        run_storage(w, i, r, lane)
    settle(w, i, lane)
    remember_power(w, i)


def observe_world(w: World, i: int) -> None:
    """Bring in what the half hour to act on adds, and show it."""
    observe_incidents(w, i)
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
        w.area[i, r, PREVIOUS_DELTA] = w.exog[row, r, DELTA] + w.area[i, r, PRICE_RISE]
        if (row + 1) % 48 == 0:
            start_day(w, i, r)
            close_pack(w, i, r)
    observe_world(w, i)
    w.outcome[i, O_TERMINAL] = terminal_jpy(w, i) if ended and w.constant[CONTINUING] < 0.5 else 0.0
    w.outcome[i, O_CERTIFICATES] += missed_green_jpy(w, i) if ended else 0.0
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
    # Below 0 while an episode warms up: incidents count from its scored part.
    w.clock[i, STEP] = -int(w.constant[WARM_UP]) if w.constant[CONTINUING] > 0.5 else 0
    for r in range(areas):
        for k in range(N_QUEUE):
            w.queue[i, r, k] = 0.0
        reset_storage(w, i, r)
        w.area[i, r, PREVIOUS_DELTA] = 0.0
        w.area[i, r, TOP_OIL_K] = 20.0  # of a transformer at half load; it forgets this within a day
        w.area[i, r, HOT_SPOT_C] = 40.0
        w.area[i, r, TRIP_STEPS] = 0.0
        reset_incidents(w, i, r)
        w.area[i, r, SNOW_T] = mass_on_day_t(w.site[r, SITE_SNOW_T], day_of_year(w, i))
        w.area[i, r, EXPORTABLE_BATCH_MWH] = 0.0
        w.area[i, r, EXPORTABLE_TRAINING_MWH] = 0.0
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
        for k in range(areas * N_CONTROL, w.action.shape[1]):
            w.action[i, k] = 1.0
        # The step that ended the last episode still has to be reported: its results survive the warm-up.
        spare = w.clock.shape[0] + lane
        copy_results(w, i, spare)
        for _ in range(int(w.constant[WARM_UP])):
            decode_action(w, i, lane)
            advance(w, i, lane)
        copy_results(w, spare, i)
    for r in range(areas):
        w.area[i, r, START_STORAGE_MWH] = w.area[i, r, STORAGE_MWH]
        w.area[i, r, START_FLEET_MWH] = w.area[i, r, FLEET_MWH]
        w.area[i, r, START_WORK_MWH] = stock_work_mwh(w, i, r)
        w.area[i, r, MATCH_LOAD_MWH] = 0.0
        w.area[i, r, MATCHED_MWH] = 0.0
        w.area[i, r, MATCHED_SHARE] = 0.0
    write_observation(w, i)  # once more: the share matched so far is that of this episode


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
