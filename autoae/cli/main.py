"""The command line, as a table of contents."""

from typing import Annotated

import typer

from autoae.cli import ablate, auto, dashboard, data, doctor, model, monitor, study, trial, worker
from autoae.cli.guard import GuardedGroup

app = typer.Typer(
    name="autoae",
    cls=GuardedGroup,
    help="Ask a question about an autoencoder, a hybrid or a small network in one short file; "
    "get a study, an answer with evidence and a model.",
    epilog="Start here: autoae study create digits-hybrid --run",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)

app.command("auto")(auto.auto)
app.add_typer(study.app, name="study")
app.add_typer(trial.app, name="trial")
app.command("monitor")(monitor.monitor)
app.add_typer(data.app, name="data")
app.add_typer(model.app, name="model")
app.command("worker")(worker.worker)
app.command("ablate", rich_help_panel="After a study")(ablate.ablate)
app.command("dashboard", rich_help_panel="After a study")(dashboard.dashboard)
app.command("doctor", rich_help_panel="This machine")(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        from autoae import __version__

        typer.echo(f"autoae {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; the entry point of the `autoae` command."""
    app(prog_name="autoae")
