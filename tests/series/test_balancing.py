"""Reader of balancing results: a hand-made month, its defects, and the published figures of three real ones."""

import numpy as np
import pytest

from wattbit.errors import SeriesError
from wattbit.series import balancing
from wattbit.series.set import AREAS

NAMES = [f"balancing/2026{month}_1-0_prompt.csv.gz" for month in ("01", "04", "07")]

# Mean accepted price of hokkaido, tohoku, tokyo, chubu, kyushu; zero where nothing was accepted. JPY/(kW x 30 min)
MEANS = {
    NAMES[0]: (7.5, 6.4, 9.0, 10.0, 5.2),
    NAMES[1]: (3.5, 6.7, 4.6, 5.3, 5.7),
    NAMES[2]: (2.5, 8.8, 4.9, 5.4, 4.6),
}
NATIONAL_MW = {NAMES[0]: (1562, 877), NAMES[1]: (1598, 1042), NAMES[2]: (1408, 1335)}
BLOCKS = {NAMES[0]: 31 * 8, NAMES[1]: 30 * 48, NAMES[2]: 31 * 48}

LABELS = (
    "募集量（TSO別）[MW]",
    "応札量合計（電源属地別）[MW]",
    "落札量合計（電源属地別）[MW]",
    "最高落札価格（電源属地別）[円/kW・30分]",
    "最低落札価格（電源属地別）[円/kW・30分]",
    "平均落札価格（電源属地別）[円/kW・30分]",
    "落札量合計（TSO別）[MW]",
)


def month(tmp_path, blocks=8, change=lambda lines: lines, price=lambda day, block, area: 2.0 + block % 2):
    """February 2026, all areas alike but for the price; area 9 has no award in the first block."""
    lines = [
        "H,電力需給調整力取引所取引結果,対象年月,商品区分,ブロック数",
        f"P,速報値,202602,一次調整力,{blocks}",
        "TT,取引情報,北海道,東北,東京,中部,北陸,関西,中国,四国,九州,合計",
    ]
    for day in range(1, 29):
        for block in range(1, blocks + 1):
            without = day == 1 and block == 1
            mean = [price(day, block, area) for area in range(9)]
            cells = {
                LABELS[0]: [100] * 9 + [900],
                LABELS[1]: [60.5] * 9 + [544.5],
                LABELS[2]: [50] * 8 + [0 if without else 50, 400 if without else 450],
                LABELS[3]: [value + 1 for value in mean[:8]] + [0 if without else mean[8] + 1, 9],
                LABELS[4]: [value - 1 for value in mean[:8]] + [0 if without else mean[8] - 1, 0],
                LABELS[5]: [*mean[:8], 0 if without else mean[8], 3],
                LABELS[6]: [50] * 9 + [450],
            }
            for label, values in cells.items():
                lines.append(f"202602{day:02d}B{block:02d},{label}," + ",".join(f"{value:g}" for value in values))
    path = tmp_path / "202602_1-0_prompt.csv"
    path.write_bytes(("\r\n".join(change([*lines, "E"])) + "\r\n").encode("cp932"))
    return path


def swap(old, new):
    return lambda lines: [line.replace(old, new) for line in lines]


@pytest.mark.parametrize(("blocks", "minutes"), [(8, 180), (48, 30)])
def test_a_hand_made_month_is_read(tmp_path, blocks, minutes):
    results = balancing.read_results(month(tmp_path, blocks))
    frame = results.frame
    assert len(frame) == 28 * blocks * 9
    assert frame["area"].iloc[:9].tolist() == list(AREAS)
    assert (frame["product"] == "primary").all()
    assert (frame["block_minutes"] == minutes).all()
    assert str(frame["start"].iloc[9]) == f"2026-02-01 {minutes // 60:02d}:{minutes % 60:02d}:00+09:00"
    assert frame.iloc[0][["required_mw", "offered_mw", "awarded_mw", "procured_mw"]].tolist() == [100, 60.5, 50, 50]
    assert frame.iloc[0][list(balancing.PRICES)].tolist() == [3.0, 2.0, 4.0]
    assert results.repairs == ("price 0 of 1 blocks and areas without an award taken out",)
    assert np.isnan(frame["price_jpy_per_kw_half_hour"].iloc[8])


def test_price_statistics_worked_by_hand(tmp_path):
    # Two prices: 2 in even blocks of three hours, 3 in odd ones; on even days all prices are e times as high.
    path = month(tmp_path, price=lambda day, block, area: (2.0 + block % 2) * (np.e if day % 2 == 0 else 1.0))
    price = balancing.reserve_prices([balancing.read_results(path)], "primary")["tokyo"]
    half = (1.0 + np.e) / 2.0
    assert price.mean_jpy_per_kw_half_hour == pytest.approx(2.5 * half, rel=1e-4)
    assert price.hours == 28 * 24
    assert price.share_without_award == 0.0
    assert price.hour_shape == pytest.approx(([1.2] * 3 + [0.8] * 3) * 4, rel=1e-4)
    assert price.sd_log_within_hour == pytest.approx(0.5, rel=1e-4)
    assert price.sd_log == pytest.approx(np.hypot(0.5, 0.5 * np.log(1.5)), rel=1e-4)
    assert price.day_share == pytest.approx(1.0)


