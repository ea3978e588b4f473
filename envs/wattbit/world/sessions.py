"""
When the cars of one area leave, come, drive and plug in: drawn day by day, revealed as it happens.

A car's day has one stay on the stand. Cars at home and vans stay over midnight: they leave, then come back. Cars at
work stay within the day: they come, then leave. The cars of a kind stand side by side in the arrays.
"""

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


def drive_share(w: World, draw: int, day: int, r: int, kind: int) -> float:
    """Share of an area's cars of one kind that are on the move on day `day`."""
    share = w.kind[kind, DRIVE_WEEKEND_SHARE] if is_weekend(w, day) else w.kind[kind, DRIVE_SHARE]
    return share + 0.05 * normal(draw, STREAM_DRIVE_DAY, day, r) if share > 0.0 else 0.0


def first_move_h(w: World, draw: int, day: int, r: int, kind: int, v: int) -> float:
    """Plan of car v for its first move on day `day`, hours since midnight; 99 when it does not drive."""
    if rolled(draw, STREAM_DRIVE, day, r, v) >= drive_share(w, draw, day, r, kind):
        return 99.0
    middle = w.kind[kind, FIRST_WEEKEND_H] if is_weekend(w, day) else w.kind[kind, FIRST_H]
    spread = w.kind[kind, FIRST_SIGMA_H] * normal_quantile(stratified(draw, STREAM_LEAVE, day, r, v))
    shock = w.kind[kind, FIRST_DAY_SIGMA_H] * normal(draw, STREAM_LEAVE_DAY, day, r)
    return min(12.0, max(4.5, middle + spread + shock))


def second_move_h(w: World, draw: int, day: int, r: int, kind: int, place: int, first_h: float) -> float:
    """Second move on day `day` of the car in `place` among the cars that drive, hours since midnight."""
    middle = w.kind[kind, SECOND_WEEKEND_H] if is_weekend(w, day) else w.kind[kind, SECOND_H]
    spread = w.kind[kind, SECOND_SIGMA_H] * normal_quantile(stratified(draw, STREAM_RETURN, day, r, place))
    shock = w.kind[kind, SECOND_DAY_SIGMA_H] * normal(draw, STREAM_RETURN_DAY, day, r)
    return min(23.5, max(first_h + 1.0, middle + spread + shock))


def plugs_in(w: World, draw: int, day: int, r: int, kind: int, v: int) -> float:
    """1 if car v plugs in when it comes to its stand on day `day`, else 0."""
    rate = w.kind[kind, PLUG_RATE] + 0.06 * normal(draw, STREAM_PLUG_DAY, day, r)
    return 1.0 if rolled(draw, STREAM_PLUG, day, r, v) < rate else 0.0


def clear_day(w: World, i: int, r: int, v: int) -> None:
    """Car v moves no more today, as far as planned."""
    w.vehicle[i, r, LEAVE_H, v] = 99.0
    w.vehicle[i, r, LEFT_H, v] = 99.0
    w.vehicle[i, r, RETURN_H, v] = 99.0
    w.vehicle[i, r, TRIP_KWH, v] = 0.0


