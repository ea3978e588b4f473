"""The path of a week as it really comes: recorded once, by letting the world run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path as Folder
from typing import Final

import numpy as np

from wattbit.action import CONTROLS
from wattbit.config import ScenarioConfig
from wattbit.physics.datacentre import coefficient_of_performance, compressor_share, site_power_mw
from wattbit.physics.reserve import activation_share
from wattbit.physics.snow import electricity_mwh_per_t, mass_on_day_t
from wattbit.physics.vehicle import hours_to_departure, plugged_share
from wattbit.units import DAYS_PER_YEAR, STEPS_PER_DAY
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit_agents.baselines.lp.certain import may_fail, tapers
from wattbit_agents.baselines.lp.health import least_health
from wattbit_agents.baselines.lp.path import (
    DUE,
    Array,
    Cars,
    End,
    Path,
    Plant,
    held_kwh,
    lowest_kwh,
    work_price,
)

PACK_MARGIN: Final = 0.02
"""By how much the lowest energy of a battery with a cell may fall as its health does, share of its size."""

_compressors = np.vectorize(compressor_share, otypes=[float])
_cop = np.vectorize(coefficient_of_performance, otypes=[float])
_site_power = np.vectorize(site_power_mw, otypes=[float])
_activation = np.vectorize(activation_share, otypes=[float])
_plugged = np.vectorize(plugged_share, otypes=[float])
_hours = np.vectorize(hours_to_departure, otypes=[float])
_snow_plan = np.vectorize(mass_on_day_t, otypes=[float])


def plant_of(batch: Batch) -> Plant:
    """Return what stands in the worlds of a batch."""
    fixed = batch.constants
    return Plant(
        site=np.asarray(fixed.site, np.float64),
        pair=np.asarray(fixed.pair, np.float64),
        constant=np.asarray(fixed.constant, np.float64),
        capacity_kwh=np.asarray(fixed.capacity_kwh, np.float64),
        promise=np.asarray(fixed.promise, np.float64),
        cell=batch.config.fleet.cell,
        names=tuple(area.name for area in batch.config.areas),
    )


def record_paths(
    config: ScenarioConfig,
    weeks: Sequence[int],
    seeds: Sequence[int],
    split: str = "test",
    data_root: Folder | None = None,
) -> tuple[Plant, list[Path]]:
    """
    Return the realised path of evaluation weeks; nothing in it depends on what is done.

    Parameters
    ----------
    config : ScenarioConfig
        The world.
    weeks, seeds : sequence of int
        Week of the split and seed of each path; as many seeds as weeks.
    split : str
        Part of the series.
    data_root : path, optional
        Folder of real data.

    Returns
    -------
    Plant, list of Path
        One path per week, of a whole episode.
    """
    batch = Batch(config, len(weeks), "evaluation", split, "float64", data_root=data_root)
    for i, (week, seed) in enumerate(zip(weeks, seeds, strict=True)):
        batch.reset(seed, week, i, i + 1)
    return plant_of(batch), record_batch(batch)


def record_batch(batch: Batch) -> list[Path]:
    """
    Return the realised path of every world of a batch that was just reset, and play it to the end of the episode.

    Parameters
    ----------
    batch : Batch
        In evaluation mode and float64.

    Returns
    -------
    list of Path
        One path per world, of a whole episode.
    """
    world = batch.world
    # All work at home and at once, cars charge when they must, storage rests: what is recorded is the same anyhow.
    rest = [1.0 if name in ("batch_run", "training_run") else 0.0 for name in CONTROLS]
    world.action[:] = np.tile(rest, len(batch.config.areas))
    steps = batch.config.episode.steps
    area, vehicle = [world.area.copy()], [world.vehicle.copy()]
    rows = world.clock[:, s.ROW].copy()
    queue = world.queue.copy()
    links = []
    for _ in range(steps):
        links.append(_links(batch))
        batch.run(s.TASK_STEP, 0, batch.n)
        area.append(world.area.copy())
        vehicle.append(world.vehicle.copy())
    plant = plant_of(batch)
    return [
        _path(
            batch, plant, int(rows[i]), np.stack([a[i] for a in area]), np.stack([v[i] for v in vehicle]),
            queue[i], np.stack([x[i] for x in links]),
        )
        for i in range(batch.n)
    ]  # fmt: skip


def _links(batch: Batch) -> Array:
    """Room of the links of every world in the half hour to act on, (world, area, area)."""
    world = batch.world
    room = np.empty((batch.n, *world.pair.shape[1:]))
    if len(world.incident) == 0:
        room[:] = world.pair[s.PAIR_LINK_TB]
        return room
    acting = world.action.copy()
    world.action[:] = np.tile([-1.0 if name.endswith("run") else 0.0 for name in CONTROLS], room.shape[1])
    for i in range(batch.n):
        batch.run(s.TASK_DECODE, i, i + 1)  # of an action that moves nothing: what is left is all there is
        room[i] = world.flow[0, s.FLOW_LINK]
    world.action[:] = acting
    return room


def due_room_mwh(ring: Array, row: int, arrivals: Array, due: Sequence[int]) -> Array:
    """
    Return the work that is not yet due after each half hour, shape (step, area).

    Parameters
    ----------
    ring : ndarray, shape (area, slot)
        Work by due half hour modulo the number of slots, as it stands before the first half hour.
    row : int
        First half hour.
    arrivals : ndarray, shape (step, area)
        Work that joins before each later half hour; the first row is in the ring.
    due : sequence of int
        Half hours from arrival to the last one in which it may run, in equal parts.
    """
    steps, areas = arrivals.shape
    slots = ring.shape[1]
    due_at = np.zeros((steps + slots + 1, areas))
    due_at[:slots] += ring[:, (row + np.arange(slots)) % slots].T
    for later in due:
        due_at[later : later + steps] += arrivals / len(due)
    arrived = ring.sum(axis=1) + np.cumsum(arrivals, axis=0)
    return np.asarray(np.maximum(0.0, arrived - np.cumsum(due_at[:steps], axis=0)))


def _cars(plant: Plant, row: int, area: Array, vehicle: Array, temperature: Array) -> Cars:
    """Stays and trips from the recorded state, (step + 1, area, field, car)."""
    seen = vehicle[:-1].transpose(2, 0, 1, 3)
    steps = len(vehicle) - 1
    hour = (0.5 * ((row + np.arange(steps)) % 48))[:, None, None]
    back, left = seen[s.RETURN_H], seen[s.LEFT_H]
    comes = (back >= hour) & (back < hour + 0.5)
    comes[0] = False  # arrivals of the first half hour are in the state that it begins with
    leaves = (left >= hour) & (left < hour + 0.5)
    live = area[:-1, :, s.POWER_UP, None]
    share = live * _plugged(hour, left, back, seen[s.PLUG_BEFORE], seen[s.PLUG_AFTER], seen[s.BY_DAY])
    capacity, start = plant.capacity_kwh, vehicle[0, :, s.HEALTH]
    trip = seen[s.TRIP_KWH]
    before = np.where(comes, seen[s.BACK_KWH], 0.0)
    after = np.where(leaves, 0.5 * trip, 0.0)
    # Who arrives with the half hour after the last one has driven home by the end.
    last = vehicle[-1].transpose(1, 0, 2)
    midnight = 0.5 * ((row + steps) % 48)
    after[-1] += np.where((last[s.RETURN_H] >= midnight) & (last[s.RETURN_H] < midnight + 0.5), last[s.BACK_KWH], 0.0)
    energy, ceiling = vehicle[0, :, s.ENERGY_KWH], plant.value(s.CEILING) * capacity
    highest = np.maximum.reduce([energy, ceiling * start, plant.promise * start * capacity, trip.max(axis=0)])
    least = least_health(plant, vehicle[0], temperature, share, before + after, highest)
    worn = capacity * least
    promised = plant.promise * worn * seen[s.PLUG_BEFORE]
    need = np.where(leaves, np.maximum(promised, trip), 0.0)
    floor = plant.value(s.V2G_FLOOR) * worn
    held = held_kwh(plant, _hours(hour, seen[s.LEAVE_H], seen[s.NEXT_LEAVE_H]), worn, floor)
    # An intruder, and a stand that no command reaches, ask nobody when a car has to leave.
    stray = (area[:-1, :, s.HIJACK_SHARE] > 0.0) | (area[:-1, :, s.LINK_LOST] > 0.0)
    held = np.where(stray[:, :, None], floor, held)
    sure = ~may_fail(plant, temperature, share) & ~tapers(plant, ceiling * least, held, share)
    return Cars(
        capacity_kwh=capacity,
        health=start,
        least_health=least,
        start_kwh=energy,
        ceiling_kwh=np.maximum(ceiling * start, energy),
        floor_kwh=floor,
        share=share,
        before_kwh=before,
        after_kwh=after,
        need_kwh=need,
        low_kwh=lowest_kwh(plant, energy, share, held, np.where(sure, floor, np.inf), before, after, need),
        hold_kwh=held,
    )


def _path(batch: Batch, plant: Plant, row: int, area: Array, vehicle: Array, queue: Array, links: Array) -> Path:
    steps = len(area) - 1
    now = area[:-1].transpose(2, 0, 1)
    exog = np.asarray(batch.world.exog[row : row + steps + 1], np.float64).transpose(2, 0, 1)
    site, value = plant.site, plant.value
    temperature = exog[s.TEMPERATURE, :-1]
    spot = exog[s.SPOT, :-1] + exog[s.DELTA, :-1] + now[s.PRICE_RISE]
    arrived = now[s.REALTIME_MW] + now[s.INTERACTIVE_MW]
    arrived = arrived + 2.0 * (now[s.ARRIVED_BATCH_MWH] + now[s.ARRIVED_TRAINING_MWH])
    nominal = _site_power(
        np.minimum(arrived, site[:, s.SITE_DYNAMIC_MW]), now[s.PUE], site[:, s.SITE_IDLE_MW], site[:, s.SITE_TAIL]
    )
    batch_in, training_in = now[s.ARRIVED_BATCH_MWH].copy(), now[s.ARRIVED_TRAINING_MWH].copy()
    batch_in[0], training_in[0] = 0.0, 0.0
    free = 1.0 - value(s.RESIDENT_SHARE)
    up = 1.0 - exog[s.CALL, :-1] * (site[:, s.SITE_CONTRACT_MW] > 0.0)
    depth = now[s.RESERVE_DEPTH_MW] * up
    delta = exog[s.DELTA, :-1]
    begin, full = value(s.ACTIVATION_START), value(s.ACTIVATION_FULL)
    health = area[0, :, s.PACK_HEALTH]
    size = site[:, s.SITE_STORAGE_MWH] * health
    low = np.minimum(value(s.STORAGE_LOW) * size, area[0, :, s.STORAGE_MWH])
    low = np.where(value(s.PACK_WEARS) > 0.5, np.maximum(0.0, low - PACK_MARGIN * size), low)
    return Path(
        first_step=row % STEPS_PER_DAY,
        price_jpy_per_mwh=np.maximum(value(s.FLOOR), spot),
        slope=exog[s.SLOPE, :-1],
        zone=exog[s.ZONE, :-1].astype(np.int64),
        surplus_mw=exog[s.SURPLUS, :-1],
        local_mw=now[s.LOCAL_SURPLUS_MW],
        carbon_kg_per_mwh=exog[s.CARBON_MARGINAL, :-1],
        pue=now[s.PUE],
        capacity_mw=now[s.CAPACITY_MW],
        site_up=now[s.SITE_UP],
        power_up=now[s.POWER_UP],
        compressor_share=_compressors(temperature, site[:, s.SITE_FREE_C], site[:, s.SITE_FULL_C]),
        compressor_cop=_cop(temperature, site[:, s.SITE_COP]),
        heat_demand_mw=now[s.HEAT_DEMAND_MW],
        certificates_mwh=now[s.CERTIFICATES_MWH],
        reserve_price_jpy_per_mw=site[:, s.SITE_RESERVE_PRICE] * exog[s.RESERVE_PRICE, :-1],
        depth_mw=depth,
        call=exog[s.CALL, :-1],
        baseline_mw=nominal * now[s.SITE_UP] + site[:, s.SITE_FLEET_MW],
        up_share=_activation(delta, begin, full, 1.0),
        down_share=_activation(delta, begin, full, -1.0),
        realtime_mw=now[s.REALTIME_MW],
        interactive_mw=now[s.INTERACTIVE_MW],
        batch_mwh=batch_in,
        training_mwh=training_in,
        batch_room_mwh=due_room_mwh(queue[:, : s.BATCH_SLOTS], row, batch_in, DUE["batch"]),
        training_room_mwh=due_room_mwh(queue[:, s.BATCH_SLOTS :], row, training_in, DUE["training"]),
        link_tb=links,
        swing=np.where(now[s.HIJACK_MODE] == s.HIJACK_OSCILLATE, now[s.HIJACK_SHARE], 0.0),
        temperature_c=temperature,
        batch_start_mwh=area[0, :, s.BATCH_MWH],
        training_start_mwh=area[0, :, s.TRAINING_MWH],
        exportable_batch_mwh=free * now[s.ARRIVED_BATCH_MWH],
        exportable_training_mwh=free * now[s.ARRIVED_TRAINING_MWH],
        storage_start_mwh=area[0, :, s.STORAGE_MWH],
        storage_range_mwh=np.stack([low, value(s.STORAGE_HIGH) * size]),
        snow_start_t=area[0, :, s.SNOW_T],
        cars=_cars(plant, row, area, vehicle, temperature),
        end=_simulated_end(plant, exog, area, vehicle, row),
    )


def _simulated_end(plant: Plant, exog: Array, area: Array, vehicle: Array, row: int) -> End:
    """Worth of the stocks as the world itself settles them at the end of an episode."""
    price, pue = exog[s.STOCK_PRICE, -1], area[-1, :, s.PUE]
    eta, late = plant.value(s.CAR_EFFICIENCY), plant.value(s.BACKLOG_FACTOR)
    start_work = area[0, :, s.BATCH_MWH] + area[0, :, s.TRAINING_MWH]
    # Work that arrives after the last half hour is left in any case.
    added = area[-1, :, s.ARRIVED_BATCH_MWH] + area[-1, :, s.ARRIVED_TRAINING_MWH]
    constant = late * work_price(plant, price, pue) * (added - start_work) + price * area[0, :, s.STORAGE_MWH]
    constant = constant + price * area[0, :, s.FLEET_MWH] / eta
    snow_value = np.zeros_like(price)
    stored = plant.site[:, s.SITE_SNOW_T] > 0.0
    if stored.any():
        angle = np.arctan2(exog[s.YEAR_SIN, -1], exog[s.YEAR_COS, -1]) % (2.0 * np.pi)
        day = DAYS_PER_YEAR * angle / (2.0 * np.pi)
        days = (len(area) - 1) / 48.0
        plan = np.minimum(
            _snow_plan(plant.site[:, s.SITE_SNOW_T], day), _snow_plan(plant.site[:, s.SITE_SNOW_T], day - days)
        )
        snow_value = np.where(stored, price * electricity_mwh_per_t(), 0.0)
        constant = constant + snow_value * plan
    work = late * work_price(plant, price, pue)
    return End(price, work, work, price / eta, snow_value, float(constant.sum()))
