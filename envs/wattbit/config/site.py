"""What stands in an area: data centre, heat customers, snow, feeders, work, network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from wattbit.config.types import NonNegative, Positive, Share, Sigma, StrictModel


class HeatConfig(StrictModel):
    """Waste heat; the laws are in ``physics/heat.py``."""

    enabled: bool = True
    """Whether anybody buys heat."""
    capture_share: Share = 0.4
    """Share of the IT power that can be sold; assumption (air 0.3-0.5, liquid 0.6-0.8)."""
    source_c: Annotated[float, Field(ge=0.0, le=95.0)] = 33.0
    """Temperature of the waste heat [degC] (document; 30 V)."""
    sink_c: Annotated[float, Field(ge=0.0, le=150.0)] = 65.0
    """Temperature that customers need [degC]; not above the source: no heat pump. Assumption."""
    price_jpy_per_kwh: NonNegative = 3.2
    """Price of heat [JPY/kWh] (D from a Swedish tariff, V)."""

    @model_validator(mode="after")
    def _consistent(self) -> HeatConfig:
        if 0.0 < self.sink_c - self.source_c < 1.0:
            raise ValueError(f"sink_c is {self.sink_c:g}: a heat pump lifts by 1 K or more, or there is none")
        return self


class FeederConfig(StrictModel):
    """Distribution transformers between stands and grid (IEC 60076-7); the laws are in ``physics/feeder.py``."""

    enabled: bool = True
    """Whether they age and trip."""
    home_kw: NonNegative = 0.6
    """Mean load of the home behind each car [kW]; assumption."""
    transformer_jpy_per_kva: Positive = 10_000.0
    """Price of a transformer, installed [JPY/kVA]; assumption."""
    life_h: Positive = 180_000.0
    """Normal life of its insulation [h]; assumption."""
    trip_c: Positive = 140.0
    """Hot spot at which protection opens [degC]; assumption."""


class SnowConfig(StrictModel):
    """Snow stores; the laws are in ``physics/snow.py``."""

    loss_per_day: Share = 0.003
    """Share that melts unused in a day (D: 0.002-0.004)."""
    power_share: NonNegative = 0.03
    """Pumps per unit of cooling from snow; assumption."""


class DatacentreConfig(StrictModel):
    """Data centres; the laws are in ``physics/datacentre.py``."""

    idle_share: Share = 0.3
    """Idle share of the peak IT power; assumption (usual range 0.2-0.5)."""
    mean_utilisation: Annotated[float, Field(gt=0.0, le=1.0)] = 0.71
    """Mean of the dynamic load over its maximum (D: annual load factor 0.80, V, OCCTO, and the idle share)."""
    tail_share: Annotated[float, Field(ge=0.0, le=0.5)] = 0.04
    """Extra cooling at full dynamic load, share of the dynamic power; makes power convex. Assumption."""
    servers_per_queue: Annotated[float, Field(ge=1.0)] = 16.0
    """Servers behind one queue in the waiting formula; assumption."""
    service_ms: NonNegative = 200.0
    """Time to the first token without waiting or distance [ms]; assumption."""
    slo_ms: Positive = 450.0
    """Limit for the slowest hundredth of first tokens [ms] (V, MLPerf interactive)."""
    queue_jpy_per_mwh: NonNegative = 300.0
    """Cost of waiting per MWh of capacity and unit of the waiting factor [JPY/MWh]; assumption."""


class ProfileConfig(StrictModel):
    """
    Recorded traces whose weekly profile a class of work follows; read from the folder of real data.

    A class without one has the built-in swing over the day (interactive) or none (batch, training). No trace at hand
    stands for realtime work. Most traces have no real clock; the reader says what it assumed.
    """

    interactive: Literal["azure-conv", "azure-code", "alibaba-images"] | None = None
    """Trace of requests; it replaces the daily swing and ``weekend_interactive``. The Azure ones last one hour."""
    batch: Literal["google", "alibaba", "openb"] | None = None
    """Trace of load (``google``, ``alibaba``) or of jobs."""
    training: Literal["openb"] | None = None
    """Trace of jobs with whole GPUs."""


class WorkConfig(StrictModel):
    """Four classes of work; realtime, interactive, batch and training shares add to 1."""

    realtime_share: Share = 0.15
    """Share of the dynamic load; assumption."""
    interactive_share: Share = 0.35
    """Share of the dynamic load; assumption."""
    batch_share: Share = 0.25
    """Share of the dynamic load; assumption. Batch and training are the movable part (25-50 %, V range 10-50)."""
    training_share: Share = 0.25
    """Share of the dynamic load; assumption."""
    demand_sigma: Sigma = 0.03
    """Spread of realtime and interactive demand, per day and per half hour; assumption."""
    batch_sigma: Sigma = 0.6
    """Sigma of the lognormal batch arrivals; assumption (heavy-tailed in every public trace)."""
    training_sigma: Sigma = 1.0
    """Sigma of the lognormal training arrivals; assumption."""
    resident_share: Share = 0.0
    """Share of every class that must run in the area of its users (data residency)."""
    weekend_interactive: Positive = 0.9
    """Interactive demand at weekends over weekdays; assumption."""
    realtime_jpy_per_mwh: NonNegative = 400_000.0
    """Value lost with a MWh of realtime work; assumption (about 500 JPY per GPU-hour at 1.3 kW)."""
    interactive_jpy_per_mwh: NonNegative = 250_000.0
    """Value lost with a MWh of interactive work; assumption."""
    batch_jpy_per_mwh: NonNegative = 120_000.0
    """Value lost with a MWh of batch work past due; assumption."""
    training_jpy_per_mwh: NonNegative = 120_000.0
    """Value lost with a MWh of training past due; assumption."""
    profile: ProfileConfig = ProfileConfig()
    """Recorded traces."""

    @model_validator(mode="after")
    def _shares_add_up(self) -> WorkConfig:
        total = self.realtime_share + self.interactive_share + self.batch_share + self.training_share
        if abs(total - 1.0) > 1e-6:
            raise ValueError(f"the four shares add to {total:g}, must add to 1")
        return self


class NetworkConfig(StrictModel):
    """Paths between areas; the delay law is in ``physics/network.py``."""

    path: Literal["apn", "ip"] = "apn"
    """All-photonics network or ordinary Internet protocol path."""
    route_factor: Annotated[float, Field(ge=1.0, le=3.0)] = 1.3
    """Fibre length over great-circle distance (V)."""
    apn_fixed_ms: NonNegative = 0.1
    """One-way delay of the APN beside propagation [ms]: processing and hops; assumption, no jitter (V, NTT
    Technical Review, Sept 2023)."""
    ip_fixed_ms: NonNegative = 4.85
    """One-way delay of an IP path beside propagation [ms]: 9 hops of 0.15, access 2, jitter 1.5. Assumption."""
    apn_gbps: Positive = 400.0
    """Capacity of each APN link for the aggregator [Gb/s]; assumption."""
    ip_gbps: Positive = 40.0
    """Capacity of each IP link for the aggregator [Gb/s]; assumption."""
    traffic: Positive = 1.0
    """Multiplier of the bytes per MWh; assumption (growth by 2030 is put at 8 to 14)."""
    realtime_budgets_ms: tuple[Positive, Positive, Positive] = (11.0, 14.0, 20.0)
    """RTT budgets of three equal thirds of realtime work [ms]; assumption."""
    interactive_budget_ms: Positive = 150.0
    """RTT that the 450 ms time to first token leaves for the network [ms]; 450 is V, the split assumed."""
    rtt_jpy_per_mwh_ms: NonNegative = 20.0
    """Value of delay [JPY per MWh and ms], for realtime and interactive work away from home; assumption."""
    realtime_tb_per_mwh: Positive = 0.5
    """Bytes of realtime work hosted away from home [TB/MWh]; assumption."""
    interactive_tb_per_mwh: Positive = 0.02
    """The same for interactive work [TB/MWh]; assumption."""
    batch_tb_per_mwh: Positive = 1.0
    """Input pulled by batch work [TB/MWh]; assumption."""
    training_tb_per_mwh: Positive = 0.3
    """Checkpoint bytes per MWh of training moved [TB/MWh]; assumption (11-16 B per parameter, V)."""
    training_lost_share: Share = 0.03
    """Extra work per MWh of training moved: downtime and work since the last checkpoint. Assumption."""
    training_move_jpy_per_mwh: NonNegative = 300.0
    """Fixed cost of moving training [JPY/MWh]; assumption."""
