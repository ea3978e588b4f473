"""Piecewise linear minorants of the world's convex laws, as bounded segments with rising slopes."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

from wattbit.physics.datacentre import power_usage_effectiveness, site_power_mw
from wattbit.physics.grid import marginal_price, supply_cost
from wattbit.world import state as s
from wattbit_agents.baselines.lp.path import Path, Plant

Array = NDArray[np.float64]

_site_power = np.vectorize(site_power_mw, otypes=[float])
_pue = np.vectorize(power_usage_effectiveness, otypes=[float])
# Planners take the world's curve at thousands of points in every half hour.
_marginal = numba.vectorize(marginal_price, cache=True)
_cost = numba.vectorize(supply_cost, cache=True)

GRID_BREAKS: Final = (
    *((-share, 0.0) for share in (1.0, 0.4, 0.15, 0.0)),
    *((0.0, share) for share in (0.3, 0.5, 0.65, 0.8, 1.0)),
    *((share, 1.0) for share in (0.1, 0.25, 0.5, 1.0)),
)
"""Breaks of the supply curve: shares of the power of stands and battery, and of the data centre's highest power."""

RESERVE_STEPS: Final = 6
"""Intervals of the reserve market's revenue."""

HOTTEST_C: Final = 45.0
"""Outdoor air from which on compressors do not get worse."""

SQUARE_SEGMENTS: Final = 4
"""Segments of the square of a charging rate."""


def square_segments(parts: int = SQUARE_SEGMENTS) -> tuple[Array, Array]:
    """
    Return tangents of the square of a rate between 0 and 1 as segments, from 0 up to the whole.

    Parameters
    ----------
    parts : int
        Segments, at least 2.

    Returns
    -------
    width : ndarray, shape (parts,)
        They add to 1; times the charging limit of the half hour they are the bounds of parts of its charge.
    slope : ndarray, shape (parts,)
        Rising. A part's energy at the cells counts ``4 * limit * slope`` in the sum of the squared rates, 1/h^2.
    """
    at = np.linspace(0.0, 1.0, parts)
    edge = np.concatenate([[0.0], 0.5 * (at[:-1] + at[1:]), [1.0]])
    return np.diff(edge), 2.0 * at


def tangent_segments(at: Array, value: Array, slope: Array, first: Array, last: Array) -> tuple[Array, Array]:
    """
    Return a convex function's tangents as segments.

    Parameters
    ----------
    at, value, slope : ndarray, shape (k, ...)
        Rising points and the tangents there.
    first, last : ndarray, shape (...)
        Range of the function.

    Returns
    -------
    width : ndarray, shape (k, ...)
        Lengths of the segments, which have the slopes given.
    base : ndarray, shape (...)
        The highest tangent at `first`; with the segments filled in order it is the highest tangent everywhere.
    """
    bend = slope[1:] - slope[:-1]
    gap = value[:-1] - slope[:-1] * at[:-1] - (value[1:] - slope[1:] * at[1:])
    middle = 0.5 * (at[:-1] + at[1:])
    cross = np.where(bend > 1e-9, gap / np.where(bend > 1e-9, bend, 1.0), middle)
    cross = np.clip(cross, at[:-1], at[1:])
    edges = np.concatenate([first[None], cross, last[None]])
    base = value[0] + slope[0] * (first - at[0])
    return np.diff(edges, axis=0), base


def flexible_mw(plant: Plant) -> Array:
    """Power of the stands and the battery of every area, MW."""
    cars = plant.value(s.CAR_KW) * plant.site[:, s.SITE_CARS] * 1e-3
    return np.asarray(cars + plant.site[:, s.SITE_STORAGE_MW])


def site_limit_mw(plant: Plant) -> Array:
    """More than a data centre with its heat pump can ever draw, MW."""
    load = plant.site[:, s.SITE_DYNAMIC_MW]
    it = plant.site[:, s.SITE_IDLE_MW] + load
    cooling = (s.SITE_FREE_C, s.SITE_FULL_C, s.SITE_COP, s.SITE_LOSSES, s.SITE_FANS)
    hottest = _pue(HOTTEST_C, *(plant.site[:, field] for field in cooling))
    # Old halls and steep tails draw more than the 1.7 that leaves room everywhere else.
    highest = _site_power(load, hottest, plant.site[:, s.SITE_IDLE_MW], plant.site[:, s.SITE_TAIL])
    power = np.maximum(1.7 * it, highest)
    return np.asarray(power + plant.site[:, s.SITE_HEAT_FLAT_MW] + 60.0 * plant.site[:, s.SITE_HEAT_MW_PER_K])


