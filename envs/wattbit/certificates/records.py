"""
Records of the ledger: their fields, types and bounds.

Names follow open registries of the EnergyTag scheme where those have one; energies are whole Wh, one id is one Wh.
What a simulated device group has nothing to say about (commissioning, support, legal status) is left out.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from wattbit.certificates.week import Idle, Technology, WorkClass

LARGEST: Final = 10**15
"""Bound of every whole number, so that no sum or product of them leaves what floats and dates hold."""

Count = Annotated[int, Field(ge=0, le=LARGEST)]
Positive = Annotated[int, Field(ge=1, le=LARGEST)]
Name = Annotated[str, Field(min_length=1)]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d$")]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Opening(_Record):
    """First line: what the ledger is about."""

    kind: Literal["opening"] = "opening"
    format: Literal["wattbit-certificates-1"] = "wattbit-certificates-1"
    areas: Annotated[list[Name], Field(min_length=1)]
    period_start: Moment
    half_hours: Annotated[int, Field(ge=1, le=1_000_000)]
    issuing_body: Literal["wattbit simulation"] = "wattbit simulation"
    country_of_issuance: Literal["JP"] = "JP"
    energy_carrier: Literal["electricity"] = "electricity"
    face_value_wh: Literal[1] = 1
    facts: dict[str, str | int | None]


class Device(_Record):
    """A group of generators in one area that certificates are contracted from."""

    kind: Literal["device"] = "device"
    device_id: Name
    energy_source: Technology
    location: Name
    grid: Name
    capacity_kw: Count
    is_storage: Literal[False] = False
    emissions_factor_production_device: Literal[0] = 0


class Issuance(_Record):
    """Certificates of one device group and half hour."""

    kind: Literal["issuance"] = "issuance"
    issuance_id: Name
    device_id: Name
    production_starting_interval: Moment
    production_ending_interval: Moment
    certificate_bundle_id_range_start: Count
    certificate_bundle_id_range_end: Count
    bundle_quantity: Positive
    issue_market_zone: Name
    certificate_bundle_status: Literal["active"] = "active"


class Bundle(_Record):
    """Part of an issuance that a job uses up."""

    issuance_id: Name
    certificate_bundle_id_range_start: Count
    certificate_bundle_id_range_end: Count
    bundle_quantity: Positive
    certificate_bundle_status: Literal["cancelled"] = "cancelled"


class Cancellation(_Record):
    """What one class of work used at one site in one half hour, and the certificates it used up."""

    kind: Literal["cancellation"] = "cancellation"
    job_id: Name
    work: WorkClass | Idle
    site_area: Name
    price_zone: Name
    consumed_starting_interval: Moment
    consumed_ending_interval: Moment
    it_wh: Count
    pue: Annotated[float, Field(ge=0.0, le=100.0)] | None
    facility_wh: Count
    matched_wh: Count
    residual_kg_per_mwh: Annotated[float, Field(ge=0.0, le=1500.0)]
    residual_co2_g: Count
    bundles: list[Bundle]


class SiteTotal(_Record):
    """Sums of one area over the whole ledger."""

    area: Name
    issued_wh: Count
    facility_wh: Count
    matched_wh: Count
    world_matched_wh: Count


class Closing(_Record):
    """Last line: sums, so that a file that ends too early is noticed."""

    kind: Literal["closing"] = "closing"
    records: Positive
    issued_wh: Count
    facility_wh: Count
    matched_wh: Count
    unused_wh: Count
    sites: list[SiteTotal]


Record = Opening | Device | Issuance | Cancellation | Closing

KINDS: Final[dict[str, type[Record]]] = {
    "opening": Opening,
    "device": Device,
    "issuance": Issuance,
    "cancellation": Cancellation,
    "closing": Closing,
}
"""Record of each kind."""
