"""Costs and limits of a program along a path, term by term of the world's books."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp import convex
from wattbit_agents.baselines.lp.path import TAPER_PER_H, Path
from wattbit_agents.baselines.lp.program import (
    INF,
    Program,
    Structure,
    above_slopes,
    below_slopes,
    coefficients,
    load_widths,
    net_limits_mw,
    rate_widths,
)
from wattbit_agents.baselines.lp.template import KILO, RATES, Template
from wattbit_agents.baselines.lp.wear_price import planned_wear

Array = NDArray[np.float64]

ROOMY: Final = 1.0
"""
By how much (MW, MWh) limits that follow from others lie beyond what can be.

They never bind, and so hide no price; but the dual simplex needs a phase of its own for columns without limits.
"""


class _Vectors:
    """Costs by term and limits, half hour by half hour."""

    def __init__(self, template: Template, steps: int) -> None:
        self.template, self.steps = template, steps
        columns, rows = template.columns, template.rows
        self.terms: dict[str, Array] = {}
        self.constants: dict[str, float] = {}
        self.lower = np.zeros((steps, columns.size))
        self.upper = np.full((steps, columns.size), INF)
        self.row_lower = np.full((steps, rows.size), -INF)
        self.row_upper = np.full((steps, rows.size), INF)

    def cost(self, term: str, block: str, value: Array | float) -> None:
        """Add a cost per unit, JPY."""
        table = self.terms.setdefault(term, np.zeros((self.steps, self.template.columns.size)))
        flat = np.asarray(value, float)
        flat = flat.reshape(self.steps, -1) if flat.ndim > 1 and len(flat) == self.steps else flat
        table[:, self.template.columns.part[block]] += KILO * flat

    def last(self, term: str, block: str, value: Array) -> None:
        """Add a cost per unit of a stock at the end, JPY."""
        table = self.terms.setdefault(term, np.zeros((self.steps, self.template.columns.size)))
        table[-1, self.template.columns.part[block]] += KILO * np.broadcast_to(value, self._size(block)).ravel()

    def _size(self, block: str) -> tuple[int, ...]:
        return self.template.columns.shape[block]

    def fixed(self, term: str, value: float) -> None:
        """Add to the constant, JPY."""
        self.constants[term] = self.constants.get(term, 0.0) + KILO * float(value)

    def within(self, block: str, low: Array | float | None = None, high: Array | float | None = None) -> None:
        """Bound the columns of a block."""
        part = self.template.columns.part[block]
        for table, value in ((self.lower, low), (self.upper, high)):
            if value is not None:
                flat = np.asarray(value, float)
                table[:, part] = flat.reshape(self.steps, -1) if flat.ndim > 1 else flat

    def rows(self, block: str, low: Array | float | None = None, high: Array | float | None = None) -> None:
        """Bound the rows of a block."""
        part = self.template.rows.part[block]
        for table, value in ((self.row_lower, low), (self.row_upper, high)):
            if value is not None:
                flat = np.asarray(value, float)
                table[:, part] = flat.reshape(self.steps, -1) if flat.ndim > 1 else flat

    def equal(self, block: str, value: Array | float) -> None:
        """Fix the rows of a block."""
        self.rows(block, value, value)


def fill(structure: Structure, path: Path) -> Program:
    """
    Return the program of a path.

    Parameters
    ----------
    structure : Structure
        For as many half hours as the path has.
    path : Path

    Returns
    -------
    Program

    Raises
    ------
    ValueError
        If wear is priced and the path does not begin at midnight, though the structure is for those that do.
    """
    template = structure.template
    if structure.wear == "planned" and structure.at_midnight and not path.at_midnight:
        raise ValueError(f"path begins with half hour {path.first_step % STEPS_PER_DAY} of a day, must be 0")
    vectors = _Vectors(template, path.steps)
    _fill_work(vectors, path)
    _fill_site(vectors, path)
    _fill_stores(vectors, path)
    _fill_grid(vectors, path)
    if template.reserve:
        _fill_reserve(vectors, path, structure.near)
    if template.green:
        _fill_certificates(vectors, path)
    _fill_end(vectors, path)
    matrix = structure.matrix(coefficients(structure, path))
    extra = structure.shape[1] - path.steps * template.columns.size
    terms = {name: np.concatenate([table.ravel(), np.zeros(extra)]) for name, table in vectors.terms.items()}
    row_lower = vectors.row_lower.ravel()
    upper_behind = np.full(extra, INF)
    if structure.wear == "planned":
        price = planned_wear(template.plant, path, structure.days)
        hours = terms["wear_jpy"][: path.steps * template.columns.size].reshape(path.steps, -1)
        hours[:, template.columns.part["charge"]] += price.rate.reshape(path.steps, -1)
        terms["wear_jpy"][structure.wear_column :] = price.depth.ravel()
        upper_behind[structure.wear_column - path.steps * template.columns.size :] = price.width.ravel()
    if structure.green:
        plant, end = template.plant, path.end
        terms["certificates_jpy"][structure.wear_column - 1] = KILO * plant.value(s.GREEN_PENALTY) if end.green else 0.0
        missing = plant.value(s.GREEN_TARGET) * end.match_load_mwh - end.matched_mwh if end.green else -INF
        row_lower = np.append(row_lower, missing)
    row_upper = np.append(vectors.row_upper.ravel(), np.full(len(row_lower) - vectors.row_upper.size, INF))
    if structure.wear == "planned":
        deep = structure.shape[0] - structure.wear_row
        row_lower, row_upper = np.append(row_lower, np.full(deep, -INF)), np.append(row_upper, np.zeros(deep))
    return Program(
        matrix=matrix,
        cost=np.sum(list(terms.values()), axis=0),
        lower=np.append(vectors.lower.ravel(), np.zeros(extra)),
        upper=np.append(vectors.upper.ravel(), upper_behind),
        row_lower=row_lower,
        row_upper=row_upper,
        constant=sum(vectors.constants.values()),
        terms=terms,
        constants=vectors.constants,
    )


def _fill_work(v: _Vectors, path: Path) -> None:
    template, plant = v.template, v.template.plant
    value, rtt, pairs = plant.value, plant.pair[s.PAIR_RTT_MS], template.pairs
    demand = {"realtime": path.realtime_mw, "interactive": path.interactive_mw}
    lost = {"realtime": s.REALTIME_VALUE, "interactive": s.INTERACTIVE_VALUE}
    for name, wanted in demand.items():
        o, d = getattr(pairs, name)
        v.within(name, high=wanted[:, o] + ROOMY)
        v.cost("network_jpy", name, np.where(o == d, 0.0, 0.5 * rtt[o, d] * value(s.RTT_COST)))
        v.cost("work_jpy", f"drop_{name}", 0.5 * value(lost[name]))
        v.within(f"drop_{name}", 0.0, wanted)
        v.equal(f"place_{name}", wanted)
    # All pairs that only some budgets allow lead away from home.
    away = (1.0 - value(s.RESIDENT_SHARE)) * path.realtime_mw
    v.rows("budget", high=np.stack([away / 3.0, away * 2.0 / 3.0], axis=1))
    o, d = pairs.all
    v.cost("network_jpy", "training", np.where(o == d, 0.0, 0.5 * value(s.MOVE_COST)))
    for name, worth in (("batch", s.BATCH_VALUE), ("training", s.TRAINING_VALUE)):
        arrivals = getattr(path, f"{name}_mwh").copy()
        arrivals[0] += getattr(path, f"{name}_start_mwh")
        room = getattr(path, f"{name}_room_mwh")
        v.equal(f"wait_{name}", arrivals)
        v.within(f"{name}_left", 0.0, room)
        v.within(f"miss_{name}", high=arrivals + np.concatenate([np.zeros_like(room[:1]), room[:-1]]) + ROOMY)
        v.within(name, high=path.capacity_mw[:, d] + ROOMY)
        v.cost("work_jpy", f"miss_{name}", value(worth))
    off = ~np.eye(template.areas, dtype=bool)
    v.rows("link", high=path.link_tb[:, off])
    v.equal("load", 0.0)
    v.equal("load_part", 0.0)
    v.within("load", 0.0, path.capacity_mw)
    v.within("load_part", 0.0, load_widths(template, path))
    slopes = np.repeat(template.load_slope, template.areas)
    v.cost("network_jpy", "load_part", 0.5 * value(s.QUEUE_COST) * slopes)
    if template.resident:
        free = 1.0 - value(s.RESIDENT_SHARE)
        for name, wanted in demand.items():
            v.rows(f"away_{name}", high=free * wanted)
        for name in ("batch", "training"):
            arrivals = getattr(path, f"{name}_mwh")
            v.rows(f"free_{name}", high=getattr(path, f"exportable_{name}_mwh"))
            # What may leave is cut to what is left only after the next arrivals.
            later = np.concatenate([(1.0 - free) * arrivals[1:], np.full((1, template.areas), INF)])
            v.rows(f"own_{name}", high=later)


def _fill_site(v: _Vectors, path: Path) -> None:
    template, plant = v.template, v.template.plant
    value, site = plant.value, plant.site
    idle = site[:, s.SITE_IDLE_MW] * path.site_up
    _, gap = convex.tail_slopes(plant, load_widths(template, path))
    v.equal("site", path.pue * idle)
    v.within("site", high=convex.site_limit_mw(plant) + ROOMY)
    v.within("tail_gap", 0.0, gap)
    cop = value(s.HEAT_COP)
    caught = value(s.HEAT_CAPTURE) * (cop / (cop - 1.0) if cop > 1.0 else 1.0)
    v.rows("heat", high=caught * idle)
    v.within("heat", 0.0, path.heat_demand_mw)
    v.cost("heat_jpy", "heat", -0.5 * value(s.HEAT_PRICE))
    if template.snow:
        stored = path.snow_start_t > 0.0
        need = (1.0 + site[:, s.SITE_FANS]) * path.compressor_share
        v.rows("cool", high=need * idle)
        v.within("cool", 0.0, np.where(stored, INF, 0.0))
        v.within("snow", 0.0, path.snow_start_t)
        keep = 1.0 - 0.5 * value(s.SNOW_LOSS) / 24.0
        start = np.zeros((path.steps, template.areas))
        start[0] = keep * path.snow_start_t
        v.rows("snow", high=start)


def _fill_stores(v: _Vectors, path: Path) -> None:
    template, plant, cars = v.template, v.template.plant, path.cars
    value, site, weight = plant.value, plant.site, plant.weight
    losses = value(s.WHEELING_LOSSES) * site[:, s.SITE_WHEELING] + value(s.LEVY)
    power = site[:, s.SITE_STORAGE_MW] * path.power_up
    for block in ("store_in", "store_out"):
        v.within(block, 0.0, power)
        v.cost("wear_jpy", block, 0.5 * value(s.STORAGE_WEAR))
    v.within("store", *path.storage_range_mwh)
    v.cost("wheeling_jpy", "store_in", 0.5 * losses)
    start = np.zeros((path.steps, template.areas))
    start[0] = path.storage_start_mwh
    v.equal("store", start)
    each = np.repeat(weight, template.cars)
    stand = value(s.CAR_KW) * cars.share * weight[:, None]
    v.within("charge", 0.0, rate_widths(plant, path))
    v.within("discharge", 0.0, stand)
    v.within("car", cars.low_kwh * weight[:, None], np.broadcast_to(cars.ceiling_kwh * weight[:, None], stand.shape))
    v.within("road", 0.0, np.where(cars.need_kwh > 0.0, INF, 0.0))
    driven = -(cars.before_kwh + cars.after_kwh)
    driven[0] += cars.start_kwh
    driven = driven * weight[:, None]
    v.rows("car", np.where(path.swing[:, :, None] > 0.0, -INF, driven), driven)
    taper = TAPER_PER_H / value(s.CAR_EFFICIENCY) * (cars.ceiling_kwh + cars.before_kwh)
    taper[0] -= TAPER_PER_H / value(s.CAR_EFFICIENCY) * cars.start_kwh
    v.rows("taper", high=taper * weight[:, None])
    v.cost("wheeling_jpy", "charge", np.tile(0.5 * np.repeat(losses, template.cars), RATES))
    v.cost("owner_jpy", "discharge", 0.5 * value(s.OWNER_PAY))
    dirt = path.carbon_kg_per_mwh - value(s.OWNER_CARBON_USUAL)
    v.cost("owner_jpy", "charge", 0.5 * value(s.OWNER_CARBON) * np.tile(np.repeat(dirt, template.cars, axis=1), RATES))
    # Owners are paid, and in clean hours pay, for what swings too: at most all stands that are taken over.
    swings = 0.25 * path.swing * stand.sum(axis=2)
    v.fixed("owner_jpy", float((swings * np.minimum(0.0, value(s.OWNER_PAY) + value(s.OWNER_CARBON) * dirt)).sum()))
    v.cost("mobility_jpy", "road", 1000.0 * value(s.ROAD_PRICE) * np.ones_like(each))
    if template.recourse and cars.short is not None:
        chance, missing = cars.short.chance, cars.short.need_kwh - cars.after_kwh[:, None]
        # Within a period (:mod:`.periods`) the course of a car's energy may fall below zero for a while.
        most = (np.maximum(0.0, missing) + plant.capacity_kwh) * weight[:, None] + ROOMY
        v.within("short", 0.0, np.where(chance > 0.0, most, 0.0))
        v.rows("short", low=np.where(chance > 0.0, missing * weight[:, None], -INF))
        v.cost("mobility_jpy", "short", 1000.0 * value(s.ROAD_PRICE) * chance)


def _fill_grid(v: _Vectors, path: Path) -> None:
    template, plant = v.template, v.template.plant
    value, site = plant.value, plant.site
    low, high = net_limits_mw(template)
    soaking = path.surplus_mw + path.local_mw > 0.0
    first, base, width, slope = convex.supply_segments(plant, path)
    v.within("net", low, high)
    v.within("soak", 0.0, np.where(soaking, path.surplus_mw, 0.0))
    v.within("spill", 0.0, np.where(soaking, convex.flexible_mw(plant) + ROOMY, 0.0))
    v.within("local", 0.0, path.local_mw)
    v.within("beyond", np.where(soaking, 0.0, -INF), INF)
    v.within("supply", 0.0, width)
    for name in ("net", "meet"):
        v.equal(name, 0.0)
    v.rows("spill", high=0.0)
    v.equal("zone", first)
    v.cost("energy_jpy", "soak", 0.5 * value(s.FLOOR))
    v.cost("energy_jpy", "spill", -0.5 * value(s.FLOOR))
    v.cost("energy_jpy", "local", 0.5 * np.minimum(path.price_jpy_per_mwh, value(s.LOCAL_PRICE)))
    v.cost("energy_jpy", "supply", 0.5 * slope)
    v.fixed("energy_jpy", 0.5 * float(base.sum()))
    rise, least = convex.own_rise(plant, path, low, high)
    v.cost("energy_jpy", "beyond", 0.5 * rise)
    v.fixed("energy_jpy", 0.5 * float(least.sum()))
    v.cost("carbon_jpy", "beyond", 0.5 * value(s.CARBON_PRICE) * path.carbon_kg_per_mwh)
    v.fixed("security_jpy", path.steps * float(site[:, s.SITE_SECURITY].sum()))
    if template.connected:
        limit = site[:, s.SITE_CONNECTION_MW]
        v.rows("over_in", low=-limit)
        v.rows("over_out", low=-limit)
        v.cost("connection_jpy", "over", 0.5 * value(s.CONNECTION_PRICE))
    if template.contract:
        called = (path.call > 0.5) & (site[:, s.SITE_CONTRACT_MW] * path.power_up > 0.0)
        contract = site[:, s.SITE_CONTRACT_MW] * path.power_up
        v.within("missed", 0.0, np.where(called, contract, 0.0))
        v.rows("missed", low=np.where(called, contract - path.baseline_mw, -INF))
        v.cost("capacity_jpy", "missed", site[:, s.SITE_CONTRACT_PENALTY])
        v.fixed("capacity_jpy", -float((site[:, s.SITE_CONTRACT_PAY] * path.power_up).sum()))


def _fill_reserve(v: _Vectors, path: Path, near: NDArray[np.bool_]) -> None:
    template, plant, cars = v.template, v.template.plant, path.cars
    value, site, weight = plant.value, plant.site, plant.weight
    width, pay = convex.reserve_segments(path.depth_mw)
    price = path.reserve_price_jpy_per_mw[:, None, :] * pay[None, :, None]
    for name, share in (("up", 1.0), ("down", value(s.RESERVE_DOWN_SHARE))):
        v.within(name, 0.0, width)
        v.cost("reserve_jpy", name, -share * price)
    power = site[:, s.SITE_STORAGE_MW] * path.power_up
    low, high = path.storage_range_mwh
    eta = value(s.STORAGE_EFFICIENCY)
    begin = np.zeros((path.steps, template.areas))
    begin[0] = path.storage_start_mwh
    for block in ("store_below", "store_above"):
        v.within(block, high=2.0 * power + ROOMY)
    v.rows("store_below", high=np.stack([power, -2.0 * eta * (low - begin)], axis=1))
    v.rows("store_above", high=np.stack([power, 2.0 / eta * (high - begin)], axis=1))
    stands = value(s.CAR_KW) * cars.share * weight[:, None]
    slope, offset = below_slopes(template, path)
    energy = np.zeros_like(cars.share)
    energy[0] = cars.start_kwh
    below = slope * (energy - cars.before_kwh - offset)
    above = above_slopes(template, path) * (cars.ceiling_kwh + cars.before_kwh - energy)
    apart = near[:, None, None]
    for side, high in (("below", below * weight[:, None]), ("above", above * weight[:, None])):
        v.within(f"car_{side}", 0.0, stands * apart)
        v.rows(f"car_{side}", high=np.where(apart, high, INF))
        v.within(f"cars_{side}", 0.0, (stands * ~apart).sum(axis=2))
        v.rows(f"cars_{side}", high=np.where(near[:, None], INF, high.sum(axis=2)))
    v.rows("up", high=0.0)
    v.rows("down", high=np.where(path.up_share > 0.0, path.pue * path.capacity_mw, 0.0))


def _fill_certificates(v: _Vectors, path: Path) -> None:
    template, value = v.template, v.template.plant.value
    member = path.zone[:, None, :] == np.arange(template.areas)[None, :, None]
    load = 0.5 * (member @ convex.site_limit_mw(template.plant))
    v.within("matched", 0.0, np.where(member.any(axis=2), load + ROOMY, 0.0))
    v.rows("matched_load", high=0.0)
    v.rows("matched_supply", high=(member * path.certificates_mwh[:, None, :]).sum(axis=2))
    v.cost("certificates_jpy", "matched", -value(s.GREEN_PREMIUM))
    end = path.end
    if not end.green and end.matched_mwh <= value(s.GREEN_TARGET) * end.match_load_mwh:
        # Below the target a matched MWh saves the penalty, and load brings it.
        v.cost("certificates_jpy", "matched", -value(s.GREEN_PENALTY))
        v.cost("certificates_jpy", "site", 0.5 * value(s.GREEN_PENALTY) * value(s.GREEN_TARGET))


def _fill_end(v: _Vectors, path: Path) -> None:
    end = path.end
    v.last("terminal_jpy", "store", -end.storage_jpy_per_mwh)
    v.last("terminal_jpy", "car", -end.car_jpy_per_mwh[:, None])
    v.last("terminal_jpy", "batch_left", end.batch_jpy_per_mwh)
    v.last("terminal_jpy", "training_left", end.training_jpy_per_mwh)
    if v.template.snow:
        v.last("terminal_jpy", "snow", -end.snow_jpy_per_t)
    v.fixed("terminal_jpy", end.constant_jpy)
