"""Nothing is lost and nothing appears: every balance of every step under random actions, recomputed with NumPy."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from wattbit.world import state as s
from wattbit.world.batch import Batch

STEPS = 110  # two midnights
TOLERANCE = {"float64": 1e-6, "float32": 1e-4}
ETA = 0.92


@dataclass
class Record:
    """What was before, during and after every step; arrays start with the time axis."""

    batch: Batch
    tolerance: float
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    ledger: NDArray[np.float64]
    outcome: NDArray[np.float64]
    flow: NDArray[np.float64]
    exog: NDArray[np.float64]
    soc: NDArray[np.float64]
    health: NDArray[np.float64]

    def book(self, name: str) -> NDArray[np.float64]:
        """One column of the ledger, shape (time, area)."""
        return self.ledger[:, :, s.LEDGER.index(name)]

    def info(self, name: str) -> NDArray[np.float64]:
        """One column of the info, shape (time,)."""
        return self.outcome[:, s.OUTCOMES.index(name)]

    def site(self, field: int) -> NDArray[np.float64]:
        """One constant of the areas."""
        return self.batch.world.site[:, field].astype(np.float64)

    def close(self, got: NDArray[np.float64], want: NDArray[np.float64], size: object) -> None:
        """Assert equality within the bar of the precision, relative to `size`."""
        error = np.abs(got - want) / np.maximum(np.abs(np.asarray(size, np.float64)), 1.0)
        where = np.unravel_index(error.argmax(), error.shape)
        assert error.max() <= self.tolerance, f"relative error {error.max():.2e} at {where}"


def random_action(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Inside the box, a third of the entries at its ends or in the middle."""
    action = rng.uniform(-1.0, 1.0, size)
    corner = rng.choice([-1.0, 0.0, 1.0], size)
    return np.where(rng.random(size) < 0.33, corner, action).astype(np.float32)


EVERYTHING_AT_ONCE = [
    {"kind": "price-spoof", "start_hour": 5, "hours": 40, "size": 15},
    {"kind": "area-outage", "area": "tokyo", "start_hour": 6, "hours": 6, "size": 0.7},
    {"kind": "dc-outage", "area": "kyushu", "start_hour": 8, "hours": 12, "size": 0.5},
    {"kind": "false-telemetry", "start_hour": 10, "hours": 30, "size": -0.3},
    {"kind": "link-cut", "area": "tokyo", "other": "kyushu", "start_hour": 12, "hours": 12},
    {"kind": "interconnector-trip", "area": "hokkaido", "start_hour": 14, "hours": 8, "size": 12},
    {"kind": "hijack-discharge", "start_hour": 17, "hours": 3, "size": 0.3},
    {"kind": "hijack-charge", "area": "tokyo", "start_hour": 21, "hours": 3, "size": 0.5},
    {"kind": "hijack-oscillate", "start_hour": 26, "hours": 3, "size": 0.4},
    {"kind": "lost-link", "area": "kyushu", "start_hour": 28, "hours": 12, "size": 0.8},
    {"kind": "area-outage", "area": "hokkaido", "start_hour": 44, "hours": 6},
]


@pytest.fixture(
    scope="module",
    params=[(n, p) for n in ("japan3", "japan9", "incidents", "orders by car") for p in TOLERANCE],
    ids="-".join,
)
def record(request, scenario) -> Record:
    name, precision = request.param
    if name == "incidents":
        guard = {"change_cap": True, "quorum": True, "quorum_needed": 3}
        config = scenario("japan3", incidents=EVERYTHING_AT_ONCE, mitigation=guard)
    else:
        config = scenario("japan3" if name == "orders by car" else name)
    batch = Batch(config, 1, "evaluation", "test", precision, orders="car" if name == "orders by car" else "area")
    batch.reset(seed=11, week=31)
    world = batch.world
    rng = np.random.default_rng(3)
    names = [name for name in Record.__dataclass_fields__ if name not in ("batch", "tolerance")]
    rows: dict[str, list[NDArray[np.float64]]] = {name: [] for name in names}
    for _ in range(STEPS):
        rows["before"].append(world.area[0].astype(np.float64))
        rows["exog"].append(world.exog[world.clock[0, s.ROW]].astype(np.float64))
        batch.step_single(random_action(rng, world.action.shape[1]))
        rows["after"].append(world.area[0].astype(np.float64))
        rows["ledger"].append(batch.ledger[0].copy())
        rows["outcome"].append(np.append(batch.outcome[0], batch.reward[0]))
        rows["flow"].append(world.flow[0, : s.N_FLOW].astype(np.float64))
        usable = world.vehicle[0, :, s.CAPACITY_KWH] * world.vehicle[0, :, s.HEALTH]
        rows["soc"].append((world.vehicle[0, :, s.ENERGY_KWH] / usable).astype(np.float64))
        rows["health"].append(world.vehicle[0, :, s.HEALTH].astype(np.float64))
    return Record(batch, TOLERANCE[precision], **{k: np.stack(v) for k, v in rows.items()})


