"""The oracle's prices are slopes of its plan's cost, the plan adds up, and it is solved once."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.bound_cases import changed
from wattbit.config import AreaConfig, EpisodeConfig, ForecastConfig, NetworkConfig, ScenarioConfig
from wattbit_agents.baselines.lp import oracle as oracle_module
from wattbit_agents.baselines.lp.deadlines import solve_in_time
from wattbit_agents.baselines.lp.fill import ROOMY, fill
from wattbit_agents.baselines.lp.oracle import (
    OracleError,
    flexibility_jpy,
    oracle_weeks,
    shifted_room_mwh,
    solve_path,
)
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.template import KILO, Template

WEEK = 2
"""A train week in April whose surplus is small enough to be used up."""


@pytest.fixture(scope="module")
def config():
    """Two areas with a thin link, two days."""
    area = {"datacentre_mw": 100.0, "cars": 20_000, "storage_mw": 30.0, "storage_mwh": 120.0}
    return ScenarioConfig(
        name="two",
        areas=(AreaConfig(name="tokyo", user_share=0.7, **area), AreaConfig(name="kyushu", user_share=0.3, **area)),
        network=NetworkConfig(apn_gbps=1.0),
        forecast=ForecastConfig(tier="perfect"),  # nobody looks at it here
        episode=EpisodeConfig(steps=96, months=(4, 5)),
    )


@pytest.fixture(scope="module")
def found(config):
    (week,) = oracle_weeks(config, [WEEK], [0], "train")
    return week.result


def window(path, first, last):
    """Return half hours `first` to `last` of a path; its stocks at the start are those of the whole path."""
    parts = {
        name: value[first:last]
        for name, value in vars(path).items()
        if isinstance(value, np.ndarray)
        and value.ndim >= 2
        and len(value) == path.steps
        and name != "storage_range_mwh"
    }
    cars = {name: value[first:last] for name, value in vars(path.cars).items() if value is not None and value.ndim == 3}
    return replace(path, first_step=path.first_step + first, cars=replace(path.cars, **cars), **parts)


def plan_jpy(found, **changes):
    """Cost of the plan of the path with some arrays changed."""
    path = replace(found.path, **changes)
    structure = Structure(Template(found.plant), path.steps, "planned", at_midnight=path.at_midnight)
    return solve_in_time(structure, path, fill(structure, path)).objective / KILO


def raised(array, step, area, by):
    changed = array.copy()
    changed[(step, *np.atleast_1d(area))] += by
    return changed


def slopes(found, name, step, area, by):
    """One-sided slopes of the bound in one number of the path: its dual lies between them, since it is convex."""
    array = getattr(found.path, name)
    up, down = (plan_jpy(found, **{name: raised(array, step, area, sign * by)}) for sign in (1.0, -1.0))
    return (found.plan_jpy - down) / by, (up - found.plan_jpy) / by


def assert_slope(price, sides, scale=1.0):
    low, high = (scale * side for side in sides)
    tolerance = 1e-3 * max(1.0, abs(low), abs(high))
    assert low - tolerance <= price <= high + tolerance


def test_terms_and_plan_add_up_to_the_bound(found):
    assert sum(found.bound_terms_jpy.values()) == pytest.approx(found.bound_jpy, rel=1e-9)
    assert sum(found.plan_terms_jpy.values()) == pytest.approx(found.plan_jpy, rel=1e-9)
    assert found.plan_jpy == pytest.approx(plan_jpy(found), rel=1e-9)
    assert found.bound_jpy < found.plan_jpy
    plan = found.plan
    assert plan["charge"].shape == (96, 4, 2, 16)
    cars = plan["charge"].sum(axis=1) - plan["discharge"]
    net = plan["site"] + plan["store_in"] - plan["store_out"] + cars.sum(axis=2)
    np.testing.assert_allclose(plan["net"], net, atol=1e-5)


def test_price_of_computing_is_the_cost_of_more_demand(found):
    """One more MW of users whose work runs at home, for half an hour."""
    template, step = Template(found.plant), 20
    home = (template.pairs.interactive[0] == 0) & (template.pairs.interactive[1] == 0)
    assert found.plan["interactive"][step][home].item() > 1.0
    price = found.area_prices["compute_jpy_per_mwh"][step, 0]
    assert price > 0.0
    assert_slope(price, slopes(found, "interactive_mw", step, 0, 0.01), 2.0)


def test_price_of_surplus_is_what_more_of_it_saves(found):
    price = found.area_prices["surplus_jpy_per_mwh"]
    assert np.array_equal(np.isnan(price), found.path.surplus_mw <= 0.0)
    step, area = np.unravel_index(np.nanargmax(price), price.shape)
    assert price[step, area] > 100.0
    assert_slope(-price[step, area], slopes(found, "surplus_mw", step, area, 0.01), 2.0)


def test_price_of_a_link_is_what_more_room_saves(found):
    price = found.link_jpy_per_tb
    assert (price >= 0.0).all()
    step, start, end = np.unravel_index(np.argmax(price), price.shape)
    assert price[step, start, end] > 0.0
    assert_slope(-price[step, start, end], slopes(found, "link_tb", step, (start, end), 1e-3))
    assert found.link_prices.loc[(step, found.plant.names[start], found.plant.names[end])].item() == price.max()


def test_price_of_a_certificate_is_what_one_more_saves(found):
    price = found.area_prices["certificate_jpy_per_mwh"]
    step, area = np.unravel_index(np.argmax(price), price.shape)
    assert_slope(-price[step, area], slopes(found, "certificates_mwh", step, area, 0.01))


def test_price_of_energy_is_what_one_more_mwh_of_load_costs(found):
    template = Template(found.plant)
    structure = Structure(template, found.path.steps, "planned")
    program = fill(structure, found.path)
    step, area = 60, 1
    row = step * template.rows.size + template.rows["net"][area]
    costs = []
    for by in (-0.01, 0.01):
        lower, upper = program.row_lower.copy(), program.row_upper.copy()
        lower[row] += by
        upper[row] += by
        changed = replace(program, row_lower=lower, row_upper=upper)
        costs.append(solve_in_time(structure, found.path, changed).objective / KILO)
    sides = (found.plan_jpy - costs[0]) / 0.01, (costs[1] - found.plan_jpy) / 0.01
    assert_slope(found.area_prices["energy_jpy_per_mwh"][step, area], sides, 2.0)


def rest_of(found, first):
    """Path from half hour `first` on, beginning with the stocks of the plan, and the plan's cost from there on."""
    plan, before = found.plan, first - 1
    left = {name: plan[f"{name}_left"][before] for name in ("batch", "training")}
    path = window(found.path, first, found.path.steps)
    cars = replace(path.cars, start_kwh=plan["car"][before] / found.plant.weight[:, None])
    arrived = {name: getattr(found.path, f"{name}_mwh")[first] for name in left}
    arrivals = {f"{name}_mwh": np.concatenate([np.zeros((1, 2)), getattr(path, f"{name}_mwh")[1:]]) for name in left}
    return replace(
        path,
        cars=cars,
        storage_start_mwh=plan["store"][before],
        batch_start_mwh=left["batch"] + arrived["batch"],
        training_start_mwh=left["training"] + arrived["training"],
        end=replace(path.end, green=False, match_load_mwh=1.0),
        **arrivals,
    )


