"""Reader of the balancing market's provisional results (EPRX) and what they say about the price of reserve."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wattbit.errors import SeriesError
from wattbit.series.records import Records, span_of
from wattbit.series.set import AREAS
from wattbit.series.table import on_grid
from wattbit.series.textfile import Cells, TextFile, nfkc, read_text, to_cells

TITLE: Final = "電力需給調整力取引所取引結果"
"""Second cell of the first row of every results file."""

PRODUCTS: Final = {
    "一次調整力": "primary",
    "二次調整力1": "secondary_1",
    "二次調整力2": "secondary_2",
    "三次調整力1": "tertiary_1",
    "三次調整力2": "tertiary_2",
}
"""Published product, after NFKC, to the name here. Only files of the first one were met; the rest is an assumption."""

AREA_HEADINGS: Final = ("北海道", "東北", "東京", "中部", "北陸", "関西", "中国", "四国", "九州")
"""Columns in the order of :data:`~wattbit.series.set.AREAS`."""

TOTAL: Final = "合計"
"""Column of the nine areas together."""

COLUMNS: Final = {
    "募集量(TSO別)[MW]": "required_mw",
    "応札量合計(電源属地別)[MW]": "offered_mw",
    "落札量合計(電源属地別)[MW]": "awarded_mw",
    "平均落札価格(電源属地別)[円/kW・30分]": "price_jpy_per_kw_half_hour",
    "最低落札価格(電源属地別)[円/kW・30分]": "lowest_price_jpy_per_kw_half_hour",
    "最高落札価格(電源属地別)[円/kW・30分]": "highest_price_jpy_per_kw_half_hour",
    "落札量合計(TSO別)[MW]": "procured_mw",
}
"""
Published row, after NFKC, to the column here.

