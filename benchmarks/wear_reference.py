"""
The wear laws, as the world runs them, against ten-year curves of NREL's BLAST-Lite.

Cars on the eleven weekly schedules of the reference folder, in its four climates, live through ten years of half hours
in the world's own compiled code (``run_fleet`` and ``close_window`` of :mod:`wattbit.world.fleet`, float64). Their loss
of capacity after 1, 5 and 10 years is compared with the published models. The rule of the folder's README: within 3 %
of the loss or 0.15 percentage points. Beside it stands what evening V2G costs in money.

Stationary packs (``run_storage`` and ``close_pack`` of :mod:`wattbit.world.storage`) follow the same schedules in a
room of 25 degC, under the same rule; then one cycle a day, to show what that costs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.report import Bar, Figure, run
from wattbit.config import FleetConfig, StorageConfig
from wattbit.physics.cells import CAR_CELLS, CELLS, DEFAULT_CELL, CarCellName, CellName
from wattbit.world import state as s
from wattbit.world.build import Precision, kernels

DAYS: Final = (365, 1825, 3650)
"""Days at which losses are compared."""

RELATIVE: Final = 0.03
ABSOLUTE: Final = 0.0015
"""Rule of the reference folder: error at most this share of the loss, or this much of the capacity."""

CAPACITY_KWH: Final = 60.0
EVENING, SMART, PLACE = "v2g_evening", "smart_night", "tokyo"
ROOM = "const25"
"""Climate of stationary packs."""


@dataclass(frozen=True)
class Reference:
    """
    Content of the reference folder.

    Attributes
    ----------
    schedules, climates : tuple of str
        Names, in the order of the arrays.
    soc : ndarray, shape (7, 49, schedule)
        State of charge at the marks of each day of the week, Monday first.
    celsius : ndarray, shape (climate, 365 * 48)
        Mean cell temperature of each half hour of the year, degC.
    loss : DataFrame
        Loss of capacity, share, by (cell, schedule, climate, day).
    """

    schedules: tuple[str, ...]
    climates: tuple[str, ...]
    soc: NDArray[np.float64]
    celsius: NDArray[np.float64]
    loss: pd.Series[float]


@dataclass(frozen=True)
class Life:
    """
    What ten years did to the cars of one cell.

    Attributes
    ----------
    loss : ndarray, shape (day, climate, schedule)
        Loss of capacity, share, at the days asked for.
    wear_jpy, charged_kwh : ndarray, shape (climate, schedule)
        Money booked for wear and energy charged into the cells, both over all days.
    """

    loss: NDArray[np.float64]
    wear_jpy: NDArray[np.float64]
    charged_kwh: NDArray[np.float64]


def reference_folder(option: Path | None) -> Path:
    """Folder of the reference curves: the option, else ``reference`` beside the folder that WATTBIT_DATA names."""
    data = os.environ.get("WATTBIT_DATA")
    folder = option or (Path(data).resolve().parent / "reference" if data else None)
    if folder is None:
        raise FileNotFoundError("no reference curves: give --reference PATH, or set WATTBIT_DATA to a folder beside it")
    if not (folder / "blast_curves.csv").is_file():
        raise FileNotFoundError(f"{folder}: holds no blast_curves.csv")
    return folder


def load(folder: Path) -> Reference:
    """Read the reference folder."""
    profiles = pd.read_csv(folder / "profiles_week.csv")
    temperature = pd.read_csv(folder / "cell_temperature_year.csv.gz")
    curves = pd.read_csv(folder / "blast_curves.csv")
    schedules = tuple(profiles["schedule"].unique())
    climates = tuple(temperature.columns.drop("half_hour_of_year"))
    soc = np.empty((7, 49, len(schedules)))
    for k, name in enumerate(schedules):
        rows = profiles[profiles["schedule"] == name].sort_values(["day_of_week", "half_hour"])
        soc[:, :48, k] = rows["soc_start"].to_numpy().reshape(7, 48)
        soc[:, 48, k] = rows["soc_end"].to_numpy().reshape(7, 48)[:, -1]
    marks = temperature[list(climates)].to_numpy().T
    loss = 1.0 - curves.set_index(["cell", "schedule", "climate", "day"])["q"]
    return Reference(schedules, climates, soc, 0.5 * (marks[:, 1:] + marks[:, :-1]), loss)


def parked_world(celsius: NDArray[np.float64], cars: int, reference_loss: float, precision: Precision) -> s.World:
    """Return a world of new cars without anything around them; one area per climate, fields and cars as one axis."""
    areas, steps = celsius.shape
    kind = np.dtype(precision)
    vehicle = np.zeros((1, areas, s.N_VEHICLE, cars), kind)
    vehicle[:, :, s.CAPACITY_KWH] = CAPACITY_KWH
    vehicle[:, :, s.HEALTH] = 1.0
    vehicle[:, :, [s.LEAVE_H, s.LEFT_H, s.RETURN_H, s.NEXT_LEAVE_H]] = 99.0
    exog = np.zeros((steps, areas, s.N_EXOG), kind)
    exog[:, :, s.TEMPERATURE] = celsius.T
    constant = np.zeros(s.N_CONSTANT, kind)
    constant[s.CAR_EFFICIENCY] = 1.0  # the schedules stand on the battery's side
    constant[s.WEAR_REFERENCE] = reference_loss
    return s.World(
        vehicle=vehicle.reshape(1, areas, -1),
        area=np.zeros((1, areas, s.N_AREA), kind),
        queue=np.zeros((1, areas, s.N_QUEUE), kind),
        clock=np.zeros((1, s.N_CLOCK), np.int64),
        exog=exog,
        forecast=np.zeros((1, 1, areas, s.N_FORECAST), np.float32),
        site=np.zeros((areas, s.N_SITE), kind),
        pair=np.zeros((s.N_PAIR, areas, areas), kind),
        constant=constant,
        incident=np.zeros((0, s.N_INCIDENT), kind),
        kind=np.zeros((3, s.N_KIND), kind),
        session=np.zeros((0, cars, s.N_SESSION), kind),
        profile=np.ones((336, s.N_PROFILE), kind),
        starts=np.zeros(1, np.int64),
        action=np.zeros((1, areas * s.N_CONTROL), np.float32),
        flow=np.zeros((1, s.N_FLOW + 1, areas, areas), kind),
        car=np.zeros((1, areas, s.N_CAR * cars), kind),
        scratch=np.zeros((1, s.N_SCRATCH, areas), kind),
        observation=np.zeros((2, 1), np.float32),
        outcome=np.zeros((2, s.N_OUTCOME)),
        ledger=np.zeros((2, areas, s.N_LEDGER)),
    )


@cache
def driver(cell: CellName, cars: int, precision: Precision) -> Any:
    """Compile the loop that leads the cars of a world through their days, by the world's own functions."""
    module = kernels(precision, cars, cell)
    run_fleet, close_window = module.run_fleet, module.close_window
    capacity, health, energy = s.CAPACITY_KWH, s.HEALTH, s.ENERGY_KWH
    low, high, power, wear = s.WINDOW_SOC_LOW, s.WINDOW_SOC_HIGH, s.CAR_POWER_KW, s.CAR_WEAR
    row, heat_sum, heat_count = s.ROW, s.TEMPERATURE_SUM, s.TEMPERATURE_COUNT

    @numba.njit(error_model="numpy")
    def live(w, soc, days, loss, wear_kwh, charged_kwh):  # type: ignore[no-untyped-def]  # numba infers them
        areas, cars = w.site.shape[0], soc.shape[2]
        for day in range(days[-1]):
            week = soc[day % 7]
            for r in range(areas):
                w.area[0, r, heat_sum] = 0.0
                w.area[0, r, heat_count] = 0.0
                for v in range(cars):
                    # The curves keep the state of charge over midnight, so the energy follows the day's health.
                    usable = w.vehicle[0, r, capacity * cars + v] * w.vehicle[0, r, health * cars + v]
                    w.vehicle[0, r, energy * cars + v] = week[0, v] * usable
                    w.vehicle[0, r, low * cars + v] = week[0, v]
                    w.vehicle[0, r, high * cars + v] = week[0, v]
            for step in range(48):
                w.clock[0, row] = (day % 365) * 48 + step
                for r in range(areas):
                    for v in range(cars):
                        usable = w.vehicle[0, r, capacity * cars + v] * w.vehicle[0, r, health * cars + v]
                        gain = (week[step + 1, v] - week[step, v]) * usable
                        w.car[0, r, power * cars + v] = 2.0 * gain
                        charged_kwh[r, v] += max(0.0, gain)
                    run_fleet(w, 0, r, 0)
                    for v in range(cars):
                        wear_kwh[r, v] += w.car[0, r, wear * cars + v]
            for r in range(areas):
                for v in range(cars):
                    close_window(w, 0, r, v)
                    for k in range(len(days)):
                        if day + 1 == days[k]:
                            loss[k, r, v] = 1.0 - w.vehicle[0, r, health * cars + v]

    return live


