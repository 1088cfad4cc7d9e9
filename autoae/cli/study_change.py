"""`autoae study stop | delete`."""

import typer

from autoae.cli import options
from autoae.cli.output import note


def stop(study: options.Study, storage: options.Storage = None) -> None:
    """Ask a running study to stop: its trials end at their next epoch, nothing is lost."""
    from autoae.cli.opened import command, opened
    from autoae.store.commands import POLL_SECONDS, request_stop

    with opened(study, storage) as found:
        request_stop(found.study)
        running = len(found.snapshot().of_state("RUNNING"))
    if not running:
        note(f"study {study} is not running")
        return
    note(f"asked; {running} running trials stop about {POLL_SECONDS} seconds from now")
    note(f"continue with: {command(f'study run {study}', storage)}")


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
    note(f"deleted {what}")
