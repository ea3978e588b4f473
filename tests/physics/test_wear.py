"""Battery wear: closed forms, printed rates and monotony of every cell's law."""

import inspect
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from math import sqrt
from random import Random
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattbit.physics.cells import CELLS, DEFAULT_CELL, DEFAULT_PACK_CELL
from wattbit.physics.wear import graphite_potential_v, power_increase, root_increase
from wattbit.world import fleet, storage

LAWS = {name: import_module(f"wattbit.physics.cells.{name}") for name in CELLS}

# Exponents of the two parts, as printed; y is the loss to the power of one over them.
EXPONENTS = {
    "denso_nmc622": (0.5, 0.5),
    "nmc_b1": (0.708, 0.467),
    "lfp_250ah": (0.526, 0.828),
    "sanyo_nmc111": (0.75, 0.5),
    "second_life_leaf": (0.464, 1.08),
}

all_cells = pytest.mark.parametrize("cell", CELLS)


def calendar_growth(law: ModuleType, soc: float, kelvin: float) -> float:
    return law.calendar_growth(soc, kelvin, law.calendar_heat(kelvin))


def cycle_growth(law: ModuleType, mean_soc: float, kelvin: float, depth: float, c_rate: float) -> float:
    heats = law.calendar_heat(kelvin), law.cycle_heat(kelvin), law.depth_heat(kelvin)
    return law.cycle_growth(mean_soc, kelvin, *heats, depth, c_rate)


@all_cells
def test_every_cell_defines_what_the_fleet_uses_of_the_default_one(cell):
    names = [name for name, law in vars(fleet).items() if getattr(law, "__module__", "") == LAWS[DEFAULT_CELL].__name__]
    assert len(names) == 14
    for name in names:
        parameters = [list(inspect.signature(getattr(LAWS[k], name)).parameters) for k in (cell, DEFAULT_CELL)]
        assert parameters[0] == parameters[1], name
    # Stationary packs use the same functions, under the names that a build gives them.
    home = LAWS[DEFAULT_PACK_CELL].__name__
    packs = [(name, law.__name__) for name, law in vars(storage).items() if getattr(law, "__module__", "") == home]
    assert sorted(packs) == sorted((f"pack_{name}", name) for name in names)


@pytest.mark.parametrize(
    ("cell", "loss"),
    [
        ("denso_nmc622", 0.082558),  # 1.36651e-3 * 3650^0.5
        ("nmc_b1", 0.137210),  # 0.280080 * (3650 / 1e4)^0.708
        ("lfp_250ah", 0.036986),  # 4.94623e-4 * 3650^0.526
        ("second_life_leaf", 0.174386),  # 3.25e8 * exp(-7580 / 298.15) * exp(162 * 0.5 / 298.15) * 3650^0.464
        ("sanyo_nmc111", 0.134826),  # (7.543 * 3.70065 - 23.75) * 1e6 * exp(-6976 / 298.15) * 3650^0.75
    ],
)
def test_ten_years_at_25_degrees_and_half_charge(cell, loss):
    law = LAWS[cell]
    growth = calendar_growth(law, 0.5, 298.15)
    y = q = 0.0
    for _ in range(3650):
        q += law.calendar_loss_increase(y, growth)
        y += growth
    assert law.calendar_loss(y) == pytest.approx(loss, abs=1e-6)
    assert q == pytest.approx(loss, abs=1e-6)


@pytest.mark.parametrize(
    ("cell", "kelvin", "printed"),
    [
        ("denso_nmc622", 283.15, 6.3356e-4),
        ("denso_nmc622", 298.15, 1.36651e-3),
        ("denso_nmc622", 308.15, 2.18509e-3),
        ("nmc_b1", 283.15, 0.124060),
        ("nmc_b1", 298.15, 0.280080),
        ("nmc_b1", 308.15, 0.442835),
        ("lfp_250ah", 283.15, 1.81288e-4),
        ("lfp_250ah", 298.15, 4.94623e-4),
        ("lfp_250ah", 308.15, 9.14749e-4),
    ],
)
def test_calendar_rate_has_the_printed_values(cell, kelvin, printed):
    days = 1e4 if cell == "nmc_b1" else 1.0
    rate = (days * calendar_growth(LAWS[cell], 0.5, kelvin)) ** EXPONENTS[cell][0]
    assert rate == pytest.approx(printed, rel=1e-5)