def supply_segments(plant: Plant, path: Path) -> tuple[Array, Array, Array, Array]:
    """
    Return the cost of a zone's net load beyond the surplus as segments, for the zone that each area leads.

    Returns
    -------
    first_mw : ndarray, shape (step, area)
        Where the first segment begins; 0 for areas that lead no zone.
    base_jpy_per_h : ndarray, shape (step, area)
    width_mw, slope_jpy_per_mwh : ndarray, shape (step, segment, area)
    """
    member = path.zone[:, :, None] == np.arange(path.areas)
    flexible, site = flexible_mw(plant), site_limit_mw(plant)
    shares = np.asarray(GRID_BREAKS)
    edges = shares[:, :1] * flexible + shares[:, 1:] * site
    edges[0] -= 1.0
    edges[-1] += 1.0
    edge = np.einsum("tra,kr->kta", member.astype(float), edges)
    at = 0.5 * (edge[:-1] + edge[1:])
    floor = plant.value(s.FLOOR)
    price, slope = zone_price(path), path.slope
    marginal = _marginal(at, price, slope, floor)
    width, base = tangent_segments(at, _cost(at, price, slope, floor), marginal, edge[0], edge[-1])
    leads = member.any(axis=1)
    return (
        np.where(leads, edge[0], 0.0),
        np.where(leads, base, 0.0),
        np.where(leads, width, 0.0).transpose(1, 0, 2),
        marginal.transpose(1, 0, 2),
    )


def zone_price(path: Path) -> Array:
    """Lowest price of the zone that each area leads, its own where it leads none, (step, area), JPY/MWh."""
    member = path.zone[:, None, :] == np.arange(path.areas)[None, :, None]
    lowest = np.where(member, path.price_jpy_per_mwh[:, None, :], np.inf).min(axis=2)
    return np.where(member.any(axis=2), lowest, path.price_jpy_per_mwh)


def own_rise(plant: Plant, path: Path, low_mw: Array, high_mw: Array) -> tuple[Array, Array]:
    """
    Return what areas that are dearer than their zone pay beyond its curve, at least: a line in the load beyond surplus.

    A trip of an interconnector makes energy dearer in one area of a zone. Each member settles its own load at its own
    average price, so that the rise is paid for every MWh, unless exports push the zone to the floor.

    Parameters
    ----------
    low_mw, high_mw : ndarray, shape (area,)
        Range of the net load.

    Returns
    -------
    slope_jpy_per_mwh : ndarray, shape (step, area)
    constant_jpy_per_h : ndarray, shape (step, area)
        0 but for zones that exports may push to the floor.
    """
    member = path.zone[:, :, None] == np.arange(path.areas)
    lowest = np.take_along_axis(zone_price(path), path.zone, axis=1)
    rise = path.price_jpy_per_mwh - lowest
    exports = np.einsum("trk,r->tk", member.astype(float), low_mw)
    flat = lowest + path.slope * np.take_along_axis(exports, path.zone, axis=1) < plant.value(s.FLOOR)
    # At the floor exports earn less of the rise and imports save some of it: the line below min(0, rise x load).
    span = high_mw - low_mw
    return (
        np.where(flat, -rise * low_mw / span, rise),
        np.where(flat, rise * low_mw * high_mw / span, 0.0),
    )


def load_edges(plant: Plant) -> tuple[Array, Array]:
    """
    Return the utilisations at which the cost of waiting bends, and its slopes between them.

    The world's own tangents, so that plan and world share them.

    Returns
    -------
    edge : ndarray, shape (segment + 1,)
        From 0 to 1.02.
    slope : ndarray, shape (segment,)
    """
    k = s.N_TANGENTS
    intercept = np.concatenate([[0.0], plant.constant[s.TANGENT : s.TANGENT + k]])
    slope = np.concatenate([[0.0], plant.constant[s.TANGENT + k : s.TANGENT + 2 * k]])
    cross = -np.diff(intercept) / np.diff(slope)
    edge = np.maximum.accumulate(np.clip(np.concatenate([[0.0], cross, [1.02]]), 0.0, 1.02))
    # Wide segments in two, for the cooling tail, which bends everywhere.
    middle = 0.5 * (edge[:-1] + edge[1:])
    wide = np.diff(edge) > 0.1
    parts = np.sort(np.concatenate([edge, middle[wide]]))
    return parts, np.repeat(slope, np.where(wide, 2, 1))


def tail_slopes(plant: Plant, width_mw: Array) -> tuple[Array, Array]:
    """
    Return slopes of the cooling tail's tangents in segments of a load, and how far they may lie below it.

    Parameters
    ----------
    width_mw : ndarray, shape (step, segment, area)

    Returns
    -------
    slope : ndarray, shape (step, segment, area)
        MW of facility power per MW.
    gap_mw : ndarray, shape (step, area)
        Largest distance of the tail above the segments, whose first tangent is that at 0.
    """
    tail = plant.site[:, s.SITE_TAIL]
    end = np.cumsum(width_mw, axis=1)
    begin = end - width_mw
    # Chords from edge to edge lie above the tail by at most a quarter of tail x width^2: the gap takes it off.
    chord = tail * (begin + end)
    return chord, np.max(0.25 * tail * width_mw**2, axis=1)


def reserve_segments(depth_mw: Array) -> tuple[Array, Array]:
    """
    Return the widths of offers and the pay of each over the price: tangents of the falling price of reserve.

    Returns
    -------
    width_mw : ndarray, shape (step, segment, area)
    pay : ndarray, shape (segment,)
    """
    at = np.linspace(0.0, 1.0, RESERVE_STEPS + 1)
    edge = np.concatenate([[0.0], 0.5 * (at[:-1] + at[1:]), [1.0]])
    width = np.diff(edge)[None, :, None] * depth_mw[:, None, :]
    return width, 1.0 - 0.5 * at
