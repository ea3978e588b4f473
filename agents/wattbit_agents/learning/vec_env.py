"""The batch of worlds as a Stable-Baselines3 ``VecEnv``: one call steps all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env.base_vec_env import VecEnv

from wattbit.vector import AggregatorVectorEnv
from wattbit_agents.learning.shaping import StockPotential
from wattbit_agents.rollout import Policy


class WattbitVecEnv(VecEnv):
    """
    Stable-Baselines3's view of an :class:`~wattbit.vector.AggregatorVectorEnv`.

    Rows that end begin again in the same step; their info holds ``terminal_observation``, ``TimeLimit.truncated`` and
    ``episode`` (return, length, hours simulated), the infos of the other rows are empty. The outcomes of all steps are
    added up for :meth:`drain_outcomes`.

    Parameters
    ----------
    worlds : AggregatorVectorEnv
        The batch; owned by this object from now on.
    seed : int
        Row i begins with seed ``seed + i``.
    potential : StockPotential, optional
        Shapes the reward; ``episode`` in the infos keeps the world's own.
    base : Policy, optional
        Rule whose action is added to every action, so that a policy learns a correction.
    """

    def __init__(
        self,
        worlds: AggregatorVectorEnv,
        seed: int = 0,
        potential: StockPotential | None = None,
        base: Policy | None = None,
    ) -> None:
        self.worlds = worlds
        self._base = base
        self._base_action: NDArray[np.floating] = np.zeros(1, np.float32)
        self._potential = potential
        self._before = np.zeros(worlds.num_envs)
        self.outcome_names = tuple(worlds.info_names)
        self._first_seed: int | None = seed
        n = worlds.num_envs
        self._actions = np.zeros(worlds.action_space.shape or (n,), np.float32)
        self._returns = np.zeros(n)
        self._lengths = np.zeros(n, np.int64)
        self._outcome_sum = np.zeros(len(self.outcome_names))
        self._outcome_count = 0
        super().__init__(n, worlds.single_observation_space, worlds.single_action_space)

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Give row i the seed ``seed + i`` at the next :meth:`reset`."""
        self._first_seed = seed
        return [None if seed is None else seed + i for i in range(self.num_envs)]

    def reset(self) -> NDArray[np.float32]:
        """Begin an episode in every row."""
        observation, _ = self.worlds.reset(seed=self._first_seed)
        self._first_seed = None
        self._returns[:] = 0.0
        self._lengths[:] = 0
        self.reset_infos = [{} for _ in range(self.num_envs)]
        self._ask_base(observation)
        if self._potential is not None:
            self._potential.begin(observation, np.ones(self.num_envs, np.bool_))
            self._before = self._potential.value(observation)
        return observation

    def step_async(self, actions: NDArray[np.floating]) -> None:
        """Take the actions of the next step."""
        self._actions = np.asarray(actions, np.float32)
        if self._base is not None:
            self._actions = np.clip(self._actions + self._base_action, -1.0, 1.0)

    def step_wait(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """Step all worlds."""
        observation, reward, terminated, truncated, outcome, final = self.worlds.step_arrays(self._actions)
        done = terminated | truncated
        self._returns += reward
        self._lengths += 1
        self._outcome_sum += outcome.sum(axis=0)
        self._outcome_count += len(outcome)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(done):
            infos[i] = {
                "terminal_observation": final[i].copy(),
                "TimeLimit.truncated": bool(truncated[i] and not terminated[i]),
                "episode": {
                    "r": float(self._returns[i]),
                    "l": int(self._lengths[i]),
                    "t": 0.5 * float(self._lengths[i]),
                },
            }
        self._ask_base(observation)
        self._returns[done] = 0.0
        self._lengths[done] = 0
        if self._potential is not None:
            after = np.where(done, self._potential.value(final), self._potential.value(observation))
            # A terminated episode has paid for its stocks itself.
            reward = reward + np.where(terminated, 0.0, after) - self._before
            self._potential.begin(observation, done)
            self._before = np.where(done, 0.0, after)
        return observation.copy(), reward.astype(np.float32), done.copy(), infos

    def _ask_base(self, observation: NDArray[np.float32]) -> None:
        """Let the rule decide on the observations that the policy is about to see."""
        if self._base is not None:
            self._base_action = self._base.predict(observation)[0]

    def drain_outcomes(self) -> dict[str, float]:
        """Return the mean outcome per half hour since the last call; empty when no step was taken."""
        if self._outcome_count == 0:
            return {}
        means = dict(zip(self.outcome_names, (self._outcome_sum / self._outcome_count).tolist(), strict=True))
        self._outcome_sum[:] = 0.0
        self._outcome_count = 0
        return means

    def close(self) -> None:
        """Close the batch."""
        self.worlds.close()

    def get_attr(self, attr_name: str, indices: int | Iterable[int] | None = None) -> list[Any]:
        """Return an attribute of the batch, once per row asked for."""
        return [getattr(self.worlds, attr_name) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: int | Iterable[int] | None = None) -> None:
        """Set an attribute of the whole batch."""
        setattr(self.worlds, attr_name, value)

    def env_method(
        self, method_name: str, *args: Any, indices: int | Iterable[int] | None = None, **kwargs: Any
    ) -> list[Any]:
        """Call a method of the batch, once per row asked for."""
        return [getattr(self.worlds, method_name)(*args, **kwargs) for _ in self._get_indices(indices)]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: int | Iterable[int] | None = None) -> list[bool]:
        """No row is wrapped: the batch is one object."""
        return [False for _ in self._get_indices(indices)]
