"""
Whether owners offer their cars: a logit, evaluated between weeks and never inside one.

No coefficients were found in print, so every one of them is an assumption. They are set so that 20 % take part at
2,000 JPY a month and 35 % at 3,000 (assumption) with wear of 1,000 JPY, 12 h on the stand, 60 % guaranteed, no missed
trip and full trust. Few join without pay, as surveys find (V, qualitative).
"""

from math import exp


def participation_share(
    pay_jpy_month: float,
    wear_jpy_month: float,
    plugged_h: float,
    guarantee_soc: float,
    missed_trips: float,
    trust: float,
) -> float:
    """
    Share of the owners who take part, 0 to 1.

    Parameters
    ----------
    pay_jpy_month : float
        Pay of one car, JPY a month; 0.75 per 1,000.
    wear_jpy_month : float
        Wear of its battery, JPY a month; owners see half of it, so -0.375 per 1,000.
    plugged_h : float
        Hours a day on the stand; -0.1 for each above 8.
    guarantee_soc : float
        State of charge guaranteed at departure, 0 to 1; -2 for the rest to 1.
    missed_trips : float
        Trips a month that lacked energy; -0.8 each.
    trust : float
        0 to 1 (:func:`trust_after`); -2 for the rest to 1.
    """
    utility = -1.3 + 0.00075 * pay_jpy_month - 0.000375 * wear_jpy_month - 0.1 * max(0.0, plugged_h - 8.0)
    utility = utility - 2.0 * (1.0 - guarantee_soc) - 0.8 * missed_trips - 2.0 * (1.0 - trust)
    return 1.0 / (1.0 + exp(-utility))


def trust_after(days: float) -> float:
    """Trust `days` after an attack that was in the news: 0 on the day, back by a factor e in 90 days (assumption)."""
    return 1.0 - exp(-days / 90.0)
