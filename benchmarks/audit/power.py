"""Power of sites and areas, and the energy in their batteries and cars."""

from __future__ import annotations

import numpy as np

from benchmarks.audit.errors import Errors
from benchmarks.record import Record
from wattbit.physics.snow import melted_t_per_mwh
from wattbit.world import state as s


def power(x: Record, e: Errors) -> None:
    """Power of the sites with snow and heat pumps, and of each area."""
    load, pue = x.book("load_mw"), x.before(s.PUE)
    idle = x.site(s.SITE_IDLE_MW) * x.before(s.SITE_UP)
    site = pue * (idle + load) + x.site(s.SITE_TAIL) * load * load
    # A tonne of snow cools so many MWh; what compressors would have used for them is saved, less the pumps.
    cooled = 2.0 * x.book("snow_used_t") / melted_t_per_mwh()
    celsius, free, full = x.exog[..., s.TEMPERATURE], x.site(s.SITE_FREE_C), x.site(s.SITE_FULL_C)
    compressors = np.clip((celsius - free) / (full - free), 0.0, 1.0)
    need = (1.0 + x.site(s.SITE_FANS)) * (idle + load) * compressors
    e.at_most("snow cools no more than compressors would", cooled, need, need)
    performance = x.site(s.SITE_COP) * (1.0 - 0.02 * (np.clip(celsius, 15.0, 45.0) - 20.0))
    saved = cooled * np.maximum(0.0, 1.0 / performance - x.rule(s.SNOW_POWER))
    pump = x.book("heat_pump_mw")
    e.close("power of sites with snow and heat pump", x.book("datacentre_mw"), site - saved + pump, site)
    heat = 2.0 * x.book("heat_mwh")
    e.at_most("heat sold within demand", heat, x.before(s.HEAT_DEMAND_MW), heat)
    waste = x.rule(s.HEAT_CAPTURE) * (idle + load)
    e.at_most("heat comes from servers and the pump", heat, waste + pump, heat)
    melted = x.before(s.SNOW_T) - x.after(s.SNOW_T)
    e.at_most("snow used is gone", x.book("snow_used_t"), melted, x.before(s.SNOW_T))
    fleet, storage = x.book("fleet_mw"), x.book("storage_mw")
    size = site + np.abs(fleet) + np.abs(storage)
    e.close("net load of an area", x.book("net_load_mw"), x.book("datacentre_mw") + fleet + storage, size)
    charged, discharged = x.book("charged_mwh"), x.book("discharged_mwh")
    e.close("fleet power", fleet, 2.0 * (charged - discharged), 2.0 * (charged + discharged))
    most = 0.5e-3 * x.site(s.SITE_WEIGHT) * x.rule(s.CAR_KW) * x.plugged[:-1].sum(-1)
    e.at_most("cars charge through their stands", charged + discharged, most, most)


def stores(x: Record, e: Errors) -> None:
    """Energy in batteries and cars."""
    power, eta = x.book("storage_mw"), x.rule(s.STORAGE_EFFICIENCY)
    change = 0.5 * np.where(power > 0.0, power * eta, power / eta)
    size = x.site(s.SITE_STORAGE_MWH)
    e.close("energy in batteries", x.after(s.STORAGE_MWH) - x.before(s.STORAGE_MWH), change, size)
    most = x.site(s.SITE_STORAGE_MW) * x.before(s.POWER_UP)
    e.at_most("power of batteries", np.abs(power), most, most)
    if x.rule(s.PACK_WEARS) < 0.5:
        wear = 0.5 * np.abs(power) * x.rule(s.STORAGE_WEAR)
        e.close("flat wear of batteries", x.book("storage_wear_jpy"), wear, wear)
    eta = x.rule(s.CAR_EFFICIENCY)
    into, out = eta * x.book("charged_mwh") + x.book("road_mwh"), x.book("discharged_mwh") / eta + x.book("trip_mwh")
    fleet = 1e-3 * x.site(s.SITE_WEIGHT) * x.energy_kwh.sum(-1)
    e.close("energy in cars", np.diff(fleet, axis=0), into - out, fleet[:-1] + into)
    # Relative to the week's fullest: in a fleet that has been emptied only rounding is left.
    e.close("energy in cars, as observed", x.area[..., s.FLEET_MWH], fleet, fleet.max(axis=0))
