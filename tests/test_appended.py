"""Forecast paths, cars and due slots behind the batch's own observation."""

import pickle

import numpy as np
import pytest

from wattbit.appended import asset_fields
from wattbit.env import AggregatorEnv
from wattbit.errors import ScenarioError
from wattbit.observation import ObservationLayout, Section
from wattbit.physics.vehicle import hours_to_departure
from wattbit.vector import AggregatorVectorEnv
from wattbit.world import state as s

VIEWS = [("blocks", "sums"), ("full", "sums"), ("blocks", "each"), ("full", "each")]

CARS = ("car_energy_kwh", "car_usable_kwh", "car_plugged_share", "car_departure_h", "car_power_min_kw",
        "car_power_max_kw")  # fmt: skip


def played(env, steps, seed=0, **reset):
    """Observations of some half hours under random actions."""
    rng = np.random.default_rng(seed)
    observation, _ = env.reset(seed=seed, **reset)
    size = env.single_action_space.shape[0]
    for _ in range(steps):
        yield observation
        observation = env.step_arrays(rng.uniform(-1, 1, (env.num_envs, size)).astype(np.float32))[0]


@pytest.mark.parametrize(("forecast", "assets"), VIEWS)
def test_the_layout_covers_the_vector_exactly_once(forecast, assets, short):
    env = AggregatorEnv(short(), forecast=forecast, assets=assets)
    layout = env.observation_layout
    used = np.zeros(layout.size, int)
    for field in layout.fields:
        for area in layout.areas if field.per_area else [None]:
            used[layout.positions(field.name, area)] += 1
    assert (used == 1).all()
    names = [field.name for field in layout.fields]
    assert len(set(names)) == len(names)
    assert ("price_path_jpy_per_mwh" in names) == (forecast == "full")
    assert ("car_energy_kwh" in names) == (assets == "each")
    observation, _ = env.reset(seed=1)
    assert observation.shape == env.observation_space.shape == (layout.size,)
    assert observation in env.observation_space


@pytest.mark.parametrize("cars", [1, 5])
def test_positions_and_get_agree_and_keep_the_axes(cars):
    rng = np.random.default_rng(0)
    fields = asset_fields(cars)
    appended = Section(fields, rng.random((3, sum(field.width for field in fields))))
    layout = ObservationLayout(["a", "b", "c"], rng.random((3, s.N_OBSERVED)), [appended])
    block = rng.random((4, 2, layout.size)).astype(np.float32)
    for name in CARS:
        assert layout.get(block, name).shape == (4, 2, 3, cars)  # one car is still a list of cars
    assert layout.get(block, "batch_due_by_slot_mwh").shape == (4, 2, 3, 48)
    assert layout.get(block, "training_due_by_slot_mwh").shape == (4, 2, 3, 144)
    assert layout.get(block, "matched_mwh").shape == (4, 2, 3)
    for section in layout.sections:
        first = 0
        for field in section.fields:
            got = layout.get(block, field.name).reshape(4, 2, 3, field.width)
            for k, area in enumerate(layout.areas):
                scale = section.scale[k, first : first + field.width]
                np.testing.assert_allclose(got[:, :, k], block[..., layout.positions(field.name, area)] * scale)
            first += field.width


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_assets_are_those_of_the_world(precision):
    env = AggregatorVectorEnv(3, "japan9", precision=precision, assets="each")
    layout, world = env.observation_layout, env.batch.world
    for step, observation in enumerate(played(env, 100, options={"week": [3, 40, 77]})):
        seen = {f.name: layout.get(observation, f.name) for f in layout.sections[1].fields}
        row, car, area = world.clock[:, s.ROW], world.vehicle, world.area
        for name, want in (
            ("car_energy_kwh", car[:, :, s.ENERGY_KWH]),
            ("car_usable_kwh", car[:, :, s.CAPACITY_KWH] * car[:, :, s.HEALTH]),
            ("car_plugged_share", car[:, :, s.PLUGGED_SHARE]),
            ("car_power_min_kw", car[:, :, s.POWER_LOW_KW]),
            ("car_power_max_kw", car[:, :, s.POWER_HIGH_KW]),
            ("match_load_mwh", area[:, :, s.MATCH_LOAD_MWH]),
            ("matched_mwh", area[:, :, s.MATCHED_MWH]),
        ):
            np.testing.assert_allclose(seen[name], want, rtol=3e-7, atol=1e-5, err_msg=name)
        if step % 10 == 0:
            for i, r, v in np.ndindex(*seen["car_departure_h"].shape):
                hour, plan = 0.5 * (row[i] % 48), car[i, r, [s.LEAVE_H, s.NEXT_LEAVE_H], v]
                want = hours_to_departure(hour, float(plan[0]), float(plan[1]))
                assert seen["car_departure_h"][i, r, v] == pytest.approx(want, rel=1e-6, abs=1e-5)
        for i in range(3):
            for k in (0, 1, 47):
                slot = world.queue[i, :, (row[i] + k) % 48]
                np.testing.assert_allclose(seen["batch_due_by_slot_mwh"][i, :, k], slot, rtol=3e-7)
            for k in (0, 1, 143):
                slot = world.queue[i, :, 48 + (row[i] + k) % 144]
                np.testing.assert_allclose(seen["training_due_by_slot_mwh"][i, :, k], slot, rtol=3e-7)


