"""Who offers a car, and when trust comes back."""

from math import exp

import pytest

from wattbit.physics.participation import participation_share, trust_after

ORDINARY = (1000.0, 12.0, 0.6, 0.0, 1.0)
"""Wear [JPY a month], hours on the stand, guaranteed state of charge, missed trips, trust."""


def test_a_fifth_to_a_third_join_for_two_to_three_thousand_yen():
    # -1.3 + 1.5 - 0.375 - 0.4 - 0.8 = -1.375: 1 / (1 + e^1.375) = 0.2018; at 3,000 JPY -0.625: 0.3486 (assumptions).
    assert participation_share(2000.0, *ORDINARY) == pytest.approx(0.2018, abs=5e-5)
    assert participation_share(3000.0, *ORDINARY) == pytest.approx(0.3486, abs=5e-5)
    assert 0.20 <= participation_share(2000.0, *ORDINARY) < participation_share(3000.0, *ORDINARY) <= 0.35


def test_few_join_without_pay():
    assert participation_share(0.0, *ORDINARY) < 0.06


@pytest.mark.parametrize(
    "worse",
    [
        (3000.0, 12.0, 0.6, 0.0, 1.0),
        (1000.0, 16.0, 0.6, 0.0, 1.0),
        (1000.0, 12.0, 0.4, 0.0, 1.0),
        (1000.0, 12.0, 0.6, 1.0, 1.0),
        (1000.0, 12.0, 0.6, 0.0, 0.5),
    ],
    ids=["wear", "hours", "guarantee", "missed trip", "trust"],
)
def test_every_burden_keeps_owners_away(worse):
    assert participation_share(2500.0, *worse) < participation_share(2500.0, *ORDINARY)


def test_the_first_eight_hours_on_the_stand_cost_nothing():
    assert participation_share(2500.0, 1000.0, 8.0, 0.6, 0.0, 1.0) == participation_share(
        2500.0, 1000.0, 2.0, 0.6, 0.0, 1.0
    )


def test_trust_comes_back():
    assert trust_after(0.0) == 0.0
    assert trust_after(90.0) == pytest.approx(1.0 - exp(-1.0))
    assert trust_after(1e6) == 1.0
