"""Readers of line capacity and flow: hand-made lines, defects, and the published figures."""

import pytest

from wattbit.errors import SeriesError
from wattbit.series import intertie

CAPACITY = "grid/interconnector_capacity.csv"
FLOW = "grid/occto_intertie_flow_30min_20260401_20260821.csv.gz"
FLOW_HEADER = "datetime_jst,intertie,source_area,target_area,flow_mw"
CAPACITY_HEADER = ",".join(intertie.CAPACITY_COLUMNS)

# min, p5, median, p95, max. MW
FIGURES = {
    "hokkaido_honshu": (-510, -209, 228, 549, 678),
    "soma_futaba": (-401, 1499, 3283, 5230, 5487),
    "frequency_converters": (-1206, -1183, -579, 1137, 1223),
    "kanmon": (-2840, -2296, -1602, -457, 503),
}


def days(tmp_path, change=lambda lines: lines, numbers=(1, 3)):
    """Days of April 2026 over three lines, one of them always zero."""
    lines = [FLOW_HEADER]
    for day in numbers:
        for slot in range(48):
            stamp = f"2026-04-{day:02d} {slot // 2:02d}:{slot % 2 * 30:02d}"
            lines += [
                f"{stamp},関門連系線,中国,九州,{-1000 - slot}",
                f"{stamp},中部フェンス,不明,不明,{10.5 * day}",
                f"{stamp},三重東近江線,中部,関西,0",
            ]
    path = tmp_path / "flow.csv"
    path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")
    return path


def capacity(tmp_path, *rows):
    path = tmp_path / "capacity.csv"
    path.write_text("\n".join([CAPACITY_HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def refusal(read, path):
    with pytest.raises(SeriesError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_hand_made_days_are_read(tmp_path):
    flow = intertie.read_flow(days(tmp_path))
    assert flow.repairs == ("1 of 3 days missing", "zero in every row, left out: mie_higashiomi")
    assert len(flow.frame) == 2 * 48 * 2
    first = flow.frame[flow.frame["line"] == "kanmon"].iloc[1]
    assert (first["from_area"], first["to_area"], first["flow_mw"]) == ("chugoku", "kyushu", -1001.0)
    assert str(first["start"]) == "2026-04-01 00:30:00+09:00"
    fence = flow.frame[flow.frame["line"] == "chubu_fence"].iloc[0]
    assert (fence["from_area"], fence["to_area"]) == ("", "")


def test_duplicates_and_disorder_are_repaired(tmp_path):
    flow = intertie.read_flow(days(tmp_path, lambda lines: [lines[0], *lines[:0:-1], *lines[1:4]]))
    assert "3 duplicate rows dropped" in flow.repairs
    assert flow.frame["start"].is_monotonic_increasing


def test_a_line_that_is_away_for_a_day_is_counted(tmp_path):
    flow = intertie.read_flow(
        days(tmp_path, lambda lines: [line for line in lines if not ("04-03" in line and "関門" in line)])
    )
    assert "1 days of single lines missing besides" in flow.repairs


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [*lines[:50], lines[50][:12]], "row 51: the file is cut inside this row"),
        (lambda lines: lines[:200], "kanmon has 19 half hours on 2026-04-03, must have 48; was the file cut?"),
        (lambda lines: [line.replace("flow_mw", "flow") for line in lines], "row 1: no column 'flow_mw'; must have"),
        (lambda lines: [lines[0] + ",more", *(line + ",1" for line in lines[1:])], "column 'more' is not known"),
        (lambda lines: [lines[0], lines[1].replace("-1000", "x"), *lines[2:]], "row 2, column flow_mw: is 'x', must"),
        (lambda lines: [lines[0], lines[1].replace("-1000", ""), *lines[2:]], "row 2, column flow_mw: is blank"),
        (lambda lines: [lines[0], lines[1].replace("-1000", "-1e9"), *lines[2:]], "must be within [-20000, 20000]"),
        (
            lambda lines: [lines[0], lines[1].replace("関門", "閑門"), *lines[2:]],
            "column intertie: is '閑門連系線', must",
        ),
        (lambda lines: [lines[0], lines[1].replace("九州", "沖縄"), *lines[2:]], "column target_area: is '沖縄', must"),
        (lambda lines: [lines[0], lines[1].replace("00:00", "25:00"), *lines[2:]], "must be a time like 2026-04-01"),
        (lambda lines: [lines[0], lines[1].replace("00:00", "00:10"), *lines[2:]], "must be a half hour"),
        (lambda lines: [*lines, lines[1].replace("-1000", "7")], "row 290, column flow_mw: is 7, but another row"),
    ],
)
def test_a_defect_of_the_flow_ends_in_one_message(tmp_path, change, message):
    assert message in refusal(intertie.read_flow, days(tmp_path, change))


def test_a_flow_file_without_its_last_line_end_is_refused(tmp_path):
    path = days(tmp_path)
    path.write_text(path.read_text(encoding="utf-8")[:-1], encoding="utf-8")
    assert "row 289: the file is cut inside this row or lacks its last line end" in refusal(intertie.read_flow, path)


def test_hand_made_capacities_are_read(tmp_path):
    read = intertie.read_capacity(
        capacity(
            tmp_path,
            "chugoku,kyushu,関門連系線,2780,2780,-2840,503",
            "tohoku,tokyo,相馬双葉幹線,5730,6050,,",
            "chubu,hokuriku,北陸フェンス,1200,,-1554,759",
        )
    )
    assert read.repairs == (
        "two sources disagree on 1 lines (soma_futaba), both kept",
        "one source only for hokuriku_fence",
    )
    assert read.frame["capacity_b_mw"].isna().tolist() == [False, False, True]
    assert read.frame["flow_low_mw"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("chugoku,kyushu,関門連系線,,,-2840,503", "row 2, column capacity_mw_source_a: is blank in both sources"),
        ("chugoku,kyushu,関門連系線,-5,2780,-2840,503", "must be within [0, 20000]"),
        ("chugoku,okinawa,関門連系線,2780,2780,-2840,503", "column to_area: is 'okinawa', must be one of hokkaido"),
        ("chugoku,kyushu,関門連系線,2780", "row 2: the file is cut inside this row, 4 of 7 cells"),
        ("chugoku,kyushu,関門連系線,27O0,2780,-2840,503", "is '27O0', must be a number"),
    ],
)
def test_a_defect_of_the_capacity_ends_in_one_message(tmp_path, row, message):
    assert message in refusal(intertie.read_capacity, capacity(tmp_path, row))


