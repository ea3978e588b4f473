"""The rule that leaves dark areas, and what dispersion is worth under the same events."""

import numpy as np
import pytest

from benchmarks.incidents import concentrated, leave_dark, play
from wattbit.scenarios import load_scenario
from wattbit.world import state as s

NEAREST = np.array([[0, 1, 2], [1, 0, 2], [2, 1, 0]])


def test_hosting_leaves_what_is_dark():
    control = np.full((3, 3, s.N_CONTROL), 0.5, np.float32)
    out = np.array([[False, True, False], [False, False, False], [True, True, True]])
    leave_dark(control, out, NEAREST)
    np.testing.assert_array_equal(control[0, :, s.A_INTERACTIVE], [1.0, -1.0, 1.0])
    np.testing.assert_array_equal(control[0, :, s.A_REALTIME], [1.0, -1.0, -1.0])
    assert (control[1:] == 0.5).all()
    assert (control[0][:, [s.A_BATCH, s.A_FLEET]] == 0.5).all()


def test_dispersion_keeps_critical_work_running_under_the_same_events():
    scenario = load_scenario("tokyo-outage")
    spread, single = play(scenario, "threshold", 2), play(concentrated(scenario, "tokyo"), "threshold", 2)
    np.testing.assert_array_equal(spread.dark, single.dark)
    assert (spread.dark.sum(axis=0) == 48).all()
    np.testing.assert_allclose(spread.critical_mw, single.critical_mw, rtol=1e-5)
    during = spread.dark
    assert spread.dropped_mw[during].sum() < 0.02 * spread.critical_mw[during].sum()
    assert single.dropped_mw[during].sum() == pytest.approx(single.critical_mw[during].sum(), rel=1e-5)
