"""Who computes the whole chain anew and makes all sums fit is found by what certificates are."""

import copy
import re
from pathlib import Path

import pytest

from wattbit.certificates import LedgerError, verify_bytes

ROOT = Path(__file__).resolve().parents[2]

FIRST, SECOND, THIRD = (f"2024-04-01T0{clock}+09:00" for clock in ("0:00", "0:30", "1:00"))


def verdict(forger):
    with pytest.raises(LedgerError) as error:
        verify_bytes(forger.write(), "forged")
    return str(error.value)


def unused(forger, issuance_id, count):
    """A bundle of ids at the end of an issuance, which nobody used."""
    (issuance,) = forger.find("issuance", issuance_id=issuance_id)
    last = issuance["certificate_bundle_id_range_end"]
    return {
        "issuance_id": issuance_id,
        "certificate_bundle_id_range_start": last - count + 1,
        "certificate_bundle_id_range_end": last,
        "bundle_quantity": count,
        "certificate_bundle_status": "cancelled",
    }


def test_the_forger_alone_changes_nothing(forger):
    forger.settle()
    for job in forger.find("cancellation"):
        forger.rebook(job)
    verify_bytes(forger.write(), "untouched")


def test_a_certificate_of_another_half_hour(forger):
    # At 00:30 the north has 5 MWh of sun too many; at 01:00 it is short.
    (job,) = forger.find("cancellation", job_id=f"north-realtime-{THIRD}")
    job["bundles"].append(unused(forger, f"north-solar-{SECOND}", 1000))
    forger.rebook(job)
    forger.settle()
    assert verdict(forger) == (
        f"forged:{forger.line(job)}: half-hour: north-solar-{SECOND}: produced at {SECOND}, used at {THIRD}"
    )


def test_a_certificate_used_twice_by_two_jobs(forger):
    jobs = forger.find("cancellation", site_area="north", consumed_starting_interval=THIRD)
    used = jobs[0]["bundles"][0]
    twice = {**used, "certificate_bundle_id_range_end": used["certificate_bundle_id_range_start"], "bundle_quantity": 1}
    jobs[1]["bundles"].append(twice)
    forger.rebook(jobs[1])
    forger.settle()
    message = verdict(forger)
    assert message.startswith(f"forged:{forger.line(jobs[1])}: used-twice: id ")
    assert message.endswith("of north-wind was cancelled before")


def test_a_certificate_used_twice_in_one_job(forger):
    (job,) = forger.find("cancellation", job_id=f"north-realtime-{THIRD}")
    job["bundles"].append(copy.deepcopy(job["bundles"][0]))
    job["bundles"][1]["bundle_quantity"] = 5
    job["bundles"][1]["certificate_bundle_id_range_end"] = job["bundles"][1]["certificate_bundle_id_range_start"] + 4
    forger.rebook(job)
    forger.settle()
    assert f"forged:{forger.line(job)}: used-twice:" in verdict(forger)


def test_a_certificate_across_a_full_line(forger):
    # At 00:30 north and south are two zones.
    (job,) = forger.find("cancellation", job_id=f"south-training-{SECOND}")
    job["bundles"] = [unused(forger, f"north-solar-{SECOND}", 1000)]
    forger.rebook(job)
    forger.settle()
    assert verdict(forger) == (
        f"forged:{forger.line(job)}: reachable: north-solar-{SECOND}: produced in price zone north, used in south: "
        "the lines between them are full"
    )
    # ... nor does it help to say that one job is in the other zone.
    job["price_zone"] = "north"
    assert f"forged:{forger.line(job)}: zone: south is in two price zones at {SECOND}" in verdict(forger)


def test_a_certificate_that_was_never_issued(forger):
    (job,) = forger.find("cancellation", job_id=f"north-realtime-{THIRD}")
    bundle = job["bundles"][0]
    before = bundle["certificate_bundle_id_range_start"], bundle["certificate_bundle_id_range_end"]
    bundle["certificate_bundle_id_range_start"], bundle["certificate_bundle_id_range_end"] = (k + 10**7 for k in before)
    assert f"forged:{forger.line(job)}: never-issued: ids" in verdict(forger)
    bundle["issuance_id"] = f"north-solar-{THIRD}"
    assert f"never-issued: north-solar-{THIRD} was not issued before" in verdict(forger)


def test_a_certificate_that_is_used_before_it_is_issued(forger):
    (issuance,) = forger.find("issuance", issuance_id=f"north-wind-{THIRD}")
    forger.records.remove(issuance)
    forger.records.insert(-1, issuance)
    assert "never-issued" in verdict(forger)


