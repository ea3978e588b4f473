"""The oracle: the best plan for a path that is known, its cost, which no policy beats, and its prices."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from pathlib import Path as Folder
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit import physics
from wattbit.action import Dispatch
from wattbit.config import ScenarioConfig
from wattbit.errors import WattbitError
from wattbit.series import cache, source
from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit.world.arrays import build_constants
from wattbit_agents.baselines import bound
from wattbit_agents.baselines.bound.search import bounded
from wattbit_agents.baselines.lp import deadlines, dispatch, prices, program
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.path import Path, Plant
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.solve import SolveError
from wattbit_agents.baselines.lp.template import KILO, Template

Array = NDArray[np.float64]
_T = TypeVar("_T")


class OracleError(WattbitError):
    """A week cannot be planned: it does not exist, or the solver found no optimal plan."""


@dataclass(frozen=True, eq=False)
class OracleResult:
    """
    The best plan for one path.

    Attributes
    ----------
    plan_jpy : float
        Cost of the plan as it is planned, with the planner's price of wear: near what could be done with perfect
        foresight, and no bound.
    plan_terms_jpy : dict of str to float
        The same by term.
    iterations : int
        Of the simplex.
    x : ndarray, shape (columns,)
        The plan.
    dual : ndarray, shape (rows,)
        Duals of its program's rows, thousands of JPY, without those of added windows.
    area_prices : dict of str to ndarray, shape (step, area)
        As of :func:`~wattbit_agents.baselines.lp.prices.area_prices`.
    link_jpy_per_tb : ndarray, shape (step, from, to)
        Worth of one more TB of room on a link.
    plant : Plant
    path : Path
        What was planned.
    beside_kjpy : ndarray, shape (columns,), optional
        What the columns of the half hours cost beside the world's books, thousands of JPY: in all costs, in no term.
    """

    plan_jpy: float
    plan_terms_jpy: dict[str, float]
    iterations: int
    x: Array
    dual: Array
    area_prices: dict[str, Array]
    link_jpy_per_tb: Array
    plant: Plant
    path: Path
    beside_kjpy: Array | None = None

    @cached_property
    def _template(self) -> Template:
        return Template(self.plant)

    @cached_property
    def _bound(self) -> dict[str, float]:
        sources = [file.read_bytes() for file in sorted(Folder(bound.__file__).parent.glob("*.py"))]
        key = cache.source_key((), content_key(self.plant, self.path, self.beside_kjpy), sources)
        return cache.stored("bound", key, self._bounded)[1]

    def _bounded(self) -> cache.Entry:
        """The bound at the prices of the plan, laid out for the disk."""
        plant, path = self.plant, self.path
        if path.steps % STEPS_PER_DAY or not path.at_midnight:
            raise OracleError(f"bound: a path of {path.steps} half hours from {path.first_step} is not of whole days")
        others_kjpy = KILO * (self.plan_jpy - self.car_wear_jpy)
        beside = self.beside_kjpy
        found = _optimal(lambda: bounded(plant, path, self.x, self.dual, others_kjpy, beside_kjpy=beside), path)
        return {}, {"bound_jpy": found.bound_kjpy / KILO, "open_jpy": found.open_kjpy / KILO}

    @property
    def car_wear_jpy(self) -> float:
        """What the plan pays for the wear of cars; that of batteries has a price per MWh."""
        stores = 0.5 * self.plant.value(s.STORAGE_WEAR) * (self.plan["store_in"] + self.plan["store_out"]).sum()
        return self.plan_terms_jpy["wear_jpy"] - float(stores)

    @property
    def bound_jpy(self) -> float:
        """No policy's cost on this path is lower; worked out when it is first asked for."""
        return self._bound["bound_jpy"]

    @property
    def open_jpy(self) -> float:
        """By how much a longer search could raise the bound, at most, at the plan's prices."""
        return self._bound["open_jpy"]

    @property
    def bound_terms_jpy(self) -> dict[str, float]:
        """The bound by term of the world's books: the plan's, but wear takes all that the bound is below it."""
        terms = dict(self.plan_terms_jpy)
        terms["wear_jpy"] += self.bound_jpy - self.plan_jpy
        return terms

    @cached_property
    def plan(self) -> dict[str, Array]:
        """The plan as named arrays, each (step, *shape of the block): MW, and MWh for stocks at the end."""
        return self._template.columns.named(self.x, self.path.steps)

    def dispatches(self) -> list[Dispatch]:
        """Return the orders that carry out the plan, one per half hour."""
        return dispatch.dispatches(self.plant, self.path, self._template.pairs, self.plan)

    @cached_property
    def prices(self) -> pd.DataFrame:
        """Prices of every half hour and area, columns as in :attr:`area_prices`, index (step, area)."""
        index = pd.MultiIndex.from_product([range(self.path.steps), self.plant.names], names=["step", "area"])
        return pd.DataFrame({name: value.ravel() for name, value in self.area_prices.items()}, index=index)

    @cached_property
    def link_prices(self) -> pd.DataFrame:
        """Worth of one more TB on every link, index (step, from, to)."""
        names = self.plant.names
        index = pd.MultiIndex.from_product([range(self.path.steps), names, names], names=["step", "from", "to"])
        table = pd.DataFrame({"link_jpy_per_tb": self.link_jpy_per_tb.ravel()}, index=index)
        return table[table.index.get_level_values("from") != table.index.get_level_values("to")]


