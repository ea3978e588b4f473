"""The wear of every cell as the world runs it: closed forms, ten-year curves, and what must hold for any law."""

from __future__ import annotations

import os
from importlib import import_module
from math import nan
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import wear_reference
from benchmarks.wear_reference import (
    CAR_CELLS,
    CELLS,
    CarCellName,
    CellName,
    Life,
    Reference,
    daily_cycle,
    errors,
    evening_cost,
    in_room,
    load,
    pack_years,
    ten_years,
)
from wattbit.config import StorageConfig

CARS = 11  # as many as there are schedules, so that one build serves all tests

all_cells = pytest.mark.parametrize("cell", CAR_CELLS)


def made(soc: NDArray[np.float64], *celsius: float) -> Reference:
    """Schedules of one's own, shape (7, 49, CARS), in constant climates."""
    names = tuple(f"car{k}" for k in range(CARS))
    return Reference(names, tuple(map(str, celsius)), soc, np.repeat(np.array(celsius)[:, None], 365 * 48, 1), nan)


def random_week(seed: int) -> NDArray[np.float64]:
    """A week of random driving of the state of charge in steps of at most a tenth; each day starts where one ended."""
    walk = np.random.default_rng(seed).uniform(-0.1, 0.1, (7 * 48, CARS))
    soc = np.empty((7 * 48 + 1, CARS))
    soc[0] = 0.5
    for k, step in enumerate(walk):
        soc[k + 1] = np.clip(soc[k] + step, 0.05, 0.95)
    return np.stack([soc[48 * day : 48 * day + 49] for day in range(7)])


@pytest.fixture(scope="module")
def known() -> Reference:
    """The reference folder: WATTBIT_REFERENCE, else ../shared/reference beside the repository."""
    default = Path(__file__).parents[2].parent / "shared" / "reference"
    folder = Path(os.environ.get("WATTBIT_REFERENCE") or default)
    if not (folder / "blast_curves.csv").is_file():
        pytest.skip(f"no reference curves in {folder}")
    return load(folder)


@pytest.fixture(scope="module", params=CAR_CELLS)
def lived(request: pytest.FixtureRequest, known: Reference) -> tuple[CarCellName, Life]:
    return request.param, ten_years(request.param, known)


def test_the_rule_of_the_reference_holds_in_every_case(lived: tuple[CellName, Life], known: Reference):
    found = errors(*lived, known)
    assert len(found) == 11 * 4 * 3
    assert found["used"].iloc[0] <= 1.0, found.iloc[0].to_dict()
    assert found["used"].iloc[0] >= 0.1, "the world takes half-hour steps and daily windows: it cannot fit better"


def test_driving_patterns_come_in_the_order_of_all_published_curves(lived: tuple[CellName, Life], known: Reference):
    loss = dict(zip(known.schedules, np.moveaxis(lived[1].loss, -1, 0), strict=True))
    assert (loss["smart_night"] < loss["uncontrolled100"]).all()
    assert (loss["v2g_deep"] > loss["v2g_evening"]).all()
    assert (loss["v2g_evening"] > loss["smart_night"]).all()


@pytest.mark.parametrize("lived", ["denso_nmc622"], indirect=True)
def test_a_wrong_law_is_found_out(lived: tuple[CellName, Life], known: Reference):
    cell, life = lived
    for factor in (0.94, 1.06):
        wrong = errors(cell, Life(factor * life.loss, life.wear_jpy, life.charged_kwh), known)
        assert wrong["used"].iloc[0] > 1.0
    assert errors("nmc_b1", life, known)["used"].iloc[0] > 5.0


def test_evening_v2g_costs_what_the_cells_curves_say(lived: tuple[CellName, Life], known: Reference):
    cell, life = lived
    booked, whole = evening_cost(life, known)
    # The whole loss of ten years, from the reference folder's marginal_wear.csv; 2.37, 1.43, 1.35 and 7.08 there.
    published = {"denso_nmc622": 2.37, "nmc_b1": 1.43, "lfp_250ah": 1.35, "sanyo_nmc111": 7.08}
    assert whole == pytest.approx(published[cell], rel=0.05)
    # As booked: cycle wear alone, at the reference loss. B1 ages at rest, by how full it stands: half of its loss
    # is sunk in money.
    cycle = {"denso_nmc622": 2.4, "nmc_b1": 0.75, "lfp_250ah": 1.2, "sanyo_nmc111": 6.45}
    assert booked == pytest.approx(cycle[cell], abs=0.3 if cell == "denso_nmc622" else 0.05)


@pytest.mark.parametrize(
    ("cell", "loss"),
    [("denso_nmc622", 0.082558), ("nmc_b1", 0.137210), ("lfp_250ah", 0.036986), ("sanyo_nmc111", 0.134826)],
)
def test_a_parked_car_follows_the_closed_form(cell: CellName, loss: float):
    # Ten years at 25 degC and half charge, as k x^p by hand; nothing but calendar wear, and no money.
    life = ten_years(cell, made(np.full((7, 49, CARS), 0.5), 25.0))
    assert life.loss[-1, 0] == pytest.approx(np.full(CARS, loss), abs=1e-6)
    assert (life.wear_jpy == 0.0).all()


@all_cells
def test_cars_never_recover_and_do_not_mind_their_neighbours(cell: CellName):
    days = tuple(range(1, 15))
    week = random_week(3)
    loss = ten_years(cell, made(week, 5.0, 20.0, 40.0), days).loss
    assert (np.diff(loss, axis=0) > 0.0).all()
    order = np.random.default_rng(0).permutation(CARS)
    np.testing.assert_array_equal(
        ten_years(cell, made(week[:, :, order], 5.0, 20.0, 40.0), days).loss, loss[..., order]
    )


