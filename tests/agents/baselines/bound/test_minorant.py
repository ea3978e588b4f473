"""Minorants of the wear: never above the wear of any day in their box, close in a small one, for every cell."""

import importlib
from dataclasses import fields, replace

import numpy as np
import pytest

from benchmarks.bound_wear import boxes_around, most_above, outside
from benchmarks.wear_paths import made_up, played_week, window_wear
from wattbit.physics.cells import CAR_CELLS, CELLS, DEFAULT_CELL
from wattbit_agents.baselines.bound.days import CarPaths, day_sums
from wattbit_agents.baselines.bound.minorant import Minorant, box_at, minorant
from wattbit_agents.baselines.bound.search import whole_wear
from wattbit_agents.baselines.lp.convex import square_segments
from wattbit_agents.baselines.lp.wear_laws import law_of
from wattbit_agents.errors import PolicyError

LOSS = CELLS[DEFAULT_CELL].reference_loss


def test_no_minorant_is_above_the_wear_of_ten_thousand_days():
    days, ways = made_up(500, 20, 5)
    named = {str(i): way for i, way in enumerate(ways)}
    wear = {name: window_wear(DEFAULT_CELL, LOSS, days, way) for name, way in named.items()}
    for at in ("0", "4"):
        for name, booked in wear.items():
            assert (
                most_above(DEFAULT_CELL, LOSS, days, {name: named[name], at: named[at]}, {name: booked}).max() <= 1e-15
            )
    law = law_of(DEFAULT_CELL, LOSS)
    for name in ("0", "3", "4"):
        assert whole_wear(law, days, named[name]).sum() >= 0.85 * wear[name].sum()


def test_a_minorant_five_per_cent_higher_is_found(monkeypatch):
    days, ways = made_up(200, 4, 5)
    wear = {"only": window_wear(DEFAULT_CELL, LOSS, days, ways[1])}
    value = Minorant.value
    monkeypatch.setattr(Minorant, "value", lambda *given: 1.05 * value(*given))
    assert most_above(DEFAULT_CELL, LOSS, days, {"only": ways[1]}, wear).max() > 1e-9


@pytest.fixture(scope="module")
def week(scenario):
    """Two days of japan3, played in five ways."""
    kinds = ("threshold", "tuned", "random", "hard V2G", "slow charging")
    return played_week(scenario("japan3", episode={"steps": 96}), 11, 3, kinds)


def test_minorants_made_at_played_days_hold_on_all_ways_to_play_them(week):
    assert most_above(week.cell, week.reference_loss, week.days, week.paths, week.wear).max() <= 1e-15
    law = law_of(week.cell, week.reference_loss)
    for kind, path in week.paths.items():
        money = week.wear[kind] @ week.capacity_kwh
        assert whole_wear(law, week.days, path) @ week.capacity_kwh >= 0.85 * money


def test_smaller_boxes_have_closer_minorants(week):
    law, path = law_of(week.cell, week.reference_loss), week.paths["hard V2G"]
    boxes = boxes_around(week.days, day_sums(week.days, path))
    counted = [minorant(law, week.days, box, path).value(week.days, path) @ week.capacity_kwh for box in boxes]
    assert counted[0] == 0.0
    assert (np.diff(counted) > 0.0).all()


def test_the_days_of_a_path_are_those_the_world_has_played(week):
    days = week.days
    for kind, path in week.paths.items():
        assert (path.charge <= days.charge_limit + 1e-12).all()
        assert (path.discharge <= days.discharge_limit + 1e-12).all()
        assert (path.energy >= days.energy_low - 1e-12).all()
        assert (path.energy <= days.energy_high + 1e-12).all()
        assert outside(days, day_sums(days, path)) <= 1e-9
        # Health is that of the start, which only lowers the wear, by what two days take.
        apart = window_wear(week.cell, week.reference_loss, days, path)
        assert (apart <= week.wear[kind] * (1.0 + 1e-9) + 1e-18).all()
        worn = week.wear[kind] > 1e-9
        np.testing.assert_allclose(apart[worn], week.wear[kind][worn], rtol=0.03)


def test_the_worst_path_that_a_search_finds_is_not_below_its_minorant():
    days, ways = made_up(60, 6, 9)
    law, at = law_of(DEFAULT_CELL, LOSS), ways[4]
    sums = day_sums(days, at)
    *_, box, _ = boxes_around(days, sums)
    found = minorant(law, days, box, at)
    rng = np.random.default_rng(1)
    factor = np.ones_like(at.charge)
    there = window_wear(DEFAULT_CELL, LOSS, days, at)

    def excess(factor):
        # Weaker charging and discharging, and less energy: paths that are easier than any the limits allow.
        charge, discharge = at.charge * factor, at.discharge * factor
        begin = at.energy[:, :1] - 0.5 * (at.charge - at.discharge)[:, :1]
        moved = np.cumsum(charge - discharge + at.bought - days.before - days.after, axis=1)
        energy = begin + moved - 0.5 * (charge - discharge) - at.bought + days.after
        path = CarPaths(charge, discharge, at.bought, np.clip(energy, days.energy_low, days.energy_high))
        own, wear = day_sums(days, path), window_wear(DEFAULT_CELL, LOSS, days, path)
        inside = np.all([
            (getattr(own, name) >= getattr(box, f"{name}_low")) & (getattr(own, name) <= getattr(box, f"{name}_high"))
            for name in ("swing", "soc", "growth", "drawn")
        ], axis=0)  # fmt: skip
        return np.where(inside, (found.value(days, path) - wear) / np.maximum(there, 1e-12), -1.0)

    best = excess(factor)
    for _ in range(60):
        trial = np.where(rng.random(factor.shape) < 0.15, rng.uniform(0.7, 1.0, factor.shape), factor)
        value = excess(trial)
        better = value > best
        factor, best = np.where(better[:, None], trial, factor), np.where(better, value, best)
    assert (best <= 1e-9).all()
    assert best.max() > -0.5


