"""Which weeks are scored: spread over the seasons, however many years a split has."""

import numpy as np
import pytest

from wattbit.config import AreaConfig, ScenarioConfig
from wattbit.errors import WattbitError
from wattbit.series import source, splits
from wattbit.world.batch import Batch
from wattbit_agents.worlds import seasonal_weeks

WEEK = ScenarioConfig(name="week", areas=(AreaConfig(name="tokyo", user_share=1.0),), forecast="perfect")


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_weeks_are_spread_over_seasons_and_years(split):
    series, _ = source.load("generated", ["tokyo"], split)
    starts = Batch(WEEK, 1, "evaluation", split).constants.starts
    for wanted in (2, 4, 8, 10, 16):
        weeks = seasonal_weeks(WEEK, wanted, split)
        assert weeks == sorted(set(weeks))
        assert len(weeks) == wanted
        days = np.sort([series.time_of(int(starts[week])).day_of_year for week in weeks])
        gaps = np.diff([*days, days[0] + 365])
        assert gaps.max() < 2.0 * 365 / wanted
        years = np.bincount([week // splits.WEATHER_YEAR_WEEKS for week in weeks], minlength=len(starts) // 52)
        assert years.max() - years.min() <= 1


def test_all_weeks_are_taken_where_there_are_no_more(caplog):
    count = Batch(WEEK, 1, "evaluation", "validation").n_weeks
    assert seasonal_weeks(WEEK, 10_000, "validation") == list(range(count))
    assert f"the validation split has {count} weeks, fewer than the 10000 wanted" in caplog.text
    caplog.clear()
    assert seasonal_weeks(WEEK, count, "validation") == list(range(count))
    assert not caplog.text


def test_a_split_that_is_none_is_refused():
    with pytest.raises(WattbitError, match="did you mean 'test'"):
        seasonal_weeks(WEEK, 4, "tset")
