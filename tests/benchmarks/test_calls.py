"""Calls of reserve take the battery first, then cars, then work: orders and plans that keep to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("highspy")

from benchmarks.information.calls import around, in_order
from wattbit.world import state as s
from wattbit_agents.baselines.lp import dispatch
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.solve import solve
from wattbit_agents.baselines.lp.template import Template


def called(power, low, called_mw):
    """What the world leaves of an order, and the part of a call that is left to others."""
    taken = np.minimum(called_mw, power - low)
    return power - taken, called_mw - taken


@pytest.mark.parametrize(
    ("planned", "call", "ends", "left"),
    [(-20.0, 30.0, -20.0, 0.0), (0.0, 300.0, -50.0, 200.0), (-50.0, 120.0, -50.0, 20.0), (10.0, 70.0, -20.0, 0.0)],
)
def test_a_battery_is_ordered_within_its_power_and_passes_on_the_rest(planned, call, ends, left):
    order, rest = dispatch._before_call(np.array(planned), np.array(-50.0), np.array(50.0), np.array(call))
    assert order <= 50.0
    after, passed = called(order, -50.0, call)
    assert (after, passed) == (ends, left)
    assert rest == left


def test_cars_end_as_planned_where_they_can():
    low, high = np.array([[[-6.0, -6.0, -6.0]]]), np.array([[[6.0, 6.0, 6.0]]])
    planned, call = np.array([[[-6.0, -3.0, 0.0]]]), np.array([[4.5]])
    order, rest = dispatch._cars_before_call(planned, low, high, call)
    room = order - low
    np.testing.assert_allclose(order - call[..., None] * room / room.sum(), planned)
    assert rest.item() == 0.0
    # All at their lowest power bear what they can be ordered above it.
    order, rest = dispatch._cars_before_call(low, low, high, np.array([[40.0]]))
    np.testing.assert_allclose(order, high)
    assert rest.item() == pytest.approx(4.0)


@pytest.fixture(scope="module")
def day(scenario):
    """A day with calls, its structure and its program."""
    plant, (path,) = record_paths(scenario("japan3", episode={"steps": 48}), [5], [0])
    assert path.up_share.any()
    structure = Structure(Template(plant), path.steps)
    return structure, path, fill(structure, path)


def test_batteries_bear_calls_first_and_work_none(day):
    structure, path, program = day
    template = structure.template
    free, bound = solve(program), solve(in_order(structure, path, program))
    assert bound.objective >= free.objective - 1e-6
    power = template.plant.site[:, s.SITE_STORAGE_MW] * path.power_up

    def planned(x):
        plan = template.columns.named(x, path.steps)
        before = np.concatenate([path.storage_start_mwh[None], plan["store"][:-1]])
        share = (before - path.storage_range_mwh[0]) / np.diff(path.storage_range_mwh, axis=0)
        up = path.up_share * plan["up"].sum(axis=1)
        whole = (path.up_share * path.depth_mw >= 2.0 * power) & (plan["up"].sum(axis=1) > path.depth_mw - 1e-6)
        over = plan["store_in"] - plan["store_out"] + power * share
        beside = plan["store_above"] + plan["car_above"].sum(axis=2) + plan["cars_above"]
        beside += plan["discharge"].sum(axis=2) - plan["charge"].sum(axis=(1, 3))
        return over[whole], (beside - up)[path.up_share > 0.0]

    over, beside = planned(bound.x)
    assert over.max() < 1e-5
    assert beside.min() > -1e-5
    assert planned(free.x)[1].min() < -1.0  # without the rows work bears a part


def test_nothing_changes_where_nothing_is_called(day):
    structure, path, program = day
    path = replace(path, up_share=0.0 * path.up_share, down_share=0.0 * path.down_share)
    assert in_order(structure, path, program) is program
    assert around(structure, path, program, np.zeros(structure.shape[1])) is program


def limits_mw(structure, path, hour, energy_mwh):
    """Lowest and highest power of the batteries in a half hour that begins with an energy."""
    plant = structure.template.plant
    power, eta = plant.site[:, s.SITE_STORAGE_MW] * path.power_up[hour], plant.value(s.STORAGE_EFFICIENCY)
    low, high = path.storage_range_mwh
    return (
        -np.minimum(power, 2.0 * eta * np.maximum(0.0, energy_mwh - low)),
        np.minimum(power, 2.0 / eta * np.maximum(0.0, high - energy_mwh)),
    )


def after_calls_mw(path, hour, net_mw, called, lowest, highest):
    """What the world leaves of the net power of batteries, of which none was ordered beyond its limits."""
    up, down = path.up_share[hour] * called["up"], path.down_share[hour] * called["down"]
    net_mw = np.where(up > 0.0, np.minimum(net_mw, np.maximum(lowest, highest - up)), net_mw)
    return np.where(down > 0.0, np.maximum(net_mw, np.minimum(highest, lowest + down)), net_mw)


def some_plan(structure, path, rng, exact):
    """A plan of batteries and offers alone, which keeps to what a call leaves of an order or not."""
    columns, eta = structure.template.columns, structure.template.plant.value(s.STORAGE_EFFICIENCY)
    point, energy = np.zeros(structure.shape[1]), path.storage_start_mwh
    for hour, row in enumerate(point[: path.steps * columns.size].reshape(path.steps, -1)):
        lowest, highest = limits_mw(structure, path, hour, energy)
        net = np.clip(rng.uniform(1.5 * lowest - 1.0, 1.5 * highest + 1.0), lowest, highest)
        offers = {side: rng.uniform(0.0, 150.0, path.areas) * (rng.random(path.areas) < 0.8) for side in ("up", "down")}
        if exact:
            net = after_calls_mw(path, hour, net, offers, lowest, highest)
        energy = energy + 0.5 * np.where(net > 0.0, net * eta, net / eta)
        row[columns.part["store_in"]], row[columns.part["store_out"]] = np.maximum(0.0, net), np.maximum(0.0, -net)
        row[columns.part["store"]] = energy
        for side, offer in offers.items():
            row[columns[side][0]] = offer
    return point


def over_mw(structure, path, point):
    """By how much batteries of a plan end beyond what a call leaves of them."""
    plan, worst = structure.template.columns.named(point, path.steps), 0.0
    energy = np.concatenate([path.storage_start_mwh[None], plan["store"][:-1]])
    for hour in range(path.steps):
        limits, net = limits_mw(structure, path, hour, energy[hour]), plan["store_in"][hour] - plan["store_out"][hour]
        called = {side: plan[side][hour].sum(axis=0) for side in ("up", "down")}
        worst = max(worst, np.abs(after_calls_mw(path, hour, net, called, *limits) - net).max())
    return worst


@pytest.fixture(scope="module")
def hours(day):
    """The first two hours of the day."""

    def first(of):
        return {
            name: value[:4] for name, value in vars(of).items() if isinstance(value, np.ndarray) and len(value) == 48
        }

    whole, path, _ = day
    path = replace(path, cars=replace(path.cars, **first(path.cars)), **first(path))
    structure = Structure(whole.template, path.steps)
    return structure, path, fill(structure, path)


def test_rows_around_a_plan_hold_where_calls_are_borne_as_in_the_world_and_nowhere_else(hours):
    structure, path, program = hours
    rng, held = np.random.default_rng(1), {True: 0, False: 0}
    low, high = path.storage_range_mwh
    for trial in range(200):
        called = np.where(rng.random((2, 4, 3)) < 0.5, 1.0, rng.random((2, 4, 3))) * (rng.random((2, 4, 3)) < 0.8)
        side = rng.random((4, 3)) < 0.5
        case = replace(
            path,
            up_share=called[0] * side,
            down_share=called[1] * ~side,
            storage_start_mwh=rng.uniform(low, high) if trial % 3 else np.where(rng.random(3) < 0.5, low, high),
            power_up=rng.choice([1.0, 1.0, 0.3, 0.0], (4, 3)),
        )
        plan = some_plan(structure, case, rng, exact=True)
        again = around(structure, case, program, plan)
        new = slice(len(program.row_lower), None)
        assert (again.matrix[new] @ plan - again.row_lower[new]).min(initial=0.0) >= -1e-9
        # Whatever keeps all rows is borne as in the world, be it near or far from the plan.
        for near in (0.002, 0.02, 1.0):
            other = plan + near * (some_plan(structure, case, rng, exact=near == 1.0) - plan)
            keeps = (again.matrix[new] @ other - again.row_lower[new]).min(initial=0.0) >= 0.0
            held[keeps] += 1
            if keeps:
                assert over_mw(structure, case, other) < 1e-5
    assert min(held.values()) > 20


def test_a_plan_around_one_in_order_is_borne_exactly(day):
    structure, path, program = day
    ordered = in_order(structure, path, program)
    plan = solve(ordered)
    again = solve(around(structure, path, ordered, plan.x))
    assert again.objective >= plan.objective - 1e-6
    assert over_mw(structure, path, plan.x) > 1.0
    # Rows fix sides at the energies of the plan that is given; a plan that keeps its sides is exact.
    assert over_mw(structure, path, solve(around(structure, path, ordered, again.x)).x) < 1e-3
