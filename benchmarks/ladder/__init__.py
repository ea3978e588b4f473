"""
The ladder: what simple policies, planners and trained agents capture of what perfect foresight could.

``python -m benchmarks.ladder`` plays every policy in the same test weeks, plans each week with perfect foresight, and
prints J, captured share, CO2 and time per decision with paired intervals, and how far the bound lies below what was
really done, by cost term.
"""
