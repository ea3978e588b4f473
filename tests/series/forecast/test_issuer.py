"""Tiers, the information rule, seeds, and columns by hand."""

import numpy as np
import pandas as pd
import pytest

from wattbit.errors import SeriesError
from wattbit.series.forecast import AUCTION_SLOT, BLOCKS, FORECAST_COLUMNS, Issuer, fit_climatology
from wattbit.series.set import FEATURE_NAMES, FEATURES, SeriesSet
from wattbit.series.splits import Segment

PRICE, SURPLUS = FEATURE_NAMES.index("spot_price_jpy_per_mwh"), FEATURE_NAMES.index("surplus_mw")
DELTA = FEATURE_NAMES.index("delta_price_jpy_per_mwh")
TIERS = ("mmfe", "perfect", "persistence", "climatology")


def toy(n_days=8, n_areas=2, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.0, 40.0, (n_days * 48, n_areas, len(FEATURES)))
    values[:, :, PRICE] = np.round(rng.uniform(1.0, 3000.0, (n_days * 48, n_areas))) * 10.0
    values[:, :, SURPLUS] = np.maximum(np.round(rng.uniform(-500.0, 900.0, (n_days * 48, n_areas))), 0.0)
    return values


def wrap(values, start="2024-04-01"):
    areas = ("tokyo", "kyushu", "hokkaido")[: values.shape[1]]
    return SeriesSet("toy", pd.Timestamp(start, tz="Asia/Tokyo"), areas, values, dict.fromkeys(FEATURE_NAMES, "x"))


@pytest.fixture(scope="module")
def usual():
    return fit_climatology(wrap(toy(n_days=28, seed=9)), [Segment(0, 28 * 48)])


def issued(values, usual, tier="mmfe", seed=1, **options):
    return Issuer(wrap(values), usual, tier, **options).columns(seed)


def by_hand(bundle, price_now):
    """Columns of every area, one number after the other, from the paths."""
    rows = []
    for area, now in enumerate(price_now):
        price, low, _, high = bundle.price_jpy_per_mwh[:, area]
        surplus, s_low, _, s_high = bundle.surplus_mw[:, area]
        blocks = [slice(begin - 1, end - 1) for begin, end in BLOCKS]
        window = np.concatenate([[now], price])[:48]
        cheap, dear = sorted(window)[11], sorted(window)[36]
        rows.append(
            [
                *(price[b].mean() for b in blocks),
                *(price[b].max() - price[b].min() for b in blocks),
                *((high - low)[b].mean() for b in blocks[3:]),
                *(surplus[b].mean() for b in blocks),
                *((s_high - s_low)[b].mean() for b in blocks),
                *((window[:n] < now).sum() / (n - 1) for n in (24, 48)),
                int(np.argmax(window <= cheap)),
                int(np.argmax(window >= dear)),
            ]
        )
    return np.array(rows)


def test_columns_stand_in_the_documented_order():
    assert len(FORECAST_COLUMNS) == 26
    assert FORECAST_COLUMNS[0] == "price_mean_0_3h_jpy_per_mwh"
    assert FORECAST_COLUMNS[10:12] == ("price_band_12_24h_jpy_per_mwh", "price_band_24_48h_jpy_per_mwh")
    assert FORECAST_COLUMNS[12] == "surplus_mean_0_3h_mw"
    assert FORECAST_COLUMNS[17] == "surplus_band_0_3h_mw"
    assert FORECAST_COLUMNS[22:] == ("price_rank_12h", "price_rank_24h", "steps_to_cheaper", "steps_to_dearer")


