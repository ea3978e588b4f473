"""The rule to beat: every store and queue has a price above or below which it acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from wattbit_agents.baselines.view import BATCH_DUE_H, TRAINING_DUE_H, FloatArray, View, level, needed_share


@dataclass(frozen=True)
class Threshold:
    """
    Price thresholds for fleet, storage and movable work, with deadlines protected.

    A stored or postponed MWh is worth what the cheap hours ahead cost. Below that price the rule fills, above it by more
    than losses and wear it empties; in between it rests. Work that is about to fall due runs whatever the price.
    """

    name: ClassVar[str] = "threshold"

    charge_rank: float = 0.3
    """Cars and storage charge fully while the price rank within 24 h is below this. [1]"""
    rank_width: float = 0.15
    """Ranks over which charging fades out. [1]"""
    fleet_spread_jpy_per_mwh: float = 5000.0
    """Cars discharge when the price exceeds the refill price by this: wear 2.4 JPY/kWh, losses and a margin. [JPY/MWh]"""
    storage_spread_jpy_per_mwh: float = 4500.0
    """The same for the stationary battery. [JPY/MWh]"""
    spread_width_jpy_per_mwh: float = 4000.0
    """Price above the spread at which discharging is at full power. [JPY/MWh]"""
    work_rank: float = 0.4
    """Movable work runs while the price rank within its horizon is below this. [1]"""
    move_gain_jpy_per_mwh: float = 1500.0
    """An area takes work from others when it is cheaper than their mean by this. [JPY/MWh]"""
    host_scale_jpy_per_mwh: float = 8000.0
    """Price difference to the mean of the areas that moves all users who may move. [JPY/MWh]"""
    safety: float = 1.3
    """Deadline margin: work that must run is run at this multiple of its mean power."""

    def controls(self, view: View) -> dict[str, FloatArray]:
        """Decide for every row and area of the batch."""
        surplus = view["surplus_mw"]
        price = np.where(surplus > 0.0, 0.0, view.price_now())
        means = view["price_forecast_mean_jpy_per_mwh"]
        lows = means - 0.5 * view["price_forecast_spread_jpy_per_mwh"]
        refill = lows[..., :4].min(axis=-1)
        rank = np.where(surplus > 0.0, 0.0, view["price_rank_24h"])
        fill = np.clip((self.charge_rank + self.rank_width - rank) / self.rank_width, 0.0, 1.0)
        host = np.clip((price.mean(axis=1, keepdims=True) - price) / self.host_scale_jpy_per_mwh, -1.0, 1.0)
        cheap = price < price.mean(axis=1, keepdims=True) - self.move_gain_jpy_per_mwh
        batch_rank = np.where(surplus > 0.0, 0.0, view["price_rank_12h"])
        batch = np.where(cheap | (batch_rank < self.work_rank), 1.0, 0.0)
        training = np.where(cheap | (rank < self.work_rank), 1.0, 0.0)
        return {
            "realtime_host": host,
            "interactive_host": host,
            "batch_run": level(np.maximum(batch, needed_share(view, "batch", BATCH_DUE_H, self.safety))),
            "training_run": level(np.maximum(training, needed_share(view, "training", TRAINING_DUE_H, self.safety))),
            "fleet_power": fill - self._empty(price, refill, self.fleet_spread_jpy_per_mwh) * (fill <= 0.0),
            "storage_power": fill - self._empty(price, refill, self.storage_spread_jpy_per_mwh) * (fill <= 0.0),
        }

    def _empty(self, price: FloatArray, refill: FloatArray, spread_jpy_per_mwh: float) -> FloatArray:
        """Share of the feasible discharge: from 0 at the spread to 1 at the spread plus the width."""
        gain = price - refill - spread_jpy_per_mwh
        return np.clip(gain / self.spread_width_jpy_per_mwh, 0.0, 1.0)