def _feed(digest: Any, thing: Any) -> None:
    """Feed everything that a plant or path holds into a digest."""
    if is_dataclass(thing):
        for field in fields(thing):
            digest.update(field.name.encode())
            _feed(digest, getattr(thing, field.name))
    elif isinstance(thing, np.ndarray):
        digest.update(repr((thing.dtype.str, thing.shape)).encode())
        digest.update(np.ascontiguousarray(thing).tobytes())
    else:
        digest.update(repr(thing).encode())


def content_key(plant: Plant, path: Path, beside_kjpy: Array | None = None) -> str:
    """Return a key that changes with any number that goes in, with the text of program and laws, with HiGHS."""
    digest = hashlib.sha256(importlib.metadata.version("highspy").encode())
    for thing in (plant, path, beside_kjpy):
        _feed(digest, thing)
    # The program evaluates the world's own laws of wear, prices and snow.
    for folder in (Folder(__file__).parent, Folder(str(physics.__file__)).parent):
        for source_file in sorted(folder.rglob("*.py")):
            digest.update(source_file.read_bytes())
    return cache.source_key((), digest.hexdigest())


def by_term(filled: program.Program, x: Array) -> dict[str, float]:
    """Return the cost of a point by term, thousands of JPY."""
    return {
        name: (float(filled.terms[name] @ x) if name in filled.terms else 0.0) + filled.constants.get(name, 0.0)
        for name in filled.terms | filled.constants
    }


def _optimal(run: Callable[[], _T], path: Path) -> _T:
    """Run a solver; a failure is the oracle's."""
    try:
        return run()
    except SolveError as error:
        raise OracleError(f"oracle: no optimal plan for this path of {path.steps} half hours: {error}") from None


def _planned(plant: Plant, path: Path, beside_kjpy: Array | None) -> cache.Entry:
    """Solve with the planner's price of wear, and lay the result out for the disk."""
    structure = Structure(Template(plant), path.steps, "planned", at_midnight=path.at_midnight)
    filled = fill(structure, path).dearer(beside_kjpy)
    found = _optimal(lambda: deadlines.solve_in_time(structure, path, filled), path)
    areas = prices.area_prices(structure, filled, found, path)
    meta = {
        "plan_jpy": found.objective / KILO,
        "plan_terms_jpy": {name: value / KILO for name, value in by_term(filled, found.x).items()},
        "iterations": found.iterations,
        "prices": list(areas),
    }
    links = prices.link_prices(structure, found)
    arrays = {"x": found.x, "dual": found.dual[: structure.shape[0]], "links": links}
    return arrays | {"areas": np.stack(list(areas.values()))}, meta


