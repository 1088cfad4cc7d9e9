"""What optuna-dashboard shows of a study that it does not draw by itself."""
