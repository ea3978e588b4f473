"""From one observation to the path of a plan: what is seen, what is forecast, and what is usual after that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.physics.datacentre import (
    coefficient_of_performance,
    compressor_share,
    power_usage_effectiveness,
    throttle_share,
)
from wattbit.series.calls import CALL_STEPS
from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit.world.arrays import BUSIEST_HOUR, REALTIME_SWING
from wattbit_agents.baselines.lp.book import PlannerBook
from wattbit_agents.baselines.lp.path import DUE, Array, Cars, End, Path
from wattbit_agents.baselines.lp.record import due_room_mwh
from wattbit_agents.baselines.lp.sight import Clock, Setting, Sight
from wattbit_agents.baselines.lp.stays import SeenCars, expected_cars

FADE_H: Final = 6.0
"""Time in which what is seen now fades into what is usual, to 1/e; assumption. [h]"""

DAY_LEVEL: Final = 0.5
"""Part of a deviation of demand, on the logarithmic scale, that belongs to the day: both shocks are equally large."""

_LAW_C: Final = np.arange(-40.0, 50.05, 0.05)
"""Temperatures at which the laws of cooling are taken; between them they are read off by straight lines."""


@dataclass(frozen=True)
class Prices:
    """Expected prices and surplus of this half hour and the 96 after it, (97, area); zones where prices are known."""

    spot_jpy_per_mwh: Array
    delta_jpy_per_mwh: Array
    surplus_mw: Array
    zone: NDArray[np.int64]


class Outlook:
    """
    Turns observations into paths.

    Parameters
    ----------
    setting : Setting
        Static configuration.
    book : PlannerBook
        What is usual.
    persistence : bool
        Expect yesterday's prices and surplus where they are not known, instead of the issued forecast.
    shrinkage : float
        Weight of issued prices that are not known against the usual ones.
    recourse : bool
        Say what departures may need beside.
    """

    def __init__(
        self,
        setting: Setting,
        book: PlannerBook,
        persistence: bool = False,
        shrinkage: float = 1.0,
        recourse: bool = False,
    ) -> None:
        self.setting, self.plant = setting, setting.plant
        self._book = book
        self._persistence, self._shrinkage = persistence, shrinkage
        self._recourse = recourse
        self._laws = self._cooling_laws()

    def steps(self, clock: Clock, horizon: int) -> tuple[int, bool]:
        """Return the half hours to plan, and whether the episode's end is among them."""
        if self.setting.continuing or clock.to_go > horizon:
            return horizon, False
        return clock.to_go, True

    def _cooling_laws(self) -> list[Array]:
        site = self.plant.site
        laws = []
        for r in range(len(site)):
            free, full, cop, losses, fans = site[
                r, [s.SITE_FREE_C, s.SITE_FULL_C, s.SITE_COP, s.SITE_LOSSES, s.SITE_FANS]
            ]
            laws.append(
                np.array(
                    [
                        (
                            power_usage_effectiveness(t, free, full, cop, losses, fans),
                            throttle_share(t),
                            compressor_share(t, free, full),
                            coefficient_of_performance(t, cop),
                        )
                        for t in _LAW_C
                    ]
                ).T
            )
        return laws

    def cooling(self, temperature_c: Array) -> Array:
        """Return overhead, throttle, share of compressors and their efficiency, shape (4, step, area)."""
        return np.stack(
            [
                np.stack([np.interp(temperature_c[:, r], _LAW_C, law) for law in laws])
                for r, laws in enumerate(self._laws)
            ],
            axis=-1,
        )

    def usual(self, name: str, clock: Clock, steps: int) -> Array:
        """Return what is usual in each half hour from now on, (step, area)."""
        return self._book.usual(name, clock.month, (clock.slot + np.arange(steps)) % STEPS_PER_DAY)

    def faded(self, now: Array, name: str, clock: Clock, steps: int, low: float = -np.inf) -> Array:
        """Return what is seen now, fading into what is usual, (step, area)."""
        return self._fade(now, self.usual(name, clock, steps), low)

    def _fade(self, now: Array, usual: Array, low: float) -> Array:
        kept = np.exp(-0.5 * np.arange(len(usual)) / FADE_H)[:, None]
        return np.asarray(np.maximum(low, usual + (now - usual[0]) * kept))

    def prices(self, see: Sight, clock: Clock, history: Array | None) -> Prices:
        """
        Return prices and surplus.

        Parameters
        ----------
        see, clock
            The observation and its calendar.
        history : ndarray, shape (k, 2, area), optional
            Spot price and surplus of the half hours before, the last one at the end; for persistence.
        """
        spot_now, surplus_now = see["spot_price_jpy_per_mwh"], see["surplus_mw"]
        price, surplus = see["price_path_jpy_per_mwh"].T, see["surplus_path_mw"].T
        known = (see["price_p10_path_jpy_per_mwh"] == see["price_p90_path_jpy_per_mwh"]).T.all(axis=1)
        known = np.logical_and.accumulate(known)
        if self._persistence:
            seen = np.stack([spot_now, surplus_now])[None]
            past = seen if history is None else np.concatenate([history, seen])
            # The same half hour of the day before, as far as there is a memory of it; else now.
            day = np.concatenate(
                [np.broadcast_to(past[-1], (max(0, STEPS_PER_DAY - len(past)), *past.shape[1:])), past]
            )[-STEPS_PER_DAY:]
            surplus = np.tile(day[:, 1], (2, 1))
            run = np.concatenate([day[:, 0], price[: int(known.sum())]])
            while len(run) < STEPS_PER_DAY + len(price):
                run = np.concatenate([run, run[-STEPS_PER_DAY:]])
            price = run[STEPS_PER_DAY : STEPS_PER_DAY + len(price)]
        elif self._shrinkage < 1.0:
            usual = self.usual("spot_price_jpy_per_mwh", clock, len(price) + 1)
            price = np.where(known[:, None], price, usual[1:] + self._shrinkage * (price - usual[1:]))
        spot = np.concatenate([spot_now[None], price])
        delta_path = see["delta_path_jpy_per_mwh"].T
        mean, last = delta_path[-1], see["previous_delta_jpy_per_mwh"]
        # Half of the way in time from the last delta, which is seen, to the next, which is forecast: it fades evenly.
        gone, to_come = last - mean, delta_path[0] - mean
        now = mean + np.where(gone * to_come > 0.0, np.sign(gone) * np.sqrt(np.abs(gone * to_come)), 0.0)
        sure = np.concatenate([[True], known])
        same = spot[:, :, None] == spot[:, None, :]
        zone = np.where(sure[:, None], same.argmax(axis=2), np.arange(spot.shape[1]))
        return Prices(
            spot, np.concatenate([now[None], delta_path]), np.concatenate([surplus_now[None], surplus]),
            zone,
        )  # fmt: skip

    def path(self, see: Sight, steps: int, prices: Prices) -> Path:
        """Return the path of a plan of `steps` half hours; what is left at its end is worth nothing."""
        clock, plant = see.clock(), self.plant
        settled = prices.spot_jpy_per_mwh + prices.delta_jpy_per_mwh
        site, value = plant.site, plant.value
        temperature = self.faded(see["temperature_c"], "temperature_c", clock, steps)
        pue, throttle, compressors, cop = self.cooling(temperature)
        up = self._recovering(see["site_up_share"], steps)
        power_up = self._recovering(see["fleet_up_share"], steps)
        capacity = site[:, s.SITE_DYNAMIC_MW] * throttle * up
        capacity[0] = see["capacity_mw"]
        heat = site[:, s.SITE_HEAT_FLAT_MW] + site[:, s.SITE_HEAT_MW_PER_K] * np.maximum(0.0, 15.0 - temperature)
        heat[0] = see["heat_demand_mw"]
        sun = site[:, s.SITE_LOCAL_SHARE] * self.usual("solar_mw", clock, steps)
        local = self._fade(see["local_surplus_mw"], np.maximum(0.0, sun - site[:, s.SITE_LOCAL_LIMIT_MW]), 0.0)
        factor = self.faded(see["reserve_price_factor"], "reserve_price_factor", clock, steps, 0.0)
        call = self._calls(see, steps)
        share = np.maximum(1e-9, site[:, s.SITE_RESERVE_DEPTH])
        depth = site[:, s.SITE_RESERVE_DEPTH] * self.faded(
            see["reserve_depth_mw"] / share, "demand_mw", clock, steps, 0.0
        )
        depth = depth * (1.0 - call * (site[:, s.SITE_CONTRACT_MW] > 0.0))
        realtime, interactive, batch, training = self._demand(see, clock, steps)
        # What has just arrived is all of what is due last.
        for name, arriving in (("batch", batch), ("training", training)):
            arriving[0] = len(DUE[name]) * see[f"{name}_due_by_slot_mwh"][:, DUE[name][-1]]
        arrived = np.minimum(realtime + interactive + 2.0 * (batch + training), site[:, s.SITE_DYNAMIC_MW])
        nominal = pue * (site[:, s.SITE_IDLE_MW] + arrived) + site[:, s.SITE_TAIL] * arrived**2
        batch[0], training[0] = 0.0, 0.0
        size = site[:, s.SITE_STORAGE_MWH] * (value(s.PACK_START_HEALTH) if value(s.PACK_WEARS) > 0.5 else 1.0)
        stored = see["storage_energy_mwh"]
        calm = np.zeros((steps, len(site)))
        return Path(
            first_step=clock.weekday * STEPS_PER_DAY + clock.slot,
            price_jpy_per_mwh=np.maximum(value(s.FLOOR), settled[:steps]),
            slope=self.faded(see["supply_slope_jpy_per_mwh_per_mw"], "supply_slope", clock, steps, 0.0),
            zone=prices.zone[:steps],
            surplus_mw=np.maximum(0.0, prices.surplus_mw[:steps]),
            local_mw=local,
            carbon_kg_per_mwh=self.faded(see["carbon_marginal_kg_per_mwh"], "carbon_marginal", clock, steps, 0.0),
            pue=pue,
            capacity_mw=capacity,
            site_up=up,
            power_up=power_up,
            compressor_share=compressors,
            compressor_cop=cop,
            heat_demand_mw=heat,
            certificates_mwh=self.faded(see["certificates_mwh"], "certificates_mwh", clock, steps, 0.0),
            reserve_price_jpy_per_mw=site[:, s.SITE_RESERVE_PRICE] * factor,
            depth_mw=depth,
            call=call,
            baseline_mw=nominal * up + site[:, s.SITE_FLEET_MW],
            up_share=calm,
            down_share=calm,
            realtime_mw=realtime,
            interactive_mw=interactive,
            batch_mwh=batch,
            training_mwh=training,
            batch_room_mwh=due_room_mwh(see["batch_due_by_slot_mwh"], 0, batch, DUE["batch"]),
            training_room_mwh=due_room_mwh(see["training_due_by_slot_mwh"], 0, training, DUE["training"]),
            link_tb=np.broadcast_to(plant.pair[s.PAIR_LINK_TB], (steps, *plant.pair.shape[1:])),
            swing=calm,
            temperature_c=temperature,
            batch_start_mwh=see["batch_due_by_slot_mwh"].sum(axis=1),
            training_start_mwh=see["training_due_by_slot_mwh"].sum(axis=1),
            exportable_batch_mwh=_first(see["batch_exportable_mwh"], (1.0 - value(s.RESIDENT_SHARE)) * batch),
            exportable_training_mwh=_first(see["training_exportable_mwh"], (1.0 - value(s.RESIDENT_SHARE)) * training),
            storage_start_mwh=stored,
            storage_range_mwh=np.stack(
                [np.minimum(value(s.STORAGE_LOW) * size, stored), np.maximum(value(s.STORAGE_HIGH) * size, stored)]
            ),
            snow_start_t=see["snow_t"],
            cars=self.cars(see, steps),
            end=End(*np.zeros((5, len(site)))),
        )

    def seen_cars(self, see: Sight) -> SeenCars:
        """Return what is observed of the cars."""
        clock = see.clock()
        return SeenCars(
            energy_kwh=see["car_energy_kwh"],
            usable_kwh=see["car_usable_kwh"],
            share=see["car_plugged_share"],
            departure_h=see["car_departure_h"],
            slot=clock.slot,
            weekday=clock.weekday,
        )

    def cars(self, see: Sight, steps: int) -> Cars:
        """Return the cars of a plan."""
        return expected_cars(self.plant, self.setting.habits, self.seen_cars(see), steps, self._recourse)

    def _recovering(self, now: Array, steps: int) -> Array:
        """What works, (step, area): an outage of unknown length fades like everything else."""
        return np.asarray(1.0 - (1.0 - now) * np.exp(-0.5 * np.arange(steps) / FADE_H)[:, None])

    def _calls(self, see: Sight, steps: int) -> Array:
        """Calls of the capacity contract: announced ones in full, half of one that is going on since nobody knows."""
        notice, at = np.round(2.0 * see["capacity_notice_h"]), np.arange(steps)[:, None]
        announced = (notice > 0.0) & (at >= notice) & (at < notice + CALL_STEPS)
        going_on = (see["capacity_call"] > 0.5) & (at < CALL_STEPS // 2)
        return np.asarray(announced | going_on, np.float64)

    def _demand(self, see: Sight, clock: Clock, steps: int) -> tuple[Array, Array, Array, Array]:
        """Demand of users as usual at that hour, with what today is off it; mean arrivals; (step, area) each."""
        at = clock.slot + np.arange(steps)
        week = (clock.weekday * STEPS_PER_DAY + at) % (7 * STEPS_PER_DAY)
        weekend = week // STEPS_PER_DAY >= 5
        swing = np.cos(2.0 * np.pi * (0.5 * at - BUSIEST_HOUR) / 24.0)[:, None]
        profile = self.setting.profile[week]
        site, value = self.plant.site, self.plant.value
        calendar = np.where(weekend, value(s.WEEKEND_DEMAND), 1.0)[:, None]
        realtime = site[:, s.SITE_REALTIME_MW] * (1.0 + REALTIME_SWING * swing) * profile[:, [s.PROFILE_REALTIME]]
        interactive = site[:, s.SITE_INTERACTIVE_MW] * (1.0 + value(s.INTERACTIVE_SWING) * swing) * calendar
        interactive = interactive * profile[:, [s.PROFILE_INTERACTIVE]]
        today = (at < STEPS_PER_DAY)[:, None]
        found = []
        for usual, now in ((realtime, see["realtime_mw"]), (interactive, see["interactive_mw"])):
            ratio = np.divide(now, usual[0], out=np.ones_like(now), where=usual[0] > 1e-6)
            level = usual * np.where(today, np.maximum(1e-3, ratio) ** DAY_LEVEL, 1.0)
            level[0] = now
            found.append(level)
        batch = site[:, s.SITE_BATCH_MWH] * profile[:, [s.PROFILE_BATCH]]
        training = site[:, s.SITE_TRAINING_MWH] * profile[:, [s.PROFILE_TRAINING]]
        return found[0], found[1], batch, training


def _first(now: Array, later: Array) -> Array:
    """Return `later` with `now` in its first half hour."""
    found = np.array(later)
    found[0] = now
    return found
