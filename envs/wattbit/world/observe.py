"""Write what an agent may see; :mod:`wattbit.observation` names the positions."""

from math import cos, sin

from wattbit.physics.incident import reported
from wattbit.world.state import *  # noqa: F403  (field positions)


def write_observation(w: World, i: int) -> None:
    """Fill row i of ``observation``: calendar, then per area the current row, the issued forecast and the state."""
    row = w.clock[i, ROW]
    bank = w.clock[i, BANK]
    day_angle = 0.1308996938995747 * float(row % 48)
    week_angle = 0.8975979010256552 * float((row // 48 + int(w.constant[FIRST_WEEKDAY])) % 7)
    w.observation[i, 0] = sin(day_angle)
    w.observation[i, 1] = cos(day_angle)
    w.observation[i, 2] = sin(week_angle)
    w.observation[i, 3] = cos(week_angle)
    w.observation[i, 4] = w.exog[row, 0, YEAR_SIN]
    w.observation[i, 5] = w.exog[row, 0, YEAR_COS]
    left = float(w.clock[i, LENGTH] - w.clock[i, STEP]) / 336.0
    w.observation[i, 6] = min(float(OBSERVATION_LIMIT), left)
    for r in range(w.site.shape[0]):
        at = N_GLOBAL + r * N_OBSERVED
        w.observation[i, at] = w.exog[row, r, SPOT] + w.area[i, r, PRICE_BIAS]
        w.observation[i, at + 1] = w.area[i, r, PREVIOUS_DELTA]
        w.observation[i, at + 2] = w.exog[row, r, SURPLUS]
        w.observation[i, at + 3] = w.exog[row, r, SLOPE]
        w.observation[i, at + 4] = w.exog[row, r, CARBON_MARGINAL]
        w.observation[i, at + 5] = w.exog[row, r, CARBON_AVERAGE]
        w.observation[i, at + 6] = w.exog[row, r, TEMPERATURE]
        w.observation[i, at + 7] = w.exog[row, r, RESERVE_PRICE]
        w.observation[i, at + 8] = w.exog[row, r, CALL]
        w.observation[i, at + 9] = w.exog[row, r, NOTICE_H]
        for k in range(N_ROW_OBSERVED):
            value = float(w.observation[i, at + k]) / w.site[r, N_SITE + k]
            w.observation[i, at + k] = min(float(OBSERVATION_LIMIT), max(float(-OBSERVATION_LIMIT), value))
        at += N_ROW_OBSERVED
        for k in range(N_FORECAST):  # they come scaled
            w.observation[i, at + k] = w.forecast[bank, row, r, k]
        at += N_FORECAST
        unit = N_SITE + N_ROW_OBSERVED + N_FORECAST
        for k in range(N_AREA_OBSERVED):
            value = w.area[i, r, k] / w.site[r, unit + k]
            if k >= FLEET_MWH and k <= FLEET_HIGH_MW:  # energy, need and both limits: what the stands report
                value = reported(value, w.area[i, r, TELEMETRY_BIAS])
            w.observation[i, at + k] = min(float(OBSERVATION_LIMIT), max(float(-OBSERVATION_LIMIT), value))