@pytest.fixture(scope="module")
def half(config):
    """A world without certificates, whose week falls into two independent parts but for its stocks."""
    plain = config.model_copy(update={"certificates": config.certificates.model_copy(update={"enabled": False})})
    (week,) = oracle_weeks(plain, [WEEK], [0], "train")
    return week.result


def test_worth_of_a_stock_is_what_one_more_mwh_saves_from_then_on(half):
    first = 70
    rest = rest_of(half, first)
    here = replace(half, path=rest, plan_jpy=solve_path(half.plant, rest).plan_jpy)
    for name, price, sign in (
        ("storage_start_mwh", "store", -1.0),
        ("batch_start_mwh", "batch", 1.0),
        ("training_start_mwh", "training", 1.0),
    ):
        for area in range(2):
            array = getattr(rest, name)
            costs = []
            for by in (-0.01, 0.01):
                changed = array.copy()
                changed[area] += by
                costs.append(plan_jpy(here, **{name: changed}))
            sides = (here.plan_jpy - costs[0]) / 0.01, (costs[1] - here.plan_jpy) / 0.01
            assert_slope(sign * half.area_prices[f"{price}_jpy_per_mwh"][first - 1, area], sides)


def test_last_worth_of_a_stock_is_its_terminal_value(found):
    end, prices = found.path.end, found.area_prices
    np.testing.assert_allclose(prices["store_jpy_per_mwh"][-1], end.storage_jpy_per_mwh)
    np.testing.assert_allclose(prices["car_jpy_per_mwh"][-1], end.car_jpy_per_mwh)
    np.testing.assert_allclose(prices["batch_jpy_per_mwh"][-1], end.batch_jpy_per_mwh)
    np.testing.assert_allclose(prices["training_jpy_per_mwh"][-1], end.training_jpy_per_mwh)