@pytest.mark.parametrize("cell", CAR_CELLS)
def test_every_cell_has_minorants_that_hold(cell):
    loss = CELLS[cell].reference_loss
    days, ways = made_up(60, 5, 3)
    named = {str(i): way for i, way in enumerate(ways)}
    wear = {name: window_wear(cell, loss, days, way) for name, way in named.items()}
    assert most_above(cell, loss, days, named, wear).max() <= 1e-15
    share = whole_wear(law_of(cell, loss), days, ways[0]).sum() / wear["0"].sum()
    if cell == "nmc_b1":  # it hardly grows without depth: a bound leaves its wear out
        assert share == 0.0
    else:
        assert share >= {"denso_nmc622": 0.89, "lfp_250ah": 0.8, "sanyo_nmc111": 0.05}[cell]


@pytest.mark.parametrize("kelvin", [283.15, 297.3, 312.0])
def test_the_bounds_of_the_law_hold_between_the_points_of_the_table(kelvin):
    law = law_of(DEFAULT_CELL, LOSS).amplitude
    laws = importlib.import_module(f"wattbit.physics.cells.{DEFAULT_CELL}")
    heats = laws.calendar_heat(kelvin), laws.cycle_heat(kelvin), laws.depth_heat(kelvin)
    for low, high in ((0.05, 0.95), (0.3, 0.9), (0.471, 0.533)):
        begin, first, rise, offset, deep = (
            float(x[0]) for x in law.line(*(np.array([v]) for v in (kelvin, low, high)))
        )
        assert begin <= low + 1e-9
        assert rise >= 0.0
        for soc in np.linspace(low, high, 301):
            line = first + rise * (soc - begin)
            for depth, rate in ((0.05, 0.02), (0.4, 0.1), (0.6, 0.27), (1.0, 0.3)):
                root = max(0.0, (line * depth * rate) ** 0.5 - offset) + deep * depth**6
                assert root * root <= laws.cycle_growth(soc, kelvin, *heats, depth, rate)


def test_halves_of_a_box_are_the_box():
    days, ways = made_up(7, 3, 1)
    box = box_at(day_sums(days, ways[0]))
    which = np.arange(7) % 2 == 0
    at = 0.5 * (box.growth_low + box.growth_high)
    lower, upper = (box.half("growth", at, np.full(7, side), which) for side in (False, True))
    np.testing.assert_array_equal(lower.growth_high[which], upper.growth_low[which])
    for field in fields(box):
        for half in (lower, upper):
            same = np.ones(7, bool) if not field.name.startswith("growth") else ~which
            np.testing.assert_array_equal(getattr(half, field.name)[same], getattr(box, field.name)[same])
    np.testing.assert_array_equal(lower.growth_low, box.growth_low)
    np.testing.assert_array_equal(upper.growth_high, box.growth_high)


def test_segments_lie_below_the_square_and_touch_it():
    width, slope = square_segments(4)
    assert width.sum() == pytest.approx(1.0)
    assert (np.diff(slope) > 0.0).all()
    share = np.linspace(0.0, 1.0, 101)
    below = (np.clip(share[:, None] - (np.cumsum(width) - width), 0.0, width) * slope).sum(axis=1)
    assert (below <= share**2 + 1e-15).all()
    assert (share**2 - below).max() <= 1.0 / 36.0 + 1e-12
    assert below[-1] == pytest.approx(1.0)


def test_a_wrong_cell_or_loss_is_named():
    with pytest.raises(PolicyError, match=r"unknown cell 'denso_nmc' \(did you mean denso_nmc622\?\)"):
        law_of("denso_nmc", 0.05)
    with pytest.raises(PolicyError, match=r"reference loss of lfp_250ah is 0\.0, must be above 0"):
        law_of("lfp_250ah", 0.0)


def test_a_car_that_never_moves_has_no_wear():
    days, ways = made_up(5, 2, 4)
    still = replace(days, before=0.0 * days.before, after=0.0 * days.after)
    nothing = 0.0 * ways[0].charge
    path = CarPaths(nothing, nothing, nothing, ways[0].energy)
    assert (whole_wear(law_of(DEFAULT_CELL, LOSS), still, path) == 0.0).all()