@pytest.mark.parametrize(("shift", "rule"), [(-1, "issued-twice: id"), (1, "ids: ids of north-wind go on at")])
def test_ids_that_overlap_or_leave_a_gap(forger, shift, rule):
    (issuance,) = forger.find("issuance", issuance_id=f"north-wind-{THIRD}")
    issuance["certificate_bundle_id_range_start"] += shift
    issuance["certificate_bundle_id_range_end"] += shift
    assert f"forged:{forger.line(issuance)}: {rule}" in verdict(forger)


def test_two_issuances_of_one_device_and_half_hour(forger):
    (issuance,) = forger.find("issuance", issuance_id=f"north-wind-{THIRD}")
    again = copy.deepcopy(issuance)
    again["certificate_bundle_id_range_start"] += again["bundle_quantity"]
    again["certificate_bundle_id_range_end"] += again["bundle_quantity"]
    forger.records.insert(forger.line(issuance), again)
    assert "issuance: certificates of north-wind at 2024-04-01T01:00+09:00 are issued twice" in verdict(forger)


def test_more_than_the_device_can_give(forger):
    (device,) = forger.find("device", device_id="north-solar")
    # 9 MWh in half an hour are 18 MW.
    assert device["capacity_kw"] == 18_001
    device["capacity_kw"] = 17_999
    (issuance,) = forger.find("issuance", issuance_id=f"north-solar-{SECOND}")
    assert verdict(forger) == (
        f"forged:{forger.line(issuance)}: capacity: 9000000 Wh of north-solar at {SECOND}: "
        "17999 kW give at most 8999500 Wh in half an hour"
    )


def test_more_matched_than_used(forger):
    (job,) = forger.find("cancellation", job_id=f"north-realtime-{SECOND}")
    job["bundles"].append(unused(forger, f"north-solar-{SECOND}", 1000))
    forger.rebook(job)
    job["residual_co2_g"] = 0
    forger.settle()
    assert "matched: 1601000 Wh are matched, only 1600000 Wh were used" in verdict(forger)


def test_less_use_than_the_pue_says(forger):
    (job,) = forger.find("cancellation", job_id=f"south-realtime-{SECOND}")
    job["facility_wh"] -= 1_000_000
    forger.rebook(job)
    forger.settle()
    assert f"forged:{forger.line(job)}: pue: facility_wh is 1400000, it_wh times pue is 2400000" in verdict(forger)


def test_co2_that_does_not_fit(forger):
    (job,) = forger.find("cancellation", job_id=f"south-realtime-{THIRD}")
    job["residual_co2_g"] -= 1
    assert "co2: residual_co2_g is" in verdict(forger)


def test_use_that_was_left_out(forger):
    # Dropping what was not matched would make the score look better.
    for job in forger.find("cancellation", site_area="south", consumed_starting_interval=THIRD):
        forger.records.remove(job)
    forger.settle()
    assert "closing: south: 1 half hours have no record of what was used" in verdict(forger)


def test_a_job_recorded_twice(forger):
    (job,) = forger.find("cancellation", job_id=f"south-realtime-{THIRD}")
    forger.records.insert(forger.line(job), {**copy.deepcopy(job), "bundles": []})
    assert f"job: {job['job_id']} is recorded twice" in verdict(forger)


def test_other_than_what_the_world_counted(forger):
    (job,) = forger.find("cancellation", job_id=f"north-realtime-{FIRST}")
    job["bundles"] = []
    forger.rebook(job)
    forger.settle()
    assert "world: north: matched_wh is 7200000, the world counted 8800000; rounding explains" in verdict(forger)


@pytest.mark.parametrize("key", ["records", "issued_wh", "facility_wh", "matched_wh", "unused_wh"])
def test_sums_that_do_not_fit(forger, key):
    forger.records[-1][key] += 1
    assert f"closing: {key} is" in verdict(forger)


@pytest.mark.parametrize("key", ["issued_wh", "facility_wh", "matched_wh"])
def test_sums_of_a_site_that_do_not_fit(forger, key):
    forger.records[-1]["sites"][1][key] += 1
    assert f"closing: south: {key} is" in verdict(forger)


