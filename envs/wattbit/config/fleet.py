"""Cars and stationary batteries."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from wattbit.config.kinds import CommercialConfig, KindConfig, SessionName, WorkplaceConfig
from wattbit.config.types import Age, NonNegative, Positive, Share, Sigma, StrictModel
from wattbit.physics.cells import DEFAULT_CELL, CarCellName, CellName


class FleetConfig(StrictModel):
    """
    Cars and the money value of their wear; the laws are in ``physics/vehicle.py`` and ``physics/cells``.

    Drive share, trips and plug rate given here are those of cars at home; the other kinds have their own.
    """

    vehicles: Annotated[int, Field(ge=1, le=65536)] = 16
    """Representative cars per area; their trips are dealt out so that a few vary hardly more than many."""
    battery_kwh: tuple[Positive, ...] = (20.0, 40.0, 60.0, 90.0)
    """Battery sizes [kWh]: 20 and 60 V, the others assumed."""
    battery_share: tuple[Share, ...] = (0.35, 0.25, 0.30, 0.10)
    """Share of each size; assumption."""
    stand_kw: Positive = 5.9
    """Power of a bidirectional stand [kW] (V)."""
    efficiency: Annotated[float, Field(gt=0.5, le=1.0)] = 0.92
    """One-way efficiency; assumption."""
    sharing: Literal["size", "urgency"] = "size"
    """
    Which cars serve a set-point of their area: ``size`` all of them, by the size of their battery and the sooner the
    less charging can wait, which wears them least; ``urgency`` those whose charging can wait least, at full power.
    """
    guarantee_soc: Share = 0.5
    """State of charge promised at departure; assumption (owners ask for 0.4-0.6)."""
    v2g_floor_soc: Share = 0.3
    """Cars are not discharged below this; assumption."""
    ceiling_soc: Share = 0.9
    """Cars are not charged above this; assumption."""
    road_price_jpy_per_kwh: NonNegative = 60.0
    """Price of energy bought on the road when the stand has not delivered [JPY/kWh]; assumption."""
    drive_share: Share = 0.78
    """Share of cars used on a day: 18,000 of 23,000 surveyed (V)."""
    trip_median_kwh: Positive = 4.0
    """Median energy of a weekday's driving [kWh]; assumption."""
    trip_sigma: Sigma = 0.6
    """Sigma of the lognormal driving energy; assumption."""
    owner_pay_jpy_per_kwh: NonNegative = 0.5
    """Pay to owners per kWh discharged, beside their wear [JPY/kWh]; assumption."""
    owner_carbon_jpy_per_kg: NonNegative = 0.0
    """CO2-linked owner price: owed per kg of charging above the usual, and back below [JPY/kg]."""
    owner_carbon_usual_kg_per_mwh: NonNegative = 430.0
    """Usual marginal CO2 of charging [kg/MWh]; assumption."""
    early_share: Share = 0.08
    """Share of departures one to three hours before plan; assumption."""
    plug_rate: Share = 0.7
    """Share of cars plugged in at home (assumption, with a V2H contract)."""
    pack_jpy_per_kwh: NonNegative = 40_000.0
    """Value of losing all health, per kWh of capacity: 24,000 JPY per % at 60 kWh (D from V and an assumption)."""
    cell: CarCellName = DEFAULT_CELL
    """Cell whose wear all cars have, each fitted to published tests (V); ``physics/cells`` has the table."""
    wear_reference_loss: Positive | None = None
    """
    Cycle loss at which wear is priced; without it that of the cell, midway between ten years of smart charging and of
    evening V2G in Tokyo (D, BLAST-Lite curves): 0.0526 for the default one.
    """
    initial_age_years: Age = 10.0
    """Cars start with ages uniform between 0 and this [years]; assumption."""
    initial_soc: tuple[Share, Share] = (0.4, 0.8)
    """Range of the states of charge at the start; assumption."""
    workplace: WorkplaceConfig = WorkplaceConfig()
    """Cars at work."""
    commercial: CommercialConfig = CommercialConfig()
    """Vans of a depot."""
    sessions: SessionName | None = None
    """Recorded sessions that cars at work follow, from the folder of real data; without it their days are drawn."""

    @property
    def home(self) -> KindConfig:
        """Cars at home: hours of departure and return after the survey's peaks (V), their spread assumed."""
        return KindConfig(
            leave_h=7.5,
            leave_weekend_h=10.0,
            leave_sigma_h=1.0,
            leave_day_sigma_h=0.4,
            come_h=18.2,
            come_weekend_h=16.0,
            come_sigma_h=1.6,
            come_day_sigma_h=1.1,
            drive_share=self.drive_share,
            drive_weekend_share=self.drive_share,
            trip_median_kwh=self.trip_median_kwh,
            trip_sigma=self.trip_sigma,
            trip_weekend_factor=1.4,
            plug_rate=self.plug_rate,
        )

    @property
    def kinds(self) -> tuple[KindConfig, KindConfig, KindConfig]:
        """Models of the kinds, in the order of ``config.kinds.KINDS``."""
        return self.home, self.workplace, self.commercial

    @model_validator(mode="after")
    def _consistent(self) -> FleetConfig:
        if len(self.battery_kwh) != len(self.battery_share):
            raise ValueError(f"{len(self.battery_kwh)} battery sizes but {len(self.battery_share)} shares")
        if abs(sum(self.battery_share) - 1.0) > 1e-6:
            raise ValueError(f"battery_share adds to {sum(self.battery_share):g}, must add to 1")
        if not self.v2g_floor_soc <= self.guarantee_soc <= self.ceiling_soc:
            raise ValueError("must hold: v2g_floor_soc <= guarantee_soc <= ceiling_soc")
        if self.initial_soc[0] > self.initial_soc[1]:
            raise ValueError(f"initial_soc is {self.initial_soc}, must not fall")
        for name in ("workplace", "commercial"):
            promised = getattr(self, name).guarantee_soc
            if promised is not None and not self.v2g_floor_soc <= promised <= self.ceiling_soc:
                raise ValueError(f"must hold: v2g_floor_soc <= {name}.guarantee_soc <= ceiling_soc")
        return self


