"""How every part of the program stands to the world: why its optimum is a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["shared", "restricts", "relaxed"]


@dataclass(frozen=True)
class Relation:
    """
    One law of the world and what the program makes of it.

    Attributes
    ----------
    law : str
        What the world does.
    kind : {"shared", "restricts", "relaxed"}
        The same in both; the world is stricter; the program is cheaper.
    columns, rows : tuple of str
        Blocks of the template that hold it.
    text : str
        What the program does, and why that can only lower its cost.
    """

    law: str
    kind: Kind
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    text: str


RELATIONS: Final = (
    Relation(
        "Users are served at home or away within their delay budget; what nobody can take is lost",
        "restricts",
        ("realtime", "interactive", "drop_realtime", "drop_interactive"),
        ("place_realtime", "place_interactive", "budget"),
        "Any split between sites; the world knows one share per area, homes before guests, nearest first, and loses "
        "work only where home is full.",
    ),
    Relation(
        "Queues run earliest due first and lose what is past due",
        "relaxed",
        ("batch", "training", "batch_left", "training_left", "miss_batch", "miss_training"),
        ("wait_batch", "wait_training"),
        "After each half hour no more may wait than is not yet due. That is exact for one deadline; with several, work "
        "served early can stand in for work that comes later: the windows of time that the plan breaks are added to "
        "plan and bound (0.1 % of the cost).",
    ),
    Relation(
        "Links carry so many bytes; a cut link carries none",
        "shared",
        (),
        ("link",),
        "One row per link, with the room that incidents leave.",
    ),
    Relation(
        "A share of all work stays in the area of its users",
        "shared",
        ("free_batch", "free_training"),
        ("away_realtime", "away_interactive", "free_batch", "free_training", "own_batch", "own_training"),
        "Only where the scenario has such a share.",
    ),
    Relation(
        "Waiting grows with the load of a site",
        "shared",
        ("load", "load_part"),
        ("load", "load_part"),
        "The six tangents are the world's law; throttle and outage bound the load.",
    ),
    Relation(
        "Facility power a + b L + q L^2",
        "relaxed",
        ("site", "tail_gap"),
        ("site",),
        "The tail lies between its chords and the largest distance from them, for segments of at most a tenth of the "
        "capacity where it matters.",
    ),
    Relation(
        "Heat is sold as far as customers ask and the site has it",
        "relaxed",
        ("heat",),
        ("heat",),
        "The program may sell less when electricity is dear; the world always sells.",
    ),
    Relation(
        "Snow takes over from the compressors while there is any",
        "relaxed",
        ("cool", "snow"),
        ("cool", "snow"),
        "The program may keep snow for a dearer hour.",
    ),
    Relation(
        "Batteries: energy, power, efficiency, flat wear",
        "shared",
        ("store_in", "store_out", "store"),
        ("store",),
        "Charging and discharging in one half hour is not forbidden; it only loses energy. With a cell, its wear is "
        "left out and its range is that of the healthiest pack.",
    ),
    Relation(
        "Cars: stays, trips, taper near the ceiling, energy bought on the road",
        "restricts",
        ("charge", "discharge", "car", "road"),
        ("car", "taper"),
        "Each car by itself, with all its stays known; the world shares one set-point. The least energy is what the "
        "lowest commands lead to; charging that cannot wait is left out; floors and promises are those of the least "
        "health that any use could leave. Cars in the hands of an intruder are free cars, without wear on that day.",
    ),
    Relation(
        "Wear of cars: the highest mark of a day's growth times throughput",
        "relaxed",
        (),
        (),
        "A product of depth, rate and throughput has no close convex function below it. At the plan's prices every "
        "day of a car is a small program of its own; branch and bound over its swing, state of charge, growth and "
        "throughput finds what it costs at least (``baselines/bound``). A day counts as a whole, though its mark may "
        "have been higher before. Plans and planners price wear by a convex function that is close and no bound.",
    ),
    Relation(
        "Net load meets surplus, then the local one, then the supply curve of the price zone",
        "relaxed",
        ("net", "soak", "spill", "local", "beyond", "supply"),
        ("net", "meet", "spill", "zone"),
        "The curve's integral by tangents. Exports into a surplus come from stores.",
    ),
    Relation(
        "Load beyond the connection is charged",
        "shared",
        ("over",),
        ("over_in", "over_out"),
        "Both directions.",
    ),
    Relation(
        "The capacity contract is measured in calls",
        "relaxed",
        ("missed",),
        ("missed",),
        "The penalty stops growing at the whole contract; the program takes the line below, from the first MW missing "
        "to the highest net load possible.",
    ),
    Relation(
        "Reserve is paid for capability, falling with its amount, and a share of it is called",
        "relaxed",
        ("up", "down", "store_below", "car_below", "cars_below", "store_above", "car_above", "cars_above"),
        ("store_below", "car_below", "cars_below", "store_above", "car_above", "cars_above", "up", "down"),
        "Revenue by tangents from above; no smallest bid; a car that may at times be below what it must hold lends a "
        "part of its room then. Only planners take the cars of an area together, far ahead.",
    ),
    Relation(
        "Certificates match load in a price zone; the week's shortfall is charged at its end",
        "shared",
        ("matched",),
        ("matched_load", "matched_supply"),
        "Matched once, with those of surplus taken up.",
    ),
    Relation(
        "Transformers age and trip",
        "restricts",
        (),
        (),
        "Left out: their cost is never negative and a trip only takes stands away.",
    ),
    Relation(
        "Shortfall of reserve, swings of hijacked stands, limits on the change of a fleet, smallest bids",
        "restricts",
        (),
        (),
        "Left out: they only cost or forbid.",
    ),
)
"""In the order of the world's step."""