Offers, awards and their prices are counted where the plant stands (電源属地別), which is what a seller there earns; the
requirement and what was procured are counted for the operator that pays (TSO別). Other rows are not read.
"""

PRICES: Final = tuple(name for name in COLUMNS.values() if name.endswith("half_hour"))
"""Columns with a price; it is per half hour also where a block is longer."""

BLOCKS_PER_DAY: Final = (8, 48)
"""Blocks of three hours, and of half an hour since the middle of March 2026."""

MOST_PRICE_JPY_PER_KW_HALF_HOUR: Final = 999.0
"""Highest price that is read; far above any cap of the market (assumption)."""

MOST_MW: Final = 20_000.0
"""Largest amount of one area that is read (assumption)."""

ROUNDING_MW: Final = 0.01
"""Amounts have three digits, so nine of them may miss their published sum by less than this."""


@dataclass(frozen=True)
class ReservePrice:
    """
    What the price of reserve was like in one area and product.

    Parameters
    ----------
    product, area : str
        As in :func:`read_results`.
    hours : float
        Hours with an award.
    share_without_award : float
        Share of the time in which nothing was accepted from the area; it is in no other figure.
    mean_jpy_per_kw_half_hour : float
        Mean accepted price over time, not weighted by amount.
    sd_log : float
        Standard deviation of the logarithm of the price.
    sd_log_within_hour : float
        The same after the mean of each hour of the day is taken out.
    day_share : float
        Share of the variance left then that the blocks of a day have in common.
    hour_shape : tuple of float, length 24
        Mean price of each hour of the day over the mean of all hours; their mean is 1. NaN where no hour had an award.
    """

    product: str
    area: str
    hours: float
    share_without_award: float
    mean_jpy_per_kw_half_hour: float
    sd_log: float
    sd_log_within_hour: float
    day_share: float
    hour_shape: tuple[float, ...]


def read_results(path: Path | str) -> Records:
    """
    Read one month of results of one product, ``YYYYMM_1-0_prompt.csv``, also gzipped.

    Parameters
    ----------
    path : Path or str
        The file, cp932 or UTF-8.

    Returns
    -------
    Records
        Kind ``"eprx results"``. One row per block and area, sorted: ``start`` (Asia/Tokyo), ``area``, ``product`` (of
        :data:`PRODUCTS`), ``block_minutes`` and the columns of :data:`COLUMNS`. Prices of a block without an award are
        NaN. [MW], [JPY/(kW x 30 min)]

    Raises
    ------
    SeriesError
        If the closing row E or a block is missing, a cell is no number or out of bounds, the areas do not sum to the
        published total, or the mean price is not between the lowest and the highest.
    """
    return results_from_text(read_text(path))


def is_results(file: TextFile) -> bool:
    """Whether the heading is that of a results file."""
    return TITLE in nfkc(file.text.partition("\n")[0])


def results_from_text(file: TextFile) -> Records:
    """Read a decoded results file; see :func:`read_results`."""
    product, month, minutes, cells = _cut(file)
    labels = np.array([nfkc(label) for label in cells.column("取引情報")], dtype=object)
    frames: dict[str, pd.DataFrame] = {}
    repairs: list[str] = []
    for label, name in COLUMNS.items():
        rows = np.flatnonzero(labels == label)
        if not rows.size:
            raise file.refusal(f"no rows {label}")
        columns = {key: column[rows] for key, column in cells.columns.items()}
        part = Cells(file, columns, cells.row_numbers[rows], 0)
        days, starts = _blocks(part, minutes)
        frames[name], done = on_grid(part, days, starts, _areas(part, label, name), minutes, "month")
        repairs += [repair for repair in done if repair not in repairs]
    first = frames["required_mw"].index
    for label, name in COLUMNS.items():
        if len(frames[name]) != len(first):
            raise file.refusal(f"rows {label}: {len(frames[name])} blocks, 募集量 has {len(first)}")
    if f"{first[0]:%Y%m}" != month:
        raise file.refusal(f"row 2: month {month}, but the blocks start on {first[0]:%Y-%m-%d}")
    frame = pd.DataFrame({name: table.stack() for name, table in frames.items()}).reset_index(names=["start", "area"])
    frame.insert(2, "product", product)
    frame.insert(3, "block_minutes", minutes)
    without = (frame["awarded_mw"] == 0.0).to_numpy()
    if without.any():
        frame.loc[without, list(PRICES)] = np.nan
        repairs.append(f"price 0 of {int(without.sum())} blocks and areas without an award taken out")
    _refuse_disordered_prices(file, frame)
    order = frame["area"].map(AREAS.index)
    frame = frame.assign(_order=order).sort_values(["start", "_order"]).drop(columns="_order").reset_index(drop=True)
    return Records(
        file.path, f"eprx results {product} {minutes} min", "nine areas", span_of(frame["start"]), frame, tuple(repairs)
    )


def reserve_prices(results: Sequence[Records], product: str) -> dict[str, ReservePrice]:
    """
    Describe the accepted price of one product per area, for the parameters of a price model.

    Parameters
    ----------
    results : sequence of Records
        From :func:`read_results`, any months.
    product : str
        One of the names in :data:`PRODUCTS`. Never another one than the files hold: products differ in price.

    Returns
    -------
    dict of str to ReservePrice
        One for each area that had an award.

    Raises
    ------
    SeriesError
        If no file holds the product.
    """
    frame = pd.concat([month.frame for month in results]) if results else pd.DataFrame({"product": []})
    if product not in set(frame["product"]):
        held = ", ".join(sorted(set(frame["product"]))) or "none"
        raise SeriesError(f"reserve prices: product {product!r} is in no file; must be one of those read: {held}")
    frame = frame[frame["product"] == product]
    return {
        str(area): _describe(product, str(area), part)
        for area, part in frame.groupby("area", sort=False)
        if part["price_jpy_per_kw_half_hour"].notna().any()
    }


def _describe(product: str, area: str, part: pd.DataFrame) -> ReservePrice:
    # A block of three hours counts as the six half hours that it is.
    repeats = part["block_minutes"].to_numpy() // 30
    start = part["start"].repeat(repeats.tolist())
    within = np.concatenate([np.arange(n) for n in repeats]) * 30
    price_all = np.repeat(part["price_jpy_per_kw_half_hour"].to_numpy(), repeats)
    is_awarded = np.isfinite(price_all) & (price_all > 0.0)
    price = pd.Series(price_all[is_awarded])
    hour = (start.dt.hour.to_numpy() + (start.dt.minute.to_numpy() + within) // 60)[is_awarded]
    day = start.dt.date.to_numpy()[is_awarded]
    by_hour = price.groupby(hour).mean().reindex(range(24))
    log = pd.Series(np.log(price_all[is_awarded]))
    residual = log - log.groupby(hour).transform("mean")
    total = float(residual.var(ddof=0))
    return ReservePrice(
        product=product,
        area=area,
        hours=len(price) / 2.0,
        share_without_award=1.0 - len(price) / len(price_all),
        mean_jpy_per_kw_half_hour=float(price.mean()),
        sd_log=float(log.std(ddof=0)),
        sd_log_within_hour=float(np.sqrt(total)),
        day_share=float(residual.groupby(day).transform("mean").var(ddof=0) / total) if total > 0.0 else 0.0,
        hour_shape=tuple((by_hour / by_hour.mean()).tolist()),
    )


def _cut(file: TextFile) -> tuple[str, str, int, Cells]:
    """Product, month, minutes of a block, and the rows between the three headings and the closing E."""
    rows = [[nfkc(cell) for cell in row] for row in file.rows()]
    if len(rows) < 4 or rows[0][:2] != ["H", TITLE]:
        raise file.refusal(f"row 1: must be H,{TITLE}{file.encoding_hint(TITLE)}")
    if rows[1][0] != "P" or len(rows[1]) < 5:
        raise file.refusal(f"row 2: is {','.join(rows[1])[:60]!r}, must be P,速報値,YYYYMM,product,blocks a day")
    month, product, blocks = rows[1][2:5]
    if product not in PRODUCTS:
        raise file.refusal(f"row 2: product {product!r}, must be one of {', '.join(PRODUCTS)}")
    if blocks not in map(str, BLOCKS_PER_DAY):
        raise file.refusal(f"row 2: {blocks!r} blocks a day, must be {' or '.join(map(str, BLOCKS_PER_DAY))}")
    heading = ["TT", "取引情報", *AREA_HEADINGS, TOTAL]
    if sorted(rows[2]) != sorted(heading):
        raise file.refusal(f"row 3: is {','.join(rows[2])[:60]!r}, must name {', '.join(heading)}")
    if rows[-1][0] != "E" or any(rows[-1][1:]):
        raise file.refusal(f"row {len(rows)}: the file is cut, its last row must be E")
    return PRODUCTS[product], month, 24 * 60 // int(blocks), to_cells(file, rows[:-1], rows[2], 3)


def _blocks(part: Cells, minutes: int) -> tuple[NDArray[np.datetime64], NDArray[np.int64]]:
    """Read ``20260101B01``: day and minute of the day at which the block starts."""
    days, starts = [], []
    for row, text in enumerate(part.column("TT")):
        match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)B(\d\d)", text)
        block = int(match.group(4)) if match else 0
        try:
            day = np.datetime64("-".join(match.group(1, 2, 3)), "D") if match else None
        except ValueError:
            day = None
        if day is None or not 1 <= block <= 24 * 60 // minutes:
            rule = f"must be a date and a block like 20260101B01, up to B{24 * 60 // minutes:02d}"
            raise part.refusal(row, "TT", f"is {text!r}, {rule}")
        days.append(day)
        starts.append((block - 1) * minutes)
    return np.array(days, dtype="datetime64[D]"), np.array(starts, dtype=np.int64)


def _areas(part: Cells, label: str, name: str) -> dict[str, NDArray[np.float64]]:
    high = MOST_PRICE_JPY_PER_KW_HALF_HOUR if name in PRICES else MOST_MW
    values = {}
    for area, heading in zip(AREAS, AREA_HEADINGS, strict=True):
        numbers, _ = part.numbers(heading)
        bad = (numbers < 0.0) | (numbers > high)
        if bad.any():
            row = int(np.argmax(bad))
            raise part.refusal(row, heading, f"{label} is {numbers[row]:g}, must be within [0, {high:g}]")
        values[area] = numbers
    if name not in PRICES:
        total, _ = part.numbers(TOTAL)
        off = np.abs(np.sum(list(values.values()), axis=0) - total)
        if (off > ROUNDING_MW).any():
            row = int(np.argmax(off))
            raise part.refusal(
                row, TOTAL, f"{label} is {total[row]:g}, must be the sum of the areas within {ROUNDING_MW:g} MW"
            )
    return values


def _refuse_disordered_prices(file: TextFile, frame: pd.DataFrame) -> None:
    mean, low, high = (frame[name] for name in PRICES)
    # The mean is rounded to a hundredth.
    bad = ((mean < low - 0.01) | (mean > high + 0.01)).to_numpy()
    if bad.any():
        row = frame[bad].iloc[0]
        raise file.refusal(
            f"block of {row['start']:%Y-%m-%d %H:%M}, {row['area']}: mean price {row[PRICES[0]]:g}, must lie between "
            f"the lowest {row[PRICES[1]]:g} and the highest {row[PRICES[2]]:g}"
        )
