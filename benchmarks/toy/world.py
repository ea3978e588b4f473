"""The toy as a scenario of wattbit: what it consists of, and worlds in which its price paths are played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.toy.chain import IntArray, PriceChain
from wattbit.config import AreaConfig, ScenarioConfig
from wattbit.scenarios.switches import SWITCHES, switched_off
from wattbit.series.forecast.columns import FORECAST_SCALE
from wattbit.units import JPY_PER_MWH_PER_JPY_PER_KWH
from wattbit.vector import AggregatorVectorEnv
from wattbit.world import state as s

CHAIN: Final = PriceChain(
    price_jpy_per_mwh=(4_000.0, 11_000.0, 24_000.0),
    transition=((0.8, 0.2, 0.0), (0.1, 0.8, 0.1), (0.0, 0.2, 0.8)),
)
"""Cheap, usual and dear half hours; made up (toy)."""

KEPT: Final = ("owner-pay", "connection")
"""Mechanisms that stay on: what discharging a car costs, and the limit that couples the two stocks."""


def toy_scenario() -> ScenarioConfig:
    """
    Return the toy: one area with a battery and cars that never drive, behind one connection.

    All numbers are made up. Nothing is lost in charging, and cars neither wear nor leave, so that every cost is linear
    in pieces. Stands are slow: in one day no car comes near its ceiling, where charging would taper.

    What passes beyond the connection costs so little that it pays now and then. At twice that price, and a usual price
    of 10 JPY/kWh, corners are sharper: PPO stopped 0.9 to 1.1 % above the exact value instead of 0.5 to 0.7 %.
    """
    area = AreaConfig(
        name="tokyo",
        datacentre_mw=0.0,
        user_share=1.0,
        cars=10_000.0,
        storage_mw=15.0,
        storage_mwh=50.0,
        connection_mw=15.0,
    )
    base = ScenarioConfig(name="toy", areas=(area,))
    base = switched_off(base, [name for name in SWITCHES if name not in KEPT])
    changes: dict[str, Any] = {
        "reward_scale_jpy": 1e5,
        "market": {"connection_jpy_per_kwh": 1.5},
        "fleet": {
            "battery_kwh": (60.0,),
            "battery_share": (1.0,),
            "stand_kw": 1.0,
            "efficiency": 1.0,
            "guarantee_soc": 0.3,
            "v2g_floor_soc": 0.3,
            "ceiling_soc": 1.0,
            "initial_soc": (0.35, 0.35),
            "drive_share": 0.0,
            "early_share": 0.0,
            "plug_rate": 1.0,
            "owner_pay_jpy_per_kwh": 1.5,
            "pack_jpy_per_kwh": 0.0,
            "initial_age_years": 0.0,
        },
        "storage": {"efficiency": 1.0, "soc_range": (0.0, 1.0), "wear_jpy_per_kwh": 0.5},
        "episode": {"steps": 48, "warm_up_steps": 0},
    }
    content = base.model_dump()
    for section, values in changes.items():
        if isinstance(values, Mapping):
            content[section].update(values)
        else:
            content[section] = values
    return ScenarioConfig.model_validate(content)


@dataclass(frozen=True)
class Sizes:
    """
    The toy in steps of energy: every limit is a whole number of them.

    Attributes
    ----------
    step_mwh : float
        One step. [MWh]
    power : tuple of int
        Most that battery and cars move in half an hour, either way. [steps]
    connection : int
        Net load up to which the connection costs nothing, either way. [steps]
    start, top : tuple of int
        Energy above the floor at the start; the most that can be reached. [steps]
    step_jpy : tuple of float
        Cost of a step that the battery moves either way, that cars discharge, that passes beyond the connection. [JPY]
    """

    step_mwh: float
    power: tuple[int, int]
    connection: int
    start: tuple[int, int]
    top: tuple[int, int]
    step_jpy: tuple[float, float, float]


def _whole(energy_mwh: float, step_mwh: float) -> int:
    count = round(energy_mwh / step_mwh)
    if abs(count * step_mwh - energy_mwh) > 1e-9:
        raise ValueError(f"{energy_mwh:g} MWh is not a whole number of steps of {step_mwh:g} MWh")
    return count


def sizes(config: ScenarioConfig, step_mwh: float = 2.5) -> Sizes:
    """
    Return the sizes of a toy.

    Raises
    ------
    ValueError
        If a limit is not a whole number of steps, or a car can come so near its ceiling that charging tapers.
    """
    area, fleet, storage, market = config.areas[0], config.fleet, config.storage, config.market
    stands_mw = area.cars * fleet.stand_kw * 1e-3
    batteries_mwh = area.cars * fleet.battery_kwh[0] * 1e-3
    power = (_whole(0.5 * area.storage_mw, step_mwh), _whole(0.5 * stands_mw, step_mwh))
    start_mwh = (
        (0.5 - storage.soc_range[0]) * area.storage_mwh,
        (fleet.initial_soc[0] - fleet.v2g_floor_soc) * batteries_mwh,
    )
    start = (_whole(start_mwh[0], step_mwh), _whole(start_mwh[1], step_mwh))
    most_mwh = fleet.initial_soc[0] * batteries_mwh + 0.5 * config.episode.steps * stands_mw
    if 0.8 * (fleet.ceiling_soc * batteries_mwh - most_mwh) < stands_mw:
        raise ValueError("cars can come so near their ceiling within an episode that charging tapers")
    span_mwh = (storage.soc_range[1] - storage.soc_range[0]) * area.storage_mwh
    kwh = JPY_PER_MWH_PER_JPY_PER_KWH * step_mwh
    return Sizes(
        step_mwh=step_mwh,
        power=power,
        connection=_whole(0.5 * (area.connection_mw or 0.0), step_mwh),
        start=start,
        top=(_whole(span_mwh, step_mwh), start[1] + config.episode.steps * power[1]),
        step_jpy=(
            kwh * storage.wear_jpy_per_kwh,
            kwh * fleet.owner_pay_jpy_per_kwh,
            kwh * market.connection_jpy_per_kwh,
        ),
    )


def _tables(levels: IntArray, chain: PriceChain) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Exogenous rows and forecast columns of price paths, one day after another, and the row that the last ends in."""
    level = np.append(levels.ravel(), levels[0, 0])
    exog = np.zeros((len(level), 1, s.N_EXOG))
    exog[:, 0, s.SPOT] = chain.prices[level]
    # A store is worth the long-run mean at the end; the mean of the day would be a state of its own.
    exog[:, 0, s.STOCK_PRICE] = chain.mean_jpy_per_mwh
    exog[:, 0, s.TEMPERATURE] = 20.0
    exog[:, 0, s.YEAR_COS] = 1.0
    limit = float(s.OBSERVATION_LIMIT)
    shown = np.clip(chain.forecast_columns() / np.array(FORECAST_SCALE, np.float32), -limit, limit)
    return exog, shown[level][None, :, None]


