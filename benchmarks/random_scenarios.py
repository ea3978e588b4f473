"""Scenarios that nobody would write, for tests of what must hold in every world: Hypothesis strategies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st

from wattbit.config import ScenarioConfig

AREAS: Final = (
    ("tokyo",),
    ("kyushu",),
    ("hokkaido", "tokyo"),
    ("hokkaido", "tokyo", "kyushu"),
    ("kansai", "shikoku", "chugoku"),
    ("kyushu", "hokuriku", "tohoku", "chubu"),
)
"""Every area occurs; the series of each of these groups are made once and stored (seconds and 60 MB each)."""

Draw = st.DrawFn


def _or_zero(low: float, high: float) -> st.SearchStrategy[float]:
    """Zero in a quarter of the draws: something that an area does not have."""
    return st.one_of(st.just(0.0), *(st.floats(low, high) for _ in range(3)))


def _share(high: float = 1.0) -> st.SearchStrategy[float]:
    return st.floats(0.0, high)


@st.composite
def _area(draw: Draw, name: str) -> dict[str, Any]:
    home, workplace = sorted((draw(st.integers(0, 4)), draw(st.integers(0, 4))))
    return {
        "fleet_mix": {"home": home / 4, "workplace": (workplace - home) / 4, "commercial": 1.0 - workplace / 4},
        "name": name,
        "datacentre_mw": draw(_or_zero(1.0, 800.0)),
        "user_share": draw(_or_zero(0.05, 1.0)),
        "cars": draw(_or_zero(10.0, 500_000.0)),
        "storage_mw": draw(_or_zero(1.0, 300.0)),
        "storage_mwh": draw(_or_zero(1.0, 1000.0)),
        "wheeling_jpy_per_kwh": draw(_share(5.0)),
        "cooling": draw(st.sampled_from(("air", "air-old", "liquid"))),
        "snow_t": draw(_or_zero(100.0, 5e6)),
        "heat_mw_per_k": draw(_or_zero(0.1, 20.0)),
        "heat_flat_mw": draw(_or_zero(0.1, 200.0)),
        "capacity_contract_mw": draw(_or_zero(1.0, 300.0)),
        "capacity_jpy_per_kw_year": draw(st.none() | _share(50_000.0)),
        "reserve_jpy_per_kw": draw(st.none() | _share(50.0)),
        "connection_mw": draw(st.none() | st.floats(1.0, 1000.0)),
        "local_solar_mw": draw(_or_zero(1.0, 3000.0)),
        "local_limit_mw": draw(_or_zero(1.0, 2000.0)),
        "feeder_kva_per_car": draw(st.floats(1.0, 20.0)),
    }


@st.composite
def _areas(draw: Draw) -> list[dict[str, Any]]:
    areas = [draw(_area(name)) for name in draw(st.sampled_from(AREAS))]
    if all(area["user_share"] == 0.0 for area in areas):
        areas[-1]["user_share"] = 1.0
    return areas


@st.composite
def _markets(draw: Draw) -> dict[str, Any]:
    start = draw(_share(5.0))
    return {
        "market": {
            "local_jpy_per_kwh": draw(st.floats(-5.0, 20.0)),
            "connection_jpy_per_kwh": draw(_share(200.0)),
            "floor_jpy_per_kwh": draw(st.sampled_from((0.01, 0.01, 0.0, -5.0)) | st.floats(-20.0, 5.0)),
            "carbon_jpy_per_kg": draw(_or_zero(0.1, 20.0)),
            "wheeling": draw(st.sampled_from(("losses", "full", "none"))),
            "cooperative_share": draw(_share()),
            "slope_scale": draw(st.sampled_from((1.0, 0.0, 30.0))),
        },
        "reserve": {
            "enabled": draw(st.sampled_from((True, True, False))),
            "depth_share": draw(_share(0.1)),
            "down_share": draw(_share(2.0)),
            "bid_mw": draw(_or_zero(0.1, 20.0)),
            "penalty_factor": draw(_share(5.0)),
            "activation_start_jpy_per_kwh": start,
            "activation_full_jpy_per_kwh": start + draw(st.floats(0.1, 10.0)),
        },
        "capacity": {"enabled": draw(st.sampled_from((True, True, False))), "derating": draw(_share())},
        "certificates": {
            "enabled": draw(st.sampled_from((True, True, False))),
            "contract_share": draw(_or_zero(0.1, 3.0)),
            "solar_share": draw(_share()),
            "premium_jpy_per_kwh": draw(_share(5.0)),
            "penalty_jpy_per_kwh": draw(_share(10.0)),
            "target_share": draw(_share()),
        },
    }


@st.composite
def _sites(draw: Draw) -> dict[str, Any]:
    part = [draw(st.integers(0, 10)) for _ in range(3)]
    total = sum(part) + 1
    work = [p / total for p in part]
    return {
        "heat": {
            "enabled": draw(st.sampled_from((True, True, False))),
            "capture_share": draw(_share()),
            # Customers need less than the halls have, or a lift worth a heat pump.
            "source_c": draw(st.floats(30.0, 50.0)),
            "sink_c": draw(st.one_of(st.floats(15.0, 30.0), st.floats(51.0, 90.0))),
        },
        "snow": {"loss_per_day": draw(_share(0.05)), "power_share": draw(_share(0.1))},
        "datacentre": {
            "idle_share": draw(_share(0.8)),
            "mean_utilisation": draw(st.floats(0.1, 1.0)),
            "tail_share": draw(_share(0.5)),
            "servers_per_queue": draw(st.floats(1.0, 64.0)),
            "service_ms": draw(_share(400.0)),
            "queue_jpy_per_mwh": draw(_share(1000.0)),
        },
        "work": {
            "realtime_share": work[0],
            "interactive_share": work[1],
            "batch_share": work[2],
            "training_share": 1.0 - sum(work),
            "demand_sigma": draw(_share(0.2)),
            "batch_sigma": draw(_share(1.5)),
            "training_sigma": draw(_share(1.5)),
            "resident_share": draw(st.sampled_from((0.0, 0.0, 1.0)) | _share()),
            "weekend_interactive": draw(st.floats(0.5, 1.5)),
        },
        "network": {
            "path": draw(st.sampled_from(("apn", "ip"))),
            "apn_gbps": draw(st.floats(10.0, 400.0)),
            "traffic": draw(st.floats(1.0, 14.0)),
            "interactive_budget_ms": draw(st.floats(5.0, 200.0)),
            "training_lost_share": draw(_share(0.2)),
        },
    }


@st.composite
def _stores(draw: Draw) -> dict[str, Any]:
    levels = sorted(draw(st.lists(_share(), min_size=3, max_size=3)))
    soc = sorted(draw(st.lists(st.floats(0.1, 1.0), min_size=2, max_size=2)))
    return {
        "fleet": {
            "vehicles": 16,  # another number, or another cell, is another build of the kernels: half a minute
            "stand_kw": draw(st.floats(1.0, 20.0)),
            "efficiency": draw(st.floats(0.7, 1.0)),
            "v2g_floor_soc": levels[0],
            "guarantee_soc": levels[1],
            "ceiling_soc": levels[2],
            "workplace": {
                "drive_weekend_share": draw(_or_zero(0.1, 1.0)),
                "trip_median_kwh": draw(st.floats(0.5, 12.0)),
            },
            "commercial": {"guarantee_soc": levels[1], "trip_median_kwh": draw(st.floats(5.0, 60.0))},
            "drive_share": draw(_share()),
            "trip_median_kwh": draw(st.floats(0.5, 12.0)),
            "trip_sigma": draw(_share()),
            "owner_pay_jpy_per_kwh": draw(_share(5.0)),
            "owner_carbon_jpy_per_kg": draw(_or_zero(0.1, 10.0)),
            "early_share": draw(_share()),
            "plug_rate": draw(_share()),
            "initial_age_years": draw(_share(15.0)),
            "initial_soc": soc,
        },
        "storage": {
            "efficiency": draw(st.floats(0.7, 1.0)),
            "soc_range": (draw(_share(0.5)), draw(st.floats(0.5, 1.0))),
            "wear_jpy_per_kwh": draw(_share(5.0)),
            "cell": draw(st.sampled_from((None, None, "lfp_250ah"))),  # another one is another build
            "room_c": draw(st.floats(0.0, 45.0)),
            "initial_age_years": draw(_share(15.0)),
        },
        "feeder": {
            "enabled": draw(st.sampled_from((True, True, False))),
            "home_kw": draw(_share(2.0)),
            "trip_c": draw(st.floats(60.0, 160.0)),
        },
        "episode": {"backlog_factor": draw(st.floats(1.0, 3.0))},
    }


_SIZE: Final[dict[str, tuple[float, float]]] = {
    **dict.fromkeys(("area-outage", "dc-outage", "lost-link"), (0.01, 1.0)),
    **dict.fromkeys(("hijack-discharge", "hijack-charge", "hijack-oscillate"), (0.01, 1.0)),
    "link-cut": (1.0, 1.0),
    "interconnector-trip": (1.0, 200.0),
    "false-telemetry": (-0.5, -0.01),
    "price-spoof": (1.0, 30.0),
}


@st.composite
def _incident(draw: Draw, names: Sequence[str]) -> dict[str, Any]:
    kind = draw(st.sampled_from(tuple(_SIZE)))
    everywhere = () if kind in ("link-cut", "interconnector-trip") else ("all",)
    sign = draw(st.sampled_from((1.0, -1.0))) if kind in ("false-telemetry", "price-spoof") else 1.0
    return {
        "kind": kind,
        "area": draw(st.sampled_from((*names, *everywhere))),
        "start_hour": draw(st.none() | st.integers(0, 300).map(lambda half_hours: 0.5 * half_hours)),
        "hours": draw(st.integers(1, 96).map(lambda half_hours: 0.5 * half_hours)),
        "size": sign * draw(st.floats(*_SIZE[kind])),
        "false_measurements": draw(st.integers(1, 3)),
    }


@st.composite
def _incidents(draw: Draw, names: Sequence[str]) -> dict[str, Any]:
    layers = (
        "ramp_limit",
        "change_cap",
        "frequency_override",
        "quorum",
        "signed_commands",
        "fail_safe",
        "segmentation",
    )
    on = draw(st.sets(st.sampled_from(layers), max_size=3)) if draw(st.booleans()) else set()
    return {
        "incidents": draw(st.lists(_incident(names), max_size=4)) if draw(st.booleans()) else [],
        "mitigation": {**dict.fromkeys(sorted(on), True), "change_cap_share": draw(st.floats(0.01, 1.0))},
    }


@st.composite
def scenarios(draw: Draw) -> ScenarioConfig:
    """Worlds of one to four areas: any of them may lack cars, battery, data centre or users; every rule may differ."""
    areas = draw(_areas())
    incidents = draw(_incidents([area["name"] for area in areas]))
    sections = {"areas": areas, **incidents, **draw(_markets()), **draw(_sites()), **draw(_stores())}
    return ScenarioConfig.model_validate({"name": "random", **sections})
