"""Compare policies on weeks they never saw: ``python evaluate.py --help``."""

from wattbit_agents.cli.evaluate import main

raise SystemExit(main())
