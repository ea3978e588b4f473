"""A plan of the oracle followed: every half hour a short plan that knows all that comes and what stocks are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path as Folder
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.information.calls import around, in_order
from benchmarks.information.floor import above_floor
from benchmarks.information.play import WAYS, InformedMPC, Way, informed, play, through_box, worlds
from benchmarks.information.truth import GROUPS, Truth
from benchmarks.information.worn import car_wear_jpy
from wattbit.action import Dispatch
from wattbit.config import ScenarioConfig
from wattbit.world import state as s
from wattbit.world.batch import Orders
from wattbit_agents.baselines.lp import deadlines
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.mpc import Memory
from wattbit_agents.baselines.lp.path import Array, Path, Plant
from wattbit_agents.baselines.lp.planners import PLANNERS
from wattbit_agents.baselines.lp.prices import marginal_worth
from wattbit_agents.baselines.lp.program import Program, Structure
from wattbit_agents.baselines.lp.record import plant_of
from wattbit_agents.baselines.lp.sight import Clock, Sight
from wattbit_agents.baselines.lp.solve import Solution
from wattbit_agents.baselines.lp.template import KILO, Template
from wattbit_agents.baselines.lp.warm import Bases

HORIZON: Final = 24
"""Half hours that a follower looks ahead: with the plan's own worths 12, 48 and 96 come out the same."""

ROUNDS: Final = 2
"""Times that a plan is made again around itself; more lower its cost by less than 0.01 %."""

_STOCKS: Final = ("store", "car", "batch_left", "training_left")


@dataclass(frozen=True)
class Guide:
    """
    What a follower knows of the plan of a whole episode that can be ordered.

    Attributes
    ----------
    plan_jpy : float
        Its cost.
    worn_jpy : float
        Its cost with the wear of cars by the world's own law.
    plan_terms_jpy : dict of str to float
    worth_kjpy : ndarray, shape (step, column of a half hour)
        What one more unit of a column at the end of the half hour saves from then on, thousands of JPY.
    certificate_kjpy : float
        Worth of one more matched MWh against the week's target, thousands of JPY.
    """

    plan_jpy: float
    worn_jpy: float
    plan_terms_jpy: dict[str, float]
    worth_kjpy: Array
    certificate_kjpy: float


def guide_of(plant: Plant, path: Path) -> Guide:
    """Plan an episode with perfect foresight, in the order of calls and above the floors of cars."""
    structure = Structure(Template(plant), path.steps, "planned")
    program = ordered = in_order(structure, path, fill(structure, path))
    found = deadlines.solve_in_time(structure, path, program)
    for _ in range(ROUNDS):
        program = above_floor(structure, path, around(structure, path, ordered, found.x), found.x)
        found = deadlines.solve_in_time(structure, path, program)
    rows = path.steps * structure.template.rows.size
    terms = {name: (float(cost @ found.x) + program.constants.get(name, 0.0)) / KILO
             for name, cost in program.terms.items()}  # fmt: skip
    worth = marginal_worth(structure, program, found) + _worth_behind(structure, program, found)
    plan = structure.template.columns.named(found.x, path.steps)
    stores = 0.5 * plant.value(s.STORAGE_WEAR) * float((plan["store_in"] + plan["store_out"]).sum())
    return Guide(
        plan_jpy=found.objective / KILO,
        worn_jpy=found.objective / KILO - terms["wear_jpy"] + stores + car_wear_jpy(plant, path, plan),
        plan_terms_jpy=terms | {name: v / KILO for name, v in program.constants.items() if name not in terms},
        worth_kjpy=KILO * worth.reshape(path.steps, -1),
        certificate_kjpy=float(found.dual[rows]) if structure.green else 0.0,
    )


def _worth_behind(structure: Structure, program: Program, found: Solution) -> Array:
    """Return what rows behind those of the structure, of calls and floors, pay for stocks; as of marginal_worth."""
    rows, columns = structure.shape[0], structure.template.columns
    behind = program.matrix[rows:].T @ found.dual[rows : program.matrix.shape[0]]
    worth = np.zeros((structure.steps, columns.size))
    for name in ("store", "car"):
        worth[:, columns.part[name]] = behind[: worth.size].reshape(worth.shape)[:, columns.part[name]]
    return worth.ravel() / KILO


