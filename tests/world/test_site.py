"""Snow, heat, feeders, connection and local surplus in the world, against the laws and by hand."""

import numpy as np
import pytest

from wattbit.physics.feeder import ageing_rate
from wattbit.physics.heat import heat_pump_cop
from wattbit.world import state as s
from wattbit.world.batch import Batch


def home(batch: Batch, fleet: float = 0.0, storage: float = 0.0) -> np.ndarray:
    return np.tile([0, 0, 1, 1, fleet, storage, 0, 0], len(batch.config.areas)).astype(np.float32)


def book(batch: Batch, field: int) -> np.ndarray:
    return batch.ledger[0, :, field].copy()


def warm_row(batch: Batch, area: int) -> int:
    """Half hours until the first of the next day in which compressors run in an area."""
    row = int(batch.world.clock[0, s.ROW])
    hot = np.flatnonzero(batch.world.exog[row : row + 300, area, s.TEMPERATURE] > 18.0)
    assert len(hot), "the chosen week has no warm half hour: choose another"
    return int(hot[0])


def test_snow_takes_over_from_the_compressors(scenario):
    config = scenario("snow-campus")
    bare = tuple(area.model_copy(update={"snow_t": 0.0}) for area in config.areas)
    with_snow = Batch(config, 1, "evaluation", "test", "float64")
    without = Batch(config.model_copy(update={"areas": bare}), 1, "evaluation", "test", "float64")
    for batch in (with_snow, without):
        batch.reset(1, week=14)
    for _ in range(warm_row(with_snow, 0)):
        for batch in (with_snow, without):
            batch.step_single(home(batch))
    before = float(with_snow.world.area[0, 0, s.SNOW_T])
    temperature = float(with_snow.world.exog[with_snow.world.clock[0, s.ROW], 0, s.TEMPERATURE])
    assert before > 1_000.0
    for batch in (with_snow, without):
        batch.step_single(home(batch))
    # By hand: 3 MW idle and the load, 3 % fans; what free cooling leaves goes to the snow, 10.39 t a MWh.
    it = 3.0 + book(with_snow, s.L_LOAD_MW)[0]
    left_to_cool = min(1.0, (temperature - 15.0) / 10.0)
    need = 1.03 * it * left_to_cool
    assert book(with_snow, s.L_SNOW)[0] == pytest.approx(0.5 * need * 10.3876, rel=1e-4)
    saved = need / (5.0 * (1.0 - 0.02 * (temperature - 20.0))) - 0.03 * need
    lower = book(without, s.L_DATACENTRE_MW)[0] - book(with_snow, s.L_DATACENTRE_MW)[0]
    assert lower == pytest.approx(saved, rel=1e-4)
    melted = before - float(with_snow.world.area[0, 0, s.SNOW_T])
    assert melted == pytest.approx(0.5 * need * 10.3876 + (before - 0.5 * need * 10.3876) * 0.003 / 48.0, rel=1e-4)


def test_heat_is_sold_through_a_pump_that_the_site_feeds(scenario):
    batch = Batch(scenario("japan3"), 1, "evaluation", "test", "float64")
    batch.reset(1, week=40)
    batch.step_single(home(batch))
    cop = heat_pump_cop(65.0, 33.0)
    row = int(batch.world.clock[0, s.ROW]) - 1
    demand = 2.0 + np.maximum(0.0, 15.0 - batch.world.exog[row, :, s.TEMPERATURE])
    it = batch.world.site[:, s.SITE_IDLE_MW] + book(batch, s.L_LOAD_MW)
    sold = np.minimum(0.4 * it * cop / (cop - 1.0), demand)
    np.testing.assert_allclose(book(batch, s.L_HEAT), 0.5 * sold, rtol=1e-6)
    np.testing.assert_allclose(book(batch, s.L_HEAT_PUMP_MW), sold / cop, rtol=1e-6)
    np.testing.assert_allclose(book(batch, s.L_HEAT_JPY), -3_200.0 * 0.5 * sold, rtol=1e-6)


def test_an_overloaded_feeder_ages_trips_and_comes_back(scenario):
    area = {"name": "tokyo", "user_share": 1.0, "cars": 100_000.0, "feeder_kva_per_car": 1.5}
    batch = Batch(scenario("japan3", areas=[area]), 1, "evaluation", "test", "float64")
    batch.reset(2)
    for _ in range(40):
        batch.step_single(home(batch, fleet=1.0))
        hot, life = book(batch, s.L_HOT_SPOT)[0], book(batch, s.L_LIFE)[0]
        assert life == pytest.approx(0.5 * ageing_rate(hot), rel=1e-9)
        # 10,000 JPY a kVA over 180,000 h.
        assert book(batch, s.L_FEEDER)[0] == pytest.approx(10_000.0 / 180_000.0 * 1.5 * 100_000.0 * life, rel=1e-9)
        if hot > 140.0:
            break
    else:
        pytest.fail("never tripped")
    for _ in range(4):
        assert batch.world.area[0, 0, s.TRIP_STEPS] > 0.0
        assert batch.world.area[0, 0, s.FLEET_HIGH_MW] == batch.world.area[0, 0, s.FLEET_LOW_MW] == 0.0
        batch.step_single(home(batch, fleet=1.0))
        assert book(batch, s.L_FLEET_MW)[0] == 0.0
    assert batch.world.area[0, 0, s.TRIP_STEPS] == 0.0
    assert batch.world.area[0, 0, s.FLEET_HIGH_MW] > 0.0


