"""What a person writes to describe a scenario: pydantic models with units, bounds and the source of every default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from wattbit.config_fleet import CommercialConfig, FleetMix, KindConfig, SessionName, WorkplaceConfig
from wattbit.config_incidents import IncidentConfig, MitigationConfig
from wattbit.config_types import STRICT, AreaName, NonNegative, Positive, Share
from wattbit.physics.cells import DEFAULT_CELL, CarCellName, CellName
from wattbit.series.set import AREAS


class _Model(BaseModel):
    model_config = STRICT


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


class AddedPlant(_Model):
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


class DemandGrowth(_Model):
    """
    New flat demand by its peak, per area.

    The outlook for FY2034 has 6,160 MW of data centres (44.0 TWh) and 990 MW of semiconductor plants (V, OCCTO); where
    they stand is a scenario's choice.
    """

    data_centre_mw: dict[AreaName, NonNegative] = {}
    """Peak of new data centres [MW]; their mean is 82 % of it (D)."""
    factory_mw: dict[AreaName, NonNegative] = {}
    """Peak of new semiconductor plants [MW]; mean 90 % of it (assumption)."""


class FuelPriceFactor(_Model):
    """Fuel prices over those of FY2024."""

    coal: NonNegative = 1.0
    """Coal."""
    lng: NonNegative = 1.0
    """Liquefied natural gas."""
    oil: NonNegative = 1.0
    """Oil."""


class GridConfig(_Model):
    """
    The grid behind generated series: what differs from the fleet, the lines and the prices of FY2024.

    Two grids with the same seed and weather year have the same weather, outages and bids.
    """

    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of weather, outages and bids; another seed is another twenty years of the same climate."""
    weather_years: tuple[Annotated[int, Field(ge=0, lt=20)], ...] = ()
    """Use only these weather years of every split; without it all (0-7 train, 8-9 validation, 10-19 test)."""
    added_mw: dict[AreaName, AddedPlant] = {}
    """Plant on top of the reference fleet, per area."""
    demand_growth: DemandGrowth = DemandGrowth()
    """New demand, per area."""
    line_mw: dict[LineName, float] = {}
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


CoolingName = Literal["air", "air-old", "liquid"]


class AreaConfig(_Model):
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


class MarketConfig(_Model):
    """Prices and what counts as cost beside energy."""

    local_jpy_per_kwh: float = 0.01
    """Price of local surplus [JPY/kWh]; never above spot."""
    connection_jpy_per_kwh: NonNegative = 100.0
    """Net load beyond a non-firm connection [JPY/kWh]; assumption."""
    floor_jpy_per_kwh: float = 0.01
    """Lowest price of the exchange [JPY/kWh] (V); a negative value is a what-if."""
    carbon_jpy_per_kg: NonNegative = 0.0
    """Internal CO2 price beyond what the spot price already holds [JPY/kg]."""
    wheeling: Literal["losses", "full", "none"] = "losses"
    """What stored energy pays for wheeling: its losses, all charging, or nothing. Rule assumed."""
    cooperative_share: Share = 0.0
    """Share of the income from heat and certificates that a cooperative gets: a dividend, not part of the cost."""
    slope_scale: NonNegative = 1.0
    """Multiplies the supply slopes; 0 makes the aggregator a price taker."""


class ReserveConfig(_Model):
    """Balancing reserve (tertiary-2): half-hour blocks, day-ahead price; the laws are in ``physics/reserve.py``."""

    enabled: bool = True
    """Whether the market takes offers."""
    depth_share: Share = 0.02
    """Most it takes in each direction, share of the area's demand; assumption."""
    down_share: NonNegative = 0.5
    """Price of downward reserve over the upward one; assumption (the market buys upward only)."""
    bid_mw: NonNegative = 1.0
    """Smallest offer [MW] (U: quoted without the rule's text)."""
    penalty_factor: NonNegative = 1.5
    """Penalty for offered reserve that is not there, in prices of the block; assumption."""
    activation_start_jpy_per_kwh: NonNegative = 1.5
    """Imbalance price less spot that activates reserve [JPY/kWh]; assumption (about one block in five)."""
    activation_full_jpy_per_kwh: Positive = 6.0
    """And at which all of it is [JPY/kWh]; assumption, half of an award on average when called."""

    @model_validator(mode="after")
    def _consistent(self) -> ReserveConfig:
        if self.activation_full_jpy_per_kwh <= self.activation_start_jpy_per_kwh:
            raise ValueError("must hold: activation_start_jpy_per_kwh < activation_full_jpy_per_kwh")
        return self


class CapacityConfig(_Model):
    """Capacity contract of the demand side: paid all year, called a few times; ``physics/capacity_contract.py``."""

    enabled: bool = True
    """Whether there are contracts."""
    derating: Share = 0.7
    """Share of the contract that is paid; assumption (0.6-0.9)."""


