"""False reports change what is seen and nothing that is."""

import numpy as np
import pytest

from wattbit.world import state as s

KEPT = (s.SITE_BEFORE_MW, s.FLEET_BEFORE_MW, s.STORAGE_BEFORE_MW)
"""Written only where there are incidents at all."""


@pytest.mark.parametrize(
    ("incident", "mark", "false"),
    [
        (
            {"kind": "false-telemetry", "size": -0.3},
            s.TELEMETRY_BIAS,
            {"fleet_energy_mwh", "fleet_need_mwh", "fleet_power_min_mw", "fleet_power_max_mw"},
        ),
        ({"kind": "price-spoof", "size": -25}, s.PRICE_BIAS, {"spot_price_jpy_per_mwh"}),
    ],
)
def test_a_false_report_changes_what_is_seen_and_nothing_that_is(make, incident, mark, false):
    false_one = make({"start_hour": 10, "hours": 20, **incident})
    true_one = make()
    rng = np.random.default_rng(5)
    seen = set()
    for step in range(96):
        active = 20 <= step < 60
        differ = false_one.differing(true_one)
        assert differ <= false if active else not differ
        seen |= differ
        np.testing.assert_array_equal(
            false_one.world.vehicle[:, :, : s.HELD_KW], true_one.world.vehicle[:, :, : s.HELD_KW]
        )
        np.testing.assert_array_equal(false_one.world.queue, true_one.world.queue)
        for field in range(s.N_AREA):
            if field not in (mark, *KEPT):
                np.testing.assert_array_equal(false_one.world.area[..., field], true_one.world.area[..., field])
        if active and mark == s.TELEMETRY_BIAS:
            for name in false:
                shown = false_one.layout.get(false_one.observation, name)
                np.testing.assert_allclose(shown, 0.7 * true_one.layout.get(true_one.observation, name), rtol=1e-6)
        if active and mark == s.PRICE_BIAS:
            shown, known = (b.layout.get(b.observation, "spot_price_jpy_per_mwh") for b in (false_one, true_one))
            np.testing.assert_allclose(shown, known - 25_000.0, rtol=1e-5)
        action = rng.uniform(-1.0, 1.0, 3 * s.N_CONTROL).astype(np.float32)
        for one in (false_one, true_one):
            one.step_single(action)
        np.testing.assert_array_equal(false_one.outcome, true_one.outcome)
        np.testing.assert_array_equal(false_one.ledger, true_one.ledger)
    assert seen == false
