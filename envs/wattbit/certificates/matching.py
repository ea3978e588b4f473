"""Which certificate covers which work in one half hour, in whole Wh whose sums are exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Cover(NamedTuple):
    """Some Wh of one area and technology that cover some work at one site; the last four are positions."""

    quantity_wh: int
    area: int
    technology: int
    site: int
    work: int


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """
    Divide a whole number in proportion to weights so that the parts are whole and add up.

    A part is never above its weight when `total` is not above the sum of the weights. Ties go to the first.

    Parameters
    ----------
    total : int
        At least 0; 0 where every weight is 0.
    weights : sequence of int
        At least 0.

    Examples
    --------
    >>> largest_remainder(10, [1, 1, 1])
    [4, 3, 3]
    """
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError(f"{total} cannot be divided in proportion to zeros")
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    rest = [total * weight % whole for weight in weights]
    for k in sorted(range(len(weights)), key=lambda k: -rest[k])[: total - sum(parts)]:
        parts[k] += 1
    return parts


def pair_up(supply: Sequence[int], demand: Sequence[int]) -> list[tuple[int, int, int]]:
    """
    Serve demands in order from supplies in order.

    Parameters
    ----------
    supply, demand : sequence of int
        At least 0, with the same sum.

    Returns
    -------
    list of (supplier, consumer, quantity)
        Quantities above 0.

    Examples
    --------
    >>> pair_up([5, 3], [2, 6])
    [(0, 0, 2), (0, 1, 3), (1, 1, 3)]
    """
    pairs = []
    left = list(supply)
    k = 0
    for consumer, wanted in enumerate(demand):
        while wanted > 0:
            while left[k] == 0:
                k += 1
            quantity = min(wanted, left[k])
            pairs.append((k, consumer, quantity))
            left[k] -= quantity
            wanted -= quantity
    return pairs


def match_zone(
    members: Sequence[int], certificates_wh: Sequence[Sequence[int]], load_wh: Sequence[Sequence[int]]
) -> list[Cover]:
    """
    Match the certificates of a price zone with its sites' load in one half hour.

    Sites share in proportion to their load, as in the world; each is covered from its own area first. Within an area
    its technologies, within a site its classes of work share in proportion.

    Parameters
    ----------
    members : sequence of int
        Areas of the zone.
    certificates_wh : sequence, shape (area, technology)
        What was issued. [Wh]
    load_wh : sequence, shape (area, class)
        Facility energy by class of work. [Wh]

    Returns
    -------
    list of Cover
        Their sum is the smaller one of certificates and load.
    """
    issued = [sum(certificates_wh[area]) for area in members]
    load = [sum(load_wh[area]) for area in members]
    matched = largest_remainder(min(sum(issued), sum(load)), load)
    own = [min(have, need) for have, need in zip(issued, matched, strict=True)]
    need = [wanted - first for wanted, first in zip(matched, own, strict=True)]
    spare = [have - first for have, first in zip(issued, own, strict=True)]
    lent = largest_remainder(sum(need), spare)
    flows = [(k, k, quantity) for k, quantity in enumerate(own) if quantity] + pair_up(lent, need)

    # What each area gives, by technology, and what each site gets, by class of work; both are then used up in order.
    given = [
        largest_remainder(first + more, certificates_wh[area])
        for area, first, more in zip(members, own, lent, strict=True)
    ]
    taken = [largest_remainder(wanted, load_wh[area]) for area, wanted in zip(members, matched, strict=True)]
    covers = []
    for source, sink, quantity in flows:
        for technology, work, wh in pair_up(_take(given[source], quantity), _take(taken[sink], quantity)):
            covers.append(Cover(wh, members[source], technology, members[sink], work))
    return covers


def _take(stock: list[int], quantity: int) -> list[int]:
    """Take a quantity from the first entries of a stock that are not empty; the stock becomes smaller."""
    parts = [0] * len(stock)
    for k, have in enumerate(stock):
        parts[k] = min(have, quantity)
        stock[k] -= parts[k]
        quantity -= parts[k]
    return parts
