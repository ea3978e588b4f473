"""Who pays whom: every flow adds to zero, and two parties together bear the cost."""

import numpy as np
import pytest

from wattbit.env import AggregatorEnv
from wattbit.parties import DIVIDEND, FLOWS, PARTIES, settle_parties
from wattbit.world.batch import Batch


@pytest.mark.parametrize("name", ["japan3", "local-surplus"])
def test_flows_add_to_zero_and_two_parties_bear_the_cost(name, scenario):
    config = scenario(name, market={"cooperative_share": 0.3, "carbon_jpy_per_kg": 2.0}, episode={"steps": 96})
    batch = Batch(config, 4)
    batch.reset(3)
    rng = np.random.default_rng(0)
    paid = np.zeros((len(FLOWS), len(PARTIES)))
    for _ in range(96):
        batch.step(rng.uniform(-1, 1, (4, 8 * len(config.areas))))
        settled = settle_parties(config, batch.outcome, batch.ledger)
        table = settled.by_party_jpy
        np.testing.assert_allclose(table.sum(axis=2), 0.0, atol=1e-6)
        np.testing.assert_allclose(settled.cost_jpy, batch.outcome[:, 0], rtol=1e-9, atol=1e-3)
        paid += np.abs(table).sum(axis=0)
    # The book is not empty: all but a few flows that this scenario has no use for have moved money.
    idle = {FLOWS[k][0] for k in np.flatnonzero(paid.sum(axis=1) == 0.0)}
    assert idle <= {"connection", "security", "lost work"}


def test_lost_health_is_the_owners_and_is_paid_back(scenario):
    config = scenario("japan3")
    batch = Batch(config, 1)
    batch.reset(1)
    batch.step(np.tile([0, 0, 1, 1, -1, 0, 0, 0], 3)[None])
    table = settle_parties(config, batch.outcome, batch.ledger).by_party_jpy[0]
    owner = PARTIES.index("owner")
    names = [flow for flow, _, _ in FLOWS]
    borne, paid = names.index("wear of cars, borne"), names.index("wear of cars, paid")
    assert table[borne, owner] < 0.0
    assert table[borne, owner] + table[paid, owner] == 0.0


def test_the_dividend_is_a_share_of_what_heat_and_certificates_earn(scenario):
    config = scenario("japan3", market={"cooperative_share": 0.25})
    batch = Batch(config, 1)
    batch.reset(1)
    batch.step(np.tile([0, 0, 1, 1, 0, 0, 0, 0], 3)[None])
    amounts = settle_parties(config, batch.outcome, batch.ledger).amount_jpy[0]
    names = [flow for flow, _, _ in FLOWS]
    earned = amounts[names.index("heat")] + amounts[names.index("certificates")]
    assert amounts[DIVIDEND] == pytest.approx(0.25 * earned)


def test_the_full_info_shows_the_parties():
    env = AggregatorEnv("japan3", info_level="full")
    env.reset(seed=1)
    info = env.step(env.action_space.sample())[4]
    assert info["parties_jpy"].shape == (len(FLOWS), len(PARTIES))