def ten_years(
    cell: CarCellName, known: Reference, days: tuple[int, ...] = DAYS, precision: Precision = "float64"
) -> Life:
    """Lead cars of one cell through the days up to the last of `days`."""
    cars = len(known.schedules)
    world = parked_world(known.celsius, cars, CELLS[cell].reference_loss, precision)
    loss = np.zeros((len(days), len(known.climates), cars))
    wear_kwh, charged_kwh = np.zeros(loss.shape[1:]), np.zeros(loss.shape[1:])
    live = driver(cell, cars, precision)
    live(world, known.soc, np.array(days), loss, wear_kwh, charged_kwh)
    return Life(loss, wear_kwh * FleetConfig().pack_jpy_per_kwh, charged_kwh)


def pack_world(cell: CellName, packs: int, precision: Precision) -> s.World:
    """Return a world of new stationary packs of CAPACITY_KWH, one an area, without anything around them."""
    law = CELLS[cell]
    world = parked_world(np.full((packs, 1), 25.0), 1, 1.0, precision)
    world.site[:, s.SITE_STORAGE_MWH] = 1e-3 * CAPACITY_KWH
    world.area[:, :, s.PACK_HEALTH] = law.start_health
    world.constant[s.STORAGE_EFFICIENCY] = 1.0
    world.constant[s.PACK_WEARS] = 1.0
    world.constant[s.PACK_ROOM_C] = 25.0
    world.constant[s.PACK_START_HEALTH] = law.start_health
    world.constant[s.PACK_REFERENCE] = law.pack_reference_loss
    world.constant[s.STORAGE_PACK_VALUE] = StorageConfig().pack_jpy_per_kwh
    return world


