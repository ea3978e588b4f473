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
from types import MappingProxyType
from typing import Final, Literal

CellName = Literal["denso_nmc622", "nmc_b1", "lfp_250ah", "sanyo_nmc111"]

DEFAULT_CELL: Final = "denso_nmc622"


@dataclass(frozen=True)
class Cell:
    """
    One fitted cell: where it comes from, where it holds, and what money needs.

    Attributes
    ----------
    source : str
        Publication of the fit. All constants are as coded in NREL's BLAST-Lite 1.1.1 from it.
    curves : str
        Name of the cell in the reference curves.
    depth, celsius : tuple of float
        Depths of discharge and temperatures (degC) of the cycling tests; outside them the law extrapolates.
    reference_loss : float
        Cycle loss at which wear is priced: midway between ten years of smart charging and of evening V2G in Tokyo,
        from the reference curves.
    """

    source: str
    curves: str
    depth: tuple[float, float]
    celsius: tuple[float, float]
    reference_loss: float


CELLS: Final = MappingProxyType(
    {
        "denso_nmc622": Cell(
            "Smith et al. 2021, J. Electrochem. Soc. 168 100530",
            "Nmc622_Gr_DENSO50Ah_Battery",
            depth=(0.1, 1.0),
            celsius=(10.0, 60.0),
            reference_loss=0.0526,
        ),
        "nmc_b1": Cell(
            "J. Energy Storage 2023, 10.1016/j.est.2023.109042, cell B1",
            "NMC_Gr_50Ah_B1",
            depth=(0.8, 1.0),
            celsius=(10.0, 45.0),
            reference_loss=0.011957,
        ),
        "lfp_250ah": Cell(
            "J. Energy Storage 2023, 10.1016/j.est.2023.109042, LFP 250 Ah prismatic",
            "Lfp_Gr_250AhPrismatic",
            depth=(0.8, 1.0),
            celsius=(10.0, 45.0),
            reference_loss=0.029085,
        ),
        "sanyo_nmc111": Cell(
            "Schmalstieg et al. 2014, J. Power Sources 257, 325-334",
            "Nmc111_Gr_Sanyo2Ah_Battery",
            depth=(0.0, 1.0),
            celsius=(35.0, 35.0),
            reference_loss=0.12069,
        ),
    }
)
"""The cells by the name that ``fleet.cell`` takes."""