class CertificateConfig(_Model):
    """
    Half-hourly matching of the data centres' load; the laws are in ``physics/certificates.py``.

    The contracted portfolio covers the mean load in a year (annual match 100 %).
    """

    enabled: bool = True
    """Whether there is a portfolio and a customer who pays for matching."""
    contract_share: NonNegative = 1.0
    """Certificates contracted over the mean load of each site."""
    solar_share: Share = 0.5
    """Share of sun in the portfolio, the rest is wind; assumption."""
    premium_jpy_per_kwh: NonNegative = 1.0
    """Premium per matched kWh [JPY/kWh]; assumption (0.5-5)."""
    penalty_jpy_per_kwh: NonNegative = 2.0
    """Penalty per kWh below the target at the week's end [JPY/kWh]; assumption, twice the premium."""
    target_share: Share = 0.95
    """Share of the load that the customer wants matched (document)."""


class HeatConfig(_Model):
    """Waste heat; the laws are in ``physics/heat.py``."""

    enabled: bool = True
    """Whether anybody buys heat."""
    capture_share: Share = 0.4
    """Share of the IT power that can be sold; assumption (air 0.3-0.5, liquid 0.6-0.8)."""
    source_c: float = 33.0
    """Temperature of the waste heat [degC] (document; 30 V)."""
    sink_c: float = 65.0
    """Temperature that customers need [degC]; not above the source: no heat pump. Assumption."""
    price_jpy_per_kwh: NonNegative = 3.2
    """Price of heat [JPY/kWh] (D from a Swedish tariff, V)."""


class FeederConfig(_Model):
    """Distribution transformers between stands and grid (IEC 60076-7); the laws are in ``physics/feeder.py``."""

    enabled: bool = True
    """Whether they age and trip."""
    home_kw: NonNegative = 0.6
    """Mean load of the home behind each car [kW]; assumption."""
    transformer_jpy_per_kva: NonNegative = 10_000.0
    """Price of a transformer, installed [JPY/kVA]; assumption."""
    life_h: Positive = 180_000.0
    """Normal life of its insulation [h]; assumption."""
    trip_c: Positive = 140.0
    """Hot spot at which protection opens [degC]; assumption."""


class SnowConfig(_Model):
    """Snow stores; the laws are in ``physics/snow.py``."""

    loss_per_day: Share = 0.003
    """Share that melts unused in a day (D: 0.002-0.004)."""
    power_share: NonNegative = 0.03
    """Pumps per unit of cooling from snow; assumption."""


class DatacentreConfig(_Model):
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


class ProfileConfig(_Model):
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


class WorkConfig(_Model):
    """Four classes of work; realtime, interactive, batch and training shares add to 1."""

    realtime_share: Share = 0.15
    """Share of the dynamic load; assumption."""
    interactive_share: Share = 0.35
    """Share of the dynamic load; assumption."""
    batch_share: Share = 0.25
    """Share of the dynamic load; assumption. Batch and training are the movable part (25-50 %, V range 10-50)."""
    training_share: Share = 0.25
    """Share of the dynamic load; assumption."""
    demand_sigma: NonNegative = 0.03
    """Spread of realtime and interactive demand, per day and per half hour; assumption."""
    batch_sigma: NonNegative = 0.6
    """Sigma of the lognormal batch arrivals; assumption (heavy-tailed in every public trace)."""
    training_sigma: NonNegative = 1.0
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


class NetworkConfig(_Model):
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


class FleetConfig(_Model):
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
    trip_sigma: NonNegative = 0.6
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
    initial_age_years: NonNegative = 10.0
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
        """Models of the kinds, in the order of ``config_fleet.KINDS``."""
        return self.home, self.workplace, self.commercial

    @model_validator(mode="after")
    def _consistent(self) -> FleetConfig:
        if len(self.battery_kwh) != len(self.battery_share):
            raise ValueError(f"{len(self.battery_kwh)} battery sizes but {len(self.battery_share)} shares")
        if abs(sum(self.battery_share) - 1.0) > 1e-6:
            raise ValueError(f"battery_share adds to {sum(self.battery_share):g}, must add to 1")
        if not self.v2g_floor_soc <= self.guarantee_soc <= self.ceiling_soc:
            raise ValueError("must hold: v2g_floor_soc <= guarantee_soc <= ceiling_soc")
        for name in ("workplace", "commercial"):
            promised = getattr(self, name).guarantee_soc
            if promised is not None and not self.v2g_floor_soc <= promised <= self.ceiling_soc:
                raise ValueError(f"must hold: v2g_floor_soc <= {name}.guarantee_soc <= ceiling_soc")
        return self


class StorageConfig(_Model):
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
    room_c: float = 25.0
    """Temperature of the packs' room [degC]; assumption."""
    initial_age_years: NonNegative = 0.0
    """Age of all packs at the start [years], as if they had lived at the reference duty; assumption."""