@pytest.mark.parametrize("tier", TIERS)
def test_every_row_sums_up_the_paths_that_planners_get(tier, usual):
    values = toy()
    issuer = Issuer(wrap(values), usual, tier)
    columns = issuer.columns(1)
    assert columns.shape == (8 * 48, 2, 26)
    assert columns.dtype == np.float32
    for t in [0, 5, 20, 21, 33, 34, 47, 48, 48 * 3 + 20, 48 * 3 + 21, 48 * 7 + 21, 8 * 48 - 1]:
        np.testing.assert_allclose(columns[t], by_hand(issuer.bundle(1, t), values[t, :, PRICE]), rtol=1e-4, atol=0.02)


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("slot", [0, 20, 21, 47])
def test_known_prices_are_exact_with_their_zones(tier, slot, usual):
    values = toy()
    values[:, 1, PRICE] = np.where(np.arange(8 * 48) % 3 == 0, values[:, 0, PRICE], values[:, 1, PRICE])
    t = 2 * 48 + slot
    bundle = Issuer(wrap(values), usual, tier).bundle(1, t)
    n = (96 if slot >= AUCTION_SLOT else 48) - slot - 1
    came = values[t + 1 : t + 1 + n, :, PRICE].T.astype(np.float32)
    np.testing.assert_array_equal(bundle.price_jpy_per_mwh[:, :, :n], np.broadcast_to(came, (4, 2, n)))
    np.testing.assert_array_equal(bundle.zone[0, :n], 0)
    np.testing.assert_array_equal(bundle.zone[1, :n], np.where(came[0] == came[1], 0, 1))
    np.testing.assert_array_equal(bundle.zone[:, n:], -1)


@pytest.mark.parametrize("tier", ["persistence", "climatology"])
@pytest.mark.parametrize("slot", [0, 20, 21, 47])
def test_without_a_model_what_is_not_known_changes_no_bit(tier, slot, usual):
    values, day = toy(), 2
    t = day * 48 + slot
    changed = values.copy()
    rng = np.random.default_rng(9)
    first_unknown_price = (day + (2 if slot >= AUCTION_SLOT else 1)) * 48
    changed[first_unknown_price:, :, PRICE] = rng.uniform(1.0, 90000.0, changed[first_unknown_price:, :, PRICE].shape)
    others = [k for k in range(len(FEATURES)) if k != PRICE]
    changed[t:, :, others] = rng.uniform(0.0, 40.0, changed[t:, :, others].shape)
    before, after = issued(values, usual, tier), issued(changed, usual, tier)
    assert before[: t + 1].tobytes() == after[: t + 1].tobytes()
    paths = [Issuer(wrap(v), usual, tier).bundle(1, t).paths() for v in (values, changed)]
    assert paths[0].tobytes() == paths[1].tobytes()


def test_the_model_sees_the_truth_within_its_horizon_only(usual):
    values, day = toy(), 2
    changed = values.copy()
    changed[(day + 3) * 48 :, :, [PRICE, SURPLUS]] += 500.0
    before, after = issued(values, usual), issued(changed, usual)
    assert before[: (day + 1) * 48].tobytes() == after[: (day + 1) * 48].tobytes()
    assert not np.array_equal(before[(day + 2) * 48 :], after[(day + 2) * 48 :])


def test_persistence_repeats_the_last_known_day(usual):
    values = toy()
    bundle = Issuer(wrap(values), usual, "persistence").bundle(0, 3 * 48 + 10)
    u = 10 + np.arange(1, 97)
    np.testing.assert_allclose(bundle.price_jpy_per_mwh[0], values[3 * 48 + u % 48, :, PRICE].T, rtol=1e-6)
    np.testing.assert_allclose(bundle.surplus_mw[3], values[2 * 48 + u % 48, :, SURPLUS].T, rtol=1e-6)
    first = Issuer(wrap(values), usual, "persistence").bundle(0, 10)
    assert (first.surplus_mw == 0.0).all()


def test_perfect_is_the_truth_and_so_is_the_model_without_noise(usual):
    values = toy()
    t = 2 * 48 + 5
    truth = values[t + 1 : t + 97]
    bundle = Issuer(wrap(values), usual, "perfect").bundle(0, t)
    np.testing.assert_allclose(bundle.price_jpy_per_mwh[1], truth[:, :, PRICE].T, rtol=1e-6)
    np.testing.assert_allclose(bundle.surplus_mw[0], truth[:, :, SURPLUS].T, rtol=1e-6)
    np.testing.assert_allclose(bundle.delta_jpy_per_mwh, truth[:, 0, DELTA], rtol=1e-6)
    quiet = Issuer(wrap(values), usual, noise_scale=0.0).bundle(0, t)
    np.testing.assert_allclose(quiet.price_jpy_per_mwh[0], truth[:, :, PRICE].T, rtol=0.01, atol=60.0)
    np.testing.assert_allclose(quiet.surplus_mw[0], truth[:, :, SURPLUS].T, rtol=0.01, atol=60.0)


