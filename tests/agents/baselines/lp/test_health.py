"""What the least health of cars rests on: laws that rise with depth and rate, and lie between their points."""

import importlib

import numpy as np
import pytest

from wattbit_agents.baselines.lp.health import POINTS, SPARE

CELLS = ("denso_nmc622", "lfp_250ah", "nmc_b1", "sanyo_nmc111")


@pytest.fixture(params=CELLS)
def law(request):
    """Growth of a cell by state of charge, temperature, depth and rate."""
    laws = importlib.import_module(f"wattbit.physics.cells.{request.param}")

    def growth(soc, kelvin, depth, rate):
        heats = laws.calendar_heat(kelvin), laws.cycle_heat(kelvin), laws.depth_heat(kelvin)
        return laws.cycle_growth(float(soc), kelvin, *heats, float(depth), float(rate))

    return growth


@pytest.mark.parametrize("kelvin", [268.0, 290.0, 310.0])
def test_wear_rises_with_depth_and_rate(law, kelvin):
    for soc in np.linspace(0.0, 1.0, 6):
        table = np.array([[law(soc, kelvin, d, c) for c in np.linspace(0.0, 0.6, 13)] for d in np.linspace(0, 1.1, 12)])
        assert (np.diff(table, axis=0) >= -1e-12 * table.max()).all()
        assert (np.diff(table, axis=1) >= -1e-12 * table.max()).all()


@pytest.mark.parametrize("kelvin", [(278.0, 290.0), (295.0, 308.0)])
def test_between_its_points_wear_is_within_what_is_spared(law, kelvin):
    low, high = kelvin
    points = max(law(s, k, 1.0, 0.2) for s in np.linspace(0.0, 1.0, POINTS) for k in (low, 0.5 * (low + high), high))
    fine = max(law(s, k, 1.0, 0.2) for s in np.linspace(0.0, 1.0, 201) for k in np.linspace(low, high, 31))
    assert points <= fine <= SPARE * points
