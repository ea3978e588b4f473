"""The cell of a scenario reaches the constants and the kernels of its world."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from wattbit.parties import FLOWS, settle_parties
from wattbit.physics.cells import CAR_CELLS, CELLS, DEFAULT_CELL
from wattbit.scenarios.switches import switched_off
from wattbit.world import state as s
from wattbit.world.arrays import build_constants
from wattbit.world.batch import Batch

OTHERS = [cell for cell in CAR_CELLS if cell != DEFAULT_CELL]


@pytest.mark.parametrize("cell", CAR_CELLS)
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


@pytest.mark.parametrize("cell", CELLS)
def test_packs_get_the_constants_of_their_cell(scenario, cell):
    constant = build_constants(scenario(storage={"cell": cell}), "evaluation", "test", None).constant
    assert constant[s.PACK_WEARS] == 1.0
    assert constant[s.STORAGE_WEAR] == 0.0
    assert constant[s.PACK_REFERENCE] == CELLS[cell].pack_reference_loss
    assert constant[s.PACK_START_HEALTH] == (0.7 if cell == "second_life_leaf" else 1.0)
    flat = build_constants(scenario(), "evaluation", "test", None).constant
    assert flat[s.PACK_WEARS] == 0.0
    assert flat[s.STORAGE_WEAR] == 1_500.0
    with pytest.raises(ValidationError, match="cell"):
        scenario(fleet={"cell": "second_life_leaf"})


def packs(config, steps: int = 240, mode: str = "evaluation", precision: str = "float64") -> dict[str, np.ndarray]:
    """Random battery powers for some steps: health before each, losses, money and energy of the packs."""
    batch = Batch(config, 2, mode, "test", precision)
    rng = np.random.default_rng(4)
    batch.reset(1)
    areas = len(config.areas)
    seen: dict[str, list] = {name: [] for name in ("health", "loss", "wear", "all", "energy", "high", "power", "low")}
    for _ in range(steps):
        seen["health"].append(batch.world.area[:, :, s.PACK_HEALTH].copy())
        action = np.zeros((2, areas, s.N_CONTROL), np.float32)
        action[:, :, s.A_STORAGE] = rng.uniform(-1.0, 1.0, (2, areas))
        batch.step(action.reshape(2, -1))
        for name, field in (("loss", s.L_STORAGE_LOSS), ("wear", s.L_STORAGE_WEAR), ("power", s.L_STORAGE_MW)):
            seen[name].append(batch.ledger[:, :, field].copy())
        seen["all"].append(batch.outcome[:, s.O_WEAR].copy())
        seen["energy"].append(batch.world.area[:, :, s.STORAGE_MWH].copy())
        seen["high"].append(batch.world.area[:, :, s.STORAGE_HIGH_MW].copy())
        seen["low"].append(batch.world.area[:, :, s.STORAGE_LOW_MW].copy())
    return {name: np.array(values) for name, values in seen.items()}


def test_packs_wear_and_shrink(scenario):
    # The default build: lfp_250ah fills the place of packs there.
    seen = packs(scenario(storage={"cell": "lfp_250ah"}))
    assert (seen["loss"] > 0.0).all()
    assert (seen["wear"] >= 0.0).all()
    assert (seen["wear"].sum(axis=0) > 0.0).all()
    # At midnight health falls by the sum of what the half hours of the day have booked, and stays until the next.
    booked = seen["loss"][:192].reshape(4, 48, 2, 3).sum(axis=1)
    np.testing.assert_allclose(100.0 * (seen["health"][0:192:48] - seen["health"][48:240:48]), booked, rtol=1e-8)
    assert (np.ptp(seen["health"].reshape(5, 48, 2, 3), axis=1) == 0.0).all()
    usable = 200.0 * seen["health"]
    # ... up to what a day takes away under a full battery at midnight.
    assert (seen["energy"] <= 0.95 * usable * (1.0 + 2e-3)).all()
    assert (seen["energy"] >= 0.05 * usable * (1.0 - 2e-3)).all()
    # A smaller pack takes less, and its owner pays: without a cell it is the flat rate, and nothing is lost.
    flat = packs(scenario(), 48)
    assert (flat["loss"] == 0.0).all()
    assert (flat["health"] == 1.0).all()
    np.testing.assert_array_equal(flat["wear"], 0.5 * np.abs(flat["power"]) * 1_500.0)


def test_old_packs_are_smaller(scenario):
    young, old = (
        packs(scenario(storage={"cell": "lfp_250ah", "initial_age_years": years}), 48) for years in (0.0, 10.0)
    )
    # Ten years at 25 degC and half charge, and the reference duty: 0.036986 + 0.04446.
    assert old["health"][0] == pytest.approx(np.full((2, 3), 1.0 - 0.036986 - 0.04446), abs=1e-5)
    assert (young["health"][0] == 1.0).all()
    # Money does not depend on age but for the energy that flows.
    kwh = [np.abs(seen["power"]).sum() for seen in (young, old)]
    assert old["wear"].sum() / kwh[1] == pytest.approx(young["wear"].sum() / kwh[0], rel=0.1)


def test_packs_start_every_episode_alike(scenario):
    config = scenario(storage={"cell": "lfp_250ah"}, episode={"steps": 48, "warm_up_steps": 48})
    seen = packs(config, 96, "training")
    np.testing.assert_array_equal(seen["health"][0] < 1.0, True)  # the warm-up has worn them for a day
    np.testing.assert_allclose(seen["health"][48], seen["health"][0], atol=2e-4)


def test_the_wear_of_packs_stands_in_the_bill_of_the_aggregator(scenario):
    config = scenario(storage={"cell": "lfp_250ah"})
    batch = Batch(config, 2, precision="float64")
    batch.reset(0)
    rng = np.random.default_rng(0)
    for _ in range(20):
        batch.step(rng.uniform(-1.0, 1.0, batch.world.action.shape).astype(np.float32))
        paid = settle_parties(config, batch.outcome, batch.ledger).amount_jpy
        names = [name for name, _, _ in FLOWS]
        battery, cars = paid[:, names.index("wear of batteries")], paid[:, names.index("wear of cars, paid")]
        np.testing.assert_allclose(battery, batch.ledger[:, :, s.L_STORAGE_WEAR].sum(axis=1))
        np.testing.assert_allclose(battery + cars, batch.outcome[:, s.O_WEAR])
        assert (cars > 0.0).all()


def test_the_switch_brings_the_flat_rate_back(scenario):
    config = scenario(storage={"cell": "lfp_250ah"})
    assert switched_off(config, ("storage-wear",)) == scenario()


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
