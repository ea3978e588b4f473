"""A whole scenario."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from wattbit.config.area import AreaConfig
from wattbit.config.fleet import FleetConfig, StorageConfig
from wattbit.config.grid import GridConfig
from wattbit.config.incidents import IncidentConfig, MitigationConfig
from wattbit.config.markets import CapacityConfig, CertificateConfig, MarketConfig, ReserveConfig
from wattbit.config.site import DatacentreConfig, FeederConfig, HeatConfig, NetworkConfig, SnowConfig, WorkConfig
from wattbit.config.types import NonNegative, Positive, StrictModel
from wattbit.series.set import AREAS


class EpisodeConfig(StrictModel):
    """Lengths of episodes and the value of what they leave behind."""

    steps: Annotated[int, Field(ge=48, multiple_of=48)] = 336
    """Half hours of an evaluation or training episode."""
    warm_up_steps: Annotated[int, Field(ge=0, multiple_of=48)] = 144
    """Half hours a training episode runs under the warm-up rule first."""
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    """Episodes begin only in these months; without it in any."""
    stock_price: Literal["next-day", "last-day"] = "next-day"
    """
    Mean spot price at which what is left at the end is settled: of the day that follows, known from the auction, with
    unfinished work at the price of the dearest area, because it can move; or of the last day, each area by itself. The
    worth of stocks in weeks that go on follows the former (D, duals of train weeks: ``benchmarks.terminal_values``).
    """
    backlog_factor: Annotated[float, Field(ge=1.0)] = 1.2
    """
    Price of unfinished work at the end over that price and the overhead of the site; not below the cost to serve it in
    a week that goes on (D, train weeks of ``japan3``: 1.16 on average).
    """


class ForecastConfig(StrictModel):
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


class ScenarioConfig(StrictModel):
    """
    A world: areas, rules and sizes. Everything has a default; a YAML file holds only what differs.

    Examples
    --------
    >>> ScenarioConfig(name="one", areas=[AreaConfig(name="tokyo", user_share=1.0)]).areas[0].storage_mwh
    200.0
    """

    name: Annotated[str, Field(pattern=r"^[^./\\][^/\\]*$")]
    """Name shown in tables and in names of files: no slashes, no dot in front."""
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
