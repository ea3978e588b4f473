"""Issued forecasts of generated and of real truth, on weeks that nothing was fitted on, next to what came."""

from dataclasses import dataclass

import numpy as np
import pytest

from wattbit.config import ScenarioConfig
from wattbit.series import source
from wattbit.series.forecast import HORIZON, Issuer, rule

AREAS = ("hokkaido", "tokyo", "kyushu")
SEED = 3


@dataclass(frozen=True)
class Record:
    """Forecasts of a series, by day of issue, and the truth on the same grid."""

    issuer: Issuer
    paths: np.ndarray  # (4, 2, issue, half hour of the grid, day, area)
    truth: np.ndarray  # (2, half hour of the grid, day, area)
    days: np.ndarray  # days of issue that may be looked at

    def at_lead(self, lead: int, quantity: int) -> tuple[np.ndarray, np.ndarray]:
        """Mean and quantiles, (4, slot, day, area), and truth, (slot, day, area), of every half hour `lead` later."""
        slots = np.arange(48)
        issue = rule.issue_of(slots)
        forecast = self.paths[:, quantity, issue, slots + lead]
        return forecast[:, :, self.days], self.truth[quantity, slots + lead][:, self.days]

    def history(self, slot: int, quantity: int) -> tuple[np.ndarray, np.ndarray]:
        """All means issued for one clock half hour while it was unknown, (issue, day, area), and the truth."""
        means, n = [], self.paths.shape[4]
        for back in (2, 1, 0):
            for issue, at in enumerate(rule.ISSUE_SLOTS):
                u = back * 48 + slot
                is_known = quantity == 0 and rule.known_prices()[issue, u]
                if at < u <= at + HORIZON and not is_known:
                    means.append(self.paths[0, quantity, issue, u, 2 - back : n - back])
        came = self.truth[quantity, slot, 2:n]
        keep = np.isin(np.arange(2, n), self.days)
        return np.array(means)[:, keep], came[keep]


def record(name: str, split: str, data_root=None) -> Record:
    """Issue everything of one split."""
    issuer = source.issuer(name, AREAS, split, data_root)
    series, parts = source.load(name, AREAS, split, data_root)
    n_days = len(series) // 48
    paths = issuer._paths(SEED, 0, n_days)
    value = np.concatenate([series.get("spot_price_jpy_per_mwh"), series.get("surplus_mw")], axis=1)
    value = value.reshape(n_days, 48, 2, len(AREAS)).astype(np.float32)
    later = np.minimum(np.arange(n_days)[:, None] + np.arange(3), n_days - 1)
    truth = value[later].reshape(n_days, 144, 2, len(AREAS)).transpose(2, 1, 0, 3)
    days = np.concatenate([np.arange(p.start_step // 48, p.stop_step // 48) for p in parts])
    return Record(issuer, paths, truth, days[days < n_days - 2])


@pytest.fixture(scope="session")
def generated() -> Record:
    """The two validation years of the default series."""
    return record(ScenarioConfig.model_fields["series"].default, "validation")


@pytest.fixture(scope="session")
def real(data) -> Record:
    """The test weeks of FY2024; skips without the files."""
    return record("real-fy2024", "test", data)


@pytest.fixture(params=["generated", "real"])
def either(request) -> Record:
    """Both kinds of truth."""
    return request.getfixturevalue(request.param)