@cache
def pack_driver(cell: CellName, precision: Precision) -> Any:
    """Compile the loop that leads stationary packs through their days, by the world's own functions."""
    module = kernels(precision, 11, DEFAULT_CELL, cell)
    run_storage, close_pack = module.run_storage, module.close_pack
    size, health, energy, power = s.SITE_STORAGE_MWH, s.PACK_HEALTH, s.STORAGE_MWH, s.S_STORAGE_MW
    low, high, wear, booked = s.PACK_SOC_LOW, s.PACK_SOC_HIGH, s.L_STORAGE_WEAR, s.L_STORAGE_LOSS
    start = s.PACK_START_HEALTH

    @numba.njit(error_model="numpy")
    def live(w, soc, days, loss, wear_jpy, charged_kwh, lost):  # type: ignore[no-untyped-def]  # numba infers them
        for day in range(days[-1]):
            week = soc[day % 7]
            for r in range(w.site.shape[0]):
                usable = w.site[r, size] * w.area[0, r, health]
                w.area[0, r, energy] = week[0, r] * usable
                w.area[0, r, low] = week[0, r]
                w.area[0, r, high] = week[0, r]
                for step in range(48):
                    gain = (week[step + 1, r] - week[step, r]) * usable
                    w.scratch[0, power, r] = 2.0 * gain
                    charged_kwh[r] += 1000.0 * max(0.0, gain)
                    run_storage(w, 0, r, 0)
                    wear_jpy[r] += w.ledger[0, r, wear]
                    lost[r] += 0.01 * w.ledger[0, r, booked]
                close_pack(w, 0, r)
                for k in range(len(days)):
                    if day + 1 == days[k]:
                        loss[k, r] = w.constant[start] - w.area[0, r, health]

    return live


def pack_years(
    cell: CellName, soc: NDArray[np.float64], days: tuple[int, ...] = DAYS, precision: Precision = "float64"
) -> tuple[Life, NDArray[np.float64]]:
    """
    Lead stationary packs through the days up to the last of `days`, in a room of 25 degC.

    Parameters
    ----------
    soc : ndarray, shape (7, 49, pack)
        State of charge at the marks of each day of the week.

    Returns
    -------
    Life
        With one climate; losses since the start are shares of the capacity when new.
    ndarray, shape (pack,)
        The losses booked half hour by half hour, summed up.
    """
    packs = soc.shape[2]
    world = pack_world(cell, packs, precision)
    loss, wear, charged, lost = np.zeros((len(days), packs)), np.zeros(packs), np.zeros(packs), np.zeros(packs)
    pack_driver(cell, precision)(world, soc, np.array(days), loss, wear, charged, lost)
    return Life(loss[:, None], wear[None], charged[None]), lost


def daily_cycle(c_rate: float = 0.25, low: float = 0.05, high: float = 0.95) -> NDArray[np.float64]:
    """State of charge of one pack, shape (7, 49, 1): charged around noon, discharged in the evening, every day."""
    hour = 0.5 * np.arange(49)
    up = np.clip(low + c_rate * (hour - 10.0), low, high)
    down = np.clip(c_rate * (hour - 17.0), 0.0, high - low)
    return np.repeat((up - down)[None, :, None], 7, axis=0)


