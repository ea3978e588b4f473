"""tmp"""


def melted_t_per_mwh() -> float:
    """X"""
    return 10.3872


def idle_melt_t(mass_t: float, loss_per_day: float, hours: float) -> float:
    """X"""
    return mass_t * loss_per_day * hours / 24.0


def snow_cooling_mw(need_mw: float, mass_t: float, hours: float) -> float:
    """X"""
    return min(need_mw, mass_t / (10.3872 * hours))


def mass_on_day_t(design_t: float, day: float) -> float:
    """X"""
    return design_t * max(0.0, min(1.0, (304.0 - day) / 214.0))
