"""Wear cuts: never above the wear of any day, close where they were made, for every cell."""

import importlib
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.wear_paths import made_up, played_week, window_wear
from wattbit.physics.cells import CAR_CELLS, CELLS, DEFAULT_CELL
from wattbit_agents.baselines.lp.wear import CarPaths, lower_square, square_segments, wear_cuts
from wattbit_agents.baselines.lp.wear_laws import law_of
from wattbit_agents.errors import PolicyError

LOSS = CELLS[DEFAULT_CELL].reference_loss


def test_no_cut_is_above_the_wear_of_ten_thousand_days():
    days, ways = made_up(500, 20, 5)
    wear = [window_wear(DEFAULT_CELL, LOSS, days, way) for way in ways]
    for at in (0, 4):
        cut = wear_cuts(DEFAULT_CELL, LOSS, days, ways[at])
        for way, true in zip(ways, wear, strict=True):
            assert (cut.value(way) <= true + 1e-15).all()
        own = cut.value(ways[at])
        assert own.sum() >= 0.5 * wear[at].sum()
        # The segments of squares lower it by little.
        assert cut.value(ways[at], lower_square(ways[at].charge, days.charge_limit)).sum() >= 0.95 * own.sum()


@pytest.fixture(scope="module")
def week(scenario):
    """Two days of japan3, played in five ways."""
    kinds = ("threshold", "tuned", "random", "hard V2G", "slow charging")
    return played_week(scenario("japan3", episode={"steps": 96}), 11, 3, kinds)


def test_cuts_made_at_played_days_hold_on_all_ways_to_play_them(week):
    for at in week.paths:
        cut = wear_cuts(week.cell, week.reference_loss, week.days, week.paths[at])
        assert (cut.square >= 0.0).all()
        assert (cut.energy >= 0.0).all()
        for kind, path in week.paths.items():
            assert (cut.value(path) <= week.wear[kind] + 1e-15).all()
        money = week.wear[at] @ week.capacity_kwh
        assert np.maximum(0.0, cut.value(week.paths[at])) @ week.capacity_kwh >= 0.3 * money


def test_the_days_of_a_path_are_those_the_world_has_played(week):
    days = week.days
    for kind, path in week.paths.items():
        assert (path.charge <= days.charge_limit + 1e-12).all()
        assert (path.discharge <= days.discharge_limit + 1e-12).all()
        assert (path.energy >= days.energy_low - 1e-12).all()
        assert (path.energy <= days.energy_high + 1e-12).all()
        # Health is that of the start, which only lowers the wear, by what two days take.
        apart = window_wear(week.cell, week.reference_loss, days, path)
        assert (apart <= week.wear[kind] * (1.0 + 1e-9) + 1e-18).all()
        worn = week.wear[kind] > 1e-9
        np.testing.assert_allclose(apart[worn], week.wear[kind][worn], rtol=0.03)


def test_the_worst_path_that_a_search_finds_is_not_below_its_cut():
    days, ways = made_up(60, 6, 9)
    at = ways[4]
    cut = wear_cuts(DEFAULT_CELL, LOSS, days, at)
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
        wear = window_wear(DEFAULT_CELL, LOSS, days, path)
        possible = np.ptp(path.levels(days), axis=1) <= days.swing_limit
        return np.where(possible, (cut.value(path) - wear) / np.maximum(there, 1e-12), -1.0)

    best = excess(factor)
    for _ in range(40):
        trial = np.where(rng.random(factor.shape) < 0.15, rng.random(factor.shape), factor)
        found = excess(trial)
        better = found > best
        factor, best = np.where(better[:, None], trial, factor), np.where(better, found, best)
    assert (best <= 1e-9).all()
    assert best.max() > -0.5


@pytest.mark.parametrize("cell", CAR_CELLS)
def test_every_cell_has_cuts_that_hold(cell):
    loss = CELLS[cell].reference_loss
    days, ways = made_up(60, 5, 3)
    cut = wear_cuts(cell, loss, days, ways[0])
    wear = [window_wear(cell, loss, days, way) for way in ways]
    for way, true in zip(ways, wear, strict=True):
        assert (cut.value(way) <= true + 1e-15).all()
    share = np.maximum(0.0, cut.value(ways[0])).sum() / wear[0].sum()
    assert share >= {"denso_nmc622": 0.5, "lfp_250ah": 0.6, "sanyo_nmc111": 0.05, "nmc_b1": 0.0}[cell]


@pytest.mark.parametrize("kelvin", [283.15, 297.3, 312.0])
def test_the_bounds_of_the_law_hold_between_the_points_of_the_table(kelvin):
    law = law_of(DEFAULT_CELL, LOSS).amplitude
    laws = importlib.import_module(f"wattbit.physics.cells.{DEFAULT_CELL}")
    heats = laws.calendar_heat(kelvin), laws.cycle_heat(kelvin), laws.depth_heat(kelvin)
    for low, high in ((0.05, 0.95), (0.3, 0.9), (0.471, 0.533)):
        for at in (low, 0.5, high):
            places = (np.array([value]) for value in (kelvin, low, high, at))
            begin, end, first, last, offset = (float(x[0]) for x in law.bounds(*places))
            assert end >= high - 1e-9
            assert begin <= low + 1e-9 or first <= 1e-12
            for soc in np.linspace(low, high, 301):
                line = max(0.0, first + (last - first) * (soc - begin) / (end - begin))
                for depth, rate in ((0.05, 0.02), (0.4, 0.1), (0.6, 0.27), (1.0, 0.3)):
                    root = max(0.0, (line * depth * rate) ** 0.5 - offset**0.5)
                    assert root * root <= laws.cycle_growth(soc, kelvin, *heats, depth, rate)


def test_days_that_end_early_have_cuts_too():
    days, ways = made_up(80, 3, 2)
    length = np.full(80, 20)
    short = replace(days, length=length)
    cut = wear_cuts(DEFAULT_CELL, LOSS, short, ways[0])
    for name in ("charge", "discharge", "bought", "square", "energy"):
        assert (getattr(cut, name)[:, 20:] == 0.0).all()
    ended = [window_wear(DEFAULT_CELL, LOSS, days.until(length), way.until(length)) for way in ways]
    for way, wear in zip(ways, ended, strict=True):
        assert (cut.value(way) <= wear + 1e-15).all()
    assert cut.value(ways[0]).max() > 0.0


def test_segments_lie_below_the_square_and_touch_it():
    width, slope = square_segments(4)
    assert width.sum() == pytest.approx(1.0)
    assert (np.diff(slope) > 0.0).all()
    limit = np.full((1, 101), 0.05)
    charge = np.linspace(0.0, 0.05, 101)[None]
    below, square = lower_square(charge, limit), (2.0 * charge) ** 2
    assert (below <= square + 1e-15).all()
    assert (square - below).max() <= 0.01 / 36.0 + 1e-12
    assert below[0, -1] == pytest.approx(square[0, -1])


def test_a_wrong_cell_or_loss_is_named():
    days, ways = made_up(2, 2, 0)
    with pytest.raises(PolicyError, match=r"unknown cell 'denso_nmc' \(did you mean denso_nmc622\?\)"):
        wear_cuts("denso_nmc", 0.05, days, ways[0])
    with pytest.raises(PolicyError, match=r"reference loss of lfp_250ah is 0\.0, must be above 0"):
        wear_cuts("lfp_250ah", 0.0, days, ways[0])