def test_every_number_is_finite(record):
    for field in ("after", "ledger", "outcome", "flow", "soc", "health"):
        assert np.isfinite(getattr(record, field)).all(), field
    assert np.isfinite(record.batch.observation).all()


def test_net_load_is_data_centre_plus_fleet_plus_storage(record):
    load, pue = record.book("load_mw"), record.before[:, :, s.PUE]
    idle, tail = record.site(s.SITE_IDLE_MW) * record.before[:, :, s.SITE_UP], record.site(s.SITE_TAIL)
    centre = pue * (idle + load) + tail * load**2 + record.book("heat_pump_mw")
    fleet = 2.0 * (record.book("charged_mwh") - record.book("discharged_mwh"))
    net = centre + fleet + record.book("storage_mw")
    record.close(record.book("datacentre_mw"), centre, centre)
    record.close(record.book("fleet_mw"), fleet, centre)
    record.close(record.book("net_load_mw"), net, centre)


def test_surplus_is_met_first_and_the_rest_is_bought(record):
    net, surplus = record.book("net_load_mw"), record.exog[:, :, s.SURPLUS]
    assert (surplus > 0.0).any(), "the chosen week has no surplus: choose another"
    soaked = np.where(surplus > 0.0, np.minimum(net, surplus), 0.0)
    record.close(record.book("soaked_mw"), soaked, net)
    record.close(record.book("soaked_mw") + record.book("residual_mw"), net, net)


def test_battery_energy_follows_its_power(record):
    power = record.book("storage_mw")
    change = 0.5 * np.where(power > 0.0, power * ETA, power / ETA)
    before, after = record.before[:, :, s.STORAGE_MWH], record.after[:, :, s.STORAGE_MWH]
    size = record.site(s.SITE_STORAGE_MWH)
    record.close(after - before, change, size)
    assert (after >= 0.05 * size * (1.0 - record.tolerance)).all()
    assert (after <= 0.95 * size * (1.0 + record.tolerance)).all()
    assert np.abs(power).max() > 0.0


def test_energy_in_the_cars_follows_charging_driving_and_the_road(record):
    # A leg is booked in the half hour the car leaves, the way back with the half hour before it is seen at home.
    change = ETA * record.book("charged_mwh") - record.book("discharged_mwh") / ETA
    change += record.book("road_mwh") - record.book("trip_mwh")
    before, after = record.before[:, :, s.FLEET_MWH], record.after[:, :, s.FLEET_MWH]
    record.close(after - before, change, before)
    assert record.book("trip_mwh").sum() > 0.0
    assert record.book("discharged_mwh").sum() > 0.0


def test_queued_work_is_served_or_missed_or_still_there(record):
    for total, arrived, kind in (
        (s.BATCH_MWH, s.ARRIVED_BATCH_MWH, "batch"),
        (s.TRAINING_MWH, s.ARRIVED_TRAINING_MWH, "training"),
    ):
        before, after = record.before[:, :, total], record.after[:, :, total]
        gone = record.book(f"{kind}_served_mwh") + record.book(f"{kind}_missed_mwh")
        record.close(after - before, record.after[:, :, arrived] - gone, before)
        assert (record.book(f"{kind}_served_mwh") >= 0.0).all()
        assert (record.book(f"{kind}_missed_mwh") >= 0.0).all()


