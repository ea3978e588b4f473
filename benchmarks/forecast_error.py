"""
How wrong the issued forecasts are: ``python -m benchmarks.forecast_error [--real]``.

Every three hours of every week of a split the bundle that planners read is held against what came: root mean square
error by lead of Tokyo's price where it was not known yet and of Kyushu's surplus, beside that of the climatology
tier, and the share of unknown prices between the 10 and 90 % quantiles. Generated series use the validation years,
the real year (``--real``, needs WATTBIT_DATA) its test weeks; neither is what the climatology is fitted on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from benchmarks.report import Bar, Figure, run
from wattbit.series import source

AREAS: Final = ("hokkaido", "tokyo", "kyushu")
PRICE_LEADS_H: Final = (18, 24, 36, 48)
SURPLUS_LEADS_H: Final = (3, 12, 24, 48)
EVERY: Final = 6
"""Half hours between two bundles that are looked at."""

COVERAGE: Final = (Bar(">=", 77.0), Bar("<=", 83.0))


def _errors(name: str, split: str, tier: str) -> tuple[dict[str, float], float]:
    """Root mean square error by quantity and lead, and the share of unknown prices between P10 and P90."""
    series, parts = source.load(name, AREAS, split)
    issuer = source.issuer(name, AREAS, split, tier=tier)
    price, surplus = series.get("spot_price_jpy_per_mwh") / 1000.0, series.get("surplus_mw")
    squares: dict[str, list[float]] = {}
    inside = []
    tokyo, kyushu = AREAS.index("tokyo"), AREAS.index("kyushu")
    for part in parts:
        for row in range(part.start_step, part.stop_step - 97, EVERY):
            bundle = issuer.bundle(source.EVALUATION_SEED, row)
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
    return {key: float(np.sqrt(np.mean(values))) for key, values in squares.items()}, 100.0 * float(np.nanmean(inside))


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Errors of the default tier and of the climatology."""
    name, split = ("real-fy2024", "test") if options.real else ("generated", "validation")
    issued, covered = _errors(name, split, "mmfe")
    usual, _ = _errors(name, split, "climatology")
    for key, value in issued.items():
        unit = "JPY/kWh" if key.startswith("price") else "MW"
        yield Figure(f"{name}: {key}", unit, (value,), Bar("<=", usual[key]))
        yield Figure(f"{name}: {key}, climatology", unit, (usual[key],))
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
