"""The figure of a week: size and type, what moves it, and that it leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled

from wattbit.render import read_history, render_week
from wattbit.world import state as s

matplotlib = pytest.importorskip("matplotlib")

ONE_AREA: dict[str, Any] = {"name": "one", "areas": [{"name": "kyushu", "user_share": 1.0}]}


def played(scenario: Any, steps: int, **arguments: Any) -> Any:
    env = gym.make(
        "wattbit:wattbit/Aggregator-v0",
        disable_env_checker=True,
        scenario=scenario,
        render_mode="rgb_array",
        **arguments,
    ).unwrapped
    env.reset(seed=3)
    rng = np.random.default_rng(0)
    for _ in range(steps):
        env.step(rng.uniform(-1.0, 1.0, env.action_space.shape).astype(np.float32))
    return env


def is_figure(image: np.ndarray) -> bool:
    return image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3 and image.shape[1] == 1500


@pytest.mark.parametrize("scenario", [ONE_AREA, "japan3", "japan9"], ids=["one", "japan3", "japan9"])
def test_a_figure_is_an_rgb_array_that_grows_with_the_areas_and_changes_with_the_week(scenario: Any):
    env = played(scenario, 3)
    first = env.render()
    assert is_figure(first)
    assert first.shape[0] > 600 + 100 * len(env.scenario.areas)
    assert (first != 255).any(axis=2).mean() > 0.01
    env.step(env.action_space.sample())
    second = env.render()
    assert second.shape == first.shape
    assert (first != second).any()


def test_before_the_first_half_hour_the_figure_says_so():
    env = played("japan3", 0)
    empty = env.render()
    assert is_figure(empty)
    assert (empty != 255).any()


def test_with_the_whole_forecast_observed():
    assert is_figure(played("japan3", 2, forecast="full").render())


def test_one_half_hour_is_enough():
    assert is_figure(played("japan3", 1).render())


def test_a_reset_begins_a_new_figure():
    env = played("japan3", 5)
    env.reset()
    assert env.render().shape[0] == 300


def test_no_render_mode_no_figure():
    env = gym.make("wattbit:wattbit/Aggregator-v0", disable_env_checker=True).unwrapped
    env.reset(seed=0)
    assert env.render() is None


def test_a_whole_week_is_drawn_in_less_than_two_cpu_seconds():
    env = played("japan3", 336)
    env.render()  # the first figure of a process also loads fonts
    begun = time.process_time()
    env.render()
    assert time.process_time() - begun < 2.0


def test_observations_are_moved_to_the_half_hour_they_speak_of():
    env = played("japan3", 0)
    layout = env.observation_layout
    spot = []
    observation, _ = env.reset(seed=3)
    for _ in range(60):
        spot.append(layout.get(observation, "spot_price_jpy_per_mwh"))
        observation, *_ = env.step(env.action_space.sample())
    episode = read_history(layout, env._history)
    assert episode.first_step == 0
    assert len(episode) == 60
    np.testing.assert_array_equal(episode.known["spot_price_jpy_per_mwh"][1:], np.stack(spot)[1:])
    assert np.isnan(episode.known["spot_price_jpy_per_mwh"][0]).all()


def test_training_episodes_start_on_their_own_weekday():
    env = played("japan3", 4, mode="training", split="train")
    world = env.batch.world
    day = (int(world.clock[0, s.ROW]) - 4) // 48
    episode = read_history(env.observation_layout, env._history)
    assert episode.first_step == (day + int(world.constant[s.FIRST_WEEKDAY])) % 7 * 48
    assert is_figure(env.render())


def test_drawing_leaves_pyplot_alone():
    code = (
        "import sys, gymnasium as gym\n"
        "env = gym.make('wattbit:wattbit/Aggregator-v0', render_mode='rgb_array', disable_env_checker=True).unwrapped\n"
        "env.reset(seed=0); env.render()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "import matplotlib.pyplot as plt\n"
        "env.render()\n"
        "assert plt.get_fignums() == []\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_without_matplotlib_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    env = played("japan3", 1)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(DependencyNotInstalled, match=r'pip install "wattbit\[render\]"'):
        render_week(env.scenario, env.observation_layout, env._history)
