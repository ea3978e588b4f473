"""Rules by name: frozen parameters plus one pure function from a batch of observations to a batch of actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from wattbit.action import control_of
from wattbit_agents.baselines.frozen import frozen_parameters
from wattbit_agents.baselines.threshold import CarbonAware, Threshold, Tuned, WearAware
from wattbit_agents.baselines.view import FloatArray, Layout, View, run_levels
from wattbit_agents.errors import PolicyError, did_you_mean

Controls = dict[str, FloatArray]
"""Action name -> (n, R) in [-1, 1]; a name left out is 0."""


class Rule(Protocol):
    """Parameters of a rule and its decision; a rule keeps no state between half hours."""

    name: ClassVar[str]

    def controls(self, view: View) -> Controls:
        """Decide for every row and area of the batch."""
        ...


@dataclass(frozen=True)
class DoNothing:
    """All work at home and at once; cars charge only when they must; storage idle."""

    name: ClassVar[str] = "do-nothing"

    def controls(self, view: View) -> Controls:
        """Decide for every row and area of the batch."""
        return {"batch_run": view.fill(1.0), "training_run": view.fill(1.0)}


@dataclass(frozen=True)
class Siloed:
    """Each business for itself: work at home and at once, cars charge on arrival at full power, storage idle."""

    name: ClassVar[str] = "siloed"

    def controls(self, view: View) -> Controls:
        """Decide for every row and area of the batch."""
        return {"batch_run": view.fill(1.0), "training_run": view.fill(1.0), "fleet_power": view.fill(1.0)}


@dataclass(frozen=True)
class TimeOfUse:
    """A timer: charge at night and on midday surplus, discharge in the evening, run movable work off-peak."""

    name: ClassVar[str] = "tou"

    night_start_h: float = 23.0
    """Hour at which charging begins. [h]"""
    night_end_h: float = 7.0
    """Hour at which it ends. [h]"""
    midday_start_h: float = 10.0
    """Start of the hours in which surplus is looked for. [h]"""
    midday_end_h: float = 14.0
    """End of them. [h]"""
    peak_start_h: float = 17.0
    """Start of the evening peak. [h]"""
    peak_end_h: float = 21.0
    """End of the evening peak. [h]"""
    charge_level: float = 0.3
    """Share of the feasible power at which cars charge. [1]"""
    discharge_level: float = 0.1
    """Share of the feasible power at which cars discharge: a timer knows no prices, so it wears them little. [1]"""
    off_peak_load: float = 0.8
    """Load to which sites are filled outside the peak, share of their capacity. [1]"""
    safety: float = 1.2
    """Deadline margin of work in the peak."""

    def controls(self, view: View) -> Controls:
        """Decide for every row and area of the batch."""
        hour = view.hour()
        night = (hour >= self.night_start_h) | (hour < self.night_end_h)
        midday = (hour >= self.midday_start_h) & (hour < self.midday_end_h) & (view["surplus_mw"] > 0.0)
        peak = (hour >= self.peak_start_h) & (hour < self.peak_end_h)
        cheap = night | midday
        batch, training = run_levels(view, np.where(peak, 0.0, self.off_peak_load), self.safety)
        return {
            "batch_run": batch,
            "training_run": training,
            "fleet_power": np.where(cheap, self.charge_level, np.where(peak, -self.discharge_level, 0.0)),
            "storage_power": np.where(cheap, 1.0, np.where(peak, -1.0, 0.0)),
        }


@dataclass(frozen=True)
class Greedy:
    """Movable work and users go to the cheapest area now; cars and storage charge in the cheapest hours of a day."""

    name: ClassVar[str] = "greedy"

    charge_rank: float = 0.33
    """Charge while the rank of this half hour within the next 24 h is below this. [1]"""
    charge_level: float = 0.5
    """Share of the feasible power at which cars charge. [1]"""
    host_level: float = 0.5
    """Hosting action of the cheapest area, and minus that of the others. [1]"""
    cheap_load: float = 0.9
    """Load to which the cheapest area is filled, share of its capacity. [1]"""
    other_load: float = 0.6
    """The same for the other areas. [1]"""
    safety: float = 1.2
    """Deadline margin of work in the other areas."""

    def controls(self, view: View) -> Controls:
        """Decide for every row and area of the batch."""
        price = np.where(view["surplus_mw"] > 0.0, 0.0, view.price_now())
        cheapest = price <= price.min(axis=1, keepdims=True) + 1e-6
        host = np.where(cheapest, self.host_level, -self.host_level)
        batch, training = run_levels(view, np.where(cheapest, self.cheap_load, self.other_load), self.safety)
        now = (view["price_rank_24h"] < self.charge_rank) | (view["surplus_mw"] > 0.0)
        return {
            "realtime_host": host,
            "interactive_host": host,
            "batch_run": batch,
            "training_run": training,
            "fleet_power": np.where(now, self.charge_level, 0.0),
            "storage_power": np.where(now, 1.0, 0.0),
        }


@dataclass(frozen=True)
class Uniform:
    """Every control uniform in [-1, 1]; the draws belong to :class:`RulePolicy`, which owns the stream."""

    name: ClassVar[str] = "random"

    def controls(self, view: View) -> Controls:
        """Decide the mean: nothing."""
        return {}


RULES: dict[str, type[Any]] = {
    rule.name: rule
    for rule in (Uniform, DoNothing, Siloed, TimeOfUse, Greedy, Threshold, CarbonAware, WearAware, Tuned)
}
"""Rules by the name that command lines take."""


class RulePolicy:
    """
    A rule as a policy: the same ``predict`` as a Stable-Baselines3 model.

    Parameters
    ----------
    rule : Rule
        Frozen parameters and decision.
    layout : Layout
        ``observation_layout`` of the environment.
    controls : sequence of str
        ``action_layout`` of the environment: the actions of one area, in order.
    n_areas : int
        Number of areas.
    seed : int
        Seed of the stream of ``random``; the other rules draw nothing.
    """

    def __init__(self, rule: Rule, layout: Layout, controls: Sequence[str], n_areas: int, seed: int = 0) -> None:
        self.rule = rule
        self.name = rule.name
        self.controls = tuple(controls)
        self._layout = layout
        self._n_areas = n_areas
        self._rng = np.random.default_rng(seed)

    def parameters(self) -> dict[str, float]:
        """Return the rule's parameters, for records and for :func:`make_policy`."""
        return {field.name: getattr(self.rule, field.name) for field in fields(RULES[self.name])}

    def predict(
        self,
        observation: NDArray[np.floating],
        state: tuple[NDArray[np.floating], ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.float32], tuple[NDArray[np.floating], ...] | None]:
        """
        Decide for one observation or a batch.

        Parameters
        ----------
        observation : ndarray, shape (D,) or (n, D)
            As the environment returned it.
        state, episode_start, deterministic
            As in Stable-Baselines3; a rule keeps no state.

        Returns
        -------
        action : ndarray, shape (A,) or (n, A)
            Float32 in [-1, 1].
        state
            The state that was given.
        """
        batch = np.atleast_2d(observation)
        view = View(self._layout, batch, self._n_areas)
        shape = (*view.shape, len(self.controls))
        if isinstance(self.rule, Uniform):
            action = self._rng.uniform(-1.0, 1.0, shape)
        else:
            decided = self.rule.controls(view)
            idle = view.fill(0.0)
            # A car that is ordered by itself does as the whole fleet would.
            parts = [decided.get(control_of(name), idle) for name in self.controls]
            action = np.stack([np.broadcast_to(part, view.shape) for part in parts], axis=-1)
        flat = np.clip(action, -1.0, 1.0).astype(np.float32).reshape(len(batch), -1)
        return (flat[0] if observation.ndim == 1 else flat), state


def make_policy(name: str, env: Any, seed: int = 0, **parameters: float) -> RulePolicy:
    """
    Make a rule for an environment.

    Parameters
    ----------
    name : str
        A key of :data:`RULES`.
    env : gymnasium.Env or gymnasium.vector.VectorEnv
        A wattbit environment, single or batched; only its layouts are read.
    seed : int
        Seed of ``random``.
    **parameters : float
        Fields of the rule that differ from their defaults.

    Returns
    -------
    RulePolicy

    Raises
    ------
    PolicyError
        If there is no such rule or parameter; the message names the nearest.
    """
    if name not in RULES:
        raise PolicyError(f"unknown policy {name!r}{did_you_mean(name, RULES)}")
    base = env.unwrapped
    if name == Tuned.name:
        parameters = {**frozen_parameters(base.scenario.name), **parameters}
    valid = [field.name for field in fields(RULES[name])]
    for key in parameters:
        if key not in valid:
            raise PolicyError(f"policy {name}: unknown parameter {key!r}{did_you_mean(key, valid)}")
    return RulePolicy(
        RULES[name](**parameters), base.observation_layout, base.action_layout, len(base.scenario.areas), seed
    )
