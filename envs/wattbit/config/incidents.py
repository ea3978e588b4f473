"""What can go wrong in a scenario, and what its owner pays to hold it off."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from wattbit.config.types import AreaName, NonNegative, Positive, Share, StrictModel

IncidentKind = Literal[
    "area-outage",
    "dc-outage",
    "link-cut",
    "interconnector-trip",
    "hijack-discharge",
    "hijack-charge",
    "hijack-oscillate",
    "false-telemetry",
    "lost-link",
    "price-spoof",
]

_SIZE: Final[dict[str, tuple[float, float, float, str]]] = {
    "area-outage": (1.0, 0.0, 1.0, "the share of the area without electricity"),
    "dc-outage": (1.0, 0.0, 1.0, "the share of the data centre that is out"),
    "link-cut": (1.0, 1.0, 1.0, "always 1: a cut link carries nothing"),
    "interconnector-trip": (10.0, 0.0, 200.0, "the rise of the settled price [JPY/kWh]"),
    "hijack-discharge": (0.2, 0.0, 1.0, "the share of the stands"),
    "hijack-charge": (0.2, 0.0, 1.0, "the share of the stands"),
    "hijack-oscillate": (0.2, 0.0, 1.0, "the share of the stands"),
    "false-telemetry": (0.2, -0.5, 0.5, "reported over true value, less 1"),
    "lost-link": (1.0, 0.0, 1.0, "the share of the stands"),
    "price-spoof": (-20.0, -30.0, 30.0, "reported less true spot price [JPY/kWh]"),
}
"""Default, lowest and highest size of each kind and what it means; ranges and defaults are assumptions (0 is none)."""


class IncidentConfig(StrictModel):
    """
    One thing that goes wrong, at the same time for every policy; the laws are in ``world/incidents.py``.

    ``area-outage``: no electricity, data centre and stands are out, nothing is bought or sold. ``dc-outage``: only the
    data centre. ``link-cut``: no bytes between two areas. ``interconnector-trip``: dearer energy in the importing area.
    ``hijack-discharge``, ``hijack-charge``, ``hijack-oscillate``: stands that obey an intruder. ``false-telemetry``:
    the fleet reports too much or too little. ``lost-link``: stands that no command reaches. ``price-spoof``: a false
    spot price is shown.
    """

    kind: IncidentKind
    """What happens."""
    area: AreaName | Literal["all"] = "all"
    """Where; of an ``interconnector-trip`` the importing side."""
    other: AreaName | None = None
    """Far end of a cut link; without it all links of the area are cut."""
    start_hour: Annotated[float, Field(ge=0.0, multiple_of=0.5)] | None = None
    """Hours since the scored episode began; without it drawn anew for each of its weeks."""
    hours: Annotated[float, Field(gt=0.0, multiple_of=0.5)] = 2.0
    """How long it lasts [h]."""
    size: float | None = None
    """
    Share (outages, hijacks and ``lost-link``), bias (``false-telemetry``) or JPY/kWh (``interconnector-trip``,
    ``price-spoof``); without it 1 for outages and ``lost-link``, 0.2 for hijacks and ``false-telemetry``, 10 for a trip
    and -20 for a spoof. Assumptions.
    """
    chance: Share = 1.0
    """That it happens in an episode."""
    false_measurements: Annotated[int, Field(ge=1, le=9)] = 1
    """Independent measurements that are false at once (``false-telemetry``); assumption."""

    @property
    def effective_size(self) -> float:
        """Size, or the default of the kind."""
        return _SIZE[self.kind][0] if self.size is None else self.size

    @model_validator(mode="after")
    def _consistent(self) -> IncidentConfig:
        _, low, high, meaning = _SIZE[self.kind]
        size = self.effective_size
        if size == 0.0 or not low <= size <= high:
            raise ValueError(
                f"size of {self.kind} is {size:g}, must lie in {low:g} .. {high:g} and not be 0: {meaning}"
            )
        if self.area == "all" and self.kind in ("link-cut", "interconnector-trip"):
            raise ValueError(f"area of {self.kind} is 'all', must name one area")
        if self.other is not None and self.kind != "link-cut":
            raise ValueError(f"other is {self.other!r}: only a link-cut has a far end, not {self.kind}")
        if self.other is not None and self.other == self.area:
            raise ValueError(f"other is {self.other!r}, must be another area than the first")
        return self


class MitigationConfig(StrictModel):
    """
    Layers of protection, each with its cost, booked every half hour; all off by default.

    Costs are assumptions: the published ones cover a gateway as a whole.
    """

    ramp_limit: bool = False
    """Stands change their power slowly, whoever commands it: less of a surprise comes before reserves have answered."""
    ramp_kw_per_min: Positive = 0.2
    """Largest change of one stand [kW/min]; assumption."""
    ramp_window_min: Positive = 5.0
    """Time until the grid's reserves have answered [min]; assumption."""
    ramp_jpy_per_car_year: NonNegative = 100.0
    """Cost [JPY per car and year]; assumption."""
    change_cap: bool = False
    """
    The fleet of an area changes its power from one half hour to the next by no more than a cap, but for reserve that is
    called.
    """
    change_cap_share: Annotated[float, Field(gt=0.0, le=2.0)] = 0.25
    """The cap, share of the power of all its stands; assumption."""
    change_cap_jpy_per_area_year: NonNegative = 10e6
    """Cost [JPY per area and year]; assumption."""
    frequency_override: bool = False
    """Stands answer to the frequency by themselves, before any command."""
    frequency_override_jpy_per_car_year: NonNegative = 300.0
    """Cost [JPY per car and year]; assumption."""
    quorum: bool = False
    """Independent measurements are compared: a false one is found out, and so are stands that do not obey."""
    quorum_of: Annotated[int, Field(ge=1, le=9)] = 3
    """Measurements (stand, feeder meter, substation); assumption."""
    quorum_needed: Annotated[int, Field(ge=1, le=9)] = 2
    """So many must agree; assumption."""
    quorum_tolerance: Share = 0.05
    """Differences up to this share pass; assumption."""
    quorum_jpy_per_car_year: NonNegative = 200.0
    """Cost [JPY per car and year]; assumption."""
    signed_commands: bool = False
    """Stands refuse commands without a signature: no command can be injected."""
    signed_commands_jpy_per_car_year: NonNegative = 500.0
    """Cost [JPY per car and year]; assumption."""
    fail_safe: bool = False
    """Stands without a link charge to the guarantee and never discharge; without this the last command holds."""
    fail_safe_jpy_per_car_year: NonNegative = 100.0
    """Cost [JPY per car and year]; assumption."""
    segmentation: bool = False
    """The fleet is split into parts that fall one by one."""
    segment_share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1
    """Most of a fleet that falls to one intruder; assumption (document)."""
    segmentation_jpy_per_area_year: NonNegative = 20e6
    """Cost [JPY per area and year]; assumption."""

    @model_validator(mode="after")
    def _consistent(self) -> MitigationConfig:
        if not self.quorum_needed <= self.quorum_of < 2 * self.quorum_needed:
            raise ValueError(
                f"quorum_needed is {self.quorum_needed} of {self.quorum_of}, must be more than half, at most all"
            )
        return self

    def cost_jpy_per_year(self, cars: float) -> float:
        """Yearly cost of the layers that are on, for an area with so many cars, JPY."""
        per_car = (
            self.ramp_limit * self.ramp_jpy_per_car_year
            + self.frequency_override * self.frequency_override_jpy_per_car_year
            + self.quorum * self.quorum_jpy_per_car_year
            + self.signed_commands * self.signed_commands_jpy_per_car_year
            + self.fail_safe * self.fail_safe_jpy_per_car_year
        )
        per_area = self.change_cap * self.change_cap_jpy_per_area_year
        return cars * per_car + per_area + self.segmentation * self.segmentation_jpy_per_area_year
