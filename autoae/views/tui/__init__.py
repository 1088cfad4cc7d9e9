"""The monitor: a study in the terminal, live, from the storage alone."""
