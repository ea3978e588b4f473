"""Prices of the nine areas that a scenario need not repeat."""

from typing import Final

RESERVE_JPY_PER_KW: Final = {
    "hokkaido": 0.41,
    "tohoku": 0.58,
    "tokyo": 0.91,
    "chubu": 0.71,
    "hokuriku": 0.55,
    "kansai": 1.19,
    "chugoku": 0.60,
    "shikoku": 0.35,
    "kyushu": 1.27,
}
"""Mean accepted price of balancing capacity in October 2025, JPY per kW and half hour (V)."""

CAPACITY_JPY_PER_KW_YEAR: Final = {
    "hokkaido": 14_812.0,
    "tohoku": 14_812.0,
    "tokyo": 14_812.0,
    "chubu": 10_280.0,
    "hokuriku": 8_785.0,
    "kansai": 8_785.0,
    "chugoku": 8_785.0,
    "shikoku": 8_785.0,
    "kyushu": 13_177.0,
}
"""Capacity auction for FY2028, JPY per kW and year (V)."""
