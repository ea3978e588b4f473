"""World v1 for ever: with every later mechanism switched off, the numbers recorded before they existed come out."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from wattbit.action import CONTROLS
from wattbit.scenarios import load_scenario
from wattbit.scenarios.switches import switched_off
from wattbit.world import state as s
from wattbit.world.batch import Batch

GOLDEN = Path(__file__).with_name("golden_v1.json")

V1_CONTROLS = ("realtime_host", "interactive_host", "batch_run", "training_run", "fleet_power", "storage_power")
V1_OUTCOMES = (
    "cost_jpy",
    "energy_jpy",
    "wheeling_jpy",
    "wear_jpy",
    "work_jpy",
    "network_jpy",
    "mobility_jpy",
    "carbon_jpy",
    "terminal_jpy",
    "reference_jpy",
    "co2_kg",
    "curtailment_avoided_mwh",
    "slo_miss_mwh",
    "soh_loss_percent",
    "unserved_departures",
    "v2g_mwh",
)


def rounded(values: np.ndarray, digits: int = 7) -> np.ndarray:
    """Values to significant digits, so that the last bits of another machine's exp() do not count."""
    size = 10.0 ** (digits - 1 - np.floor(np.log10(np.maximum(np.abs(values), 1e-9))))
    return np.round(values * size) / size + 0.0


def played(name: str) -> dict[str, object]:
    """One evaluation week of three worlds under random actions, float64: sums and a hash of every half hour."""
    batch = Batch(switched_off(load_scenario(name)), 3, precision="float64")
    batch.reset(seed=7)
    areas = len(batch.config.areas)
    random = np.random.Generator(np.random.Philox(2026))
    columns = [CONTROLS.index(control) for control in V1_CONTROLS]
    keep = [s.OUTCOMES.index(outcome) for outcome in V1_OUTCOMES]
    rows = []
    for _ in range(batch.config.episode.steps):
        action = np.zeros((3, areas, len(CONTROLS)), np.float32)
        action[:, :, columns] = random.uniform(-1.0, 1.0, (3, areas, len(V1_CONTROLS)))
        batch.step(action.reshape(3, -1))
        rows.append(batch.outcome[:, keep].copy())
    table = np.stack(rows)
    return {
        "sha256": hashlib.sha256(rounded(table).astype("<f8").tobytes()).hexdigest(),
        "sums": dict(zip(V1_OUTCOMES, table.sum(axis=(0, 1)).tolist(), strict=True)),
    }


@pytest.mark.parametrize("name", ["japan3", "japan9"])
def test_switched_off_is_world_v1(name: str) -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))[name]
    now = played(name)
    assert now["sums"] == pytest.approx(golden["sums"], rel=1e-9)
    assert now["sha256"] == golden["sha256"]
