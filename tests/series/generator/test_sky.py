"""Sun without clouds."""

import numpy as np
import pytest

from wattbit.series.generator.sky import clear_share
from wattbit.series.set import AREAS


@pytest.fixture(scope="module")
def year():
    """Cloudless output at 15 degC, (365, 48, 9)."""
    day, hour = np.repeat(np.arange(365.0), 48), np.tile((np.arange(48) + 0.5) / 2.0, 365)
    return clear_share(day, hour, np.full((365 * 48, 9), 15.0)).reshape(365, 48, 9)


def test_the_year_peaks_at_one_and_nights_are_dark(year):
    np.testing.assert_allclose(year.max(axis=(0, 1)), 1.0)
    assert year[:, :8].max() == 0.0  # before 4 h
    assert year[:, 40:].max() == 0.0  # after 20 h


def test_the_east_sees_the_sun_first(year):
    daylight = year[:, :, :] > 0.0
    sunrise = daylight.argmax(axis=1).mean(axis=0)
    assert sunrise[AREAS.index("kyushu")] - sunrise[AREAS.index("tokyo")] == pytest.approx(9.2 / 7.5, abs=0.35)


def test_winter_days_are_short_most_of_all_in_the_north(year):
    daily = year.sum(axis=1)
    share = daily[355] / daily[172]
    assert (share < 0.65).all()
    assert share[AREAS.index("hokkaido")] == share.min()


def test_heat_costs_four_per_mille_per_kelvin():
    noon = (np.array([172.0]), np.array([11.75]))
    cool, hot = clear_share(*noon, np.full((1, 9), 15.0)), clear_share(*noon, np.full((1, 9), 35.0))
    np.testing.assert_allclose(hot / cool, 0.92)
