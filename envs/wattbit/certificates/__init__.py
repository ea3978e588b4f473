"""
Ledger of certificates: who produced which Wh in which half hour, and which work used them up.

``week`` holds what a world did, ``matching`` divides it into whole Wh, ``records`` says what is written down,
``build`` writes it, ``chain`` ties the lines together, ``verify`` checks a file without trusting who wrote it, and
``scores`` reads off how well certificates match the load.
"""

from wattbit.certificates.build import ledger_records
from wattbit.certificates.chain import chained_lines
from wattbit.certificates.scores import Scores, score_records
from wattbit.certificates.verify import LedgerError, Verified, verify_bytes, verify_file
from wattbit.certificates.week import TECHNOLOGIES, WORK_CLASSES, WeekOfMatching

__all__ = [
    "TECHNOLOGIES",
    "WORK_CLASSES",
    "LedgerError",
    "Scores",
    "Verified",
    "WeekOfMatching",
    "chained_lines",
    "ledger_records",
    "score_records",
    "verify_bytes",
    "verify_file",
]
