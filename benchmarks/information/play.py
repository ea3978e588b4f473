"""One week with a planner that is told something, and the oracle's plan of the same week carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path as Folder
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.information.truth import GROUPS, Informed, Truth
from wattbit.action import Dispatch
from wattbit.config import ScenarioConfig
from wattbit.env import AggregatorEnv
from wattbit.world import state as s
from wattbit_agents.baselines.lp import dispatch as orders
from wattbit_agents.baselines.lp.mpc import MPC
from wattbit_agents.baselines.lp.oracle import OracleResult, solve_path
from wattbit_agents.baselines.lp.path import Path
from wattbit_agents.baselines.lp.planners import PLANNERS, MPCOptions, make_planner
from wattbit_agents.baselines.lp.record import plant_of
from wattbit_agents.baselines.lp.solve import SolveError

SPLIT: Final = "test"


@dataclass(frozen=True)
class Variant:
    """
    A planner that is told something.

    Attributes
    ----------
    name : str
    groups : tuple of str
        Keys of :data:`~benchmarks.information.truth.GROUPS` that it is told.
    horizon : int, optional
        Half hours that it looks ahead; by default those of the policy.
    by_car : bool
        Whether it orders power car by car, instead of through the Box.
    """

    name: str
    groups: tuple[str, ...] = ()
    horizon: int | None = None
    by_car: bool = False


ALL: Final = tuple(GROUPS)

VARIANTS: Final = (
    Variant("nothing"),
    *(Variant(name, (name,)) for name in GROUPS),
    Variant("all", ALL),
    Variant("nothing, car by car", by_car=True),
    Variant("all, car by car", ALL, by_car=True),
    Variant("all, 48 h", ALL, horizon=96),
    Variant("all, 48 h, car by car", ALL, horizon=96, by_car=True),
)
"""What is compared; the first is the policy itself."""


class InformedMPC(MPC):
    """A planner that is told what really comes, and knows which part of its offers will be called. No policy."""

    def tell(self, truth: Truth, groups: Sequence[str]) -> None:
        """Tell it what comes in the week that it is going to play."""
        self._outlook = Informed(self._outlook, truth, groups)

    def _first_orders(self, path: Path, plan: NDArray[np.float64]) -> Dispatch:
        # A plan counts power after the calls that it knows of.
        if not (path.up_share[0].any() or path.down_share[0].any()):
            return super()._first_orders(path, plan)
        named = self._template.columns.named(plan, path.steps)
        ordered = orders.dispatches(self._setting.plant, path, self._template.pairs, named)[0]
        return replace(super()._first_orders(path, plan), **{
            name: getattr(ordered, name) for name in ("batch_mw", "training_mw", "vehicle_kw", "storage_mw")
        })  # fmt: skip


def worlds(scenario: ScenarioConfig, data_root: Folder | None) -> AggregatorEnv:
    """Make the environment that planners play and the oracle carries out in."""
    return AggregatorEnv(
        scenario, split=SPLIT, info_level="none", precision="float64", forecast="full", assets="each",
        data_root=data_root,
    )  # fmt: skip


def _outcome(total: NDArray[np.float64], fallbacks: int) -> dict[str, Any]:
    terms = {name: float(total[s.OUTCOMES.index(name)]) for name in s.TERMS}
    return {"cost_jpy": float(total[s.O_COST]), "terms_jpy": terms, "fallbacks": fallbacks}


def played(
    scenario: ScenarioConfig, policy: str, variant: Variant, truth: Truth, week: int, seed: int,
    data_root: Folder | None = None,
) -> dict[str, Any]:  # fmt: skip
    """
    Play a week with a policy that is told something.

    Returns
    -------
    dict
        ``cost_jpy``, ``terms_jpy`` by term of the books, and ``fallbacks``.
    """
    env = worlds(scenario, data_root)
    options = PLANNERS[policy] if variant.horizon is None else replace(PLANNERS[policy], horizon=variant.horizon)
    return play(env, informed(env, policy, truth, variant.groups, options), week, seed, variant.by_car)


def informed(
    env: AggregatorEnv, policy: str, truth: Truth, groups: Sequence[str], options: MPCOptions
) -> InformedMPC:  # fmt: skip
    """Make a planner that is told the truth about some groups."""
    planner = make_planner(policy, env, options=options)
    planner.__class__ = InformedMPC
    assert isinstance(planner, InformedMPC)
    planner.tell(truth, groups)
    return planner


def play(env: AggregatorEnv, planner: MPC, week: int, seed: int, by_car: bool) -> dict[str, Any]:
    """Play a week with a planner, through the Box or car by car; returns what :func:`played` does."""
    observation, _ = env.reset(seed=seed, options={"week": week})
    total, memory, failed = np.zeros(len(s.OUTCOMES)), None, 0
    for _ in range(env.scenario.episode.steps):
        if by_car:
            try:
                order, last = planner.dispatch(observation, None if memory is None else memory[0])
                memory = (last,)
                observation = env.step_dispatch(order)[0]
                total += env.batch.outcome[0]
                continue
            except SolveError:
                failed += 1
        action, memory = planner.predict(observation, memory)
        observation = env.step(action)[0]
        total += env.batch.outcome[0]
    return _outcome(total, sum(planner.fallbacks.values()) + failed)


def perfect(
    scenario: ScenarioConfig, truth: Truth, week: int, seed: int, data_root: Folder | None = None
) -> dict[str, Any]:
    """
    Plan a week with perfect foresight, and carry the plan out car by car and through the Box.

    Returns
    -------
    dict
        ``plan_jpy`` and ``plan_terms_jpy`` as planned, ``bound_jpy``, ``cost_jpy`` with ``terms_jpy`` when the plan is
        carried out car by car, ``box_jpy`` with ``box_terms_jpy`` when it is carried out through the Box.
    """
    env = worlds(scenario, data_root)
    found: OracleResult = solve_path(plant_of(env.batch), truth.path)
    results = {}
    for way in ("by car", "box"):
        env.reset(seed=seed, options={"week": week})
        total = np.zeros(len(s.OUTCOMES))
        for order in found.dispatches():
            if way == "box":
                env.step(env.encode_action(order))
            else:
                env.step_dispatch(order)
            total += env.batch.outcome[0]
        results[way] = _outcome(total, 0)
    return results["by car"] | {
        "box_jpy": results["box"]["cost_jpy"],
        "box_terms_jpy": results["box"]["terms_jpy"],
        "plan_jpy": found.plan_jpy,
        "plan_terms_jpy": dict.fromkeys(s.TERMS, 0.0) | found.plan_terms_jpy,
        "bound_jpy": found.bound_jpy,
    }
