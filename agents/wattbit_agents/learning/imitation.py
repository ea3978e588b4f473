"""Begin at a rule: fit mean and value to what it does, before reinforcement learning improves on it."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecEnv, VecNormalize

from wattbit_agents.rollout import Policy

logger = logging.getLogger(__name__)

EPOCHS = 30
BATCH = 512
LEARNING_RATE = 1e-3
"""Settings of the fit; a few seconds for 40,000 half hours."""

FloatArray = NDArray[np.float32]


def _demonstrate(
    env: VecEnv, rule: Policy, n_steps: int, noise: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray, NDArray[np.bool_]]:
    """Let the rule act, with the noise of the untrained policy, so that it also shows how to come back."""
    observations, actions, rewards, ends = [], [], [], []
    seen = np.asarray(env.reset(), np.float32)
    for _ in range(n_steps):
        raw = env.get_original_obs() if isinstance(env, VecNormalize) else seen
        action, _ = rule.predict(np.asarray(raw, np.float32))
        observations.append(seen)
        actions.append(np.asarray(action, np.float32))
        noisy = action + noise * rng.standard_normal(action.shape)
        stepped, reward, done, _ = env.step(np.clip(noisy, -1.0, 1.0).astype(np.float32))
        seen = np.asarray(stepped, np.float32)
        rewards.append(reward)
        ends.append(done)
    return (
        np.asarray(observations, np.float32),
        np.asarray(actions, np.float32),
        np.asarray(rewards, np.float32),
        np.asarray(ends, np.bool_),
    )


def _returns(rewards: FloatArray, ends: NDArray[np.bool_], gamma: float) -> FloatArray:
    """Discounted sums of rewards, shape (step, world); what follows the last step counts as its running mean."""
    total = np.full(rewards.shape[1], rewards.mean() / (1.0 - gamma), np.float32)
    out = np.empty_like(rewards)
    for t in range(len(rewards) - 1, -1, -1):
        # A training episode is cut, not over: its future is worth what an average half hour is worth for ever.
        total = np.where(ends[t], rewards.mean() / (1.0 - gamma), total)
        total = rewards[t] + gamma * total
        out[t] = total
    return out


def imitate(model: PPO, env: VecEnv, rule: Policy, n_steps: int, seed: int) -> float:
    """
    Fit mean action and value of an untrained PPO model to a rule.

    Parameters
    ----------
    model : PPO
        Changed in place.
    env : VecEnv
        Its worlds, normalised or not; their running moments move on with what the rule meets.
    rule : Policy
        The rule, for observations as the world gives them.
    n_steps : int
        Half hours of every world that are shown.
    seed : int
        Seed of noise and batches.

    Returns
    -------
    float
        Root mean square difference between the fitted mean and the rule.
    """
    rng = np.random.default_rng(seed)
    policy: Any = model.policy
    noise = float(policy.log_std.detach().exp().mean())
    shown, wanted, rewards, ends = _demonstrate(env, rule, n_steps, noise, rng)
    worth = _returns(rewards, ends, model.gamma)
    observations = torch.as_tensor(shown.reshape(-1, shown.shape[-1]), device=model.device)
    actions = torch.as_tensor(wanted.reshape(-1, wanted.shape[-1]), device=model.device)
    returns = torch.as_tensor(worth.reshape(-1), device=model.device)
    fitted = [p for name, p in policy.named_parameters() if name != "log_std"]
    optimizer = torch.optim.Adam(fitted, lr=LEARNING_RATE)
    steps = EPOCHS * (len(actions) // BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, steps)
    error = 0.0
    for _ in range(EPOCHS):
        order = rng.permutation(len(actions))[: len(actions) // BATCH * BATCH].reshape(-1, BATCH)
        errors = []
        for rows in order:
            features = policy.extract_features(observations[rows])
            latent_policy, latent_value = policy.mlp_extractor(features)
            difference = (policy.action_net(latent_policy) - actions[rows]).square().mean()
            value_error = (policy.value_net(latent_value).flatten() - returns[rows]).square().mean()
            optimizer.zero_grad()
            (difference + 0.5 * value_error).backward()
            optimizer.step()
            schedule.step()
            errors.append(float(difference.detach()))
        error = float(np.mean(errors))
    logger.info("imitated the rule on %s half hours, root mean square error %.3f", f"{len(actions):,}", error**0.5)
    return error**0.5
