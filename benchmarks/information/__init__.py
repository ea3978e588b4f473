"""
What knowing more would be worth: a planner that is told the truth about one thing at a time.

``python -m benchmarks.information`` plays test weeks with a planner whose outlook has one group of its series replaced
by what really comes, and all groups together. None of these planners is a policy: they read the future.
"""
