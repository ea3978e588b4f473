"""Statistics on matrices small enough to work out by hand."""

import numpy as np
import pytest

from wattbit_agents.stats import paired_difference, probability_of_improvement


def test_equal_differences_have_no_width():
    interval = paired_difference(np.array([[1.0, 5.0], [2.0, 6.0]]), np.array([[3.0, 7.0], [4.0, 8.0]]), _rng())
    assert (interval.mean, interval.low, interval.high) == (-2.0, -2.0, -2.0)


def test_two_weeks_resample_to_three_values_with_known_shares():
    # Differences 0 and 2: resampled means are 0 (a quarter), 1 (a half) and 2 (a quarter).
    interval = paired_difference(np.array([[0.0, 2.0]]), np.zeros((1, 2)), _rng(), level=0.40)
    assert (interval.mean, interval.low, interval.high) == (1.0, 1.0, 1.0)
    wide = paired_difference(np.array([[0.0, 2.0]]), np.zeros((1, 2)), _rng(), level=0.95)
    assert (wide.low, wide.high) == (0.0, 2.0)


def test_seeds_of_a_week_are_no_independent_evidence():
    difference = np.array([[0.0, 1.0, 2.0, 3.0]])
    one = paired_difference(difference, np.zeros((1, 4)), _rng())
    many = paired_difference(np.repeat(difference, 50, axis=0), np.zeros((50, 4)), _rng())
    assert (many.low, many.high) == pytest.approx((one.low, one.high))


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(300):
        sample = rng.normal(1.0, 2.0, (1, 40))
        interval = paired_difference(sample, np.zeros((1, 40)), rng, n_boot=400)
        hits += interval.low <= 1.0 <= interval.high
    assert 0.89 <= hits / 300 <= 0.99


def test_the_interval_repeats_with_its_seed():
    scores = np.random.default_rng(0).normal(size=(2, 13))
    assert paired_difference(scores, 0 * scores, _rng()) == paired_difference(scores, 0 * scores, _rng())


def test_different_or_empty_shapes_are_refused():
    with pytest.raises(ValueError, match="must be the same"):
        paired_difference(np.zeros((1, 3)), np.zeros((1, 4)), _rng())
    with pytest.raises(ValueError, match="must be the same"):
        paired_difference(np.zeros((1, 0)), np.zeros((1, 0)), _rng())


def test_probability_of_improvement_counts_ties_half():
    assert probability_of_improvement(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 2.0, 2.0]])) == 0.5
    assert probability_of_improvement(np.array([[1.0, 3.0, 3.0]]), np.array([[2.0, 2.0, 2.0]])) == pytest.approx(1 / 3)


def _rng():
    return np.random.default_rng(1)
