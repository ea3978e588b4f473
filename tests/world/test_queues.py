"""Queues worked by hand: earliest due first, local before remote, within links and capacity."""

import numpy as np
import pytest

from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit.world.decode import decode_action
from wattbit.world.demand import arrive_work, due_sum, lose_overdue, observe_backlog, run_queue
from wattbit.world.step import run_work

HOKKAIDO, TOKYO, KYUSHU = range(3)


@pytest.fixture
def batch(scenario) -> Batch:
    """Three areas with empty queues, no prompt work, links of 45 TB (200 Gb/s for half an hour)."""
    batch = Batch(scenario("japan3", network={"apn_gbps": 200.0}), 1, "evaluation", "test", "float64")
    world = batch.world
    world.clock[0, s.ROW] = 5 * 48 + 46  # 23:00: both rings wrap on the way
    world.area[0, :, s.CAPACITY_MW] = world.site[:, s.SITE_DYNAMIC_MW]
    assert world.pair[s.PAIR_LINK_TB, 0, 1] == pytest.approx(45.0)
    return batch


def put(batch: Batch, area: int, ring: str, due: dict[int, float]) -> None:
    """Queue MWh that are due `key` half hours from now."""
    base, slots = (0, 48) if ring == "batch" else (48, 144)
    row = int(batch.world.clock[0, s.ROW])
    for step, mwh in due.items():
        batch.world.queue[0, area, base + (row + step) % slots] = mwh
    observe_backlog(batch.world, 0, area)


def left(batch: Batch, area: int, ring: str) -> dict[int, float]:
    """What waits, by half hours from now."""
    base, slots = (0, 48) if ring == "batch" else (48, 144)
    row = int(batch.world.clock[0, s.ROW])
    content = {k: float(batch.world.queue[0, area, base + (row + k) % slots]) for k in range(slots)}
    return {k: pytest.approx(v, abs=1e-4) for k, v in content.items() if v > 1e-4}


def act(batch: Batch, **shares: float) -> np.ndarray:
    """Run levels by ``batch_tokyo=share``; everything else runs nothing. Returns MWh per class, from and to."""
    action = np.zeros((3, s.N_CONTROL))
    action[:, [s.A_BATCH, s.A_TRAINING]] = -1.0
    for key, share in shares.items():
        ring, area = key.split("_")
        column = s.A_BATCH if ring == "batch" else s.A_TRAINING
        action[["hokkaido", "tokyo", "kyushu"].index(area), column] = 2.0 * share - 1.0
    batch.world.action[0] = action.ravel()
    decode_action(batch.world, 0, 0)
    return 0.5 * batch.world.flow[0, : s.N_FLOW]


def test_remote_work_runs_by_due_time_until_the_room_is_full(batch):
    # Hokkaido: 30 MWh due now, 40 in 1.5 h; Kyushu: 20 due in half an hour. Tokyo takes 60 MWh of its 420 MW * 0.5 h:
    # Hokkaido's 30, Kyushu's 20, then 10 of Hokkaido's 40.
    put(batch, HOKKAIDO, "batch", {0: 30.0, 3: 40.0})
    put(batch, KYUSHU, "batch", {1: 20.0})
    flow = act(batch, batch_tokyo=60.0 / 210.0)[s.FLOW_BATCH]
    assert flow[HOKKAIDO, TOKYO] == pytest.approx(40.0, abs=1e-4)
    assert flow[KYUSHU, TOKYO] == pytest.approx(20.0, abs=1e-4)
    assert flow.sum() == pytest.approx(60.0, abs=1e-4)
    run_work(batch.world, 0, 0)
    assert left(batch, HOKKAIDO, "batch") == {3: 30.0}
    assert left(batch, KYUSHU, "batch") == {}
    assert batch.ledger[0, :, s.L_BATCH_MISSED].sum() == pytest.approx(0.0, abs=1e-4)


def test_a_full_link_leaves_the_room_to_others(batch):
    # Tokyo takes all 210 MWh: of Hokkaido's 70 MWh at 1 TB each only 45 fit through the link, the latest due stays.
    put(batch, HOKKAIDO, "batch", {0: 30.0, 3: 40.0})
    put(batch, KYUSHU, "batch", {1: 20.0, 5: 10.0})
    flow = act(batch, batch_tokyo=1.0)[s.FLOW_BATCH]
    assert flow[HOKKAIDO, TOKYO] == pytest.approx(45.0, abs=1e-4)
    assert flow[KYUSHU, TOKYO] == pytest.approx(30.0, abs=1e-4)
    run_work(batch.world, 0, 0)
    assert left(batch, HOKKAIDO, "batch") == {3: 25.0}
    assert batch.ledger[0, TOKYO, s.L_MOVED_TB] == pytest.approx(75.0, abs=1e-4)