@pytest.mark.parametrize(
    ("cell", "c_rate", "efc", "printed"),
    [
        ("denso_nmc622", 0.1, 1.0, 1.74025e-3),
        ("nmc_b1", 0.05, 1e5, 0.175472),
        ("lfp_250ah", 0.05, 1.0, 9.04554e-5),
    ],
)
def test_cycle_rate_has_the_printed_value(cell, c_rate, efc, printed):
    rate = (efc * cycle_growth(LAWS[cell], 0.6, 298.15, 0.4, c_rate)) ** EXPONENTS[cell][1]
    assert rate == pytest.approx(printed, rel=1e-5)


def test_the_pessimistic_cycle_rate_is_the_published_one():
    # sqrt(4.3) (7.348e-3 (3.775 - 3.667)^2 + 7.6e-4 + 4.081e-3 * 0.4) = 5.1387e-3; 3.775 V is the curve's at 60 %.
    rate = sqrt(cycle_growth(LAWS["sanyo_nmc111"], 0.6, 298.15, 0.4, 0.05))
    assert rate == pytest.approx(5.1387e-3, rel=2e-3)


@pytest.mark.parametrize("efc", [1.0, 400.0, 2033.0])
def test_a_second_life_wears_by_its_cycles_alone(efc):
    # 7.58e-5 EFC^1.08, whatever depth, rate and temperature; lived through cycle by cycle in hundredths.
    law = LAWS["second_life_leaf"]
    q = y = 0.0
    for k in range(100):
        increase = 0.01 * efc * cycle_growth(law, 0.2 + 0.006 * k, 283.15 + 0.3 * k, 0.01 * k, 0.002 * k)
        q += law.cycle_loss_increase(y, increase)
        y += increase
    assert q == pytest.approx(7.58e-5 * efc**1.08, abs=1e-6)
    assert law.cycle_loss(y) == pytest.approx(q, abs=1e-12)


@all_cells
def test_packs_are_priced_midway_between_rest_and_ten_years_of_a_cycle_a_day(cell):
    # Rates as the laws define them: of charging (DENSO), or of both ways over the whole day.
    rate = 0.25 if cell == DEFAULT_CELL else 2.0 * 0.9 / 24.0
    growth = cycle_growth(LAWS[cell], 0.5, 298.15, 0.9, rate)
    ten_years = LAWS[cell].cycle_loss(0.9 * 3650.0 * growth)
    assert CELLS[cell].pack_reference_loss == pytest.approx(0.5 * ten_years, rel=1e-3)


def test_the_open_circuit_voltage_follows_the_published_curve():
    # At 0, 10 ... 100 % of charge: Ecker et al. 2014 and figure 1 of Schmalstieg et al. 2014.
    published = (3.331, 3.491, 3.581, 3.627, 3.655, 3.697, 3.775, 3.869, 3.965, 4.073, 4.162)
    for k, volt in enumerate(published):
        assert LAWS["sanyo_nmc111"].open_circuit_v(0.1 * k) == pytest.approx(volt, abs=4.5e-3)


def test_graphite_has_its_plateaus():
    # Stage 2 to 1 near 0.09 V when more than half full, stage 2 near 0.12 V below; steep when empty.
    assert graphite_potential_v(0.9) == pytest.approx(0.09, abs=0.01)
    assert graphite_potential_v(0.5) == pytest.approx(0.13, abs=0.015)
    assert graphite_potential_v(0.0) > 0.5


@all_cells
def test_a_parked_cell_stays_within_its_tests(cell):
    law = LAWS[cell]
    assert law.cell_temperature_k(-12.0) == pytest.approx(283.15)
    assert law.cell_temperature_k(31.0) == pytest.approx(304.15)
    assert law.cell_temperature_k(50.0) == pytest.approx(323.15 if cell == DEFAULT_CELL else 318.15)


def test_the_first_loss_of_a_new_cell_is_finite():
    assert root_increase(0.0, 0.0) == power_increase(0.0, 0.0, 0.7) == 0.0
    assert root_increase(0.0, 4e-6) == pytest.approx(2e-3)
    assert power_increase(0.0, 4e-6, 0.5) == pytest.approx(2e-3)


@all_cells
@given(y=st.floats(1e-6, 0.01), a=st.floats(1e-9, 1e-4), b=st.floats(1e-9, 1e-4))
def test_wear_in_two_parts_is_wear_in_one(cell, y, a, b):
    law = LAWS[cell]
    for increase, loss in (
        (law.calendar_loss_increase, law.calendar_loss),
        (law.cycle_loss_increase, law.cycle_loss),
    ):
        assert increase(y, a) + increase(y + a, b) == pytest.approx(increase(y, a + b), rel=1e-9)
        assert increase(0.0, y) == pytest.approx(loss(y), rel=1e-12)


