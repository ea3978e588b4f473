"""Unit conversions used at the boundary, each named once."""

from typing import Final

HALF_HOUR_H: Final = 0.5
"""Length of a step, hours."""

STEPS_PER_DAY: Final = 48
"""Half hours in a day."""

WEEK_STEPS: Final = 336
"""Half hours in a week."""

DAYS_PER_YEAR: Final = 365.25
"""Days in the turn of the season's angle, leap days shared out."""

YEAR_STEPS: Final = 17_520
"""Half hours in a year of 365 days."""

JPY_PER_MWH_PER_JPY_PER_KWH: Final = 1000.0
"""People see JPY/kWh; inside everything is JPY/MWh."""

HALF_HOUR_TB_PER_GBPS: Final = 0.225
"""TB that 1 Gb/s carries in half an hour: 1e9 / 8 B/s * 1800 s / 1e12."""
