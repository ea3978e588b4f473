"""
wattbit: environments for the aggregator that dispatches data-centre work and EV batteries together.

Importing it registers ``wattbit/Aggregator-v0``, ``wattbit/WorkloadShift-v0`` and ``wattbit/FleetV2G-v0``.
"""

from wattbit.registration import register_environments

__version__ = "0.1.0"

register_environments()
