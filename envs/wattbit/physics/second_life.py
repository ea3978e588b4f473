"""What a used pack is worth; evaluated between weeks, in Python only."""

from math import expm1, log1p
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
