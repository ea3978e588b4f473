"""Power of a data centre, worked on paper."""

import pytest

from wattbit.physics.datacentre import power_usage_effectiveness, site_power_mw, throttle_share


@pytest.mark.parametrize(
    ("temperature_c", "pue"),
    [
        # 10 degC, free cooling only: 1.08 + 1.03 * 0.06 = 1.1418
        (10.0, 1.1418),
        # 20 degC, half free, COP 5: 1.08 + 1.03 * (0.5 * 0.06 + 0.5 / 5) = 1.2139
        (20.0, 1.2139),
        # 30 degC, compressors only, COP 5 * 0.8 = 4: 1.08 + 1.03 / 4 = 1.3375
        (30.0, 1.3375),
    ],
)
def test_pue_at_three_temperatures(temperature_c, pue):
    assert power_usage_effectiveness(temperature_c) == pytest.approx(pue, abs=1e-12)


def test_pue_never_falls_with_heat():
    values = [power_usage_effectiveness(t) for t in range(-30, 60)]
    assert values == sorted(values)


def test_site_power_is_idle_plus_load_plus_tail():
    # PUE 1.2, 90 MW idle, 200 MW load, tail 2e-4: 1.2 * 290 + 2e-4 * 40,000 = 356 MW.
    assert site_power_mw(200.0, 1.2, 90.0, 2e-4) == pytest.approx(356.0)
    assert site_power_mw(0.0, 1.2, 90.0, 2e-4) == pytest.approx(108.0)


def test_site_power_is_convex_in_the_load():
    low, mid, high = (site_power_mw(x, 1.2, 90.0, 2e-4) for x in (100.0, 150.0, 200.0))
    assert high - mid > mid - low


@pytest.mark.parametrize(("temperature_c", "share"), [(20.0, 1.0), (33.0, 1.0), (38.0, 0.9), (60.0, 0.7)])
def test_heat_throttles_the_dynamic_load(temperature_c, share):
    assert throttle_share(temperature_c) == pytest.approx(share)
