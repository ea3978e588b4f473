"""
What reacts between weeks and never inside one: how many owners take part, and the second life of their batteries.

A week's world is fixed by its scenario. :class:`WeekBook` adds up what the week did to the owners, :func:`next_week`
makes the scenario of the next one from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from wattbit.config import AreaConfig, ScenarioConfig
from wattbit.config.types import NonNegative, Positive, Share, StrictModel
from wattbit.errors import ScenarioError
from wattbit.parties import PARTIES
from wattbit.physics.cells import CELLS
from wattbit.physics.participation import participation_share
from wattbit.physics.second_life import pack_grade, second_life_value_jpy
from wattbit.units import STEPS_PER_DAY
from wattbit.world import state as s
from wattbit.world.batch import Batch

MONTH_DAYS: Final = 365.0 / 12.0

USABLE_SHARE: Final = {"A": 0.9, "B": 0.8, "C": 0.7, "scrap": 0.0}
"""Share of a used pack's energy that a stationary battery may use, by grade (assumption)."""


class Rules(StrictModel):
    """How owners and buyers of used batteries decide."""

    weekly_share: Share = 0.25
    """Share of the way to the number of cars that owners want which a week brings; assumption (they decide monthly)."""
    trust: Share = 1.0
    """Trust of the owners (``physics.participation.trust_after`` an attack); 1 without one."""
    buy_below_soh: Share = 0.75
    """A pack whose state of health falls below this is offered for sale; assumption (0.7-0.8)."""
    new_jpy_per_kwh: Positive = 14_850.0
    """Price of a new pack [JPY/kWh] (D: 99 $/kWh, V, at 150 JPY, assumption)."""
    margin_jpy_per_kwh_year: NonNegative = 2_000.0
    """Yearly income of a stationary battery less energy and wear [JPY/kWh]; assumption."""
    years: Positive = 8.0
    """Years a used pack serves; assumption."""
    discount_rate: Annotated[float, Field(gt=-1.0)] = 0.06
    """Per year; assumption."""
    repack_jpy_per_kwh: NonNegative = 6_500.0
    """Testing and repacking [JPY/kWh]; assumption (5,000-8,000)."""
    storage_hours: Positive = 4.0
    """Hours at full power of the battery that used packs become, where an area had none; assumption."""


@dataclass(frozen=True)
class AreaWeek:
    """
    What one week did to the owners of one area.

    Attributes
    ----------
    days : float
        Length of the week.
    pay_jpy : float
        Paid to the owners, their wear included.
    wear_jpy : float
        Value of the health their cars lost.
    missed_departures : float
        Cars that left with less than promised.
    plugged_h : float
        Hours a day on the stand, mean of the cars.
    soh_before, soh_after, capacity_kwh : ndarray, shape (V,)
        State of health at the first and the last midnight and size of each representative battery.
    """

    days: float
    pay_jpy: float
    wear_jpy: float
    missed_departures: float
    plugged_h: float
    soh_before: NDArray[np.float64]
    soh_after: NDArray[np.float64]
    capacity_kwh: NDArray[np.float64]


@dataclass(frozen=True)
class Purchase:
    """Used packs of one representative car that change hands between two weeks."""

    area: str
    grade: str
    packs: float
    usable_mwh: float
    price_jpy: float

    @property
    def by_party_jpy(self) -> NDArray[np.float64]:
        """Money received (paid: negative) in the order of ``parties.PARTIES``: a transfer, so it adds to zero."""
        money = np.zeros(len(PARTIES))
        money[PARTIES.index("owner")] += self.price_jpy
        money[PARTIES.index("aggregator")] -= self.price_jpy
        return money


class WeekBook:
    """
    Adds up one world's week, half hour by half hour.

    Parameters
    ----------
    batch : Batch
        Just reset; call :meth:`book` after every step. Step it with ``step_single`` (or let it not begin anew).
    world : int
        Row of the batch.
    """

    def __init__(self, batch: Batch, world: int = 0) -> None:
        self.batch = batch
        self.world = world
        self._soh_before = self._soh()
        self._sum = np.zeros((len(batch.config.areas), 4))
        self._steps = 0
        self._plugged = self._plugged_share()

    def _soh(self) -> NDArray[np.float64]:
        return self.batch.world.vehicle[self.world, :, s.HEALTH].astype(np.float64)

    def _plugged_share(self) -> NDArray[np.float64]:
        return self.batch.world.area[self.world, :, s.FLEET_PLUGGED].astype(np.float64)

    def book(self) -> None:
        """Add the half hour just done."""
        ledger = self.batch.ledger[self.world]
        wear = ledger[:, s.L_WEAR] - ledger[:, s.L_STORAGE_WEAR]
        self._sum += np.stack([ledger[:, s.L_OWNER] + wear, wear, ledger[:, s.L_UNSERVED], self._plugged], axis=1)
        self._plugged = self._plugged_share()
        self._steps += 1

    def close(self) -> tuple[AreaWeek, ...]:
        """Return the week of every area; the world must not have begun the next episode."""
        soh = self._soh()
        hours = 24.0 * self._sum[:, 3] / max(1, self._steps)
        return tuple(
            AreaWeek(
                days=self._steps / STEPS_PER_DAY,
                pay_jpy=float(self._sum[r, 0]),
                wear_jpy=float(self._sum[r, 1]),
                missed_departures=float(self._sum[r, 2]),
                plugged_h=float(hours[r]),
                soh_before=self._soh_before[r],
                soh_after=soh[r],
                capacity_kwh=self.batch.constants.capacity_kwh[r],
            )
            for r in range(len(self._sum))
        )