def test_more_noise_brings_forecasts_nearer_to_the_climatology(usual):
    values = toy()
    t = 3 * 48 + 5

    def price(tier, scale=1.0):
        return Issuer(wrap(values), usual, tier, scale).bundle(2, t).price_jpy_per_mwh[0, :, 43:]

    level = price("climatology")
    off = [np.abs(price("mmfe", scale) - level).mean() for scale in (0.0, 1.0, 3.0, 1e4)]
    assert off[0] > off[1] > off[2] > off[3]
    assert off[3] < 1e-3 * off[0]


def test_the_delta_decays_to_its_mean_from_the_last_one_settled(usual):
    values = toy()
    t = 100
    path = Issuer(wrap(values), usual).bundle(1, t).delta_jpy_per_mwh
    mean, memory = usual.delta_mean_jpy_per_mwh, usual.delta_memory
    last = values[t - 1, 0, DELTA]
    np.testing.assert_allclose(path[:3], mean + (last - mean) * memory ** np.array([2, 3, 4]), rtol=1e-5)
    changed = values.copy()
    changed[t:, :, DELTA] = -7.0
    np.testing.assert_array_equal(Issuer(wrap(changed), usual).bundle(1, t).delta_jpy_per_mwh, path)
    assert Issuer(wrap(values), usual).bundle(1, 0).delta_jpy_per_mwh == pytest.approx(mean)


def test_a_seed_gives_the_same_forecasts_and_another_seed_others(usual):
    values = toy()
    np.testing.assert_array_equal(issued(values, usual, seed=4), issued(values, usual, seed=4))
    first, other = issued(values, usual, seed=4), issued(values, usual, seed=5)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(first[:, :, :2], other[:, :, :2])  # the next six hours of prices are known


def test_scenarios_keep_what_is_known_and_spread_as_the_quantiles_say(usual):
    values = toy(seed=3)
    bundle = Issuer(wrap(values), usual).bundle(1, 2 * 48 + 12)
    drawn = bundle.sample(4000, seed=7)
    again = bundle.sample(4000, seed=7)
    for name, paths in (("price_jpy_per_mwh", bundle.price_jpy_per_mwh), ("surplus_mw", bundle.surplus_mw)):
        np.testing.assert_array_equal(drawn[name], again[name])
        scale = paths[3].max()
        np.testing.assert_allclose(drawn[name].mean(axis=0), paths[0], atol=0.05 * scale)
        for share, path in zip((10, 50, 90), paths[1:], strict=True):
            np.testing.assert_allclose(np.percentile(drawn[name], share, axis=0), path, atol=0.06 * scale)
        assert drawn[name].min() >= 0.0
    known = bundle.zone >= 0
    assert (np.ptp(drawn["price_jpy_per_mwh"], axis=0)[known] == 0.0).all()
    assert not np.array_equal(bundle.sample(3, seed=8)["surplus_mw"], drawn["surplus_mw"][:3])


@pytest.mark.parametrize("tier", TIERS)
def test_quantiles_are_in_order_and_nothing_is_negative(tier, usual):
    bundle = Issuer(wrap(toy(seed=5)), usual, tier).bundle(3, 3 * 48 + 30)
    for paths in (bundle.price_jpy_per_mwh, bundle.surplus_mw):
        assert (np.diff(paths[1:], axis=0) >= 0.0).all()
        assert (paths >= 0.0).all()
    assert bundle.paths().shape == (2, 9, 96)


def test_bad_requests_are_refused(usual):
    with pytest.raises(SeriesError, match="tier 'oracle' is unknown; valid: mmfe, perfect, persistence, climatology"):
        Issuer(wrap(toy()), usual, "oracle")
    with pytest.raises(SeriesError, match="noise scale is -1"):
        Issuer(wrap(toy()), usual, noise_scale=-1.0)
    with pytest.raises(SeriesError, match="start at 00:00"):
        Issuer(wrap(toy(), start="2024-04-01 06:00"), usual)
    with pytest.raises(SeriesError, match="whole days, got 100 half hours"):
        Issuer(wrap(toy()[:100]), usual)
    with pytest.raises(SeriesError, match="no whole day to fit"):
        fit_climatology(wrap(toy()), [Segment(0, 40)])
