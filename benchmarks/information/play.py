"""One week with a planner that is told something, and the oracle's plan of the same week carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as Folder
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.information.truth import GROUPS, Informed, Truth
from benchmarks.information.worn import car_wear_jpy
from wattbit.action import Dispatch
from wattbit.config import ScenarioConfig
from wattbit.env import AggregatorEnv
from wattbit.world import state as s
from wattbit.world.batch import Orders
from wattbit_agents.baselines.lp.dispatch import dispatches
from wattbit_agents.baselines.lp.mpc import MPC
from wattbit_agents.baselines.lp.oracle import OracleResult, solve_path
from wattbit_agents.baselines.lp.path import Path
from wattbit_agents.baselines.lp.planners import PLANNERS, MPCOptions, make_planner
from wattbit_agents.baselines.lp.record import plant_of
from wattbit_agents.baselines.lp.solve import SolveError

SPLIT: Final = "test"

Way = Literal["dispatch", "box", "cars"]
WAYS: Final[tuple[Way, ...]] = ("dispatch", "box", "cars")
"""Ways to carry something out: flow by flow and car by car, or through the Box that orders fleets, or single cars."""


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
    orders : {"area", "car"}
        Whether it orders fleets or single cars, through the Box.
    """

    name: str
    groups: tuple[str, ...] = ()
    horizon: int | None = None
    orders: Orders = "area"


ALL: Final = tuple(GROUPS)

VARIANTS: Final = (
    Variant("nothing"),
    *(Variant(name, (name,)) for name in GROUPS),
    Variant("all", ALL),
    Variant("nothing, car by car", orders="car"),
    Variant("all, car by car", ALL, orders="car"),
    Variant("all, 48 h", ALL, horizon=96),
    Variant("all, 48 h, car by car", ALL, horizon=96, orders="car"),
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
        ordered = dispatches(self._setting.plant, path, self._template.pairs, named)[0]
        return replace(super()._first_orders(path, plan), **{
            name: getattr(ordered, name) for name in ("batch_mw", "training_mw", "vehicle_kw", "storage_mw")
        })  # fmt: skip


def worlds(scenario: ScenarioConfig, data_root: Folder | None, orders: Orders = "area") -> AggregatorEnv:
    """Make the environment that planners play and the oracle carries out in."""
    return AggregatorEnv(
        scenario, split=SPLIT, info_level="none", precision="float64", forecast="full", assets="each",
        orders=orders, data_root=data_root,
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
    env = worlds(scenario, data_root, variant.orders)
    usual = PLANNERS[policy]
    options = replace(usual, horizon=variant.horizon or usual.horizon, orders=variant.orders)
    return play(env, informed(env, policy, truth, variant.groups, options), week, seed)


def informed(
    env: AggregatorEnv, policy: str, truth: Truth, groups: Sequence[str], options: MPCOptions
) -> InformedMPC:  # fmt: skip
    """Make a planner that is told the truth about some groups."""
    planner = make_planner(policy, env, options=options)
    planner.__class__ = InformedMPC
    assert isinstance(planner, InformedMPC)
    planner.tell(truth, groups)
    return planner


def play(env: AggregatorEnv, planner: MPC, week: int, seed: int, by_dispatch: bool = False) -> dict[str, Any]:
    """Play a week with a planner, through the Box or by dispatch; returns what :func:`played` does."""
    observation, _ = env.reset(seed=seed, options={"week": week})
    total, memory, failed = np.zeros(len(s.OUTCOMES)), None, 0
    for _ in range(env.scenario.episode.steps):
        if by_dispatch:
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


def through_box(results: Mapping[Way, Mapping[str, Any]]) -> dict[str, Any]:
    """
    Return one result of three ways to carry something out.

    Returns
    -------
    dict
        The result by dispatch, with ``box_jpy`` and ``box_terms_jpy`` of that through the Box, and ``cars_jpy`` and
        ``cars_terms_jpy`` of that through the Box car by car.
    """
    found = dict(results["dispatch"])
    for way in ("box", "cars"):
        found |= {f"{way}_jpy": results[way]["cost_jpy"], f"{way}_terms_jpy": results[way]["terms_jpy"]}
    return found | {"fallbacks": sum(result["fallbacks"] for result in results.values())}


def perfect(
    scenario: ScenarioConfig, truth: Truth, week: int, seed: int, data_root: Folder | None = None
) -> dict[str, Any]:
    """
    Plan a week with perfect foresight, and carry the plan out by dispatch and through the Box.

    Returns
    -------
    dict
        ``plan_jpy`` and ``plan_terms_jpy`` as planned, ``worn_jpy`` with the world's own wear of cars, ``bound_jpy``,
        ``cost_jpy`` with ``terms_jpy`` when the plan is carried out by dispatch, and what :func:`through_box` adds.
    """
    plant = plant_of(worlds(scenario, data_root).batch)
    found: OracleResult = solve_path(plant, truth.path)
    results: dict[Way, dict[str, Any]] = {}
    for way in WAYS:
        env = worlds(scenario, data_root, "car" if way == "cars" else "area")
        env.reset(seed=seed, options={"week": week})
        total = np.zeros(len(s.OUTCOMES))
        for order in found.dispatches():
            if way == "dispatch":
                env.step_dispatch(order)
            else:
                env.step(env.encode_action(order))
            total += env.batch.outcome[0]
        results[way] = _outcome(total, 0)
    return through_box(results) | {
        "plan_jpy": found.plan_jpy,
        "plan_terms_jpy": dict.fromkeys(s.TERMS, 0.0) | found.plan_terms_jpy,
        "bound_jpy": found.bound_jpy,
        "worn_jpy": found.plan_jpy - found.car_wear_jpy + car_wear_jpy(plant, truth.path, found.plan),
    }
