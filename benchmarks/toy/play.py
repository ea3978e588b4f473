"""Policies on the toy's price paths: the exact one, and one loop that scores any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.toy.chain import FloatArray, IntArray
from benchmarks.toy.dynamic import Solution
from benchmarks.toy.world import ToyWorlds
from wattbit.observation import ObservationLayout
from wattbit.units import WEEK_STEPS
from wattbit_agents.rollout import Policy, score_weeks


@dataclass(frozen=True)
class State:
    """State of the toy as an observation shows it: half hour, price level, and both stocks in steps above the floor."""

    time: IntArray
    level: IntArray
    battery: FloatArray
    cars: FloatArray


class Reader:
    """
    Reads the state of the toy out of observations.

    Parameters
    ----------
    worlds : ToyWorlds
        Gives the layout and the sizes.
    solution : Solution
        Gives the steps of energy.
    """

    def __init__(self, worlds: ToyWorlds, solution: Solution) -> None:
        config, size = worlds.scenario, solution.size
        self._layout: ObservationLayout = worlds.observation_layout
        self._steps = config.episode.steps
        self._prices = solution.chain.prices
        self._step_mwh = size.step_mwh
        batteries_mwh = config.areas[0].cars * config.fleet.battery_kwh[0] * 1e-3
        self._floor_mwh = (
            config.storage.soc_range[0] * config.areas[0].storage_mwh,
            config.fleet.v2g_floor_soc * batteries_mwh,
        )

    def state(self, observation: NDArray[np.floating]) -> State:
        """Return the state behind each row of a batch of observations, shape (n,) each."""
        left = self._layout.get(observation, "hours_to_go") * WEEK_STEPS / 168.0
        price = self._layout.get(observation, "spot_price_jpy_per_mwh")
        battery = self._layout.get(observation, "storage_energy_mwh")[:, 0] - self._floor_mwh[0]
        cars = self._layout.get(observation, "fleet_energy_mwh")[:, 0] - self._floor_mwh[1]
        return State(
            time=self._steps - np.rint(left).astype(np.int64),
            level=np.abs(price - self._prices).argmin(axis=1),
            battery=battery / self._step_mwh,
            cars=cars / self._step_mwh,
        )


class ExactPolicy:
    """
    The solution as a policy that acts through the Box.

    Parameters
    ----------
    worlds : ToyWorlds
        Gives the layout of observations and actions.
    solution : Solution
        What to do in every state.
    """

    def __init__(self, worlds: ToyWorlds, solution: Solution) -> None:
        self._reader = Reader(worlds, solution)
        self._solution = solution
        self._layout = worlds.observation_layout
        self._controls = worlds.action_layout

    def predict(
        self,
        observation: NDArray[np.floating],
        state: Any = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.float32], Any]:
        """Decide for a batch of observations."""
        solution, now = self._solution, self._reader.state(observation)
        at = np.rint(now.battery).astype(np.int64), np.rint(now.cars).astype(np.int64)
        move = solution.chosen[now.time, now.level, *at]
        action = np.zeros((len(observation), len(self._controls)), np.float32)
        for name, steps in (("storage", solution.moves.battery[move]), ("fleet", solution.moves.cars[move])):
            power_mw = 2.0 * solution.size.step_mwh * steps
            low = self._layout.get(observation, f"{name}_power_min_mw")[:, 0]
            high = self._layout.get(observation, f"{name}_power_max_mw")[:, 0]
            end = np.where(power_mw > 0.0, high, -low)
            share = np.divide(power_mw, end, out=np.zeros(len(end)), where=end > 1e-6)
            action[:, self._controls.index(f"{name}_power")] = np.clip(share, -1.0, 1.0)
        return action, state


class _Recorder:
    """A policy that keeps what it saw."""

    def __init__(self, policy: Policy, reader: Reader) -> None:
        self._policy, self._reader = policy, reader
        self.states: list[State] = []

    def predict(
        self,
        observation: NDArray[np.floating],
        state: Any = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.floating], Any]:
        self.states.append(self._reader.state(observation))
        return self._policy.predict(observation, state, episode_start, deterministic)


@dataclass(frozen=True)
class Played:
    """
    Costs of one policy.

    Attributes
    ----------
    cost_jpy : ndarray, shape (path,)
        As the world reports it. [JPY]
    luck_jpy : ndarray, shape (path,)
        Part of it with mean 0, see :meth:`~benchmarks.toy.dynamic.Solution.luck_jpy`. [JPY]
    """

    cost_jpy: FloatArray
    luck_jpy: FloatArray

    @property
    def fair_jpy(self) -> FloatArray:
        """Cost without luck: same mean, less spread. [JPY]"""
        return self.cost_jpy - self.luck_jpy


def play(policy: Policy, worlds: ToyWorlds, solution: Solution, levels: IntArray) -> Played:
    """Play every path once, all at the same time; `worlds` has one world for each path of `levels`."""
    recorder = _Recorder(policy, Reader(worlds, solution))
    scores = score_weeks(recorder, worlds, range(len(levels)), (0,))
    battery, cars = (
        np.stack([getattr(seen, name) for seen in recorder.states], axis=1) for name in ("battery", "cars")
    )
    return Played(scores.get("cost_jpy")[0], solution.luck_jpy(levels, battery, cars))


def standard_error(values: FloatArray | Sequence[float]) -> float:
    """Standard error of the mean of independent values."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))
