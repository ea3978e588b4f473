"""Counterfactual series: weather, demand and plant of nine areas, cleared half hour by half hour."""
