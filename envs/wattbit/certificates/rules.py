"""Rules of a ledger of certificates, checked record by record; each holds whoever computed the chain."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from wattbit.certificates.build import residual_co2_g
from wattbit.certificates.records import Bundle, Cancellation, Closing, Device, Issuance, Opening, Record
from wattbit.certificates.week import HALF_HOUR

ROUNDING_WH: Final = 3
"""What rounding IT and facility energy of one job to whole Wh, and its PUE, can make, beside a millionth of it."""


class RuleBroken(Exception):  # noqa: N818 - what happened, not a failure of the program
    """A record breaks a rule; the message says how."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class LedgerRules:
    """Everything that must hold between the records of one ledger: give each to :meth:`add`, then :meth:`finish`."""

    def __init__(self) -> None:
        self._opening: Opening | None = None
        self._closing: Closing | None = None
        self._start = self._now = datetime.min
        self._n_records = 0
        self._devices: dict[str, Device] = {}
        self._next_id: dict[str, int] = {}
        self._issuances: dict[str, Issuance] = {}
        self._cancelled: dict[str, list[Bundle]] = defaultdict(list)
        self._jobs: set[tuple[str, str, str]] = set()
        self._zones: dict[tuple[str, str], str] = {}
        self._site_times: dict[str, set[str]] = defaultdict(set)
        self._issued: dict[str, int] = defaultdict(int)
        self._facility: dict[str, int] = defaultdict(int)
        self._matched: dict[str, int] = defaultdict(int)

    def add(self, record: Record) -> None:
        """
        Check the next record against all before it.

        Raises
        ------
        RuleBroken
            With the name of the rule.
        """
        self._n_records += 1
        if self._closing is not None:
            raise RuleBroken("end", "there is a record after the closing record")
        if (self._opening is None) != isinstance(record, Opening):
            raise RuleBroken("opening", "the first record, and no other, must be the opening record")
        if isinstance(record, Opening):
            self._open(record)
        elif isinstance(record, Device):
            self._register(record)
        elif isinstance(record, Issuance):
            self._issue(record)
        elif isinstance(record, Cancellation):
            self._cancel(record)
        else:
            self._close(record)

    def finish(self) -> None:
        """
        Check that the ledger is complete.

        Raises
        ------
        RuleBroken
            If there is no closing record.
        """
        if self._closing is None:
            raise RuleBroken("end", "no closing record follows; the file is cut off")

    def _open(self, record: Opening) -> None:
        self._opening = record
        if len(set(record.areas)) < len(record.areas):
            raise RuleBroken("opening", "an area is named twice")
        self._start = self._now = _moment("opening", record.period_start)

    def _register(self, record: Device) -> None:
        assert self._opening is not None
        if record.device_id in self._devices:
            raise RuleBroken("device", f"{record.device_id} is registered twice")
        if record.location not in self._opening.areas or record.grid != record.location:
            raise RuleBroken("device", f"{record.device_id} is in {record.location!r}, no area of this ledger")
        self._devices[record.device_id] = record
        self._next_id[record.device_id] = 0

    def _interval(self, begin_text: str, end_text: str, area: str, zone: str) -> None:
        """Check that a half hour lies in the period, not before the record before, and that an area has one zone."""
        assert self._opening is not None
        begin, end = _moment("interval", begin_text), _moment("interval", end_text)
        if end - begin != HALF_HOUR or (begin - self._start) % HALF_HOUR:
            raise RuleBroken("interval", f"{begin_text} to {end_text} is no half hour of this ledger")
        if not self._start <= begin < self._start + self._opening.half_hours * HALF_HOUR:
            raise RuleBroken("interval", f"{begin_text} is outside the period of this ledger")
        if begin < self._now:
            raise RuleBroken("interval", f"{begin_text} comes after a later half hour")
        if begin_text != begin.isoformat(timespec="minutes") or begin.utcoffset() != self._start.utcoffset():
            raise RuleBroken("interval", f"{begin_text} is not in the time zone of this ledger")
        self._now = begin
        if self._zones.setdefault((begin_text, area), zone) != zone:
            raise RuleBroken("zone", f"{area} is in two price zones at {begin_text}")

    def _issue(self, record: Issuance) -> None:
        device = self._devices.get(record.device_id)
        if device is None:
            raise RuleBroken("device", f"{record.device_id} is not registered")
        begin = record.production_starting_interval
        self._interval(begin, record.production_ending_interval, device.location, record.issue_market_zone)
        if record.issuance_id != f"{record.device_id}-{begin}":
            raise RuleBroken("issuance", f"issuance_id is {record.issuance_id!r}, must name device and half hour")
        if record.issuance_id in self._issuances:
            raise RuleBroken("issuance", f"certificates of {record.device_id} at {begin} are issued twice")
        first, last = _id_range(record)
        expected = self._next_id[record.device_id]
        if first < expected:
            raise RuleBroken("issued-twice", f"id {first} of {record.device_id} was issued before")
        if first > expected:
            raise RuleBroken("ids", f"ids of {record.device_id} go on at {first}, must go on at {expected}")
        most_wh = device.capacity_kw * 500
        if record.bundle_quantity > most_wh:
            raise RuleBroken(
                "capacity",
                f"{record.bundle_quantity} Wh of {record.device_id} at {begin}: "
                f"{device.capacity_kw} kW give at most {most_wh} Wh in half an hour",
            )
        self._next_id[record.device_id] = last + 1
        self._issuances[record.issuance_id] = record
        self._issued[device.location] += record.bundle_quantity

    def _cancel(self, record: Cancellation) -> None:
        assert self._opening is not None
        begin = record.consumed_starting_interval
        if record.site_area not in self._opening.areas:
            raise RuleBroken("job", f"{record.site_area!r} is no area of this ledger")
        self._interval(begin, record.consumed_ending_interval, record.site_area, record.price_zone)
        job = (record.site_area, record.work, begin)
        if record.job_id != "-".join(job):
            raise RuleBroken("job", f"job_id is {record.job_id!r}, must name site, class of work and half hour")
        if job in self._jobs:
            raise RuleBroken("job", f"{record.job_id} is recorded twice")
        self._jobs.add(job)
        self._check_energy(record)
        for bundle in record.bundles:
            self._use(bundle, record)
        self._site_times[record.site_area].add(begin)
        self._facility[record.site_area] += record.facility_wh
        self._matched[record.site_area] += record.matched_wh

    def _check_energy(self, record: Cancellation) -> None:
        """Facility energy is IT energy times PUE; it is not covered twice; its CO2 is that of the rest."""
        expected = record.it_wh * (record.pue if record.pue is not None else 0.0)
        if abs(record.facility_wh - expected) > ROUNDING_WH + 1e-6 * record.it_wh:
            raise RuleBroken("pue", f"facility_wh is {record.facility_wh}, it_wh times pue is {expected:.0f}")
        covered = sum(bundle.bundle_quantity for bundle in record.bundles)
        if covered != record.matched_wh:
            raise RuleBroken("matched", f"matched_wh is {record.matched_wh}, its bundles add up to {covered}")
        if covered > record.facility_wh:
            raise RuleBroken("matched", f"{covered} Wh are matched, only {record.facility_wh} Wh were used")
        grams = residual_co2_g(record.facility_wh - covered, record.residual_kg_per_mwh)
        if record.residual_co2_g != grams:
            raise RuleBroken("co2", f"residual_co2_g is {record.residual_co2_g}, must be {grams}")

    def _use(self, bundle: Bundle, record: Cancellation) -> None:
        """Certificates exist, were not used before, and are of this half hour and price zone."""
        issuance = self._issuances.get(bundle.issuance_id)
        if issuance is None:
            raise RuleBroken("never-issued", f"{bundle.issuance_id} was not issued before")
        first, last = _id_range(bundle)
        low, high = _id_range(issuance)
        if first < low or last > high:
            raise RuleBroken(
                "never-issued", f"ids {first}-{last} are not in {bundle.issuance_id}, which has {low}-{high}"
            )
        if issuance.production_starting_interval != record.consumed_starting_interval:
            raise RuleBroken(
                "half-hour",
                f"{bundle.issuance_id}: produced at {issuance.production_starting_interval}, "
                f"used at {record.consumed_starting_interval}",
            )
        if issuance.issue_market_zone != record.price_zone:
            raise RuleBroken(
                "reachable",
                f"{bundle.issuance_id}: produced in price zone {issuance.issue_market_zone}, "
                f"used in {record.price_zone}: the lines between them are full",
            )
        for other in self._cancelled[bundle.issuance_id]:
            other_first, other_last = _id_range(other)
            if first <= other_last and other_first <= last:
                raise RuleBroken(
                    "used-twice", f"id {max(first, other_first)} of {issuance.device_id} was cancelled before"
                )
        self._cancelled[bundle.issuance_id].append(bundle)

    def _close(self, record: Closing) -> None:
        assert self._opening is not None
        self._closing = record
        if record.records != self._n_records:
            raise RuleBroken("closing", f"records is {record.records}, the file has {self._n_records} lines up to here")
        if [site.area for site in record.sites] != self._opening.areas:
            raise RuleBroken("closing", "sites are not the areas of the opening record")
        for site in record.sites:
            missing = self._opening.half_hours - len(self._site_times[site.area])
            if missing:
                raise RuleBroken("closing", f"{site.area}: {missing} half hours have no record of what was used")
            _same(f"{site.area}: issued_wh", site.issued_wh, self._issued[site.area])
            _same(f"{site.area}: facility_wh", site.facility_wh, self._facility[site.area])
            _same(f"{site.area}: matched_wh", site.matched_wh, self._matched[site.area])
            # A certificate or a share of a site may be rounded by 1 Wh each; the world counts in single precision.
            rounding = self._opening.half_hours * (1 + len(self._devices)) + 1e-7 * site.world_matched_wh
            if abs(site.matched_wh - site.world_matched_wh) > rounding:
                raise RuleBroken(
                    "world",
                    f"{site.area}: matched_wh is {site.matched_wh}, the world counted {site.world_matched_wh}; "
                    f"rounding explains {rounding:.0f} Wh",
                )
        _same("issued_wh", record.issued_wh, sum(self._issued.values()))
        _same("facility_wh", record.facility_wh, sum(self._facility.values()))
        _same("matched_wh", record.matched_wh, sum(self._matched.values()))
        _same("unused_wh", record.unused_wh, record.issued_wh - record.matched_wh)


def _id_range(record: Issuance | Bundle) -> tuple[int, int]:
    """First and last id; one id is one Wh."""
    first, last = record.certificate_bundle_id_range_start, record.certificate_bundle_id_range_end
    if last - first + 1 != record.bundle_quantity:
        raise RuleBroken(
            "ids", f"ids {first}-{last} are {last - first + 1}, bundle_quantity is {record.bundle_quantity}"
        )
    return first, last


def _same(name: str, found: int, expected: int) -> None:
    if found != expected:
        raise RuleBroken("closing", f"{name} is {found}, the records add up to {expected}")


def _moment(rule: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise RuleBroken(rule, f"{text!r} is no time") from None
