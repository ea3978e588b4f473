"""Who pays whom: every flow of money of a half hour between the parties; each flow adds to zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.world import state as s

Array = NDArray[np.float64]

PARTIES: Final = ("owner", "aggregator", "datacentre", "client", "market", "residents", "cooperative", "state", "world")
"""
Owners of cars, aggregator, operator of the data centres, its clients, exchange and grid companies, buyers of heat, the
digital energy cooperative, the state (CO2), and everyone else.
"""

FLOWS: Final = (
    ("energy", "aggregator", "market"),
    ("data-centre energy", "datacentre", "aggregator"),
    ("wheeling", "aggregator", "market"),
    ("wear of cars, borne", "owner", "world"),
    ("wear of cars, paid", "aggregator", "owner"),
    ("wear of batteries", "aggregator", "world"),
    ("owner pay", "aggregator", "owner"),
    ("road energy", "aggregator", "market"),
    ("lost work", "datacentre", "client"),
    ("delay and moves", "datacentre", "world"),
    ("CO2", "aggregator", "state"),
    ("reserve", "market", "aggregator"),
    ("capacity", "market", "aggregator"),
    ("heat", "residents", "datacentre"),
    ("certificates", "client", "datacentre"),
    ("feeders", "aggregator", "market"),
    ("connection", "aggregator", "market"),
    ("security", "aggregator", "world"),
    ("stocks left", "aggregator", "world"),
    ("dividend", "datacentre", "cooperative"),
)
"""Flow, payer, receiver; a negative amount goes the other way."""

DIVIDEND: Final = len(FLOWS) - 1


@dataclass(frozen=True)
class Settlement:
    """
    Flows of one half hour in `n` worlds.

    Attributes
    ----------
    amount_jpy : ndarray, shape (n, flow)
        What the payer of each of :data:`FLOWS` pays.
    """

    amount_jpy: Array

    @property
    def by_party_jpy(self) -> Array:
        """Money received (paid: negative), shape (n, flow, party); every flow adds to zero over the parties."""
        table = np.zeros((*self.amount_jpy.shape, len(PARTIES)))
        for k, (_, payer, receiver) in enumerate(FLOWS):
            table[:, k, PARTIES.index(payer)] -= self.amount_jpy[:, k]
            table[:, k, PARTIES.index(receiver)] += self.amount_jpy[:, k]
        return table

    @property
    def cost_jpy(self) -> Array:
        """
        What aggregator and operator of the data centres pay together, shape (n,): the cost J.

        The dividend is left out: it shares out what they earned and is decided after the dispatch.
        """
        pair = [PARTIES.index("aggregator"), PARTIES.index("datacentre")]
        kept = np.delete(self.by_party_jpy, DIVIDEND, axis=1)
        return -kept[:, :, pair].sum(axis=(1, 2))


def settle_parties(config: ScenarioConfig, outcome: Array, ledger: Array) -> Settlement:
    """
    Return who pays whom in the half hour that `outcome` and `ledger` book.

    Parameters
    ----------
    config : ScenarioConfig
        Share of the cooperative.
    outcome : ndarray, shape (n, 28)
        In the order of ``state.OUTCOMES``.
    ledger : ndarray, shape (n, area, field)
        In the order of ``state.LEDGER``.

    Notes
    -----
    Data centres pay the aggregator the settled price of their zone for their power; the aggregator pays the exchange
    for the net load. Lost health is the owner's loss and is paid back by the aggregator, so it stands in two rows and
    only the second is part of the cost.
    """
    battery = ledger[:, :, s.L_STORAGE_WEAR].sum(axis=1)
    cars = outcome[:, s.O_WEAR] - battery
    site = 0.5 * (ledger[:, :, s.L_DATACENTRE_MW] * ledger[:, :, s.L_PRICE]).sum(axis=1)
    heat, green = -outcome[:, s.O_HEAT], -outcome[:, s.O_CERTIFICATES]
    amounts = {
        "energy": outcome[:, s.O_ENERGY],
        "data-centre energy": site,
        "wheeling": outcome[:, s.O_WHEELING],
        "wear of cars, borne": cars,
        "wear of cars, paid": cars,
        "wear of batteries": battery,
        "owner pay": outcome[:, s.O_OWNER],
        "road energy": outcome[:, s.O_MOBILITY],
        "lost work": outcome[:, s.O_WORK],
        "delay and moves": outcome[:, s.O_NETWORK],
        "CO2": outcome[:, s.O_CARBON],
        "reserve": -outcome[:, s.O_RESERVE],
        "capacity": -outcome[:, s.O_CAPACITY],
        "heat": heat,
        "certificates": green,
        "feeders": outcome[:, s.O_FEEDER],
        "connection": outcome[:, s.O_CONNECTION],
        "security": outcome[:, s.O_SECURITY],
        "stocks left": outcome[:, s.O_TERMINAL],
        "dividend": config.market.cooperative_share * np.maximum(0.0, heat + green),
    }
    return Settlement(np.stack([amounts[name] for name, _, _ in FLOWS], axis=1))