def test_single_assets_add_up_to_the_sums():
    env = AggregatorVectorEnv(2, "japan3", assets="each")
    layout = env.observation_layout
    weight = np.array([area.cars for area in env.scenario.areas]) / env.scenario.fleet.vehicles
    for step, observation in enumerate(played(env, 150, options={"week": [10, 200]})):
        seen = {f.name: layout.get(observation, f.name) for f in layout.fields}
        for single, total in (
            ("car_energy_kwh", "fleet_energy_mwh"),
            ("car_power_min_kw", "fleet_power_min_mw"),
            ("car_power_max_kw", "fleet_power_max_mw"),
        ):
            np.testing.assert_allclose(
                1e-3 * weight * seen[single].sum(axis=-1), seen[total], rtol=1e-5, atol=1e-2, err_msg=single
            )
        np.testing.assert_allclose(seen["car_plugged_share"].mean(axis=-1), seen["fleet_plugged_share"], atol=1e-6)
        for kind, ends in (("batch", (4, 12, 24)), ("training", (12, 48, 96))):
            slots = seen[f"{kind}_due_by_slot_mwh"]
            for k, end in enumerate(ends):
                due = seen[f"{kind}_due_mwh"][..., k]
                np.testing.assert_allclose(slots[..., :end].sum(axis=-1), due, rtol=1e-5, atol=1e-3)
            np.testing.assert_allclose(slots.sum(axis=-1), seen[f"{kind}_backlog_mwh"], rtol=1e-5, atol=1e-3)
        if step > 0:
            share = seen["matched_mwh"] / seen["match_load_mwh"]
            np.testing.assert_allclose(share, seen["matched_share"], rtol=1e-5, atol=1e-6)


def test_slots_fall_due_one_by_one():
    """Without running anything the first slot is lost and every other comes one step nearer, arrivals on top."""
    env = AggregatorEnv("japan3", assets="each", info_level="full")
    layout = env.observation_layout
    observation, _ = env.reset(seed=3, options={"week": 20})
    idle = np.tile([0, 0, -1, -1, 0, 0, 0, 0], 3).astype(np.float32)
    for step in range(100):
        before = {kind: layout.get(observation, f"{kind}_due_by_slot_mwh") for kind in ("batch", "training")}
        observation, _, _, _, info = env.step(idle)
        for kind, arrivals in (("batch", (7, 15, 31, 47)), ("training", (47, 95, 143))):
            after = layout.get(observation, f"{kind}_due_by_slot_mwh")
            moved = np.concatenate([before[kind][:, 1:], np.zeros((3, 1))], axis=1)
            came = after - moved
            others = np.setdiff1d(np.arange(after.shape[1]), arrivals)
            np.testing.assert_allclose(came[:, others], 0.0, atol=1e-4)
            assert (came[:, list(arrivals)] > 0.0).all()
            lost = info["ledger"][f"{kind}_missed_mwh"]
            np.testing.assert_allclose(before[kind][:, 0], lost, rtol=1e-5, atol=1e-4)
            assert (lost > 0.0).all() == (step >= (7 if kind == "batch" else 47))


