"""A fleet of representative cars in one area: limits, sharing of a set-point, energy, wear."""

import numpy as np

from wattbit.physics.cells.denso_nmc622 import (  # the default; a build takes those of the scenario's cell
    calendar_growth,
    calendar_heat,
    calendar_loss,
    calendar_loss_increase,
    cell_temperature_k,
    cycle_age,
    cycle_growth,
    cycle_heat,
    cycle_loss,
    cycle_loss_increase,
    cycle_rate_c,
    cycle_slope,
    depth_heat,
    money_rate_c,
)
from wattbit.physics.storage import energy_gain
from wattbit.physics.vehicle import (
    charge_limit_kw,
    energy_due_kwh,
    hours_to_departure,
    laxity_h,
    lower_limit_kw,
    plugged_share,
    power_at_level,
)
from wattbit.world.random import STREAM_DEMAND_DAY, STREAM_INITIAL_AGE, STREAM_INITIAL_SOC, normal, stratified
from wattbit.world.sessions import plan_day, reset_plans
from wattbit.world.state import *  # noqa: F403  (field positions)


def close_window(w: World, i: int, r: int, v: int) -> None:
    """Book the day's cycle wear of one car for good and open a new window."""
    w.vehicle[i, r, GROWN_CYCLE, v] += w.vehicle[i, r, WINDOW_HIGH, v]
    calendar = calendar_loss(w.vehicle[i, r, AGE_CALENDAR, v] + w.vehicle[i, r, GROWN_CALENDAR, v])
    cycle = cycle_loss(w.vehicle[i, r, AGE_CYCLE, v] + w.vehicle[i, r, GROWN_CYCLE, v])
    health = 1.0 - calendar - cycle
    w.vehicle[i, r, HEALTH, v] = health
    soc = w.vehicle[i, r, ENERGY_KWH, v] / (w.vehicle[i, r, CAPACITY_KWH, v] * health)
    w.vehicle[i, r, WINDOW_SOC_LOW, v] = soc
    w.vehicle[i, r, WINDOW_SOC_HIGH, v] = soc
    w.vehicle[i, r, WINDOW_SOC_SUM, v] = 0.0
    w.vehicle[i, r, WINDOW_EFC, v] = 0.0
    w.vehicle[i, r, WINDOW_RATE_SUM, v] = 0.0
    w.vehicle[i, r, WINDOW_RATE_COUNT, v] = 0.0
    w.vehicle[i, r, WINDOW_RATE_ALL, v] = 0.0
    w.vehicle[i, r, WINDOW_RATE_SQUARE, v] = 0.0
    w.vehicle[i, r, WINDOW_RATE_ABS, v] = 0.0
    w.vehicle[i, r, WINDOW_HIGH, v] = 0.0
    w.vehicle[i, r, WINDOW_HIGH_MONEY, v] = 0.0


def start_day(w: World, i: int, r: int) -> None:
    """Midnight of one area: close every car's wear window, draw the plans of the new day and its demand."""
    for v in range(w.vehicle.shape[3]):
        close_window(w, i, r, v)
    health = 0.0
    for v in range(w.vehicle.shape[3]):
        health += w.vehicle[i, r, HEALTH, v]
    w.area[i, r, LOSS_PERCENT] = 100.0 * (1.0 - health / float(w.vehicle.shape[3]))
    w.area[i, r, TEMPERATURE_SUM] = 0.0
    w.area[i, r, TEMPERATURE_COUNT] = 0.0
    day = w.clock[i, ROW] // 48
    w.area[i, r, DEMAND_DAY] = normal(w.clock[i, DRAW], STREAM_DEMAND_DAY, day, r)
    plan_day(w, i, r, day)


