"""
What is known and expected at every half hour: issued once per series and forecast seed, the same for every policy.

Tiers: ``"mmfe"`` (default; sharpens as the half hour comes near, wrong by what a day-ahead forecaster is wrong by),
``"perfect"`` (the truth; a diagnostic), ``"persistence"`` (last known price and yesterday's surplus of the same clock
half hour) and ``"climatology"`` (what is usual). All keep the information rule of :mod:`wattbit.series.forecast.rule`.
"""

from wattbit.series.forecast.bundle import PATHS, Bundle
from wattbit.series.forecast.climatology import Climatology, Marginals
from wattbit.series.forecast.climatology import fit as fit_climatology
from wattbit.series.forecast.columns import BLOCKS, FORECAST_COLUMNS, FORECAST_SCALE
from wattbit.series.forecast.issuer import Issuer
from wattbit.series.forecast.rule import AUCTION_SLOT, HORIZON, ORDER_SLOT, REVISION_SLOTS, TIERS

__all__ = [
    "AUCTION_SLOT",
    "BLOCKS",
    "FORECAST_COLUMNS",
    "FORECAST_SCALE",
    "HORIZON",
    "ORDER_SLOT",
    "PATHS",
    "REVISION_SLOTS",
    "TIERS",
    "Bundle",
    "Climatology",
    "Issuer",
    "Marginals",
    "fit_climatology",
]
