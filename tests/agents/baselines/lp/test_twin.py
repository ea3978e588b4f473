"""
The program of a path once more, in linopy: the specification that a person reads, and the same optimum.

Written from the laws of ``world/``. Where the runtime has tricks (numbered pairs, thirds of realtime work folded into
two rows, blocks by position) this has names: ``area`` is where users, stands and batteries are, ``host`` where work
runs, ``zone`` the first area of a price zone. A further block is a method that adds columns, rows and costs.
"""

import linopy
import numpy as np
import pytest
import scipy.optimize
import scipy.sparse
import xarray as xr

from wattbit.config import FleetMix
from wattbit.physics.snow import melted_t_per_mwh
from wattbit.world import state as s
from wattbit_agents.baselines.lp import convex
from wattbit_agents.baselines.lp.deadlines import solve_in_time
from wattbit_agents.baselines.lp.fill import fill
from wattbit_agents.baselines.lp.program import Structure
from wattbit_agents.baselines.lp.record import record_paths
from wattbit_agents.baselines.lp.solve import Solver, solve
from wattbit_agents.baselines.lp.template import Template
from wattbit_agents.baselines.lp.wear import square_segments
from wattbit_agents.baselines.lp.wear_price import planned_wear
from wattbit_agents.baselines.lp.wear_rows import Wear

INF = np.inf
KILO = 1e-3  # thousands of JPY
NEVER = 1e6  # side of a row that does not bind