def test_a_block_without_an_award_counts_in_no_price(tmp_path):
    price = balancing.reserve_prices([balancing.read_results(month(tmp_path))], "primary")["kyushu"]
    assert price.share_without_award == pytest.approx(1 / (28 * 8))
    assert price.hour_shape == pytest.approx(([1.2] * 3 + [0.8] * 3) * 4)


def test_a_product_that_no_file_holds_is_refused_and_not_replaced(tmp_path):
    results = [balancing.read_results(month(tmp_path))]
    with pytest.raises(SeriesError, match="product 'tertiary_2' is in no file; must be one of those read: primary"):
        balancing.reserve_prices(results, "tertiary_2")
    with pytest.raises(SeriesError, match="must be one of those read: none"):
        balancing.reserve_prices([], "primary")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[:-1], "row 1571: the file is cut, its last row must be E"),
        (lambda lines: lines[:700], "the file is cut, its last row must be E"),
        (lambda lines: [*lines[:99], lines[99][:40], *lines[100:]], "row 100: has"),
        (lambda lines: lines[:99] + lines[155:], "rows are missing from 2026-02-02"),
        (lambda lines: [line for line in lines if "募集量" not in line], "no rows 募集量"),
        (swap("一次調整力", "二次調整力"), "row 2: product '二次調整力', must be one of 一次調整力"),
        (swap("調整力,8", "調整力,24"), "row 2: '24' blocks a day, must be 8 or 48"),
        (swap("202602,", "202603,"), "row 2: month 202603, but the blocks start on 2026-02-01"),
        (swap("東京,中部", "東京,中央"), "row 3: is "),
        (swap("20260203B05,", "20260203B09,"), "column TT: is '20260203B09', must be a date and a block like"),
        (swap("20260203B05,", "20260232B05,"), "column TT: is '20260232B05', must be a date and a block like"),
        (lambda lines: [lines[0], lines[1], lines[2], lines[3].replace(",100,100,", ",100,x,", 1), *lines[4:]],
         "row 4, column 東北: is 'x', must be a number"),
        (lambda lines: [*lines[:3], lines[3].replace(",100,", ",170,", 1), *lines[4:]],
         "row 4, column 合計: 募集量(TSO別)[MW] is 900, must be the sum of the areas within 0.01 MW"),
        (lambda lines: [*lines[:3], lines[3].replace(",100,", ",-100,", 1), *lines[4:]], "must be within [0, 20000]"),
        (lambda lines: [*lines[:8], lines[8].replace(",3,", ",30,", 1), *lines[9:]],
         "block of 2026-02-01 00:00, hokkaido: mean price 30, must lie between the lowest 2 and the highest 4"),
    ],
)  # fmt: skip
def test_a_defect_ends_in_one_message(tmp_path, change, message):
    path = month(tmp_path, change=change)
    with pytest.raises(SeriesError) as caught:
        balancing.read_results(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_duplicate_rows_are_dropped_and_named(tmp_path):
    results = balancing.read_results(month(tmp_path, change=lambda lines: [*lines[:10], *lines[3:]]))
    assert "1 duplicate rows dropped" in results.repairs


@pytest.mark.parametrize("name", NAMES)
def test_a_real_month_has_the_published_figures(data, name):
    frame = balancing.read_results(data / name).frame
    assert len(frame) == BLOCKS[name] * 9
    zeroed = frame["price_jpy_per_kw_half_hour"].fillna(0.0).groupby(frame["area"]).mean()
    assert zeroed[["hokkaido", "tohoku", "tokyo", "chubu", "kyushu"]].tolist() == pytest.approx(MEANS[name], abs=0.051)
    required, awarded = frame.groupby("start")[["required_mw", "awarded_mw"]].sum().mean()
    assert (required, awarded) == pytest.approx(NATIONAL_MW[name], abs=0.6)
    assert (frame["awarded_mw"] <= frame["offered_mw"] + 1e-6).all()


def test_real_prices_have_a_shape_over_the_day(data):
    prices = balancing.reserve_prices([balancing.read_results(data / name) for name in NAMES[1:]], "primary")
    assert list(prices) == list(AREAS)
    for price in prices.values():
        assert np.mean(price.hour_shape) == pytest.approx(1.0)
        assert 0.0 < price.sd_log_within_hour <= price.sd_log < 1.5
        assert 0.0 < price.day_share < 1.0
    assert prices["tokyo"].mean_jpy_per_kw_half_hour == pytest.approx(4.73, abs=0.01)
    assert prices["hokuriku"].share_without_award == pytest.approx(0.233, abs=0.001)