@all_cells
def test_more_cycles_and_deeper_ones_wear_more(cell: CellName):
    # Triangles around half charge: car k swings by k steps of 5 % once a day; then by the same, twice a day.
    hour = np.arange(49) / 24.0
    swing = 0.05 * np.arange(CARS)
    once, twice = (0.5 + swing * (np.abs((n * hour) % 2.0 - 1.0) - 0.5)[:, None] for n in (1.0, 2.0))
    loss = [ten_years(cell, made(np.stack([day] * 7), 20.0), (28,)).loss[0, 0] for day in (once, twice)]
    assert (np.diff(loss[0]) >= 0.0).all()
    assert loss[0][-1] > loss[0][0]
    assert (loss[1] >= loss[0] * (1.0 - 1e-12)).all()


@all_cells
def test_single_precision_loses_nothing_that_matters(cell: CellName):
    seen = made(random_week(4), 5.0, 30.0)
    double, single = (ten_years(cell, seen, (7, 28), precision) for precision in ("float64", "float32"))
    np.testing.assert_allclose(single.loss, double.loss, rtol=1e-3)
    np.testing.assert_allclose(single.wear_jpy, double.wear_jpy, rtol=1e-3)


@all_cells
def test_a_pack_wears_like_a_car_of_its_cell(cell: CarCellName):
    # The same two weeks of random driving of the state of charge, at 25 degC: two codes, one law.
    week = random_week(5)
    car = ten_years(cell, made(week, 25.0), (1, 14))
    pack, lost = pack_years(cell, week, (1, 14))
    np.testing.assert_allclose(pack.loss, car.loss, rtol=1e-9)
    np.testing.assert_allclose(lost, pack.loss[-1, 0], rtol=1e-9)
    np.testing.assert_allclose(pack.charged_kwh, car.charged_kwh, rtol=1e-9)
    # Money too, up to the value of a pack and the reference at which it is priced.
    ratio = pack.wear_jpy / car.wear_jpy
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-9)


@all_cells
def test_packs_hold_the_rule_of_the_reference(cell: CarCellName, known: Reference):
    found = errors(cell, pack_years(cell, known.soc)[0], in_room(known))
    assert len(found) == 11 * 3
    assert found["used"].iloc[0] <= 1.0, found.iloc[0].to_dict()


def test_a_second_life_follows_the_closed_form():
    # At rest at 25 degC and half charge; then a cycle of 90 % a day, its throughput shrinking with health.
    rest, _ = pack_years("second_life_leaf", np.full((7, 49, 1), 0.5))
    assert rest.loss[-1, 0, 0] == pytest.approx(0.7 * 0.174386, abs=1e-6)
    assert rest.wear_jpy[0, 0] == 0.0
    days = (365, 1825)
    life, _ = pack_years("second_life_leaf", daily_cycle(), days)
    efc = life.charged_kwh[0, 0] / (0.7 * 60.0)
    rest, _ = pack_years("second_life_leaf", daily_cycle(low=0.5, high=0.5), days)
    # 2.4 % of the cycle part are there from the mean charge not being exactly a half at every moment.
    cycle = (life.loss[-1, 0, 0] - rest.loss[-1, 0, 0]) / 0.7
    assert cycle == pytest.approx(7.58e-5 * efc**1.08, rel=0.05)


@pytest.mark.parametrize("cell", CELLS)
def test_a_cycle_a_day_costs_what_the_law_says(cell: CellName):
    # The first day of a pack, written apart from the world: highest mark of growth x EFC in the window, times the
    # slope at the reference loss and the value of a pack.
    life, _ = pack_years(cell, daily_cycle(), (1,))
    law = import_module(f"wattbit.physics.cells.{cell}")
    soc = daily_cycle()[0, :, 0]
    change, count = np.diff(soc), np.arange(1, 49)
    middle = np.cumsum(0.5 * (soc[1:] + soc[:-1])) / count
    depth = np.maximum.accumulate(soc)[1:] - np.minimum.accumulate(soc)[1:]
    rate, charging = 2.0 * np.abs(change), 2.0 * np.maximum(0.0, change)
    sums = [np.cumsum(charging**2), np.cumsum(charging), np.cumsum(rate)]
    heats = law.calendar_heat(298.15), law.cycle_heat(298.15), law.depth_heat(298.15)
    marks = [
        law.cycle_growth(middle[n], 298.15, *heats, depth[n], law.money_rate_c(*(x[n] for x in sums), count[n]))
        * np.abs(change[: n + 1]).sum()
        / 2.0
        for n in range(48)
    ]
    yen = max(marks) * law.cycle_slope(CELLS[cell].pack_reference_loss) * StorageConfig().pack_jpy_per_kwh
    assert life.wear_jpy[0, 0] / (60.0 * CELLS[cell].start_health) == pytest.approx(yen, rel=1e-9)
    assert 0.2 <= yen / (2.0 * 0.9) <= 3.0, "JPY per kWh in and out: the flat rate of 1.5 is of the right size"


def test_the_command_says_what_it_misses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("WATTBIT_DATA", raising=False)
    assert wear_reference.main([]) == 2
    assert "--reference PATH" in capsys.readouterr().err
    assert wear_reference.main(["--reference", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.usefixtures("known")
def test_the_command_holds_its_bars(capsys: pytest.CaptureFixture[str]):
    folder = os.environ.get("WATTBIT_REFERENCE") or Path(__file__).parents[2].parent / "shared" / "reference"
    assert wear_reference.main(["--check", "--cell", "denso_nmc622", "--reference", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "worst of 132 cases" in shown
    assert "every bar is met" in shown
