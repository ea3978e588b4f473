"""Planners by name, and what they plan with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from wattbit.action import CONTROLS
from wattbit.world.batch import Orders
from wattbit_agents.baselines.rules import make_policy
from wattbit_agents.errors import MissingExtraError, PolicyError, did_you_mean

if TYPE_CHECKING:
    from wattbit_agents.baselines.lp.book import PlannerBook
    from wattbit_agents.baselines.lp.mpc import MPC

Terminal = Literal["simulated", "dual", "none"]

TERMINALS: Final = ("simulated", "dual", "none")
"""The world's own rule with expected prices, shadow prices learnt from train weeks, or nothing."""

HORIZONS: Final = (8, 24, 48, 96)
"""Half hours that a plan may look ahead; 96 is as far as forecasts go."""

TOGETHER: Final = (1, 2, 4)
"""Half hours of a period from six hours on: all by themselves, or taken together."""

FORECASTS: Final = ("issued", "persistence")

ORDERS: Final = ("area", "car")

FUTURES: Final = (1, 2, 4, 8)
"""Courses of the imbalance that one plan is made for; 1 is the expected one."""

FALLBACK: Final = "threshold"
"""Rule that acts when there is no plan."""


@dataclass(frozen=True)
class MPCOptions:
    """
    What a planner plans with.

    Parameters
    ----------
    horizon : {8, 24, 48, 96}
        Half hours.
    together : {1, 2, 4}
        Half hours far ahead that are planned together, see :mod:`wattbit_agents.baselines.lp.periods`.
    forecast : {"issued", "persistence"}
        Forecasts of the observation, or what was seen a day before where prices are not known.
    shrinkage : float
        Weight in [0, 1] of issued prices that are not known yet, the rest is that of the usual price; 1 as issued.
    terminal : {"simulated", "dual", "none"}
        Worth of what is left where the plan ends before the episode, see :mod:`wattbit_agents.baselines.lp.ends`.
    orders : {"area", "car"}
        Whether a fleet is given one power, which its cars share, or every car its own; as the environment takes them.
    recourse : bool
        Whether a plan counts what departures may need by chance, see :mod:`wattbit_agents.baselines.lp.recourse`.
    futures : {1, 2, 4, 8}
        Courses of the imbalance that a plan is made for, see :mod:`wattbit_agents.baselines.lp.futures`; one where the
        scenario's forecast is perfect.
    warm_start : bool
        Begin from the basis of the half hour before.
    time_limit_s : float
        Longest solve by the clock on the wall; then the rule :data:`FALLBACK` acts. Long enough for a busy machine by
        default: whether it is reached must not depend on what else runs.

    Raises
    ------
    PolicyError
        If a value is not one of these.
    """

    horizon: int = 48
    together: int = 4
    forecast: Literal["issued", "persistence"] = "issued"
    shrinkage: float = 1.0
    terminal: Terminal = "simulated"
    orders: Orders = "area"
    recourse: bool = False
    futures: int = 1
    warm_start: bool = True
    time_limit_s: float = 120.0

    def __post_init__(self) -> None:
        for name, choices in (
            ("horizon", HORIZONS), ("together", TOGETHER), ("forecast", FORECASTS), ("terminal", TERMINALS),
            ("orders", ORDERS), ("futures", FUTURES),
        ):  # fmt: skip
            if getattr(self, name) not in choices:
                valid = ", ".join(str(choice) for choice in choices)
                raise PolicyError(f"mpc: {name} is {getattr(self, name)!r}, must be one of {valid}")
        if not 0.0 <= self.shrinkage <= 1.0:
            raise PolicyError(f"mpc: shrinkage is {self.shrinkage}, must be within 0 and 1")
        if not self.time_limit_s > 0.0:
            raise PolicyError(f"mpc: time_limit_s is {self.time_limit_s}, must be more than 0")


PLANNERS: Final[dict[str, MPCOptions]] = {
    "mpc-persistence": MPCOptions(forecast="persistence", terminal="none"),
    "mpc-plain": MPCOptions(terminal="none"),
    "mpc-simulated": MPCOptions(),
    "mpc-dual-8": MPCOptions(horizon=8, terminal="dual"),
    "mpc-dual-24": MPCOptions(horizon=24, terminal="dual"),
    "mpc-dual": MPCOptions(terminal="dual"),
    "mpc-dual-96": MPCOptions(horizon=96, terminal="dual"),
    "mpc-hedged": MPCOptions(terminal="dual", recourse=True),
    "mpc-stochastic": MPCOptions(terminal="dual", recourse=True, futures=2),
    "mpc-dual-cars": MPCOptions(terminal="dual", orders="car"),
    "mpc-hedged-cars": MPCOptions(terminal="dual", orders="car", recourse=True),
    "mpc-stochastic-cars": MPCOptions(terminal="dual", orders="car", recourse=True, futures=2),
}
"""Planners by the name that command lines take."""


@dataclass(frozen=True)
class Planner:
    """
    A planner that is still to be made.

    Attributes
    ----------
    name : str
        A key of :data:`PLANNERS`.
    forecast, assets : str
        What its observations must hold; options of the environments.
    """

    name: str
    forecast: Literal["full"] = "full"
    assets: Literal["each"] = "each"

    @property
    def orders(self) -> Orders:
        """Whom it orders; an option of the environments."""
        return PLANNERS[self.name].orders

    def __call__(self, env: Any, seed: int = 0) -> MPC:
        """Make it for worlds that it will play; its draws do not depend on a seed."""
        return make_planner(self.name, env)


def make_planner(name: str, env: Any, book: PlannerBook | None = None, options: MPCOptions | None = None) -> MPC:
    """
    Make a planner for an environment.

    Parameters
    ----------
    name : str
        A key of :data:`PLANNERS`, or any name that `options` go by.
    env : gymnasium.Env or gymnasium.vector.VectorEnv
        A wattbit environment with ``forecast="full"``, ``assets="each"`` and the `orders` of the options; only its
        layout and static configuration are read, once.
    book : PlannerBook, optional
        What was learnt from train weeks; that of the scenario by default.
    options : MPCOptions, optional
        Other options than those of the name.

    Raises
    ------
    PolicyError
        If there is no such planner, or the environment shows too little, takes other orders or does not expose all
        controls.
    MissingExtraError
        If the solver is not installed.
    BookError
        If the planner takes worths of stocks and there are none for the scenario.
    """
    if options is None:
        if name not in PLANNERS:
            raise PolicyError(f"unknown planner {name!r}{did_you_mean(name, PLANNERS)}")
        options = PLANNERS[name]
    base = env.unwrapped
    for option, wanted in (("forecast", "full"), ("assets", "each"), ("orders", options.orders)):
        if getattr(base, option) != wanted:
            raise PolicyError(f"{name}: needs an environment with {option}={wanted!r}")
    if tuple(base.controls) != CONTROLS:
        raise PolicyError(f"{name}: plans all controls; this environment has {', '.join(base.controls)} alone")
    try:
        from wattbit_agents.baselines.lp.book import planner_book
        from wattbit_agents.baselines.lp.mpc import MPC
        from wattbit_agents.baselines.lp.sight import setting_of
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{name}: {error.name} is not installed; planners need: pip install 'wattbit[train]'"
        ) from None
    if base.scenario.forecast.tier == "perfect":
        options = replace(options, futures=1)
    if book is None:
        book = planner_book(base.scenario, base.batch.data_root, worths=None if options.terminal == "dual" else False)
    return MPC(options, setting_of(base.batch), base.observation_layout, make_policy(FALLBACK, env), book, name)
