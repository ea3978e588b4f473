"""The grid behind generated series."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wattbit.config.types import AreaName, NonNegative, StrictModel

LineName = Literal[
    "hokkaido-tohoku",
    "tohoku-tokyo",
    "tokyo-chubu",
    "chubu-hokuriku",
    "chubu-kansai",
    "hokuriku-kansai",
    "kansai-chugoku",
    "kansai-shikoku",
    "chugoku-shikoku",
    "chugoku-kyushu",
]


class AddedPlant(StrictModel):
    """Plant that a scenario adds to one area, on top of the fleet of FY2024; below zero it retires. [MW]"""

    solar_mw: float = 0.0
    """Photovoltaics, as highest output."""
    wind_mw: float = 0.0
    """Wind, with the profile of the area."""
    nuclear_mw: float = 0.0
    """Nuclear, running all year."""
    coal_mw: float = 0.0
    """Coal."""
    lng_mw: float = 0.0
    """Gas."""
    oil_mw: float = 0.0
    """Oil."""
    pumped_mw: float = 0.0
    """Pumped storage, eight hours."""


class DemandGrowth(StrictModel):
    """
    New flat demand by its peak, per area.

    The outlook for FY2034 has 6,160 MW of data centres (44.0 TWh) and 990 MW of semiconductor plants (V, OCCTO); where
    they stand is a scenario's choice.
    """

    data_centre_mw: dict[AreaName, NonNegative] = {}  # noqa: RUF012 - pydantic copies defaults
    """Peak of new data centres [MW]; their mean is 82 % of it (D)."""
    factory_mw: dict[AreaName, NonNegative] = {}  # noqa: RUF012 - pydantic copies defaults
    """Peak of new semiconductor plants [MW]; mean 90 % of it (assumption)."""


class FuelPriceFactor(StrictModel):
    """Fuel prices over those of FY2024."""

    coal: NonNegative = 1.0
    """Coal."""
    lng: NonNegative = 1.0
    """Liquefied natural gas."""
    oil: NonNegative = 1.0
    """Oil."""


class GridConfig(StrictModel):
    """
    The grid behind generated series: what differs from the fleet, the lines and the prices of FY2024.

    Two grids with the same seed and weather year have the same weather, outages and bids.
    """

    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of weather, outages and bids; another seed is another twenty years of the same climate."""
    weather_years: tuple[Annotated[int, Field(ge=0, lt=20)], ...] = ()
    """Use only these weather years of every split; without it all (0-7 train, 8-9 validation, 10-19 test)."""
    added_mw: dict[AreaName, AddedPlant] = {}  # noqa: RUF012 - pydantic copies defaults
    """Plant on top of the reference fleet, per area."""
    demand_growth: DemandGrowth = DemandGrowth()
    """New demand, per area."""
    line_mw: dict[LineName, float] = {}  # noqa: RUF012 - pydantic copies defaults
    """Transfer capability on top of what the market could use in FY2024, both directions [MW]."""
    fuel_price_factor: FuelPriceFactor = FuelPriceFactor()
    """Fuel prices over those of FY2024."""
    co2_price_jpy_per_t: NonNegative = 0.0
    """CO2 price that plants pay on top of today's [JPY/t]; the trading system's band for FY2026 is 1,700-4,300 (V)."""

    @property
    def physics(self) -> str:
        """Everything that changes a generated year, as text: part of the key under which it is stored."""
        return self.model_dump_json(exclude={"weather_years"})

    def __hash__(self) -> int:
        return hash(self.model_dump_json())  # mappings have no hash of their own
