"""How a study runs: one coordinator, persistent workers, samplers and pruners."""
