"""When incidents happen: fixed, drawn, by chance, and the same whatever is done."""

import numpy as np
import pytest
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit.world.batch import Batch

TOKYO = 1


def active_steps(batch, field: int = s.SITE_UP, area: int = TOKYO) -> NDArray[np.bool_]:
    """Half hours of one episode in which a field differs from 1, per world."""
    rows = []
    for _ in range(batch.config.episode.steps):
        rows.append(batch.world.area[:, area, field] < 1.0)
        batch.step(np.tile(batch.controls(), (batch.n, 1)))
    return np.array(rows)


def test_a_fixed_incident_lasts_from_its_start_for_its_hours(make):
    out = active_steps(make({"kind": "dc-outage", "area": "tokyo", "start_hour": 7.5, "hours": 3.5}))[:, 0]
    np.testing.assert_array_equal(np.flatnonzero(out), np.arange(15, 22))


def test_a_drawn_incident_lies_in_the_episode_and_differs_by_seed_and_week(make):
    out = active_steps(make({"kind": "dc-outage", "area": "tokyo", "hours": 6}, n=200))
    assert (out.sum(axis=0) == 12).all()
    starts = out.argmax(axis=0)
    assert starts.min() >= 0
    assert starts.max() <= 84
    # Uniform over 85 starts: mean 42, standard error 24.5 / sqrt(200) = 1.7.
    assert starts.mean() == pytest.approx(42.0, abs=6.0)
    one = make({"kind": "dc-outage", "area": "tokyo", "hours": 6})
    weeks = []
    for week in (0, 1, 2, 0):
        one.reset(seed=4, week=week)
        weeks.append(int(active_steps(one)[:, 0].argmax()))
    assert weeks[0] == weeks[3]
    assert len(set(weeks)) > 1


def test_chance_is_the_share_of_episodes(make):
    out = active_steps(make({"kind": "dc-outage", "area": "tokyo", "hours": 6, "chance": 0.3}, n=400))
    # Standard error sqrt(0.21 / 400) = 0.023.
    assert out.any(axis=0).mean() == pytest.approx(0.3, abs=0.08)
    assert not active_steps(make({"kind": "dc-outage", "area": "tokyo", "chance": 0.0}, n=20)).any()


def test_nothing_happens_before_the_scored_part_of_a_training_episode(make, scenario):
    incident = {"kind": "dc-outage", "area": "tokyo", "start_hour": 0, "hours": 1}
    config = scenario("japan3", incidents=[incident], episode={"steps": 48, "warm_up_steps": 48})
    batch = Batch(config, 1, "training", "train", "float64")
    batch.reset(seed=4)
    calm = Batch(scenario("japan3", episode={"steps": 48, "warm_up_steps": 48}), 1, "training", "train", "float64")
    calm.reset(seed=4)
    # The warm-up left the same queues; the first scored half hour shows the outage.
    np.testing.assert_array_equal(batch.world.queue, calm.world.queue)
    assert batch.world.clock[0, s.STEP] == 0
    assert batch.world.area[0, TOKYO, s.SITE_UP] == 0.0
    assert batch.world.area[0, TOKYO, s.CAPACITY_MW] == 0.0


ALL_KINDS = [
    {"kind": "area-outage", "area": "tokyo", "hours": 3},
    {"kind": "dc-outage", "area": "kyushu", "hours": 5, "size": 0.5},
    {"kind": "link-cut", "area": "tokyo", "hours": 4},
    {"kind": "interconnector-trip", "area": "hokkaido", "hours": 4},
    {"kind": "hijack-discharge", "hours": 2, "size": 0.3, "chance": 0.7},
    {"kind": "hijack-charge", "area": "tokyo", "hours": 2},
    {"kind": "hijack-oscillate", "area": "kyushu", "hours": 3, "size": 0.5},
    {"kind": "false-telemetry", "hours": 8, "size": -0.3},
    {"kind": "lost-link", "area": "kyushu", "hours": 5, "size": 0.6},
    {"kind": "price-spoof", "hours": 6},
]


def test_every_row_of_a_batch_is_the_single_world_of_its_seed(make):
    rng = np.random.default_rng(0)
    acts = rng.uniform(-1.0, 1.0, (130, 3, 3 * s.N_CONTROL)).astype(np.float32)
    guard = {"change_cap": True, "ramp_limit": True, "frequency_override": True}
    together = make(*ALL_KINDS, n=3, mitigation=guard)
    rows = []
    for action in acts:
        together.step(action)
        rows.append((together.observation.copy(), together.outcome.copy(), together.ledger.copy()))
    for i in range(3):
        alone = make(*ALL_KINDS, mitigation=guard)
        alone.reset(seed=4 + i)
        for action, (observation, outcome, ledger) in zip(acts, rows, strict=True):
            alone.step(action[i : i + 1])
            np.testing.assert_array_equal(alone.observation[0], observation[i])
            np.testing.assert_array_equal(alone.outcome[0], outcome[i])
            np.testing.assert_array_equal(alone.ledger[0], ledger[i])


def test_nothing_about_incidents_depends_on_actions(make):
    fields = [s.SITE_UP, s.FLEET_UP, s.ALARM, s.POWER_UP, s.LINK_LOST, s.HIJACK_SHARE, s.HIJACK_MODE]
    fields += [s.TELEMETRY_BIAS, s.PRICE_BIAS, s.PRICE_RISE]
    seen = []
    for seed in (1, 2):
        batch = make(*ALL_KINDS)
        rng = np.random.default_rng(seed)
        rows = []
        for _ in range(96):
            rows.append(batch.world.area[0][:, fields].copy())
            batch.step_single(rng.uniform(-1.0, 1.0, 3 * s.N_CONTROL).astype(np.float32))
        seen.append(np.array(rows))
    np.testing.assert_array_equal(*seen)
    assert (np.ptp(seen[0], axis=(0, 1)) > 0.0).sum() >= 9