def reset_fleet(w: World, i: int, r: int) -> None:
    """Cars at the midnight an episode starts from: ages and states of charge spread over the fleet."""
    draw = w.clock[i, DRAW]
    day = w.clock[i, ROW] // 48
    span = w.constant[INITIAL_SOC_HIGH] - w.constant[INITIAL_SOC_LOW]
    # A matching history: the calendar part at 15 degC and half charge, the cycle part at the reference duty.
    calendar = calendar_growth(0.5, 288.15, calendar_heat(288.15))
    cycle = cycle_age(w.constant[WEAR_REFERENCE])
    for v in range(w.vehicle.shape[3]):
        years = w.constant[INITIAL_AGE_YEARS] * stratified(draw, STREAM_INITIAL_AGE, 0, r, v)
        w.vehicle[i, r, AGE_CALENDAR, v] = calendar * 365.0 * years
        w.vehicle[i, r, AGE_CYCLE, v] = cycle * 0.1 * years
        w.vehicle[i, r, GROWN_CALENDAR, v] = 0.0
        w.vehicle[i, r, GROWN_CYCLE, v] = 0.0
        w.vehicle[i, r, WINDOW_HIGH, v] = 0.0
        soc = w.constant[INITIAL_SOC_LOW] + span * stratified(draw, STREAM_INITIAL_SOC, day, r, v)
        health = 1.0 - calendar_loss(w.vehicle[i, r, AGE_CALENDAR, v]) - cycle_loss(w.vehicle[i, r, AGE_CYCLE, v])
        w.vehicle[i, r, ENERGY_KWH, v] = soc * w.vehicle[i, r, CAPACITY_KWH, v] * health
    reset_plans(w, i, r, day)
    start_day(w, i, r)


def observe_fleet(w: World, i: int, r: int) -> None:
    """Arrivals of the half hour to act on, then what each car and the fleet can do in it."""
    hour = 0.5 * float(w.clock[i, ROW] % 48)
    kw = w.constant[CAR_KW]
    eta = w.constant[CAR_EFFICIENCY]
    n = w.vehicle.shape[3]
    live = 0.0 if w.area[i, r, TRIP_STEPS] > 0.0 else w.area[i, r, POWER_UP]
    for v in range(n):
        if hour <= w.vehicle[i, r, RETURN_H, v] and w.vehicle[i, r, RETURN_H, v] < hour + 0.5:
            drive_leg(w, i, r, v, w.vehicle[i, r, BACK_KWH, v])
            w.ledger[i, r, L_TRIP] += 0.001 * w.vehicle[i, r, BACK_KWH, v] * w.site[r, SITE_WEIGHT]
    for v in range(n):
        share = live * plugged_share(
            hour,
            w.vehicle[i, r, LEFT_H, v],
            w.vehicle[i, r, RETURN_H, v],
            w.vehicle[i, r, PLUG_BEFORE, v],
            w.vehicle[i, r, PLUG_AFTER, v],
            w.vehicle[i, r, BY_DAY, v],
        )
        hours = hours_to_departure(hour, w.vehicle[i, r, LEAVE_H, v], w.vehicle[i, r, NEXT_LEAVE_H, v])
        usable = w.vehicle[i, r, CAPACITY_KWH, v] * w.vehicle[i, r, HEALTH, v]
        energy = w.vehicle[i, r, ENERGY_KWH, v]
        need = w.vehicle[i, r, PROMISE, v] * usable
        due = energy_due_kwh(need, hours, kw, eta)
        high = charge_limit_kw(energy, w.constant[CEILING] * usable, kw, share, eta)
        low = lower_limit_kw(energy, w.constant[V2G_FLOOR] * usable, due, kw, share, eta)
        w.vehicle[i, r, PLUGGED_SHARE, v] = share
        w.vehicle[i, r, POWER_HIGH_KW, v] = high
        w.vehicle[i, r, POWER_LOW_KW, v] = min(low, high)
        w.vehicle[i, r, LAXITY_H, v] = laxity_h(hours, need, energy, kw, eta)
    total_low = 0.0
    total_high = 0.0
    total_energy = 0.0
    total_need = 0.0
    plugged = 0.0
    laxity = 0.0
    for v in range(n):
        share = w.vehicle[i, r, PLUGGED_SHARE, v]
        need = w.vehicle[i, r, PROMISE, v] * w.vehicle[i, r, CAPACITY_KWH, v] * w.vehicle[i, r, HEALTH, v]
        total_low += w.vehicle[i, r, POWER_LOW_KW, v]
        total_high += w.vehicle[i, r, POWER_HIGH_KW, v]
        total_energy += w.vehicle[i, r, ENERGY_KWH, v]
        total_need += share * max(0.0, need - w.vehicle[i, r, ENERGY_KWH, v])
        plugged += share
        laxity += share * w.vehicle[i, r, LAXITY_H, v]
    mega = 0.001 * w.site[r, SITE_WEIGHT]
    w.area[i, r, FLEET_LOW_MW] = total_low * mega
    w.area[i, r, FLEET_HIGH_MW] = total_high * mega
    w.area[i, r, FLEET_MWH] = max(0.0, total_energy * mega)
    w.area[i, r, FLEET_NEED_MWH] = total_need * mega
    w.area[i, r, FLEET_PLUGGED] = plugged / float(n)
    w.area[i, r, FLEET_LAXITY_H] = laxity / max(0.01, plugged)


