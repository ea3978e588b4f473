"""Work of the data centres: where it runs, how long it waits, what it sends over the network."""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.audit.errors import Errors
from benchmarks.record import Record
from wattbit.world import state as s

DUE_STEPS: Final = (
    (s.ARRIVED_BATCH_MWH, 0, s.BATCH_SLOTS, (7, 15, 31, 47)),
    (s.ARRIVED_TRAINING_MWH, s.BATCH_SLOTS, s.TRAINING_SLOTS, (47, 95, 143)),
)
"""Arrivals, first slot and length of each ring, half hours to the due times of the equal parts of what arrives."""


def work(x: Record, e: Errors) -> None:
    """Work of every class: asked for, run, dropped."""
    for field, first, last, kind in (
        (s.REALTIME_MW, 0, s.FLOW_INTERACTIVE, "realtime"),
        (s.INTERACTIVE_MW, s.FLOW_INTERACTIVE, s.FLOW_BATCH, "interactive"),
    ):
        asked, dropped = x.before(field), 2.0 * x.book(f"{kind}_dropped_mwh")
        flow = x.ran[:, :, first:last].sum(2)
        e.close(f"{kind} work runs or is dropped at home", flow.sum(-1) + dropped, asked, asked.sum(-1, keepdims=True))
        e.close(f"{kind} work runs where it was sent", x.book(f"{kind}_mw"), flow.sum(-2), asked.sum(-1, keepdims=True))
    lost = x.rule(s.LOST_SHARE)
    batch, training = x.ran[:, :, s.FLOW_BATCH], x.ran[:, :, s.FLOW_TRAINING]
    away = training * ~np.eye(training.shape[-1], dtype=bool)
    hosted = training.sum(-2) + lost * away.sum(-2)
    total = x.before(s.CAPACITY_MW)
    e.close("batch work runs where it was sent", 2.0 * x.book("batch_mwh"), batch.sum(-2), total)
    e.close("moved training repeats its lost share", 2.0 * x.book("training_mwh"), hosted, total)
    load = x.book("realtime_mw") + x.book("interactive_mw") + 2.0 * (x.book("batch_mwh") + x.book("training_mwh"))
    e.close("load of a site is its classes", x.book("load_mw"), load, load)
    e.at_most("load within capacity", load, total, total)
    for kind, flow in (("batch", batch), ("training", training)):
        stock = x.before(s.BATCH_MWH if kind == "batch" else s.TRAINING_MWH)
        e.close(f"{kind} work served is what ran", x.book(f"{kind}_served_mwh"), 0.5 * flow.sum(-1), stock)


def queues(x: Record, e: Errors) -> None:
    """Queued work: balance, and no work in a slot that did not arrive for it: nothing waits longer than it may."""
    for arrived_field, base, slots, offsets in DUE_STEPS:
        kind = "batch" if base == 0 else "training"
        stock = x.area[..., s.BATCH_MWH if base == 0 else s.TRAINING_MWH]
        arrived = x.area[..., arrived_field]
        gone = x.book(f"{kind}_served_mwh") + x.book(f"{kind}_missed_mwh")
        e.close(f"{kind} work waits, is served or missed", np.diff(stock, axis=0), arrived[1:] - gone, stock[:-1])
        e.close(f"{kind} work of the first half hour", stock[0], arrived[0], stock[0])
        ring = x.queue[..., base : base + slots]
        e.close(f"{kind} backlog is the content of its ring", stock, ring.sum(-1), stock)
        e.never("no slot of a queue is negative", ring < 0.0)
        times = len(arrived)
        due = np.zeros((times + slots, *arrived.shape[1:]))  # work of the week by the half hour in which it is due
        rows = x.batch.world.clock[:, s.ROW] - (times - 1)
        for t in range(times):
            for offset in offsets:
                due[t + offset] += arrived[t] / len(offsets)
            ahead = np.arange(slots)
            slot = (rows[:, None] + t + ahead) % slots
            content = np.take_along_axis(ring[t], slot[:, None, :], axis=-1)
            allowed = np.moveaxis(due[t : t + slots], 0, -1)
            e.at_most(f"{kind} work never waits past its due time", content, allowed, stock[t][..., None])


def network(x: Record, e: Errors) -> None:
    """Latency budgets, links, residency."""
    world = x.batch.world
    rtt, link = world.pair[s.PAIR_RTT_MS], world.pair[s.PAIR_LINK_TB].astype(np.float64)
    away = ~np.eye(len(rtt), dtype=bool)
    e.never("flows are never negative", x.ran < 0.0)
    budgets = [x.rule(k) for k in (s.BUDGET_1_MS, s.BUDGET_2_MS, s.BUDGET_3_MS, s.INTERACTIVE_BUDGET_MS)]
    for k, budget in enumerate(budgets):
        e.never("prompt work stays within its round trip", x.ran[:, :, k][..., away & (rtt > budget)] > 0.0)
    classes = (s.REALTIME_TB, s.REALTIME_TB, s.REALTIME_TB, s.INTERACTIVE_TB, s.BATCH_TB, s.TRAINING_TB)
    tb = np.array([x.rule(k) for k in classes])
    moved = 0.5 * np.einsum("tnkod,k->tnod", x.ran, tb) * away
    e.at_most("links carry no more than they can", moved, link, link)
    e.close("bytes moved are booked", x.book("moved_tb"), moved.sum(-2), moved.sum(-2))
    share = x.rule(s.RESIDENT_SHARE)
    asked = np.stack([x.before(s.REALTIME_MW), x.before(s.INTERACTIVE_MW)])
    gone = np.stack([(f * away).sum(-1) for f in (x.ran[:, :, :3].sum(2), x.ran[:, :, s.FLOW_INTERACTIVE])])
    e.at_most("resident prompt work stays at home", gone, (1.0 - share) * asked, asked)
    for kind, k, field in (("batch", 4, s.EXPORTABLE_BATCH_MWH), ("training", 5, s.EXPORTABLE_TRAINING_MWH)):
        left = 0.5 * (x.ran[:, :, k] * away).sum(-1)
        stock = x.before(s.BATCH_MWH if kind == "batch" else s.TRAINING_MWH)
        limit = x.before(field) if share > 0.0 else stock
        e.at_most(f"resident {kind} work stays at home", left, limit, stock)
        arrived = x.before(s.ARRIVED_BATCH_MWH if kind == "batch" else s.ARRIVED_TRAINING_MWH)
        e.at_most(
            f"resident {kind} work stays at home all week",
            np.cumsum(left, axis=0),
            (1.0 - share) * np.cumsum(arrived, axis=0),
            np.cumsum(arrived, axis=0),
        )
