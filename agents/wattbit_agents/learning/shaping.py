"""Inventory at market price: what stands in stores and queues is paid for when it changes, not when it is used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wattbit.vector import AggregatorVectorEnv

CAR_EFFICIENCY = 0.92
"""A stored MWh replaces 1 / 0.92 MWh of grid energy, as in the terminal value of an evaluation week."""

WORK_WORTH = 1.55
"""
Cost of a MWh of IT work that waits, in spot prices of its area: shadow prices of train weeks of ``japan3`` say 1.40,
1.45 and 1.81 (``baselines/planner/japan3.yaml``).
"""


BLOCK_SHARES = np.array([3.0, 3.0, 6.0, 12.0, 0.0]) / 24.0
"""Weights that make the mean of the next day out of the forecast blocks 0-3, 3-6, 6-12, 12-24 and 24-48 h."""


class StockPotential:
    """
    Worth of the energy stored, less that of the work waiting, since the episode began.

    The change of this worth is added to the reward, so that a charged car or a finished job counts in the half hour
    that decided it. The change is taken *without* discount, other than in [1]_: discounting 0.997 a half hour is 13 %
    a day, and a policy that is paid in cash learns to buy late, that is to empty every store. Over an episode the
    rewards add up to -J with its terminal value, which is what evaluation counts. A MWh is worth the mean price
    forecast for the next day; counting from the start of the episode keeps changes of that price small.

    Parameters
    ----------
    worlds : AggregatorVectorEnv
        Gives the layout and the scale of the reward.
    factor : float
        Multiplies the worth.

    References
    ----------
    .. [1] A. Y. Ng, D. Harada and S. Russell, "Policy invariance under reward transformations," ICML, 1999.
    """

    def __init__(self, worlds: AggregatorVectorEnv, factor: float) -> None:
        self._layout = worlds.observation_layout
        self._scale = factor / worlds.scenario.reward_scale_jpy
        self._start_mwh = np.zeros((worlds.num_envs, len(worlds.scenario.areas)))

    def _stock_mwh(self, observation: NDArray[np.floating]) -> NDArray[np.float64]:
        """Energy that need not be bought any more, shape (n, R). [MWh]"""
        get = self._layout.get
        work = get(observation, "batch_backlog_mwh") + get(observation, "training_backlog_mwh")
        stored = get(observation, "storage_energy_mwh") + get(observation, "fleet_energy_mwh") / CAR_EFFICIENCY
        return stored - WORK_WORTH * work

    def begin(self, observation: NDArray[np.floating], rows: NDArray[np.bool_]) -> None:
        """Count from here in the rows that begin an episode."""
        self._start_mwh = np.where(rows[:, None], self._stock_mwh(observation), self._start_mwh)

    def value(self, observation: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the potential in units of the reward, shape (n,)."""
        price = self._layout.get(observation, "price_forecast_mean_jpy_per_mwh") @ BLOCK_SHARES
        return self._scale * (price * (self._stock_mwh(observation) - self._start_mwh)).sum(axis=1)
