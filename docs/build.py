"""
Write docs/environments.md, docs/configuration.md, docs/plant.md and docs/bound.md from the code they describe.

``python docs/build.py`` writes the pages; ``python docs/build.py --check`` writes nothing and exits 1 when one of them
is not what the code says.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import Any, Final

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from wattbit.config import ScenarioConfig
from wattbit.env import AggregatorEnv, FleetV2GEnv, WorkloadShiftEnv
from wattbit.observation import GLOBAL_FIELDS, Field
from wattbit.registration import IDS
from wattbit.scenarios import load_scenario, scenario_names
from wattbit.series.generator.fleet import LISTED_MW, numbers
from wattbit.series.generator.lines import LINES, RATING_MW
from wattbit.series.set import AREAS
from wattbit.vector import AggregatorVectorEnv
from wattbit.world import state as s
from wattbit.world.meaning import LEDGER_TEXT, OUTCOME_TEXT
from wattbit_agents.baselines.lp.relation import RELATIONS

FOLDER: Final = Path(__file__).resolve().parent

GENERATED: Final = "<!-- Written by docs/build.py from the code; edit the docstrings, not this page. -->\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def markdown(docstring: str) -> str:
    """
    Turn a docstring (Gymnasium's Markdown sections or numpydoc) into Markdown two heading levels down.

    ``code`` and roles become backticks, ``name : text`` lines become a list.
    """
    text = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", inspect.cleandoc(docstring)).replace("``", "`")
    text = re.sub(r"^(\w[\w ]*)\n-{3,}$", r"## \1", text, flags=re.MULTILINE)
    lines: list[str] = []
    in_list = False
    for line in text.splitlines():
        item = re.match(r"^(\w+) : (.*)$", line)
        if line.startswith("#"):
            lines += ["#" + line, ""] if line.startswith("## ") else [line]
            in_list = False
        elif item:
            lines.append(f"- `{item[1]}`: {item[2]}")
            in_list = True
        elif in_list and line.strip():
            lines.append("  " + line.strip())
        else:
            in_list = False
            lines.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _scales(env: Any, columns: NDArray[np.float64]) -> list[str]:
    """Return in words what values of an area are divided by, found by comparing nine different areas."""
    areas, fleet = env.scenario.areas, env.scenario.fleet
    dynamic = np.array([area.datacentre_mw for area in areas]) * (1.0 - env.scenario.datacentre.idle_share)
    cars = np.array([area.cars for area in areas])
    words = {
        "dynamic IT power": dynamic,
        "4 h of dynamic IT power": 4.0 * dynamic,
        "an episode at dynamic IT power": 0.5 * env.scenario.episode.steps * dynamic,
        "stand power of all cars": cars * fleet.stand_kw / 1000.0,
        "battery energy of all cars": cars * float(env.batch.constants.capacity_kwh.mean()) / 1000.0,
        "a fifth of dynamic IT power": 0.2 * dynamic,
        "largest car battery": np.full(len(areas), max(fleet.battery_kwh)),
        "stand power": np.full(len(areas), fleet.stand_kw),
        "battery power": np.array([area.storage_mw for area in areas]),
        "battery energy": np.array([area.storage_mwh for area in areas]),
    }
    names = []
    for column in columns.T:
        fitting = [word for word, values in words.items() if np.allclose(values, column)]
        if fitting:
            names.append(fitting[0])
        elif len(set(column)) == 1:
            names.append(f"{column[0]:g}")
        else:
            raise ValueError(f"no words for the scale {column}")
    return names


def _field_row(position: str, field: Field, scale: str) -> tuple[str, ...]:
    bounds = f"{field.low:g} .. {field.high:g}"
    width = "cars" if field.is_list else str(field.width)
    return (position, f"`{field.name}`", width, field.unit, scale, bounds, field.description)


def observation_tables() -> str:
    """Return the tables of the observation vector."""
    head = ("Position", "Field", "Width", "Unit", "Scale", "Bounds", "Meaning")
    global_rows = []
    for k, field in enumerate(GLOBAL_FIELDS):
        scale = re.search(r"scale (\d+)", field.description)
        global_rows.append(_field_row(str(k), field, scale[1] if scale else "1"))
    env: Any = gym.make(IDS[0], scenario="japan9", forecast="full", assets="each", disable_env_checker=True).unwrapped
    core, paths, assets = env.observation_layout.sections
    scales, area_rows, position = _scales(env, core.scale), [], 0
    for field in core.fields:
        last = position + field.width - 1
        area_rows.append(
            _field_row(str(position) if field.width == 1 else f"{position}-{last}", field, scales[position])
        )
        position = last + 1
    appended_rows = []
    for section in (paths, assets):
        scales, first = _scales(env, section.scale), 0
        appended_rows.append([])
        for field in section.fields:
            appended_rows[-1].append(_field_row("", field, scales[first])[1:])
            first += field.width
    return "\n".join(
        [
            "The vector holds value / scale, cut to the bounds. `env.unwrapped.observation_layout.get(observation, "
            "name)` gives a field back in its unit.\n",
            "### For all areas\n",
            table(head, global_rows),
            f"### For each area, from position {s.N_GLOBAL} on, {s.N_OBSERVED} values per area\n",
            table(head, area_rows),
            '### With `forecast="full"`, after all areas, for each area\n',
            table(head[1:], appended_rows[0]),
            '### With `assets="each"`, after these, for each area\n',
            "One value per representative car (`fleet.vehicles`); each stands for an equal part of the area's cars. "
            "Energy and power are what the stands report, as in the fleet's sums.\n",
            table(head[1:], appended_rows[1]),
        ]
    )


def info_tables() -> str:
    """Return the tables of the default and the full info."""
    for names, text in ((s.OUTCOMES, OUTCOME_TEXT), (s.LEDGER, LEDGER_TEXT)):
        if tuple(text) != tuple(names):
            raise ValueError(f"docs/build.py describes {set(text) ^ set(names) or 'the fields in another order'}")
    return "\n".join(
        [
            'With `info_level="default"`, one float each, of the half hour just done and of all areas:\n',
            table(("Key", "Meaning"), [(f"`{name}`", OUTCOME_TEXT[name]) for name in s.INFO]),
            'With `info_level="full"` these too:\n',
            table(
                ("Key", "Meaning"), [(f"`{name}`", text) for name, text in OUTCOME_TEXT.items() if name not in s.INFO]
            ),
            '`info["parties_jpy"]`, shape (flow, party), who pays whom (`wattbit.parties`), and `info["ledger"]`: a '
            "dictionary of arrays, one value per area:\n",
            table(("Key", "Meaning"), [(f"`{name}`", text) for name, text in LEDGER_TEXT.items()]),
        ]
    )


def environments_page() -> str:
    """Return docs/environments.md."""
    parts = [
        "# Environments\n",
        GENERATED,
        "The model behind them is described in [world.md](world.md), its keys in [configuration.md](configuration.md), "
        "its data in [data.md](data.md).\n",
        "```python\nimport gymnasium as gym\n\n"
        f'env = gym.make("wattbit:{IDS[0]}", scenario="japan3")\nobservation, info = env.reset(seed=0)\n```\n',
    ]
    for identifier, environment in zip(IDS, (AggregatorEnv, WorkloadShiftEnv, FleetV2GEnv), strict=True):
        parts += [f"## {identifier}\n", markdown(environment.__doc__ or "")]
    parts += ["## Observation\n", observation_tables(), "## Info\n", info_tables()]
    parts += ["## Many worlds at once\n", markdown(AggregatorVectorEnv.__doc__ or "")]
    return "\n".join(parts)


UNITS: Final = {"_jpy_per_mwh": "JPY/MWh", "_jpy_per_kwh": "JPY/kWh", "steps": "half hours", "cars": "cars"}
"""Units of keys by the end of their names, where the docstring names none."""


def standing(description: str) -> str:
    """
    Return where a default comes from, read from its docstring.

    Examples
    --------
    >>> standing("Power of a stand [kW] (V)."), standing("Share; assumption."), standing("Name.")
    ('source', 'assumption', 'choice')
    """
    found = []
    if re.search(r"\(V\b|\bV[,)]|\bV range|\bis V\b|\b\d+ V\b", description):
        found.append("source")
    if re.search(r"\(D\b|\bD from\b", description):
        found.append("derived")
    if re.search(r"assum", description, re.IGNORECASE):
        found.append("assumption")
    return " + ".join(found) or "choice"


def _allowed(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    signs = {"exclusiveMinimum": ">", "minimum": ">=", "exclusiveMaximum": "<", "maximum": "<=", "multipleOf": "n x"}
    limits = [f"{sign} {schema[key]:g}" for key, sign in signs.items() if key in schema]
    if schema.get("type") == "array":
        items = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
        inner = _allowed(items) if isinstance(items, dict) and "$ref" not in items else ""
        low, high = schema.get("minItems"), schema.get("maxItems")
        count = "any number of" if low is None else (f"{low}" if low == high else f"{low}-{high}")
        return f"{count} values{', each ' + inner if inner else ''}"
    return ", ".join(limits)


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if isinstance(value, BaseModel):
        return "its defaults"
    values = value if isinstance(value, tuple) else (value,)
    shown = ", ".join(f"{one:.12g}" if isinstance(one, float) else str(one) for one in values)
    return f"`{shown}`" if shown else "empty"


def _unit(name: str, text: str, default: str) -> str:
    """Unit of a key: what stands in square brackets, else what its name ends in, else 1 for a number."""
    bracket = re.search(r"\[([^\]]+)\]", text)
    if bracket:
        return bracket[1]
    for ending, unit in UNITS.items():
        if name.endswith(ending):
            return unit
    return "1" if re.match(r"`[\d.]", default) else ""


def _models(model: type[BaseModel], key: str = "") -> list[tuple[str, type[BaseModel]]]:
    """A model and those inside it, with the dotted key at which they stand."""
    found = [(key, model)]
    for name, field in model.model_fields.items():
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                many = inner is not field.annotation
                found += _models(inner, f"{key}.{name}".lstrip(".") + ("[]" if many else ""))
    return found


def configuration_page() -> str:
    """Return docs/configuration.md."""
    parts = [
        "# Configuration of a scenario\n",
        GENERATED,
        "A scenario is a YAML file; it holds only what differs from the defaults below. Give its path, the name of a "
        "packaged scenario, a mapping or a `wattbit.config.ScenarioConfig` as `scenario`. Unknown keys and values out "
        "of bounds are refused with the file, the key, the rule and the nearest valid name.\n",
        "The column *standing* says where a default comes from: **source**, a published number (marked V in the code); "
        "**derived**, worked out from such numbers (D); **assumption**, not found in a source: never quote it as a "
        "fact, and change it when you know better; **choice**, a switch or a name. What each number does is in "
        "[world.md](world.md), where the sources are named too.\n",
    ]
    for key, model in _models(ScenarioConfig):
        schema = model.model_json_schema()["properties"]
        rows = []
        for name, field in model.model_fields.items():
            text = " ".join((field.description or "").split()).replace("``", "`")
            default = _default(field)
            section = default == "its defaults" or "$ref" in str(schema[name])
            origin = "" if section or field.annotation is str else standing(text)
            rows.append((f"`{name}`", default, _unit(name, text, default), _allowed(schema[name]), origin, text))
        parts += [f"## `{key}`\n" if key else "## Top level\n", markdown((model.__doc__ or "").split("\n\n")[0])]
        parts.append(table(("Key", "Default", "Unit", "Allowed", "Standing", "Meaning"), rows))
    parts.append("## Packaged scenarios\n")
    for name in scenario_names():
        scenario = load_scenario(name)
        head = ("Area", "Data centre, MW", "Share of users", "Cars", "Battery, MW / MWh", "Wheeling, JPY/kWh")
        rows = [
            (
                area.name,
                f"{area.datacentre_mw:g}",
                f"{area.user_share:g}",
                f"{area.cars:,.0f}",
                f"{area.storage_mw:g} / {area.storage_mwh:g}",
                f"{area.wheeling_jpy_per_kwh:g}",
            )
            for area in scenario.areas
        ]
        parts += [f"### {name}\n", scenario.description + "\n", table(head, rows)]
    return "\n".join(parts)


def plant_page() -> str:
    """Return docs/plant.md."""
    fitted = numbers()
    rows, prices = [], []
    for area in AREAS:
        own, listed = fitted["areas"][area], LISTED_MW[area]
        runs = {fuel: max(own[f"{fuel}_available_mw"]) for fuel in ("coal", "lng")}
        runs |= {"oil": own["oil_available_mw"], "pumped": own["pumped_mw"], "nuclear": max(own["nuclear_mw"])}
        runs |= {"solar": own["solar_peak_mw"], "wind": own["wind_peak_mw"], "hydro": np.mean(own["hydro_mw"])}
        cells = [f"{runs[kind]:,.0f} / {listed[kind]}" for kind in listed]
        rows.append((area, *cells))
        coal, lng = (", ".join(f"{price:.1f}" for price in own[f"{fuel}_jpy_per_kwh"]) for fuel in ("coal", "lng"))
        prices.append((area, f"{own['thermal_minimum_share']:.0%}", coal, lng))
    limits = [
        (name, f"{fitted['lines'][name]['forward_mw']:,.0f}", f"{fitted['lines'][name]['back_mw']:,.0f}", f"{mw:,.0f}")
        for name, mw in ((name, RATING_MW[name]) for name in LINES)
    ]
    kinds = tuple(f"{kind}, MW" for kind in LISTED_MW[AREAS[0]])
    parts = [
        "# Plant and lines behind the generated series\n",
        GENERATED,
        "The numbers of `envs/wattbit/series/generator/data/fleet.yaml`, fitted to the train weeks of FY2024 as "
        "described in [data.md](data.md#the-generator). First what ran: the highest month of coal, gas, oil and "
        "nuclear, the mean of hydro, the highest half hour of sun, wind and (times 0.8) pumped storage. After the "
        "slash stands what public lists hold (V, of several ages): they count plant that has been idle for years, and "
        "miss some that runs.\n",
        table(("area", *kinds), rows),
        "\nWhat the market asks, JPY/kWh, before season, hour and noise: coal from its first to its last megawatt, gas "
        "from its first over the kink between combined cycles and conventional plant to its last. Fitted, so they hold "
        "starts, contracts and what the exchange does not show.\n",
        table(("area", "thermal minimum", "coal", "gas"), prices),
        "\nUsable limits, MW, before the daily noise of works and margins, beside the rating (V).\n",
        table(("line", "southwards or westwards", "back", "rating"), limits),
    ]
    return "\n".join(parts)


def bound_page() -> str:
    """Return docs/bound.md."""
    rows = []
    for relation in RELATIONS:
        blocks = [", ".join(f"`{name}`" for name in names) or "-" for names in (relation.columns, relation.rows)]
        rows.append((relation.law, f"**{relation.kind}**", relation.text, *blocks))
    parts = [
        "# Why the program's optimum is a bound\n",
        GENERATED,
        "Fix everything that nobody decides: prices, arrivals, trips, incidents. Whatever a policy then does is a "
        "point of the linear program, term by term at no more than its real cost; so the program's optimum is below "
        "every policy's cost. **Shared**: program and world hold the same convex law. **Restricts**: the world forbids "
        "what the program allows. **Relaxed**: the program's cost is below the world's. "
        "`wattbit_agents.baselines.lp.embed` maps a trajectory to its point and the tests check every row, bound and "
        "term of it; `python -m benchmarks.ladder` prints the slack of each term on real trajectories.\n",
        table(("The world", "Relation", "The program", "Columns", "Rows"), rows),
    ]
    return "\n".join(parts)


def pages() -> dict[str, str]:
    """Return the text of every generated page by its file name."""
    return {
        "environments.md": environments_page(),
        "configuration.md": configuration_page(),
        "plant.md": plant_page(),
        "bound.md": bound_page(),
    }


def main() -> int:
    """Write the pages, or check them; returns the exit code."""
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        if "--check" in sys.argv[1:]:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"docs: {', '.join(stale)} differ from the code: run python docs/build.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