class Follower(InformedMPC):
    """
    A planner that is told the truth and what stocks are worth in the oracle's plan. No policy.

    With the duals of a plan at the end of its horizon, a plan from where the world really stands is as good as one of
    the rest of the week, so that it gives way where the world does and returns where that pays.
    """

    def follow(self, guide: Guide) -> None:
        """Take the worths of a plan, and back reserve car by car in every half hour."""
        self._guide, self._now = guide, 0
        self._path: Path | None = None

    def _structure(self, steps: int) -> tuple[Structure, Array]:
        if steps not in self._structures:
            structure = Structure(self._template, steps, "planned", at_midnight=False)
            self._structures[steps] = structure, self._ties(structure)
        return self._structures[steps]

    def _plan(self, see: Sight, memory: Memory, through_box: bool) -> tuple[Dispatch, Bases]:
        self._now = len(self._guide.worth_kjpy) - see.clock().to_go
        return super()._plan(see, memory, through_box)

    def _price_calls(self, structure: Structure, path: Path, program: Program) -> None:
        super()._price_calls(structure, path, program)
        self._path = path
        if not path.end.green:  # else the world itself settles the end
            self._price_stocks(path, program.cost)
            if structure.green:
                self._price_certificates(path, program.cost)

    def _price_stocks(self, path: Path, cost: NDArray[np.float64]) -> None:
        """Replace the book's worths of stocks by those of the plan, in `cost`."""
        columns, end = self._template.columns, path.end
        last = cost[: path.steps * columns.size].reshape(path.steps, -1)[-1]
        book = {
            "store": -end.storage_jpy_per_mwh,
            "car": -np.repeat(end.car_jpy_per_mwh, self._template.cars),
            "batch_left": end.batch_jpy_per_mwh,
            "training_left": end.training_jpy_per_mwh,
        }
        worth = self._guide.worth_kjpy[self._now + path.steps - 1]
        for name in _STOCKS:
            part = columns.part[name]
            last[part] -= KILO * book[name] + worth[part]

    def _price_certificates(self, path: Path, cost: NDArray[np.float64]) -> None:
        """Replace the penalty of the target so far by the plan's dual of the week's, in `cost`."""
        columns, end, value = self._template.columns, path.end, self._setting.plant.value
        hours = cost[: path.steps * columns.size].reshape(path.steps, -1)
        target = value(s.GREEN_TARGET)
        counted = KILO * value(s.GREEN_PENALTY) if end.matched_mwh <= target * end.match_load_mwh else 0.0
        change = self._guide.certificate_kjpy - counted
        hours[:, columns.part["matched"]] -= change
        hours[:, columns.part["site"]] += 0.5 * target * change

    def _solved(
        self, futures: Sequence[Program], structure: Structure, clock: Clock, bases: Bases
    ) -> tuple[Array, Bases]:
        assert self._path is not None
        (program,) = futures  # who knows what comes plans for nothing else
        ordered = in_order(structure, self._path, program)
        plan, bases = super()._solved([ordered], structure, clock, bases)
        again = around(structure, self._path, ordered, plan)
        return (plan, bases) if again is ordered else super()._solved([again], structure, clock, bases)


def followed(
    scenario: ScenarioConfig, policy: str, truth: Truth, week: int, seed: int, data_root: Folder | None = None
) -> dict[str, Any]:
    """
    Plan a week with perfect foresight as can be ordered, and follow the plan by dispatch and through the Box.

    Returns
    -------
    dict
        ``plan_jpy`` with ``plan_terms_jpy``, ``worn_jpy`` with the world's own wear of cars, ``cost_jpy`` with
        ``terms_jpy`` when it is followed by dispatch, and what :func:`~benchmarks.information.play.through_box` adds.
    """
    guide = guide_of(plant_of(worlds(scenario, data_root).batch), truth.path)
    # Rows change with every half hour, and stand behind single ones.
    options = replace(PLANNERS[policy], horizon=HORIZON, together=1, warm_start=False)
    results: dict[Way, dict[str, Any]] = {}
    for way in WAYS:
        orders: Orders = "car" if way == "cars" else "area"
        env = worlds(scenario, data_root, orders)
        planner = informed(env, policy, truth, tuple(GROUPS), replace(options, orders=orders))
        planner.__class__ = Follower
        assert isinstance(planner, Follower)
        planner.follow(guide)
        results[way] = play(env, planner, week, seed, by_dispatch=way == "dispatch")
    return through_box(results) | {
        "plan_jpy": guide.plan_jpy,
        "worn_jpy": guide.worn_jpy,
        "plan_terms_jpy": dict.fromkeys(s.TERMS, 0.0) | guide.plan_terms_jpy,
    }
