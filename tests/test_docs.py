"""The pages in docs/ say what the code says, and everything they point to exists."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from wattbit.physics.network import round_trip_ms
from wattbit.scenarios import load_scenario
from wattbit.scenarios.geography import SITES, distances_km

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_generated_pages_are_up_to_date(build: ModuleType):
    for name, text in build.pages().items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, "run: python docs/build.py"


def test_examples_of_the_builder(build: ModuleType):
    assert doctest.testmod(build).failed == 0


def test_a_docstring_becomes_markdown(build: ModuleType):
    text = build.markdown(
        "Head ``x``.\n\n## Arguments\na : one\ntwo\n\nSee :class:`~p.q.Thing`.\n\nParameters\n----\nb : int\n    B."
    )
    assert (
        text
        == "Head `x`.\n\n### Arguments\n\n- `a`: one\n  two\n\nSee `Thing`.\n\n### Parameters\n\n- `b`: int\n  B.\n"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_files_exist(page: Path):
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
        linked = DOCS / target if target else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), f"{target}#{anchor}"
    for path in re.findall(r"`((?:envs|agents|benchmarks|docs)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path
    functions = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "envs/wattbit").rglob("*.py"))
    for name in re.findall(r"`((?:decode|run|apply|observe|start|close|begin|terminal|episode)_[a-z_]+)`", text):
        if page.name == "world.md":
            assert re.search(rf"\b{name}\b", functions), name


def test_the_world_page_has_a_section_for_every_part():
    sections = {
        "grid",
        "data-centre",
        "work-and-network",
        "fleet",
        "wear",
        "storage",
        "money",
        "randomness",
        "episodes",
    }
    assert sections <= anchors(DOCS / "world.md")


def test_round_trips_on_the_world_page_are_those_of_the_law():
    network = load_scenario("japan9").network
    areas = tuple(SITES)
    distance = distances_km(areas)
    town = {"Tokyo (Inzai)": "tokyo", "Tokyo": "tokyo", "Tomakomai": "hokkaido", "Osaka": "kansai", "Fukuoka": "kyushu"}
    text = (DOCS / "world.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w() ]+) - (\w+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", text, flags=re.MULTILINE)
    assert len(rows) == 4
    for start, end, km, apn, ip in rows:
        straight = distance[areas.index(town[start]), areas.index(town[end])]
        assert straight == float(km)
        for shown, fixed in ((apn, network.apn_fixed_ms), (ip, network.ip_fixed_ms)):
            assert round_trip_ms(straight, network.route_factor, fixed) == pytest.approx(float(shown), abs=0.05)
