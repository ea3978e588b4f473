"""
Make the compiled kernels from the laws' own text.

The law files are plain Python with plain float literals. A build writes one module with all of them, every float
literal and every ``float(...)`` turned into the build's type, and every function compiled by numba. It lies in the
cache folder under a name that holds a hash of the text: numba notices neither changed globals nor changed callees, a
new name it does.

``NUMBA_DISABLE_JIT=1`` runs the generated module as Python.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import logging
import os
import sys
import tempfile
from functools import cache
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Final, Literal

import numba

from wattbit.physics.cells import DEFAULT_CELL, DEFAULT_PACK_CELL, CellName
from wattbit.series.cache import cache_root

Precision = Literal["float32", "float64"]

SOURCES: Final = (
    "physics/grid.py",
    "physics/datacentre.py",
    "physics/snow.py",
    "physics/heat.py",
    "physics/network.py",
    "physics/feeder.py",
    "physics/reserve.py",
    "physics/capacity_contract.py",
    "physics/certificates.py",
    "physics/incident.py",
    "physics/frequency.py",
    "physics/storage.py",
    "physics/wear.py",
    "physics/cells/{cell}.py",
    "physics/cells/{pack}.py",
    "physics/vehicle.py",
    "world/random.py",
    "world/sessions.py",
    "world/fleet.py",
    "world/storage.py",
    "world/demand.py",
    "world/incidents.py",
    "world/markets.py",
    "world/decode.py",
    "world/project.py",
    "world/datacentre.py",
    "world/feeder.py",
    "world/settle.py",
    "world/observe.py",
    "world/step.py",
)
"""
Law files in the order of their dependence: callees first.

``{cell}`` is the cell of the scenario's cars, ``{pack}`` that of its stationary packs: every function of that file gets
the name :mod:`wattbit.world.storage` imports it under, with :data:`PACK_PREFIX` before it.
"""

PACK_PREFIX: Final = "pack_"

POSITIONS: Final = ("state", "fixed", "results")
"""Files with the positions of fields, which compiled code holds as numbers."""

STAGES: Final = ("decode_action", "apply_dispatch", "observe_world", "begin_episode", "close_pack", "age_pack")
DRIVER: Final = "run_worlds"
"""
Functions that stay functions; all below them is inlined, because a call that passes the packed state costs 0.1 us.
"""

PER_CAR: Final = ("vehicle", "car")
"""Arrays whose last two axes, field and car, are one axis in the kernels."""

HEADER: Final = '''"""Generated from the law files of wattbit; do not edit."""
from math import atan2, cos, exp, expm1, log, log1p, sin, sqrt, tanh
from numba import njit
from numpy import {precision} as F
from wattbit.world.state import *

options = dict(cache=True, error_model="numpy", _nrt=False)
driver = njit(nogil=True, **options)
stage = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)
law = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True, **options)
'''

log = logging.getLogger("wattbit")


def _array_name(node: ast.expr) -> str:
    """Name of an array, whether it stands alone or in the packed state."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


class _Prefixed(ast.NodeTransformer):
    """The functions of one file under other names, where they are defined and where they call each other."""

    def __init__(self, tree: ast.Module) -> None:
        self.names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id in self.names:
            node.id = PACK_PREFIX + node.id
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.name = PACK_PREFIX + node.name
        return node


class _Typed(ast.NodeTransformer):
    """
    Float literals and ``float(...)`` become the build's type ``F``; rows of cars get a constant length.

    With the length known, the compiler sees that two fields of a car never overlap and vectorises the loops over cars,
    which makes them four times as fast.
    """

    def __init__(self, vehicles: int) -> None:
        self.vehicles = vehicles

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, float):
            return ast.copy_location(ast.Call(ast.Name("F", ast.Load()), [node], []), node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "float":
            node.func = ast.copy_location(ast.Name("F", ast.Load()), node.func)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """``vehicle[i, r, FIELD, v]`` becomes ``vehicle[i, r, FIELD * CARS + v]``, and the number of cars a number."""
        self.generic_visit(node)
        name = _array_name(node.value)
        if name in PER_CAR and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 4:
            world, area, field, car = node.slice.elts
            start = ast.BinOp(field, ast.Mult(), ast.Constant(self.vehicles))
            node.slice.elts = [world, area, ast.BinOp(start, ast.Add(), car)]
        shape = node.value
        if isinstance(shape, ast.Attribute) and shape.attr == "shape" and _array_name(shape.value) in PER_CAR:
            return ast.copy_location(ast.Constant(self.vehicles), node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]  # so that a better sentence is neither a new build nor a new world
        for argument in node.args.args:
            argument.annotation = None
        self.generic_visit(node)
        name = "driver" if node.name == DRIVER else "stage" if node.name in STAGES else "law"
        node.decorator_list = [ast.Name(name, ast.Load())]
        return node


def kernel_text(
    precision: Precision, vehicles: int, cell: CellName = DEFAULT_CELL, pack: CellName = DEFAULT_PACK_CELL
) -> str:
    """Source text of one build: the law files without their imports, typed and decorated."""
    parts = [HEADER.format(precision=precision)]
    root = resources.files("wattbit")
    for name in SOURCES:
        tree = ast.parse(root.joinpath(name.format(cell=cell, pack=pack)).read_text(encoding="utf-8"))
        if "{pack}" in name:
            tree = _Prefixed(tree).visit(tree)
        body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
        module = _Typed(vehicles).visit(ast.Module(body=body[1:], type_ignores=[]))  # body[0] is the module's docstring
        parts.append(ast.unparse(ast.fix_missing_locations(module)))
    return "\n\n".join(parts)


def _write_module(name: str, text: str) -> Path:
    """Write a generated module once; a folder that cannot be written to is replaced by a temporary one."""
    folder = cache_root() / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="wattbit-"))
    path = folder / f"{name}.py"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".tmp", delete=False, encoding="utf-8") as file:
            file.write(text)
        os.replace(file.name, path)
    return path


def _import_module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:  # pragma: no cover - spec_from_file_location on an existing .py
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def laws_digest(
    precision: Precision, vehicles: int, cell: CellName = DEFAULT_CELL, pack: CellName = DEFAULT_PACK_CELL
) -> str:
    """Short hash of everything that compiled code depends on: the laws, the field positions, numba and Python."""
    root = resources.files("wattbit.world")
    positions = "".join(root.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in POSITIONS)
    text = kernel_text(precision, vehicles, cell, pack) + positions + numba.__version__ + sys.version
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@cache
def kernels(
    precision: Precision, vehicles: int, cell: CellName = DEFAULT_CELL, pack: CellName = DEFAULT_PACK_CELL
) -> ModuleType:
    """
    Return the compiled module of one precision, one number of representative cars, one cell of theirs and one of packs.

    The first call of each driver on a machine compiles it (tens of seconds once; a log line says so), later ones load
    the result from the cache folder.
    """
    name = f"wattbit_{precision}_{vehicles}_{laws_digest(precision, vehicles, cell, pack)}"
    path = _write_module(name, kernel_text(precision, vehicles, cell, pack))
    module = _import_module(name, path)
    folder = path.parent / "__pycache__"
    if not numba.config.DISABLE_JIT and not any(folder.glob(f"{name}.{DRIVER}*.nbi")):
        log.warning("wattbit: compiling the %s kernels, once on this machine, about half a minute", precision)
    return module
