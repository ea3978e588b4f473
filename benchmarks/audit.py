"""
What must hold in every world whatever is done in it, recomputed from records with NumPy, apart from the kernel.

:func:`audit` returns the worst relative error of every balance and bound in a record of :mod:`benchmarks.record`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Array, Record
from wattbit.parties import settle_parties
from wattbit.physics.snow import electricity_mwh_per_t, mass_on_day_t, melted_t_per_mwh
from wattbit.world import state as s

TOLERANCE: Final = {"float64": 1e-6, "float32": 1e-4}
"""Bars of every balance, relative."""

DUE_STEPS: Final = (
    (s.ARRIVED_BATCH_MWH, 0, s.BATCH_SLOTS, (7, 15, 31, 47)),
    (s.ARRIVED_TRAINING_MWH, s.BATCH_SLOTS, s.TRAINING_SLOTS, (47, 95, 143)),
)
"""Arrivals, first slot and length of each ring, half hours to the due times of the equal parts of what arrives."""


class Errors(dict[str, float]):
    """Worst relative error by name of the check; not a number counts as infinite."""

    def close(self, name: str, got: Array, want: Array | float, size: Array | float) -> None:
        """Two quantities are equal, relative to `size` (at least one MW, MWh or yen)."""
        self._note(name, np.abs(got - want) / np.maximum(np.abs(size), 1.0))

    def at_most(self, name: str, low: Array | float, high: Array | float, size: Array | float) -> None:
        """`low` is not above `high`, relative to `size`."""
        self._note(name, np.maximum(0.0, np.asarray(low) - high) / np.maximum(np.abs(size), 1.0))

    def never(self, name: str, wrong: NDArray[np.bool_]) -> None:
        """Something is exactly so."""
        self._note(name, np.where(wrong, np.inf, 0.0))

    def _note(self, name: str, error: Array) -> None:
        worst = float(error.max(initial=0.0))
        self[name] = max(self.get(name, 0.0), worst if worst == worst else np.inf)


def audit(record: Record) -> Errors:
    """Return the worst relative error of every balance and bound over all half hours, worlds and areas."""
    errors = Errors()
    errors.never("every number is finite", np.array([record.infinite > 0]))
    for part in (_bounds, _power, _stores, _work, _queues, _network, _reserve, _contract, _green, _energy, _cash):
        part(record, errors)
    return errors


def _bounds(x: Record, e: Errors) -> None:
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


_NEVER_NEGATIVE: Final = (
    *(name for name in s.LEDGER if name.endswith("_mwh") and not name.endswith("jpy_per_mwh")),
    *("load_mw", "realtime_mw", "interactive_mw", "heat_pump_mw", "p99_ms", "local_mw", "feeder_jpy"),
    *("reserve_up_mw", "reserve_down_mw", "reserve_short_mw", "capacity_delivered_mw", "capacity_missed_mw"),
)


def _power(x: Record, e: Errors) -> None:
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


def _stores(x: Record, e: Errors) -> None:
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


def _work(x: Record, e: Errors) -> None:
    """Work of every class: asked for, run, dropped."""
    for field, first, last, kind in (
        (s.REALTIME_MW, 0, s.FLOW_INTERACTIVE, "realtime"),
        (s.INTERACTIVE_MW, s.FLOW_INTERACTIVE, s.FLOW_BATCH, "interactive"),
    ):
        asked, dropped = x.before(field), 2.0 * x.book(f"{kind}_dropped_mwh")
        flow = x.ran[:, :, first:last].sum(2)
        e.close(f"{kind} work runs or is dropped at home", flow.sum(-1) + dropped, asked, asked.sum(-1, keepdims=True))
        e.close(f"{kind} work runs where it was sent", x.book(f"{kind}_mw"), flow.sum(-2), asked.sum(-1, keepdims=True))
    lost = x.rule(s.LOST_SHARE)
    batch, training = x.ran[:, :, s.FLOW_BATCH], x.ran[:, :, s.FLOW_TRAINING]
    away = training * ~np.eye(training.shape[-1], dtype=bool)
    hosted = training.sum(-2) + lost * away.sum(-2)
    total = x.before(s.CAPACITY_MW)
    e.close("batch work runs where it was sent", 2.0 * x.book("batch_mwh"), batch.sum(-2), total)
    e.close("moved training repeats its lost share", 2.0 * x.book("training_mwh"), hosted, total)
    load = x.book("realtime_mw") + x.book("interactive_mw") + 2.0 * (x.book("batch_mwh") + x.book("training_mwh"))
    e.close("load of a site is its classes", x.book("load_mw"), load, load)
    e.at_most("load within capacity", load, total, total)
    for kind, flow in (("batch", batch), ("training", training)):
        stock = x.before(s.BATCH_MWH if kind == "batch" else s.TRAINING_MWH)
        e.close(f"{kind} work served is what ran", x.book(f"{kind}_served_mwh"), 0.5 * flow.sum(-1), stock)


def _queues(x: Record, e: Errors) -> None:
    """Queued work: balance, and no work in a slot that did not arrive for it: nothing waits longer than it may."""
    for arrived_field, base, slots, offsets in DUE_STEPS:
        kind = "batch" if base == 0 else "training"
        stock = x.area[..., s.BATCH_MWH if base == 0 else s.TRAINING_MWH]
        arrived = x.area[..., arrived_field]
        gone = x.book(f"{kind}_served_mwh") + x.book(f"{kind}_missed_mwh")
        e.close(f"{kind} work waits, is served or missed", np.diff(stock, axis=0), arrived[1:] - gone, stock[:-1])
        e.close(f"{kind} work of the first half hour", stock[0], arrived[0], stock[0])
        ring = x.queue[..., base : base + slots]
        e.close(f"{kind} backlog is the content of its ring", stock, ring.sum(-1), stock)
        e.never("no slot of a queue is negative", ring < 0.0)
        times = len(arrived)
        due = np.zeros((times + slots, *arrived.shape[1:]))  # work of the week by the half hour in which it is due
        rows = x.batch.world.clock[:, s.ROW] - (times - 1)
        for t in range(times):
            for offset in offsets:
                due[t + offset] += arrived[t] / len(offsets)
            ahead = np.arange(slots)
            slot = (rows[:, None] + t + ahead) % slots
            content = np.take_along_axis(ring[t], slot[:, None, :], axis=-1)
            allowed = np.moveaxis(due[t : t + slots], 0, -1)
            e.at_most(f"{kind} work never waits past its due time", content, allowed, stock[t][..., None])


def _network(x: Record, e: Errors) -> None:
    """Latency budgets, links, residency."""
    world = x.batch.world
    rtt, link = world.pair[s.PAIR_RTT_MS], world.pair[s.PAIR_LINK_TB].astype(np.float64)
    away = ~np.eye(len(rtt), dtype=bool)
    e.never("flows are never negative", x.ran < 0.0)
    budgets = [x.rule(k) for k in (s.BUDGET_1_MS, s.BUDGET_2_MS, s.BUDGET_3_MS, s.INTERACTIVE_BUDGET_MS)]
    for k, budget in enumerate(budgets):
        e.never("prompt work stays within its round trip", x.ran[:, :, k][..., away & (rtt > budget)] > 0.0)
    classes = (s.REALTIME_TB, s.REALTIME_TB, s.REALTIME_TB, s.INTERACTIVE_TB, s.BATCH_TB, s.TRAINING_TB)
    tb = np.array([x.rule(k) for k in classes])
    moved = 0.5 * np.einsum("tnkod,k->tnod", x.ran, tb) * away
    e.at_most("links carry no more than they can", moved, link, link)
    e.close("bytes moved are booked", x.book("moved_tb"), moved.sum(-2), moved.sum(-2))
    share = x.rule(s.RESIDENT_SHARE)
    asked = np.stack([x.before(s.REALTIME_MW), x.before(s.INTERACTIVE_MW)])
    gone = np.stack([(f * away).sum(-1) for f in (x.ran[:, :, :3].sum(2), x.ran[:, :, s.FLOW_INTERACTIVE])])
    e.at_most("resident prompt work stays at home", gone, (1.0 - share) * asked, asked)
    for kind, k, field in (("batch", 4, s.EXPORTABLE_BATCH_MWH), ("training", 5, s.EXPORTABLE_TRAINING_MWH)):
        left = 0.5 * (x.ran[:, :, k] * away).sum(-1)
        stock = x.before(s.BATCH_MWH if kind == "batch" else s.TRAINING_MWH)
        limit = x.before(field) if share > 0.0 else stock
        e.at_most(f"resident {kind} work stays at home", left, limit, stock)
        arrived = x.before(s.ARRIVED_BATCH_MWH if kind == "batch" else s.ARRIVED_TRAINING_MWH)
        e.at_most(
            f"resident {kind} work stays at home all week",
            np.cumsum(left, axis=0),
            (1.0 - share) * np.cumsum(arrived, axis=0),
            np.cumsum(arrived, axis=0),
        )


def _reserve(x: Record, e: Errors) -> None:
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


def _contract(x: Record, e: Errors) -> None:
    """Capacity contract: paid always, called and delivered or missed, never both."""
    up = x.before(s.POWER_UP)
    contract = x.site(s.SITE_CONTRACT_MW) * up
    called = (x.exog[..., s.CALL] > 0.5) & (contract > 0.0)
    got, missed = x.book("capacity_delivered_mw"), x.book("capacity_missed_mw")
    e.close("a called contract is delivered or missed", got + missed, np.where(called, contract, 0.0), contract)
    pay = np.where(contract > 0.0, x.site(s.SITE_CONTRACT_PAY) * up, 0.0)
    want = x.site(s.SITE_CONTRACT_PENALTY) * missed - pay
    e.close("money of the capacity contract", x.book("capacity_jpy"), want, np.abs(pay) + np.abs(want))


def _zones(x: Record) -> NDArray[np.bool_]:
    """Whether two areas are one price zone, shape (time, world, area, area)."""
    spot = x.exog[..., s.SPOT]
    return np.asarray(spot[..., :, None] == spot[..., None, :])


def _green(x: Record, e: Errors) -> None:
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


def _energy(x: Record, e: Errors) -> None:
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


def _cash(x: Record, e: Errors) -> None:
    """Areas add to outcomes, outcomes to the cost, parties to zero and to the cost."""
    gross = sum(np.abs(x.info(term)) for term in s.TERMS) + np.abs(x.book("energy_jpy")).sum(-1)
    for term in (
        "energy",
        "wheeling",
        "wear",
        "carbon",
        "reserve",
        "capacity",
        "heat",
        "feeder",
        "owner",
        "connection",
        "security",
    ):
        areas = x.book(f"{term}_jpy")
        e.close("areas add to the outcome", x.info(f"{term}_jpy"), areas.sum(-1), np.abs(areas).sum(-1))
    road = 1e3 * x.rule(s.ROAD_PRICE) * x.book("road_mwh").sum(-1)
    e.close("areas add to the outcome", x.info("mobility_jpy"), road, road)
    lost = sum(
        x.rule(price) * x.book(f"{kind}_mwh").sum(-1)
        for kind, price in (
            ("realtime_dropped", s.REALTIME_VALUE),
            ("interactive_dropped", s.INTERACTIVE_VALUE),
            ("batch_missed", s.BATCH_VALUE),
            ("training_missed", s.TRAINING_VALUE),
        )
    )
    e.close("lost work has its price", x.info("work_jpy"), lost, lost)
    cost = sum(x.info(term) for term in s.TERMS)
    e.close("terms add to the cost", x.info("cost_jpy"), cost, gross)
    reward = (x.info("reference_jpy") - cost) / x.rule(s.REWARD_SCALE)
    e.close("the reward is its negative", x.outcome[..., s.O_REWARD], reward, gross / x.rule(s.REWARD_SCALE))
    size = x.info("energy_jpy").size
    books = x.outcome[..., : len(s.OUTCOMES)].reshape(size, -1), x.ledger.reshape(size, *x.ledger.shape[2:])
    parties = settle_parties(x.batch.config, *books)
    scale = np.abs(parties.amount_jpy).sum(1)
    e.close("every flow of money adds to zero", parties.by_party_jpy.sum(-1), 0.0, scale[:, None])
    e.close("aggregator and data centre pay the cost", parties.cost_jpy, x.info("cost_jpy").reshape(-1), scale)
    e.never("stocks are settled at the end only", x.info("terminal_jpy")[:-1] != 0.0)
    row = x.batch.world.exog[x.batch.world.clock[:, s.ROW]].astype(np.float64)
    change = x.area[-1] - x.area[0]
    work = change[..., [s.BATCH_MWH, s.TRAINING_MWH]].sum(-1)
    stored = change[..., s.STORAGE_MWH] + change[..., s.FLEET_MWH] / x.rule(s.CAR_EFFICIENCY)
    day = np.arctan2(row[:, 0, s.YEAR_SIN], row[:, 0, s.YEAR_COS]) % (2.0 * np.pi) * 365.25 / (2.0 * np.pi)
    days = np.stack([day, day - len(x.area[1:]) / 48.0], axis=1).tolist()
    plan = np.array([[min(mass_on_day_t(size, d) for d in both) for size in x.site(s.SITE_SNOW_T)] for both in days])
    snow = electricity_mwh_per_t() * np.where(x.site(s.SITE_SNOW_T) > 0.0, plan - x.area[-1, ..., s.SNOW_T], 0.0)
    serve = row[..., s.STOCK_PRICE] * x.area[-1, ..., s.PUE]
    if x.rule(s.WORK_MOVES) > 0.5:
        serve = np.maximum(0.0, serve.max(axis=-1, keepdims=True))
    want = (x.rule(s.BACKLOG_FACTOR) * serve * work + row[..., s.STOCK_PRICE] * (snow - stored)).sum(-1)
    stocks = x.area[..., [s.BATCH_MWH, s.TRAINING_MWH, s.STORAGE_MWH, s.FLEET_MWH]].max(0).sum(-1)
    held = (np.abs(row[..., s.STOCK_PRICE]) * (stocks + electricity_mwh_per_t() * x.site(s.SITE_SNOW_T))).sum(-1)
    e.close("stocks left at the end have their price", x.info("terminal_jpy")[-1], want, held)