def test_what_was_served_ran_somewhere(record):
    flow = record.flow[:, s.FLOW_TRAINING]
    away = 0.5 * (flow.sum((1, 2)) - np.trace(flow, axis1=1, axis2=2))
    assert away.max() > 0.0
    batch, training = record.book("batch_mwh").sum(1), record.book("training_mwh").sum(1)
    record.close(batch, record.book("batch_served_mwh").sum(1), batch)
    # Moved training repeats 3 % of itself.
    record.close(training, record.book("training_served_mwh").sum(1) + 0.03 * away, training)


def test_prompt_demand_runs_or_is_dropped(record):
    for demand, kind in ((s.REALTIME_MW, "realtime"), (s.INTERACTIVE_MW, "interactive")):
        asked = record.before[:, :, demand].sum(1)
        ran, dropped = record.book(f"{kind}_mw").sum(1), 2.0 * record.book(f"{kind}_dropped_mwh").sum(1)
        record.close(ran + dropped, asked, asked)


def test_sites_run_what_they_host_within_their_capacity(record):
    load = record.book("realtime_mw") + record.book("interactive_mw")
    load = load + 2.0 * (record.book("batch_mwh") + record.book("training_mwh"))
    record.close(record.book("load_mw"), load, load)
    room = record.tolerance * record.site(s.SITE_DYNAMIC_MW)
    assert (load <= record.before[:, :, s.CAPACITY_MW] + room).all()


def test_flows_respect_latency_budgets_and_links(record):
    world = record.batch.world
    rtt = world.pair[s.PAIR_RTT_MS]
    budgets = [*world.constant[[s.BUDGET_1_MS, s.BUDGET_2_MS, s.BUDGET_3_MS, s.INTERACTIVE_BUDGET_MS]]]
    away = ~np.eye(len(rtt), dtype=bool)
    assert (record.flow >= 0.0).all()
    for k, budget in enumerate(budgets):
        assert record.flow[:, k][:, away & (rtt > budget)].sum() == 0.0
    tb = np.array([0.5, 0.5, 0.5, 0.02, 1.0, 0.3])
    moved = 0.5 * np.einsum("tkod,k->tod", record.flow, tb)
    assert (moved <= world.pair[s.PAIR_LINK_TB] * (1.0 + record.tolerance) + 1e9 * ~away).all()
    record.close(record.book("moved_tb"), (moved * away).sum(1), moved.sum(1))


def zone_cost(residual: float, price: float, slope: float, floor: float) -> float:
    """Integral of max(floor, price + slope u) from 0 to `residual`, by exact trapezoids between the kinks."""
    corner = (floor - price) / slope if slope > 0.0 else 0.0
    low, high = min(0.0, residual), max(0.0, residual)
    grid = np.unique(np.clip([low, corner, high], low, high))
    height = np.maximum(floor, price + slope * grid)
    area = float((0.5 * (height[1:] + height[:-1]) * np.diff(grid)).sum())
    return area if residual >= 0.0 else -area


def test_energy_cost_is_the_integral_of_every_zones_curve(record):
    floor = 10.0
    exog, residual, soaked = record.exog, record.book("residual_mw"), record.book("soaked_mw")
    for t in range(STEPS):
        paid = record.book("energy_jpy")[t]
        spot = exog[t, :, s.SPOT]
        for zone in np.unique(spot):
            members = np.flatnonzero(spot == zone)
            assert np.ptp(exog[t, members, s.SLOPE]) == 0.0
            assert np.ptp(exog[t, members, s.DELTA]) == 0.0
            rise = record.before[t, members, s.PRICE_RISE]
            if np.ptp(rise) > 0.0:
                continue  # areas of one zone then have curves of their own
            price = max(floor, zone + exog[t, members[0], s.DELTA] + rise[0])
            want = 0.5 * floor * soaked[t, members].sum()
            want += 0.5 * zone_cost(residual[t, members].sum(), price, exog[t, members[0], s.SLOPE], floor)
            size = 0.5 * price * np.abs(residual[t, members]).sum()
            record.close(paid[members].sum(), np.asarray(want), size)
    record.close(record.info("energy_jpy"), record.book("energy_jpy").sum(1), record.info("energy_jpy"))


