"""What stays within its bounds, and what only ever falls."""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.audit.errors import Errors
from benchmarks.record import Record
from wattbit.world import state as s

_NEVER_NEGATIVE: Final = (
    *(name for name in s.LEDGER if name.endswith("_mwh") and not name.endswith("jpy_per_mwh")),
    *("load_mw", "realtime_mw", "interactive_mw", "heat_pump_mw", "p99_ms", "local_mw", "feeder_jpy"),
    *("reserve_up_mw", "reserve_down_mw", "reserve_short_mw", "capacity_delivered_mw", "capacity_missed_mw"),
)


def bounds(x: Record, e: Errors) -> None:
    """Charge, health, stocks and amounts."""
    space, seen = x.batch.layout.space(), x.observation
    e.never("observations keep their bounds", (seen < space.low) | (seen > space.high))
    # A car that stands full while its capacity shrinks (some tenths of a per cent in the first week of a life) keeps
    # its energy, so full means the capacity at the start of the week.
    soc = x.energy_kwh / (x.batch.world.vehicle[:, :, s.CAPACITY_KWH].astype(np.float64) * x.health[0])
    e.at_most("charge of cars above empty", -soc, 0.0, 1.0)
    e.at_most("charge of cars below full", soc, 1.0, 1.0)
    e.never("health never rises", np.diff(x.health, axis=0) > 0.0)
    e.never("health stays within 0 and 1", (x.health < 0.0) | (x.health > 1.0))
    for name in ("wear_jpy", "soh_loss_percent", "storage_wear_jpy", "storage_soh_loss_percent"):
        e.never("wear is never negative", x.book(name) < 0.0)
    e.at_most("wear of batteries is part of wear", x.book("storage_wear_jpy"), x.book("wear_jpy"), x.book("wear_jpy"))
    e.never("shares of cars on stands", (x.plugged < 0.0) | (x.plugged > 1.0 + 1e-6))
    size = x.site(s.SITE_STORAGE_MWH)
    # The usable range shrinks with the health of packs whose cells wear; what is in them stays.
    health = x.area[..., s.PACK_HEALTH]
    low = np.minimum(x.rule(s.STORAGE_LOW), 0.5) * size * health[-1]
    high = np.maximum(x.rule(s.STORAGE_HIGH), 0.5) * size * health[0]
    e.never("health never rises", np.diff(health, axis=0) > 0.0)
    e.at_most("batteries above their lowest charge", low, x.area[..., s.STORAGE_MWH], size)
    e.at_most("batteries below their highest charge", x.area[..., s.STORAGE_MWH], high, size)
    for name in s.LEDGER:
        if name in _NEVER_NEGATIVE or name.endswith(("_tb", "_t", "_h", "_departures", "_share")):
            e.never("amounts are never negative", x.book(name) < 0.0)
    snow = x.area[..., s.SNOW_T]
    e.never("snow is never negative and never comes back", (snow < 0.0)[1:] | (np.diff(snow, axis=0) > 0.0))
