"""
What incidents do and what protection is worth: ``python -m benchmarks.incidents [--weeks N] [--policy RULE]``.

First ``tokyo-outage``: the share of the critical work (realtime and interactive) that is served while Tokyo is without
electricity, with the data centres where they are and with all of them in Tokyo, under the same events and demand. The
rule plays on; hosting leaves areas whose data centre reports that it is out. Then ``fleet-hijack``: what the attacks of
a week cost over the same weeks without them, and the largest deviation of the frequency that they would cause, with
each layer of protection alone and with all. Beside it stand the price of the layers and what they change in weeks
without attacks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Figure, positive, run
from wattbit.config import ScenarioConfig
from wattbit.config.incidents import MitigationConfig
from wattbit.scenarios import load_scenario
from wattbit.world import state as s
from wattbit_agents.baselines import RULES, make_policy
from wattbit_agents.worlds import scoring_worlds, seasonal_weeks

LAYERS: Final = (
    "ramp_limit",
    "change_cap",
    "frequency_override",
    "quorum",
    "signed_commands",
    "fail_safe",
    "segmentation",
)
"""Switches of :class:`~wattbit.config.incidents.MitigationConfig`."""


@dataclass(frozen=True)
class Played:
    """Weeks under one scenario: J, security and its part, demand and loss of critical work, outages, frequency."""

    cost_jpy: NDArray[np.float64]
    """Shape (week,)."""
    security_jpy: NDArray[np.float64]
    """Shape (week,)."""
    critical_mw: NDArray[np.float64]
    """Critical demand of all areas, shape (time, week)."""
    dropped_mw: NDArray[np.float64]
    """Critical work lost, shape (time, week)."""
    dark: NDArray[np.bool_]
    """Whether some area is without electricity, shape (time, week)."""
    deviation_hz: NDArray[np.float64]
    """Largest deviation of any area, shape (time, week)."""
    unserved: NDArray[np.float64]
    """Cars that left with less than promised, shape (week,)."""


def leave_dark(control: NDArray[np.float32], out: NDArray[np.bool_], nearest: NDArray[np.int64]) -> None:
    """
    Move hosting away from areas without a working data centre, in place.

    Interactive work goes to all that work, realtime to the nearest of each: its latency budgets allow no more.

    Parameters
    ----------
    control : ndarray, shape (week, area, control)
    out : ndarray of bool, shape (week, area)
    nearest : ndarray of int, shape (area, area)
        Areas by distance, itself first.
    """
    for row in np.flatnonzero(out.any(axis=1) & ~out.all(axis=1)):
        control[row, :, s.A_INTERACTIVE] = np.where(out[row], -1.0, 1.0)
        control[row, :, s.A_REALTIME] = -1.0
        for area in np.flatnonzero(out[row]):
            host = next(other for other in nearest[area] if not out[row, other])
            control[row, host, s.A_REALTIME] = 1.0


def play(scenario: ScenarioConfig, rule: str, n_weeks: int) -> Played:
    """Play test weeks spread over the split; hosting leaves areas without a working data centre."""
    env = scoring_worlds("Aggregator-v0", scenario, n_weeks, "test")
    weeks = seasonal_weeks(scenario, n_weeks, "test")
    policy = make_policy(rule, env)
    batch = env.batch
    observation, _ = env.reset(seed=[0] * len(weeks), options={"week": weeks})
    state, start = None, np.ones(env.num_envs, np.bool_)
    totals = np.zeros((len(weeks), len(s.OUTCOMES)))
    rows: dict[str, list[NDArray[np.float64]]] = {name: [] for name in ("critical", "dropped", "dark", "hz")}
    for _ in range(scenario.episode.steps):
        action, state = policy.predict(observation, state=state, episode_start=start, deterministic=True)
        control = np.array(action, np.float32).reshape(len(weeks), -1, s.N_CONTROL)
        leave_dark(control, batch.world.area[:, :, s.CAPACITY_MW] <= 0.0, batch.world.pair[s.PAIR_NEAREST].astype(int))
        area = batch.world.area.astype(np.float64)
        rows["critical"].append((area[:, :, s.REALTIME_MW] + area[:, :, s.INTERACTIVE_MW]).sum(axis=1))
        rows["dark"].append((area[:, :, s.POWER_UP] < 1.0).any(axis=1))
        observation, *_ = env.step_arrays(control.reshape(len(weeks), -1))
        totals += batch.outcome
        ledger = batch.ledger
        lost = ledger[:, :, s.L_REALTIME_DROPPED] + ledger[:, :, s.L_INTERACTIVE_DROPPED]
        rows["dropped"].append(2.0 * lost.sum(axis=1))
        rows["hz"].append(np.abs(ledger[:, :, s.L_FREQUENCY]).max(axis=1))
        start = np.zeros(env.num_envs, np.bool_)
    series = {name: np.stack(values) for name, values in rows.items()}
    return Played(
        cost_jpy=totals[:, s.O_COST],
        security_jpy=totals[:, s.O_SECURITY],
        critical_mw=series["critical"],
        dropped_mw=series["dropped"],
        dark=series["dark"].astype(np.bool_),
        deviation_hz=series["hz"],
        unserved=totals[:, s.O_UNSERVED],
    )


def concentrated(scenario: ScenarioConfig, home: str) -> ScenarioConfig:
    """Return the scenario with all data centres in one area."""
    total = sum(area.datacentre_mw for area in scenario.areas)
    areas = [a.model_copy(update={"datacentre_mw": total if a.name == home else 0.0}) for a in scenario.areas]
    return scenario.model_copy(update={"areas": tuple(areas)})


def outage(options: argparse.Namespace) -> Iterable[Figure]:
    """Critical work under an outage of Tokyo, dispersed and concentrated."""
    scenario = load_scenario("tokyo-outage")
    for name, variant in (("dispersed", scenario), ("all in Tokyo", concentrated(scenario, "tokyo"))):
        played = play(variant, options.policy, options.weeks)
        calm = play(variant.model_copy(update={"incidents": ()}), options.policy, options.weeks)
        during = [
            100.0 * max(0.0, float(1.0 - played.dropped_mw[dark, k].sum() / played.critical_mw[dark, k].sum()))
            for k, dark in enumerate(played.dark.T)
        ]
        week = 100.0 * (1.0 - played.dropped_mw.sum(axis=0) / played.critical_mw.sum(axis=0))
        lost = (played.cost_jpy - calm.cost_jpy) / 1e6
        yield Figure(f"tokyo-outage, {name}: critical work served in the outage", "%", tuple(during))
        yield Figure(f"tokyo-outage, {name}: critical work served in the week", "%", tuple(map(float, week)))
        yield Figure(f"tokyo-outage, {name}: cost of the outage", "M JPY/week", tuple(map(float, lost)))


def hijack(options: argparse.Namespace) -> Iterable[Figure]:
    """Loss and frequency of the attacks of ``fleet-hijack``, with each layer and with all."""
    scenario = load_scenario("fleet-hijack")
    bare = play(scenario.model_copy(update={"incidents": ()}), options.policy, options.weeks)
    choices = {"no layer": (), **{layer: (layer,) for layer in LAYERS}, "all layers": LAYERS}
    for name, layers in choices.items():
        guard = MitigationConfig(**dict.fromkeys(layers, True))
        guarded = scenario.model_copy(update={"mitigation": guard})
        calm = play(guarded.model_copy(update={"incidents": ()}), options.policy, options.weeks)
        played = play(guarded, options.policy, options.weeks)
        price = played.security_jpy / 1e6
        lost = (played.cost_jpy - calm.cost_jpy) / 1e6
        hindrance = (calm.cost_jpy - bare.cost_jpy) / 1e6 - price
        short = played.unserved - calm.unserved
        yield Figure(f"fleet-hijack, {name}: loss", "M JPY/week", tuple(map(float, lost)))
        yield Figure(f"fleet-hijack, {name}: price", "M JPY/week", tuple(map(float, price)))
        yield Figure(f"fleet-hijack, {name}: hindrance", "M JPY/week", tuple(map(float, hindrance)))
        yield Figure(
            f"fleet-hijack, {name}: largest deviation", "Hz", tuple(map(float, played.deviation_hz.max(axis=0)))
        )
        unsafe = (played.deviation_hz > 0.5).sum(axis=0)
        yield Figure(f"fleet-hijack, {name}: unsafe", "half hours/week", tuple(map(float, unsafe)))
        yield Figure(f"fleet-hijack, {name}: more cars below the promise", "cars/week", tuple(map(float, short)))


def measure(options: argparse.Namespace) -> Iterable[Figure]:
    """Both scenarios."""
    yield from outage(options)
    yield from hijack(options)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", default="threshold", choices=tuple(RULES), help="rule; default %(default)s")
    parser.add_argument("--weeks", type=positive, default=8, help="test weeks; default %(default)s")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show."""
    return run("incidents", "What incidents do and what protection is worth", measure, _options, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
