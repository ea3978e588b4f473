"""The half-hourly market: toys by hand, the conditions of an optimum on random markets, monotone in wind and lines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattbit.series.generator import supply
from wattbit.series.generator.clearing import clear

LINE = np.array([[0, 1]])


def market(low, high, width):
    """Curves of one half hour from ramps listed per area."""
    low, high, width = (np.array([values], dtype=np.float64) for values in (low, high, width))
    return supply.curves(low, high, width)


def two_areas(load, forward=100.0, back=100.0, wind=(0.0, 0.0)):
    """North: cheap plant, 5 to 9 JPY/kWh over 400 MW; south: dear, 10 to 20 over 500 MW; wind from -1 to 0 JPY/kWh."""
    knot, curve = market([[-1.0, 5.0], [-1.0, 10.0]], [[0.0, 9.0], [0.0, 20.0]], [[wind[0], 400.0], [wind[1], 500.0]])
    limits = np.array([[forward]]), np.array([[back]])
    price, flow = clear(knot, curve, np.array([load], dtype=np.float64), LINE, *limits)
    return price[0], flow[0, 0]


def test_a_full_line_splits_the_market():
    # North serves 200 + 100 of 400 MW: 5 + 4 * 3/4. South is left with 150 of 500 MW: 10 + 10 * 0.3.
    price, flow = two_areas((200.0, 250.0))
    assert flow == 100.0
    np.testing.assert_allclose(price, [8.0, 13.0], atol=1e-9)


def test_a_line_with_room_makes_one_price_to_the_last_bit():
    # Below 9 JPY/kWh all comes from the north: 5 + 4 * 300/400 = 8, and 60 MW go south.
    price, flow = two_areas((240.0, 60.0))
    assert price[0] == price[1] == pytest.approx(8.0, abs=1e-9)
    assert flow == pytest.approx(60.0, abs=1e-6)


def test_both_plants_share_where_their_ramps_meet():
    # 400 MW of the north are not enough for 450: the south adds 50 of 500 MW at 11 JPY/kWh.
    price, flow = two_areas((300.0, 150.0), forward=150.0)
    assert price[0] == price[1] == pytest.approx(11.0, abs=1e-9)
    assert flow == pytest.approx(100.0, abs=1e-6)


def test_surplus_is_curtailed_behind_a_full_line():
    # 500 MW of wind meet 200 MW and a line of 100: 200 MW are turned down, so wind stands at 60 % of its ramp.
    price, flow = two_areas((200.0, 250.0), wind=(500.0, 0.0))
    assert flow == 100.0
    assert price[0] == pytest.approx(-1.0 + 300.0 / 500.0, abs=1e-9)
    assert price[1] == pytest.approx(13.0, abs=1e-9)


def test_surplus_of_one_zone_is_shared_in_proportion():
    # 300 MW of load and 400 + 200 MW of wind behind a wide line: both turn half of it down.
    price, flow = two_areas((100.0, 200.0), 1000.0, 1000.0, wind=(400.0, 200.0))
    assert price[0] == price[1] == pytest.approx(-0.5, abs=1e-9)
    assert flow == pytest.approx(100.0, abs=1e-6)


def test_power_crosses_an_area_whose_own_plant_has_a_gap():
    # The middle has nothing between 0 and 30 JPY/kWh: moving one line at a time would stop here.
    knot, curve = market(
        [[5.0, 50.0], [-1.0, 30.0], [10.0, 50.0]],
        [[9.0, 60.0], [0.0, 40.0], [20.0, 60.0]],
        [[400.0, 1.0], [50.0, 100.0], [500.0, 1.0]],
    )
    ends = np.array([[0, 1], [1, 2]])
    limit = np.array([[500.0, 500.0]])
    price, flow = clear(knot, curve, np.array([[100.0, 50.0, 200.0]]), ends, limit, limit)
    np.testing.assert_allclose(price[0], 8.0, atol=1e-9)
    np.testing.assert_allclose(flow[0], 200.0, atol=1e-6)


def test_in_a_gap_the_hint_decides_and_the_low_end_without_one():
    knot, curve = market([[-1.0, 5.0]], [[0.0, 9.0]], [[100.0, 400.0]])
    no_line, none = np.zeros((0, 2), np.int64), np.zeros((1, 0))
    for hint, expected in ((None, 0.0), (3.0, 3.0), (-7.0, 0.0), (50.0, 5.0)):
        hints = None if hint is None else np.array([[hint]])
        price, _ = clear(knot, curve, np.array([[100.0]]), no_line, none, none, hints)
        assert price[0, 0] == pytest.approx(expected, abs=1e-4)


def random_market(seed, n_areas=5, n_ramps=4):
    rng = np.random.default_rng(seed)
    low = rng.uniform(0.0, 20.0, (3, n_areas, n_ramps))
    high = low + rng.uniform(0.1, 10.0, low.shape)
    width = rng.uniform(0.0, 300.0, low.shape)
    low[..., 0], high[..., 0], width[..., 0] = -1.0, -0.1, rng.uniform(0.0, 500.0, (3, n_areas))  # wind
    low[..., -1], high[..., -1], width[..., -1] = 200.0, 201.0, 1e4
    ends = np.array([[0, 1], [1, 2], [2, 3], [3, 4], [2, 4]])  # a chain that ends in a triangle
    forward, back = rng.uniform(0.0, 200.0, (2, 3, len(ends)))
    load = rng.uniform(50.0, 500.0, (3, n_areas))
    return low, high, width, load, ends, forward, back


def solve(low, high, width, load, ends, forward, back):
    knot, curve = supply.curves(low, high, width)
    price, flow = clear(knot, curve, load, ends, forward, back)
    return price, flow, supply.dispatch(price, low, high, width)


def net_export(flow, ends, n_areas):
    out = np.zeros((len(flow), n_areas))
    for k, (a, b) in enumerate(ends):
        out[:, a] += flow[:, k]
        out[:, b] -= flow[:, k]
    return out


def cost(dispatched, low, high, width):
    """Area under the ramps, JPY/kWh times MW."""
    share = np.divide(dispatched, width, out=np.zeros_like(width), where=width > 0)
    return (dispatched * (low + 0.5 * (high - low) * share)).sum(axis=(1, 2))


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_every_market_is_balanced_and_optimal(seed):
    low, high, width, load, ends, forward, back = random_market(seed)
    price, flow, dispatched = solve(low, high, width, load, ends, forward, back)
    np.testing.assert_allclose(dispatched.sum(axis=2) - net_export(flow, ends, 5), load, atol=1e-6)
    assert (flow <= forward + 1e-6).all()
    assert (flow >= -back - 1e-6).all()
    # Optimal: where a line has room, no price difference is left in that direction.
    gap = price[:, ends[:, 1]] - price[:, ends[:, 0]]
    assert (gap[flow < forward - 1e-3] <= 1e-4).all()
    assert (gap[flow > -back + 1e-3] >= -1e-4).all()


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(0, 4), st.floats(1.0, 200.0))
def test_more_capacity_never_costs_more(seed, line, more):
    low, high, width, load, ends, forward, back = random_market(seed)
    before = cost(solve(low, high, width, load, ends, forward, back)[2], low, high, width)
    forward[:, line] += more
    back[:, line] += more
    after = cost(solve(low, high, width, load, ends, forward, back)[2], low, high, width)
    assert (after <= before + 1e-6 * np.abs(before) + 1e-3).all()


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(0, 4), st.floats(1.0, 300.0))
def test_more_wind_never_raises_the_price_of_its_area(seed, area, more):
    low, high, width, load, ends, forward, back = random_market(seed)
    before, _, _ = solve(low, high, width, load, ends, forward, back)
    width[:, area, 0] += more
    after, _, _ = solve(low, high, width, load, ends, forward, back)
    assert (after[:, area] <= before[:, area] + 1e-6).all()


def test_the_optimum_does_not_depend_on_what_came_before():
    low, high, width, load, ends, forward, back = random_market(7)
    together, flow, _ = solve(low, high, width, load, ends, forward, back)
    for t in range(3):
        one = slice(t, t + 1)
        alone, _, _ = solve(low[one], high[one], width[one], load[one], ends, forward[one], back[one])
        np.testing.assert_allclose(alone[0], together[t], atol=1e-6)
    assert np.isfinite(flow).all()


def test_a_falling_curve_is_refused():
    knot = np.array([[[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]]])
    falling = np.array([[[0.0, 300.0, 100.0], [300.0, 0.0, 300.0]]])
    with pytest.raises(ValueError, match="half hour 0, area 0"):
        clear(knot, falling, np.array([[150.0, 150.0]]), LINE, np.full((1, 1), 50.0), np.full((1, 1), 50.0))


def test_the_same_market_against_a_linear_programme():
    highspy = pytest.importorskip("highspy")
    low, high, width, load, ends, forward, back = random_market(11)
    _, _, dispatched = solve(low, high, width, load, ends, forward, back)
    smooth = cost(dispatched, low, high, width)
    pieces = 200  # steps at their mean price: the cost of the ramps but for a 40,000th of their spread
    for t in range(3):
        model = highspy.Highs()
        model.setOptionValue("output_flag", False)
        middle = (np.arange(pieces) + 0.5) / pieces
        steps = (low[t][..., None] + (high[t] - low[t])[..., None] * middle).reshape(5, -1)
        room = np.repeat(width[t] / pieces, pieces, axis=1)
        flow = [model.addVariable(-b, f) for f, b in zip(forward[t], back[t], strict=True)]
        total = 0.0
        for area in range(5):
            used = [model.addVariable(0.0, w) for w in room[area]]
            total = total + sum(c * v for c, v in zip(steps[area].tolist(), used, strict=True))
            out = sum(flow[k] for k in range(5) if ends[k, 0] == area)
            came = sum(flow[k] for k in range(5) if ends[k, 1] == area)
            model.addConstr(sum(used) - out + came == load[t, area])
        model.minimize(total)
        assert model.getObjectiveValue() == pytest.approx(smooth[t], rel=1e-4, abs=1e-2)
