"""CO2 of electricity: average of an area's generation mix, and of the next MWh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FUEL_FACTOR_KG_PER_MWH: Final[dict[str, float]] = {"coal": 863.0, "lng": 396.0, "oil": 695.0, "other_thermal": 600.0}
"""Direct CO2 per generated MWh (assumption); nuclear, water, sun, wind, geothermal and biomass count as zero."""

GENERATION_COLUMNS: Final = (
    "nuclear_mw",
    "lng_mw",
    "coal_mw",
    "oil_mw",
    "other_thermal_mw",
    "hydro_mw",
    "geothermal_mw",
    "biomass_mw",
    "solar_mw",
    "wind_mw",
    "other_mw",
)
"""Columns of a half-hourly area balance that are generation."""

CURTAILMENT_NOISE_MW: Final = 10.0
"""Curtailment up to this is booking noise (Kyushu books 1-10 MW on many half hours)."""


@dataclass(frozen=True, slots=True)
class PriceBand:
    """Below `below_jpy_per_mwh` the marginal plant burns `fuel`."""

    below_jpy_per_mwh: float
    fuel: str


MARGINAL_BANDS: Final = (PriceBand(8_000.0, "coal"), PriceBand(18_000.0, "lng"), PriceBand(np.inf, "oil"))
"""Marginal fuel by spot price, after variable costs of coal 4-8, LNG 6-15 and oil 18-25 JPY/kWh (assumption)."""


def marginal_kg_per_mwh(
    spot_jpy_per_mwh: NDArray[np.float64],
    curtailed_mw: NDArray[np.float64],
    bands: tuple[PriceBand, ...] = MARGINAL_BANDS,
) -> NDArray[np.float64]:
    """
    Return the direct CO2 of the next MWh.

    Parameters
    ----------
    spot_jpy_per_mwh, curtailed_mw : ndarray, same shape
        Spot price [JPY/MWh] and solar and wind curtailed [MW].
    bands : tuple of PriceBand
        Rising bounds, the last one infinite (assumption).

    Returns
    -------
    ndarray, same shape
        0 where more than :data:`CURTAILMENT_NOISE_MW` is curtailed, else the factor of the band's fuel. [kg/MWh]

    Examples
    --------
    >>> marginal_kg_per_mwh(np.array([10.0, 10.0, 12e3, 30e3]), np.array([500.0, 0.0, 0.0, 0.0])).tolist()
    [0.0, 863.0, 396.0, 695.0]
    """
    bounds = np.array([band.below_jpy_per_mwh for band in bands])
    factors = np.array([FUEL_FACTOR_KG_PER_MWH[band.fuel] for band in bands])
    factor = factors[np.searchsorted(bounds[:-1], spot_jpy_per_mwh, side="right")]
    return np.where(curtailed_mw > CURTAILMENT_NOISE_MW, 0.0, factor)


def average_kg_per_mwh(generation_mw: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """
    Return the direct CO2 per MWh generated inside an area.

    Parameters
    ----------
    generation_mw : mapping of str to ndarray, shape (time,)
        Columns of a half-hourly area balance, at least :data:`GENERATION_COLUMNS`; negative values (plants that draw
        their own use) count as zero. Import, pumped storage and batteries are not generation. [MW]

    Returns
    -------
    ndarray, shape (time,)
        Fuel by fuel factors of :data:`FUEL_FACTOR_KG_PER_MWH` over generation, 0 where nothing is generated. [kg/MWh]

    Examples
    --------
    >>> mix = dict.fromkeys(GENERATION_COLUMNS, np.zeros(1)) | {"coal_mw": np.ones(1), "solar_mw": np.full(1, 3.0)}
    >>> average_kg_per_mwh(mix).tolist()
    [215.75]
    """
    positive = {name: np.maximum(generation_mw[name], 0.0) for name in GENERATION_COLUMNS}
    total = np.sum(list(positive.values()), axis=0)
    emitted = np.sum([factor * positive[f"{fuel}_mw"] for fuel, factor in FUEL_FACTOR_KG_PER_MWH.items()], axis=0)
    return np.divide(emitted, total, out=np.zeros_like(total), where=total > 0.0)
