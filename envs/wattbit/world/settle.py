"""What a half hour costs: every yen and kilogram is booked here."""

from wattbit.physics.datacentre import site_power_mw
from wattbit.physics.grid import average_price, soaked_mw
from wattbit.world.datacentre import power_site
from wattbit.world.markets import match_certificates, settle_contract, settle_reserve
from wattbit.world.state import *  # noqa: F403  (field positions)


def meet_grid(w: World, i: int, lane: int) -> None:
    """Net load of every area, how much surplus it takes up, and the residual of each price zone."""
    areas = w.site.shape[0]
    row = w.clock[i, ROW]
    for r in range(areas):
        w.scratch[lane, S_RESIDUAL, r] = 0.0
    for r in range(areas):
        dc = power_site(w, i, r)
        net = dc + w.ledger[i, r, L_FLEET_MW] + w.ledger[i, r, L_STORAGE_MW]
        surplus = w.exog[row, r, SURPLUS]
        soaked = soaked_mw(net, surplus + w.area[i, r, LOCAL_SURPLUS_MW])
        w.ledger[i, r, L_DATACENTRE_MW] = dc
        w.ledger[i, r, L_NET_MW] = net
        w.ledger[i, r, L_SOAKED_MW] = soaked
        w.ledger[i, r, L_LOCAL_MW] = max(0.0, soaked - surplus)
        w.ledger[i, r, L_RESIDUAL_MW] = net - soaked
        w.scratch[lane, S_RESIDUAL, int(w.exog[row, r, ZONE])] += net - soaked


def settle_energy(w: World, i: int, lane: int, r: int, spot: float) -> None:
    """Energy, wheeling, CO2, connection and owners of one area."""
    row = w.clock[i, ROW]
    floor = w.constant[FLOOR]
    zone = w.scratch[lane, S_RESIDUAL, int(w.exog[row, r, ZONE])]
    price = average_price(zone, spot, w.exog[row, r, SLOPE], floor)
    soaked = w.ledger[i, r, L_SOAKED_MW]
    local = w.ledger[i, r, L_LOCAL_MW]
    residual = w.ledger[i, r, L_RESIDUAL_MW]
    kg = 0.5 * residual * w.exog[row, r, CARBON_MARGINAL]
    losses = w.constant[WHEELING_LOSSES] * w.site[r, SITE_WHEELING] + w.constant[LEVY]
    over = max(0.0, abs(w.ledger[i, r, L_NET_MW]) - w.site[r, SITE_CONNECTION_MW])
    dirt = w.exog[row, r, CARBON_MARGINAL] - w.constant[OWNER_CARBON_USUAL]
    w.ledger[i, r, L_PRICE] = price
    w.ledger[i, r, L_ENERGY] = 0.5 * (
        floor * (soaked - local) + min(spot, w.constant[LOCAL_PRICE]) * local + price * residual
    )
    w.ledger[i, r, L_WEAR] += w.ledger[i, r, L_STORAGE_WEAR]
    w.ledger[i, r, L_WHEELING] = losses * (w.ledger[i, r, L_CHARGED] + 0.5 * max(0.0, w.ledger[i, r, L_STORAGE_MW]))
    w.ledger[i, r, L_CARBON] = w.constant[CARBON_PRICE] * kg
    w.ledger[i, r, L_CO2] = kg
    w.ledger[i, r, L_CONNECTION] = 0.5 * over * w.constant[CONNECTION_PRICE]
    w.ledger[i, r, L_OWNER] = (
        w.constant[OWNER_PAY] * w.ledger[i, r, L_DISCHARGED]
        + w.constant[OWNER_CARBON] * dirt * w.ledger[i, r, L_CHARGED]
    )
    w.ledger[i, r, L_SECURITY] = w.site[r, SITE_SECURITY]
    w.ledger[i, r, L_HEAT_JPY] = -w.constant[HEAT_PRICE] * w.ledger[i, r, L_HEAT]


