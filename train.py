from wattbit_agents.cli.train import main

raise SystemExit(main())
