"""Named random streams and correlated noise."""

import numpy as np
import pytest

from wattbit.series.generator.noise import ar1, daily_to_steps, filtered, rng, spatial_root


def test_a_stream_depends_on_its_name_year_and_seed_and_nothing_else():
    first = rng(1, "wind", seed=2).standard_normal(4)
    rng(1, "sun", seed=2).standard_normal(1000)
    assert np.array_equal(first, rng(1, "wind", seed=2).standard_normal(4))
    for other in (rng(2, "wind", seed=2), rng(1, "sun", seed=2), rng(1, "wind", seed=3)):
        assert not np.array_equal(first, other.standard_normal(4))


def test_streams_are_counter_based():
    assert isinstance(rng(0, "wind").bit_generator, np.random.Philox)


def test_filter_equals_the_plain_recursion():
    shocks = np.random.Generator(np.random.Philox(5)).standard_normal((250, 3))
    expected, last = np.empty_like(shocks), np.array([1.0, 2.0, 3.0])
    for t, shock in enumerate(shocks):
        last = expected[t] = 0.9 * last + shock
    np.testing.assert_allclose(filtered(shocks, 0.9, [1.0, 2.0, 3.0]), expected, atol=1e-12)


def test_ar1_has_unit_variance_its_memory_and_its_correlation():
    root = spatial_root(900.0)
    noise = ar1(rng(0, "test"), 100_000, 0.6, root)
    np.testing.assert_allclose(noise.std(axis=0), 1.0, atol=0.02)
    assert np.corrcoef(noise[:-1, 3], noise[1:, 3])[0, 1] == pytest.approx(0.6, abs=0.01)
    np.testing.assert_allclose(np.corrcoef(noise.T), root @ root.T, atol=0.02)


def test_daily_values_are_met_at_noon_and_straight_in_between():
    steps = daily_to_steps(np.array([[0.0], [48.0], [0.0]]))[:, 0]
    assert steps.shape == (144,)
    assert steps[24] == 0.0
    assert steps[72] == 48.0
    np.testing.assert_allclose(np.diff(steps[24:73]), 1.0)