class Twin:
    """MW, MWh and thousands of JPY; a column is called by its name, ``twin["battery"]``."""

    def __init__(self, plant, path):
        self.plant, self.path, self.value, self.model = plant, path, plant.value, linopy.Model()
        names, cars = list(plant.names), range(plant.capacity_kwh.shape[1])
        self.labels = {"step": range(path.steps), "area": names, "host": names, "zone": names, "car": cars}
        self.highest_mw = convex.flexible_mw(plant) + convex.site_limit_mw(plant)
        self.terms, self.constant = [], 0.0
        for block in (self.work, self.sites, self.batteries, self.cars, self.grid, self.contract, self.reserve):
            block()
        self.certificates()
        self.end()

    def __getitem__(self, name):
        return self.model.variables[name]

    def given(self, values, dims="step area"):
        return xr.DataArray(np.asarray(values, float), [(d, list(self.labels[d])) for d in dims.split()])

    def site(self, field):
        return self.given(self.plant.site[:, field], "area")

    def column(self, name, dims="step area", high=INF, low=0.0):
        shape = self.given(np.zeros([len(self.labels[d]) for d in dims.split()]), dims)
        low, high = ((shape + limit).transpose(*shape.dims) for limit in (low, high))
        return self.model.add_variables(low, high, name=name)

    def stock(self, name, start, keep=1.0, dims="step area", high=INF, low=0.0):
        """Return a stock at the end of each half hour, and before it: what of that varies, and what is given."""
        now = self.column(name, dims, high, low)
        first = self.given(np.arange(self.path.steps) == 0, "step")
        return now, keep * now.shift(step=1).fillna(0), keep * start * first

    def row(self, condition):
        self.model.add_constraints(condition)

    def cost(self, jpy, amount):
        self.terms.append((KILO * jpy * amount).sum())

    def fixed_cost(self, jpy):
        self.constant += KILO * float(jpy)

    def work(self):
        """Users are served where delay, links and servers allow; other work waits until it is due at the latest."""
        path, value, given = self.path, self.value, self.given
        rtt, away = given(self.plant.pair[s.PAIR_RTT_MS], "area host"), given(1.0 - np.eye(path.areas), "area host")
        bound, bytes_tb, load, runs = value(s.RESIDENT_SHARE), 0.0, 0.0, 0.0
        for name, mw, budget, tb, worth in (
            ("realtime 1", path.realtime_mw / 3.0, s.BUDGET_1_MS, s.REALTIME_TB, s.REALTIME_VALUE),
            ("realtime 2", path.realtime_mw / 3.0, s.BUDGET_2_MS, s.REALTIME_TB, s.REALTIME_VALUE),
            ("realtime 3", path.realtime_mw / 3.0, s.BUDGET_3_MS, s.REALTIME_TB, s.REALTIME_VALUE),
            ("interactive", path.interactive_mw, s.INTERACTIVE_BUDGET_MS, s.INTERACTIVE_TB, s.INTERACTIVE_VALUE),
        ):
            near = (rtt <= value(budget)) | (away == 0.0)
            flow = self.column(name, "step area host", xr.where(near, INF, 0.0))
            dropped = self.column(f"{name} dropped", high=given(mw))
            self.row(flow.sum("host") + dropped == given(mw))
            self.row((away * flow).sum("host") <= (1.0 - bound) * given(mw))
            self.cost(0.5 * value(s.RTT_COST) * rtt * away, flow)
            self.cost(0.5 * value(worth), dropped)
            bytes_tb += 0.5 * value(tb) * away * flow
            load += flow.sum("area")
        for name, tb, again, move_jpy, worth in (
            ("batch", s.BATCH_TB, 0.0, 0.0, s.BATCH_VALUE),
            ("training", s.TRAINING_TB, value(s.LOST_SHARE), value(s.MOVE_COST), s.TRAINING_VALUE),
        ):
            arrived, start, room, free = (
                getattr(path, field)
                for field in (f"{name}_mwh", f"{name}_start_mwh", f"{name}_room_mwh", f"exportable_{name}_mwh")
            )
            flow, missed = self.column(name, "step area host"), self.column(f"{name} missed")
            left, before, first = self.stock(f"{name} left", given(start, "area"), high=given(room))
            self.row(left - before + 0.5 * flow.sum("host") + missed == given(arrived) + first)
            if bound > 0.0:
                mobile, earlier, _ = self.stock(f"{name} that may leave", 0.0)
                self.row(mobile - earlier + 0.5 * (away * flow).sum("host") <= given(free))
                # It is cut to what is left, but only once the next work has come, of which a share is bound.
                later = np.concatenate([bound * arrived[1:], np.full((1, path.areas), NEVER)])
                self.row(mobile - left <= given(later))
            self.cost(0.5 * move_jpy * away, flow)
            self.cost(value(worth), missed)
            bytes_tb += 0.5 * value(tb) * away * flow
            load += ((1.0 + again * away) * flow).sum("area")
            runs += flow.sum("area")
        self.row(bytes_tb <= given(path.link_tb, "step area host"))
        self.row(load.rename(host="area") - self.column("load", high=given(path.capacity_mw)) == 0.0)
        self.waiting_mw = runs.rename(host="area")

    def sites(self):
        """Servers and the wait for them, cooling, heat, snow: the power that a site draws."""
        path, value, given = self.path, self.value, self.given
        edge, slope = convex.load_edges(self.plant)
        works = self.plant.site[:, s.SITE_DYNAMIC_MW] * path.site_up
        width = np.diff(edge)[None, :, None] * works[:, None, :]
        chord, gap = convex.tail_slopes(self.plant, width)
        self.labels["part"] = range(len(slope))
        part = self.column("load part", "step part area", given(width, "step part area"))
        load, idle, pue = self["load"], self.site(s.SITE_IDLE_MW) * given(path.site_up), given(path.pue)
        self.row(load - part.sum("part") == 0.0)
        self.cost(0.5 * value(s.QUEUE_COST) * given(slope, "part"), part)
        pump = value(s.HEAT_COP) > 1.0
        caught = value(s.HEAT_CAPTURE) * (value(s.HEAT_COP) / (value(s.HEAT_COP) - 1.0) if pump else 1.0)
        heat = self.column("heat", high=given(path.heat_demand_mw))
        self.row(heat - caught * load <= caught * idle)
        self.cost(-0.5 * value(s.HEAT_PRICE), heat)
        tail = (given(chord, "step part area") * part).sum("part") - self.column("below chords", high=given(gap))
        drawn = pue * load + tail + (1.0 / value(s.HEAT_COP) if pump else 0.0) * heat
        if self.plant.site[:, s.SITE_SNOW_T].any():
            start, keep = given(path.snow_start_t, "area"), 1.0 - 0.5 * value(s.SNOW_LOSS) / 24.0
            need = (1.0 + self.site(s.SITE_FANS)) * given(path.compressor_share)
            cooled = self.column("cooled by snow", high=xr.where(start > 0.0, INF, 0.0))
            snow, before, first = self.stock("snow", start, keep, high=start)
            self.row(cooled - need * load <= need * idle)
            self.row(snow - before + keep * 0.5 * melted_t_per_mwh() * cooled <= first)
            drawn -= np.maximum(0.0, 1.0 / given(path.compressor_cop) - value(s.SNOW_POWER)) * cooled
        self.row(self.column("site", low=-INF) - drawn == pue * idle)

    def batteries(self):
        path, value, given = self.path, self.value, self.given
        eta, (low, high) = value(s.STORAGE_EFFICIENCY), (given(mwh, "area") for mwh in path.storage_range_mwh)
        power = self.site(s.SITE_STORAGE_MW) * given(path.power_up)
        into, out = (self.column(name, high=power) for name in ("into battery", "out of battery"))
        start = given(path.storage_start_mwh, "area")
        energy, before, first = self.stock("battery", start, high=high, low=low)
        self.row(energy - before - 0.5 * eta * into + (0.5 / eta) * out == first)
        self.losses_jpy = value(s.WHEELING_LOSSES) * self.site(s.SITE_WHEELING) + value(s.LEVY)
        self.cost(0.5 * (value(s.STORAGE_WEAR) + self.losses_jpy), into)
        self.cost(0.5 * value(s.STORAGE_WEAR), out)
        down, up = self.column("battery below"), self.column("battery above")
        self.row(down - into + out <= power)
        self.row(down - into + out - 2.0 * eta * before <= 2.0 * eta * (first - low))
        self.row(up + into - out <= power)
        self.row(up + into - out + (2.0 / eta) * before <= (2.0 / eta) * (high - first))

    def cars(self):
        """Each representative car, as the MW and MWh of all that it stands for."""
        path, value, given, cars, dims = self.path, self.value, self.given, self.path.cars, "step area car"
        eta, weight = value(s.CAR_EFFICIENCY), given(self.plant.weight, "area")
        start, ceiling = (weight * given(kwh, "area car") for kwh in (cars.start_kwh, cars.ceiling_kwh))
        low, hold = weight * given(cars.low_kwh, dims), weight * given(cars.hold_kwh, dims)
        home, away = weight * given(cars.before_kwh, dims), weight * given(cars.after_kwh, dims)
        stands = weight * value(s.CAR_KW) * given(cars.share, dims)
        width, _ = square_segments()  # wear grows with the square of a charging power
        self.labels["rate"] = range(len(width))
        parts = self.column("charge", "step rate area car", given(width, "rate") * stands)
        charge, discharge = parts.sum("rate"), self.column("discharge", dims, stands)
        leaves = given(cars.need_kwh, dims) > 0.0
        road = self.column("bought on the road", dims, xr.where(leaves, INF, 0.0))
        energy, before, first = self.stock("car", start, dims=dims, high=ceiling, low=low)
        change = energy - before - 0.5 * eta * charge + (0.5 / eta) * discharge - road
        self.row(change <= first - home - away)
        self.row(change >= (first - home - away).where(given(path.swing) == 0.0, -NEVER))  # oscillation loses energy,
        dirt = given(path.carbon_kg_per_mwh) - value(s.OWNER_CARBON_USUAL)
        paid = np.minimum(0.0, value(s.OWNER_PAY) + value(s.OWNER_CARBON) * dirt)  # for which owners pay in clean hours
        self.fixed_cost((0.25 * given(path.swing) * stands.sum("car") * paid).sum())
        taper = 0.8 / eta  # of the room below the ceiling 40 % is filled in half an hour
        self.row(charge - discharge + taper * before <= taper * (ceiling - first + home))
        self.cost(0.5 * (self.losses_jpy + value(s.OWNER_CARBON) * dirt), charge.sum("car"))
        self.cost(0.5 * value(s.OWNER_PAY), discharge.sum("car"))
        self.cost(1000.0 * value(s.ROAD_PRICE), road)
        # A car can go down to 2 eta (energy - hold), or not at all: the chord of that over the energies it can have.
        least = np.concatenate([cars.start_kwh[None], cars.low_kwh[:-1]])
        least, most = weight * given(least, dims) - home, ceiling - home
        at_least, at_most = (2.0 * eta * np.maximum(0.0, energy - hold) for energy in (least, most))
        there = stands > 0.0
        rise = ((at_most - at_least) / np.maximum(most - least, 1e-6 * weight)).where(there, 0.0)
        fall = xr.where(there, taper, 0.0)
        down, up = (self.column(name, dims, stands) for name in ("room below", "room above"))
        self.row(down - rise * before <= at_least.where(there, 0.0) + rise * (first - home - least))
        self.row(up + fall * before <= fall * (ceiling + home - first))

    def grid(self):
        """Net load meets the surplus of its area, then the supply curve of its zone."""
        path, value, given = self.path, self.value, self.given
        some, net = given(path.surplus_mw + path.local_mw) > 0.0, self.column("net", low=-INF)
        soak = self.column("surplus", high=given(path.surplus_mw).where(some, 0.0))
        local = self.column("local surplus", high=given(path.local_mw))
        spill = self.column("into surplus", high=xr.where(some, INF, 0.0))
        beyond = self.column("beyond surplus", low=xr.where(some, 0.0, -INF))
        out, discharge = self["out of battery"], self["discharge"].sum("car")
        self.row(
            net - self["site"] - self["into battery"] + out - self["charge"].sum(["rate", "car"]) + discharge == 0.0
        )
        self.row(net - soak + spill - local - beyond == 0.0)
        self.row(spill - out - discharge <= 0.0)  # only stores export
        first, base, width, slope = convex.supply_segments(self.plant, path)
        self.labels["segment"] = range(width.shape[1])
        supply = self.column("supply", "step segment zone", given(width, "step segment zone"))
        self.member = given(path.zone[:, :, None] == np.arange(path.areas), "step area zone")
        self.row((self.member * beyond).sum("area") - supply.sum("segment") == given(first, "step zone"))
        self.cost(0.5 * value(s.FLOOR), soak - spill)
        self.cost(0.5 * np.minimum(given(path.price_jpy_per_mwh), value(s.LOCAL_PRICE)), local)
        self.cost(0.5 * given(slope, "step segment zone"), supply)
        self.cost(0.5 * value(s.CARBON_PRICE) * given(path.carbon_kg_per_mwh), beyond)
        self.fixed_cost(0.5 * base.sum() + path.steps * self.plant.site[:, s.SITE_SECURITY].sum())
        # Areas dearer than their zone pay the rise beside the curve.
        rise, least = convex.own_rise(self.plant, path, -convex.flexible_mw(self.plant) - 1.0, self.highest_mw)
        self.cost(0.5 * given(rise), beyond)
        self.fixed_cost(0.5 * least.sum())
        limit = self.site(s.SITE_CONNECTION_MW)
        if float(limit.min()) < 1e8:
            over = self.column("over the connection")
            self.row(over - net >= -limit)
            self.row(over + net >= -limit)
            self.cost(0.5 * value(s.CONNECTION_PRICE), over)

    def contract(self):
        """In a call, what the net load is above baseline less contract is missed, at most the contract."""
        path, given = self.path, self.given
        contract, call = self.site(s.SITE_CONTRACT_MW) * given(path.power_up), given(path.call) > 0.5
        self.fixed_cost(-(self.site(s.SITE_CONTRACT_PAY) * given(path.power_up)).sum())
        if not (call & (contract > 0.0)).any():
            return
        missed = self.column("missed", high=contract.where(call, 0.0))
        aim = given(path.baseline_mw) - contract
        # Not convex where it ends: its chord from there to the highest net load.
        chord = (given(self.highest_mw, "area") - aim) / np.maximum(contract, 1e-3)
        self.row(chord * missed - self["net"] >= (-aim).where(call & (contract > 0.0), -NEVER))
        self.cost(self.site(s.SITE_CONTRACT_PENALTY), missed)

    def reserve(self):
        """Offers are backed by room beside what is carried out, of which the share called is already a part."""
        path, value, given = self.path, self.value, self.given
        if not path.depth_mw.any():
            return
        width, pay = convex.reserve_segments(path.depth_mw)
        self.labels["slice"] = range(len(pay))
        up, down = (self.column(side, "step slice area", given(width, "step slice area")) for side in ("up", "down"))
        price = given(pay, "slice") * given(path.reserve_price_jpy_per_mw)
        self.cost(-price, up)
        self.cost(-value(s.RESERVE_DOWN_SHARE) * price, down)
        up, down, pue = up.sum("slice"), down.sum("slice"), given(path.pue)
        up_called, down_called = given(path.up_share), given(path.down_share)
        cars_mw = (self["charge"].sum("rate") - self["discharge"]).sum("car")
        below = self["battery below"] + cars_mw + self["room below"].sum("car") + pue * self.waiting_mw
        self.row((1.0 - up_called) * up + down_called * down - below <= 0.0)
        # Work that was put off has left servers free, as many as it would have filled.
        put_off = pue.where(up_called > 0.0, 0.0)
        above = self["battery above"] - cars_mw + self["room above"].sum("car") - put_off * self["load"]
        self.row((1.0 - down_called) * down + up_called * up - above <= put_off * given(path.capacity_mw))

    def certificates(self):
        """Load is matched with certificates of its half hour and zone; what misses the week's target costs."""
        path, value, end = self.path, self.value, self.path.end
        if value(s.GREEN_PREMIUM) <= 0.0 and value(s.GREEN_PENALTY) <= 0.0:
            return
        matched = self.column("matched", "step zone", xr.where(self.member.any("area"), INF, 0.0))
        soaked = self["surplus"] + self["local surplus"]
        self.row(matched - (0.5 * self.member * self["site"]).sum("area") <= 0.0)
        contracted = (self.member * self.given(path.certificates_mwh)).sum("area")
        self.row(matched - (0.5 * self.member * soaked).sum("area") <= contracted)
        self.cost(-value(s.GREEN_PREMIUM), matched)
        if end.green:
            target, short = value(s.GREEN_TARGET), self.model.add_variables(0.0, name="short")
            before = target * end.match_load_mwh - end.matched_mwh
            self.row(short + matched.sum() - 0.5 * target * self["site"].sum() >= before)
            self.cost(value(s.GREEN_PENALTY), 1.0 * short)

    def end(self):
        """What is left has a worth or a cost."""
        end = self.path.end
        for name, jpy in (
            ("battery", -end.storage_jpy_per_mwh),
            ("car", -end.car_jpy_per_mwh),
            ("batch left", end.batch_jpy_per_mwh),
            ("training left", end.training_jpy_per_mwh),
            ("snow", -end.snow_jpy_per_t),
        ):
            if name in self.model.variables:
                self.cost(self.given(jpy, "area"), self[name].isel(step=-1))
        self.fixed_cost(end.constant_jpy)

    def wear(self, cuts, days):
        """Wear of each car on each day, JPY: above a cut, an affine function of what the car does on the day."""
        path, value, cars, eta = self.path, self.value, self.path.cars, self.value(s.CAR_EFFICIENCY)
        each, size = (
            (path.steps // 48, path.areas, cars.capacity_kwh.shape[1]),
            self.given(cars.capacity_kwh, "area car"),
        )
        share = 1.0 / (self.given(self.plant.weight, "area") * size)  # of its capacity, per MWh of all it stands for
        for day in range(each[0]):
            hours = slice(48 * day, 48 * day + 48)

            def of(table, day=day, hours=hours):
                """Numbers by half hour of this day, or of this day, from (day x area x car, ...)."""
                here = np.asarray(table).reshape(*each, -1)[day].transpose(2, 0, 1)
                index = list(range(*hours.indices(path.steps))) if len(here) == 48 else [0]
                found = xr.DataArray(here, [("step", index), ("area", self.labels["area"]), ("car", range(each[2]))])
                return found if len(here) == 48 else found.isel(step=0, drop=True)

            parts, out, road, end = (
                self[name].isel(step=hours) for name in ("charge", "discharge", "bought on the road", "car")
            )
            into, out = 0.5 * eta * share * parts, (0.5 / eta) * share * out  # at the cells
            square = (4.0 * of(days.charge_limit) * self.given(square_segments()[1], "rate") * into).sum("rate")
            into = into.sum("rate")
            energy = share * end - share * road - 0.5 * into + 0.5 * out  # and the leg out, in the middle of charging
            labels = [(name, list(self.labels[name])) for name in ("area", "car")]
            worn = self.model.add_variables(0.0, coords=labels, name=f"wear of day {day}")
            price = KILO * value(s.PACK_VALUE) * self.site(s.SITE_WEIGHT) * size
            cut = of(cuts.charge) * into + of(cuts.discharge) * out + of(cuts.bought) * (share * road)
            cut = (cut + of(cuts.square) * square + of(cuts.energy) * energy).sum("step")
            fixed = of(cuts.constant) + (of(cuts.energy) * of(days.after)).sum("step")
            self.row(worn - price * cut >= price * fixed)
            self.cost(1.0 / KILO, worn)

    def planned_wear(self):
        """Wear as a planner prices it: parts of charging, and what a car gives back in a day, dearer and dearer."""
        price, dims = planned_wear(self.plant, self.path), ("area", "car", "deep")
        self.labels["deep"] = range(price.width.shape[-1])
        self.cost(1.0 / KILO, self.given(price.rate, "step rate area car") * self["charge"])
        for day in range(len(price.width)):
            width, jpy = (self.given(x[day], " ".join(dims)) for x in (price.width, price.depth / KILO))
            deep = self.column(f"given back on day {day}", " ".join(dims), width)
            self.row(self["discharge"].isel(step=slice(48 * day, 48 * day + 48)).sum("step") - deep.sum("deep") <= 0.0)
            self.cost(jpy, deep)

    def deadlines(self):
        """A queue for every half hour in which work is due: exact where the bound of the program is a total."""
        path, steps = self.path, range(self.path.steps)
        for name, due in (("batch", (7, 15, 31, 47)), ("training", (47, 95, 143))):
            arrived = getattr(path, f"{name}_mwh").copy()
            arrived[0] += getattr(path, f"{name}_start_mwh")  # at the start of an episode queues hold the first work
            self.labels["due"] = range(path.steps + due[-1])
            comes = np.zeros((path.steps, path.areas, len(self.labels["due"])))
            for later in due:
                comes[steps, :, np.asarray(steps) + later] += arrived / len(due)
            past = np.asarray(self.labels["due"]) <= np.asarray(steps)[:, None]
            room = xr.where(self.given(past, "step due") > 0.0, 0.0, INF)
            waits, before, _ = self.stock(f"{name} by due time", 0.0, dims="step area due", high=room)
            done = self.column(f"{name} done", "step area due")
            self.row(waits - before + done == self.given(comes, "step area due"))
            self.row(waits.sum("due") - self[f"{name} left"] == 0.0)

    def objective(self):
        """Least cost, thousands of JPY."""
        self.model.add_objective(sum(self.terms[1:], self.terms[0]))
        status, _ = self.model.solve("highs", io_api="direct", output_flag=False, progress=False, threads=1)
        assert status == "ok"
        return self.model.objective.value + self.constant


def optimum(plant, path):
    return solve(fill(Structure(Template(plant), path.steps), path)).objective


@pytest.fixture(scope="module")
def two_days(scenario):
    """Plant and path of two days of a scenario, with some sections and some keys of every area changed."""

    def record(name="japan3", week=0, seed=0, areas=None, steps=96, **sections):
        config = scenario(name, episode={"steps": steps}, **sections)
        if areas:
            config = config.model_copy(update={"areas": tuple(a.model_copy(update=areas) for a in config.areas)})
        plant, (path,) = record_paths(config, [week], [seed])
        return plant, path

    return record


INTRUDERS = (
    {"kind": "hijack-discharge", "start_hour": 18, "hours": 2, "size": 0.2},
    {"kind": "hijack-oscillate", "start_hour": 42, "hours": 2, "size": 0.3},
)
DARK = ({"kind": "area-outage", "area": "tokyo", "start_hour": 4, "hours": 40, "size": 0.9},)
BOUND = {
    "incidents": DARK,
    "areas": {"capacity_contract_mw": 2500.0},
    "work": {
        "realtime_share": 0.0,
        "interactive_share": 0.2,
        "batch_share": 0.4,
        "training_share": 0.4,
        "resident_share": 0.8,
    },
}
SHORT = {
    "incidents": ({"kind": "area-outage", "area": "all", "start_hour": 20, "hours": 20, "size": 0.9},),
    "areas": {"connection_mw": 250.0},
    "network": {"path": "ip", "ip_gbps": 1.0, "realtime_budgets_ms": (25.0, 35.0, 60.0)},
}
EVERY_PRICE = {
    "market": {"carbon_jpy_per_kg": 3.0, "wheeling": "full", "levy": "losses", "floor_jpy_per_kwh": -2.0},
    "fleet": {"owner_carbon_jpy_per_kg": 2.0},
    "mitigation": {"signed_commands": True},
    "incidents": ({"kind": "interconnector-trip", "area": "kyushu", "start_hour": 8, "hours": 30, "size": 12.0},),
    "network": {"path": "ip", "ip_gbps": 4.0, "realtime_budgets_ms": (25.0, 35.0, 60.0)},
}
MIX = FleetMix(home=0.5, workplace=0.25, commercial=0.25)
OFF = {"enabled": False}
CASES = {
    "snow-campus": {"name": "snow-campus", "week": 12},
    "bound-work-call-outage": {"name": "tokyo-tight", "week": 3, "feeder": OFF, **BOUND},
    "drops-misses-connection": {"name": "tokyo-tight", "week": 3, **SHORT},
    "fleet-hijack": {"name": "fleet-hijack", "incidents": INTRUDERS},
    "every-price": {"name": "local-surplus", "week": 2, "seed": 2, **EVERY_PRICE},
    "little": {"areas": {"cars": 0.0}, "reserve": OFF, "certificates": OFF},
    "bound-realtime": {"work": {"resident_share": 0.4}},
}
MORE = {
    "japan3": {},  # by default with wear, below
    "another-week": {"week": 30, "seed": 1},
    "local-surplus": {"name": "local-surplus"},
    "tokyo-outage": {"name": "tokyo-outage", "seed": 1},
    "kyushu-spring": {"name": "kyushu-spring", "week": 3},
    "no-cars": {"areas": {"cars": 0.0}},
    "no-reserve": {"reserve": OFF},
    "no-certificates": {"certificates": OFF},
    "no-contract": {"capacity": OFF},
    "no-feeder": {"feeder": OFF},
    "kinds": {"areas": {"fleet_mix": MIX}},
    "japan9": {"name": "japan9"},
}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name) for name, case in CASES.items()]
    + [pytest.param(case, id=name, marks=pytest.mark.slow) for name, case in MORE.items()],
)
def test_the_twin_has_the_same_optimum(two_days, case):
    plant, path = two_days(**case)
    assert Twin(plant, path).objective() == pytest.approx(optimum(plant, path), rel=1e-6)


