"""Fixtures of the agents' tests: small worlds, and the command lines as real processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from wattbit.config import AreaConfig, EpisodeConfig, FleetConfig, ScenarioConfig
from wattbit.vector import AggregatorVectorEnv

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def toy():
    """One area, four cars, two days: seconds to learn."""
    return ScenarioConfig(
        name="toy",
        areas=(
            AreaConfig(
                name="tokyo", datacentre_mw=100.0, user_share=1.0, cars=20_000, storage_mw=30.0, storage_mwh=120.0
            ),
        ),
        fleet=FleetConfig(vehicles=4),
        episode=EpisodeConfig(steps=96, warm_up_steps=48),
        reward_scale_jpy=1e5,
    )


@pytest.fixture(scope="session")
def worlds():
    """Four worlds of the default scenario on test weeks."""
    return AggregatorVectorEnv(4, "japan3", mode="evaluation", split="test", info_level="none")


@pytest.fixture(scope="session")
def run_script():
    """Run ``train.py`` or ``evaluate.py`` of the repository as a user would."""

    def run(script: str, *arguments: object, cwd: Path, timeout: float = 300.0) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, str(ROOT / script), *map(str, arguments)],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run
