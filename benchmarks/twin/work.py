"""Work of the data centres: where it runs, and how long what can wait does."""

import numpy as np
import xarray as xr

from benchmarks.twin.model import INF, NEVER
from wattbit.world import state as s


def work(t):
    """Users are served where delay, links and servers allow; other work waits until it is due at the latest."""
    p, v, away = t.p, t.v, t.given(1.0 - np.eye(t.path.areas), "area host")
    rtt, bound = t.given(t.plant.pair[s.PAIR_RTT_MS], "area host"), v("RESIDENT_SHARE")
    bytes_tb, load, t.waiting_mw = 0.0, 0.0, 0.0
    for name, kind, mw, budget in (
        ("realtime 1", "REALTIME", p.realtime_mw / 3.0, "BUDGET_1_MS"),
        ("realtime 2", "REALTIME", p.realtime_mw / 3.0, "BUDGET_2_MS"),
        ("realtime 3", "REALTIME", p.realtime_mw / 3.0, "BUDGET_3_MS"),
        ("interactive", "INTERACTIVE", p.interactive_mw, "INTERACTIVE_BUDGET_MS"),
    ):
        near = (rtt <= v(budget)) | (away == 0.0)
        flow = t.column(name, "step area host", xr.where(near, INF, 0.0))
        dropped = t.column(f"{name} dropped", high=mw)
        t.row(flow.sum("host") + dropped == mw)
        t.row((away * flow).sum("host") <= (1.0 - bound) * mw)
        t.cost(0.5 * v("RTT_COST") * rtt * away, flow)
        t.cost(0.5 * v(f"{kind}_VALUE"), dropped)
        bytes_tb += 0.5 * v(f"{kind}_TB") * away * flow
        load += flow.sum("area")
    for name, again, move_jpy in (("batch", 0.0, 0.0), ("training", v("LOST_SHARE"), v("MOVE_COST"))):
        arrived, start, room, free = (
            getattr(p, field)
            for field in (f"{name}_mwh", f"{name}_start_mwh", f"{name}_room_mwh", f"exportable_{name}_mwh")
        )
        flow, missed = t.column(name, "step area host"), t.column(f"{name} missed")
        left, before = t.stock(f"{name} left", start, high=room)
        t.row(left == before + arrived - 0.5 * flow.sum("host") - missed)
        if bound > 0.0:
            mobile, earlier = t.stock(f"{name} that may leave", 0.0)
            t.row(mobile <= earlier + free - 0.5 * (away * flow).sum("host"))
            # It is cut to what is left, but only once the next work has come, of which a share is bound.
            t.row(mobile <= left + (bound * arrived).shift(step=-1, fill_value=NEVER))
        t.cost(0.5 * move_jpy * away, flow)
        t.cost(v(f"{name.upper()}_VALUE"), missed)
        bytes_tb += 0.5 * v(f"{name.upper()}_TB") * away * flow
        load += ((1.0 + again * away) * flow).sum("area")
        t.waiting_mw += flow.sum("area").rename(host="area")
    t.row(bytes_tb <= p.link_tb)
    t.row(load.rename(host="area") == t.column("load", high=p.capacity_mw))