class EpisodeConfig(_Model):
    """Lengths of episodes and the value of what they leave behind."""

    steps: Annotated[int, Field(ge=48, multiple_of=48)] = 336
    """Half hours of an evaluation or training episode."""
    warm_up_steps: Annotated[int, Field(ge=0, multiple_of=48)] = 144
    """Half hours a training episode runs under the warm-up rule first."""
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    """Episodes begin only in these months; without it in any."""
    backlog_factor: Annotated[float, Field(ge=1.0)] = 1.6
    """
    Price of unfinished work at the end, over the mean spot price of the last day; never below the cost to serve. That
    day is a Sunday, cheaper than the days on which the work is done: putting it off costs as much as in a week that
    goes on for three days (D, train weeks of ``japan3``).
    """


class ForecastConfig(_Model):
    """The forecasts that every policy sees; the issuer is in ``series/forecast``."""

    tier: Literal["mmfe", "perfect", "persistence", "climatology"] = "mmfe"
    """
    How they are made: errors of a day-ahead forecaster (``mmfe``), last known day (``persistence``), what is usual
    (``climatology``); ``perfect`` is a diagnostic.
    """
    noise_scale: NonNegative = 1.0
    """Multiplies the errors behind ``mmfe``; 0 is the truth, large values are the climatology."""
    seeds: Annotated[int, Field(ge=1, le=64)] = 8
    """Forecasts of the same weeks that training episodes choose from; evaluation has one of its own."""


class ScenarioConfig(_Model):
    """
    A world: areas, rules and sizes. Everything has a default; a YAML file holds only what differs.

    Examples
    --------
    >>> ScenarioConfig(name="one", areas=[AreaConfig(name="tokyo", user_share=1.0)]).areas[0].storage_mwh
    200.0
    """

    name: str
    """Name shown in tables."""
    description: str = ""
    """One paragraph: what it is for and what is assumed."""
    series: Literal["generated", "real-fy2024"] = "generated"
    """Where the world without the aggregator comes from."""
    grid: GridConfig = GridConfig()
    """The grid behind generated series; real series ignore it."""
    forecast: ForecastConfig = ForecastConfig()
    """Forecasts; ``forecast: persistence`` is short for ``forecast: {tier: persistence}``."""
    areas: Annotated[tuple[AreaConfig, ...], Field(min_length=1, max_length=len(AREAS))]
    """Power areas, in the order of every array."""
    reward_scale_jpy: Positive = 1e6
    """Yen per unit of reward [JPY]."""
    market: MarketConfig = MarketConfig()
    """Prices."""
    datacentre: DatacentreConfig = DatacentreConfig()
    """Data centres."""
    work: WorkConfig = WorkConfig()
    """Work."""
    network: NetworkConfig = NetworkConfig()
    """Paths."""
    fleet: FleetConfig = FleetConfig()
    """Cars."""
    storage: StorageConfig = StorageConfig()
    """Batteries."""
    reserve: ReserveConfig = ReserveConfig()
    """Balancing reserve."""
    capacity: CapacityConfig = CapacityConfig()
    """Capacity contracts."""
    certificates: CertificateConfig = CertificateConfig()
    """Half-hourly certificates."""
    heat: HeatConfig = HeatConfig()
    """Waste heat."""
    feeder: FeederConfig = FeederConfig()
    """Distribution transformers."""
    snow: SnowConfig = SnowConfig()
    """Snow stores."""
    incidents: tuple[IncidentConfig, ...] = ()
    """What goes wrong."""
    mitigation: MitigationConfig = MitigationConfig()
    """Layers of protection."""
    episode: EpisodeConfig = EpisodeConfig()
    """Episodes."""

    @field_validator("forecast", mode="before")
    @classmethod
    def _tier_alone(cls, value: object) -> object:
        return {"tier": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _consistent(self) -> ScenarioConfig:
        names = [area.name for area in self.areas]
        if len(set(names)) != len(names):
            raise ValueError(f"areas: {', '.join(names)} names an area twice")
        if sum(area.user_share for area in self.areas) <= 0.0:
            raise ValueError("areas: user_share of at least one area must be above 0")
        hours = 0.5 * self.episode.steps
        for k, incident in enumerate(self.incidents):
            for key, area in (("area", incident.area), ("other", incident.other)):
                if area not in (None, "all", *names):
                    raise ValueError(f"incidents.{k}: {key} is {area!r}: there are {', '.join(names)}")
            if incident.start_hour is not None and incident.start_hour >= hours:
                raise ValueError(
                    f"incidents.{k}: start_hour is {incident.start_hour:g}: the episode has {hours:g} hours"
                )
            if incident.start_hour is None and incident.hours > hours:
                raise ValueError(f"incidents.{k}: hours is {incident.hours:g}: the episode has {hours:g} hours")
        return self
