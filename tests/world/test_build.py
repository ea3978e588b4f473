"""The builds made from the laws' text: typed throughout, apart from each other, and the same as plain Python."""

import ast
import json
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from wattbit.physics.cells import CELLS, DEFAULT_CELL
from wattbit.world import random as streams
from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit.world.build import DRIVER, SOURCES, STAGES, kernel_text, laws_digest

FORBIDDEN = (ast.Raise, ast.Try, ast.Import, ast.ImportFrom, ast.ListComp, ast.Dict, ast.List, ast.Lambda, ast.With)


@pytest.fixture(scope="module", params=[("float32", cell) for cell in CELLS] + [("float64", DEFAULT_CELL)])
def tree(request) -> ast.Module:
    precision, cell = request.param
    return ast.parse(kernel_text(precision, 16, cell))


def test_no_float_literal_is_left_untyped(tree):
    typed = {
        id(n.args[0]) for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "F" and n.args
    }
    bare = [
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, float) and id(n) not in typed
    ]
    assert bare == []
    assert len(typed) > 100


def test_no_call_makes_a_double_by_accident(tree):
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert "float" not in called
    attributes = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == "np"}
    assert not attributes & {"zeros", "empty", "array", "float64", "float32", "random"}


def test_the_build_type_is_named_once_at_the_top():
    for precision, other in (("float32", "float64"), ("float64", "float32")):
        text = kernel_text(precision, 16)
        assert f"from numpy import {precision} as F" in text
        names = {getattr(node, "id", getattr(node, "name", "")) for node in ast.walk(ast.parse(text))}
        assert other not in names


def test_the_laws_neither_raise_nor_allocate_nor_import(tree):
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    assert {DRIVER, *STAGES} <= {f.name for f in functions}
    for function in functions:
        for node in ast.walk(function):
            assert not isinstance(
                node,
                ast.Raise | ast.Try | ast.Import | ast.ImportFrom | ast.ListComp | ast.Dict | ast.Lambda | ast.With,
            ), f"{function.name}: {ast.unparse(node)}"


def test_no_law_is_defined_twice(tree):
    count = Counter(n.name for n in tree.body if isinstance(n, ast.FunctionDef))
    assert [name for name, times in count.items() if times > 1] == []
    assert len(set(SOURCES)) == len(SOURCES)


def test_random_streams_have_numbers_of_their_own():
    numbers = {name: value for name, value in vars(streams).items() if name.startswith("STREAM_")}
    assert len(numbers) > 10
    assert [n for n, times in Counter(numbers.values()).items() if times > 1] == []


def test_every_build_has_a_name_of_its_own():
    digests = {laws_digest("float32", 16), laws_digest("float64", 16), laws_digest("float32", 17)}
    digests |= {laws_digest("float32", 16, cell) for cell in CELLS}
    digests |= {laws_digest("float32", 16, DEFAULT_CELL, cell) for cell in CELLS}
    assert len(digests) == 2 + len(CELLS) + len(CELLS) - 1


def test_the_cell_of_packs_stands_beside_that_of_cars():
    tree = ast.parse(kernel_text("float32", 16, "nmc_b1", "denso_nmc622"))
    found = {n.name: ast.unparse(n) for n in tree.body if isinstance(n, ast.FunctionDef)}
    assert "graphite_potential_v" in found["calendar_growth"]
    assert "pack_calendar_rate(" in found["pack_calendar_growth"]  # its helper is its own
    assert "pack_calendar_growth(" in found["age_pack"]
    assert "pack_" not in found["run_fleet"]