class ToyWorlds(AggregatorVectorEnv):
    """
    Worlds of the toy that play given price paths, with the controls of cars and battery and float64 state.

    Week k is path k. Worlds begin at different paths, spread evenly, and go on from there.

    Parameters
    ----------
    num_envs : int
        Number of worlds.
    levels : ndarray of int, shape (path, step)
        Price levels.
    chain : PriceChain
        What the levels mean.
    scenario : ScenarioConfig
        The toy.
    """

    controls: ClassVar[tuple[str, ...]] = ("fleet_power", "storage_power")

    def __init__(self, num_envs: int, levels: IntArray, chain: PriceChain, scenario: ScenarioConfig) -> None:
        super().__init__(num_envs, scenario, precision="float64", info_level="none")
        exog, forecast = _tables(levels, chain)
        # Plug rate 1 has a daily shock that would leave a few cars unplugged on some days; beyond 1 none is.
        kind = self.batch.constants.kind.copy()
        kind[:, s.PLUG_RATE] = 2.0
        starts = levels.shape[1] * np.arange(len(levels), dtype=np.int64)
        arrays = {"exog": exog, "forecast": forecast, "kind": kind, "starts": starts}
        for array in arrays.values():
            array.flags.writeable = False
        self.batch.constants = replace(self.batch.constants, **arrays)
        self.batch.world = self.batch.world._replace(**arrays)
        self.batch._bind()

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode in every world; without ``options={"week": ...}`` at paths spread evenly."""
        if not options:
            options = {"week": (np.arange(self.num_envs) * self.n_weeks // self.num_envs).tolist()}
        return super().reset(seed=seed, options=options)
