"""Run folders: what is written where, whole or not at all."""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from wattbit.vector import AggregatorVectorEnv
from wattbit_agents.baselines import make_policy
from wattbit_agents.errors import PolicyError, RunError, did_you_mean
from wattbit_agents.learning.algos import ALGORITHMS
from wattbit_agents.rollout import Policy, WorldView
from wattbit_agents.runs import MODEL, RUN, find_model, read_run, shown_view

NORMALISATION: Final = "normalisation.pkl"
BUFFER: Final = "replay_buffer.pkl"


def replace_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a new folder beside `target`, then put it in its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        fill(fresh)
        fresh.chmod(0o755)
        old = target.with_name(f".{target.name}.old")
        if target.exists():
            os.replace(target, old)
        os.replace(fresh, target)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def save_model(folder: Path, model: BaseAlgorithm, keep_buffer: bool = False) -> None:
    """
    Write the model and its normalisation to a folder of their own, replacing what was there.

    Parameters
    ----------
    folder : Path
        ``best``, ``last`` or ``step_N`` of a run.
    model : BaseAlgorithm
        Its environment's normalisation, if any, is saved with it.
    keep_buffer : bool
        Save the replay buffer of an off-policy model too.
    """

    def fill(fresh: Path) -> None:
        model.save(fresh / MODEL)
        normalisation = model.get_vec_normalize_env()
        if normalisation is not None:
            normalisation.save(str(fresh / NORMALISATION))
        if keep_buffer and isinstance(model, OffPolicyAlgorithm):
            model.save_replay_buffer(fresh / BUFFER)

    replace_folder(folder, fill)


class TrainedPolicy:
    """
    A saved model with its normalisation: takes observations as the environment returns them.

    Parameters
    ----------
    model : BaseAlgorithm
        For its ``predict``.
    normalisation : VecNormalize, optional
        Moments of the observations the model was trained on.
    base : Policy, optional
        The rule whose action the model corrects.
    view : WorldView
        Options of the worlds it was trained on.
    """

    def __init__(
        self,
        model: BaseAlgorithm,
        normalisation: VecNormalize | None = None,
        base: Policy | None = None,
        view: WorldView = WorldView(),  # noqa: B008 - a constant
    ) -> None:
        self.forecast, self.assets, self.orders = view
        self._model = model
        self._base = base
        self._normalisation = normalisation

    def predict(
        self,
        observation: NDArray[np.floating],
        state: tuple[NDArray[np.floating], ...] | None = None,
        episode_start: NDArray[np.bool_] | None = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.floating], tuple[NDArray[np.floating], ...] | None]:
        """Decide for one observation or a batch, as Stable-Baselines3 models do."""
        rule_action = 0.0 if self._base is None else self._base.predict(observation)[0]
        if self._normalisation is not None:
            normalised = self._normalisation.normalize_obs(np.asarray(observation, np.float32))
            observation = np.asarray(normalised, np.float32)
        action, state = self._model.predict(observation, state, episode_start, deterministic)
        return np.clip(action + rule_action, -1.0, 1.0), state


def load_normalisation(folder: Path) -> VecNormalize | None:
    """Return the normalisation saved beside a model, without an environment; None when the run used none."""
    path = folder / NORMALISATION
    if not path.is_file():
        return None
    with path.open("rb") as file:
        normalisation = pickle.load(file)
    if not isinstance(normalisation, VecNormalize):
        raise PolicyError(f"{path}: holds no normalisation")
    normalisation.training = False
    return normalisation


def load_model(folder: Path, algo: str, device: str = "cpu") -> BaseAlgorithm:
    """
    Load a model without an environment.

    Raises
    ------
    PolicyError
        If the file cannot be read as a model of that algorithm.
    """
    if algo not in ALGORITHMS:
        raise PolicyError(f"{folder}: unknown algorithm {algo!r}{did_you_mean(algo, ALGORITHMS)}")
    try:
        return ALGORITHMS[algo].load(folder / MODEL, device=device)
    except (OSError, ValueError, KeyError, EOFError, pickle.UnpicklingError, RuntimeError) as error:
        raise PolicyError(f"{folder / MODEL}: cannot be read as a {algo} model: {error}") from None


def load_policy(path: Path, worlds: AggregatorVectorEnv, env_id: str, device: str = "cpu") -> TrainedPolicy:
    """
    Load a policy from a run folder for scoring.

    Parameters
    ----------
    path : Path
        Run folder, or a model folder inside one.
    worlds : AggregatorVectorEnv
        What it shall be scored on; the run must have been trained on a world of the same hash.
    env_id : str
        Environment id without its namespace; likewise.

    Raises
    ------
    PolicyError
        If the folder is missing or incomplete, or the worlds differ.
    """
    run_dir, folder = find_model(path)
    run = read_run(run_dir)
    if run.get("env") != env_id:
        raise PolicyError(f"{path}: trained on {run.get('env')}, asked to play {env_id}")
    if run.get("world_hash") != worlds.world_hash:
        raise PolicyError(
            f"{path}: trained on world {run.get('world_hash')} ({run.get('scenario')}), asked to play "
            f"{worlds.world_hash}: results of different worlds are not mixed"
        )
    torch.set_num_threads(1)  # networks this small only lose by more
    residual = run.get("residual")
    base = None if residual is None else make_policy(residual["rule"], worlds, **residual["parameters"])
    model = load_model(folder, str(run.get("algo")), device)
    return TrainedPolicy(model, load_normalisation(folder), base, shown_view(run))


def prepare_run_dir(folder: Path, overwrite: bool) -> None:
    """
    Make the folder of a new run.

    Raises
    ------
    RunError
        If it exists and `overwrite` is False, or it exists and is not a run folder, or it cannot be made.
    """
    if folder.exists():
        if not overwrite:
            raise RunError(f"{folder}: exists; give another --name, go on with --resume {folder}, or pass --overwrite")
        if not (folder / RUN).is_file():
            raise RunError(f"{folder}: exists and is not a run folder (it has no {RUN}); not overwritten")
        shutil.rmtree(folder)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"{folder}: cannot be made: {error.strerror}") from None