def test_a_sound_feeder_costs_next_to_nothing(scenario):
    batch = Batch(scenario("japan3"), 1)
    batch.reset(2)
    worst = -100.0
    for _ in range(336):
        batch.step_single(home(batch))
        worst = max(worst, book(batch, s.L_HOT_SPOT).max())
    assert worst < 98.0


@pytest.mark.parametrize("storage", [1.0, -1.0])
def test_net_load_beyond_the_connection_is_paid_for(scenario, storage):
    batch = Batch(scenario("local-surplus"), 1, "evaluation", "test", "float64")
    batch.reset(1)
    batch.step_single(home(batch, fleet=1.0 if storage > 0 else 0.0, storage=storage))
    net = book(batch, s.L_NET_MW)
    over = max(0.0, abs(net[1]) - 330.0)
    assert book(batch, s.L_CONNECTION)[1] == pytest.approx(0.5 * over * 100_000.0, rel=1e-9)
    assert book(batch, s.L_CONNECTION)[0] == 0.0
    if storage > 0.0:
        assert over > 0.0


def test_local_surplus_is_what_the_line_does_not_take(scenario):
    batch = Batch(scenario("local-surplus"), 1, "evaluation", "test", "float64")
    batch.reset(1, week=12)
    peak = float(batch.constants.exog[:-1, 1, s.SOLAR].max())
    used = 0.0
    for _ in range(336):
        batch.step_single(home(batch))
        row = int(batch.world.clock[0, s.ROW]) - 1
        exog = batch.world.exog[row, 1]
        local = max(0.0, 900.0 * exog[s.SOLAR] / peak - 150.0)
        net = book(batch, s.L_NET_MW)[1]
        expected = min(max(0.0, net - exog[s.SURPLUS]), local)
        assert book(batch, s.L_LOCAL_MW)[1] == pytest.approx(expected, rel=1e-5, abs=1e-6)
        used += 0.5 * book(batch, s.L_LOCAL_MW)[1]
    assert used > 1_000.0


def test_resident_work_stays_at_home(scenario):
    config = scenario("japan3", work={"resident_share": 0.6}, episode={"steps": 336})
    batch = Batch(config, 1, "evaluation", "test", "float64")
    batch.reset(3)
    rng = np.random.default_rng(0)
    arrived, moved = np.zeros((2, 3)), np.zeros((2, 3))
    for _ in range(336):
        arrived += batch.world.area[0][:, [s.ARRIVED_BATCH_MWH, s.ARRIVED_TRAINING_MWH]].T
        own = batch.world.area[0, :, s.INTERACTIVE_MW].copy()
        batch.step_single(rng.uniform(-1, 1, 24).astype(np.float32))
        flow = batch.world.flow[0, : s.N_FLOW]
        away = flow.sum(axis=2) - np.diagonal(flow, axis1=1, axis2=2)
        assert (away[s.FLOW_INTERACTIVE] <= 0.4 * own + 1e-6).all()
        moved += 0.5 * away[[s.FLOW_BATCH, s.FLOW_TRAINING]]
        assert (moved <= 0.4 * arrived + 1e-6).all()
    assert (moved > 0.1 * arrived).any()


def test_the_slowest_hundredth_misses_at_a_crowded_site(scenario):
    batch = Batch(scenario("japan3"), 1, "evaluation", "test", "float64")
    batch.reset(3)
    batch.step_single(np.tile([0, 0, -1, -1, 0, 0, 0, 0], 3).astype(np.float32))
    assert batch.outcome[0, s.O_P99_MISS] == 0.0
    assert (book(batch, s.L_P99_MS) < 450.0).all()
    for _ in range(60):
        batch.step_single(np.tile([0, 0, -1, -1, 0, 0, 0, 0], 3).astype(np.float32))
    batch.step_single(home(batch))
    crowded = book(batch, s.L_P99_MS) > 450.0
    assert crowded.any()
    assert batch.outcome[0, s.O_P99_MISS] == pytest.approx(0.5 * book(batch, s.L_INTERACTIVE_MW)[crowded].sum())


def test_snow_used_beyond_the_plan_is_paid_for_at_the_end(scenario):
    config = scenario("snow-campus", episode={"steps": 48, "months": [7]})
    batch = Batch(config, 1, "evaluation", "test", "float64")
    ends = []
    for extra_t in (0.0, 5_000.0):
        batch.reset(1, week=3)
        batch.world.area[0, 0, s.SNOW_T] -= extra_t
        for _ in range(48):
            batch.step_single(home(batch))
        ends.append(batch.outcome[0, s.O_TERMINAL])
    price = batch.world.exog[batch.world.clock[0, s.ROW], 0, s.STOCK_PRICE]
    # 10.39 t are a MWh of cooling, for which compressors of COP 5 need 0.2 MWh; the smaller pile melts a little less.
    assert ends[1] - ends[0] == pytest.approx(price * 5_000.0 * 0.2 / 10.3876, rel=0.01)
