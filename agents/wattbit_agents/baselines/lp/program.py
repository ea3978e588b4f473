"""The numbers of a program: coefficients, costs and limits of a template along a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit_agents.baselines.lp import convex
from wattbit_agents.baselines.lp.path import Path, Plant
from wattbit_agents.baselines.lp.template import KILO, RATES, Template
from wattbit_agents.baselines.lp.wear import square_segments
from wattbit_agents.baselines.lp.wear_price import DAY, PARTS, planned_wear

Array = NDArray[np.float64]
Index = NDArray[np.int64]

INF: Final = float("inf")

WearKind = Literal["none", "bound", "planned"]


@dataclass(frozen=True)
class Program:
    """
    A linear program: minimise ``cost @ x + constant``, thousands of JPY, over ``lower <= x <= upper`` and rows.

    Attributes
    ----------
    matrix : scipy.sparse.csc_matrix, shape (rows, columns)
    cost, lower, upper : ndarray, shape (columns,)
    row_lower, row_upper : ndarray, shape (rows,)
    constant : float
    terms : dict of str to ndarray, shape (columns,)
        The cost by term of the world's books; they add to `cost`.
    constants : dict of str to float
        The constant by term.
    """

    matrix: sp.csc_matrix
    cost: Array
    lower: Array
    upper: Array
    row_lower: Array
    row_upper: Array
    constant: float
    terms: dict[str, Array]
    constants: dict[str, float]


@dataclass(frozen=True)
class Rows:
    """
    New rows of a program: ``matrix x >= lower``, in compressed rows.

    Attributes
    ----------
    start : ndarray of int, shape (rows,)
    index : ndarray of int, shape (entries,)
    value : ndarray, shape (entries,)
    lower : ndarray, shape (rows,)
    """

    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Array
    lower: Array

    def short(self, point: Array) -> Array:
        """Return by how much a point misses each row, shape (rows,); below 0 where it does not."""
        found = np.add.reduceat(self.value * point[self.index], self.start) if len(self.start) else np.zeros(0)
        return np.asarray(self.lower - found)


class Structure:
    """
    Places of the coefficients for a number of half hours, found once: a new path only brings new numbers.

    Parameters
    ----------
    template : Template
    steps : int
        Half hours.
    wear : {"none", "bound", "planned"}
        Cars do not wear; every car and day has a column that cuts hold up (:mod:`.wear_rows`, needs whole days); wear
        has a convex price (:mod:`.wear_price`), which is close to it and no bound.
    """

    def __init__(self, template: Template, steps: int, wear: WearKind = "none") -> None:
        self.template, self.steps, self.wear = template, steps, wear
        n, m = template.columns.size, template.rows.size
        self.green = template.green
        self.wear_column = steps * n + (1 if self.green else 0)
        cars = template.areas * template.cars
        self.wear_columns = {"none": 0, "bound": steps // DAY * cars, "planned": -(-steps // DAY) * cars * PARTS}[wear]
        deep_rows = self.wear_columns // PARTS if wear == "planned" else 0
        self.wear_row = steps * m + (1 if self.green else 0)
        self.shape = (self.wear_row + deep_rows, self.wear_column + self.wear_columns)
        hours = np.arange(steps)[:, None]
        rows, columns = [], []
        for entry in template.entries:
            rows.append((hours * m + entry.row).ravel())
            columns.append(((hours - entry.lag) * n + entry.column).ravel())
        if self.green:
            behind_row, behind_column = steps * m, steps * n
            rows.append(np.full(1, behind_row))
            columns.append(np.full(1, behind_column))
            for name in ("matched", "site"):
                columns.append((hours * n + template.columns[name]).ravel())
                rows.append(np.full(columns[-1].size, behind_row))
        if deep_rows:
            # What a car gives back within a day is the sum of parts that cost more and more.
            day = np.arange(steps)[:, None, None] // DAY * cars
            each = np.arange(cars).reshape(1, template.areas, template.cars)
            rows.append((self.wear_row + day + each).ravel())
            columns.append((hours[:, :, None] * n + template.columns["discharge"]).ravel())
            rows.append(np.repeat(self.wear_row + np.arange(deep_rows), PARTS))
            columns.append(self.wear_column + np.arange(self.wear_columns))
        row, column = np.concatenate(rows), np.concatenate(columns)
        kept = np.flatnonzero(column >= 0)
        order = np.lexsort((row[kept], column[kept]))
        self.order: Index = kept[order]
        self.index = row[self.order].astype(np.int32)
        self.start = np.searchsorted(column[self.order], np.arange(self.shape[1] + 1)).astype(np.int32)

    def matrix(self, values: dict[str, Array]) -> sp.csc_matrix:
        """Return the matrix with the coefficients that change with time from `values`, each (step, entries)."""
        parts = []
        for entry in self.template.entries:
            value = values[entry.value] if isinstance(entry.value, str) else entry.value
            parts.append(np.broadcast_to(value, (self.steps, entry.row.size)).ravel())
        areas = self.template.areas
        if self.green:
            target = self.template.plant.value(s.GREEN_TARGET)
            parts += [np.ones(1), np.ones(self.steps * areas), np.full(self.steps * areas, -0.5 * target)]
        if self.wear == "planned":
            parts += [np.ones(self.steps * areas * self.template.cars), np.full(self.wear_columns, -1.0)]
        data = np.concatenate(parts)[self.order]
        return sp.csc_matrix((data, self.index, self.start), shape=self.shape)


def coefficients(template: Template, path: Path) -> dict[str, Array]:
    """Return the coefficients that change with time, each (step, entries in the order of the template)."""
    plant, areas = template.plant, template.areas
    member = (path.zone[:, None, :] == np.arange(areas)[None, :, None]).astype(float)
    slope, _ = convex.tail_slopes(plant, load_widths(template, path))
    found = {
        "-pue": -path.pue,
        "-tail": -slope.reshape(path.steps, -1),
        "zone": member.reshape(path.steps, -1),
        "-half zone": -0.5 * member.reshape(path.steps, -1),
    }
    if template.snow:
        saving = np.maximum(0.0, 1.0 / path.compressor_cop - plant.value(s.SNOW_POWER))
        found["snow saving"] = saving
        found["-snow need"] = -(1.0 + plant.site[:, s.SITE_FANS]) * path.compressor_share
    if template.contract:
        contract = np.maximum(1e-3, plant.site[:, s.SITE_CONTRACT_MW] * path.power_up)
        found["missed"] = (net_limits_mw(template)[1] - path.baseline_mw + contract) / contract
    if template.reserve:
        parts = convex.RESERVE_STEPS + 1
        called_up, called_down = np.tile(path.up_share, parts), np.tile(path.down_share, parts)
        found |= {
            "not called up": 1.0 - called_up,
            "called up": called_up,
            "not called down": 1.0 - called_down,
            "called down": called_down,
            "-pue to": -path.pue[:, template.pairs.all[1]],
            "room of work": np.where(path.up_share > 0.0, path.pue, 0.0),
            "-below": -below_slopes(template, path)[0].reshape(path.steps, -1),
            "above": above_slopes(template, path).reshape(path.steps, -1),
        }
    return found


def load_widths(template: Template, path: Path) -> Array:
    """Widths of the load's segments, (step, segment, area)."""
    works = template.plant.site[:, s.SITE_DYNAMIC_MW] * path.site_up
    return np.asarray(np.diff(template.load_edge)[None, :, None] * works[:, None, :])