@all_cells
@given(loss=st.floats(1e-3, 0.3))
def test_age_and_slope_belong_to_the_loss(cell, loss):
    law = LAWS[cell]
    y = law.cycle_age(loss)
    assert law.cycle_loss(y) == pytest.approx(loss, rel=1e-9)
    assert law.cycle_loss_increase(y, 1e-6 * y) / (1e-6 * y) == pytest.approx(law.cycle_slope(loss), rel=1e-5)


@all_cells
@given(soc=st.floats(0.05, 0.9), kelvin=st.floats(283.15, 318), depth=st.floats(0.05, 0.9), rate=st.floats(0.01, 0.3))
def test_deeper_and_faster_never_wear_less(cell, soc, kelvin, depth, rate):
    law = LAWS[cell]
    base = cycle_growth(law, soc, kelvin, depth, rate)
    assert cycle_growth(law, soc, kelvin, depth + 0.05, rate) >= base >= 0.0
    assert cycle_growth(law, soc, kelvin, depth, rate + 0.01) >= base


@all_cells
@given(soc=st.floats(0.05, 1.0), kelvin=st.floats(283.15, 317))
def test_hotter_always_ages_faster_at_rest(cell, soc, kelvin):
    law = LAWS[cell]
    assert calendar_growth(law, soc, kelvin + 1.0) > calendar_growth(law, soc, kelvin) > 0.0


def test_cycling_in_the_cold_wears_more_where_the_tests_say_so():
    # Not every published law wears faster when hot: two have a term that stands for cycling in the cold.
    change = {
        cell: cycle_growth(law, 0.6, 308.15, 0.4, 0.2) / cycle_growth(law, 0.6, 288.15, 0.4, 0.2)
        for cell, law in LAWS.items()
    }
    assert change["denso_nmc622"] < 1.0
    assert change["lfp_250ah"] < 1.0
    assert change["nmc_b1"] > 1.0
    assert change["sanyo_nmc111"] == change["second_life_leaf"] == 1.0


def day_wear(law: ModuleType, marks: Sequence[float], kelvin: float, y: tuple[float, float]) -> tuple[float, ...]:
    """Calendar loss, cycle loss and rise of the money mark of a day by the window rule of the fleet, in any steps."""
    n = len(marks) - 1
    part = 48.0 / n  # the sums of a window are in half hours
    heats = law.calendar_heat(kelvin), law.cycle_heat(kelvin), law.depth_heat(kelvin)
    rate = [(b - a) * n / 24.0 for a, b in pairwise(marks)]
    middle = [0.5 * (a + b) for a, b in pairwise(marks)]
    calendar = sum(law.calendar_growth(soc, kelvin, heats[0]) / n for soc in middle)
    high = money = 0.0
    for k in range(1, n + 1):
        charging = [max(0.0, r) for r in rate[:k]]
        counted = [r for r in charging if r > 0.01]
        total, steps = part * sum(map(abs, rate[:k])), part * k
        seen = sum(middle[:k]) / k, kelvin, *heats, max(marks[: k + 1]) - min(marks[: k + 1])
        c_rate = law.cycle_rate_c(part * sum(counted), part * len(counted), total, steps)
        c_money = law.money_rate_c(part * sum(r * r for r in charging), part * sum(charging), total, steps)
        high = max(high, 0.25 * total * law.cycle_growth(*seen, c_rate))
        money = max(money, 0.25 * total * law.cycle_growth(*seen, c_money))
    return law.calendar_loss_increase(y[0], calendar), law.cycle_loss_increase(y[1], high), money


def random_day(seed: int) -> list[float]:
    """Marks of the state of charge of a day: rest, driving, charging and V2G at random."""
    random = Random(seed)
    soc, marks = 0.6, [0.6]
    for _ in range(48):
        soc = min(0.95, max(0.1, soc + random.choice((0.0, 0.0, -0.05, 0.05, -0.02, 0.03))))
        marks.append(soc)
    return marks


