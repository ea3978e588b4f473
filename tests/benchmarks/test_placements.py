"""Both placements of the essay are priced."""

import numpy as np
import pytest

from benchmarks.placements import PLACES, played
from wattbit.world.state import OUTCOMES


@pytest.mark.slow
def test_training_runs_where_it_is_sent_and_is_priced():
    cost = {place: played(place, 4)[:, OUTCOMES.index("cost_jpy")] for place in PLACES}
    missed = {place: played(place, 4)[:, OUTCOMES.index("slo_miss_mwh")] for place in PLACES}
    assert np.abs(cost["kyushu"] - cost["hokkaido"]).min() > 1e5
    # Each of the sites can do it.
    assert all(values.max() < 50.0 for values in missed.values())
