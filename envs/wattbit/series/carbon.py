"""CO2 of electricity: average of an area's generation mix, and of the next MWh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FUEL_FACTOR_KG_PER_MWH: Final[dict[str, float]] = {"coal": 863.0, "lng": 396.0, "oil": 695.0, "other_thermal": 600.0}
"""Direct CO2 per generated MWh (assumption); nuclear, water, sun, wind, geothermal and biomass count as zero."""

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
