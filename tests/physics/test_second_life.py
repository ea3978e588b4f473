"""Used packs: value and class."""

import pytest

from wattbit.physics.second_life import pack_grade, second_life_value_jpy


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