def test_prices_are_labelled(found):
    table = found.prices
    assert list(table.index.names) == ["step", "area"]
    assert len(table) == 96 * 2
    assert table.loc[(5, "kyushu"), "energy_jpy_per_mwh"] == found.area_prices["energy_jpy_per_mwh"][5, 1]


def test_later_deadlines_save_and_earlier_ones_cost(found):
    room = found.path.batch_room_mwh
    same = shifted_room_mwh(found.path, "batch", 0)
    assert (same <= room + 1e-9).all()
    # Only work that is due beyond the path waits in none of them.
    np.testing.assert_allclose(same[:48], room[:48], rtol=1e-9)
    later = flexibility_jpy(found.plant, found.path, "batch", 8)
    earlier = flexibility_jpy(found.plant, found.path, "batch", -6)
    assert later > 1.0
    assert earlier < 0.0


def test_orders_keep_budgets_and_signs(found):
    orders = found.dispatches()
    assert len(orders) == 96
    demand = found.path.realtime_mw / 3.0
    for t, order in enumerate(orders):
        assert (order.realtime_mw >= 0.0).all()
        assert (order.realtime_mw.sum(axis=2) <= demand[t] + 1e-6).all()
    placed = np.array([order.realtime_mw.sum() for order in orders])
    np.testing.assert_allclose(placed, found.plan["realtime"].sum(axis=1), atol=1e-6)


def test_a_week_is_solved_once(config, found, monkeypatch):
    def never(structure, path, program):
        raise AssertionError("solved again")

    monkeypatch.setattr(oracle_module.deadlines, "solve_in_time", never)
    again = solve_path(found.plant, found.path)
    assert again.bound_jpy == found.bound_jpy
    assert np.array_equal(again.x, found.x)
    with pytest.raises(AssertionError, match="solved again"):
        solve_path(found.plant, replace(found.path, surplus_mw=found.path.surplus_mw + 1e-9))


def test_another_law_of_the_world_is_another_plan(found, tmp_path, monkeypatch):
    """The program evaluates the world's laws: what was planned under others is not taken from the cache."""
    key = oracle_module.content_key(found.plant, found.path)
    copy = tmp_path / "physics"
    shutil.copytree(Path(oracle_module.physics.__file__).parent, copy)
    monkeypatch.setattr(oracle_module.physics, "__file__", str(copy / "__init__.py"))
    assert oracle_module.content_key(found.plant, found.path) == key
    cell = copy / "cells" / "denso_nmc622.py"
    cell.write_text(cell.read_text("utf-8").replace("3.24", "3.25"), "utf-8")
    assert oracle_module.content_key(found.plant, found.path) != key


def test_a_bound_is_of_whole_days(found):
    with pytest.raises(OracleError, match="whole days"):
        _ = replace(found, path=replace(found.path, first_step=20)).bound_jpy


def test_mistakes_are_one_clear_error(config, found):
    with pytest.raises(OracleError, match="weeks 0 to"):
        oracle_weeks(config, [10_000], [0], "train")
    impossible = replace(found.path, storage_range_mwh=found.path.storage_range_mwh + 1e6)
    with pytest.raises(OracleError, match=r"no optimal plan for this path of 96 half hours: Infeasible"):
        solve_path(found.plant, impossible)


@pytest.mark.parametrize("name", ["tokyo-outage", "kyushu-spring"])
def test_limits_that_follow_from_others_are_never_reached(name):
    plant, (path,) = record_paths(changed(name), [WEEK], [0])
    structure = Structure(Template(plant), path.steps, "planned")
    program, columns = fill(structure, path), structure.template.columns
    upper = program.upper.copy()
    hours = upper[: path.steps * columns.size].reshape(path.steps, -1)
    roomy = np.zeros(hours.shape, np.bool_)
    for block in (
        "realtime", "interactive", "batch", "training", "miss_batch", "miss_training",
        "site", "spill", "store_below", "store_above", "matched",
    ):  # fmt: skip
        roomy[:, columns.part[block]] = hours[:, columns.part[block]] > 0.0
    hours[roomy] = np.inf
    found = solve_in_time(structure, path, program)
    free = solve_in_time(structure, path, replace(program, upper=upper))
    assert found.objective == pytest.approx(free.objective, rel=1e-9)
    for point in (found.x, free.x):
        room = (program.upper - point)[: path.steps * columns.size].reshape(roomy.shape)[roomy]
        assert room.min() > 0.99 * ROOMY
