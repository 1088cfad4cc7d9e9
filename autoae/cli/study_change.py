"""`autoae study pause | resume | stop | note | delete`."""

from typing import TYPE_CHECKING, Annotated

import typer

from autoae.cli import options
from autoae.cli.output import note as say
from autoae.cli.output import show

if TYPE_CHECKING:
    from rich.console import RenderableType


def pause(study: options.Study, storage: options.Storage = None) -> None:
    """Start no further trial: running ones finish, and the run waits until it is resumed."""
    from autoae.cli.acting import acting
    from autoae.cli.opened import command

    with acting(study, storage) as (found, commands):
        changed, running = commands.pause(), len(found.running())
    say(f"study {study} is paused" if changed else f"study {study} is paused already")
    if running:
        say(f"running trials finish ({running}); no other starts")
    say(f"resume it with: {command(f'study resume {study}', storage)}")


def resume(study: options.Study, storage: options.Storage = None) -> None:
    """Let a paused study start trials again."""
    from autoae.cli.acting import acting
    from autoae.cli.opened import command
    from autoae.store.requests import OBEYED_SECONDS

    with acting(study, storage) as (_, commands):
        changed = commands.resume()
    if not changed:
        say(f"study {study} is not paused")
        return
    say(f"study {study} is resumed; a run that waits goes on within {OBEYED_SECONDS} seconds")
    say(f"where none does: {command(f'study run {study}', storage)}")


def stop(study: options.Study, storage: options.Storage = None) -> None:
    """Ask a running study to stop: its trials end at their next epoch, nothing is lost."""
    from autoae.cli.acting import acting
    from autoae.cli.opened import command
    from autoae.store.requests import OBEYED_SECONDS

    with acting(study, storage) as (found, commands):
        commands.stop()
        running, paused = len(found.running()), found.paused
    if not running and not paused:
        say(f"study {study} is not running")
        return
    say(
        f"asked: running trials ({running}) stop when their epoch ends, "
        f"within {OBEYED_SECONDS} seconds if it is short"
    )
    say(f"continue with: {command(f'study run {study}', storage)}")


def note(
    study: options.Study,
    text: Annotated[
        str | None, typer.Argument(help="A paragraph to add, Markdown; none to read the note.")
    ] = None,
    storage: options.Storage = None,
    as_json: options.AsJson = False,
) -> None:
    """Add a note to a study, or read it; optuna-dashboard shows the same note."""
    from autoae.cli.acting import acting

    with acting(study, storage) as (_, commands):
        if text is not None:
            commands.note(text)
            say(f"noted on study {study}")
            return
        kept = commands.notes.of_person()
    show({"study": study, "note": kept}, lambda: note_text(kept), as_json=as_json)


def note_text(note: str) -> "RenderableType":
    """A note as it stands: a word in brackets is no markup."""
    from rich.text import Text

    return Text(note or "there is no note")


def delete(study: options.Study, yes: options.Yes = False, storage: options.Storage = None) -> None:
    """Delete a study with its trials and run folders."""
    from autoae.cli.opened import opened
    from autoae.store.runs import run_root
    from autoae.store.storage import shown_url
    from autoae.store.studies import delete_study

    with opened(study, storage) as found:
        root, trials = run_root(found.url), len(found.study.get_trials(deepcopy=False))
        what = f"study {study} with {trials} trials in {shown_url(found.url)}"
        if not yes:
            typer.confirm(f"Delete {what} and {root / study}?", abort=True, err=True)
        delete_study(found.storage, study, root)
    say(f"deleted {what}")
