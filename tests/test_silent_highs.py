"""HiGHS prints on the process's own stdout, so only a process of its own can show that it doesn't."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("highspy")

from wattbit.silent_highs import SilentHighs

ROOT = Path(__file__).resolve().parents[1]
MADE = "from wattbit.silent_highs import SilentHighs as Highs"
USED = "highs = Highs(); highs.addVar(0.0, 1.0); highs.run(); print(highs.getModelStatus())"


def stdout_of(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_nothing_but_our_own_output_is_on_stdout():
    assert stdout_of(f"{MADE}; {USED}") == "HighsModelStatus.kOptimal\n"
    assert len(stdout_of(f"from highspy import Highs; {USED}").splitlines()) > 1, "HiGHS has become silent by itself"


def test_it_solves_with_one_thread():
    highs = SilentHighs()
    assert highs.getOptionValue("threads")[1] == 1
    highs.addVar(1.0, 2.0)
    highs.changeColCost(0, 3.0)
    highs.run()
    assert np.asarray(highs.getSolution().col_value) == pytest.approx([1.0])


def test_the_project_makes_no_other_highs():
    others = {
        str(path.relative_to(ROOT))
        for part in ("envs", "agents", "benchmarks")
        for path in (ROOT / part).rglob("*.py")
        if re.search(r"\bHighs\(\)", path.read_text(encoding="utf-8"))
    }
    assert others == set()
