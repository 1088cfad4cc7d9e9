"""`autoae model`: one network instead of a study."""

import typer

from autoae.cli import (
    model_evaluate,
    model_export,
    model_list,
    model_summary,
    model_train,
    model_use,
)

app = typer.Typer(
    help="Train one network, look at its layers, or put a trained one to use.", no_args_is_help=True
)

app.command("train")(model_train.train)
app.command("summary")(model_summary.summary)
app.command("list")(model_list.list_models)
app.command("evaluate")(model_evaluate.evaluate)
app.command("reconstruct")(model_use.reconstruct)
app.command("encode")(model_use.encode)
app.command("predict")(model_use.predict)
app.command("export")(model_export.export)
