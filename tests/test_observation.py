"""The observation: names, units, bounds and what stands in it."""

import numpy as np
import pytest

from wattbit.env import AggregatorEnv
from wattbit.observation import AREA_FIELDS, GLOBAL_FIELDS
from wattbit.vector import AggregatorVectorEnv
from wattbit.world import state as s


@pytest.fixture(scope="module")
def env(scenario) -> AggregatorEnv:
    env = AggregatorEnv(scenario("japan3"))
    env.reset(seed=3, options={"week": 20})
    return env


def test_the_layout_covers_the_vector_exactly_once(env):
    layout = env.observation_layout
    used = np.zeros(layout.size, int)
    for field in layout.fields:
        if field.per_area:
            for area in layout.areas:
                used[layout.positions(field.name, area)] += 1
        else:
            used[layout.positions(field.name)] += 1
    assert (used == 1).all()
    assert env.observation_space.shape == (layout.size,)
    assert sum(f.width for f in AREA_FIELDS) == s.N_OBSERVED
    assert len(GLOBAL_FIELDS) == s.N_GLOBAL


def test_names_are_unique_and_described(env):
    names = [field.name for field in env.observation_layout.fields]
    assert len(set(names)) == len(names)
    for field in env.observation_layout.fields:
        assert field.unit
        assert field.description
        assert field.low < field.high


def test_get_returns_physical_units(env):
    layout, world = env.observation_layout, env.batch.world
    observation, _ = env.reset(seed=3, options={"week": 20})
    row = int(world.clock[0, s.ROW])
    exog, area = world.exog[row], world.area[0]
    for name, want in (
        ("spot_price_jpy_per_mwh", exog[:, s.SPOT]),
        ("surplus_mw", exog[:, s.SURPLUS]),
        ("temperature_c", exog[:, s.TEMPERATURE]),
        ("carbon_marginal_kg_per_mwh", exog[:, s.CARBON_MARGINAL]),
        ("carbon_average_kg_per_mwh", exog[:, s.CARBON_AVERAGE]),
        ("supply_slope_jpy_per_mwh_per_mw", exog[:, s.SLOPE]),
        ("capacity_mw", area[:, s.CAPACITY_MW]),
        ("realtime_mw", area[:, s.REALTIME_MW]),
        ("batch_backlog_mwh", area[:, s.BATCH_MWH]),
        ("training_due_mwh", area[:, s.TRAINING_DUE_6H : s.TRAINING_DUE_48H + 1]),
        ("fleet_plugged_share", area[:, s.FLEET_PLUGGED]),
        ("fleet_energy_mwh", area[:, s.FLEET_MWH]),
        ("fleet_power_min_mw", area[:, s.FLEET_LOW_MW]),
        ("fleet_laxity_h", area[:, s.FLEET_LAXITY_H]),
        ("storage_energy_mwh", area[:, s.STORAGE_MWH]),
        ("soh_loss_percent", area[:, s.LOSS_PERCENT]),
        ("price_forecast_mean_jpy_per_mwh", 1e4 * world.forecast[0, row, :, :5]),
        ("surplus_forecast_mean_mw", 1e3 * world.forecast[0, row, :, 12:17]),
    ):
        np.testing.assert_allclose(layout.get(observation, name), want, rtol=2e-6, atol=1e-4, err_msg=name)
    assert layout.get(observation, "storage_energy_mwh") == pytest.approx([100.0, 100.0, 100.0])
    assert layout.get(observation, "hours_to_go") == pytest.approx(168.0)


def test_get_keeps_leading_axes(env):
    layout = env.observation_layout
    block = np.zeros((4, 2, layout.size), np.float32)
    assert layout.get(block, "time_of_day_sin").shape == (4, 2)
    assert layout.get(block, "surplus_mw").shape == (4, 2, 3)
    assert layout.get(block, "batch_due_mwh").shape == (4, 2, 3, 3)
    with pytest.raises(KeyError):
        layout.get(block, "surplus")
    with pytest.raises(KeyError, match="once per area"):
        layout.positions("surplus_mw")


def test_the_clock_turns_once_a_day_and_the_weekday_once_a_week(env):
    layout = env.observation_layout
    observation, _ = env.reset(seed=3, options={"week": 20})
    action = np.zeros(24, np.float32)
    for step in range(60):
        for name, angle in (
            ("time_of_day", 2 * np.pi * (step % 48) / 48),
            ("day_of_week", 2 * np.pi * (step // 48) / 7),
        ):
            assert layout.get(observation, f"{name}_sin") == pytest.approx(np.sin(angle), abs=1e-6)
            assert layout.get(observation, f"{name}_cos") == pytest.approx(np.cos(angle), abs=1e-6)
        assert layout.get(observation, "hours_to_go") == pytest.approx(168.0 - 0.5 * step, rel=1e-6)
        observation, *_ = env.step(action)


def test_the_previous_delta_is_the_one_just_settled(env):
    layout, world = env.observation_layout, env.batch.world
    observation, _ = env.reset(seed=3, options={"week": 20})
    np.testing.assert_array_equal(layout.get(observation, "previous_delta_jpy_per_mwh"), 0.0)
    for _ in range(3):
        row = int(world.clock[0, s.ROW])
        observation, *_ = env.step(np.zeros(24, np.float32))
        np.testing.assert_allclose(
            layout.get(observation, "previous_delta_jpy_per_mwh"), world.exog[row, :, s.DELTA], rtol=1e-5
        )


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize("name", ["japan3", "japan9"])
def test_every_observation_lies_within_its_bounds(name, mode):
    env = AggregatorVectorEnv(8, name, mode=mode)
    weeks = {"week": list(range(0, 480, 60))} if mode == "evaluation" else None
    observation, _ = env.reset(seed=1, options=weeks)
    space = env.observation_space
    rng = np.random.default_rng(0)
    highest = np.zeros(env.observation_layout.size)
    for _ in range(200):
        outside = (observation < space.low) | (observation > space.high) | ~np.isfinite(observation)
        assert not outside.any(), np.unique(np.nonzero(outside)[1])
        highest = np.maximum(highest, np.abs(observation).max(axis=0))
        observation, *_ = env.step(
            rng.choice([-1.0, 1.0, 0.3], (8, env.single_action_space.shape[0])).astype(np.float32)
        )
    # Bounds are there for surprises: hardly anything may sit on them.
    assert (highest >= s.OBSERVATION_LIMIT).mean() < 0.05


def test_feasible_ends_of_fleet_and_storage_are_ordered(env):
    layout = env.observation_layout
    observation, _ = env.reset(seed=3)
    rng = np.random.default_rng(0)
    for _ in range(100):
        for kind in ("fleet", "storage"):
            low, high = (layout.get(observation, f"{kind}_power_{end}_mw") for end in ("min", "max"))
            assert (low <= high + 1e-3).all()
        assert (layout.get(observation, "fleet_need_mwh") >= 0.0).all()
        observation, *_ = env.step(rng.uniform(-1, 1, 24).astype(np.float32))


def test_backlog_due_soon_never_exceeds_the_backlog(env):
    layout = env.observation_layout
    observation, _ = env.reset(seed=3)
    for _ in range(60):
        for kind in ("batch", "training"):
            due = layout.get(observation, f"{kind}_due_mwh")
            total = layout.get(observation, f"{kind}_backlog_mwh")
            assert (np.diff(due, axis=-1) >= -1e-3).all()
            assert (due[:, -1] <= total * (1 + 1e-5) + 1e-3).all()
        observation, *_ = env.step(np.tile([0, 0, -0.5, -0.5, 0, 0, 0, 0], 3).astype(np.float32))