class StorageConfig(StrictModel):
    """Stationary batteries."""

    efficiency: Annotated[float, Field(gt=0.5, le=1.0)] = 0.92
    """One-way efficiency, AC to AC 0.85; assumption."""
    soc_range: tuple[Share, Share] = (0.05, 0.95)
    """Usable states of charge; assumption."""
    wear_jpy_per_kwh: NonNegative = 1.5
    """
    Wear per kWh of throughput [JPY/kWh], charge and discharge each counted; assumption. Not used when there is a cell.
    """
    cell: CellName | None = None
    """
    Cell whose wear the packs have, each fitted to published tests (V), with money as for cars; without it only the flat
    rate. ``second_life_leaf`` starts at 70 % of the area's ``storage_mwh``.
    """
    pack_jpy_per_kwh: NonNegative = 28_000.0
    """
    Value of losing all health, per kWh of capacity at the start: stationary packs at 70 $/kWh (V, BNEF 2025) and 150
    JPY/$, 20 % left at an end of life of 70 %; the last three are assumptions.
    """
    wear_reference_loss: Positive | None = None
    """
    Cycle loss at which wear is priced; without it that of the cell, midway between ten years at rest and ten years of a
    cycle a day (D, from its law).
    """
    room_c: Annotated[float, Field(ge=-20.0, le=60.0)] = 25.0
    """Temperature of the packs' room [degC]; assumption."""
    initial_age_years: Age = 0.0
    """Age of all packs at the start [years], as if they had lived at the reference duty; assumption."""

    @model_validator(mode="after")
    def _consistent(self) -> StorageConfig:
        if not self.soc_range[0] <= 0.5 <= self.soc_range[1]:
            raise ValueError(f"soc_range is {self.soc_range}, must hold 0.5, the charge at the start of an episode")
        return self
