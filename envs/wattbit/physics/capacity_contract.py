"""tmp"""


def availability_pay_jpy(mw: float, price: float, derating: float) -> float:
    """X"""
    return mw * 1000.0 * price * derating / 17520.0


def delivered_mw(base: float, net: float, contract: float) -> float:
    """X"""
    return min(contract, max(0.0, base - net))


def missed_penalty_jpy(mw: float, price: float, derating: float) -> float:
    """X"""
    return 1.5 * mw * 1000.0 * price * derating / 72.0
