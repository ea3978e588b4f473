"""Every mechanism beyond World v1 by name, and scenarios with some of them switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from wattbit.config import FleetMix, ScenarioConfig
from wattbit.config.incidents import MitigationConfig

Changes = dict[str, Any]


def _without(part: str, **changes: Any) -> Callable[[ScenarioConfig], Changes]:
    return lambda config: {part: getattr(config, part).model_copy(update=changes)}


def _areas(**changes: Any) -> Callable[[ScenarioConfig], Changes]:
    return lambda config: {"areas": tuple(area.model_copy(update=changes) for area in config.areas)}


SWITCHES: Final[dict[str, Callable[[ScenarioConfig], Changes]]] = {
    "reserve": _without("reserve", enabled=False),
    "capacity": _without("capacity", enabled=False),
    "certificates": _without("certificates", enabled=False),
    "heat": _without("heat", enabled=False),
    "feeder": _without("feeder", enabled=False),
    "owner-pay": _without("fleet", owner_pay_jpy_per_kwh=0.0, owner_carbon_jpy_per_kg=0.0),
    "fleet-kinds": _areas(fleet_mix=FleetMix()),
    "snow": _areas(snow_t=0.0),
    "cooling": _areas(cooling="air"),
    "local-surplus": _areas(local_solar_mw=0.0),
    "connection": _areas(connection_mw=None),
    "incidents": lambda config: {"incidents": ()},
    "mitigation": lambda config: {"mitigation": MitigationConfig()},
    "levy": _without("market", levy="none"),
    "residency": _without("work", resident_share=0.0),
    "sharing": _without("fleet", sharing="urgency"),
    "storage-wear": _without("storage", cell=None),
    "backlog": _without("episode", backlog_factor=1.1, stock_price="last-day"),
}
"""
What to change to switch a mechanism off; with all of them off a scenario is World v1. Recorded traces of work are data
like the series and have no switch.
"""


def switched_off(config: ScenarioConfig, names: Iterable[str] = tuple(SWITCHES)) -> ScenarioConfig:
    """
    Return the scenario without some mechanisms.

    Parameters
    ----------
    config : ScenarioConfig
        A scenario.
    names : iterable of str
        Keys of :data:`SWITCHES`; all of them give World v1.

    Raises
    ------
    KeyError
        If there is no such switch.
    """
    for name in names:
        config = config.model_copy(update=SWITCHES[name](config))
    return config
