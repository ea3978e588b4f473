"""Numbers of the embedded default set: observed statistics of each area, and knobs fitted to match them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MONTHLY_TEMPERATURE_C: Final[dict[str, tuple[float, ...]]] = {
    "hokkaido": (-3.2, -2.7, 1.1, 7.3, 13.0, 17.0, 21.1, 22.3, 18.6, 12.1, 5.2, -0.9),
    "tohoku": (2.0, 2.4, 5.5, 10.7, 15.6, 19.2, 22.9, 24.4, 21.2, 15.7, 9.8, 4.5),
    "tokyo": (5.4, 6.1, 9.4, 14.3, 18.8, 21.9, 25.7, 26.9, 23.3, 18.0, 12.5, 7.7),
    "chubu": (4.8, 5.5, 9.2, 14.6, 19.4, 23.0, 26.9, 28.2, 24.5, 18.6, 12.6, 7.2),
    "hokuriku": (3.0, 3.4, 6.9, 12.3, 17.5, 21.4, 25.5, 26.9, 22.8, 17.0, 11.2, 5.7),
    "kansai": (6.2, 6.6, 9.9, 15.2, 20.1, 23.6, 27.7, 29.0, 25.2, 19.5, 13.8, 8.7),
    "chugoku": (5.4, 6.2, 9.5, 14.8, 19.6, 23.2, 27.2, 28.5, 24.7, 18.8, 12.9, 7.5),
    "shikoku": (5.9, 6.3, 9.4, 14.7, 19.8, 23.3, 27.5, 28.6, 24.7, 19.0, 13.2, 8.1),
    "kyushu": (6.9, 7.8, 10.8, 15.4, 19.9, 23.3, 27.4, 28.4, 24.7, 19.6, 14.2, 9.1),
}
"""
Monthly means January..December of Sapporo, Sendai, Tokyo, Nagoya, Toyama, Osaka, Hiroshima, Takamatsu and Fukuoka, one
station for the whole area (1991-2020 normals quoted from memory: assumption). [degC]
"""


@dataclass(frozen=True, slots=True)
class AreaNumbers:
    """
    One area of the embedded set.

    Attributes
    ----------
    chain_km : float
        Position along the archipelago; weather correlates by distance.
    latitude_deg, longitude_deg : float
        Sun position.
    demand_mw : float
        FY2024 mean demand.
    weekend_share : float
        Weekend demand over weekday demand, FY2024.
    heating_per_k, cooling_per_k : float
        Rise of demand per degree below 16 and above 20 degC, over mean demand (fitted to season and hour means).
    solar_peak_mw, wind_peak_mw : float
        FY2024 maxima of the potential.
    winter_clearness : float
        Change of the noon clearness level in January (logit units); negative where it snows.
    other_share : float
        Nuclear, hydro, geothermal, biomass over mean demand (from the fuel shares of FY2024).
    fossil_kg_per_mwh : float
        Mean factor of the area's coal, LNG and oil mix, set so that the mean intensity is that of FY2024.
    level_jpy_per_kwh : float
        Price at a residual load of 0.9 of mean demand before coupling (fitted; known only together with the usual flow
        of the lines, so a level on its own means little).
    knee_share, collapse_jpy_per_kwh : float
        Residual load below which prices collapse, and the extra slope there per unit of mean demand (fitted).
    noise_jpy_per_kwh : float
        Standard deviation of the area's own price noise before coupling (fitted).
    curtailed_mw_per_jpy_per_kwh, curtailed_offset_jpy_per_kwh : float
        Curtailed MW per JPY/kWh that the uncapped price lies below minus the offset (fitted).
    """

    chain_km: float
    latitude_deg: float
    longitude_deg: float
    demand_mw: float
    weekend_share: float
    heating_per_k: float
    cooling_per_k: float
    solar_peak_mw: float
    wind_peak_mw: float
    winter_clearness: float
    other_share: float
    fossil_kg_per_mwh: float
    level_jpy_per_kwh: float
    knee_share: float
    collapse_jpy_per_kwh: float
    noise_jpy_per_kwh: float
    curtailed_mw_per_jpy_per_kwh: float
    curtailed_offset_jpy_per_kwh: float


# fmt: off
AREA_NUMBERS: Final[dict[str, AreaNumbers]] = {
    # km, latitude, longitude, demand, weekend, heating, cooling, solar, wind, winter clearness, other, fossil factor;
    # level, knee, collapse, price noise, curtailed MW per JPY/kWh, its offset
    "hokkaido": AreaNumbers(
           0.0, 43.1, 141.4,  3376.0, 0.92, 0.0185, 0.028,  2096.0, 1007.0, -0.60, 0.20, 735.0,
        12.92, 0.56, 44.8, 1.8, 170.0, 8.7),
    "tohoku": AreaNumbers(
         530.0, 38.3, 140.9,  9038.0, 0.88, 0.0215, 0.036,  7268.0, 1924.0, -0.50, 0.20, 765.0,
         7.20, 0.58, 37.0, 1.4, 510.0, 1.2),
    "tokyo": AreaNumbers(
         830.0, 35.7, 139.7, 32094.0, 0.89, 0.0195, 0.041, 16697.0,  267.0,  0.35, 0.08, 520.0,
        17.57, 0.68, 65.0, 1.3,   0.0, 0.0),
    "chubu": AreaNumbers(
        1090.0, 35.2, 136.9, 14841.0, 0.82, 0.0185, 0.038,  9661.0,  322.0,  0.25, 0.14, 540.0,
        13.87, 0.68, 65.0, 2.2, 120.0, 5.0),
    "hokuriku": AreaNumbers(
        1150.0, 36.7, 137.2,  3180.0, 0.85, 0.0215, 0.036,  1225.0,   82.0, -0.60, 0.38, 950.0,
        17.78, 0.76, 65.0, 1.2, 120.0, 3.9),
    "kansai": AreaNumbers(
        1230.0, 34.7, 135.5, 16075.0, 0.87, 0.0205, 0.038,  6132.0,  161.0,  0.20, 0.46, 590.0,
         8.55, 0.76, 65.0, 1.4, 340.0, 2.2),
    "chugoku": AreaNumbers(
        1500.0, 34.4, 132.5,  6623.0, 0.88, 0.0205, 0.036,  5665.0,  206.0,  0.10, 0.12, 700.0,
        15.48, 0.62, 65.0, 1.3, 220.0, 2.6),
    "shikoku": AreaNumbers(
        1360.0, 34.3, 134.0,  2994.0, 0.87, 0.0195, 0.037,  2691.0,  228.0,  0.20, 0.30, 830.0,
        -6.42, 0.64, 37.4, 2.2, 100.0, 4.3),
    "kyushu": AreaNumbers(
        1720.0, 33.6, 130.4, 10051.0, 0.91, 0.0195, 0.038,  9489.0,  387.0,  0.00, 0.42, 730.0,
         9.85, 0.62, 41.5, 1.7, 240.0, 1.3),
}
"""One row per area; see :class:`AreaNumbers` for what is observed and what is fitted."""
# fmt: on


@dataclass(frozen=True, slots=True)
class PriceNumbers:
    """Price terms common to all areas (fitted): evening peak, slow fuel level, noise and the rise in tight hours."""

    evening_jpy_per_kwh: float
    evening_hour: float
    evening_width_h: float
    fuel_jpy_per_kwh: float
    national_jpy_per_kwh: float
    national_memory: float
    national_skew: float
    noise_rise: float
    tight_jpy_per_kwh: float


PRICES: Final = PriceNumbers(
    evening_jpy_per_kwh=2.5,
    evening_hour=18.6,
    evening_width_h=2.6,
    fuel_jpy_per_kwh=1.6,
    national_jpy_per_kwh=1.05,
    national_memory=0.88,
    national_skew=0.8,
    noise_rise=1.6,
    tight_jpy_per_kwh=40,
)
"""Common terms of the price; see :class:`PriceNumbers`."""


@dataclass(frozen=True, slots=True)
class LinkNumbers:
    """Room left on one line for moving a price difference, forwards (first to second area) and back. [MW] (fitted)"""

    first: str
    second: str
    forward_mw: float
    back_mw: float


LINKS: Final = (
    LinkNumbers("hokkaido", "tohoku", 1360.0, 980.0),
    LinkNumbers("tohoku", "tokyo", 8000.0, 8000.0),
    LinkNumbers("tokyo", "chubu", 100.0, 8000.0),
    LinkNumbers("chubu", "kansai", 3410.0, 8000.0),
    LinkNumbers("hokuriku", "kansai", 3570.0, 2830.0),
    LinkNumbers("kansai", "chugoku", 8000.0, 8000.0),
    LinkNumbers("kansai", "shikoku", 100.0, 5110.0),
    LinkNumbers("chugoku", "kyushu", 4220.0, 3570.0),
)
"""
A tree of lines; those that close a loop (Chubu-Hokuriku, Chugoku-Shikoku) are left out. The room is fitted to the
shares of half hours in which neighbours' prices differ. It is no rating: 8,000 MW means never full, 100 MW always.
"""
