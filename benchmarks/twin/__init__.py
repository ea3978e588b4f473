"""
The program of a path once more, in linopy: the specification that a person reads, and the same optimum.

Written from the laws of ``world/``, a file per part of the world. Where the runtime has tricks (numbered pairs, thirds
of realtime work folded into two rows, blocks by position) this has names: ``area`` is where users, stands and batteries
are, ``host`` where work runs, ``zone`` the first area of a price zone. Needs linopy, of the extra ``dev``.
"""

from benchmarks.twin.deadlines import deadlines
from benchmarks.twin.grid import certificates, contract, grid
from benchmarks.twin.model import Twin
from benchmarks.twin.reserve import reserve
from benchmarks.twin.site import sites
from benchmarks.twin.stores import batteries, cars, worth_at_the_end
from benchmarks.twin.wear import planned_wear
from benchmarks.twin.work import work

__all__ = ["Twin", "deadlines", "planned_wear", "twin_of"]


def twin_of(plant, path):
    """Return the whole program of a path; wear and queues by due time can be added to it."""
    twin = Twin(plant, path)
    for part in (work, sites, batteries, cars, grid, contract, reserve, certificates, worth_at_the_end):
        part(twin)
    return twin
