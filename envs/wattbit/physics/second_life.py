"""
What a used pack is worth, and what knowing its health is worth; evaluated between weeks, in Python only.

A buyer pays for a pack by its state of health, which a certificate tells with an error of 2-3 points (assumption).
"""

from math import erf, exp, expm1, log1p, pi, sqrt
from typing import Literal


def second_life_value_jpy(
    energy_kwh: float,
    new_jpy_per_kwh: float,
    margin_jpy_year: float,
    years: float,
    discount_rate: float,
    repack_jpy_per_kwh: float,
) -> float:
    """
    Value of a used pack for a stationary battery, JPY, never negative.

    The smaller of what a refurbished pack costs, 0.46 of a new one (D: prices of 2018), and what it can still earn less
    testing and repacking.

    Parameters
    ----------
    energy_kwh : float
        Energy that the pack still holds.
    new_jpy_per_kwh : float
        Price of a new pack.
    margin_jpy_year : float
        Yearly income of the pack less energy and wear.
    years : float
        Years until it is worn out, at 50 % of new (assumption).
    discount_rate : float
        Per year, above -1; 0.06 for a private investor (assumption).
    repack_jpy_per_kwh : float
        5,000-8,000 (assumption).
    """
    annuity = -expm1(-years * log1p(discount_rate)) / discount_rate if discount_rate != 0.0 else years
    earned = margin_jpy_year * annuity - repack_jpy_per_kwh * energy_kwh
    return max(0.0, min(0.46 * new_jpy_per_kwh * energy_kwh, earned))


def pack_grade(soh: float) -> Literal["A", "B", "C", "scrap"]:
    """Class of a used pack by its state of health: three are sorted (V); from 0.75, 0.65 and 0.5 on (assumptions)."""
    if soh >= 0.75:
        return "A"
    if soh >= 0.65:
        return "B"
    return "C" if soh >= 0.5 else "scrap"


def expected_gain_jpy(mean_jpy: float, spread_jpy: float) -> float:
    """Mean of max(0, x) of a normal x: the gain of a buyer who knows what a pack brings and leaves the bad ones."""
    if spread_jpy <= 0.0:
        return max(0.0, mean_jpy)
    z = mean_jpy / spread_jpy
    return 0.5 * mean_jpy * (1.0 + erf(z / sqrt(2.0))) + spread_jpy * exp(-0.5 * z * z) / sqrt(2.0 * pi)


def purchase_loss_jpy(margin_jpy: float, jpy_per_soh: float, soh_spread: float, soh_error: float) -> float:
    """
    Gain that a buyer misses for each pack, against one who knows its health, JPY: bad packs bought, good ones left.

    Parameters
    ----------
    margin_jpy : float
        Value less price of a pack of mean health.
    jpy_per_soh : float
        Value of one unit (100 points) of health.
    soh_spread : float
        Standard deviation of health among the packs on offer.
    soh_error : float
        Standard deviation of the Gaussian error of the measurement. The buyer weighs it against `soh_spread`.
    """
    spread = jpy_per_soh * soh_spread
    if spread <= 0.0:
        return 0.0
    # The estimate of a buyer who weighs measurement and prior varies by this share of the true spread.
    seen = soh_spread / sqrt(soh_spread * soh_spread + soh_error * soh_error)
    return expected_gain_jpy(margin_jpy, spread) - expected_gain_jpy(margin_jpy, seen * spread)


def measurement_value_jpy(margin_jpy: float, jpy_per_soh: float, soh_spread: float, soh_error: float) -> float:
    """Value of measuring one pack, JPY: loss of a buyer who knows only the mean less :func:`purchase_loss_jpy`."""
    blind = expected_gain_jpy(margin_jpy, jpy_per_soh * soh_spread) - max(0.0, margin_jpy)
    return blind - purchase_loss_jpy(margin_jpy, jpy_per_soh, soh_spread, soh_error)
