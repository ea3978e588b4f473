"""Charging sessions: local time, cuts at midnight, draws for a fleet; defects; the published figures."""

import numpy as np
import pytest

from wattbit.errors import SeriesError
from wattbit.series import charging
from wattbit.series.charging import ABSENT_H, SessionTable, daily_sessions, session_table

HEADER = ",".join(charging.COLUMNS)
FILES = {
    site: [f"ev/acn_{site}_2019{span}.csv.gz" for span in ("0501_20190831", "0901_20191231")]
    for site in ("caltech", "jpl")
}
# Sessions, sessions a weekday and a weekend day, p50 of dwell [h] and energy [kWh], p95 of energy [kWh].
FIGURES = {"caltech": (6704, 35, 9, 5.7, 5.9, 26), "jpl": (11830, 66, 5, 8.3, 11.6, 40)}


def row(number, arrival, departure, energy=10.0, station="CA-305", offset="-07:00"):
    return f"{arrival}{offset},{departure}{offset},20.0,{energy},{station},session-{number},{departure}{offset},True"


def sessions(tmp_path, rows, name="acn_caltech.csv", header=HEADER, end="\n"):
    path = tmp_path / name
    path.write_text("\n".join([header, *rows]) + end, encoding="utf-8")
    return path


def two_weeks(tmp_path):
    """Thursday 2 May to Sunday 19 May 2019: on weekday k of the week k + 1 sessions from 8 h, none on Sundays."""
    rows = []
    for day in range(2, 20):
        weekday = (day - 6) % 7
        for k in range(weekday + 1 if weekday < 6 else 0):
            rows.append(row(len(rows), f"2019-05-{day:02d} {8 + k:02d}:30:00", f"2019-05-{day:02d} 17:00:00", 5.0 + k))
    # The last Sunday makes the second week whole.
    rows.append(row(len(rows), "2019-05-19 20:00:00", "2019-05-20 02:00:00", 9.0))
    return charging.read_sessions(sessions(tmp_path, rows))


def test_sessions_are_read_in_local_time(tmp_path):
    rows = [
        row(0, "2019-06-03 08:30:00", "2019-06-03 17:00:00"),
        row(1, "2019-06-03 16:00:00", "2019-06-03 18:00:00", offset="+00:00"),
    ]
    read = charging.read_sessions(sessions(tmp_path, rows))
    assert read.repairs == ("1 rows in another offset than local time, turned to America/Los_Angeles",)
    # 16:00 UTC is 9:00 in summer.
    assert read.frame["connect"].dt.hour.tolist() == [8, 9]
    assert str(read.frame["connect"].iloc[1]) == "2019-06-03 09:00:00-07:00"
    assert read.frame["delivered_kwh"].tolist() == [10.0, 10.0]
    assert read.place == "caltech"