def errors(cell: CellName, life: Life, known: Reference, days: tuple[int, ...] = DAYS) -> pd.DataFrame:
    """
    Return one row per case, worst first.

    Columns: schedule, climate, day, loss and blast (share of the capacity), error (their difference), relative, and
    used: the error over what the rule allows, at most 1 where it holds.
    """
    rows = [
        (schedule, climate, day, life.loss[k, r, v], known.loss[CELLS[cell].curves, schedule, climate, day])
        for k, day in enumerate(days)
        for r, climate in enumerate(known.climates)
        for v, schedule in enumerate(known.schedules)
    ]
    found = pd.DataFrame(rows, columns=["schedule", "climate", "day", "loss", "blast"])
    found["error"] = found["loss"] - found["blast"]
    found["relative"] = found["error"] / found["blast"]
    found["used"] = found["error"].abs() / np.maximum(RELATIVE * found["blast"], ABSOLUTE)
    return found.sort_values("used", ascending=False, ignore_index=True)


def evening_cost(life: Life, known: Reference) -> tuple[float, float]:
    """
    Return what evening V2G costs more than smart charging in Tokyo, JPY per kWh that it charges more.

    First as the world books it: marginal cycle wear at the reference loss. Then the loss of ten years, calendar wear
    included, at the value of a pack.
    """
    place = known.climates.index(PLACE)
    v2g, smart = known.schedules.index(EVENING), known.schedules.index(SMART)

    booked, kwh, loss = (
        float(values[place, v2g] - values[place, smart]) for values in (life.wear_jpy, life.charged_kwh, life.loss[-1])
    )
    return booked / kwh, loss * CAPACITY_KWH * FleetConfig().pack_jpy_per_kwh / kwh


def measure(options: argparse.Namespace) -> Iterator[Figure]:
    """Compare every cell asked for."""
    known = load(reference_folder(options.reference))
    for cell in (name for name in CAR_CELLS if name in options.cell):
        life = ten_years(cell, known)
        found = errors(cell, life, known)
        worst = found.iloc[0]
        case = f"{worst['schedule']}, {worst['climate']}, day {worst['day']}"
        name = f"{cell}: worst of {len(found)} cases over what is allowed ({case})"
        yield Figure(name, "1", (worst["used"],), Bar("<=", 1.0))
        yield Figure(f"{cell}: error there", "% of loss", (100.0 * worst["relative"],))
        yield Figure(f"{cell}: error of all cases", "% of loss", tuple(100.0 * found["relative"]))
        yield Figure(f"{cell}: error of all cases", "points", tuple(100.0 * found["error"]))
        booked, whole = evening_cost(life, known)
        yield Figure(f"{cell}: evening V2G in Tokyo, as booked", "JPY/kWh", (booked,))
        yield Figure(f"{cell}: evening V2G in Tokyo, ten-year loss with calendar wear", "JPY/kWh", (whole,))
    for cell in options.cell:
        yield from measure_packs(cell, known)


def in_room(known: Reference) -> Reference:
    """Return the part of the reference for the climate of stationary packs."""
    place = known.climates.index(ROOM)
    return Reference(known.schedules, (ROOM,), known.soc, known.celsius[[place]], known.loss)


def measure_packs(cell: CellName, known: Reference) -> Iterator[Figure]:
    """Compare stationary packs of one cell, and show what a cycle a day costs."""
    if CELLS[cell].curves is not None:
        found = errors(cell, pack_years(cell, known.soc)[0], in_room(known))
        worst = found.iloc[0]
        case = f"{worst['schedule']}, day {worst['day']}"
        name = f"{cell}: pack, worst of {len(found)} cases over what is allowed ({case})"
        yield Figure(name, "1", (worst["used"],), Bar("<=", 1.0))
    life, _ = pack_years(cell, daily_cycle())
    cost = float(life.wear_jpy[0, 0] / (2.0 * life.charged_kwh[0, 0]))
    whole = float(life.loss[-1, 0, 0]) * CAPACITY_KWH * StorageConfig().pack_jpy_per_kwh
    yield Figure(f"{cell}: pack, a cycle a day at 0.25 C, as booked, per kWh in and out", "JPY/kWh", (cost,))
    share = whole / float(2.0 * life.charged_kwh[0, 0])
    yield Figure(f"{cell}: pack, the same from its ten-year loss with calendar wear", "JPY/kWh", (share,))
    yield Figure(f"{cell}: pack, ten-year loss of a cycle a day", "% of nominal", (100.0 * float(life.loss[-1, 0, 0]),))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only this benchmark has."""
    parser.add_argument("--reference", type=Path, metavar="PATH", help="folder of the reference curves")
    parser.add_argument("--cell", nargs="+", choices=list(CELLS), default=list(CELLS), help="cells (default: all)")


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark as a command; returns the exit code."""
    description = "Wear of the world's cars and packs over ten years against the curves of BLAST-Lite."
    try:
        return run("wear_reference", description, measure, add_arguments, argv=argv)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
