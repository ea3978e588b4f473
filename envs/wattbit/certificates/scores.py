"""How well certificates match the load, half-hourly and over the year, from the records of a ledger alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wattbit.certificates.records import Cancellation, Issuance, Record
from wattbit.physics.certificates import annual_score, carbon_free_mwh
from wattbit.series.carbon import FUEL_FACTOR_KG_PER_MWH

FOSSIL_KG_PER_MWH: Final = (FUEL_FACTOR_KG_PER_MWH["lng"], FUEL_FACTOR_KG_PER_MWH["coal"])
"""CO2 of the cleanest and of the dirtiest fossil plants, after :mod:`wattbit.series.carbon` (assumption)."""


@dataclass(frozen=True)
class Scores:
    """
    Three ways to say how green the same load is.

    Parameters
    ----------
    strict_re : float
        Share of the load with a renewable certificate of its half hour and price zone; the headline.
    cfe_low, cfe_high : float
        The same, and the carbon-free share of the mix that covers the rest. Series hold the CO2 of the mix but not
        its plants, so the share is bounded: all its fossil plants are gas, or all are coal.
    annual : float
        Certificates of the whole period over load, at most 1: what matching by the year would claim.
    load_wh, issued_wh, matched_wh : int
        Sums behind the shares. [Wh]
    residual_co2_g : int
        CO2 of the load without certificates, at the mix of its area. [g]
    """

    strict_re: float
    cfe_low: float
    cfe_high: float
    annual: float
    load_wh: int
    issued_wh: int
    matched_wh: int
    residual_co2_g: int


def carbon_free_share(kg_per_mwh: float, fossil_kg_per_mwh: float) -> float:
    """
    Share of carbon-free energy in a mix whose other plants emit `fossil_kg_per_mwh`.

    Examples
    --------
    >>> carbon_free_share(100.0, 400.0)
    0.75
    """
    return max(0.0, 1.0 - kg_per_mwh / fossil_kg_per_mwh)


def score_records(records: Iterable[Record]) -> Scores:
    """
    Score a ledger (D8: CFE = sum of min(L, C) + max(0, L - C) g over sum of L). A load of nothing scores 1.

    Parameters
    ----------
    records : iterable of Record
        All of them, or those of some sites or hours.
    """
    load = issued = matched = grams = 0
    free: dict[float, float] = defaultdict(float)
    for record in records:
        if isinstance(record, Issuance):
            issued += record.bundle_quantity
        elif isinstance(record, Cancellation):
            load += record.facility_wh
            matched += record.matched_wh
            grams += record.residual_co2_g
            for fossil in FOSSIL_KG_PER_MWH:
                share = carbon_free_share(record.residual_kg_per_mwh, fossil)
                # The law is linear in energy, so Wh do as well as MWh.
                free[fossil] += carbon_free_mwh(record.facility_wh, record.matched_wh, share)
    low, high = (free[fossil] / load if load else 1.0 for fossil in FOSSIL_KG_PER_MWH)
    return Scores(
        strict_re=matched / load if load else 1.0,
        cfe_low=low,
        cfe_high=high,
        annual=annual_score(load, issued),
        load_wh=load,
        issued_wh=issued,
        matched_wh=matched,
        residual_co2_g=grams,
    )
