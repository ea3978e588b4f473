"""Energy of the price zones: who pays what for it, and its certificates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.audit.errors import Errors
from benchmarks.record import Record
from wattbit.world import state as s


def _zones(x: Record) -> NDArray[np.bool_]:
    """Whether two areas are one price zone, shape (time, world, area, area)."""
    spot = x.exog[..., s.SPOT]
    return np.asarray(spot[..., :, None] == spot[..., None, :])


def green(x: Record, e: Errors) -> None:
    """Certificates are used once, in their half hour and zone."""
    load, matched = 0.5 * x.book("datacentre_mw"), x.book("matched_mwh")
    e.at_most("certificates match no more than the load", matched, load, load)
    sun = x.site(s.SITE_SOLAR_SHARE) * x.exog[..., s.SOLAR]
    there = x.exog[..., s.SOLAR] + x.exog[..., s.WIND]
    curtailed = np.divide(x.exog[..., s.SURPLUS], there, out=np.ones_like(there), where=there > 0.0)
    own = 0.5 * (sun + x.site(s.SITE_WIND_SHARE) * x.exog[..., s.WIND]) * (1.0 - np.minimum(1.0, curtailed))
    soaked = 0.5 * np.maximum(0.0, x.book("soaked_mw"))
    e.close("certificates are contracted or of surplus", x.book("certificates_mwh"), own + soaked, own + soaked)
    zone = _zones(x)
    used, there = (np.einsum("tnab,tnb->tna", zone, a) for a in (matched, own + soaked))
    e.at_most("certificates of a zone are used once", used, there, there)
    asked = np.einsum("tnab,tnb->tna", zone, load)
    e.close("certificates match as much as they can", used, np.minimum(asked, there), asked)
    premium = -x.rule(s.GREEN_PREMIUM) * matched
    e.close("premium of matched load", x.book("certificates_jpy"), premium, premium)
    missing = np.maximum(0.0, x.rule(s.GREEN_TARGET) * load.sum((0, 2)) - matched.sum((0, 2)))
    want = premium.sum(-1)
    want[-1] += x.rule(s.GREEN_PENALTY) * missing
    size = np.abs(want) + x.rule(s.GREEN_PENALTY) * load.sum((0, 2)) * (np.arange(len(want)) == len(want) - 1)[:, None]
    e.close("premium and penalty of the week", x.info("certificates_jpy"), want, size)


def energy(x: Record, e: Errors) -> None:
    """Surplus first, then the zone's supply curve."""
    net, soaked, local, rest = (x.book(f"{name}_mw") for name in ("net_load", "soaked", "local", "residual"))
    behind = np.maximum(0.0, x.site(s.SITE_LOCAL_SHARE) * x.exog[..., s.SOLAR] - x.site(s.SITE_LOCAL_LIMIT_MW))
    surplus = x.exog[..., s.SURPLUS]
    spare = surplus + behind
    size = np.abs(net) + spare
    e.close("surplus is met first", soaked, np.where(spare > 0.0, np.minimum(net, spare), 0.0), size)
    e.close("the rest is bought", soaked + rest, net, size)
    e.at_most("local surplus is what is behind the limit", local, behind, size)
    e.close("the grid's surplus is met before the local one", local, np.maximum(0.0, soaked - surplus), size)
    floor = x.rule(s.FLOOR)
    price = np.maximum(floor, x.exog[..., s.SPOT] + x.exog[..., s.DELTA] + x.before(s.PRICE_RISE))
    slope = x.exog[..., s.SLOPE]
    total = np.einsum("tnab,tnb->tna", _zones(x), rest)
    # The integral of max(floor, price + slope u) from 0 to the zone's net load, in two straight pieces.
    corner = np.divide(floor - price, slope, out=np.full_like(price, -np.inf), where=slope > 0.0)
    bent = np.maximum(total, corner)
    cost = (price + 0.5 * slope * bent) * bent + floor * np.minimum(0.0, total - bent)
    # All of it at one price is the integral. A trip in the grid lifts the curve of its area alone, also within a zone.
    paid = x.book("price_jpy_per_mwh") * total
    gross = np.einsum("tnab,tnb->tna", _zones(x), np.abs(rest)) * (np.abs(price) + slope * np.abs(total))
    e.close("a zone pays the integral of its curve", paid, cost, gross)
    kwh = floor * (soaked - local) + np.minimum(price, x.rule(s.LOCAL_PRICE)) * local
    want = 0.5 * (kwh + x.book("price_jpy_per_mwh") * rest)
    e.close("energy is settled area by area", x.book("energy_jpy"), want, np.abs(price) * size)
    e.close("CO2 of the rest", x.book("co2_kg"), 0.5 * rest * x.exog[..., s.CARBON_MARGINAL], 1000.0 * np.abs(rest))
