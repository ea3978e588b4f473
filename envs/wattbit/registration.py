"""Ids under which Gymnasium finds the environments."""

from typing import Final

from gymnasium.envs.registration import register, registry

IDS: Final = ("wattbit/Aggregator-v0", "wattbit/WorkloadShift-v0", "wattbit/FleetV2G-v0")
"""All ids; ``-vN`` changes when the numbers do (until 1.0 the changelog says so instead)."""


def register_environments() -> None:
    """Register every id once. The modules behind them are imported only when an environment is made."""
    classes = ("AggregatorEnv", "WorkloadShiftEnv", "FleetV2GEnv")
    for identifier, name in zip(IDS, classes, strict=True):
        if identifier not in registry:
            register(
                id=identifier,
                entry_point=f"wattbit.env:{name}",
                vector_entry_point=f"wattbit.vector:{name.replace('Env', 'VectorEnv')}",
                # Episode lengths belong to the world, which also knows what an end means.
                max_episode_steps=None,
                disable_env_checker=False,
            )
