"""Wear of cars: by cuts, as the bound has it, and by price, as planners have it."""

import numpy as np
import xarray as xr

from benchmarks.twin.model import KILO
from wattbit_agents.baselines.lp.wear import square_segments
from wattbit_agents.baselines.lp.wear_price import planned_wear as wear_price


def wear(t, cuts, days):
    """Wear of each car on each day, JPY: above a cut, an affine function of what the car does on the day."""
    eta, size = t.v("CAR_EFFICIENCY"), t.p_cars.capacity_kwh
    each = (t.path.steps // 48, *size.shape)
    share = 1.0 / (t.given(t.plant.weight, "area") * size)  # of its capacity, per MWh of all it stands for
    for day in range(each[0]):
        hours = slice(48 * day, 48 * day + 48)

        def of(table, day=day, hours=hours):
            """Numbers by half hour of this day, or of this day, from (day x area x car, ...)."""
            here = np.asarray(table).reshape(*each, -1)[day].transpose(2, 0, 1)
            index = list(range(*hours.indices(t.path.steps))) if len(here) == 48 else [0]
            found = xr.DataArray(here, [("step", index), ("area", t.labels["area"]), ("car", range(each[2]))])
            return found if len(here) == 48 else found.isel(step=0, drop=True)

        parts, out, road, end = (
            t[name].isel(step=hours) for name in ("charge", "discharge", "bought on the road", "car")
        )
        into, out = 0.5 * eta * share * parts, (0.5 / eta) * share * out  # at the cells
        square = (4.0 * of(days.charge_limit) * t.given(square_segments()[1], "rate") * into).sum("rate")
        into = into.sum("rate")
        energy = share * end - share * road - 0.5 * into + 0.5 * out  # and the leg out, in the middle of charging
        labels = [(name, list(t.labels[name])) for name in ("area", "car")]
        worn = t.model.add_variables(0.0, coords=labels, name=f"wear of day {day}")
        price = KILO * t.v("PACK_VALUE") * t.site("WEIGHT") * size
        cut = of(cuts.charge) * into + of(cuts.discharge) * out + of(cuts.bought) * (share * road)
        cut = (cut + of(cuts.square) * square + of(cuts.energy) * energy).sum("step")
        fixed = of(cuts.constant) + (of(cuts.energy) * of(days.after)).sum("step")
        t.row(worn - price * cut >= price * fixed)
        t.cost(1.0 / KILO, worn)


def planned_wear(t):
    """Wear as a planner prices it: parts of charging, and what a car gives back in a day, dearer and dearer."""
    price = wear_price(t.plant, t.path)
    t.labels["deep"] = range(price.width.shape[-1])
    t.cost(1.0 / KILO, t.given(price.rate, "step rate area car") * t["charge"])
    for day in range(len(price.width)):
        width, jpy = (t.given(x[day], "area car deep") for x in (price.width, price.depth / KILO))
        deep = t.column(f"given back on day {day}", "area car deep", width)
        t.row(t["discharge"].isel(step=slice(48 * day, 48 * day + 48)).sum("step") <= deep.sum("deep"))
        t.cost(jpy, deep)
