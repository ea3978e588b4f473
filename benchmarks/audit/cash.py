"""Money: areas add to outcomes, outcomes to the cost, what is left at the end has its price."""

from __future__ import annotations

import numpy as np

from benchmarks.audit.errors import Errors
from benchmarks.record import Record
from wattbit.parties import settle_parties
from wattbit.physics.snow import electricity_mwh_per_t, mass_on_day_t
from wattbit.world import state as s


def cash(x: Record, e: Errors) -> None:
    """Areas add to outcomes, outcomes to the cost, parties to zero and to the cost."""
    gross = sum(np.abs(x.info(term)) for term in s.TERMS) + np.abs(x.book("energy_jpy")).sum(-1)
    for term in (
        "energy",
        "wheeling",
        "wear",
        "carbon",
        "reserve",
        "capacity",
        "heat",
        "feeder",
        "owner",
        "connection",
        "security",
    ):
        areas = x.book(f"{term}_jpy")
        e.close("areas add to the outcome", x.info(f"{term}_jpy"), areas.sum(-1), np.abs(areas).sum(-1))
    road = 1e3 * x.rule(s.ROAD_PRICE) * x.book("road_mwh").sum(-1)
    e.close("areas add to the outcome", x.info("mobility_jpy"), road, road)
    lost = sum(
        x.rule(price) * x.book(f"{kind}_mwh").sum(-1)
        for kind, price in (
            ("realtime_dropped", s.REALTIME_VALUE),
            ("interactive_dropped", s.INTERACTIVE_VALUE),
            ("batch_missed", s.BATCH_VALUE),
            ("training_missed", s.TRAINING_VALUE),
        )
    )
    e.close("lost work has its price", x.info("work_jpy"), lost, lost)
    cost = sum(x.info(term) for term in s.TERMS)
    e.close("terms add to the cost", x.info("cost_jpy"), cost, gross)
    reward = (x.info("reference_jpy") - cost) / x.rule(s.REWARD_SCALE)
    e.close("the reward is its negative", x.outcome[..., s.O_REWARD], reward, gross / x.rule(s.REWARD_SCALE))
    size = x.info("energy_jpy").size
    books = x.outcome[..., : len(s.OUTCOMES)].reshape(size, -1), x.ledger.reshape(size, *x.ledger.shape[2:])
    parties = settle_parties(x.batch.config, *books)
    scale = np.abs(parties.amount_jpy).sum(1)
    e.close("every flow of money adds to zero", parties.by_party_jpy.sum(-1), 0.0, scale[:, None])
    e.close("aggregator and data centre pay the cost", parties.cost_jpy, x.info("cost_jpy").reshape(-1), scale)
    e.never("stocks are settled at the end only", x.info("terminal_jpy")[:-1] != 0.0)
    row = x.batch.world.exog[x.batch.world.clock[:, s.ROW]].astype(np.float64)
    change = x.area[-1] - x.area[0]
    work = change[..., [s.BATCH_MWH, s.TRAINING_MWH]].sum(-1)
    stored = change[..., s.STORAGE_MWH] + change[..., s.FLEET_MWH] / x.rule(s.CAR_EFFICIENCY)
    day = np.arctan2(row[:, 0, s.YEAR_SIN], row[:, 0, s.YEAR_COS]) % (2.0 * np.pi) * 365.25 / (2.0 * np.pi)
    days = np.stack([day, day - len(x.area[1:]) / 48.0], axis=1).tolist()
    plan = np.array([[min(mass_on_day_t(size, d) for d in both) for size in x.site(s.SITE_SNOW_T)] for both in days])
    snow = electricity_mwh_per_t() * np.where(x.site(s.SITE_SNOW_T) > 0.0, plan - x.area[-1, ..., s.SNOW_T], 0.0)
    serve = row[..., s.STOCK_PRICE] * x.area[-1, ..., s.PUE]
    if x.rule(s.WORK_MOVES) > 0.5:
        serve = np.maximum(0.0, serve.max(axis=-1, keepdims=True))
    want = (x.rule(s.BACKLOG_FACTOR) * serve * work + row[..., s.STOCK_PRICE] * (snow - stored)).sum(-1)
    stocks = x.area[..., [s.BATCH_MWH, s.TRAINING_MWH, s.STORAGE_MWH, s.FLEET_MWH]].max(0).sum(-1)
    held = (np.abs(row[..., s.STOCK_PRICE]) * (stocks + electricity_mwh_per_t() * x.site(s.SITE_SNOW_T))).sum(-1)
    e.close("stocks left at the end have their price", x.info("terminal_jpy")[-1], want, held)
