"""The user attributes that autoae keeps with a study and its trials, by name.

They are ordinary Optuna attributes: every Optuna client sees them.
"""

# Of a study.
SPEC = "autoae.spec"
"""The study file in force, YAML text."""
VERSION = "autoae.version"
"""The version of autoae that created the study."""
BUDGET = "autoae.budget"
"""Trials over all runs and workers."""
COMMAND = "autoae.command"
"""What a monitor asks of the coordinators, see `commands`."""

# Of a trial.
LEASE = "autoae.lease"
"""Who runs the trial, see `leases`."""
NOTATION = "notation"
"""The architecture."""
CONFIGURATION = "configuration"
"""Everything that the training knew, as JSON."""
SEED = "seed"
"""The seed of the training."""
EPOCH = "epoch"
"""The best epoch, whose metrics are the trial's."""
EPOCHS = "epochs"
"""How many epochs were trained."""
REASON = "reason"
"""Why the trial was pruned, refused or failed."""
REFUSED = "refused"
"""True where the network was refused before its first epoch."""
CURVE = "curve"
"""With several objectives: the values of each one, by its name, one an epoch."""
RETRIED_FROM = "retried_from"
"""The failed trial whose parameters and seed this one repeats."""
ATTEMPTS = "attempts"
"""How many workers have died with these parameters so far."""
