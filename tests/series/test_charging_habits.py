"""Readers of charging distributions and of cars that can discharge: ragged rows, defects, the published figures."""

import json

import pytest

from wattbit.errors import SeriesError
from wattbit.series import charging_habits as habits

CAR = {
    "number_of_registrations": 100,
    "battery_capacity": 57.5,
    "max_ac_charge_power": 11,
    "max_dc_charge_power": 170,
    "max_ac_discharge_power": 11,
    "max_dc_discharge_power": 11,
    "1ph_ch_efficiency": [75, 84, 0],
    "3ph_ch_efficiency": [87, 90, 0],
}


def distribution(tmp_path, name, lines, end=""):
    path = tmp_path / f"{name}.csv"
    path.write_text("\n".join(lines) + end, encoding="utf-8-sig")
    return path


def means(change=lambda lines: lines):
    """Half hours, those of the afternoon first; no work place at night."""
    lines = ['"Arrival Time","home","public","work"']
    for minutes in [*range(720, 1440, 30), *range(0, 720, 30)]:
        work = "" if minutes < 300 else ",8.5"
        lines.append(f'"{minutes // 60:02d}:{minutes % 60:02d}",9.3,10{work}')
    return change(lines)


def refusal(read, path):
    with pytest.raises(SeriesError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_ragged_rows_are_filled_and_sorted(tmp_path):
    read = habits.read_distribution(distribution(tmp_path, "mean-session-length-per", means()))
    assert list(read.frame) == ["time", "home_h", "public_h", "workplace_h"]
    assert read.frame["time"].iloc[[0, 47]].tolist() == ["00:00", "23:30"]
    assert read.frame["workplace_h"].isna().sum() == 10
    assert read.repairs == (
        "10 rows end before workplace, read as no sessions there",
        "rows out of order, sorted by arrival time",
    )


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("mean-session", lambda lines: lines, "name 'mean-session', must be one of distribution-of-arrival"),
        ("mean-session-length-per", lambda lines: lines[:-3], "rows 10:30 and 2 others are missing; was the file cut?"),
        ("mean-session-length-per", lambda lines: [*lines[:-1], '"11:30",9'], "row 49: has 2 cells, must have 4, or 3"),
        ("mean-session-length-per", lambda lines: [*lines, lines[1]], "row 50, column Arrival Time: is '12:00', a sec"),
        ("mean-session-length-per", lambda lines: [lines[0].replace("home", "hut"), *lines[1:]], "column 'hut' is not"),
        (
            "mean-session-length-per",
            lambda lines: [lines[0], lines[1].replace("9.3", "9,3"), *lines[2:]],
            "has 5 cells",
        ),
        (
            "mean-session-length-per",
            lambda lines: [lines[0], lines[1].replace("9.3", "x"), *lines[2:]],
            "row 2, column h",
        ),
        ("mean-session-length-per", lambda lines: [lines[0], lines[1].replace("9.3", "93"), *lines[2:]], "[0, 72]"),
        ("distribution-of-arrival", lambda lines: lines, "row 1: first column 'Arrival Time', must be 'Arrival time'"),
    ],
)
def test_a_defect_of_a_table_of_means_ends_in_one_message(tmp_path, name, change, message):
    assert message in refusal(habits.read_distribution, distribution(tmp_path, name, means(change)))


def test_shares_must_sum_to_a_hundred_and_what_is_exceeded_must_fall(tmp_path):
    lines = ['"Arrival time","private"', *(f'"{m // 60:02d}:{m % 60:02d}",1.0' for m in range(0, 1440, 15))]
    path = distribution(tmp_path, "distribution-of-arrival", lines)
    assert "column private: sums to 96, must be 100" in refusal(habits.read_distribution, path)
    lines = ['"Percentage of charging events","public"', *(f"{k},{72 - k / 2 if k < 100 else 60}" for k in range(101))]
    path = distribution(tmp_path, "distribution-of-connection-time", lines)
    assert "row 102, column public: is 60, must not be above the row before" in refusal(habits.read_distribution, path)


def test_the_real_distributions_have_the_published_figures(data):
    frames = {name: habits.read_distribution(data / "ev" / f"{name}.csv").frame for name in habits.LAYOUTS}
    arrivals = frames["distribution-of-arrival"].set_index("time")
    assert arrivals["home_percent"].idxmax() == "18:15"
    assert arrivals["public_percent"].idxmax() == "18:15"
    assert arrivals["workplace_percent"].idxmax() == "08:45"
    assert len(frames["distribution-of-arrival-weekend"]) == 96
    week = frames["distribution-of-charging"]
    assert week["home_median_percent"].sum() == pytest.approx(100, abs=2)
    assert week["workplace_median_percent"].isna().tolist() == [False] * 5 + [True] * 2
    assert frames["distribution-of-connection-time"].iloc[[0, 100]]["workplace_h"].tolist() == [72.0, 0.0]
    assert frames["mean-demand-per-arrival"].set_index("time")["home_kwh"]["00:00"] == pytest.approx(30.83, abs=0.01)


def cars(tmp_path, document):
    path = tmp_path / "ev_specs.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def test_cars_are_read(tmp_path):
    frame = habits.read_cars(cars(tmp_path, {"A": CAR})).frame
    assert frame.iloc[0].tolist() == ["A", 100.0, 57.5, 11.0, 170.0, 11.0, 11.0, 90.0]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"A": {**CAR, "battery_capacity": "57"}}, "key A.battery_capacity: is '57', must be a number"),
        ({"A": {**CAR, "battery_capacity": 5750}}, "key A.battery_capacity: is 5750, must be within [5, 250]"),
        ({"A": {**CAR, "max_ac_charge_power": None}}, "key A.max_ac_charge_power: is None, must be a number"),
        ({"A": {**CAR, "3ph_ch_efficiency": [87, 190]}}, "key A.3ph_ch_efficiency[1]: is 190, must be within [0, 100]"),
        ({"A": {**CAR, "3ph_ch_efficiency": []}}, "key A.3ph_ch_efficiency: must be a list"),
        ({"A": 3}, "key A: must be an object"),
        ("[3]", "must be a JSON object with one key per car"),
        (json.dumps({"A": CAR})[:-20], "row 1: not whole JSON"),
    ],
)
def test_a_defect_of_the_cars_ends_in_one_message(tmp_path, document, message):
    assert message in refusal(habits.read_cars, cars(tmp_path, document))


def test_the_real_cars_are_read(data):
    frame = habits.read_cars(data / "ev" / "ev_specs_v2g_enabled2024.json").frame
    assert len(frame) == 8
    assert frame["battery_kwh"].between(46.3, 77.0).all()
    assert frame.set_index("model").loc["Tesla Model 3", "registrations"] == 47_783
