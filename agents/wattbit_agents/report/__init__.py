"""Tables, figures and one self-contained page about an evaluation."""

from wattbit_agents.report.files import write_report
from wattbit_agents.report.tables import summary_table

__all__ = ["summary_table", "write_report"]
