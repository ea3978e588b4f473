"""
The planner's book: what is usual, and what stocks are worth, known from train weeks alone.

A planner that looks some hours ahead needs both: what is usual where nothing is forecast, and worths for what is left
at the end of its horizon.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.errors import WattbitError
from wattbit.physics import certificates
from wattbit.series import cache, source, splits
from wattbit.units import STEPS_PER_DAY
from wattbit.world import arrays, sites
from wattbit.world import state as s
from wattbit_agents.baselines.fits import FOLDER, file_name, fitted_on, fitted_scenarios, own_fit, read_fit, shipped_fit
from wattbit_agents.baselines.lp.prices import STOCKS
from wattbit_agents.errors import PolicyError, did_you_mean

Array = NDArray[np.float64]

AROUND: Final = 24
"""Half hours before and after the end of a half hour whose mean price stocks follow."""

USUAL: Final = {
    "temperature_c": s.TEMPERATURE,
    "spot_price_jpy_per_mwh": s.SPOT,
    "supply_slope": s.SLOPE,
    "carbon_marginal": s.CARBON_MARGINAL,
    "reserve_price_factor": s.RESERVE_PRICE,
    "demand_mw": s.DEMAND,
    "solar_mw": s.SOLAR,
}
"""Names in the book that are columns of the exogenous table."""

MADE: Final = ("certificates_mwh",)
"""Names in the book that are made of several columns: contracted certificates."""

_produced = np.vectorize(certificates.produced_share, otypes=[float])


class BookError(WattbitError):
    """A file of worths is missing, damaged or of another scenario."""


def usual_table(config: ScenarioConfig, data_root: Path | None = None) -> dict[str, Array]:
    """
    Return the means of the train split by month and time of day, by way of the disk cache.

    Parameters
    ----------
    config : ScenarioConfig
        The world.
    data_root : path, optional
        Folder of real data.

    Returns
    -------
    dict of str to ndarray, shape (12, 48, area)
        Names of :data:`USUAL` and :data:`MADE`. Days that splits keep apart from test weeks are left out.
    """
    areas = [area.name for area in config.areas]
    series, _ = source.load(config.series, areas, "train", data_root, config.grid)

    def build() -> cache.Entry:
        table = arrays.exogenous_table(series)
        site = sites.site_table(config, table)
        kept = np.concatenate([np.arange(p.start_step, p.stop_step) for p in splits.fitting_segments(series)])
        rows = table[kept].astype(np.float64)
        columns = {name: rows[:, :, column] for name, column in USUAL.items()}
        columns["supply_slope"] = columns["supply_slope"] * config.market.slope_scale
        sun, wind, surplus = (rows[:, :, column] for column in (s.SOLAR, s.WIND, s.SURPLUS))
        contracted = site[:, s.SITE_SOLAR_SHARE] * sun + site[:, s.SITE_WIND_SHARE] * wind
        columns["certificates_mwh"] = 0.5 * contracted * _produced(sun, wind, surplus)
        stamps = (series.start.tz_localize(None).to_datetime64() + kept * np.timedelta64(30, "m")).astype(
            "datetime64[m]"
        )
        month = stamps.astype("datetime64[M]").astype(np.int64) % 12
        slot = (stamps - stamps.astype("datetime64[D]")).astype(np.int64) // 30
        place = month * STEPS_PER_DAY + slot
        count = np.bincount(place, minlength=12 * STEPS_PER_DAY)
        if (count == 0).any():
            missing = int(np.argmax(count == 0)) // STEPS_PER_DAY + 1
            raise BookError(f"scenario {config.name}: the train split of {config.series} has no day in month {missing}")
        sums = {
            name: np.stack([np.bincount(place, x, minlength=len(count)) for x in values.T], axis=1)
            for name, values in columns.items()
        }
        return {name: (x / count[:, None]).reshape(12, STEPS_PER_DAY, -1) for name, x in sums.items()}, {}

    key = cache.source_key(
        (arrays, sites, certificates, splits, s, sys.modules[__name__]),
        series.content_hash(),
        config.model_dump_json(exclude={"name", "description", "episode", "forecast"}),
    )
    entry, _ = cache.stored("usual", key, build)
    return {name: np.asarray(values) for name, values in entry.items()}


@dataclass(frozen=True, eq=False)
class Worths:
    """
    What stocks are worth by time of day, and on what that was calculated.

    Attributes
    ----------
    jpy_per_mwh : dict of str to ndarray, shape (48, area)
        For every name of :data:`~wattbit_agents.baselines.lp.prices.STOCKS` the worth of one more MWh at the end of
        the half hour (``store``, ``car``), or the cost of one more MWh that waits then (``batch``, ``training``), in
        weeks of usual prices.
    slope : dict of str to ndarray, shape (area,)
        How much of a rise of the day's price each follows.
    price_jpy_per_mwh : ndarray, shape (area,)
        The usual price: mean of the train weeks.
    areas : tuple of str
    facts : dict
        Version, scenario, hashes of world and data, weeks, seed.
    """

    jpy_per_mwh: dict[str, Array]
    slope: dict[str, Array]
    price_jpy_per_mwh: Array
    areas: tuple[str, ...]
    facts: dict[str, Any]

    def text(self) -> str:
        """Content of the file."""

        def by_area(values: Array, digits: int) -> dict[str, Any]:
            return {area: np.round(values[..., r], digits).tolist() for r, area in enumerate(self.areas)}

        body = {
            "price_jpy_per_mwh": by_area(self.price_jpy_per_mwh, 1),
            "slope": {name: by_area(values, 4) for name, values in self.slope.items()},
            "worth_jpy_per_mwh": {name: by_area(values, 1) for name, values in self.jpy_per_mwh.items()},
        }
        head = yaml.safe_dump(self.facts, sort_keys=False)
        return head + yaml.safe_dump(body, sort_keys=False, default_flow_style=None, width=120)

    @staticmethod
    def parse(text: str, origin: str) -> Worths:
        """
        Read what :meth:`text` wrote.

        Raises
        ------
        BookError
            With file, key and rule if it is not that.
        """
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise BookError(f"{origin}: not valid YAML: {' '.join(str(error).split())}") from None
        if not isinstance(content, dict):
            raise BookError(f"{origin}: must hold keys and values; written by python -m wattbit_agents.cli.calibrate")
        price = _numbers(content, "price_jpy_per_mwh", (), origin)
        areas = tuple(price)
        slopes, tables = {}, {}
        for name in STOCKS:
            slopes[name] = _numbers(content.get("slope"), name, (), f"{origin}: slope")
            tables[name] = _numbers(
                content.get("worth_jpy_per_mwh"), name, (STEPS_PER_DAY,), f"{origin}: worth_jpy_per_mwh"
            )
            for key, by_area in (("slope", slopes[name]), ("worth_jpy_per_mwh", tables[name])):
                if tuple(by_area) != areas:
                    raise BookError(f"{origin}: {key}.{name}: areas must be {', '.join(areas)}")
        return Worths(
            {name: np.stack(list(by_area.values()), axis=1) for name, by_area in tables.items()},
            {name: np.array(list(by_area.values())) for name, by_area in slopes.items()},
            np.array(list(price.values())),
            areas,
            {key: x for key, x in content.items() if key not in ("price_jpy_per_mwh", "slope", "worth_jpy_per_mwh")},
        )


def _numbers(content: Any, key: str, shape: tuple[int, ...], origin: str) -> dict[str, Array]:
    """Finite numbers by area below a key, each of a shape."""
    by_area = content.get(key) if isinstance(content, dict) else None
    if not isinstance(by_area, dict) or not by_area:
        raise BookError(f"{origin}: {key}: missing")
    found = {}
    for area, value in by_area.items():
        try:
            found[str(area)] = np.array(value, np.float64)
        except (TypeError, ValueError):
            found[str(area)] = np.array(np.nan)
        if found[str(area)].shape != shape or not np.isfinite(found[str(area)]).all():
            what = f"{shape[0]} numbers" if shape else "a number"
            raise BookError(f"{origin}: {key}.{area}: must be {what}")
    return found


def calibrated_scenarios() -> list[str]:
    """Scenarios whose worths are known."""
    return fitted_scenarios("planner")


def load_worths(config: ScenarioConfig, file: Path | None = None) -> Worths:
    """
    Return the worths of a scenario, or of the same plant: from a file, else one's own, else those of the package.

    Raises
    ------
    BookError
        If there are none, or the file is damaged or has other areas.
    """
    like = fitted_on("planner", config.name)
    file = own_fit("planner", like) if file is None else file
    if file is None:
        shipped = shipped_fit("planner", like)
        if shipped is None:
            raise BookError(
                f"planner: no worths of stocks for scenario {config.name!r}, only for "
                f"{', '.join(calibrated_scenarios())}; calculate your own with: python -m wattbit_agents.cli.calibrate "
                f"--scenario NAME --output ${FOLDER}/{file_name('planner', config.name)}"
            )
        origin, text = f"{like}.yaml", shipped
    else:
        origin, text = str(file), read_fit(file, BookError)
    worths = Worths.parse(text, origin)
    areas = tuple(area.name for area in config.areas)
    if worths.areas != areas:
        raise BookError(f"{origin}: areas are {', '.join(worths.areas)}: scenario {config.name} has {', '.join(areas)}")
    return worths


@dataclass(frozen=True, eq=False)
class PlannerBook:
    """
    What a planner knows beforehand.

    Attributes
    ----------
    table : mapping of str to ndarray, shape (12, 48, area)
        Means by month and time of day.
    worths : Worths, optional
        Worths of stocks; without them :meth:`worth` is refused.
    """

    table: Mapping[str, Array]
    worths: Worths | None = None

    def usual(self, name: str, month: int | NDArray[np.int64], half_hour_of_day: int | NDArray[np.int64]) -> Array:
        """
        Return what is usual at a time of day in a month.

        Parameters
        ----------
        name : str
            One of :data:`USUAL` or :data:`MADE`.
        month : int or ndarray of int
            1 to 12.
        half_hour_of_day : int or ndarray of int
            0 to 47.

        Returns
        -------
        ndarray, shape (..., area)
        """
        if name not in self.table:
            raise PolicyError(f"planner: nothing is usual for {name!r}{did_you_mean(name, self.table)}")
        return np.asarray(self.table[name][np.asarray(month) - 1, half_hour_of_day])

    def worth(
        self, name: str, half_hour_of_day: int | NDArray[np.int64], price_jpy_per_mwh: Array | None = None
    ) -> Array:
        """
        Return what one more MWh of a stock is worth (``store``, ``car``) or costs (``batch``, ``training``).

        Parameters
        ----------
        name : str
            ``store``: in the battery; ``car``: in cars, behind their chargers; ``batch``, ``training``: work that
            waits, MWh of IT energy.
        half_hour_of_day : int or ndarray of int
            The half hour at whose end the stock is held.
        price_jpy_per_mwh : ndarray, shape (..., area), optional
            Mean spot price of the day around that half hour, as far as it is known or forecast: from
            :data:`AROUND` half hours before its end to as many after. Stocks follow it, so that a book without it knows
            little. By default the price of usual weeks.

        Returns
        -------
        ndarray, shape (..., area)
            JPY/MWh, never below 0.
        """
        if self.worths is None:
            raise PolicyError("planner: this book was made without worths of stocks")
        if name not in self.worths.jpy_per_mwh:
            raise PolicyError(f"planner: no worth of {name!r}{did_you_mean(name, self.worths.jpy_per_mwh)}")
        usual = self.worths.jpy_per_mwh[name][half_hour_of_day]
        if price_jpy_per_mwh is None:
            return np.asarray(usual)
        rise = np.asarray(price_jpy_per_mwh) - self.worths.price_jpy_per_mwh
        return np.asarray(np.maximum(0.0, usual + self.worths.slope[name] * rise))


def planner_book(
    config: ScenarioConfig, data_root: Path | None = None, worths: Path | bool | None = None
) -> PlannerBook:
    """
    Return the book of a scenario.

    Parameters
    ----------
    config : ScenarioConfig
        The world.
    data_root : path, optional
        Folder of real data.
    worths : path or False, optional
        File written by ``python -m wattbit_agents.cli.calibrate``; False for a book without worths; else the worths
        that are known for the scenario, see :mod:`wattbit_agents.baselines.fits`.

    Raises
    ------
    BookError
        If worths are wanted and there are none.
    """
    if isinstance(worths, bool):
        return PlannerBook(usual_table(config, data_root), load_worths(config) if worths else None)
    return PlannerBook(usual_table(config, data_root), load_worths(config, worths))
