"""
One half hour of the market: nine supply curves, lossless lines with limits, one price wherever lines have room.

Supply ``S_i(p)`` of an area is a non-decreasing, piecewise linear function of the price, given by its knots. The
market of least cost over lines with limits is found path by path: power is moved along every path between two areas
until their prices meet or a line on the way is full, again and again until nothing moves. Costs of areas are convex
and separate and the paths are all there are, so where none helps any more the market is at its optimum, also at the
jumps of a curve, where moving one line at a time would get stuck. Areas joined by lines with room are then one zone,
whose price is solved exactly from the sum of its curves, so un-split neighbours have equal prices to the last bit and
every area balances.

Below the floor the curves go on in a *virtual* price (see :mod:`~wattbit.series.generator.supply`), which decides who
curtails; callers cut it off at the floor.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

TOLERANCE_MW = 1e-7
MAX_SWEEPS = 2000
ROOM_MW = 1e-4
GAP_MW = 1e-3
GAP_JPY_PER_KWH = 0.05


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def supply_at(price: Any, knot: Any, supply: Any) -> Any:
    """Supply of one area at a price: linear between knots, constant beyond them."""
    n = len(knot)
    if price <= knot[0]:
        return supply[0]
    if price >= knot[n - 1]:
        return supply[n - 1]
    below, above = 0, n - 1
    while above - below > 1:
        middle = (below + above) // 2
        if knot[middle] <= price:
            below = middle
        else:
            above = middle
    share = (price - knot[below]) / (knot[above] - knot[below])
    return supply[below] + share * (supply[above] - supply[below])


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _total(price: Any, knot: Any, supply: Any, member: Any) -> Any:
    total = 0.0
    for i in range(len(member)):
        if member[i]:
            total += supply_at(price, knot[i], supply[i])
    return total


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def price_at(load: Any, knot: Any, supply: Any, member: Any) -> Any:
    """
    Price at which the members of a zone together supply `load`: exact, by search over the knots of each.

    Where the sum of the curves is flat (a gap between two plants) the lower end of the gap is returned.
    """
    low, high = np.inf, -np.inf
    n = knot.shape[1]
    for i in range(len(member)):
        if member[i]:
            low, high = min(low, knot[i, 0]), max(high, knot[i, n - 1])
    at_low, at_high = _total(low, knot, supply, member), _total(high, knot, supply, member)
    if load <= at_low:
        return low
    if load >= at_high:
        return high
    for i in range(len(member)):
        if not member[i]:
            continue
        below, above = -1, n
        while above - below > 1:
            middle = (below + above) // 2
            p = knot[i, middle]
            if p <= low:
                below = middle
            elif p >= high:
                above = middle
            else:
                total = _total(p, knot, supply, member)
                if total < load:
                    below, low, at_low = middle, p, total
                else:
                    above, high, at_high = middle, p, total
    if at_high <= at_low:
        return low
    return low + (high - low) * (load - at_low) / (at_high - at_low)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _clear_one(
    knot: Any, supply: Any, load: Any, ends: Any, paths: Any, forward: Any, back: Any, hint: Any, flow: Any, price: Any
) -> Any:
    """Clear one half hour in place: `flow` is the start and the result; returns the sweeps taken, -1 if not settled."""
    n_areas, n_lines = len(load), len(ends)
    member = np.zeros(n_areas, np.bool_)
    need = load.copy()
    for k in range(n_lines):
        flow[k] = min(max(flow[k], -back[k]), forward[k])
        need[ends[k, 0]] += flow[k]
        need[ends[k, 1]] -= flow[k]
    sweeps = -1
    for sweep in range(MAX_SWEEPS):
        moved = 0.0
        for j in range(len(paths)):
            path = paths[j] if sweep % 2 == 0 else paths[len(paths) - 1 - j]
            a, b = path[0], path[1]
            more, less = np.inf, np.inf  # room for power from a to b, and from b to a
            for sign_line in path[2:]:
                k = abs(sign_line) - 1
                if sign_line > 0:
                    more, less = min(more, forward[k] - flow[k]), min(less, back[k] + flow[k])
                elif sign_line < 0:
                    more, less = min(more, back[k] + flow[k]), min(less, forward[k] - flow[k])
            if more <= 0.0 and less <= 0.0:
                continue
            member[a] = member[b] = True
            meeting = price_at(need[a] + need[b], knot, supply, member)
            member[a] = member[b] = False
            change = supply_at(meeting, knot[a], supply[a]) - need[a]
            change = min(max(change, -less), more)
            for sign_line in path[2:]:
                if sign_line > 0:
                    flow[sign_line - 1] += change
                elif sign_line < 0:
                    flow[-sign_line - 1] -= change
            need[a] += change
            need[b] -= change
            moved = max(moved, abs(change))
        if moved < TOLERANCE_MW:
            sweeps = sweep + 1
            break
    # Zones: areas joined by lines with room, or whose prices meet although the line happens to be full.
    zone = np.arange(n_areas)
    parent_line = np.full(n_areas, -1)
    order = np.empty(n_areas, np.int64)
    n_ordered = 0
    for root in range(n_areas):
        if zone[root] < root:
            continue
        first = n_ordered
        order[n_ordered] = root
        n_ordered += 1
        while first < n_ordered:
            a = order[first]
            first += 1
            for k in range(n_lines):
                if flow[k] <= -back[k] + ROOM_MW or flow[k] >= forward[k] - ROOM_MW:
                    continue
                for side in range(2):
                    b = ends[k, 1 - side]
                    if ends[k, side] == a and zone[b] == b and b > root and parent_line[b] < 0:
                        zone[b] = root
                        parent_line[b] = k
                        order[n_ordered] = b
                        n_ordered += 1
    lowest, highest = np.empty(n_areas), np.empty(n_areas)  # price range that clears the zone: wide only in a gap
    for root in range(n_areas):
        if zone[root] != root:
            continue
        total, hinted, members = 0.0, 0.0, 0
        for i in range(n_areas):
            member[i] = zone[i] == root
            if member[i]:
                total += need[i]
                hinted += hint[i]
                members += 1
        value = price_at(total, knot, supply, member)
        low = price_at(total - GAP_MW, knot, supply, member)
        high = price_at(total + GAP_MW, knot, supply, member)
        if high - low > GAP_JPY_PER_KWH:
            value = min(max(hinted / members, low), high)
        else:
            low = high = value
        for i in range(n_areas):
            if member[i]:
                price[i], lowest[i], highest[i] = value, low, high
        member[:] = False
    # A zone in a gap is no cheaper than what it imports over a full line and no dearer than where it exports to.
    for _ in range(n_lines):
        for k in range(n_lines):
            a, b = ends[k, 0], ends[k, 1]
            if forward[k] + back[k] <= 2.0 * ROOM_MW:
                continue
            if flow[k] <= -back[k] + ROOM_MW:
                a, b = b, a
            elif flow[k] < forward[k] - ROOM_MW:
                continue
            if price[a] > price[b]:
                up, down = min(price[a], highest[b]), max(price[b], lowest[a])
                root, value = (zone[b], up) if up > price[b] else (zone[a], down)
                for i in range(n_areas):
                    if zone[i] == root:
                        price[i] = value
    # The last metres: flows of a spanning tree take up what the exact zone price moves, leaves first.
    for j in range(n_areas - 1, -1, -1):
        i = order[j]
        k = parent_line[i]
        if k < 0:
            continue
        gap = supply_at(price[i], knot[i], supply[i]) - need[i]
        other = ends[k, 0] if ends[k, 1] == i else ends[k, 1]
        flow[k] += gap if ends[k, 0] == i else -gap
        need[i] += gap
        need[other] -= gap
    return sweeps


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _clear_all(
    knot: Any, supply: Any, load: Any, ends: Any, paths: Any, forward: Any, back: Any, hint: Any, flow: Any, price: Any
) -> Any:
    worst = 0
    for t in range(len(load)):
        if t > 0:
            flow[t] = flow[t - 1]  # a good start; the optimum does not depend on it
        sweeps = _clear_one(knot[t], supply[t], load[t], ends, paths, forward[t], back[t], hint[t], flow[t], price[t])
        worst = sweeps if sweeps < 0 else max(worst, sweeps)
        if worst < 0:
            return -t - 1
    return worst


def _paths(ends: NDArray[np.int64], n_areas: int) -> NDArray[np.int64]:
    """
    Every simple path between two areas: first and last area, then the lines, ``k + 1`` along and ``-(k + 1)`` against.

    Returns
    -------
    ndarray of int, shape (path, 2 + n_areas - 1)
        Padded with zeros; each path once, not also in reverse.
    """
    found: list[list[int]] = []

    def walk(start: int, at: int, visited: frozenset[int], lines: list[int]) -> None:
        if lines and start < at:
            found.append([start, at, *lines, *[0] * (n_areas - 1 - len(lines))])
        for k, (a, b) in enumerate(ends.tolist()):
            for here, there, line in ((a, b, k + 1), (b, a, -k - 1)):
                if here == at and there not in visited:
                    walk(start, there, visited | {there}, [*lines, line])

    for area in range(n_areas):
        walk(area, area, frozenset({area}), [])
    shortest_first = sorted(found, key=lambda path: sum(line != 0 for line in path[2:]))
    return np.array(shortest_first, dtype=np.int64).reshape(-1, n_areas + 1)


def clear(
    knot_jpy_per_kwh: Array,
    supply_mw: Array,
    load_mw: Array,
    ends: NDArray[np.int64],
    forward_mw: Array,
    back_mw: Array,
    hint_jpy_per_kwh: Array | None = None,
) -> tuple[Array, Array]:
    """
    Clear every half hour.

    Parameters
    ----------
    knot_jpy_per_kwh, supply_mw : ndarray, shape (time, area, knot)
        Supply curves: prices not falling, supply not falling along the knots.
    load_mw : ndarray, shape (time, area)
        What the curves must meet, before exchange.
    ends : ndarray of int, shape (line, 2)
        Areas that each line joins; flow is positive from the first to the second.
    forward_mw, back_mw : ndarray, shape (time, line)
        Limits of the flow in both directions, 0 or more.
    hint_jpy_per_kwh : ndarray, shape (time, area), optional
        Decides where the load meets a gap between two plants and any price in the gap clears the market, as happens
        when a plan fills a plant to its last megawatt; without it the lower end of the gap.

    Returns
    -------
    price_jpy_per_kwh : ndarray, shape (time, area)
        Equal to the last bit inside a zone; virtual below the floor.
    flow_mw : ndarray, shape (time, line)

    Raises
    ------
    ValueError
        If a curve falls.
    RuntimeError
        If a half hour does not settle.
    """
    falling = (np.diff(knot_jpy_per_kwh, axis=-1) < 0.0) | (np.diff(supply_mw, axis=-1) < -1e-6)
    if falling.any():
        t, area, k = np.argwhere(falling)[0].tolist()
        raise ValueError(f"supply of half hour {t}, area {area} falls after knot {k}: curves must rise")
    price = np.zeros_like(load_mw)
    flow = np.zeros_like(forward_mw)
    contiguous = [np.ascontiguousarray(a, np.float64) for a in (knot_jpy_per_kwh, supply_mw, load_mw)]
    hint = np.full_like(load_mw, -np.inf) if hint_jpy_per_kwh is None else hint_jpy_per_kwh
    limits = [np.ascontiguousarray(a, np.float64) for a in (forward_mw, back_mw, hint)]
    lines = np.ascontiguousarray(ends, np.int64)
    result = _clear_all(*contiguous, lines, _paths(lines, load_mw.shape[1]), *limits, flow, price)
    if result < 0:
        raise RuntimeError(f"half hour {-result - 1} did not settle in {MAX_SWEEPS} sweeps")
    return price, flow