@all_cells
@pytest.mark.parametrize("seed", range(5))
def test_a_day_in_steps_half_as_long_wears_the_same(cell, seed):
    law, coarse = LAWS[cell], random_day(seed)
    fine = [coarse[0]]
    for a, b in pairwise(coarse):
        fine += [0.5 * (a + b), b]
    y = 1000.0 * calendar_growth(law, 0.5, 298.15), law.cycle_age(0.05)
    whole, parts = (day_wear(law, marks, 298.15, y) for marks in (coarse, fine))
    assert sum(parts[:2]) == pytest.approx(sum(whole[:2]), rel=1e-3)
    assert parts[2] == pytest.approx(whole[2], rel=1e-3)
    assert whole[1] > 0.0


@all_cells
def test_at_rest_there_is_calendar_wear_alone(cell):
    law = LAWS[cell]
    calendar, cycle, money = day_wear(law, [0.6] * 49, 298.15, (1e-6, 1e-6))
    assert cycle == money == 0.0
    assert calendar == pytest.approx(law.calendar_loss_increase(1e-6, calendar_growth(law, 0.6, 298.15)), rel=1e-9)


@all_cells
@pytest.mark.parametrize("seed", range(5))
def test_more_throughput_or_depth_never_wears_less(cell, seed):
    # The same day with every movement around its mean wider by a tenth: more energy, deeper, faster.
    law, day = LAWS[cell], random_day(seed)
    mean = sum(day) / len(day)
    y = 1000.0 * calendar_growth(law, 0.5, 298.15), law.cycle_age(0.05)
    base, more = (day_wear(law, [mean + f * (m - mean) for m in day], 298.15, y) for f in (0.8, 0.9))
    assert more[1] > base[1]
    assert more[2] > base[2]


@all_cells
@pytest.mark.parametrize("seed", range(5))
def test_a_hotter_day_of_driving_never_wears_less(cell, seed):
    # Calendar and cycle wear together, after a year, from 25 degC up. Below, two published laws wear more in the cold
    # (``test_cycling_in_the_cold_wears_more_where_the_tests_say_so``); the reference curves hold them to it.
    law, day = LAWS[cell], random_day(seed)
    y = 365.0 * calendar_growth(law, 0.5, 288.15), 0.1 * law.cycle_age(0.05)
    kelvin = [298.15 + k for k in range(0, 21, 2)]
    assert all(b >= a for a, b in pairwise(sum(day_wear(law, day, k, y)[:2]) for k in kelvin))
    cold = [sum(day_wear(law, day, k, y)[:2]) for k in (283.15, 298.15)]
    assert cold[1] > cold[0] or cell in ("denso_nmc622", "lfp_250ah")


@all_cells
def test_a_step_in_two_halves_wears_the_same(cell):
    # From 49 to 51 % in one half hour, or in two quarters of an hour: mid-step charge 50 %, or 49.5 and 50.5 %.
    law = LAWS[cell]
    y = 3650.0 * calendar_growth(law, 0.5, 298.15)
    whole = law.calendar_loss_increase(y, calendar_growth(law, 0.5, 298.15) / 48.0)
    fine = law.calendar_loss_increase(y, calendar_growth(law, 0.495, 298.15) / 96.0)
    fine += law.calendar_loss_increase(y, calendar_growth(law, 0.505, 298.15) / 96.0)
    assert fine == pytest.approx(whole, rel=1e-3)


@all_cells
def test_the_open_window_never_shrinks_its_rate(cell):
    # A half hour of rest, or of charging at the same rate as before, after four that charged at 0.1 C.
    law = LAWS[cell]
    busy = law.money_rate_c(0.04, 0.4, 0.4, 4.0)
    idle = law.money_rate_c(0.04, 0.4, 0.4, 5.0)
    trickle = law.money_rate_c(0.04 + 1e-4, 0.4 + 1e-2, 0.41, 5.0)
    assert idle == busy
    assert trickle >= 0.95 * busy
    assert law.cycle_loss(1e-4) > sqrt(1e-10)


@pytest.mark.parametrize("exponent", [0.46, 0.5, 0.828, 1.08])
def test_next_to_nothing_before_is_nothing(exponent):
    # An age of 1e-313 years must not divide anything.
    for before in (0.0, 5e-324, 1e-313, 1e-200):
        assert power_increase(before, 1e-3, exponent) == pytest.approx(1e-3**exponent, rel=1e-12)
    # Where the two forms meet they agree.
    assert power_increase(1.01e-33, 1e-3, exponent) == pytest.approx(1e-3**exponent, rel=1e-9)
    assert power_increase(0.0, 0.0, exponent) == 0.0
