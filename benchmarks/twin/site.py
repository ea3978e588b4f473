"""Servers and the wait for them, cooling, heat, snow: the power that a site draws."""

import numpy as np
import xarray as xr

from benchmarks.twin.model import INF
from wattbit.physics.snow import melted_t_per_mwh
from wattbit.world import state as s
from wattbit_agents.baselines.lp import convex


def sites(t):
    """Load is spread over parts that wait longer and longer; idle, load, tail, heat pump and snow make the power."""
    p, v, load = t.p, t.v, t["load"]
    idle = t.site("IDLE_MW") * p.site_up
    edge, slope = convex.load_edges(t.plant)
    width = np.diff(edge)[None, :, None] * (t.plant.site[:, s.SITE_DYNAMIC_MW] * t.path.site_up)[:, None, :]
    chord, gap = convex.tail_slopes(t.plant, width)
    t.labels["part"] = range(len(slope))
    part = t.column("load part", "step part area", t.given(width, "step part area"))
    t.row(load == part.sum("part"))
    t.cost(0.5 * v("QUEUE_COST") * t.given(slope, "part"), part)
    # What the power grows faster than load is chords of a square, less the most that a chord can lie above it.
    tail = (t.given(chord, "step part area") * part).sum("part") - t.column("below chords", high=t.given(gap))

    cop = v("HEAT_COP")
    caught, lift = (v("HEAT_CAPTURE") * cop / (cop - 1.0), 1.0 / cop) if cop > 1.0 else (v("HEAT_CAPTURE"), 0.0)
    heat = t.column("heat", high=p.heat_demand_mw)
    t.row(heat <= caught * (idle + load))
    t.cost(-0.5 * v("HEAT_PRICE"), heat)
    drawn = p.pue * (idle + load) + tail + lift * heat

    if t.plant.site[:, s.SITE_SNOW_T].any():
        keep, start = 1.0 - 0.5 * v("SNOW_LOSS") / 24.0, p.snow_start_t
        cooled = t.column("cooled by snow", high=xr.where(start > 0.0, INF, 0.0))
        snow, before = t.stock("snow", start, keep, high=start)
        t.row(cooled <= (1.0 + t.site("FANS")) * p.compressor_share * (idle + load))
        t.row(snow <= before - keep * 0.5 * melted_t_per_mwh() * cooled)
        drawn -= np.maximum(0.0, 1.0 / p.compressor_cop - v("SNOW_POWER")) * cooled
    t.row(t.column("site", low=-INF) == drawn)
