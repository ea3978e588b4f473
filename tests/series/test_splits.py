"""Train, validation and test never overlap; weeks to be scored start on Mondays inside a split."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from wattbit.errors import SeriesError
from wattbit.series import splits
from wattbit.series.set import FEATURE_NAMES, FEATURES, SeriesSet
from wattbit.series.splits import Segment, fitting_segments, segments, week_starts


def blank(name, start, n_steps):
    values = np.ones((n_steps, 1, len(FEATURES)))
    return SeriesSet(name, pd.Timestamp(start, tz="Asia/Tokyo"), ("tokyo",), values, dict.fromkeys(FEATURE_NAMES, "x"))


@pytest.fixture(scope="module")
def fy2024():
    return blank("real-fy2024", "2024-04-01", 365 * 48)


def steps_of(parts):
    return np.concatenate([np.arange(p.start_step, p.stop_step) for p in parts])


def test_fy2024_is_cut_without_overlap_and_without_rest(fy2024):
    all_steps = np.concatenate([steps_of(segments(fy2024, split)) for split in ("train", "validation", "test")])
    assert np.array_equal(np.sort(all_steps), np.arange(365 * 48))


def test_fy2024_follows_the_iso_week_modulo_four(fy2024):
    for split, members in (("train", (0, 1)), ("validation", (2,)), ("test", (3,))):
        for part in segments(fy2024, split):
            for step in (part.start_step, part.stop_step - 1):
                assert fy2024.time_of(step).isocalendar().week % 4 in members


def test_fy2024_has_thirteen_test_weeks_and_joined_train_weeks(fy2024):
    test = segments(fy2024, "test")
    assert len(test) == 13
    assert all(part.n_steps == 336 for part in test)
    assert len(week_starts(fy2024, test)) == 13
    assert len(week_starts(fy2024, segments(fy2024, "validation"))) == 13
    train = segments(fy2024, "train")
    assert all(part.n_steps == 672 for part in train)  # weeks 52 and 1 join over the new year, too
    assert len(week_starts(fy2024, train)) == 26


def test_weeks_start_on_monday_midnight_also_when_the_series_does_not():
    series = blank("real-fy2024", "2024-04-03 05:00", 40 * 48)
    starts = week_starts(series, segments(series, "test"))
    assert len(starts) > 0
    for step in starts:
        when = series.time_of(int(step))
        assert (when.day_of_week, when.hour, when.minute) == (0, 0, 0)
        assert when.isocalendar().week % 4 == 3


def test_a_week_cut_by_the_end_is_not_scored():
    series = blank("real-fy2024", "2024-04-08", 6 * 48)  # week 15 is a test week; Sunday is missing
    assert segments(series, "test") == [Segment(0, 6 * 48)]
    assert len(week_starts(series, segments(series, "test"))) == 0


def test_fitting_keeps_three_days_from_other_splits(fy2024):
    kept = steps_of(fitting_segments(fy2024))
    for split in ("validation", "test"):
        other = steps_of(segments(fy2024, split))
        distance = np.abs(kept[:, None] - other[None, ::48]).min()
        assert distance > 2 * 48
    assert set(kept) < set(steps_of(segments(fy2024, "train")))


def test_generated_years_are_recognised_by_their_date():
    series = blank("generated", splits.weather_year_start(7).tz_localize(None), 2 * splits.WEATHER_YEAR_STEPS)
    assert segments(series, "train") == [Segment(0, splits.WEATHER_YEAR_STEPS)]
    assert segments(series, "validation") == [Segment(splits.WEATHER_YEAR_STEPS, splits.WEATHER_YEAR_STEPS)]
    with pytest.raises(SeriesError, match="no half hour of split 'test'"):
        segments(series, "test")


def test_weather_years_start_on_mondays_and_do_not_overlap():
    starts = [splits.weather_year_start(year) for year in range(20)]
    assert all(start.day_of_week == 0 and start == start.normalize() for start in starts)
    assert all((b - a).days == 364 for a, b in pairwise(starts))
    assert splits.weather_years("train") == tuple(range(8))
    assert splits.weather_years("validation") == (8, 9)
    assert splits.weather_years("test") == tuple(range(10, 20))


def test_years_for_fitting_and_regime_have_no_other_split():
    assert splits.rule_of("real-fy2021", "regime") == ("whole", "all")
    assert segments(blank("real-fy2023", "2023-04-01", 96), "fitting") == [Segment(0, 96)]
    with pytest.raises(SeriesError, match="'real-fy2023' has no split 'train'; it has fitting"):
        segments(blank("real-fy2023", "2023-04-01", 96), "train")


def test_unknown_names_are_answered_with_the_nearest(fy2024):
    with pytest.raises(SeriesError, match=r"no split 'trian'.*did you mean 'train'"):
        segments(fy2024, "trian")
    with pytest.raises(SeriesError, match=r"no rule for series 'real-fy2025'.*did you mean 'real-fy202"):
        splits.rule_of("real-fy2025", "train")