def solve_path(plant: Plant, path: Path, beside_kjpy: Array | None = None) -> OracleResult:
    """
    Return the best plan for a path, from the cache where the same program was solved before.

    Parameters
    ----------
    plant : Plant
        What stands in the world.
    path : Path
        What happens; from :func:`~wattbit_agents.baselines.lp.record.record_paths`.
    beside_kjpy : ndarray, shape (columns,), optional
        What the columns of the half hours cost beside the world's books, thousands of JPY.

    Returns
    -------
    OracleResult

    Raises
    ------
    OracleError
        If there is no optimal plan.
    """
    key = content_key(plant, path, beside_kjpy)
    arrays, meta = cache.stored("oracle", key, lambda: _planned(plant, path, beside_kjpy))
    return OracleResult(
        plan_jpy=meta["plan_jpy"],
        plan_terms_jpy=meta["plan_terms_jpy"],
        iterations=meta["iterations"],
        x=arrays["x"],
        dual=arrays["dual"],
        area_prices=dict(zip(meta["prices"], arrays["areas"], strict=True)),
        link_jpy_per_tb=arrays["links"],
        plant=plant,
        path=path,
        beside_kjpy=beside_kjpy,
    )


def shifted_room_mwh(path: Path, work: Literal["batch", "training"], half_hours: int) -> Array:
    """
    Return the work that may still wait when every deadline within the path lies `half_hours` later (earlier if < 0).

    Work that is due beyond the path keeps its deadline.
    """
    room = getattr(path, f"{work}_room_mwh")
    arrived = getattr(path, f"{work}_start_mwh") + np.cumsum(getattr(path, f"{work}_mwh"), axis=0)
    due = arrived - room
    at = np.arange(path.steps) - half_hours
    moved = np.where((at < 0)[:, None], 0.0, due[np.clip(at, 0, path.steps - 1)])
    return np.asarray(np.maximum(0.0, arrived - moved))


def flexibility_jpy(plant: Plant, path: Path, work: Literal["batch", "training"], half_hours: int) -> float:
    """
    Return what later deadlines would save: the fall of the plan's cost when all of one kind of work may wait longer.

    Parameters
    ----------
    plant : Plant
    path : Path
    work : {"batch", "training"}
    half_hours : int
        How much later the work is due; below 0 it is due earlier, and the result is a cost.

    Returns
    -------
    float
        By re-solving, since the limit on waiting work is hardly ever reached and its dual is 0. [JPY]
    """
    due = {**path.due, work: tuple(max(0, last + half_hours) for last in path.due[work])}
    changes: dict[str, Any] = {f"{work}_room_mwh": shifted_room_mwh(path, work, half_hours), "due": due}
    return solve_path(plant, path).plan_jpy - solve_path(plant, replace(path, **changes)).plan_jpy


@dataclass(frozen=True, eq=False)
class OracleWeek:
    """
    The oracle of one week of a split.

    Attributes
    ----------
    week, seed : int
        Place in the split, and seed of the draws.
    start : pandas.Timestamp
        Its first half hour, Asia/Tokyo.
    result : OracleResult
    """

    week: int
    seed: int
    start: pd.Timestamp
    result: OracleResult


def oracle_weeks(
    config: ScenarioConfig,
    weeks: Sequence[int],
    seeds: Sequence[int],
    split: str = "test",
    data_root: Folder | None = None,
    progress: Callable[[OracleWeek], None] | None = None,
) -> list[OracleWeek]:
    """
    Plan weeks of a split with perfect foresight, one after the other.

    Parameters
    ----------
    config : ScenarioConfig
        The world.
    weeks, seeds : sequence of int
        Week of the split and seed of each; as many seeds as weeks.
    split : str
        Part of the series.
    data_root : path, optional
        Folder of real data.
    progress : callable, optional
        Called with every week as it is done.

    Returns
    -------
    list of OracleWeek

    Raises
    ------
    OracleError
        If a week does not exist or has no optimal plan.

    Notes
    -----
    Every solved week is kept on disk: a run that was interrupted goes on where it stopped.
    """
    starts = build_constants(config, "evaluation", split, data_root).starts
    for week in weeks:
        if not 0 <= week < len(starts):
            raise OracleError(
                f"week is {week}: the {split} split of scenario {config.name} has weeks 0 to {len(starts) - 1}"
            )
    series, _ = source.load(config.series, [area.name for area in config.areas], split, data_root, config.grid)
    found = []
    for week, seed in zip(weeks, seeds, strict=True):
        plant, (path,) = record_paths(config, [week], [seed], split, data_root)
        try:
            result = solve_path(plant, path)
        except OracleError as error:
            raise OracleError(f"{config.name}, {split} week {week}, seed {seed}: {error}") from None
        found.append(OracleWeek(week, seed, series.time_of(int(starts[week])), result))
        if progress is not None:
            progress(found[-1])
    return found