def rate_widths(plant: Plant, path: Path) -> Array:
    """Widths of the parts of every car's charging power, (step, part, area, car), MW."""
    width, _ = square_segments()
    stand = plant.value(s.CAR_KW) * path.cars.share * plant.weight[:, None]
    return np.asarray(width[None, :, None, None] * stand[:, None])


def net_limits_mw(template: Template) -> tuple[Array, Array]:
    """Lowest and highest net load of every area, MW."""
    flexible = convex.flexible_mw(template.plant)
    return -flexible - 1.0, flexible + convex.site_limit_mw(template.plant)


def below_slopes(template: Template, path: Path) -> tuple[Array, Array]:
    """
    Return what a car's room below its power is at most: slope times (energy - offset), concave in the energy.

    The room is twice the energy above what must be held, and none below: its concave envelope between the lowest and
    the highest energy. Both (step, area, car), 1/h and kWh.
    """
    cars, eta = path.cars, template.plant.value(s.CAR_EFFICIENCY)
    earlier = np.concatenate([cars.start_kwh[None], cars.low_kwh[:-1]])
    low, high = earlier - cars.before_kwh, cars.ceiling_kwh - cars.before_kwh
    exact = low >= cars.hold_kwh
    span = np.maximum(high - low, 1e-6)
    slope = np.where(exact, 1.0, np.clip((high - cars.hold_kwh) / span, 0.0, 1.0))
    offset = np.where(exact, cars.hold_kwh, low)
    on = cars.share > 0.0
    return np.where(on, 2.0 * eta * slope, 0.0), offset


