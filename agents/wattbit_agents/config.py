"""What a person writes to start a training run: pydantic models with bounds, read from YAML and the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from wattbit.appended import AssetView, ForecastView
from wattbit.scenarios.load import describe
from wattbit.world.batch import Orders
from wattbit_agents.errors import ConfigError, did_you_mean

Rate = Annotated[float, Field(gt=0.0, le=1.0)]
Discount = Annotated[float, Field(gt=0.0, le=1.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1)]
Widths = Annotated[tuple[Count, ...], Field(min_length=1, max_length=4)]
LogStd = Annotated[float, Field(ge=-5.0, le=1.0)]

InitialAction = Literal["zero", "do-nothing", "siloed", "steady"]
Algorithm = Literal["ppo", "sac", "tqc"]
EnvironmentId = Literal["Aggregator-v0", "WorkloadShift-v0", "FleetV2G-v0"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class PPOConfig(_Model):
    """Proximal policy optimisation; used when `algo` is ``ppo``."""

    learning_rate: Rate = 1e-3
    """Step size of Adam at the start."""
    anneal: bool = True
    """Let the step size fall linearly to a tenth over the run."""
    n_steps: Count = 96
    """Half hours per world and update."""
    batch_size: Annotated[int, Field(ge=2)] = 1536
    """Samples per gradient step."""
    n_epochs: Count = 3
    """Passes over each batch of experience."""
    gamma: Discount = 0.97
    """Discount per half hour; with shaping, stocks are paid for at once and only deadlines and promises lie ahead."""
    gae_lambda: Share = 0.9
    """Trace of the advantage estimate."""
    clip_range: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.2
    """Largest change of a probability ratio."""
    ent_coef: Annotated[float, Field(ge=0.0)] = 0.0
    """Weight of the entropy bonus."""
    vf_coef: Annotated[float, Field(ge=0.0)] = 0.5
    """Weight of the value loss."""
    max_grad_norm: Annotated[float, Field(gt=0.0)] = 0.5
    """Largest norm of a gradient."""
    net_arch: Widths = (128, 128)
    """Widths of the hidden layers, policy and value each."""
    log_std_init: LogStd = -1.0
    """Logarithm of the first standard deviation of actions."""


class SACConfig(_Model):
    """Soft actor-critic; used when `algo` is ``sac``."""

    learning_rate: Rate = 3e-4
    """Step size of Adam."""
    buffer_size: Count = 200_000
    """Transitions kept for replay."""
    learning_starts: Annotated[int, Field(ge=0)] = 10_000
    """Steps of all worlds before the first update."""
    batch_size: Annotated[int, Field(ge=2)] = 512
    """Samples per gradient step."""
    tau: Rate = 0.005
    """Rate at which target networks follow."""
    gamma: Discount = 0.97
    """Discount per half hour."""
    train_freq: Count = 1
    """Steps of the batch of worlds between updates."""
    gradient_steps: Annotated[int, Field(ge=-1)] = 4
    """Gradient steps per update; -1 is one per world and step."""
    net_arch: Widths = (256, 256)
    """Widths of the hidden layers, actor and critics each."""
    log_std_init: LogStd = -2.0
    """First bias of the actor's log standard deviation."""
    save_replay_buffer: bool = False
    """Keep the replay buffer in ``last/``, so that a resumed run goes on with it; hundreds of MB."""


class TQCConfig(SACConfig):
    """Truncated quantile critics; used when `algo` is ``tqc``."""

    top_quantiles_to_drop_per_net: Annotated[int, Field(ge=0, le=24)] = 2
    """Largest quantiles of each critic that are left out."""
    n_critics: Count = 2
    """Critics."""


class EvaluationConfig(_Model):
    """What is measured on validation weeks while training."""

    every_steps: Annotated[int, Field(ge=0)] = 50_000
    """Steps between evaluations; 0 evaluates only at the end."""
    n_weeks: Count = 16
    """Validation weeks, spread over the split; no more than it has."""
    seed: Annotated[int, Field(ge=0)] = 1000
    """Seed of the draws in those weeks."""
    reference: str = "siloed"
    """Rule that the margin is measured against."""
    figure_every: Annotated[int, Field(ge=0)] = 4
    """Evaluations between figures of the first validation week in TensorBoard; 0 draws none."""


