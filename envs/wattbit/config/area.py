"""One power area."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from wattbit.config.kinds import FleetMix
from wattbit.config.types import AreaName, NonNegative, Positive, Share, StrictModel

CoolingName = Literal["air", "air-old", "liquid"]


class AreaConfig(StrictModel):
    """One power area: its data centre, its fleet, its battery."""

    name: AreaName
    """JEPX area."""
    datacentre_mw: NonNegative = 300.0
    """Peak IT power [MW]; assumption (Tomakomai's final size is 300 MW, V)."""
    user_share: Share = 0.0
    """Share of all users of compute who live here; the shares are normalised. Assumption."""
    cars: NonNegative = 100_000.0
    """Cars with a bidirectional stand; assumption."""
    fleet_mix: FleetMix = FleetMix()
    """Kinds of these cars; all at home by default."""
    owners: NonNegative | None = None
    """
    Owners who could offer a car; read between weeks only (:mod:`wattbit.between_weeks`). Without it the number of cars
    does not follow what owners earn.
    """
    storage_mw: NonNegative = 50.0
    """Power of the stationary battery [MW]; assumption."""
    storage_mwh: NonNegative = 200.0
    """Energy of the stationary battery [MWh]; assumption."""
    wheeling_jpy_per_kwh: NonNegative = 2.0
    """High-voltage energy charge [JPY/kWh] (V for the nine areas, tariffs of April 2024)."""
    cooling: CoolingName = "air"
    """
    How the halls are cooled: ``air`` with new chillers (COP 5 at 20 degC), ``air-old`` (COP 3), warm-water ``liquid``.
    """
    snow_t: NonNegative = 0.0
    """Snow store, full on 1 April [t]; 50,000 t serve 1 MW of cooling through a summer (V)."""
    heat_mw_per_k: NonNegative = 1.0
    """Heat customers: demand per degree below 15 degC [MW/K]; assumption."""
    heat_flat_mw: NonNegative = 2.0
    """Heat customers that buy all year, such as fish ponds [MW]; assumption."""
    capacity_contract_mw: NonNegative = 30.0
    """Demand-side capacity contract [MW]; assumption."""
    capacity_jpy_per_kw_year: NonNegative | None = None
    """Its price [JPY/kW a year]; without it that of the area in the auction for FY2028 (V)."""
    reserve_jpy_per_kw: NonNegative | None = None
    """Mean price of reserve [JPY/kW per half hour]; without it that of the area in October 2025 (V)."""
    connection_mw: Positive | None = None
    """Non-firm connection that data centre, stands and battery share [MW]; without it there is room for all."""
    local_solar_mw: NonNegative = 0.0
    """Photovoltaics behind a limit that only the aggregator can use beyond it, as highest output [MW]."""
    local_limit_mw: NonNegative = 0.0
    """What the line takes of them [MW]."""
    feeder_kva_per_car: Positive = 5.0
    """Rating of distribution transformers per car [kVA]; assumption (30 kVA for six homes with a stand)."""

    @model_validator(mode="after")
    def _consistent(self) -> AreaConfig:
        if self.owners is not None and self.owners < self.cars:
            raise ValueError(f"owners is {self.owners:g}, must be at least cars, {self.cars:g}")
        return self
