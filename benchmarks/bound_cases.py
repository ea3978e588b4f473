"""
Worlds and policies for the proof that the linear program is a bound, and the proof for one week.

Every world here switches on something that could break it. `drain`, `fill` and `dispatch` write physical dispatches,
car by car and pair by pair: they reach states that no sensible policy does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.bound_learner import trained_policy
from benchmarks.bound_wear import wear_excess
from wattbit.action import Dispatch, step_dispatch
from wattbit.appended import Appended
from wattbit.config import ScenarioConfig
from wattbit.env import AggregatorEnv
from wattbit.scenarios import load_scenario
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit_agents.baselines import make_policy
from wattbit_agents.baselines.lp.deadlines import largest_excess_mwh, solve_in_time
from wattbit_agents.baselines.lp.embed import Trajectory, embed, play, violations
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.oracle import OracleResult, solve_path
from wattbit_agents.baselines.lp.planners import MPCOptions, make_planner
from wattbit_agents.baselines.lp.program import Program, Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.template import Template

Array = NDArray[np.float64]
Act = Callable[[Batch], Any]

TWO_DAYS: Final = 96


def changed(name: str, steps: int | None = TWO_DAYS, **sections: Any) -> ScenarioConfig:
    """
    Return a packaged scenario with changes, checked like one that a person wrote.

    Parameters
    ----------
    name : str
        Scenario.
    steps : int, optional
        Half hours of an episode; without it those of the scenario.
    **sections
        Changes by section; `area` changes all areas.
    """
    content = load_scenario(name).model_dump()
    if steps is not None:
        content["episode"]["steps"] = steps
        hours = 0.5 * steps
        for incident in content["incidents"]:
            if incident["start_hour"] is not None:
                incident["start_hour"] %= hours - incident["hours"]
    everywhere = sections.pop("area", {})
    for area in content["areas"]:
        area.update(everywhere)
    for section, changes in sections.items():
        if isinstance(changes, dict):
            content[section].update(changes)
        else:
            content[section] = changes
    return ScenarioConfig.model_validate(content)


def _hijack(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "start_hour": 17.5, "hours": 8.0, "size": 0.4, **more}


EDGES: Final[dict[str, Callable[[], ScenarioConfig]]] = {
    "called": lambda: changed("japan3", area={"capacity_contract_mw": 150.0}),
    "surplus": lambda: changed("japan3"),
    "no-cars": lambda: changed("japan3", area={"cars": 0.0}),
    "no-storage": lambda: changed("japan3", area={"storage_mw": 0.0, "storage_mwh": 0.0}),
    "links-closed": lambda: changed("japan3", network={"apn_gbps": 1e-6}),
    "slow-links": lambda: changed("japan3", network={"path": "ip", "ip_gbps": 5.0}),
    "negative-floor": lambda: changed("japan3", market={"floor_jpy_per_kwh": -10.0}, area={"cars": 3e6}),
    "price-taker": lambda: changed("japan3", market={"slope_scale": 0.0}),
    "own-price": lambda: changed("japan3", market={"slope_scale": 20.0}),
    # Deadlines are part of the world's law and no key of a scenario: sites that are too small make work miss them.
    "overload": lambda: changed(
        "japan3", datacentre={"mean_utilisation": 1.0}, work={"batch_sigma": 1.5, "training_sigma": 1.5}
    ),
    "deferrable-only": lambda: changed(
        "japan3",
        datacentre={"mean_utilisation": 0.95},
        work={"realtime_share": 0.0, "interactive_share": 0.0, "batch_share": 0.6, "training_share": 0.4},
    ),
    "residents": lambda: changed("japan3", work={"resident_share": 0.4}),
    "carbon-price": lambda: changed(
        "japan3", market={"carbon_jpy_per_kg": 10.0}, fleet={"owner_carbon_jpy_per_kg": 5.0}
    ),
    "full-wheeling": lambda: changed("japan3", market={"wheeling": "full", "levy": "full"}),
    "small-offers": lambda: changed("japan3", reserve={"bid_mw": 0.0, "activation_start_jpy_per_kwh": 0.0}),
    "change-cap": lambda: changed("japan3", mitigation={"change_cap": True, "change_cap_share": 0.05}),
    "high-promise": lambda: changed(
        "japan3", fleet={"guarantee_soc": 0.9, "v2g_floor_soc": 0.8, "initial_soc": (0.0, 1.0), "plug_rate": 1.0}
    ),
    "long-trips": lambda: changed(
        "japan3", fleet={"trip_median_kwh": 40.0, "trip_sigma": 1.0, "initial_soc": (0.0, 0.3), "early_share": 0.5}
    ),
    "free-wear": lambda: changed("japan3", fleet={"pack_jpy_per_kwh": 0.0}, storage={"wear_jpy_per_kwh": 0.0}),
    "new-cars": lambda: changed("japan3", fleet={"initial_age_years": 0.0}),
    "other-cell": lambda: changed("japan3", fleet={"cell": "lfp_250ah"}),
    "fleet-kinds": lambda: changed("japan3", area={"fleet_mix": {"home": 0.4, "workplace": 0.3, "commercial": 0.3}}),
    "hot-feeders": lambda: changed("japan3", area={"feeder_kva_per_car": 2.0}),
    "pack-cell": lambda: changed("japan3", storage={"cell": "lfp_250ah"}),
    "second-life": lambda: changed("japan3", storage={"cell": "second_life_leaf", "initial_age_years": 3.0}),
    # Sites draw more than 1.7 times their IT power.
    "hot-halls": lambda: changed(
        "japan3",
        area={"cooling": "air-old"},
        datacentre={"tail_share": 0.5, "mean_utilisation": 1.0},
        work={"realtime_share": 0.5, "interactive_share": 0.5, "batch_share": 0.0, "training_share": 0.0},
    ),
    "liquid": lambda: changed("japan3", area={"cooling": "liquid"}, heat={"sink_c": 30.0}),
    "hijack-charge": lambda: changed("japan3", incidents=[_hijack("hijack-charge")]),
    "hijack-discharge": lambda: changed("japan3", incidents=[_hijack("hijack-discharge")]),
    "hijack-oscillate": lambda: changed(
        "japan3",
        incidents=[_hijack("hijack-oscillate")],
        fleet={"owner_carbon_jpy_per_kg": 10.0, "owner_carbon_usual_kg_per_mwh": 900.0},
    ),
    "lost-link": lambda: changed("japan3", incidents=[{"kind": "lost-link", "start_hour": 17.5, "hours": 20.0}]),
    "fail-safe": lambda: changed(
        "japan3",
        incidents=[{"kind": "lost-link", "start_hour": 17.5, "hours": 20.0, "size": 0.5}],
        mitigation={"fail_safe": True},
    ),
    "cuts-and-trips": lambda: changed(
        "japan3",
        incidents=[
            {"kind": "link-cut", "area": "tokyo", "hours": 12.0},
            {"kind": "interconnector-trip", "area": "kyushu", "start_hour": 4.0, "hours": 40.0},
            {"kind": "dc-outage", "area": "hokkaido", "hours": 6.0, "size": 0.6},
            {"kind": "false-telemetry", "hours": 6.0},
            {"kind": "price-spoof", "hours": 6.0},
        ],
    ),
    "brown-out": lambda: changed("japan3", incidents=[{"kind": "area-outage", "hours": 10.0, "size": 0.5}]),
}
"""Worlds of one change each, two days long."""

SAME_CARS: Final = {
    "no-cars", "no-storage", "links-closed", "slow-links", "negative-floor", "price-taker", "own-price", "overload",
    "deferrable-only", "residents", "carbon-price", "full-wheeling", "pack-cell", "second-life", "hot-halls", "liquid",
}  # fmt: skip
"""Edges whose cars live as in the scenario they are made of: their wear is not looked at again."""

PACKAGED: Final = (
    "japan3",
    "tokyo-outage",
    "fleet-hijack",
    "snow-campus",
    "local-surplus",
)
"""Packaged scenarios on the reference grid with three areas or fewer."""


def scenario_of(name: str) -> ScenarioConfig:
    """Return an edge by name, or a packaged scenario with episodes of two days."""
    return EDGES[name]() if name in EDGES else changed(name)


class RandomDispatch:
    """
    Physical dispatches drawn without sense: within, at and beyond what is possible.

    Parameters
    ----------
    seed : int
    style : {"dispatch", "drain", "fill", "cycle"}
        All styles at random, always the lowest or the highest power of every store, or every car up and down at full
        power, which wears it as hard as commands can.
    """

    def __init__(self, seed: int, style: str = "dispatch") -> None:
        self._rng = np.random.default_rng((seed, len(style)))
        self._style = style
        self._up: NDArray[np.bool_] | None = None

    def _cycled(self, vehicle: Array) -> Array:
        """Powers of cars that turn at both ends of the charge that they may have."""
        soc = vehicle[:, s.ENERGY_KWH] / (vehicle[:, s.CAPACITY_KWH] * vehicle[:, s.HEALTH])
        up = np.ones(soc.shape, np.bool_) if self._up is None else self._up
        self._up = np.where(soc > 0.85, False, np.where(soc < 0.32, True, up))
        return np.where(self._up, 1.5, -1.5)

    def _level(self, shape: tuple[int, ...]) -> Array:
        """Powers in units of the highest one."""
        if self._style != "dispatch":
            return np.full(shape, -1.5 if self._style == "drain" else 1.5)
        kind = self._rng.integers(4)
        if kind == 0:
            return self._rng.uniform(-1.0, 1.0, shape)
        if kind == 1:
            return self._rng.choice([-1.5, 0.0, 1.5], shape)
        return np.full(shape, self._rng.choice([-1.5, -0.3, 0.0, 0.3, 1.5]))

    def _spread(self, total_mw: Array) -> Array:
        """Work from each area to each, as much as there is, less or more."""
        rng, n = self._rng, len(total_mw)
        kind = rng.integers(3)
        if kind == 0:
            weights = rng.dirichlet(np.full(n, 0.3), n)
        elif kind == 1:
            weights = np.eye(n)[rng.integers(n, size=n)]
        else:
            weights = np.eye(n)
        return np.asarray(total_mw[:, None] * weights * rng.choice([0.0, 0.5, 1.0, 1.3], p=[0.1, 0.2, 0.5, 0.2]))

    def __call__(self, batch: Batch) -> bool:
        """Carry out one half hour."""
        world, rng = batch.world, self._rng
        area, site = world.area[0], world.site
        n, cars = len(site), world.vehicle.shape[3]
        waiting = 2.0 * area[:, [s.BATCH_MWH, s.TRAINING_MWH]].T * (0.0 if self._style == "fill" else 1.0)
        work = [self._spread(total) for total in waiting]
        shares = rng.choice([0.0, 0.1, 1.0], p=[0.2, 0.4, 0.4], size=2)
        offer = rng.choice([0.0, 0.3, 1.0, 1.2], size=(2, n)) * area[:, s.RESERVE_DEPTH_MW]
        level = self._cycled(world.vehicle[0]) if self._style == "cycle" else self._level((n, cars))
        dispatch = Dispatch(
            realtime_mw=np.stack([self._spread(area[:, s.REALTIME_MW] / 3.0) for _ in range(3)]),
            interactive_mw=self._spread(area[:, s.INTERACTIVE_MW]),
            batch_mw=work[0] * shares[0],
            training_mw=work[1] * shares[1],
            vehicle_kw=batch.config.fleet.stand_kw * level,
            storage_mw=site[:, s.SITE_STORAGE_MW] * self._level((n,)),
            reserve_up_mw=offer[0],
            reserve_down_mw=offer[1],
        )
        return step_dispatch(batch, dispatch)


STYLES: Final = ("dispatch", "drain", "fill", "cycle")
ORACLE: Final = "oracle"
"""The oracle's own plan, carried out: what comes closest to the bound."""

