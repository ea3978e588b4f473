"""Train one policy: from a configuration to a run folder."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback, CallbackList
from stable_baselines3.common.logger import configure
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from wattbit.vector import AggregatorVectorEnv
from wattbit_agents.baselines import RulePolicy, make_policy
from wattbit_agents.config import InitialAction, TrainConfig, dump_config
from wattbit_agents.errors import RunError
from wattbit_agents.files import versions, write_json, write_text
from wattbit_agents.learning.algos import ALGORITHMS, first_action, make_algorithm, pick_device, set_first_action
from wattbit_agents.learning.callbacks import Checkpoints, OutcomeLogging, StopSignal, WeekEvaluation
from wattbit_agents.learning.folders import BUFFER, NORMALISATION, prepare_run_dir, save_model
from wattbit_agents.learning.shaping import StockPotential
from wattbit_agents.learning.vec_env import WattbitVecEnv
from wattbit_agents.runs import CONFIG, MODEL, RUN, read_run
from wattbit_agents.worlds import scoring_worlds, seasonal_weeks, training_worlds

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunResult:
    """
    What a training run left behind.

    Parameters
    ----------
    run_dir : Path
        The run folder.
    steps : int
        Steps of all worlds together, earlier parts of a resumed run included.
    seconds : float
        Time of this part. [s]
    interrupted : bool
        True when Ctrl-C ended it early.
    history : tuple of dict
        Evaluations of this part: ``steps``, mean weekly ``cost_jpy`` and ``saving_jpy`` against the reference rule.
    """

    run_dir: Path
    steps: int
    seconds: float
    interrupted: bool
    history: tuple[dict[str, float], ...]


def _gamma(config: TrainConfig) -> float:
    """Discount per half hour of the chosen algorithm."""
    return {"ppo": config.ppo.gamma, "sac": config.sac.gamma, "tqc": config.tqc.gamma}[config.algo]


def _potential(config: TrainConfig, worlds: AggregatorVectorEnv) -> StockPotential | None:
    """Shaping that the configuration asks for."""
    return StockPotential(worlds, config.shaping) if config.shaping > 0.0 else None


def _normalised(env: WattbitVecEnv, config: TrainConfig, saved: Path | None) -> VecEnv:
    """Wrap the worlds in the running normalisation, a new one or that of a resumed run."""
    if not (config.normalise_observation or config.normalise_reward):
        return env
    if saved is not None:
        return VecNormalize.load(str(saved / NORMALISATION), env)
    return VecNormalize(
        env,
        norm_obs=config.normalise_observation,
        norm_reward=config.normalise_reward,
        clip_obs=10.0,
        gamma=_gamma(config),
    )


def _resumed(config: TrainConfig, last: Path, env: VecEnv, device: str) -> BaseAlgorithm:
    """Load the last model of a run into new worlds that continue with draws it has not seen."""
    model = ALGORITHMS[config.algo].load(last / MODEL, env=env, device=device)
    env.seed((config.seed + model.num_timesteps) % 2**31)
    if isinstance(model, OffPolicyAlgorithm) and (last / BUFFER).is_file():
        model.load_replay_buffer(last / BUFFER)
    return model


def _settings(config: TrainConfig) -> dict[str, bool | str | float | int | None]:
    """Flat settings of a run, for TensorBoard's table."""
    own: dict[str, Any] = getattr(config, config.algo).model_dump(mode="json")
    named = {"scenario", "env", "forecast", "assets", "orders", "algo", "seed", "n_envs", "initial_action"}
    shared = config.model_dump(mode="json", include=named)
    return {key: str(value) if isinstance(value, list) else value for key, value in {**shared, **own}.items()}


def _run_record(
    config: TrainConfig, train: AggregatorVectorEnv, validation: AggregatorVectorEnv, base: RulePolicy | None
) -> dict[str, Any]:
    """What ``run.json`` says from the start."""
    return {
        "name": config.name,
        "algo": config.algo,
        "env": config.env,
        "scenario": train.scenario.name,
        "forecast": config.forecast,
        "assets": config.assets,
        "orders": config.orders,
        "seed": config.seed,
        "residual": None if base is None else {"rule": base.name, "parameters": base.parameters()},
        "world_hash": train.world_hash,
        "data_hash": {"train": train.batch.constants.series_hash, "validation": validation.batch.constants.series_hash},
        "status": "running",
        "steps": 0,
        "seconds": 0.0,
        "evaluations": [],
    }


