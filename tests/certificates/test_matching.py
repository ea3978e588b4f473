"""Which certificate covers which work: worked by hand, and laws that hold for any numbers."""

from hypothesis import given
from hypothesis import strategies as st

from wattbit.certificates.matching import Cover, largest_remainder, match_zone, pair_up

COUNTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=6)


def test_remainders_go_to_the_largest_first():
    # 10 x (5, 3, 2) / 10 is whole; of 7 the quotas are 3.5, 2.1, 1.4: the missing Wh goes to the first.
    assert largest_remainder(10, [5, 3, 2]) == [5, 3, 2]
    assert largest_remainder(7, [5, 3, 2]) == [4, 2, 1]
    assert largest_remainder(0, [0, 0]) == [0, 0]


@given(COUNTS, st.floats(0.0, 1.0))
def test_parts_add_up_and_are_within_one_of_their_quota_and_not_above_their_weight(weights, share):
    total = int(share * sum(weights))
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert part <= weight
        if sum(weights):
            assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(COUNTS, COUNTS)
def test_pairs_use_every_supply_and_demand_exactly(supply, demand):
    total = min(sum(supply), sum(demand))
    supply, demand = largest_remainder(total, supply), largest_remainder(total, demand)
    pairs = pair_up(supply, demand)
    assert all(quantity > 0 for _, _, quantity in pairs)
    assert [sum(q for k, _, q in pairs if k == i) for i in range(len(supply))] == supply
    assert [sum(q for _, k, q in pairs if k == i) for i in range(len(demand))] == demand


def test_own_area_comes_first_and_the_rest_comes_from_the_neighbour():
    # 6 Wh of sun in the north, load 4 and 4: 3 each, and the south has none of its own.
    covers = match_zone([0, 1], [[6, 0], [0, 0]], [[4], [4]])
    assert covers == [Cover(3, 0, 0, 0, 0), Cover(3, 0, 0, 1, 0)]
    # With 2 Wh of wind of its own the south (now 4 of 4, as the north) takes them first.
    covers = match_zone([0, 1], [[6, 0], [0, 2]], [[4], [4]])
    assert covers == [Cover(4, 0, 0, 0, 0), Cover(2, 1, 1, 1, 0), Cover(2, 0, 0, 1, 0)]


WH = st.integers(0, 10**6)


@given(st.lists(st.tuples(WH, WH, WH), min_size=3, max_size=3), st.lists(st.tuples(WH, WH), min_size=3, max_size=3))
def test_nothing_is_covered_twice_and_as_much_as_possible_is_covered(certificates, load):
    covers = match_zone([0, 1, 2], certificates, load)
    assert sum(c.quantity_wh for c in covers) == min(sum(map(sum, certificates)), sum(map(sum, load)))
    for a in range(3):
        for k in range(3):
            assert sum(c.quantity_wh for c in covers if (c.area, c.technology) == (a, k)) <= certificates[a][k]
        for k in range(2):
            assert sum(c.quantity_wh for c in covers if (c.site, c.work) == (a, k)) <= load[a][k]
        got = sum(c.quantity_wh for c in covers if c.site == a)
        own = sum(c.quantity_wh for c in covers if c.site == a and c.area == a)
        assert own == min(got, sum(certificates[a]))
