"""Model predictive control: every half hour the best plan for what is expected, of which the first step is taken."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from wattbit.action import CONTROLS, ControlMap, Dispatch
from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit_agents.baselines.lp.book import PlannerBook
from wattbit_agents.baselines.lp.encode import SURE_WORK, backed, box_action, dispatch_of
from wattbit_agents.baselines.lp.ends import end_of, price_around, stock_price
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.futures import Joint, futures_of
from wattbit_agents.baselines.lp.outlook import Outlook
from wattbit_agents.baselines.lp.path import Array, Path
from wattbit_agents.baselines.lp.periods import Ends, Periods, period_ends
from wattbit_agents.baselines.lp.planners import FALLBACK, MPCOptions
from wattbit_agents.baselines.lp.program import Program, Structure, coefficients
from wattbit_agents.baselines.lp.sight import Clock, Setting, Sight
from wattbit_agents.baselines.lp.solve import SolveError, Solver
from wattbit_agents.baselines.lp.template import Template
from wattbit_agents.baselines.lp.warm import Bases, keep, shifted
from wattbit_agents.baselines.rules import RulePolicy
from wattbit_agents.baselines.view import Layout

logger = logging.getLogger(__name__)

NEAR: Final = 6
"""Half hours ahead in which a plan backs reserve car by car; more gains nothing (measured on japan3)."""

AWAY_TIE: Final = 0.01
WAIT_TIE: Final = 0.001
"""Thousands of JPY per MW that runs away from home, and per MWh that waits half an hour longer (assumptions)."""


@dataclass(frozen=True)
class Memory:
    """
    What a planner remembers of one episode.

    Attributes
    ----------
    history : ndarray, shape (k, 2, area)
        Spot price and surplus of up to 48 half hours before.
    energy_kwh, drawn_kwh : ndarray, shape (area, car)
        What was in the cars half an hour before, NaN at first and where they were not on a stand; what they have
        discharged on that day until then.
    bases : tuple of Basis
        Of the last plan, one per future; none without one.
    """

    history: Array
    energy_kwh: Array
    drawn_kwh: Array
    bases: Bases = ()

    def drawn_today(self, see: Sight, clock: Clock) -> Array:
        """Return what each car has discharged today until now, kWh, as far as its energy shows it."""
        if clock.slot == 0:
            return np.zeros_like(self.drawn_kwh)
        return self.drawn_kwh + np.nan_to_num(np.maximum(0.0, self.energy_kwh - see["car_energy_kwh"]))


class MPC:
    """
    A planner with the ``predict`` of Stable-Baselines3.

    An action follows from the observation and, with a warm start or persistence, from those before it in the same
    episode, by way of `state`; never from other rows of a batch, nor from episodes before. Without a `state` every
    half hour is planned from nothing.

    Parameters
    ----------
    options : MPCOptions
    setting : Setting
        Static configuration of the scenario.
    layout : Layout
        Of observations with ``forecast="full"`` and ``assets="each"``.
    fallback : RulePolicy
        Acts when there is no plan.
    book : PlannerBook
        What was learnt from train weeks.
    name : str
        Of the planner.

    Attributes
    ----------
    fallbacks : dict of str to int
        Decisions that the rule took because there was no plan, by what the solver ended with.
    solver : Solver
        Solves every plan; another one may take its place, say one that measures itself.
    """

    forecast: ClassVar[Literal["full"]] = "full"
    assets: ClassVar[Literal["each"]] = "each"

    def __init__(
        self,
        options: MPCOptions,
        setting: Setting,
        layout: Layout,
        fallback: RulePolicy,
        book: PlannerBook,
        name: str = "mpc",
    ) -> None:
        self.options, self.name, self.orders = options, name, options.orders
        self.fallbacks: dict[str, int] = {}
        self._setting, self._layout, self._book, self._fallback = setting, layout, book, fallback
        self._outlook = Outlook(
            setting,
            book,
            options.forecast == "persistence",
            options.shrinkage,
            options.recourse,
        )
        self._template = Template(setting.plant, options.recourse)
        self._map = ControlMap(len(setting.plant.names), CONTROLS, options.orders, setting.plant.capacity_kwh.shape[1])
        self._structures: dict[int, tuple[Structure, Array]] = {}
        self._periods: dict[Ends, Periods] = {}
        self._joints: dict[tuple[Structure, Periods | None], Joint] = {}
        self.solver = Solver(options.time_limit_s)

    def predict(
        self,
        observation: NDArray[np.floating],
        state: Sequence[Memory] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.float32], tuple[Memory, ...]]:
        """
        Decide for one observation or a batch.

        Parameters
        ----------
        observation : ndarray, shape (D,) or (n, D)
            As the environment returned it.
        state : sequence of Memory, optional
            What the call before returned, one per row.
        episode_start : ndarray of bool, shape (n,), optional
            Rows that begin an episode, which remember nothing.
        deterministic : bool
            A planner is: what it draws of the future is the same for the same half hour of the week.

        Returns
        -------
        action : ndarray, shape (A,) or (n, A)
            Float32 in [-1, 1].
        state : tuple of Memory
        """
        rows = np.atleast_2d(observation)
        fresh = np.zeros(len(rows), np.bool_) if episode_start is None else np.atleast_1d(episode_start)
        actions, memories = [], []
        for i, row in enumerate(rows):
            memory = self._empty() if state is None or fresh[i] else state[i]
            see = Sight(self._layout, row)
            try:
                dispatch, bases = self._plan(see, memory, through_box=True)
                action = self._map.exposed(box_action(self._setting.plant, see, dispatch, self.orders))
            except SolveError as error:
                action, bases = self._fall_back(row, error), ()
            actions.append(action)
            memories.append(self._remember(memory, see, bases))
        flat = np.stack(actions)
        return (flat[0] if np.ndim(observation) == 1 else flat), tuple(memories)

    def dispatch(self, observation: NDArray[np.floating], memory: Memory | None = None) -> tuple[Dispatch, Memory]:
        """
        Return the physical dispatch that is planned, car by car, for :func:`wattbit.action.step_dispatch`.

        Raises
        ------
        SolveError
            If there is no plan.
        """
        memory = self._empty() if memory is None else memory
        see = Sight(self._layout, observation)
        dispatch, bases = self._plan(see, memory, through_box=False)
        return dispatch, self._remember(memory, see, bases)

    def _empty(self) -> Memory:
        cars = self._setting.plant.capacity_kwh.shape
        return Memory(np.zeros((0, 2, self._template.areas)), np.full(cars, np.nan), np.zeros(cars))

    def _remember(self, memory: Memory, see: Sight, bases: Bases) -> Memory:
        now = np.stack([see["spot_price_jpy_per_mwh"], see["surplus_mw"]])[None]
        # What leaves a car that stays on its stand has been discharged.
        stays = (see["car_plugged_share"] > 0.0) & (see["car_departure_h"] >= 0.5)
        return Memory(
            history=np.concatenate([memory.history, now])[-(STEPS_PER_DAY - 1) :],
            energy_kwh=np.where(stays, see["car_energy_kwh"], np.nan),
            drawn_kwh=memory.drawn_today(see, see.clock()),
            bases=bases,
        )

    def _structure(self, steps: int) -> tuple[Structure, Array]:
        """Structure of a plan, and the costs that decide its ties; made once."""
        if steps not in self._structures:
            structure = Structure(self._template, steps, "planned", NEAR, at_midnight=False)
            self._structures[steps] = structure, self._ties(structure)
        return self._structures[steps]

    def _plan(self, see: Sight, memory: Memory, through_box: bool) -> tuple[Dispatch, Bases]:
        """Return the first half hour of the best plan, and its bases for the next."""
        clock, outlook = see.clock(), self._outlook
        steps, ends = outlook.steps(clock, self.options.horizon)
        prices = outlook.prices(see, clock, memory.history)
        path = outlook.path(see, steps, prices)
        end = end_of(
            self.options.terminal, self._setting.plant, self._book, see, clock, steps, ends,
            stock_price(self._setting.plant, prices, steps, memory.history), path.pue[-1],
            price_around(prices, steps, memory.history),
        )  # fmt: skip
        cars = replace(path.cars, drawn_kwh=memory.drawn_today(see, clock))
        path = replace(path, end=end, cars=cars)
        structure, ties = self._structure(steps)
        paths = [path]
        if self.options.futures > 1:
            paths = futures_of(path, prices, clock, self.options.futures, self._setting.plant.value(s.FLOOR))
        futures = []
        for future in paths:
            program = fill(structure, future)
            program = replace(program, cost=program.cost + ties)
            if through_box:
                self._serve_home_first(see, program.lower)
            self._price_calls(structure, future, program)
            futures.append(program)
        plan, bases = self._solved(futures, structure, clock, memory.bases)
        orders = self._first_orders(path, plan)
        return backed(self._setting.plant, see, path.pue[0], orders, SURE_WORK if through_box else 1.0), bases

    def _first_orders(self, path: Path, plan: Array) -> Dispatch:
        """Return what a plan orders in its first half hour, in which it expects no reserve to be called."""
        return dispatch_of(self._template, plan)

    def _solved(
        self, futures: Sequence[Program], structure: Structure, clock: Clock, bases: Bases
    ) -> tuple[Array, Bases]:
        """Return a plan of the first future and bases, found from those of half an hour before; if that fails, anew."""
        periods = self._taken_together(structure, clock)
        each = futures if periods is None else [periods.program(program) for program in futures]
        joint = self._joint(structure, periods, each[0].matrix)
        asked = joint.program(each)
        self.solver.pass_program(asked)
        if bases:
            self.solver.set_basis(shifted(bases, structure, joint, periods))
        try:
            solution = self.solver.run()
        except SolveError:
            if not bases:
                raise
            self.solver.pass_program(asked)
            solution = self.solver.run()
        first = solution.x[joint.columns[0]]
        plan = first if periods is None else periods.spread(futures[0], first)
        if not self.options.warm_start:
            return plan, ()
        return plan, keep(solution, self.solver.basic(), asked, joint, structure.steps, periods)

    def _joint(self, structure: Structure, periods: Periods | None, matrix: sp.csc_matrix) -> Joint:
        """Return what joins the programs of the futures; made once."""
        key = structure, periods
        if key not in self._joints:
            rows, columns = structure.template.rows.size, structure.template.columns.size
            self._joints[key] = Joint(matrix, rows, columns, self.options.futures)
        return self._joints[key]

    def _taken_together(self, structure: Structure, clock: Clock) -> Periods | None:
        """Return the periods of a plan; none where every half hour is by itself."""
        ends = period_ends(clock.slot, structure.steps, self.options.together)
        if len(ends) == structure.steps:
            return None
        if ends not in self._periods:
            self._periods[ends] = Periods(structure, ends)
        return self._periods[ends]

    def _serve_home_first(self, see: Sight, lower: Array) -> None:
        """
        Bound work that is due now to run at home, in `lower`, of which the first half hour is changed.

        Through the Box a site serves its own queue before those of others, so nobody else is sure to run it in time.
        """
        start, end = self._template.pairs.all
        home = np.flatnonzero(start == end)
        due = {name: 2.0 * see[f"{name}_due_by_slot_mwh"][:, 0] for name in ("batch", "training")}
        part = np.minimum(1.0, 0.9 * see["capacity_mw"] / np.maximum(1e-9, due["batch"] + due["training"]))
        for name, wanted in due.items():
            lower[self._template.columns.part[name].start + home] = 0.999 * part * wanted

    def _price_calls(self, structure: Structure, path: Path, program: Program) -> None:
        """
        Price what a call of the capacity contract misses as the world does, in `cost` and `upper` of a program.

        A bound takes the convex envelope, since nobody misses more than is contracted; a plan that is to deliver does
        not count on that.
        """
        if not (self._template.contract and path.call.any()):
            return
        columns, steps = self._template.columns, path.steps
        part = columns.part["missed"]
        cost = program.cost[: steps * columns.size].reshape(steps, -1)[:, part]
        upper = program.upper[: steps * columns.size].reshape(steps, -1)[:, part]
        called = upper > 0.0
        cost *= np.where(called, coefficients(structure, path)["missed"], 1.0)
        upper[called] = np.inf

    def _ties(self, structure: Structure) -> Array:
        """Cost that decides between plans of the same cost as the Box does: work stays at home, what waits runs."""
        template = structure.template
        start, end = template.pairs.all
        cost = np.zeros(structure.shape[1])
        hours = cost[: structure.steps * template.columns.size].reshape(structure.steps, -1)
        for name in ("batch", "training"):
            hours[:, template.columns.part[name]] = np.where(start == end, 0.0, AWAY_TIE)
            hours[:, template.columns.part[f"{name}_left"]] = WAIT_TIE
        return cost

    def _fall_back(self, row: NDArray[np.floating], error: SolveError) -> NDArray[np.float32]:
        reason = str(error)
        if not self.fallbacks:
            logger.warning("%s: no plan (%s), the rule %s acts; counted from now on", self.name, reason, FALLBACK)
        self.fallbacks[reason] = self.fallbacks.get(reason, 0) + 1
        return self._fallback.predict(row)[0]