class TrainConfig(_Model):
    """
    One training run. The command line stands over the YAML file, the file over the defaults here.

    Three options are no part of it: ``--config FILE`` reads a YAML file, ``--resume RUN`` goes on with a run folder,
    and ``--overwrite`` replaces one.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")] = "ppo"
    """Name of the run; its folder is ``runs_dir/name``."""
    scenario: str = "japan3"
    """Name of a scenario, or path of its YAML file."""
    env: EnvironmentId = "Aggregator-v0"
    """Which controls are learnt: all, compute only, or fleet and storage only."""
    forecast: ForecastView = "blocks"
    """What the observation holds of the forecasts: means of blocks of hours, or ``full``, every half hour as planners
    read it."""
    assets: AssetView = "sums"
    """What it holds of the fleet and of waiting work: sums of each area, or ``each``, car by car and slot by slot."""
    orders: Orders = "area"
    """Who gets a set-point of the fleet: every area, whose cars share it, or every representative ``car``."""
    algo: Algorithm = "ppo"
    """Learning algorithm."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    """Seed of worlds, networks and exploration."""
    total_steps: Count = 1_000_000
    """Steps of all worlds together, in half hours."""
    n_envs: Annotated[int, Field(ge=1, le=65536)] = 64
    """Worlds stepped together."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the networks are trained."""
    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    """Threads of torch, and of the world for large batches."""
    initial_action: InitialAction = "steady"
    """Mean action before learning: 0, or that of a rule that is constant (``steady``: siloed, with queues worked off
    evenly)."""
    residual: str | None = None
    """Rule whose action the policy corrects: learning starts at the rule, not at `initial_action`."""
    normalise_observation: bool = False
    """Shift and scale observations by running moments, saved with the model; they come scaled already."""
    normalise_reward: bool = True
    """Scale rewards by the running spread of the discounted return."""
    shaping: Annotated[float, Field(ge=0.0, le=2.0)] = 1.0
    """Worth of stored energy and waiting work in the shaped reward, times the forecast price; 0 is the plain reward."""
    checkpoint_every: Annotated[int, Field(ge=0)] = 0
    """Steps between checkpoints ``step_N/``; 0 keeps only ``best/`` and ``last/``."""
    progress_bar: bool = True
    """Show a progress bar, when the output is a terminal."""
    runs_dir: Path = Path("runs")
    """Folder of run folders."""
    data_root: Path | None = None
    """Folder of the real data, for scenarios that need it; default ``$WATTBIT_DATA``."""
    evaluation: EvaluationConfig = EvaluationConfig()
    """Validation while training."""
    ppo: PPOConfig = PPOConfig()
    """Settings of PPO."""
    sac: SACConfig = SACConfig()
    """Settings of SAC."""
    tqc: TQCConfig = TQCConfig()
    """Settings of TQC."""

    @model_validator(mode="after")
    def _batches_fit(self) -> TrainConfig:
        rollout = self.ppo.n_steps * self.n_envs
        if self.algo == "ppo" and rollout % self.ppo.batch_size:
            raise ValueError(f"ppo.batch_size is {self.ppo.batch_size}, must divide n_steps x n_envs = {rollout}")
        return self


M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], values: dict[str, Any], source: str) -> M:
    """
    Validate what a person wrote.

    Raises
    ------
    ConfigError
        ``source: dotted.key: ...`` for the first mistake, with the nearest valid key when the key is unknown.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        # A rule between fields names its keys itself.
        raise ConfigError(describe(error, model, source).replace(": (whole file): ", ": ")) from None


def load_config(path: Path) -> TrainConfig:
    """
    Read a training configuration.

    Raises
    ------
    ConfigError
        If the file is missing, is not YAML, or breaks a rule of :class:`TrainConfig`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        near = sorted(str(p) for p in path.parent.glob("*.yaml")) if path.parent.is_dir() else []
        raise ConfigError(f"{path}: {error.strerror}{did_you_mean(str(path), near)}") from None
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: must hold keys and values, holds {type(values).__name__}")
    return validated(TrainConfig, values, str(path))


def dump_config(config: TrainConfig) -> str:
    """Return the whole configuration as YAML that :func:`load_config` reads."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
