"""Orders car by car: the same world, with a set-point for every representative car instead of one for an area's."""

import numpy as np
import pytest

from wattbit.action import CONTROLS, ControlMap, control_names, control_of, decode_action, encode_action
from wattbit.env import AggregatorEnv, FleetV2GEnv, WorkloadShiftEnv
from wattbit.errors import ScenarioError
from wattbit.vector import AggregatorVectorEnv, FleetV2GVectorEnv
from wattbit.world import state as s
from wattbit.world.batch import Batch

CARS = 16
PER_AREA = len(CONTROLS) - 1 + CARS


def random_action(rng: np.random.Generator, size: int) -> np.ndarray:
    """Inside the box, some entries at its ends or in the middle."""
    corner = rng.choice([-1.0, 0.0, 1.0], size)
    return np.where(rng.random(size) < 0.2, corner, rng.uniform(-1.0, 1.0, size)).astype(np.float32)


def test_cars_stand_where_the_fleet_stood():
    names = control_names(CONTROLS, "car", 2)
    assert names[3:7] == ("training_run", "car_power_0", "car_power_1", "storage_power")
    assert [control_of(name) for name in names] == [*CONTROLS[:5], *CONTROLS[4:]]
    assert control_names(CONTROLS, "area", 2) == CONTROLS
    assert control_names(CONTROLS[:4], "car", 2) == CONTROLS[:4]


def test_the_full_action_has_the_cars_of_all_areas_behind_the_controls():
    mapped = ControlMap(2, CONTROLS[4:6], "car", 2)
    full = mapped.full(np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], np.float32))
    held = [0, 0, 1, 1, 1]
    np.testing.assert_allclose(full, [*held, 0.3, 0, 0, *held, 0.6, 0, 0, 0.1, 0.2, 0.4, 0.5], rtol=1e-6)
    np.testing.assert_allclose(mapped.exposed(full), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], rtol=1e-6)
    # Who has no control over the fleet has none over its cars: they charge on arrival.
    full = ControlMap(1, CONTROLS[:4], "car", 3).full(np.full((5, 4), 0.5, np.float32))
    np.testing.assert_allclose(full, np.tile([0.5, 0.5, 0.5, 0.5, 1, 0, 0, 0, 1, 1, 1], (5, 1)))


def test_the_box_has_a_set_point_for_every_car(short):
    env = AggregatorEnv(short(), orders="car")
    assert env.action_space.shape == (3 * PER_AREA,)
    assert len(env.action_layout) == PER_AREA
    assert AggregatorVectorEnv(2, short(), orders="car").action_space.shape == (2, 3 * PER_AREA)
    assert FleetV2GEnv(short(), orders="car").action_space.shape == (3 * (CARS + 3),)
    assert WorkloadShiftEnv(short(), orders="car").action_space.shape == (12,)
    for cls in (AggregatorEnv, AggregatorVectorEnv):
        with pytest.raises(ScenarioError, match="orders is 'cars' \\(did you mean 'car'"):
            cls(scenario=short(), orders="cars")


@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 1e-6), ("float32", 1e-5)])
def test_each_car_gets_its_part_of_what_it_can_do(short, precision, tolerance):
    batch = Batch(short(), 1, "evaluation", "test", precision, orders="car")
    batch.reset(7)
    rng = np.random.default_rng(0)
    forced = 0
    for _ in range(48):
        low, high = (batch.world.vehicle[0, :, k].astype(np.float64) for k in (s.POWER_LOW_KW, s.POWER_HIGH_KW))
        action = random_action(rng, batch.world.action.shape[1])
        x = action[3 * len(CONTROLS) :].reshape(3, CARS)
        wanted = np.where(x > 0.0, x * high, -x * low)
        got = decode_action(batch, action).vehicle_kw
        np.testing.assert_allclose(got, np.clip(wanted, low, high), rtol=tolerance, atol=tolerance)
        forced += int((wanted < low - 1e-6).sum())
        batch.step_single(action)
    assert forced > 0  # some had to charge for a promise, whatever they were asked


def test_encode_inverts_decode_on_random_actions(short):
    batch = Batch(short(), 1, orders="car")
    batch.reset(3)
    rng = np.random.default_rng(1)
    for _ in range(47):
        action = random_action(rng, batch.world.action.shape[1])
        wanted = decode_action(batch, action)
        again = decode_action(batch, encode_action(batch, wanted))
        np.testing.assert_allclose(again.vehicle_kw, wanted.vehicle_kw, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(again.storage_mw, wanted.storage_mw, rtol=1e-5, atol=1e-5)
        batch.step_single(action)


@pytest.mark.parametrize(("env", "tolerance"), [(AggregatorEnv, 1e-3), (FleetV2GEnv, 1e-6)])
def test_the_same_powers_have_the_same_consequences(env, tolerance, short):
    # What an area's set-point comes to is ordered car by car in a second world: nothing else differs.
    shared, each = (env(short(), precision="float64", orders=orders) for orders in ("area", "car"))
    np.testing.assert_array_equal(shared.reset(seed=8)[0], each.reset(seed=8)[0])
    rng = np.random.default_rng(2)
    over = False
    while not over:
        action = random_action(rng, shared.action_space.shape[0])
        by_car = each.encode_action(shared.decode_action(action))
        assert by_car in each.action_space
        one, two = shared.step(action), each.step(by_car)
        # Host shares and run levels go through the inverse of the Box as well, which meets them to a thousandth.
        np.testing.assert_allclose(two[0], one[0], rtol=tolerance, atol=tolerance)
        assert two[1] == pytest.approx(one[1], rel=tolerance, abs=tolerance)
        over = one[2]


@pytest.mark.parametrize("mode", ["evaluation", "training"])
def test_rows_are_single_environments_through_ends_and_new_beginnings(mode, short):
    batch = FleetV2GVectorEnv(2, short(), mode=mode, orders="car")
    alone = [FleetV2GEnv(short(), mode=mode, orders="car") for _ in range(2)]
    shared = FleetV2GEnv(short(), mode=mode)
    observation, _ = batch.reset(seed=20)
    for i, env in enumerate(alone):
        np.testing.assert_array_equal(observation[i], env.reset(seed=20 + i)[0])
    # The days before a training episode are the same whoever will order what.
    np.testing.assert_array_equal(observation[0], shared.reset(seed=20)[0])
    rng = np.random.default_rng(0)
    for _ in range(60):
        action = random_action(rng, 2 * 3 * (CARS + 3)).reshape(2, -1)
        observation, reward, terminated, truncated, _ = batch.step(action)
        for i, env in enumerate(alone):
            want = env.step(action[i])
            assert (reward[i], terminated[i], truncated[i]) == want[1:4]
            if terminated[i] or truncated[i]:
                want = env.reset()
            np.testing.assert_array_equal(observation[i], want[0])
