"""What the wear laws of all cells share; the laws of each cell are in :mod:`wattbit.physics.cells`."""

from math import exp, expm1, log1p, sqrt, tanh


def arrhenius(temperature_k: float, activation_j_per_mol: float) -> float:
    """Rate relative to 25 degC, dimensionless."""
    return exp(-(activation_j_per_mol / 8.3144) * (1.0 / temperature_k - 1.0 / 298.15))


def graphite_potential_v(soc: float) -> float:
    """Potential of a graphite electrode, V, at the state of charge of its cell (Safari and Delacourt 2011)."""
    x = 0.0085 + 0.7715 * soc
    high = 0.6379 + 0.5416 * exp(-305.5309 * x) + 0.044 * tanh((0.1958 - x) / 0.1088)
    return (
        high
        - 0.1978 * tanh((x - 1.0571) / 0.0854)
        - 0.6875 * tanh((x + 0.0117) / 0.0529)
        - 0.0175 * tanh((x - 0.5692) / 0.0875)
    )


def root_increase(before: float, increase: float) -> float:
    """Rise of sqrt(y) when y grows by `increase`, written without the subtraction of two nearly equal numbers."""
    total = sqrt(before + increase) + sqrt(before)
    return increase / total if total > 0.0 else 0.0


def power_increase(before: float, increase: float, exponent: float) -> float:
    """Rise of y^exponent when y grows by `increase`, without the subtraction of two nearly equal numbers."""
    # So little before that the quotient below could overflow is nothing: it would add less than 1e-13 of the rise.
    if before <= 1e-30 * increase:
        return increase**exponent
    return before**exponent * expm1(exponent * log1p(increase / before))