def test_disorder_and_duplicates_are_repaired(tmp_path):
    early, late = (
        row(0, "2019-06-03 08:30:00", "2019-06-03 17:00:00"),
        row(1, "2019-06-03 09:00:00", "2019-06-03 18:00:00"),
    )
    read = charging.read_sessions(sessions(tmp_path, [late, early, late]))
    assert read.repairs == ("1 duplicate rows dropped", "rows out of order, sorted by arrival")
    assert read.frame["connect"].dt.hour.tolist() == [8, 9]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r[:60], "row 2: the file is cut inside this row, 4 of 8 cells"),
        (lambda r: r.replace("10.0", "1O.0"), "row 2, column delivered_energy (kWh): is '1O.0', must be a number"),
        (lambda r: r.replace("10.0", ""), "row 2, column delivered_energy (kWh): is blank, must be a number"),
        (lambda r: r.replace("10.0", "-1"), "is -1, must be within [0, 250]"),
        (lambda r: r.replace("17:00:00", "08:30:05"), "is 10 in 0.00 h, must be at most 50 kW on average"),
        (lambda r: r.replace("17:00:00", "07:00:00"), "column departure: is 2019-06-03 07:00:00-07:00, must be later"),
        (lambda r: r.replace("-07:00", "", 1), "column arrival: is '2019-06-03 08:30:00', must be a time like 2019-05"),
        (lambda r: r.replace("2019-06-03", "0001-06-03", 1), "column arrival: is '0001-06-03 08:30:00-07:00', must"),
        (lambda r: r.replace("2019-06-03", "2019-06-31", 1), "column arrival: is '2019-06-31 08:30:00-07:00', must"),
        (lambda r: r.replace("CA-305", "XX-305"), "column station_id: is 'XX-305', must start with CA- or AG-"),
        (lambda r: r + "\n" + r.replace("CA-305", "AG-305"), "row 3, column station_id: is 'AG-305', must start"),
        (lambda r: r + "\n" + r.replace("10.0", "11.0"), "row 3, column session_id: is 'session-0' a second time"),
    ],
)
def test_a_defect_ends_in_one_message(tmp_path, change, message):
    path = sessions(tmp_path, [change(row(0, "2019-06-03 08:30:00", "2019-06-03 17:00:00"))])
    with pytest.raises(SeriesError) as caught:
        charging.read_sessions(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_wrong_header_and_an_open_end_are_refused(tmp_path):
    line = row(0, "2019-06-03 08:30:00", "2019-06-03 17:00:00")
    with pytest.raises(SeriesError, match="row 1: no column 'claimed'; must have 'arrival'"):
        charging.read_sessions(sessions(tmp_path, [line], header=HEADER.replace("claimed", "claim")))
    with pytest.raises(SeriesError, match="row 2: the file is cut inside this row or lacks its last line end"):
        charging.read_sessions(sessions(tmp_path, [line], end=""))


def test_days_start_on_a_monday_and_sessions_are_cut_at_midnight(tmp_path):
    table = daily_sessions([two_weeks(tmp_path)])
    assert str(table.first_day) == "2019-05-06"
    assert table.count.tolist() == [1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 1]
    # Thursday to Saturday before the first Monday: 4 + 5 + 6.
    assert table.outside == 15
    assert table.arrival_h[2].tolist() == [8.5, 9.5, 10.5, ABSENT_H, ABSENT_H, ABSENT_H]
    assert table.energy_kwh[2, :3].tolist() == [5.0, 6.0, 7.0]
    assert (table.arrival_h[13, 0], table.departure_h[13, 0]) == (20.0, 24.0)
    assert (table.cut_at_midnight, table.longer_than_a_day) == (1, 0)
    # The strongest session, 10 kWh in 3.5 h, allows all 9 kWh in the 4 h that are left.
    assert table.energy_kwh[13, 0] == 9.0
    assert "1 cut at midnight (0 longer than a day, 0 kWh with them), 15 outside" in table.describe()


def test_energy_that_does_not_fit_before_midnight_is_cut_too(tmp_path):
    rows = [row(k, f"2019-05-{6 + k:02d} 08:00:00", f"2019-05-{6 + k:02d} 10:00:00") for k in range(6)]
    rows.append(row(6, "2019-05-12 23:00:00", "2019-05-14 09:00:00", 30.0))
    table = daily_sessions([charging.read_sessions(sessions(tmp_path, rows))])
    assert (table.cut_at_midnight, table.longer_than_a_day) == (1, 1)
    assert table.energy_kwh[6, 0] == pytest.approx(5.0)  # 10 kWh in 2 h is the most power seen
    assert table.energy_cut_kwh == pytest.approx(25.0)


def test_hours_are_wall_clock_hours_on_both_sides_of_the_clock_change(tmp_path):
    rows = [row(k, f"2019-10-{28 + k} 08:00:00", f"2019-10-{28 + k} 10:00:00") for k in range(4)]
    rows += [row(9, "2019-11-04 08:00:00", "2019-11-04 10:00:00", offset="-08:00")]
    rows.insert(
        4, row(8, "2019-11-03 00:30:00", "2019-11-03 10:00:00", 4.0).replace("10:00:00-07:00", "10:00:00-08:00")
    )
    table = daily_sessions([charging.read_sessions(sessions(tmp_path, rows))])
    assert table.count.tolist() == [1, 1, 1, 1, 0, 0, 1]
    assert table.arrival_h[:4, 0].tolist() == [8.0] * 4
    assert (table.arrival_h[6, 0], table.departure_h[6, 0]) == (0.5, 10.0)


def test_files_of_two_sites_or_overlapping_files_are_refused(tmp_path):
    caltech = two_weeks(tmp_path)
    other = row(0, "2019-06-03 08:30:00", "2019-06-03 17:00:00", station="AG-1F01")
    jpl = charging.read_sessions(sessions(tmp_path, [other], "acn_jpl.csv"))
    with pytest.raises(SeriesError, match="sessions of caltech and jpl: must be of one site"):
        daily_sessions([caltech, jpl])
    with pytest.raises(SeriesError, match="must be of one site"):
        daily_sessions([])
    with pytest.raises(SeriesError, match="periods must not overlap"):
        daily_sessions([caltech, caltech])
    with pytest.raises(SeriesError, match="hold no whole week"):
        daily_sessions([jpl])


def small_site():
    count = np.array([4, 2, 0, 4, 4, 1, 0])
    arrival = np.full((7, 4), ABSENT_H)
    for day, n in enumerate(count):
        arrival[day, :n] = 8.0 + np.arange(n)
    departure, energy = np.where(arrival < 99.0, 17.0, ABSENT_H), np.where(arrival < 99.0, arrival / 2, ABSENT_H)
    return SessionTable("caltech", np.datetime64("2019-05-06"), count, arrival, departure, energy, 0, 0, 0.0, 0)


def test_cars_are_spread_evenly_over_the_sessions_of_a_day():
    table = session_table(small_site(), 400, seed=7)
    assert table.shape == (7, 400, 3)
    for day, n in enumerate(small_site().count):
        arrivals = table[day, table[day, :, 0] < ABSENT_H, 0]
        # A quarter of the cars for every session of the busiest day, give or take one.
        assert np.bincount(arrivals.astype(int), minlength=12)[8 : 8 + n] == pytest.approx(100, abs=1)
        assert len(arrivals) == pytest.approx(100 * n, abs=1)
    absent = table[:, :, 0] == ABSENT_H
    assert (table[absent] == ABSENT_H).all()
    assert (table[~absent][:, 2] == table[~absent][:, 0] / 2).all()


def test_a_draw_depends_on_seed_and_day_alone():
    site = small_site()
    table = session_table(site, 16, 3)
    np.testing.assert_array_equal(table, session_table(site, 16, 3))
    assert (table != session_table(site, 16, 4)).any()
    assert (table[0] != table[3]).any()  # two days with the same sessions
    short = SessionTable(site.site, site.first_day, *(a[:4] for a in (site.count, site.arrival_h, site.departure_h,
                         site.energy_kwh)), 0, 0, 0.0, 0)  # fmt: skip
    np.testing.assert_array_equal(session_table(short, 16, 3), table[:4])


@pytest.mark.parametrize(("vehicles", "seed", "message"), [(0, 0, "0 vehicles, must be"), (4, -1, "seed -1, must be")])
def test_bad_numbers_are_refused(vehicles, seed, message):
    with pytest.raises(SeriesError, match=message):
        session_table(small_site(), vehicles, seed)


@pytest.mark.parametrize("site", FILES)
def test_a_real_site_has_the_published_figures(data, site):
    read = [charging.read_sessions(data / name) for name in FILES[site]]
    assert all(record.repairs == () and record.place == site for record in read)
    rows, weekday, weekend, dwell_h, energy_kwh, p95_kwh = FIGURES[site]
    assert sum(record.rows for record in read) == rows
    energy = np.concatenate([record.frame["delivered_kwh"] for record in read])
    assert np.median(energy) == pytest.approx(energy_kwh, abs=0.051)
    assert np.quantile(energy, 0.95) == pytest.approx(p95_kwh, abs=0.6)
    dwell = np.concatenate([(r.frame["disconnect"] - r.frame["connect"]).dt.total_seconds() / 3600 for r in read])
    assert np.median(dwell) == pytest.approx(dwell_h, abs=0.051)

    table = daily_sessions(read)
    assert len(table.count) == 34 * 7
    assert table.first_day.astype(object).weekday() == 0
    by_weekday = table.count.reshape(-1, 7)
    assert by_weekday[:, :5].mean() == pytest.approx(weekday, abs=1.0)
    assert by_weekday[:, 5:].mean() == pytest.approx(weekend, abs=0.6)
    present = table.arrival_h < ABSENT_H
    assert (table.departure_h[present] > table.arrival_h[present]).all()
    assert table.departure_h[present].max() <= 24.0
    assert 0 < table.cut_at_midnight < 0.05 * rows

    fleet = session_table(table, 16, 0)
    here = fleet[:, :, 0] < ABSENT_H
    # Sixteen cars stand for the site: share present and mean energy within a few per cent.
    assert here.mean() == pytest.approx(table.count.mean() / table.count.max(), rel=0.03)
    assert fleet[here][:, 2].mean() == pytest.approx(table.energy_kwh[present].mean(), rel=0.05)
