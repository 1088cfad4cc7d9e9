"""What is kept of a study: the Optuna storage, run folders, leases, snapshots."""
