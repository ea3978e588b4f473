"""Used packs: value, class, and the worth of a measurement against numerical integration."""

import numpy as np
import pytest

from wattbit.physics.second_life import (
    expected_gain_jpy,
    measurement_value_jpy,
    pack_grade,
    purchase_loss_jpy,
    second_life_value_jpy,
)


def test_value_by_income():
    # 42 kWh, 60,000 JPY a year for 8 years at 6 %: annuity (1 - 1.06^-8) / 0.06 = 6.20979, so 372,588, less repacking
    # 6,500 * 42 = 273,000: 99,588 JPY.
    assert second_life_value_jpy(42.0, 14_850.0, 60_000.0, 8.0, 0.06, 6_500.0) == pytest.approx(99_588.0, abs=1.0)
    # Without interest 480,000 - 273,000.
    assert second_life_value_jpy(42.0, 14_850.0, 60_000.0, 8.0, 0.0, 6_500.0) == pytest.approx(207_000.0)


def test_value_is_capped_by_a_refurbished_pack_and_never_negative():
    # 0.46 = 12,500 / 27,000 JPY/kWh of 2018 (D): 0.46 * 14,850 * 42 = 286,902 JPY.
    assert second_life_value_jpy(42.0, 14_850.0, 200_000.0, 8.0, 0.06, 6_500.0) == pytest.approx(286_902.0)
    assert second_life_value_jpy(42.0, 14_850.0, 20_000.0, 8.0, 0.06, 6_500.0) == 0.0


@pytest.mark.parametrize(
    ("soh", "grade"), [(0.9, "A"), (0.75, "A"), (0.7, "B"), (0.65, "B"), (0.6, "C"), (0.5, "C"), (0.49, "scrap")]
)
def test_classes(soh, grade):
    assert pack_grade(soh) == grade


def test_expected_gain_against_numerical_integration():
    z, weight = np.polynomial.legendre.leggauss(400)
    x = 2_000.0 + 30_000.0 * (8.0 + 2_000.0 / 30_000.0) * 0.5 * (z + 1.0) - 2_000.0  # from 0 to the mean + 8 sd
    width = 30_000.0 * (8.0 + 2_000.0 / 30_000.0) * 0.5
    density = np.exp(-0.5 * ((x - 2_000.0) / 30_000.0) ** 2) / (30_000.0 * np.sqrt(2.0 * np.pi))
    assert expected_gain_jpy(2_000.0, 30_000.0) == pytest.approx(float(np.sum(weight * width * x * density)), rel=1e-9)
    assert expected_gain_jpy(-5.0, 0.0) == 0.0
    assert expected_gain_jpy(5.0, 0.0) == 5.0


def test_loss_and_value_of_a_measurement_by_hand():
    # Mean margin 0, 1 M JPY per unit of health, spread 0.05: who knows gains 50,000 / sqrt(2 pi) = 19,947 JPY a pack.
    # With an error of 0.025 the estimate varies by 0.05 / sqrt(1.25) = 0.04472: 17,841, a loss of 2,106.
    assert purchase_loss_jpy(0.0, 1e6, 0.05, 0.025) == pytest.approx(2_106.0, abs=1.0)
    assert measurement_value_jpy(0.0, 1e6, 0.05, 0.025) == pytest.approx(17_841.0, abs=1.0)
    assert measurement_value_jpy(0.0, 1e6, 0.05, 0.0) == pytest.approx(19_947.0, abs=1.0)


@pytest.mark.parametrize("margin_jpy", [-20_000.0, 0.0, 30_000.0])
def test_a_better_measurement_is_worth_more_and_never_less_than_nothing(margin_jpy):
    values = [measurement_value_jpy(margin_jpy, 1e6, 0.05, error) for error in (0.0, 0.02, 0.03, 0.1, 1e6)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(0.0, abs=1e-3)
    assert purchase_loss_jpy(margin_jpy, 1e6, 0.0, 0.03) == 0.0


def test_the_buyer_of_the_formula_against_buyers_drawn():
    random = np.random.default_rng(5)
    health = random.normal(0.0, 0.05, 400_000)
    measured = health + random.normal(0.0, 0.03, health.size)
    trusted = 0.05**2 / (0.05**2 + 0.03**2) * measured
    margin = 10_000.0 + 1e6 * health
    loss = np.maximum(0.0, margin) - np.where(10_000.0 + 1e6 * trusted > 0.0, margin, 0.0)
    assert purchase_loss_jpy(10_000.0, 1e6, 0.05, 0.03) == pytest.approx(loss.mean(), abs=4.0 * loss.std() / 632.0)
