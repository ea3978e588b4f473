"""Power that is promised: reserve, and the capacity contract."""

from __future__ import annotations

import numpy as np

from benchmarks.audit.errors import Errors
from benchmarks.record import Record
from wattbit.world import state as s


def reserve(x: Record, e: Errors) -> None:
    """
    No kWh is sold twice: dispatch and reserve together are within what batteries, cars and work can do in a half hour.

    The limits come from the energy before the half hour, not from the kernel's own.
    """
    mega = 1e-3 * x.site(s.SITE_WEIGHT)
    up, down = x.book("reserve_up_mw"), x.book("reserve_down_mw")
    storage, fleet = x.market[:, :, 0], mega * x.car_kw.sum(-1)
    pue, work = x.before(s.PUE), x.flow[:, :, s.FLOW_BATCH :].sum((2, 3))
    eta, size = x.rule(s.STORAGE_EFFICIENCY), x.site(s.SITE_STORAGE_MWH) * x.before(s.PACK_HEALTH)
    most = x.site(s.SITE_STORAGE_MW) * x.before(s.POWER_UP)
    held = x.before(s.STORAGE_MWH)
    give = np.minimum(most, 2.0 * eta * np.maximum(0.0, held - x.rule(s.STORAGE_LOW) * size))
    take = np.minimum(most, 2.0 / eta * np.maximum(0.0, x.rule(s.STORAGE_HIGH) * size - held))
    usable = x.batch.world.vehicle[:, :, s.CAPACITY_KWH] * x.health[:-1]
    energy, stand, eta = x.energy_kwh[:-1], x.rule(s.CAR_KW) * x.plugged[:-1], x.rule(s.CAR_EFFICIENCY)
    above = 2.0 * eta * np.maximum(0.0, energy - x.rule(s.V2G_FLOOR) * usable)
    below = 2.0 / eta * np.maximum(0.0, np.maximum(x.rule(s.CEILING) * usable, energy) - energy)
    cars_give = mega * np.minimum(stand, above).sum(-1)
    cars_take = mega * np.minimum(stand, below).sum(-1)
    # Before activation: as commanded, unless stands do not obey or a cap holds them; then what activation leaves of it.
    left, activated = x.ran[:, :, s.FLOW_BATCH :].sum((2, 3)), x.book("activated_mw")
    obeyed = (x.before(s.HIJACK_SHARE) + x.before(s.LINK_LOST) <= 0.0) & (x.rule(s.CHANGE_CAP) <= 0.0)
    settled = x.book("storage_mw") + x.book("fleet_mw") - activated - pue * (work - left)
    scale = most + mega * x.rule(s.CAR_KW) * x.car_kw.shape[-1] + pue * work
    e.close(
        "activation moves what it says", np.where(obeyed, settled, 0.0), np.where(obeyed, storage + fleet, 0.0), scale
    )
    fleet = np.where(obeyed, fleet, settled - storage)
    e.at_most("discharge within what battery and cars hold", -storage - fleet, give + cars_give, scale)
    offered_up, offered_down = x.market[:, :, 1], x.market[:, :, 2]
    room = storage + give + fleet + cars_give + pue * work
    e.at_most("upward reserve within the room below the dispatch", up, np.maximum(room, 0.0), scale)
    room = take - storage + cars_take - fleet
    e.at_most("downward reserve within the room above the dispatch", down, np.maximum(room, 0.0), scale)
    e.at_most("reserve paid was offered", np.stack([up, down]), np.stack([offered_up, offered_down]), scale)
    depth = x.before(s.RESERVE_DEPTH_MW)
    e.at_most("reserve within the market's depth", np.stack([up, down]), depth, depth)
    offered = offered_up + offered_down
    e.close("reserve offered is there or short", up + down + x.book("reserve_short_mw"), offered, offered)
    called = (x.exog[..., s.CALL] > 0.5) & (x.site(s.SITE_CONTRACT_MW) > 0.0)
    e.never("no reserve while the capacity contract is called", called & (offered > 0.0))
    e.at_most("no more is activated than was there", np.stack([-activated, activated]), np.stack([up, down]), scale)
    price = x.site(s.SITE_RESERVE_PRICE) * x.exog[..., s.RESERVE_PRICE]
    fine = x.rule(s.RESERVE_PENALTY) * price * x.book("reserve_short_mw")
    full = price * (up + x.rule(s.RESERVE_DOWN_SHARE) * down)
    e.at_most("reserve earns at most its price", fine - x.book("reserve_jpy"), full, full + fine)
    e.at_most("reserve never earns less than nothing but for its penalty", x.book("reserve_jpy"), fine, fine)


def contract(x: Record, e: Errors) -> None:
    """Capacity contract: paid always, called and delivered or missed, never both."""
    up = x.before(s.POWER_UP)
    contract = x.site(s.SITE_CONTRACT_MW) * up
    called = (x.exog[..., s.CALL] > 0.5) & (contract > 0.0)
    got, missed = x.book("capacity_delivered_mw"), x.book("capacity_missed_mw")
    e.close("a called contract is delivered or missed", got + missed, np.where(called, contract, 0.0), contract)
    pay = np.where(contract > 0.0, x.site(s.SITE_CONTRACT_PAY) * up, 0.0)
    want = x.site(s.SITE_CONTRACT_PENALTY) * missed - pay
    e.close("money of the capacity contract", x.book("capacity_jpy"), want, np.abs(pay) + np.abs(want))
