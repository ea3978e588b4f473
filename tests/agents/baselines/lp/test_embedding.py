"""What any policy did is a point of the program that costs no more there: the proof that the program is a bound."""

import numpy as np
import pytest

from benchmarks.bound_cases import EDGES, PACKAGED, POLICIES, judge

SLOW_EDGES = {"other-cell", "second-life"}  # each compiles kernels of its own


NAMES = [pytest.param(name, marks=pytest.mark.slow if name in SLOW_EDGES else ()) for name in (*PACKAGED, *EDGES)]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_every_trajectory_is_a_point_that_costs_no_more_and_none_is_below_the_bound(name, seed):
    for verdict in judge(name, seed, POLICIES):
        broken = {block: size for block, size in verdict.broken.items() if size > 1e-6}
        assert not broken, f"{verdict.policy} breaks {broken}"
        dearer = {term: size for term, size in verdict.dearer.items() if size > 1e-6}
        assert not dearer, f"{verdict.policy} pays less than the program for {dearer}"
        assert verdict.margin >= 0.0
        assert np.isfinite(verdict.margin)
