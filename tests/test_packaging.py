"""What an installation promises: light imports, one-way dependence, data files inside the wheel."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ENVS = ROOT / "envs"
AGENTS = ROOT / "agents"

HEAVY = ("torch", "stable_baselines3", "sb3_contrib", "matplotlib", "plotly", "highspy", "tensorboard")
"""Modules of the extras: `import wattbit` works without them. (numba itself looks for scipy.)"""


def imported_modules(path: Path) -> set[str]:
    """Full names of the modules that a file imports anywhere, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def test_importing_wattbit_and_stepping_loads_no_module_of_the_extras():
    code = (
        "import sys, gymnasium as gym\n"
        "env = gym.make('wattbit:wattbit/Aggregator-v0', scenario='japan3')\n"
        "env.reset(seed=0)\n"
        "env.step(env.action_space.sample())\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_wattbit_never_imports_the_agents_or_a_learning_library():
    offenders = {
        str(path.relative_to(ROOT)): sorted(found)
        for path in sorted((ENVS / "wattbit").rglob("*.py"))
        if (
            found := {
                name
                for name in imported_modules(path)
                if name.split(".")[0] in {"wattbit_agents", "torch", "stable_baselines3", "sb3_contrib"}
            }
        )
    }
    assert offenders == {}


def test_the_two_source_roots_are_no_packages():
    assert not (ENVS / "__init__.py").exists()
    assert not (AGENTS / "__init__.py").exists()


def test_no_source_file_has_more_than_400_lines():
    long = {
        str(path.relative_to(ROOT)): n_lines
        for root in (ENVS, AGENTS, ROOT / "benchmarks", ROOT / "tests", ROOT / "docs")
        for path in sorted(root.rglob("*.py"))
        if (n_lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_the_base_installation_asks_for_no_module_of_the_extras():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base = " ".join(project["dependencies"])
    assert not [name for name in ("torch", "stable-baselines3", "matplotlib", "plotly", "highspy") if name in base]
    assert set(project["optional-dependencies"]) == {"generate", "render", "train", "report", "cuda", "dev"}


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Paths inside a wheel that is built from this tree, without network."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("wattbit-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_source_and_data_file_of_both_packages(wheel_names: set[str]):
    expected = {
        path.relative_to(root).as_posix()
        for root, package in ((ENVS, "wattbit"), (AGENTS, "wattbit_agents"))
        for path in (root / package).rglob("*")
        if path.is_file() and path.suffix not in {".pyc", ".nbi", ".nbc"}
    }
    assert {"wattbit/py.typed", "wattbit_agents/py.typed", "wattbit/series/splits.yaml"} <= expected
    assert {"wattbit/scenarios/data/japan3.yaml", "wattbit/scenarios/data/japan9.yaml"} <= expected
    assert sorted(expected - wheel_names) == []


def test_the_wheel_holds_nothing_but_the_two_packages_and_their_metadata(wheel_names: set[str]):
    tops = {name.split("/")[0].split("-")[0] for name in wheel_names}
    assert tops == {"wattbit", "wattbit_agents"}
    assert not [name for name in wheel_names if name.endswith((".pyc", ".nbi", ".nbc", ".csv", ".csv.gz"))]