def test_the_twin_has_the_same_optimum_with_wear(two_days):
    plant, path = two_days(week=30, seed=1)
    structure, solver = Structure(Template(plant), path.steps, wear="bound"), Solver()
    wear = Wear(structure, path)
    solver.pass_program(fill(structure, path))
    without = solver.run()
    cuts = wear.cuts(wear.paths(without.x))
    solver.add_rows(wear.rows(cuts, np.ones(len(cuts.constant), bool)))
    found = solver.run().objective
    twin = Twin(plant, path)
    twin.wear(cuts, wear.car_days)
    assert twin.objective() == pytest.approx(found, rel=1e-6)
    assert found > 1.001 * without.objective


def test_the_twin_has_the_same_optimum_with_planned_wear(two_days):
    plant, path = two_days()
    twin = Twin(plant, path)
    twin.planned_wear()
    found = solve(fill(Structure(Template(plant), path.steps, wear="planned"), path)).objective
    assert twin.objective() == pytest.approx(found, rel=1e-6)


def test_a_queue_for_every_deadline_has_the_optimum_of_the_windows(two_days):
    dark = {"kind": "area-outage", "area": "all", "start_hour": 4, "hours": 12, "size": 0.9}
    plant, path = two_days("tokyo-tight", 3, steps=48, incidents=(dark,))
    structure = Structure(Template(plant), path.steps)
    program = fill(structure, path)
    twin = Twin(plant, path)
    twin.deadlines()
    found = solve_in_time(structure, path, program).objective
    assert twin.objective() == pytest.approx(found, rel=1e-6)
    assert found > solve(program).objective * (1.0 + 1e-5)


