"""Work that arrives, waits in rings ordered by due time, runs, and is lost when past due."""

from math import cos, exp

import numpy as np

from wattbit.world.random import STREAM_BATCH, STREAM_DEMAND, STREAM_TRAINING, normal
from wattbit.world.sessions import is_weekend
from wattbit.world.state import *  # noqa: F403  (field positions)


def ring_sum(queue: np.ndarray, i: int, r: int, start: int, count: int) -> float:
    """Sum of `count` neighbouring slots from position `start`, MWh, without wrapping."""
    a = 0.0
    b = 0.0
    c = 0.0
    d = 0.0
    k = start
    # Four running sums: one would wait for each addition before starting the next.
    while k + 3 < start + count:
        a += queue[i, r, k]
        b += queue[i, r, k + 1]
        c += queue[i, r, k + 2]
        d += queue[i, r, k + 3]
        k += 4
    while k < start + count:
        a += queue[i, r, k]
        k += 1
    return (a + b) + (c + d)


def due_sum(queue: np.ndarray, i: int, r: int, base: int, slots: int, row: int, start: int, count: int) -> float:
    """Work of one ring due `start` to `start + count` half hours after row `row`, MWh."""
    first = (row + start) % slots
    straight = min(count, slots - first)
    return ring_sum(queue, i, r, base + first, straight) + ring_sum(queue, i, r, base, count - straight)


def observe_backlog(w: World, i: int, r: int) -> None:
    """Refresh the area's backlog and the parts of it that are due soon."""
    row = w.clock[i, ROW]
    part = due_sum(w.queue, i, r, 0, 48, row, 0, 4)
    w.area[i, r, BATCH_DUE_2H] = part
    part += due_sum(w.queue, i, r, 0, 48, row, 4, 8)
    w.area[i, r, BATCH_DUE_6H] = part
    part += due_sum(w.queue, i, r, 0, 48, row, 12, 12)
    w.area[i, r, BATCH_DUE_12H] = part
    w.area[i, r, BATCH_MWH] = part + due_sum(w.queue, i, r, 0, 48, row, 24, 24)
    part = due_sum(w.queue, i, r, 48, 144, row, 0, 12)
    w.area[i, r, TRAINING_DUE_6H] = part
    part += due_sum(w.queue, i, r, 48, 144, row, 12, 36)
    w.area[i, r, TRAINING_DUE_24H] = part
    part += due_sum(w.queue, i, r, 48, 144, row, 48, 48)
    w.area[i, r, TRAINING_DUE_48H] = part
    w.area[i, r, TRAINING_MWH] = part + due_sum(w.queue, i, r, 48, 144, row, 96, 48)
    # Work that must stay is served at home first, so what may leave is never more than what is left.
    w.area[i, r, EXPORTABLE_BATCH_MWH] = min(w.area[i, r, EXPORTABLE_BATCH_MWH], w.area[i, r, BATCH_MWH])
    w.area[i, r, EXPORTABLE_TRAINING_MWH] = min(w.area[i, r, EXPORTABLE_TRAINING_MWH], w.area[i, r, TRAINING_MWH])


def lognormal(mean: float, sigma: float, z: float) -> float:
    """Lognormal draw with the given mean, cut at eight times the mean: a heavy but finite tail."""
    return mean * min(8.0, exp(sigma * z - 0.5 * sigma * sigma))


def arrive_work(w: World, i: int, r: int) -> None:
    """
    Demand of the half hour to act on, and the deferrable work that joins the queues with it.

    A class with a recorded profile follows it; the others have the built-in swing over the day and a profile of ones.
    Batch is due in 4, 8, 16 or 24 h and training in 24, 48 or 72 h, in equal parts (assumption).
    """
    draw = w.clock[i, DRAW]
    row = w.clock[i, ROW]
    hour = 0.5 * float(row % 48)
    week = (row + 48 * int(w.constant[FIRST_WEEKDAY])) % 336
    swing = cos(0.2617993877991494 * (hour - 15.0))
    shock = exp(w.constant[DEMAND_SPREAD] * (w.area[i, r, DEMAND_DAY] + normal(draw, STREAM_DEMAND, row, r)))
    realtime = w.site[r, SITE_REALTIME_MW] * (1.0 + 0.07 * swing) * shock
    w.area[i, r, REALTIME_MW] = realtime * w.profile[week, PROFILE_REALTIME]
    calendar = w.constant[WEEKEND_DEMAND] if is_weekend(w, row // 48) else 1.0
    interactive = w.site[r, SITE_INTERACTIVE_MW] * (1.0 + w.constant[INTERACTIVE_SWING] * swing) * shock * calendar
    w.area[i, r, INTERACTIVE_MW] = interactive * w.profile[week, PROFILE_INTERACTIVE]
    batch = lognormal(w.site[r, SITE_BATCH_MWH], w.constant[BATCH_SPREAD], normal(draw, STREAM_BATCH, row, r))
    batch *= w.profile[week, PROFILE_BATCH]
    w.area[i, r, ARRIVED_BATCH_MWH] = batch
    w.queue[i, r, (row + 7) % 48] += 0.25 * batch
    w.queue[i, r, (row + 15) % 48] += 0.25 * batch
    w.queue[i, r, (row + 31) % 48] += 0.25 * batch
    w.queue[i, r, (row + 47) % 48] += 0.25 * batch
    training = lognormal(
        w.site[r, SITE_TRAINING_MWH], w.constant[TRAINING_SPREAD], normal(draw, STREAM_TRAINING, row, r)
    )
    training *= w.profile[week, PROFILE_TRAINING]
    w.area[i, r, ARRIVED_TRAINING_MWH] = training
    third = 0.3333333333333333 * training
    w.queue[i, r, 48 + (row + 47) % 144] += third
    w.queue[i, r, 48 + (row + 95) % 144] += third
    w.queue[i, r, 48 + (row + 143) % 144] += third
    free = 1.0 - w.constant[RESIDENT_SHARE]
    w.area[i, r, EXPORTABLE_BATCH_MWH] += free * batch
    w.area[i, r, EXPORTABLE_TRAINING_MWH] += free * training


def run_queue(queue: np.ndarray, i: int, r: int, base: int, slots: int, row: int, amount: float, total: float) -> float:
    """Take `amount` of the `total` MWh in one ring, earliest due first; returns what was taken."""
    # Differences of rounding size are not work: they neither stay behind nor make the search run through the ring.
    if amount >= 0.999999 * total:
        for k in range(base, base + slots):
            queue[i, r, k] = 0.0
        return total
    left = amount
    slot = base + row % slots
    for _ in range(slots):
        if left <= 1e-6 * amount:
            break
        take = min(left, queue[i, r, slot])
        queue[i, r, slot] -= take
        left -= take
        slot = slot + 1 if slot + 1 < base + slots else base
    return amount - left


def lose_overdue(queue: np.ndarray, i: int, r: int, slot: int) -> float:
    """Remove what was due by the end of this half hour and is still in its slot; returns it, MWh."""
    lost = queue[i, r, slot]
    queue[i, r, slot] = 0.0
    return lost