@pytest.mark.parametrize(
    ("begin", "end", "message"),
    [
        ("2024-04-01T01:30+09:00", "2024-04-01T02:00+09:00", "is outside the period"),
        ("2024-04-01T00:45+09:00", "2024-04-01T01:15+09:00", "is no half hour of this ledger"),
        ("2024-04-01T01:00+09:00", "2024-04-01T02:00+09:00", "is no half hour of this ledger"),
        ("2024-04-01T00:30+09:00", "2024-04-01T01:00+09:00", "comes after a later half hour"),
        ("2024-03-31T16:00+00:00", "2024-03-31T16:30+00:00", "is not in the time zone"),
        ("2024-04-31T01:00+09:00", "2024-04-01T01:30+09:00", "is no time"),
    ],
)
def test_times_that_do_not_fit(forger, begin, end, message):
    (job,) = forger.find("cancellation", job_id=f"south-training-{THIRD}")
    job["consumed_starting_interval"], job["consumed_ending_interval"] = begin, end
    found = verdict(forger)
    assert found.startswith(f"forged:{forger.line(job)}: interval: ")
    assert message in found


def _double_opening(forger):
    forger.records.insert(1, forger.records[0])


def _no_opening(forger):
    del forger.records[0]


def _after_the_end(forger):
    forger.records.append(forger.records[-1])


def _device_twice(forger):
    forger.records.insert(2, forger.records[1])


def _device_elsewhere(forger):
    forger.records[1]["location"] = "east"


def _device_unknown(forger):
    del forger.records[1]


def _site_elsewhere(forger):
    forger.find("cancellation")[0]["site_area"] = "east"


def _area_twice(forger):
    forger.records[0]["areas"] = ["north", "north"]


def _kind(forger):
    forger.records[3]["kind"] = ["device"]


def _new_field(forger):
    forger.records[1]["discount"] = 1


def _text_for_number(forger):
    forger.find("issuance")[0]["bundle_quantity"] = "9"


def _negative(forger):
    forger.find("cancellation")[0]["facility_wh"] = -1


def _size(forger):
    forger.find("issuance")[0]["bundle_quantity"] += 1


def _issuance_name(forger):
    forger.find("issuance")[0]["issuance_id"] += "x"


def _job_name(forger):
    forger.find("cancellation")[0]["job_id"] += "x"


def _matched_sum(forger):
    forger.find("cancellation")[0]["matched_wh"] -= 1


def _sites(forger):
    forger.records[-1]["sites"].reverse()


@pytest.mark.parametrize(
    ("forge", "message"),
    [
        (_double_opening, "forged:2: opening: the first record, and no other"),
        (_no_opening, "forged:1: opening: the first record, and no other"),
        (_after_the_end, "end: there is a record after the closing record"),
        (_device_twice, "forged:3: device: north-solar is registered twice"),
        (_device_elsewhere, "forged:2: device: north-solar is in 'east', no area of this ledger"),
        (_device_unknown, "device: north-solar is not registered"),
        (_site_elsewhere, "job: 'east' is no area of this ledger"),
        (_area_twice, "forged:1: opening: an area is named twice"),
        (_kind, "forged:4: fields: kind is ['device'], must be one of opening, device"),
        (_new_field, "forged:2: fields: device: discount: Extra inputs are not permitted"),
        (_text_for_number, "fields: issuance: bundle_quantity: Input should be a valid integer"),
        (_negative, "fields: cancellation: facility_wh: Input should be greater than or equal to 0"),
        (_size, "ids: ids 0-5999999 are 6000000, bundle_quantity is 6000001"),
        (_issuance_name, "issuance: issuance_id is 'north-solar-2024-04-01T00:00+09:00x'"),
        (_job_name, "job: job_id is 'north-realtime-2024-04-01T00:00+09:00x'"),
        (_matched_sum, "matched: matched_wh is 1599999, its bundles add up to 1600000"),
        (_sites, "closing: sites are not the areas of the opening record"),
    ],
)
def test_records_that_do_not_fit(forger, forge, message):
    forge(forger)
    assert message in verdict(forger)


def test_the_page_names_every_rule_and_no_other():
    page = (ROOT / "docs" / "certificates.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([a-z0-9-]+)` \|", page.split("## Rules")[1], flags=re.MULTILINE))
    sources = [ROOT / "envs" / "wattbit" / "certificates" / name for name in ("rules.py", "verify.py")]
    text = " ".join(path.read_text(encoding="utf-8") for path in sources)
    raised = set(re.findall(r'RuleBroken\(\s*"([a-z0-9-]+)"', text)) | {"interval", "last-hash"}
    assert listed == raised