def sum_outcome(w: World, i: int) -> None:
    """Add up the areas' ledgers."""
    for r in range(w.site.shape[0]):
        w.outcome[i, O_ENERGY] += w.ledger[i, r, L_ENERGY]
        w.outcome[i, O_WHEELING] += w.ledger[i, r, L_WHEELING]
        w.outcome[i, O_WEAR] += w.ledger[i, r, L_WEAR]
        w.outcome[i, O_MOBILITY] += 1000.0 * w.constant[ROAD_PRICE] * w.ledger[i, r, L_ROAD]
        w.outcome[i, O_CARBON] += w.ledger[i, r, L_CARBON]
        w.outcome[i, O_RESERVE] += w.ledger[i, r, L_RESERVE]
        w.outcome[i, O_CAPACITY] += w.ledger[i, r, L_CAPACITY]
        w.outcome[i, O_HEAT] += w.ledger[i, r, L_HEAT_JPY]
        w.outcome[i, O_CERTIFICATES] += w.ledger[i, r, L_CERTIFICATES_JPY]
        w.outcome[i, O_FEEDER] += w.ledger[i, r, L_FEEDER]
        w.outcome[i, O_OWNER] += w.ledger[i, r, L_OWNER]
        w.outcome[i, O_CONNECTION] += w.ledger[i, r, L_CONNECTION]
        w.outcome[i, O_SECURITY] += w.ledger[i, r, L_SECURITY]
        w.outcome[i, O_CO2] += w.ledger[i, r, L_CO2]
        w.outcome[i, O_CURTAILMENT] += 0.5 * max(0.0, w.ledger[i, r, L_SOAKED_MW])
        w.outcome[i, O_SOH_LOSS] += w.ledger[i, r, L_SOH_LOSS]
        w.outcome[i, O_UNSERVED] += w.ledger[i, r, L_UNSERVED]
        w.outcome[i, O_V2G] += w.ledger[i, r, L_DISCHARGED]
        w.outcome[i, O_MATCHED] += w.ledger[i, r, L_MATCHED]
        w.outcome[i, O_HEAT_MWH] += w.ledger[i, r, L_HEAT]
    w.outcome[i, O_SOH_LOSS] /= float(w.site.shape[0])


def settle(w: World, i: int, lane: int) -> None:
    """Net load meets surplus and price zone by zone, then the other markets; every yen and kilogram is booked."""
    row = w.clock[i, ROW]
    meet_grid(w, i, lane)
    for k in range(O_TERMINAL):
        if k != O_NETWORK and k != O_WORK:
            w.outcome[i, k] = 0.0
    for k in range(O_CO2, N_OUTCOME):
        if k != O_SLO_MISS and k != O_P99_MISS and k != O_UNSAFE:
            w.outcome[i, k] = 0.0
    reference = 0.0
    for r in range(w.site.shape[0]):
        spot = max(w.constant[FLOOR], w.exog[row, r, SPOT] + w.exog[row, r, DELTA] + w.area[i, r, PRICE_RISE])
        # What an inflexible operator with nominal fleets would have drawn and paid at these prices: no action enters.
        arrived = w.area[i, r, REALTIME_MW] + w.area[i, r, INTERACTIVE_MW]
        arrived += 2.0 * (w.area[i, r, ARRIVED_BATCH_MWH] + w.area[i, r, ARRIVED_TRAINING_MWH])
        nominal = site_power_mw(
            min(arrived, w.site[r, SITE_DYNAMIC_MW]), w.area[i, r, PUE], w.site[r, SITE_IDLE_MW], w.site[r, SITE_TAIL]
        )
        reference += 0.5 * spot * (nominal + w.site[r, SITE_FLEET_MW])
        # What an outage has taken down cannot be delivered to the capacity contract.
        baseline = nominal * w.area[i, r, SITE_UP] + w.site[r, SITE_FLEET_MW]
        settle_energy(w, i, lane, r, spot)
        settle_reserve(w, i, r)
        settle_contract(w, i, r, baseline)
    match_certificates(w, i, lane)
    sum_outcome(w, i)
    w.outcome[i, O_REFERENCE] = reference
