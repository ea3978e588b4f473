"""Recorded sessions and traces drive a scenario: the kernel plays what the files say."""

import os
from pathlib import Path

import numpy as np
import pytest

from wattbit.config import ScenarioConfig
from wattbit.errors import SeriesError
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit.world.drivers import recorded_sessions, weekly_profile

WEEK = 336


@pytest.fixture(scope="module")
def data() -> Path:
    """Folder of the published sessions and traces: WATTBIT_DATA, else ../shared/data beside the repository."""
    root = Path(os.environ.get("WATTBIT_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
    if not (root / "ev").is_dir() or not (root / "workload").is_dir():
        pytest.skip(f"no published sessions and traces in {root}")
    return root


def at_work(scenario, sessions: str | None = "acn-caltech", days: int = 14) -> ScenarioConfig:
    mix = {"home": 0.0, "workplace": 1.0}
    area = {"user_share": 1.0, "cars": 1000.0, "datacentre_mw": 10.0, "fleet_mix": mix}
    areas = [area | {"name": name} for name in ("tokyo", "kyushu")]
    return scenario("japan3", areas=areas, fleet={"sessions": sessions}, episode={"steps": 48 * days})


def charging(areas: int) -> np.ndarray:
    action = np.zeros((areas, s.N_CONTROL), np.float32)
    action[:, s.A_FLEET] = 1.0
    return action.reshape(-1)


def test_tables_are_whole_weeks_of_stays_within_a_day(scenario, data):
    table = recorded_sessions(at_work(scenario), data)
    assert table.shape[0] % 7 == 0
    assert table.shape[1:] == (16, s.N_SESSION)
    come, leave, energy = table.transpose(2, 0, 1)
    there = leave > come
    assert 0.2 < there.mean() < 0.8
    assert come[there].min() >= 0.0
    assert leave[there].max() < 24.0
    assert energy[there].min() >= 0.0
    # Workplaces: Monday to Friday several times as many as at weekends.
    by_weekday = there.reshape(-1, 7, 16).mean(axis=(0, 2))
    assert by_weekday[:5].min() > 2.0 * by_weekday[5:].max()


def test_cars_come_and_go_as_recorded_on_the_same_weekday(scenario, data):
    config = at_work(scenario)
    batch = Batch(config, 1, "evaluation", "test", "float64", data_root=data)
    batch.reset(1)  # a Monday
    table = recorded_sessions(config, data)
    for day in range(14):
        for r in range(2):
            rows = table[(day + 7 * r) % len(table)]  # another week in the second area
            car = batch.world.vehicle[0, r]
            there = rows[:, s.SESSION_LEAVE_H] > rows[:, s.SESSION_COME_H]
            np.testing.assert_allclose(car[s.RETURN_H], np.where(there, rows[:, s.SESSION_COME_H], 99.0))
            np.testing.assert_allclose(car[s.LEFT_H], np.where(there, rows[:, s.SESSION_LEAVE_H], 99.0))
            want = np.where(there, np.minimum(rows[:, s.SESSION_KWH], 0.6 * car[s.CAPACITY_KWH]), 0.0)
            np.testing.assert_allclose(car[s.TRIP_KWH], want)
        for _ in range(48):
            batch.step_single(charging(2))


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_no_energy_is_lost(scenario, data, precision):
    batch = Batch(at_work(scenario), 1, "evaluation", "test", precision, data_root=data)
    batch.reset(2)
    tolerance = 1e-4 if precision == "float32" else 1e-9
    rng = np.random.default_rng(0)
    for _ in range(48 * 14):
        before = batch.world.area[0, :, s.FLEET_MWH].astype(np.float64)
        batch.step_single(rng.uniform(-1.0, 1.0, 2 * s.N_CONTROL).astype(np.float32))
        book = batch.ledger[0]
        change = 0.92 * book[:, s.L_CHARGED] - book[:, s.L_DISCHARGED] / 0.92 + book[:, s.L_ROAD] - book[:, s.L_TRIP]
        np.testing.assert_allclose(batch.world.area[0, :, s.FLEET_MWH] - before, change, atol=tolerance * before.max())
        soc = batch.world.vehicle[0, :, s.ENERGY_KWH] / batch.world.vehicle[0, :, s.CAPACITY_KWH]
        assert soc.min() >= -tolerance


def test_another_seed_plays_the_same_sessions(scenario, data):
    stays = []
    for seed in (1, 2):
        batch = Batch(at_work(scenario), 1, data_root=data)
        batch.reset(seed)
        stays.append(batch.world.vehicle[0, :, [s.RETURN_H, s.LEFT_H, s.TRIP_KWH]].copy())
    np.testing.assert_array_equal(*stays)


def test_without_the_folder_one_message_says_who_needs_it(scenario, monkeypatch, tmp_path):
    monkeypatch.delenv("WATTBIT_DATA", raising=False)
    with pytest.raises(SeriesError, match=r"^sessions acn-caltech need the data folder: set WATTBIT_DATA"):
        Batch(at_work(scenario))
    with pytest.raises(SeriesError, match=r"acn_jpl_20190501_20190831.csv\[.gz\]: file is missing, sessions acn-jpl"):
        Batch(at_work(scenario, "acn-jpl"), data_root=tmp_path)
    with pytest.raises(SeriesError, match=r"^profiles from google need the data folder"):
        Batch(scenario("japan3", work={"profile": {"batch": "google"}}))


def test_a_site_without_cars_at_work_reads_nothing(scenario, monkeypatch):
    monkeypatch.delenv("WATTBIT_DATA", raising=False)
    assert Batch(scenario("japan3", fleet={"sessions": "acn-caltech"})).world.session.shape[0] == 0


def test_profiles_have_mean_one_and_ones_without_a_name(scenario, data):
    plain = weekly_profile(scenario("japan3"), None)
    assert plain.shape == (WEEK, 4)
    assert (plain == 1.0).all()
    profile = {"interactive": "alibaba-images", "batch": "google", "training": "openb"}
    table = weekly_profile(scenario("japan3", work={"profile": profile}), data)
    np.testing.assert_allclose(table.mean(axis=0), 1.0)
    assert (table >= 0.0).all()
    assert (table[:, s.PROFILE_REALTIME] == 1.0).all()
    assert (np.ptp(table, axis=0)[1:] > 0.1).all()


def test_work_follows_its_profile_from_monday_on(scenario, data):
    profile = {"interactive": "alibaba-images", "batch": "google", "training": "openb"}
    quiet = {"demand_sigma": 0.0, "batch_sigma": 0.0, "training_sigma": 0.0}
    config = scenario("japan3", work=quiet | {"profile": profile})
    table = weekly_profile(config, data)
    batch = Batch(config, 1, "evaluation", "test", "float64", data_root=data)
    batch.reset(1)
    site = batch.world.site
    for k in range(WEEK):
        area = batch.world.area[0]
        np.testing.assert_allclose(area[:, s.INTERACTIVE_MW], site[:, s.SITE_INTERACTIVE_MW] * table[k, 1], rtol=1e-9)
        np.testing.assert_allclose(area[:, s.ARRIVED_BATCH_MWH], site[:, s.SITE_BATCH_MWH] * table[k, 2], rtol=1e-9)
        want = site[:, s.SITE_TRAINING_MWH] * table[k, 3]
        np.testing.assert_allclose(area[:, s.ARRIVED_TRAINING_MWH], want, rtol=1e-9)
        batch.step_single(np.zeros(3 * s.N_CONTROL, np.float32))
