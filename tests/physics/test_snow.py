"""The snow store against the figures of the City of Bibai."""

import pytest

from wattbit.physics.snow import idle_melt_t, mass_on_day_t, melted_t_per_mwh, snow_cooling_mw

HOURS_ABOVE_15_C = 2_567.0
"""April to October in Bibai (V)."""


def test_melt_water_of_a_megawatt():
    # (334 + 4.19 * 3) kJ/kg = 346.57 kJ/kg: 3,600 MJ / 346.57 kJ/kg = 10.387 t; 24 MWh melt 249.3 t (V: 250 t a day).
    assert melted_t_per_mwh() == pytest.approx(10.3876, abs=1e-3)
    assert 24.0 * melted_t_per_mwh() == pytest.approx(250.0, rel=0.005)


def test_fifty_thousand_tonnes_serve_a_megawatt_for_a_summer():
    # V: 50,000 t for 1,000 kW over a summer of 2,567 hours above 15 degC, the rest melts unused.
    left, used = 50_000.0, 0.0
    for day in range(214):
        hours = HOURS_ABOVE_15_C / 214.0
        melted = hours * snow_cooling_mw(1.0, left, hours) * melted_t_per_mwh()
        used += melted
        left -= melted
        left -= idle_melt_t(left, 0.003, 24.0)
        assert left >= 0.0, day
    # 2.57 of 4.81 GWh: 53 % of the pile is useful (D); with 0.3 % a day a seventh of it is still there in November.
    assert used / 50_000.0 == pytest.approx(0.53, abs=0.01)
    assert left == pytest.approx(0.13 * 50_000.0, rel=0.03)


@pytest.mark.parametrize("loss", [0.002, 0.003, 0.004])
def test_a_summer_without_cooling_loses_what_it_should(loss):
    left = 1000.0
    for _ in range(214):
        left -= idle_melt_t(left, loss, 24.0)
    assert left == pytest.approx(1000.0 * (1.0 - loss) ** 214)


def test_the_store_gives_no_more_than_it_holds():
    assert snow_cooling_mw(5.0, 1e6, 0.5) == 5.0
    assert snow_cooling_mw(5.0, melted_t_per_mwh(), 0.5) == pytest.approx(2.0)
    assert snow_cooling_mw(5.0, 0.0, 0.5) == 0.0


def test_the_season():
    assert mass_on_day_t(100.0, 90.0) == 100.0
    assert mass_on_day_t(100.0, 303.0) == 0.0
    assert mass_on_day_t(100.0, 196.5) == pytest.approx(50.0)
    assert mass_on_day_t(100.0, 320.0) == 0.0
    assert mass_on_day_t(100.0, 0.0) == pytest.approx(100.0 * 31.0 / 121.0)
    values = [mass_on_day_t(1.0, day) for day in range(366)]
    assert all(0.0 <= value <= 1.0 for value in values)
