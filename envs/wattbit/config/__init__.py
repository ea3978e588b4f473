"""What a person writes to describe a scenario: pydantic models with units, bounds and the source of every default."""

from wattbit.config.area import AreaConfig
from wattbit.config.fleet import FleetConfig, StorageConfig
from wattbit.config.grid import AddedPlant, DemandGrowth, FuelPriceFactor, GridConfig
from wattbit.config.incidents import IncidentConfig, MitigationConfig
from wattbit.config.kinds import CommercialConfig, FleetMix, KindConfig, WorkplaceConfig
from wattbit.config.markets import CapacityConfig, CertificateConfig, MarketConfig, ReserveConfig
from wattbit.config.scenario import EpisodeConfig, ForecastConfig, ScenarioConfig
from wattbit.config.site import (
    DatacentreConfig,
    FeederConfig,
    HeatConfig,
    NetworkConfig,
    ProfileConfig,
    SnowConfig,
    WorkConfig,
)

__all__ = [
    "AddedPlant",
    "AreaConfig",
    "CapacityConfig",
    "CertificateConfig",
    "CommercialConfig",
    "DatacentreConfig",
    "DemandGrowth",
    "EpisodeConfig",
    "FeederConfig",
    "FleetConfig",
    "FleetMix",
    "ForecastConfig",
    "FuelPriceFactor",
    "GridConfig",
    "HeatConfig",
    "IncidentConfig",
    "KindConfig",
    "MarketConfig",
    "MitigationConfig",
    "NetworkConfig",
    "ProfileConfig",
    "ReserveConfig",
    "ScenarioConfig",
    "SnowConfig",
    "StorageConfig",
    "WorkConfig",
    "WorkplaceConfig",
]
