"""
How wrong the issued forecasts are: ``python -m benchmarks.forecast_error [--real]``.

Every three hours of every week of a split the bundle that planners read is held against what came: root mean square
error by lead of Tokyo's price where it was not known yet and of Kyushu's surplus, beside that of the climatology
tier, and the share of unknown prices between the 10 and 90 % quantiles. Of the imbalance (settlement less spot) of the
half hour that comes next it shows how much the forecast explains, beside a regression on the last twelve that is fitted
on the train years. Generated series use the validation years, the real year (``--real``, needs WATTBIT_DATA) its test
weeks; neither is what the climatology is fitted on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar, Figure, run
from wattbit.series import source

Array = NDArray[np.float64]
Index = NDArray[np.int64]

AREAS: Final = ("hokkaido", "tokyo", "kyushu")
PRICE_LEADS_H: Final = (18, 24, 36, 48)
SURPLUS_LEADS_H: Final = (3, 12, 24, 48)
EVERY: Final = 6
"""Half hours between two bundles that are looked at."""

LAGS: Final = 12
"""Half hours that the regression of the imbalance looks back."""

COVERAGE: Final = (Bar(">=", 77.0), Bar("<=", 83.0))


def _seen(delta: Array, rows: Index) -> Array:
    """Settled deltas that are known in some half hours, the newest first, behind a column of ones."""
    return np.column_stack([np.ones(len(rows)), *(delta[rows - lag] for lag in range(1, LAGS + 1))])


def _regression() -> Array:
    """Return the weights by which what was settled before a half hour explains the half hour after it best."""
    series, parts = source.load("generated", AREAS, "train")
    delta = series.get("delta_price_jpy_per_mwh")[:, 0].astype(np.float64)
    rows = np.concatenate([np.arange(part.start_step + LAGS, part.stop_step - 1) for part in parts])
    return np.linalg.lstsq(_seen(delta, rows), delta[rows + 1], rcond=None)[0]


def _explained(came: Array, forecast: Array) -> float:
    return float(1.0 - np.mean((came - forecast) ** 2) / np.var(came))


def _errors(name: str, split: str, tier: str) -> tuple[dict[str, float], float, tuple[Array, Array, Array]]:
    """
    Return how wrong a tier is.

    Returns
    -------
    errors : dict of str to float
        Root mean square error by quantity and lead.
    covered : float
        Share of unknown prices between P10 and P90. [%]
    imbalance : tuple of ndarray
        Delta of the next half hour, its forecast, and what the regression sees.
    """
    series, parts = source.load(name, AREAS, split)
    issuer = source.issuer(name, AREAS, split, tier=tier)
    price, surplus = series.get("spot_price_jpy_per_mwh") / 1000.0, series.get("surplus_mw")
    squares: dict[str, list[float]] = {}
    delta, rows, next_delta = series.get("delta_price_jpy_per_mwh")[:, 0].astype(np.float64), [], []
    inside = []
    tokyo, kyushu = AREAS.index("tokyo"), AREAS.index("kyushu")
    for part in parts:
        for row in range(part.start_step, part.stop_step - 97, EVERY):
            bundle = issuer.bundle(source.EVALUATION_SEED, row)
            if row >= part.start_step + LAGS:
                rows.append(row)
                next_delta.append(float(bundle.delta_jpy_per_mwh[0]))
            unknown = bundle.zone[tokyo] < 0
            came = price[row + 1 : row + 97]
            for lead in PRICE_LEADS_H:
                if unknown[2 * lead - 1]:
                    error = bundle.price_jpy_per_mwh[0, tokyo, 2 * lead - 1] / 1000.0 - came[2 * lead - 1, tokyo]
                    squares.setdefault(f"price of Tokyo, {lead} h", []).append(float(error) ** 2)
            for lead in SURPLUS_LEADS_H:
                error = bundle.surplus_mw[0, kyushu, 2 * lead - 1] - surplus[row + 2 * lead, kyushu]
                squares.setdefault(f"surplus of Kyushu, {lead} h", []).append(float(error) ** 2)
            low, high = bundle.price_jpy_per_mwh[1] / 1000.0, bundle.price_jpy_per_mwh[3] / 1000.0
            within = np.minimum(came.T - low, high - came.T) >= -1e-4  # prices are float32
            inside.append(within[:, unknown].mean() if unknown.any() else np.nan)
    at = np.array(rows)
    return (
        {key: float(np.sqrt(np.mean(values))) for key, values in squares.items()},
        100.0 * float(np.nanmean(inside)),
        (delta[at + 1], np.array(next_delta), _seen(delta, at)),
    )


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Errors of the default tier and of the climatology."""
    name, split = ("real-fy2024", "test") if options.real else ("generated", "validation")
    issued, covered, (came, expected, seen) = _errors(name, split, "mmfe")
    usual, *_ = _errors(name, split, "climatology")
    for key, value in issued.items():
        unit = "JPY/kWh" if key.startswith("price") else "MW"
        yield Figure(f"{name}: {key}", unit, (value,), Bar("<=", usual[key]))
        yield Figure(f"{name}: {key}, climatology", unit, (usual[key],))
    for kind, forecast in (("forecast", expected), ("regression", seen @ _regression())):
        share = _explained(came, forecast)
        yield Figure(f"{name}: next imbalance, variance explained by the {kind}", "%", (100.0 * share,))
    for bar in COVERAGE:
        yield Figure(f"{name}: unknown prices within P10-P90", "%", (covered,), bar)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show."""
    real = "the test weeks of FY2024 instead of the generated validation years"
    return run(
        "forecast_error",
        "Errors of the issued forecasts",
        measure,
        lambda parser: parser.add_argument("--real", action="store_true", help=real) and None,
        argv=argv,
    )


if __name__ == "__main__":
    sys.exit(main())
