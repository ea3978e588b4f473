"""What the twin is written with: columns by name, stocks, rows, costs, and numbers that know their axes."""

import linopy
import numpy as np
import xarray as xr

from wattbit.world import state as s
from wattbit_agents.baselines.lp import convex

INF = np.inf
KILO = 1e-3  # thousands of JPY
NEVER = 1e6  # side of a row that does not bind


class Labelled:
    """Attributes of an object as arrays whose axes are named, by how many there are."""

    def __init__(self, twin, of, *dims):
        self._twin, self._of, self._dims = twin, of, {len(d.split()): d for d in dims}

    def __getattr__(self, name):
        values = np.asarray(getattr(self._of, name), float)
        return self._twin.given(values, self._dims[values.ndim])


class Twin:
    """
    MW, MWh and thousands of JPY.

    A column is called by its name, ``twin["battery"]``; ``p`` is the path, ``p_cars`` its cars, both with named axes;
    ``v("FLOOR")`` is a number of the world, ``site("SNOW_T")`` one of every area.
    """

    def __init__(self, plant, path):
        self.plant, self.path, self.model = plant, path, linopy.Model()
        names, cars = list(plant.names), range(plant.capacity_kwh.shape[1])
        self.labels = {"step": range(path.steps), "area": names, "host": names, "zone": names, "car": cars}
        self.p = Labelled(self, path, "area", "step area", "step area host")
        self.p_cars = Labelled(self, path.cars, "area car", "step area car")
        self.highest_mw = convex.flexible_mw(plant) + convex.site_limit_mw(plant)
        self.terms, self.constant = [], 0.0

    def v(self, name):
        """Return a number of the world."""
        return self.plant.value(getattr(s, name))

    def site(self, name):
        """Return a number of every area."""
        return self.given(self.plant.site[:, getattr(s, f"SITE_{name}")], "area")

    def __getitem__(self, name):
        return self.model.variables[name]

    def given(self, values, dims="step area"):
        """Return numbers with named axes."""
        return xr.DataArray(np.asarray(values, float), [(d, list(self.labels[d])) for d in dims.split()])

    def column(self, name, dims="step area", high=INF, low=0.0):
        """Return what is to be decided, between bounds."""
        shape = self.given(np.zeros([len(self.labels[d]) for d in dims.split()]), dims)
        low, high = ((shape + limit).transpose(*shape.dims) for limit in (low, high))
        return self.model.add_variables(low, high, name=name)

    def stock(self, name, start, keep=1.0, dims="step area", high=INF, low=0.0):
        """Return a stock at the end of each half hour, and what is there at its beginning."""
        now = self.column(name, dims, high, low)
        first = self.given(np.arange(self.path.steps) == 0, "step")
        return now, keep * now.shift(step=1).fillna(0) + keep * start * first

    def row(self, condition):
        """Demand something."""
        self.model.add_constraints(condition)

    def cost(self, jpy, amount):
        """Charge so much for every unit."""
        self.terms.append((KILO * jpy * amount).sum())

    def fixed_cost(self, jpy):
        """Charge so much whatever is decided."""
        self.constant += KILO * float(jpy)

    def objective(self):
        """Return the least cost, thousands of JPY."""
        self.model.add_objective(sum(self.terms[1:], self.terms[0]))
        status, _ = self.model.solve("highs", io_api="direct", output_flag=False, progress=False, threads=1)
        assert status == "ok"
        return self.model.objective.value + self.constant
