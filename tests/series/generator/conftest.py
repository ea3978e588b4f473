"""Three weather years, made once."""

import pytest

from wattbit.series.generator.calendar import Calendar
from wattbit.series.generator.demand import demand_mw
from wattbit.series.generator.weather import simulate


@pytest.fixture(scope="session")
def three_years():
    """Calendar, weather and demand of years 0 to 2."""
    years = []
    for year in range(3):
        calendar, weather = Calendar(year), simulate(year)
        years.append((calendar, weather, demand_mw(year, weather, calendar)))
    return years