def test_false_telemetry_shows_in_single_cars_as_in_their_sum(scenario):
    lie = {"kind": "false-telemetry", "area": "tokyo", "start_hour": 2.0, "hours": 3.0, "size": -0.3}
    config = scenario("japan3", incidents=[lie])
    false_one, true_one = (AggregatorEnv(c, assets="each") for c in (config, scenario("japan3")))
    layout = false_one.observation_layout
    for env in (false_one, true_one):
        env.reset(seed=2, options={"week": 9})
    for step in range(1, 14):
        shown, known = (env.step(np.zeros(24, np.float32))[0] for env in (false_one, true_one))
        factor = np.where((4 <= step < 10) & (np.array(layout.areas) == "tokyo"), 0.7, 1.0)[:, None]
        for name in CARS:
            told = factor if name in ("car_energy_kwh", "car_power_min_kw", "car_power_max_kw") else 1.0
            np.testing.assert_allclose(layout.get(shown, name), told * layout.get(known, name), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize(("forecast", "assets"), VIEWS[1:])
def test_rows_are_single_environments_through_ends_and_new_beginnings(forecast, assets, mode, short):
    options = {"mode": mode, "forecast": forecast, "assets": assets}
    batch, plain = AggregatorVectorEnv(2, short(), **options), AggregatorVectorEnv(2, short(), mode=mode)
    alone = [AggregatorEnv(short(), **options) for _ in range(2)]
    core = plain.observation_layout.size
    observation, _ = batch.reset(seed=20)
    plain.reset(seed=20)
    for i, env in enumerate(alone):
        np.testing.assert_array_equal(observation[i], env.reset(seed=20 + i)[0])
    rng = np.random.default_rng(0)
    for step in range(100):
        action = rng.uniform(-1, 1, (2, 24)).astype(np.float32)
        observation, reward, terminated, truncated, info = batch.step(action)
        ordinary = plain.step(action)
        np.testing.assert_array_equal(observation[:, :core], ordinary[0])
        np.testing.assert_array_equal(reward, ordinary[1])
        np.testing.assert_array_equal(terminated | truncated, ordinary[2] | ordinary[3])
        np.testing.assert_array_equal(batch.batch.outcome, plain.batch.outcome)
        np.testing.assert_array_equal(batch.batch.ledger, plain.batch.ledger)
        assert (terminated | truncated).all() == (step % 48 == 47)
        for i, env in enumerate(alone):
            want = env.step(action[i])
            if terminated[i] or truncated[i]:
                np.testing.assert_array_equal(info["final_obs"][i], want[0])
                np.testing.assert_array_equal(info["final_obs"][i, :core], ordinary[4]["final_obs"][i])
                np.testing.assert_array_equal(observation[i], env.reset()[0])
            else:
                np.testing.assert_array_equal(observation[i], want[0])


def test_threads_change_nothing(short):
    few, many = (AggregatorVectorEnv(768, short(), threads=threads, assets="each") for threads in (1, 2))
    assert many.batch.lanes > 1
    for one, two in zip(played(few, 50), played(many, 50), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize("name", ["japan3", "essay-5-1"])
def test_nothing_is_cut_to_its_bounds(name, mode):
    env = AggregatorVectorEnv(4, name, mode=mode, assets="each")
    layout, space = env.observation_layout, env.single_observation_space
    for observation in played(env, 200):
        assert ((observation >= space.low) & (observation <= space.high)).all()
        for field in layout.sections[1].fields:
            for area in layout.areas:
                seen = np.abs(observation[:, layout.positions(field.name, area)]).max()
                # Half of the range is there for surprises.
                assert seen <= (1.0 if field.name == "car_plugged_share" else 0.5 * s.OBSERVATION_LIMIT), field.name


def test_the_dict_has_the_same_values(short):
    one = AggregatorEnv(short(), assets="each", dict_observation=True)
    other = AggregatorEnv(short(), assets="each")
    seen, vector = one.reset(seed=2)[0], other.reset(seed=2)[0]
    assert seen in one.observation_space
    for name in CARS:
        assert seen[name].shape == (3, 16)
        for row, area in zip(seen[name], other.observation_layout.areas, strict=True):
            np.testing.assert_array_equal(row, vector[other.observation_layout.positions(name, area)])


def test_a_pickle_in_mid_episode_goes_on_identically(short):
    env = AggregatorVectorEnv(2, short(), forecast="full", assets="each")
    rng = np.random.default_rng(0)
    actions = rng.uniform(-1, 1, (70, 2, 24)).astype(np.float32)
    env.reset(seed=1)
    for action in actions[:30]:
        env.step(action)
    other = pickle.loads(pickle.dumps(env))
    for action in actions[30:]:
        np.testing.assert_array_equal(env.step(action)[0], other.step(action)[0])


def test_a_wrong_word_is_answered_with_the_nearest(short):
    for environment in (AggregatorEnv, lambda *a, **k: AggregatorVectorEnv(1, *a, **k)):
        with pytest.raises(ScenarioError, match="assets is 'eech' \\(did you mean 'each'"):
            environment(short(), assets="eech")
