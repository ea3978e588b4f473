"""
Numbers of the embedded default set: observed statistics of each area, and knobs fitted to match them.

How close they come (weather years 0-2 beside FY2024; prices in JPY/kWh):

======== ============ ============ ============ ============= ==============
area     mean         sd           % at floor   daily spread  curtailed %
======== ============ ============ ============ ============= ==============
hokkaido 12.5 / 12.6  4.6 / 4.3    2.0 / 2.0    12.9 / 12.1   0.09 / 0.09
tohoku   12.5 / 12.7  4.5 / 4.3    2.3 / 2.1    12.7 / 11.5   2.3 / 1.9
tokyo    13.4 / 13.7  4.3 / 4.1    0.8 / 1.1    11.5 / 9.7    0 / 0
chubu    12.7 / 12.8  4.8 / 5.2    2.3 / 2.7    13.0 / 12.9   0.30 / 0.33
hokuriku 11.6 / 11.9  4.6 / 5.2    1.8 / 3.4    12.2 / 12.5   1.3 / 1.3
kansai   11.5 / 11.7  4.7 / 5.2    2.5 / 3.7    12.6 / 12.3   2.1 / 2.3
chugoku  11.5 / 11.7  4.8 / 5.2    3.2 / 3.7    12.8 / 12.5   2.2 / 2.4
shikoku  10.8 / 10.7  5.2 / 5.3    6.5 / 6.4    14.2 / 12.4   3.5 / 3.5
kyushu   10.8 / 10.9  5.1 / 5.3    6.7 / 6.7    14.3 / 13.8   4.9 / 5.0
======== ============ ============ ============ ============= ==============

Shares of half hours in which two prices differ: Hokkaido-Tokyo 37 / 40 %, Tohoku-Tokyo 26 / 25, Tokyo-Chubu 42 / 43,
Chugoku-Kyushu 23 / 24, Kyushu-Tokyo 83 / 82, Kansai-Shikoku 27 / 27. Known misfits: Chubu-Kansai differ too often
(62 / 42) and by too little, spikes of 30 JPY/kWh and more in western summers are missing, half hours of curtailment are
fewer and larger (Kyushu 5.6 / 7.7 %), demand's 95th percentile is 2-9 % low, the price spread of Tokyo is 18 % high.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class AreaNumbers:
    """
    One area of the embedded set.

    Attributes
    ----------
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
    # latitude, longitude, demand, weekend, heating, cooling, solar, wind, winter clearness, other, fossil factor;
    # level, knee, collapse, price noise, curtailed MW per JPY/kWh, its offset
    "hokkaido": AreaNumbers(
           43.1, 141.4,  3376.0, 0.92, 0.0185, 0.028,  2096.0, 1007.0, -0.60, 0.20, 735.0,
        12.92, 0.56, 44.8, 1.8, 170.0, 8.7),
    "tohoku": AreaNumbers(
         38.3, 140.9,  9038.0, 0.88, 0.0215, 0.036,  7268.0, 1924.0, -0.50, 0.20, 765.0,
         7.20, 0.58, 37.0, 1.4, 510.0, 1.2),
    "tokyo": AreaNumbers(
         35.7, 139.7, 32094.0, 0.89, 0.0195, 0.041, 16697.0,  267.0,  0.35, 0.08, 520.0,
        17.57, 0.68, 65.0, 1.3,   0.0, 0.0),
    "chubu": AreaNumbers(
        35.2, 136.9, 14841.0, 0.82, 0.0185, 0.038,  9661.0,  322.0,  0.25, 0.14, 540.0,
        13.87, 0.68, 65.0, 2.2, 120.0, 5.0),
    "hokuriku": AreaNumbers(
        36.7, 137.2,  3180.0, 0.85, 0.0215, 0.036,  1225.0,   82.0, -0.60, 0.38, 950.0,
        17.78, 0.76, 65.0, 1.2, 120.0, 3.9),
    "kansai": AreaNumbers(
        34.7, 135.5, 16075.0, 0.87, 0.0205, 0.038,  6132.0,  161.0,  0.20, 0.46, 590.0,
         8.55, 0.76, 65.0, 1.4, 340.0, 2.2),
    "chugoku": AreaNumbers(
        34.4, 132.5,  6623.0, 0.88, 0.0205, 0.036,  5665.0,  206.0,  0.10, 0.12, 700.0,
        15.48, 0.62, 65.0, 1.3, 220.0, 2.6),
    "shikoku": AreaNumbers(
        34.3, 134.0,  2994.0, 0.87, 0.0195, 0.037,  2691.0,  228.0,  0.20, 0.30, 830.0,
        -6.42, 0.64, 37.4, 2.2, 100.0, 4.3),
    "kyushu": AreaNumbers(
        33.6, 130.4, 10051.0, 0.91, 0.0195, 0.038,  9489.0,  387.0,  0.00, 0.42, 730.0,
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
