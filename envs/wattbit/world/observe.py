"""Write what an agent may see; :mod:`wattbit.observation` names the positions."""

from math import cos, sin

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
        w.observation[i, at] = w.exog[row, r, SPOT]
        w.observation[i, at + 1] = w.area[i, r, PREVIOUS_DELTA]
        w.observation[i, at + 2] = w.exog[row, r, SURPLUS]
        w.observation[i, at + 3] = w.exog[row, r, SLOPE]
        w.observation[i, at + 4] = w.exog[row, r, CARBON_MARGINAL]
        w.observation[i, at + 5] = w.exog[row, r, CARBON_AVERAGE]
        w.observation[i, at + 6] = w.exog[row, r, TEMPERATURE]
        for k in range(N_AREA_OBSERVED):
            w.observation[i, at + N_ROW_OBSERVED + N_FORECAST + k] = w.area[i, r, k]
        for k in range(N_OBSERVED - N_FORECAST):
            # The forecast stands between the row and the state, and comes scaled.
            j = k if k < N_ROW_OBSERVED else k + N_FORECAST
            value = float(w.observation[i, at + j]) / w.site[r, N_SITE + j]
            w.observation[i, at + j] = min(float(OBSERVATION_LIMIT), max(float(-OBSERVATION_LIMIT), value))
        for k in range(N_FORECAST):
            w.observation[i, at + N_ROW_OBSERVED + k] = w.forecast[bank, row, r, k]
