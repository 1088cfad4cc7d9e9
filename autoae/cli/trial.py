"""`autoae trial`: single trials of a study."""

import typer

from autoae.cli import trial_enqueue, trial_read

app = typer.Typer(help="Look at single trials, or ask for some.", no_args_is_help=True)

app.command("list")(trial_read.list_trials)
app.command("show")(trial_read.show_trial)
app.command("compare")(trial_read.compare)
app.command("enqueue")(trial_enqueue.enqueue)