def sum_cars(car: np.ndarray, lane: int, r: int, field: int) -> float:
    """Sum of one row of the cars' scratch memory, in four running sums."""
    a = 0.0
    b = 0.0
    c = 0.0
    d = 0.0
    n = car.shape[3]
    for v in range(0, n - 3, 4):
        a += car[lane, r, field, v]
        b += car[lane, r, field, v + 1]
        c += car[lane, r, field, v + 2]
        d += car[lane, r, field, v + 3]
    for v in range(n - n % 4, n):
        a += car[lane, r, field, v]
    return (a + b) + (c + d)


def share_slope(w: World, i: int, r: int, v: int) -> float:
    """Rise of the power of car v per hour of laxity when a set-point is shared, kW/h."""
    return w.constant[SHARE_KW_PER_H] + w.constant[SHARE_KW_PER_H_KWH] * w.vehicle[i, r, CAPACITY_KWH, v]


def car_power_at(w: World, i: int, r: int, lane: int, v: int, level: float) -> float:
    """:func:`power_at_level` of car v within the range in which the set-point is shared, kW."""
    return power_at_level(
        level,
        w.vehicle[i, r, LAXITY_H, v],
        w.car[lane, r, CAR_POWER_KW, v],
        w.car[lane, r, CAR_LOW_KW, v],
        w.car[lane, r, CAR_HIGH_KW, v],
        share_slope(w, i, r, v),
    )


def fleet_power_at(w: World, i: int, r: int, lane: int, level: float) -> float:
    """Sum of :func:`car_power_at` over the cars of one area, in four running sums, kW."""
    a = 0.0
    b = 0.0
    c = 0.0
    d = 0.0
    n = w.vehicle.shape[3]
    for v in range(0, n - 3, 4):
        a += car_power_at(w, i, r, lane, v, level)
        b += car_power_at(w, i, r, lane, v + 1, level)
        c += car_power_at(w, i, r, lane, v + 2, level)
        d += car_power_at(w, i, r, lane, v + 3, level)
    for v in range(n - n % 4, n):
        a += car_power_at(w, i, r, lane, v, level)
    return (a + b) + (c + d)


def share_fleet(w: World, i: int, r: int, lane: int, target_mw: float) -> None:
    """
    Share a fleet set-point among the cars of one area by bisection on the laxity level.

    The less charging can wait the more a car charges and the less it discharges, by the slope of its ramp; needs that
    cannot wait are part of the lower limits and therefore always come first. The last bracket is interpolated, so the
    sum meets the set-point.
    """
    n = w.vehicle.shape[3]
    per_car = 1000.0 / max(1e-9, w.site[r, SITE_WEIGHT])
    target = per_car * min(max(target_mw, w.area[i, r, FLEET_LOW_MW]), w.area[i, r, FLEET_HIGH_MW])
    bottom = 1000.0
    top = -1000.0
    gentlest = 1000.0
    for v in range(n):
        low = w.vehicle[i, r, POWER_LOW_KW, v]
        w.car[lane, r, CAR_POWER_KW, v] = min(max(0.0, low), w.vehicle[i, r, POWER_HIGH_KW, v])
    for v in range(n):
        plugged = w.vehicle[i, r, PLUGGED_SHARE, v] > 0.0
        bottom = min(bottom, w.vehicle[i, r, LAXITY_H, v] if plugged else 1000.0)
        top = max(top, w.vehicle[i, r, LAXITY_H, v] if plugged else -1000.0)
        gentlest = min(gentlest, share_slope(w, i, r, v))
    anchor = sum_cars(w.car, lane, r, CAR_POWER_KW)
    if abs(target - anchor) < 1e-6:
        return
    # Between rest (or what must be charged) and the end of the range on the side of the set-point.
    charging = 1.0 if target > anchor else 0.0
    for v in range(n):
        base = w.car[lane, r, CAR_POWER_KW, v]
        low = w.vehicle[i, r, POWER_LOW_KW, v]
        w.car[lane, r, CAR_LOW_KW, v] = charging * base + (1.0 - charging) * min(low, base)
        w.car[lane, r, CAR_HIGH_KW, v] = (1.0 - charging) * base + charging * w.vehicle[i, r, POWER_HIGH_KW, v]
    bottom -= w.constant[CAR_KW] / gentlest
    top += w.constant[CAR_KW] / gentlest
    below = sum_cars(w.car, lane, r, CAR_LOW_KW)
    above = sum_cars(w.car, lane, r, CAR_HIGH_KW)
    for k in range(9):
        # Halving the bracket in turn with a chord through its ends: the sum is piecewise linear in the level.
        chord = (target - below) / max(1e-6, above - below)
        level = bottom + (top - bottom) * (0.5 if k % 2 == 0 else min(0.95, max(0.05, chord)))
        total = fleet_power_at(w, i, r, lane, level)
        if total < target:
            bottom = level
            below = total
        else:
            top = level
            above = total
        if abs(total - target) < 1e-3:
            break
    weight = min(1.0, max(0.0, (target - below) / max(1e-9, above - below)))
    for v in range(n):
        at_bottom = car_power_at(w, i, r, lane, v, bottom)
        at_top = car_power_at(w, i, r, lane, v, top)
        w.car[lane, r, CAR_POWER_KW, v] = at_bottom + weight * (at_top - at_bottom)


