"""
What must hold in every world whatever is done in it, recomputed from records with NumPy, apart from the kernel.

:func:`audit` returns the worst relative error of every balance and bound in a record of :mod:`benchmarks.record`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.audit import bounds, cash, energy, power, reserve, work
from benchmarks.audit.errors import TOLERANCE, Errors
from benchmarks.record import Record

__all__ = ["TOLERANCE", "Errors", "audit"]

PARTS: Final = (
    bounds.bounds,
    power.power,
    power.stores,
    work.work,
    work.queues,
    work.network,
    reserve.reserve,
    reserve.contract,
    energy.green,
    energy.energy,
    cash.cash,
)


def audit(record: Record) -> Errors:
    """Return the worst relative error of every balance and bound over all half hours, worlds and areas."""
    errors = Errors()
    errors.never("every number is finite", np.array([record.infinite > 0]))
    for part in PARTS:
        part(record, errors)
    return errors
