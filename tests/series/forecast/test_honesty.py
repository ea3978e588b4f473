"""The default forecasts against the truth: sharper with time, calibrated, martingale, no leak."""

import numpy as np
import pytest

from wattbit.series.forecast import rule

LEADS = (1, 3, 6, 12, 24, 30, 36, 48, 60, 72, 84, 96)


def rmse(error):
    return float(np.sqrt(np.mean(np.square(error, dtype=np.float64))))


@pytest.mark.parametrize("quantity", [0, 1])
def test_errors_grow_with_lead(either, quantity):
    errors = [rmse(f[0] - came) for f, came in (either.at_lead(k, quantity) for k in LEADS)]
    assert errors[0] < 0.5 * errors[-1]
    assert (np.diff(errors) >= -0.01 * errors[-1]).all(), errors


def test_prices_are_exact_as_far_as_the_auction_reaches(either):
    forecast, came = either.at_lead(27, 0)
    np.testing.assert_array_equal(forecast, np.broadcast_to(came, forecast.shape))
    forecast, came = either.at_lead(28, 0)
    wrong = (forecast[0] != came).any(axis=(1, 2))
    assert np.flatnonzero(wrong).tolist() == [20]  # at 10:00 the first half hour of tomorrow is still open


def test_eighty_percent_of_unknown_prices_fall_between_the_quantiles(either):
    inside, count = 0, 0
    for lead in range(28, 97, 4):
        forecast, came = either.at_lead(lead, 0)
        slots = np.arange(48)
        unknown = ~rule.known_prices()[rule.issue_of(slots), slots + lead]
        low, high = forecast[1][unknown], forecast[3][unknown]
        inside += ((came[unknown] >= low) & (came[unknown] <= high)).sum()
        count += low.size
    assert inside / count == pytest.approx(0.80, abs=0.03)


def test_eighty_percent_of_surpluses_do_when_the_mass_at_zero_is_split_by_chance(either):
    """The scores of half hours without surplus are draws below the threshold: they split the mass."""
    issuer, n = either.issuer, either.paths.shape[4]
    lanes = slice(3, 6)
    expected = issuer._expected(3, 0, n)[either.days][..., lanes]
    score = issuer._scores(3)
    later = np.minimum(either.days[:, None] + np.arange(3), n - 1)
    came = score[later].reshape(len(either.days), 144, -1)[..., lanes]
    slot, u = np.array(rule.ISSUE_SLOTS)[:, None], np.arange(144)
    ahead = (u > slot) & (u <= slot + 96)
    spread = np.sqrt(issuer._share[1])[None, :, :, None]
    inside = np.abs(came[:, None] - expected) < 1.2816 * spread
    assert inside[:, ahead].mean() == pytest.approx(0.80, abs=0.03)


def test_surplus_rarely_passes_its_upper_quantile(either):
    above = count = 0
    for lead in range(2, 97, 5):
        forecast, came = either.at_lead(lead, 1)
        possible = forecast[3] > 0.0
        above += (came[possible] > forecast[3][possible]).sum()
        count += possible.sum()
    assert count > 1000
    assert 0.02 < above / count < 0.16


@pytest.mark.parametrize(("quantity", "slot"), [(0, 18), (0, 36), (1, 24)])
def test_revisions_have_mean_zero_and_are_uncorrelated(either, quantity, slot):
    means, came = either.history(slot, quantity)
    revision = np.diff(np.concatenate([means, came[None]]), axis=0)[..., 2].astype(np.float64)  # Kyushu
    moved = revision.std(axis=1) > 1e-3
    revision = revision[moved]
    assert len(revision) >= 6
    # Days hang together, so a standard error is that of a third of them.
    error = revision.std(axis=1) / np.sqrt(revision.shape[1] / 3.0)
    assert (np.abs(revision.mean(axis=1)) < 3.5 * error).all()
    correlation = np.corrcoef(revision)[np.triu_indices(len(revision), 1)]
    assert abs(correlation.mean()) < 0.08
    # Surplus is zero on most days, so fewer of them count.
    assert np.abs(correlation).max() < (5.0 if quantity else 4.0) / np.sqrt(revision.shape[1] / 3.0)


@pytest.mark.parametrize(("quantity", "slot"), [(0, 18), (0, 36), (1, 24)])
def test_an_average_of_all_forecasts_is_no_better_than_the_newest(either, quantity, slot):
    means, came = either.history(slot, quantity)
    newest = rmse(means[-1] - came)
    assert rmse(means.mean(axis=0) - came) > 0.995 * newest
    assert rmse(means[0] - came) > newest
    assert rmse(means[len(means) // 2 :].mean(axis=0) - came) > 0.995 * newest


def test_redrawing_errors_at_every_issue_would_leak(generated):
    """The same test has power: noise drawn anew each time averages out."""
    means, came = generated.history(36, 0)
    noise = np.random.default_rng(0).standard_normal(means.shape) * 2500.0
    independent = came + noise
    assert rmse(independent.mean(axis=0) - came) < 0.5 * rmse(independent[-1] - came)


def test_price_and_surplus_errors_are_opposed_and_areas_err_together(generated):
    issued = slice(0, rule.AUCTION_SLOT)  # before the auction; 27 h later is 03:00 to 13:30 tomorrow
    forecast, came = generated.at_lead(54, 0)
    price = (came - forecast[0])[issued]
    forecast, came = generated.at_lead(54, 1)
    surplus = (came - forecast[0])[issued]
    kyushu = np.corrcoef(price[10:, :, 2].ravel(), surplus[10:, :, 2].ravel())[0, 1]
    assert kyushu < -0.15
    between = np.corrcoef(price.reshape(-1, 3), rowvar=False)
    assert between[0, 1] > between[0, 2] > 0.2  # Hokkaido is nearer to Tokyo than to Kyushu


def test_orders_move_the_surplus_path_in_steps_only(generated):
    """Between 17:00 and 06:00 nothing is revised, then at 06:00, 09:00, 12:00 and 15:00."""
    slots = list(rule.ISSUE_SLOTS)
    path, target = generated.paths[0, 1], 26
    order, late, last = slots.index(rule.ORDER_SLOT), slots.index(36), slots.index(42)
    ordered = path[order, 48 + target, :-1]
    assert ordered.max() > 0.0
    np.testing.assert_array_equal(path[late, 48 + target, :-1], ordered)
    np.testing.assert_array_equal(path[last, 48 + target, :-1], ordered)
    np.testing.assert_array_equal(path[0, target, 1:], ordered)
    np.testing.assert_array_equal(path[1, target, 1:], ordered)
    assert not np.array_equal(path[slots.index(12), target, 1:], ordered)
    assert not np.array_equal(path[slots.index(30), 48 + target, :-1], ordered)
    np.testing.assert_array_equal(path[slots.index(18), target], path[slots.index(21), target])
