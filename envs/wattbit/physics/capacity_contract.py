"""The demand side's capacity contract: paid all year, measured in a few calls of three hours."""


def availability_pay_jpy(contract_mw: float, price_jpy_per_kw_year: float, derating: float) -> float:
    """Pay of one half hour, JPY; a year has 17,520."""
    return 1000.0 * contract_mw * price_jpy_per_kw_year * derating / 17520.0


def delivered_mw(baseline_mw: float, net_mw: float, contract_mw: float) -> float:
    """What a net load stays below the baseline, MW, at most the contract."""
    return min(contract_mw, max(0.0, baseline_mw - net_mw))


def missed_penalty_jpy(missed_mw: float, price_jpy_per_kw_year: float, derating: float) -> float:
    """
    Penalty of one half hour of a call, JPY.

    One and a half times the year's pay for what is missing, spread over twelve calls of six half hours: missing all of
    them costs 150 % of a year's pay (assumption).
    """
    return 1.5 * 1000.0 * missed_mw * price_jpy_per_kw_year * derating / 72.0
