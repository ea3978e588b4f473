"""The shipped error shares are those that the command finds; shares of values and of scores belong together."""

import numpy as np
import pytest

from wattbit.series import real as real_series
from wattbit.series.__main__ import main
from wattbit.series.forecast import rule
from wattbit.series.forecast.calibration import calibrate, open_share_for, variance_left
from wattbit.series.set import AREAS

KYUSHU_SURPLUS = slice(5, 6)


def test_shares_of_values_and_scores_are_inverse_and_rise(generated):
    usual = generated.issuer.climatology.marginals
    for lanes in (slice(0, 3), KYUSHU_SURPLUS):
        left = [variance_left(usual, lanes, share) for share in (0.0, 0.2, 0.5, 0.8, 1.0)]
        assert left[0] == pytest.approx(0.0, abs=1e-6)
        assert left[-1] == pytest.approx(1.0, abs=1e-6)
        assert (np.diff(left) > 0.05).all()
        assert open_share_for(usual, lanes, left[2]) == pytest.approx(0.5, abs=0.002)


def test_the_noise_scale_leaves_more_open_and_zero_nothing():
    plain, loud, quiet = rule.unexplained(1.0), rule.unexplained(2.0), rule.unexplained(0.0)
    unknown = plain > 0.0
    assert (loud[unknown] > plain[unknown]).all()
    assert (quiet == 0.0).all()
    assert (loud <= 1.0).all()
    assert rule.unexplained(2.0)[0, 0, 90] == pytest.approx(4 * plain[0, 0, 90] / (1 + 3 * plain[0, 0, 90]))


def test_what_is_left_open_never_grows_from_one_issue_to_the_next():
    share = rule.unexplained(1.0)
    for u in range(48, 144):
        for kind in range(2):
            chain = [share[kind, i, u] for i in range(10)]
            chain += [share[kind, i, u - 48] for i, slot in enumerate(rule.ISSUE_SLOTS) if slot < u - 48]
            assert (np.diff(chain) <= 1e-12).all()


def test_without_data_the_command_says_so(monkeypatch, capsys):
    monkeypatch.delenv("WATTBIT_DATA", raising=False)
    assert main(["calibrate-forecasts"]) == 2
    assert "WATTBIT_DATA" in capsys.readouterr().err


@pytest.mark.slow
def test_the_shipped_shares_are_the_fitted_ones(data):
    found = calibrate(real_series.load_real(data, 2024, AREAS))
    np.testing.assert_allclose(found.price_unexplained, rule.PRICE_UNEXPLAINED, atol=0.006)
    np.testing.assert_allclose(found.surplus_unexplained, rule.SURPLUS_UNEXPLAINED, atol=0.006)
    assert found.order_unexplained == pytest.approx(rule.ORDER_UNEXPLAINED, abs=0.006)


def test_the_forecasts_err_as_the_forecaster_does(real):
    """Error over that of the climatology, on test weeks: within 15 % of what the trials on train weeks say."""
    from wattbit.series.forecast import Issuer

    level = Issuer(real.issuer.series, real.issuer.climatology, "climatology").bundle
    slots = np.arange(0, 48)
    days = real.days[::4]
    ratio = []
    for lead in (60, 72):
        forecast, came = real.at_lead(lead, 0)
        unknown = ~rule.known_prices()[rule.issue_of(slots), slots + lead]
        usual = np.stack(
            [[level(0, int(d) * 48 + int(t)).price_jpy_per_mwh[0, :, lead - 1] for d in days] for t in slots]
        )
        some = np.isin(real.days, days)
        error, around = (forecast[0] - came)[unknown][:, some], (usual - came[:, some])[unknown]
        ratio.append(np.sqrt((error**2).mean() / (around**2).mean()))
    expected = np.sqrt(0.5 * (0.69 + 0.49))
    assert np.mean(ratio) == pytest.approx(expected, rel=0.15)
