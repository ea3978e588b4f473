"""Readers of traces of work: hand-made files, defects, and the published figures."""

import numpy as np
import pytest

from wattbit.errors import SeriesError
from wattbit.series import workload

POD = "pod-1,12000,16384,1,460,,LS,Running,100,300,120"


def write(tmp_path, columns, rows, end="\n"):
    path = tmp_path / "trace.csv"
    path.write_text("\n".join([",".join(columns), *rows]) + end, encoding="utf-8")
    return path


def test_requests_are_read_without_a_last_line_end(tmp_path):
    rows = ["2023-11-16 18:15:46.6805900,374,44", "2023-11-16 18:15:50.9951690,396,109"]
    read = workload.read_requests(write(tmp_path, workload.LLM_COLUMNS, rows, end=""))
    assert read.frame["generated_tokens"].tolist() == [44.0, 109.0]
    assert str(read.frame["start"].iloc[0]) == "2023-11-16 18:15:46.680590+00:00"
    assert read.repairs == ()
    turned = workload.read_requests(write(tmp_path, workload.LLM_COLUMNS, rows[::-1]))
    assert turned.repairs == ("rows out of order, sorted by time",)


def test_pods_are_read(tmp_path):
    pods = workload.read_pods(write(tmp_path, workload.POD_COLUMNS, [POD, POD.removesuffix("120")]))
    assert pods.frame.iloc[0].tolist() == ["pod-1", "LS", "Running", 1.0, 0.46, 12.0, 100.0, 120.0, 300.0]
    assert np.isnan(pods.frame["scheduled_s"].iloc[1])
    assert pods.repairs == ("1 never scheduled, kept",)


@pytest.mark.parametrize(
    ("read", "columns", "rows", "message"),
    [
        (workload.read_requests, workload.LLM_COLUMNS, ["2023-11-16 18:15:46,37"], "row 2: the file is cut inside"),
        (workload.read_requests, workload.LLM_COLUMNS, ["2023-11-16 18:15:46,37,x"], "GeneratedTokens: is 'x', must"),
        (workload.read_requests, workload.LLM_COLUMNS, ["2023-11-16 18:75:46,3,4"], "TIMESTAMP: is '2023-11-16 18:75"),
        (workload.read_requests, ("TIMESTAMP", "ContextTokens"), ["2023-11-16 18:15:46,3"], "no column 'GeneratedTok"),
        (workload.read_cpu, workload.CPU_COLUMNS, ["1,0.5", "3,0.5"], "row 3, column index: is 3, must be 2, one more"),
        (workload.read_cpu, workload.CPU_COLUMNS, ["1,50"], "row 2, column cpu_load: is 50, must be within [0, 1]"),
        (workload.read_cpu, workload.CPU_COLUMNS, ["1,"], "row 2, column cpu_load: is blank, must be a number"),
        (
            workload.read_pods,
            workload.POD_COLUMNS,
            [POD.replace("300", "30")],
            "deletion_time: is 30, must be at least",
        ),
        (
            workload.read_pods,
            workload.POD_COLUMNS,
            [POD.replace(",460", ",4600")],
            "gpu_milli: is 4600, must be within",
        ),
        (workload.read_pods, workload.POD_COLUMNS, [POD[:30]], "row 2: the file is cut inside this row, 8 of 11 cells"),
        (workload.read_images, workload.IMAGE_COLUMNS, ["2024-11-15 16:57:50,T,S,x,G,1,1,1,1,M,0"], "seconds: is 'x'"),
        (workload.read_nodes, workload.NODE_COLUMNS, ["n-1,32000,262144,-8,G2"], "gpu: is -8, must be within [0, 64]"),
    ],
)
def test_a_defect_ends_in_one_message(tmp_path, read, columns, rows, message):
    path = write(tmp_path, columns, rows)
    with pytest.raises(SeriesError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_trace_without_its_last_line_end_is_refused(tmp_path):
    with pytest.raises(SeriesError, match="row 2: the file is cut inside this row or lacks its last line end"):
        workload.read_pods(write(tmp_path, workload.POD_COLUMNS, [POD], end=""))


def test_a_repeated_week_is_named(tmp_path):
    week = [0.3 + hour / 1000 for hour in range(168)]
    rows = [f"{k},{value:g}" for k, value in enumerate(week * 3)]
    assert workload.read_cpu(write(tmp_path, workload.CPU_COLUMNS, rows)).repairs == (
        "kept, but one week repeated 3 times",
    )
    rows[400] = "400,0.9"
    assert workload.read_cpu(write(tmp_path, workload.CPU_COLUMNS, rows)).repairs == ()


def test_the_real_requests_have_the_published_figures(data):
    for name, rows, per_minute, tokens in (("conv", 19_366, 333, (1020, 129)), ("code", 8_819, 152, (1469, 13))):
        frame = workload.read_requests(data / f"workload/AzureLLMInferenceTrace_{name}.csv.gz").frame
        assert len(frame) == rows
        minutes = (frame["start"].iloc[-1] - frame["start"].iloc[0]).total_seconds() / 60
        assert rows / minutes == pytest.approx(per_minute, rel=0.02)
        assert tuple(frame[["context_tokens", "generated_tokens"]].median()) == pytest.approx(tokens, abs=1)


def test_the_real_loads_have_the_published_figures(data):
    google = workload.read_cpu(data / "workload/GoogleClusteData_CPU_Data_Hourly_1.csv.gz")
    assert (google.place, google.rows, google.repairs) == ("google", 8760, ())
    load = google.frame["load"]
    assert (load.mean(), load.std(), load.min(), load.max()) == pytest.approx((0.68, 0.09, 0.44, 0.94), abs=0.006)
    alibaba = workload.read_cpu(data / "workload/Alibaba_CPU_Data_Hourly_1.csv.gz")
    assert (alibaba.place, alibaba.rows) == ("alibaba", 8904)
    assert alibaba.repairs == ("kept, but one week repeated 53 times",)


def test_the_real_cluster_has_the_published_figures(data):
    pods = workload.read_pods(data / "workload/openb_pod_list_default.csv.gz").frame
    assert len(pods) == 8152
    duration = (pods["deleted_s"] - pods["scheduled_s"]).groupby(pods["class"]).quantile([0.1, 0.5, 0.9]).unstack()
    assert duration.loc["BE"].tolist() == pytest.approx([65, 241, 10_092], rel=0.02)
    assert duration.loc["LS"].tolist() == pytest.approx([79, 896, 6_029], rel=0.02)
    nodes = workload.read_nodes(data / "workload/openb_node_list_all_node.csv.gz").frame
    assert (len(nodes), nodes["gpus"].sum()) == (1523, 6212)


def test_the_real_images_have_the_published_figures(data):
    images = workload.read_images(data / "workload/alibaba_genai_lora_request_trace.csv.gz").frame
    assert len(images) == 26_823
    assert images["exec_s"].quantile([0.5, 0.95]).tolist() == pytest.approx([23, 69], abs=1)