def willing_share(config: ScenarioConfig, area: AreaConfig, week: AreaWeek, rules: Rules) -> float:
    """Share of an area's owners who would take part after this week, 0 to 1."""
    per_month = MONTH_DAYS / week.days / area.cars
    return participation_share(
        week.pay_jpy * per_month,
        week.wear_jpy * per_month,
        week.plugged_h,
        config.fleet.guarantee_soc,
        week.missed_departures * per_month,
        rules.trust,
    )


def purchases(config: ScenarioConfig, results: Sequence[AreaWeek], rules: Rules | None = None) -> tuple[Purchase, ...]:
    """
    Return the used packs bought after a week: those whose health fell below the threshold in it.

    Packs that were below it before were offered before; scrap, and packs that cannot earn their price, are not bought.
    """
    rules = rules or Rules()
    _check(config, results)
    bought = []
    for area, week in zip(config.areas, results, strict=True):
        weight = area.cars / config.fleet.vehicles
        crossed = (week.soh_before >= rules.buy_below_soh) & (week.soh_after < rules.buy_below_soh)
        for soh, size in zip(week.soh_after[crossed], week.capacity_kwh[crossed], strict=True):
            grade = pack_grade(float(soh))
            energy_kwh = float(soh * size)
            usable_kwh = energy_kwh * USABLE_SHARE[grade]
            income = rules.margin_jpy_per_kwh_year * usable_kwh
            price = second_life_value_jpy(
                energy_kwh, rules.new_jpy_per_kwh, income, rules.years, rules.discount_rate, rules.repack_jpy_per_kwh
            )
            if price > 0.0 and usable_kwh > 0.0 and weight > 0.0:
                bought.append(Purchase(area.name, grade, weight, weight * usable_kwh / 1000.0, weight * price))
    return tuple(bought)


def next_week(config: ScenarioConfig, results: Sequence[AreaWeek], rules: Rules | None = None) -> ScenarioConfig:
    """
    Return the scenario of the week after one with these results.

    Parameters
    ----------
    config : ScenarioConfig
        The week just played.
    results : sequence of AreaWeek
        What it did to the owners, in the order of the areas.
    rules : Rules, optional
        How they decide.

    Returns
    -------
    ScenarioConfig
        The same but for ``cars``, ``storage_mw`` and ``storage_mwh`` of the areas. Cars move towards the share of the
        ``owners`` who are willing; cars whose packs were bought leave, and their packs join the stationary battery.

    Raises
    ------
    ScenarioError
        If the results are not those of the scenario's areas.
    """
    rules = rules or Rules()
    bought = purchases(config, results, rules)
    areas = []
    for area, week in zip(config.areas, results, strict=True):
        mine = [purchase for purchase in bought if purchase.area == area.name]
        cars = area.cars - sum(purchase.packs for purchase in mine)
        if area.owners is not None and area.cars > 0.0:
            wanted = area.owners * willing_share(config, area, week, rules)
            cars += rules.weekly_share * (wanted - cars)
        # `storage_mwh` is what packs held when new: those of the second-life cell already start below it.
        start = CELLS[config.storage.cell].start_health if config.storage.cell is not None else 1.0
        added_mwh = sum(purchase.usable_mwh for purchase in mine) / start
        hours = area.storage_mwh / area.storage_mw if area.storage_mw > 0.0 else rules.storage_hours
        changes = {
            "cars": max(0.0, cars),
            "storage_mwh": area.storage_mwh + added_mwh,
            "storage_mw": area.storage_mw + added_mwh / hours if added_mwh > 0.0 else area.storage_mw,
        }
        areas.append(area.model_copy(update=changes))
    return config.model_copy(update={"areas": tuple(areas)})


def _check(config: ScenarioConfig, results: Sequence[AreaWeek]) -> None:
    if len(results) != len(config.areas):
        raise ScenarioError(f"scenario {config.name}: {len(results)} results, must be {len(config.areas)}: one an area")
    for area, week in zip(config.areas, results, strict=True):
        shapes = {np.shape(week.soh_before), np.shape(week.soh_after), np.shape(week.capacity_kwh)}
        if shapes != {(config.fleet.vehicles,)}:
            raise ScenarioError(
                f"scenario {config.name}: {area.name}: results of other cars than the {config.fleet.vehicles} there are"
            )
        if week.days <= 0.0:
            raise ScenarioError(f"scenario {config.name}: {area.name}: days is {week.days:g}, must be above 0")
