"""tmp"""


def matched_mwh(load: float, certs: float) -> float:
    """X"""
    return min(load, certs)


def missing_mwh(load: float, matched: float, target: float) -> float:
    """X"""
    return max(0.0, target * load - matched)
