"""`autoae model`: one network instead of a study."""

import typer

from autoae.cli import model_summary, model_train

app = typer.Typer(help="Train one network, or look at its layers.", no_args_is_help=True)

app.command("train")(model_train.train)
app.command("summary")(model_summary.summary)
