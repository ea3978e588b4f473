"""The rule to beat: every store and queue has a price above or below which it acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from wattbit_agents.baselines.view import (
    BATCH_DUE_H,
    TRAINING_DUE_H,
    FloatArray,
    View,
    level,
    needed_mw,
    reserve_levels,
    within_connection,
)


@dataclass(frozen=True)
class Threshold:
    """
    Price thresholds for hosting, movable work, cars and storage, with deadlines protected.

    A postponed MWh is worth what the coming hours cost on average over the areas, more when much work waits. A site
    runs the more of it the further its price is below that worth, up to a load at which queues stay short. Cars and
    storage fill in the cheapest hours of the next day and empty when the price exceeds the refill by losses, wear and
    a margin. Work that is about to fall due runs whatever the price.

    The defaults were searched at random on 52 train weeks of ``japan3``; no validation or test week was looked at.
    """

    name: ClassVar[str] = "threshold"

    load_ceiling: float = 0.76
    """Load to which a cheap site is filled, share of its capacity; above it waiting grows fast. [1]"""
    work_width_jpy_per_mwh: float = 4400.0
    """Price band over which a site goes from resting to its ceiling. [JPY/MWh]"""
    work_offset_jpy_per_mwh: float = 1200.0
    """Added to the worth of a postponed MWh. [JPY/MWh]"""
    backlog_price_jpy_per_mwh_per_h: float = 200.0
    """Rise of that worth per hour of waiting work. [JPY/MWh/h]"""
    host_width_jpy_per_mwh: float = 1900.0
    """Price below the mean of the areas at which a site asks for twice its users. [JPY/MWh]"""
    host_limit: float = 0.56
    """Largest hosting action. [1]"""
    charge_rank: float = 0.18
    """Cars charge while the price rank within 24 h is below this. [1]"""
    charge_level: float = 0.86
    """Share of the feasible power at which cars charge: slowly, because fast charging wears. [1]"""
    discharge_level: float = 1.0
    """The same for discharging. [1]"""
    need_h: float = 7.0
    """Time within which cars below the promised charge are brought up to it, whatever the price. [h]"""
    fleet_spread_jpy_per_mwh: float = 11000.0
    """Cars discharge when the price exceeds the refill by this: wear 2.4 JPY/kWh, losses, a margin. [JPY/MWh]"""
    spread_width_jpy_per_mwh: float = 6400.0
    """Price above the spread at which discharging is at its full level. [JPY/MWh]"""
    storage_rank: float = 0.15
    """Storage charges while the price rank within 24 h is below this. [1]"""
    storage_spread_jpy_per_mwh: float = 8600.0
    """Storage discharges when the price exceeds the refill by this. [JPY/MWh]"""
    safety: float = 1.05
    """Deadline margin: work that must run is run at this multiple of its mean power."""
    reserve_share: float = 0.9
    """Share of the room left by the dispatch that is offered as reserve. [1]"""
    call_jpy_per_mwh: float = 40_000.0
    """Added to the price while the capacity contract is called. [JPY/MWh]"""

    def controls(self, view: View) -> dict[str, FloatArray]:
        """Decide for every row and area of the batch."""
        soaking = view["surplus_mw"] + view["local_surplus_mw"] > 0.0
        price = np.where(soaking, 0.0, view.price_now()) + self.call_jpy_per_mwh * view["capacity_call"]
        price = price + self.surcharge(view)
        mean = price.mean(axis=1, keepdims=True)
        host = np.clip((mean - price) / self.host_width_jpy_per_mwh, -self.host_limit, self.host_limit)
        batch, training, site_mw = self._work(view, price, host)
        rank = np.where(soaking, 0.0, view["price_rank_24h"]) + view["capacity_call"]
        means = view["price_forecast_mean_jpy_per_mwh"][..., :4]
        refill = (means - 0.5 * view["price_forecast_spread_jpy_per_mwh"][..., :4]).min(axis=-1)
        gain = price - np.minimum(refill, price)
        fleet_out = np.clip((gain - self.fleet_spread_jpy_per_mwh) / self.spread_width_jpy_per_mwh, 0.0, 1.0)
        storage_out = np.clip((gain - self.storage_spread_jpy_per_mwh) / self.spread_width_jpy_per_mwh, 0.0, 1.0)
        power_max = np.maximum(view["fleet_power_max_mw"], 1e-6)
        need = np.clip(view["fleet_need_mwh"] / self.need_h / power_max, 0.0, 1.0)
        fleet = np.where(rank < self.charge_rank, self.charge_level, -self.discharge_level * fleet_out)
        fleet = np.where(fleet < 0.0, fleet, np.maximum(fleet, need))
        storage = np.where(rank < self.storage_rank, 1.0, -storage_out)
        fleet, storage = within_connection(view, site_mw, fleet, storage)
        up, down = reserve_levels(view, fleet, storage)
        return {
            "realtime_host": host,
            "interactive_host": host,
            "batch_run": batch,
            "training_run": training,
            "fleet_power": fleet,
            "storage_power": storage,
            "reserve_up": self.reserve_share * up,
            "reserve_down": self.reserve_share * down,
        }

    def surcharge(self, view: View) -> FloatArray:
        """Return what the rule adds to the price of energy, shape (n, R). [JPY/MWh]"""
        return view.fill(0.0)

    def _work(self, view: View, price: FloatArray, host: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Run levels of batch and training and the site's load: the price decides how much, deadlines the least."""
        capacity = view["capacity_mw"]
        users = view["realtime_mw"] + view["interactive_mw"]
        weight = users * (1.0 + host)
        hosted = weight * users.sum(axis=1, keepdims=True) / np.maximum(weight.sum(axis=1, keepdims=True), 1e-6)
        free = np.maximum(capacity - hosted, 1e-6)
        backlog_h = (view["batch_backlog_mwh"] + view["training_backlog_mwh"]).sum(axis=1, keepdims=True)
        backlog_h = backlog_h / np.maximum(capacity.sum(axis=1, keepdims=True), 1e-6)
        ahead = view["price_forecast_mean_jpy_per_mwh"][..., :4].mean(axis=(1, 2))[:, None]
        worth = ahead + self.work_offset_jpy_per_mwh + self.backlog_price_jpy_per_mwh_per_h * backlog_h
        part = np.clip(0.5 + (worth - price) / self.work_width_jpy_per_mwh, 0.0, 1.0)
        room = part * np.maximum(self.load_ceiling * capacity - hosted, 0.0)
        batch_due = self.safety * needed_mw(view, "batch", BATCH_DUE_H)
        training_due = self.safety * needed_mw(view, "training", TRAINING_DUE_H)
        batch = np.clip(np.maximum(room, batch_due), 0.0, free)
        # Batch takes what is queued here at most; the rest of the room is for training.
        taken = np.minimum(batch, 2.0 * view["batch_backlog_mwh"])
        training = np.clip(np.maximum(room - taken, training_due), 0.0, free - taken)
        return level(batch / free), level(training / np.maximum(free - taken, 1e-6)), hosted + taken + training


@dataclass(frozen=True)
class CarbonAware(Threshold):
    """The threshold rule with a price on the CO2 of the next MWh: nothing while surplus is used up."""

    name: ClassVar[str] = "carbon-aware"

    carbon_jpy_per_kg: float = 10.0
    """Price of CO2. [JPY/kg]"""

    def surcharge(self, view: View) -> FloatArray:
        """Return the CO2 of the next MWh in yen; taking up surplus makes none."""
        kg = np.where(view["surplus_mw"] > 0.0, 0.0, view["carbon_marginal_kg_per_mwh"])
        return self.carbon_jpy_per_kg * kg


@dataclass(frozen=True)
class WearAware(Threshold):
    """The threshold rule with slow charging and V2G only for prices that pay for deep cycles too."""

    name: ClassVar[str] = "wear-aware"

    charge_rank: float = 0.35
    charge_level: float = 0.45
    discharge_level: float = 0.5
    fleet_spread_jpy_per_mwh: float = 14_000.0


@dataclass(frozen=True)
class Tuned(Threshold):
    """The threshold rule with the parameters frozen for the scenario; :mod:`wattbit_agents.tuning` fits them."""

    name: ClassVar[str] = "tuned"