POLICIES: Final = ("random", "threshold", "greedy", "do-nothing", *STYLES)

PLANNERS: Final = {
    "mpc-8": MPCOptions(horizon=8),
    "mpc-48": MPCOptions(horizon=48),
    "mpc-dual-8": MPCOptions(horizon=8, terminal="dual"),
}
"""Planners; the last one only where worths of stocks were learnt."""

TRAINED: Final = "trained"
"""Stands for a policy that PPO trained on the scenario."""


def actor(name: str, env: AggregatorEnv, seed: int) -> Act:
    """Return what acts under a name: a style of dispatch or a policy that observes."""
    if name in STYLES:
        return RandomDispatch(seed, name)
    if name in PLANNERS:
        return _planner(name, env.scenario)
    policy = trained_policy(env.scenario) if name == TRAINED else make_policy(name, env, seed)

    def act(batch: Batch) -> None:
        action, _ = policy.predict(batch.observation[0].copy())
        batch.step_single(action)

    return act


def _planner(name: str, config: ScenarioConfig) -> Act:
    env = AggregatorEnv(config, precision="float64", forecast="full", assets="each")
    planner = make_planner(name, env, options=PLANNERS[name])
    memory = None

    def act(batch: Batch) -> None:
        nonlocal memory
        shown = Appended(batch, "full", "each").extend(batch.observation)[0]
        action, memory = planner.predict(shown, memory)
        batch.step_single(action)

    return act