def above_slopes(template: Template, path: Path) -> Array:
    """Return the fall of a car's highest power with its energy, (step, area, car), 1/h."""
    return np.where(path.cars.share > 0.0, 0.8 / template.plant.value(s.CAR_EFFICIENCY), 0.0)


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
        part = self.template.columns.part[block]
        size = part.stop - part.start
        flat = np.asarray(value, float)
        flat = flat.reshape(self.steps, -1) if flat.ndim > 1 and len(flat) == self.steps else flat
        table[:, part] += KILO * np.broadcast_to(flat, (self.steps, size))

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
        shape = (self.steps, part.stop - part.start)
        for table, value in ((self.lower, low), (self.upper, high)):
            if value is not None:
                flat = np.asarray(value, float)
                table[:, part] = np.broadcast_to(flat.reshape(self.steps, -1) if flat.ndim > 1 else flat, shape)

    def rows(self, block: str, low: Array | float | None = None, high: Array | float | None = None) -> None:
        """Bound the rows of a block."""
        part = self.template.rows.part[block]
        shape = (self.steps, part.stop - part.start)
        for table, value in ((self.row_lower, low), (self.row_upper, high)):
            if value is not None:
                flat = np.asarray(value, float)
                table[:, part] = np.broadcast_to(flat.reshape(self.steps, -1) if flat.ndim > 1 else flat, shape)

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
    """
    template = structure.template
    vectors = _Vectors(template, path.steps)
    _fill_work(vectors, path)
    _fill_site(vectors, path)
    _fill_stores(vectors, path)
    _fill_grid(vectors, path)
    if template.reserve:
        _fill_reserve(vectors, path)
    if template.green:
        _fill_certificates(vectors, path)
    _fill_end(vectors, path)
    matrix = structure.matrix(coefficients(template, path))
    extra = structure.shape[1] - path.steps * template.columns.size
    terms = {name: np.concatenate([table.ravel(), np.zeros(extra)]) for name, table in vectors.terms.items()}
    row_lower = vectors.row_lower.ravel()
    upper_behind = np.full(extra, INF)
    if structure.wear == "bound":
        terms["wear_jpy"][structure.wear_column :] = 1.0
    if structure.wear == "planned":
        price = planned_wear(template.plant, path)
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
        v.equal(f"wait_{name}", arrivals)
        v.within(f"{name}_left", 0.0, getattr(path, f"{name}_room_mwh"))
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
    taper = 0.8 / value(s.CAR_EFFICIENCY) * (cars.ceiling_kwh + cars.before_kwh)
    taper[0] -= 0.8 / value(s.CAR_EFFICIENCY) * cars.start_kwh
    v.rows("taper", high=taper * weight[:, None])
    v.cost("wheeling_jpy", "charge", np.tile(0.5 * np.repeat(losses, template.cars), RATES))
    v.cost("owner_jpy", "discharge", 0.5 * value(s.OWNER_PAY))
    dirt = path.carbon_kg_per_mwh - value(s.OWNER_CARBON_USUAL)
    v.cost("owner_jpy", "charge", 0.5 * value(s.OWNER_CARBON) * np.tile(np.repeat(dirt, template.cars, axis=1), RATES))
    # Owners are paid, and in clean hours pay, for what swings too: at most all stands that are taken over.
    swings = 0.25 * path.swing * stand.sum(axis=2)
    v.fixed("owner_jpy", float((swings * np.minimum(0.0, value(s.OWNER_PAY) + value(s.OWNER_CARBON) * dirt)).sum()))
    v.cost("mobility_jpy", "road", 1000.0 * value(s.ROAD_PRICE) * np.ones_like(each))


def _fill_grid(v: _Vectors, path: Path) -> None:
    template, plant = v.template, v.template.plant
    value, site = plant.value, plant.site
    low, high = net_limits_mw(template)
    soaking = path.surplus_mw + path.local_mw > 0.0
    first, base, width, slope = convex.supply_segments(plant, path)
    v.within("net", low, high)
    v.within("soak", 0.0, np.where(soaking, path.surplus_mw, 0.0))
    v.within("spill", 0.0, np.where(soaking, INF, 0.0))
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


def _fill_reserve(v: _Vectors, path: Path) -> None:
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
    v.rows("store_below", high=np.stack([power, -2.0 * eta * (low - begin)], axis=1))
    v.rows("store_above", high=np.stack([power, 2.0 / eta * (high - begin)], axis=1))
    stands = (value(s.CAR_KW) * cars.share).sum(axis=2) * weight
    slope, offset = below_slopes(template, path)
    energy = np.zeros_like(cars.share)
    energy[0] = cars.start_kwh
    below = (slope * (energy - cars.before_kwh - offset)).sum(axis=2) * weight
    above = (above_slopes(template, path) * (cars.ceiling_kwh + cars.before_kwh - energy)).sum(axis=2) * weight
    v.rows("fleet_below", high=np.stack([stands, below], axis=1))
    v.rows("fleet_above", high=np.stack([stands, above], axis=1))
    v.rows("up", high=0.0)
    v.rows("down", high=np.where(path.up_share > 0.0, path.pue * path.capacity_mw, 0.0))


def _fill_certificates(v: _Vectors, path: Path) -> None:
    template, value = v.template, v.template.plant.value
    member = path.zone[:, None, :] == np.arange(template.areas)[None, :, None]
    v.within("matched", 0.0, np.where(member.any(axis=2), INF, 0.0))
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