def plan_kind(w: World, i: int, r: int, day: int, kind: int, first: int, last: int) -> None:
    """
    Draw the day of the cars of one kind.

    Quantiles are dealt out among the cars that drive and plug in, and among those that drive and do not: a few
    representatives then carry no more chance than the many they stand for.
    """
    draw = w.clock[i, DRAW]
    by_day = kind == KIND_WORKPLACE
    weekend = w.kind[kind, TRIP_WEEKEND] if is_weekend(w, day) else 1.0
    trip_day = exp(0.3 * normal(draw, STREAM_TRIP_DAY, day, r)) * weekend
    place_plugged = first
    place_other = first
    driven = 0.0
    for v in range(first, last):
        # Yesterday's evening decides who is plugged in the morning.
        stayed = w.vehicle[i, r, LEAVE_H, v] > 48.0
        if not stayed:
            w.vehicle[i, r, PLUG_BEFORE, v] = w.vehicle[i, r, PLUG_AFTER, v]
        clear_day(w, i, r, v)
        w.vehicle[i, r, PLUG_AFTER, v] = plugs_in(w, draw, day, r, kind, v)
        if by_day:
            w.vehicle[i, r, PLUG_BEFORE, v] = w.vehicle[i, r, PLUG_AFTER, v]
            w.vehicle[i, r, NEXT_LEAVE_H, v] = first_move_h(w, draw, day, r, kind, v)
        move = w.vehicle[i, r, NEXT_LEAVE_H, v]
        if move < 48.0:
            plugs = w.vehicle[i, r, PLUG_AFTER, v] > 0.5
            place = place_plugged if plugs else place_other
            place_plugged += 1 if plugs else 0
            place_other += 0 if plugs else 1
            second = second_move_h(w, draw, day, r, kind, place, move)
            leave = second if by_day else move
            w.vehicle[i, r, LEAVE_H, v] = leave
            w.vehicle[i, r, LEFT_H, v] = leave
            w.vehicle[i, r, RETURN_H, v] = move if by_day else second
            spread = w.kind[kind, TRIP_SIGMA] * normal_quantile(stratified(draw, STREAM_TRIP, day, r, place))
            trip = w.kind[kind, TRIP_MEDIAN_KWH] * exp(spread) * trip_day
            w.vehicle[i, r, TRIP_KWH, v] = min(0.6 * w.vehicle[i, r, CAPACITY_KWH, v], trip)
            driven += w.vehicle[i, r, TRIP_KWH, v]
            if stratified(draw, STREAM_EARLY, day, r, v) < w.constant[EARLY_SHARE]:
                early = 1.0 + 2.0 * uniform(draw, STREAM_EARLY_HOURS, day, r * 65536 + v)
                soonest = move + 0.5 if by_day else 0.0
                w.vehicle[i, r, LEFT_H, v] = max(soonest, leave - early)
        w.vehicle[i, r, NEXT_LEAVE_H, v] = 99.0 if by_day else first_move_h(w, draw, day + 1, r, kind, v)
    # What the fleet drives in a day follows from the day alone; how it is split among the cars is chance.
    mean = w.kind[kind, TRIP_MEDIAN_KWH] * exp(0.5 * w.kind[kind, TRIP_SIGMA] * w.kind[kind, TRIP_SIGMA]) * trip_day
    drivers = float(last - first) * drive_share(w, draw, day, r, kind)
    for v in range(first, last):
        scaled = w.vehicle[i, r, TRIP_KWH, v] * mean * drivers / max(0.001, driven)
        w.vehicle[i, r, TRIP_KWH, v] = min(0.6 * w.vehicle[i, r, CAPACITY_KWH, v], scaled)


def plan_recorded(w: World, i: int, r: int, day: int, first: int, last: int) -> None:
    """
    Give the cars at work the recorded stays of the same weekday, another week in every area.

    Until its next stay a car drives what the session delivered, at most 60 % of its battery. All recorded cars are
    plugged in and leave when they plan to.
    """
    weekday = day + int(w.constant[FIRST_WEEKDAY])
    row = (weekday + 7 * r) % w.session.shape[0]
    for v in range(first, last):
        clear_day(w, i, r, v)
        w.vehicle[i, r, NEXT_LEAVE_H, v] = 99.0
        w.vehicle[i, r, PLUG_BEFORE, v] = 1.0
        w.vehicle[i, r, PLUG_AFTER, v] = 1.0
        if w.session[row, v - first, SESSION_LEAVE_H] > w.session[row, v - first, SESSION_COME_H]:
            w.vehicle[i, r, LEAVE_H, v] = w.session[row, v - first, SESSION_LEAVE_H]
            w.vehicle[i, r, LEFT_H, v] = w.session[row, v - first, SESSION_LEAVE_H]
            w.vehicle[i, r, RETURN_H, v] = w.session[row, v - first, SESSION_COME_H]
            trip = w.session[row, v - first, SESSION_KWH]
            w.vehicle[i, r, TRIP_KWH, v] = min(0.6 * w.vehicle[i, r, CAPACITY_KWH, v], trip)


def plan_day(w: World, i: int, r: int, day: int) -> None:
    """Plan the day of every car of one area."""
    for kind in range(3):
        first = int(w.site[r, SITE_KIND_FROM + kind])
        last = int(w.site[r, SITE_KIND_FROM + kind + 1])
        if kind == KIND_WORKPLACE and w.session.shape[0] > 0:
            plan_recorded(w, i, r, day, first, last)
        else:
            plan_kind(w, i, r, day, kind, first, last)


def reset_plans(w: World, i: int, r: int, day: int) -> None:
    """Plans as they stand at the midnight before day `day`; cars at work are on their way with half a usual trip."""
    draw = w.clock[i, DRAW]
    for kind in range(3):
        by_day = kind == KIND_WORKPLACE
        for v in range(int(w.site[r, SITE_KIND_FROM + kind]), int(w.site[r, SITE_KIND_FROM + kind + 1])):
            w.vehicle[i, r, LEAVE_H, v] = 99.0
            w.vehicle[i, r, PLUG_BEFORE, v] = plugs_in(w, draw, day - 1, r, kind, v)
            w.vehicle[i, r, NEXT_LEAVE_H, v] = first_move_h(w, draw, day, r, kind, v)
            usual = min(0.5 * w.kind[kind, TRIP_MEDIAN_KWH], w.vehicle[i, r, ENERGY_KWH, v])
            w.vehicle[i, r, BACK_KWH, v] = usual if by_day else 0.0
