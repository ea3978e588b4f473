"""From what a world did to the records of its ledger."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from wattbit.certificates.matching import largest_remainder, match_zone
from wattbit.certificates.records import (
    Bundle,
    Cancellation,
    Closing,
    Device,
    Issuance,
    Opening,
    Record,
    SiteTotal,
)
from wattbit.certificates.week import IDLE, TECHNOLOGIES, WORK_CLASSES, CertificateError, WeekOfMatching

WH_PER_MWH: Final = 1_000_000

PUE_DIGITS: Final = 6
CARBON_DIGITS: Final = 3


def ledger_records(week: WeekOfMatching) -> Iterator[Record]:
    """
    Yield the records of a week in the order in which they are written.

    Half hour by half hour: first what was issued, then what each class of work at each site used up. Certificates are
    rounded down to whole Wh, so that none is issued that was not produced, loads to the nearest Wh. Classes share a
    site's facility energy, idle servers and cooling included, in proportion to their IT energy.

    Raises
    ------
    CertificateError
        If a site draws power but its IT does not.
    """
    start, _ = week.interval(0)
    yield Opening(areas=list(week.areas), period_start=start, half_hours=week.half_hours, facts=dict(week.facts))
    count = 1
    area_of: dict[str, str] = {}
    for r, area in enumerate(week.areas):
        for k, technology in enumerate(TECHNOLOGIES):
            device = device_id(area, technology)
            area_of[device] = area
            # Rounded up: a kW is more than what single precision can be off.
            capacity_kw = math.floor(float(week.capacity_mw[r, k]) * 1000.0) + 1 if week.capacity_mw[r, k] > 0 else 0
            yield Device(device_id=device, energy_source=technology, location=area, grid=area, capacity_kw=capacity_kw)
            count += 1
    next_id = dict.fromkeys(area_of, 0)
    issued: dict[str, int] = defaultdict(int)
    facility: dict[str, int] = defaultdict(int)
    matched: dict[str, int] = defaultdict(int)
    for t in range(week.half_hours):
        issuances = _issuances(week, t, next_id)
        for issuance in issuances:
            issued[area_of[issuance.device_id]] += issuance.bundle_quantity
        cancellations = _cancellations(week, t, issuances)
        for job in cancellations:
            facility[job.site_area] += job.facility_wh
            matched[job.site_area] += job.matched_wh
        yield from issuances
        yield from cancellations
        count += len(issuances) + len(cancellations)
    world_wh = [round(float(mwh) * WH_PER_MWH) for mwh in week.matched_mwh.sum(axis=0)]
    yield Closing(
        records=count + 1,
        issued_wh=sum(issued.values()),
        facility_wh=sum(facility.values()),
        matched_wh=sum(matched.values()),
        unused_wh=sum(issued.values()) - sum(matched.values()),
        sites=[
            SiteTotal(
                area=area,
                issued_wh=issued[area],
                facility_wh=facility[area],
                matched_wh=matched[area],
                world_matched_wh=world_wh[r],
            )
            for r, area in enumerate(week.areas)
        ],
    )


def device_id(area: str, technology: str) -> str:
    """Name of the group of generators of one technology in one area."""
    return f"{area}-{technology}"


def _issuances(week: WeekOfMatching, t: int, next_id: dict[str, int]) -> list[Issuance]:
    """Certificates of one half hour; `next_id` moves on."""
    begin, end = week.interval(t)
    found = []
    for r, area in enumerate(week.areas):
        for k, technology in enumerate(TECHNOLOGIES):
            quantity = math.floor(float(week.certificates_mwh[t, r, k]) * WH_PER_MWH)
            if not quantity:
                continue
            device = device_id(area, technology)
            found.append(
                Issuance(
                    issuance_id=f"{device}-{begin}",
                    device_id=device,
                    production_starting_interval=begin,
                    production_ending_interval=end,
                    certificate_bundle_id_range_start=next_id[device],
                    certificate_bundle_id_range_end=next_id[device] + quantity - 1,
                    bundle_quantity=quantity,
                    issue_market_zone=week.areas[int(week.zone[t, r])],
                )
            )
            next_id[device] += quantity
    return found


def _cancellations(week: WeekOfMatching, t: int, issuances: list[Issuance]) -> list[Cancellation]:
    """What the classes of work of every site used in one half hour, and which of its certificates."""
    begin, end = week.interval(t)
    areas = range(len(week.areas))
    shares = [_work_shares(week, t, r) for r in areas]
    facility_wh = [largest_remainder(round(float(week.load_mwh[t, r]) * WH_PER_MWH), shares[r]) for r in areas]
    it_wh = [largest_remainder(round(float(week.it_mwh[t, r]) * WH_PER_MWH), shares[r]) for r in areas]
    by_device = {issuance.device_id: issuance for issuance in issuances}
    issued = [
        [by_device[d].bundle_quantity if (d := device_id(area, tech)) in by_device else 0 for tech in TECHNOLOGIES]
        for area in week.areas
    ]
    first = {d: issuance.certificate_bundle_id_range_start for d, issuance in by_device.items()}
    bundles: dict[tuple[int, int], list[Bundle]] = defaultdict(list)
    for zone in dict.fromkeys(int(z) for z in week.zone[t]):
        members = [r for r in areas if int(week.zone[t, r]) == zone]
        for cover in match_zone(members, issued, facility_wh):
            device = device_id(week.areas[cover.area], TECHNOLOGIES[cover.technology])
            bundles[cover.site, cover.work].append(
                Bundle(
                    issuance_id=by_device[device].issuance_id,
                    certificate_bundle_id_range_start=first[device],
                    certificate_bundle_id_range_end=first[device] + cover.quantity_wh - 1,
                    bundle_quantity=cover.quantity_wh,
                )
            )
            first[device] += cover.quantity_wh
    found = []
    for r in areas:
        it_mwh, load_mwh = float(week.it_mwh[t, r]), float(week.load_mwh[t, r])
        if load_mwh > 0.0 and not it_mwh > 0.0:
            raise CertificateError(f"{week.areas[r]} at {begin}: the site draws {load_mwh:g} MWh and its IT nothing")
        carbon = round(float(week.carbon_kg_per_mwh[t, r]), CARBON_DIGITS)
        for k, work in enumerate((*WORK_CLASSES, IDLE)):
            if not shares[r][k]:
                continue
            matched_wh = sum(bundle.bundle_quantity for bundle in bundles[r, k])
            found.append(
                Cancellation(
                    job_id=f"{week.areas[r]}-{work}-{begin}",
                    work=work,
                    site_area=week.areas[r],
                    price_zone=week.areas[int(week.zone[t, r])],
                    consumed_starting_interval=begin,
                    consumed_ending_interval=end,
                    it_wh=it_wh[r][k],
                    pue=round(load_mwh / it_mwh, PUE_DIGITS) if it_mwh > 0.0 else None,
                    facility_wh=facility_wh[r][k],
                    matched_wh=matched_wh,
                    residual_kg_per_mwh=carbon,
                    residual_co2_g=residual_co2_g(facility_wh[r][k] - matched_wh, carbon),
                    bundles=bundles[r, k],
                )
            )
    return found


def residual_co2_g(unmatched_wh: int, kg_per_mwh: float) -> int:
    """CO2 of energy without certificates at the area's mix, whole grams."""
    return round(unmatched_wh * kg_per_mwh / 1000.0)


def _work_shares(week: WeekOfMatching, t: int, r: int) -> list[int]:
    """Weights by class of work with idling last: 1 for it where no work runs, else 0."""
    weights = [round(float(mwh) * WH_PER_MWH) for mwh in week.work_mwh[t, r]]
    return [*weights, 0 if any(weights) else 1]
