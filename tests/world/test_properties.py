"""What must hold in every world whatever is done in it: random weeks of random scenarios under random actions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks import random_weeks
from benchmarks.audit import TOLERANCE, audit
from benchmarks.random_scenarios import AREAS
from benchmarks.random_weeks import WORLDS, Case, cases, check, random_actions
from benchmarks.record import Record, play
from wattbit.series.set import AREAS as ALL_AREAS
from wattbit.world import state as s
from wattbit.world.batch import Batch

WEEKS = 200


@settings(
    max_examples=WEEKS // WORLDS,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(cases())
def test_balances_and_bounds_hold_in_random_weeks(case: Case) -> None:
    broken = {name: error for name, error in check(case).items() if error > TOLERANCE[case.precision]}
    assert not broken


@pytest.mark.slow
def test_balances_and_bounds_hold_in_twenty_thousand_random_weeks(capsys: pytest.CaptureFixture[str]) -> None:
    # Another seed than the committed result of the same command.
    assert random_weeks.main(["--weeks", "20000", "--seed", "1", "--check"]) == 0
    assert "every bar is met" in capsys.readouterr().out


def test_every_area_occurs() -> None:
    assert {name for names in AREAS for name in names} == set(ALL_AREAS)
    assert {len(names) for names in AREAS} == {1, 2, 3, 4}


MIX = {"fleet_mix": {"home": 0.5, "workplace": 0.25, "commercial": 0.25}}


@pytest.fixture(scope="module")
def played(scenario) -> Record:
    """A week in which everything happens that the books know of."""
    areas = [
        {"name": "hokkaido", "user_share": 0.2, "snow_t": 2e6, "connection_mw": 100.0, "local_solar_mw": 2000.0},
        {"name": "tokyo", "user_share": 0.6, "datacentre_mw": 200.0, "feeder_kva_per_car": 2.0} | MIX,
        {"name": "kyushu", "user_share": 0.2, "capacity_contract_mw": 200.0},
    ]
    config = scenario(
        areas=areas,
        datacentre={"mean_utilisation": 0.9},
        market={"carbon_jpy_per_kg": 3.0, "cooperative_share": 0.3, "local_jpy_per_kwh": 3.0},
        fleet={"owner_carbon_jpy_per_kg": 1.0},
        mitigation={"fail_safe": True},
        work={
            **{"realtime_share": 0.5, "interactive_share": 0.1, "batch_share": 0.2, "training_share": 0.2},
            "resident_share": 0.3,
        },
    )
    batch = Batch(config, 3, precision="float64")
    # Weeks of winter, spring and summer: heat is sold in the first, snow is used in the last.
    for i in range(3):
        batch.reset(i, 14 * i + 3, i, i + 1)
    return play(batch, random_actions(np.random.default_rng(0), (336, *batch.world.action.shape)))


def broken(record: Record) -> list[str]:
    return [name for name, error in audit(record).items() if error > TOLERANCE["float64"]]


def test_the_audit_passes_a_sound_week(played: Record) -> None:
    assert broken(played) == []


# What the audit does not recompute: health of single cars, heat and ageing of transformers, waiting times, frequency.
NOT_RECOMPUTED = {
    *("soh_loss_percent", "unserved_departures", "hot_spot_c", "life_used_h", "p99_ms"),
    *("frequency_deviation_hz", "distortion_share", "fleet_deviation_mw", "storage_soh_loss_percent"),
}


@pytest.mark.parametrize("name", [name for name in s.LEDGER if name not in NOT_RECOMPUTED])
def test_the_audit_sees_every_false_entry_of_the_ledger(played: Record, name: str) -> None:
    # One entry of one half hour, the largest of the week, is a thousandth too high.
    column = played.book(name)
    where = np.unravel_index(np.abs(column).argmax(), column.shape)
    assert column[where] != 0.0
    ledger = played.ledger.copy()
    ledger[(*where, s.LEDGER.index(name))] *= 1.001
    assert broken(replace(played, ledger=ledger))


@pytest.mark.parametrize("name", [*s.TERMS, "cost_jpy", "reference_jpy"])
def test_the_audit_sees_every_false_amount_of_money(played: Record, name: str) -> None:
    column = played.info(name)
    where = np.unravel_index(np.abs(column).argmax(), column.shape)
    assert column[where] != 0.0
    outcome = played.outcome.copy()
    outcome[(*where, s.OUTCOMES.index(name))] *= 1.001
    assert broken(replace(played, outcome=outcome))


@pytest.mark.parametrize(
    ("field", "check"),
    [
        ("reserve_up_mw", "upward reserve within the room below the dispatch"),
        ("reserve_down_mw", "downward reserve within the room above the dispatch"),
    ],
)
def test_the_audit_sees_a_kilowatt_hour_sold_twice(played: Record, field: str, check: str) -> None:
    # Everything that was offered is booked as there, whether or not battery and cars had already sold it.
    ledger = played.ledger.copy()
    ledger[..., s.LEDGER.index(field)] = played.market[:, :, 1 if field == "reserve_up_mw" else 2]
    assert check in broken(replace(played, ledger=ledger))


def test_the_audit_sees_a_certificate_used_twice(played: Record) -> None:
    ledger = played.ledger.copy()
    ledger[..., s.L_MATCHED] = 0.5 * ledger[..., s.L_DATACENTRE_MW]
    assert "certificates of a zone are used once" in broken(replace(played, ledger=ledger))


def test_the_audit_sees_work_that_waits_too_long(played: Record) -> None:
    # The oldest work of a half hour is put back to the end of its queue.
    queue = played.queue.copy()
    queue[200:, 0, 0, : s.BATCH_SLOTS] = np.roll(queue[200:, 0, 0, : s.BATCH_SLOTS], 5, axis=-1)
    assert "batch work never waits past its due time" in broken(replace(played, queue=queue))


def test_the_audit_sees_what_is_not_a_number(played: Record) -> None:
    ledger = played.ledger.copy()
    ledger[5, 0, 0, s.L_NET_MW] = np.nan
    assert "net load of an area" in broken(replace(played, ledger=ledger))
    assert "every number is finite" in broken(replace(played, infinite=1))


def test_the_command_shows_the_worst_error_of_every_check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert random_weeks.main(["--weeks", "24", "--check"]) == 0
    shown = capsys.readouterr().out
    assert "net load of an area" in shown
    assert "every bar is met" in shown
    # A bar that nothing can keep is missed.
    monkeypatch.setattr(random_weeks, "TOLERANCE", {"float32": 1e-15, "float64": 1e-15})
    assert random_weeks.main(["--weeks", "24", "--check"]) == 1
    assert "missed: float" in capsys.readouterr().out
