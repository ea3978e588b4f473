"""The transformers between stands and grid: they heat up, age, and trip."""

from math import cos

from wattbit.physics.feeder import (
    ageing_rate,
    current_distortion,
    harmonic_derating,
    hot_spot_c,
    top_oil_rise_k,
    voltage_distortion,
)
from wattbit.world.state import *  # noqa: F403  (field positions)


def run_feeder(w: World, i: int, r: int) -> None:
    """
    Load, temperature and ageing of the transformer that a car shares with its neighbours' homes.

    Every home has an evening peak (assumption); distorted current heats the windings more, so the rating is lowered.
    """
    if w.constant[FEEDER_LIFE] <= 0.0 or w.site[r, SITE_CARS] <= 0.0:
        return
    row = w.clock[i, ROW]
    hour = 0.5 * float(row % 48)
    rating = w.site[r, SITE_FEEDER_KVA]
    home = w.area[i, r, POWER_UP] * w.constant[HOME_LOAD] * (1.0 + 0.5 * cos(0.2617993877991494 * (hour - 19.5)))
    cars = 1000.0 * w.ledger[i, r, L_FLEET_MW] / w.site[r, SITE_CARS]
    current = current_distortion(abs(cars) / w.constant[CAR_KW])
    share = abs(cars) / rating
    # Distortion of the whole current: only the converters' part is distorted.
    load = abs(home + cars) / rating
    mixed = current * share / max(share, load) if share > 0.0 else 0.0
    effective = load / harmonic_derating(mixed, 0.1)  # eddy losses a tenth of the copper losses (assumption)
    ambient = w.exog[row, r, TEMPERATURE]
    rise = top_oil_rise_k(w.area[i, r, TOP_OIL_K], effective, 0.5)
    hot = hot_spot_c(ambient, rise, effective)
    life = 0.5 * ageing_rate(hot)
    w.area[i, r, TOP_OIL_K] = rise
    w.area[i, r, HOT_SPOT_C] = hot
    w.ledger[i, r, L_HOT_SPOT] = hot
    w.ledger[i, r, L_LIFE] = life
    # Background 2 %, short circuit at twenty times the rating, six converters behind one transformer (assumptions).
    w.ledger[i, r, L_DISTORTION] = voltage_distortion(0.02, 0.05 * share, current, 6.0)
    w.ledger[i, r, L_FEEDER] = w.constant[FEEDER_LIFE] * rating * life * w.site[r, SITE_CARS]
    w.area[i, r, TRIP_STEPS] = max(0.0, w.area[i, r, TRIP_STEPS] - 1.0)
    if hot > w.constant[FEEDER_TRIP_C]:
        # The stands' protection opens, homes stay on; crews close it again after two hours (assumption).
        w.area[i, r, TRIP_STEPS] = 4.0
