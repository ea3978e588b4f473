"""
Cells whose wear a scenario can choose from: one table, and one file of laws per cell.

Every file of laws defines the same functions, so that :mod:`wattbit.world.build` can put the scenario's cell into the
kernels in the place of the default one. Capacity loss is ``q = y_calendar^p + y_cycle^r``: in the powers y the
published updates for changing conditions, ``q <- k ((q / k)^(1 / p) + dx)^p``, are plain additions of
``k^(1 / p) dx``, with x in days or in equivalent full cycles (EFC).

=========================  =======================================================================================
function                   gives
=========================  =======================================================================================
``cell_temperature_k``     temperature of a parked cell, K, from the air outside in degC
``calendar_heat``          what temperature alone does to calendar wear, once for all cars of an area
``calendar_growth``        growth of y_calendar per day
``cycle_heat``             what temperature alone does to cycle wear, once for all cars of an area
``depth_heat``             the same for a second term, where the law has one
``cycle_rate_c``           C-rate of the open day window that the law was fitted with, 1/h
``money_rate_c``           C-rate that money uses: one that idle or trickling half hours cannot lower
``cycle_growth``           growth of y_cycle per EFC
``calendar_loss``          loss q at some y; ``cycle_loss`` likewise
``calendar_loss_increase`` rise of the loss with y; ``cycle_loss_increase`` likewise
``cycle_age``              y_cycle at some loss
``cycle_slope``            dq / dy at some loss
=========================  =======================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from types import MappingProxyType
from typing import Final, Literal, get_args

CarCellName = Literal["denso_nmc622", "nmc_b1", "lfp_250ah", "sanyo_nmc111"]
CellName = Literal[CarCellName, "second_life_leaf"]

DEFAULT_CELL: Final = "denso_nmc622"
DEFAULT_PACK_CELL: Final = "lfp_250ah"
"""Cell that fills the place of stationary packs in a build whose packs have none."""


@dataclass(frozen=True)
class Cell:
    """
    One fitted cell: where it comes from, where it holds, and what money needs.

    Attributes
    ----------
    source : str
        Publication of the fit. All constants are as coded in NREL's BLAST-Lite 1.1.1 from it.
    curves : str or None
        Name of the cell in the reference curves, where they cover it.
    depth, celsius : tuple of float
        Depths of discharge and temperatures (degC) of the cycling tests; outside them the law extrapolates.
    reference_loss : float
        Cycle loss at which wear is priced: midway between ten years of smart charging and of evening V2G in Tokyo,
        from the reference curves; NaN for a cell that no car has.
    pack_reference_loss : float
        The same for a stationary pack: midway between ten years at rest and ten years of one cycle a day (derived from
        the law itself at 25 degC, mean charge 0.5, depth 0.9, charging at 0.25 1/h; the duty is an assumption).
    start_health : float
        Capacity at the start of the fitted life over that of the cell when new; losses are relative to the start.
    """

    source: str
    curves: str | None
    depth: tuple[float, float]
    celsius: tuple[float, float]
    reference_loss: float
    pack_reference_loss: float
    start_health: float = 1.0


CELLS: Final = MappingProxyType(
    {
        "denso_nmc622": Cell(
            "Smith et al. 2021, J. Electrochem. Soc. 168 100530",
            "Nmc622_Gr_DENSO50Ah_Battery",
            depth=(0.1, 1.0),
            celsius=(10.0, 60.0),
            reference_loss=0.0526,
            pack_reference_loss=0.1472,
        ),
        "nmc_b1": Cell(
            "J. Energy Storage 2023, 10.1016/j.est.2023.109042, cell B1",
            "NMC_Gr_50Ah_B1",
            depth=(0.8, 1.0),
            celsius=(10.0, 45.0),
            reference_loss=0.011957,
            pack_reference_loss=0.04105,
        ),
        "lfp_250ah": Cell(
            "J. Energy Storage 2023, 10.1016/j.est.2023.109042, LFP 250 Ah prismatic",
            "Lfp_Gr_250AhPrismatic",
            depth=(0.8, 1.0),
            celsius=(10.0, 45.0),
            reference_loss=0.029085,
            pack_reference_loss=0.04446,
        ),
        "sanyo_nmc111": Cell(
            "Schmalstieg et al. 2014, J. Power Sources 257, 325-334",
            "Nmc111_Gr_Sanyo2Ah_Battery",
            depth=(0.0, 1.0),
            celsius=(35.0, 35.0),
            reference_loss=0.12069,
            pack_reference_loss=0.2639,
        ),
        "second_life_leaf": Cell(
            "Braco et al. 2020 and 2022, 10.1016/j.est.2020.101695, 10.1109/EEEIC/ICPSEurope54979.2022.9854784",
            None,
            depth=(1.0, 1.0),
            celsius=(25.0, 25.0),
            reference_loss=nan,
            pack_reference_loss=0.2380,
            start_health=0.7,
        ),
    }
)
"""The cells by name: ``storage.cell`` takes every one, ``fleet.cell`` all but that of the second life."""

CAR_CELLS: Final[tuple[CarCellName, ...]] = get_args(CarCellName)
