"""Contract of a series set: shape, bounds, time zone, provenance, selection, hash, file."""

import numpy as np
import pandas as pd
import pytest

from wattbit.errors import SeriesError
from wattbit.series.set import AREAS, FEATURE_NAMES, FEATURES, SeriesSet


def make(values=None, **changes):
    if values is None:
        values = np.ones((48, 2, len(FEATURES)))
    fields = {
        "name": "toy",
        "start": pd.Timestamp("2024-04-01", tz="Asia/Tokyo"),
        "areas": ("tokyo", "kyushu"),
        "values": values,
        "provenance": dict.fromkeys(FEATURE_NAMES, "made by hand"),
    }
    return SeriesSet(**(fields | changes))


def test_names_end_in_their_units():
    endings = ("_jpy_per_mwh", "_jpy_per_mwh_per_mw", "_mw", "_kg_per_mwh", "_c")
    assert all(name.endswith(endings) for name in FEATURE_NAMES)
    assert len(set(AREAS)) == 9


def test_get_is_a_view_of_one_feature():
    values = np.random.default_rng(0).uniform(1.0, 40.0, (48, 2, len(FEATURES)))
    series = make(values)
    assert np.array_equal(series.get("temperature_c"), values[:, :, FEATURE_NAMES.index("temperature_c")])
    assert series.get("demand_mw").base is not None
    assert len(series) == 48
    assert series.time_of(3) == pd.Timestamp("2024-04-01 01:30", tz="Asia/Tokyo")


def test_select_keeps_the_order_asked_for():
    values = np.random.default_rng(0).uniform(1.0, 40.0, (48, 2, len(FEATURES)))
    picked = make(values).select(["kyushu", "tokyo"])
    assert picked.areas == ("kyushu", "tokyo")
    assert np.array_equal(picked.values, values[:, ::-1, :])


def test_select_names_the_missing_area():
    with pytest.raises(SeriesError, match=r"toy has no area 'okinawa'; it has tokyo, kyushu"):
        make().select(["okinawa"])


def test_a_value_out_of_bounds_is_told_with_place_and_rule():
    values = np.ones((48, 2, len(FEATURES)))
    values[5, 1, FEATURE_NAMES.index("temperature_c")] = 70.0
    with pytest.raises(
        SeriesError, match=r"temperature_c of kyushu at 2024-04-01 02:30:00\+09:00 is 70.0.*\[-45, 50\]"
    ):
        make(values)


def test_nan_is_out_of_bounds():
    values = np.ones((48, 2, len(FEATURES)))
    values[0, 0, 0] = np.nan
    with pytest.raises(SeriesError, match="spot_price_jpy_per_mwh of tokyo"):
        make(values)


def test_shape_time_zone_and_provenance_are_checked():
    with pytest.raises(SeriesError, match="shape"):
        make(np.ones((48, 3, len(FEATURES))))
    with pytest.raises(SeriesError, match="Asia/Tokyo"):
        make(start=pd.Timestamp("2024-04-01", tz="UTC"))
    with pytest.raises(SeriesError, match="demand_mw has no provenance"):
        make(provenance={name: "x" for name in FEATURE_NAMES if name != "demand_mw"})


def test_the_hash_follows_values_areas_and_start():
    values = np.ones((48, 2, len(FEATURES)))
    base = make(values).content_hash()
    changed = values.copy()
    changed[7, 0, 0] = 2.0
    assert make(values.copy()).content_hash() == base
    assert make(changed).content_hash() != base
    assert make(values, areas=("kyushu", "tokyo")).content_hash() != base
    assert make(values, start=pd.Timestamp("2024-04-02", tz="Asia/Tokyo")).content_hash() != base


def test_save_and_load_return_the_same_set(tmp_path):
    series = make(np.random.default_rng(1).uniform(0.0, 40.0, (48, 2, len(FEATURES))))
    series.save(tmp_path / "toy.npz")
    back = SeriesSet.load(tmp_path / "toy.npz")
    assert back.content_hash() == series.content_hash()
    assert (back.name, back.start, back.areas, back.provenance) == (
        series.name,
        series.start,
        series.areas,
        series.provenance,
    )
