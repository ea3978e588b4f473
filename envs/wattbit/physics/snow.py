"""A snow store: winter's cold kept under wood chips and spent on cooling."""

from math import cos


def melted_t_per_mwh() -> float:
    """
    Snow that melts for one MWh of cooling, t.

    334 kJ/kg to melt and 4.19 kJ/kg K to warm the water by 3 K (V: melt water leaves at 3 degC): 346.6 kJ/kg, so that
    250 t a day give 1,003 kW, as the City of Bibai says.
    """
    return 3.6e6 / (334.0 + 4.19 * 3.0) / 1000.0


def electricity_mwh_per_t() -> float:
    """Electricity that a tonne saves where compressors of COP 5 would have run, MWh: its worth at the end of a week."""
    return 0.2 / melted_t_per_mwh()


def idle_melt_t(mass_t: float, loss_per_day: float, hours: float) -> float:
    """Snow that melts unused in `hours`, t."""
    return mass_t * loss_per_day * hours / 24.0


def snow_cooling_mw(need_mw: float, mass_t: float, hours: float) -> float:
    """Cooling that the store gives, MW: what is needed, as long as there is snow for it."""
    return min(need_mw, mass_t / (melted_t_per_mwh() * hours))


def mass_on_day_t(design_t: float, day_of_year: float) -> float:
    """
    Snow in a store of `design_t` at the start of a day (0 = 1 January), t.

    Full on 1 April (day 90), empty on 31 October (day 303), in between half a cosine, because little is needed in
    spring and autumn; filled evenly from December to the end of March. A plan, not a law: it only says with how much an
    episode begins (assumption; within 0.08 of the design of a summer of weather at Bibai, a straight line 0.14).
    """
    summer = 0.5 + 0.5 * cos(3.141592653589793 * (day_of_year - 90.0) / 213.0)
    winter = (day_of_year + 31.0) / 121.0 if day_of_year < 90.0 else (day_of_year - 334.0) / 121.0
    left = summer if day_of_year >= 90.0 and day_of_year < 303.0 else winter
    return design_t * min(1.0, max(0.0, left))
