"""From what a policy really did to a point of the program: the proof, week by week, that the program is a bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wattbit.physics.snow import melted_t_per_mwh
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit_agents.baselines.lp import convex
from wattbit_agents.baselines.lp.path import Path
from wattbit_agents.baselines.lp.program import Program, Structure, above_slopes, below_slopes, load_widths, rate_widths

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trajectory:
    """
    What happened in an episode, half hour by half hour.

    Attributes
    ----------
    flow_mw : ndarray, shape (step, class, area, area)
        Work that ran, from the users' area to the site.
    power_kw : ndarray, shape (step, area, car)
        Power of each car.
    ledger : ndarray, shape (step, area, field)
    outcome : ndarray, shape (step, field)
    area : ndarray, shape (step + 1, area, field)
        State before each half hour and at the end.
    energy_kwh : ndarray, shape (step + 1, area, car)
        Energy of the cars then.
    wear_rise : ndarray, shape (step, area, car)
        What each half hour wore of each car, at the price of the reference, times its capacity.
    """

    flow_mw: Array
    power_kw: Array
    ledger: Array
    outcome: Array
    area: Array
    energy_kwh: Array
    wear_rise: Array

    @property
    def cost_jpy(self) -> float:
        """J of the episode."""
        return float(self.outcome[:, s.O_COST].sum())

    def term_jpy(self, name: str) -> float:
        """Return one term of J."""
        return float(self.outcome[:, s.OUTCOMES.index(name)].sum())


def play(batch: Batch, week: int, seed: int, act: Callable[[Batch], Any]) -> Trajectory:
    """
    Play an episode of a batch of one world.

    Parameters
    ----------
    batch : Batch
        One world, float64, evaluation.
    week, seed : int
        Which episode.
    act : callable
        Gets the batch before each half hour and carries it out, with ``step_single`` or
        :func:`wattbit.action.step_dispatch`.
    """
    batch.reset(seed, week)
    world = batch.world
    kept: dict[str, list[Array]] = {name: [] for name in ("flow_mw", "power_kw", "ledger", "outcome", "wear_rise")}
    area, energy = [world.area[0].copy()], [world.vehicle[0, :, s.ENERGY_KWH].copy()]
    for _ in range(batch.config.episode.steps):
        act(batch)
        kept["flow_mw"].append(world.flow[0, : s.N_FLOW].copy())
        kept["power_kw"].append(world.car[0, :, s.CAR_POWER_KW].copy())
        kept["wear_rise"].append(world.car[0, :, s.CAR_WEAR].copy())
        kept["ledger"].append(batch.ledger[0].copy())
        kept["outcome"].append(batch.outcome[0].copy())
        area.append(world.area[0].copy())
        energy.append(world.vehicle[0, :, s.ENERGY_KWH].copy())
    stacked = {name: np.stack(rows) for name, rows in kept.items()}
    return Trajectory(**stacked, area=np.stack(area), energy_kwh=np.stack(energy))


def filled(total: Array, width: Array) -> Array:
    """Return a total in segments filled one after the other, (step, segment, area)."""
    before = np.cumsum(width, axis=1) - width
    return np.asarray(np.clip(total[:, None, :] - before, 0.0, width))


def embed(structure: Structure, path: Path, trajectory: Trajectory) -> Array:
    """
    Return the point of the program that a trajectory is.

    Parameters
    ----------
    structure : Structure
    path : Path
        Of the same week and seed.
    trajectory : Trajectory

    Returns
    -------
    ndarray, shape (columns,)
    """
    template = structure.template
    blocks = _work(structure, path, trajectory) | _site(structure, path, trajectory)
    blocks |= _stores(structure, path, trajectory) | _grid(structure, path, trajectory)
    if template.reserve:
        blocks |= _reserve(structure, path, trajectory, blocks)
    point = np.zeros((path.steps, template.columns.size))
    for name, part in template.columns.part.items():
        point[:, part] = blocks[name].reshape(path.steps, -1)
    behind = []
    plant = template.plant
    if structure.green:
        load, matched = 0.5 * blocks["site"].sum(), blocks["matched"].sum()
        behind.append(np.array([max(0.0, plant.value(s.GREEN_TARGET) * load - matched)]))
    return np.concatenate([point.ravel(), *behind])


def _work(structure: Structure, path: Path, t: Trajectory) -> dict[str, Array]:
    pairs = structure.template.pairs
    flow, ledger = t.flow_mw, t.ledger
    realtime = flow[:, :3].sum(axis=1)
    out: dict[str, Array] = {
        "realtime": realtime[:, pairs.realtime[0], pairs.realtime[1]],
        "interactive": flow[:, s.FLOW_INTERACTIVE][:, pairs.interactive[0], pairs.interactive[1]],
        "drop_realtime": 2.0 * ledger[:, :, s.L_REALTIME_DROPPED],
        "drop_interactive": 2.0 * ledger[:, :, s.L_INTERACTIVE_DROPPED],
    }
    later = t.area[1:].transpose(2, 0, 1)
    for name, k, stock, arrived, lost, free in (
        ("batch", s.FLOW_BATCH, s.BATCH_MWH, s.ARRIVED_BATCH_MWH, s.L_BATCH_MISSED, s.EXPORTABLE_BATCH_MWH),
        (
            "training", s.FLOW_TRAINING, s.TRAINING_MWH, s.ARRIVED_TRAINING_MWH, s.L_TRAINING_MISSED,
            s.EXPORTABLE_TRAINING_MWH,
        ),
    ):  # fmt: skip
        out[name] = flow[:, k][:, pairs.all[0], pairs.all[1]]
        out[f"{name}_left"] = later[stock] - later[arrived]
        out[f"miss_{name}"] = ledger[:, :, lost]
        bound = 1.0 - structure.template.plant.value(s.RESIDENT_SHARE)
        # What may leave is cut after the next arrivals; the cut is taken here, before them.
        out[f"free_{name}"] = later[free] - bound * later[arrived]
    return out


def _site(structure: Structure, path: Path, t: Trajectory) -> dict[str, Array]:
    template = structure.template
    ledger = t.ledger
    load = ledger[:, :, s.L_LOAD_MW]
    width = load_widths(template, path)
    part = filled(load, width)
    slope, _ = convex.tail_slopes(template.plant, width)
    return {
        "load": load,
        "load_part": part,
        "tail_gap": (slope * part).sum(axis=1) - template.plant.site[:, s.SITE_TAIL] * load**2,
        "site": ledger[:, :, s.L_DATACENTRE_MW],
        "heat": 2.0 * ledger[:, :, s.L_HEAT],
        "cool": ledger[:, :, s.L_SNOW] / (0.5 * melted_t_per_mwh()),
        "snow": t.area[1:, :, s.SNOW_T],
    }


def _stores(structure: Structure, path: Path, t: Trajectory) -> dict[str, Array]:
    plant = structure.template.plant
    weight = plant.weight[:, None]
    eta = plant.value(s.CAR_EFFICIENCY)
    power = t.power_kw
    store = t.ledger[:, :, s.L_STORAGE_MW]
    next_before = np.concatenate([path.cars.before_kwh[1:], np.zeros((1, *path.cars.before_kwh.shape[1:]))])
    end = t.energy_kwh[1:] + next_before
    gain = 0.5 * np.where(power > 0.0, power * eta, power / eta)
    bought = end + path.cars.after_kwh - t.energy_kwh[:-1] - gain
    return {
        "store_in": np.maximum(0.0, store),
        "store_out": np.maximum(0.0, -store),
        "store": t.area[1:, :, s.STORAGE_MWH],
        "charge": _rates(structure, path, np.maximum(0.0, power) * weight),
        "discharge": np.maximum(0.0, -power) * weight,
        "car": end * weight,
        "road": np.where(path.cars.need_kwh > 0.0, np.maximum(0.0, bought), 0.0) * weight,
    }


def _rates(structure: Structure, path: Path, charge_mw: Array) -> Array:
    """Charging power in its parts, (step, part, area, car)."""
    width = rate_widths(structure.template.plant, path)
    shape = (path.steps, len(width[0]), -1)
    total = charge_mw.reshape(path.steps, -1)
    return filled(total, width.reshape(shape)).reshape(width.shape)


def _grid(structure: Structure, path: Path, t: Trajectory) -> dict[str, Array]:
    plant, ledger = structure.template.plant, t.ledger
    net = ledger[:, :, s.L_NET_MW]
    soaked = ledger[:, :, s.L_SOAKED_MW] - ledger[:, :, s.L_LOCAL_MW]
    beyond = ledger[:, :, s.L_RESIDUAL_MW]
    first, _, width, _ = convex.supply_segments(plant, path)
    member = path.zone[:, None, :] == np.arange(path.areas)[None, :, None]
    zone = (member * beyond[:, None, :]).sum(axis=2)
    leads = member.any(axis=2)
    return {
        "net": net,
        "soak": np.maximum(0.0, soaked),
        "spill": np.maximum(0.0, -soaked),
        "local": ledger[:, :, s.L_LOCAL_MW],
        "beyond": beyond,
        "supply": filled(np.where(leads, zone - first, 0.0), width),
        "over": np.maximum(0.0, np.abs(net) - plant.site[:, s.SITE_CONNECTION_MW]),
        "missed": ledger[:, :, s.L_MISSED_MW],
        "matched": (member * ledger[:, None, :, s.L_MATCHED]).sum(axis=2),
    }


def _reserve(structure: Structure, path: Path, t: Trajectory, blocks: dict[str, Array]) -> dict[str, Array]:
    template = structure.template
    plant, cars = template.plant, path.cars
    site, eta = plant.site, plant.value(s.STORAGE_EFFICIENCY)
    width, _ = convex.reserve_segments(path.depth_mw)
    power = site[:, s.SITE_STORAGE_MW] * path.power_up
    low, high = path.storage_range_mwh
    earlier = np.concatenate([path.storage_start_mwh[None], blocks["store"][:-1]])
    store = blocks["store_in"] - blocks["store_out"]
    weight = plant.weight[:, None]
    stands = plant.value(s.CAR_KW) * cars.share
    slope, offset = below_slopes(template, path)
    energy = t.energy_kwh[:-1]
    return {
        "up": filled(t.ledger[:, :, s.L_RESERVE_UP_MW], width),
        "down": filled(t.ledger[:, :, s.L_RESERVE_DOWN_MW], width),
        "store_below": store + np.minimum(power, 2.0 * eta * (earlier - low)),
        "store_above": np.minimum(power, 2.0 / eta * (high - earlier)) - store,
        "cars_below": np.zeros_like(store),
        "cars_above": np.zeros_like(store),
        "car_below": np.minimum(stands, slope * (energy - offset)) * weight,
        "car_above": np.minimum(stands, above_slopes(template, path) * (cars.ceiling_kwh - energy)) * weight,
    }


def violations(structure: Structure, program: Program, point: Array, tolerance: float = 1e-6) -> dict[str, float]:
    """
    Return by how much a point breaks each block of bounds and rows, relative to their size, where it does.

    Parameters
    ----------
    structure : Structure
    program : Program
    point : ndarray, shape (columns,)
    tolerance : float
        What is no violation: share of the largest number in a row, at least this much.
    """
    found: dict[str, float] = {}
    template, steps = structure.template, structure.steps
    size = np.maximum(1.0, np.abs(point))
    outside = np.maximum(program.lower - point, point - program.upper) / size
    value = program.matrix @ point
    scale = np.maximum(1.0, abs(program.matrix) @ np.abs(point))
    broken = np.maximum(program.row_lower - value, value - program.row_upper) / scale
    for kind, blocks, miss in (("bound", template.columns, outside), ("row", template.rows, broken)):
        table = miss[: steps * blocks.size].reshape(steps, -1)
        for name, part in blocks.part.items():
            worst = float(table[:, part].max()) if part.stop > part.start else 0.0
            if worst > tolerance:
                found[f"{kind} {name}"] = worst
        behind = miss[steps * blocks.size :]
        if behind.size and behind.max() > tolerance:
            found[f"{kind} behind"] = float(behind.max())
    return found
