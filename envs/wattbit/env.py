"""The Gymnasium environments over one world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from wattbit.action import CONTROL_SETS, ControlMap, Dispatch, action_space, decode_action, encode_action, step_dispatch
from wattbit.appended import Appended, AssetView, ForecastView
from wattbit.config import ScenarioConfig
from wattbit.errors import ScenarioError
from wattbit.parties import settle_parties
from wattbit.scenarios import load_scenario
from wattbit.scenarios.load import nearest
from wattbit.world import state as s
from wattbit.world.arrays import Mode
from wattbit.world.batch import Batch, Orders
from wattbit.world.build import Precision

InfoLevel = Literal["none", "default", "full"]

SPLITS: Final = ("train", "validation", "test")
"""Parts of a series: fit on the first, choose on the second, report on the third."""


_shown = itemgetter(*s.INFO_COLUMNS)


def check_choice(name: str, value: str, valid: Sequence[str]) -> None:
    """Raise :class:`ScenarioError` with the nearest valid value when `value` is not one of `valid`."""
    if value not in valid:
        raise ScenarioError(f"{name} is {value!r}{nearest(str(value), valid)}; must be one of {', '.join(valid)}")


class AggregatorEnv(gym.Env[Any, NDArray[np.float32]]):
    """
    Dispatch data-centre work, EV fleets and batteries of several Japanese power areas, half hour by half hour.

    ## Description
    The aggregator runs one data centre, one fleet of EVs on bidirectional stands and one stationary battery per area.
    Each half hour it decides where realtime and interactive requests are served, how much batch and training work
    runs where, and how cars and batteries charge or discharge. Its own load first soaks up solar and wind that would
    be curtailed, then raises the price of its zone; distance costs milliseconds and excludes sites; every kWh through
    a car costs health.

    ## Action Space
    ``Box(-1, 1, (areas * 8,), float32)``, area by area:

    | Num | Action | -1 | 0 | +1 |
    |---|---|---|---|---|
    | 0 | `realtime_host` | host nobody | as many as live here | twice the weight |
    | 1 | `interactive_host` | host nobody | as many as live here | twice the weight |
    | 2 | `batch_run` | nothing runs | half of the capacity left | all of it |
    | 3 | `training_run` | nothing runs | half of what batch leaves | all of it |
    | 4 | `fleet_power` | discharge all that may be | 0 MW: cars feed those that must charge | charge all that can |
    | 5 | `storage_power` | full discharge | 0 MW | full charge |
    | 6 | `reserve_up` | nothing | nothing | all that the market takes of room to lower the net load |
    | 7 | `reserve_down` | nothing | nothing | the same to raise it |

    Hosting shares are normalised demand x (1 + action): users stay at home first, the rest goes to areas that asked for
    more, nearest first, within latency budget, link and capacity. Run budgets take local work first, then remote work
    by due time. A fleet set-point is shared by battery size and urgency (``fleet.sharing``); promised departures come
    first whatever is asked. With ``orders="car"`` every representative car of an area has a set-point of its own,
    ``car_power_0`` and so on in the place of `fleet_power`: -1 discharges all that this car may, 0 rests, +1 charges
    all that it can. ``action_layout`` lists the actions of an area.

    ## Observation Space
    ``Box`` of float32 with fixed bounds, see ``observation_layout``: calendar and hours to go, then per area the
    current row (spot price, last half hour's settlement delta, surplus, supply slope, CO2, temperature), the issued
    forecast (block means, spreads and bands, price rank, steps to a cheaper and a dearer quartile) and the reported
    state (demand, queues and what of them is due, fleet, battery). ``dict_observation=True`` gives the same values as a
    ``Dict`` of arrays.

    ## Rewards
    ``-(cost_jpy - reference_jpy) / scenario.reward_scale_jpy``. The cost J has the parts in ``info``; the reference
    is what an inflexible operator would have paid at the same prices, and depends on no action.

    ## Starting State
    Evaluation: Monday 00:00 JST, queues empty but for the first arrivals, batteries half full, cars at home at 40-80 %.
    Training: a midnight of the split, three days earlier, run up to now under the warm-up rule (``siloed``).

    ## Episode End
    Evaluation: ``terminated`` after ``episode.steps`` half hours (a week); stored energy and unfinished work are paid
    for in the last reward. Training: ``truncated``, nothing is paid: the world goes on.

    ## Arguments
    scenario : name, path of a YAML file, mapping or :class:`~wattbit.config.ScenarioConfig`.
    mode : ``"evaluation"`` (default) or ``"training"``.
    split : ``"train"``, ``"validation"`` or ``"test"``; default ``"train"`` in training, else ``"test"``.
    info_level : ``"none"``, ``"default"`` (16 floats) or ``"full"`` (all outcomes, ``info["ledger"]`` per
    area, and ``info["parties_jpy"]``: who pays whom, see :mod:`wattbit.parties`).
    precision : ``"float32"`` (default) or ``"float64"``.
    forecast : ``"blocks"`` (default) or ``"full"``: adds what is expected in each of the next 96 half hours to the
    observation: mean and 10, 50 and 90 % quantiles of price and surplus, and the mean delta. ``planner_info=True`` puts
    the same paths, unscaled, with price zones and a sampler of scenarios into ``info["forecast"]``, a
    :class:`~wattbit.series.forecast.Bundle`.
    assets : ``"sums"`` (default) or ``"each"``: adds every representative car (energy, usable capacity, share of the
    half hour on its stand, planned departure, feasible power), the queues by due half hour, and how much load has been
    matched with certificates: what a planner over single cars and due slots reads, and learning may read too.
    orders : ``"area"`` (default) or ``"car"``: who gets a set-point of the fleet, an area, whose cars share it, or each
    of its representative cars.
    dict_observation : give observations as a ``Dict``.
    data_root : folder of real data, for scenarios with ``series: real-fy2024``; default ``$WATTBIT_DATA``.
    render_mode : ``"rgb_array"`` or None.

    ``reset(seed=s)`` starts the episode counter; a reset without seed goes on to the next episode. Evaluation plays the
    split's weeks in order, or ``options={"week": k}``; a week looks the same for a seed whenever it is played.

    ## Version History
    * v0: first version; numbers may change until 1.0, the changelog says when.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}  # noqa: RUF012 - Gymnasium declares it per instance
    controls: ClassVar[tuple[str, ...]] = CONTROL_SETS["integrated"]

    def __init__(
        self,
        scenario: str | Path | Mapping[str, Any] | ScenarioConfig = "japan3",
        mode: Mode = "evaluation",
        split: str | None = None,
        info_level: InfoLevel = "default",
        precision: Precision = "float32",
        forecast: ForecastView = "blocks",
        assets: AssetView = "sums",
        planner_info: bool = False,
        dict_observation: bool = False,
        data_root: str | Path | None = None,
        render_mode: str | None = None,
        orders: Orders = "area",
    ) -> None:
        check_choice("mode", mode, ("evaluation", "training"))
        check_choice("info_level", info_level, ("none", "default", "full"))
        check_choice("precision", precision, ("float32", "float64"))
        check_choice("forecast", forecast, ("blocks", "full"))
        check_choice("assets", assets, ("sums", "each"))
        check_choice("orders", orders, ("area", "car"))
        split = split or ("train" if mode == "training" else "test")
        check_choice("split", split, SPLITS)
        if render_mode is not None:
            check_choice("render_mode", render_mode, self.metadata["render_modes"])
        self.scenario = load_scenario(scenario)
        root = Path(data_root) if data_root is not None else None
        self.batch = Batch(self.scenario, 1, mode, split, precision, data_root=root, orders=orders)
        self.render_mode = render_mode
        self.info_level = info_level
        self.forecast, self.assets, self.orders, self._planner_info = forecast, assets, orders, planner_info
        self._appended = Appended(self.batch, forecast, assets)
        self.observation_layout = self._appended.layout
        areas = len(self.scenario.areas)
        self._map = ControlMap(areas, self.controls, orders, self.scenario.fleet.vehicles)
        self.action_layout = self._map.controls
        self.action_space: gym.spaces.Space[NDArray[np.float32]] = action_space(areas, self.action_layout)
        box = self.observation_layout.space()
        self._dict = dict_observation
        self.observation_space: gym.spaces.Space[Any] = self._dict_space(box) if dict_observation else box
        self._continuing = mode == "training"
        self._bind()
        self._over = True
        self._history: list[tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]] = []

    def _bind(self) -> None:
        """Views into the batch, kept because making them costs more than a world's step."""
        self._observation, self._outcome = self.batch.observation[0], self.batch.outcome[0]
        self._reward = self.batch.reward

    def __getstate__(self) -> dict[str, Any]:
        # A pickled view becomes an array of its own, which the batch no longer writes to.
        return {k: v for k, v in self.__dict__.items() if k not in ("_observation", "_outcome", "_reward")}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept)
        self._bind()

    def _dict_space(self, box: gym.spaces.Box) -> gym.spaces.Dict:
        low, high = self._as_dict(box.low), self._as_dict(box.high)
        return gym.spaces.Dict({name: gym.spaces.Box(low[name], high[name], dtype=np.float32) for name in low})

    def _as_dict(self, observation: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        """The vector as arrays by field, scaled: (width,) for global fields, (area, width) for area fields."""
        layout = self.observation_layout
        parts: dict[str, NDArray[np.float32]] = {}
        for field in layout.fields:
            if field.per_area:
                parts[field.name] = np.stack([observation[layout.positions(field.name, area)] for area in layout.areas])
            else:
                parts[field.name] = observation[layout.positions(field.name)].copy()
        return parts

    @property
    def n_weeks(self) -> int:
        """Number of evaluation weeks in the split (in training: of possible starts)."""
        return self.batch.n_weeks

    @property
    def world_hash(self) -> str:
        """Hash of scenario and laws; results with different hashes must not be mixed."""
        return self.batch.hash

    def _observe(self) -> Any:
        observation = self._appended.extend(self.batch.observation)[0] if self._appended else self._observation.copy()
        return self._as_dict(observation) if self._dict else observation

    def _info(self) -> dict[str, Any]:
        info: dict[str, Any] = {}
        if self.info_level != "none":
            values = self._outcome.tolist()
            full = self.info_level == "full"
            info.update(zip(s.OUTCOMES, values, strict=True) if full else zip(s.INFO, _shown(values), strict=True))
        if self.info_level == "full":
            ledger = self.batch.ledger[0]
            info["ledger"] = {name: ledger[:, k].copy() for k, name in enumerate(s.LEDGER)}
            info["parties_jpy"] = settle_parties(self.scenario, self.batch.outcome, self.batch.ledger).by_party_jpy[0]
        if self._planner_info:
            clock = self.batch.world.clock[0]
            info["forecast"] = self.batch.forecast_bundle(int(clock[s.ROW]), int(clock[s.BANK]))
        return info

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """
        Begin an episode.

        Parameters
        ----------
        seed : int, optional
            Seed of every draw; without it the episode counter goes on (a first reset without seed draws one).
        options : dict, optional
            ``{"week": k}`` plays evaluation week k of the split.

        Raises
        ------
        ScenarioError
            If an option is unknown or the week does not exist.
        """
        super().reset(seed=seed)
        options = dict(options or {})
        week = options.pop("week", None)
        if options:
            raise ScenarioError(f"reset: unknown option {next(iter(options))!r}; there is 'week'")
        if week is not None and not 0 <= int(week) < self.n_weeks:
            raise ScenarioError(f"reset: week is {week}, must be within 0 and {self.n_weeks - 1} for this split")
        if seed is None and self.batch.world.clock[0, s.EPISODE] < 0:
            seed = int(self.np_random.integers(2**31))
        self.batch.reset(seed, week)
        self._outcome[:] = 0.0
        self._over = False
        self._history.clear()
        return self._observe(), self._info()

    def step(self, action: NDArray[np.float32]) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Act for one half hour; see the class for what comes back."""
        if self._over:
            raise gym.error.ResetNeeded("the episode is over: call reset() before step()")
        ended = self.batch.step_single(self._map.full(action))
        return self._returned(ended)

    def step_dispatch(self, dispatch: Dispatch) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Like :meth:`step`, with a physical dispatch; what is not possible is cut."""
        if self._over:
            raise gym.error.ResetNeeded("the episode is over: call reset() before step()")
        return self._returned(step_dispatch(self.batch, dispatch))

    def _returned(self, ended: bool) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self._over = ended
        if self.render_mode is not None:
            self._history.append((self._observation.copy(), self._outcome.copy(), self.batch.ledger[0].copy()))
        terminated = ended and not self._continuing
        return self._observe(), float(self._reward[0]), terminated, ended and self._continuing, self._info()

    def decode_action(self, action: NDArray[np.float32]) -> Dispatch:
        """Return what `action` would physically do now, without doing it."""
        return decode_action(self.batch, self._map.full(action))

    def encode_action(self, dispatch: Dispatch) -> NDArray[np.float32]:
        """Return the action that decodes to `dispatch` now, as far as the exposed controls can."""
        return self._map.exposed(encode_action(self.batch, dispatch)).astype(np.float32, copy=False)

    def render(self) -> Any:
        """Return a figure of the episode so far as an RGB array (needs ``pip install 'wattbit[render]'``)."""
        if self.render_mode is None:
            return None
        from wattbit.render import render_week  # matplotlib is optional

        return render_week(self.scenario, self.observation_layout, self._history)

    def __repr__(self) -> str:
        areas = ", ".join(area.name for area in self.scenario.areas)
        return f"{type(self).__name__}({self.scenario.name}: {areas}; {self.batch.mode}, {self.batch.split})"


class WorkloadShiftEnv(AggregatorEnv):
    """
    The same world with compute controls only: hosting and run levels, 4 actions per area.

    Cars charge on arrival and the batteries rest (``siloed``). Everything else as in :class:`AggregatorEnv`.
    """

    controls: ClassVar[tuple[str, ...]] = CONTROL_SETS["compute"]


class FleetV2GEnv(AggregatorEnv):
    """
    The same world with fleet, battery and reserve controls only, 4 actions per area.

    All work runs at home and at once (``siloed``). Everything else as in :class:`AggregatorEnv`.
    """

    controls: ClassVar[tuple[str, ...]] = CONTROL_SETS["fleet"]
