"""Settlement minus spot: what is expected of it is its mean under its own law."""

import numpy as np
import pytest

from wattbit.series.generator.uncertainty import (
    DELTA_MEAN_JPY_PER_KWH,
    DELTA_MEMORY,
    drawn_deltas,
    expected_delta,
    settlement_delta,
    settlement_noise,
)


@pytest.mark.parametrize("ahead", [1, 4, 16])
@pytest.mark.parametrize("seen", [(0.0, 0.0), (1.5, -0.5), (-2.0, -1.0)])
def test_the_expected_delta_is_the_mean_of_what_may_come(ahead, seen):
    rng = np.random.default_rng(3)
    draws = rng.standard_normal((400_000, 2))
    kept = np.power(DELTA_MEMORY, ahead)
    drawn = expected_delta(kept * seen + np.sqrt(1.0 - kept**2) * draws, 0)
    error = drawn.std() / np.sqrt(len(drawn))
    assert float(expected_delta(np.array(seen), ahead)) == pytest.approx(drawn.mean(), abs=4.0 * error)


def test_long_ahead_nothing_is_left_but_the_mean():
    # The law's own mean, to what its constants are rounded to.
    assert float(expected_delta(np.array([3.0, -3.0]), 10_000)) == pytest.approx(DELTA_MEAN_JPY_PER_KWH, abs=1e-3)


def test_the_series_is_what_its_noise_says():
    noise = settlement_noise(3, 4800, seed=1)
    assert noise.shape == (4800, 2)
    assert np.array_equal(settlement_delta(3, 4800, seed=1)[:, 0], expected_delta(noise, 0))
    assert not np.allclose(noise, settlement_noise(3, 4800, seed=2))


def test_surprises_of_the_series_have_mean_zero():
    noise = settlement_noise(5, 17_472)
    for ahead in (1, 6):
        surprise = expected_delta(noise, 0)[ahead:] - expected_delta(noise[:-ahead], ahead)
        thinned = surprise[::ahead]
        assert abs(thinned.mean()) < 4.0 * thinned.std() / np.sqrt(len(thinned))


def test_drawn_courses_are_how_the_series_goes_on():
    """From what is expected and the shocks that come, without the noise that is seen."""
    seen = np.array([1.3, -0.4])
    shocks = np.random.default_rng(8).standard_normal((60, 2))
    noise, goes_on = seen, []
    for shock in shocks:
        noise = DELTA_MEMORY * noise + np.sqrt(1.0 - np.square(DELTA_MEMORY)) * shock
        goes_on.append(float(expected_delta(noise, 0)))
    expected = np.array([[float(expected_delta(seen, ahead))] for ahead in range(1, 61)])
    np.testing.assert_allclose(drawn_deltas(expected, shocks)[:, 0], goes_on, rtol=1e-9)