def train(config: TrainConfig, *, resume: Path | None = None, overwrite: bool = False, command: str = "") -> RunResult:
    """
    Train a policy and write its run folder.

    Parameters
    ----------
    config : TrainConfig
        All settings; `total_steps` counts from the very beginning, also for a resumed run.
    resume : Path, optional
        Run folder to go on with; otherwise ``config.runs_dir / config.name`` is made.
    overwrite : bool
        Replace a run folder of that name.
    command : str
        Command line, for ``command.txt``.

    Returns
    -------
    RunResult

    Raises
    ------
    WattbitError
        If the scenario, the data, the device or the run folder is not usable; nothing has been written then.
    """
    device = pick_device(config.device)
    run_dir = resume if resume is not None else config.runs_dir / config.name
    if run_dir.exists() and resume is None and not overwrite:
        prepare_run_dir(run_dir, overwrite)  # says what to do, before any work
    worlds = training_worlds(
        config.env,
        config.scenario,
        config.n_envs,
        config.threads,
        config.data_root,
        forecast=config.forecast,
        assets=config.assets,
        orders=config.orders,
    )
    weeks = seasonal_weeks(config.scenario, config.evaluation.n_weeks, "validation", config.data_root)
    validation = scoring_worlds(
        config.env,
        config.scenario,
        len(weeks),
        "validation",
        config.data_root,
        forecast=config.forecast,
        assets=config.assets,
        orders=config.orders,
    )
    reference = make_policy(config.evaluation.reference, validation)
    base = None if config.residual is None else make_policy(config.residual, worlds)
    record = _run_record(config, worlds, validation, base)
    if resume is not None:
        earlier = read_run(resume)
        if earlier.get("world_hash") != record["world_hash"]:
            raise RunError(
                f"{resume}: was trained on world {earlier.get('world_hash')}, this is {record['world_hash']}"
            )
        if config.total_steps <= int(earlier["steps"]):
            raise RunError(
                f"{resume}: has {earlier['steps']} steps, total_steps is {config.total_steps}: nothing to do"
            )
        record = {**earlier, "status": "running"}

    torch.set_num_threads(config.threads)
    vec_env = WattbitVecEnv(worlds, config.seed, _potential(config, worlds), base)
    env = _normalised(vec_env, config, resume / "last" if resume is not None else None)
    if resume is not None:
        model = _resumed(config, resume / "last", env, device)
    else:
        model = make_algorithm(config, env, device)
        areas = len(worlds.scenario.areas)
        start: InitialAction = "zero" if base is not None else config.initial_action
        set_first_action(model, first_action(start, worlds.action_layout, areas))
        prepare_run_dir(run_dir, overwrite)
    write_text(run_dir / CONFIG, dump_config(config))
    with (run_dir / "command.txt").open("a", encoding="utf-8") as file:
        file.write(command + "\n")
    write_json(run_dir / "versions.json", versions())
    write_json(run_dir / RUN, record)
    model.set_logger(configure(str(run_dir / "tensorboard"), ["tensorboard"]))
    logger.info("seed %d, device %s, run folder %s", config.seed, device, run_dir)

    best = min((e["cost_jpy"] for e in record["evaluations"]), default=np.inf)
    evaluation = WeekEvaluation(config, run_dir, validation, weeks, reference, base, best)
    callbacks: list[BaseCallback] = [OutcomeLogging(vec_env, _settings(config)), evaluation]
    if config.checkpoint_every:
        callbacks.append(Checkpoints(run_dir, config.checkpoint_every))
    begun = time.perf_counter()
    with StopSignal() as stop:
        try:
            model.learn(
                config.total_steps - model.num_timesteps,
                callback=CallbackList([*callbacks, stop]),
                reset_num_timesteps=resume is None,
                progress_bar=config.progress_bar,
            )
        finally:
            seconds = time.perf_counter() - begun
            save_model(run_dir / "last", model, keep_buffer=_keeps_buffer(config))
            record["status"] = "interrupted" if stop.interrupted else "finished"
            record["steps"] = model.num_timesteps
            record["seconds"] = round(float(record["seconds"]) + seconds, 1)
            record["evaluations"] = [*record["evaluations"], *evaluation.history]
            write_json(run_dir / RUN, record)
            model.logger.close()
            env.close()
    return RunResult(run_dir, model.num_timesteps, seconds, stop.interrupted, tuple(evaluation.history))


def _keeps_buffer(config: TrainConfig) -> bool:
    """Whether the run asks for its replay buffer to be saved."""
    return {"ppo": False, "sac": config.sac.save_replay_buffer, "tqc": config.tqc.save_replay_buffer}[config.algo]


FIXED: Sequence[str] = (
    "scenario",
    "env",
    "forecast",
    "assets",
    "orders",
    "algo",
    "seed",
    "n_envs",
    "initial_action",
    "residual",
    "normalise_observation",
    "normalise_reward",
    "shaping",
    "ppo",
    "sac",
    "tqc",
)
"""Settings that a resumed run keeps."""


def check_resumable(folder: Path, saved: TrainConfig, wanted: TrainConfig) -> None:
    """
    Refuse a resume that would change what the run is.

    Raises
    ------
    RunError
        If there is no last model, or a setting of :data:`FIXED` differs.
    """
    if not (folder / "last" / MODEL).is_file():
        raise RunError(f"{folder}: cannot be resumed, it has no last/{MODEL}")
    for key in FIXED:
        if getattr(saved, key) != getattr(wanted, key):
            raise RunError(f"{folder}: {key} cannot change in a resumed run; start a new one with another --name")
