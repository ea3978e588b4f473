"""The snow store against the figures of the City of Bibai."""

from math import exp

import numpy as np
import pytest

from wattbit.physics.snow import idle_melt_t, mass_on_day_t, melted_t_per_mwh, snow_cooling_mw
from wattbit.series.climate import normal_temperature

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


DAY = np.arange(90 * 48, 304 * 48) / 48.0
"""Half hours from 1 April to 31 October."""

# Sapporo's climate less 1.25 K has Bibai's hours above 15 degC; 1 MW of cooling in each of them.
NEED_MW = np.where(normal_temperature(DAY, 24.0 * (DAY % 1.0), ["hokkaido"])[:, 0] - 1.25 > 15.0, 1.0, 0.0)


def summer(pile_t: float, loss_per_day: float) -> tuple[np.ndarray, float, float, float]:
    """Mass after every half hour, cooling served [MWh], snow melted for it and unused [t]."""
    left, served, used, idle, path = pile_t, 0.0, 0.0, 0.0, []
    for need in NEED_MW.tolist():
        cooling = snow_cooling_mw(need, left, 0.5)
        melted = 0.5 * cooling * melted_t_per_mwh()
        lost = idle_melt_t(left - melted, loss_per_day, 0.5)
        left = max(0.0, left - melted - lost)
        served, used, idle = served + 0.5 * cooling, used + melted, idle + lost
        path.append(left)
    return np.array(path), served, used, idle


def smallest_pile_t(loss_per_day: float) -> float:
    """Snow on 1 April that just lasts."""
    low, high = 10_000.0, 200_000.0
    while high - low > 50.0:
        middle = 0.5 * (low + high)
        if summer(middle, loss_per_day)[1] < 0.5 * NEED_MW.sum() - 1e-6:
            low = middle
        else:
            high = middle
    return high


def test_the_need_is_that_of_bibai():
    assert 0.5 * NEED_MW.sum() == pytest.approx(HOURS_ABOVE_15_C, rel=0.005)


@pytest.mark.parametrize(("pile_t", "lasts"), [(20_000.0, False), (50_000.0, True)])
def test_the_energy_of_a_summer_of_weather_closes(pile_t, lasts):
    path, served, used, idle = summer(pile_t, 0.003)
    assert served == pytest.approx(used / melted_t_per_mwh(), rel=1e-12)
    assert pile_t == pytest.approx(path[-1] + used + idle, rel=1e-12)
    assert path.min() >= 0.0
    assert bool(served == pytest.approx(0.5 * NEED_MW.sum(), rel=1e-12)) is lasts
    assert bool(path[-1] < 1e-6) is not lasts


def test_half_of_the_snow_brought_in_is_used():
    # 50,000 t for 1 MW (V), 53 % of it used, daily loss 0.002-0.004 (D). The three agree when the loss counts from the
    # days the snow comes in, evenly in the 121 days to 1 April: a loss between 0.003 and 0.004. Counted from 1 April
    # alone, 53 % would take 0.005.
    used_t = 0.5 * NEED_MW.sum() * melted_t_per_mwh()
    piles = {loss: smallest_pile_t(loss) for loss in (0.003, 0.004, 0.005)}
    brought_t = {loss: pile * 121.0 * loss / (1.0 - exp(-121.0 * loss)) for loss, pile in piles.items()}
    assert brought_t[0.003] < 50_000.0 < brought_t[0.004]
    assert used_t / brought_t[0.004] < 0.53 < used_t / brought_t[0.003]
    assert used_t / piles[0.004] > 0.53
    assert used_t / piles[0.005] == pytest.approx(0.53, abs=0.01)


@pytest.mark.parametrize("loss_per_day", [0.002, 0.003, 0.004])
def test_the_plan_follows_a_summer_of_weather(loss_per_day):
    pile = smallest_pile_t(loss_per_day)
    path = summer(pile, loss_per_day)[0] / pile
    plan = np.array([mass_on_day_t(1.0, day) for day in (DAY + 1.0 / 48.0).tolist()])
    assert np.abs(plan - path).max() < 0.08
    assert np.abs((304.0 - DAY) / 214.0 - path).max() > 0.12  # a straight line does not
