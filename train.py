"""Train a policy: ``python train.py --help``."""

from wattbit_agents.cli.train import main

raise SystemExit(main())
