"""Policies that need no training."""

from wattbit_agents.baselines.rules import RULES, RulePolicy, make_policy

__all__ = ["RULES", "RulePolicy", "make_policy"]
