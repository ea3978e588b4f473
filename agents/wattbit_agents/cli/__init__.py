"""Command lines; each module has one `main(argv=None) -> int`."""

import logging
import sys


def log_to_stderr() -> None:
    """Show what this package logs as bare lines on stderr; other packages' logging stays as it is."""
    logger = logging.getLogger("wattbit_agents")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
