"""Weekly profiles of work: counts worked by hand, what is tiled or assumed, and the real traces."""

import numpy as np
import pandas as pd
import pytest

from wattbit.errors import SeriesError
from wattbit.series import workload
from wattbit.series.week_profile import WeekProfile, arrival_profile

REAL = {
    "AzureLLMInferenceTrace_conv": ("interactive", "tiled over the week, no daily or weekly shape"),
    "AzureLLMInferenceTrace_code": ("interactive", "tiled over the week, no daily or weekly shape"),
    "alibaba_genai_lora_request_trace": ("interactive", "mean of 3 weeks"),
    "GoogleClusteData_CPU_Data_Hourly_1": ("batch", "mean of 52 weeks"),
    "Alibaba_CPU_Data_Hourly_1": ("batch", "one week repeated 53 times"),
    "openb_pod_list_default": ("batch", "mean of 4 weeks"),
}


def requests(tmp_path, stamps):
    path = tmp_path / "requests.csv"
    rows = [f"{stamp:%Y-%m-%d %H:%M:%S},10,10" for stamp in stamps]
    path.write_text("\n".join([",".join(workload.LLM_COLUMNS), *rows]) + "\n", encoding="utf-8")
    return path


def at(day, hour, minute=0):
    """Time on a day counted from Wednesday 1 November 2023."""
    return pd.Timestamp("2023-11-01") + pd.Timedelta(days=day, hours=hour, minutes=minute)


def test_whole_weeks_start_on_monday(tmp_path):
    # From Wednesday 12:00 for 16 days: the last 14 whole days start on Friday (day 2).
    stamps = [at(day, 12) for day in range(17)] + [at(5, 12, 1), at(5, 12, 2)]
    profile = arrival_profile(requests(tmp_path, sorted(stamps)))
    by_slot = profile.values.reshape(7, 48)
    assert np.flatnonzero(by_slot.sum(axis=0)).tolist() == [24]
    # Day 5 is Monday 6 November: 3 requests there, 1 on Monday 13 November and on all other days.
    assert by_slot[:, 24] == pytest.approx(np.array([2, 1, 1, 1, 1, 1, 1]) * 336 / 8)
    assert profile.work_class == "interactive"
    assert "3 arrivals outside the last 2 whole weeks left out" in profile.repaired[1]
    assert "mean of 2 weeks" in profile.repaired


def test_a_week_starts_on_monday_whatever_day_the_trace_starts(tmp_path):
    for shift in range(7):
        stamps = [at(shift + day, 0) for day in range(8)] + [at(5 + 7 * (shift > 5), 6)]
        by_slot = arrival_profile(requests(tmp_path, sorted(stamps))).values.reshape(7, 48)
        assert np.flatnonzero(by_slot[:, 12]).tolist() == [0]


def test_a_trace_of_days_tiles_its_mean_day(tmp_path):
    stamps = [at(0, 23, 59), at(1, 8), at(2, 8), at(2, 9), at(3, 0)]
    profile = arrival_profile(requests(tmp_path, stamps))
    day = np.zeros(48)
    day[[16, 18]] = 32.0, 16.0
    assert profile.values.reshape(7, 48) == pytest.approx(np.tile(day, (7, 1)))
    assert "trace of 2 days: their mean day tiled over the week, no difference between days" in profile.repaired


def test_a_trace_of_hours_tiles_its_half_hours(tmp_path):
    stamps = [at(0, 9, 10), at(0, 9, 20), at(0, 9, 39), at(0, 9, 41), at(0, 10, 10), at(0, 10, 11)]
    profile = arrival_profile(requests(tmp_path, stamps))
    assert profile.values.reshape(-1, 2) == pytest.approx(np.tile([1.5, 0.5], (168, 1)))
    assert "trace of 2 half hours: tiled over the week, no daily or weekly shape" in profile.repaired
    with pytest.raises(SeriesError, match="from first to last arrival less than half an hour"):
        arrival_profile(requests(tmp_path, stamps[:2]))


def test_load_is_averaged_by_hour_of_the_week(tmp_path):
    path = tmp_path / "GoogleCluster.csv"
    rows = [f"{k},{0.6 if k % 24 < 12 else 0.2}" for k in range(2 * 168 + 5)]
    path.write_text("\n".join([",cpu_load", *rows]) + "\n", encoding="utf-8")
    profile = arrival_profile(path)
    assert profile.values.reshape(7, 48) == pytest.approx(np.tile([1.5] * 24 + [0.5] * 24, (7, 1)))
    moved = arrival_profile(path, shift_h=6.5)
    np.testing.assert_array_equal(moved.values, np.roll(profile.values, 13))
    assert "moved 6.5 h later" in moved.repaired
    with pytest.raises(SeriesError, match=r"shift_h: is 0.3, must be whole half hours"):
        arrival_profile(path, shift_h=0.3)


def test_pods_are_taken_from_the_recorded_days_and_by_class(tmp_path):
    path = tmp_path / "pods.csv"
    rows = ["old,1,1,1,1000,,LS,Running,10,20,10"]
    for day in range(115, 124):
        for k in range(3):
            second = day * 86400 + 3600 * k
            rows.append(f"p,1,1,1,{1000 if k == 2 else 500},,LS,Running,{second},{second},{second}")
    path.write_text("\n".join([",".join(workload.POD_COLUMNS), *rows]) + "\n", encoding="utf-8")
    batch, training = arrival_profile(path), arrival_profile(path, "training")
    assert np.flatnonzero(batch.values[:48]).tolist() == [0, 2, 4]
    assert np.flatnonzero(training.values[:48]).tolist() == [4]
    assert "1 jobs from before day 115, survivors only, left out" in batch.repaired
    with pytest.raises(SeriesError, match="class 'interactive': pods stand for batch or training"):
        arrival_profile(path, "interactive")


def test_a_file_without_a_profile_is_refused(tmp_path):
    path = tmp_path / "nodes.csv"
    path.write_text(",".join(workload.NODE_COLUMNS) + "\nn,1,1,1,G\n", encoding="utf-8")
    with pytest.raises(SeriesError, match="row 1: has no profile, must be LLM or image requests"):
        arrival_profile(path)


@pytest.mark.parametrize("values", [np.ones(335), np.full(336, 2.0), np.r_[-1.0, 3.0, np.ones(334)]])
def test_a_profile_has_336_values_from_0_with_mean_1(values):
    with pytest.raises(SeriesError, match="must be"):
        WeekProfile(values, "batch", "by hand", ())


@pytest.mark.parametrize("name", REAL)
def test_a_real_trace_has_a_profile(data, name):
    work_class, note = REAL[name]
    profile = arrival_profile(data / f"workload/{name}.csv.gz")
    assert profile.work_class == work_class
    assert profile.values.mean() == pytest.approx(1.0)
    assert note in "; ".join(profile.repaired)
    assert name in profile.source


def test_the_real_load_of_google_is_nearly_flat_over_the_day(data):
    profile = arrival_profile(data / "workload/GoogleClusteData_CPU_Data_Hourly_1.csv.gz")
    hours = profile.values.reshape(7, 24, 2).mean(axis=(0, 2))
    assert (hours.min(), hours.max()) == pytest.approx((0.63 / 0.68, 0.73 / 0.68), abs=0.01)
