from wattbit_agents.cli.evaluate import main

raise SystemExit(main())
