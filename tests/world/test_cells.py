"""The cell of a scenario reaches the constants and the kernels of its world."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from wattbit.physics.cells import CELLS, DEFAULT_CELL
from wattbit.world import state as s
from wattbit.world.arrays import build_constants
from wattbit.world.batch import Batch

OTHERS = [cell for cell in CELLS if cell != DEFAULT_CELL]


@pytest.mark.parametrize("cell", CELLS)
def test_wear_is_priced_at_the_reference_loss_of_the_cell(scenario, cell):
    constants = build_constants(scenario(fleet={"cell": cell}), "evaluation", "test", None)
    assert constants.constant[s.WEAR_REFERENCE] == CELLS[cell].reference_loss
    chosen = build_constants(scenario(fleet={"cell": cell, "wear_reference_loss": 0.08}), "evaluation", "test", None)
    assert chosen.constant[s.WEAR_REFERENCE] == 0.08


def week(config, precision: str, steps: int = 144) -> dict[str, np.ndarray]:
    """Random actions for some steps: losses, money and health of every car at each."""
    batch = Batch(config, 1, "evaluation", "test", precision)
    rng = np.random.default_rng(2)
    batch.reset(1)
    seen: dict[str, list] = {"loss": [], "wear": [], "health": []}
    for _ in range(steps):
        batch.step(rng.uniform(-1.0, 1.0, batch.world.action.shape).astype(np.float32))
        seen["loss"].append(batch.outcome[0, s.O_SOH_LOSS])
        seen["wear"].append(batch.outcome[0, s.O_WEAR])
        seen["health"].append(batch.world.vehicle[0, :, s.HEALTH].copy())
    return {name: np.array(values) for name, values in seen.items()}


def test_another_cell_runs_a_whole_world():
    # As plain Python in a process of its own, because a build takes half a minute; with areas whose series are stored.
    script = """
import json
import numpy as np
from wattbit.config import ScenarioConfig
from wattbit.scenarios import load_scenario
from wattbit.world import state as s
from wattbit.world.batch import Batch
losses = {}
for cell in ("denso_nmc622", "lfp_250ah"):
    content = load_scenario("japan3").model_dump()
    content["fleet"].update(cell=cell, vehicles=4)
    batch = Batch(ScenarioConfig.model_validate(content), 1, "evaluation", "test", "float64")
    rng = np.random.default_rng(1)
    batch.reset(3)
    loss = wear = 0.0
    begin = batch.world.vehicle[0, :, s.HEALTH].copy()
    for _ in range(48):
        batch.step(rng.uniform(-1, 1, (1, 24)).astype(np.float32))
        loss += batch.outcome[0, s.O_SOH_LOSS]
        wear += batch.outcome[0, s.O_WEAR]
    fall = begin - batch.world.vehicle[0, :, s.HEALTH]
    losses[cell] = [loss, wear, 100.0 * float(fall.mean()), float(fall.min())]
print(json.dumps(losses))
"""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    for loss, wear, fall, least in found.values():
        # At midnight health falls by the sum of what the half hours have booked.
        assert fall == pytest.approx(loss, rel=1e-9)
        assert least > 0.0
        assert wear > 0.0
    assert found["lfp_250ah"][0] < found["denso_nmc622"][0]


@pytest.mark.slow
@pytest.mark.parametrize("cell", OTHERS)
def test_other_cells_compile_in_both_precisions(scenario, cell):
    config = scenario(fleet={"cell": cell})
    double, single = week(config, "float64"), week(config, "float32")
    for seen in (double, single):
        assert all(np.isfinite(values).all() for values in seen.values())
        assert (np.diff(seen["health"], axis=0) <= 0.0).all()
        assert (seen["loss"] > 0.0).all()
    np.testing.assert_allclose(single["health"], double["health"], atol=1e-5)
    np.testing.assert_allclose(single["loss"].sum(), double["loss"].sum(), rtol=1e-2)
    assert not np.allclose(double["loss"], week(scenario(), "float64")["loss"], rtol=0.05)
