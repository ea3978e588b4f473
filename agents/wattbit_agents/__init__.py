"""Policies for wattbit: rules by name, training with Stable-Baselines3, and one evaluation loop for all of them."""
