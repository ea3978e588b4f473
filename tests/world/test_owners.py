"""Pay of owners and the CO2-linked price of their charging, worked by hand."""

import numpy as np
import pytest

from wattbit.world import state as s
from wattbit.world.batch import Batch
from wattbit.world.settle import settle_energy

PAY, CARBON, USUAL = 2.0, 10.0, 430.0  # JPY/kWh, JPY/kg, kg/MWh


def owner_jpy(scenario, marginal: float, charged: float, discharged: float, **fleet) -> float:
    """What the kernel books for the owners of one area with these flows [MWh] and marginal CO2 [kg/MWh]."""
    batch = Batch(scenario("japan3", fleet=fleet), 1, "evaluation", "test", "float64")
    batch.reset(1)
    exog = batch.world.exog.copy()
    exog[:, :, s.CARBON_MARGINAL] = marginal
    world = batch.world._replace(exog=exog)
    world.ledger[0, 1, s.L_CHARGED], world.ledger[0, 1, s.L_DISCHARGED] = charged, discharged
    settle_energy(world, 0, 0, 1, 12_000.0)
    return float(world.ledger[0, 1, s.L_OWNER])


@pytest.mark.parametrize(
    ("marginal", "charged", "discharged", "want"),
    [
        (430.0, 3.0, 2.0, 4_000.0),  # 2 MWh at 2 JPY/kWh, charging as dirty as usual
        (500.0, 3.0, 2.0, 6_100.0),  # 70 kg/MWh above the usual on 3 MWh: 210 kg at 10 JPY more
        (380.0, 3.0, 2.0, 2_500.0),  # 50 below: 150 kg, 1,500 JPY back
        (0.0, 1.0, 0.0, -4_300.0),  # charging from surplus: owners pay for all of the 430 kg saved
    ],
)
def test_owners_are_paid_by_the_kwh_and_by_the_kilogram(scenario, marginal, charged, discharged, want):
    fleet = {
        "owner_pay_jpy_per_kwh": PAY,
        "owner_carbon_jpy_per_kg": CARBON,
        "owner_carbon_usual_kg_per_mwh": USUAL,
    }
    assert owner_jpy(scenario, marginal, charged, discharged, **fleet) == pytest.approx(want)


def test_by_default_owners_get_half_a_yen_a_kwh_and_nothing_for_carbon(scenario):
    assert owner_jpy(scenario, 700.0, 5.0, 4.0) == pytest.approx(2_000.0)


def test_owner_money_of_a_step_is_part_of_the_cost(scenario):
    fleet = {"owner_pay_jpy_per_kwh": PAY, "owner_carbon_jpy_per_kg": CARBON}
    batches = [Batch(scenario("japan3", fleet=changes), 1, "evaluation", "test", "float64") for changes in ({}, fleet)]
    rng = np.random.default_rng(4)
    actions = rng.uniform(-1.0, 1.0, (60, batches[0].world.action.shape[1])).astype(np.float32)
    for batch in batches:
        batch.reset(2)
    for action in actions:
        rows = np.array([batches[k].world.clock[0, s.ROW] for k in (0, 1)])
        for batch in batches:
            batch.step_single(action)
        plain, paid = (batch.outcome[0] for batch in batches)
        dirt = batches[1].world.exog[rows[1], :, s.CARBON_MARGINAL].astype(np.float64) - USUAL
        book = batches[1].ledger[0]
        want = 1e3 * PAY * book[:, s.L_DISCHARGED].sum() + CARBON * (dirt * book[:, s.L_CHARGED]).sum()
        assert paid[s.O_OWNER] == pytest.approx(want, rel=1e-9, abs=1e-6)
        assert paid[s.O_COST] - plain[s.O_COST] == pytest.approx(paid[s.O_OWNER] - plain[s.O_OWNER], abs=1e-3)
