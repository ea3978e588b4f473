"""The issued forecast: values by hand, the information rule, shape and speed of the vectorised form."""

import numpy as np
import pandas as pd
import pytest

from wattbit.errors import SeriesError
from wattbit.series.forecast import AUCTION_SLOT, FORECAST_COLUMNS, issue
from wattbit.series.set import FEATURE_NAMES, FEATURES, SeriesSet

PRICE, SURPLUS = FEATURE_NAMES.index("spot_price_jpy_per_mwh"), FEATURE_NAMES.index("surplus_mw")


def toy(n_days=6, n_areas=2, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.0, 40.0, (n_days * 48, n_areas, len(FEATURES)))
    values[:, :, PRICE] = np.round(rng.uniform(1.0, 3000.0, (n_days * 48, n_areas))) * 10.0
    values[:, :, SURPLUS] = np.round(rng.uniform(0.0, 900.0, (n_days * 48, n_areas)))
    return values


def wrap(values, start="2024-04-01"):
    areas = ("tokyo", "kyushu", "hokkaido")[: values.shape[1]]
    return SeriesSet("toy", pd.Timestamp(start, tz="Asia/Tokyo"), areas, values, dict.fromkeys(FEATURE_NAMES, "x"))


def by_hand(values, t, r):
    """Row t of area r, one number after the other."""
    day, slot = divmod(t, 48)
    known = day + 1 if slot >= AUCTION_SLOT and (day + 2) * 48 <= len(values) else day

    def price(lead):
        ahead, clock = divmod(t + lead, 48)
        return values[min(ahead, known) * 48 + clock, r, PRICE]

    def surplus(lead):
        return values[(day - 1) * 48 + (t + lead) % 48, r, SURPLUS] if day > 0 else 0.0

    means, spreads, surpluses = [], [], []
    for begin, end in ((1, 7), (7, 13), (13, 25), (25, 49), (49, 97)):
        block = [price(k) for k in range(begin, end)]
        means.append(np.mean(block))
        spreads.append(max(block) - min(block))
        surpluses.append(np.mean([surplus(k) for k in range(begin, end)]))
    ranks = [sum(price(k) < price(0) for k in range(n)) / (n - 1) for n in (24, 48)]
    window = [price(k) for k in range(48)]
    cheap, dear = sorted(window)[11], sorted(window)[36]
    steps = [next(k for k in range(48) if price(k) <= cheap), next(k for k in range(48) if price(k) >= dear)]
    return np.array([*means, *spreads, *surpluses, *ranks, *steps])


def test_columns_are_nineteen_in_the_documented_order():
    assert len(FORECAST_COLUMNS) == 19
    assert FORECAST_COLUMNS[0] == "price_mean_0_3h_jpy_per_mwh"
    assert FORECAST_COLUMNS[14] == "surplus_mean_24_48h_mw"
    assert FORECAST_COLUMNS[15:] == ("price_rank_12h", "price_rank_24h", "steps_to_cheaper", "steps_to_dearer")


def test_every_row_equals_the_plain_loop():
    values = toy()
    issued = issue(wrap(values))
    assert issued.shape == (6 * 48, 2, 19)
    assert issued.dtype == np.float32
    for t in [0, 20, 21, 47, 48, 100, 48 * 3 + 20, 48 * 3 + 21, 48 * 5 + 20, 48 * 5 + 21, 6 * 48 - 1]:
        for r in range(2):
            np.testing.assert_allclose(issued[t, r], by_hand(values, t, r), rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("slot", [0, 1, 20, 21, 22, 47])
def test_what_is_not_known_yet_changes_no_bit_of_the_row(slot):
    values, day = toy(), 2
    t = day * 48 + slot
    first_unknown_price = (day + (2 if slot >= AUCTION_SLOT else 1)) * 48
    changed = values.copy()
    rng = np.random.default_rng(9)
    changed[first_unknown_price:, :, PRICE] = rng.uniform(1.0, 90000.0, changed[first_unknown_price:, :, PRICE].shape)
    others = [k for k in range(len(FEATURES)) if k != PRICE]
    # Surplus is observed up to the half hour before t; the settlement delta is never used.
    changed[t:, :, others] = rng.uniform(0.0, 40.0, changed[t:, :, others].shape)
    before, after = issue(wrap(values)), issue(wrap(changed))
    assert before[: t + 1].tobytes() == after[: t + 1].tobytes()


def test_the_day_ahead_auction_is_used_from_half_past_ten():
    values, day = toy(), 2
    changed = values.copy()
    changed[(day + 1) * 48 : (day + 2) * 48, :, PRICE] += 500.0
    before, after = issue(wrap(values)), issue(wrap(changed))
    rows = np.flatnonzero((before != after).any(axis=(1, 2)))
    assert rows[0] == day * 48 + AUCTION_SLOT


def test_delta_price_is_never_forecast():
    values = toy()
    changed = values.copy()
    changed[:, :, FEATURE_NAMES.index("delta_price_jpy_per_mwh")] = -7.0
    assert np.array_equal(issue(wrap(values)), issue(wrap(changed)))


def test_perfect_tier_sees_the_truth():
    values = toy()
    issued = issue(wrap(values), tier="perfect")
    t = 2 * 48 + 5
    assert issued[t, 1, 4] == pytest.approx(values[t + 49 : t + 97, 1, PRICE].mean(), rel=1e-5)
    assert issued[t, 1, 10] == pytest.approx(values[t + 1 : t + 7, 1, SURPLUS].mean(), rel=1e-5)


def test_flat_prices_are_neither_cheap_nor_dear():
    values = toy()
    values[:, :, PRICE] = 9000.0
    issued = issue(wrap(values))
    assert (issued[:, :, 5:10] == 0.0).all()
    assert (issued[:, :, 15:] == 0.0).all()


def test_ranks_and_steps_stay_in_their_ranges():
    issued = issue(wrap(toy(seed=4)))
    assert issued[:, :, 15:17].min() >= 0.0
    assert issued[:, :, 15:17].max() <= 1.0
    assert issued[:, :, 17:].min() >= 0.0
    assert issued[:, :, 17:].max() <= 48.0
    assert (issued[:, :, 15:17] == 1.0).any()


def test_bad_requests_are_refused():
    with pytest.raises(SeriesError, match="tier 'oracle' is unknown; valid: persistence, perfect"):
        issue(wrap(toy()), tier="oracle")
    with pytest.raises(SeriesError, match="start at 00:00"):
        issue(wrap(toy(), start="2024-04-01 06:00"))
    with pytest.raises(SeriesError, match="whole days, got 100 half hours"):
        issue(wrap(toy()[:100]))
