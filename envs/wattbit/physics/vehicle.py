"""One bidirectional car: what it can do this half hour, how urgent it is, and how a fleet shares a set-point."""


def hours_to_departure(hour: float, leave_h: float, next_leave_h: float) -> float:
    """
    Hours until the next *planned* departure, at most 48.

    Parameters
    ----------
    hour : float
        Hours since midnight.
    leave_h : float
        Today's planned departure from the stand, hours since midnight; 99 on a day without one.
    next_leave_h : float
        Tomorrow's planned departure; 99 when the car stays, or is not on its stand over midnight.
    """
    today = leave_h - hour
    # A plan that has passed is not a promise any more: the car has left, early or on time.
    return min(48.0, today if today > 0.0 and leave_h < 48.0 else 24.0 + next_leave_h - hour)


def plugged_share(
    hour: float, left_h: float, return_h: float, plug_before: float, plug_after: float, by_day: float
) -> float:
    """
    Share of the half hour from `hour` that the car is on its stand, in [0, 1].

    `left_h` is the true departure; `plug_before` and `plug_after` say (0 or 1) whether the car is plugged before it
    leaves and after it comes. A car that stays over midnight is on its stand before it leaves *or* after it has come;
    one that stays within the day (`by_day` = 1) only when both hold.
    """
    before = min(0.5, max(0.0, left_h - hour)) * plug_before
    after = min(0.5, max(0.0, hour + 0.5 - return_h)) * plug_after
    return 2.0 * max(0.0, before + after - 0.5 * by_day)


def energy_due_kwh(need_kwh: float, hours_left: float, power_kw: float, efficiency: float) -> float:
    """Least energy at the *end* of the half hour from which `need_kwh` can still be reached by the departure."""
    return need_kwh - power_kw * efficiency * max(0.0, hours_left - 0.5)


def charge_limit_kw(energy_kwh: float, ceiling_kwh: float, power_kw: float, share: float, efficiency: float) -> float:
    """
    Largest mean charging power of the half hour, kW (AC), for a car plugged for `share` of it.

    Near the ceiling charging tapers: at most 40 % of the room is filled in half an hour (assumption; the cars that one
    representative stands for fill up one after the other, and each slows down at the end).
    """
    return min(power_kw * share, 0.8 * max(0.0, ceiling_kwh - energy_kwh) / efficiency)


def lower_limit_kw(
    energy_kwh: float, floor_kwh: float, due_kwh: float, power_kw: float, share: float, efficiency: float
) -> float:
    """
    Smallest mean power of the half hour, kW (AC): positive when the car must charge, negative when it may discharge.

    It never discharges below `floor_kwh` (the owner's V2G floor) nor below `due_kwh` (:func:`energy_due_kwh`).
    """
    room = min(0.0, max(floor_kwh, due_kwh) - energy_kwh)
    must = max(0.0, due_kwh - energy_kwh)
    return max(-power_kw * share, 2.0 * room * efficiency) + min(power_kw * share, 2.0 * must / efficiency)


def laxity_h(hours_left: float, need_kwh: float, energy_kwh: float, power_kw: float, efficiency: float) -> float:
    """Hours that charging can still wait, h; negative when the need cannot be met any more."""
    return hours_left - max(-48.0 * power_kw * efficiency, need_kwh - energy_kwh) / (power_kw * efficiency)


def power_at_level(
    level_h: float, laxity: float, anchor_kw: float, low_kw: float, high_kw: float, slope: float
) -> float:
    """
    Power of one car when the fleet serves down to laxity `level_h`, kW.

    A ramp of `slope` kW per hour of laxity around the level. Charging for half an hour at full power raises the laxity
    by half an hour, so twice the charger's power is the half-hour mean of least-laxity-first run continuously; a gentle
    slope in proportion to the battery lets all cars take part at about the same share of their size.
    Never falls with `level_h`; equal cars get equal power.
    """
    return min(high_kw, max(low_kw, anchor_kw + slope * (level_h - laxity)))