def test_the_other_parts_of_the_cost_follow_from_the_ledger(record):
    world, flow = record.batch.world, record.flow
    size = record.info("energy_jpy")
    # Wheeling on losses only: 1 - 0.92^2 = 0.1536 of what is charged.
    charged = record.book("charged_mwh") + 0.5 * np.maximum(0.0, record.book("storage_mw"))
    record.close(record.info("wheeling_jpy"), (0.1536 * charged * record.site(s.SITE_WHEELING)).sum(1), size)
    record.close(record.info("mobility_jpy"), 60_000.0 * record.book("road_mwh").sum(1), size)
    record.close(record.info("wear_jpy"), record.book("wear_jpy").sum(1), size)
    assert (record.book("wear_jpy") >= 0.5 * 1_500.0 * np.abs(record.book("storage_mw")) * (1.0 - 1e-6)).all()
    lost = 400_000.0 * record.book("realtime_dropped_mwh") + 250_000.0 * record.book("interactive_dropped_mwh")
    lost = lost + 120_000.0 * (record.book("batch_missed_mwh") + record.book("training_missed_mwh"))
    record.close(record.info("work_jpy"), lost.sum(1), lost.sum(1))
    away = ~np.eye(flow.shape[-1], dtype=bool)
    prompt = flow[:, : s.FLOW_BATCH].sum(1) * away
    network = 0.5 * 20.0 * (prompt * world.pair[s.PAIR_RTT_MS]).sum((1, 2))
    network += 0.5 * 300.0 * (flow[:, s.FLOW_TRAINING] * away).sum((1, 2))
    works = record.site(s.SITE_DYNAMIC_MW) * record.before[:, :, s.SITE_UP]
    used = np.divide(record.book("load_mw"), works, out=np.zeros_like(works), where=works > 0.0)
    lines = world.constant[s.TANGENT : s.TANGENT + 2 * s.N_TANGENTS].reshape(2, s.N_TANGENTS)
    waiting = np.maximum(0.0, (lines[0] + lines[1] * used[..., None]).max(-1))
    network += 0.5 * record.batch.config.datacentre.queue_jpy_per_mwh * (waiting * works).sum(1)
    record.close(record.info("network_jpy"), network, network)
    assert (record.info("carbon_jpy") == 0.0).all()
    co2 = 0.5 * (record.book("residual_mw") * record.exog[:, :, s.CARBON_MARGINAL]).sum(1)
    record.close(record.info("co2_kg"), co2, np.abs(co2).max())


def test_cost_is_the_sum_of_its_parts_and_the_reward_its_negative(record):
    cost = sum(record.info(name) for name in s.TERMS)
    np.testing.assert_allclose(record.info("cost_jpy"), cost, rtol=1e-12)
    reward = (record.info("reference_jpy") - cost) / record.batch.config.reward_scale_jpy
    np.testing.assert_allclose(record.outcome[:, -1], reward, rtol=1e-6, atol=1e-9)


def test_misses_and_avoided_curtailment_are_counted(record):
    missed = sum(
        record.book(f"{kind}_mwh").sum(1)
        for kind in ("realtime_dropped", "interactive_dropped", "batch_missed", "training_missed")
    )
    record.close(record.info("slo_miss_mwh"), missed, missed)
    avoided = 0.5 * np.maximum(0.0, record.book("soaked_mw")).sum(1)
    record.close(record.info("curtailment_avoided_mwh"), avoided, avoided)
    record.close(record.info("v2g_mwh"), record.book("discharged_mwh").sum(1), record.info("v2g_mwh"))
    record.close(record.info("unserved_departures"), record.book("unserved_departures").sum(1), 1.0)


def test_states_of_charge_stay_within_the_battery(record):
    assert record.soc.min() >= -record.tolerance
    assert record.soc.max() <= 1.0 + record.tolerance


def test_health_never_rises(record):
    assert (np.diff(record.health, axis=0) <= 0.0).all()
    assert (record.health[-1] < record.health[0]).all()
    assert (record.book("soh_loss_percent") >= 0.0).all()


def test_health_lost_is_the_sum_of_what_the_steps_reported(record):
    # 96 half hours are two whole days; midnight books what the day window has shown.
    lost = 100.0 * (record.health[0].mean(1) - record.health[95].mean(1))
    reported = record.book("soh_loss_percent")[:96].sum(0)
    np.testing.assert_allclose(lost, reported, rtol=1e-6 if record.tolerance < 1e-5 else 0.02)
