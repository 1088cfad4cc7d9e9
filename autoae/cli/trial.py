"""`autoae trial`: single trials of a study."""

import typer

from autoae.cli import trial_change, trial_pictures, trial_publish, trial_read

app = typer.Typer(help="Look at single trials, ask for some, end one.", no_args_is_help=True)

app.command("list")(trial_read.list_trials)
app.command("show")(trial_read.show_trial)
app.command("compare")(trial_read.compare)
app.command("pictures")(trial_pictures.pictures)
app.command("reproduce")(trial_read.reproduce)
app.command("enqueue")(trial_change.enqueue)
app.command("retry")(trial_change.retry)
app.command("prune")(trial_change.prune)
app.command("note")(trial_change.note)
app.command("publish")(trial_publish.publish)