def test_the_same_line_twice_is_refused(tmp_path):
    row = "chugoku,kyushu,関門連系線,2780,2780,-2840,503"
    assert "row 3, column occto_name: is '関門連系線' a second time" in refusal(
        intertie.read_capacity, capacity(tmp_path, row, row)
    )


def test_the_real_flow_has_the_published_figures(data):
    flow = intertie.read_flow(data / FLOW)
    assert flow.frame["start"].nunique() == 142 * 48
    # 13 lines, three of them published as zero and on no gap: 88,080 rows in the file.
    assert len(flow.frame) + 3 * 142 * 48 == 88_080
    by_line = flow.frame.groupby("line")["flow_mw"]
    for line, figures in FIGURES.items():
        part = by_line.get_group(line)
        found = (part.min(), *part.quantile([0.05, 0.5, 0.95]), part.max())
        assert found == pytest.approx(figures, abs=0.6)


def test_the_real_capacities_disagree_on_five_lines(data):
    read = intertie.read_capacity(data / CAPACITY)
    assert len(read.frame) == 11
    assert read.repairs[0].startswith("two sources disagree on 5 lines")
    flow = intertie.read_flow(data / FLOW).frame.groupby("line")["flow_mw"].agg(["min", "max"])
    seen = read.frame.dropna(subset="flow_low_mw").set_index("line")
    assert flow.loc[seen.index, "min"].tolist() == pytest.approx(seen["flow_low_mw"].tolist(), abs=0.6)
    assert flow.loc[seen.index, "max"].tolist() == pytest.approx(seen["flow_high_mw"].tolist(), abs=0.6)
