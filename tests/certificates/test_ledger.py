"""A clean ledger keeps its rules, its sums are exact, and its scores are those worked by hand."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wattbit.certificates import chained_lines, ledger_records, score_records, verify_bytes
from wattbit.certificates.week import CertificateError


def written(week):
    return "".join(chained_lines(record.model_dump() for record in ledger_records(week))).encode()


def test_a_clean_ledger_keeps_every_rule(content, records):
    verified = verify_bytes(content, "ledger")
    assert [record.model_dump() for record in verified.records] == records
    assert verified.last_hash == json.loads(content.splitlines()[-1])["hash"]


def test_the_hash_is_sha_256_of_previous_hash_and_canonical_record(lines):
    previous = "0" * 64
    for line in lines:
        assert line["previous_hash"] == previous
        record = {key: value for key, value in line.items() if key != "hash"}
        text = json.dumps(record, sort_keys=True, separators=(",", ":"))
        assert line["hash"] == hashlib.sha256((previous + text).encode()).hexdigest()
        previous = line["hash"]


def test_matching_by_hand(week, records):
    """
    Half hour 1: one zone, 12 MWh for 10: all matched, south gets 4 of its own and 2 of the north's. 2: two zones, north
    9 for 4, south 1 for 6. 3: one zone, 2 for 10, in proportion to load: 0.8 and 1.2.
    """
    jobs = [record for record in records if record["kind"] == "cancellation"]
    matched = {
        (area, begin[11:16]): sum(
            job["matched_wh"] for job in jobs if job["site_area"] == area and job["consumed_starting_interval"] == begin
        )
        for area in ("north", "south")
        for begin in sorted({job["consumed_starting_interval"] for job in jobs})
    }
    assert matched == {
        ("north", "00:00"): 4_000_000,
        ("north", "00:30"): 4_000_000,
        ("north", "01:00"): 800_000,
        ("south", "00:00"): 6_000_000,
        ("south", "00:30"): 1_000_000,
        ("south", "01:00"): 1_200_000,
    }
    from_north = [
        bundle["bundle_quantity"]
        for job in jobs
        if job["site_area"] == "south" and job["consumed_starting_interval"].startswith("2024-04-01T00:00")
        for bundle in job["bundles"]
        if bundle["issuance_id"].startswith("north")
    ]
    assert sum(from_north) == 2_000_000


def test_a_job_holds_its_share_of_the_facility(records):
    # South, 6 MWh at PUE 1.25: realtime has 0.4 of the IT energy, so 2.4 MWh of the facility and 1.92 MWh of IT.
    job = next(r for r in records if r.get("job_id", "").startswith("south-realtime"))
    assert (job["facility_wh"], job["it_wh"], job["pue"]) == (2_400_000, 1_920_000, 1.25)
    assert job["matched_wh"] == 2_400_000
    assert job["residual_co2_g"] == 0


def test_scores_by_hand(week):
    # 17 of 30 MWh matched in their half hour; 24 issued. The rest, 13 MWh, from a mix of 400 kg/MWh: none of it is
    # carbon-free if the fossil part is gas (396), 1 - 400/863 of it if it is coal.
    scores = score_records(ledger_records(week))
    assert scores.strict_re == pytest.approx(17 / 30)
    assert scores.annual == pytest.approx(24 / 30)
    assert scores.cfe_low == pytest.approx(17 / 30)
    assert scores.cfe_high == pytest.approx((17 + 13 * (1 - 400 / 863)) / 30)
    assert scores.residual_co2_g == 13 * 400 * 1000


def test_a_year_that_matches_can_hide_hours_that_do_not(week_of):
    # All sun: twice the load in every second half hour.
    week = week_of([[[4, 0, 0]], [[0, 0, 0]]] * 2, [[2.0]] * 4, [[0]] * 4)
    scores = score_records(ledger_records(week))
    assert (scores.annual, scores.strict_re) == (1.0, 0.5)


def test_a_site_without_work_is_idle_and_one_without_power_has_no_pue(week_of):
    week = week_of([[[1, 0, 0]]] * 2, [[2.0], [0.0]], [[0]] * 2, work_mwh=np.zeros((2, 1, 4)))
    jobs = [record for record in ledger_records(week) if record.kind == "cancellation"]
    assert [(job.work, job.facility_wh, job.pue) for job in jobs] == [("idle", 2_000_000, 1.25), ("idle", 0, None)]
    verify_bytes(written(week), "idle")


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 4))
def test_any_week_makes_a_ledger_that_keeps_its_rules_with_exact_sums(week_of, seed, areas, steps):
    draw = np.random.default_rng(seed)
    zone = np.where(draw.random((steps, areas)) < 0.5, 0, np.arange(areas))
    zone[:, 0] = 0
    certificates = draw.exponential(2.0, (steps, areas, 3)) * (draw.random((steps, areas, 3)) < 0.7)
    work = draw.exponential(1.0, (steps, areas, 4)) * (draw.random((steps, areas, 4)) < 0.8)
    load = (work.sum(axis=2) + draw.random((steps, areas))) * 1.25
    week = week_of(certificates, load, zone, work)
    verified = verify_bytes(written(week), "any")
    closing = verified.records[-1]
    for r, site in enumerate(closing.sites):
        assert site.facility_wh == sum(round(x * 1e6) for x in load[:, r].tolist())
        assert site.issued_wh == sum(int(x * 1e6) for x in certificates[:, r].ravel().tolist())
        assert abs(site.matched_wh - site.world_matched_wh) <= steps * (1 + 3 * areas)
    used = sum(b.bundle_quantity for r in verified.records if r.kind == "cancellation" for b in r.bundles)
    assert used == closing.matched_wh == closing.issued_wh - closing.unused_wh


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"load_mwh": np.full((3, 2), -1.0)}, r"load_mwh at \(0, 0\) is -1.0, must be finite and at least 0"),
        ({"matched_mwh": np.full((3, 2), np.nan)}, r"matched_mwh at \(0, 0\) is nan"),
        ({"it_mwh": np.zeros((3, 1))}, r"it_mwh has shape \(3, 1\), expected \(3, 2\)"),
        ({"zone": np.ones((3, 2), int) * [1, 0]}, "zone: each must be the position of the first area"),
        ({"zone": np.full((3, 2), 2)}, "zone: each must be the position of the first area"),
    ],
)
def test_a_bad_week_is_refused(week, changes, message):
    values = {name: getattr(week, name) for name in week.__dataclass_fields__}
    with pytest.raises(CertificateError, match=message):
        type(week)(**{**values, **changes})


def test_power_without_it_is_refused(week):
    values = {name: getattr(week, name) for name in week.__dataclass_fields__}
    bad = type(week)(**{**values, "it_mwh": np.zeros((3, 2))})
    with pytest.raises(CertificateError, match="north at 2024-04-01T00:00"):
        list(ledger_records(bad))
