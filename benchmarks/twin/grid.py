"""What areas draw from the grid: surplus, the curve of their price zone, connection, contract, certificates."""

import numpy as np
import xarray as xr

from benchmarks.twin.model import INF, NEVER
from wattbit_agents.baselines.lp import convex


def grid(t):
    """Net load meets the surplus of its area, then the supply curve of its zone."""
    p, v, some = t.p, t.v, (t.p.surplus_mw + t.p.local_mw) > 0.0
    out, discharge = t["out of battery"], t["discharge"].sum("car")
    net = t.column("net", low=-INF)
    soak, local = t.column("surplus", high=p.surplus_mw.where(some, 0.0)), t.column("local surplus", high=p.local_mw)
    spill = t.column("into surplus", high=xr.where(some, INF, 0.0))
    beyond = t.column("beyond surplus", low=xr.where(some, 0.0, -INF))
    t.row(net == t["site"] + t["into battery"] - out + t["charge"].sum(["rate", "car"]) - discharge)
    t.row(net == soak - spill + local + beyond)
    t.row(spill <= out + discharge)  # only stores export
    first, base, width, slope = convex.supply_segments(t.plant, t.path)
    t.labels["segment"] = range(width.shape[1])
    supply = t.column("supply", "step segment zone", t.given(width, "step segment zone"))
    t.member = t.given(t.path.zone[:, :, None] == np.arange(t.path.areas), "step area zone")
    t.row((t.member * beyond).sum("area") - supply.sum("segment") == t.given(first, "step zone"))
    t.cost(0.5 * v("FLOOR"), soak - spill)
    t.cost(0.5 * np.minimum(p.price_jpy_per_mwh, v("LOCAL_PRICE")), local)
    t.cost(0.5 * t.given(slope, "step segment zone"), supply)
    t.cost(0.5 * v("CARBON_PRICE") * p.carbon_kg_per_mwh, beyond)
    # Areas dearer than their zone pay the rise beside the curve.
    rise, least = convex.own_rise(t.plant, t.path, -convex.flexible_mw(t.plant) - 1.0, t.highest_mw)
    t.cost(0.5 * t.given(rise), beyond)
    t.fixed_cost(0.5 * (base.sum() + least.sum()) + t.path.steps * t.site("SECURITY").sum())
    limit = t.site("CONNECTION_MW")
    if float(limit.min()) < 1e8:
        over = t.column("over the connection")
        t.row(over >= net - limit)
        t.row(over >= -net - limit)
        t.cost(0.5 * v("CONNECTION_PRICE"), over)


def contract(t):
    """In a call, what the net load is above baseline less contract is missed, at most the contract."""
    p, contract_mw = t.p, t.site("CONTRACT_MW") * t.p.power_up
    t.fixed_cost(-(t.site("CONTRACT_PAY") * p.power_up).sum())
    called = (p.call > 0.5) & (contract_mw > 0.0)
    if not called.any():
        return
    missed = t.column("missed", high=contract_mw.where(called, 0.0))
    aim = p.baseline_mw - contract_mw
    # Not convex where it ends: its chord from there to the highest net load.
    chord = (t.given(t.highest_mw, "area") - aim) / np.maximum(contract_mw, 1e-3)
    t.row(chord * missed - t["net"] >= (-aim).where(called, -NEVER))
    t.cost(t.site("CONTRACT_PENALTY"), missed)


def certificates(t):
    """Load is matched with certificates of its half hour and zone; what misses the week's target costs."""
    v, end = t.v, t.path.end
    if v("GREEN_PREMIUM") <= 0.0 and v("GREEN_PENALTY") <= 0.0:
        return
    matched = t.column("matched", "step zone", xr.where(t.member.any("area"), INF, 0.0))
    soaked = t["surplus"] + t["local surplus"]
    t.row(matched <= (0.5 * t.member * t["site"]).sum("area"))
    t.row(matched - (0.5 * t.member * soaked).sum("area") <= (t.member * t.p.certificates_mwh).sum("area"))
    t.cost(-v("GREEN_PREMIUM"), matched)
    if end.green:
        target, short = v("GREEN_TARGET"), t.model.add_variables(0.0, name="short")
        before = target * end.match_load_mwh - end.matched_mwh
        t.row(short + matched.sum() - 0.5 * target * t["site"].sum() >= before)
        t.cost(v("GREEN_PENALTY"), 1.0 * short)
