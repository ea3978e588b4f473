"""The same seed gives the same world: alone, in a batch, on threads, after a pickle, whatever NumPy draws."""

import pickle

import numpy as np
import pytest
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.world import batch as batch_module
from wattbit.world import state as s
from wattbit.world.batch import Batch


def actions(steps: int, n: int, size: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(-1.0, 1.0, (steps, n, size)).astype(np.float32)


def play(batch: Batch, acts: NDArray[np.float32], seed: int | None = 5) -> dict[str, NDArray[np.floating]]:
    """Observation, reward, outcome, ledger and last observation of every step."""
    if seed is not None:
        batch.reset(seed)
    names = ("observation", "reward", "outcome", "ledger", "final")
    rows: dict[str, list[NDArray[np.floating]]] = {name: [] for name in names}
    for action in acts:
        ended = batch.step(action).copy()
        rows["observation"].append(batch.observation.copy())
        rows["reward"].append(batch.reward.copy())
        rows["outcome"].append(batch.outcome.copy())
        rows["ledger"].append(batch.ledger.copy())
        rows["final"].append(np.where(ended[:, None], batch.final_observation, 0.0))
    return {k: np.stack(v) for k, v in rows.items()}


def assert_same(one: dict[str, NDArray[np.floating]], two: dict[str, NDArray[np.floating]]) -> None:
    for key in one:
        np.testing.assert_array_equal(one[key], two[key], err_msg=key)


@pytest.fixture(scope="module", params=["evaluation", "training"])
def mode(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def config(short) -> ScenarioConfig:
    return short("japan3")


def test_same_seed_same_trajectory_bit_for_bit(config, mode):
    acts = actions(110, 2, 24)
    assert_same(play(Batch(config, 2, mode), acts), play(Batch(config, 2, mode), acts))


def test_another_seed_is_another_trajectory(config, mode):
    acts = actions(3, 1, 24)
    one, two = (play(Batch(config, 1, mode), acts, seed) for seed in (5, 6))
    assert not np.array_equal(one["observation"], two["observation"])


def test_a_second_reset_with_the_seed_starts_the_same_world_again(config, mode):
    acts = actions(60, 2, 24)
    batch = Batch(config, 2, mode)
    first = play(batch, acts)
    assert_same(first, play(batch, acts))


def test_every_row_is_the_single_world_with_its_seed_past_the_first_episode(config, mode):
    # Three episodes of 48 half hours; row i of seed 5 is the world of seed 5 + i.
    acts = actions(130, 3, 24)
    together = play(Batch(config, 3, mode), acts)
    for i in range(3):
        alone = play(Batch(config, 1, mode), acts[:, i : i + 1], seed=5 + i)
        assert_same({k: v[:, i : i + 1] for k, v in together.items()}, alone)


def test_a_batch_row_does_not_feel_what_the_others_do(config, mode):
    acts = actions(60, 2, 24)
    other = acts.copy()
    other[:, 1] = -other[:, 1]
    one, two = play(Batch(config, 2, mode), acts), play(Batch(config, 2, mode), other)
    assert_same({k: v[:, 0] for k, v in one.items()}, {k: v[:, 0] for k, v in two.items()})


def test_nothing_exogenous_depends_on_actions(config, mode):
    layout = Batch(config, 1, mode).layout
    acted_on = ("fleet", "storage", "batch", "training", "soh", "matched", "snow", "feeder")
    fixed = [f.name for f in layout.fields if not f.name.startswith(acted_on)]
    one, two = (play(Batch(config, 1, mode), actions(100, 1, 24, seed)) for seed in (1, 2))
    for name in fixed:
        np.testing.assert_array_equal(layout.get(one["observation"], name), layout.get(two["observation"], name), name)
    reference = s.OUTCOMES.index("reference_jpy")
    np.testing.assert_array_equal(one["outcome"][..., reference], two["outcome"][..., reference])


def test_evaluation_weeks_look_the_same_whenever_they_are_played(config):
    acts = actions(48, 1, 24)
    batch = Batch(config, 1, "evaluation")
    batch.reset(seed=9)
    play(batch, acts, seed=None)
    play(batch, acts, seed=None)  # now stands at the start of week 2
    third = play(batch, acts, seed=None)
    other = Batch(config, 1, "evaluation")
    other.reset(seed=9, week=2)
    direct = play(other, acts, seed=None)
    # The last observation already shows the next week's start, which is the same too.
    assert_same(third, direct)


def test_independent_of_numpys_global_generator_and_leaves_it_alone(config, mode):
    acts = actions(60, 1, 24)
    np.random.seed(1)  # noqa: NPY002 - the global generator is what the test is about
    one = play(Batch(config, 1, mode), acts)
    np.random.seed(2)  # noqa: NPY002
    before = np.random.get_state()  # noqa: NPY002
    two = play(Batch(config, 1, mode), acts)
    after = np.random.get_state()  # noqa: NPY002
    assert_same(one, two)
    assert before[0] == after[0]
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2:] == after[2:]


def test_a_pickle_in_mid_episode_goes_on_identically(config, mode):
    acts = actions(90, 2, 24)
    batch = Batch(config, 2, mode)
    play(batch, acts[:30])
    copy = pickle.loads(pickle.dumps(batch))
    assert_same(play(batch, acts[30:], seed=None), play(copy, acts[30:], seed=None))


def test_decoding_an_action_changes_nothing(config):
    acts = actions(20, 1, 24)
    plain = play(Batch(config, 1), acts)
    batch = Batch(config, 1)
    batch.reset(5)
    for t, action in enumerate(acts):
        batch.world.action[0] = -action[0]
        batch.run(s.TASK_DECODE, 0, 1)
        batch.step(action)
        np.testing.assert_array_equal(batch.observation, plain["observation"][t])


def test_two_threads_give_what_one_gives(config, monkeypatch):
    # The threaded driver is used from a batch size on; here from the smallest. Compiles it on first use.
    monkeypatch.setattr(batch_module, "PARALLEL_FROM", 1)
    acts = actions(60, 16, 24)
    two = Batch(config, 16, "training", threads=2)
    one = Batch(config, 16, "training", threads=1)
    assert two.lanes > 1 == one.lanes
    assert_same(play(one, acts), play(two, acts))
