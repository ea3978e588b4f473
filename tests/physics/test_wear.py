"""Battery wear: closed form and spot values of the DENSO NMC622 cell."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattbit.physics.wear import arrhenius, calendar_rate, cell_temperature_k, cycle_rate, loss_increase


def calendar(soc: float, kelvin: float) -> float:
    return calendar_rate(soc, kelvin, arrhenius(kelvin, 37000.0))


def cycle(mean_soc: float, kelvin: float, depth: float, c_rate: float) -> float:
    rates = arrhenius(kelvin, -58000.0), arrhenius(kelvin, -13000.0)
    return cycle_rate(calendar(mean_soc, kelvin), mean_soc, depth, c_rate, *rates)


def test_ten_years_at_25_degrees_and_half_charge():
    # q = k sqrt(t): 1.36651e-3 * sqrt(3650) = 0.082558
    k = calendar(0.5, 298.15)
    assert k * sqrt(3650.0) == pytest.approx(0.082558, abs=1e-6)
    y = 0.0
    q = 0.0
    for _ in range(3650):
        q += loss_increase(y, k * k)
        y += k * k
    assert q == pytest.approx(0.082558, abs=1e-6)


@pytest.mark.parametrize(("kelvin", "printed"), [(283.15, 6.3356e-4), (298.15, 1.36651e-3), (308.15, 2.18509e-3)])
def test_calendar_rate_has_the_printed_values(kelvin, printed):
    assert calendar(0.5, kelvin) == pytest.approx(printed, rel=1e-5)


def test_cycle_rate_has_the_printed_value():
    assert cycle(0.6, 298.15, 0.4, 0.1) == pytest.approx(1.74025e-3, rel=1e-5)


def test_a_parked_cell_is_heated_to_ten_degrees():
    assert cell_temperature_k(-12.0) == pytest.approx(283.15)
    assert cell_temperature_k(31.0) == pytest.approx(304.15)


def test_the_first_loss_of_a_new_cell_is_finite():
    assert loss_increase(0.0, 0.0) == 0.0
    assert loss_increase(0.0, 4e-6) == pytest.approx(2e-3)


@given(y=st.floats(0, 0.01), a=st.floats(1e-9, 1e-4), b=st.floats(1e-9, 1e-4))
def test_wear_in_two_parts_is_wear_in_one(y, a, b):
    assert loss_increase(y, a) + loss_increase(y + a, b) == pytest.approx(loss_increase(y, a + b), rel=1e-9)


@given(soc=st.floats(0.05, 0.9), kelvin=st.floats(283.15, 318), depth=st.floats(0.05, 0.9), rate=st.floats(0.01, 0.3))
def test_deeper_and_faster_never_wear_less(soc, kelvin, depth, rate):
    base = cycle(soc, kelvin, depth, rate)
    assert cycle(soc, kelvin, depth + 0.05, rate) >= base >= 0.0
    assert cycle(soc, kelvin, depth, rate + 0.01) >= base


@given(soc=st.floats(0.05, 1.0), kelvin=st.floats(283.15, 318))
def test_hotter_always_ages_faster_at_rest(soc, kelvin):
    assert calendar(soc, kelvin + 1.0) > calendar(soc, kelvin) > 0.0