def drive_leg(w: World, i: int, r: int, v: int, half: float) -> None:
    """One leg of a trip, `half` kWh, leaves the battery, and leaves its mark in the wear window."""
    capacity = w.vehicle[i, r, CAPACITY_KWH, v]
    w.vehicle[i, r, ENERGY_KWH, v] -= half
    soc = w.vehicle[i, r, ENERGY_KWH, v] / (capacity * w.vehicle[i, r, HEALTH, v])
    w.vehicle[i, r, WINDOW_SOC_LOW, v] = min(w.vehicle[i, r, WINDOW_SOC_LOW, v], soc)
    w.vehicle[i, r, WINDOW_EFC, v] += 0.5 * half / capacity
    w.vehicle[i, r, WINDOW_RATE_ABS, v] += 2.0 * half / capacity


def run_fleet(w: World, i: int, r: int, lane: int) -> None:
    """Charge and discharge every car of one area, age it, and let those that leave go; books the area's ledger."""
    n = w.vehicle.shape[3]
    eta = w.constant[CAR_EFFICIENCY]
    hour = 0.5 * float(w.clock[i, ROW] % 48)
    kelvin = cell_temperature_k(w.exog[w.clock[i, ROW], r, TEMPERATURE])
    w.area[i, r, TEMPERATURE_SUM] += kelvin
    w.area[i, r, TEMPERATURE_COUNT] += 1.0
    count = w.area[i, r, TEMPERATURE_COUNT]
    mean_k = w.area[i, r, TEMPERATURE_SUM] / count
    # Temperature is shared by an area's cars, so its exponentials are taken once.
    now_heat = calendar_heat(kelvin)
    mean_heat = calendar_heat(mean_k)
    mean_cold = cycle_heat(mean_k)
    mean_deep = depth_heat(mean_k)
    money_slope = cycle_slope(w.constant[WEAR_REFERENCE])
    charged = 0.0
    discharged = 0.0
    wear = 0.0
    loss = 0.0
    for v in range(n):
        power = w.car[lane, r, CAR_POWER_KW, v]
        capacity = w.vehicle[i, r, CAPACITY_KWH, v]
        usable = capacity * w.vehicle[i, r, HEALTH, v]
        before = w.vehicle[i, r, ENERGY_KWH, v]
        gain = energy_gain(power, eta, 0.5)
        after = before + gain
        w.vehicle[i, r, ENERGY_KWH, v] = after
        middle = min(1.0, max(0.0, (before + 0.5 * gain) / usable))
        rate = 2.0 * gain / capacity
        charging = max(0.0, rate)
        counts = 1.0 if rate > 0.01 else 0.0
        soc_sum = w.vehicle[i, r, WINDOW_SOC_SUM, v] + middle
        soc_low = min(w.vehicle[i, r, WINDOW_SOC_LOW, v], after / usable)
        soc_high = max(w.vehicle[i, r, WINDOW_SOC_HIGH, v], after / usable)
        efc = w.vehicle[i, r, WINDOW_EFC, v] + 0.25 * abs(rate)
        rate_sum = w.vehicle[i, r, WINDOW_RATE_SUM, v] + counts * charging
        rate_count = w.vehicle[i, r, WINDOW_RATE_COUNT, v] + counts
        rate_all = w.vehicle[i, r, WINDOW_RATE_ALL, v] + charging
        rate_square = w.vehicle[i, r, WINDOW_RATE_SQUARE, v] + charging * charging
        rate_abs = w.vehicle[i, r, WINDOW_RATE_ABS, v] + abs(rate)
        w.vehicle[i, r, WINDOW_SOC_SUM, v] = soc_sum
        w.vehicle[i, r, WINDOW_SOC_LOW, v] = soc_low
        w.vehicle[i, r, WINDOW_SOC_HIGH, v] = soc_high
        w.vehicle[i, r, WINDOW_EFC, v] = efc
        w.vehicle[i, r, WINDOW_RATE_SUM, v] = rate_sum
        w.vehicle[i, r, WINDOW_RATE_COUNT, v] = rate_count
        w.vehicle[i, r, WINDOW_RATE_ALL, v] = rate_all
        w.vehicle[i, r, WINDOW_RATE_SQUARE, v] = rate_square
        w.vehicle[i, r, WINDOW_RATE_ABS, v] = rate_abs
        # Calendar wear of this half hour; cycle wear as the rise of the window's high-water mark.
        calendar = calendar_growth(middle, kelvin, now_heat) * 0.020833333333333332
        mean_soc = soc_sum / count
        depth = soc_high - soc_low
        c_rate = cycle_rate_c(rate_sum, rate_count, rate_abs, count)
        c_money = money_rate_c(rate_square, rate_all, rate_abs, count)
        cycle = cycle_growth(mean_soc, mean_k, mean_heat, mean_cold, mean_deep, depth, c_rate)
        cycle_money = cycle_growth(mean_soc, mean_k, mean_heat, mean_cold, mean_deep, depth, c_money)
        high_before = w.vehicle[i, r, WINDOW_HIGH, v]
        high = max(high_before, cycle * efc)
        money_before = w.vehicle[i, r, WINDOW_HIGH_MONEY, v]
        money = max(money_before, cycle_money * efc)
        w.vehicle[i, r, WINDOW_HIGH, v] = high
        w.vehicle[i, r, WINDOW_HIGH_MONEY, v] = money
        grown = w.vehicle[i, r, GROWN_CALENDAR, v]
        w.vehicle[i, r, GROWN_CALENDAR, v] = grown + calendar
        lost = calendar_loss_increase(w.vehicle[i, r, AGE_CALENDAR, v] + grown, calendar)
        lost += cycle_loss_increase(
            w.vehicle[i, r, AGE_CYCLE, v] + w.vehicle[i, r, GROWN_CYCLE, v] + high_before, high - high_before
        )
        w.car[lane, r, CAR_WEAR, v] = (money - money_before) * money_slope * capacity
        w.car[lane, r, CAR_LOSS, v] = lost
    # Sums stand in a loop of their own: the loop above has no carried value and vectorises.
    for v in range(n):
        charged += max(0.0, w.car[lane, r, CAR_POWER_KW, v])
        discharged += max(0.0, -w.car[lane, r, CAR_POWER_KW, v])
        wear += w.car[lane, r, CAR_WEAR, v]
        loss += w.car[lane, r, CAR_LOSS, v]
    road = 0.0
    trips = 0.0
    unserved = 0.0
    for v in range(n):
        left = w.vehicle[i, r, LEFT_H, v]
        if hour <= left and left < hour + 0.5:
            usable = w.vehicle[i, r, CAPACITY_KWH, v] * w.vehicle[i, r, HEALTH, v]
            promised = w.vehicle[i, r, PROMISE, v] * usable * w.vehicle[i, r, PLUG_BEFORE, v]
            energy = w.vehicle[i, r, ENERGY_KWH, v]
            bought = max(0.0, max(promised, w.vehicle[i, r, TRIP_KWH, v]) - energy)
            w.vehicle[i, r, ENERGY_KWH, v] = energy + bought
            road += bought
            unserved += 1.0 if promised - energy > 0.01 * usable else 0.0
            half = 0.5 * w.vehicle[i, r, TRIP_KWH, v]
            trips += half
            drive_leg(w, i, r, v, half)
            w.vehicle[i, r, BACK_KWH, v] = half
    mega = 0.001 * w.site[r, SITE_WEIGHT]
    w.ledger[i, r, L_CHARGED] = 0.5 * charged * mega
    w.ledger[i, r, L_DISCHARGED] = 0.5 * discharged * mega
    w.ledger[i, r, L_FLEET_MW] = (charged - discharged) * mega
    w.ledger[i, r, L_WEAR] = wear * w.constant[PACK_VALUE] * w.site[r, SITE_WEIGHT]
    w.ledger[i, r, L_SOH_LOSS] = 100.0 * loss / float(n)
    w.ledger[i, r, L_ROAD] = road * mega
    w.ledger[i, r, L_TRIP] = trips * mega
    w.ledger[i, r, L_UNSERVED] = unserved * w.site[r, SITE_WEIGHT]
