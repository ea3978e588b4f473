"""The stationary battery of one area: limits, energy, and the wear of its cells where the scenario names them."""

# The default; a build takes the functions of the scenario's packs.
from wattbit.physics.cells.lfp_250ah import calendar_growth as pack_calendar_growth
from wattbit.physics.cells.lfp_250ah import calendar_heat as pack_calendar_heat
from wattbit.physics.cells.lfp_250ah import calendar_loss as pack_calendar_loss
from wattbit.physics.cells.lfp_250ah import calendar_loss_increase as pack_calendar_loss_increase
from wattbit.physics.cells.lfp_250ah import cell_temperature_k as pack_cell_temperature_k
from wattbit.physics.cells.lfp_250ah import cycle_age as pack_cycle_age
from wattbit.physics.cells.lfp_250ah import cycle_growth as pack_cycle_growth
from wattbit.physics.cells.lfp_250ah import cycle_heat as pack_cycle_heat
from wattbit.physics.cells.lfp_250ah import cycle_loss as pack_cycle_loss
from wattbit.physics.cells.lfp_250ah import cycle_loss_increase as pack_cycle_loss_increase
from wattbit.physics.cells.lfp_250ah import cycle_rate_c as pack_cycle_rate_c
from wattbit.physics.cells.lfp_250ah import cycle_slope as pack_cycle_slope
from wattbit.physics.cells.lfp_250ah import depth_heat as pack_depth_heat
from wattbit.physics.cells.lfp_250ah import money_rate_c as pack_money_rate_c
from wattbit.physics.storage import charge_limit_mw, discharge_limit_mw, energy_gain
from wattbit.world.state import *  # noqa: F403  (field positions)


def close_pack(w: World, i: int, r: int) -> None:
    """Book the day's cycle wear of one pack for good, refresh its health and open a new window."""
    if w.constant[PACK_WEARS] < 0.5 or w.site[r, SITE_STORAGE_MWH] <= 0.0:
        return
    w.area[i, r, PACK_GROWN_CYCLE] += w.area[i, r, PACK_WINDOW_HIGH]
    calendar = pack_calendar_loss(w.area[i, r, PACK_AGE_CALENDAR] + w.area[i, r, PACK_GROWN_CALENDAR])
    cycle = pack_cycle_loss(w.area[i, r, PACK_AGE_CYCLE] + w.area[i, r, PACK_GROWN_CYCLE])
    health = w.constant[PACK_START_HEALTH] * max(0.0, 1.0 - calendar - cycle)
    w.area[i, r, PACK_HEALTH] = health
    soc = w.area[i, r, STORAGE_MWH] / max(1e-9, w.site[r, SITE_STORAGE_MWH] * health)
    w.area[i, r, PACK_SOC_LOW] = soc
    w.area[i, r, PACK_SOC_HIGH] = soc
    w.area[i, r, PACK_STEPS] = 0.0
    w.area[i, r, PACK_SOC_SUM] = 0.0
    w.area[i, r, PACK_EFC] = 0.0
    w.area[i, r, PACK_RATE_SUM] = 0.0
    w.area[i, r, PACK_RATE_COUNT] = 0.0
    w.area[i, r, PACK_RATE_ALL] = 0.0
    w.area[i, r, PACK_RATE_SQUARE] = 0.0
    w.area[i, r, PACK_RATE_ABS] = 0.0
    w.area[i, r, PACK_WINDOW_HIGH] = 0.0
    w.area[i, r, PACK_WINDOW_MONEY] = 0.0


def reset_storage(w: World, i: int, r: int) -> None:
    """
    Half full, at the age that the scenario gives all packs.

    Their history: calendar wear at half charge in the same room, cycle wear of the reference duty.
    """
    size = w.site[r, SITE_STORAGE_MWH]
    w.area[i, r, PACK_HEALTH] = 1.0
    w.area[i, r, STORAGE_MWH] = 0.5 * size
    if w.constant[PACK_WEARS] > 0.5:
        years = w.constant[PACK_INITIAL_YEARS]
        kelvin = pack_cell_temperature_k(w.constant[PACK_ROOM_C])
        growth = pack_calendar_growth(0.5, kelvin, pack_calendar_heat(kelvin))
        w.area[i, r, PACK_AGE_CALENDAR] = growth * 365.0 * years
        w.area[i, r, PACK_AGE_CYCLE] = pack_cycle_age(w.constant[PACK_REFERENCE]) * 0.1 * years
        w.area[i, r, PACK_GROWN_CALENDAR] = 0.0
        w.area[i, r, PACK_GROWN_CYCLE] = 0.0
        w.area[i, r, PACK_WINDOW_HIGH] = 0.0
        close_pack(w, i, r)
        w.area[i, r, STORAGE_MWH] = 0.5 * size * w.area[i, r, PACK_HEALTH]
        w.area[i, r, PACK_SOC_LOW] = 0.5
        w.area[i, r, PACK_SOC_HIGH] = 0.5


def observe_storage(w: World, i: int, r: int) -> None:
    """Feasible ends of the half hour to act on: what is usable shrinks with health."""
    energy = w.area[i, r, STORAGE_MWH]
    eta = w.constant[STORAGE_EFFICIENCY]
    size = w.site[r, SITE_STORAGE_MWH] * w.area[i, r, PACK_HEALTH]
    power = w.site[r, SITE_STORAGE_MW] * w.area[i, r, POWER_UP]
    w.area[i, r, STORAGE_HIGH_MW] = charge_limit_mw(energy, w.constant[STORAGE_HIGH] * size, power, eta, 0.5)
    w.area[i, r, STORAGE_LOW_MW] = -discharge_limit_mw(energy, w.constant[STORAGE_LOW] * size, power, eta, 0.5)


