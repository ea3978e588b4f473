"""
The world as a sparse linear program: the same blocks for every half hour, tied together by stocks.

Column ``t * n + j`` and row ``t * m + i`` for half hour t: a plan shifted by one half hour is a slice. What couples a
whole week or day (certificates, wear) stands behind the half hours. MW, MWh and thousands of JPY.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.physics.snow import melted_t_per_mwh
from wattbit.world import state as s
from wattbit_agents.baselines.lp import convex
from wattbit_agents.baselines.lp.blocks import Blocks
from wattbit_agents.baselines.lp.path import TAPER_PER_H, Plant
from wattbit_agents.baselines.lp.recourse import LEVELS

Array = NDArray[np.float64]
Index = NDArray[np.int64]

RATES: Final = convex.SQUARE_SEGMENTS
"""Parts of a charging power: wear grows with its square."""

KILO: Final = 1e-3
"""The program counts thousands of JPY: coefficients of one size."""


@dataclass(frozen=True)
class Pairs:
    """
    Ways that work may go, from an area (first row) to another (second row).

    Attributes
    ----------
    realtime, interactive, all : ndarray of int, shape (2, k)
        Pairs within the delay budgets, home included; `all` for queued work.
    thirds : ndarray of int, shape (k,)
        How many of the three realtime classes may use each realtime pair.
    """

    realtime: Index
    interactive: Index
    all: Index
    thirds: Index


def pairs_of(plant: Plant) -> Pairs:
    """Return the pairs that delay budgets allow."""
    rtt = plant.pair[s.PAIR_RTT_MS]
    home = np.eye(len(rtt), dtype=bool)
    budgets = plant.constant[[s.BUDGET_1_MS, s.BUDGET_2_MS, s.BUDGET_3_MS]]
    count = np.where(home, 3, (rtt[None] <= budgets[:, None, None]).sum(axis=0))
    realtime = np.argwhere(count > 0).T
    return Pairs(
        realtime=realtime,
        interactive=np.argwhere((rtt <= plant.value(s.INTERACTIVE_BUDGET_MS)) | home).T,
        all=np.argwhere(home | ~home).T,
        thirds=count[realtime[0], realtime[1]],
    )


@dataclass(frozen=True)
class Entry:
    """Coefficients of one kind: rows and columns in a half hour, columns `lag` half hours back, a number or a name."""

    row: Index
    column: Index
    lag: int
    value: float | Array | str


class Template:
    """
    Structure of the program for one plant; everything that changes with time is filled in from a path.

    Parameters
    ----------
    plant : Plant
        What stands in the world.
    recourse : bool
        Whether departures have costs of energy that they may need, by chance.
    """

    def __init__(self, plant: Plant, recourse: bool = False) -> None:
        self.plant, self.recourse = plant, recourse
        self.areas, self.cars = plant.capacity_kwh.shape
        self.pairs = pairs_of(plant)
        self.load_edge, self.load_slope = convex.load_edges(plant)
        site, value = plant.site, plant.value
        self.resident = value(s.RESIDENT_SHARE) > 0.0
        self.snow = bool((site[:, s.SITE_SNOW_T] > 0.0).any())
        self.connected = bool((site[:, s.SITE_CONNECTION_MW] < 1e8).any())
        self.reserve = bool((site[:, s.SITE_RESERVE_DEPTH] > 0.0).any())
        self.contract = bool((site[:, s.SITE_CONTRACT_MW] > 0.0).any())
        self.green = value(s.GREEN_PREMIUM) > 0.0 or value(s.GREEN_PENALTY) > 0.0
        self.columns, self.rows = Blocks(), Blocks()
        self.entries: list[Entry] = []
        self._add_blocks()
        self._tie_work()
        self._tie_site()
        self._tie_stores()
        self._tie_grid()
        if self.reserve:
            self._tie_reserve()
        if self.green:
            self._tie_certificates()

    def _add_blocks(self) -> None:
        r, v = (self.areas,), (self.areas, self.cars)
        pairs, loads = self.pairs, len(self.load_slope)
        self.columns.add(
            realtime=pairs.realtime.shape[1:], interactive=pairs.interactive.shape[1:],
            batch=pairs.all.shape[1:], training=pairs.all.shape[1:],
            drop_realtime=r, drop_interactive=r, batch_left=r, training_left=r, miss_batch=r, miss_training=r,
            load=r, load_part=(loads, *r), tail_gap=r, site=r, heat=r,
            store_in=r, store_out=r, store=r, charge=(RATES, *v), discharge=v, car=v, road=v,
            net=r, soak=r, spill=r, local=r, beyond=r, supply=(len(convex.GRID_BREAKS) - 1, *r),
        )  # fmt: skip
        self.rows.add(
            place_realtime=r, place_interactive=r, budget=(2, *r), link=(self.areas * (self.areas - 1),),
            wait_batch=r, wait_training=r, load=r, load_part=r, site=r, heat=r,
            store=r, car=v, taper=v, net=r, meet=r, spill=r, zone=r,
        )  # fmt: skip
        if self.resident:
            self.columns.add(free_batch=r, free_training=r)
            self.rows.add(away_realtime=r, away_interactive=r, free_batch=r, free_training=r)
            self.rows.add(own_batch=r, own_training=r)
        if self.snow:
            self.columns.add(cool=r, snow=r)
            self.rows.add(cool=r, snow=r)
        if self.connected:
            self.columns.add(over=r)
            self.rows.add(over_in=r, over_out=r)
        if self.contract:
            self.columns.add(missed=r)
            self.rows.add(missed=r)
        if self.reserve:
            self.columns.add(up=(convex.RESERVE_STEPS + 1, *r), down=(convex.RESERVE_STEPS + 1, *r))
            for side in ("below", "above"):
                self.columns.add(**{f"store_{side}": r, f"car_{side}": v, f"cars_{side}": r})
                self.rows.add(**{f"store_{side}": (2, *r), f"car_{side}": v, f"cars_{side}": r})
            self.rows.add(up=r, down=r)
        if self.green:
            self.columns.add(matched=r)
            self.rows.add(matched_load=r, matched_supply=r)
        if self.recourse:
            self.columns.add(short=(LEVELS, *v))
            self.rows.add(short=(LEVELS, *v))

    def _put(self, row: Index, column: Index, value: float | Array | str, lag: int = 0) -> None:
        row, column = np.broadcast_arrays(row, column)
        if isinstance(value, np.ndarray):
            value = np.broadcast_to(value, row.shape).ravel()
        self.entries.append(Entry(row.ravel(), column.ravel(), lag, value))

    def _tie_work(self) -> None:
        """Users are served, queues empty, links and sites have room."""
        col, row, pairs, plant = self.columns, self.rows, self.pairs, self.plant
        for name in ("realtime", "interactive"):
            o, d = getattr(pairs, name)
            self._put(row[f"place_{name}"][o], col[name], 1.0)
            self._put(row[f"place_{name}"], col[f"drop_{name}"], 1.0)
            self._put(row["load"][d], col[name], -1.0)
        # Work that only one or two of the three budgets allow is at most a third, or two, of the demand.
        for k in range(2):
            few = pairs.thirds <= k + 1
            self._put(row["budget"][k][pairs.realtime[0][few]], col["realtime"][few], 1.0)
        lost = plant.value(s.LOST_SHARE)
        o, d = pairs.all
        for name, overhead in (("batch", 0.0), ("training", lost)):
            queue = row[f"wait_{name}"]
            self._put(queue, col[f"{name}_left"], 1.0)
            self._put(queue, col[f"{name}_left"], -1.0, lag=1)
            self._put(queue, col[f"miss_{name}"], 1.0)
            self._put(queue[o], col[name], 0.5)
            self._put(row["load"][d], col[name], np.where(o == d, -1.0, -1.0 - overhead))
        self._put(row["load"], col["load"], 1.0)
        self._put(row["load_part"], col["load"], 1.0)
        self._put(row["load_part"][None], col["load_part"], -1.0)
        for name, (start, end), tb in (
            ("realtime", pairs.realtime, s.REALTIME_TB),
            ("interactive", pairs.interactive, s.INTERACTIVE_TB),
            ("batch", pairs.all, s.BATCH_TB),
            ("training", pairs.all, s.TRAINING_TB),
        ):
            away = start != end
            self._put(row["link"][self.link_of(start[away], end[away])], col[name][away], 0.5 * plant.value(tb))
        if self.resident:
            self._tie_residents()

    def link_of(self, start: Index, end: Index) -> Index:
        """Return the number of the link between different areas."""
        return np.asarray(start * (self.areas - 1) + end - (end > start))

    def _tie_residents(self) -> None:
        """A share of every class stays in the area of its users."""
        col, row, pairs = self.columns, self.rows, self.pairs
        for name in ("realtime", "interactive"):
            o, d = getattr(pairs, name)
            self._put(row[f"away_{name}"][o[o != d]], col[name][o != d], 1.0)
        o, d = pairs.all
        for name in ("batch", "training"):
            self._put(row[f"free_{name}"], col[f"free_{name}"], 1.0)
            self._put(row[f"free_{name}"], col[f"free_{name}"], -1.0, lag=1)
            self._put(row[f"free_{name}"][o[o != d]], col[name][o != d], 0.5)
            self._put(row[f"own_{name}"], col[f"free_{name}"], 1.0)
            self._put(row[f"own_{name}"], col[f"{name}_left"], -1.0)

    def _tie_site(self) -> None:
        """Facility power is affine in the load but for the cooling tail; heat and snow change it."""
        col, row, plant = self.columns, self.rows, self.plant
        self._put(row["site"], col["site"], 1.0)
        self._put(row["site"], col["load"], "-pue")
        self._put(row["site"][None], col["load_part"], "-tail")
        self._put(row["site"], col["tail_gap"], 1.0)
        cop = plant.value(s.HEAT_COP)
        if cop > 1.0:
            self._put(row["site"], col["heat"], -1.0 / cop)
        capture = plant.value(s.HEAT_CAPTURE)
        self._put(row["heat"], col["heat"], 1.0)
        self._put(row["heat"], col["load"], -capture * (cop / (cop - 1.0) if cop > 1.0 else 1.0))
        if self.snow:
            self._put(row["site"], col["cool"], "snow saving")
            self._put(row["cool"], col["cool"], 1.0)
            self._put(row["cool"], col["load"], "-snow need")
            keep = 1.0 - 0.5 * plant.value(s.SNOW_LOSS) / 24.0
            self._put(row["snow"], col["snow"], 1.0)
            self._put(row["snow"], col["snow"], -keep, lag=1)
            self._put(row["snow"], col["cool"], keep * 0.5 * melted_t_per_mwh())

    def _tie_stores(self) -> None:
        """Energy in batteries and cars."""
        col, row, plant = self.columns, self.rows, self.plant
        for store, into, out, eta in (
            ("store", "store_in", "store_out", plant.value(s.STORAGE_EFFICIENCY)),
            ("car", "charge", "discharge", plant.value(s.CAR_EFFICIENCY)),
        ):
            self._put(row[store], col[store], 1.0)
            self._put(row[store], col[store], -1.0, lag=1)
            self._put(row[store] if col[into].ndim < 3 else row[store][None], col[into], -0.5 * eta)
            self._put(row[store], col[out], 0.5 / eta)
        self._put(row["car"], col["road"], -1.0)
        if self.recourse:
            self._put(row["short"], col["short"], 1.0)
            self._put(row["short"], col["car"][None], 1.0)
        self._put(row["taper"][None], col["charge"], 1.0)
        self._put(row["taper"], col["discharge"], -1.0)
        self._put(row["taper"], col["car"], TAPER_PER_H / plant.value(s.CAR_EFFICIENCY), lag=1)

    def _tie_grid(self) -> None:
        """Net load meets the surplus, then the supply curve of its price zone."""
        col, row = self.columns, self.rows
        for name, sign in (("net", 1.0), ("site", -1.0), ("store_in", -1.0), ("store_out", 1.0)):
            self._put(row["net"], col[name], sign)
        self._put(row["net"][None, :, None], col["charge"], -1.0)
        self._put(row["net"][:, None], col["discharge"], 1.0)
        for name, sign in (("net", 1.0), ("soak", -1.0), ("spill", 1.0), ("local", -1.0), ("beyond", -1.0)):
            self._put(row["meet"], col[name], sign)
        # Exports into a surplus come from stores.
        self._put(row["spill"], col["spill"], 1.0)
        self._put(row["spill"], col["store_out"], -1.0)
        self._put(row["spill"][:, None], col["discharge"], -1.0)
        self._put(row["zone"][:, None], col["beyond"][None, :], "zone")
        self._put(row["zone"][None], col["supply"], -1.0)
        if self.connected:
            for name, sign in (("over_in", -1.0), ("over_out", 1.0)):
                self._put(row[name], col["over"], 1.0)
                self._put(row[name], col["net"], sign)
        if self.contract:
            self._put(row["missed"], col["missed"], "missed")
            self._put(row["missed"], col["net"], -1.0)

    def _tie_reserve(self) -> None:
        """
        Offers are backed by room beside what is carried out, of which the share called is already a part.

        A limit is the smaller of two, power and energy: of every battery and of every car; far ahead a planner takes
        the cars of an area together, see :class:`.program.Structure`.
        """
        col, row, plant = self.columns, self.rows, self.plant
        eta = plant.value(s.STORAGE_EFFICIENCY)
        for name, sign in (("below", -1.0), ("above", 1.0)):
            store, offer = f"store_{name}", {"below": "up", "above": "down"}[name]
            for k in range(2):
                self._put(row[store][k], col[store], 1.0)
                self._put(row[store][k], col["store_in"], sign)
                self._put(row[store][k], col["store_out"], -sign)
            self._put(row[offer], col[store], -1.0)
            self._put(row[offer][:, None], col[f"car_{name}"], -1.0)
            self._put(row[offer], col[f"cars_{name}"], -1.0)
            for cars in (f"car_{name}", f"cars_{name}"):
                self._put(row[cars], col[cars], 1.0)
            self._put(row[offer][None, :, None], col["charge"], sign)
            self._put(row[offer][:, None], col["discharge"], -sign)
        self._put(row["store_below"][1], col["store"], -2.0 * eta, lag=1)
        self._put(row["store_above"][1], col["store"], 2.0 / eta, lag=1)
        self._put(row["car_below"], col["car"], "-below", lag=1)
        self._put(row["car_above"], col["car"], "above", lag=1)
        self._put(row["cars_below"][:, None], col["car"], "-below far", lag=1)
        self._put(row["cars_above"][:, None], col["car"], "above far", lag=1)
        self._put(row["up"][None], col["up"], "not called up")
        self._put(row["up"][None], col["down"], "called down")
        self._put(row["down"][None], col["down"], "not called down")
        self._put(row["down"][None], col["up"], "called up")
        _, d = self.pairs.all
        for name in ("batch", "training"):
            self._put(row["up"][d], col[name], "-pue to")
        self._put(row["down"], col["load"], "room of work")

    def _tie_certificates(self) -> None:
        """Load of the sites and certificates meet in a price zone."""
        col, row = self.columns, self.rows
        self._put(row["matched_load"], col["matched"], 1.0)
        self._put(row["matched_load"][:, None], col["site"][None, :], "-half zone")
        self._put(row["matched_supply"], col["matched"], 1.0)
        self._put(row["matched_supply"][:, None], col["soak"][None, :], "-half zone")
        self._put(row["matched_supply"][:, None], col["local"][None, :], "-half zone")