def test_local_work_goes_before_guests_even_when_it_is_due_later(batch):
    # Tokyo has 50 MWh of its own, due in 10 h, and room for 60: Hokkaido's urgent 30 MWh get the remaining 10.
    put(batch, TOKYO, "batch", {20: 50.0})
    put(batch, HOKKAIDO, "batch", {0: 30.0})
    flow = act(batch, batch_tokyo=60.0 / 210.0)[s.FLOW_BATCH]
    assert flow[TOKYO, TOKYO] == pytest.approx(50.0, abs=1e-4)
    assert flow[HOKKAIDO, TOKYO] == pytest.approx(10.0, abs=1e-4)
    run_work(batch.world, 0, 0)
    # The 20 MWh that were due by now are past due and lost: 20 * 120,000 JPY.
    assert batch.ledger[0, HOKKAIDO, s.L_BATCH_MISSED] == pytest.approx(20.0, abs=1e-4)
    assert batch.world.outcome[0, s.O_WORK] == pytest.approx(2_400_000.0, rel=1e-5)


def test_work_goes_to_the_nearest_room_first(batch):
    # From Tokyo, Tomakomai (767 km) is nearer than Fukuoka (924 km): 40 MWh fill Hokkaido's 30 before Kyushu gets 10.
    put(batch, TOKYO, "batch", {2: 40.0})
    flow = act(batch, batch_hokkaido=30.0 / 105.0, batch_kyushu=30.0 / 105.0)[s.FLOW_BATCH]
    assert flow[TOKYO] == pytest.approx([30.0, 0.0, 10.0], abs=1e-4)


def test_batch_and_training_share_the_link_and_moved_training_costs_extra(batch):
    # The link to Tokyo holds 45 TB: 36 MWh of batch take 36 TB, training at 0.3 TB/MWh gets 9 TB = 30 MWh. Moving 30
    # repeats 3 % of it: 30.9 MWh run in Tokyo.
    put(batch, HOKKAIDO, "batch", {4: 36.0})
    put(batch, HOKKAIDO, "training", {9: 50.0})
    flow = act(batch, batch_tokyo=1.0, training_tokyo=1.0)
    assert flow[s.FLOW_BATCH, HOKKAIDO, TOKYO] == pytest.approx(36.0, abs=1e-4)
    assert flow[s.FLOW_TRAINING, HOKKAIDO, TOKYO] == pytest.approx(30.0, abs=1e-4)
    run_work(batch.world, 0, 0)
    assert batch.ledger[0, TOKYO, s.L_TRAINING_MWH] == pytest.approx(30.9, abs=1e-4)
    assert batch.ledger[0, TOKYO, s.L_LOAD_MW] == pytest.approx(2.0 * 66.9, abs=1e-3)
    assert left(batch, HOKKAIDO, "training") == {9: 20.0}


def test_training_gets_the_capacity_that_batch_leaves(batch):
    # Tokyo: 210 MWh of capacity, batch takes all its 150, training gets half of the other 60.
    put(batch, TOKYO, "batch", {8: 150.0})
    put(batch, TOKYO, "training", {30: 500.0})
    flow = act(batch, batch_tokyo=1.0, training_tokyo=0.5)
    assert flow[s.FLOW_BATCH, TOKYO, TOKYO] == pytest.approx(150.0, abs=1e-3)
    assert flow[s.FLOW_TRAINING, TOKYO, TOKYO] == pytest.approx(30.0, abs=1e-3)


def test_a_ring_is_emptied_from_the_earliest_due_across_its_seam():
    queue = np.zeros((1, 1, s.N_QUEUE))
    row = 46
    queue[0, 0, [46, 47, 0, 1]] = 5.0, 7.0, 11.0, 13.0
    assert run_queue(queue, 0, 0, 0, 48, row, 20.0, 36.0) == pytest.approx(20.0)
    assert queue[0, 0, [46, 47, 0, 1]] == pytest.approx([0.0, 0.0, 3.0, 13.0])
    assert due_sum(queue, 0, 0, 0, 48, row, 0, 3) == pytest.approx(3.0)
    assert due_sum(queue, 0, 0, 0, 48, row, 2, 40) == pytest.approx(16.0)
    assert lose_overdue(queue, 0, 0, 0) == pytest.approx(3.0)
    assert queue[0, 0, 0] == 0.0


def test_arriving_work_is_due_in_four_to_twentyfour_and_one_to_three_days(batch):
    world = batch.world
    world.queue[:] = 0.0
    arrive_work(world, 0, TOKYO)
    content = left(batch, TOKYO, "batch")
    # Due by the end of the 8th, 16th, 32nd and 48th half hour, this one included: 4, 8, 16 and 24 h.
    assert list(content) == [7, 15, 31, 47]
    assert list(left(batch, TOKYO, "training")) == [47, 95, 143]
    batch_mwh = world.area[0, TOKYO, s.ARRIVED_BATCH_MWH]
    assert world.queue[0, TOKYO, :48].sum() == pytest.approx(batch_mwh)
    assert world.queue[0, TOKYO, 48:].sum() == pytest.approx(world.area[0, TOKYO, s.ARRIVED_TRAINING_MWH])