@dataclass(frozen=True)
class Verdict:
    """
    What the proof says of one policy in one week.

    Attributes
    ----------
    scenario, policy : str
    seed : int
    broken : dict of str to float
        Blocks of rows and bounds that the trajectory breaks, relative to their size, by more than 0.
    dearer : dict of str to float
        Terms that cost more in the program than in the world, relative to the week's turnover.
    margin : float
        (J - bound) / |bound|.
    """

    scenario: str
    policy: str
    seed: int
    broken: dict[str, float]
    dearer: dict[str, float]
    margin: float

    @property
    def worst(self) -> float:
        """Largest violation of any row, bound or term."""
        return max([0.0, *self.broken.values(), *self.dearer.values()])


def dearer_terms(program: Program, point: Array, trajectory: Trajectory) -> dict[str, float]:
    """Return by how much the program's terms lie above the world's, over the sum of all terms' sizes."""
    world = {name: 1e-3 * trajectory.term_jpy(name) for name in s.TERMS}
    size = sum(abs(value) for value in world.values())
    found = {}
    for name, value in world.items():
        planned = program.constants.get(name, 0.0)
        planned += float(program.terms[name] @ point) if name in program.terms else 0.0
        if planned > value:
            found[name] = (planned - value) / size
    return found


def judge(name: str, seed: int, policies: Sequence[str], config: ScenarioConfig | None = None) -> Iterator[Verdict]:
    """
    Play one week with every policy and hold each trajectory against the program of that week.

    Parameters
    ----------
    name : str
        Scenario, for :func:`scenario_of`.
    seed : int
        Seed of the episode; it also picks the week.
    policies : sequence of str
        Without :data:`ORACLE` among them the wear of :data:`SAME_CARS` is left out of the bound.
    config : ScenarioConfig, optional
        Instead of the scenario by name.
    """
    config = scenario_of(name) if config is None else config
    env = AggregatorEnv(config, precision="float64")
    week = week_of(name, env.batch, seed)
    plant, (path,) = record_paths(config, [week], [seed])
    structure = Structure(Template(plant), path.steps)
    program = fill(structure, path)
    if name in SAME_CARS and ORACLE not in policies:
        oracle, unworn = None, solve_in_time(structure, path, program)
        plan, bound_jpy = unworn.x, 1e3 * unworn.objective
    else:
        oracle = solve_path(plant, path)
        plan, bound_jpy = oracle.x, oracle.bound_jpy
    played = {}
    for policy in policies:
        act = _orders(oracle) if oracle is not None and policy == ORACLE else actor(policy, env, seed)
        played[policy] = play(env.batch, week, seed, act)
    points = {policy: embed(structure, path, trajectory) for policy, trajectory in played.items()}
    worn = dict.fromkeys(policies, 0.0) if oracle is None else wear_excess(plant, path, plan, points, played)
    for policy, trajectory in played.items():
        point = points[policy]
        waiting = float(trajectory.area[:, :, [s.BATCH_MWH, s.TRAINING_MWH]].max())
        behind = {
            "deadlines": largest_excess_mwh(structure, path, point) / max(1.0, waiting),
            "wear": worn[policy],
        }
        yield Verdict(
            scenario=name,
            policy=policy,
            seed=seed,
            broken=violations(structure, program, point, 0.0) | behind,
            dearer=dearer_terms(program, point, trajectory),
            margin=(trajectory.cost_jpy - bound_jpy) / abs(bound_jpy),
        )


def _orders(oracle: OracleResult) -> Act:
    orders = iter(oracle.dispatches())
    return lambda batch: step_dispatch(batch, next(orders))


SEARCHED: Final = {"called": s.CALL, "surplus": s.SURPLUS, "negative-floor": s.SURPLUS}
"""Columns of the series that are above 0 in at least three half hours of the weeks that these worlds are played in."""


def week_of(name: str, batch: Batch, seed: int) -> int:
    """Return the week that goes with a world and a seed: all over the split, or among those that show the matter."""
    weeks = np.arange(batch.n_weeks)
    if name in SEARCHED:
        rows = batch.world.starts[:, None] + np.arange(batch.config.episode.steps)
        weeks = np.flatnonzero((batch.world.exog[rows, :, SEARCHED[name]] > 0.0).any(axis=2).sum(axis=1) > 2)
    return int(weeks[(17 + 83 * seed) % len(weeks)])
