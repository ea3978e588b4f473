"""Work by the half hour in which it is due."""

import numpy as np
import xarray as xr

from benchmarks.twin.model import INF


def deadlines(t):
    """Give every half hour in which work is due a queue: exact where the bound of the program is a total."""
    path, steps = t.path, range(t.path.steps)
    for name, due in (("batch", (7, 15, 31, 47)), ("training", (47, 95, 143))):
        arrived = getattr(path, f"{name}_mwh").copy()
        arrived[0] += getattr(path, f"{name}_start_mwh")  # at the start of an episode queues hold the first work
        t.labels["due"] = range(path.steps + due[-1])
        comes = np.zeros((path.steps, path.areas, len(t.labels["due"])))
        for later in due:
            comes[steps, :, np.asarray(steps) + later] += arrived / len(due)
        past = np.asarray(t.labels["due"]) <= np.asarray(steps)[:, None]
        room = xr.where(t.given(past, "step due") > 0.0, 0.0, INF)
        waits, before = t.stock(f"{name} by due time", 0.0, dims="step area due", high=room)
        done = t.column(f"{name} done", "step area due")
        t.row(waits == before + t.given(comes, "step area due") - done)
        t.row(waits.sum("due") == t[f"{name} left"])
