"""Half-hourly matching of load and certificates."""


def matched_mwh(load_mwh: float, certificates_mwh: float) -> float:
    """Load covered by certificates of the same half hour, MWh; what is left over earns nothing."""
    return min(load_mwh, certificates_mwh)


def produced_share(solar_mw: float, wind_mw: float, surplus_mw: float) -> float:
    """Share of the sun and wind of an area that is produced and not curtailed; only that makes certificates."""
    potential = solar_mw + wind_mw
    return 1.0 - min(1.0, surplus_mw / potential) if potential > 0.0 else 0.0


def carbon_free_mwh(load_mwh: float, certificates_mwh: float, mix_share: float) -> float:
    """
    Load covered when the rest counts as far as the grid's mix is carbon-free, MWh (numerator of a CFE score).

    Nuclear power counts here and not in :func:`matched_mwh`, so the two are reported side by side.
    """
    return min(load_mwh, certificates_mwh) + max(0.0, load_mwh - certificates_mwh) * mix_share


def annual_score(load_mwh: float, certificates_mwh: float) -> float:
    """Score of matching totals of a period, whatever the half hour: what "100 % renewable" usually means."""
    return min(1.0, certificates_mwh / load_mwh) if load_mwh > 0.0 else 1.0


def missing_mwh(load_mwh: float, matched: float, target_share: float) -> float:
    """Load short of a target share, MWh."""
    return max(0.0, target_share * load_mwh - matched)
