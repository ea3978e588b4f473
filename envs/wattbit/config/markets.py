"""Prices and markets."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from wattbit.config.types import NonNegative, Positive, Share, StrictModel


class MarketConfig(StrictModel):
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
    levy: Literal["losses", "full", "none"] = "none"
    """What stored energy pays of the renewable levy, by the same rules. Rule assumed."""
    levy_jpy_per_kwh: NonNegative = 3.98
    """Renewable levy of FY2025 [JPY/kWh] (V)."""
    cooperative_share: Share = 0.0
    """Share of the income from heat and certificates that a cooperative gets: a dividend, not part of the cost."""
    slope_scale: NonNegative = 1.0
    """Multiplies the supply slopes; 0 makes the aggregator a price taker."""


class ReserveConfig(StrictModel):
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


class CapacityConfig(StrictModel):
    """Capacity contract of the demand side: paid all year, called a few times; ``physics/capacity_contract.py``."""

    enabled: bool = True
    """Whether there are contracts."""
    derating: Share = 0.7
    """Share of the contract that is paid; assumption (0.6-0.9)."""


class CertificateConfig(StrictModel):
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
