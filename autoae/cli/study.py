"""`autoae study`: the studies, from their file to their answer."""

import typer

from autoae.cli import (
    report,
    study_bundle,
    study_change,
    study_confirm,
    study_create,
    study_effects,
    study_evaluate,
    study_fetch,
    study_file,
    study_prune,
    study_read,
    study_run,
    study_watch,
)

app = typer.Typer(help="Ask a question, search for the answer, read it.", no_args_is_help=True)

app.command("presets")(study_file.presets)
app.command("init")(study_file.init)
app.command("create")(study_create.create)
app.command("run")(study_run.run)
app.command("list")(study_read.list_studies)
app.command("show")(study_read.show_study)
app.command("workers")(study_watch.workers)
app.command("log")(study_watch.log)
app.command("pause")(study_change.pause)
app.command("resume")(study_change.resume)
app.command("stop")(study_change.stop)
app.command("note")(study_change.note)
app.command("fetch")(study_fetch.fetch)
app.command("prune-files")(study_prune.prune_files)
app.command("delete")(study_change.delete)
app.command("schema")(study_file.schema)
app.command("validate")(study_file.validate)
app.command("export")(study_read.export)
app.command("effects")(study_effects.effects)
app.command("confirm")(study_confirm.confirm)
app.command("evaluate")(study_evaluate.evaluate)
app.command("report")(report.report)
app.command("bundle")(study_bundle.bundle)
app.command("verify")(study_bundle.verify)
