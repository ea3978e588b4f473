"""Model predictive control: every half hour the best plan for what is expected, of which the first step is taken."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Literal

import numpy as np
from numpy.typing import NDArray

from wattbit.action import Dispatch
from wattbit.world import state as s
from wattbit_agents.baselines.lp.encode import backed, box_action, dispatch_of
from wattbit_agents.baselines.lp.ends import TERMINALS, Terminal, end_of, stock_price
from wattbit_agents.baselines.lp.outlook import Outlook
from wattbit_agents.baselines.lp.path import Array
from wattbit_agents.baselines.lp.program import Structure, fill
from wattbit_agents.baselines.lp.sight import PlannerBook, Setting, Sight, setting_of
from wattbit_agents.baselines.lp.solve import SolveError, Solver
from wattbit_agents.baselines.lp.stays import DAY
from wattbit_agents.baselines.lp.template import Template
from wattbit_agents.baselines.lp.warm import Basis, keep, shifted
from wattbit_agents.baselines.rules import RulePolicy, make_policy
from wattbit_agents.baselines.view import Layout
from wattbit_agents.errors import PolicyError, did_you_mean

logger = logging.getLogger(__name__)

HORIZONS: Final = (8, 24, 48, 96)
"""Half hours that a plan may look ahead; 96 is as far as forecasts go."""

FORECASTS: Final = ("issued", "persistence")

FALLBACK: Final = "threshold"
"""Rule that acts when there is no plan."""


AWAY_TIE: Final = 0.01
WAIT_TIE: Final = 0.001
"""Thousands of JPY per MW that runs away from home, and per MWh that waits half an hour longer (assumptions)."""


@dataclass(frozen=True)
class MPCOptions:
    """
    What a planner plans with.

    Parameters
    ----------
    horizon : {8, 24, 48, 96}
        Half hours.
    forecast : {"issued", "persistence"}
        Forecasts of the observation, or what was seen a day before where prices are not known.
    shrinkage : float
        Weight in [0, 1] of issued prices that are not known yet, the rest is that of the usual price; 1 as issued.
    terminal : {"simulated", "dual", "none"}
        Worth of what is left where the plan ends before the episode, see :mod:`wattbit_agents.baselines.lp.ends`.
    warm_start : bool
        Begin from the basis of the half hour before.
    time_limit_s : float
        Longest solve; then the rule :data:`FALLBACK` acts.

    Raises
    ------
    PolicyError
        If a value is not one of these.
    """

    horizon: int = 48
    forecast: Literal["issued", "persistence"] = "issued"
    shrinkage: float = 1.0
    terminal: Terminal = "simulated"
    warm_start: bool = True
    time_limit_s: float = 20.0

    def __post_init__(self) -> None:
        for name, choices in (("horizon", HORIZONS), ("forecast", FORECASTS), ("terminal", TERMINALS)):
            if getattr(self, name) not in choices:
                valid = ", ".join(str(choice) for choice in choices)
                raise PolicyError(f"mpc: {name} is {getattr(self, name)!r}, must be one of {valid}")
        if not 0.0 <= self.shrinkage <= 1.0:
            raise PolicyError(f"mpc: shrinkage is {self.shrinkage}, must be within 0 and 1")
        if not self.time_limit_s > 0.0:
            raise PolicyError(f"mpc: time_limit_s is {self.time_limit_s}, must be more than 0")

    @property
    def needs_book(self) -> bool:
        """Whether it cannot plan without what was learnt from train weeks."""
        return self.terminal == "dual" or self.shrinkage < 1.0


PLANNERS: Final[dict[str, MPCOptions]] = {
    "mpc-persistence": MPCOptions(forecast="persistence", terminal="none"),
    "mpc-plain": MPCOptions(terminal="none"),
    "mpc-simulated": MPCOptions(),
    "mpc-dual-8": MPCOptions(horizon=8, terminal="dual"),
    "mpc-dual-24": MPCOptions(horizon=24, terminal="dual"),
    "mpc-dual": MPCOptions(terminal="dual"),
    "mpc-dual-96": MPCOptions(horizon=96, terminal="dual"),
}
"""Planners by the name that command lines take."""


@dataclass(frozen=True)
class Memory:
    """
    What a planner remembers of one episode.

    Attributes
    ----------
    history : ndarray, shape (k, 2, area)
        Spot price and surplus of up to 48 half hours before.
    basis : Basis or None
        Of the last plan.
    """

    history: Array
    basis: Basis | None = None


@dataclass
class Counts:
    """Decisions and those of them that the rule took because there was no plan, by the reason."""

    decisions: int = 0
    fallbacks: dict[str, int] = field(default_factory=dict)


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
    book : PlannerBook, optional
        What was learnt from train weeks.
    name : str
        Of the planner.

    Raises
    ------
    PolicyError
        If the options need a book and there is none.
    """

    forecast: ClassVar[Literal["full"]] = "full"
    assets: ClassVar[Literal["each"]] = "each"

    def __init__(
        self,
        options: MPCOptions,
        setting: Setting,
        layout: Layout,
        fallback: RulePolicy,
        book: PlannerBook | None = None,
        name: str = "mpc",
    ) -> None:
        if options.needs_book and book is None:
            raise PolicyError(f"{name}: dual terminal values and shrinkage take a planner book, there is none")
        self.options, self.name, self.counts = options, name, Counts()
        self._setting, self._layout, self._book, self._fallback = setting, layout, book, fallback
        self._outlook = Outlook(setting, book, options.forecast == "persistence", options.shrinkage)
        self._template = Template(setting.plant)
        self._structures: dict[int, Structure] = {}
        self._solver = Solver(options.time_limit_s)

    @property
    def fallbacks(self) -> int:
        """Decisions that the rule took because there was no plan."""
        return sum(self.counts.fallbacks.values())

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
            A plan draws nothing.

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
            self.counts.decisions += 1
            try:
                dispatch, basis = self._plan(see, memory, through_box=True)
                action = box_action(self._setting.plant, see, dispatch)
            except SolveError as error:
                action, basis = self._fall_back(row, error), None
            actions.append(action)
            memories.append(self._remember(memory, see, basis))
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
        dispatch, basis = self._plan(see, memory, through_box=False)
        return dispatch, self._remember(memory, see, basis)

    def _empty(self) -> Memory:
        return Memory(np.zeros((0, 2, self._template.areas)))

    def _remember(self, memory: Memory, see: Sight, basis: Basis | None) -> Memory:
        now = np.stack([see["spot_price_jpy_per_mwh"], see["surplus_mw"]])[None]
        return Memory(np.concatenate([memory.history, now])[-(DAY - 1) :], basis)

    def _structure(self, steps: int) -> Structure:
        if steps not in self._structures:
            self._structures[steps] = Structure(self._template, steps)
        return self._structures[steps]

    def _plan(self, see: Sight, memory: Memory, through_box: bool) -> tuple[Dispatch, Basis | None]:
        """Return the first half hour of the best plan, and its basis for the next."""
        clock, outlook = see.clock(), self._outlook
        steps, ends = outlook.steps(clock, self.options.horizon)
        prices = outlook.prices(see, clock, memory.history)
        path = outlook.path(see, steps, prices)
        end = end_of(
            self.options.terminal, self._setting.plant, self._book, see, clock, steps, ends,
            stock_price(prices, steps, memory.history), path.pue[-1],
        )  # fmt: skip
        structure = self._structure(steps)
        program = fill(structure, replace(path, end=end))
        if through_box:
            self._serve_home_first(see, program.lower)
        self._solver.pass_program(replace(program, cost=program.cost + self._ties(structure)))
        if self.options.warm_start and memory.basis is not None:
            self._solver.set_basis(shifted(memory.basis, structure))
        solution = self._solver.run()
        dispatch = backed(self._setting.plant, see, path.pue[0], dispatch_of(self._template, solution.x))
        return dispatch, keep(self._solver.basis(), structure) if self.options.warm_start else None

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
        if not self.counts.fallbacks:
            logger.warning("%s: no plan (%s), the rule %s acts; counted from now on", self.name, reason, FALLBACK)
        self.counts.fallbacks[reason] = self.counts.fallbacks.get(reason, 0) + 1
        return self._fallback.predict(row)[0]


def make_planner(name: str, env: Any, book: PlannerBook | None = None) -> MPC:
    """
    Make a planner for an environment.

    Parameters
    ----------
    name : str
        A key of :data:`PLANNERS`.
    env : gymnasium.Env or gymnasium.vector.VectorEnv
        A wattbit environment with ``forecast="full"`` and ``assets="each"``; only its layout and static configuration
        are read, once.
    book : PlannerBook, optional
        What was learnt from train weeks.

    Raises
    ------
    PolicyError
        If there is no such planner, or the environment shows too little or does not expose all controls.
    """
    if name not in PLANNERS:
        raise PolicyError(f"unknown planner {name!r}{did_you_mean(name, PLANNERS)}")
    base = env.unwrapped
    for option, wanted in (("forecast", MPC.forecast), ("assets", MPC.assets)):
        if getattr(base, option) != wanted:
            raise PolicyError(f"{name}: needs an environment with {option}={wanted!r}")
    if len(base.action_layout) != s.N_CONTROL:
        raise PolicyError(f"{name}: plans all controls, this environment has {', '.join(base.action_layout)} alone")
    fallback = make_policy(FALLBACK, env)
    return MPC(PLANNERS[name], setting_of(base.batch), base.observation_layout, fallback, book, name)
