"""Kinds of cars: when they stand where a stand is, how far they drive, how often they plug in."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from wattbit.config.types import NonNegative, Positive, Share, Sigma, StrictModel

Hour = Annotated[float, Field(ge=0.0, le=24.0)]

KINDS: Final = ("home", "workplace", "commercial")
"""Kinds of cars, in the order of every array."""

SessionName = Literal["acn-caltech", "acn-jpl"]
"""Recorded charging sessions that workplace cars can follow."""


class FleetMix(StrictModel):
    """
    Kinds of cars in one area; the shares add to 1 and are rounded to whole representative cars (``fleet.vehicles``).

    The power of sixteen cars at work varies from day to day 1.4 times as much as that of thousands, because their
    arrivals lie close together; that of 64 varies 1.1 times as much (measured on workdays, charging on arrival). Cars
    at home and vans are within 1.2 times with sixteen.
    """

    home: Share = 1.0
    """Cars on a stand at home, from the evening to the morning."""
    workplace: Share = 0.0
    """Cars on a stand at work, by day; assumption (V: 8,000 of 18,000 cars in use are parked at work, 9-17 h)."""
    commercial: Share = 0.0
    """Vans on a stand at their depot, from the evening to the morning; assumption."""

    @property
    def shares(self) -> tuple[float, float, float]:
        """Shares in the order of the kinds."""
        return self.home, self.workplace, self.commercial

    @model_validator(mode="after")
    def _shares_add_up(self) -> FleetMix:
        if abs(sum(self.shares) - 1.0) > 1e-6:
            raise ValueError(f"the three shares add to {sum(self.shares):g}, must add to 1")
        return self


class KindConfig(StrictModel):
    """
    What one kind of car does: a day has one stay on the stand, which may span midnight.

    Every time is a normal draw for each car around a mean that itself varies from day to day.
    """

    leave_h: Hour
    """Mean departure from the stand on weekdays [h]."""
    leave_weekend_h: Hour
    """Mean departure from the stand on Saturday and Sunday [h]."""
    leave_sigma_h: NonNegative
    """Spread of departures within a day [h]."""
    leave_day_sigma_h: NonNegative
    """Spread of the day's mean departure [h]."""
    come_h: Hour
    """Mean arrival on weekdays [h]."""
    come_weekend_h: Hour
    """Mean arrival on Saturday and Sunday [h]."""
    come_sigma_h: NonNegative
    """Spread of arrivals within a day [h]."""
    come_day_sigma_h: NonNegative
    """Spread of the day's mean arrival [h]."""
    drive_share: Share
    """Share of cars on the move on a weekday."""
    drive_weekend_share: Share
    """Share of cars on the move on Saturday and Sunday; 0 means none at all."""
    trip_median_kwh: Positive
    """Median energy driven between two stays on a weekday [kWh]."""
    trip_sigma: Sigma
    """Sigma of the lognormal driving energy."""
    trip_weekend_factor: Positive
    """Energy driven at weekends over weekdays."""
    plug_rate: Share
    """Share of cars on the stand that are plugged in."""
    guarantee_soc: Share | None = None
    """State of charge promised at departure; without it that of the fleet."""
    battery_kwh: tuple[Positive, ...] = ()
    """Battery sizes [kWh]; without them those of the fleet."""
    battery_share: tuple[Share, ...] = ()
    """Share of each size."""

    @model_validator(mode="after")
    def _consistent(self) -> KindConfig:
        if len(self.battery_kwh) != len(self.battery_share):
            raise ValueError(f"{len(self.battery_kwh)} battery sizes but {len(self.battery_share)} shares")
        if self.battery_share and abs(sum(self.battery_share) - 1.0) > 1e-6:
            raise ValueError(f"battery_share adds to {sum(self.battery_share):g}, must add to 1")
        return self


