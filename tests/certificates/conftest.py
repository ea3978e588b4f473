"""A ledger small enough to work by hand, and a way to write a forged one whose chain is whole."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from wattbit.certificates import WeekOfMatching, chained_lines, ledger_records

JST = timezone(timedelta(hours=9))


def build_week(certificates_mwh, load_mwh, zone, work_mwh=None):
    """A week whose world matched what it should, with a PUE of 1.25 and as much capacity as it needs."""
    certificates = np.asarray(certificates_mwh, float)
    load = np.asarray(load_mwh, float)
    zone = np.asarray(zone)
    if work_mwh is None:
        work_mwh = 0.5 * load[:, :, None] * np.array([0.4, 0.3, 0.2, 0.1])
    matched = np.zeros_like(load)
    for t in range(len(load)):
        for z in set(zone[t].tolist()):
            inside = zone[t] == z
            total = load[t, inside].sum()
            share = min(total, certificates[t, inside].sum()) / total if total else 0.0
            matched[t, inside] = share * load[t, inside]
    values = {
        "areas": ("north", "south", "west")[: load.shape[1]],
        "start": datetime(2024, 4, 1, tzinfo=JST),
        "certificates_mwh": certificates,
        "capacity_mw": 2.0 * certificates.max(axis=0),
        "load_mwh": load,
        "it_mwh": load / 1.25,
        "work_mwh": np.asarray(work_mwh, float),
        "matched_mwh": matched,
        "zone": zone,
        "carbon_kg_per_mwh": np.full(load.shape, 400.0),
        "facts": {"policy": "by hand", "week": 0},
    }
    return WeekOfMatching(**values)


@pytest.fixture(scope="session")
def week_of():
    """Build a week from certificates (time, area, technology), load (time, area) and zone (time, area)."""
    return build_week


@pytest.fixture(scope="session")
def week():
    """Two areas, three half hours: one price zone, then two, then one at night with too little of everything."""
    return build_week(
        certificates_mwh=[[[6, 2, 0], [1, 1, 2]], [[9, 0, 0], [0, 1, 0]], [[0, 2, 0], [0, 0, 0]]],
        load_mwh=[[4, 6], [4, 6], [4, 6]],
        zone=[[0, 0], [0, 1], [0, 0]],
    )


@pytest.fixture(scope="session")
def records(week):
    """Its records as plain objects, without hashes."""
    return [record.model_dump() for record in ledger_records(week)]


@pytest.fixture(scope="session")
def content(records):
    """Its file."""
    return "".join(chained_lines(records)).encode()


class Forger:
    """Records that may be changed; :meth:`write` makes sums and chain fit again."""

    def __init__(self, records):
        self.records = copy.deepcopy(records)

    def find(self, kind, **fields):
        """Records of one kind with these values."""
        return [r for r in self.records if r["kind"] == kind and all(r[key] == v for key, v in fields.items())]

    def line(self, record):
        """Line number of a record, after all changes."""
        return 1 + next(k for k, r in enumerate(self.records) if r is record)

    def settle(self):
        """Make every sum fit what the records now say, apart from what the world counted."""
        closing = self.records[-1]
        location = {r["device_id"]: r["location"] for r in self.find("device")}
        for site in closing["sites"]:
            jobs = self.find("cancellation", site_area=site["area"])
            issued = [r for r in self.find("issuance") if location.get(r["device_id"]) == site["area"]]
            site["issued_wh"] = sum(r["bundle_quantity"] for r in issued)
            site["facility_wh"] = sum(r["facility_wh"] for r in jobs)
            site["matched_wh"] = sum(r["matched_wh"] for r in jobs)
        for key in ("issued_wh", "facility_wh", "matched_wh"):
            closing[key] = sum(site[key] for site in closing["sites"])
        closing["unused_wh"] = closing["issued_wh"] - closing["matched_wh"]
        closing["records"] = len(self.records)

    def rebook(self, job):
        """Make a job's sums fit its bundles."""
        job["matched_wh"] = sum(bundle["bundle_quantity"] for bundle in job["bundles"])
        job["residual_co2_g"] = round((job["facility_wh"] - job["matched_wh"]) * job["residual_kg_per_mwh"] / 1000)

    def write(self):
        """The file, with a chain that is whole."""
        return "".join(chained_lines(self.records)).encode()


@pytest.fixture
def forger(records):
    """Records of the small ledger, to forge."""
    return Forger(records)


@pytest.fixture(scope="session")
def lines(content):
    """Lines of the small ledger, parsed."""
    return [json.loads(line) for line in content.splitlines()]