def age_pack(w: World, i: int, r: int, before_mwh: float, gain_mwh: float) -> None:
    """
    Age a pack by one half hour, as :func:`wattbit.world.fleet.run_fleet` ages a car, and book it.

    Losses and rates are relative to the capacity at the start of its life: that of the pack when new, or less for cells
    that had a life before.
    """
    start = w.constant[PACK_START_HEALTH]
    capacity = w.site[r, SITE_STORAGE_MWH] * start
    usable = max(1e-9, w.site[r, SITE_STORAGE_MWH] * w.area[i, r, PACK_HEALTH])
    kelvin = pack_cell_temperature_k(w.constant[PACK_ROOM_C])
    heat = pack_calendar_heat(kelvin)
    cold = pack_cycle_heat(kelvin)
    deep = pack_depth_heat(kelvin)
    middle = min(1.0, max(0.0, (before_mwh + 0.5 * gain_mwh) / usable))
    after = (before_mwh + gain_mwh) / usable
    rate = 2.0 * gain_mwh / capacity
    charging = max(0.0, rate)
    counts = 1.0 if rate > 0.01 else 0.0
    w.area[i, r, PACK_STEPS] += 1.0
    w.area[i, r, PACK_SOC_SUM] += middle
    w.area[i, r, PACK_SOC_LOW] = min(w.area[i, r, PACK_SOC_LOW], after)
    w.area[i, r, PACK_SOC_HIGH] = max(w.area[i, r, PACK_SOC_HIGH], after)
    w.area[i, r, PACK_EFC] += 0.25 * abs(rate)
    w.area[i, r, PACK_RATE_SUM] += counts * charging
    w.area[i, r, PACK_RATE_COUNT] += counts
    w.area[i, r, PACK_RATE_ALL] += charging
    w.area[i, r, PACK_RATE_SQUARE] += charging * charging
    w.area[i, r, PACK_RATE_ABS] += abs(rate)
    steps = w.area[i, r, PACK_STEPS]
    efc = w.area[i, r, PACK_EFC]
    rate_abs = w.area[i, r, PACK_RATE_ABS]
    soc = w.area[i, r, PACK_SOC_SUM] / steps
    depth = w.area[i, r, PACK_SOC_HIGH] - w.area[i, r, PACK_SOC_LOW]
    c_rate = pack_cycle_rate_c(w.area[i, r, PACK_RATE_SUM], w.area[i, r, PACK_RATE_COUNT], rate_abs, steps)
    c_money = pack_money_rate_c(w.area[i, r, PACK_RATE_SQUARE], w.area[i, r, PACK_RATE_ALL], rate_abs, steps)
    # Calendar wear of this half hour; cycle wear as the rise of the window's high-water mark.
    calendar = pack_calendar_growth(middle, kelvin, heat) * 0.020833333333333332
    before = w.area[i, r, PACK_WINDOW_HIGH]
    high = max(before, efc * pack_cycle_growth(soc, kelvin, heat, cold, deep, depth, c_rate))
    money_before = w.area[i, r, PACK_WINDOW_MONEY]
    money = max(money_before, efc * pack_cycle_growth(soc, kelvin, heat, cold, deep, depth, c_money))
    grown = w.area[i, r, PACK_GROWN_CALENDAR]
    lost = pack_calendar_loss_increase(w.area[i, r, PACK_AGE_CALENDAR] + grown, calendar)
    lost += pack_cycle_loss_increase(
        w.area[i, r, PACK_AGE_CYCLE] + w.area[i, r, PACK_GROWN_CYCLE] + before, high - before
    )
    w.area[i, r, PACK_WINDOW_HIGH] = high
    w.area[i, r, PACK_WINDOW_MONEY] = money
    w.area[i, r, PACK_GROWN_CALENDAR] = grown + calendar
    slope = pack_cycle_slope(w.constant[PACK_REFERENCE])
    w.ledger[i, r, L_STORAGE_WEAR] = (money - money_before) * slope * 1000.0 * capacity * w.constant[STORAGE_PACK_VALUE]
    w.ledger[i, r, L_STORAGE_LOSS] = 100.0 * start * lost


def run_storage(w: World, i: int, r: int, lane: int) -> None:
    """Charge or discharge the battery of one area and book its wear: of its cells, or a flat rate of throughput."""
    power = w.scratch[lane, S_STORAGE_MW, r]
    before = w.area[i, r, STORAGE_MWH]
    gain = energy_gain(power, w.constant[STORAGE_EFFICIENCY], 0.5)
    w.area[i, r, STORAGE_MWH] = max(0.0, before + gain)  # rounding may pass empty
    w.ledger[i, r, L_STORAGE_MW] = power
    w.ledger[i, r, L_STORAGE_WEAR] = 0.5 * abs(w.ledger[i, r, L_STORAGE_MW]) * w.constant[STORAGE_WEAR]
    w.ledger[i, r, L_STORAGE_LOSS] = 0.0
    if w.constant[PACK_WEARS] > 0.5 and w.site[r, SITE_STORAGE_MWH] > 0.0:
        age_pack(w, i, r, before, gain)
