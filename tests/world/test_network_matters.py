"""The network is worth something: IP instead of APN takes a visible part of what shifting work gains."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from wattbit.config import ScenarioConfig
from wattbit.observation import ObservationLayout
from wattbit.scenarios.switches import switched_off
from wattbit.vector import WorkloadShiftVectorEnv
from wattbit.world import state as s

WEEKS = list(range(0, 520, 26))


def shift(layout: ObservationLayout, observation: NDArray[np.float32], by_price: bool) -> NDArray[np.float32]:
    """
    Greedy shifter: users lean to cheaper areas, waiting work runs where the price is below the mean of the coming day.

    Sites are filled to 76 % of their capacity, and what falls due runs anyway. Its price-blind twin fills them in the
    same way, whatever the price.
    """

    def get(name: str) -> NDArray[np.float64]:
        return layout.get(observation, name)

    price = get("spot_price_jpy_per_mwh") + 0.78 * get("previous_delta_jpy_per_mwh")
    price = np.where(get("surplus_mw") > 0.0, 0.0, price)
    ahead = get("price_forecast_mean_jpy_per_mwh")[..., :4].mean(axis=(1, 2))[:, None]
    users = get("realtime_mw") + get("interactive_mw")
    host = np.clip((price.mean(axis=1, keepdims=True) - price) / 2_000.0, -0.5, 0.5) * by_price
    weight = users * (1.0 + host)
    hosted = weight * users.sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    wanted = np.clip(0.5 + (ahead + 1_200.0 - price) / 4_400.0, 0.0, 1.0) if by_price else np.ones_like(price)
    room = wanted * np.maximum(0.0, 0.76 * get("capacity_mw") - hosted)
    free = np.maximum(1e-6, get("capacity_mw") - hosted)
    due = (get("batch_due_mwh") / np.array([1.5, 5.5, 11.5])).max(axis=-1)
    batch = np.minimum(free, np.maximum(room, 1.1 * due))
    taken = np.minimum(batch, 2.0 * get("batch_backlog_mwh"))
    due = (get("training_due_mwh") / np.array([5.5, 23.5, 47.5])).max(axis=-1)
    training = np.minimum(free - taken, np.maximum(room - taken, 1.1 * due))
    levels = [2.0 * batch / free - 1.0, 2.0 * training / np.maximum(1e-6, free - taken) - 1.0]
    return np.stack([host, host, *levels], axis=-1).reshape(len(price), -1).astype(np.float32)


def at_home(layout: ObservationLayout, observation: NDArray[np.float32]) -> NDArray[np.float32]:
    """All work at home and at once."""
    action = np.tile(np.array([0, 0, 1, 1], np.float32), len(layout.areas))
    return np.broadcast_to(action, (len(observation), len(action)))


Rule = Callable[[ObservationLayout, NDArray[np.float32]], NDArray[np.float32]]


def cost(config: ScenarioConfig, rule: Rule) -> float:
    """J over all weeks, JPY; cars charge on arrival and the batteries rest."""
    env = WorkloadShiftVectorEnv(len(WEEKS), config, info_level="none")
    observation, _ = env.reset(seed=[0] * len(WEEKS), options={"week": WEEKS})
    total = 0.0
    for _ in range(336):
        observation, _, _, _, outcome, _ = env.step_arrays(rule(env.observation_layout, observation))
        total += outcome[:, s.O_COST].sum()
    return total


def test_ip_paths_cost_a_twentieth_of_what_a_greedy_shifter_gains(scenario):
    # Certificates pay for spreading work over the zones whatever the prices: that is not a gain of shifting. With them
    # the loss is 4.6 % of the gain over doing nothing.
    apn, ip = (
        switched_off(scenario("japan3", network={"path": path}), ["certificates", "capacity"]) for path in ("apn", "ip")
    )
    greedy, blind = partial(shift, by_price=True), partial(shift, by_price=False)
    shifted = cost(apn, greedy)
    loss = cost(ip, greedy) - shifted
    # Against doing nothing, and against filling the sites in the same way without looking at prices: doing nothing also
    # pays for crowded sites, and getting rid of that is only partly shifting.
    for base in (at_home, blind):
        gain = cost(apn, base) - shifted
        assert gain > 0.0
        assert loss >= 0.05 * gain