SCRIPT = """
import hashlib, json, sys
import numpy as np
from wattbit.scenarios import load_scenario
from wattbit.config import ScenarioConfig
from wattbit.world import state as s
from wattbit.world.batch import Batch
content = load_scenario("japan3").model_dump()
content["areas"] = content["areas"][:2]
content["episode"].update(steps=48, warm_up_steps=48)
batch = Batch(ScenarioConfig.model_validate(content), 1, "evaluation", "test", sys.argv[1])
rng = np.random.default_rng(1)
batch.reset(3)
trace = []
for _ in range(int(sys.argv[2])):
    batch.step(rng.uniform(-1, 1, (1, 16)).astype(np.float32))
    trace.append([*batch.outcome[0].tolist(), float(batch.reward[0])])
world = batch.world
arrays = {name: getattr(world, name) for name in world._fields}
print(json.dumps({
    "dtypes": {name: array.dtype.name for name, array in arrays.items()},
    "narrow": bool((world.vehicle == world.vehicle.astype(np.float32)).all()),
    "digest": hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays.values())).hexdigest(),
    "state": world.vehicle[0, :, : s.WINDOW_HIGH].astype(float).ravel().tolist(),
    "observation": batch.observation[0].astype(float).tolist(),
    "trace": trace,
}))
"""


def run(precision: str, steps: int, **environment: str) -> dict:
    """Step a small world in a fresh process that reads the warm kernel cache."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, precision, str(steps)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def warm(scenario) -> None:
    """Both builds compiled and cached."""
    for precision in ("float32", "float64"):
        batch = Batch(scenario("japan3"), 1, "evaluation", "test", precision)
        batch.reset(0)
        batch.step(np.zeros((1, 24), np.float32))


@pytest.mark.usefixtures("warm")
def test_precisions_do_not_mix_in_a_warm_cache():
    # Two processes, each loads one build from the cache; numba's cache key ignores globals such as the build's type.
    single, double = run("float32", 60), run("float64", 60)
    for field in ("vehicle", "area", "queue", "exog", "site", "pair", "constant", "flow", "car", "scratch"):
        assert single["dtypes"][field] == "float32", field
        assert double["dtypes"][field] == "float64", field
    for field in ("outcome", "ledger"):
        assert single["dtypes"][field] == double["dtypes"][field] == "float64"
    # The double world must use its digits, and both must tell the same story.
    assert single["narrow"]
    assert not double["narrow"]
    np.testing.assert_allclose(single["trace"], double["trace"], rtol=2e-2, atol=1e2)
    # ... twice the same, from the cache.
    assert run("float32", 60)["digest"] == single["digest"]


@pytest.mark.usefixtures("warm")
def test_laws_compute_in_the_type_of_their_build():
    script = """
import sys
from numba import njit
import numpy as np
from wattbit.world.build import kernels
module = kernels(sys.argv[1], 16)
law = module.power_usage_effectiveness
wear = module.cycle_growth
@njit
def pue(t, free, full, cop, losses, fans):
    return law(t, free, full, cop, losses, fans)
@njit
def cycle(a):
    return wear(a, a, a, a, a, a, a)
kind = np.dtype(sys.argv[1]).type
pue(kind(20), kind(15), kind(25), kind(5), kind(0.05), kind(0.03)), cycle(kind(0.5))
value = pue(kind(20.0), kind(15), kind(25), kind(5), kind(0.05), kind(0.03))
print(pue.nopython_signatures[0].return_type, cycle.nopython_signatures[0].return_type, value)
"""
    for precision in ("float32", "float64"):
        done = subprocess.run([sys.executable, "-c", script, precision], capture_output=True, text=True, check=True)
        first, second, value = done.stdout.split()
        assert first == second == precision
        assert float(value) == pytest.approx(1.2139, rel=1e-6)


@pytest.mark.usefixtures("warm")
def test_plain_python_gives_the_compiled_numbers():
    compiled, plain = run("float64", 50), run("float64", 50, NUMBA_DISABLE_JIT="1")
    assert plain["dtypes"] == compiled["dtypes"]
    for field in ("trace", "state", "observation"):
        np.testing.assert_allclose(plain[field], compiled[field], rtol=1e-9, atol=1e-9, err_msg=field)


def test_field_names_match_their_positions():
    assert len(s.OUTCOMES) == s.O_REWARD
    assert len(s.LEDGER) == s.N_LEDGER
    assert s.LEDGER[s.L_CHARGED] == "charged_mwh"
    assert s.LEDGER[s.L_TRIP] == "trip_mwh"
    assert s.LEDGER[s.L_UNSERVED] == "unserved_departures"
