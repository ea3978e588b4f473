"""
Measured figures, each held to a bar.

Every ``python -m benchmarks.NAME`` prints its figures as a table, writes them with ``--json PATH``, and with
``--check`` exits 1 when a bar is missed.
"""
