"""Reserve: offers, and the room that backs them."""

import numpy as np
import xarray as xr

from wattbit_agents.baselines.lp import convex


def reserve(t):
    """Offers are backed by room beside what is carried out, of which the share called is already a part."""
    p, v = t.p, t.v
    if not t.path.depth_mw.any():
        return
    width, pay = convex.reserve_segments(t.path.depth_mw)
    t.labels["slice"] = range(len(pay))
    up, down = (t.column(side, "step slice area", t.given(width, "step slice area")) for side in ("up", "down"))
    price = t.given(pay, "slice") * p.reserve_price_jpy_per_mw
    t.cost(-price, up)
    t.cost(-v("RESERVE_DOWN_SHARE") * price, down)
    up, down = up.sum("slice"), down.sum("slice")
    battery_below, battery_above = _battery_room(t)
    cars_below, cars_above = _car_room(t)
    below = battery_below + cars_below + p.pue * t.waiting_mw
    t.row((1.0 - p.up_share) * up + p.down_share * down <= below)
    # Work that was put off has left servers free, as many as it would have filled.
    put_off = p.pue.where(p.up_share > 0.0, 0.0)
    above = battery_above + cars_above + put_off * (p.capacity_mw - t["load"])
    t.row((1.0 - p.down_share) * down + p.up_share * up <= above)


def _battery_room(t):
    """MW by which batteries could do less and more: with their power, and with what is in them."""
    eta, power = t.v("STORAGE_EFFICIENCY"), t.site("STORAGE_MW") * t.p.power_up
    low, high = (t.given(mwh, "area") for mwh in t.path.storage_range_mwh)
    now_mw = t["into battery"] - t["out of battery"]
    below, above = t.column("battery below"), t.column("battery above")
    t.row(below <= power + now_mw)
    t.row(below <= 2.0 * eta * (t.battery_before - low) + now_mw)
    t.row(above <= power - now_mw)
    t.row(above <= (2.0 / eta) * (high - t.battery_before) - now_mw)
    return below, above


def _car_room(t):
    """MW by which fleets could do less and more: each car with its stand, and with what is in it."""
    cars, eta, stands, before = t.p_cars, t.v("CAR_EFFICIENCY"), t.stands, t.car_before
    weight, there = t.given(t.plant.weight, "area"), t.stands > 0.0
    hold, home, ceiling = weight * cars.hold_kwh, weight * cars.before_kwh, weight * cars.ceiling_kwh
    below, above = (t.column(name, "step area car", stands) for name in ("car below", "car above"))
    # A car can go down to 2 eta (energy - hold), or not at all: the chord of that over the energies it can have.
    least = np.concatenate([t.path.cars.start_kwh[None], t.path.cars.low_kwh[:-1]])
    least, most = weight * t.given(least, "step area car") - home, ceiling - home
    at_least, at_most = (2.0 * eta * np.maximum(0.0, energy - hold) for energy in (least, most))
    rise = (at_most - at_least) / np.maximum(most - least, 1e-6 * weight)
    t.row(below <= xr.where(there, at_least, 0.0) + xr.where(there, rise, 0.0) * (before - home - least))
    t.row(above <= xr.where(there, t.taper, 0.0) * (ceiling - before + home))
    now_mw = (t["charge"].sum("rate") - t["discharge"]).sum("car")
    return now_mw + below.sum("car"), above.sum("car") - now_mw
