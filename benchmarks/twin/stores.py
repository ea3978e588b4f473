"""Energy in batteries and cars, and what stocks are worth when the path ends."""

import numpy as np
import xarray as xr

from benchmarks.twin.model import INF, NEVER
from wattbit_agents.baselines.lp.convex import square_segments


def _losses_jpy(t):
    """Paid for every MWh that is stored."""
    return t.v("WHEELING_LOSSES") * t.site("WHEELING") + t.v("LEVY")


def batteries(t):
    """What goes in loses a part, and so does what comes out."""
    p, v, eta, power = t.p, t.v, t.v("STORAGE_EFFICIENCY"), t.site("STORAGE_MW") * t.p.power_up
    low, high = (t.given(mwh, "area") for mwh in t.path.storage_range_mwh)
    into, out = (t.column(name, high=power) for name in ("into battery", "out of battery"))
    energy, before = t.stock("battery", p.storage_start_mwh, high=high, low=low)
    t.row(energy == before + 0.5 * eta * into - (0.5 / eta) * out)
    t.cost(0.5 * (v("STORAGE_WEAR") + _losses_jpy(t)), into)
    t.cost(0.5 * v("STORAGE_WEAR"), out)
    t.battery_before = before


def cars(t):
    """Each representative car, as the MW and MWh of all that it stands for."""
    p, v, dims, eta = t.p, t.v, "step area car", t.v("CAR_EFFICIENCY")
    weight = t.given(t.plant.weight, "area")
    stands = weight * v("CAR_KW") * t.p_cars.share
    ceiling, low = weight * t.p_cars.ceiling_kwh, weight * t.p_cars.low_kwh
    home, away = weight * t.p_cars.before_kwh, weight * t.p_cars.after_kwh  # driven before and after the stand
    width, _ = square_segments()  # wear grows with the square of a charging power
    t.labels["rate"] = range(len(width))
    charge = t.column("charge", "step rate area car", t.given(width, "rate") * stands).sum("rate")
    discharge = t.column("discharge", dims, stands)
    road = t.column("bought on the road", dims, xr.where(t.p_cars.need_kwh > 0.0, INF, 0.0))
    energy, before = t.stock("car", weight * t.p_cars.start_kwh, dims=dims, high=ceiling, low=low)
    kept = before - home - away + 0.5 * eta * charge - (0.5 / eta) * discharge + road
    t.row(energy <= kept)
    t.row(energy >= kept - xr.where(p.swing == 0.0, 0.0, NEVER))  # oscillation loses energy,
    dirt = p.carbon_kg_per_mwh - v("OWNER_CARBON_USUAL")
    paid = np.minimum(0.0, v("OWNER_PAY") + v("OWNER_CARBON") * dirt)  # for which owners pay in clean hours
    t.fixed_cost((0.25 * p.swing * stands.sum("car") * paid).sum())
    taper = 0.8 / eta  # of the room below the ceiling 40 % is filled in half an hour
    t.row(charge - discharge <= taper * (ceiling - before + home))
    t.cost(0.5 * (_losses_jpy(t) + v("OWNER_CARBON") * dirt), charge.sum("car"))
    t.cost(0.5 * v("OWNER_PAY"), discharge.sum("car"))
    t.cost(1000.0 * v("ROAD_PRICE"), road)
    t.stands, t.car_before, t.taper = stands, before, taper


def worth_at_the_end(t):
    """What is left has a worth or a cost."""
    end = t.path.end
    for name, jpy in (
        ("battery", -end.storage_jpy_per_mwh),
        ("car", -end.car_jpy_per_mwh),
        ("batch left", end.batch_jpy_per_mwh),
        ("training left", end.training_jpy_per_mwh),
        ("snow", -end.snow_jpy_per_t),
    ):
        if name in t.model.variables:
            t.cost(t.given(jpy, "area"), t[name].isel(step=-1))
    t.fixed_cost(end.constant_jpy)