def test_the_cases_hold_what_they_are_for(two_days):
    paths = {name: two_days(**case)[1] for name, case in {"japan3": {}, **CASES}.items()}
    assert (paths["bound-work-call-outage"].call > 0.5).any()
    assert (paths["bound-work-call-outage"].power_up < 1.0).any()
    assert (paths["fleet-hijack"].swing > 0.0).any()
    assert (paths["every-price"].surplus_mw > 0.0).any()
    assert (paths["every-price"].local_mw > 0.0).any()
    assert (
        np.take_along_axis(paths["every-price"].price_jpy_per_mwh, paths["every-price"].zone, 1)
        != paths["every-price"].price_jpy_per_mwh
    ).any()
    assert (paths["snow-campus"].compressor_share * paths["snow-campus"].snow_start_t > 0.0).any()
    assert (paths["japan3"].up_share > 0.0).any()
    assert (paths["japan3"].down_share > 0.0).any()


def test_scipy_has_the_same_optimum(two_days):
    plant, path = two_days("snow-campus")
    program = fill(Structure(Template(plant), path.steps), path)
    equal = program.row_lower == program.row_upper
    above, below = ~equal & np.isfinite(program.row_lower), ~equal & np.isfinite(program.row_upper)
    rows = program.matrix.tocsr()
    found = scipy.optimize.linprog(
        program.cost,
        scipy.sparse.vstack([rows[below], -rows[above]]),
        np.concatenate([program.row_upper[below], -program.row_lower[above]]),
        rows[equal],
        program.row_lower[equal],
        np.stack([program.lower, program.upper], axis=1),
        method="highs",
    )
    assert found.status == 0
    assert found.fun + program.constant == pytest.approx(optimum(plant, path), rel=1e-6)
