"""When the cars of one area leave, return, drive and plug in: drawn day by day, revealed as it happens."""

from math import exp

from wattbit.world.random import (
    STREAM_DRIVE,
    STREAM_DRIVE_DAY,
    STREAM_EARLY,
    STREAM_EARLY_HOURS,
    STREAM_LEAVE,
    STREAM_LEAVE_DAY,
    STREAM_PLUG,
    STREAM_PLUG_DAY,
    STREAM_RETURN,
    STREAM_RETURN_DAY,
    STREAM_TRIP,
    STREAM_TRIP_DAY,
    normal,
    normal_quantile,
    rolled,
    stratified,
    uniform,
)
from wattbit.world.state import *  # noqa: F403  (field positions)


def is_weekend(w: World, day: int) -> bool:
    """Whether day `day` of the exogenous table is a Saturday or Sunday."""
    return (day + int(w.constant[FIRST_WEEKDAY])) % 7 >= 5


def drive_share(w: World, draw: int, day: int, r: int) -> float:
    """Share of an area's cars that drive on day `day`."""
    return w.constant[DRIVE_SHARE] + 0.05 * normal(draw, STREAM_DRIVE_DAY, day, r)


def planned_leave_h(w: World, draw: int, day: int, r: int, v: int) -> float:
    """Planned departure of car v on day `day`, hours since midnight; 99 when it does not drive."""
    if rolled(draw, STREAM_DRIVE, day, r, v) >= drive_share(w, draw, day, r):
        return 99.0
    middle = 10.0 if is_weekend(w, day) else 7.5
    spread = normal_quantile(stratified(draw, STREAM_LEAVE, day, r, v))
    return min(12.0, max(4.5, middle + spread + 0.4 * normal(draw, STREAM_LEAVE_DAY, day, r)))


def planned_return_h(w: World, draw: int, day: int, r: int, place: int, leave_h: float) -> float:
    """Return of the car in `place` among the cars that drive on day `day`, hours since midnight."""
    middle = 16.0 if is_weekend(w, day) else 18.2
    spread = 1.6 * normal_quantile(stratified(draw, STREAM_RETURN, day, r, place))
    return min(23.5, max(leave_h + 1.0, middle + spread + 1.1 * normal(draw, STREAM_RETURN_DAY, day, r)))


def plugs_in(w: World, draw: int, day: int, r: int, v: int) -> float:
    """1 if car v plugs in when it comes home on day `day`, else 0."""
    rate = w.constant[PLUG_RATE] + 0.06 * normal(draw, STREAM_PLUG_DAY, day, r)
    return 1.0 if rolled(draw, STREAM_PLUG, day, r, v) < rate else 0.0


def plan_day(w: World, i: int, r: int, day: int) -> None:
    """Draw the day's trips of every car of one area; yesterday's evening decides who is plugged in the morning."""
    draw = w.clock[i, DRAW]
    trip_day = exp(0.3 * normal(draw, STREAM_TRIP_DAY, day, r)) * (1.4 if is_weekend(w, day) else 1.0)
    # Quantiles are dealt out among the cars that drive and plug in, and among those that drive and do not: a few
    # representatives then carry no more chance than the many they stand for.
    place_plugged = 0
    place_other = 0
    driven = 0.0
    for v in range(w.vehicle.shape[3]):
        stayed = w.vehicle[i, r, LEAVE_H, v] > 48.0
        if not stayed:
            w.vehicle[i, r, PLUG_BEFORE, v] = w.vehicle[i, r, PLUG_AFTER, v]
        leave = w.vehicle[i, r, NEXT_LEAVE_H, v]
        w.vehicle[i, r, LEAVE_H, v] = leave
        w.vehicle[i, r, LEFT_H, v] = leave
        w.vehicle[i, r, RETURN_H, v] = 99.0
        w.vehicle[i, r, TRIP_KWH, v] = 0.0
        w.vehicle[i, r, PLUG_AFTER, v] = plugs_in(w, draw, day, r, v)
        if leave < 48.0:
            plugs = w.vehicle[i, r, PLUG_AFTER, v] > 0.5
            place = place_plugged if plugs else place_other
            place_plugged += 1 if plugs else 0
            place_other += 0 if plugs else 1
            w.vehicle[i, r, RETURN_H, v] = planned_return_h(w, draw, day, r, place, leave)
            spread = w.constant[TRIP_SIGMA] * normal_quantile(stratified(draw, STREAM_TRIP, day, r, place))
            trip = w.constant[TRIP_MEDIAN_KWH] * exp(spread) * trip_day
            w.vehicle[i, r, TRIP_KWH, v] = min(0.6 * w.vehicle[i, r, CAPACITY_KWH, v], trip)
            driven += w.vehicle[i, r, TRIP_KWH, v]
            if stratified(draw, STREAM_EARLY, day, r, v) < w.constant[EARLY_SHARE]:
                early = 1.0 + 2.0 * uniform(draw, STREAM_EARLY_HOURS, day, r * 65536 + v)
                w.vehicle[i, r, LEFT_H, v] = leave - early
        w.vehicle[i, r, NEXT_LEAVE_H, v] = planned_leave_h(w, draw, day + 1, r, v)
    # What the fleet drives in a day follows from the day alone; how it is split among the cars is chance.
    mean = w.constant[TRIP_MEDIAN_KWH] * exp(0.5 * w.constant[TRIP_SIGMA] * w.constant[TRIP_SIGMA]) * trip_day
    drivers = float(w.vehicle.shape[3]) * drive_share(w, draw, day, r)
    for v in range(w.vehicle.shape[3]):
        scaled = w.vehicle[i, r, TRIP_KWH, v] * mean * drivers / max(0.001, driven)
        w.vehicle[i, r, TRIP_KWH, v] = min(0.6 * w.vehicle[i, r, CAPACITY_KWH, v], scaled)
