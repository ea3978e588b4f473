"""``python train.py``: train a policy."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from wattbit_agents.cli import log_to_stderr
from wattbit_agents.cli.exits import INTERRUPTED, exit_code
from wattbit_agents.config import TrainConfig, load_config
from wattbit_agents.errors import ConfigError, MissingExtraError, RunError

EXTRAS = "training needs the extra packages: pip install 'wattbit[train]'"


@exit_code("interrupted")
def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Returns
    -------
    int
        0 when done, 2 for a mistake in the input (one line on stderr), 130 when interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    log_to_stderr()
    try:
        config, files = parse(arguments)
        from wattbit_agents.training import check_resumable, train  # torch takes seconds to import

        if files.resume is not None:
            check_resumable(files.resume, load_config(files.resume / "config.yaml"), config)
        if config.progress_bar and not sys.stderr.isatty():
            config = config.model_copy(update={"progress_bar": False})
        command = shlex.join(["python", "train.py", *arguments])
        result = train(config, resume=files.resume, overwrite=files.overwrite, command=command)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{error.name} is not installed: {EXTRAS}") from None
    done = f"{result.steps:,} steps in {result.seconds:.0f} s"
    if result.interrupted:
        print(f"interrupted after {done}; go on with: python train.py --resume {result.run_dir}", file=sys.stderr)
        return INTERRUPTED
    print(f"trained {done}: {result.run_dir}")
    return 0


def parse(arguments: Sequence[str]) -> tuple[TrainConfig, argparse.Namespace]:
    """
    Read file options by hand and everything else through the configuration's own fields.

    Returns
    -------
    config : TrainConfig
        Command line over YAML over defaults.
    files : argparse.Namespace
        ``resume`` (Path or None) and ``overwrite`` (bool).

    Raises
    ------
    WattbitError
        If a file is missing or a value breaks a rule. An unknown option ends the process with code 2, as argparse does.
    """
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--config", type=Path)
    first.add_argument("--resume", type=Path)
    first.add_argument("--overwrite", action="store_true")
    files, rest = first.parse_known_args(arguments)
    if files.config is not None and files.resume is not None:
        raise ConfigError("--config and --resume exclude each other: a resumed run keeps its configuration")
    default = TrainConfig()
    if files.config is not None:
        default = load_config(files.config)
    if files.resume is not None:
        if not (files.resume / "config.yaml").is_file():
            raise RunError(f"{files.resume}: not a run folder, it has no config.yaml")
        default = load_config(files.resume / "config.yaml")
    from wattbit_agents.cli.options import parse_options  # tyro belongs to the train extra

    return parse_options(default, rest, "train.py"), files