class WorkplaceConfig(KindConfig):
    """
    Cars on a stand at work: from about 9 to 17 h on workdays (hours V, their spread assumed).

    They drive between one stay and the next; what they drive at weekends they charge elsewhere (assumption).
    """

    leave_h: Hour = 17.0
    """Mean departure from the stand on weekdays [h] (V: parked at work 9-17 h)."""
    leave_weekend_h: Hour = 16.0
    """Mean departure from the stand on Saturday and Sunday [h]; assumption."""
    leave_sigma_h: NonNegative = 1.2
    """Spread of departures within a day [h]; assumption."""
    leave_day_sigma_h: NonNegative = 0.3
    """Spread of the day's mean departure [h]; assumption."""
    come_h: Hour = 9.0
    """Mean arrival on weekdays [h] (V: parked at work 9-17 h)."""
    come_weekend_h: Hour = 10.0
    """Mean arrival on Saturday and Sunday [h]; assumption."""
    come_sigma_h: NonNegative = 0.7
    """Spread of arrivals within a day [h]; assumption."""
    come_day_sigma_h: NonNegative = 0.2
    """Spread of the day's mean arrival [h]; assumption."""
    drive_share: Share = 0.78
    """Share of cars at work on a weekday: as many as are used on a day (V, 18,000 of 23,000; assumed to hold here)."""
    drive_weekend_share: Share = 0.0
    """Share of cars at work on Saturday and Sunday; 0 means none at all. Assumption."""
    trip_median_kwh: Positive = 4.0
    """Median energy driven between two stays on a weekday [kWh]; assumption."""
    trip_sigma: Sigma = 0.6
    """Sigma of the lognormal driving energy; assumption."""
    trip_weekend_factor: Positive = 1.0
    """Energy driven at weekends over weekdays; assumption."""
    plug_rate: Share = 0.9
    """Share of cars at work that are plugged in; assumption."""


class CommercialConfig(KindConfig):
    """Vans of a depot: away from 8 to 18 h, 20-60 kWh a day, nearly always plugged in (all assumed)."""

    leave_h: Hour = 8.0
    """Mean departure from the stand on weekdays [h]; assumption."""
    leave_weekend_h: Hour = 8.0
    """Mean departure from the stand on Saturday and Sunday [h]; assumption."""
    leave_sigma_h: NonNegative = 0.3
    """Spread of departures within a day [h]; assumption."""
    leave_day_sigma_h: NonNegative = 0.1
    """Spread of the day's mean departure [h]; assumption."""
    come_h: Hour = 18.0
    """Mean arrival on weekdays [h]; assumption."""
    come_weekend_h: Hour = 18.0
    """Mean arrival on Saturday and Sunday [h]; assumption."""
    come_sigma_h: NonNegative = 0.7
    """Spread of arrivals within a day [h]; assumption."""
    come_day_sigma_h: NonNegative = 0.3
    """Spread of the day's mean arrival [h]; assumption."""
    drive_share: Share = 0.95
    """Share of vans on the road on a weekday; assumption."""
    drive_weekend_share: Share = 0.5
    """Share of vans on the road on Saturday and Sunday; assumption."""
    trip_median_kwh: Positive = 35.0
    """Median energy driven on a weekday [kWh]; assumption (20-60)."""
    trip_sigma: Sigma = 0.3
    """Sigma of the lognormal driving energy; assumption."""
    trip_weekend_factor: Positive = 1.0
    """Energy driven at weekends over weekdays; assumption."""
    plug_rate: Share = 0.98
    """Share of vans at the depot that are plugged in; assumption."""
    guarantee_soc: Share | None = 0.8
    """State of charge promised at departure; assumption: a day's round needs more than half a battery."""
    battery_kwh: tuple[Positive, ...] = (60.0, 100.0)
    """Battery sizes [kWh]; assumption."""
    battery_share: tuple[Share, ...] = (0.5, 0.5)
    """Share of each size; assumption."""
